// SPDX-License-Identifier: MIT
// Programs beside a case: how they are started, what of them is judged, and that nothing is left.
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "conformance/play/spawned.h"
#include "conformance/play/testing/play.h"

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

#define SH(script)  "  - spawn: {command: [sh, -c, \"" script "\"]}\n"
#define JUDGE(what) "  - judge: {" what "}\n"

/* A minute for programs on a slow machine: they take real time. */
static void play_slowly(const char *steps, struct played *out)
{
    static struct peer p;
    static const struct vw_uri uri = {.name = "test:///default"};
    struct vw_suite suite;
    struct vw_run_settings settings;
    char text[1000];
    memset(&suite, 0, sizeof(suite));
    snprintf(text, sizeof(text), "needs: [connect]\nsteps:\n%s", steps);
    peer_init(&p, profile, NULL, 0);
    peer_settings(&p, &uri, &settings);
    settings.timeout_ms = 60000;
    play(play_case(&suite, profile, text), &settings, out);
    vw_suite_finish(&suite);
    peer_finish(&p);
}

static void test_judged(void **state)
{
    static const struct {
        const char *steps;
        enum vw_verdict verdict;
        const char *reason;
    } rows[] = {
        {SH("exit 3") JUDGE("exit: 3"), VW_PASS, ""},
        {SH("exit 3") JUDGE("exit: 2"), VW_FAIL, "exit: expected 2, found 3"},
        {SH("kill -9 $$") JUDGE("exit: 137"), VW_PASS, ""},
        {SH("kill -15 $$") JUDGE("exit: 0"), VW_FAIL, "exit: expected 0, found 143"},
        {SH("printf out; printf err >&2") JUDGE("stdout: out, stderr: err"), VW_PASS, ""},
        {SH("printf out; printf err >&2") JUDGE("stdout: err"), VW_FAIL,
         "stdout: expected \"err\", found \"out\""},
        {SH("printf out; printf err >&2") JUDGE("stderr: out"), VW_FAIL,
         "stderr: expected \"out\", found \"err\""},
        {SH("printf 'a\\\\0b'") JUDGE("stdout: 'a?b'"), VW_PASS, ""},
        {SH("echo 'no library' >&2; exit 127") JUDGE("exit: 127"), VW_ERROR,
         "the program could not be started: it ended with 127, saying: no library\n"},
        {SH("exit 126") JUDGE("stdout: {contains: x}"), VW_ERROR,
         "the program could not be started: it ended with 126"},
        {SH("exit 125") JUDGE("exit: 125"), VW_PASS, ""},
        {SH("cat") JUDGE("exit: 0, stdout: ''"), VW_PASS, ""},
        {SH("echo $LC_ALL") JUDGE("stdout: {prefix: C}"), VW_PASS, ""},
        {"  - spawn: {command: [sh, -c, 'echo \"$0\"', '<{uri}|{uri}>']}\n" JUDGE(
             "stdout: {prefix: '<test+unix:///default|test+unix:///default>'}"),
         VW_PASS, ""},
        {"  - spawn: {command: [sh, -c, 'exit 1'], as: a}\n"
         "  - spawn: {command: [sh, -c, 'exit 2'], as: b}\n" JUDGE("of: a, exit: 1")
             JUDGE("of: b, exit: 2") JUDGE("exit: 2"),
         VW_PASS, ""},
        {SH("exit 0") JUDGE("of: c, exit: 0"), VW_ERROR, "a/b.yaml:7: there is no such program"},
        {JUDGE("exit: 0"), VW_ERROR, "a/b.yaml:6: there is no such program"},
        {JUDGE("records: one-message"), VW_PASS, ""},
        {SH("exit 0") JUDGE("exit: 0, within: 0"), VW_ERROR,
         "a/b.yaml:7:30: expected a whole number from 1 to 3600"},
        {SH("exit 0") JUDGE("exit: 0, within: 3601"), VW_ERROR,
         "a/b.yaml:7:30: expected a whole number from 1 to 3600"},
        {SH("exit 0") JUDGE("exit: 0, within: 3600"), VW_PASS, ""},
        {SH("exit 0") JUDGE("exit: {code: 0}"), VW_FAIL, "exit: expected a structure, found 0"},
        {"  - spawn: {command: [no-such-program-at-all]}\n" JUDGE("exit: 0"), VW_SKIP,
         "no-such-program-at-all is not installed"},
        {"  - spawn: {command: []}\n", VW_ERROR, "a/b.yaml:6:22: a command has from 1 to 32 words"},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played got;
        play_slowly(rows[i].steps, &got);
        if (got.verdict == rows[i].verdict && strcmp(got.reason, rows[i].reason) == 0)
            continue;
        print_message("# row %zu: %s, %s\n", i, vw_verdict_name(got.verdict), got.reason);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_it_hangs(void **state)
{
    struct played got;
    play_slowly(SH("exec sleep 100") JUDGE("exit: 0, within: 1"), &got);
    assert_int_equal(got.verdict, VW_HUNG);
    assert_string_equal(got.reason, "the program still runs after 1000 ms");
    assert_true(got.suspicious);
    assert_int_equal(got.ms, 1000);
}

/* ---- below the verbs ---- */

static struct vw_spawned *start(const char *script)
{
    struct vw_error err = VW_ERROR_INIT;
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct vw_spawned_options o = {.name = "0123456789012345678901234567890123",
                                         .argv = argv};
    struct vw_spawned *s;
    assert_int_equal(vw_spawned_start(&o, &s, &err), 0);
    assert_string_equal(s->name, "0123456789012345678901234567890");
    return s;
}

static void wait_until_over(struct vw_spawned *s)
{
    struct pollfd fds[VW_SPAWNED_FDS];
    while (!vw_spawned_over(s)) {
        nfds_t n = vw_spawned_poll_set(s, fds);
        if (n)
            poll(fds, n, 1000);
        else
            usleep(1000);
        vw_spawned_pump(s);
    }
}

/* All of it is read, and the bound of it is kept. */
static void test_long_output(void **state)
{
    static const struct {
        const char *script;
        size_t kept;
    } rows[] = {
        {"head -c 65535 /dev/zero", VW_SPAWNED_OUTPUT - 1},
        {"head -c 65536 /dev/zero", VW_SPAWNED_OUTPUT},
        {"head -c 300000 /dev/zero", VW_SPAWNED_OUTPUT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_spawned *s = start(rows[i].script);
        wait_until_over(s);
        assert_int_equal(s->status, 0);
        assert_int_equal(strspn(s->text[0], "?"), rows[i].kept);
        assert_int_equal(strlen(s->text[0]), rows[i].kept);
        assert_string_equal(s->text[1], "");
        assert_false(vw_spawned_pump(s));
        vw_spawned_end(s);
    }
}

/* Programs take three places each, and none in part; connections what is left. */
static void test_poll_set(void **state)
{
    static const nfds_t counts[] = {0, 0, 0, 3, 3, 3, 6, 6};
    struct vw_spawned *a = start("sleep 100"), *b = start("sleep 100");
    struct vw_run run = {.spawned = a};
    struct pollfd fds[8];
    a->next = b;
    assert_true(a->leash.keeper && b->leash.keeper);
    for (nfds_t cap = 0; cap < sizeof(counts) / sizeof(counts[0]); cap++)
        assert_int_equal(vw_run_poll_set(&run, fds, cap), counts[cap]);
    vw_spawned_end(a);
    vw_spawned_end(b);
}

/* It ends with all that it has started. */
static void test_the_group_is_ended(void **state)
{
    struct vw_spawned *s = start("sleep 100 & echo $!; exit 0");
    struct pollfd fds[VW_SPAWNED_FDS];
    while (!strchr(s->text[0], '\n')) {
        poll(fds, vw_spawned_poll_set(s, fds), 1000);
        vw_spawned_pump(s);
    }
    pid_t child = (pid_t)strtol(s->text[0], NULL, 10);
    assert_true(child > 1);
    assert_int_equal(kill(child, 0), 0);
    vw_spawned_end(s);
    for (int i = 0; i < 500 && kill(child, 0) == 0; i++)
        usleep(10000);
    char path[64], state_letter = 'X';
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
    FILE *f = fopen(path, "re");
    if (f) { /* nobody may have waited for it yet */
        assert_int_equal(fscanf(f, "%*d (%*[^)]) %c", &state_letter), 1);
        fclose(f);
    }
    assert_true(!f || state_letter == 'Z' || state_letter == 'X');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judged),
        cmocka_unit_test(test_it_hangs),
        cmocka_unit_test(test_long_output),
        cmocka_unit_test(test_poll_set),
        cmocka_unit_test(test_the_group_is_ended),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
