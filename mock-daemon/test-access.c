// SPDX-License-Identifier: MIT
// Who may do what: rules by who comes and by object, what lists and events leave out, what
// libvirt's policy lets anybody do, and where it is said that a rule is wrong.
#include "mock-daemon/testing/steps.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define WEB "6695eb01f6a4830479aa97f2502e193f"
#define DB  "6695eb01f6a4830479aa97f2502e1940"

#define DB_DASHES "6695eb01-f6a4-8304-79aa-97f2502e1940"

#define DOMAINS                                                                                    \
    "domains:\n"                                                                                   \
    "  - {name: web, uuid: " WEB "}\n"                                                             \
    "  - {name: db, uuid: " DB "}\n"                                                               \
    "  - {name: web-off, state: shutoff}\n"

#define OPEN     "connect_open", "{\"name\":\"test:///default\",\"flags\":0}"
#define DOM(u)   "{\"dom\":{\"name\":\"x\",\"uuid\":\"" u "\",\"id\":-1}}"
#define NAME(n)  "{\"name\":\"" n "\"}"
#define FLAGS(n) "\"flags\":" #n
#define ALL      "{\"need_results\":0,\"flags\":0}"
#define DENIED   "error 88/55"

/* A daemon with CONFIG, to which user UID comes over a UNIX socket; -1: over TCP. */
static void start_as(struct peer *p, const char *profile, const char *config, int64_t uid)
{
    struct vw_config c;
    struct vw_error err = VW_ERROR_INIT;
    peer_start(p, profile, NULL);
    assert_int_equal(vw_config_init(&c, NULL), 0);
    if (vw_config_parse(&c, config, strlen(config), &err) < 0)
        fail_msg("%s: %u:%u: %s", config, err.line, err.column, err.text);
    peer_set_domains(p, c.domains, c.n_domains);
    vw_config_finish(&p->config);
    p->config = c;
    p->config.peer_uid = uid;
    p->listener.unix_socket = uid >= 0;
    peer_reconnect(p, NULL);
}

static void start(struct peer *p, const char *config, int64_t uid)
{
    start_as(p, NULL, config, uid);
}

static void plays(const char *config, int64_t uid, const struct step *steps, size_t n)
{
    struct peer p;
    start(&p, config, uid);
    play(&p, steps, n);
    peer_stop(&p);
}

/* ---- rules ---- */

static void test_sees_some_and_starts_none(void **state)
{
    static const char config[] = DOMAINS "access:\n"
                                         "  - {uid: 1000, deny: domain.*, object: db}\n"
                                         "  - {uid: 1000, deny: domain.getattr, object: '*-off'}\n"
                                         "  - {uid: 1000, deny: domain.start}\n"
                                         "  - {uid: 1000, allow: ['domain.*', connect.*]}\n";
    static const struct step steps[] = {
        {OPEN, "ok"},
        {"connect_num_of_domains", "{}", "ok 00000001"},
        {"connect_num_of_defined_domains", "{}", "ok 00000000"},
        {"connect_list_domains", "{\"maxids\":5}", "ok 00000001 00000001"},
        {"connect_list_defined_domains", "{\"maxnames\":5}", "ok 00000000"},
        {"connect_list_all_domains", ALL, "ok 00000000 00000001"},
        {"connect_get_all_domain_stats", "{\"doms\":[],\"stats\":1,\"flags\":0}",
         "ok 00000002 00000003 77656200 *"},
        {"domain_lookup_by_name", NAME("web"), "ok *"},
        {"domain_lookup_by_name", NAME("db"), DENIED},
        {"domain_lookup_by_name", NAME("none"), "error 42/12"},
        {"domain_lookup_by_id", "{\"id\":2}", DENIED},
        {"domain_lookup_by_uuid", "{\"uuid\":\"" DB "\"}", DENIED},
        {"domain_get_info", DOM(WEB), "ok *"},
        {"domain_get_info", DOM(DB), DENIED},
        {"domain_get_info", DOM("00000000000000000000000000000000"), "error 42/12"},
        {"domain_suspend", DOM(WEB), "ok"},
        {"domain_create", DOM(WEB), DENIED},
        {"domain_destroy", DOM(WEB), "ok"},
        {"domain_shutdown", DOM(DB), DENIED},
        {"domain_define_xml",
         "{\"xml\":\"<domain type='test'><name>db</name><uuid>" DB "</uuid>\"}", "error *"},
        {"domain_define_xml",
         "{\"xml\":\"<domain type='test'><name>db</name><memory>1</memory><os><type>hvm</type></os>"
         "</domain>\"}",
         DENIED},
        {"domain_create_xml",
         "{\"xml_desc\":\"<domain "
         "type='test'><name>new</name><memory>1</memory><os><type>hvm</type>"
         "</os></domain>\",\"flags\":0}",
         DENIED},
    };
    plays(config, 1000, steps, COUNT(steps));
    /* Root may do anything. */
    static const struct step root[] = {
        {OPEN, "ok"},
        {"connect_num_of_domains", "{}", "ok 00000002"},
        {"domain_lookup_by_name", NAME("db"), "ok *"},
        {"domain_shutdown", DOM(DB), "ok"},
    };
    plays(config, 0, root, COUNT(root));
}

static void test_defaults(void **state)
{
    static const struct step steps[] = {
        {OPEN, "ok"},
        {"connect_get_hostname", "{}", "ok *"},
        {"connect_num_of_domains", "{}", "ok 00000002"},
        {"domain_get_info", DOM(WEB), "ok *"},
        {"domain_get_xml_desc",
         "{\"dom\":{\"name\":\"x\",\"uuid\":\"" WEB "\",\"id\":-1},\"flags\":0}", "ok *"},
        {"domain_get_xml_desc",
         "{\"dom\":{\"name\":\"x\",\"uuid\":\"" WEB "\",\"id\":-1},\"flags\":1}", DENIED},
        {"domain_suspend", DOM(WEB), DENIED},
        {"network_lookup_by_name", NAME("default"), "ok *"},
        {"storage_vol_lookup_by_path", "{\"path\":\"/test\"}", "ok *"},
        {"connect_find_storage_pool_sources", "{\"type\":\"logical\",\"srcSpec\":null,\"flags\":0}",
         DENIED},
        {"node_device_create_xml", "{\"xml_desc\":\"<device/>\",\"flags\":0}", "error *"},
        {"interface_change_begin", "{\"flags\":0}", DENIED},
        {"interface_define_xml", "{\"xml\":\"<interface type='vlan' name='a'/>\",\"flags\":0}",
         DENIED},
    };
    plays(DOMAINS "access: []\n", 1000, steps, COUNT(steps));
    static const struct step stranger[] = {{OPEN, DENIED}};
    plays(DOMAINS "access: []\n", -1, stranger, COUNT(stranger));
    static const struct step anybody[] = {{OPEN, "ok"}, {"domain_suspend", DOM(WEB), DENIED}};
    plays(DOMAINS "access: [{allow: connect.*}]\n", -1, anybody, COUNT(anybody));
}

static void test_flags_say_what_is_needed(void **state)
{
#define SET(flags)                                                                                 \
    "{\"dom\":{\"name\":\"x\",\"uuid\":\"" WEB "\",\"id\":-1},\"nvcpus\":1,\"flags\":" #flags "}"
    static const struct step steps[] = {
        {OPEN, "ok"},
        {"domain_set_vcpus_flags", SET(1), "ok"},   /* live: domain.write */
        {"domain_set_vcpus_flags", SET(2), DENIED}, /* config: domain.save too */
        {"domain_set_vcpus_flags", SET(3), DENIED},
        {"domain_set_vcpus_flags", SET(0), DENIED},
    };
    plays(DOMAINS "access: [{allow: [domain.write, connect.getattr]}]\n", 1000, steps,
          COUNT(steps));
#define UPDATE(flags)                                                                              \
    "{\"net\":{\"name\":\"x\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},"                     \
    "\"command\":3,\"section\":4,\"parentIndex\":-1,"                                              \
    "\"xml\":\"<host mac='00:16:3e:77:e2:ed' name='a' ip='192.168.122.10'/>\",\"flags\":" #flags   \
    "}"
    static const struct step update[] = {
        {OPEN, "ok"},
        {"network_update", UPDATE(0), DENIED},
        {"network_update", UPDATE(2), DENIED},
        {"network_update", UPDATE(3), DENIED},
        {"network_update", UPDATE(1), "ok"},
    };
    plays("access: [{deny: network.save}, {allow: '*'}]\n", 1000, update, COUNT(update));
    /* They need not be called flags. */
#define ADDRESSES(from)                                                                            \
    "{\"dom\":{\"name\":\"x\",\"uuid\":\"" WEB "\",\"id\":-1},\"source\":" #from ",\"flags\":0}"
    static const struct step addresses[] = {
        {OPEN, "ok"},
        {"domain_interface_addresses", ADDRESSES(0), "ok *"},
        {"domain_interface_addresses", ADDRESSES(1), DENIED},
    };
    plays(DOMAINS "access: [{deny: domain.write}, {allow: '*'}]\n", 1000, addresses,
          COUNT(addresses));
}

static void test_other_objects(void **state)
{
#define POOL "{\"pool\":{\"name\":\"default-pool\",\"uuid\":\"dfe224cb28fb8dd0c4b264eb3f0f4566\"}"
#define VOL(n)                                                                                     \
    POOL ",\"xml\":\"<volume><name>" n "</name><capacity>1</capacity></volume>\",\"flags\":0}"
    static const char config[] = "access:\n"
                                 "  - {deny: storage-vol.*, object: default-pool/b*}\n"
                                 "  - {deny: storage-vol.create, object: default-pool/c}\n"
                                 "  - {deny: network.*}\n"
                                 "  - {deny: node-device.getattr, object: 'scsi_host2'}\n"
                                 "  - {allow: '*'}\n";
    static const struct step steps[] = {
        {OPEN, "ok"},
        {"storage_vol_create_xml", VOL("a"), "ok *"},
        {"storage_vol_create_xml", VOL("b"), DENIED},
        {"storage_vol_create_xml", VOL("c"), DENIED},
        {"storage_pool_num_of_volumes", POOL "}", "ok 00000001"},
        {"storage_pool_list_volumes", POOL ",\"maxnames\":5}", "ok 00000001 00000001 61000000"},
        {"storage_pool_list_all_volumes", POOL ",\"need_results\":0,\"flags\":0}",
         "ok 00000000 00000001"},
        {"node_num_of_devices", "{\"cap\":null,\"flags\":0}", "ok 00000003"},
        {"node_list_devices", "{\"cap\":null,\"maxnames\":5,\"flags\":0}", "ok 00000003 *"},
        {"connect_num_of_networks", "{}", "ok 00000000"},
        {"connect_list_networks", "{\"maxnames\":5}", "ok 00000000"},
        {"network_lookup_by_name", NAME("default"), DENIED},
        {"network_lookup_by_name", NAME("none"), "error 43/*"},
    };
    plays(config, 1000, steps, COUNT(steps));
}

static void test_hosted_objects(void **state)
{
#define SECRET(u) "{\"secret\":{\"uuid\":\"" u "\",\"usageType\":0,\"usageID\":\"\"},\"flags\":0}"
#define DEFINE(x) "{\"xml\":\"<secret>" x "</secret>\",\"flags\":0}"
#define NETWORK   "{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"}"
#define PORT(u)                                                                                    \
    "{\"network\":" NETWORK ",\"xml\":\"<networkport><uuid>" u "</uuid><owner><name>o</name>"      \
    "<uuid>" WEB "</uuid></owner><mac address='1:2:3:4:5:6'/></networkport>\",\"flags\":0}"
#define FILTER(n) "{\"xml\":\"<filter name='" n "'/>\"}"
#define BINDING(n)                                                                                 \
    "{\"xml\":\"<filterbinding><owner><name>o</name><uuid>" WEB "</uuid></owner><portdev name='" n \
    "'/><mac address='1:2:3:4:5:6'/><filterref filter='seen'/></filterbinding>\",\"flags\":0}"
    static const char config[] =
        "drivers: [qemu]\n"
        "access:\n"
        "  - {deny: [secret.getattr, secret.read-secure], object: ceph/*}\n"
        "  - {deny: secret.*, object: vtpm/*}\n"
        "  - {deny: secret.write, object: " DB_DASHES "}\n"
        "  - {deny: network-port.create, object: " DB_DASHES "}\n"
        "  - {deny: network-port.getattr}\n"
        "  - {deny: nwfilter.write, object: denied}\n"
        "  - {deny: nwfilter.getattr, object: hidden}\n"
        "  - {deny: nwfilter-binding.create, object: denied}\n"
        "  - {deny: nwfilter-binding.getattr, object: hidden}\n"
        "  - {allow: '*'}\n";
    static const struct step steps[] = {
        {"connect_open", "{\"name\":\"qemu:///system\",\"flags\":0}", "ok"},
        {"secret_define_xml",
         DEFINE("<uuid>" WEB "</uuid><usage type='ceph'><name>c</name></usage>"), "ok *"},
        {"secret_define_xml", DEFINE("<usage type='tls'><name>t</name></usage>"), "ok *"},
        {"secret_define_xml", DEFINE("<uuid>" DB_DASHES "</uuid>"), DENIED},
        {"secret_define_xml", DEFINE("<usage type='vtpm'><name>v</name></usage>"), DENIED},
        {"connect_num_of_secrets", "{}", "ok 00000001"},
        {"connect_list_secrets", "{\"maxuuids\":5}", "ok 00000001 *"},
        {"connect_list_all_secrets", ALL, "ok 00000000 00000001"},
        {"secret_lookup_by_uuid", "{\"uuid\":\"" WEB "\"}", DENIED},
        {"secret_lookup_by_usage", "{\"usageType\":2,\"usageID\":\"c\"}", DENIED},
        {"secret_lookup_by_usage", "{\"usageType\":4,\"usageID\":\"t\"}", "ok *"},
        {"secret_get_value", SECRET(WEB), DENIED},
        {"secret_get_value", SECRET(DB), "error 66/30"},
        {"nwfilter_define_xml", FILTER("denied"), DENIED},
        {"nwfilter_define_xml", FILTER("hidden"), "ok *"},
        {"nwfilter_define_xml", FILTER("seen"), "ok *"},
        {"connect_num_of_nwfilters", "{}", "ok 00000001"},
        {"connect_list_nwfilters", "{\"maxnames\":5}", "ok 00000001 00000004 7365656e"},
        {"connect_list_all_nwfilters", ALL, "ok 00000000 00000001"},
        {"nwfilter_lookup_by_name", NAME("hidden"), DENIED},
        {"nwfilter_binding_create_xml", BINDING("denied"), DENIED},
        {"nwfilter_binding_create_xml", BINDING("hidden"), "ok *"},
        {"nwfilter_binding_create_xml", BINDING("seen"), "ok *"},
        {"connect_list_all_nwfilter_bindings", ALL, "ok 00000000 00000001"},
        {"nwfilter_binding_lookup_by_port_dev", NAME("hidden"), DENIED},
        {"nwfilter_binding_lookup_by_port_dev", NAME("seen"), "ok *"},
        {"network_port_create_xml", PORT(DB_DASHES), DENIED},
        {"network_port_create_xml", PORT(WEB), "ok *"},
        {"network_list_all_ports", "{\"network\":" NETWORK ",\"need_results\":0,\"flags\":0}",
         "ok 00000000 00000000"},
    };
    plays(config, 1000, steps, COUNT(steps));
}

static bool is_filtered(const struct vw_proc *proc)
{
    bool yes = false;
    for (uint32_t i = 0; i < proc->n_annotations; i++)
        yes |= strcmp(proc->annotations[i].key, "aclfilter") == 0;
    return yes && !strstr(proc->short_name, "_event_");
}

/* Whatever lists or counts objects leaves out what may not be seen. */
static void test_each_list_is_filtered(void **state)
{
#define NAMES(more) "{" more "\"maxnames\":5}"
#define NONE        "ok 00000000"
    static const char config[] =
        DOMAINS "access: [{deny: ['*.getattr', domain.read], object: '*'}, {allow: '*'}]\n";
    static const struct step steps[] = {
        {"connect_num_of_domains", "{}", NONE},
        {"connect_list_domains", "{\"maxids\":5}", NONE},
        {"connect_num_of_defined_domains", "{}", NONE},
        {"connect_list_defined_domains", NAMES(""), NONE},
        {"connect_list_all_domains", ALL, NONE " 00000000"},
        {"connect_get_all_domain_stats", "{\"doms\":[],\"stats\":1,\"flags\":0}", NONE},
        {"connect_num_of_networks", "{}", NONE},
        {"connect_list_networks", NAMES(""), NONE},
        {"connect_num_of_defined_networks", "{}", NONE},
        {"connect_list_defined_networks", NAMES(""), NONE},
        {"connect_list_all_networks", ALL, NONE " 00000000"},
        {"connect_num_of_interfaces", "{}", NONE},
        {"connect_list_interfaces", NAMES(""), NONE},
        {"connect_num_of_defined_interfaces", "{}", NONE},
        {"connect_list_defined_interfaces", NAMES(""), NONE},
        {"connect_list_all_interfaces", ALL, NONE " 00000000"},
        {"connect_num_of_storage_pools", "{}", NONE},
        {"connect_list_storage_pools", NAMES(""), NONE},
        {"connect_num_of_defined_storage_pools", "{}", NONE},
        {"connect_list_defined_storage_pools", NAMES(""), NONE},
        {"connect_list_all_storage_pools", ALL, NONE " 00000000"},
        {"node_num_of_devices", "{\"cap\":null,\"flags\":0}", NONE},
        {"node_list_devices", "{\"cap\":null,\"maxnames\":5,\"flags\":0}", NONE},
        {"connect_list_all_node_devices", ALL, NONE " 00000000"},
        /* test_hosted_objects */
        {"connect_num_of_secrets", NULL, NULL},
        {"connect_list_secrets", NULL, NULL},
        {"connect_list_all_secrets", NULL, NULL},
        {"connect_num_of_nwfilters", NULL, NULL},
        {"connect_list_nwfilters", NULL, NULL},
        {"connect_list_all_nwfilters", NULL, NULL},
        {"connect_list_all_nwfilter_bindings", NULL, NULL},
        {"network_list_all_ports", NULL, NULL},
        /* test_other_objects */
        {"storage_pool_num_of_volumes", NULL, NULL},
        {"storage_pool_list_volumes", NULL, NULL},
        {"storage_pool_list_all_volumes", NULL, NULL},
    };
    static const struct step open = {OPEN, "ok"};
    struct peer p;
    start(&p, config, 1000);
    play(&p, &open, 1);
    for (size_t i = 0; i < COUNT(steps) && steps[i].args; i++)
        play(&p, &steps[i], 1);
    const struct vw_program *remote = vw_schema_program_named(p.daemon.profile->schema, "remote");
    for (uint32_t i = 0; i < remote->n_procs; i++) {
        const struct vw_proc *proc = &remote->procs[i];
        size_t k = 0;
        while (k < COUNT(steps) && strcmp(steps[k].procedure, proc->short_name) != 0)
            k++;
        if (k == COUNT(steps) && is_filtered(proc) &&
            vw_dispatch_entry(p.daemon.dispatch, proc)->row)
            fail_msg("%s is in no table", proc->short_name);
    }
    peer_stop(&p);
}

/* The annotations hold for each release that knows of access, and for what is made up. */
static void test_releases_and_what_is_made_up(void **state)
{
    static const struct step today[] = {
        {OPEN, "ok"},
        {"connect_num_of_domains", "{}", NONE},
        {"domain_lookup_by_name", NAME("web"), DENIED},
        {"domain_suspend", DOM(DB), DENIED},
    };
    static const struct step then[] = {{OPEN, "ok"}, {"domain_suspend", DOM(DB), "ok"}};
    static const char config[] =
        DOMAINS "access: [{deny: [domain.getattr, domain.suspend]}, {allow: '*'}]\n";
    static const struct {
        const char *profile;
        const struct step *steps;
        size_t n;
    } rows[] = {
        {"0.3.0", then, COUNT(then)},
        {"7.0.0", today, COUNT(today)},
        {"12.8.0", today, COUNT(today)},
    };
    struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        start_as(&p, rows[i].profile, config, 1000);
        play(&p, rows[i].steps, rows[i].n);
        peer_stop(&p);
    }
    static const struct step secrets[] = {
        {OPEN, "ok"},
        {"connect_num_of_nwfilters", "{}", "ok *"},
        {"connect_num_of_secrets", "{}", DENIED},
        {"nwfilter_get_xml_desc",
         "{\"nwfilter\":{\"name\":\"x\",\"uuid\":\"" WEB "\"},\"flags\":0}", "ok *"},
    };
    start(&p, "access: [{deny: connect.search-secrets}, {allow: '*'}]\n", 1000);
    p.daemon.synthesize = true;
    play(&p, secrets, COUNT(secrets));
    peer_stop(&p);
}

/* ---- events ---- */

static void test_events(void **state)
{
    static const struct step steps[] = {
        {OPEN, "ok"},
        {"connect_domain_event_callback_register_any", "{\"eventID\":0,\"dom\":null}",
         "ok 00000000"},
        {"domain_suspend", DOM(DB), "ok"},
        {"domain_suspend", DOM(WEB), "ok, event *"},
    };
    plays(DOMAINS "access: [{deny: domain.getattr, object: db}, {allow: '*'}]\n", 1000, steps,
          COUNT(steps));
}

/* ---- who ---- */

static void test_names(void **state)
{
    static const struct {
        const char *user, *certificate;
        const char *rule;
        bool may;
    } rows[] = {
        {"fred", NULL, "{user: fred, allow: '*'}", true},
        {"fred", NULL, "{user: 'f*', allow: '*'}", true},
        {"joe", NULL, "{user: fred, allow: '*'}", false},
        {NULL, "CN=ops,O=here", "{dn: 'CN=ops*', allow: '*'}", true},
        {NULL, "CN=dev,O=here", "{dn: 'CN=ops*', allow: '*'}", false},
        {"fred", "CN=ops", "{user: fred, dn: 'CN=dev', allow: '*'}", false},
        {"fred", NULL, "{uid: 1000, allow: '*'}", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct peer p;
        char config[128];
        const struct step open = {OPEN, rows[i].may ? "ok" : DENIED};
        snprintf(config, sizeof(config), "access: [%s]\n", rows[i].rule);
        start(&p, config, -1);
        struct vw_conn *c = TAILQ_FIRST(&p.daemon.conns);
        c->user = rows[i].user ? strdup(rows[i].user) : NULL;
        c->certificate = rows[i].certificate ? strdup(rows[i].certificate) : NULL;
        play(&p, &open, 1);
        peer_stop(&p);
    }
    /* The process behind a UNIX socket has the name of its user. */
    static const struct step open[] = {{OPEN, "ok"}, {"domain_suspend", DOM(WEB), "ok"}};
    plays(DOMAINS "access: [{user: nobody, allow: '*'}]\n", 65534, open, COUNT(open));
}

/* ---- the file ---- */

static void test_mistakes_have_a_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says;
    } rows[] = {
        {"access: yes\n", 1, 9, "a list of rules must stand here"},
        {"access:\n  - yes\n", 2, 5, "a rule must stand here"},
        {"access:\n  - {user: a}\n", 2, 5, "a rule needs allow or deny"},
        {"access: [{allow: '*', deny: '*'}]\n", 1, 23, "a rule either allows or denies"},
        {"access: [{allow: []}]\n", 1, 18, "a permission must stand here"},
        {"access: [{allow: [[]]}]\n", 1, 19, "a permission must stand here"},
        {"access:\n  - deny: [domain.read, domain.strat]\n", 2, 25,
         "unknown permission \"domain.strat\"; did you mean \"domain.start\"?"},
        {"access: [{allow: storage_vol.read}]\n", 1, 18, "unknown permission"},
        {"access: [{uesr: a, allow: '*'}]\n", 1, 11,
         "unknown key \"uesr\"; did you mean \"user\"?"},
        {"access: [{uid: -1, allow: '*'}]\n", 1, 16, "expected a whole number"},
        {"access: [{object: [], allow: '*'}]\n", 1, 19, "a text or a pattern must stand here"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_config c;
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_config_init(&c, NULL), 0);
        assert_int_equal(vw_config_parse(&c, rows[i].text, strlen(rows[i].text), &err), VW_ESYNTAX);
        if (err.line != rows[i].line || err.column != rows[i].column ||
            strncmp(err.text, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("%s: %u:%u: %s", rows[i].text, err.line, err.column, err.text);
        vw_config_finish(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sees_some_and_starts_none),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_flags_say_what_is_needed),
        cmocka_unit_test(test_other_objects),
        cmocka_unit_test(test_hosted_objects),
        cmocka_unit_test(test_each_list_is_filtered),
        cmocka_unit_test(test_releases_and_what_is_made_up),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_mistakes_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
