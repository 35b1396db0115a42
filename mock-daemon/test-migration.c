// SPDX-License-Identifier: MIT
// The phases of a migration, on the side where a domain leaves and on the one where it arrives:
// what is answered and told, what the domain is behind each, and what is refused.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define UUID     "6695eb01f6a4830479aa97f2502e193f"
#define DOM      "\"dom\":{\"name\":\"test\",\"uuid\":\"" UUID "\",\"id\":1}"
#define THIS     "{" DOM "}"
#define FLAGS(f) "{" DOM ",\"flags\":" #f "}"
#define NEW_DOM                                                                                    \
    "{\"dom\":{\"name\":\"new\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":1},"          \
    "\"flags\":0}"
#define NEW_XML                                                                                    \
    "\"<domain type='test'><name>new</name><uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>"      \
    "<memory>1</memory><os><type>hvm</type></os></domain>\""
#define TEXT(name, text)        "{\"field\":\"" name "\",\"value\":{\"type\":7,\"s\":" text "}}"
#define NUMBER(name, n)         "{\"field\":\"" name "\",\"value\":{\"type\":4,\"ul\":" #n "}}"
#define BEGIN_OF(params, flags) "{" DOM ",\"params\":[" params "],\"flags\":" #flags "}"
#define BEGIN(flags)            BEGIN_OF("", flags)
#define PERFORM(flags)                                                                             \
    "{" DOM ",\"dconnuri\":null,\"params\":[],\"cookie_in\":\"\",\"flags\":" #flags "}"
#define CONFIRM(cancelled)                                                                         \
    "{" DOM ",\"params\":[],\"cookie_in\":\"\",\"flags\":0,\"cancelled\":" #cancelled "}"
#define PREPARE(params, flags) "{\"params\":[" params "],\"cookie_in\":\"\",\"flags\":" #flags "}"
#define FINISH(name, flags, cancelled)                                                             \
    "{\"params\":[" TEXT("destination_name",                                                       \
                         "\"" name "\"") "],\"cookie_in\":\"\",\"flags\":" #flags                  \
                                         ",\"cancelled\":" #cancelled "}"
#define FINISH2(failed)                                                                            \
    "{\"dname\":\"new\",\"cookie\":\"\",\"uri\":\"\",\"flags\":0,\"retcode\":" #failed "}"
#define PERFORM1(flags)                                                                            \
    "{" DOM ",\"cookie\":\"\",\"uri\":\"\",\"flags\":" #flags ",\"dname\":null,\"bandwidth\":0}"
#define PREPARE1(flags) "{\"uri_in\":null,\"flags\":" #flags ",\"dname\":null,\"bandwidth\":0}"
#define FINISH1         "{\"dname\":\"test\",\"cookie\":\"\",\"uri\":\"\",\"flags\":0}"
#define ARRIVES         TEXT("destination_xml", NEW_XML)
#define ASK             "{\"eventID\":0,\"dom\":null}"
/* What is told: the callback, the domain (its name, uuid and id), what, its detail. */
#define TEST_IS "00000000 00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f "
#define NEW_IS  "00000000 00000003 6e657700 00010203 04050607 08090a0b 0c0d0e0f "
#define TOLD    "event 318 "

/* Of test, on a machine of the name "host". */
#define COOKIE                                                                                     \
    "0000008f 3c766972 77697265 642d6d69 67726174 696f6e3e 0a20203c 6e616d65 "                     \
    "3e746573 743c2f6e 616d653e 0a20203c 75756964 3e363639 35656230 312d6636 "                     \
    "61342d38 3330342d 37396161 2d393766 32353032 65313933 663c2f75 7569643e "                     \
    "0a20203c 686f7374 6e616d65 3e686f73 743c2f68 6f73746e 616d653e 0a3c2f76 "                     \
    "69727769 7265642d 6d696772 6174696f 6e3e0a00"

static void start(struct peer *p)
{
    start_hosted(p);
    vw_clock_init(&p->daemon.clock, true);
    free(p->daemon.model.hostname);
    p->daemon.model.hostname = strdup("host");
}

#define FEATURE(n) "{\"feature\":" #n "}"
static const struct step it_says_what_it_can_steps[] = {
    {"connect_supports_feature", FEATURE(1), "ok 00000000"},
    {"connect_supports_feature", FEATURE(3), "ok 00000001"},
    {"connect_supports_feature", FEATURE(4), "ok 00000001"},
    {"connect_supports_feature", FEATURE(5), "ok 00000000"},
    {"connect_supports_feature", FEATURE(6), "ok 00000001"},
    {"connect_supports_feature", FEATURE(7), "ok 00000001"},
    {"connect_supports_feature", FEATURE(11), "ok 00000001"},
    {"connect_supports_feature", FEATURE(12), "ok 00000001"},
    {"connect_supports_feature", FEATURE(13), "ok 00000001"},
};
PLAYS(start, it_says_what_it_can)

static const struct step a_domain_leaves_steps[] = {
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_begin3_params", BEGIN(16), "ok *"},
    {"domain_get_state", FLAGS(0), "ok 00000001 00000000"},
    {"domain_migrate_perform3_params", PERFORM(16), "ok *"},
    {"domain_get_state", FLAGS(0), "ok 00000003 00000002"},
    {"domain_get_job_info", THIS,
     "ok 00000003 00000000 00000000 00000000 00000000 00000000 80000000 00000000 80000000 *"},
    {"domain_migrate_confirm3_params", CONFIRM(0),
     "ok, " TOLD TEST_IS "ffffffff 00000005 00000003"},
    {"domain_get_state", FLAGS(0), "error 42/10"},
};
PLAYS(start, a_domain_leaves)

static const struct step it_is_told_that_it_stands_still_steps[] = {
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_perform3",
     "{" DOM ",\"xmlin\":null,\"cookie_in\":\"\",\"dconnuri\":null,\"uri\":null,\"flags\":0,"
     "\"dname\":null,\"bandwidth\":0}",
     "ok " COOKIE ", " TOLD TEST_IS "00000001 00000003 00000001"},
    {"domain_migrate_confirm3", "{" DOM ",\"cookie_in\":\"\",\"flags\":0,\"cancelled\":0}",
     "ok, " TOLD TEST_IS "ffffffff 00000005 00000003"},
    {"domain_get_state", FLAGS(0), "ok 00000005 00000004"},
    {"domain_get_job_stats", FLAGS(3), "ok 00000003 *"},
    {"domain_get_job_stats", FLAGS(1), "ok 00000003 *"},
    {"domain_get_job_stats", FLAGS(1), "ok 00000000 00000000"},
};
PLAYS(start, it_is_told_that_it_stands_still)

/* Callbacks 0 and 1: a pass over the memory begins, and the job is done. */
#define ASK_FOR(event) "{\"eventID\":" #event ",\"dom\":null}"
#define TEST_WAS       "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f "
static const struct step its_job_is_told_of_steps[] = {
    {"connect_domain_event_callback_register_any", ASK_FOR(20), "ok 00000000"},
    {"connect_domain_event_callback_register_any", ASK_FOR(21), "ok 00000001"},
    {"domain_migrate_perform3_params", PERFORM(0),
     "ok " COOKIE ", event 359 00000000 " TEST_WAS "00000001 00000001, event 359 00000000 " TEST_WAS
     "00000001 00000002"},
    {"domain_migrate_confirm3_params", CONFIRM(0),
     "ok, event 363 00000001 " TEST_WAS "ffffffff 00000009 00000009 6f706572 6174696f 6e000000 "
     "00000001 00000005 *"},
};
PLAYS(start, its_job_is_told_of)

/* Version 2 has no begin, and the domain is gone behind its perform; version 1 tells the target
 * nothing but a name. */
static const struct step versions_before_steps[] = {
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_prepare2",
     "{\"uri_in\":null,\"flags\":0,\"dname\":\"new\",\"bandwidth\":0,\"dom_xml\":" NEW_XML "}",
     "ok *"},
    {"domain_migrate_finish2", FINISH2(0),
     "ok 00000003 6e657700 00010203 04050607 08090a0b 0c0d0e0f 00000002, " TOLD NEW_IS
     "00000002 00000004 00000001"},
    {"domain_migrate_prepare2",
     "{\"uri_in\":null,\"flags\":0,\"dname\":null,\"bandwidth\":0,\"dom_xml\":\"<a/>\"}",
     "error *"},
    {"domain_migrate_finish2", FINISH2(1), "error 42/10"},
    {"domain_migrate_perform", PERFORM1(0),
     "ok, " TOLD TEST_IS "ffffffff 00000003 00000001, " TOLD TEST_IS "ffffffff 00000005 00000003"},
    {"domain_get_state", FLAGS(0), "ok 00000005 00000004"},
    {"domain_migrate_perform", PERFORM1(0), "error 55/10"},
    {"domain_migrate_finish", FINISH1, "error 42/10"},
    {"domain_migrate_prepare", PREPARE1(2097152), "error 8/10"},
    {"domain_migrate_prepare", PREPARE1(0),
     "ok 00000000 00000001 0000000e 7463703a 686f7374 3a343931 35320000"},
    {"domain_migrate_finish", FINISH1,
     "ok " TEST_WAS "00000003, " TOLD TEST_IS "00000003 00000002 00000001"},
    {"domain_get_state", FLAGS(0), "ok 00000001 00000002"},
    {"domain_migrate_prepare", PREPARE1(0), "ok *"},
    {"domain_migrate_finish", "{\"dname\":\"small\",\"cookie\":\"\",\"uri\":\"\",\"flags\":32}",
     "ok 00000005 736d616c 6c000000 *"},
    {"domain_migrate_prepare", PREPARE1(0), "ok *"},
    {"domain_migrate_finish3_params", FINISH("", 0, 0), "error 42/10"},
    {"domain_migrate_finish", FINISH1, "error 55/10"},
};
PLAYS(start, versions_before)

static const struct step one_that_is_cancelled_runs_again_steps[] = {
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_begin3_params", BEGIN(0), "ok *"},
    {"domain_migrate_confirm3_params", CONFIRM(1), "ok"},
    {"domain_migrate_begin3_params", BEGIN(0), "ok *"},
    {"domain_migrate_perform3_params", PERFORM(0), "ok *"},
    {"domain_migrate_confirm3_params", CONFIRM(1),
     "ok, " TOLD TEST_IS "00000001 00000004 00000001"},
    {"domain_get_state", FLAGS(0), "ok 00000001 00000006"},
    /* What was paused by its user stays so. */
    {"domain_suspend", THIS, "ok, " TOLD TEST_IS "00000001 00000003 00000000"},
    {"domain_migrate_perform3_params", PERFORM(0), "ok *"},
    {"domain_migrate_confirm3_params", CONFIRM(1), "ok"},
    {"domain_get_state", FLAGS(0), "ok 00000003 00000001"},
};
PLAYS(start, one_that_is_cancelled_runs_again)

static const struct step what_cannot_leave_steps[] = {
    {"domain_migrate_confirm3_params", CONFIRM(1), "error 55/10"},
    {"domain_migrate_begin3_params", BEGIN(2097152), "error 8/10"},
    {"domain_migrate_begin3_params", BEGIN_OF(TEXT("nonsense", "\"\""), 0), "error 74/0"},
    {"domain_migrate_begin3_params", BEGIN_OF(NUMBER("destination_name", 1), 0), "error 8/0"},
    {"domain_migrate_begin3_params", BEGIN_OF(TEXT("destination_xml", NEW_XML), 0), "error 8/10"},
    {"domain_migrate_begin3_params", BEGIN(1024), "error 55/10"},
    {"domain_migrate_begin3_params", BEGIN(1036), "error 55/10"},
    {"domain_migrate_begin3_params",
     BEGIN_OF(TEXT("migrate_disks", "\"vda\"") "," TEXT("migrate_disks", "\"vdb\""), 0), "ok *"},
    {"domain_migrate_begin3_params", BEGIN(0), "error 55/10"},
    {"domain_migrate_confirm3_params", CONFIRM(0), "error 55/10"},
    {"domain_abort_job", THIS, "error 55/10"},
    {"domain_migrate_start_post_copy", FLAGS(0), "error 55/10"},
    /* It is over with the domain. */
    {"domain_destroy", THIS, "ok"},
    {"domain_migrate_confirm3_params", CONFIRM(1), "error 55/10"},
    {"domain_migrate_begin3_params", BEGIN(0), "error 55/10"},
    {"domain_migrate_get_max_downtime", FLAGS(0), "error 55/20"},
};
PLAYS(start, what_cannot_leave)

static const struct step a_domain_arrives_steps[] = {
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "ok *"},
    {"domain_get_state", NEW_DOM, "ok 00000003 00000002"},
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "error 55/10"},
    {"domain_migrate_finish3_params", FINISH("new", 0, 0),
     "ok 00000003 6e657700 00010203 04050607 08090a0b 0c0d0e0f 00000002 *"},
    {"domain_get_state", NEW_DOM, "ok 00000001 00000002"},
    {"domain_is_persistent",
     "{\"dom\":{\"name\":\"new\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":1}}",
     "ok 00000000"},
    {"domain_migrate_finish3_params", FINISH("new", 0, 0), "error 42/10"},
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "error 55/20"},
};
PLAYS(start, a_domain_arrives)

static const struct step it_is_cancelled_there_steps[] = {
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "ok *"},
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_finish3_params", FINISH("new", 0, 1),
     "error 93/10, " TOLD NEW_IS "ffffffff 00000005 00000005"},
    {"domain_get_state", NEW_DOM, "error 42/10"},
    /* The same of one whose user takes it away. */
    {"domain_migrate_prepare3",
     "{\"cookie_in\":\"\",\"uri_in\":null,\"flags\":0,\"dname\":\"other\",\"bandwidth\":0,"
     "\"dom_xml\":" NEW_XML "}",
     "ok *"},
    {"connect_num_of_domains", "{}", "ok 00000002"},
    {"domain_lookup_by_name", "{\"name\":\"other\"}", "ok *"},
    {"domain_destroy",
     "{\"dom\":{\"name\":\"new\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":1}}", "ok*"},
    {"domain_migrate_finish3_params", FINISH("other", 0, 0), "error 42/10"},
};
PLAYS(start, it_is_cancelled_there)

static const struct step it_is_to_stay_there_paused_steps[] = {
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 40), "ok *"},
    {"connect_domain_event_callback_register_any", ASK, "ok 00000000"},
    {"domain_migrate_finish3_params", FINISH("new", 40, 0), "ok *"},
    {"domain_get_state", NEW_DOM, "ok 00000003 00000001"},
    {"domain_is_persistent",
     "{\"dom\":{\"name\":\"new\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":1}}",
     "ok 00000001"},
};
PLAYS(start, it_is_to_stay_there_paused)

static const struct step only_the_definition_arrives_steps[] = {
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 1032), "ok *"},
    {"domain_get_state", NEW_DOM, "error 42/10"},
    {"domain_migrate_finish3_params", FINISH("new", 1032, 0),
     "ok 00000003 6e657700 00010203 04050607 08090a0b 0c0d0e0f ffffffff *"},
    {"domain_get_state", NEW_DOM, "ok 00000005 00000000"},
};
PLAYS(start, only_the_definition_arrives)

static const struct step what_cannot_arrive_steps[] = {
    {"domain_migrate_prepare3_params", PREPARE("", 0), "error 1/10"},
    {"domain_migrate_prepare3_params", PREPARE(TEXT("destination_xml", "\"<a/>\""), 0), "error *"},
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 2097152), "error 8/10"},
    {"domain_migrate_prepare3_params", PREPARE(ARRIVES "," TEXT("destination_name", "\"test\""), 0),
     "error 9/20"},
    {"domain_migrate_prepare3_params",
     "{\"params\":[" ARRIVES "],\"cookie_in\":\"3c612f3e\",\"flags\":0}", "error 1/10"},
    {"domain_migrate_finish3_params", FINISH("new", 0, 0), "error 42/10"},
    {"domain_migrate_finish3_params", FINISH("test", 0, 0), "error 42/10"},
};
PLAYS(start, what_cannot_arrive)

#define PEER(uri, flags)                                                                           \
    "{" DOM ",\"dconnuri\":" uri ",\"params\":[],\"cookie_in\":\"\",\"flags\":" #flags "}"
static const struct step there_is_no_way_steps[] = {
    {"domain_migrate_perform3_params", PEER("null", 2), "error 8/10"},
    {"domain_migrate_perform3_params", PEER("\"\"", 2), "error 8/10"},
    {"domain_migrate_perform3_params", PEER("\"nothing\"", 2), "error 9/10"},
    {"domain_migrate_perform3_params", PEER("\"test:///default\"", 2), "error 9/10"},
    {"domain_migrate_perform3_params", PEER("\"qemu+ext:///system?command=/bin/sh\"", 2),
     "error 9/10"},
    {"domain_migrate_perform3_params", PEER("\"qemu+ssh://localhost/system\"", 2), "error 9/10"},
    {"domain_migrate_perform3_params", PEER("\"qemu+unix:///system?socket=/dev/null\"", 2),
     "error 9/10"},
    {"domain_migrate_perform3_params", PERFORM(4), "error 8/10"},
    {"domain_migrate_begin3_params", BEGIN(0), "ok *"},
};
PLAYS(start, there_is_no_way)

static const struct step a_tunnel_wants_its_end_steps[] = {
    {"domain_migrate_prepare_tunnel3",
     "{\"cookie_in\":\"\",\"flags\":4,\"dname\":null,\"bandwidth\":0,\"dom_xml\":" NEW_XML "}",
     "ok *"},
    {"domain_migrate_finish3_params", FINISH("new", 4, 0), "error 9/10"},
    {"domain_get_state", NEW_DOM, "error 42/10"},
};
PLAYS(start, a_tunnel_wants_its_end)

static const struct step limits_steps[] = {
    {"domain_migrate_get_max_speed", FLAGS(0), "ok 000007ff ffffffff"},
    {"domain_migrate_set_max_speed", "{" DOM ",\"bandwidth\":7,\"flags\":0}", "ok"},
    {"domain_migrate_get_max_speed", FLAGS(0), "ok 00000000 00000007"},
    {"domain_migrate_set_max_speed", "{" DOM ",\"bandwidth\":8796093022208,\"flags\":0}",
     "error 70/10"},
    {"domain_migrate_get_max_downtime", FLAGS(0), "ok 00000000 0000012c"},
    {"domain_migrate_set_max_downtime", "{" DOM ",\"downtime\":9,\"flags\":0}", "ok"},
    {"domain_migrate_get_max_downtime", FLAGS(0), "ok 00000000 00000009"},
    {"domain_get_job_info", THIS, "ok 00000000 *"},
    {"domain_get_job_stats", FLAGS(4), "error 8/10"},
};
PLAYS(start, limits)

/* The connection by which it was asked for breaks off. */
static void who_goes_takes_nothing_along(void **state)
{
    static const struct step begin[] = {
        {"domain_migrate_perform3_params", PERFORM(0), "ok *"},
        {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "ok *"},
        {"domain_get_state", FLAGS(0), "ok 00000003 00000002"},
    };
    static const struct step behind[] = {
        {"connect_open", "{\"name\":\"qemu:///system\",\"flags\":0}", "ok"},
        {"domain_get_state", FLAGS(0), "ok 00000003 00000002"},
        {"domain_get_state", NEW_DOM, "error 42/10"},
        {"domain_migrate_perform3_params", PERFORM(0), "ok *"},
    };
    struct peer p;
    start(&p);
    play(&p, begin, COUNT(begin));
    peer_reconnect(&p, NULL);
    play(&p, behind, COUNT(behind));
    assert_true(LIST_FIRST(&p.daemon.migrations)->owner == TAILQ_FIRST(&p.daemon.conns));
    peer_stop(&p);
}

/* What was moved took the time that it did, however long the client takes for the rest. */
static void the_job_is_over_with_the_move(void **state)
{
    static const struct step perform[] = {{"domain_migrate_perform3_params", PERFORM(0), "ok *"}};
    static const struct step behind[] = {
        {"domain_get_job_info", THIS,
         "ok 00000003 00000000 00000000 00000000 00000000 00000000 80000000 00000000 80000000 *"}};
    struct peer p;
    start(&p);
    play(&p, perform, COUNT(perform));
    vw_clock_set(&p.daemon.clock, vw_clock_ms(&p.daemon.clock) + 1000);
    play(&p, behind, COUNT(behind));
    peer_stop(&p);
}

/* Each definition that is to come is kept, and looked at by every connection. */
static void there_are_only_so_many(void **state)
{
    struct peer p;
    char args[512];
    start(&p);
    for (unsigned i = 0; i <= 256; i++) {
        snprintf(args, sizeof(args),
                 PREPARE(TEXT("destination_xml",
                              "\"<domain type='test'><name>d%u</name><memory>1</memory>"
                              "<os><type>hvm</type></os></domain>\""),
                         1032),
                 i);
        const struct step one = {"domain_migrate_prepare3_params", args,
                                 i < 256 ? "ok *" : "error 9/10"};
        play(&p, &one, 1);
    }
    peer_stop(&p);
}

/* A domain that came or went does so for good: what happened elsewhere is not taken back. */
static void what_has_moved_stays(void **state)
{
    static const struct step moves[] = {
        {"domain_migrate_prepare3_params", PREPARE(ARRIVES, 0), "ok *"},
        {"domain_migrate_finish3_params", FINISH("new", 0, 0), "ok *"},
    };
    static const struct step behind[] = {
        {"connect_open", "{\"name\":\"qemu:///system\",\"flags\":0}", "ok"},
        {"domain_get_state", NEW_DOM, "ok 00000001 00000002"},
    };
    struct peer p;
    start(&p);
    play(&p, moves, COUNT(moves));
    peer_reconnect(&p, NULL);
    play(&p, behind, COUNT(behind));
    vw_model_begin_again(&p.daemon.model);
    assert_int_equal(peer_domains(&p)->count, 1);
    peer_stop(&p);
}

static void the_test_driver_has_none(void **state)
{
    static const struct step steps[] = {
        {"connect_supports_feature", FEATURE(6), "ok 00000000"},
        {"connect_supports_feature", FEATURE(13), "ok 00000000"},
        {"domain_migrate_begin3_params", BEGIN(0), "error 3/20"},
        {"domain_get_job_info", THIS, "error 3/20"},
    };
    struct peer p;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    play(&p, steps, COUNT(steps));
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_it_can),
        cmocka_unit_test(a_domain_leaves),
        cmocka_unit_test(it_is_told_that_it_stands_still),
        cmocka_unit_test(its_job_is_told_of),
        cmocka_unit_test(versions_before),
        cmocka_unit_test(one_that_is_cancelled_runs_again),
        cmocka_unit_test(what_cannot_leave),
        cmocka_unit_test(a_domain_arrives),
        cmocka_unit_test(it_is_cancelled_there),
        cmocka_unit_test(it_is_to_stay_there_paused),
        cmocka_unit_test(only_the_definition_arrives),
        cmocka_unit_test(what_cannot_arrive),
        cmocka_unit_test(there_is_no_way),
        cmocka_unit_test(a_tunnel_wants_its_end),
        cmocka_unit_test(limits),
        cmocka_unit_test(who_goes_takes_nothing_along),
        cmocka_unit_test(the_job_is_over_with_the_move),
        cmocka_unit_test(there_are_only_so_many),
        cmocka_unit_test(what_has_moved_stays),
        cmocka_unit_test(the_test_driver_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
