// SPDX-License-Identifier: MIT
// What passed on the wire, as people read it: to the letter.
#include "base/testing/test.h"

#include <string.h>

#include "conformance/play/testing/play.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

/* Plays STEPS against a peer that says HEX to the call of GET_TYPE; the transcript into OUT. */
static void transcript_of(const char *steps, const char *hex, struct played *out)
{
    static struct peer p;
    const struct peer_rule rule = {"connect_get_type", .answer = {.hex = hex}};
    char text[600];
    snprintf(text, sizeof(text), "needs: [connect]\nsteps:\n%s", steps);
    peer_init(&p, profile, &rule, hex ? 1 : 0);
    play_text(&p, text, out);
    peer_finish(&p);
}

/* The call, in each of them. */
#define TYPE "  - send: {call: {procedure: connect_get_type}}\n"
#define BEGIN                                                                                      \
    "  0.000 -- connected\n"                                                                       \
    "  0.000 -> length 28, remote v1, procedure 3 (connect_get_type), call, serial 1, ok\n"        \
    "      0000001c 20008086 00000001 00000003 00000000 00000001 00000000\n"

/* What is found in a message stands behind it. */
static void a_finding(void **state)
{
    struct played got;
    transcript_of(TYPE "  - expect: {answer: }\n",
                  "0000001c 20008086 00000001 00000003 00000001 00000001 00000000", &got);
    assert_non_null(strstr(got.transcript, "00000000\n  0.000 -- against H-5: the body cannot be "
                                           "decoded: 4 bytes are needed for a length, 0 left at "
                                           "type, offset 0 of the body\n"));
}

/* So does a value that is none of what a step says: each word of it, and of a document all. */
static void a_value(void **state)
{
    static const struct {
        const char *expected, *bytes;
    } rows[] = {
        {"{reply: {type: OTHER}}", "00000000 [00000004]\n      [54455354]\n"},
        {"{reply: {type: {xml: {name(/*): domain}}}}", "00000000 [00000004]\n      [54455354]\n"},
        {"{reply: {type: TEST}, header: {status: 2}}", "00000000 00000004\n      54455354\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played got;
        char steps[200];
        snprintf(steps, sizeof(steps), TYPE "  - expect: %s\n", rows[i].expected);
        transcript_of(steps,
                      "00000024 20008086 00000001 00000003 00000001 00000001 00000000 "
                      "00000004 54455354",
                      &got);
        if (got.verdict != VW_FAIL || !strstr(got.transcript, rows[i].bytes))
            fail_msg("%s: %s in %s", rows[i].expected, got.reason, got.transcript);
    }
}

/* Twelve of them are kept, and the last one counts those that are not. The reply has 15 names with
 * a wrong byte of padding each. */
static void many_findings(void **state)
{
    static struct peer p;
    char hex[600] = "00000098 20008086 00000001 00000026 00000001 00000001 00000000 0000000f";
    const struct peer_rule rule = {"connect_list_networks", .answer = {.hex = hex}};
    struct played got;
    for (int i = 0; i < 15; i++)
        strcat(hex, " 00000001 61000001");
    peer_init(&p, profile, &rule, 1);
    play_text(&p,
              "needs: [connect]\nsteps:\n"
              "  - send: {call: {procedure: connect_list_networks, args: {maxnames: 15}}}\n"
              "  - expect: {answer: }\n",
              &got);
    peer_finish(&p);
    for (unsigned i = 0; i < 12; i++) {
        char wanted[120];
        snprintf(wanted, sizeof(wanted),
                 "-- against X-1: padding byte is 0x01, not zero at names[%u], offset %u of the "
                 "body%s\n",
                 i, 4 + 8 * i + 7, i == 11 ? ", and 3 more" : "");
        if (!strstr(got.transcript, wanted))
            fail_msg("%s, in\n%s", wanted, got.transcript);
    }
    assert_null(strstr(got.transcript, "names[12]"));
}

/* The lines that say so, out of TEXT. */
static void drop_findings(char *text)
{
    for (char *line = text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (memmem(line, (size_t)(next - line), "-- against ", 11)) {
            memmove(line, next, strlen(next) + 1);
            next = line;
        }
    }
}

static void each_message(void **state)
{
    static const struct {
        const char *hex, *text; /* behind the call */
    } rows[] = {
        {"00000024 20008086 00000001 00000003 00000001 00000001 00000000 00000004 54455354",
         "  0.000 <- length 36, remote v1, procedure 3 (connect_get_type), reply, serial 1, ok\n"
         "      {\"type\":\"TEST\"}\n"
         "      00000024 20008086 00000001 00000003 00000001 00000001 00000000 00000004\n"
         "      54455354\n"},
        {"0000001c 20008086 00000001 00000003 00000001 00000001 00000000",
         "  0.000 <- length 28, remote v1, procedure 3 (connect_get_type), reply, serial 1, ok\n"
         "      (4 bytes are needed for a length, 0 left at type, offset 0)\n"
         "      0000001c 20008086 00000001 00000003 00000001 00000001 00000000\n"},
        {"0000001c 20008086 00000001 00000003 00000001 00000001 00000001",
         "  0.000 <- length 28, remote v1, procedure 3 (connect_get_type), reply, serial 1, error\n"
         "      (4 bytes are needed for int, 0 left at code, offset 0)\n"
         "      0000001c 20008086 00000001 00000003 00000001 00000001 00000001\n"},
        {"00000020 20008086 00000002 00000003 00000001 00000001 00000002 61626364",
         "  0.000 <- length 32, program 0x20008086 v2, procedure 3, reply, serial 1, continue\n"
         "      00000020 20008086 [00000002] 00000003 00000001 00000001 00000002 61626364\n"},
        {"0000001c 12345678 00000001 fffffffd 00000007 ffffffff 00000003",
         "  0.000 <- length 28, program 0x12345678 v1, procedure -3, 7, serial 4294967295, 3\n"
         "      0000001c 12345678 00000001 fffffffd [00000007] ffffffff 00000003\n"},
        {"0000001c 20008086 00000001 00000fff 00000006 00000001 ffffffff",
         "  0.000 <- length 28, remote v1, procedure 4095, stream-hole, serial 1, -1\n"
         "      (8 bytes are needed for hyper, 0 left at length, offset 0)\n"
         "      0000001c 20008086 00000001 00000fff 00000006 00000001 ffffffff\n"},
        {"00000008 20008086", "  0.000 <- 8 bytes\n"
                              "      00000008 20008086\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played got;
        char wanted[800];
        transcript_of(TYPE "  - expect: {answer: }\n", rows[i].hex, &got);
        snprintf(wanted, sizeof(wanted), "%s%s", BEGIN, rows[i].text);
        drop_findings(got.transcript);
        assert_string_equal(got.transcript, wanted);
    }
}

/* Bytes are shown to the 160th. */
static void long_messages(void **state)
{
    static const char begin[] =
        "  0.000 -- connected\n"
        "  0.000 -- [b] connected\n"
        "  0.000 -> [b] length 269554195, program 0x14151617 v404298267, procedure 471670303, "
        "539042339, serial 606414375, 673786411\n"
        "      10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b 2c2d2e2f\n"
        "      30313233 34353637 38393a3b 3c3d3e3f 40414243 44454647 48494a4b 4c4d4e4f\n"
        "      50515253 54555657 58595a5b 5c5d5e5f 60616263 64656667 68696a6b 6c6d6e6f\n"
        "      70717273 74757677 78797a7b 7c7d7e7f 80818283 84858687 88898a8b 8c8d8e8f\n"
        "      90919293 94959697 98999a9b 9c9d9e9f a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf\n";
    for (size_t n = 160; n < 162; n++) {
        struct played got;
        char text[500], hex[400] = "", wanted[800];
        for (size_t k = 0; k < n; k++)
            snprintf(hex + 2 * k, 3, "%02zx", k + 0x10);
        snprintf(text, sizeof(text), "  - connect: {as: b}\n  - send-raw: \"%s\"\n    on: b\n",
                 hex);
        transcript_of(text, NULL, &got);
        snprintf(wanted, sizeof(wanted), "%s%s", begin,
                 n > 160 ? "      ... 161 bytes in all\n" : "");
        assert_string_equal(got.transcript, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding),     cmocka_unit_test(a_value),
        cmocka_unit_test(many_findings), cmocka_unit_test(each_message),
        cmocka_unit_test(long_messages),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
