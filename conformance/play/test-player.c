// SPDX-License-Identifier: MIT
// The player: what runs beside what, what becomes of a peer that dies or hangs, and whose fault it
// is. One connection after the other is served in memory; "PCH." is the verdicts by letter.
#include <errno.h>
#include <string.h>

#include "base/testing/test.h"
#include "conformance/play/check.h"
#include "conformance/play/testing/play.h"

#define CASES_MAX 1100

static struct vw_profile *profile;
static struct vw_sanity sanity_cases;
static const struct vw_uri uri = {.name = "test:///default"};

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_profile_load(NULL, NULL, &profile, &err);
    return rc ? rc : vw_sanity_load(&sanity_cases, profile, &err);
}

static int teardown(void **state)
{
    vw_sanity_finish(&sanity_cases);
    vw_profile_destroy(profile);
    return 0;
}

/* ---- a run ---- */

struct scene {
    struct peer peer;
    struct vw_suite suite;
    struct vw_player_options options;
    struct vw_result results[CASES_MAX];
    size_t n;
    struct vw_tally tally;
    char letters[CASES_MAX + 1];
    size_t told; /* by progress */
};

static void count(void *user, const struct vw_result *r)
{
    struct scene *s = user;
    s->told++;
}

static struct scene *scene_create(const struct peer_rule *rules, unsigned n_rules)
{
    struct scene *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    peer_init(&s->peer, profile, rules, n_rules);
    s->peer.back_ms = -1;
    peer_settings(&s->peer, &uri, &s->options.settings);
    s->options.sanity = &sanity_cases;
    s->options.jobs = 1;
    s->options.progress = count;
    s->options.user = s;
    return s;
}

static void scene_destroy(struct scene *s)
{
    for (size_t i = 0; i < s->n; i++)
        vw_result_finish(&s->results[i]);
    peer_finish(&s->peer);
    vw_suite_finish(&s->suite);
    free(s);
}

/* A case of its own file that calls PROCEDURE and takes any answer; MORE is of its head. */
static void add(struct scene *s, const char *procedure, const char *more)
{
    char text[1000];
    snprintf(text, sizeof(text),
             "%ssteps:\n  - send: {call: {procedure: %s}}\n  - expect: {answer: }\n",
             *more ? more : "needs: [open]\n", procedure);
    play_case(&s->suite, profile, text);
    struct vw_case *c = &s->suite.cases[s->suite.count - 1];
    char id[32];
    snprintf(id, sizeof(id), "case/%zu", s->suite.count);
    c->id = c->file_id = vw_arena_strndup(&s->suite.arena, id, strlen(id));
    assert_non_null(c->id);
}

/* Of words with blanks between. */
static void add_all(struct scene *s, const char *procedures)
{
    char word[64];
    for (int used; sscanf(procedures, " %63s%n", word, &used) == 1; procedures += used)
        add(s, word, "");
}

static void run(struct scene *s)
{
    static const char letters[VW_VERDICTS + 1] = "PLSXYFHCE";
    struct vw_error err = VW_ERROR_INIT;
    s->n = s->suite.count;
    assert_true(s->n <= CASES_MAX);
    for (size_t i = 0; i < s->n; i++)
        if (!s->results[i].c)
            vw_result_init(&s->results[i], &s->suite.cases[i]);
    assert_int_equal(vw_player_run(&s->options, s->results, s->n, &s->tally, &err), 0);
    for (size_t i = 0; i < s->n; i++)
        s->letters[i] =
            vw_result_done(&s->results[i]) ? letters[s->results[i].finding.verdict] : '.';
}

/* The tally is that of the results. */
static void check_tally(const struct scene *s)
{
    size_t by[VW_VERDICTS + 1] = {0}; /* the last: not done */
    for (size_t i = 0; i < s->n; i++)
        by[s->results[i].finding.verdict]++;
    assert_int_equal(s->tally.planned, s->n);
    assert_int_equal(s->tally.done, s->n - by[VW_VERDICTS]);
    assert_memory_equal(s->tally.by, by, sizeof(s->tally.by));
}

static size_t count_text(const char *in, const char *what)
{
    size_t n = 0;
    for (const char *s = in; (s = strstr(s, what)); s++)
        n++;
    return n;
}

#define A "connect_get_version"
#define B "connect_get_uri"
#define C "connect_is_secure"
#define D "connect_num_of_domains"

/* What a sanity case says on connection N. */
#define SANITY(n)                                                                                  \
    n ":auth_list " n ":connect_open " n ":connect_get_type " n ":connect_get_hostname " n         \
      ":connect_get_lib_version " n ":end"

/* ---- order ---- */

static void test_one_after_the_other(void **state)
{
    struct scene *s = scene_create(NULL, 0);
    add_all(s, A " " B);
    run(s);
    assert_string_equal(s->letters, "PP");
    assert_string_equal(s->peer.log, "1:auth_list 1:connect_open 1:" A " 1:end "
                                     "2:auth_list 2:connect_open 2:" B " 2:end " SANITY("3"));
    assert_int_equal(s->peer.most_open, 1);
    assert_int_equal(s->told, 2);
    assert_null(s->results[0].finding.found);
    assert_null(s->results[0].finding.expected);
    assert_null(s->results[0].finding.frames);
    check_tally(s);
    scene_destroy(s);
}

static void test_side_by_side(void **state)
{
    static const struct peer_rule late[] = {{.procedure = A, .act = PEER_LATE, .ms = 10}};
    static const unsigned jobs[][2] = {{1, 1}, {2, 2}, {3, 3}, {6, 6}, {8, 6}};
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        struct scene *s = scene_create(late, 1);
        s->options.jobs = jobs[i][0];
        add_all(s, A " " A " " A " " A " " A " " A);
        run(s);
        assert_string_equal(s->letters, "PPPPPP");
        assert_int_equal(s->peer.most_open, jobs[i][1]);
        assert_int_equal(s->peer.open, 0);
        check_tally(s);
        scene_destroy(s);
    }
}

/* Cases that must be alone come last, each behind a connection that settles, well or not. */
static void test_alone(void **state)
{
    static const struct peer_rule bad[] = {{C, .act = PEER_LATE, .ms = 10},
                                           {"auth_list", 3, .answer = {.extra = 4}}};
    struct scene *s = scene_create(bad, 2);
    s->options.jobs = 4;
    add(s, A, "needs: [open, alone]\n");
    add(s, B, "needs: [open, alone]\n");
    add(s, C, "");
    add(s, C, "");
    run(s);
    assert_string_equal(s->letters, "PPPP");
    assert_int_equal(s->peer.most_open, 2);
    assert_non_null(strstr(s->peer.log, "1:end 2:end 3:auth_list 3:end 4:auth_list "
                                        "4:connect_open 4:" A " 4:end 5:auth_list 5:auth_list "
                                        "5:end 6:auth_list 6:connect_open 6:" B " 6:end "));
    scene_destroy(s);
}

#define SHARED "needs: [open]\nconnection: shared\n"

static void test_shared_connections(void **state)
{
    static const struct peer_answer event = {.event = "domain_event_reboot"};
    static const struct {
        const char *cases[3][2];
        struct peer_rule rule;
        const char *log; /* up to the last sanity case */
        const char *letters;
    } rows[] = {
        {{{A, SHARED}, {B, SHARED}, {C, SHARED}},
         {.procedure = "none"},
         "1:auth_list 1:connect_open 1:" A " 1:" B " 1:" C " 2:auth_list",
         "PPP"},
        {{{A, SHARED}, {B, ""}, {C, SHARED}},
         {.procedure = "none"},
         "1:auth_list 1:connect_open 1:" A " 2:auth_list 2:connect_open 2:" B " 2:end 1:" C
         " 3:auth_list",
         "PPP"},
        /* What is left behind, an end, or a verdict that is none, keeps a connection for itself. */
        {{{A, SHARED}, {B, SHARED}, {C, SHARED}},
         {.procedure = A, .behind = &event},
         "1:auth_list 1:connect_open 1:" A " 1:end 2:auth_list 2:connect_open 2:" B " 2:" C
         " 3:auth_list",
         "PPP"},
        {{{A, SHARED}, {B, SHARED}, {C, SHARED}},
         {.procedure = A, .act = PEER_LEAVE},
         "1:auth_list 1:connect_open 1:" A " 1:end 2:auth_list 2:connect_open 2:" B " 2:" C
         " 3:auth_list",
         "PPP"},
        {{{A, SHARED}, {B, SHARED}, {C, SHARED}},
         {.procedure = A, .answer = {.extra = 4}},
         "1:auth_list 1:connect_open 1:" A " 1:end 2:auth_list 2:connect_open 2:" B " 2:" C
         " 3:auth_list",
         "FPP"},
        {{{A, SHARED}, {B, "needs: [read-only]\nconnection: shared\n"}, {C, SHARED}},
         {.procedure = "none"},
         "1:auth_list 1:connect_open 1:" A " 2:auth_list 2:connect_open 2:" B " 2:end 1:" C
         " 3:auth_list",
         "PPP"},
        /* ... and so does an end while nobody uses it. */
        {{{A, SHARED}, {B, ""}, {C, SHARED}},
         {.procedure = B, .act = PEER_ALONE},
         "1:auth_list 1:connect_open 1:" A " 2:auth_list 2:connect_open 2:" B
         " 2:end 1:end 3:auth_list 3:connect_open 3:" C " 4:auth_list",
         "PPP"},
        {{{A, SHARED}, {B, SHARED}, {C, "needs: [open, alone]\n"}},
         {.procedure = "none"},
         "1:auth_list 1:connect_open 1:" A " 1:" B " 1:end 2:auth_list 2:auth_list 2:end "
         "3:auth_list 3:connect_open 3:" C " 3:end 4:auth_list",
         "PPP"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(&rows[i].rule, 1);
        for (int k = 0; k < 3; k++)
            add(s, rows[i].cases[k][0], rows[i].cases[k][1]);
        run(s);
        if (strncmp(s->peer.log, rows[i].log, strlen(rows[i].log)) != 0 ||
            strcmp(s->letters, rows[i].letters) != 0)
            fail_msg("row %zu: %s: %s", i, s->letters, s->peer.log);
        assert_int_equal(s->peer.open, 0);
        scene_destroy(s);
    }
}

static void test_sanity_cases_between(void **state)
{
    static const size_t rows[][2] = {{1, 1}, {511, 1}, {512, 1}, {513, 2}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(NULL, 0);
        for (size_t k = 0; k < rows[i][0]; k++)
            add(s, A, SHARED);
        run(s);
        assert_int_equal(s->tally.by[VW_PASS], rows[i][0]);
        assert_int_equal(count_text(s->peer.log, "get_lib_version"), rows[i][1]);
        scene_destroy(s);
    }
}

/* Results that have a verdict already are counted and not played. */
static void test_done_before(void **state)
{
    struct scene *s = scene_create(NULL, 0);
    add_all(s, A " " B " " C);
    vw_result_init(&s->results[1], &s->suite.cases[1]);
    vw_result_set(&s->results[1], VW_SKIP, "not here");
    run(s);
    assert_string_equal(s->letters, "PSP");
    assert_string_equal(s->results[1].finding.found, "not here");
    assert_null(strstr(s->peer.log, B));
    assert_int_equal(s->told, 2);
    check_tally(s);
    scene_destroy(s);
}

/* ---- what is kept of a case ---- */

static void test_results(void **state)
{
    static const struct peer_rule rules[] = {
        {.procedure = A, .answer = {.extra = 4}},
        {.procedure = B, .act = PEER_LATE, .ms = 30},
    };
    for (int transcripts = 0; transcripts < 2; transcripts++) {
        struct scene *s = scene_create(rules, 2);
        s->options.transcripts = transcripts;
        add_all(s, A " " B);
        run(s);
        assert_string_equal(s->letters, "FP");
        assert_string_equal(s->results[0].finding.expected, "{expect: {answer:}}");
        assert_non_null(strstr(s->results[0].finding.frames, "get_version"));
        assert_null(s->results[1].finding.expected);
        assert_int_equal(s->results[1].finding.frames != NULL, transcripts);
        assert_int_equal(s->results[0].finding.us, 0);
        assert_int_equal(s->results[1].finding.us, 30000);
        assert_false(s->results[0].suspicious);
        scene_destroy(s);
    }
}

/* ---- deaths ---- */

#define GONE       "waiting for what is expected: the peer ended the connection"
#define LOST_EARLY "waiting for the answer to CONNECT_OPEN: the peer ended the connection"
#define AFTER      "the peer was gone after it"
#define AGAIN      ", and again when it ran alone"
#define OTHERS(n)  ", or one of " n " others: none does it alone"
#define OVER(n)    " or one of " n " that overlapped it"

#define TWICE     AFTER AGAIN ": " GONE
#define EITHER(n) AFTER OVER(n) ": " GONE
#define LATE                                                                                       \
    {                                                                                              \
        A, 0, PEER_LATE                                                                            \
    }

/* The reasons of the crashes, in order. */
static bool reasons_are(const struct scene *s, const char *const *reasons, size_t n)
{
    size_t crash = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct vw_result *r = &s->results[i];
        if (r->finding.verdict != VW_CRASH)
            continue;
        if (crash == n || !reasons[crash] || strcmp(r->finding.found, reasons[crash]) != 0)
            return false;
        crash++;
    }
    return crash == n || !reasons[crash];
}

static void test_clauses(void **state)
{
    static const struct {
        struct peer_rule rule;
        const char *clauses;
    } rows[] = {
        {{.procedure = A, .answer = {.extra = 4}}, "H-5"},
        {{.procedure = A, .answer = {.error = "{level: 1}"}}, "E-5"},
        {{.procedure = A, .act = PEER_TWICE}, "H-9"},
        {{.procedure = A, .answer = {.word = PEER_TYPE, .value = VW_MSG_CALL}}, "H-11"},
        {{.procedure = A, .answer = {.hex = "00000008 00000000"}}, "F-3"},
        {{.procedure = A, .answer = {.hex = "7fffffff 00000000"}}, "F-4"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(&rows[i].rule, 1);
        add(s, A, "");
        run(s);
        assert_string_equal(s->results[0].finding.clauses, rows[i].clauses);
        scene_destroy(s);
    }
}

static void test_deaths(void **state)
{
    static const struct {
        const char *cases;
        unsigned jobs;
        struct peer_rule rules[2];
        int64_t back_ms;
        const char *letters;
        bool incomplete;
        const char *reasons[3]; /* of the crashes, in order */
    } rows[] = {
        /* One case ended oddly, and something starts the peer again. */
        {A " " B " " C, 1, {{B, 0, PEER_DIE}}, 300, "PCP", false, {AFTER ": " GONE}},
        {A " " B " " C, 1, {{B, 0, PEER_DIE}}, 980, "PCP", false, {AFTER ": " GONE}},
        /* ... or does not. */
        {A " " B " " C, 1, {{B, 0, PEER_DIE}}, -1, "PC.", true, {AFTER ": " GONE}},
        {A " " B " " C, 1, {{B, 0, PEER_DIE}}, 981, "PC.", true, {AFTER ": " GONE}},
        {A " " B " " C, 1, {{C, 0, PEER_DIE}}, -1, "PPC", true, {AFTER ": " GONE}},
        /* ... or did before anybody looked: a connection that ended, and no more is known. */
        {A " " B " " C, 1, {{B, 0, PEER_DIE}}, 0, "PFP", false, {NULL}},
        /* It dies behind its answer: the next one has no connection, and is not to blame. */
        {A " " B " " C, 1, {{A, 0, PEER_DIE_LATER}}, -1, "CF.", true, {AFTER}},
        {A " " B " " C, 1, {{A, 0, PEER_DIE_LATER}}, 300, "CPP", false, {AFTER}},
        {A " " B " " C, 1, {{B, 0, PEER_DIE_LATER}}, 300, "PCP", false, {AFTER AGAIN}},
        {A " " B " " C, 1, {{B, 0, PEER_DIE_LATER}}, -1, "PPF", true, {NULL}},
        /* The last case: nobody ended oddly. */
        {A, 1, {{A, 0, PEER_DIE_LATER}}, 300, "C", false, {AFTER}},
        {A, 1, {{A, 0, PEER_DIE_LATER}}, -1, "C", true, {AFTER}},
        {A " " B, 1, {{B, 0, PEER_DIE_LATER}}, 300, "PC", false, {AFTER AGAIN}},
        {A " " B, 1, {{B, 1, PEER_DIE_LATER}}, 300, "PC", false, {AFTER OTHERS("1")}},
        {A " " B, 1, {{B, 0, PEER_DIE_LATER}}, -1, "PP", true, {NULL}},
        {A " " B " " C,
         1,
         {{A, 2, PEER_DIE}, {C, 0, PEER_DIE_LATER}},
         300,
         "CPC",
         false,
         {TWICE, AFTER AGAIN}},
        /* Side by side: each is played again by itself. */
        {A " " B, 2, {{B, 0, PEER_DIE}, LATE}, 300, "PC", false, {TWICE}},
        {A " " B, 2, {{B, 1, PEER_DIE}, LATE}, 300, "PC", false, {AFTER OTHERS("1") ": " GONE}},
        {A " " B, 2, {{B, 0, PEER_DIE}, LATE}, -1, "CC", true, {EITHER("1"), EITHER("1")}},
        {A " " B " " C,
         3,
         {{B, 0, PEER_DIE}, LATE},
         -1,
         "CCC",
         true,
         {EITHER("2"), EITHER("2"), AFTER OVER("2") ": " LOST_EARLY}},
        {A " " B " " C, 2, {{A, 0, PEER_DIE}, {B, 0, PEER_SILENT}}, 300, "CHP", false, {TWICE}},
        /* Alive, though a connection ended. */
        {A " " B, 1, {{A, 0, PEER_CLOSE}}, 0, "FP", false, {NULL}},
        {A " " B, 1, {{A, 0, PEER_RESET}}, 0, "FP", false, {NULL}},
        /* Silence is no death: nobody is blamed, and there is nobody to go on with. */
        {A " " B,
         1,
         {{A, 0, PEER_SILENT}, {"connect_get_hostname", 0, PEER_SILENT}},
         0,
         "H.",
         true,
         {NULL}},
        {A " " B, 1, {{"connect_get_hostname", 0, PEER_SILENT}}, 0, "PP", true, {NULL}},
        /* A sanity case that is answered wrongly is a sign of life. */
        {A " " B,
         1,
         {{A, 0, PEER_CLOSE}, {"connect_get_hostname", 0, 0, {.extra = 4}}},
         0,
         "FP",
         false,
         {NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n_rules = rows[i].rules[1].procedure ? 2 : 1;
        struct scene *s = scene_create(rows[i].rules, (unsigned)n_rules);
        s->peer.back_ms = rows[i].back_ms;
        s->options.jobs = rows[i].jobs;
        add_all(s, rows[i].cases);
        run(s);
        if (strcmp(s->letters, rows[i].letters) != 0 || s->tally.incomplete != rows[i].incomplete ||
            !reasons_are(s, rows[i].reasons, 3))
            fail_msg("row %zu: %s, %d; %s", i, s->letters, s->tally.incomplete, s->peer.log);
        check_tally(s);
        assert_int_equal(s->peer.open, 0);
        scene_destroy(s);
    }
}

/* ---- hanging ---- */

/* The deadline is that of the case, to the millisecond, whoever else waits longer. */
static void test_hung_at_its_deadline(void **state)
{
    static const struct peer_rule rules[] = {{.procedure = A, .act = PEER_SILENT}};
    for (unsigned jobs = 1; jobs < 4; jobs++) {
        struct scene *s = scene_create(rules, 1);
        s->options.jobs = jobs;
        s->options.settings.timeout_ms = 730;
        add_all(s, A " " B " " A);
        run(s);
        assert_string_equal(s->letters, "HPH");
        assert_int_equal(s->results[0].finding.us, 730000);
        assert_int_equal(s->results[2].finding.us, 730000);
        assert_string_equal(s->results[0].finding.found,
                            "waiting for what is expected: nothing in 730 ms");
        scene_destroy(s);
    }
}

/* Five of one file and one of another: three of the file are enough. */
static void test_hung_siblings(void **state)
{
    static const struct peer_rule rules[] = {{.procedure = A, .act = PEER_SILENT}};
    static const struct {
        const char *cases; /* by letter: a file, which calls A; small: one that calls B */
        const char *letters;
        unsigned jobs;
    } rows[] = {
        {"XXXXX", "HHHSS", 1},       {"XXXXXY", "HHHSSH", 1}, {"XxXXXX", "HPHHSS", 1},
        {"XYXYXYXY", "HHHHHHSS", 1}, {"XXXx", "HHHS", 1},     {"XXXXX", "HHHHH", 5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(rules, 1);
        s->options.jobs = rows[i].jobs;
        for (const char *c = rows[i].cases; *c; c++) {
            add(s, *c >= 'a' ? B : A, "");
            s->suite.cases[s->suite.count - 1].file_id = *c == 'Y' ? "file/y" : "file/x";
        }
        run(s);
        assert_string_equal(s->letters, rows[i].letters);
        assert_false(s->tally.incomplete);
        for (size_t k = 0; k < s->n; k++) {
            if (s->letters[k] == 'S')
                assert_string_equal(s->results[k].finding.found, "others of the same file hung");
            if (s->letters[k] == 'H')
                assert_int_equal(s->results[k].finding.us, 1000000);
        }
        assert_int_equal(s->told, s->n);
        check_tally(s);
        scene_destroy(s);
    }
}

static const struct peer_rule silent_rule[] = {{.procedure = A, .act = PEER_SILENT}};
static const struct peer_rule flood_rule[] = {{.procedure = A, .act = PEER_FLOOD}};

/* A peer that hangs or floods forty times is not worth the wait. */
static void test_bounds_in_all(void **state)
{
    static const struct {
        const struct peer_rule *rules;
        unsigned bad, good;
        size_t done;
        bool incomplete;
    } rows[] = {
        {silent_rule, 39, 3, 42, false},
        {silent_rule, 40, 3, 40, true},
        {silent_rule, 45, 0, 40, true},
        {flood_rule, 40, 3, 40, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(rows[i].rules, 1);
        for (unsigned k = 0; k < rows[i].bad; k++)
            add(s, A, "");
        for (unsigned k = 0; k < rows[i].good; k++)
            add(s, B, "");
        run(s);
        if (s->tally.done != rows[i].done || s->tally.incomplete != rows[i].incomplete)
            fail_msg("row %zu: %zu done, %d", i, s->tally.done, s->tally.incomplete);
        check_tally(s);
        assert_true(s->results[0].suspicious);
        assert_int_equal(s->results[0].flooded, rows[i].rules == flood_rule);
        scene_destroy(s);
    }
}

static void test_fail_fast(void **state)
{
    static const struct {
        struct peer_rule rule;
        const char *letters, *letters_fast;
    } rows[] = {
        {{A, 0, 0, {.extra = 4}}, "PFPP", "PF.."},
        {{A, 0, PEER_SILENT}, "PHPP", "PH.."},
        {{A, 0, PEER_CLOSE}, "PFPP", "PF.."},
        {{A, 0, 0, {0}}, "PPPP", "PPPP"},
        {{"auth_list", 3, 0, {.ret = "{types: [1]}"}}, "PPSP", "PPSP"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int fast = 0; fast < 2; fast++) {
            struct scene *s = scene_create(&rows[i].rule, 1);
            s->options.fail_fast = fast;
            add_all(s, B " " A " " C " " D);
            run(s);
            assert_string_equal(s->letters, fast ? rows[i].letters_fast : rows[i].letters);
            /* But for want of credentials. */
            assert_int_equal(s->tally.incomplete, rows[i].rule.answer.ret != NULL);
            check_tally(s);
            scene_destroy(s);
        }
    }
}

/* ---- what the peer is ---- */

static void test_interview(void **state)
{
    static const struct {
        struct peer_rule rule;
        const char *driver, *hostname, *version;
        enum vw_verdict verdict;
    } rows[] = {
        {{"none"}, "TEST", "peer.example", "9.1.2", VW_PASS},
        {{"connect_get_type", 0, 0, {.ret = "{type: QEMU}"}},
         "QEMU",
         "peer.example",
         "9.1.2",
         VW_PASS},
        {{"connect_get_type", 0, 0, {.error = "{level: 2}"}}, "", "peer.example", "9.1.2", VW_PASS},
        {{"connect_get_hostname", 0, 0, {.ret = "{hostname: \"a\\x1fb\\x7fc d\"}"}},
         "TEST",
         "a?b?c d",
         "9.1.2",
         VW_PASS},
        {{"connect_get_lib_version", 0, 0, {.ret = "{lib_ver: 12008003}"}},
         "TEST",
         "peer.example",
         "12.8.3",
         VW_PASS},
        {{"connect_get_lib_version", 0, 0, {.error = "{level: 2}"}},
         "TEST",
         "peer.example",
         "",
         VW_PASS},
        {{"connect_get_lib_version", 0, 0, {.error = "{level: 1}"}},
         "TEST",
         "peer.example",
         "",
         VW_FAIL},
        {{"connect_get_hostname", 0, 0, {.extra = 4}}, "TEST", "", "", VW_FAIL},
        {{"connect_get_type", 0, PEER_SILENT}, "", "", "", VW_HUNG},
        {{"connect_get_type", 0, PEER_LATE, .ms = 1000}, "TEST", "peer.example", "9.1.2", VW_PASS},
        {{"connect_open", 0, PEER_CLOSE}, "", "", "", VW_FAIL},
        {{"auth_list", 0, 0, {.ret = "{types: [1]}"}}, "", "", "", VW_SKIP},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_create(&rows[i].rule, 1);
        struct vw_error err = VW_ERROR_INIT;
        struct vw_result sanity;
        struct vw_peer peer;
        assert_int_equal(vw_player_interview(&s->options, &peer, &sanity, &err), 0);
        if (strcmp(peer.driver, rows[i].driver) != 0 ||
            strcmp(peer.hostname, rows[i].hostname) != 0 ||
            strcmp(peer.lib_version, rows[i].version) != 0 ||
            sanity.finding.verdict != rows[i].verdict)
            fail_msg("row %zu: \"%s\" \"%s\" \"%s\" %s", i, peer.driver, peer.hostname,
                     peer.lib_version, vw_verdict_name(sanity.finding.verdict));
        assert_true(vw_result_done(&sanity));
        assert_string_equal(sanity.c->id, "sanity");
        vw_result_finish(&sanity);
        scene_destroy(s);
    }
}

/* One that says nothing is waited for until the deadline, and not a millisecond longer. */
static void test_interview_of_the_silent(void **state)
{
    static const int waits_ms[] = {1, 730, 1000, 2500};
    static const struct peer_rule rules[] = {{.procedure = "connect_open", .act = PEER_SILENT}};
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        struct scene *s = scene_create(rules, 1);
        struct vw_result sanity;
        struct vw_peer peer;
        s->options.settings.timeout_ms = waits_ms[i];
        int64_t before = vw_now_ms();
        assert_int_equal(vw_player_interview(&s->options, &peer, &sanity, NULL), 0);
        assert_int_equal(sanity.finding.verdict, VW_HUNG);
        assert_int_equal(sanity.finding.us, 1000 * waits_ms[i]);
        assert_int_equal(vw_now_ms() - before, waits_ms[i]);
        vw_result_finish(&sanity);
        scene_destroy(s);
    }
}

static void test_interview_of_nobody(void **state)
{
    struct scene *s = scene_create(NULL, 0);
    struct vw_error err = VW_ERROR_INIT;
    struct vw_result sanity;
    struct vw_peer peer;
    s->peer.refuse_nth = 1;
    s->peer.refuse_errno = ECONNREFUSED;
    assert_int_equal(vw_player_interview(&s->options, &peer, &sanity, &err), VW_EUNREACHABLE);
    assert_string_equal(err.text, "cannot connect: Connection refused");
    assert_false(vw_result_done(&sanity));
    scene_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_shared_connections),
        cmocka_unit_test(test_sanity_cases_between),
        cmocka_unit_test(test_done_before),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_clauses),
        cmocka_unit_test(test_deaths),
        cmocka_unit_test(test_hung_at_its_deadline),
        cmocka_unit_test(test_hung_siblings),
        cmocka_unit_test(test_bounds_in_all),
        cmocka_unit_test(test_fail_fast),
        cmocka_unit_test(test_interview),
        cmocka_unit_test(test_interview_of_the_silent),
        cmocka_unit_test(test_interview_of_nobody),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
