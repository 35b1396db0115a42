// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "capture/blocks.h"
#include "capture/fragments.h"
#include "capture/tcp.h"

static const struct vw_limits limits = {28, 33554436, 32};

/* ---- frames ---- */

#define IPV4 "4500002b 00000000 40060000 0a000001 0a000002 "
#define TCP  "0001407d 00000007 00000009 50180000 00000000 616263 "
#define IPV6                                                                                       \
    "60000000 0017 06 40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002 "

static const struct frame {
    uint32_t link;
    const char *bytes;
    const char *said;
} frames[] = {
    {VW_LINK_RAW, IPV4 TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_IPV4, IPV4 TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_RAW, IPV6 TCP, "6 1>16509 7/9 18 abc"},
    {VW_LINK_IPV6, IPV6 TCP, "6 1>16509 7/9 18 abc"},
    {VW_LINK_NULL, "02000000" IPV4 TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_NULL, "0000001e" IPV6 TCP, "6 1>16509 7/9 18 abc"},
    {VW_LINK_LOOP, "00000002" IPV4 TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_ETHERNET, "020202020202 040404040404 0800" IPV4 TCP "0000000000",
     "4 1>16509 7/9 18 abc"},
    {VW_LINK_ETHERNET, "020202020202 040404040404 8100 0001 86dd" IPV6 TCP, "6 1>16509 7/9 18 abc"},
    {VW_LINK_ETHERNET, "020202020202 040404040404 88a8 0001 8100 0001 0800" IPV4 TCP,
     "4 1>16509 7/9 18 abc"},
    {VW_LINK_ETHERNET, "020202020202 040404040404 0806 0001", "other"},
    {VW_LINK_ETHERNET, "020202020202 040404040404 8100", "cut"},
    {VW_LINK_COOKED, "0000 0304 0006 000000000000 0000 0800" IPV4 TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_COOKED2, "86dd 0000 00000001 0304 00 06 000000000000 0000" IPV6 TCP,
     "6 1>16509 7/9 18 abc"},
    {147, IPV4 TCP, "other"},
    /* Options of IP and TCP, extensions of IPv6, a length that was left to the card. */
    {VW_LINK_RAW, "4600002f 00000000 40060000 0a000001 0a000002 01010100" TCP,
     "4 1>16509 7/9 18 abc"},
    {VW_LINK_RAW,
     IPV4 "0001407d 00000007 00000009 60180000 00000000 01010101"
          "",
     "cut"},
    {VW_LINK_RAW, "45000000 00000000 40060000 0a000001 0a000002" TCP, "4 1>16509 7/9 18 abc"},
    {VW_LINK_RAW,
     "60000000 001f 00 40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002 "
     "06 00 000000000000" TCP,
     "6 1>16509 7/9 18 abc"},
    {VW_LINK_RAW,
     "60000000 001f 2c 40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002 "
     "06 00 000000000000" TCP,
     "6 1>16509 7/9 18 abc"},
    {VW_LINK_RAW,
     "60000000 001f 2c 40 20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002 "
     "06 00 0001 00000000" TCP,
     "fragment"},
    {VW_LINK_RAW, "4500002b 00002000 40060000 0a000001 0a000002" TCP, "fragment"},
    {VW_LINK_RAW, "4500002b 00000001 40060000 0a000001 0a000002" TCP, "fragment"},
    {VW_LINK_RAW, "4500002b 00000000 40110000 0a000001 0a000002" TCP, "other"},
    {VW_LINK_RAW, "3500002b 00000000 40060000 0a000001 0a000002" TCP, "other"},
    {VW_LINK_RAW, "4400002b 00000000 40060000 0a000001 0a000002" TCP, "cut"},
    {VW_LINK_RAW, "45000013 00000000 40060000 0a000001 0a000002" TCP, "cut"},
    {VW_LINK_RAW, IPV4 "0001407d 00000007 00000009 40180000 00000000 616263", "cut"},
    {VW_LINK_RAW, IPV4 "0001407d 00000007", "cut"},
    {VW_LINK_RAW, "45", "cut"},
    {VW_LINK_RAW, "60", "cut"},
    {VW_LINK_RAW, "", "cut"},
};

static size_t unhex(const char *text, uint8_t *out)
{
    struct vw_hex_reader r;
    size_t n;
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, text, strlen(text), out, &n, NULL), 0);
    assert_int_equal(vw_hex_reader_end(&r, NULL), 0);
    return n;
}

static void describe(enum vw_ip_outcome what, const struct vw_tcp_segment *s, char *out,
                     size_t size)
{
    static const char *const names[] = {"tcp", "other", "fragment", "cut"};
    if (what == VW_IP_TCP)
        snprintf(out, size, "%u %u>%u %u/%u %x %.*s", s->family, s->from_port, s->to_port, s->seq,
                 s->ack, s->flags, (int)s->len, (const char *)s->bytes);
    else
        snprintf(out, size, "%s", names[what]);
}

/* Each frame says what it should; cut anywhere it reads nothing beyond. */
static void test_frames(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        uint8_t bytes[200];
        char said[200];
        size_t whole = unhex(frames[i].bytes, bytes);
        for (size_t len = whole + 1; len-- > 0;) {
            uint8_t *copy = malloc(len ? len : 1);
            assert_non_null(copy);
            memcpy(copy, bytes, len);
            struct vw_tcp_segment s;
            struct vw_ip_fragment fragment;
            const struct vw_packet p = {.link = frames[i].link,
                                        .bytes = copy,
                                        .len = (uint32_t)len,
                                        .whole = (uint32_t)whole};
            describe(vw_ip_segment(&p, &s, &fragment), &s, said, sizeof(said));
            free(copy);
            if (len < whole || strcmp(said, frames[i].said) == 0)
                continue;
            print_error("frame %zu: wanted %s, got %s\n", i, frames[i].said, said);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- connections ---- */

#define SYN VW_SYN
#define ACK VW_ACK
#define FIN VW_FIN
#define RST VW_RST

/* A segment: who sends it ('a' and 'b', 'x' and 'y': two connections), or 0 at the end of a row. */
struct step {
    char from;
    unsigned flags;
    uint32_t seq, ack;
    const char *bytes;
    unsigned cut; /* bytes that the capture lacks */
};

#define HANDSHAKE                                                                                  \
    {'a', SYN, 99}, {'b', SYN | ACK, 199, 100},                                                    \
    {                                                                                              \
        'a', ACK, 100, 200                                                                         \
    }

/* A call and a reply of 28 bytes each. */
#define CALL  "\0\0\0\x1c\x20\0\x80\x86\0\0\0\1\0\0\0\x17\0\0\0\0\0\0\0\5\0\0\0\0"
#define REPLY "\0\0\0\x1c\x20\0\x80\x86\0\0\0\1\0\0\0\x17\0\0\0\1\0\0\0\5\0\0\0\0"

static const struct row {
    uint16_t port, wanted; /* of 'b' and 'y'; asked for */
    struct step steps[12];
    const char *said;
} rows[] = {
    {16509,
     0,
     {HANDSHAKE,
      {'a', ACK, 100, 200, "one"},
      {'b', ACK, 200, 103, "two"},
      {'a', FIN | ACK, 103, 203},
      {'b', FIN | ACK, 203, 104},
      {'a', ACK, 104, 204}},
     "1 begins; client one; server two; client ends; server ends; 1 over; "},
    /* Sent twice, sent twice with more and with less, in overlapping pieces, probed. */
    {16509,
     0,
     {HANDSHAKE,
      {'a', ACK, 100, 200, "abc"},
      {'a', ACK, 100, 200, "abc"},
      {'a', ACK, 100, 200, "abcd"},
      {'a', ACK, 100, 200, "abc"},
      {'a', ACK, 102, 200, "cdef"},
      {'a', ACK, 105, 200, "X"},
      {'a', ACK, 106, 200, "g"}},
     "1 begins; client abc; client d; client ef; client g; 1 over; "},
    /* Out of order, the end too. */
    {16509,
     0,
     {HANDSHAKE,
      {'a', FIN | ACK, 106, 200, "g"},
      {'a', ACK, 103, 200, "def"},
      {'a', ACK, 101, 200, "bcd"},
      {'a', ACK, 100, 200, "a"},
      {'b', RST, 200}},
     "1 begins; client a; client bcd; client ef; client g; client ends; 1 over, reset; "},
    /* A hole: acknowledged, or until the end. */
    {16509,
     0,
     {HANDSHAKE,
      {'a', ACK, 103, 200, "def"},
      {'b', ACK, 200, 106, "ok"},
      {'a', ACK, 110, 202, "k"}},
     "1 begins; client 3 missing; client def; server ok; client 4 missing; client k; 1 over; "},
    {16509,
     0,
     {HANDSHAKE, {'a', ACK, 103, 200, "def"}, {'b', ACK, 200, 100, "no"}},
     "1 begins; server no; client 3 missing; client def; 1 over; "},
    /* Less was captured than sent. */
    {16509,
     0,
     {HANDSHAKE,
      {'a', ACK, 100, 200, "abcdef", 2},
      {'a', ACK, 106, 200, "gh", 2},
      {'a', ACK, 108, 200, "i"}},
     "1 begins; client abcd; client 2 missing; client 2 missing; client i; 1 over; "},
    /* It was there before; the server is who has the port. */
    {16509,
     0,
     {{'b', ACK, 200, 103, "two"}, {'a', ACK, 103, 203, "one"}, {'b', ACK, 100, 103, "old"}},
     "1 begins, joined; server two; client one; 1 over; "},
    /* Over the edge of the numbers. */
    {16509,
     0,
     {{'a', SYN, 0xfffffffd},
      {'b', SYN | ACK, 199, 0xfffffffe},
      {'a', ACK, 0, 200, "cd"},
      {'a', ACK, 0xfffffffe, 200, "ab"},
      {'a', ACK, 2, 200, "e"}},
     "1 begins; client ab; client cd; client e; 1 over; "},
    /* Two at once; the same ports again. */
    {16509,
     0,
     {HANDSHAKE,
      {'x', SYN, 5},
      {'x', ACK, 6, 1, "six"},
      {'a', ACK, 100, 200, "one"},
      {'x', SYN, 1005},
      {'x', ACK, 1006, 1, "again"}},
     "1 begins; 2 begins; client six; client one; 2 over; 3 begins; client again; 1 over; 3 "
     "over; "},
    /* What is over is over. */
    {16509,
     0,
     {HANDSHAKE, {'a', RST, 100}, {'a', ACK, 100, 200, "late"}, {'b', FIN, 200}},
     "1 begins; 1 over, reset; "},
    /* Another port: only with messages, or if it was asked for. */
    {7000, 0, {HANDSHAKE, {'a', ACK, 100, 200, CALL}}, "1 begins; client #28; 1 over; "},
    {7000, 0, {HANDSHAKE, {'a', ACK, 100, 200, "GET / HTTP/1.1, and so on it goes"}}, ""},
    {7000, 7000, {HANDSHAKE, {'a', ACK, 100, 200, "GET /"}}, "1 begins; client GET /; 1 over; "},
    {16509, 7000, {HANDSHAKE, {'a', ACK, 100, 200, CALL}}, ""},
    {7000, 0, {{'a', ACK, 100, 200, CALL}}, "1 begins, joined; client #28; 1 over; "},
    {7000, 0, {{'a', ACK, 100, 200, REPLY}}, "1 begins, joined; server #28; 1 over; "},
    {7000,
     0,
     {{'a', ACK, 100, 200, "abc"}, {'a', ACK, 103, 200, CALL}},
     "1 begins, joined; client abc; client #28; 1 over; "},
};

/* Messages are told as their length. */
static int hear(void *user, const struct vw_tcp_event *ev)
{
    static const char *const kinds[] = {"begins", "", "missing", "comment", "ends", "over"};
    const char *side = ev->from == VW_SIDE_CLIENT ? "client" : "server";
    unsigned long long n = ev->conn->number;
    FILE *out = user;
    assert_int_equal(ev->conn->port[VW_SIDE_CLIENT] < 1000 || ev->conn->joined, true);
    if (ev->kind == VW_TCP_BEGIN || ev->kind == VW_TCP_OVER)
        fprintf(out, "%llu %s%s%s; ", n, kinds[ev->kind],
                ev->kind == VW_TCP_BEGIN && ev->conn->joined ? ", joined" : "",
                ev->reset ? ", reset" : "");
    else if (ev->kind == VW_TCP_BYTES && ev->len && ev->bytes[0])
        fprintf(out, "%s %.*s; ", side, (int)ev->len, (const char *)ev->bytes);
    else if (ev->kind == VW_TCP_BYTES)
        fprintf(out, "%s #%zu; ", side, ev->len);
    else if (ev->kind == VW_TCP_MISSING)
        fprintf(out, "%s %zu missing; ", side, ev->len);
    else
        fprintf(out, "%s %s; ", side, kinds[ev->kind]);
    return 0;
}

static int count(void *user, const struct vw_tcp_event *ev)
{
    ++*(unsigned *)user;
    return 0;
}

static size_t length_of(const char *bytes)
{
    return !bytes ? 0 : bytes[0] ? strlen(bytes) : 28;
}

static int feed(struct vw_tcp *t, const struct row *r, const struct step *s)
{
    uint8_t packet[200] = {0x45};
    size_t len = length_of(s->bytes);
    bool client = s->from == 'a' || s->from == 'x';
    uint32_t mine = s->from == 'x' || s->from == 'y' ? 12 : 11;
    vw_store32(packet, 0x45000000u | (uint32_t)(40 + len));
    vw_store32(packet + 8, 0x40060000);
    vw_store32(packet + 12, client ? 1 : 2);
    vw_store32(packet + 16, client ? 2 : 1);
    vw_store32(packet + 20, client ? mine << 16 | r->port : (uint32_t)r->port << 16 | mine);
    vw_store32(packet + 24, s->seq);
    vw_store32(packet + 28, s->ack);
    vw_store32(packet + 32, 0x50000000u | s->flags << 16);
    if (len)
        memcpy(packet + 40, s->bytes, len);
    const struct vw_packet p = {.link = VW_LINK_RAW,
                                .bytes = packet,
                                .len = (uint32_t)(40 + len - s->cut),
                                .whole = (uint32_t)(40 + len)};
    return vw_tcp_packet(t, &p);
}

static char *play(const struct row *r, int *rc)
{
    char *said = NULL;
    size_t size;
    FILE *out = open_memstream(&said, &size);
    const struct vw_tcp_options o = {
        .limits = &limits, .port = r->wanted, .sink = hear, .user = out};
    struct vw_tcp *t = NULL;
    assert_non_null(out);
    *rc = vw_tcp_create(&o, &t, NULL);
    for (const struct step *s = r->steps; s->from && *rc == 0; s++)
        *rc = feed(t, r, s);
    if (*rc == 0)
        *rc = vw_tcp_end(t);
    vw_tcp_destroy(t);
    fclose(out);
    return said;
}

static void test_rows(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int rc;
        char *said = play(&rows[i], &rc);
        if (rc || strcmp(said, rows[i].said) != 0) {
            print_error("row %zu: %d\n  wanted %s\n  got    %s\n", i, rc, rows[i].said, said);
            wrong++;
        }
        free(said);
    }
    assert_int_equal(wrong, 0);
}

/* More than may wait is not waited for; of connections only so many are remembered. */
static void test_bounds(void **state)
{
    struct row r = {.port = 16509};
    struct step s = {'a', ACK, 100, 200, "x"};
    unsigned heard = 0;
    const struct vw_tcp_options o = {.limits = &limits, .sink = count, .user = &heard};
    struct vw_tcp *t;
    vw_failalloc_reset();
    assert_int_equal(vw_tcp_create(&o, &t, NULL), 0);
    for (unsigned i = 0; i < 3000; i++, s.seq += 2)
        assert_int_equal(feed(t, &r, &s), 0);
    assert_true(heard > 3000 && heard < 6000);
    for (r.port = 1000; r.port < 9000; r.port++)
        assert_int_equal(feed(t, &r, &s), 0);
    assert_true(vw_tcp_lost(t)->crowded > 6000);
    assert_true(vw_failalloc_stats().peak < 1000000);
    vw_tcp_destroy(t);
}

/* What begins in the middle is looked at for a message up to a bound, and is then none of ours. */
static void test_a_long_guess(void **state)
{
    struct row r = {.port = 7000};
    struct step s = {'a', ACK, 100, 200, "forty bytes of what is no message at all"};
    unsigned heard = 0;
    const struct vw_tcp_options o = {.limits = &limits, .sink = count, .user = &heard};
    struct vw_tcp *t;
    assert_int_equal(vw_tcp_create(&o, &t, NULL), 0);
    for (unsigned i = 0; i < 1000; i++, s.seq += 40)
        assert_int_equal(feed(t, &r, &s), 0);
    assert_int_equal(heard, 0);
    assert_true(vw_tcp_lost(t)->strangers > 100);
    vw_tcp_destroy(t);
}

/* ---- fragments ---- */

/* A SYN-less segment to 16509 with "abcdefgh" in pieces at each multiple of 8, in each order: 20
 * bytes of TCP and 8 of data make 4 pieces. */
static int feed_piece(struct vw_tcp *t, unsigned family, unsigned id, unsigned n, int64_t ns)
{
    uint8_t packet[100] = {0}, tcp[28];
    size_t head = family == 4 ? 20 : 48, len = n == 3 ? 4 : 8;
    unhex("0001407d 00000064 00000000 50100000 00000000 6162636465666768", tcp);
    if (family == 4) {
        vw_store32(packet, 0x45000000u | (uint32_t)(head + len));
        vw_store32(packet + 4, id << 16 | (n < 3 ? 0x2000 : 0) | n);
        vw_store32(packet + 8, 0x40060000);
        vw_store32(packet + 12, 1);
        vw_store32(packet + 16, 2);
    } else {
        vw_store32(packet, 0x60000000);
        vw_store32(packet + 4, (uint32_t)(8 + len) << 16 | 0x2c40);
        packet[23] = 1;
        packet[39] = 2;
        vw_store32(packet + 40, 0x06000000u | n << 3 | (n < 3));
        vw_store32(packet + 44, id);
    }
    memcpy(packet + head, tcp + (size_t)8 * n, len);
    const struct vw_packet p = {.link = VW_LINK_RAW,
                                .ns = ns,
                                .bytes = packet,
                                .len = (uint32_t)(head + len),
                                .whole = (uint32_t)(head + len)};
    return vw_tcp_packet(t, &p);
}

/* Digits are the places of pieces; '+' is the next datagram, '~' a minute and more later. */
static const struct order {
    const char *pieces;
    const char *said;
    unsigned lost;
} orders[] = {
    {"0123", "1 begins, joined; client abcdefgh; 1 over; ", 0},
    {"3210", "1 begins, joined; client abcdefgh; 1 over; ", 0},
    {"2031", "1 begins, joined; client abcdefgh; 1 over; ", 0},
    {"00112233", "1 begins, joined; client abcdefgh; 1 over; ", 1},
    {"013", "", 3},
    {"012", "", 3},
    {"01+23", "", 4},
    {"01~23", "", 4},
    {"01~0123", "1 begins, joined; client abcdefgh; 1 over; ", 2},
};

static void test_fragments(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < 2 * sizeof(orders) / sizeof(orders[0]); i++) {
        const struct order *o = &orders[i / 2];
        char *said = NULL;
        size_t size;
        FILE *out = open_memstream(&said, &size);
        const struct vw_tcp_options options = {.limits = &limits, .sink = hear, .user = out};
        struct vw_tcp *t = NULL;
        unsigned id = 7;
        int64_t ns = 0;
        assert_non_null(out);
        assert_int_equal(vw_tcp_create(&options, &t, NULL), 0);
        for (const char *c = o->pieces; *c; c++) {
            id += *c == '+';
            ns += *c == '~' ? INT64_C(61) * VW_NS : 0;
            if (*c >= '0' && *c <= '3')
                assert_int_equal(feed_piece(t, i % 2 ? 6 : 4, id, (unsigned)(*c - '0'), ns), 0);
        }
        assert_int_equal(vw_tcp_end(t), 0);
        fclose(out);
        if (strcmp(said, o->said) != 0 || vw_tcp_lost(t)->fragments != o->lost) {
            print_error("%s: wanted %s, %u lost, got %s, %u lost\n", o->pieces, o->said, o->lost,
                        said, (unsigned)vw_tcp_lost(t)->fragments);
            wrong++;
        }
        vw_tcp_destroy(t);
        free(said);
    }
    assert_int_equal(wrong, 0);
}

/* Of datagrams that are never whole only so many are kept; pieces that can be none are left. */
static void test_fragments_bounds(void **state)
{
    struct vw_fragments f;
    const struct vw_tcp_segment s = {.family = 4};
    uint8_t byte[16] = {0};
    const uint8_t *bytes;
    size_t len;
    const struct vw_ip_fragment never[] = {
        {.more = true, .bytes = byte, .len = 7, .whole = 7},
        {.offset = 65528, .bytes = byte, .len = 8, .whole = 8},
        {.bytes = byte, .len = 8, .whole = 16},
        {.bytes = byte},
    };
    vw_failalloc_reset();
    vw_fragments_init(&f);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        assert_int_equal(vw_fragments_add(&f, &s, &never[i], 0, &bytes, &len), 0);
    assert_int_equal(f.count, 0);
    for (uint32_t id = 0; id < 1000; id++) {
        const struct vw_ip_fragment p = {
            .id = id, .more = true, .offset = 65512, .bytes = byte, .len = 16, .whole = 16};
        assert_int_equal(vw_fragments_add(&f, &s, &p, 0, &bytes, &len), 0);
    }
    assert_int_equal(f.count, 64);
    assert_true(vw_failalloc_stats().peak < 5000000);
    /* An end ahead of what has come. */
    const struct vw_ip_fragment end = {.id = 999, .bytes = byte, .len = 8, .whole = 8};
    assert_int_equal(vw_fragments_add(&f, &s, &end, 0, &bytes, &len), 0);
    assert_int_equal(f.count, 63);
    vw_fragments_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),    cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_a_long_guess),
        cmocka_unit_test(test_fragments), cmocka_unit_test(test_fragments_bounds),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? failed : vw_test_leaked();
}
