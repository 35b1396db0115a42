// SPDX-License-Identifier: MIT
// Every handler under every profile: its result has just the shape that the schema gives it. And
// every procedure without one: it is answered with NO_SUPPORT, or refused on a read-only
// connection.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/kinds/pool.h"
#include "mock-daemon/moment.h"
#include "mock-daemon/plan.h"
#include "mock-daemon/testing.h"
#include "schema/facts.h"
#include "xdr/json.h"
#include "xdr/values.h"

static void set_string(struct vw_arena *a, const struct vw_type *t, void *at, const char *text)
{
    struct vw_string *s = at;
    if (t->kind == VW_OPTIONAL) {
        s = vw_arena_zalloc(a, sizeof(*s), _Alignof(struct vw_string));
        memcpy(at, &s, sizeof(s));
    }
    s->data = vw_arena_strndup(a, text, strlen(text));
    s->len = (uint32_t)strlen(text);
}

/* The kind of object that PROC is about: that of its row, or domains. */
static const struct vw_object_kind *kind_of(const struct peer *p, const struct vw_proc *proc)
{
    const struct vw_entry *e = vw_dispatch_entry(p->daemon.dispatch, proc);
    const struct vw_object_kind *kind = vw_object_kinds[e->kind];
    return e->row && kind->size ? kind : &vw_object_kind_domain;
}

/* The object that arguments of PROC name in FIELD. */
static const struct vw_object *good_object(const struct peer *p, const struct vw_proc *proc,
                                           const char *field)
{
    const struct vw_object_kind *kind = strcmp(field, "pool") == 0  ? &vw_object_kind_pool
                                        : strcmp(field, "dom") == 0 ? &vw_object_kind_domain
                                                                    : kind_of(p, proc);
    const struct vw_objects *t = vw_model_objects(&p->daemon.model, kind);
    return t->count ? t->list[0] : good_object(p, proc, "dom");
}

/* Gives the fields of a value what makes the call a good one: objects that are there. */
static void fill(const struct peer *p, const struct vw_proc *proc, struct vw_arena *a,
                 const struct vw_type *t, uint8_t *value, const struct vw_object *o)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        uint8_t *at = value + f->offset;
        int32_t one = 1;
        if (f->type->kind == VW_STRUCT)
            fill(p, proc, a, f->type, at, good_object(p, proc, f->name));
        else if (strcmp(f->name, "uuid") == 0)
            memcpy(at, o->uuid, 16);
        else if (strcmp(f->name, "name") == 0 || strcmp(f->name, "pool") == 0)
            set_string(a, f->type, at,
                       strcmp(vw_proc_today(proc), "connect_open") ? o->name.data
                                                                   : "test:///default");
        else if (strcmp(f->name, "xml") == 0 || strcmp(f->name, "xml_desc") == 0)
            set_string(a, f->type, at,
                       vw_arena_printf(a,
                                       "<%s type='test'><name>%s</name><memory>1</memory>"
                                       "<os><type>hvm</type></os></%s>",
                                       kind_of(p, proc)->name, proc->short_name,
                                       kind_of(p, proc)->name));
        else if (strcmp(f->name, "id") == 0)
            memcpy(at, &o->id, sizeof(o->id));
        else if (strcmp(f->name, "maxids") == 0 || strcmp(f->name, "maxnames") == 0 ||
                 strcmp(f->name, "need_results") == 0)
            memcpy(at, &one, sizeof(one));
    }
}

#define IDLE      "\"dom\":{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":-1}"
#define TEST      "\"dom\":{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":1}"
#define VOL       "{\"pool\":\"test\",\"name\":\"test\",\"key\":\"\"}"
#define TEST_POOL "{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\"}"
#define POOL_XML(name)                                                                             \
    "{\"xml\":\"<pool type='dir'><name>" name "</name><target><path>/" name                        \
    "</path></target></pool>\",\"flags\":0}"
#define VOL_XML(name)                                                                              \
    "\"pool\":" TEST_POOL ",\"xml\":\"<volume><name>" name                                         \
    "</name><capacity>1</capacity></volume>\""

#define NUMBER(name, type, member)                                                                 \
    "{\"field\":\"" name "\",\"value\":{\"type\":" #type ",\"" member "\":0}}"
#define TEXT(name, text) "{\"field\":\"" name "\",\"value\":{\"type\":7,\"s\":" text "}}"
#define NEW_XML                                                                                    \
    "\"<domain type='test'><name>new</name><memory>1</memory><os><type>hvm</type></os></domain>\""
#define SIZE NUMBER("size_iops_sec", 4, "ul")
/* What those calls are given that want more than an object, and no flags. */
static const struct {
    const char *procedure, *args;
} given[] = {
    {"domain_set_memory_parameters",
     "{" TEST ",\"params\":[" NUMBER("soft_limit", 4, "ul") "],\"flags\":0}"},
    {"domain_set_blkio_parameters",
     "{" TEST ",\"params\":[" NUMBER("weight", 2, "ui") "],\"flags\":0}"},
    {"domain_set_perf_events", "{" TEST ",\"params\":[" NUMBER("cmt", 6, "b") "],\"flags\":0}"},
    {"domain_set_scheduler_parameters", "{" TEST ",\"params\":[" NUMBER("weight", 2, "ui") "]}"},
    {"domain_set_scheduler_parameters_flags",
     "{" TEST ",\"params\":[" NUMBER("weight", 2, "ui") "],\"flags\":0}"},
    {"domain_get_scheduler_parameters", "{" TEST ",\"nparams\":1}"},
    {"domain_get_scheduler_parameters_flags", "{" TEST ",\"nparams\":1,\"flags\":0}"},
    {"domain_set_memory", "{" TEST ",\"memory\":9}"},
    {"domain_set_memory_flags", "{" TEST ",\"memory\":9,\"flags\":0}"},
    {"domain_get_vcpus", "{" TEST ",\"maxinfo\":2,\"maplen\":1}"},
    {"domain_get_vcpu_pin_info", "{" TEST ",\"ncpumaps\":2,\"maplen\":1,\"flags\":0}"},
    {"domain_get_emulator_pin_info", "{" TEST ",\"maplen\":1,\"flags\":0}"},
    {"domain_send_key", "{" TEST ",\"codeset\":0,\"holdtime\":0,\"keycodes\":[1],\"flags\":0}"},
    {"domain_set_user_password", "{" TEST ",\"user\":\"a\",\"password\":\"b\",\"flags\":0}"},
    {"domain_add_iothread", "{" TEST ",\"iothread_id\":1,\"flags\":0}"},
    {"domain_checkpoint_create_xml", "{" TEST ",\"xml_desc\":\"<domaincheckpoint/>\",\"flags\":0}"},
    {"domain_core_dump", "{" TEST ",\"to\":\"/dev/null\",\"flags\":0}"},
    {"domain_core_dump_with_format",
     "{" TEST ",\"to\":\"/dev/null\",\"dumpformat\":0,\"flags\":0}"},
    {"domain_pin_emulator", "{" TEST ",\"cpumap\":\"03\",\"flags\":0}"},
    {"domain_pin_vcpu", "{" TEST ",\"vcpu\":0,\"cpumap\":\"03\"}"},
    {"domain_migrate_prepare3",
     "{\"cookie_in\":\"\",\"uri_in\":null,\"flags\":0,\"dname\":null,\"bandwidth\":0,"
     "\"dom_xml\":" NEW_XML "}"},
    {"domain_migrate_prepare3_params",
     "{\"cookie_in\":\"\",\"params\":[" TEXT("destination_xml", NEW_XML) "],\"flags\":0}"},
    {"domain_migrate_finish3",
     "{\"cookie_in\":\"\",\"dname\":\"test\",\"dconnuri\":null,\"uri\":null,\"flags\":0,"
     "\"cancelled\":0}"},
    {"domain_migrate_finish3_params",
     "{\"cookie_in\":\"\",\"params\":[" TEXT("destination_name",
                                             "\"test\"") "],\"flags\":0,\"cancelled\":0}"},
    {"domain_pin_vcpu_flags", "{" TEST ",\"vcpu\":0,\"cpumap\":\"03\",\"flags\":0}"},
    {"domain_save", "{" TEST ",\"to\":\"/dev/null\"}"},
    {"domain_save_flags", "{" TEST ",\"to\":\"/dev/null\",\"dxml\":null,\"flags\":0}"},
    {"domain_snapshot_create_xml", "{" TEST ",\"xml_desc\":\"<domainsnapshot/>\",\"flags\":0}"},
    {"domain_block_stats", "{" TEST ",\"path\":\"vda\"}"},
    {"domain_get_block_info", "{" TEST ",\"path\":\"vda\",\"flags\":0}"},
    {"domain_get_block_io_tune", "{" TEST ",\"disk\":\"vda\",\"nparams\":20,\"flags\":0}"},
    {"domain_get_interface_parameters",
     "{" TEST ",\"device\":\"testnet0\",\"nparams\":7,\"flags\":0}"},
    {"domain_interface_stats", "{" TEST ",\"device\":\"testnet0\"}"},
    {"domain_memory_peek", "{" TEST ",\"offset\":0,\"size\":3,\"flags\":1}"},
    {"domain_rename", "{" IDLE ",\"new_name\":\"other\",\"flags\":0}"},
    {"domain_send_process_signal", "{" TEST ",\"pid_value\":1,\"signum\":9,\"flags\":0}"},
    {"domain_set_block_io_tune", "{" TEST ",\"disk\":\"vda\",\"params\":[" SIZE "],\"flags\":0}"},
    {"domain_set_interface_parameters",
     "{" TEST ",\"device\":\"testnet0\",\"params\":[],\"flags\":0}"},
    {"domain_set_max_memory", "{" IDLE ",\"memory\":9}"},
    {"domain_set_numa_parameters",
     "{" TEST ",\"params\":[{\"field\":\"numa_nodeset\",\"value\":{\"type\":7,\"s\":\"0\"}}],"
     "\"flags\":0}"},
    {"domain_set_vcpus", "{" TEST ",\"nvcpus\":1}"},
    {"domain_set_vcpus_flags", "{" TEST ",\"nvcpus\":1,\"flags\":0}"},
    {"connect_get_cpu_model_names", "{\"arch\":\"ppc64\",\"need_results\":1,\"flags\":0}"},
    {"connect_find_storage_pool_sources", "{\"type\":\"logical\",\"srcSpec\":null,\"flags\":0}"},
    {"storage_pool_create_xml", POOL_XML("c")},
    {"storage_pool_define_xml", POOL_XML("d")},
    {"storage_pool_lookup_by_volume", "{\"vol\":" VOL "}"},
    {"storage_vol_create_xml", "{" VOL_XML("x") ",\"flags\":0}"},
    {"storage_vol_create_xml_from", "{" VOL_XML("y") ",\"clonevol\":" VOL ",\"flags\":0}"},
    {"storage_vol_delete", "{\"vol\":" VOL ",\"flags\":0}"},
    {"storage_vol_get_info", "{\"vol\":" VOL "}"},
    {"storage_vol_get_path", "{\"vol\":" VOL "}"},
    {"storage_vol_get_xml_desc", "{\"vol\":" VOL ",\"flags\":0}"},
    {"storage_vol_lookup_by_name", "{\"pool\":" TEST_POOL ",\"name\":\"test\"}"},
    {"storage_vol_lookup_by_key", "{\"key\":\"/test\"}"},
    {"storage_vol_lookup_by_path", "{\"path\":\"/test\"}"},
    {"storage_vol_resize", "{\"vol\":" VOL ",\"capacity\":5,\"flags\":4}"},
    {"storage_vol_wipe", "{\"vol\":" VOL ",\"flags\":0}"},
    {"storage_vol_wipe_pattern", "{\"vol\":" VOL ",\"algorithm\":0,\"flags\":0}"},
    {"storage_vol_download", "{\"vol\":" VOL ",\"offset\":0,\"length\":0,\"flags\":0}"},
    {"storage_vol_upload", "{\"vol\":" VOL ",\"offset\":0,\"length\":0,\"flags\":0}"},
    {"network_update",
     "{\"net\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},\"command\":3,"
     "\"section\":9,\"parentIndex\":0,\"xml\":\"<portgroup name='p'/>\",\"flags\":0}"},
    {"interface_define_xml", "{\"xml\":\"<interface type='vlan' name='a'/>\",\"flags\":0}"},
    {"interface_lookup_by_mac_string", "{\"mac\":\"aa:bb:cc:dd:ee:ff\"}"},
    {"node_device_create_xml",
     "{\"xml_desc\":\"<device><capability type='scsi_host'><capability type='fc_host'><wwnn/>"
     "<wwpn/></capability></capability></device>\",\"flags\":0}"},
    {"node_get_cells_free_memory", "{\"startCell\":0,\"maxcells\":2}"},
};

/* The same as a value; NULL: it wants no more. */
static void *given_value(const struct vw_proc *proc, struct vw_arena *arena)
{
    void *value = NULL;
    for (size_t i = 0; !value && i < sizeof(given) / sizeof(given[0]); i++) {
        struct json_object *o;
        if (strcmp(given[i].procedure, vw_proc_today(proc)) != 0)
            continue;
        o = json_tokener_parse(given[i].args);
        assert_int_equal(vw_json_to_value(proc->args, o, arena, &value, NULL), 0);
        json_object_put(o);
    }
    return value;
}

/* Appends the encoding of arguments that are good for PROC. */
static void good_arguments(const struct peer *p, const struct vw_proc *proc, struct vw_buf *body)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    if (!proc->args)
        return;
    value = given_value(proc, &arena);
    if (!value) {
        assert_int_equal(vw_value_minimal(proc->args, &arena, &value, NULL), 0);
        fill(p, proc, &arena, proc->args, value, good_object(p, proc, ""));
    }
    assert_int_equal(vw_xdr_encode(proc->args, value, body, SIZE_MAX, NULL), 0);
    vw_arena_finish(&arena);
}

static struct reply good_call(struct peer *p, const struct vw_proc *proc)
{
    struct vw_buf body = VW_BUF_INIT;
    struct reply r;
    good_arguments(p, proc, &body);
    r = peer_call(p, proc, body.data, body.len);
    vw_buf_finish(&body);
    return r;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

/* The state in which an object must be for the call NAME. */
static int32_t good_state(const struct vw_object_kind *kind, const char *name)
{
    if (ends_with(name, "_create") || ends_with(name, "_create_with_flags") ||
        ends_with(name, "_undefine") || ends_with(name, "_rename") ||
        ends_with(name, "_set_max_memory") || strstr(name, "defined") ||
        ends_with(name, "_build") || strcmp(name, "storage_pool_delete") == 0)
        return kind->inactive;
    if (strcmp(name, "domain_resume") == 0)
        return VW_DOMAIN_PAUSED;
    return 1; /* VW_DOMAIN_RUNNING, and what is active of other kinds */
}

/* Two of them, the second behind the first, which all that is asked is asked of. */
static void prepare_moments(struct peer *p, const struct vw_moments *m)
{
    static const char *const names[] = {"two", "one"};
    struct vw_objects *t = vw_model_objects(&p->daemon.model, m->kind);
    struct vw_domain *d =
        (struct vw_domain *)vw_model_objects(&p->daemon.model, &vw_object_kind_domain)->list[0];
    for (size_t i = 0; i < 2; i++) {
        const struct vw_moment like = {
            .o = {.name = vw_string(names[i]),
                  .parent = &d->o,
                  .state = 1,
                  .xml = VW_STRING("<a><creationTime>1</creationTime><domain type='test'/></a>")},
            .was_active = 1};
        assert_int_equal(vw_objects_add(t, &like.o, NULL), 0);
    }
    *vw_moment_count(m, d) = 2;
    *vw_moment_current(m, d) = (struct vw_moment *)t->list[0];
    ((struct vw_moment *)t->list[0])->before = (struct vw_moment *)t->list[1];
}

/* The domain comes or goes, in the phase in which PROC is for it. */
static void prepare_migration(struct vw_conn *c, struct vw_domain *d, const char *name)
{
    static const struct {
        const char *part;
        enum vw_migration_phase phase;
    } phases[] = {{"_finish3", VW_MIGRATION_ARRIVES},
                  {"_confirm3", VW_MIGRATION_MOVED},
                  {"_abort_job", VW_MIGRATION_MOVING},
                  {"_start_post_copy", VW_MIGRATION_MOVING}};
    struct vw_call call = vw_migration_call(c);
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        if (strstr(name, phases[i].part))
            assert_non_null(vw_migration_add(&call, d, phases[i].phase, VW_MIGRATE_POSTCOPY));
    }
}

/* Brings the model and the connection to where PROC succeeds. */
static void prepare(struct peer *p, const struct vw_proc *proc)
{
    const char *name = vw_proc_today(proc);
    const struct vw_object_kind *kind = kind_of(p, proc);
    struct vw_objects *t = vw_model_objects(&p->daemon.model, kind);
    struct vw_conn *c = TAILQ_FIRST(&p->daemon.conns);
    for (size_t i = 0; vw_object_kinds[i]; i++)
        vw_objects_reset(&p->daemon.model.objects[i]);
    if (kind == vw_snapshots.kind)
        prepare_moments(p, &vw_snapshots);
    if (kind == vw_checkpoints.kind)
        prepare_moments(p, &vw_checkpoints);
    vw_objects_set_state(t, t->list[0], kind->inactive, 0);
    t->next_id = 1;
    vw_objects_set_state(t, t->list[0], good_state(kind, name), 0);
    c->hosted = vw_dispatch_entry(p->daemon.dispatch, proc)->row->hosted;
    if (kind == &vw_object_kind_domain)
        prepare_migration(c, (struct vw_domain *)t->list[0], name);
    vw_registrations_finish(&c->events);
    const struct vw_wanted wanted = vw_wanted(kind, VW_EVENT_LIFECYCLE, NULL);
    if (strstr(name, "deregister"))
        assert_int_equal(vw_registrations_add(&c->events, &wanted, true), 0);
    vw_conn_set_opened(c, strcmp(name, "connect_open") != 0);
}

static bool never_succeeds(const char *name)
{
    static const char *const hopeless[] = {
        "domain_get_metadata",          "domain_restore",
        "domain_restore_flags",         "domain_save_image_get_xml_desc",
        "domain_save_image_define_xml", "domain_del_iothread",
        "domain_pin_iothread",          "domain_set_iothread_params",
    };
    for (size_t i = 0; i < sizeof(hopeless) / sizeof(hopeless[0]); i++) {
        if (strcmp(name, hopeless[i]) == 0)
            return true;
    }
    return (strncmp(name, "auth_", 5) == 0 && strcmp(name, "auth_list") != 0) ||
           strcmp(name, "node_get_free_pages") == 0 ||
           strcmp(name, "interface_change_commit") == 0 ||
           strcmp(name, "interface_change_rollback") == 0;
}

/* The reply alone: a stream or an event may follow it. */
static size_t body_length(const struct reply *r)
{
    uint32_t length;
    memcpy(&length, r->body - VW_PREFIX_BYTES, 4);
    return __builtin_bswap32(length) - VW_PREFIX_BYTES;
}

static void check_shape(const struct vw_proc *proc, const struct reply *r)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    struct vw_error err = VW_ERROR_INIT;
    size_t len = body_length(r);
    if (r->header.status != VW_MSG_OK)
        fail_msg("%s: error %d", proc->short_name, reply_error(r).code);
    assert_true(len <= r->len);
    if (!proc->ret) {
        /* The number of descriptors. */
        assert_int_equal(len, r->header.type == VW_MSG_REPLY_WITH_FDS ? 4 : 0);
        return;
    }
    if (vw_xdr_check(proc->ret, r->body, len, VW_STRICT_ALL, &arena, &found, NULL, &err) < 0)
        fail_msg("%s: %s at %s", proc->short_name, err.text, err.path);
    if (found.count > 0)
        fail_msg("%s: %s", proc->short_name, found.list[0].found);
    vw_arena_finish(&arena);
}

static void check_profile(const char *profile)
{
    struct peer p;
    peer_start(&p, profile, NULL);
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_row *h = (*k)->rows; h->procedure && !(*k)->program; h++) {
            const struct vw_proc *proc = peer_find_proc(&p, h->procedure);
            struct reply r;
            if (!proc || strcmp(h->procedure, "connect_close") == 0 ||
                !vw_dispatch_entry(p.daemon.dispatch, proc)->row)
                continue;
            prepare(&p, proc);
            r = good_call(&p, proc);
            if (!never_succeeds(h->procedure))
                check_shape(proc, &r);
        }
    }
    peer_stop(&p);
}

static void test_results_have_their_shape(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++)
        check_profile(*name);
}

/* A handler whose procedure no profile has would never run. */
static void test_handlers_are_known(void **state)
{
    struct peer p;
    peer_start(&p, NULL, NULL);
    for (const struct vw_object_kind *const *k = vw_object_kinds; *k; k++) {
        for (const struct vw_row *h = (*k)->rows; h->procedure; h++) {
            const char *program = (*k)->program ? (*k)->program : "remote";
            const struct vw_proc *proc =
                vw_schema_call(p.daemon.profile->schema, program, h->procedure);
            if (!proc || vw_dispatch_entry(p.daemon.dispatch, proc)->row != h)
                fail_msg("%s.%s: no such procedure, or another row's", program, h->procedure);
        }
    }
    peer_stop(&p);
}

/* The names of all calls of PROFILE whose arguments or results could not be today's structs. */
static void unplannable(const struct vw_profile *profile, const struct vw_schema *today, FILE *out)
{
    const struct vw_program *remote = vw_schema_program_named(profile->schema, "remote");
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        const struct vw_proc *then = &remote->procs[i];
        const struct vw_proc *now = vw_schema_call(today, "remote", vw_proc_today(then));
        struct vw_plan *args = NULL, *ret = NULL;
        if (then->kind == VW_PROC_CALL &&
            (!now || vw_plan_make(then->args, now->args, &args) == VW_PLAN_IMPOSSIBLE ||
             vw_plan_make(now->ret, then->ret, &ret) == VW_PLAN_IMPOSSIBLE))
            fprintf(out, "%s %s\n", profile->name, then->short_name);
        if (args || ret)
            fail_msg("%s %s needs a plan, and no release did", profile->name, then->short_name);
        free(args);
        free(ret);
    }
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A fork of the protocol: a call whose fields stand in another order and go by more names, one
 * whose count is wider. */
static void test_other_layouts_are_converted(void **state)
{
    static const char types[] =
        "struct remote_domain_get_state_args { unsigned int flags; remote_nonnull_domain dom; };"
        "struct remote_domain_get_state_ret { hyper since; int reason; int state; };"
        "struct remote_connect_num_of_domains_ret { hyper num; };";
    struct {
        uint32_t flags;
        struct remote_nonnull_domain dom;
    } args = {.dom = {.name = vw_string("test"), .id = 1}};
    struct peer p;
    struct reply r;
    char folder[VW_TEST_FOLDER], profile[VW_TEST_FOLDER + 16], x[VW_TEST_FOLDER + 16];
    assert_int_equal(vw_test_folder(folder), 0);
    snprintf(profile, sizeof(profile), "%s/fork.yaml", folder);
    snprintf(x, sizeof(x), "%s/fork.x", folder);
    put_file(profile, "profile: fork\ntypes: fork.x\n");
    put_file(x, types);
    peer_start(&p, profile, NULL);
    peer_open(&p, 0);
    memcpy(args.dom.uuid, vw_domain_default.o.uuid, 16);
    r = peer_call_with(&p, peer_proc(&p, "domain_get_state"), &args);
    assert_int_equal(r.header.status, VW_MSG_OK);
    assert_int_equal(r.len, 16);
    assert_memory_equal(r.body, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    r = peer_call(&p, peer_proc(&p, "connect_num_of_domains"), NULL, 0);
    assert_int_equal(reply_error(&r).code, VW_ERR_NO_SUPPORT);
    peer_stop(&p);
    unlink(profile);
    unlink(x);
    rmdir(folder);
}

/* What is off in a release, were there a row for it. */
static void test_rows_that_are_off(void **state)
{
    struct vw_profile *today, *then;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(vw_profile_load(NULL, NULL, &today, NULL), 0);
    for (const char *const *name = vw_profile_names(); *name; name++) {
        assert_int_equal(vw_profile_load(*name, NULL, &then, NULL), 0);
        unplannable(then, today->schema, out);
        vw_profile_destroy(then);
    }
    vw_profile_destroy(today);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "0.3.0 domain_get_scheduler_parameters\n"
                              "0.3.0 domain_set_scheduler_parameters\n");
    free(text);
}

static void check_unsupported(struct peer *p, const struct vw_program *program, bool read_only)
{
    for (uint32_t i = 0; i < program->n_procs; i++) {
        const struct vw_proc *proc = &program->procs[i];
        const struct vw_entry *e = vw_dispatch_entry(p->daemon.dispatch, proc);
        struct vw_error_pair pair;
        struct reply r;
        if (proc->kind != VW_PROC_CALL || (e->row && !(read_only && e->modifies)))
            continue;
        r = good_call(p, proc);
        if (r.header.status != VW_MSG_ERROR)
            fail_msg("%s is served", proc->short_name);
        pair = reply_error(&r);
        if (read_only && e->modifies) {
            assert_int_equal(pair.code, VW_ERR_OPERATION_DENIED);
            assert_int_equal(pair.domain, e->read_only_domain);
        } else {
            assert_int_equal(pair.code, VW_ERR_NO_SUPPORT);
            assert_int_equal(pair.domain, e->no_support_domain);
        }
    }
}

static void test_the_rest_is_not_supported(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++) {
        for (int read_only = 0; read_only < 2; read_only++) {
            const struct vw_dispatch_programs *programs;
            struct peer p;
            peer_start(&p, *name, NULL);
            peer_open(&p, (uint32_t)read_only);
            programs = vw_dispatch_programs(p.daemon.dispatch, false);
            for (size_t i = 0; i < programs->count; i++)
                check_unsupported(&p, programs->list[i], read_only == 1);
            peer_stop(&p);
        }
    }
}

static void test_domains_of_errors(void **state)
{
    static const struct {
        const char *procedure;
        int32_t domain;
        bool modifies;
    } rows[] = {
        {"domain_get_job_info", 20, false},     {"domain_rename", 20, true},
        {"network_list_all_ports", 19, false},  {"network_destroy", 19, true},
        {"storage_pool_build", 18, true},       {"node_device_reset", 22, true},
        {"interface_create", 26, true},         {"secret_get_value", 30, true},
        {"nwfilter_undefine", 33, true},        {"domain_snapshot_delete", 35, true},
        {"domain_checkpoint_delete", 69, true}, {"qemu.domain_monitor_command", 0, true},
        {"lxc.domain_open_namespace", 0, true},
    };
    struct peer p;
    peer_start(&p, "9.0.0", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_entry *e =
            vw_dispatch_entry(p.daemon.dispatch, peer_proc(&p, rows[i].procedure));
        assert_int_equal(e->no_support_domain, rows[i].domain);
        assert_int_equal(e->modifies, rows[i].modifies);
    }
    peer_stop(&p);
}

/* ---- faults ---- */

/* A good call whose answer nobody looks at. */
static void blind_call(struct peer *p, const struct vw_proc *proc)
{
    static uint8_t in[1 << 17];
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number};
    struct vw_limits limits;
    struct vw_buf body = VW_BUF_INIT, message = VW_BUF_INIT;
    vw_limits_from_profile(p->daemon.profile, &limits);
    good_arguments(p, proc, &body);
    assert_int_equal(vw_message_append(&message, &limits, &h, 0, body.data, body.len, NULL), 0);
    peer_send(p, message.data, message.len);
    if (peer_receive(p, in, sizeof(in)) < 0) {
        close(p->fd);
        assert_int_equal(peer_connect(p), 0);
    }
    vw_buf_finish(&body);
    vw_buf_finish(&message);
}

/* Whatever a fault does to good calls, it does without harm to the daemon. Each fault meets one
 * call in four, the next fault the next one: all of them with all faults are 30 s under a
 * sanitizer. */
static void call_one_in_four(struct peer *p)
{
    static unsigned n;
    unsigned row = n++;
    for (const struct vw_object_kind *const *o = vw_object_kinds; *o; o++) {
        for (const struct vw_row *h = (*o)->rows; h->procedure && !(*o)->program; h++, row++) {
            if (row % 4 == 0)
                blind_call(p, peer_proc(p, h->procedure));
        }
    }
}

static void test_faults_with_good_calls(void **state)
{
    struct peer p;
    peer_start(&p, "9.0.0", NULL);
    peer_each_fault(&p, call_one_in_four);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handlers_are_known),
        cmocka_unit_test(test_results_have_their_shape),
        cmocka_unit_test(test_rows_that_are_off),
        cmocka_unit_test(test_other_layouts_are_converted),
        cmocka_unit_test(test_the_rest_is_not_supported),
        cmocka_unit_test(test_domains_of_errors),
        cmocka_unit_test(test_faults_with_good_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
