// SPDX-License-Identifier: MIT
// Scenario files: mistakes and their places, foreach, variables, the suite that comes with the
// program, and what its messages are encoded to.
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/scenario.h"
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

static int add(struct vw_suite *suite, const char *text, struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    memset(suite, 0, sizeof(*suite));
    *err = (struct vw_error)VW_ERROR_INIT;
    return vw_suite_add(suite, "a/b", "a/b.yaml", text, strlen(text), &options, err);
}

#define HEAD "title: t\nclause: F-3\nlevel: must\n"

static void test_mistakes(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says;
    } rows[] = {
        {"", 1, 1, "expected a mapping"},
        {"title: t\n", 1, 1, "needs the key \"clause\""},
        {"titel: t\n", 1, 1, "did you mean \"title\""},
        {"title: t\nclause: three\nlevel: must\nsteps: [{note: x}]\n", 2, 9,
         "a clause such as F-3"},
        {"title: t\nclause: F-3\nlevel: most\nsteps: [{note: x}]\n", 3, 8, "did you mean \"must\""},
        {HEAD "needs: [opn]\nsteps: [{note: x}]\n", 4, 9, "did you mean \"open\""},
        {HEAD "profiles: [9.0.1]\nsteps: [{note: x}]\n", 4, 12, "did you mean \"9.0.0\""},
        {HEAD "steps: []\n", 4, 8, "at least one step"},
        {HEAD "steps:\n  - sned: {}\n", 5, 5, "did you mean \"send\""},
        {HEAD "steps:\n  - {}\n", 5, 5, "needs a verb"},
        {HEAD "steps:\n  - note: x\n    quiet:\n", 6, 5, "one verb"},
        {HEAD "steps:\n  - expect: closed\n", 5, 13, "expected a mapping"},
        {HEAD "steps:\n  - expect: {reply: , error: }\n", 5, 13, "exactly one of"},
        {HEAD "steps:\n  - send: {call: {procedur: 1}}\n", 5, 19, "did you mean \"procedure\""},
        {HEAD "steps:\n  - send: {call: {procedure: 1, length: x}}\n", 5, 41, "a whole number"},
        {HEAD "steps:\n  - send: {call: {procedure: $x}}\n", 5, 30, "neither of foreach"},
        {HEAD "foreach: []\nsteps: [{note: x}]\n", 4, 10, "at least one item"},
        {HEAD "foreach: [1, 1]\nsteps: [{note: x}]\n", 4, 10, "two items have the id"},
        {HEAD "foreach: [{x: 1}]\nsteps: [{note: x}]\n", 4, 11, "\"id\""},
        {HEAD "foreach: {family: boarders}\nsteps: [{note: x}]\n", 4, 19, "unknown family"},
        {HEAD "steps:\n  - wait-for: {within: 3}\n", 5, 15, "exactly one of message, closed"},
        {HEAD "steps:\n  - answer: {pings: maybe}\n", 5, 21, "expected one of yes, no"},
        {HEAD "steps:\n  - connect: {as: a123456789b123456789c123456789xy}\n", 5, 19,
         "a name has at most 31 bytes"},
        {HEAD "steps:\n  - send: {call: {procedure: 1}, as: a123456789b123456789c123456789xy}\n", 5,
         38, "a name has at most 31 bytes"},
        {HEAD "steps:\n  - spawn: {as: x}\n", 5, 12, "needs the key \"command\""},
        {HEAD "steps:\n  - spawn: {command: virsh -c x}\n", 5, 22, "expected a list of words"},
        {HEAD "steps:\n  - judge: {exti: 0}\n", 5, 13, "did you mean \"exit\""},
        {HEAD "steps:\n  - judge: {}\n", 5, 12,
         "at least one of exit, ends, stdout, stderr, records"},
        {HEAD "steps:\n  - judge: {of: x, within: 5}\n", 5, 12, "at least one of exit"},
        {HEAD "steps:\n  - probe: full-hous\n", 5, 12, "did you mean \"full-house\""},
        {HEAD "steps:\n  - expect: {reply: , excuse: [H-5, H-55]}\n", 5, 37,
         "unknown excuse \"H-55\"; did you mean \"H-5\""},
        {HEAD "steps:\n  - expect: {message: {procedure: 3, excuse: [D-10]}}\n", 5, 47,
         "unknown excuse \"D-10\""},
        {HEAD "steps:\n  - send: {call: {procedure: 1}, records: hole}\n", 5, 43,
         "did you mean \"whole\""},
        {HEAD "steps:\n  - expect: {stream: {status: contnue}}\n", 5, 31,
         "did you mean \"continue\""},
        {HEAD "steps:\n  - expect: {stream: {status: 1}}\n", 5, 31, "expected one of ok, error"},
        {HEAD "connection: shared\nsteps: [{note: x}]\n", 4, 13, "needs open"},
        {HEAD "steps:\n  - send: {call: {procedure: 1, edit: cutt name}}\n", 5, 39,
         "unknown edit 'cutt', did you mean 'cut'"},
        {HEAD
         "foreach: [1]\nsteps:\n  - send: {call: {procedure: 1, edit: [trunate, name, $it]}}\n",
         6, 39, "unknown edit 'trunate', did you mean 'truncate'"},
        {HEAD "steps:\n  - send: {call: {procedure: 1, edit: [[cut]]}}\n", 5, 40,
         "expected a word of an edit, found a list"},
        {HEAD "steps:\n  - send: {call: {procedure: 1, edit: {cut: name}}}\n", 5, 39,
         "expected edits behind \"edit\", found a mapping"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_suite suite;
        struct vw_error err;
        assert_int_equal(add(&suite, rows[i].text, &err), VW_ESYNTAX);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.column, rows[i].column);
        if (!strstr(err.text, rows[i].says))
            fail_msg("row %zu: %s", i, err.text);
        vw_suite_finish(&suite);
    }
}

static void test_older_profile(void **state)
{
    struct vw_profile *old = NULL;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_suite suite = {0};
    static const char *const texts[] = {
        HEAD "steps:\n  - send: {call: {procedure: connect_get_type}}\n",
        HEAD "steps:\n  - send: {call: {procedure: connect_get_lib_version}}\n",
        HEAD "steps:\n  - send: {call: {procedure: domain_get_xml_desc}}\n",
        HEAD "steps:\n  - probe: full-house\n",
    };
    assert_int_equal(vw_profile_load("0.3.0", NULL, &old, &err), 0);
    const struct vw_suite_options options = {.profile = old};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            vw_suite_add(&suite, "a/b", "a", texts[i], strlen(texts[i]), &options, &err), 0);
    /* A name of today for a call that 2007 has, one for a call that it lacks. */
    assert_null(suite.cases[0].unfit);
    assert_string_equal(suite.cases[1].unfit, "the profile does not have the procedure");
    assert_null(suite.cases[2].unfit); /* domain_dump_xml */
    assert_true(suite.cases[3].needs & VW_NEED_ALONE);
    vw_suite_finish(&suite);
    vw_profile_destroy(old);
}

static void test_expansion(void **state)
{
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(add(&suite,
                         HEAD "foreach:\n  - {id: one, v: {x: 1}}\n  - two\n"
                              "steps:\n  - note: hello\n",
                         &err),
                     0);
    assert_int_equal(suite.count, 2);
    assert_string_equal(suite.cases[0].id, "a/b/one");
    assert_string_equal(suite.cases[1].id, "a/b/two");
    assert_string_equal(suite.cases[1].title, "t [two]");
    assert_int_equal(suite.cases[0].needs, VW_NEED_CONNECT);
    vw_suite_finish(&suite);

    assert_int_equal(
        add(&suite, HEAD "foreach: [5, 6]\nsteps:\n  - send: {call: {procedure: $it}}\n", &err), 0);
    const struct vw_node *call =
        vw_node_get(vw_node_get(suite.cases[1].steps->first, "send"), "call");
    assert_true(vw_node_is(vw_node_get(call, "procedure"), "6"));
    vw_suite_finish(&suite);
}

static void test_families(void **state)
{
    struct vw_suite suite;
    struct vw_error err;
    assert_int_equal(add(&suite,
                         HEAD
                         "foreach: {family: field-borders, procedures: domain_lookup_by_name}\n"
                         "steps:\n  - send: {call: {procedure: $procedure, args: $args, edit: "
                         "$edit}}\n",
                         &err),
                     0);
    /* length, data, padding */
    assert_int_equal(suite.count, 3);
    assert_string_equal(suite.cases[0].id, "a/b/domain_lookup_by_name@name.#len");
    vw_suite_finish(&suite);
}

/* The bytes of the first step's call. */
static int compose_first(const struct vw_suite *suite, struct vw_buf *out, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_composed made;
    const struct vw_compose_context ctx = {.profile = profile, .arena = &arena, .serial = 7};
    const struct vw_node *call =
        vw_node_get(vw_node_get(suite->cases[0].steps->first, "send"), "call");
    int rc = vw_compose(&ctx, call, VW_MSG_CALL, out, &made, err);
    vw_arena_finish(&arena);
    return rc;
}

static void test_compose(void **state)
{
    static const struct {
        const char *call;
        size_t len;
        const char *bytes;
    } rows[] = {
        {"{procedure: domain_lookup_by_name, args: {name: abcde}}", 40,
         "\0\0\0\x28" /* length */ "\x20\0\x80\x86"
         "\0\0\0\1"
         "\0\0\0\x17"
         "\0\0\0\0"
         "\0\0\0\7"
         "\0\0\0\0"
         "\0\0\0\5"
         "abcde\0\0\0"},
        {"{procedure: 3, type: 9, status: -1, serial: 0xffffffff, version: 2, length: 4}", 28,
         "\0\0\0\4"
         "\x20\0\x80\x86"
         "\0\0\0\2"
         "\0\0\0\3"
         "\0\0\0\x9"
         "\xff\xff\xff\xff"
         "\xff\xff\xff\xff"},
        {"{procedure: domain_lookup_by_name, args: {name: abc}, edit: relabel name.#len "
         "max+1; set name.#pad ff; pad 00 01}",
         38,
         "\0\0\0\x26"
         "\x20\0\x80\x86"
         "\0\0\0\1"
         "\0\0\0\x17"
         "\0\0\0\0"
         "\0\0\0\7"
         "\0\0\0\0"
         "\0\x40\0\1"
         "abc\xff\0\1"},
        {"{procedure: connect_get_type, type: call-with-fds, fds: 2, body: aa}", 33,
         "\0\0\0\x21"
         "\x20\0\x80\x86"
         "\0\0\0\1"
         "\0\0\0\3"
         "\0\0\0\4"
         "\0\0\0\7"
         "\0\0\0\0"
         "\0\0\0\2"
         "\xaa"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_suite suite;
        struct vw_error err;
        struct vw_buf out = VW_BUF_INIT;
        char text[500];
        snprintf(text, sizeof(text), HEAD "steps:\n  - send: {call: %s}\n", rows[i].call);
        assert_int_equal(add(&suite, text, &err), 0);
        assert_int_equal(compose_first(&suite, &out, &err), 0);
        assert_int_equal(out.len, rows[i].len);
        assert_memory_equal(out.data, rows[i].bytes, rows[i].len);
        vw_buf_finish(&out);
        vw_suite_finish(&suite);
    }
}

/* "max+1" is one element more than the bound, whole and with its padding. */
static void test_over_the_bound(void **state)
{
    struct vw_suite suite;
    struct vw_error err;
    struct vw_buf out = VW_BUF_INIT;
    assert_int_equal(add(&suite,
                         HEAD
                         "steps:\n  - send: {call: {procedure: domain_pin_vcpu, args: {cpumap: "
                         "{fill: a, count: max+1}}}}\n",
                         &err),
                     0);
    assert_int_equal(compose_first(&suite, &out, &err), 0);
    /* header, dom (4 + 16 + 4), vcpu, length word, 2048 + 1 bytes, padding */
    assert_int_equal(out.len, 28 + 24 + 4 + 4 + 2048 + 4);
    assert_memory_equal(out.data + 28 + 24 + 4, "\0\0\x08\1", 4);
    vw_buf_finish(&out);
    vw_suite_finish(&suite);
}

static void test_compose_mistakes(void **state)
{
    static const char *const rows[][2] = {
        {"{procedure: domain_lookup_by_nam}", "unknown procedure"},
        {"{procedure: domain_lookup_by_name, args: {nam: x}}", "did you mean \"name\""},
        {"{procedure: domain_lookup_by_name, args: [x]}", "a list cannot be"},
        {"{procedure: domain_lookup_by_name, args: {name: {fill: ab, count: 2}}}", "one character"},
        {"{procedure: domain_lookup_by_name, args: {name: a}, edit: truncate nam}", "nam"},
        {"{procedure: 3, type: cal}", "did you mean \"call\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_suite suite;
        struct vw_error err;
        struct vw_buf out = VW_BUF_INIT;
        char text[500];
        snprintf(text, sizeof(text), HEAD "steps:\n  - send: {call: %s}\n", rows[i][0]);
        assert_int_equal(add(&suite, text, &err), 0);
        assert_true(compose_first(&suite, &out, &err) < 0);
        if (!strstr(err.text, rows[i][1]))
            fail_msg("row %zu: %s", i, err.text);
        vw_buf_finish(&out);
        vw_suite_finish(&suite);
    }
}

/* Every profile takes the suite that comes with the program, and its messages can be made. */
static void test_own_suite(void **state)
{
    char dir[600];
    const char *root = getenv("VW_SOURCE_ROOT");
    if (!root)
        skip();
    const char *const *names = vw_profile_names();
    size_t n = 0;
    while (names[n])
        n++;
    snprintf(dir, sizeof(dir), "%s/conformance/server", root);
    for (size_t i = 0; i < n; i += vw_test_step(n)) {
        const char *const *name = &names[i];
        struct vw_error err = VW_ERROR_INIT;
        struct vw_profile *p;
        struct vw_suite suite;
        assert_int_equal(vw_profile_load(*name, NULL, &p, &err), 0);
        const struct vw_suite_options options = {.profile = p};
        int rc = vw_suite_load(&suite, dir, &options, &err);
        if (rc < 0)
            fail_msg("%s: %s:%u: %s", *name, suite.error_file, err.line, err.text);
        assert_true(suite.files >= 150);
        vw_suite_finish(&suite);
        vw_profile_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),         cmocka_unit_test(test_older_profile),
        cmocka_unit_test(test_expansion),        cmocka_unit_test(test_families),
        cmocka_unit_test(test_compose),          cmocka_unit_test(test_over_the_bound),
        cmocka_unit_test(test_compose_mistakes), cmocka_unit_test(test_own_suite),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
