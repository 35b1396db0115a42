// SPDX-License-Identifier: MIT
// foreach: the exact cases that each family makes of a few small procedures, with the bytes of
// their arguments, and what is said of a family that is written wrongly.
#include <string.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "conformance/cases/scenario.h"
#include "scenario/compose.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEADER   28 /* bytes ahead of the arguments */
#define SHOWN    48 /* bytes of them at most */

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

static int add(struct vw_suite *suite, const struct vw_profile *p, bool newest, const char *foreach,
               const char *call, struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = p, .newest = newest};
    char text[900];
    int n =
        snprintf(text, sizeof(text),
                 "title: t\nclause: F-3\nlevel: must\nforeach: %s\nsteps:\n  - send: {call: %s}\n",
                 foreach, call);
    assert_in_range(n, 1, sizeof(text) - 1);
    memset(suite, 0, sizeof(*suite));
    *err = (struct vw_error)VW_ERROR_INIT;
    return vw_suite_add(suite, "f", "f.yaml", text, (size_t)n, &options, err);
}

/* "KEY PROCEDURE-NUMBER LENGTH BYTES", one line for each case. */
static void print_case(const struct vw_case *c, FILE *f)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_composed made;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_compose_context ctx = {.profile = profile, .arena = &arena, .serial = 7};
    const struct vw_node *call = vw_node_get(vw_node_get(c->steps->first, "send"), "call");
    if (vw_compose(&ctx, call, VW_MSG_CALL, &out, &made, &err) != 0)
        fail_msg("%s: %s", c->id, err.text);
    fprintf(f, "%s %d %zu ", c->id + 2, made.header.procedure, out.len - HEADER);
    for (size_t i = HEADER; i < out.len && i < HEADER + SHOWN; i++)
        fprintf(f, "%02x%s", out.data[i], i % 4 == 3 ? " " : "");
    fputc('\n', f);
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

static char *printed(const struct vw_suite *suite)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    for (size_t i = 0; i < suite->count; i++)
        print_case(&suite->cases[i], f);
    assert_int_equal(fclose(f), 0);
    return text;
}

/* The domain "test" of the samples: name, uuid, id. */
#define DOM "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 "

static const struct {
    const char *foreach, *cases;
} rows[] = {
    {"{family: procedures, procedures: domain_lookup_by_*, skip: ['*_uuid']}",
     "domain_lookup_by_id 22 4 00000000 \n"
     "domain_lookup_by_name 23 8 00000001 61000000 \n"},
    {"{family: procedures, program: admin, procedures: connect_*list*}",
     "connect_list_servers 4 8 00000000 00000000 \n"},
    {"{family: procedures, procedures: domain_set_vcpu*}",
     "domain_set_vcpus 32 32 " DOM "00000000 \n"
     "domain_set_vcpus_flags 199 36 " DOM "00000000 00000000 \n"
     "domain_set_vcpu 384 44 " DOM "00000001 61000000 00000000 00000000 \n"},
    {"{family: procedures, program: qemu}",
     "domain_monitor_command 1 40 " DOM "00000001 61000000 00000000 \n"
     "domain_attach 2 8 00000000 00000000 \n"
     "domain_agent_command 3 44 " DOM "00000001 61000000 00000000 00000000 \n"
     "connect_domain_monitor_event_register 4 48 00000001 " DOM
     "00000001 00000001 61000000 00000000 \n"
     "connect_domain_monitor_event_deregister 5 4 00000000 \n"
     "domain_monitor_command_with_files 7 40 " DOM "00000001 61000000 00000000 \n"},
    {"{family: bounds, procedures: '*_lookup_by_name', values: [max, max+1]}",
     "domain_lookup_by_name@name=max 23 4194308 00400000 61616161 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"
     "domain_lookup_by_name@name=max+1 23 4194312 00400001 61616161 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"},
    {"{family: bounds, procedures: domain_pin_emulator, values: [max, max+1]}",
     "domain_pin_emulator@dom.name=max 279 4194340 00400000 61616161 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"
     "domain_pin_emulator@dom.name=max+1 279 4194344 00400001 61616161 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"
     "domain_pin_emulator@cpumap=max 279 2084 " DOM
     "00000800 61616161 61616161 61616161 61616161 \n"
     "domain_pin_emulator@cpumap=max+1 279 2088 " DOM
     "00000801 61616161 61616161 61616161 61616161 \n"},
    {"{family: bounds, procedures: domain_set_memory_parameters, values: [max, max+1]}",
     "domain_set_memory_parameters@dom.name=max 197 4194352 00400000 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"
     "domain_set_memory_parameters@dom.name=max+1 197 4194356 00400001 61616161 61616161 61616161 "
     "61616161 61616161 61616161 61616161 61616161 61616161 61616161 61616161 \n"
     "domain_set_memory_parameters@params=max 197 292 " DOM
     "00000010 00000001 61000000 00000001 00000000 \n"
     "domain_set_memory_parameters@params=max+1 197 308 " DOM
     "00000011 00000001 61000000 00000001 00000000 \n"},
    {"{family: count-arguments, procedures: domain_get_vcpus, values: [-1, 0, 2]}",
     "domain_get_vcpus@maxinfo=-1 20 36 " DOM "ffffffff 00000000 \n"
     "domain_get_vcpus@maxinfo=0 20 36 " DOM "00000000 00000000 \n"
     "domain_get_vcpus@maxinfo=2 20 36 " DOM "00000002 00000000 \n"
     "domain_get_vcpus@maplen=-1 20 36 " DOM "00000000 ffffffff \n"
     "domain_get_vcpus@maplen=0 20 36 " DOM "00000000 00000000 \n"
     "domain_get_vcpus@maplen=2 20 36 " DOM "00000000 00000002 \n"},
    {"{family: count-arguments, procedures: domain_get_cpu_stats, values: [-1, 129]}",
     "domain_get_cpu_stats@nparams=129 262 44 " DOM "00000081 00000000 00000000 00000000 \n"
     "domain_get_cpu_stats@ncpus=129 262 44 " DOM "00000000 00000000 00000081 00000000 \n"},
    {"{family: count-arguments, procedures: connect_list_domains}",
     "connect_list_domains@maxids=-1 37 4 ffffffff \n"},
    {"{family: count-arguments, procedures: domain_set_vcpus}", ""},
    {"{family: flags, procedures: domain_get_state}",
     "domain_get_state 212 32 " DOM "80000000 \n"
     "domain_get_state@below 212 32 " DOM "40000000 \n"},
    {"{family: flags, procedures: domain_migrate_prepare}",
     "domain_migrate_prepare 61 40 00000001 00000001 61000000 80000000 00000000 00000001 00000001 "
     "61000000 00000000 00000000 \n"
     "domain_migrate_prepare@below 61 40 00000001 00000001 61000000 40000000 00000000 00000001 "
     "00000001 61000000 00000000 00000000 \n"},
    {"{family: flags, procedures: domain_get_vcpus}", ""},
    {"{family: ranges, procedures: domain_get_state}",
     "domain_get_state 212 32 " DOM "00000000 \n"},
    {"{family: ranges, procedures: domain_get_hostname}", ""},
    {"{family: ranges, procedures: interface_is_active}",
     "interface_is_active 156 32 00000004 65746831 00000011 61613a62 623a6363 3a64643a 65653a66 "
     "66000000 \n"},
    {"{family: procedures, procedures: interface_is_active}",
     "interface_is_active 156 16 00000001 61000000 00000001 61000000 \n"},
    {"{family: field-borders, procedures: domain_get_vcpus}",
     "domain_get_vcpus@dom.name.#len 20 0 \n"
     "domain_get_vcpus@dom.name.#data 20 4 00000004 \n"
     "domain_get_vcpus@dom.uuid 20 8 00000004 74657374 \n"
     "domain_get_vcpus@dom.id 20 24 00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f \n"
     "domain_get_vcpus@maxinfo 20 28 " DOM "\n"
     "domain_get_vcpus@maplen 20 32 " DOM "00000000 \n"},
    {"{family: field-borders, procedures: connect_domain_event_callback_register_any}",
     "connect_domain_event_callback_register_any@eventID 316 0 \n"
     "connect_domain_event_callback_register_any@dom.#present 316 4 00000000 \n"
     "connect_domain_event_callback_register_any@dom.name.#len 316 8 00000000 00000001 \n"
     "connect_domain_event_callback_register_any@dom.name.#data 316 12 00000000 00000001 00000004 "
     "\n"
     "connect_domain_event_callback_register_any@dom.uuid 316 16 00000000 00000001 00000004 "
     "74657374 \n"
     "connect_domain_event_callback_register_any@dom.id 316 32 00000000 00000001 00000004 74657374 "
     "6695eb01 f6a48304 79aa97f2 502e193f \n"},
    {"{family: words, kinds: [length], procedures: connect_domain_event_callback_register_any, "
     "values: [0, max, max+1, 0xffffffff]}",
     "connect_domain_event_callback_register_any@dom.name.#len=0 316 36 00000000 00000001 00000000 "
     "74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 \n"
     "connect_domain_event_callback_register_any@dom.name.#len=max 316 36 00000000 00000001 "
     "00400000 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 \n"
     "connect_domain_event_callback_register_any@dom.name.#len=max+1 316 36 00000000 00000001 "
     "00400001 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 \n"
     "connect_domain_event_callback_register_any@dom.name.#len=0xffffffff 316 36 00000000 00000001 "
     "ffffffff 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 \n"},
    {"{family: words, kinds: [presence], procedures: connect_domain_event_callback_register_any, "
     "values: [2]}",
     "connect_domain_event_callback_register_any@dom.#present=2 316 36 00000000 00000002 " DOM
     "\n"},
    {"{family: words, kinds: [padding], procedures: connect_domain_event_callback_register_any}",
     ""},
    {"{family: words, kinds: [padding], procedures: domain_lookup_by_name}",
     "domain_lookup_by_name@name.#pad 23 8 00000001 61ffffff \n"},
    {"{family: words, kinds: [union, count], procedures: domain_set_memory_parameters, values: [0, "
     "8]}",
     "domain_set_memory_parameters@params.#count=0 197 52 " DOM
     "00000000 00000001 61000000 00000001 00000000 \n"
     "domain_set_memory_parameters@params.#count=8 197 52 " DOM
     "00000008 00000001 61000000 00000001 00000000 \n"
     "domain_set_memory_parameters@params[0].value.#type=0 197 52 " DOM
     "00000001 00000001 61000000 00000000 00000000 \n"
     "domain_set_memory_parameters@params[0].value.#type=8 197 52 " DOM
     "00000001 00000001 61000000 00000008 00000000 \n"},
};

static void each_family(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_suite suite;
        struct vw_error err;
        bool edits = strstr(rows[i].foreach, "words") || strstr(rows[i].foreach, "borders");
        if (add(&suite, profile, true, rows[i].foreach,
                edits ? "{procedure: $procedure, args: $args, edit: $edit}"
                      : "{procedure: $procedure, args: $args}",
                &err) != 0)
            fail_msg("%s: %s", rows[i].foreach, err.text);
        char *text = printed(&suite);
        if (strcmp(text, rows[i].cases) != 0)
            fail_msg("%s:\n%s", rows[i].foreach, text);
        free(text);
        vw_suite_finish(&suite);
    }
}

/* The number of each event, none of which is a call, in rising order. */
static void events(void **state)
{
    struct vw_suite suite;
    struct vw_error err;
    const struct vw_program *remote = vw_schema_program_named(profile->schema, "remote");
    assert_int_equal(add(&suite, profile, true, "{family: events}", "{procedure: $number}", &err),
                     0);
    size_t n = 0;
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        char id[100];
        if (remote->procs[i].kind != VW_PROC_EVENT)
            continue;
        snprintf(id, sizeof(id), "f/%s", remote->procs[i].short_name);
        assert_true(n < suite.count);
        const struct vw_node *call =
            vw_node_get(vw_node_get(suite.cases[n].steps->first, "send"), "call");
        assert_string_equal(suite.cases[n++].id, id);
        assert_int_equal(atoi(vw_node_get(call, "procedure")->text), remote->procs[i].number);
    }
    assert_int_equal(suite.count, n);
    assert_string_equal(suite.cases[0].id, "f/domain_event_lifecycle");
    assert_true(vw_node_is(
        vw_node_get(vw_node_get(vw_node_get(suite.cases[0].steps->first, "send"), "call"),
                    "procedure"),
        "107"));
    vw_suite_finish(&suite);
}

/* Every call of every program, and only calls: what a filter lets through is cut from this. */
static void all_calls(void **state)
{
    static const char *const programs[] = {"remote", "qemu", "lxc", "admin"};
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct vw_suite suite;
        struct vw_error err;
        char foreach[80];
        const struct vw_program *p = vw_schema_program_named(profile->schema, programs[i]);
        size_t calls = 0;
        for (uint32_t j = 0; j < p->n_procs; j++)
            calls += p->procs[j].kind == VW_PROC_CALL;
        snprintf(foreach, sizeof(foreach), "{family: procedures, program: %s}", programs[i]);
        assert_int_equal(add(&suite, profile, true, foreach, "{procedure: $procedure}", &err), 0);
        assert_int_equal(suite.count, calls);
        vw_suite_finish(&suite);
    }
}

/* ---- a protocol of its own, with what the arguments of today's calls do not have ---- */

static const char paint[] = "const REMOTE_PROGRAM = 0x20008086;\n"
                            "const REMOTE_PROTOCOL_VERSION = 1;\n"
                            "enum remote_color { REMOTE_RED = 0, REMOTE_BLUE = 1 };\n"
                            "struct remote_paint_args {\n"
                            "    bool on;\n"
                            "    remote_color color;\n"
                            "    opaque two[2];\n"
                            "    opaque one[3];\n"
                            "    string free<>;\n"
                            "    int numbers<2>;\n"
                            "};\n"
                            "enum remote_procedure {\n"
                            "    /** @generate: both */\n"
                            "    REMOTE_PROC_PAINT = 1\n"
                            "};\n";

/* Types that hold themselves. */
static const char endless[] =
    "const REMOTE_PROGRAM = 0x20008086;\n"
    "const REMOTE_PROTOCOL_VERSION = 1;\n"
    "struct remote_chain_args { int n; remote_chain_args *next; };\n"
    "struct remote_tree_args { remote_tree_args children<2>; };\n"
    "union remote_way switch (int kind) { case 5: remote_way *on; default: void; };\n"
    "struct remote_walk_args { remote_way way; };\n"
    "enum remote_procedure {\n"
    "    /** @generate: both */\n"
    "    REMOTE_PROC_CHAIN = 1,\n"
    "    /** @generate: both */\n"
    "    REMOTE_PROC_TREE = 2,\n"
    "    /** @generate: both */\n"
    "    REMOTE_PROC_WALK = 3\n"
    "};\n";

/* The profile of one file, TEXT. */
static struct vw_profile *of(const char *text)
{
    char dir[VW_TEST_FOLDER], path[sizeof(dir) + 16];
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *p = NULL;
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/remote.x", dir);
    FILE *f = fopen(path, "we");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .schema_dir = path};
    int rc = vw_profile_load(NULL, &options, &p, &err);
    unlink(path);
    rmdir(dir);
    if (rc != 0)
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    return p;
}

#define EDIT "{procedure: $procedure, args: $args, edit: $edit}"

static void other_kinds(void **state)
{
    static const struct {
        const char *foreach, *cases;
    } painting[] = {
        {"{family: words, kinds: [bool], values: [2, -1, 0x10]}",
         "paint@on=2 1 32 00000002 00000000 00000000 00000000 00000001 61000000 00000001 00000000 "
         "\n"
         "paint@on=-1 1 32 ffffffff 00000000 00000000 00000000 00000001 61000000 00000001 00000000 "
         "\n"
         "paint@on=0x10 1 32 00000010 00000000 00000000 00000000 00000001 61000000 00000001 "
         "00000000 \n"},
        {"{family: words, kinds: [enum], values: [2, -1]}",
         "paint@color=2 1 32 00000000 00000002 00000000 00000000 00000001 61000000 00000001 "
         "00000000 \n"
         "paint@color=-1 1 32 00000000 ffffffff 00000000 00000000 00000001 61000000 00000001 "
         "00000000 \n"},
        {"{family: words, kinds: [bool, enum], values: [7]}",
         "paint@on=7 1 32 00000007 00000000 00000000 00000000 00000001 61000000 00000001 00000000 "
         "\n"
         "paint@color=7 1 32 00000000 00000007 00000000 00000000 00000001 61000000 00000001 "
         "00000000 \n"},
        {"{family: words, kinds: [padding]}", "paint@two.#pad 1 32 00000000 00000000 0000ffff "
                                              "00000000 00000001 61000000 00000001 00000000 \n"
                                              "paint@one.#pad 1 32 00000000 00000000 00000000 "
                                              "000000ff 00000001 61000000 00000001 00000000 \n"
                                              "paint@free.#pad 1 32 00000000 00000000 00000000 "
                                              "00000000 00000001 61ffffff 00000001 00000000 \n"},
        {"{family: words, kinds: [length, count], values: [max, max+1, 9]}",
         "paint@free.#len=9 1 32 00000000 00000000 00000000 00000000 00000009 61000000 00000001 "
         "00000000 \n"
         "paint@numbers.#count=max 1 32 00000000 00000000 00000000 00000000 00000001 61000000 "
         "00000002 00000000 \n"
         "paint@numbers.#count=max+1 1 32 00000000 00000000 00000000 00000000 00000001 61000000 "
         "00000003 00000000 \n"
         "paint@numbers.#count=9 1 32 00000000 00000000 00000000 00000000 00000001 61000000 "
         "00000009 00000000 \n"},
        {"{family: bounds, values: [max, max+1]}",
         "paint@numbers=max 1 36 00000000 00000000 00000000 00000000 00000001 61000000 00000002 "
         "00000000 00000000 \n"
         "paint@numbers=max+1 1 40 00000000 00000000 00000000 00000000 00000001 61000000 00000003 "
         "00000000 00000000 00000000 \n"},
        {"{family: bounds}", "paint@numbers=max+1 1 40 00000000 00000000 00000000 00000000 "
                             "00000001 61000000 00000003 00000000 00000000 00000000 \n"},
        {"{family: count-arguments}", ""},
        {"{family: events}", ""},
        {"{family: flags}", ""},
        {"{family: ranges}", ""},
        {"{family: field-borders}",
         "paint@on 1 0 \n"
         "paint@color 1 4 00000000 \n"
         "paint@two 1 8 00000000 00000000 \n"
         "paint@two.#pad 1 10 00000000 00000000 0000\n"
         "paint@one 1 12 00000000 00000000 00000000 \n"
         "paint@one.#pad 1 15 00000000 00000000 00000000 000000\n"
         "paint@free.#len 1 16 00000000 00000000 00000000 00000000 \n"
         "paint@free.#data 1 20 00000000 00000000 00000000 00000000 00000001 \n"
         "paint@free.#pad 1 21 00000000 00000000 00000000 00000000 00000001 61\n"
         "paint@numbers.#count 1 24 00000000 00000000 00000000 00000000 00000001 61000000 \n"
         "paint@numbers[0] 1 28 00000000 00000000 00000000 00000000 00000001 61000000 00000001 \n"},
    };
    struct vw_profile *today = profile;
    profile = of(paint);
    for (size_t i = 0; i < COUNT(painting); i++) {
        struct vw_suite suite;
        struct vw_error err;
        bool edits = !strstr(painting[i].foreach, "bounds");
        if (add(&suite, profile, true, painting[i].foreach,
                edits ? EDIT : "{procedure: $procedure, args: $args}", &err) != 0)
            fail_msg("%s: %s", painting[i].foreach, err.text);
        char *text = printed(&suite);
        if (strcmp(text, painting[i].cases) != 0)
            fail_msg("%s:\n%s", painting[i].foreach, text);
        free(text);
        vw_suite_finish(&suite);
    }
    vw_profile_destroy(profile);
    profile = today;
}

/* As deep as a sample goes, and no deeper. */
static void types_that_hold_themselves(void **state)
{
    struct vw_profile *today = profile;
    struct vw_suite suite;
    struct vw_error err;
    profile = of(endless);
    if (add(&suite, profile, true, "{family: procedures}", "{procedure: $procedure, args: $args}",
            &err) != 0)
        fail_msg("%s", err.text);
    char *text = printed(&suite);
    assert_string_equal(
        text, "chain 1 56 00000000 00000001 00000000 00000001 00000000 00000001 00000000 "
              "00000001 00000000 00000001 00000000 00000001 \n"
              "tree 2 28 00000001 00000001 00000001 00000001 00000001 00000001 00000000 \n"
              "walk 3 48 00000005 00000001 00000005 00000001 00000005 00000001 00000005 "
              "00000001 00000005 00000001 00000005 00000000 \n");
    free(text);
    vw_suite_finish(&suite);
    vw_profile_destroy(profile);
    profile = today;
}

static void mistakes(void **state)
{
    static const struct {
        const char *foreach;
        unsigned column; /* of line 4 */
        const char *says;
    } wrong[] = {
        {"{family: boarders}", 19, "unknown family \"boarders\"; expected one of bounds"},
        {"{family: procedure}", 19, "unknown family \"procedure\"; did you mean \"procedures\"?"},
        {"{procedures: x}", 10, "foreach needs the key \"family\""},
        {"{family: words}", 10, "the family words needs the key \"kinds\""},
        {"{family: words, kinds: [presense]}", 34,
         "unknown kind of word \"presense\"; did you mean \"presence\"?"},
        {"{family: words, kinds: [count, x]}", 41,
         "unknown kind of word \"x\"; expected one of length, count, presence, union, bool, enum, "
         "padding"},
        {"{family: procedures, program: remot}", 40, "unknown program \"remot\""},
        {"{family: bounds, program: remot}", 36, "unknown program \"remot\""},
        {"{family: bounds, values: 3}", 35, "expected a list of words behind \"values\""},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct vw_suite suite;
        struct vw_error err;
        int rc = add(&suite, profile, true, wrong[i].foreach, "{procedure: 1}", &err);
        if (rc != VW_ESYNTAX || err.line != 4 || err.column != wrong[i].column ||
            strncmp(err.text, wrong[i].says, strlen(wrong[i].says)) != 0)
            fail_msg("%s: %d, %u:%u: %s", wrong[i].foreach, rc, err.line, err.column, err.text);
        vw_suite_finish(&suite);
    }
}

/* An older profile may lack a program: then there is nothing, and no mistake. */
static void a_program_of_later(void **state)
{
    struct vw_profile *old = NULL;
    struct vw_suite suite;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_profile_load("0.3.0", NULL, &old, &err), 0);
    assert_null(vw_schema_program_named(old->schema, "admin"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            add(&suite, old, false,
                i ? "{family: bounds, program: admin}" : "{family: procedures, program: admin}",
                "{procedure: $procedure}", &err),
            0);
        assert_int_equal(suite.count, 0);
        assert_int_equal(suite.files, 1);
        vw_suite_finish(&suite);
    }
    vw_profile_destroy(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family),
        cmocka_unit_test(events),
        cmocka_unit_test(all_calls),
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(types_that_hold_themselves),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(a_program_of_later),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
