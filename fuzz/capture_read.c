// SPDX-License-Identifier: MIT
// Fuzz target: a file as `virwire capture` reads it. The first byte gives the sizes of chunks, the
// rest is the file: packets, bytes of one side, or bytes as text; or a script behind its mark
// (capture-script.h). Packets give the same events in one piece and in chunks (what stands in bytes
// out of step is judged by what has come so far), and lie within their blocks (capture-places.h);
// text gives the same bytes in chunks and when these are written as text again; memory is bounded;
// what cannot be read says so.
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/testing/failalloc.h"
#include "capture/bytes-text.h"
#include "capture/captured.h"
#include "capture/packets.h"
#include "fuzz/capture-places.h"
#include "fuzz/capture-script.h"
#include "fuzz/common.h"

/* A connection costs more than its packets; of those there are so many. */
#define MEMORY_PER_BYTE 64
#define MEMORY_BESIDE   ((size_t)64 << 20)

/* Bytes that are written as text again. */
#define AGAIN_MAX ((size_t)64 * 1024)

struct heard {
    uint64_t sum, events;
};

static void add(struct heard *h, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++)
        h->sum = (h->sum ^ p[i]) * 0x100000001b3u;
}

static void add_text(struct heard *h, const char *text)
{
    add(h, text ? text : "-", text ? strlen(text) + 1 : 1);
}

static void add_talk(struct heard *h, const struct vw_talk_event *t)
{
    add(h, &t->kind, sizeof(t->kind));
    add(h, &t->number, sizeof(t->number));
    add(h, &t->answers, sizeof(t->answers));
    add_text(h, t->text);
    if (t->finding) {
        add_text(h, t->finding->found);
        add(h, &t->finding->place.offset, sizeof(t->finding->place.offset));
    }
    if (t->kind != VW_TALK_MESSAGE)
        return;
    VW_FUZZ_REQUIRE(t->event->message && t->event->length >= VW_LENGTH_BYTES &&
                        vw_load32(t->event->message) == t->event->length,
                    "message", "a message of %u bytes is none", t->event->length);
    add(h, t->event->message, t->event->length);
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct heard *h = user;
    h->events++;
    add(h, &ev->kind, sizeof(ev->kind));
    add(h, &ev->ns, sizeof(ev->ns));
    add_text(h, ev->text);
    if (ev->conn)
        add(h, &ev->conn->number, sizeof(ev->conn->number));
    if (ev->talk)
        add_talk(h, ev->talk);
    return 0;
}

/* How many of LEFT bytes come next; *SEED 0: all. */
static size_t chunk(unsigned *seed, size_t left)
{
    *seed = *seed * 1103515245u + 12345u * (*seed != 0);
    size_t n = (*seed >> 16) % 200 + 1;
    return *seed && n < left ? n : left;
}

/* SEED 0: all in one piece. */
static void run(unsigned seed, const uint8_t *data, size_t size, struct heard *heard)
{
    const struct vw_captured_options o = {
        .profile = vw_fuzz_profile(), .strict = VW_STRICT_ALL, .sink = hear, .user = heard};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_captured *c;
    int rc = 0;
    vw_failalloc_reset();
    VW_FUZZ_REQUIRE(vw_captured_create(&o, &c, NULL) == 0, "create", "out of memory");
    for (size_t at = 0, n; at < size && rc == 0; at += n) {
        n = chunk(&seed, size - at);
        rc = vw_captured_feed(c, data + at, n, &err);
    }
    int ended = vw_captured_end(c, rc ? NULL : &err);
    rc = rc ? rc : ended;
    VW_FUZZ_REQUIRE(rc == 0 || ((rc == VW_ESYNTAX || rc == VW_ELIMIT || rc == VW_ETRUNCATED) &&
                                err.code == rc && *err.text),
                    "error", "%d: %s", rc, err.text);
    VW_FUZZ_REQUIRE(vw_failalloc_stats().peak <= MEMORY_PER_BYTE * size + MEMORY_BESIDE, "memory",
                    "%zu bytes of memory for %zu of a file", vw_failalloc_stats().peak, size);
    vw_captured_destroy(c);
}

/* The bytes of a text into OUT; what cannot be read ends it. */
static int read_text(unsigned seed, const char *text, size_t size, struct vw_buf *out)
{
    struct vw_bytes_text t;
    int rc = 0;
    vw_bytes_text_init(&t);
    for (size_t at = 0, n; at < size && rc == 0; at += n) {
        n = chunk(&seed, size - at);
        rc = vw_bytes_text_feed(&t, text + at, n, out, NULL);
    }
    rc = rc ? rc : vw_bytes_text_end(&t, out, NULL);
    vw_bytes_text_finish(&t);
    VW_FUZZ_REQUIRE(out->len <= size + VW_TEXT_REPEAT_MAX, "repeat",
                    "%zu bytes of %zu characters of text", out->len, size);
    return rc;
}

static void check_text(unsigned seed, const char *text, size_t size)
{
    struct vw_buf whole = VW_BUF_INIT, pieces = VW_BUF_INIT, again = VW_BUF_INIT;
    int rc = read_text(0, text, size, &whole);
    VW_FUZZ_REQUIRE(rc == read_text(seed, text, size, &pieces) && whole.len == pieces.len &&
                        (!whole.len || memcmp(whole.data, pieces.data, whole.len) == 0),
                    "text-chunks", "%zu bytes of text in one piece, %zu in chunks", whole.len,
                    pieces.len);
    char *hex = rc || whole.len > AGAIN_MAX ? NULL : malloc(2 * whole.len + 1);
    if (hex) {
        vw_hex_encode(whole.data, whole.len, hex);
        VW_FUZZ_REQUIRE(read_text(0, hex, 2 * whole.len, &again) == 0 && again.len == whole.len &&
                            (!whole.len || memcmp(whole.data, again.data, whole.len) == 0),
                        "text-again", "%zu bytes written as text are read as %zu", whole.len,
                        again.len);
    }
    free(hex);
    vw_buf_finish(&whole);
    vw_buf_finish(&pieces);
    vw_buf_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heard whole = {0}, pieces = {0};
    vw_fuzz_compile_all();
    if (size == 0)
        return 0;
    const unsigned seed = data[0];
    const uint8_t *file = data + 1;
    size--;
    if (size && *file == VW_SCRIPT_MARK) {
        vw_script_play(seed, file + 1, size - 1);
        return 0;
    }
    bool packets = size >= VW_PACKETS_MAGIC && vw_packets_known(file);
    if (packets)
        vw_places_check(file, size);
    else
        check_text(seed + 1u, (const char *)file, size);
    run(0, file, size, &whole);
    run(seed + 1u, file, size, &pieces);
    VW_FUZZ_REQUIRE(!packets || (whole.events == pieces.events && whole.sum == pieces.sum),
                    "chunks", "%llu events in one piece, %llu in chunks",
                    (unsigned long long)whole.events, (unsigned long long)pieces.events);
    return 0;
}
