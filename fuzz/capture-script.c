// SPDX-License-Identifier: MIT
// Plays scripts: a file is made with the writer of captures and read back packet by packet, and the
// two sides that are put together are held against what was sent. The model is slow and plain: it
// looks at every segment again for every event.
#include "fuzz/capture-script.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "capture/ip.h"
#include "capture/packets.h"
#include "capture/tcp.h"
#include "fuzz/common.h"

#define SEGMENTS_MAX  64u
#define SEGMENT_BYTES 4u /* of the script */
#define HEADERS_MAX   (40u + 20u)
#define DATA_MAX      (256u * 16)
#define SERVER_PORT   16509u
#define OTHER_PORT    5000u
#define COMMENT       "a comment of 255 bytes at most: "

struct segment {
    uint8_t flags;
    enum vw_side side;
    uint32_t at, len, here; /* where it begins among what its side sends; HERE: not cut */
    uint32_t ack;
    uint8_t comment;
    bool fin, syn;
    uint64_t offset; /* in the file */
};

struct side {
    uint32_t sent; /* its end so far */
    uint32_t told; /* what the reader has told of it ends there */
    bool known;    /* the reader can know where it begins */
    bool fin, ended;
};

struct play {
    unsigned flags;
    struct segment segments[SEGMENTS_MAX];
    uint32_t n, taken; /* of SEGMENTS: in all; that the reader has */
    struct side sides[2];
    bool cut, begun, over, reset;
    struct vw_buf file;
};

/* ---- what is sent ---- */

/* Messages of 28 bytes, each with the next serial; or what is none. */
static uint8_t byte_at(const struct play *p, enum vw_side side, uint32_t at)
{
    if (p->flags & VW_SCRIPT_STRANGER)
        return 0xff;
    const uint32_t words[] = {VW_PREFIX_BYTES,          0x20008086, 1, 3, side == VW_SIDE_SERVER,
                              at / VW_PREFIX_BYTES + 1, 0};
    return (uint8_t)(words[at % VW_PREFIX_BYTES / 4] >> (24 - at % 4 * 8));
}

static uint32_t sequence(const struct play *p, enum vw_side side, uint32_t at)
{
    return (p->flags & VW_SCRIPT_WRAP ? UINT32_MAX - 100 : 1000) + side * 7 + at;
}

static void store16(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* The headers of a segment; how many bytes they are. */
static uint32_t put_headers(const struct play *p, const struct segment *s, uint8_t *out)
{
    const bool six = p->flags & VW_SCRIPT_IPV6;
    const uint32_t ip = six ? 40 : 20, port = p->flags & VW_SCRIPT_PORT ? SERVER_PORT : OTHER_PORT;
    memset(out, 0, HEADERS_MAX);
    if (six) {
        out[0] = 0x60;
        store16(out + 4, 20 + s->len);
        out[6] = 6;
        out[23] = (uint8_t)(1 + s->side);
        out[39] = (uint8_t)(2 - s->side);
    } else {
        out[0] = 0x45;
        store16(out + 2, ip + 20 + s->len);
        out[9] = 6;
        out[15] = (uint8_t)(1 + s->side);
        out[19] = (uint8_t)(2 - s->side);
    }
    uint8_t *tcp = out + ip;
    store16(tcp, s->side == VW_SIDE_SERVER ? port : 40000);
    store16(tcp + 2, s->side == VW_SIDE_SERVER ? 40000 : port);
    vw_store32(tcp + 4, sequence(p, s->side, s->at) - s->syn);
    vw_store32(tcp + 8, sequence(p, !s->side, s->ack));
    tcp[12] = 5 << 4;
    tcp[13] = (uint8_t)((s->fin ? VW_FIN : 0) | (s->syn ? VW_SYN : 0) |
                        (s->flags & VW_SEGMENT_RST ? VW_RST : 0) |
                        (s->flags & VW_SEGMENT_ACK ? VW_ACK : 0));
    return ip + 20;
}

/* The packet of a segment, good until the next. */
static struct vw_packet packet_of(const struct play *p, const struct segment *s)
{
    static const char comment[256] =
        COMMENT COMMENT COMMENT COMMENT COMMENT COMMENT COMMENT COMMENT;
    static uint8_t data[HEADERS_MAX + DATA_MAX];
    uint32_t n = put_headers(p, s, data);
    for (uint32_t i = 0; i < s->here; i++)
        data[n + i] = byte_at(p, s->side, s->at + i);
    return (struct vw_packet){.ns = s - p->segments + 1,
                              .bytes = data,
                              .len = n + s->here,
                              .comment = s->comment ? comment : NULL,
                              .comment_len = s->comment};
}

static void put_packet(struct play *p, struct segment *s)
{
    const struct vw_packet packet = packet_of(p, s);
    s->offset = p->file.len;
    enum vw_pcap_form form = p->flags & VW_SCRIPT_PCAP ? VW_PCAP : VW_PCAPNG;
    VW_FUZZ_REQUIRE(vw_pcap_put_packet(&p->file, form, &packet, NULL, 0) == 0, "write",
                    "out of memory");
}

/* The next segment, without data. */
static struct segment *add(struct play *p, enum vw_side side, unsigned flags)
{
    struct segment *s = &p->segments[p->n++];
    *s = (struct segment){.flags = (uint8_t)flags,
                          .side = side,
                          .at = p->sides[side].sent,
                          .ack = p->sides[!side].sent + p->sides[!side].fin};
    return s;
}

static void add_segment(struct play *p, const uint8_t *bytes)
{
    const uint32_t scale = bytes[0] & VW_SEGMENT_LONG ? 16 : 1, far = bytes[1] * scale;
    struct segment *s =
        add(p, bytes[0] & VW_SEGMENT_SERVER ? VW_SIDE_SERVER : VW_SIDE_CLIENT, bytes[0]);
    struct side *side = &p->sides[s->side];
    if (!(s->flags & VW_SEGMENT_AHEAD))
        s->at -= far < s->at ? far : s->at;
    else if (!side->fin)
        s->at += far;
    s->len = (bytes[2] + 1u) * scale;
    if (side->fin && s->len > side->sent - s->at) /* nothing comes behind the end */
        s->len = side->sent - s->at;
    s->here = s->flags & VW_SEGMENT_CUT ? s->len / 2 : s->len;
    s->comment = bytes[3];
    side->sent = s->at + s->len > side->sent ? s->at + s->len : side->sent;
    s->fin = s->flags & VW_SEGMENT_FIN && s->at + s->len == side->sent;
    side->fin |= s->fin;
    p->cut |= s->here < s->len;
    put_packet(p, s);
}

static void write_file(struct play *p, const uint8_t *script, size_t len)
{
    p->flags = script[0];
    enum vw_pcap_form form = p->flags & VW_SCRIPT_PCAP ? VW_PCAP : VW_PCAPNG;
    VW_FUZZ_REQUIRE(vw_pcap_put_start(&p->file, form, "fuzz", NULL, "a script") == 0, "write",
                    "out of memory");
    for (int side = 0; p->flags & VW_SCRIPT_SYN && side < 2; side++) {
        struct segment *s = add(p, (enum vw_side)side, side ? VW_SEGMENT_ACK : 0);
        s->syn = true;
        put_packet(p, s);
    }
    for (size_t at = 1; p->n < SEGMENTS_MAX && len - at >= SEGMENT_BYTES; at += SEGMENT_BYTES)
        add_segment(p, script + at);
}

/* ---- what is told of it ---- */

/* Where a side begins is known of its first segment, or of what the other has acknowledged. */
static void take(struct play *p, const struct segment *s)
{
    struct side *own = &p->sides[s->side], *other = &p->sides[!s->side];
    if (s->flags & VW_SEGMENT_ACK && !other->known) {
        other->known = true;
        other->told = s->ack;
    }
    if (!own->known) {
        own->known = true;
        own->told = s->at;
    }
}

static void hear_bytes(struct play *p, struct side *side, const struct vw_tcp_event *ev)
{
    const struct segment *s = &p->segments[ev->ns - 1];
    VW_FUZZ_REQUIRE(ev->ns > 0 && ev->ns <= p->taken && s->side == ev->from &&
                        s->offset == ev->offset && ev->len > 0 && side->told >= s->at &&
                        side->told + ev->len <= s->at + s->here,
                    "place", "%zu bytes at %u are not those of packet %lld", ev->len, side->told,
                    (long long)ev->ns);
    for (uint32_t i = 0; i < ev->len; i++)
        VW_FUZZ_REQUIRE(ev->bytes[i] == byte_at(p, ev->from, side->told + i), "bytes",
                        "byte %u is another", side->told + i);
    side->told += (uint32_t)ev->len;
}

/* Only of packets that were cut there may be some that wait, with what is told to be missing. */
static void hear_missing(struct play *p, struct side *side, const struct vw_tcp_event *ev)
{
    for (uint32_t i = 0; !p->cut && i < p->taken; i++) {
        const struct segment *s = &p->segments[i];
        VW_FUZZ_REQUIRE(s->side != ev->from || s->at >= side->told + ev->len ||
                            s->at + s->here <= side->told,
                        "missing", "%zu bytes at %u are in packet %u", ev->len, side->told, i + 1);
    }
    side->told += (uint32_t)ev->len;
}

static void hear_over(struct play *p, const struct vw_tcp_event *ev)
{
    p->over = true;
    VW_FUZZ_REQUIRE(ev->reset == p->reset, "over", "reset: %d", ev->reset);
    for (int i = 0; i < 2; i++) {
        struct side *side = &p->sides[i];
        uint32_t sent = side->told;
        for (uint32_t k = 0; k < p->taken; k++) {
            const struct segment *s = &p->segments[k];
            if ((int)s->side == i && s->at + s->len > sent)
                sent = s->at + s->len;
        }
        VW_FUZZ_REQUIRE(side->told == sent, "over", "%u bytes of %u are told", side->told, sent);
    }
}

static int hear(void *user, const struct vw_tcp_event *ev)
{
    struct play *p = user;
    struct side *side = &p->sides[ev->from];
    VW_FUZZ_REQUIRE(!p->over && p->begun == (ev->kind != VW_TCP_BEGIN) &&
                        !(p->flags & VW_SCRIPT_STRANGER && !(p->flags & VW_SCRIPT_PORT)),
                    "order", "event %d", (int)ev->kind);
    p->begun = true;
    if (ev->kind == VW_TCP_BYTES)
        hear_bytes(p, side, ev);
    else if (ev->kind == VW_TCP_MISSING)
        hear_missing(p, side, ev);
    else if (ev->kind == VW_TCP_OVER)
        hear_over(p, ev);
    VW_FUZZ_REQUIRE(ev->kind != VW_TCP_END ||
                        (side->fin && !side->ended && side->told == side->sent),
                    "end", "at %u of %u", side->told, side->sent);
    side->ended |= ev->kind == VW_TCP_END;
    return 0;
}

/* ---- the reading ---- */

static void take_packet(struct play *p, struct vw_tcp *tcp, const struct vw_packet *got)
{
    VW_FUZZ_REQUIRE(p->taken < p->n, "packets", "more than the %u that were written", p->n);
    const struct segment *s = &p->segments[p->taken++];
    const struct vw_packet put = packet_of(p, s);
    const size_t comment = p->flags & VW_SCRIPT_PCAP ? 0 : put.comment_len;
    VW_FUZZ_REQUIRE(got->ns == put.ns && got->link == VW_LINK_RAW && got->len == put.len &&
                        got->whole == put.len && got->offset == s->offset &&
                        memcmp(got->bytes, put.bytes, put.len) == 0 &&
                        got->comment_len == comment &&
                        (!comment || memcmp(got->comment, put.comment, comment) == 0),
                    "packets", "packet %u is read as another", p->taken);
    take(p, s);
    p->reset |= (s->flags & VW_SEGMENT_RST) && p->taken > 0 && !p->over;
    VW_FUZZ_REQUIRE(vw_tcp_packet(tcp, got) == 0, "tcp", "out of memory");
}

static void read_file(struct play *p, unsigned seed, struct vw_tcp *tcp)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_packets packets;
    struct vw_packet got;
    int rc = 0;
    vw_packets_init(&packets);
    for (size_t at = 0, n; at < p->file.len; at += n) {
        n = p->file.len - at;
        if (seed && seed % 251 + 1 < n)
            n = seed % 251 + 1;
        VW_FUZZ_REQUIRE(vw_packets_feed(&packets, p->file.data + at, n) == 0, "feed",
                        "out of memory");
        while ((rc = vw_packets_next(&packets, &got, &err)) == 1)
            take_packet(p, tcp, &got);
        VW_FUZZ_REQUIRE(rc == 0, "written", "what was written is refused: %s", err.text);
    }
    VW_FUZZ_REQUIRE(vw_packets_end(&packets, &err) == 0 && p->taken == p->n, "written",
                    "%u of %u packets are read: %s", p->taken, p->n, err.text);
    vw_packets_finish(&packets);
}

void vw_script_play(unsigned seed, const uint8_t *script, size_t len)
{
    static const struct vw_limits limits = {28, 33554436, 32};
    struct play play = {.file = VW_BUF_INIT};
    const struct vw_tcp_options o = {.limits = &limits, .sink = hear, .user = &play};
    struct vw_tcp *tcp;
    if (len == 0)
        return;
    write_file(&play, script, len);
    VW_FUZZ_REQUIRE(vw_tcp_create(&o, &tcp, NULL) == 0, "create", "out of memory");
    read_file(&play, seed, tcp);
    VW_FUZZ_REQUIRE(vw_tcp_end(tcp) == 0 && play.begun == play.over, "over", "none is told");
    vw_tcp_destroy(tcp);
    vw_buf_finish(&play.file);
}
