// SPDX-License-Identifier: MIT
// Cases for one program, for several and for others: what they call in each, and that those of the
// suite are without a mistake in all of them.
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/effects.h"
#include "conformance/cases/program.h"
#include "conformance/cases/scenario.h"
#include "conformance/suite-config.h"
#include "scenario/compose.h"

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

static void names(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    for (const char *const *name = vw_played_names + 1; *name; name++)
        assert_string_equal(vw_played_find(*name, &err)->name, *name);
    assert_null(vw_played_find("any", &err));
    assert_string_equal(err.text, "\"any\" is not remote, admin, lock or log");
}

/* What is composed of the first step of the only case of TEXT; false: it is for others. */
static bool compose_first(const char *program, const char *text, struct vw_composed *made)
{
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    struct vw_suite suite = {0};
    struct vw_buf bytes = VW_BUF_INIT;
    struct vw_error err = VW_ERROR_INIT;
    profile->program = program;
    assert_int_equal(vw_suite_add(&suite, "a/b", "a/b.yaml", text, strlen(text), &options, &err),
                     0);
    assert_true(suite.count >= 1); /* a family makes more */
    const struct vw_case *c = &suite.cases[0];
    assert_int_equal(c->elsewhere, c->unfit != NULL);
    bool here = !c->elsewhere;
    if (here) {
        struct vw_compose_context ctx = {.profile = profile, .arena = &suite.arena, .serial = 1};
        const struct vw_node *call = vw_node_get(vw_node_get(c->steps->first, "send"), "call");
        assert_int_equal(vw_compose(&ctx, call, VW_MSG_CALL, &bytes, made, &err), 0);
    } else {
        assert_string_equal(c->unfit, "not for this program");
        assert_string_equal(c->id, "a/b");
    }
    vw_buf_finish(&bytes);
    vw_suite_finish(&suite);
    return here;
}

#define HEAD       "title: t\nclause: F-3\nlevel: must\n"
#define STEP(call) "steps:\n  - send: {call: {" call "}}\n"

static void what_is_called(void **state)
{
    static const struct {
        const char *text;
        int32_t procedure[4]; /* of remote, admin, lock, log; -1: it is for others */
    } rows[] = {
        {HEAD STEP("procedure: connect_get_type"), {3, -1, -1, -1}},
        {HEAD "programs: [remote]\n" STEP("procedure: connect_get_type"), {3, -1, -1, -1}},
        {HEAD "programs: [admin]\n" STEP("procedure: admin.connect_open"), {-1, 1, -1, -1}},
        {HEAD "programs: [any]\n" STEP("procedure: $plain, args: $plain_args"), {3, 3, 1, 2}},
        {HEAD "programs: [any]\n" STEP("procedure: $plain_number, program: $program"),
         {3, 3, 1, 2}},
        {HEAD "programs: [lock, log]\n" STEP("procedure: $other, args: $other_args"),
         {-1, -1, 1, 2}},
        {HEAD "programs: [any]\n" STEP("procedure: $asking, body: \"\""), {23, 5, 1, 2}},
        {HEAD "programs: [any]\n" STEP("procedure: 9999"), {9999, 9999, 9999, 9999}},
        /* Of others nothing is expanded. */
        {HEAD "programs: [log]\nforeach: {family: flags, procedures: domain_read_*}\n" STEP(
             "procedure: $procedure, args: $args"),
         {-1, -1, -1, 3}},
    };
    static const uint32_t programs[] = {0x20008086, 0x06900690, 0x0ea7beef, 0x87539319};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t p = 0; p < 4; p++) {
            struct vw_composed made = {0};
            bool here = compose_first(vw_played_names[p + 1], rows[i].text, &made);
            assert_int_equal(here, rows[i].procedure[p] >= 0);
            if (!here)
                continue;
            assert_int_equal(made.header.program, programs[p]);
            assert_int_equal(made.header.version, 1);
            assert_int_equal(made.header.procedure, rows[i].procedure[p]);
        }
    }
}

/* Each program has cases of its own, more that it shares, and what its daemons need not be allowed.
 */
static void the_suite(void **state)
{
    static const struct {
        const char *program;
        size_t own, shared, read; /* at least */
    } rows[] = {{"admin", 20, 75, 240}, {"lock", 6, 70, 100}, {"log", 5, 55, 60}};
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_suite suite;
        struct vw_error err = VW_ERROR_INIT;
        size_t own = 0, shared = 0, read = 0, len = strlen(rows[i].program);
        const char *last = "", *because;
        profile->program = rows[i].program;
        if (vw_suite_load(&suite, VW_SUITE_SOURCE "/server", &options, &err))
            fail_msg("%s:%u: %s", suite.error_file, err.line, err.text);
        for (size_t k = 0; k < suite.count; k++) {
            const struct vw_case *c = &suite.cases[k];
            if (c->elsewhere)
                continue;
            read += vw_effect_of_case(profile, c, &because) == VW_EFFECT_READ;
            if (c->file_id == last)
                continue;
            last = c->file_id;
            bool is_own = strncmp(last, rows[i].program, len) == 0 && last[len] == '/';
            own += is_own;
            shared += !is_own;
        }
        if (own < rows[i].own || shared < rows[i].shared || read < rows[i].read)
            fail_msg("%s: %zu own files, %zu shared, %zu cases that read", rows[i].program, own,
                     shared, read);
        vw_suite_finish(&suite);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(what_is_called),
        cmocka_unit_test(the_suite),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
