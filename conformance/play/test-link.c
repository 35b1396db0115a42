// SPDX-License-Identifier: MIT
// The connection of a case: how what is sent is cut, what is kept of what comes, the log of it, and
// the last word.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/play/testing/play.h"

static struct vw_profile *profile, *of_2007;
static const struct vw_uri uri = {.name = "test:///default"};
static struct peer p;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err) ||
           vw_profile_load("0.3.0", NULL, &of_2007, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    vw_profile_destroy(of_2007);
    return 0;
}

/* ---- out ---- */

#define ONE "{procedure: connect_get_version}"

/* The sizes of the writes behind the two of the log-in, of 28 and 56 bytes, and what they took. */
static void test_writes(void **state)
{
    static const struct {
        const char *steps;
        unsigned caps;
        bool unread; /* the peer looks at nothing */
        const char *writes;
        int64_t ms;
    } rows[] = {
        {"  - send: {call: " ONE "}\n", 0, false, "28", 0},
        {"  - send: {call: " ONE ", times: 3}\n", 0, false, "84", 0},
        {"  - send: {call: " ONE ", times: 3}\n", VW_CAP_RECORDS, false, "28 28 28", 0},
        {"  - send: {call: " ONE ", times: 3, records: whole}\n", VW_CAP_RECORDS, false, "84", 0},
        {"  - send: {call: " ONE ", pieces: 10}\n", 0, false, "10 10 8", 0},
        {"  - send: {call: " ONE ", pieces: 27}\n", 0, false, "27 1", 0},
        {"  - send: {call: " ONE ", pieces: 28}\n", 0, false, "28", 0},
        {"  - send: {call: " ONE ", pieces: 10}\n", 0, true, "10 10 8", 40},
        {"  - send: {call: " ONE ", pieces: 10}\n", VW_CAP_RECORDS, false, "10 10 8", 0},
        {"  - send: {call: " ONE ", pieces: [4]}\n", 0, false, "4 24", 0},
        {"  - send: {call: " ONE ", pieces: [4, 27]}\n", 0, false, "4 23 1", 0},
        {"  - send: {call: " ONE ", pieces: [4, 28]}\n", 0, false, "4 24", 0},
        {"  - send: {call: " ONE ", pieces: [30], times: 2}\n", 0, false, "30 26", 0},
        {"  - send: {call: " ONE "}\n  - send: {call: " ONE ", pieces: [4]}\n", 0, false, "32 24",
         0},
        {"  - send: {call: " ONE ", pieces: [30], times: 2}\n", VW_CAP_RECORDS, false, "28 2 26",
         0},
        {"  - send: {call: " ONE ", pieces: [30], times: 2, records: whole}\n", VW_CAP_RECORDS,
         false, "30 26", 0},
        {"  - send: {call: " ONE ", pieces: [4]}\n  - send: {call: " ONE "}\n", 0, false, "4 24 28",
         0},
        {"  - send: {together: [{call: " ONE "}, {call: " ONE "}]}\n", VW_CAP_RECORDS, false,
         "28 28", 0},
        {"  - send-raw: \"0000\"\n  - send-raw: \"0000\"\n", VW_CAP_RECORDS, false, "2 2", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played got;
        char text[1000], want[200];
        snprintf(text, sizeof(text), "needs: [open]\nsteps:\n%s  - close:\n", rows[i].steps);
        snprintf(want, sizeof(want), "28 56 %s", rows[i].writes);
        peer_init(&p, profile, NULL, 0);
        p.caps = rows[i].caps;
        p.unread = rows[i].unread;
        play_text(&p, text, &got);
        peer_finish(&p);
        assert_int_equal(got.verdict, VW_PASS);
        if (strcmp(p.writes, want) != 0 || got.ms != rows[i].ms)
            fail_msg("row %zu: %s, %d ms", i, p.writes, (int)got.ms);
    }
}

static void test_half_close(void **state)
{
    for (int half = 0; half < 2; half++) {
        struct played got;
        peer_init(&p, profile, NULL, 0);
        play_text(&p,
                  half ? "needs: [open]\nsteps:\n  - send: {call: " ONE "}\n  - close: half\n"
                         "  - expect: {answer: }\n"
                       : "needs: [open]\nsteps:\n  - send: {call: " ONE "}\n"
                         "  - expect: {answer: }\n",
                  &got);
        assert_int_equal(got.verdict, VW_PASS);
        assert_int_equal(peer_conn(&p, 1)->memory.shut, half);
        assert_int_equal(strstr(got.transcript, "the sending side is shut") != NULL, half);
        peer_finish(&p);
    }
}

/* Where CLOSE leaves the connection, it is said before the end, once all else is out. */
static void test_goodbye(void **state)
{
    struct played got;
    peer_init(&p, of_2007, NULL, 0);
    play_text(&p, "needs: [open]\nsteps:\n  - note: x\n", &got);
    assert_string_equal(p.log, "1:open 1:close 1:end");
    assert_memory_equal(&peer_conn(&p, 1)->last,
                        &((struct vw_header){0x20008086, 1, 2, VW_MSG_CALL, 2, VW_MSG_OK}),
                        sizeof(struct vw_header));
    peer_finish(&p);
    peer_init(&p, of_2007, NULL, 0);
    play_text(&p, "needs: [open]\nsteps:\n  - close:\n", &got);
    assert_string_equal(p.log, "1:open 1:end");
    peer_finish(&p);
}

/* ---- in ---- */

static struct vw_link *open_conn(struct vw_log *log)
{
    struct vw_run_settings s;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link *c;
    memset(log, 0, sizeof(*log));
    peer_init(&p, profile, NULL, 0);
    peer_settings(&p, &uri, &s);
    assert_int_equal(vw_link_open(&s.connector, &uri, profile, 2000, &c, &err), 0);
    c->log = log;
    return c;
}

static void close_conn(struct vw_link *c, struct vw_log *log)
{
    vw_link_destroy(c);
    vw_log_finish(log);
    peer_finish(&p);
}

static void pump(struct vw_link *c)
{
    struct vw_error err = VW_ERROR_INIT;
    while (vw_link_pump(c, &err))
        continue;
    assert_int_equal(err.code, 0);
}

/* As many frames as are kept, and one more. */
static void test_flood(void **state)
{
    const struct peer_answer event = {.event = "domain_event_reboot"};
    struct vw_log log;
    for (size_t more = 0; more < 2; more++) {
        struct vw_link *c = open_conn(&log);
        for (size_t i = 0; i < VW_LINK_INBOX_FRAMES + more; i++)
            peer_say(&p, 1, &event);
        pump(c);
        assert_int_equal(c->inbox_count, VW_LINK_INBOX_FRAMES);
        assert_int_equal(c->flooded, more);
        assert_int_equal(vw_link_over(c), more);
        assert_int_equal(vw_link_fd(c) < 0, more);
        assert_int_equal(log.count, VW_LINK_LOG_ENTRIES);
        /* Each with what is told of it: nobody has asked for it (V-10). */
        assert_int_equal(log.dropped, 2 * VW_LINK_INBOX_FRAMES + more - VW_LINK_LOG_ENTRIES);
        close_conn(c, &log);
    }
}

static void test_clean(void **state)
{
    static const struct peer_answer event = {.event = "domain_event_reboot"};
    static const struct peer_answer part = {.hex = "0000"};
    const struct vw_header call = {0x20008086, 1, 59, VW_MSG_CALL, 1, 0};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_log log;
    struct vw_link *c = open_conn(&log);
    assert_true(vw_link_is_clean(c));
    assert_int_equal(vw_link_events(c), POLLIN);
    assert_int_equal(vw_link_send(c, "\0\0", 2, &err), 0);
    assert_int_equal(vw_link_events(c), POLLIN | POLLOUT);
    assert_false(vw_link_is_clean(c));
    pump(c);
    assert_true(vw_link_is_clean(c));
    peer_say(&p, 1, &event);
    pump(c);
    assert_false(vw_link_is_clean(c));
    vw_link_take(c, c->inbox);
    assert_int_equal(c->inbox_count + c->inbox_bytes, 0);
    assert_true(vw_link_is_clean(c));
    assert_int_equal(vw_link_expect_answer(c, "a", &call, NULL, false, &err), 0);
    assert_false(vw_link_is_clean(c));
    c->sent->answered = true;
    assert_true(vw_link_is_clean(c));
    struct vw_breach breach = {.clause = "T-5"};
    c->breaches = &breach;
    assert_false(vw_link_is_clean(c));
    c->breaches = NULL;
    c->end_output = true;
    assert_false(vw_link_is_clean(c));
    c->end_output = false;
    assert_true(vw_link_is_clean(c));
    peer_say(&p, 1, &part);
    pump(c);
    assert_false(vw_link_is_clean(c));
    close_conn(c, &log);
}

static void test_labels_are_cut(void **state)
{
    const struct vw_header call = {0x20008086, 1, 59, VW_MSG_CALL, 1, 0};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_log log;
    struct vw_link *c = open_conn(&log);
    assert_int_equal(
        vw_link_expect_answer(c, "0123456789012345678901234567890123", &call, NULL, false, &err),
        0);
    assert_string_equal(c->sent->label, "0123456789012345678901234567890");
    c->pings_unanswered = true;
    vw_link_recycle(c);
    assert_null(c->sent);
    assert_null(c->log);
    assert_false(c->pings_unanswered);
    close_conn(c, &log);
}

/* Frames are taken out from the middle, the end and the start. */
static void test_take(void **state)
{
    static const struct peer_answer event = {.event = "domain_event_reboot"};
    struct vw_log log;
    struct vw_link *c = open_conn(&log);
    for (int i = 0; i < 3; i++)
        peer_say(&p, 1, &event);
    pump(c);
    struct vw_got *first = c->inbox;
    vw_link_take(c, first->next);
    vw_link_take(c, first->next);
    assert_int_equal(c->inbox_count, 1);
    assert_int_equal(c->inbox_bytes, first->length);
    peer_say(&p, 1, &event);
    pump(c);
    assert_ptr_equal(c->inbox, first);
    assert_non_null(first->next);
    assert_null(first->next->next);
    vw_link_take(c, first);
    vw_link_take(c, c->inbox);
    assert_null(c->inbox);
    assert_int_equal(c->inbox_count, 0);
    close_conn(c, &log);
}

/* ---- the log ---- */

static void test_log(void **state)
{
    static uint8_t big[VW_LINK_LOG_BYTES + 1];
    static const size_t sizes[] = {0, 1, VW_LINK_LOG_BYTES - 1, VW_LINK_LOG_BYTES,
                                   VW_LINK_LOG_BYTES + 1};
    struct vw_log log = {0};
    vw_memory_start();
    vw_memory_pass(5);
    log.start_us = vw_now_us() - 2000;
    memset(big, 'x', sizeof(big));
    vw_log_add(NULL, VW_LOG_SENT, "", big, 1);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        vw_log_add(&log, VW_LOG_SENT, "b", big, sizes[i]);
        assert_int_equal(log.last->len, sizes[i]);
        assert_int_equal(log.last->kept,
                         sizes[i] < VW_LINK_LOG_BYTES ? sizes[i] : VW_LINK_LOG_BYTES);
        assert_int_equal(log.last->bytes[log.last->kept], 0);
        assert_int_equal(log.last->at_us, 2000);
        assert_int_equal(log.last->kind, VW_LOG_SENT);
        assert_string_equal(log.last->conn, "b");
    }
    vw_log_note(&log, "", "%s %d", "note", 7);
    assert_string_equal((const char *)log.last->bytes, "note 7");
    assert_int_equal(log.last->kind, VW_LOG_NOTE);
    while (log.count < VW_LINK_LOG_ENTRIES)
        vw_log_note(&log, "", "x");
    assert_int_equal(log.dropped, 0);
    vw_log_note(&log, "", "x");
    assert_int_equal(log.count, VW_LINK_LOG_ENTRIES);
    assert_int_equal(log.dropped, 1);
    vw_log_finish(&log);
    assert_null(log.first);
}

/* What a report shows of a case. */
static void test_transcript(void **state)
{
    static const struct peer_answer event = {.event = "domain_event_reboot"};
    static const struct peer_rule rules[] = {
        {"connect_get_version",
         0,
         PEER_LATE,
         {.error = "{code: 39, domain: 7, level: 2}"},
         1500,
         &event},
        {"connect_get_uri", 0, 0, {.word = PEER_PROGRAM, .value = 9}, .behind = &event},
        {"connect_get_hostname", 0, 0, {.word = PEER_STATUS, .value = 7}},
        {"connect_get_type", 0, 0, {.word = PEER_TYPE, .value = 9}},
        {"connect_is_secure", 0, 0, {.hex = "00000008 00112233"}},
        {"domain_lookup_by_id", 0, 0, {.cut = 1}},
    };
    static const char sent[] =
        "  0.000 -- connected\n"
        "  0.000 -- [b] connected\n"
        "  0.000 -- a note\n"
        "  0.000 -> [b] length 28, remote v1, procedure 4 (connect_get_version), call, serial 1, "
        "ok\n"
        "      0000001c 20008086 00000001 00000004 00000000 00000001 00000000\n"
        "  1.500 <- [b] length 52, remote v1, procedure 169 (domain_event_reboot), message, serial "
        "1, ok\n"
        "      {\"dom\":{\"name\":\"\",\"uuid\":\"00000000000000000000000000000000\",\"id\":0}}\n"
        "      00000034 20008086 00000001 000000a9 00000002 00000001 00000000 00000000\n"
        "      00000000 00000000 00000000 00000000 00000000\n"
        "  1.500 -- [b] against V-10: an event of a domain, and nobody has asked for any\n"
        "  1.500 <- [b] length 72, remote v1, procedure 4 (connect_get_version), reply, serial 1, "
        "error\n"
        "      "
        "{\"code\":39,\"domain\":7,\"message\":null,\"level\":2,\"dom\":null,\"str1\":null,"
        "\"str2\":null,\"str3\":null,\"int1\":0,\"int2\":0,\"net\":null}\n"
        "      00000048 20008086 00000001 00000004 00000001 00000001 00000001 00000027\n"
        "      00000007 00000000 00000002 00000000 00000000 00000000 00000000 00000000\n"
        "      00000000 00000000\n"
        "  1.500 -> length 28, remote v1, procedure 110 (connect_get_uri), call, serial 1, ok\n"
        "      0000001c 20008086 00000001 0000006e 00000000 00000001 00000000\n"
        "  1.500 -> length 28, remote v1, procedure 59 (connect_get_hostname), call, serial 2, ok\n"
        "      0000001c 20008086 00000001 0000003b 00000000 00000002 00000000\n"
        "  1.500 -> length 28, remote v1, procedure 3 (connect_get_type), call, serial 3, ok\n"
        "      0000001c 20008086 00000001 00000003 00000000 00000003 00000000\n"
        "  1.500 -> length 28, remote v1, procedure 149 (connect_is_secure), call, serial 4, ok\n"
        "      0000001c 20008086 00000001 00000095 00000000 00000004 00000000\n"
        "  1.500 -> length 32, remote v1, procedure 22 (domain_lookup_by_id), call, serial 5, ok\n"
        "      {\"id\":0}\n"
        "      00000020 20008086 00000001 00000016 00000000 00000005 00000000 00000000\n"
        "  1.500 -> length 184, remote v1, procedure 23 (domain_lookup_by_name), call, serial 6, "
        "ok\n"
        "      "
        "{\"name\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n"
        "      000000b8 20008086 00000001 00000017 00000000 00000006 00000000 00000096\n"
        "      61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161\n"
        "      61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161\n"
        "      61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161\n"
        "      61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161\n"
        "      ... 184 bytes in all\n";
    static const char came[] =
        "  1.500 <- length 32, program 0x9 v1, procedure 110, reply, serial 1, ok\n"
        "      00000020 [00000009] 00000001 0000006e 00000001 00000001 00000000 00000000\n"
        "  1.500 -- against H-5: the reply must repeat the program of its call, 0x20008086; it has "
        "0x9\n"
        "  1.500 <- length 52, remote v1, procedure 169 (domain_event_reboot), message, serial 1, "
        "ok\n"
        "      {\"dom\":{\"name\":\"\",\"uuid\":\"00000000000000000000000000000000\",\"id\":0}}\n"
        "      00000034 20008086 00000001 000000a9 00000002 00000001 00000000 00000000\n"
        "      00000000 00000000 00000000 00000000 00000000\n"
        "  1.500 -- against V-10: an event of a domain, and nobody has asked for any\n"
        "  1.500 <- length 44, remote v1, procedure 59 (connect_get_hostname), reply, serial 2, 7\n"
        "      0000002c 20008086 00000001 0000003b 00000001 00000002 [00000007] 0000000c\n"
        "      70656572 2e657861 6d706c65\n"
        "  1.500 -- against H-5: the status of a reply is 0 or 1; it has 7\n"
        "  1.500 <- length 36, remote v1, procedure 3 (connect_get_type), 9, serial 3, ok\n"
        "      00000024 20008086 00000001 00000003 [00000009] 00000003 00000000 00000004\n"
        "      54455354\n"
        "  1.500 -- against H-11: a message of type 9 came, which no server may send\n"
        "  1.500 <- 8 bytes\n"
        "      00000008 00112233\n"
        "  1.500 -- against F-3: a message came whose length word is 8, too short for a header\n"
        "  1.500 <- length 51, remote v1, procedure 22 (domain_lookup_by_id), reply, serial 5, ok\n"
        "      (4 bytes are needed for int, 3 left at dom.id, offset 20)\n"
        "      00000033 20008086 00000001 00000016 00000001 00000005 00000000 00000000\n"
        "      00000000 00000000 00000000 00000000 [000000]\n"
        "  1.500 -- against H-5: the body cannot be decoded: 4 bytes are needed for int, 3 left at "
        "dom.id, offset 20 of the body\n"
        "  1.500 <- length 52, remote v1, procedure 23 (domain_lookup_by_name), reply, serial 6, "
        "ok\n"
        "      {\"dom\":{\"name\":\"\",\"uuid\":\"00000000000000000000000000000000\",\"id\":0}}\n"
        "      00000034 20008086 00000001 00000017 00000001 00000006 00000000 00000000\n"
        "      00000000 00000000 00000000 00000000 00000000\n";
    struct played got;
    peer_init(&p, profile, rules, sizeof(rules) / sizeof(rules[0]));
    play_text(&p,
              "needs: [connect]\nsteps:\n"
              "  - connect: {as: b}\n"
              "  - note: a note\n"
              "  - send: {call: {procedure: connect_get_version}}\n    on: b\n"
              "  - wait-for: {message: {procedure: domain_event_reboot}, within: 2}\n    on: b\n"
              "  - send: {call: {procedure: connect_get_uri}}\n"
              "  - send: {call: {procedure: connect_get_hostname}}\n"
              "  - send: {call: {procedure: connect_get_type}}\n"
              "  - send: {call: {procedure: connect_is_secure}}\n"
              "  - send: {call: {procedure: domain_lookup_by_id}}\n"
              "  - send: {call: {procedure: domain_lookup_by_name, args: {name: {fill: a, count: "
              "150}}}}\n"
              "  - expect-closed: answers\n",
              &got);
    peer_finish(&p);
    if (strncmp(got.transcript, sent, strlen(sent)) != 0)
        fail_msg("the transcript is another: %s", got.transcript);
    assert_string_equal(got.transcript + strlen(sent), came);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),     cmocka_unit_test(test_half_close),
        cmocka_unit_test(test_goodbye),    cmocka_unit_test(test_flood),
        cmocka_unit_test(test_clean),      cmocka_unit_test(test_labels_are_cut),
        cmocka_unit_test(test_take),       cmocka_unit_test(test_log),
        cmocka_unit_test(test_transcript),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
