// SPDX-License-Identifier: MIT
// What becomes of domains that clients define, change and tune: codes, domains and events as
// libvirtd 9.0.0 with the test driver has them.
#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void plays(const struct step *steps, size_t n)
{
    struct peer p;
    peer_start(&p, NULL, NULL);
    peer_set_domains(&p, &vw_domain_default, 1);
    peer_open(&p, 0);
    play(&p, steps, n);
    peer_stop(&p);
}

#define TEST         "{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":1}"
#define WEB          "{\"name\":\"web\",\"uuid\":\"00000000000000000000000000000001\",\"id\":-1}"
#define DOM(d)       "{\"dom\":" d "}"
#define FLAGS(d, f)  "{\"dom\":" d ",\"flags\":" #f "}"
#define WITH(d, ...) "{\"dom\":" d "," __VA_ARGS__ "}"
#define XML(text)    "{\"xml\":\"" text "\"}"
#define UUID(last)   "<uuid>00000000-0000-0000-0000-00000000000" #last "</uuid>"
#define REST         "<memory>1024</memory><os><type>hvm</type></os>"
#define DOMAIN(...)  XML("<domain type='test'>" __VA_ARGS__ "</domain>")

/* ---- definitions ---- */

#define WEB_HEX "00000003 77656200 00000000 00000000 00000000 00000001"
#define APP_HEX "00000003 61707000 00000000 00000000 00000000 00000001"
#define EVENT(domain, event, detail)                                                               \
    ", event 107 " domain " ffffffff 0000000" #event " 0000000" #detail

#define EVENT_OF(domain, event, detail) ", event 107 " domain " 0000000" #event " 0000000" #detail

static const struct step definitions[] = {
    {"connect_domain_event_register", "{}", "ok 00000000"},
    {"domain_define_xml", XML("<domain"), "error 35/20"},
    {"domain_define_xml", XML("<!DOCTYPE d [<!ENTITY a 'b'>]><domain type='test'/>"),
     "error 35/20"},
    {"domain_define_xml", XML("<network/>"), "error 27/5"},
    {"domain_define_xml", XML("<domain/>"), "error 21/20"},
    {"domain_define_xml", DOMAIN(REST), "error 21/20"},
    {"domain_define_xml", DOMAIN("<name>a/b</name>" REST), "error 27/5"},
    {"domain_define_xml", DOMAIN("<name>web</name><os><type>hvm</type></os>"), "error 27/20"},
    {"domain_define_xml", DOMAIN("<name>web</name><memory>1</memory>"), "error 27/20"},
    {"domain_define_xml",
     DOMAIN("<name>web</name><memory unit='ell'>1</memory>"
            "<os><type>hvm</type></os>"),
     "error 8/0"},
    {"domain_define_xml", DOMAIN("<name>web</name><vcpu current='3'>2</vcpu>" REST), "error 67/20"},
    {"domain_define_xml", DOMAIN("<name>test</name>" UUID(1) REST), "error 9/20"},
    {"domain_define_xml", DOMAIN("<name>web</name>" UUID(1) REST),
     "ok " WEB_HEX " ffffffff" EVENT(WEB_HEX, 0, 0)},
    {"domain_define_xml", DOMAIN("<name>web</name>" UUID(1) "<vcpu>3</vcpu>" REST),
     "ok " WEB_HEX " ffffffff" EVENT(WEB_HEX, 0, 1)},
    {"domain_get_max_vcpus", DOM(WEB), "ok 00000003"},
    {"domain_rename", WITH(WEB, "\"new_name\":\"test\",\"flags\":0"), "error 55/20"},
    {"domain_rename", WITH(TEST, "\"new_name\":\"x\",\"flags\":0"), "error 55/12"},
    {"domain_rename", WITH(WEB, "\"new_name\":\"app\",\"flags\":0"),
     "ok 00000000" EVENT(WEB_HEX, 1, 1) EVENT(APP_HEX, 0, 2)},
    {"domain_undefine", DOM(WEB), "ok" EVENT(APP_HEX, 1, 0)},
    {"domain_undefine", DOM(WEB), "error 42/12"},
};

static void are_defined_and_undefined(void **state)
{
    plays(definitions, COUNT(definitions));
}

/* The time that a document takes must not grow with the square of it. */
static void attributes_are_bounded(void **state)
{
    enum { MOST = 1024 };
    for (int more = 0; more < 2; more++) {
        char text[64 + 16 * (MOST + 1)], *at = text + sprintf(text, "{\"xml\":\"<domain");
        for (int i = 0; i < MOST + more; i++)
            at += sprintf(at, " a%d='x'", i);
        strcpy(at, "/>\"}");
        const struct step step = {"domain_define_xml", text, more ? "error 35/20" : "error 21/20"};
        plays(&step, 1);
    }
}

static void elements_are_bounded(void **state)
{
    enum { MOST = 32768 };
    for (int more = 0; more < 2; more++) {
        char *text = malloc(64 + 4 * (MOST + 1)), *at = text;
        assert_non_null(text);
        at = stpcpy(at, "{\"xml\":\"<domain>");
        for (int i = 0; i < MOST - 2 + more; i++)
            at = stpcpy(at, "<a/>");
        strcpy(at, "</domain>\"}");
        const struct step step = {"domain_define_xml", text, more ? "error 35/20" : "error 21/20"};
        plays(&step, 1);
        free(text);
    }
}

/* ---- what is changed of one ---- */

static const struct step changes[] = {
    {"domain_set_memory", WITH(TEST, "\"memory\":1024"), "ok"},
    {"domain_get_info", DOM(TEST), "ok 00000001 00000000 00800000 00000000 00000400 00000002 *"},
    {"domain_set_memory", WITH(TEST, "\"memory\":8388609"), "error 8/12"},
    {"domain_set_max_memory", WITH(TEST, "\"memory\":4096"), "error 55/12"},
    {"domain_set_vcpus", WITH(TEST, "\"nvcpus\":1"), "ok"},
    {"domain_set_vcpus", WITH(TEST, "\"nvcpus\":3"), "error 8/12"},
    {"domain_get_vcpus_flags", FLAGS(TEST, 1), "ok 00000001"},
    {"domain_get_vcpus_flags", FLAGS(TEST, 2), "ok 00000002"},
    {"domain_get_vcpus_flags", FLAGS(TEST, 3), "error 8/20"},
    {"domain_set_metadata",
     WITH(TEST, "\"type\":1,\"metadata\":\"mine\",\"key\":null,\"uri\":null,\"flags\":1"), "ok"},
    {"domain_get_metadata", WITH(TEST, "\"type\":1,\"uri\":null,\"flags\":1"),
     "ok 00000004 6d696e65"},
    {"domain_get_metadata", WITH(TEST, "\"type\":1,\"uri\":null,\"flags\":2"), "error 80/20"},
    {"domain_set_metadata",
     WITH(TEST, "\"type\":2,\"metadata\":\"<a/>\",\"key\":\"k\",\"uri\":\"u\",\"flags\":0"), "ok"},
    {"domain_get_metadata", WITH(TEST, "\"type\":2,\"uri\":\"u\",\"flags\":0"),
     "ok 00000004 3c612f3e"},
    {"domain_set_metadata",
     WITH(TEST, "\"type\":2,\"metadata\":\"<a "
                "xmlns:p='u'><p:b/></a>\",\"key\":\"k\",\"uri\":\"u\",\"flags\":0"),
     "ok"},
    {"domain_get_metadata", WITH(TEST, "\"type\":2,\"uri\":\"u\",\"flags\":0"), "ok 0000*"},
    {"domain_destroy", DOM(TEST), "ok"},
    {"domain_get_info", DOM(TEST), "ok 00000005 00000000 00800000 00000000 00200000 00000002 *"},
    {"domain_get_metadata", WITH(TEST, "\"type\":1,\"uri\":null,\"flags\":0"), "error 80/20"},
    {"domain_set_memory", WITH(TEST, "\"memory\":1024"), "error 55/20"},
    {"domain_get_hostname", FLAGS(TEST, 0), "error 55/20"},
};

#define ASK(event) "{\"eventID\":" #event ",\"dom\":null}"
#define METADATA   "\"type\":2,\"metadata\":\"<a/>\",\"key\":\"k\",\"uri\":\"u\",\"flags\":0"

static const struct step told_of_metadata[] = {
    {"connect_domain_event_callback_register_any", ASK(23), "ok 00000000"},
    {"domain_set_metadata",
     WITH(TEST, "\"type\":1,\"metadata\":\"mine\",\"key\":null,\"uri\":null,\"flags\":1"),
     "ok, event 379 00000000 00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 "
     "00000001 00000000"},
    {"domain_set_metadata", WITH(TEST, METADATA),
     "ok, event 379 00000000 00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001 "
     "00000002 00000001 00000001 75000000"},
    {"domain_set_metadata",
     WITH(TEST, "\"type\":3,\"metadata\":null,\"key\":null,\"uri\":null,"
                "\"flags\":0"),
     "error 8/20"},
};

static void metadata_is_told_of(void **state)
{
    plays(told_of_metadata, COUNT(told_of_metadata));
}

/* A change of a running domain goes with its end. */
static void change_as_they_run_and_as_they_start(void **state)
{
    plays(changes, COUNT(changes));
}

/* ---- parameters ---- */

#define NONE     WITH(TEST, "\"nparams\":0,\"flags\":0")
#define ALL(n)   WITH(TEST, "\"nparams\":" #n ",\"flags\":0")
#define ONE(...) WITH(TEST, "\"params\":[" __VA_ARGS__ "],\"flags\":0")
#define PARAM(name, type, member, value)                                                           \
    "{\"field\":\"" name "\",\"value\":{\"type\":" #type ",\"" member "\":" value "}}"

static const struct step parameters[] = {
    {"domain_get_memory_parameters", NONE, "ok 00000000 00000003"},
    {"domain_set_memory_parameters", ONE(PARAM("hard_limit", 4, "ul", "7")), "ok"},
    {"domain_get_memory_parameters", ALL(1),
     "ok 00000001 0000000a 68617264 5f6c696d 69740000 00000004 00000000 00000007 00000003"},
    {"domain_set_memory_parameters", ONE(PARAM("hard_limit", 2, "ui", "7")), "error 8/0"},
    {"domain_set_memory_parameters", ONE(PARAM("min_guarantee", 4, "ul", "7")), "error 74/0"},
    {"domain_set_memory_parameters", ONE(PARAM("swap_hard_limit", 4, "ul", "6")), "error 8/12"},
    {"domain_set_numa_parameters", ONE(PARAM("numa_mode", 1, "i", "1")), "error 67/20"},
    {"domain_get_scheduler_type", DOM(TEST), "ok 00000004 66616972 00000001"},
    {"domain_get_scheduler_parameters_flags", ALL(1),
     "ok 00000001 00000006 77656967 68740000 00000002 00000032"},
    {"domain_get_block_io_tune", WITH(TEST, "\"disk\":\"vda\",\"nparams\":0,\"flags\":0"),
     "ok 00000000 00000014"},
    {"domain_get_block_io_tune", WITH(TEST, "\"disk\":\"hda\",\"nparams\":1,\"flags\":0"),
     "error 8/12"},
    {"domain_get_interface_parameters",
     WITH(TEST, "\"device\":\"nosuch\",\"nparams\":1,\"flags\":0"), "error 8/20"},
};

static void are_tuned(void **state)
{
    plays(parameters, COUNT(parameters));
}

/* ---- snapshots and checkpoints ---- */

#define TEST_HEX      "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000001"
#define STOPPED_HEX   "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f ffffffff"
#define AGAIN_HEX     "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000003"
#define SECOND_HEX    "00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f 00000002"
#define ONE_HEX       "00000003 6f6e6500 "
#define TWO_HEX       "00000003 74776f00 "
#define SNAP(n, f)    "{\"snap\":{\"name\":\"" n "\"," DOM_IN "},\"flags\":" #f "}"
#define POINT(n, f)   "{\"checkpoint\":{\"name\":\"" n "\"," DOM_IN "},\"flags\":" #f "}"
#define DOM_IN        "\"dom\":" TEST
#define MAKE(xml, f)  WITH(TEST, "\"xml_desc\":\"" xml "\",\"flags\":" #f)
#define NAMED(r, n)   MAKE("<" r "><name>" n "</name></" r ">", 0)
#define CALLED(n)     WITH(TEST, "\"name\":\"" n "\",\"flags\":0")
#define RESULTS(n, f) WITH(TEST, "\"need_results\":" #n ",\"flags\":" #f)

static const struct step snapshots[] = {
    {"connect_domain_event_register", "{}", "ok 00000000"},
    {"domain_snapshot_create_xml", MAKE("<x/>", 0), "error 27/5"},
    {"domain_snapshot_create_xml", MAKE("<x", 0), "error 35/35"},
    {"domain_snapshot_create_xml", MAKE("<domainsnapshot/>", 16), "error 8/12"},
    {"domain_snapshot_lookup_by_name", CALLED("one"), "error 72/12"},
    {"domain_snapshot_current", FLAGS(TEST, 0), "error 72/12"},
    {"domain_snapshot_create_xml", NAMED("domainsnapshot", "one"), "ok " ONE_HEX TEST_HEX},
    {"domain_snapshot_create_xml", NAMED("domainsnapshot", "one"), "error 9/20"},
    {"domain_snapshot_create_xml", NAMED("domainsnapshot", "two"), "ok " TWO_HEX TEST_HEX},
    {"domain_snapshot_num", FLAGS(TEST, 0), "ok 00000002"},
    {"domain_snapshot_num", FLAGS(TEST, 1), "ok 00000001"},
    {"domain_snapshot_num", FLAGS(TEST, 4), "ok 00000001"},
    {"domain_snapshot_num", FLAGS(TEST, 32), "ok 00000000"},
    {"domain_snapshot_num", FLAGS(TEST, 2048), "error 8/12"},
    {"domain_snapshot_list_names", WITH(TEST, "\"maxnames\":1,\"flags\":0"),
     "ok 00000001 00000003 6f6e6500"},
    {"domain_list_all_snapshots", RESULTS(1, 8), "ok 00000001 " ONE_HEX TEST_HEX " 00000001"},
    {"domain_snapshot_num_children", SNAP("one", 0), "ok 00000001"},
    {"domain_snapshot_get_parent", SNAP("two", 0), "ok " ONE_HEX TEST_HEX},
    {"domain_snapshot_get_parent", SNAP("one", 0), "error 72/12"},
    {"domain_snapshot_is_current", SNAP("two", 0), "ok 00000001"},
    {"domain_checkpoint_create_xml", NAMED("domaincheckpoint", "c"), "error 84/12"},
    /* It ends and starts anew, under another id. */
    {"domain_revert_to_snapshot", SNAP("two", 2),
     "ok" EVENT_OF(STOPPED_HEX, 5, 6) EVENT_OF(SECOND_HEX, 2, 3) EVENT_OF(SECOND_HEX, 3, 5)},
    {"domain_get_state", FLAGS(TEST, 0), "ok 00000003 00000007"},
    {"domain_destroy", DOM(TEST), "ok" EVENT_OF(STOPPED_HEX, 5, 1)},
    {"domain_revert_to_snapshot", SNAP("one", 0), "ok" EVENT_OF(AGAIN_HEX, 2, 3)},
    {"domain_get_state", FLAGS(TEST, 0), "ok 00000001 00000004"},
    {"domain_snapshot_is_current", SNAP("one", 0), "ok 00000001"},
    {"domain_snapshot_delete", SNAP("one", 4), "ok"},
    {"domain_snapshot_num", FLAGS(TEST, 0), "ok 00000001"},
    {"domain_snapshot_delete", SNAP("one", 0), "ok"},
    {"domain_has_current_snapshot", FLAGS(TEST, 0), "ok 00000000"},
    {"domain_checkpoint_create_xml", NAMED("domaincheckpoint", "one"), "ok " ONE_HEX AGAIN_HEX},
    {"domain_checkpoint_create_xml", NAMED("domaincheckpoint", "two"), "ok " TWO_HEX AGAIN_HEX},
    {"domain_list_all_checkpoints", RESULTS(0, 4), "ok 00000000 00000001"},
    {"domain_checkpoint_get_parent", POINT("two", 0), "ok " ONE_HEX AGAIN_HEX},
    {"domain_checkpoint_lookup_by_name", CALLED("x"), "error 103/12"},
    {"domain_snapshot_create_xml", NAMED("domainsnapshot", "one"), "error 84/12"},
    {"domain_checkpoint_delete", POINT("one", 1), "ok"},
    {"domain_list_all_checkpoints", RESULTS(0, 0), "ok 00000000 00000000"},
    {"domain_snapshot_create_xml",
     MAKE("<domainsnapshot><name>r</name><creationTime>1</creationTime><state>shutoff</state>"
          "<domain type='test'/></domainsnapshot>",
          3),
     "ok 00000001 72000000 " AGAIN_HEX},
    {"domain_snapshot_num", FLAGS(TEST, 32), "ok 00000001"},
    {"domain_snapshot_is_current", SNAP("r", 0), "ok 00000001"},
    {"domain_undefine", DOM(TEST), "ok" EVENT_OF(AGAIN_HEX, 1, 0)},
    {"domain_destroy", DOM(TEST), "ok" EVENT_OF(STOPPED_HEX, 5, 1)},
    {"domain_snapshot_num", FLAGS(TEST, 0), "error 42/12"},
};

static void have_snapshots(void **state)
{
    plays(snapshots, COUNT(snapshots));
}

/* ---- files, processors, IOThreads ---- */

static const struct step others[] = {
    {"domain_restore", "{\"from\":\"/nosuch/x\"}", "error 38/12"},
    {"domain_save", WITH(TEST, "\"to\":\"/nosuch/x\""), "error 38/12"},
    {"domain_core_dump_with_format",
     WITH(TEST, "\"to\":\"/nosuch/x\",\"dumpformat\":9,\"flags\":0"), "error 8/20"},
    {"domain_pin_vcpu_flags", WITH(TEST, "\"vcpu\":9,\"cpumap\":\"03\",\"flags\":0"), "error 8/12"},
    {"domain_pin_vcpu_flags", WITH(TEST, "\"vcpu\":1,\"cpumap\":\"06\",\"flags\":0"), "ok"},
    {"domain_get_vcpu_pin_info", WITH(TEST, "\"ncpumaps\":2,\"maplen\":1,\"flags\":0"),
     "ok 00000002 ff060000 00000002"},
    {"domain_add_iothread", WITH(TEST, "\"iothread_id\":0,\"flags\":0"), "error 8/12"},
    {"domain_add_iothread", WITH(TEST, "\"iothread_id\":4,\"flags\":0"), "ok"},
    {"domain_add_iothread", WITH(TEST, "\"iothread_id\":4,\"flags\":0"), "error 8/20"},
    {"domain_pin_iothread", WITH(TEST, "\"iothreads_id\":9,\"cpumap\":\"03\",\"flags\":0"),
     "error 8/12"},
    {"domain_pin_iothread", WITH(TEST, "\"iothreads_id\":4,\"cpumap\":\"02\",\"flags\":0"), "ok"},
    {"domain_get_iothread_info", FLAGS(TEST, 0), "ok 00000001 00000004 *"},
    {"domain_del_iothread", WITH(TEST, "\"iothread_id\":4,\"flags\":0"), "ok"},
    {"domain_del_iothread", WITH(TEST, "\"iothread_id\":4,\"flags\":0"), "error 8/20"},
    {"domain_managed_save", FLAGS(TEST, 0), "ok"},
    {"domain_has_managed_save_image", FLAGS(TEST, 0), "ok 00000001"},
    {"domain_undefine", DOM(TEST), "error 55/12"},
    {"domain_create", DOM(TEST), "ok"},
    {"domain_has_managed_save_image", FLAGS(TEST, 0), "ok 00000000"},
};

/* Under a path where a file could be made, and none is. */
static void images_are_kept_in_memory(void **state)
{
    char dir[VW_TEST_FOLDER], path[300], from[400], to[500], dump[500];
    assert_int_equal(vw_test_folder(dir), 0);
    snprintf(path, sizeof(path), "%s/saved", dir);
    snprintf(to, sizeof(to), WITH(TEST, "\"to\":\"%s\""), path);
    snprintf(from, sizeof(from), "{\"from\":\"%s\"}", path);
    snprintf(dump, sizeof(dump), WITH(TEST, "\"to\":\"%s\",\"flags\":0"), path);
    const struct step steps[] = {
        {"domain_core_dump", dump, "ok"},
        {"domain_restore", from, "error 38/12"},
        {"domain_save", to, "ok"},
        {"domain_restore", from, "ok"},
        {"domain_save", to, "ok"},
        {"domain_restore", from, "ok"},
        {"domain_restore", "{\"from\":\"/dev/zero\"}", "error 38/12"},
    };
    plays(steps, COUNT(steps));
    const bool written = access(path, F_OK) == 0;
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
    assert_false(written);
}

static void are_saved_and_pinned(void **state)
{
    plays(others, COUNT(others));
}

/* ---- processors ---- */

#define CPUS(...)       "{\"xmlCPUs\":[" __VA_ARGS__ "],\"flags\":0}"
#define CPU(of, vendor) "\"<cpu><arch>x86_64</arch><model>" of "</model>" vendor "</cpu>\""

static const struct step processors[] = {
    {"connect_baseline_cpu", CPUS(), "error 8/20"},
    {"connect_baseline_cpu", CPUS("\"\""), "error 35/31"},
    {"connect_baseline_cpu", CPUS("\"<x/>\""), "error 27/31"},
    {"connect_baseline_cpu", CPUS("\"<cpu/>\""), "error 27/31"},
    {"connect_baseline_cpu", CPUS("\"<cpu mode='custom'/>\""), "error 67/31"},
    {"connect_baseline_cpu", CPUS("\"<cpu><arch>foo</arch></cpu>\""), "error 67/31"},
    {"connect_baseline_cpu", CPUS(CPU("nosuch", "")), "error 1/31"},
    {"connect_baseline_cpu",
     CPUS(CPU("486", "<vendor>A</vendor>") "," CPU("486", "<vendor>B</vendor>")), "error 9/31"},
    {"connect_baseline_cpu", CPUS(CPU("486", "") "," CPU("Nehalem", "")), "error 3/20"},
    {"connect_baseline_cpu", "{\"xmlCPUs\":[" CPU("486", "") "],\"flags\":1}", "error 3/20"},
    {"connect_baseline_cpu", "{\"xmlCPUs\":[" CPU("486", "") "],\"flags\":2}", "error 8/12"},
};

static void processors_have_in_common_what_they_say(void **state)
{
    plays(processors, COUNT(processors));
}

/* A vendor and a feature that all name, and not those that one names. */
static void the_text_is_that_of_libvirt(void **state)
{
    static const char want[] = "<cpu mode='custom' match='exact'>\n"
                               "  <model fallback='forbid'>486</model>\n"
                               "  <feature policy='require' name='vmx'/>\n"
                               "</cpu>\n";
    struct peer p;
    struct vw_string texts[] = {
        vw_string("<cpu><arch>x86_64</arch><model>486</model><vendor>Intel</vendor>"
                  "<feature name='vmx'/><feature name='x2apic'/></cpu>"),
        vw_string("<cpu><arch>x86_64</arch><model>486</model><feature name='vmx'/></cpu>")};
    const struct remote_connect_baseline_cpu_args args = {.xmlCPUs = {texts, 2}};
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    const struct reply r = peer_call_with(&p, peer_proc(&p, "connect_baseline_cpu"), &args);
    assert_int_equal(r.header.status, VW_MSG_OK);
    assert_memory_equal(r.body + 4, want, sizeof(want) - 1);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_defined_and_undefined),
        cmocka_unit_test(attributes_are_bounded),
        cmocka_unit_test(elements_are_bounded),
        cmocka_unit_test(metadata_is_told_of),
        cmocka_unit_test(processors_have_in_common_what_they_say),
        cmocka_unit_test(the_text_is_that_of_libvirt),
        cmocka_unit_test(change_as_they_run_and_as_they_start),
        cmocka_unit_test(are_tuned),
        cmocka_unit_test(have_snapshots),
        cmocka_unit_test(images_are_kept_in_memory),
        cmocka_unit_test(are_saved_and_pinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
