// SPDX-License-Identifier: MIT
// The .x files and profiles against the facts: every procedure, type, bound and constant of five
// releases. The second half changes one word of our .x text at a time and wants it noticed, which
// shows that the comparison can fail.

#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"

#include "base/finding.h"
#include "protocol/test/compare.h"
#include "schema/profile.h"

/* ---- the five releases ---- */

struct release {
    const char *name;
    const char *const *known;
    size_t procedures; /* of the remote program */
    bool field_names;  /* 7.0.0 to 11.3.0 have one other name for eight fields */
    bool exact;
};

static const char *const known_7_0_0[] = {"360 priority", "361 priority", NULL};
static const char *const known_9_0_0[] = {"428 acl", NULL};

static const struct release releases[] = {
    {"0.3.0", NULL, 59, true, false},          {"7.0.0", known_7_0_0, 425, false, false},
    {"9.0.0", known_9_0_0, 443, false, false}, {"11.3.0", NULL, 453, false, false},
    {"12.8.0", NULL, 456, true, true},
};

static struct vw_profile *load(const char *name)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *p = NULL;
    char line[600];
    if (vw_profile_load(name, NULL, &p, &err) < 0)
        fail_msg("%s", vw_error_format(&err, name, line, sizeof(line)));
    return p;
}

static void release_is_as_the_facts_say(void **state)
{
    const struct release *release = *state;
    struct vw_profile *p = load(release->name);
    struct compare_options options = {
        .facts_dir = VW_FACTS_DIR,
        .release = release->name,
        .field_names = release->field_names,
        .exact = release->exact,
        .known = release->known,
    };
    char *text = NULL;
    size_t size, compared = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    int differences = compare_facts(p->schema, &options, out, &compared);
    fclose(out);
    if (differences != 0)
        print_error("%s", text);
    free(text);
    assert_int_equal(differences, 0);
    assert_int_equal(vw_schema_program_named(p->schema, "remote")->n_procs, release->procedures);
    assert_true(compared > release->procedures);
    vw_profile_destroy(p);
}

static void limits_of_a_profile_agree_with_its_constants(void **state)
{
    const struct release *release = *state;
    struct vw_profile *p = load(release->name);
    int64_t max, string, fds;
    assert_true(vw_schema_const(p->schema, "VIR_NET_MESSAGE_MAX", &max));
    assert_true(vw_schema_const(p->schema, "VIR_NET_MESSAGE_STRING_MAX", &string));
    assert_true(vw_schema_const(p->schema, "VIR_NET_MESSAGE_NUM_FDS_MAX", &fds));
    assert_int_equal(p->max_length_word, max + 4); /* F-4, F-7 */
    assert_int_equal(p->string_max, string);
    assert_int_equal(p->min_length_word, 28); /* F-3 */
    bool old = p->dialect == VW_PROFILE_2007;
    assert_int_equal(old, strcmp(release->name, "0.3.0") == 0);
    assert_int_equal(p->fds_max, old ? 0 : fds); /* P-2, P-6 */
    assert_int_equal(vw_profile_answer(p, "bad_arguments.code", 0), 39);
    assert_int_equal(vw_profile_answer(p, "bad_arguments.domain", 0), old ? 13 : 7);
    vw_profile_destroy(p);
}

/* ---- changed text ---- */

struct mutation {
    const char *file;
    const char *from; /* must stand in the file exactly once */
    const char *to;
    const char *noticed; /* part of a line that the comparison must write */
};

/* clang-format off */
static const struct mutation mutations[] = {
    /* bounds */
    {"remote.x", "REMOTE_AUTH_TYPE_LIST_MAX = 20;", "REMOTE_AUTH_TYPE_LIST_MAX = 21;",
     "remote_auth_list_ret.types: bound is 21, want 20"},
    {"remote.x", "char model[32];", "char model[33];",
     "remote_node_get_info_ret.model: bound is 33, want 32"},
    {"remote.x", "ANNOUNCE_INTERFACE_PARAMS_MAX = 16;", "ANNOUNCE_INTERFACE_PARAMS_MAX = 64;",
     "remote_domain_announce_interface_args.params: bound is 64, want 16"},
    {"common.x", "VIR_UUID_BUFLEN = 16;", "VIR_UUID_BUFLEN = 20;", "remote_uuid: bound is 20"},
    {"admin.x", "admin_typed_param params<ADMIN_SERVER_CLIENT_LIMITS_MAX>;\n    unsigned int flags",
     "admin_typed_param params<ADMIN_SERVER_LIST_MAX>;\n    unsigned int flags",
     "admin_server_set_client_limits_args.params: bound is 16384, want 32"},
    {"message.x", "VIR_NET_MESSAGE_NUM_FDS_MAX = 32;", "VIR_NET_MESSAGE_NUM_FDS_MAX = 33;",
     "VIR_NET_MESSAGE_NUM_FDS_MAX: is 33, want 32"},
    /* numbers */
    {"remote.x", "REMOTE_PROC_DOMAIN_GRAPHICS_RELOAD = 448,",
     "REMOTE_PROC_DOMAIN_GRAPHICS_RELOAD = 1448,", "no procedure 448"},
    {"qemu.x", "QEMU_PROGRAM = 0x20008087;", "QEMU_PROGRAM = 0x20008088;", "qemu: number is"},
    {"lxc.x", "LXC_PROTOCOL_VERSION = 1;", "LXC_PROTOCOL_VERSION = 2;", "lxc: version is 2"},
    {"message.x", "VIR_NET_STREAM_HOLE = 6", "VIR_NET_STREAM_HOLE = 7", "virNetMessageType: 6 is"},
    {"lock.x", "VIR_LOCK_SPACE_PROTOCOL_PROC_NEW = 3,", "VIR_LOCK_SPACE_PROTOCOL_PROC_NEU = 3,",
     "procedure 3: is VIR_LOCK_SPACE_PROTOCOL_PROC_NEU"},
    /* order, kinds and names of fields */
    {"message.x", "    int code;\n    int domain;\n    virNetMessageString message;\n",
     "    int code;\n    virNetMessageString message;\n    int domain;\n",
     "virNetMessageError.domain: type is virNetMessageString, want int"},
    {"message.x", "    int code;\n    int domain;\n", "    int domain;\n    int code;\n",
     "virNetMessageError.code: field 0 is called domain"},
    {"message.x", "    hyper length;", "    unsigned hyper length;",
     "virNetStreamHole.length: type is"},
    {"keepalive.x", "enum keepalive_procedure {", "struct ping { int x; };\nenum keepalive_procedure {",
     "ping: the facts have no such type"},
    {"remote.x", "    unsigned short nrVirtCpu;", "    unsigned int nrVirtCpu;",
     "remote_domain_get_info_ret.nrVirtCpu: type is"},
    {"remote.x", "struct remote_domain_create_args {\n    remote_nonnull_domain dom;",
     "struct remote_domain_create_args {\n    remote_domain dom;",
     "remote_domain_create_args.dom: type is remote_domain, want remote_nonnull_domain"},
    {"remote.x", "typedef remote_nonnull_string *remote_string;",
     "typedef remote_nonnull_string remote_string;", "remote_string: is string, want optional"},
    {"qemu.x", "    unsigned int pid_value;\n", "", "qemu_domain_attach_args: 1 fields, want 2"},
    /* unions */
    {"admin.x", "    case VIR_TYPED_PARAM_STRING:\n        admin_nonnull_string s;\n", "",
     "admin_typed_param_value: 6 arms, want 7"},
    {"admin.x", "        double d;", "        hyper d;", "admin_typed_param_value case 5: type is"},
    {"remote.x", "        remote_nonnull_string s;\n};",
     "        remote_nonnull_string s;\n    default:\n        void;\n};",
     "remote_typed_param_value: 8 arms, want 7"},
    /* procedures that should not be there, or are not */
    {"remote.x", "REMOTE_PROC_DOMAIN_ANNOUNCE_INTERFACE = 456",
     "REMOTE_PROC_DOMAIN_ANNOUNCE_INTERFACE = 456,\n    REMOTE_PROC_MORE = 457",
     "remote: 457 procedures, want 456"},
    {"qemu.x", "struct qemu_domain_agent_command_ret {", "struct qemu_domain_agent_command_res {",
     "QEMU_PROC_DOMAIN_AGENT_COMMAND: ret is -, want qemu_domain_agent_command_ret"},
    /* annotations */
    {"lxc.x", "@priority: low", "@priority: high",
     "LXC_PROC_DOMAIN_OPEN_NAMESPACE: priority is high, want low"},
    {"lxc.x", "     * @acl: domain:open_namespace\n", "", "acl is -, want domain:open_namespace"},
    {"remote.x", "     * @sparseflag: VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM\n", "",
     "REMOTE_PROC_STORAGE_VOL_UPLOAD: sparseflag is -"},
};
/* clang-format on */

static const char *const files[] = {
    "common.x", "message.x",   "remote.x", "qemu.x", "lxc.x",
    "admin.x",  "keepalive.x", "lock.x",   "log.x",  "lxcmonitor.x",
};

static char *slurp(const char *file)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", VW_PROTOCOL_DIR, file);
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    assert_non_null(f);
    assert_true(getdelim(&text, &size, '\0', f) > 0);
    fclose(f);
    return text;
}

/* TEXT with FROM replaced; FROM must stand in it exactly once. Frees TEXT. */
static char *replace(char *text, const struct mutation *m)
{
    size_t from = strlen(m->from), head = 0, times = 0;
    for (size_t i = 0; text[i]; i++) {
        if (strncmp(text + i, m->from, from) != 0)
            continue;
        head = i;
        times++;
    }
    if (times != 1)
        fail_msg("'%s' stands in %s %zu times, not once", m->from, m->file, times);
    char *out = NULL;
    size_t size;
    FILE *f = open_memstream(&out, &size);
    assert_non_null(f);
    fprintf(f, "%.*s%s%s", (int)head, text, m->to, text + head + from);
    fclose(f);
    free(text);
    return out;
}

/* The newest release from its files, with one of them changed. M may be NULL. */
static struct vw_schema *parse(const struct mutation *m)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_schema *s = NULL;
    char line[600];
    assert_int_equal(vw_schema_create(&s), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *text = slurp(files[i]);
        if (m && strcmp(m->file, files[i]) == 0)
            text = replace(text, m);
        if (vw_schema_add(s, files[i], text, strlen(text), false, &err) < 0)
            fail_msg("%s", vw_error_format(&err, files[i], line, sizeof(line)));
        free(text);
    }
    if (vw_schema_finish(s, &err) < 0)
        fail_msg("%s", vw_error_format(&err, vw_schema_error_file(s), line, sizeof(line)));
    return s;
}

static char *differences_of(const struct mutation *m, int *count)
{
    const struct compare_options options = {
        .facts_dir = VW_FACTS_DIR,
        .release = "12.8.0",
        .field_names = true,
        .exact = true,
    };
    struct vw_schema *s = parse(m);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    *count = compare_facts(s, &options, out, NULL);
    fclose(out);
    vw_schema_destroy(s);
    return text;
}

static void unchanged_text_has_no_difference(void **state)
{
    (void)state;
    int count;
    char *text = differences_of(NULL, &count);
    if (count)
        print_error("%s", text);
    free(text);
    assert_int_equal(count, 0);
}

static void a_changed_word_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++) {
        const struct mutation *m = &mutations[i];
        int count;
        char *text = differences_of(m, &count);
        if (count < 1 || !strstr(text, m->noticed))
            fail_msg("%s: '%s' for '%s' is not noticed as '%s' but as: %s", m->file, m->to, m->from,
                     m->noticed, text);
        free(text);
    }
}

static void missing_facts_are_no_agreement(void **state)
{
    (void)state;
    const struct compare_options options = {.facts_dir = VW_FACTS_DIR, .release = "1.2.3"};
    struct vw_schema *s = parse(NULL);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(compare_facts(s, &options, out, NULL), -1);
    fclose(out);
    free(text);
    vw_schema_destroy(s);
}

#define PER_RELEASE(test, i)                                                                       \
    {                                                                                              \
#test "[" #i "]", test, NULL, NULL, (void *)&releases[i]                                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        PER_RELEASE(release_is_as_the_facts_say, 0),
        PER_RELEASE(release_is_as_the_facts_say, 1),
        PER_RELEASE(release_is_as_the_facts_say, 2),
        PER_RELEASE(release_is_as_the_facts_say, 3),
        PER_RELEASE(release_is_as_the_facts_say, 4),
        PER_RELEASE(limits_of_a_profile_agree_with_its_constants, 0),
        PER_RELEASE(limits_of_a_profile_agree_with_its_constants, 1),
        PER_RELEASE(limits_of_a_profile_agree_with_its_constants, 2),
        PER_RELEASE(limits_of_a_profile_agree_with_its_constants, 3),
        PER_RELEASE(limits_of_a_profile_agree_with_its_constants, 4),
        cmocka_unit_test(unchanged_text_has_no_difference),
        cmocka_unit_test(a_changed_word_is_noticed),
        cmocka_unit_test(missing_facts_are_no_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
