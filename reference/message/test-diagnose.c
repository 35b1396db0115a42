// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"
#include "message/diagnose.h"
#include "schema/schema.h"

static const struct vw_limits limits = {28, 33554436, 32};

/* Messages: a call without a body, a reply with one word, an event. */
#define CALL      "0000001c 20008086 00000001 00000017 00000000 00000005 00000000 "
#define REPLY     "00000020 20008086 00000001 00000017 00000001 00000005 00000000 2a2a2a2a "
#define NO_LENGTH "20008086 00000001 00000017 00000000 00000005 00000000 "

static const struct row {
    const char *bytes;
    const char *text; /* NULL: nothing is said */
    size_t resume;
    const char *before;
} rows[] = {
    /* Nothing, or nothing that can be told. */
    {CALL, NULL, 0},
    {CALL CALL, NULL, 0},
    {"0000001c 2000", NULL, 6},
    {"", NULL, 0},
    {"ff", NULL, 1},
    {"fffffffe 00000000", NULL, 8},
    {"00000000", NULL, 4},
    /* Odd headers in step. */
    {"0000001c 12345678 00000099 00000017 00000000 00000005 00000000", NULL, 28},
    {"0000001c 12345678 00000099 00000017 00000000 00000005 00000000" CALL, NULL, 28},
    {"00000020 12345678 00000099 00000017 00000000 00000005 00000000 00000000" CALL, NULL, 32},
    {"00000100 12345678 00000099 00000017 00000000 00000005 00000000 00000000", NULL, 32},
    /* Something else. */
    {"474554202f20485454502f312e310d0a486f73743a20686f73740d0a0d0a",
     "an HTTP request (GET / HTTP/1.1)", 30},
    {"47455420", "an HTTP request (GET )", 4},
    {"485454502f312e3120343030", "an HTTP response (HTTP/1.1 400)", 12},
    {"5353482d322e302d4f70656e5353485f392e3270310d0a",
     "the banner of an SSH server or client (SSH-2.0-OpenSSH_9.2p1)", 23},
    {"48454c500d0a", "a command that somebody tries (HELP)", 6},
    {"0d0a0d0a", "an empty line, as somebody types it", 4},
    {"16030102000100 01fc0303", "a TLS record (handshake) where no TLS is spoken", 11},
    {"15030100020228", "a TLS record (alert) where no TLS is spoken", 7},
    {"80000028 12345678 00000000 00000002",
     "an ONC RPC record mark for 40 bytes, which libvirt has not", 16},
    {"4c617374206c6f67696e3a204d6f6e0d0a24 20",
     "plain text, as a login shell prints it (Last login: Mon)", 19},
    {"57656c636f6d65210a" CALL, "plain text, as a login shell prints it (Welcome!)", 9},
    {"01" CALL, "the byte 0x01 that follows a TLS handshake", 1},
    /* Out of step. */
    {NO_LENGTH, "the number of a program: the length word ahead of it is missing", 24},
    {NO_LENGTH CALL, "the number of a program: the length word ahead of it is missing", 24},
    {"00001c 20008086 00000001 00000017 00000000 00000005 00000000 00",
     "1 byte on in a message, as where padding is left out", 28},
    {"1c 20008086 00000001 00000017 00000000 00000005 00000000 000000",
     "3 bytes on in a message, as where padding is left out", 28},
    {"00000018" NO_LENGTH CALL, "a length word that leaves itself out", 28},
    {"1c000000" NO_LENGTH, "a little-endian length word, for 28 bytes", 28},
    {"00000005" CALL, "4 bytes too many, as where a length word leaves itself out", 4},
    {"00" CALL, "1 byte too many", 1},
    {"ffffffff ffff" CALL REPLY CALL, "6 bytes too many", 6},
    {"00000064 00000001 00000002 00000003" CALL CALL CALL, "16 bytes too many", 16},
    /* Of two writers, one into the message of the other. */
    {"fffffff0 fffffff1 fffffff2 fffffff3 fffffff4 fffffff5 fffffff6" CALL,
     "the rest of a message that another one of 28 bytes broke into: two writers", 28,
     "00000040 20008086 00000001 00000017 00000001 00000005 00000000" CALL "00000000 00000000"},
    {"fffffff0 fffffff1 fffffff2 fffffff3 fffffff4 fffffff5 fffffff6" CALL, "28 bytes too many", 28,
     CALL},
    {"61616161 61616161 61616161 61616161 61616161 61616161 61616161" CALL,
     "the rest of a message that another one of 28 bytes broke into: two writers", 28,
     "00000040 20008086 00000001 00000017 00000001 00000005 00000000" CALL "00000000 00000000"},
    /* In each message: the rest of the one before, and two more. */
    {"74657374 00000018" NO_LENGTH "00000018" NO_LENGTH, "a length word that leaves itself out",
     60},
    {"74657374 00000018" NO_LENGTH, "a length word that leaves itself out", 32},
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

static void test_rows(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[256], before[256];
        struct vw_diagnosis d;
        size_t len = unhex(rows[i].bytes, bytes);
        size_t before_len = rows[i].before ? unhex(rows[i].before, before) : 0;
        /* Exactly so much memory: reading beyond it is seen. */
        uint8_t *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, bytes, len);
        bool said = vw_diagnose(&limits, copy, len, rows[i].before ? before : NULL, before_len, &d);
        free(copy);
        if (said == (rows[i].text != NULL) && (!said || strcmp(d.text, rows[i].text) == 0) &&
            (!said || d.resume == rows[i].resume))
            continue;
        print_error("row %zu: %s, resumes at %zu\n", i, said ? d.text : "nothing", d.resume);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* Each header of the protocol, in each of its types, is likely; and nothing is said of it. */
static void test_real(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *p;
    size_t n_programs, checked = 0;
    assert_int_equal(vw_profile_load("12.8.0", NULL, &p, &err), 0);
    const struct vw_program *const *programs = vw_schema_programs(p->schema, &n_programs);
    for (size_t i = 0; i < n_programs; i++)
        for (size_t k = 0; k < programs[i]->n_procs; k++)
            for (int32_t type = VW_MSG_CALL; type <= VW_MSG_STREAM_HOLE; type++) {
                const struct vw_header h = {programs[i]->number,
                                            programs[i]->version,
                                            programs[i]->procs[k].number,
                                            type,
                                            77,
                                            type % 3};
                struct vw_diagnosis d;
                uint8_t bytes[30];
                vw_store32(bytes, 300);
                vw_header_encode(&h, bytes + 4);
                assert_true(vw_message_likely(&limits, bytes));
                assert_false(vw_diagnose(&limits, bytes, 30, NULL, 0, &d));
                checked++;
            }
    assert_true(checked > 3000);
    vw_profile_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_real),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? failed : vw_test_leaked();
}
