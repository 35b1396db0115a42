// SPDX-License-Identifier: MIT
// What a server does wrong, and the cause that is told: its key, and the clauses that speak of it.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/play/testing/play.h"

#define DO(call) "  - send: {call: {procedure: " call "}}\n"
#define GOOD     "  - expect: {reply: }\n"
#define ERROR(code, d)                                                                             \
    {                                                                                              \
        .error = "{code: " #code ", domain: " #d ", message: no, level: 2}"                        \
    }

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

static void causes(void **state)
{
    static const struct peer_answer packet_answered = {
        .hex = "0000001c 20008086 00000001 000000c9 00000001 00000009 00000001"};
    static const struct {
        const char *steps;
        struct peer_rule rule;
        const char *key, *also;
    } rows[] = {
        {DO("connect_get_type") GOOD,
         {"connect_get_type", .answer = ERROR(1, 7)},
         "told not open",
         "C-7 C-3 D-13"},
        {DO("connect_get_type") "  - expect: {error: {code: 8}}\n",
         {"connect_get_type", .answer = ERROR(1, 7)},
         "told not open",
         "C-7 C-3 D-13"},
        {DO("connect_get_type") "  - expect: {error: {code: 8}}\n",
         {"connect_get_type", .answer = ERROR(9, 7)},
         "error numbers",
         "E-5"},
        {DO("domain_lookup_by_name, args: {name: a}") GOOD,
         {"domain_lookup_by_name", .answer = ERROR(42, 12)},
         "refused 42/12",
         "O-6"},
        {DO("connect_get_type") GOOD,
         {"connect_get_type", .answer = ERROR(8, 0)},
         "refused 8/0",
         "V-8 V-4"},
        {DO("connect_get_type") GOOD,
         {"connect_get_type", .answer = ERROR(9, 0)},
         "refused 9/0",
         ""},
        {DO("connect_get_type") "  - expect: {error: {code: 39, message: {prefix: unknown}}}\n",
         {"connect_get_type",
          .answer = {.error = "{code: 39, domain: 7, message: authentication required, level: 2}"}},
         "error text",
         "D-20 D-11"},
        {DO("connect_get_lib_version") GOOD,
         {"connect_get_lib_version", .answer = {.ret = "{lib_ver: 1}"}},
         "O-4",
         "O-1"},
        {DO("connect_get_type") GOOD, {"connect_get_type", 0, PEER_SILENT}, "silence", "D-26"},
        {DO("connect_get_type, size: 300000") GOOD,
         {"connect_get_type", 0, PEER_SILENT},
         "silence",
         "D-26 F-4 F-5"},
        {DO("connect_get_type") GOOD, {"connect_get_type", 0, PEER_CLOSE}, "closed", "C-7"},
        {DO("connect_get_type, serial: 4000000000") GOOD,
         {"connect_get_type", 0, PEER_CLOSE},
         "closed",
         "C-7 H-7"},
        {DO("9999") GOOD, {NULL, 0, PEER_CLOSE}, "closed", "C-7 D-4"},
        {"  - send: {stream: {procedure: 201, serial: 9, status: ok}}\n  - quiet:\n",
         {"connect_get_type", .before = &packet_answered},
         "unasked answer",
         "D-7 S-2"},
        {DO("connect_get_type"), {"auth_list", .answer = ERROR(39, 7)}, "refused log-in", "A-3"},
        {DO("connect_get_type"), {"connect_open", .answer = ERROR(5, 0)}, "refused log-in", "C-4"},
        {"  - spawn: {command: [\"false\"]}\n  - judge: {exit: 0}\n",
         {"connect_get_type"},
         "a program fails",
         ""},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer p;
        struct played got;
        char text[1000];
        snprintf(text, sizeof(text), "needs: [%s]\nsteps:\n%s",
                 rows[i].rule.procedure ? "open" : "connect", rows[i].steps);
        peer_init(&p, profile, &rows[i].rule, 1);
        play_text(&p, text, &got);
        peer_finish(&p);
        if (strcmp(got.cause.key, rows[i].key) == 0 && strcmp(got.cause.also, rows[i].also) == 0)
            continue;
        print_message("# row %zu: wanted \"%s\" %s\n#   got \"%s\" %s; %s\n", i, rows[i].key,
                      rows[i].also, got.cause.key, got.cause.also, got.reason);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(causes)};
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
