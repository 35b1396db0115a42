// SPDX-License-Identifier: MIT
// What another hypervisor than the test driver calls itself and its errors, and how long what it
// has is there. The errors are those that libvirtd 9.0.0 answered on qemu:///session, but for those
// that need a domain, which could not be asked for there.
#include <stdio.h>
#include <string.h>

#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void open_as(struct peer *p, const char *name)
{
    char args[128];
    snprintf(args, sizeof(args), "{\"name\":\"%s\",\"flags\":0}", name);
    const struct step opens = {"connect_open", args, "ok"};
    play(p, &opens, 1);
}

static void start_with(struct peer *p, const char *const *drivers, size_t n)
{
    peer_start(p, NULL, NULL);
    p->config.drivers = (const char **)(uintptr_t)drivers;
    p->config.n_drivers = n;
}

static void each_has_a_name_and_errors_of_its_own(void **state)
{
    static const char *const drivers[] = {"qemu", "lxc", "xen", "bhyve", "other"};
    static const struct {
        const char *name, *type, *version, *missing;
    } rows[] = {
        {"test:///default", "ok 00000004 54455354", "ok 00000000 00000002", "error 42/12"},
        {"qemu:///system", "ok 00000004 51454d55", "ok 00000000 006ad790", "error 42/10"},
        {"qemu:///session", "ok 00000004 51454d55", "ok 00000000 006ad790", "error 42/10"},
        {"lxc:///system", "ok 00000003 4c584300", "ok 00000000 005b9168", "error 42/17"},
        {"xen:///system", "ok 00000003 58656e00", "ok 00000000 003d4b68", "error 42/41"},
        {"bhyve:///system", "ok 00000005 42485956 45000000", "*", "error 42/57"},
        {"other:///", "ok 00000004 54455354", "ok 00000000 00000002", "error 42/12"},
    };
    struct peer p;
    start_with(&p, drivers, COUNT(drivers));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct step steps[] = {
            {"connect_get_type", "{}", rows[i].type},
            {"connect_get_version", "{}", rows[i].version},
            {"domain_lookup_by_name", "{\"name\":\"none\"}", rows[i].missing},
        };
        open_as(&p, rows[i].name);
        play(&p, steps, COUNT(steps));
        peer_reconnect(&p, NULL);
    }
    peer_stop(&p);
}

/* As libvirtd 9.0.0 answers on lxc:///system. */
static void lxc_does_not_migrate(void **state)
{
    static const char *const drivers[] = {"lxc"};
    static const char dom[] =
        "{\"dom\":{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":1}}";
    static const struct step steps[] = {
        {"connect_supports_feature", "{\"feature\":3}", "ok 00000000"},
        {"connect_supports_feature", "{\"feature\":6}", "ok 00000000"},
        {"connect_supports_feature", "{\"feature\":8}", "ok 00000001"},
        {"connect_supports_feature", "{\"feature\":12}", "ok 00000000"},
        {"connect_supports_feature", "{\"feature\":13}", "ok 00000000"},
        {"domain_get_job_info", dom, "error 3/20"},
        {"domain_abort_job", dom, "error 3/20"},
        {"connect_num_of_secrets", "{}", "ok 00000000"},
    };
    struct peer p;
    start_with(&p, drivers, 1);
    open_as(&p, "lxc:///system");
    play(&p, steps, COUNT(steps));
    peer_stop(&p);
}

#define REF  "{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":1}"
#define NONE "{\"name\":\"none\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\"}"

static const struct step errors_are_of_their_drivers_steps[] = {
    {"domain_lookup_by_id", "{\"id\":7}", "error 42/10"},
    {"domain_create", "{\"dom\":" REF "}", "error 55/10"},
    {"connect_list_all_domains", "{\"need_results\":1,\"flags\":1048576}", "error 8/10"},
    {"domain_snapshot_lookup_by_name", "{\"dom\":" REF ",\"name\":\"z\",\"flags\":0}",
     "error 72/10"},
    {"connect_get_cpu_model_names", "{\"arch\":\"x\",\"need_results\":1,\"flags\":0}",
     "error 8/10"},
    {"domain_define_xml", "{\"xml\":\"<dom/>\"}", "error 27/5"},
    {"network_lookup_by_name", "{\"name\":\"x\"}", "error 43/19"},
    {"network_create_xml", "{\"xml\":\"<x/>\"}", "error 27/5"},
    {"network_port_lookup_by_uuid",
     "{\"network\":" NONE ",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\"}", "error 43/19"},
    {"storage_pool_lookup_by_name", "{\"name\":\"x\"}", "error 49/18"},
    {"storage_vol_lookup_by_key", "{\"key\":\"k\"}", "error 50/18"},
    {"storage_vol_lookup_by_path", "{\"path\":\"k\"}", "error 50/18"},
    {"connect_find_storage_pool_sources", "{\"type\":\"netfs\",\"srcSpec\":null,\"flags\":0}",
     "error 8/18"},
    {"interface_lookup_by_name", "{\"name\":\"x\"}", "error 57/26"},
    {"node_device_lookup_by_name", "{\"name\":\"x\"}", "error 53/22"},
    {"nwfilter_lookup_by_name", "{\"name\":\"x\"}", "error 62/33"},
};
PLAYS(start_hosted, errors_are_of_their_drivers)

#define SAME       "<os><type>hvm</type></os><memory>1</memory><vcpu>1</vcpu></domain>"
#define DEFINE(as) "{\"xml\":\"<domain type='" as "'><name>new</name>" SAME "\"}"

/* The test driver forgets what it had with its last client, and no other does. */
static void what_others_have_outlives_their_clients(void **state)
{
    static const char *const drivers[] = {"qemu"};
    static const struct step defines = {"domain_define_xml", DEFINE("qemu"), "ok *"};
    static const struct step there = {"domain_lookup_by_name", "{\"name\":\"new\"}", "ok *"};
    static const struct step gone = {"domain_lookup_by_name", "{\"name\":\"new\"}", "error 42/12"};
    struct peer p;
    start_with(&p, drivers, COUNT(drivers));
    open_as(&p, "test:///default");
    play(&p, &defines, 1);
    peer_reconnect(&p, NULL);
    open_as(&p, "test:///default");
    play(&p, &gone, 1);
    peer_reconnect(&p, NULL);
    open_as(&p, "qemu:///system");
    play(&p, &defines, 1);
    peer_reconnect(&p, NULL);
    open_as(&p, "qemu:///system");
    play(&p, &there, 1);
    peer_reconnect(&p, NULL);
    vw_model_begin_again(&p.daemon.model);
    open_as(&p, "test:///default");
    play(&p, &gone, 1);
    peer_stop(&p);
}

/* What is said of the machine and of a domain that is there at the start is as of the one open. */
static void guests_are_of_the_one_that_is_open(void **state)
{
    static const char *const drivers[] = {"qemu"};
    static const struct {
        const char *name, *type;
    } rows[] = {{"test:///default", "domain type='test'"},
                {"qemu:///system", "domain type='qemu'"}};
    struct peer p;
    start_with(&p, drivers, COUNT(drivers));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_string text;
        struct vw_arena *arena = &p.daemon.arena;
        open_as(&p, rows[i].name);
        struct vw_call c = {.conn = TAILQ_FIRST(&p.daemon.conns), .fd = -1};
        const struct vw_objects *t = vw_model_objects(&p.daemon.model, &vw_object_kind_domain);
        assert_int_equal(vw_domain_text(&c, (struct vw_domain *)t->list[0], &text), VW_DONE);
        assert_non_null(strstr(text.data, rows[i].type));
        vw_arena_reset(arena);
        peer_reconnect(&p, NULL);
    }
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_name_and_errors_of_its_own),
        cmocka_unit_test(lxc_does_not_migrate),
        cmocka_unit_test(errors_are_of_their_drivers),
        cmocka_unit_test(what_others_have_outlives_their_clients),
        cmocka_unit_test(guests_are_of_the_one_that_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
