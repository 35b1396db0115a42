// SPDX-License-Identifier: MIT
// A lock listing, read again, gives the same listing; what is no lock is refused with its line.
#include <stdlib.h>

#include "base/file.h"
#include "base/testing/test.h"
#include "conformance/gate/side.h"

static char *lock_of(const struct vw_schema *s)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(vw_schema_lock(s, out), 0);
    fclose(out);
    return text;
}

static void comes_back(const struct vw_schema *s, const char *name)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_gate_side side;
    char *lock = lock_of(s);
    assert_int_equal(vw_gate_side_start(&side, name), 0);
    int rc = vw_gate_side_add(&side, "a.lock", lock, strlen(lock), &err);
    rc = rc ? rc : vw_gate_side_make(&side, NULL, &err);
    if (rc)
        fail_msg("%s: %u:%u: %s in\n%s", name, err.line, err.column, err.text, lock);
    char *again = lock_of(side.schema);
    assert_string_equal(lock, again);
    free(again);
    free(lock);
    vw_gate_side_finish(&side);
}

static void test_profiles(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++) {
        struct vw_gate_side side;
        assert_int_equal(vw_gate_side_load(&side, *name, NULL, NULL), 0);
        comes_back(side.schema, *name);
        vw_gate_side_finish(&side);
    }
}

/* What a side is not made of. */
static void test_no_side(void **state)
{
    static const struct {
        const char *name, *part;
        int rc; /* 0: any that is none */
    } rows[] = {
        {"/nowhere/a.x", "cannot be read: No such file", VW_EUSAGE},
        {"/nowhere/a.yaml", "cannot", VW_EUSAGE},
        {"0.0.0", "profile '0.0.0' is not known", VW_ENAME},
        {"@HEAD:a.x", "expected REPOSITORY@REVISION:PATH", VW_EUSAGE},
        {"/@HEAD", "expected REPOSITORY@REVISION:PATH", VW_EUSAGE},
        {"/@:a.x", "expected REPOSITORY@REVISION:PATH", VW_EUSAGE},
        {"-c@HEAD:a.x", "begins with '-'", VW_EUSAGE},
        {"/@-c:a.x", "begins with '-'", VW_EUSAGE},
        {"/@HEAD:-a.x", "begins with '-'", VW_EUSAGE},
        /* Git says so, or that it cannot be started. */
        {"/nowhere@HEAD:a.x", "git ", 0},
        {"/nowhere@HEAD:a", "git ", 0},
        {"/nowhere@HEAD:", "git ", 0},
    };
    unsigned descriptors = vw_test_descriptors();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_gate_side side;
        int rc = vw_gate_side_load(&side, rows[i].name, NULL, &err);
        if (!rc || (rows[i].rc && rc != rows[i].rc) || !strstr(err.text, rows[i].part))
            fail_msg("%s: %s: %s", rows[i].name, vw_status_name(rc), err.text);
        assert_string_equal(side.error_file, rows[i].rc == VW_ENAME ? "" : rows[i].name);
        vw_gate_side_finish(&side);
    }
    assert_int_equal(vw_test_descriptors(), descriptors);
}

static void test_fixtures(void **state)
{
    static const struct vw_search here = {.ending = ".x", .levels = 0};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_paths p;
    char dir[4096];
    snprintf(dir, sizeof(dir), "%s/reference/schema/fixtures", getenv("VW_SOURCE_ROOT"));
    assert_int_equal(vw_paths_find(&p, dir, &here), 0);
    assert_true(p.count > 5);
    for (size_t i = 0; i < p.count; i++) {
        struct vw_gate_side side;
        if (strstr(p.list[i], "/bad/"))
            continue;
        if (vw_gate_side_load(&side, p.list[i], NULL, &err))
            fail_msg("%s: %u: %s", p.list[i], err.line, err.text);
        comes_back(side.schema, p.list[i]);
        vw_gate_side_finish(&side);
    }
    vw_paths_finish(&p);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *part;
    } bad[] = {
        {"const A 1\nwhatever B\n", 2, "a line of a lock listing"},
        {"const A 1\nconst B\n", 2, "expected"},
        {"struct s\nfield s\n", 2, "expected"},
        {"struct s\nfield s a nosuch\n", 2, "'nosuch' is not known"},
        {"struct s\nfield s a struct { struct {\n", 2, "expected"},
        {"union u d\narm u 1 2\n", 1, "expected"},
        {"enum e\nmember e A\n", 2, "expected"},
        {"typedef a string<\n", 1, "expected"},
        {"program p 0x1 1\ncall p 1\n", 2, "expected"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_gate_side side;
        assert_int_equal(vw_gate_side_start(&side, "x"), 0);
        assert_true(vw_gate_is_lock(bad[i].text, strlen(bad[i].text)));
        int rc = vw_gate_side_add(&side, "a.lock", bad[i].text, strlen(bad[i].text), &err);
        rc = rc ? rc : vw_gate_side_make(&side, NULL, &err);
        if (rc != VW_ESYNTAX || err.line != bad[i].line || !strstr(err.text, bad[i].part))
            fail_msg("%s: %s at %u: %s", bad[i].text, vw_status_name(rc), err.line, err.text);
        assert_string_equal(side.error_file, "a.lock");
        vw_gate_side_finish(&side);
    }
    assert_false(vw_gate_is_lock("const A = 1;", 12));
    assert_false(vw_gate_is_lock("struct a { int b; };", 20));
    assert_false(vw_gate_is_lock("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_no_side),
        cmocka_unit_test(test_fixtures),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
