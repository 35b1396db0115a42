// SPDX-License-Identifier: MIT
// Which cases run: by name, clause, level and shard; and why the others are skipped.
#include <string.h>

#include "base/testing/test.h"
#include "conformance/cases/effects.h"
#include "conformance/cases/select.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void names(void **state)
{
    static const struct {
        const char *pattern, *id;
        bool match;
    } rows[] = {
        {"a/one", "a/one", true},    {"a", "a/one", true},         {"a/", "a/one", true},
        {"a/o", "a/one", false},     {"a/one/", "a/one", false},   {"a/one/x", "a/one", false},
        {"*one", "a/one", true},     {"a/*", "a/two/x", true},     {"?/one", "a/one", true},
        {"b", "a/one", false},       {"x[0]", "x[0]", true}, /* an id is not taken for a pattern of
                                                                itself */
        {"x[0]", "x[0]/y", true},    {"x[0]", "x0", true},         {"x[0]", "x1", false},
        {"a/[no]ne", "a/one", true}, {"a/[nx]ne", "a/one", false}, {"a/[no]*", "a/one", true},
        {"", "a/one", false},        {"/", "a/one", false},        {"*", "a/one", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (vw_select_match(rows[i].pattern, rows[i].id) != rows[i].match)
            fail_msg("row %zu: %s on %s", i, rows[i].pattern, rows[i].id);
}

static void files(void **state)
{
    static const struct {
        const char *pattern, *file;
        bool read;
    } rows[] = {
        {"a/one", "a/one", true},     {"a/one", "a/two", false},   {"a", "a/one", true},
        {"a/", "a/one", true},        {"b", "a/one", false},       {"a/one/key", "a/one", true},
        {"a/one/key", "a/on", false}, {"a/on*", "a/one", true},    {"a/two*", "a/one", false},
        {"*/key", "a/one", true},     {"a/one/k*", "a/one", true}, {"a/one@key", "a/one", false},
        {"a/?ne", "a/one", true},     {"a/[x]", "a/one", true},
    };
    const struct vw_selection all = {.n_run = 0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_selection s = {.run = &rows[i].pattern, .n_run = 1};
        if (vw_select_file(&s, rows[i].file) != rows[i].read)
            fail_msg("row %zu: %s, of the file %s", i, rows[i].pattern, rows[i].file);
        assert_true(vw_select_file(&all, rows[i].file));
    }
}

static const struct vw_case cases[] = {
    {.id = "a/one", .clauses = "F-3", .level = VW_LEVEL_MUST},
    {.id = "a/two/x", .clauses = "D-4 D-21", .level = VW_LEVEL_MAY},
    {.id = "b/three", .clauses = "K-1", .level = VW_LEVEL_SHOULD},
    {.id = "b/four", .clauses = "K-2", .level = VW_LEVEL_MUST},
};

/* Which of the four, as letters of "1234". */
static void selects(const struct vw_selection *s, const char *wanted)
{
    char got[8] = "";
    for (size_t i = 0; i < COUNT(cases); i++)
        if (vw_select_case(s, &cases[i]))
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%zu", i + 1);
    assert_string_equal(got, wanted);
}

static void selections(void **state)
{
    static const struct {
        const char *run[3], *skip[3], *clauses[3];
        enum vw_level level;
        const char *wanted;
    } rows[] = {
        {{NULL}, {NULL}, {NULL}, VW_LEVEL_MAY, "1234"},
        {{NULL}, {NULL}, {NULL}, VW_LEVEL_SHOULD, "134"},
        {{NULL}, {NULL}, {NULL}, VW_LEVEL_MUST, "14"},
        {{"a"}, {NULL}, {NULL}, VW_LEVEL_MAY, "12"},
        {{"a/two"}, {NULL}, {NULL}, VW_LEVEL_MAY, "2"},
        {{"a/one", "b/four"}, {NULL}, {NULL}, VW_LEVEL_MAY, "14"},
        {{"none", "b"}, {NULL}, {NULL}, VW_LEVEL_MAY, "34"},
        {{"none"}, {NULL}, {NULL}, VW_LEVEL_MAY, ""},
        {{NULL}, {"a/two"}, {NULL}, VW_LEVEL_MAY, "134"},
        {{NULL}, {"*o*e", "b/four"}, {NULL}, VW_LEVEL_MAY, "23"},
        {{"a"}, {"a/one"}, {NULL}, VW_LEVEL_MAY, "2"},
        {{"a/one"}, {"a"}, {NULL}, VW_LEVEL_MAY, ""},
        {{NULL}, {NULL}, {"D"}, VW_LEVEL_MAY, "2"},
        {{NULL}, {NULL}, {"D-4"}, VW_LEVEL_MAY, "2"},
        {{NULL}, {NULL}, {"D-21"}, VW_LEVEL_MAY, "2"},
        {{NULL}, {NULL}, {"D-2"}, VW_LEVEL_MAY, ""},
        {{NULL}, {NULL}, {"K"}, VW_LEVEL_MAY, "34"},
        {{NULL}, {NULL}, {"K-1", "F-3"}, VW_LEVEL_MAY, "13"},
        {{NULL}, {NULL}, {"K-3"}, VW_LEVEL_MAY, ""},
        {{NULL}, {NULL}, {"K", "D"}, VW_LEVEL_SHOULD, "34"},
        {{"b"}, {"b/three"}, {"K"}, VW_LEVEL_MUST, "4"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_selection s = {.run = rows[i].run,
                                 .skip = rows[i].skip,
                                 .clauses = rows[i].clauses,
                                 .level = rows[i].level};
        while (rows[i].run[s.n_run])
            s.n_run++;
        while (rows[i].skip[s.n_skip])
            s.n_skip++;
        while (rows[i].clauses[s.n_clauses])
            s.n_clauses++;
        selects(&s, rows[i].wanted);
    }
}

/* Every case is in just one shard, shard 1 has the first, and no shard is larger than another by
 * more than one. */
static void shards_cover_and_do_not_overlap(void **state)
{
    for (uint32_t n = 1; n <= 7; n++) {
        size_t sizes[8] = {0};
        for (size_t i = 0; i < 23; i++) {
            uint32_t in = 0;
            for (uint32_t shard = 1; shard <= n; shard++)
                if (vw_select_shard(&(struct vw_selection){.shard = shard, .n_shards = n}, i)) {
                    if (in)
                        fail_msg("case %zu of %u shards is in %u and %u", i, n, in, shard);
                    in = shard;
                    sizes[shard]++;
                }
            if (in != i % n + 1)
                fail_msg("case %zu of %u shards is in %u", i, n, in);
        }
        for (uint32_t shard = 1; shard <= n; shard++)
            assert_in_range(sizes[shard], 23 / n, 23 / n + 1);
    }
    assert_true(vw_select_shard(&(struct vw_selection){0}, 5)); /* none asked for: all */
}

/* ---- skipped ---- */

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

static const struct vw_permission everything = {.allowed = VW_EFFECT_CRASH,
                                                .transport = VW_TRANSPORT_UNIX,
                                                .test_driver = true,
                                                .read_only_socket = true,
                                                .programs = true,
                                                .slow = true};

static const struct vw_node no_steps = {.kind = VW_NODE_LIST};

/* With NEEDS and this permission the case is skipped because of REASON; NULL: it runs. */
static void skipped(struct vw_permission p, unsigned needs, const char *reason)
{
    char text[200];
    struct vw_case c = {.id = "x", .needs = needs, .steps = &no_steps};
    p.profile = profile;
    const char *got = vw_select_skip(&p, &c, text, sizeof(text));
    if (strcmp(got ? got : "", reason ? reason : "") != 0)
        fail_msg("needs %#x: %s, expected %s", needs, got, reason);
}

static void transports(void **state)
{
    static const char *const unix_why = "needs a UNIX socket", *const tcp = "needs plain TCP",
                             *const tls = "needs TLS";
    for (int kind = VW_TRANSPORT_LOCAL; kind <= VW_TRANSPORT_LIBSSH; kind++) {
        struct vw_permission p = everything;
        p.transport = (enum vw_transport_kind)kind;
        skipped(p, 0, NULL);
        skipped(p, VW_NEED_CONNECT | VW_NEED_AUTH | VW_NEED_OPEN | VW_NEED_ALONE | VW_NEED_GATE,
                NULL);
        skipped(p, VW_NEED_UNIX, kind == VW_TRANSPORT_UNIX ? NULL : unix_why);
        skipped(p, VW_NEED_TCP, kind == VW_TRANSPORT_TCP ? NULL : tcp);
        skipped(p, VW_NEED_TLS, kind == VW_TRANSPORT_TLS ? NULL : tls);
    }
}

static void what_the_peer_lacks(void **state)
{
    struct vw_permission p = everything;
    skipped(p, VW_NEED_READ_ONLY_SOCKET | VW_NEED_TEST_DRIVER | VW_NEED_SLOW, NULL);
    p.read_only_socket = false;
    skipped(p, VW_NEED_READ_ONLY_SOCKET, "needs a read-only socket (its name ends in -ro)");
    skipped(p, VW_NEED_READ_ONLY, NULL);
    p = everything;
    p.test_driver = false;
    skipped(p, VW_NEED_TEST_DRIVER, "needs the test driver (test:///default)");
    skipped(p, VW_NEED_OPEN, NULL);
    p = everything;
    p.slow = false;
    skipped(p, VW_NEED_SLOW, "waits long; --slow 60 runs it");
    skipped(p, VW_NEED_ALONE, NULL);
    p = (struct vw_permission){.transport = VW_TRANSPORT_TCP}; /* the transport is told first */
    skipped(p, VW_NEED_UNIX | VW_NEED_TEST_DRIVER, "needs a UNIX socket");
}

/* What the user says of the configuration, and no more. */
static void what_is_configured(void **state)
{
    static const struct {
        const char *words;
        unsigned set; /* 0: they are refused */
    } rows[] = {
        {"one-request", VW_NEED_ONE_REQUEST},
        {"names,anybody", VW_NEED_NAMES | VW_NEED_ANYBODY},
        {"names,", 0},
        {"", 0},
        {"name", 0},
        {"verified", 0},
    };
    struct vw_permission p = everything;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        char *said = NULL;
        size_t size = 0;
        int rc = vw_select_read_configured(rows[i].words, &p.configured, &err);
        assert_int_equal(rc, rows[i].set ? 0 : VW_ENAME);
        if (rc)
            continue;
        assert_int_equal(p.configured, rows[i].set);
        FILE *f = open_memstream(&said, &size);
        vw_select_say_configured(p.configured, f);
        fclose(f);
        assert_string_equal(said, rows[i].words);
        free(said);
    }
    p.configured = VW_NEED_NAMES;
    skipped(p, VW_NEED_NAMES | VW_NEED_VERIFIED, NULL);
    skipped(p, VW_NEED_ONE_REQUEST,
            "for a server with max_client_requests = 1; --configured one-request says that it is "
            "one");
    p.configured = VW_NEED_ANYBODY;
    skipped(p, VW_NEED_ANYBODY, NULL);
    skipped(p, VW_NEED_VERIFIED, "the server lets in anybody");
}

static void what_is_unfit(void **state)
{
    char text[200];
    struct vw_permission p = everything;
    p.transport = VW_TRANSPORT_TCP;
    struct vw_case c = {.needs = VW_NEED_UNIX, .unfit = "not for this profile", .steps = &no_steps};
    assert_string_equal(vw_select_skip(&p, &c, text, sizeof(text)), "not for this profile");
}

/* The effect of a case is the largest of its own and those of its procedures. */
static void effects(void **state)
{
    static const struct {
        const char *effect, *steps;
        enum vw_effect of;
        const char *because;
    } rows[] = {
        {"read", "- note: x", VW_EFFECT_READ, NULL},
        {"write", "- note: x", VW_EFFECT_WRITE, NULL},
        {"host", "- note: x", VW_EFFECT_HOST, NULL},
        {"crash", "- note: x", VW_EFFECT_CRASH, NULL},
        {"read", "- send: {call: {procedure: domain_destroy}}", VW_EFFECT_WRITE, "domain_destroy"},
        {"write", "- send: {call: {procedure: domain_destroy}}", VW_EFFECT_WRITE, NULL},
        {"crash", "- send: {call: {procedure: domain_destroy}}", VW_EFFECT_CRASH, NULL},
        {"read", "- send: {call: {procedure: connect_get_type}}", VW_EFFECT_READ, NULL},
        {"read",
         "- send: {call: {procedure: domain_destroy}}\n"
         "  - send: {call: {procedure: node_suspend_for_duration}}\n"
         "  - send: {call: {procedure: connect_get_type}}",
         VW_EFFECT_HOST, "node_suspend_for_duration"},
        {"read", "- send: {call: {procedure: 12}}", VW_EFFECT_WRITE, "domain_destroy"},
        {"read", "- send: {call: {procedure: 9999}}", VW_EFFECT_READ, NULL},
        {"read", "- send: {call: {procedure: domain_event_lifecycle}}", VW_EFFECT_READ, NULL},
    };
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[400];
        struct vw_suite suite = {0};
        struct vw_error err = VW_ERROR_INIT;
        const char *because = "unset";
        int n = snprintf(text, sizeof(text),
                         "title: t\nclause: F-3\nlevel: must\neffect: %s\nsteps:\n  %s\n",
                         rows[i].effect, rows[i].steps);
        if (vw_suite_add(&suite, "x", "x.yaml", text, (size_t)n, &options, &err) != 0)
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(vw_effect_of_case(profile, &suite.cases[0], &because), rows[i].of);
        assert_string_equal(because ? because : "", rows[i].because ? rows[i].because : "");
        for (int allowed = VW_EFFECT_READ; allowed <= VW_EFFECT_CRASH; allowed++) {
            char why[200], expected[80] = "";
            struct vw_permission p = everything;
            p.allowed = (enum vw_effect)allowed;
            p.profile = profile;
            const char *got = vw_select_skip(&p, &suite.cases[0], why, sizeof(why));
            if (allowed < (int)rows[i].of)
                snprintf(expected, sizeof(expected), "effect %s; --allow %s runs it",
                         vw_effect_name(rows[i].of), vw_effect_name(rows[i].of));
            assert_string_equal(got ? got : "", expected);
        }
        vw_suite_finish(&suite);
    }
}

static void programs(void **state)
{
    static const char text[] = "title: t\nclause: F-3\nlevel: must\nsteps:\n  - note: x\n"
                               "  - spawn: {command: [true]}\n";
    const struct vw_suite_options options = {.profile = profile, .newest = true};
    struct vw_suite suite = {0};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_permission p = everything;
    char why[200];
    p.profile = profile;
    assert_int_equal(vw_suite_add(&suite, "x", "x.yaml", text, strlen(text), &options, &err), 0);
    assert_null(vw_select_skip(&p, &suite.cases[0], why, sizeof(why)));
    p.programs = false;
    const char *got = vw_select_skip(&p, &suite.cases[0], why, sizeof(why));
    assert_non_null(got);
    assert_non_null(strstr(got, "--allow run"));
    skipped(p, 0, NULL);
    vw_suite_finish(&suite);
}

static void words(void **state)
{
    static const char *const levels[] = {"may", "should", "must"};
    static const char *const effect_words[] = {"read", "write", "host", "crash"};
    enum vw_level level;
    enum vw_effect effect;
    for (int i = 0; i < 3; i++) {
        assert_true(vw_level_parse(levels[i], &level));
        assert_int_equal(level, i);
        assert_string_equal(vw_level_name((enum vw_level)i), levels[i]);
    }
    for (int i = 0; i < 4; i++) {
        assert_true(vw_effect_parse(effect_words[i], &effect));
        assert_int_equal(effect, i);
        assert_string_equal(vw_effect_name((enum vw_effect)i), effect_words[i]);
    }
    level = VW_LEVEL_MUST;
    effect = VW_EFFECT_CRASH;
    assert_false(vw_level_parse("musty", &level));
    assert_int_equal(level, VW_LEVEL_MAY);
    assert_false(vw_effect_parse("", &effect));
    assert_int_equal(effect, VW_EFFECT_READ);
}

static void clauses(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"F-3", true},   {"Q-10", true},  {"A-0", true},    {"Z-12345", true}, {"Z-123456", false},
        {"F", false},    {"F-", false},   {"f-3", false},   {"F3", false},     {"F-3x", false},
        {"F-x", false},  {"FF-3", false}, {"", false},      {"-3", false},     {"F- 3", false},
        {"F-3 ", false}, {"3-F", false},  {"F-3-4", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (vw_clause_valid(rows[i].text) != rows[i].valid)
            fail_msg("%s", rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(files),
        cmocka_unit_test(selections),
        cmocka_unit_test(shards_cover_and_do_not_overlap),
        cmocka_unit_test(transports),
        cmocka_unit_test(what_the_peer_lacks),
        cmocka_unit_test(what_is_configured),
        cmocka_unit_test(what_is_unfit),
        cmocka_unit_test(effects),
        cmocka_unit_test(programs),
        cmocka_unit_test(words),
        cmocka_unit_test(clauses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
