// SPDX-License-Identifier: MIT
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"
#include "capture/captured.h"
#include "capture/write.h"

static struct vw_profile *profile;

/* Messages of the remote program: GET_HOSTNAME (59) and its answer "ab", and others. */
#define HEAD(length, procedure, type, serial, status)                                              \
    "000000" length "20008086 00000001 000000" procedure "000000" type "000000" serial             \
    "000000" status
#define CALL(serial)  HEAD("1c", "3b", "00", serial, "00")
#define REPLY(serial) HEAD("24", "3b", "01", serial, "00") "00000002 61620000"
#define STEP(serial)  HEAD("28", "44", "01", serial, "00") "00000000 00000000 00000000"
#define FDS(serial)   HEAD("20", "3b", "05", serial, "00") "00000001"

/* What happens: 'c' and 's' send bytes, 'C' and 'S' end; '-' and '_': so many bytes of the client
 * and of the server are missing; 'd': a descriptor of the server; 'o': its side is opaque. */
struct step {
    char what;
    const char *bytes;
};

static const struct row {
    bool joined, fds;
    struct step steps[8];
    const char *said;
} rows[] = {
    {.steps = {{'c', CALL("05")}, {'s', REPLY("05")}, {'C', ""}, {'S', ""}},
     .said = "1 call; 2 reply to 1 after 1; "},
    {.steps = {{'c', CALL("05") CALL("06")}, {'s', REPLY("06") REPLY("05")}},
     .said = "1 call; 2 call; 3 reply to 2 after 1; 4 reply to 1 after 1; "},
    {.steps = {{'s', REPLY("05")}, {'c', CALL("05")}, {'s', REPLY("07")}},
     .said = "1 reply; 2 call; 3 reply; server H-9; "},
    {.joined = true,
     .steps = {{'s', REPLY("05")}, {'c', "616263" CALL("05")}, {'s', REPLY("07")}},
     .said = "1 reply; {of the client, 3 bytes are no message; from here on there are messages} "
             "2 call; 3 reply; "},
    /* In pieces. */
    {.steps = {{'c', "00"},
               {'c', "00001c20008086 00000001 0000003b 00000000"},
               {'c', "00000005 00000000"}},
     .said = "1 call; "},
    {.steps = {{'c', "0000001c 2000"}, {'C', ""}}, .said = "{the client ends within a message} "},
    /* Out of step. */
    {.steps = {{'c', CALL("05") "00000000" CALL("06")}, {'s', REPLY("05")}, {'s', REPLY("06")}},
     .said = "1 call; client F-3 (length word 0 is outside 28 to 33554436: 4 bytes too many, as "
             "where a length word leaves itself out); {of the client, 4 bytes are no message; from "
             "here on there are messages} 2 call; 3 reply to 1 after 1; 4 reply to 2 after 2; "},
    {.steps = {{'c', CALL("05") "00000064 00000001 00000002 00000003" CALL("06") CALL("07")}},
     .said =
         "1 call; client F-1 (the stream is out of step: 16 bytes too many); {of the client, 16 "
         "bytes are no message; from here on there are messages} 2 call; 3 call; "},
    /* Its header may come later; and never. */
    {.steps = {{'s', "24000000"},
               {'s', "20008086 00000001 0000003b"},
               {'s', "00000001 00000005 00000000"}},
     .said = "server F-4 (length word 603979776 is outside 28 to 33554436: a little-endian length "
             "word, for 36 bytes); "},
    {.steps = {{'s', "24000000"}, {'S', ""}},
     .said =
         "server F-4 (length word 603979776 is outside 28 to 33554436); {of the server, the last "
         "4 bytes are no message} "},
    /* A reply of 72 bytes, with another of 36 in the middle: the last 36 are left over. */
    {.steps = {{'s', HEAD("48", "3b", "01", "05", "00") "00000002 61620000" REPLY("06")},
               {'s', "fffffff0 fffffff1 fffffff2 fffffff3 fffffff4 fffffff5 fffffff6 fffffff7 "
                     "fffffff8" REPLY("07")}},
     .said =
         "1 reply; server H-5 (36 bytes follow the body); server F-4 (length word 4294967280 is "
         "outside 28 to 33554436: 36 bytes too many); {the rest of a message that another one of "
         "36 bytes broke into: two writers} {of the server, 36 bytes are no message; from here "
         "on there are messages} 2 reply; "},
    {.steps = {{'s', "474554202f20485454502f312e310d0a0d0a"}, {'s', "0d0a0d0a"}, {'S', ""}},
     .said = "server F-4 (length word 1195725856 is outside 28 to 33554436: an HTTP request (GET / "
             "HTTP/1.1)); {of the server, the last 22 bytes are no message} "},
    {.steps = {{'c', CALL("05")}, {'-', "3"}, {'c', "000000" CALL("06")}, {'s', REPLY("09")}},
     .said = "1 call; {the capture lacks 3 bytes of the client} {of the client, 3 bytes are no "
             "message; from here on there are messages} 2 call; 3 reply; "},
    /* Descriptors, and what cannot be read. */
    {.fds = true,
     .steps = {{'c', CALL("05")}, {'s', FDS("05")}, {'d', ""}, {'s', REPLY("06")}},
     .said = "1 call; 2 reply to 1 after 2; server H-5 (the body cannot be decoded: 4 bytes are "
             "needed for a length, 0 left); 3 reply; server H-9; "},
    {.steps = {{'c', CALL("05")}, {'o', ""}, {'s', "ffffffff ffffffff"}, {'S', ""}, {'C', ""}},
     .said = "1 call; {what the server says from here on cannot be read: it is within TLS} "},
    {.steps = {{'s', STEP("05")},
               {'s', "00000040 12345678 12345678 12345678 12345678 12345678 12345678"}},
     .said =
         "1 reply; {what the server says from here on cannot be read: it is within what is most "
         "likely a layer of SASL} "},
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

static char said[2000];

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
    size_t n = strlen(said);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(said + n, sizeof(said) - n, fmt, ap);
    va_end(ap);
}

static int hear(void *user, const struct vw_talk_event *ev)
{
    const char *side = ev->from == VW_SIDE_CLIENT ? "client" : "server";
    if (ev->kind == VW_TALK_NOTE) {
        say("{%s} ", ev->text);
    } else if (ev->kind == VW_TALK_FINDING) {
        bool spoken = strcmp(ev->finding->clauses, "H-9") != 0;
        assert_string_equal(ev->finding->place.side, side);
        say("%s %s%s%s%s; ", side, ev->finding->clauses, spoken ? " (" : "",
            spoken ? ev->finding->found : "", spoken ? ")" : "");
    } else {
        say("%llu %s", (unsigned long long)ev->number, vw_event_kind_name(ev->event->kind));
        if (ev->answers)
            say(" to %llu after %lld", (unsigned long long)ev->answers, (long long)ev->waited);
        say("; ");
    }
    return 0;
}

static int take(struct vw_talk *t, const struct step *s, int64_t ns)
{
    uint8_t bytes[400];
    switch (s->what) {
    case 'c':
    case 's':
        return vw_talk_feed(t, s->what == 's', ns, bytes, unhex(s->bytes, bytes));
    case '-':
    case '_':
        return vw_talk_missing(t, s->what == '_', ns, strtoul(s->bytes, NULL, 10));
    case 'd':
        return vw_talk_descriptors(t, VW_SIDE_SERVER, ns, 1);
    case 'o':
        return vw_talk_opaque(t, VW_SIDE_SERVER, ns, "TLS");
    default:
        return vw_talk_end(t, s->what == 'S', ns);
    }
}

/* What is told of ROW goes to SAID. */
static int play(const struct row *r)
{
    const struct vw_talk_options o = {.profile = profile,
                                      .fds = r->fds,
                                      .strict = VW_STRICT_ALL,
                                      .joined = r->joined,
                                      .sink = hear};
    struct vw_talk *t = NULL;
    said[0] = '\0';
    int rc = vw_talk_create(&o, &t, NULL);
    for (size_t i = 0; i < 8 && r->steps[i].what && rc == 0; i++)
        rc = take(t, &r->steps[i], (int64_t)i);
    vw_talk_destroy(t);
    return rc;
}

static void test_rows(void **state)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int rc = play(&rows[i]);
        if (rc || strcmp(said, rows[i].said) != 0) {
            print_error("row %zu: %d\n  wanted %s\n  got    %s\n", i, rc, rows[i].said, said);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Each allocation that fails ends a row with VW_ENOMEM, and leaves nothing behind. */
static void test_memory(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool failed = true;
        for (size_t n = 1; failed; n++) {
            vw_failalloc_set(n);
            int rc = play(&rows[i]);
            failed = vw_failalloc_clear();
            assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_memory),
    };
    if (vw_profile_load("12.8.0", NULL, &profile, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vw_profile_destroy(profile);
    return failed ? failed : vw_test_leaked();
}
