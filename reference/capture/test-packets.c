// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <string.h>

#include "base/finding.h"
#include "base/hex.h"
#include "base/words.h"
#include "capture/packets.h"

/* Words of a file in hex; the little-endian twin is made of them: L leaves bytes as they are. */
#define SECTION  "0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c "
#define ETHERNET "00000001 00000014 00010000 00000000 00000014 "
#define PACKET   "00000006 00000024 00000000 00000000 000f4240 00000002 00000003 abcd0000 00000024 "
#define LITTLE                                                                                     \
    "0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff 1c000000 "                              \
    "01000000 20000000 01000000 00000000 09000100 09000000 00000000 20000000 "                     \
    "06000000 30000000 00000000 00000000 07000000 02000000 02000000 abcd0000 "                     \
    "01000200 68690000 00000000 30000000 "

static const struct row {
    const char *file;
    const char *said; /* each packet, then the error */
} rows[] = {
    {SECTION ETHERNET PACKET, "1:1000000000 abcd of 3 at 48; "},
    {LITTLE, "1:7 abcd of 2 'hi' at 60; "},
    /* Sections of either order behind each other; interfaces are those of their section. */
    {SECTION ETHERNET PACKET LITTLE, "1:1000000000 abcd of 3 at 48; 1:7 abcd of 2 'hi' at 144; "},
    {SECTION ETHERNET PACKET SECTION PACKET,
     "1:1000000000 abcd of 3 at 48; syntax: a packet of interface 0, of which nothing is said, "
     "offset 112"},
    /* Units of 2^-10 seconds and ten more seconds. */
    {SECTION "00000001 00000028 00010000 00000000 00090001 8a000000 000e0008 00000000 0000000a "
             "00000028 "
             "00000006 00000024 00000000 00000000 00000a00 00000002 00000002 abcd0000 00000024",
     "1:12500000000 abcd of 2 at 68; "},
    /* Simple packets have no time; blocks that are not known are passed over; secrets. */
    {SECTION ETHERNET PACKET "00000003 00000014 00000002 abcd0000 00000014 ",
     "1:1000000000 abcd of 3 at 48; 1:1000000000 abcd of 2 at 84; "},
    {SECTION ETHERNET "00000bad 00000010 12345678 00000010" PACKET,
     "1:1000000000 abcd of 3 at 64; "},
    {SECTION "0000000a 00000018 544c534b 00000003 6b657900 00000018", "secrets 6b6579 at 28; "},
    {SECTION "0000000a 00000018 544c534c 00000003 6b657900 00000018", ""},
    /* Pcap. */
    {"a1b2c3d4 00020004 00000000 00000000 00040000 00000065 00000001 00000002 00000002 00000002 "
     "abcd",
     "101:1000002000 abcd of 2 at 24; "},
    {"4d3cb2a1 02000400 00000000 00000000 00000400 01000000 01000000 02000000 02000000 03000000 "
     "abcd",
     "1:1000000002 abcd of 3 at 24; "},
    /* What is wrong. */
    {"", "truncated: the file ends 0 bytes into a file of packets, offset 0"},
    {"0a0d0d", "truncated: the file ends 3 bytes into a file of packets, offset 0"},
    {"1f8b0800", "syntax: 0x1f8b0800 starts neither pcap nor pcapng, offset 0"},
    {"a1b2c3d4 00020004", "truncated: the file ends 8 bytes into a file of packets, offset 0"},
    {"a1b2c3d4 00020004 00000000 00000000 00040000 00000065 00000001 00000002 00000002 00000002 ab",
     "truncated: the file ends 17 bytes into a packet, offset 24"},
    {"a1b2c3d4 00020004 00000000 00000000 00040000 00000065 00000001 00000002 ffffffff 00000002 ab",
     "limit: a packet of 4294967295 bytes, more than 16777216, offset 24"},
    {SECTION ETHERNET "00000006 00000024 0000", "truncated: the file ends 10 bytes into a block, "
                                                "offset 48"},
    {SECTION "00000bad 80000010 12345678",
     "truncated: the file ends 0 bytes into a block, offset 40"},
    {SECTION "00000006 80000010 12345678",
     "limit: a block of 2147483664 bytes, more than 16777216, offset 28"},
    {SECTION "00000001 0000000b 12345678", "syntax: a block of 11 bytes, offset 28"},
    {SECTION "00000001 0000000e 12345678", "syntax: a block of 14 bytes, offset 28"},
    {SECTION "00000001 00000010 00010000 00000014",
     "syntax: a block whose two lengths, 16 and 20, differ, offset 28"},
    {SECTION "00000001 00000010 00010000 00000010", "syntax: an interface of 4 bytes, offset 28"},
    {SECTION ETHERNET "00000006 00000010 00000000 00000010",
     "syntax: a packet of 4 bytes, offset 48"},
    {SECTION ETHERNET "00000006 00000024 00000000 00000000 000f4240 00000005 00000005 abcd0000 "
                      "00000024",
     "syntax: a packet of 5 bytes in a block for 4, offset 48"},
    {SECTION "0000000a 00000014 544c534b 00000003 00000014",
     "syntax: secrets that do not fit their block, offset 28"},
    {"0a0d0d0a 0000001c 1a2b3c4e 00010000", "syntax: a section without its byte order, offset 0"},
    {"0a0d0d0a 00000010 1a2b3c4d 00000010", "syntax: a section header of 4 bytes, offset 0"},
    /* Options that are cut, or longer than what there is, are none. */
    {SECTION ETHERNET "00000006 00000028 00000000 00000000 000f4240 00000002 00000002 abcd0000 "
                      "0001ffff 00000028",
     "1:1000000000 abcd of 2 at 48; "},
    {SECTION ETHERNET "00000006 00000028 00000000 00000000 000f4240 00000002 00000002 abcd0000 "
                      "00010004 00000028",
     "1:1000000000 abcd of 2 at 48; "},
};

static size_t unhex(const char *text, uint8_t *out)
{
    struct vw_hex_reader r;
    size_t n;
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, text, strlen(text), out, &n, NULL), 0);
    return n;
}

/* All packets that have come, then the error if there is one. */
static int tell(struct vw_packets *p, FILE *out, struct vw_error *err)
{
    struct vw_packet k;
    int rc;
    while ((rc = vw_packets_next(p, &k, err)) == 1) {
        char hex[100];
        assert_true(k.len < 40);
        vw_hex_encode(k.bytes, k.len, hex);
        if (k.secrets)
            fprintf(out, "secrets %s", hex);
        else
            fprintf(out, "%u:%lld %s of %u", k.link, (long long)k.ns, hex, k.whole);
        if (k.comment)
            fprintf(out, " '%.*s'", (int)k.comment_len, k.comment);
        fprintf(out, " at %llu; ", (unsigned long long)k.offset);
    }
    return rc;
}

/* What FILE is told as, in pieces of STEP bytes; malloc'ed. */
static char *read_in_steps(const uint8_t *file, size_t len, size_t step)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_packets p;
    char *said = NULL, line[400];
    size_t size;
    FILE *out = open_memstream(&said, &size);
    int rc = 0;
    assert_non_null(out);
    vw_packets_init(&p);
    for (size_t at = 0; at < len && rc == 0; at += step) {
        assert_int_equal(vw_packets_feed(&p, file + at, at + step > len ? len - at : step), 0);
        rc = tell(&p, out, &err);
    }
    if (rc == 0)
        rc = vw_packets_end(&p, &err);
    struct vw_finding f = vw_finding_of_error(&err, NULL);
    f.place.in_bytes = true;
    if (rc)
        fprintf(out, "%s: %s", vw_status_name(rc), vw_finding_line(&f, line, sizeof(line)));
    vw_packets_finish(&p);
    fclose(out);
    return said;
}

static void test_rows(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t step = 1; step < 400; step = step * 7 + 6) {
            uint8_t file[400];
            size_t len = unhex(rows[i].file, file);
            char *said = read_in_steps(file, len, step);
            if (strcmp(said, rows[i].said) != 0) {
                print_error("row %zu in steps of %zu\n  wanted %s\n  got    %s\n", i, step,
                            rows[i].said, said);
                wrong++;
            }
            free(said);
        }
    assert_int_equal(wrong, 0);
}

/* Each file cut anywhere, and with any byte turned, ends in a word and not in a crash. */
static void test_hostile(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t file[400];
        size_t len = unhex(rows[i].file, file);
        for (size_t at = 0; at < len; at++) {
            free(read_in_steps(file, at, 400));
            for (unsigned bit = 0; bit < 8; bit += 7) {
                file[at] ^= (uint8_t)(1u << bit);
                free(read_in_steps(file, len, 400));
                file[at] ^= (uint8_t)(1u << bit);
            }
        }
    }
}

/* A block that is passed over takes no memory, however long it says it is. */
static void test_memory(void **state)
{
    static uint8_t zeros[65536];
    uint8_t start[64];
    struct vw_packets p;
    struct vw_packet k;
    size_t len = unhex(SECTION "00000bad 40000000 00000000", start);
    vw_packets_init(&p);
    assert_int_equal(vw_packets_feed(&p, start, len), 0);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(vw_packets_next(&p, &k, NULL), 0);
        assert_int_equal(vw_packets_feed(&p, zeros, sizeof(zeros)), 0);
    }
    assert_true(p.in.cap <= 2 * sizeof(zeros));
    vw_packets_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_memory),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? failed : vw_test_leaked();
}
