// SPDX-License-Identifier: MIT
// A whole check against a server in memory: which cases run against which peer, what is skipped,
// the counts, the traces, and the ends before there is a verdict.
#include "base/testing/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "conformance/play/check.h"
#include "conformance/play/testing/peer.h"

static struct vw_profile *profile;
static struct peer peer;
static char dir[VW_TEST_FOLDER];

int __wrap_vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms,
                             struct vw_transport **out, struct vw_error *err);

int __wrap_vw_transport_open(const struct vw_uri *uri, int64_t deadline_ms,
                             struct vw_transport **out, struct vw_error *err)
{
    struct vw_run_settings settings;
    peer_settings(&peer, uri, &settings);
    return settings.connector.connect(settings.connector.user, uri, deadline_ms, out, err);
}

static void write_file(const char *name, const char *text)
{
    char path[VW_TEST_FOLDER + 64];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void write_case(const char *name, const char *more, const char *procedure)
{
    char text[400];
    snprintf(text, sizeof(text),
             "title: about %s\nclause: F-3\nlevel: must\n%ssteps:\n  - send: {call: {procedure: "
             "%s}}\n  - expect: {answer: }\n",
             name, more, procedure);
    write_file(name, text);
}

#define OPEN "needs: [open]\n"

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    char sub[VW_TEST_FOLDER + 16];
    if (vw_profile_load(NULL, NULL, &profile, &err) || vw_test_folder(dir))
        return -1;
    snprintf(sub, sizeof(sub), "%s/x", dir);
    if (mkdir(sub, 0700))
        return -1;
    write_case("a.yaml", OPEN, "connect_get_version");
    write_case("b.yaml", "needs: [open, read-only-socket]\n", "connect_get_version");
    write_case("c.yaml", "needs: [open, test-driver]\n", "connect_get_version");
    write_case("d.yaml", "needs: [open, slow]\n", "connect_get_version");
    write_case("e.yaml", "needs: [open, tcp]\n", "connect_get_version");
    write_case("x/f.yaml", OPEN "effect: write\n", "connect_get_version");
    write_case("x/g.yaml", OPEN "effect: host\n", "connect_get_version");
    return 0;
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

#define URI    "test+unix:///default?socket=/none/sock"
#define URI_RO "test+unix:///default?socket=/none/sock-ro"

struct check_row {
    const char *uri;
    struct peer_rule rule;
    unsigned refuse_nth;
    bool allow_set;
    enum vw_effect allow;
    int slow_ms;
    unsigned repeat, shard;
    vw_watched_set without;
    int rc;
    const char *text;
    const char *ids; /* a letter each, small if it was skipped, X if it did not pass */
    bool incomplete, unreachable;
};

/* The cases in order: their letter large when they passed. */
static void tell_results(const struct vw_check *check, char *buf, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < check->count && n + 1 < size; i++) {
        const struct vw_result *r = &check->results[i];
        char letter = r->c->id[strlen(r->c->id) - 1];
        if (!vw_result_done(r))
            letter = '-';
        else if (r->finding.verdict == VW_PASS)
            letter = (char)(letter - 'a' + 'A');
        else if (r->finding.verdict != VW_SKIP)
            letter = '!';
        buf[n++] = letter;
    }
    buf[n] = '\0';
}

static int run(const struct check_row *r, const char *trace, struct vw_check *check,
               struct vw_error *err)
{
    static struct vw_check_options options;
    options =
        (struct vw_check_options){.kind = vw_check_kind_find("server", err),
                                  .suite = dir,
                                  .uri = r->uri,
                                  .selection = {.shard = r->shard, .n_shards = r->shard ? 3 : 0},
                                  .allow_set = r->allow_set,
                                  .allow = r->allow,
                                  .slow_ms = r->slow_ms,
                                  .jobs = 1,
                                  .repeat = r->repeat,
                                  .timeout_ms = 1000,
                                  .quiet_ms = 100,
                                  .without = r->without,
                                  .trace = trace};
    peer_init(&peer, profile, &r->rule, r->rule.procedure ? 1 : 0);
    peer.refuse_nth = r->refuse_nth;
    peer.refuse_errno = ECONNREFUSED;
    assert_int_equal(vw_check_load(check, &options, err), 0);
    int rc = vw_check_run(check, err);
    peer_finish(&peer);
    return rc;
}

#define QEMU                                                                                       \
    {                                                                                              \
        "connect_get_type", .answer = {.ret = "{type: QEMU}" }                                     \
    }

static void each_check_and_what_it_plays(void **state)
{
    static const struct check_row rows[] = {
        {URI, .ids = "AbCdeFg"},
        {URI_RO, .ids = "ABCdeFg"},
        {URI, .slow_ms = 1, .ids = "AbCDeFg"},
        {URI, .allow_set = true, .allow = VW_EFFECT_HOST, .ids = "AbCdeFG"},
        {URI, .allow_set = true, .allow = VW_EFFECT_READ, .ids = "AbCdeFg"},
        {URI, .allow = VW_EFFECT_HOST, .ids = "AbCdeFg"},
        {URI, QEMU, .ids = "Abcdefg"},
        {URI, QEMU, .allow_set = true, .allow = VW_EFFECT_WRITE, .ids = "AbcdeFg"},
        {URI, .repeat = 2, .ids = "AbCdeFgAbCdeFg"},
        {URI, .shard = 1, .ids = "Adg"},
        {URI, .shard = 3, .ids = "CF"},
        {URI, .without = 1u, .ids = "AbCdeFg", .incomplete = true},
        {URI, .refuse_nth = 1, .rc = VW_EUNREACHABLE, .text = "cannot connect: Connection refused",
         .ids = "-------", .unreachable = true},
        {URI,
         {"auth_list", 0, PEER_SILENT},
         .rc = VW_ETIMEOUT,
         .text = "the first sanity case failed: waiting for the answer to AUTH_LIST: nothing in "
                 "1000 ms",
         .ids = "!-------",
         .incomplete = true},
        {"test+nix:///default", .rc = VW_ENAME,
         .text = "unknown transport 'nix', did you mean 'unix'?", .ids = "-------"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct check_row *r = &rows[i];
        struct vw_check check;
        struct vw_error err = VW_ERROR_INIT;
        char ids[40];
        int rc = run(r, NULL, &check, &err);
        tell_results(&check, ids, sizeof(ids));
        if (rc != r->rc || strcmp(ids, r->ids) != 0 || (r->text && strcmp(err.text, r->text) != 0))
            fail_msg("row %zu: %d, %s, %s", i, rc, ids, err.text);
        bool begun = rc == 0 || rc == VW_ETIMEOUT || rc == VW_EUNREACHABLE;
        assert_int_equal(check.tally.planned, begun ? check.count : 0);
        assert_int_equal(check.tally.done, rc == 0 ? check.count : rc == VW_ETIMEOUT);
        assert_int_equal(check.tally.incomplete, r->incomplete);
        assert_int_equal(check.tally.unreachable, r->unreachable);
        if (rc == 0)
            assert_string_equal(check.peer.driver, r->rule.procedure ? "QEMU" : "TEST");
        if (rc == VW_ETIMEOUT)
            assert_int_equal(check.us, 1000000);
        vw_check_finish(&check);
        assert_int_equal(check.count, 0);
        assert_null(check.results);
    }
}

static void traces(void **state)
{
    static const struct check_row row = {URI, .ids = ""};
    struct vw_check check;
    struct vw_error err = VW_ERROR_INIT;
    char folder[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 32], text[2000];
    assert_int_equal(vw_test_folder(folder), 0);
    unsigned before = vw_test_descriptors();
    assert_int_equal(run(&row, folder, &check, &err), 0);
    assert_int_equal(vw_test_descriptors(), before);
    vw_check_finish(&check);
    snprintf(path, sizeof(path), "%s/x,f.txt", folder);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    if (strncmp(text, "pass: about x/f.yaml\n\n  0.0", 27) != 0)
        fail_msg("%s", text);
    if (!strstr(text, "connect_get_version"))
        fail_msg("%s", text);
    /* Nobody's link is followed. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(run(&row, folder, &check, &err), VW_ESYSTEM);
    assert_non_null(strstr(err.text, "/x,f.txt: Too many levels of symbolic links"));
    vw_check_finish(&check);
    vw_error_clear(&err);
    snprintf(path, sizeof(path), "%s/elsewhere", folder);
    assert_int_equal(access(path, F_OK), -1);

    snprintf(path, sizeof(path), "%s/x,g.txt", folder); /* skipped */
    assert_null(fopen(path, "re"));

    snprintf(path, sizeof(path), "%s/none", folder);
    assert_int_equal(run(&row, path, &check, &err), VW_ESYSTEM);
    snprintf(text, sizeof(text), "cannot write %s/a.txt: No such file or directory", path);
    assert_string_equal(err.text, text);
    vw_check_finish(&check);
}

/* What cannot be loaded is named. */
static void what_an_error_is_about(void **state)
{
    char path[VW_TEST_FOLDER + 32], other[VW_TEST_FOLDER];
    assert_int_equal(vw_test_folder(other), 0);
    snprintf(path, sizeof(path), "%s/none.yaml", other);
    const char *const expect[] = {path};
    const struct {
        const char *suite, *profile;
        size_t n_expect;
        int rc;
        const char *file;
    } rows[] = {
        {dir, NULL, 0, 0, ""},
        {dir, "12.8.0", 0, 0, ""},
        {dir, "no-such", 0, VW_ENAME, ""},
        {dir, NULL, 1, VW_EUSAGE, path},
        {path, NULL, 0, VW_EUSAGE, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_check check;
        struct vw_error err = VW_ERROR_INIT;
        const struct vw_check_options options = {.kind = vw_check_kind_find("server", NULL),
                                                 .suite = rows[i].suite,
                                                 .profile = rows[i].profile,
                                                 .expect = expect,
                                                 .n_expect = rows[i].n_expect};
        int rc = vw_check_load(&check, &options, &err);
        if (rc != rows[i].rc || strcmp(check.error_file, rows[i].file) != 0)
            fail_msg("row %zu: %d, \"%s\", %s", i, rc, check.error_file, err.text);
        assert_int_equal(check.count, rc ? 0 : 7);
        vw_check_finish(&check);
        assert_null(check.profile);
    }
}

/* A suite of the user's own may hold several kinds. */
static void the_folder_of_a_kind(void **state)
{
    const struct vw_check_kind kind = {.name = "x", .load = vw_check_load_suite};
    const struct vw_check_options x = {.kind = &kind, .suite = dir};
    const struct vw_check_options own = {.kind = vw_check_kind_find("server", NULL)};
    struct vw_check check;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_check_load(&check, &x, &err), 0);
    assert_int_equal(check.count, 2);
    assert_string_equal(check.results[0].c->id, "f");
    vw_check_finish(&check);
    assert_int_equal(vw_check_load(&check, &own, &err), 0);
    const char *root = getenv("VW_SOURCE_ROOT");
    if (root) {
        char wanted[600];
        snprintf(wanted, sizeof(wanted), "%s/conformance/server/", root);
        assert_int_equal(strncmp(check.results[0].c->path, wanted, strlen(wanted)), 0);
    }
    vw_check_finish(&check);
}

/* Whose programs may start: the suite of this virwire, whole or in part, however it is named. */
static void which_suite_is_our_own(void **state)
{
    static const struct {
        const char *suite; /* below conformance/; NULL: DIR */
        bool own;
    } rows[] = {
        {"", true},
        {"server", true},
        {"server/", true},
        {"server/smoke", true},
        {"sanity", false},
        {NULL, false},
        {"server/../sanity", false},
        {"play/../server/smoke/../clients", true},
    };
    const char *root = getenv("VW_SOURCE_ROOT");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && root; i++) {
        char path[600];
        struct vw_error err = VW_ERROR_INIT;
        struct vw_check check;
        snprintf(path, sizeof(path), "%s/conformance/%s", root, rows[i].suite ? rows[i].suite : "");
        const struct vw_check_options o = {.kind = vw_check_kind_find("server", NULL),
                                           .suite = rows[i].suite ? path : dir};
        assert_int_equal(vw_check_load(&check, &o, &err), 0);
        if (check.own_suite != rows[i].own)
            fail_msg("%s", o.suite);
        vw_check_finish(&check);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_and_what_it_plays), cmocka_unit_test(traces),
        cmocka_unit_test(what_an_error_is_about),       cmocka_unit_test(the_folder_of_a_kind),
        cmocka_unit_test(which_suite_is_our_own),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
