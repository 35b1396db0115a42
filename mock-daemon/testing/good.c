// SPDX-License-Identifier: MIT
#include "mock-daemon/testing/good.h"

#include <stdlib.h>
#include <string.h>

#include "mock-daemon/kinds/network.h"
#include "mock-daemon/kinds/nwfilter.h"
#include "mock-daemon/kinds/pool.h"
#include "mock-daemon/kinds/port.h"
#include "mock-daemon/kinds/secret.h"
#include "mock-daemon/moment.h"
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

const struct vw_object_kind *good_kind(const struct peer *p, const struct vw_proc *proc)
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
                                        : strcmp(field, "net") == 0 || strcmp(field, "network") == 0
                                            ? &vw_object_kind_network
                                            : good_kind(p, proc);
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
        else if (strcmp(f->name, "name") == 0 || strcmp(f->name, "pool") == 0 ||
                 strcmp(f->name, "portdev") == 0)
            set_string(a, f->type, at,
                       strcmp(vw_proc_today(proc), "connect_open") ? o->name.data
                                                                   : "test:///default");
        else if (strcmp(f->name, "xml") == 0 || strcmp(f->name, "xml_desc") == 0)
            set_string(a, f->type, at,
                       vw_arena_printf(a,
                                       "<%s type='test'><name>%s</name><memory>1</memory>"
                                       "<os><type>hvm</type></os></%s>",
                                       good_kind(p, proc)->name, proc->short_name,
                                       good_kind(p, proc)->name));
        else if (strcmp(f->name, "id") == 0)
            memcpy(at, &o->id, sizeof(o->id));
        else if (strcmp(f->name, "maxids") == 0 || strcmp(f->name, "maxnames") == 0 ||
                 strcmp(f->name, "maxuuids") == 0 || strcmp(f->name, "need_results") == 0)
            memcpy(at, &one, sizeof(one));
    }
}

#define TEST_UUID "6695eb01f6a4830479aa97f2502e193f"
#define IDLE      "\"dom\":{\"name\":\"test\",\"uuid\":\"" TEST_UUID "\",\"id\":-1}"
#define TEST      "\"dom\":{\"name\":\"test\",\"uuid\":\"" TEST_UUID "\",\"id\":1}"
#define VOL       "{\"pool\":\"test\",\"name\":\"test\",\"key\":\"\"}"
#define TEST_POOL "{\"name\":\"test\",\"uuid\":\"" TEST_UUID "\"}"
#define SECRET    "{\"uuid\":\"" TEST_UUID "\",\"usageType\":2,\"usageID\":\"test\"}"
#define POOL_XML(name)                                                                             \
    "{\"xml\":\"<pool type='dir'><name>" name "</name><target><path>/" name                        \
    "</path></target></pool>\",\"flags\":0}"
#define VOL_XML(name)                                                                              \
    "\"pool\":" TEST_POOL ",\"xml\":\"<volume><name>" name                                         \
    "</name><capacity>1</capacity></volume>\""

#define NUMBER(name, type, member)                                                                 \
    "{\"field\":\"" name "\",\"value\":{\"type\":" #type ",\"" member "\":0}}"
#define TEXT(name, text) "{\"field\":\"" name "\",\"value\":{\"type\":7,\"s\":" text "}}"
#define XML_OF(name)                                                                               \
    "\"<domain type='test'><name>" name                                                            \
    "</name><memory>1</memory><os><type>hvm</type></os></domain>\""
#define NEW_XML XML_OF("new")
#define SIZE    NUMBER("size_iops_sec", 4, "ul")
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
    {"domain_migrate_prepare2",
     "{\"uri_in\":null,\"flags\":0,\"dname\":null,\"bandwidth\":0,\"dom_xml\":" XML_OF("two") "}"},
    {"domain_migrate_prepare_tunnel",
     "{\"flags\":4,\"dname\":null,\"bandwidth\":0,\"dom_xml\":" XML_OF("tunnel") "}"},
    {"domain_migrate_finish", "{\"dname\":\"arrived\",\"cookie\":\"\",\"uri\":\"\",\"flags\":0}"},
    {"domain_migrate_finish2",
     "{\"dname\":\"test\",\"cookie\":\"\",\"uri\":\"\",\"flags\":0,\"retcode\":0}"},
    {"domain_migrate_prepare3",
     "{\"cookie_in\":\"\",\"uri_in\":null,\"flags\":0,\"dname\":null,\"bandwidth\":0,"
     "\"dom_xml\":" NEW_XML "}"},
    {"domain_migrate_prepare3_params",
     "{\"cookie_in\":\"\",\"params\":[" TEXT("destination_xml", NEW_XML) "],\"flags\":0}"},
    {"domain_migrate_prepare_tunnel3",
     "{\"cookie_in\":\"\",\"flags\":4,\"dname\":null,\"bandwidth\":0,\"dom_xml\":" NEW_XML "}"},
    {"domain_migrate_prepare_tunnel3_params",
     "{\"cookie_in\":\"\",\"params\":[" TEXT("destination_xml", NEW_XML) "],\"flags\":4}"},
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
    {"domain_block_peek", "{" TEST ",\"path\":\"vda\",\"offset\":0,\"size\":0,\"flags\":0}"},
    {"domain_set_launch_security_state",
     "{" TEST ",\"params\":[" NUMBER("weight", 2, "ui") "],\"flags\":0}"},
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
    {"connect_baseline_cpu",
     "{\"xmlCPUs\":[\"<cpu><arch>x86_64</arch><model>486</model></cpu>\"],\"flags\":0}"},
    {"connect_baseline_hypervisor_cpu",
     "{\"emulator\":null,\"arch\":null,\"machine\":null,\"virttype\":null,\"xmlCPUs\":[\"<cpu/>\"],"
     "\"flags\":0}"},
    {"node_set_memory_parameters", "{\"params\":[" NUMBER("weight", 2, "ui") "],\"flags\":0}"},
    {"node_alloc_pages",
     "{\"pageSizes\":[4],\"pageCounts\":[1],\"startCell\":0,\"cellCount\":1,\"flags\":0}"},
    {"domain_attach", "{\"pid_value\":1,\"flags\":0}"},
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
    {"network_port_create_xml",
     "{\"network\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},"
     "\"xml\":\"<networkport><uuid>" TEST_UUID "</uuid><owner><name>a</name><uuid>" TEST_UUID
     "</uuid></owner><mac address='1:2:3:4:5:6'/></networkport>\",\"flags\":0}"},
    {"nwfilter_define_xml", "{\"xml\":\"<filter name='a'/>\"}"},
    {"nwfilter_define_xml_flags", "{\"xml\":\"<filter name='b'/>\",\"flags\":0}"},
    {"nwfilter_binding_create_xml",
     "{\"xml\":\"<filterbinding><owner><name>a</name><uuid>" TEST_UUID "</uuid></owner>"
     "<portdev name='b'/><mac address='1:2:3:4:5:6'/><filterref filter='test'/>"
     "</filterbinding>\",\"flags\":0}"},
    {"secret_lookup_by_usage", "{\"usageType\":2,\"usageID\":\"test\"}"},
    {"secret_set_value", "{\"secret\":" SECRET ",\"value\":\"00ff\",\"flags\":0}"},
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

void *good_value(const struct peer *p, const struct vw_proc *proc, struct vw_arena *arena)
{
    void *value = given_value(proc, arena);
    if (!value) {
        assert_int_equal(vw_value_minimal(proc->args, arena, &value, NULL), 0);
        fill(p, proc, arena, proc->args, value, good_object(p, proc, ""));
    }
    return value;
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

/* The one that there is. */
static void prepare_secret(struct peer *p)
{
    static const char value[] = {'a', 0, 'b'};
    struct vw_secret like = {.o = {.name = VW_STRING("ceph/test"),
                                   .persistent = 1,
                                   .xml = VW_STRING("<secret ephemeral='no' private='no'/>\n")},
                             .usage = 2,
                             .size = sizeof(value),
                             .value = malloc(sizeof(value))};
    assert_non_null(like.value);
    memcpy(like.value, value, sizeof(value));
    assert_true(vw_uuid_parse(TEST_UUID, like.o.uuid));
    assert_int_equal(
        vw_objects_add(vw_model_objects(&p->daemon.model, &vw_object_kind_secret), &like.o, NULL),
        0);
}

static const struct vw_object *prepare_filter(struct peer *p)
{
    struct vw_object *made;
    struct vw_nwfilter like = {.o = {.name = VW_STRING("test"),
                                     .persistent = 1,
                                     .xml = VW_STRING("<filter name='test' chain='root'/>\n")}};
    assert_true(vw_uuid_parse(TEST_UUID, like.o.uuid));
    assert_int_equal(vw_objects_add(vw_model_objects(&p->daemon.model, &vw_object_kind_nwfilter),
                                    &like.o, &made),
                     0);
    return made;
}

static void prepare_binding(struct peer *p)
{
    const struct vw_object like = {.name = VW_STRING("port"),
                                   .parent = prepare_filter(p),
                                   .uuid = {1},
                                   .persistent = 1,
                                   .xml = VW_STRING("<filterbinding/>\n")};
    assert_int_equal(
        vw_objects_add(vw_model_objects(&p->daemon.model, &vw_object_kind_binding), &like, NULL),
        0);
}

static void prepare_port(struct peer *p)
{
    const struct vw_objects *networks = vw_model_objects(&p->daemon.model, &vw_object_kind_network);
    const struct vw_object like = {.name = VW_STRING("port"),
                                   .parent = networks->list[0],
                                   .uuid = {2},
                                   .persistent = 1,
                                   .xml = VW_STRING("<networkport/>\n")};
    assert_int_equal(
        vw_objects_add(vw_model_objects(&p->daemon.model, &vw_object_kind_port), &like, NULL), 0);
}

/* The domain comes or goes, in the phase in which PROC is for it. */
static void prepare_migration(struct vw_conn *c, struct vw_domain *d, const char *name)
{
    static const struct {
        const char *part;
        enum vw_migration_phase phase;
    } phases[] = {{"_finish2", VW_MIGRATION_ARRIVES},
                  {"_finish3", VW_MIGRATION_ARRIVES},
                  {"_confirm3", VW_MIGRATION_MOVED},
                  {"_abort_job", VW_MIGRATION_MOVING},
                  {"_start_post_copy", VW_MIGRATION_MOVING}};
    struct vw_call call = vw_migration_call(c);
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        if (strstr(name, phases[i].part))
            assert_non_null(vw_migration_add(&call, d, phases[i].phase, VW_MIGRATE_POSTCOPY));
    }
    if (strcmp(name, "domain_migrate_finish") == 0) {
        struct vw_migration *m = vw_migration_add(&call, NULL, VW_MIGRATION_ARRIVES, 0);
        assert_non_null(m);
        m->name = strdup("arrived");
    }
}

void good_prepare(struct peer *p, const struct vw_proc *proc)
{
    const char *name = vw_proc_today(proc);
    const struct vw_object_kind *kind = good_kind(p, proc);
    struct vw_objects *t = vw_model_objects(&p->daemon.model, kind);
    struct vw_conn *c = TAILQ_FIRST(&p->daemon.conns);
    for (size_t i = 0; vw_object_kinds[i]; i++)
        vw_objects_reset(&p->daemon.model.objects[i]);
    if (kind == vw_snapshots.kind)
        prepare_moments(p, &vw_snapshots);
    if (kind == vw_checkpoints.kind)
        prepare_moments(p, &vw_checkpoints);
    if (kind == &vw_object_kind_secret)
        prepare_secret(p);
    if (kind == &vw_object_kind_nwfilter)
        prepare_filter(p);
    if (kind == &vw_object_kind_binding)
        prepare_binding(p);
    if (kind == &vw_object_kind_port)
        prepare_port(p);
    vw_objects_set_state(t, t->list[0], kind->inactive, 0);
    t->next_id = 1;
    vw_objects_set_state(t, t->list[0], good_state(kind, name), 0);
    c->hosted = vw_dispatch_entry(p->daemon.dispatch, proc)->hosted ? vw_hypervisor("qemu:") : NULL;
    if (kind == &vw_object_kind_domain)
        prepare_migration(c, (struct vw_domain *)t->list[0], name);
    vw_registrations_finish(&c->events);
    const struct vw_wanted wanted = vw_wanted(kind, VW_EVENT_LIFECYCLE, NULL);
    if (strstr(name, "deregister"))
        assert_int_equal(vw_registrations_add(&c->events, &wanted, true), 0);
    vw_conn_set_opened(c, strcmp(name, "connect_open") != 0);
}
