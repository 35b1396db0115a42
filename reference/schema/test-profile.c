// SPDX-License-Identifier: MIT
// Profiles: what each leaves out and changes, where its files may be wrong; and folders of .x
// files.
#include <sys/stat.h>
#include <unistd.h>

#include "schema/profile.h"
#include "schema/test-support.h"

static struct vw_profile *load(const char *name)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(name, NULL, &p, &err))
        fail_msg("%s: %s:%u:%u: %s", name, vw_profile_error_file(), err.line, err.column, err.text);
    return p;
}

static uint32_t count_procs(const struct vw_profile *p, const char *program)
{
    const struct vw_program *g = vw_schema_program_named(p->schema, program);
    return g ? g->n_procs : 0;
}

static void releases(void **state)
{
    static const struct {
        const char *name;
        uint32_t remote, qemu, admin, string_max, max_length_word, fds_max;
    } cases[] = {
        {"0.3.0", 59, 0, 0, 65536, 262144, 0},
        {"7.0.0", 425, 6, 18, 4194304, 33554436, 32},
        {"9.0.0", 443, 7, 19, 4194304, 33554436, 32},
        {"11.3.0", 453, 7, 20, 4194304, 33554436, 32},
        {"12.8.0", 456, 7, 20, 4194304, 33554436, 32},
    };
    const char *const *names = vw_profile_names();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(names[i], cases[i].name);
        struct vw_profile *p = load(cases[i].name);
        assert_string_equal(p->name, cases[i].name);
        assert_int_equal(count_procs(p, "remote"), cases[i].remote);
        assert_int_equal(count_procs(p, "qemu"), cases[i].qemu);
        assert_int_equal(count_procs(p, "admin"), cases[i].admin);
        assert_int_equal(p->string_max, cases[i].string_max);
        assert_int_equal(p->max_length_word, cases[i].max_length_word);
        assert_int_equal(p->min_length_word, 28);
        assert_int_equal(p->fds_max, cases[i].fds_max);
        assert_int_equal(p->dialect, i ? VW_PROFILE_MODERN : VW_PROFILE_2007);
        /* Every protocol can frame a message. */
        assert_non_null(vw_schema_type(p->schema, "virNetMessageError"));
        assert_non_null(vw_schema_type(p->schema, "virNetMessageHeader"));
        vw_profile_destroy(p);
    }
    assert_null(names[sizeof(cases) / sizeof(cases[0])]);
    struct vw_profile *p = load(NULL);
    assert_string_equal(p->name, "12.8.0");
    vw_profile_destroy(p);
}

/* Releases that have no profile of their own. */
static void other_releases(void **state)
{
    static const struct {
        const char *name;
        uint32_t remote, string_max, max_length_word;
        const char *has, *lacks;
    } cases[] = {
        {"0.3.9", 59, 65536, 262144, "open", "auth_list"},
        {"0.4.1", 100, 65536, 262148, "auth_list", "node_device_get_xml_desc"},
        {"0.9.12", 0, 65536, 262148, "domain_migrate_begin3", "node_get_memory_parameters"},
        {"1.0.5", 0, 1048576, 4194308, "domain_fstrim", "connect_network_event_register_any"},
        {"3.3.0", 0, 4194304, 16777220, "domain_set_vcpu", "domain_detach_device_alias"},
        {"6.10.0", 425, 4194304, 33554436, "domain_authorized_ssh_keys_set", "domain_get_messages"},
        {"9.1.0", 443, 4194304, 33554436, "domain_restore_params", "network_set_metadata"},
        {"10.0.0", 446, 4194304, 33554436, "network_set_metadata", NULL},
        {"13.1.0", 456, 4194304, 33554436, "network_set_metadata", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vw_profile *p = load(cases[i].name);
        assert_string_equal(p->name, cases[i].name);
        if (cases[i].remote)
            assert_int_equal(count_procs(p, "remote"), cases[i].remote);
        assert_int_equal(p->string_max, cases[i].string_max);
        assert_int_equal(p->max_length_word, cases[i].max_length_word);
        assert_int_equal(vw_schema_type(p->schema, "virNetMessageNonnullString")->max,
                         cases[i].string_max);
        if (!vw_schema_proc(p->schema, cases[i].has))
            fail_msg("%s lacks %s", cases[i].name, cases[i].has);
        if (cases[i].lacks && vw_schema_proc(p->schema, cases[i].lacks))
            fail_msg("%s has %s", cases[i].name, cases[i].lacks);
        vw_profile_destroy(p);
    }
}

/* A server that lacks most of it. */
static void partial_servers(void **state)
{
    static const struct {
        const char *text;
        int rc;
        unsigned line, column;
        uint32_t calls, events, all_calls;
    } cases[] = {
        {"profile: s\nbase: 9.0.0\nimplements: {remote: [1-4, 59, 107]}\n", 0, 0, 0, 5, 1, 392},
        {"profile: s\nimplements: {qemu: [1]}\n", 0, 0, 0, 0, 0, 401},
        {"profile: s\nimplements: {features: [8-10, 77]}\n", 0, 0, 0, 0, 0, 401},
        {"profile: s\nimplements: {admin: [1-3]}\n", 0, 0, 0, 0, 0, 401},
        {"profile: s\nimplements: {features: 8}\n", VW_ESYNTAX, 2, 24, 0, 0, 0},
        {"profile: s\nbase: 9.0.x\nimplements: {}\n", VW_ENAME, 0, 0, 0, 0, 0},
        {"profile: s\nimplements: {remote: [9999]}\n", VW_ENAME, 2, 23, 0, 0, 0},
        {"profile: s\nimplements: {remot: [1]}\n", VW_ENAME, 2, 22, 0, 0, 0},
        {"profile: s\nimplements: [1]\n", VW_ESYNTAX, 2, 13, 0, 0, 0},
    };
    char dir[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 16];
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/p.yaml", dir);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vw_profile *p = NULL;
        struct vw_error err = VW_ERROR_INIT;
        FILE *f = fopen(path, "we");
        fputs(cases[i].text, f);
        fclose(f);
        int rc = vw_profile_load(path, NULL, &p, &err);
        if (rc != cases[i].rc || err.line != cases[i].line || err.column != cases[i].column)
            fail_msg("%s: %d, %u:%u: %s", cases[i].text, rc, err.line, err.column, err.text);
        if (rc)
            continue;
        assert_non_null(p->partial);
        assert_int_equal(p->partial->calls, cases[i].calls);
        assert_int_equal(p->partial->events, cases[i].events);
        assert_int_equal(p->partial->all_calls, cases[i].all_calls);
        assert_int_equal(p->partial->lacking_features,
                         strstr(cases[i].text, "features") ? 1U << 14 | 1U << 15 : 0);
        assert_int_equal(p->partial->streams, 0);
        assert_true(p->partial->all_streams > 5);
        assert_null(vw_schema_proc(p->schema, "domain_create"));
        assert_null(vw_schema_program_named(p->schema, "keepalive"));
        assert_int_equal(p->partial->lacking[0], cases[i].calls ? 5 : 1);
        vw_profile_set_program(p, "admin");
        assert_int_equal(p->partial->calls, strstr(cases[i].text, "admin") ? 3 : 0);
        assert_int_equal(p->partial->lacking[0], strstr(cases[i].text, "admin") ? 4 : 1);
        assert_int_equal(p->partial->lacking_features, 0);
        vw_profile_destroy(p);
    }
    unlink(path);
    rmdir(dir);
}

/* What came later is not there under any name. */
static void later_names_are_unknown(void **state)
{
    struct vw_profile *p = load("9.0.0");
    int64_t value;
    assert_null(vw_schema_proc(p->schema, "network_set_metadata"));
    assert_null(vw_schema_type(p->schema, "remote_network_set_metadata_args"));
    assert_false(vw_schema_const(p->schema, "REMOTE_PROC_NETWORK_SET_METADATA", &value));
    assert_null(vw_type_member(vw_schema_type(p->schema, "remote_procedure"), 444));
    assert_non_null(vw_type_member(vw_schema_type(p->schema, "remote_procedure"), 443));
    vw_profile_destroy(p);
    p = load("12.8.0");
    assert_non_null(vw_schema_proc(p->schema, "network_set_metadata"));
    assert_non_null(vw_schema_type(p->schema, "remote_network_set_metadata_args"));
    vw_profile_destroy(p);
}

static void the_first_release(void **state)
{
    struct vw_profile *p = load("0.3.0");
    assert_non_null(vw_schema_proc(p->schema, "open"));
    assert_string_equal(vw_schema_proc(p->schema, "connect_open")->short_name, "open");
    assert_null(vw_schema_proc(p->schema, "connect_get_uri"));
    assert_null(vw_schema_type(p->schema, "remote_connect_open_args"));
    assert_null(vw_schema_type(p->schema, "remote_typed_param"));
    assert_null(vw_schema_type(p->schema, "admin_connect_open_args"));
    assert_non_null(vw_schema_type(p->schema, "remote_sched_param"));
    assert_int_equal(vw_schema_type(p->schema, "virNetMessageNonnullString")->max, 65536);
    assert_int_equal(vw_profile_answer(p, "not_open.code", -1), 39);
    assert_int_equal(vw_profile_answer(p, "not_open.domain", -1), 13);
    vw_profile_destroy(p);
}

static void answers(void **state)
{
    struct vw_profile *p = load("7.0.0");
    assert_int_equal(vw_profile_answer(p, "open_unknown_driver.code", -1), 38);
    assert_int_equal(vw_profile_answer(p, "nothing", -7), -7);
    assert_int_equal(vw_profile_answer(p, "short_header", -7), -7);
    assert_string_equal(vw_profile_answer_text(p, "short_header", ""), "closes");
    assert_string_equal(vw_profile_answer_text(p, "error_format", ""), "%s");
    assert_null(vw_profile_answer_text(p, "nothing", NULL));
    vw_profile_destroy(p);
}

static void unknown_name(void **state)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_profile_load("9.0.x", NULL, &p, &err), VW_ENAME);
    assert_non_null(strstr(err.text, "did you mean '9.0.0'?"));
    assert_int_equal(vw_profile_load("9.0.x", NULL, &p, NULL), VW_ENAME);
}

/* ---- files of the user's ---- */

static char folder[VW_TEST_FOLDER];

static int make_folder(void **state)
{
    return vw_test_folder(folder);
}

static int remove_folder(void **state)
{
    char command[sizeof(folder) + 16];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* Writes TEXT to NAME in the folder; its path in a static buffer. */
static const char *put(const char *name, const char *text)
{
    static char path[sizeof(folder) + 64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void own_profile(void **state)
{
    static const char yaml[] = "profile: own\n"
                               "dialect: modern\n"
                               "max_length_word: 1000\n"
                               "constants: {REMOTE_STRING_MAX: 77}\n"
                               "types: own.x\n"
                               "hide:\n"
                               "  programs: [qemu, lxc]\n"
                               "  procedures: {remote: [2-10, 456], admin: [1]}\n"
                               "  arms: {remote_typed_param_value: [6-7]}\n"
                               "answers: {a: 1, b: {c: 0x10, d: text}}\n";
    put("own.x", "struct remote_nonnull_network { remote_nonnull_string name; };");
    const char *file = put("own.yaml", yaml);
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(file, NULL, &p, &err))
        fail_msg("%s:%u:%u: %s", vw_profile_error_file(), err.line, err.column, err.text);
    assert_string_equal(p->name, "own");
    assert_int_equal(p->max_length_word, 1000);
    assert_int_equal(p->min_length_word, 28);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 77);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_network")->n_fields, 1);
    assert_int_equal(count_procs(p, "remote"), 456 - 10);
    assert_int_equal(count_procs(p, "admin"), 19);
    assert_int_equal(count_procs(p, "qemu"), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_typed_param_value")->n_fields, 5);
    assert_int_equal(vw_profile_answer(p, "b.c", 0), 16);
    assert_string_equal(vw_profile_answer_text(p, "b.d", ""), "text");
    vw_profile_destroy(p);
}

static void bad_profiles(void **state)
{
    static const struct {
        const char *yaml;
        int code;
        unsigned line, column;
        const char *part;
    } cases[] = {
        {"", VW_ESYNTAX, 1, 1, "expected"},
        {"[]", VW_ESYNTAX, 1, 1, "expected a mapping"},
        {"dialect: modern\n", VW_ESYNTAX, 1, 1, "expected a key 'profile'"},
        {"profile: a\nprofil: b\n", VW_ESYNTAX, 2, 1, "did you mean 'profile'?"},
        {"profile: a\ndialect: new\n", VW_ESYNTAX, 2, 10, "expected modern or 2007"},
        {"profile: a\nfds_max: many\n", VW_ESYNTAX, 2, 10, "expected a whole number from 0"},
        {"profile: a\nfds_max: -1\n", VW_ESYNTAX, 2, 10, "expected a whole number from 0"},
        {"profile: a\nfds_max: 4294967296\n", VW_ESYNTAX, 2, 10, "expected a whole number from 0"},
        {"profile: a\nfds_max: [1]\n", VW_ESYNTAX, 2, 10, "expected a whole number"},
        {"profile: a\nprofile: b\n", VW_ESYNTAX, 2, 1, "stands here twice"},
        {"profile: &x a\ntypes: *x\n", VW_ESYNTAX, 1, 13, "anchors"},
        {"profile: !!str a\n", VW_ESYNTAX, 1, 16, "tags are not allowed"},
        {"profile: a\n---\nprofile: b\n", VW_ESYNTAX, 2, 1, "one document"},
        {"profile: a\nhide: {procedures: {remote: [5-x]}}\n", VW_ESYNTAX, 2, 30, "439-456"},
        {"profile: a\nhide: {procedures: {remote: [9-5]}}\n", VW_ESYNTAX, 2, 30, "439-456"},
        {"profile: a\nhide: {procedures: {remote: 5}}\n", VW_ESYNTAX, 2, 29, "expected a list"},
        {"profile: a\nhide: {procs: {}}\n", VW_ESYNTAX, 2, 8, "'procs' is not known"},
        {"profile: a\nhide: {programs: [quemu]}\n", VW_ENAME, 2, 19, "'quemu'"},
        {"profile: a\nhide: {procedures: {remote: [999]}}\n", VW_ENAME, 2, 30, "nothing to hide"},
        {"profile: a\nhide: {arms: {remote_typed_param_valu: [7]}}\n", VW_ENAME, 0, 0,
         "did you mean 'remote_typed_param_value'?"},
        {"profile: a\nhide: {arms: {remote_typed_param_value: [9]}}\n", VW_ENAME, 2, 42, "hide"},
        {"profile: a\nhide: {arms: {remote_typed_param_value: [1-7]}}\n", VW_EUSAGE, 0, 0,
         "no arms left"},
        {"profile: a\nconstants: {NO_SUCH_NAME: 1}\n", VW_ENAME, 2, 13, "'NO_SUCH_NAME'"},
        {"profile: a\nconstants: {NO_SUCH: 1, REMOTE_STRING_MAX: 1}\n", VW_ENAME, 2, 13,
         "'NO_SUCH'"},
        {"profile: a\nconstants: {REMOTE_STRING_MAX: 1, NO_SUCH: 1}\n", VW_ENAME, 2, 35,
         "'NO_SUCH'"},
        {"profile: a\nhide: {programs: [quemu, lxc]}\n", VW_ENAME, 2, 19, "'quemu' has nothing"},
        {"profile: a\nhide: {programs: [lxc, quemu]}\n", VW_ENAME, 2, 24, "'quemu' has nothing"},
        {"profile: a\nconstants: {REMOTE_STRING_MX: 1}\n", VW_ENAME, 2, 13,
         "did you mean 'REMOTE_STRING_MAX'?"},
        {"profile: a\nconstants: {REMOTE_STRING_MAX: x}\n", VW_ESYNTAX, 2, 32, "a whole number"},
        {"profile: a\nconstants: {REMOTE_STRING_MAX: -1}\n", VW_ESYNTAX, 0, 0, "expected a size"},
        {"profile: a\ntypes: ../b.x\n", VW_ESYNTAX, 2, 8, "beside the profile"},
        {"profile: a\ntypes: none.x\n", VW_ESYSTEM, 0, 0, "cannot be read"},
        {"profile: a\nanswers: {a: {b: {c: 1}}}\n", VW_ESYNTAX, 2, 18, "expected a number or text"},
        {"a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1\n"
         " ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
         VW_ELIMIT, 0, 0, "deep"},
        {"profile: a\n  b: - c\n", VW_ESYNTAX, 1, 10, "multiline"},
        {"profile: \"a\\0b\"\n", VW_ESYNTAX, 1, 11, "NUL"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *file = put("bad.yaml", cases[i].yaml);
        struct vw_profile *p;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_profile_load(file, NULL, &p, &err);
        if (rc != cases[i].code || err.code != rc || (cases[i].line && err.line != cases[i].line) ||
            (cases[i].column && err.column != cases[i].column) || !strstr(err.text, cases[i].part))
            fail_msg("%s: wanted %d at %u:%u %s, got %d at %u:%u: %s", cases[i].yaml, cases[i].code,
                     cases[i].line, cases[i].column, cases[i].part, rc, err.line, err.column,
                     err.text);
    }
}

static void huge_profile(void **state)
{
    char *text = malloc(300000);
    assert_non_null(text);
    memset(text, '#', 299999);
    text[299999] = '\0';
    const char *file = put("huge.yaml", text);
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_profile_load(file, NULL, &p, &err), VW_ELIMIT);
    assert_string_equal(vw_profile_error_file(), file);
    free(text);
    vw_error_clear(&err);
    assert_int_equal(vw_profile_load("none.yaml", NULL, &p, &err), VW_EUSAGE);
    assert_string_equal(vw_profile_error_file(), "none.yaml");
}

/* Every prefix of a real profile. */
static void cut_profiles(void **state)
{
    size_t len;
    char path[4096];
    snprintf(path, sizeof(path), "%s/reference/protocol/profiles/0.3.0.yaml",
             getenv("VW_SOURCE_ROOT") ? getenv("VW_SOURCE_ROOT") : ".");
    char *text = read_text(path, &len);
    put("0.3.0.x", "struct a { int b; };");
    for (size_t n = 0; n < len; n += 37) {
        char old = text[n];
        text[n] = '\0';
        const char *file = put("cut.yaml", text);
        struct vw_profile *p;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_profile_load(file, NULL, &p, &err);
        if (!rc)
            vw_profile_destroy(p);
        assert_int_equal(rc, err.code);
        text[n] = old;
    }
    free(text);
}

/* Several are all heard, and the last of one name counts. */
static void several_defines(void **state)
{
    static const char *const list[] = {"REMOTE_STRING_MAX=1", "REMOTE_DOMAIN_LIST_MAX=-0",
                                       "REMOTE_STRING_MAX=020", "NOT_ANYWHERE=7", NULL};
    char long_name[300];
    const char *const one[] = {long_name, NULL};
    struct vw_profile_options o = {VW_PROFILE_OPTIONS_INIT, .defines = list};
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_profile_load("9.0.0", &o, &p, &err), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 16);
    assert_int_equal(constant(p->schema, "REMOTE_DOMAIN_LIST_MAX"), 0);
    vw_profile_destroy(p);
    o.defines = one;
    memset(long_name, 'a', sizeof(long_name));
    strcpy(long_name + 255, "=1");
    assert_int_equal(vw_profile_load("9.0.0", &o, &p, &err), 0);
    vw_profile_destroy(p);
    strcpy(long_name + 255, "a=1");
    assert_int_equal(vw_profile_load("9.0.0", &o, &p, &err), VW_EUSAGE);
    assert_memory_equal(err.text, "expected NAME=NUMBER, found 'aaa", 32);
}

/* The newest profile too hears defines, though the build has an image of it. */
static void defines_of_the_newest(void **state)
{
    static const char *const list[] = {"REMOTE_STRING_MAX=5", NULL}, *const none[] = {NULL};
    struct vw_profile_options o = {VW_PROFILE_OPTIONS_INIT, .defines = list};
    struct vw_profile *p;
    assert_int_equal(vw_profile_load(NULL, &o, &p, NULL), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 5);
    vw_profile_destroy(p);
    assert_int_equal(vw_profile_load("12.8.0", &o, &p, NULL), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 5);
    vw_profile_destroy(p);
    o.defines = none;
    assert_int_equal(vw_profile_load(NULL, &o, &p, NULL), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 4194304);
    vw_profile_destroy(p);
}

/* Numbers are read whole or not at all. */
static void answers_are_numbers_or_not(void **state)
{
    struct vw_profile *p;
    assert_int_equal(vw_profile_load(put("n.yaml", "profile: n\nanswers: {a: 0x10, b: -1, c: 1x,"
                                                   " d: \"\", e: \" 7\", f: 010}\n"),
                                     NULL, &p, NULL),
                     0);
    assert_int_equal(vw_profile_answer(p, "a", -7), 16);
    assert_int_equal(vw_profile_answer(p, "b", -7), -1);
    assert_int_equal(vw_profile_answer(p, "c", -7), -7);
    assert_int_equal(vw_profile_answer(p, "d", -7), -7);
    assert_int_equal(vw_profile_answer(p, "e", -7), 7);
    assert_int_equal(vw_profile_answer(p, "f", -7), 8);
    assert_int_equal(vw_profile_answer(p, "g", -7), -7);
    assert_string_equal(vw_profile_answer_text(p, "c", ""), "1x");
    vw_profile_destroy(p);
}

static void defines(void **state)
{
    static const char *const good[] = {"REMOTE_STRING_MAX=0x20", NULL};
    static const char *const bad[][2] = {{"REMOTE", NULL}, {"=1", NULL},
                                         {"A=", NULL},     {"A=1x", NULL},
                                         {"A B=1", NULL},  {"A=99999999999999999999", NULL}};
    struct vw_profile_options o = {VW_PROFILE_OPTIONS_INIT, .defines = good};
    struct vw_profile *p;
    assert_int_equal(vw_profile_load("9.0.0", &o, &p, NULL), 0);
    assert_int_equal(vw_schema_type(p->schema, "remote_nonnull_string")->max, 32);
    vw_profile_destroy(p);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        o.defines = bad[i];
        assert_int_equal(vw_profile_load("9.0.0", &o, &p, NULL), VW_EUSAGE);
    }
}

/* ---- folders ---- */

static int load_from(const char *dir, struct vw_profile **p, struct vw_error *err)
{
    struct vw_profile_options o = {VW_PROFILE_OPTIONS_INIT, .schema_dir = dir};
    vw_error_clear(err);
    return vw_profile_load(NULL, &o, p, err);
}

static void make_dir(const char *name)
{
    char path[sizeof(folder) + 64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void own_files(void **state)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    char dir[sizeof(folder) + 16];
    snprintf(dir, sizeof(dir), "%s/x", folder);
    make_dir("x");
    assert_int_equal(load_from(dir, &p, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "no .x file"));
    make_dir("x/deeper");
    make_dir("x/.hidden");
    put("x/b.x", "const B_PROGRAM = 5; const B_PROTOCOL_VERSION = 1;"
                 "enum b_procedure { B_PROC_A = 1 };");
    put("x/deeper/a.x", "struct b_a_args { c d; };");
    put("x/deeper/c.x", "typedef int c;");
    put("x/.hidden/d.x", "nonsense");
    put("x/readme.txt", "nonsense");
    assert_int_equal(load_from(dir, &p, &err), 0);
    assert_string_equal(vw_schema_type(p->schema, "b_a_args")->name, "b_a_args");
    assert_non_null(vw_schema_proc(p->schema, "b.a")->args);
    /* The message layer comes with it. */
    assert_non_null(vw_schema_type(p->schema, "virNetMessageError"));
    assert_null(vw_schema_program_named(p->schema, "remote"));
    vw_profile_destroy(p);
    put("x/bad.x", "struct e { nothing f; };");
    assert_int_equal(load_from(dir, &p, &err), VW_ESYNTAX);
    assert_non_null(strstr(vw_profile_error_file(), "/x/bad.x"));
    assert_int_equal(err.column, 12);
    assert_int_equal(load_from(put("one.x", "struct e { int f; };"), &p, &err), 0);
    vw_profile_destroy(p);
    assert_int_equal(load_from("/nonexistent", &p, &err), VW_ESYSTEM);
    assert_int_equal(load_from("/dev/null", &p, &err), VW_ESYSTEM);
}

static void a_source_tree(void **state)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    char dir[sizeof(folder) + 16];
    snprintf(dir, sizeof(dir), "%s/tree", folder);
    make_dir("tree");
    make_dir("tree/tests");
    make_dir("tree/src");
    make_dir("tree/src/remote");
    put("tree/tests/demo.x", "not for the protocol");
    put("tree/src/remote/remote_protocol.x", "struct remote_string { int a; };");
    assert_int_equal(load_from(dir, &p, &err), 0);
    assert_non_null(vw_schema_type(p->schema, "remote_string"));
    vw_profile_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases),
        cmocka_unit_test(other_releases),
        cmocka_unit_test(partial_servers),
        cmocka_unit_test(later_names_are_unknown),
        cmocka_unit_test(the_first_release),
        cmocka_unit_test(answers),
        cmocka_unit_test(unknown_name),
        cmocka_unit_test(own_profile),
        cmocka_unit_test(bad_profiles),
        cmocka_unit_test(huge_profile),
        cmocka_unit_test(cut_profiles),
        cmocka_unit_test(defines),
        cmocka_unit_test(several_defines),
        cmocka_unit_test(defines_of_the_newest),
        cmocka_unit_test(answers_are_numbers_or_not),
        cmocka_unit_test(own_files),
        cmocka_unit_test(a_source_tree),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder) + vw_test_leaked();
}
