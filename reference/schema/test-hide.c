// SPDX-License-Identifier: MIT
// What a release leaves out: procedures at the ends of a range, arms, and the types that go along.
#include "schema/internal.h"
#include "schema/test-support.h"

#define FILE_OF_Q                                                                                  \
    "const Q_PROGRAM = 2; const Q_PROTOCOL_VERSION = 1; struct of_q { int a; };\n"                 \
    "struct q_f_args { of_q a; }; enum q_procedure { Q_PROC_F = 1 }; const Q_OTHER = 1;\n"

/* One file for each program, as it is with libvirt's. */
static const char *const files[] = {
    "const P_PROGRAM = 1; const P_PROTOCOL_VERSION = 1;\n"
    "struct inner { int a; }; struct deep { inner *i; }; typedef deep also<3>;\n"
    "struct only_c { int a; }; enum tag { T1 = 1, T2 = 2 }; struct alone { int a; };\n"
    "union u switch (tag t) { case T1: inner x; case T2: only_c y; };\n"
    "struct p_a_args { int a; }; struct p_b_args { also d; };\n"
    "struct p_c_args { only_c c; }; struct p_c_ret { u v; }; struct p_e_msg { int a; };\n"
    "enum p_procedure { P_PROC_A = 1, P_PROC_B = 2, P_PROC_C = 3, P_PROC_D = 4, P_PROC_E = 5 };",
    FILE_OF_Q,
    "program R { version R1 { void R_G(int) = 1; void R_H(void) = 2; } = 1; } = 9;\n",
};

struct hidden {
    const char *name;
    bool arms;
    int64_t from, to;
};

static struct vw_schema *without(const struct hidden *list, size_t n, struct vw_error *err)
{
    struct vw_schema *s;
    assert_int_equal(vw_schema_create(&s), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(vw_schema_add(s, "p.x", files[i], strlen(files[i]), false, NULL), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(vw_hide_add(s, list[i].name, list[i].arms, list[i].from, list[i].to), 0);
    vw_schema_finish(s, err);
    return s;
}

/* The procedures that are there, as "p: 1 2 q: 1". */
static const char *procs_of(const struct vw_schema *s)
{
    static char text[400];
    size_t n, at = 0;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:", i ? " " : "", list[i]->name);
        for (uint32_t k = 0; k < list[i]->n_procs; k++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, " %d", list[i]->procs[k].number);
    }
    return text;
}

/* The names of the types that are listed. */
static const char *types_of(const struct vw_schema *s)
{
    static char text[600];
    size_t n, at = 0;
    const struct vw_type *const *list = vw_schema_types(s, &n);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? " " : "", list[i]->name);
    return text;
}

static void ranges_of_procedures(void **state)
{
    static const struct {
        struct hidden what;
        const char *procs;
        bool found;
    } rows[] = {
        {{"p", false, 2, 4}, "p: 1 5 q: 1 r: 1 2", true},
        {{"p", false, 1, 1}, "p: 2 3 4 5 q: 1 r: 1 2", true},
        {{"p", false, 5, 9}, "p: 1 2 3 4 q: 1 r: 1 2", true},
        {{"p", false, 6, 9}, "p: 1 2 3 4 5 q: 1 r: 1 2", false},
        {{"p", false, -5, 0}, "p: 1 2 3 4 5 q: 1 r: 1 2", false},
        {{"p", false, INT64_MIN, INT64_MAX}, "q: 1 r: 1 2", true},
        {{"q", false, INT64_MIN, INT64_MAX}, "p: 1 2 3 4 5 r: 1 2", true},
        {{"q", false, 1, 1}, "p: 1 2 3 4 5 r: 1 2", true},
        {{"r", false, 2, 2}, "p: 1 2 3 4 5 q: 1 r: 1", true},
        {{"r", false, 1, 2}, "p: 1 2 3 4 5 q: 1", true},
        {{"s", false, 1, 2}, "p: 1 2 3 4 5 q: 1 r: 1 2", false},
        {{"P", false, 1, 2}, "p: 1 2 3 4 5 q: 1 r: 1 2", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hidden *h = &rows[i].what;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s = without(h, 1, &err);
        assert_int_equal(err.code, 0);
        assert_string_equal(procs_of(s), rows[i].procs);
        assert_int_equal(vw_hide_found(s, h->name, h->from, h->to), rows[i].found);
        assert_false(vw_hide_found(s, h->name, h->from, h->to - 1));
        assert_false(h->from > INT64_MIN && vw_hide_found(s, h->name, h->from - 1, h->to));
        assert_false(vw_hide_found(s, "other", h->from, h->to));
        vw_schema_destroy(s);
    }
}

static bool is_listed(const struct vw_schema *s, const char *name)
{
    size_t n;
    const struct vw_const *const *list = vw_schema_consts(s, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i]->name, name) == 0)
            return true;
    return false;
}

static void names_go_with_their_procedures(void **state)
{
    const struct hidden h[] = {{"p", false, 2, 3}, {"q", false, 1, 1}};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s = without(h, 2, &err);
    int64_t value;
    assert_int_equal(err.code, 0);
    assert_false(vw_schema_const(s, "P_PROC_B", &value));
    assert_false(vw_schema_const(s, "P_PROC_C", &value));
    assert_int_equal(constant(s, "P_PROC_D"), 4);
    const struct vw_type *e = vw_schema_type(s, "p_procedure");
    assert_int_equal(e->n_members, 3);
    assert_string_equal(e->members[1].name, "P_PROC_D");
    assert_int_equal(e->members[1].value, 4);
    assert_null(vw_schema_proc(s, "p.b"));
    assert_null(vw_schema_proc(s, "q.f"));
    assert_null(vw_schema_type(s, "q_procedure"));
    assert_false(is_listed(s, "Q_OTHER"));
    assert_true(is_listed(s, "P_PROGRAM"));
    assert_null(vw_schema_proc(s, "Q_PROC_F"));
    assert_int_equal(vw_schema_proc(s, "p.a")->number, 1);
    vw_schema_destroy(s);
}

static void types_go_with_what_used_them(void **state)
{
    static const struct {
        struct hidden what;
        const char *types;
    } rows[] = {
        {{"p", false, 4, 4},
         "inner deep also only_c tag alone u p_a_args p_b_args p_c_args p_c_ret p_e_msg "
         "p_procedure of_q q_f_args q_procedure"},
        {{"p", false, 1, 1},
         "inner deep also only_c tag alone u p_b_args p_c_args p_c_ret p_e_msg p_procedure of_q "
         "q_f_args q_procedure"},
        {{"p", false, 2, 2},
         "inner only_c tag alone u p_a_args p_c_args p_c_ret p_e_msg p_procedure of_q q_f_args "
         "q_procedure"},
        {{"p", false, 3, 3},
         "inner deep also alone p_a_args p_b_args p_e_msg p_procedure of_q q_f_args q_procedure"},
        {{"p", false, 5, 5},
         "inner deep also only_c tag alone u p_a_args p_b_args p_c_args p_c_ret p_procedure of_q "
         "q_f_args q_procedure"},
        {{"p", false, 2, 3}, "alone p_a_args p_e_msg p_procedure of_q q_f_args q_procedure"},
        {{"q", false, 1, 1},
         "inner deep also only_c tag alone u p_a_args p_b_args p_c_args p_c_ret p_e_msg "
         "p_procedure"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s = without(&rows[i].what, 1, &err);
        assert_int_equal(err.code, 0);
        assert_string_equal(types_of(s), rows[i].types);
        vw_schema_destroy(s);
    }
}

/* The cases of u that are left, as "x:1 y:2". */
static const char *arms_of(const struct vw_schema *s)
{
    static char text[100];
    const struct vw_type *u = vw_schema_type(s, "u");
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < u->n_fields; i++)
        for (uint32_t k = 0; k < u->fields[i].n_cases; k++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s:%d ", u->fields[i].name,
                                   u->fields[i].cases[k]);
    return text;
}

static void arms(void **state)
{
    static const struct {
        struct hidden what;
        const char *arms, *text;
        int code;
        bool found;
    } rows[] = {
        {{"u", true, 2, 2}, "x:1 ", "", 0, true},
        {{"u", true, 1, 1}, "y:2 ", "", 0, true},
        {{"u", true, 2, 9}, "x:1 ", "", 0, true},
        {{"u", true, -9, 1}, "y:2 ", "", 0, true},
        {{"u", true, 3, 9}, "x:1 y:2 ", "", 0, false},
        {{"u", true, 1, 2}, "", "union 'u' would have no arms left", VW_EUSAGE, true},
        {{"uu", true, 1, 2}, "", "union 'uu' is not known; did you mean 'u'?", VW_ENAME, false},
        {{"tag", true, 1, 2}, "", "union 'tag' is not known", VW_ENAME, false},
        {{"not_like_any", true, 1, 2}, "", "union 'not_like_any' is not known", VW_ENAME, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct hidden *h = &rows[i].what;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_schema *s = without(h, 1, &err);
        assert_int_equal(err.code, rows[i].code);
        if (!err.code)
            assert_string_equal(arms_of(s), rows[i].arms);
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(vw_hide_found(s, h->name, h->from, h->to), rows[i].found);
        vw_schema_destroy(s);
    }
}

/* Arms with several cases and a default one lose their cases, not themselves. */
static void arms_with_several_cases(void **state)
{
    static const char text[] = "union u switch (int t) { case 1: case 2: case 3: int a;"
                               "case 4: int b; default: int c; };";
    struct vw_schema *s;
    assert_int_equal(vw_schema_create(&s), 0);
    assert_int_equal(vw_schema_add(s, "u.x", text, strlen(text), false, NULL), 0);
    assert_int_equal(vw_hide_add(s, "u", true, 2, 2), 0);
    assert_int_equal(vw_hide_add(s, "u", true, 4, 4), 0);
    assert_int_equal(vw_schema_finish(s, NULL), 0);
    assert_string_equal(arms_of(s), "a:1 a:3 ");
    const struct vw_type *u = vw_schema_type(s, "u");
    assert_int_equal(u->n_fields, 2);
    assert_true(u->fields[1].is_default);
    assert_string_equal(vw_type_arm(u, 2)->name, "c");
    assert_string_equal(vw_type_arm(u, 3)->name, "a");
    vw_schema_destroy(s);
}

static void it_is_said_when_memory_is_out(void **state)
{
    for (size_t n = 1;; n++) {
        struct vw_schema *s;
        assert_int_equal(vw_schema_create(&s), 0);
        vw_failalloc_set(n);
        int rc = vw_hide_add(s, "p", false, 1, 1);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        vw_schema_destroy(s);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_of_procedures),
        cmocka_unit_test(names_go_with_their_procedures),
        cmocka_unit_test(types_go_with_what_used_them),
        cmocka_unit_test(arms),
        cmocka_unit_test(arms_with_several_cases),
        cmocka_unit_test(it_is_said_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
