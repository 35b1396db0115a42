// SPDX-License-Identifier: MIT
// What the daemon says in each talk of fixtures/talks.txt, to the byte, and in what it differs
// under each fault and under the oldest profile: fixtures/said-GROUP.txt has it, GROUP being a
// group of faults or "plain". `test-faults GROUP FILE` writes what it is now.
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/faults/tls-wrong.h"
#include "mock-daemon/testing/talk.h"

#define TALKS 64
/* Differences of one fault that are written out; the others are counted and hashed. */
#define SHOWN 4

static struct talk talks[TALKS];
static size_t n_talks;
static const char *group;
static struct peer peer;
static char *plain[TALKS][TALK_LINES];

static char *read_file(const char *name, const char *of)
{
    char path[4096];
    const char *root = getenv("VW_SOURCE_ROOT");
    char *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof(path), "%s/mock-daemon/fixtures/%s%s%s.txt", root ? root : ".", name,
             *of ? "-" : "", of);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s cannot be read", path);
    if (getdelim(&text, &size, 0, f) < 0)
        fail_msg("%s is empty", path);
    fclose(f);
    return text;
}

static void learn_plain(void)
{
    for (size_t i = 0; i < n_talks; i++)
        talk_play(&talks[i], &peer, NULL, plain[i]);
}

static void tell_plain(FILE *f)
{
    fputs("== no fault\n", f);
    for (size_t i = 0; i < n_talks; i++) {
        for (size_t k = 0; k < talks[i].n; k++)
            fprintf(f, "%s %zu %.40s: %s\n", talks[i].name, k + 1, talks[i].lines[k], plain[i][k]);
    }
}

/* Plays T and tells of the lines that differ. FAULTS may be NULL. */
struct differences {
    FILE *to;
    unsigned count;
    unsigned shown; /* so many of them are written out */
    uint64_t hash;  /* of the others */
};

static void tell_differences(struct differences *d, size_t i, struct vw_fault *faults)
{
    const struct talk *t = &talks[i];
    char *now[TALK_LINES];
    talk_play(t, &peer, faults, now);
    for (size_t k = 0; k < t->n; k++) {
        bool differs = strcmp(now[k], plain[i][k]) != 0;
        if (differs && d->count++ < d->shown)
            fprintf(d->to, "%s %zu: %s\n", t->name, k + 1, now[k]);
        else if (differs)
            d->hash = talk_hash(talk_hash(d->hash, t->name), now[k]);
        free(now[k]);
    }
}

static void tell_fault(FILE *f, const struct vw_fault_kind *kind)
{
    /* A flood is one with fewer, too. */
    const char *word = strcmp(kind->name, "flood") == 0 ? "flood=20" : kind->name;
    struct differences d = {.to = f, .shown = SHOWN, .hash = TALK_HASH};
    unsigned before = vw_test_descriptors();
    struct vw_fault *faults;
    assert_int_equal(vw_faults_parse(&word, 1, &vw_tamper_end, &faults, NULL), 0);
    fprintf(f, "== %s%s\n", kind->name, kind->takes_value ? "=N" : "");
    for (size_t i = 0; i < n_talks; i++) {
        if (talk_is_for(&talks[i], kind->name))
            tell_differences(&d, i, faults);
    }
    if (d.count > SHOWN)
        fprintf(f, "and %u: %016jx\n", d.count - SHOWN, (uintmax_t)d.hash);
    if (vw_test_descriptors() != before)
        fputs("descriptors are left open\n", f);
    vw_faults_destroy(faults);
}

static void tell_group(FILE *f, const char *name)
{
    const struct vw_fault_group *g = vw_fault_groups;
    while (g->name && strcmp(g->name, name) != 0)
        g++;
    if (!g->name)
        fail_msg("no group is called %s", name);
    for (const struct vw_fault_kind *k = g->kinds; k->name; k++) {
        /* This one ends the process: see below. */
        if (strcmp(k->name, "exit-on-unknown-procedure") != 0)
            tell_fault(f, k);
    }
}

static void tell_profile(FILE *f, const char *profile)
{
    struct differences d = {.to = f, .shown = UINT_MAX};
    peer_stop(&peer);
    talks_start(&peer, profile);
    fprintf(f, "== profile %s\n", profile);
    for (size_t i = 0; i < n_talks; i++)
        tell_differences(&d, i, NULL);
}

/* What there is to tell of the group. */
static char *tell(const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    talks_start(&peer, NULL);
    learn_plain();
    if (strcmp(name, "plain") == 0) {
        tell_plain(f);
        tell_profile(f, "0.3.0");
    } else {
        tell_group(f, name);
    }
    peer_stop(&peer);
    fclose(f);
    return text;
}

static void test_what_is_said(void **state)
{
    char *wanted = read_file("said", group), *got = tell(group);
    char *w = wanted, *g = got;
    const char *fault = "";
    while (w || g) {
        const char *want = strsep(&w, "\n"), *have = strsep(&g, "\n");
        if (!want || !have || strcmp(want, have) != 0)
            fail_msg("%s:\n%s\n, wanted\n%s", fault, have ? have : "(the end)",
                     want ? want : "(the end)");
        if (want[0] == '=')
            fault = want;
    }
    free(wanted);
    free(got);
}

/* In a process of its own, which it ends with status 0. */
static void test_exit_on_unknown_procedure(void **state)
{
    static const char *const name[] = {"exit-on-unknown-procedure"};
    static char head[] = "talk t\nconnect_get_type status=1\nconnect_get_type procedure=9999\n";
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        talks_start(&peer, NULL);
        struct vw_fault *faults;
        struct talk t;
        char *answers[2];
        if (vw_faults_parse(name, 1, &vw_tamper_end, &faults, NULL) == 0 &&
            talks_read(head, &t, 1) == 1)
            talk_play(&t, &peer, faults, answers);
        _exit(9);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_tls(void **state)
{
    static const char *const all[] = {"tls-plain-served",  "tls-byte-unchecked",
                                      "tls-byte-late",     "tls-early-lost",
                                      "tls-records-mixed", "tls-no-certificate-needed"};
    static const unsigned wrong[] = {VW_TLS_PLAIN_TOO,
                                     VW_TLS_BYTE_UNCHECKED,
                                     VW_TLS_BYTE_LATE,
                                     VW_TLS_EARLY_LOST,
                                     0,
                                     VW_TLS_NO_CERTIFICATE_NEEDED};
    struct vw_fault *faults;
    unsigned sum = 0;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(vw_faults_parse(&all[i], 1, &vw_tamper_end, &faults, NULL), 0);
        assert_int_equal(vw_faults_tls(faults), wrong[i]);
        vw_faults_destroy(faults);
        sum |= wrong[i];
    }
    assert_int_equal(vw_faults_parse(all, 6, &vw_tamper_end, &faults, NULL), 0);
    assert_int_equal(vw_faults_tls(faults), sum);
    vw_faults_destroy(faults);
    assert_int_equal(vw_faults_tls(NULL), 0);
}

static int write_file(const char *name)
{
    char *text = tell(group);
    FILE *f = fopen(name, "w");
    int rc = !f || fputs(text, f) < 0;
    free(text);
    return (f && fclose(f) != 0) || rc;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest said[] = {cmocka_unit_test(test_what_is_said)};
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_what_is_said),
        cmocka_unit_test(test_exit_on_unknown_procedure),
        cmocka_unit_test(test_tls),
    };
    char *text = read_file("talks", "");
    int rc;
    group = argc > 1 ? argv[1] : "plain";
    n_talks = talks_read(text, talks, TALKS);
    if (argc > 2)
        rc = write_file(argv[2]);
    else if (strcmp(group, "plain") == 0)
        rc = cmocka_run_group_tests(others, NULL, NULL);
    else
        rc = cmocka_run_group_tests(said, NULL, NULL);
    for (size_t i = 0; i < n_talks; i++)
        for (size_t k = 0; k < talks[i].n; k++)
            free(plain[i][k]);
    free(text);
    return rc;
}
