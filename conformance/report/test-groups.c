// SPDX-License-Identifier: MIT
// Findings and the groups that they make, row by row; that many take no time; and no memory.
#include <string.h>
#include <time.h>

#include "base/testing/failalloc.h"
#include "base/testing/test.h"
#include "conformance/report/groups.h"

#define MAX    12
#define MANY   3000
#define CAUSES 40

/* Verdicts by letter: P passes, F fails, H hung, S skipped, E undecided. */
static enum vw_verdict verdict_of(char letter)
{
    static const struct {
        char letter;
        enum vw_verdict verdict;
    } rows[] = {{'P', VW_PASS}, {'F', VW_FAIL}, {'H', VW_HUNG}, {'S', VW_SKIP}, {'E', VW_ERROR}};
    size_t i = 0;
    while (rows[i].letter != letter)
        i++;
    return rows[i].verdict;
}

/* Each group as "CAUSE [CLAUSES] rule rule; ". */
static void print(const struct vw_groups *g, char *buf, size_t size)
{
    FILE *f = fmemopen(buf, size, "w");
    assert_non_null(f);
    for (size_t i = 0; i < g->count; i++) {
        fprintf(f, "%s%s [%s]", i ? "; " : "", g->list[i].cause, g->list[i].clauses);
        for (size_t k = 0; k < g->list[i].count; k++)
            fprintf(f, " %s", g->list[i].list[k]->rule);
    }
    fputc('\0', f);
    fclose(f);
}

static void groups_of_rows(void **state)
{
    static const struct {
        const char *what;
        struct {
            char verdict;
            const char *rule, *clauses, *cause, *also, *shows;
            unsigned step;
        } list[MAX];
        const char *groups;
    } rows[] = {
        {"nothing", {{0}}, ""},
        {"nothing that fails", {{'P', "a", "F-1"}, {'S', "b", "F-1"}}, ""},
        {"a clause whose cases all fail is likelier than one whose cases pass as a rule",
         {{'F', "a", "H-5 C-12"}, {'F', "b", "C-12"}, {'P', "c", "H-5"}, {'P', "d", "H-5"}},
         "C-12 [C-12 H-5] a b"},
        {"a rule that was broken, whatever the cases are about",
         {{'F', "a", "H-9", "H-9 serial", "H-5 H-7", "C-1"},
          {'F', "b", "H-9", "H-9 serial", "H-5 H-7", "D-4"},
          {'F', "c", "D-4"},
          {'P', "d", "D-4"}},
         "H-9 serial [H-9 H-5 H-7 C-1 D-4] a b; D-4 [D-4] c"},
        {"silence is told by the clauses of its cases, and by its own",
         {{'H', "a", "V-2", "silence", "D-26"}, {'H', "b", "V-3", "silence", "D-26"}},
         "silence [V-2 V-3 D-26] a b"},
        {"what most share comes first",
         {{'F', "a", "D-4"}, {'F', "b", "V-4"}, {'F', "c", "V-4"}},
         "V-4 [V-4] b c; D-4 [D-4] a"},
        {"of those that share a cause the one of the first step shows it best",
         {{'F', "a", "V-4", NULL, NULL, NULL, 7}, {'F', "b", "V-4", NULL, NULL, NULL, 2}},
         "V-4 [V-4] b a"},
        {"five clauses at most",
         {{'F', "a", "S-1 S-2 S-3 S-4 S-5 S-6 S-7"}},
         "S-1 [S-1 S-2 S-3 S-4 S-5] a"},
        {"without clauses the rule is the cause",
         {{'E', "a", ""}, {'F', "b", ""}},
         "a [] a; b [] b"},
        {"a program that fails comes behind what the bytes say, whatever it is about",
         {{'F', "a", "C-10", "a program fails"},
          {'F', "b", "C-10", "a program fails"},
          {'F', "c", "H-7", "refused 39/7"},
          {'P', "d", "H-7"},
          {'P', "e", "H-7"}},
         "refused 39/7 [H-7] c; a program fails [C-10] a b"},
        {"a verdict that could not be made is told too", {{'E', "a", "F-1"}}, "F-1 [F-1] a"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_finding findings[MAX];
        const struct vw_finding *list[MAX];
        struct vw_groups g;
        struct vw_error err = VW_ERROR_INIT;
        char got[300];
        size_t n = 0;
        for (; n < MAX && rows[i].list[n].verdict; n++) {
            findings[n] = (struct vw_finding){.rule = rows[i].list[n].rule,
                                              .clauses = rows[i].list[n].clauses,
                                              .cause = rows[i].list[n].cause,
                                              .also = rows[i].list[n].also,
                                              .shows = rows[i].list[n].shows,
                                              .place.step = rows[i].list[n].step,
                                              .verdict = verdict_of(rows[i].list[n].verdict)};
            list[n] = &findings[n];
        }
        assert_int_equal(vw_groups_make(list, n, &g, &err), 0);
        print(&g, got, sizeof(got));
        if (strcmp(got, rows[i].groups) != 0)
            fail_msg("%s: %s, not %s", rows[i].what, got, rows[i].groups);
        for (size_t k = 0; k < g.count; k++)
            assert_int_equal(vw_groups_find(&g, g.list[k].list[0]), k + 1);
        vw_groups_finish(&g);
    }
}

static struct vw_finding many[MANY];
static const struct vw_finding *many_list[MANY];
static char names[MANY][2][24];

/* Of so many causes, and about as many clauses as there are. */
static void make_many(unsigned causes)
{
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(names[i][0], sizeof(names[i][0]), "%c-%u serial", 'A' + i % 20, i % causes);
        snprintf(names[i][1], sizeof(names[i][1]), "%c-%u D-%u", 'A' + i % 17, i % 29, i % 31);
        many[i] = (struct vw_finding){.rule = names[i][0],
                                      .cause = names[i][0],
                                      .clauses = names[i][1],
                                      .also = "H-5 H-7",
                                      .verdict = i % 7 ? VW_FAIL : VW_PASS};
        many_list[i] = &many[i];
    }
}

static void every_finding_is_in_one_group(void **state)
{
    static const unsigned causes[] = {1, CAUSES, MANY};
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        struct vw_groups g;
        struct vw_error err = VW_ERROR_INIT;
        size_t told = 0;
        make_many(causes[i]);
        assert_int_equal(vw_groups_make(many_list, MANY, &g, &err), 0);
        for (size_t k = 0; k < g.count; k++)
            told += g.list[k].count;
        for (unsigned k = 0; k < MANY; k++)
            assert_int_equal(vw_groups_find(&g, many_list[k]) > 0, many[k].verdict == VW_FAIL);
        assert_int_equal(told, MANY - (MANY + 6) / 7);
        vw_groups_finish(&g);
    }
}

/* Three thousand in 0.3 s of this process: in a hundredth of that, as a rule. */
static void many_take_no_time(void **state)
{
    struct vw_groups g;
    struct vw_error err = VW_ERROR_INIT;
    make_many(MANY);
    clock_t start = clock();
    assert_int_equal(vw_groups_make(many_list, MANY, &g, &err), 0);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    vw_groups_finish(&g);
    print_message("# %d findings in %.4f s\n", MANY, seconds);
    /* Sanitizers and Valgrind slow it down. */
    assert_true(seconds < 3);
}

static void memory_is_out(void **state)
{
    bool failed = true;
    make_many(CAUSES);
    for (size_t n = 1; failed; n++) {
        struct vw_groups g;
        struct vw_error err = VW_ERROR_INIT;
        vw_failalloc_set(n);
        int rc = vw_groups_make(many_list, 200, &g, &err);
        failed = vw_failalloc_clear();
        assert_true(rc == 0 || (failed && rc == VW_ENOMEM));
        vw_groups_finish(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_rows),
        cmocka_unit_test(every_finding_is_in_one_group),
        cmocka_unit_test(many_take_no_time),
        cmocka_unit_test(memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
