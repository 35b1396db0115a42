// SPDX-License-Identifier: MIT
// Programs and procedures, their types and annotations; the lock listing over them.
#include "schema/test-support.h"

static const struct vw_program *program(const struct vw_schema *s, const char *name)
{
    const struct vw_program *p = vw_schema_program_named(s, name);
    if (!p)
        fail_msg("no program %s", name);
    return p;
}

static void expect_proc(const struct vw_schema *s, const char *name, int number,
                        enum vw_proc_kind kind, const char *args, const char *ret)
{
    const struct vw_proc *p = vw_schema_proc(s, name);
    if (!p)
        fail_msg("no procedure %s", name);
    assert_int_equal(p->number, number);
    assert_int_equal(p->kind, kind);
    assert_string_equal(p->args ? spelled(p->args) : "void", args);
    assert_string_equal(p->ret ? spelled(p->ret) : "void", ret);
    assert_ptr_equal(vw_program_proc(p->program, number), p);
}

static void libvirt_convention(void **state)
{
    struct vw_schema *s = parse_fixture("convention.x");
    size_t n;
    vw_schema_programs(s, &n);
    assert_int_equal(n, 4);
    assert_int_equal(program(s, "remote")->number, 0x20008086);
    assert_int_equal(program(s, "remote")->n_procs, 4);
    assert_string_equal(program(s, "lock")->prefix, "VIR_LOCK_SPACE_PROTOCOL");
    assert_int_equal(program(s, "lock")->version, 2);
    assert_int_equal(program(s, "lxcmonitor")->number, 0x12341234);
    assert_ptr_equal(vw_schema_program(s, 0x6b656570, 1), program(s, "keepalive"));
    assert_null(vw_schema_program(s, 0x6b656570, 2));
    assert_null(vw_schema_program_named(s, "surgical"));

    expect_proc(s, "open", 1, VW_PROC_CALL, "remote_open_args", "void");
    expect_proc(s, "close", 2, VW_PROC_CALL, "void", "void");
    expect_proc(s, "remote.get_type", 3, VW_PROC_CALL, "void", "remote_get_type_ret");
    expect_proc(s, "REMOTE_PROC_EVENT", 107, VW_PROC_EVENT, "remote_event_msg", "void");
    expect_proc(s, "lock.create_resource", 1, VW_PROC_CALL,
                "virLockSpaceProtocolCreateResourceArgs", "void");
    expect_proc(s, "lock.NEW", 2, VW_PROC_CALL, "void", "virLockSpaceProtocolNewRet");
    expect_proc(s, "exit_event", 1, VW_PROC_EVENT, "virLXCMonitorExitEventMsg", "void");
    expect_proc(s, "Keepalive.Ping", 1, VW_PROC_EVENT, "void", "void");
    expect_proc(s, "remote_proc_close", 2, VW_PROC_CALL, "void", "void");
    assert_null(vw_schema_proc(s, "nothing"));
    assert_null(vw_schema_proc(s, "nothing.open"));
    assert_null(vw_schema_proc(s, "lock.open"));

    const struct vw_program *p = program(s, "remote");
    for (uint32_t i = 1; i < p->n_procs; i++)
        assert_true(p->procs[i - 1].number < p->procs[i].number);
    assert_null(vw_program_proc(p, 4));
    assert_null(vw_program_proc(p, INT32_MIN));
    assert_null(vw_program_proc(p, INT32_MAX));
    vw_schema_destroy(s);
}

static void program_blocks(void **state)
{
    struct vw_schema *s = parse_fixture("toy.x");
    const struct vw_program *one = vw_schema_program(s, 0x20000042, 1);
    const struct vw_program *two = vw_schema_program(s, 0x20000042, 2);
    assert_non_null(one);
    assert_non_null(two);
    assert_string_equal(one->name, "toy");
    assert_ptr_equal(program(s, "toy"), one);
    assert_ptr_equal(program(s, "toy/2"), two);
    assert_null(vw_schema_program_named(s, "toy/3"));
    assert_int_equal(two->n_procs, 5);
    assert_string_equal(one->procs[1].short_name, "add");
    assert_string_equal(one->procs[1].name, "TOY_ADD");
    assert_string_equal(spelled(one->procs[1].args), "toy_pair");
    assert_string_equal(spelled(one->procs[1].ret), "int");
    assert_null(one->procs[0].args);
    assert_null(one->procs[0].ret);
    expect_proc(s, "toy/2.add", 1, VW_PROC_CALL, "toy_add_argument", "hyper");
    expect_proc(s, "toy/2.name", 2, VW_PROC_CALL, "string<>", "string<>");
    expect_proc(s, "toy/2.find", 7, VW_PROC_CALL, "toy_find_argument", "toy_pair *");
    expect_proc(s, "toy/2.count", 4, VW_PROC_CALL, "opaque<64>", "unsigned int");
    const struct vw_type *t = vw_schema_type(s, "toy_find_argument");
    assert_string_equal(t->fields[0].name, "arg1");
    assert_string_equal(spelled(field(t, "key")->type), "string<16>");
    assert_int_equal(vw_schema_type(s, "toy_add_argument")->size, 16);
    vw_schema_destroy(s);
}

/* What programs are called for short, after the prefix of their enum. */
static void short_names(void **state)
{
    static const struct {
        const char *prefix, *name;
    } rows[] = {
        {"REMOTE", "remote"},
        {"VIR_LOCK_SPACE_PROTOCOL", "lock"},
        {"VIR_LOG_MANAGER_PROTOCOL", "log"},
        {"VIR_LOG_MANAGER", "logmanager"},
        {"VIR_LXC_MONITOR", "lxcmonitor"},
        {"VIR_A", "a"},
        {"VIR_", "vir"},
        {"VIRA", "vira"},
        {"vir_B", "b"},
        {"A_PROTOCOL", "a"},
        {"AB_PROTOCOL", "ab"},
        {"A_protocol", "a"},
        {"_PROTOCOL", "protocol"},
        {"APROTOCOL", "aprotocol"},
        {"VIR_A_PROTOCOL", "a"},
        {"VIR_X_PROTOCOLS", "xprotocols"},
        {"A_B__C", "abc"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[300];
        snprintf(text, sizeof(text),
                 "const %s_PROGRAM = 1; const %s_PROTOCOL_VERSION = 1;"
                 "enum x_procedure { %s_PROC_F = 1 };",
                 rows[i].prefix, rows[i].prefix, rows[i].prefix);
        struct vw_schema *s = parse(text);
        size_t n;
        const struct vw_program *p = vw_schema_programs(s, &n)[0];
        assert_int_equal(n, 1);
        assert_string_equal(p->prefix, rows[i].prefix);
        assert_string_equal(p->name, rows[i].name);
        assert_string_equal(p->procs[0].short_name, "f");
        vw_schema_destroy(s);
    }
}

/* What the procedures of program blocks are called for short. */
static void short_names_of_blocks(void **state)
{
    static const struct {
        const char *program, *proc, *name, *short_name;
    } rows[] = {
        {"TOY_PROGRAM", "TOY_GET", "toy", "get"},
        {"TOY_PROG", "TOY_PROC_GET", "toy", "get"},
        {"TOYPROG", "TOYPROG_GET", "toyprog", "get"},
        {"TOY", "toy_Get", "toy", "get"},
        {"TOY", "PROC_GET", "toy", "get"},
        {"TOY", "PROC_", "toy", "proc_"},
        {"TOY", "PROCGET", "toy", "procget"},
        {"TOY", "TOY_", "toy", "toy_"},
        {"TOY", "TOY_PROC_", "toy", "proc_"},
        {"TOY", "TOYGET", "toy", "toyget"},
        {"TOY", "OTHER_GET", "toy", "other_get"},
        {"_PROGRAM", "F", "program", "f"},
        {"_PROG", "F", "prog", "f"},
        {"A_PROGRAM", "A_F", "a", "f"},
        {"A_PROG", "A_F", "a", "f"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "program %s { version V { void %s(void) = 1; } = 1; } = 1;",
                 rows[i].program, rows[i].proc);
        struct vw_schema *s = parse(text);
        size_t n;
        const struct vw_program *p = vw_schema_programs(s, &n)[0];
        if (strcmp(p->name, rows[i].name) != 0 ||
            strcmp(p->procs[0].short_name, rows[i].short_name) != 0)
            fail_msg("%s %s: %s %s", rows[i].program, rows[i].proc, p->name,
                     p->procs[0].short_name);
        assert_string_equal(p->procs[0].name, rows[i].proc);
        vw_schema_destroy(s);
    }
}

/* Which types belong to a procedure, and what kind of procedure it is by them. */
static void kinds_follow_from_types(void **state)
{
    static const struct {
        const char *types, *a, *b;
    } rows[] = {
        {"", "event void void", "event void void"},
        {"struct p_a_args { int x; };", "call p_a_args void", "call void void"},
        {"struct p_a_ret { int x; };", "call void p_a_ret", "call void void"},
        {"struct p_b_ret { int x; };", "call void void", "call void p_b_ret"},
        {"struct p_a_msg { int x; };", "event p_a_msg void", "call void void"},
        {"struct p_a_msg { int x; }; struct p_a_args { int x; };", "call p_a_args void",
         "call void void"},
        {"struct p_a_msg { int x; }; struct p_a_ret { int x; };", "call void p_a_ret",
         "call void void"},
        {"struct PAArgs { int x; };", "call PAArgs void", "call void void"},
        {"struct p_A_args { int x; }; struct pAargs { int y; };", "call p_A_args void",
         "call void void"},
        {"typedef int p_a_args;", "call p_a_args void", "call void void"},
        {"struct q_a_args { int x; };", "event void void", "event void void"},
        {"struct p_a_argsx { int x; };", "event void void", "event void void"},
        {"struct p_ab_args { int x; };", "event void void", "event void void"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400];
        snprintf(text, sizeof(text),
                 "const P_PROGRAM = 1; const P_PROTOCOL_VERSION = 1;"
                 "enum p_procedure { P_PROC_A = 1, P_PROC_B = 2 }; %s",
                 rows[i].types);
        struct vw_schema *s = parse(text);
        for (int k = 0; k < 2; k++) {
            const struct vw_proc *p = vw_schema_proc(s, k ? "b" : "a");
            char got[100];
            snprintf(got, sizeof(got), "%s %s %s", p->kind == VW_PROC_EVENT ? "event" : "call",
                     p->args ? p->args->name : "void", p->ret ? p->ret->name : "void");
            if (strcmp(got, k ? rows[i].b : rows[i].a) != 0)
                fail_msg("%s: %s", rows[i].types, got);
        }
        vw_schema_destroy(s);
    }
}

/* Names, prefixes and versions by which programs and procedures are found. */
static void what_is_found_by_name(void **state)
{
    struct vw_schema *s = parse(
        "program A_PROG { version V1 { void A_F(void) = 1; void A_G(void) = 5; } = 1;"
        " version V2 { void A_F(int) = 1; } = 2; } = 7;"
        "const REMOTE_PROGRAM = 1; const REMOTE_PROTOCOL_VERSION = 1;"
        "enum remote_procedure { REMOTE_PROC_F = 3, REMOTE_PROC_H = -2, REMOTE_PROC_I = 9 };");
    const struct vw_program *one = vw_schema_program(s, 7, 1), *two = vw_schema_program(s, 7, 2);
    const struct vw_program *remote = vw_schema_program(s, 1, 1);
    assert_ptr_equal(vw_schema_program_named(s, "a"), one);
    assert_ptr_equal(vw_schema_program_named(s, "A/1"), one);
    assert_ptr_equal(vw_schema_program_named(s, "a/2"), two);
    assert_null(vw_schema_program_named(s, "a/3"));
    assert_null(vw_schema_program_named(s, "a/"));
    assert_null(vw_schema_program_named(s, "aa"));
    assert_null(vw_schema_program_named(s, ""));
    assert_null(vw_schema_program(s, 7, 3));
    assert_null(vw_schema_program(s, 8, 1));
    assert_ptr_equal(vw_schema_proc(s, "f"), &remote->procs[1]);
    assert_ptr_equal(vw_schema_proc(s, "a.f"), &one->procs[0]);
    assert_ptr_equal(vw_schema_proc(s, "a/2.f"), &two->procs[0]);
    assert_ptr_equal(vw_schema_proc(s, "g"), &one->procs[1]);
    assert_ptr_equal(vw_schema_proc(s, "A.A_G"), &one->procs[1]);
    assert_ptr_equal(vw_schema_proc(s, "a_g"), &one->procs[1]);
    assert_null(vw_schema_proc(s, "a.h"));
    assert_null(vw_schema_proc(s, "b.f"));
    static const int numbers[] = {-2, 3, 9};
    assert_int_equal(remote->n_procs, 3);
    for (int n = -4; n <= 11; n++) {
        const struct vw_proc *found = NULL;
        for (int i = 0; i < 3; i++)
            if (numbers[i] == n)
                found = &remote->procs[i];
        assert_ptr_equal(vw_program_proc(remote, n), found);
    }
    vw_schema_destroy(s);
}

/* Listings do not depend on where programs stand: by name, then number, then version. */
static void programs_are_in_order(void **state)
{
    struct vw_schema *s = parse("program B { version B2 { void B_F(void) = 1; } = 2;"
                                " version B1 { void B_G(void) = 1; } = 1; } = 5;"
                                "program B_PROG { version B0 { void B_H(void) = 1; } = 3; } = 4;"
                                "program A { version A1 { void A_F(void) = 1; } = 1; } = 9;");
    static const uint32_t wanted[][2] = {{9, 1}, {4, 3}, {5, 1}, {5, 2}};
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(s, &n);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i]->number, wanted[i][0]);
        assert_int_equal(list[i]->version, wanted[i][1]);
    }
    vw_schema_destroy(s);
}

static const char *annotation(const struct vw_proc *p, const char *key, unsigned nth)
{
    for (uint32_t i = 0; i < p->n_annotations; i++) {
        if (strcmp(p->annotations[i].key, key) == 0 && nth-- == 0)
            return p->annotations[i].value;
    }
    return "";
}

static void annotations(void **state)
{
    struct vw_schema *s = parse_fixture("annotations.x");
    const struct vw_proc *p = vw_schema_proc(s, "plain");
    assert_int_equal(p->n_annotations, 5);
    assert_string_equal(annotation(p, "generate", 0), "both");
    assert_string_equal(annotation(p, "acl", 0), "domain:getattr");
    assert_string_equal(annotation(p, "acl", 1), "domain:read_secure:VIR_DOMAIN_XML_SECURE");
    assert_string_equal(annotation(p, "aclfilter", 0), "domain:getattr");
    assert_true(p->high_priority);
    assert_int_equal(p->readstream, 0);
    assert_null(p->sparseflag);
    p = vw_schema_proc(s, "read");
    assert_false(p->high_priority);
    assert_int_equal(p->readstream, 1);
    assert_string_equal(p->sparseflag, "VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM");
    p = vw_schema_proc(s, "write");
    assert_int_equal(p->writestream, 2);
    assert_int_equal(vw_schema_proc(s, "bare")->n_annotations, 0);
    vw_schema_destroy(s);
}

static void old_annotations(void **state)
{
    static const struct {
        const char *proc, *generate;
        bool high;
        unsigned readstream, writestream;
    } cases[] = {
        {"open", "none", true, 0, 0},      {"both", "both", false, 0, 0},
        {"server", "server", false, 0, 0}, {"read", "client", false, 1, 0},
        {"write", "both", true, 0, 1},     {"other", "", false, 0, 0},
        {"none", "", false, 0, 0},         {"last", "server", false, 0, 0},
    };
    struct vw_schema *s = parse_fixture("annotations-old.x");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct vw_proc *p = vw_schema_proc(s, cases[i].proc);
        assert_string_equal(annotation(p, "generate", 0), cases[i].generate);
        assert_int_equal(p->high_priority, cases[i].high);
        assert_int_equal(p->readstream, cases[i].readstream);
        assert_int_equal(p->writestream, cases[i].writestream);
    }
    assert_string_equal(vw_schema_proc(s, "write")->sparseflag, "F");
    vw_schema_destroy(s);
}

static char *lock_of(const struct vw_schema *s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(vw_schema_lock(s, out), 0);
    fclose(out);
    return text;
}

/* Behind the lines of the digest. */
static const char *behind_head(const char *lock)
{
    assert_int_equal(strncmp(lock, "# wire ", 7), 0);
    for (int i = 0; i < 2; i++)
        lock = strchr(lock, '\n') + 1;
    return lock;
}

/* Names, constants, annotations and the order of all do not change the digest; what is on the wire
 * does. */
static void the_digest(void **state)
{
    static const char *const same[] = {
        "struct a { int x; e y<3>; }; enum e { A, B }; union u switch (int d) { case 1: a s; case "
        "2: "
        "void; }; program P { version V { u F(a) = 1; } = 1; } = 5;",
        "const N = 3; enum f { D = 1, C = 0 }; struct other { int p; f q<N>; }; union v switch "
        "(int "
        "d) { case 2: void; case 1: other t; }; program Q { version W { v G(other) = 1; } = 1; } = "
        "5;",
    };
    static const char *const others[] = {
        "struct a { int x; e y<4>; }; enum e { A, B }; union u switch (int d) { case 1: a s; case "
        "2: "
        "void; }; program P { version V { u F(a) = 1; } = 1; } = 5;",
        "struct a { e y<3>; int x; }; enum e { A, B }; union u switch (int d) { case 1: a s; case "
        "2: "
        "void; }; program P { version V { u F(a) = 1; } = 1; } = 5;",
        "struct a { int x; e y<3>; }; enum e { A, B = 2 }; union u switch (int d) { case 1: a s; "
        "case "
        "2: void; }; program P { version V { u F(a) = 1; } = 1; } = 5;",
        "struct a { int x; e y<3>; }; enum e { A, B }; union u switch (int d) { case 1: a s; case "
        "3: "
        "void; }; program P { version V { u F(a) = 1; } = 1; } = 5;",
        "struct a { int x; e y<3>; }; enum e { A, B }; union u switch (int d) { case 1: a s; case "
        "2: "
        "void; }; program P { version V { u F(a) = 2; } = 1; } = 5;",
    };
    struct vw_schema *first = parse(same[0]), *second = parse(same[1]);
    assert_string_equal(vw_schema_digest(first), vw_schema_digest(second));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct vw_schema *other = parse(others[i]);
        assert_string_not_equal(vw_schema_digest(first), vw_schema_digest(other));
        vw_schema_destroy(other);
    }
    vw_schema_destroy(first);
    vw_schema_destroy(second);
}

/* Order, comments and the names of bounds do not matter; bounds and fields do. */
static void the_lock_listing(void **state)
{
    static const char call[] = "program P { version V { b F(a) = 1; } = 1; } = 5;";
    char text[3][200];
    snprintf(text[0], sizeof(text[0]), "%s%s",
             "const N = 3; struct a { string s<N>; }; struct b { int x; };", call);
    snprintf(text[1], sizeof(text[1]), "%s%s",
             "/**/ struct b { int x; }; struct a { string s<3>; }; const N=3;", call);
    snprintf(text[2], sizeof(text[2]), "%s%s",
             "const N = 3; struct a { string s<4>; }; struct b { int x; };", call);
    struct vw_schema *a = parse(text[0]), *b = parse(text[1]), *c = parse(text[2]);
    char *la = lock_of(a), *lb = lock_of(b), *lc = lock_of(c);
    assert_string_equal(la, lb);
    assert_string_not_equal(la, lc);
    assert_string_equal(behind_head(la), "const N 3\nstruct a\nfield a s string<3>\nstruct b\n"
                                         "field b x int\nprogram p 0x00000005 1\ncall p 1 F a b\n");
    assert_string_equal(vw_schema_digest(a), vw_schema_digest(b));
    assert_string_not_equal(vw_schema_digest(a), vw_schema_digest(c));
    assert_int_equal(strlen(vw_schema_digest(a)), 64);
    /* Told again, from memory. */
    assert_ptr_equal(vw_schema_digest(a), vw_schema_digest(a));
    free(la);
    free(lb);
    free(lc);
    vw_schema_destroy(a);
    vw_schema_destroy(b);
    vw_schema_destroy(c);
}

static void the_lock_of_all_kinds(void **state)
{
    struct vw_schema *s = parse_fixture("toy.x");
    char *lock = lock_of(s);
    assert_non_null(strstr(lock, "\nprogram toy 0x20000042 2\n"));
    assert_non_null(strstr(lock, "\ncall toy 7 TOY_FIND toy_find_argument toy_pair *\n"));
    free(lock);
    vw_schema_destroy(s);
    s = parse_fixture("unions.x");
    lock = lock_of(s);
    assert_non_null(strstr(lock, "\nunion by_int type int\narm by_int 1 i int\n"
                                 "arm by_int 2 3 s string<100>\narm by_int -4 - void\n"));
    assert_non_null(strstr(lock, "\narm with_default default other int[3]\n"));
    assert_non_null(strstr(lock, "\ntypedef paint colour\n"));
    assert_non_null(strstr(lock, "enum colour\nmember colour RED 1\n"));
    free(lock);
    vw_schema_destroy(s);
}

static void the_lock_orders_programs_by_number(void **state)
{
    struct vw_schema *s = parse("program A { version A2 { void A_F(void) = 1; } = 2;"
                                " version A1 { void A_G(void) = 1; } = 1; } = 9;"
                                "program B { version B1 { void B_H(void) = 1; } = 1; } = 5;");
    char *lock = lock_of(s);
    assert_string_equal(behind_head(lock), "program b 0x00000005 1\ncall b 1 B_H void void\n"
                                           "program a 0x00000009 1\ncall a 1 A_G void void\n"
                                           "program a 0x00000009 2\ncall a 1 A_F void void\n");
    free(lock);
    vw_schema_destroy(s);
}

static unsigned freed;

static void count_freed(const struct vw_attachment *a)
{
    freed++;
}

/* What a layer above keeps with a type ends with the schema, also of bodies on the spot and of
 * aliases. */
static void attachments_end_with_the_schema(void **state)
{
    static const struct vw_attachment attached = {count_freed};
    struct vw_schema *s = parse("struct a { struct { int x; } b; int c<>; }; typedef a d;");
    const struct vw_type *a = vw_schema_type(s, "a"), *d = vw_schema_type(s, "d");
    const struct vw_type *types[] = {a, d, a->fields[0].type, a->fields[1].type};
    for (unsigned i = 0; i < 4; i++)
        ((struct vw_type *)(uintptr_t)types[i])->attached = &attached;
    freed = 0;
    vw_schema_destroy(s);
    assert_int_equal(freed, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libvirt_convention),
        cmocka_unit_test(program_blocks),
        cmocka_unit_test(short_names),
        cmocka_unit_test(short_names_of_blocks),
        cmocka_unit_test(kinds_follow_from_types),
        cmocka_unit_test(what_is_found_by_name),
        cmocka_unit_test(programs_are_in_order),
        cmocka_unit_test(annotations),
        cmocka_unit_test(old_annotations),
        cmocka_unit_test(the_digest),
        cmocka_unit_test(the_lock_listing),
        cmocka_unit_test(the_lock_of_all_kinds),
        cmocka_unit_test(the_lock_orders_programs_by_number),
        cmocka_unit_test(attachments_end_with_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
