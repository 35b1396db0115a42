// SPDX-License-Identifier: MIT
// Fuzz target: a whole connection of one role. The first byte chooses role and release, the second
// the sizes of chunks, the rest is what the peer sends. Fed in one piece and in chunks it gives the
// same events and the same output, and memory follows the bytes that came, not those that were
// announced.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/testing/failalloc.h"
#include "fuzz/common.h"
#include "session/session.h"
#include "session/testing-raw.h"

/* Bytes of memory for each byte of input, and beside it. Output is taken away at once; what is left
 * is the reader (2), one decoded message (16), and calls and streams under way. */
#define MEMORY_PER_BYTE 64
#define MEMORY_BESIDE   (96u << 10)

/* A running sum over all that came out, however it is cut (FNV-1a over words: over bytes it took
 * longer than what it sums up). */
struct digest {
    uint64_t sum;
    uint64_t events;
    uint8_t tail[sizeof(uint64_t)]; /* bytes that are no whole word yet */
    size_t tail_len;
};

static void add_word(struct digest *d, const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    d->sum = (d->sum ^ word) * 0x100000001b3u;
    d->sum ^= d->sum >> 32;
}

static void add(struct digest *d, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len) {
        size_t n = sizeof(d->tail) - d->tail_len;
        if (d->tail_len == 0 && len >= sizeof(d->tail)) {
            add_word(d, p);
        } else {
            n = n < len ? n : len;
            memcpy(d->tail + d->tail_len, p, n);
            d->tail_len += n;
            if (d->tail_len == sizeof(d->tail)) {
                add_word(d, d->tail);
                d->tail_len = 0;
            }
        }
        p += n;
        len -= n;
    }
}

static bool same(const struct digest *a, const struct digest *b)
{
    return a->sum == b->sum && a->events == b->events && a->tail_len == b->tail_len &&
           memcmp(a->tail, b->tail, a->tail_len) == 0;
}

static void add_number(struct digest *d, uint64_t n)
{
    add(d, &n, sizeof(n));
}

static void add_text(struct digest *d, const char *s)
{
    add_number(d, s != NULL);
    if (s)
        add(d, s, strlen(s));
}

/* What may be wrong where the framing is broken is guessed from what has come so far. */
static void add_reason(struct digest *d, const struct vw_event *ev, const char *s)
{
    const char *guess = s && strncmp(ev->clause, "F-", 2) == 0 ? strstr(s, ": ") : NULL;
    add_number(d, s != NULL);
    if (s)
        add(d, s, guess ? (size_t)(guess - s) : strlen(s));
}

static void add_event(struct digest *d, const struct vw_event *ev)
{
    d->events++;
    add_number(d, ev->kind);
    add_number(d, ev->from);
    add_number(d, ev->length);
    add_number(d, ev->offset);
    add(d, &ev->header, sizeof(ev->header));
    add_text(d, ev->proc ? ev->proc->name : NULL);
    add(d, ev->body, ev->body_len);
    add_number(d, ev->value != NULL);
    add_number(d, ev->value_len);
    add_number(d, (uint32_t)ev->error.code);
    add_reason(d, ev, ev->error.message);
    add_number(d, (uint64_t)ev->hole_length);
    add_number(d, ev->local + 2u * ev->stream + 4u * ev->out_of_order);
    add_number(d, ev->kind == VW_EVENT_CLOSED ? ev->reason : 0);
    add_text(d, ev->clause);
    add_reason(d, ev, ev->text);
}

static const struct vw_profile *profile(unsigned which)
{
    static const char *const names[] = {"12.8.0", "0.3.0"};
    static struct vw_profile *loaded[2];
    if (!loaded[which])
        VW_FUZZ_REQUIRE(vw_profile_load(names[which], NULL, &loaded[which], NULL) == 0, "profile",
                        "%s does not load", names[which]);
    return loaded[which];
}

/* Calls that a lying server may answer, one of them with a stream. Names are looked up once: that
 * takes longer than a session. */
#define CALLS 5

static const struct vw_proc *const *calls_of(unsigned which)
{
    static const char *const names[CALLS] = {"connect_get_type", "connect_get_type",
                                             "domain_screenshot", "get_type", "get_type"};
    static const struct vw_proc *procs[2][CALLS];
    static bool found[2];
    for (size_t i = 0; i < CALLS && !found[which]; i++)
        procs[which][i] = vw_schema_proc(profile(which)->schema, names[i]);
    found[which] = true;
    return procs[which];
}

static void make_calls(struct vw_session *s, const struct vw_proc *const *procs)
{
    static const uint64_t zero[16];
    for (size_t i = 0; i < CALLS; i++)
        if (procs[i])
            vw_session_call(s, procs[i], procs[i]->args ? zero : NULL, NULL, 0, NULL, NULL, NULL);
}

static void take_output(struct vw_session *s, struct digest *d)
{
    struct vw_segment seg;
    while (vw_session_output(s, false, &seg)) {
        add(d, seg.data, seg.len);
        vw_session_written(s, seg.len);
    }
}

/* Calls get an answer, so that requests do not pile up; every third one opens a stream. */
static void handle(struct vw_session *s, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL && ev->header.serial % 3 == 0)
        vw_session_stream_open(s, &ev->header, NULL);
    if (ev->kind == VW_EVENT_CALL)
        test_reply_raw(s, &ev->header, "", 0);
    if (ev->kind == VW_EVENT_STREAM_FINISH || ev->kind == VW_EVENT_STREAM_ABORT)
        vw_session_stream_finish(s, &ev->header, NULL);
}

static void drain(struct vw_session *s, enum vw_role role, struct vw_arena *arena,
                  struct digest *events, struct digest *output)
{
    struct vw_event ev;
    for (;;) {
        vw_arena_reset(arena);
        if (vw_session_next(s, arena, &ev) <= 0)
            break;
        add_event(events, &ev);
        if (role == VW_ROLE_SERVER)
            handle(s, &ev);
        take_output(s, output);
    }
}

/* SEED 0: all in one piece. */
static void run(unsigned choice, uint32_t seed, const uint8_t *data, size_t size,
                struct digest *events, struct digest *output)
{
    enum vw_role role = (enum vw_role)(choice % 3);
    enum vw_side from = choice & 16 ? VW_SIDE_CLIENT : VW_SIDE_SERVER;
    const unsigned release = choice & 8 ? 1 : 0;
    const struct vw_session_options o = {
        .role = role, .profile = profile(release), .strict = choice & 32 ? VW_STRICT_ALL : 0};
    struct vw_session *s;
    struct vw_arena arena = VW_ARENA_INIT;
    if (role != VW_ROLE_OBSERVER)
        from = role == VW_ROLE_SERVER ? VW_SIDE_CLIENT : VW_SIDE_SERVER;
    VW_FUZZ_REQUIRE(vw_session_create(&o, &s, NULL) == 0, "create", "out of memory");
    vw_session_set_opened(s, choice & 64);
    if (role == VW_ROLE_CLIENT)
        make_calls(s, calls_of(release));
    take_output(s, output);

    vw_failalloc_reset();
    for (size_t at = 0; at < size;) {
        size_t n = size - at;
        seed = seed * 1103515245u + 12345u * (seed != 0);
        if (seed && (seed >> 16) % 40 + 1 < n)
            n = (seed >> 16) % 40 + 1;
        VW_FUZZ_REQUIRE(vw_session_feed(s, from, data + at, n) == 0, "feed", "out of memory");
        drain(s, role, &arena, events, output);
        at += n;
        VW_FUZZ_REQUIRE(vw_failalloc_stats().peak <= MEMORY_PER_BYTE * at + MEMORY_BESIDE, "memory",
                        "%zu bytes of memory after %zu of input", vw_failalloc_stats().peak, at);
    }
    vw_session_eof(s, from);
    drain(s, role, &arena, events, output);
    VW_FUZZ_REQUIRE(vw_session_over(s) || size == 0, "end", "the session does not end");
    vw_session_destroy(s);
    vw_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct digest events[2] = {{0}, {0}}, output[2] = {{0}, {0}};
    if (size < 2)
        return 0;
    run(data[0], 0, data + 2, size - 2, &events[0], &output[0]);
    run(data[0], data[1] + 1u, data + 2, size - 2, &events[1], &output[1]);
    VW_FUZZ_REQUIRE(same(&events[0], &events[1]), "events",
                    "%llu events in one piece, %llu in chunks, or others",
                    (unsigned long long)events[0].events, (unsigned long long)events[1].events);
    VW_FUZZ_REQUIRE(same(&output[0], &output[1]), "output", "the output differs");
    return 0;
}
