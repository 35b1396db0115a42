// SPDX-License-Identifier: MIT
// What each procedure of domains does, to the byte: results, errors with code and domain, the
// changes of state that are allowed and refused, and the events that follow.
#include <string.h>
#include <unistd.h>

#include "mock-daemon/faults/fault.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Four domains; the uuids of the first two begin alike. */
static const struct vw_domain domains[] = {
    {.o = {.name = VW_STRING("run"),
           .uuid = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
           .state = VW_DOMAIN_RUNNING,
           .persistent = 1,
           .autostart = 1},
     .facts = {.max_memory = 0x100000002, .memory = 0x100000001, .vcpus = 3},
     .os_type = VW_STRING("linux")},
    {.o = {.name = VW_STRING("twin"),
           .uuid = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff},
           .state = VW_DOMAIN_RUNNING,
           .persistent = 1},
     .facts = {.max_memory = 8, .memory = 7, .vcpus = 1}},
    {.o = {.name = VW_STRING("off"), .uuid = {0xee}, .state = VW_DOMAIN_SHUTOFF, .persistent = 1},
     .facts = {.vcpus = 9}},
    {.o = {.name = VW_STRING("halt"), .uuid = {0xdd}, .state = VW_DOMAIN_PAUSED, .persistent = 1},
     .facts = {.vcpus = 4}},
};
#define RUN         "{\"name\":\"run\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":1}"
#define TWIN        "{\"name\":\"twin\",\"uuid\":\"000102030405060708090a0b0c0d0eff\",\"id\":2}"
#define OFF         "{\"name\":\"off\",\"uuid\":\"ee000000000000000000000000000000\",\"id\":-1}"
#define HALT        "{\"name\":\"halt\",\"uuid\":\"dd000000000000000000000000000000\",\"id\":3}"
#define NONE        "{\"name\":\"run\",\"uuid\":\"ffffffffffffffffffffffffffffffff\",\"id\":1}"
#define DOM(d)      "{\"dom\":" d "}"
#define FLAGS(d, f) "{\"dom\":" d ",\"flags\":" f "}"

/* The same in a result. */
#define RUN_HEX  "00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001"
#define TWIN_HEX "00000004 7477696e 00010203 04050607 08090a0b 0c0d0eff 00000002"
#define OFF_HEX  "00000003 6f666600 ee000000 00000000 00000000 00000000 ffffffff"
#define HALT_HEX "00000004 68616c74 dd000000 00000000 00000000 00000000 00000003"

static void start(struct peer *p, uint32_t flags, struct vw_fault *faults)
{
    peer_start(p, NULL, faults);
    peer_set_domains(p, domains, COUNT(domains));
    peer_open(p, flags);
}

/* On a connection of its own. */
static void plays(const struct step *steps, size_t n, uint32_t flags)
{
    struct peer p;
    start(&p, flags, NULL);
    play(&p, steps, n);
    peer_stop(&p);
}

/* ---- what does not change anything ---- */

static const struct step facts[] = {
    {"connect_get_type", "{}", "ok 00000004 54455354"},
    {"connect_get_version", "{}", "ok 00000000 00000002"},
    {"connect_get_lib_version", "{}", "ok 00000000 00b73a40"},
    {"connect_get_hostname", "{}", "ok 00000004 686f7374"},
    {"connect_get_uri", "{}", "ok 0000000f 74657374 3a2f2f2f 64656661 756c7400"},
    {"connect_get_max_vcpus", "{\"type\":null}", "ok 00000020"},
    {"connect_is_secure", "{}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":7}", "ok 00000000"},
    {"connect_supports_feature", "{\"feature\":8}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":9}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":10}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":11}", "ok 00000000"},
    {"connect_supports_feature", "{\"feature\":13}", "ok 00000000"},
    {"connect_supports_feature", "{\"feature\":14}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":15}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":16}", "ok 00000001"},
    {"connect_supports_feature", "{\"feature\":17}", "ok 00000000"},
    {"connect_supports_feature", "{\"feature\":-1}", "ok 00000000"},
    {"auth_list", "{}", "ok 00000001 00000000"},
    {"auth_polkit", "{}", "error 1/7"},
    {"domain_get_info", DOM(RUN), "ok 00000001 00000001 00000002 00000001 00000001 00000003*"},
    {"domain_get_info", DOM(OFF), "ok 00000005 00000000 00000000 00000000 00000000 00000009*"},
    {"domain_get_info", DOM(NONE), "error 42/12"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000001 00000000"},
    {"domain_get_state", FLAGS(HALT, "0"), "ok 00000003 00000000"},
    {"domain_get_state", FLAGS(OFF, "0"), "ok 00000005 00000000"},
    {"domain_get_state", FLAGS(RUN, "1"), "error 8/12"},
    {"domain_get_state", FLAGS(NONE, "0"), "error 42/12"},
    {"domain_get_max_vcpus", DOM(RUN), "ok 00000003"},
    {"domain_get_max_vcpus", DOM(NONE), "error 42/12"},
    {"domain_get_vcpus_flags", FLAGS(OFF, "6"), "ok 00000009"},
    {"domain_get_vcpus_flags", FLAGS(OFF, "5"), "error 55/20"},
    {"domain_get_vcpus_flags", FLAGS(OFF, "8"), "error 8/12"},
    {"domain_get_max_memory", DOM(RUN), "ok 00000001 00000002"},
    {"domain_get_os_type", DOM(RUN), "ok 00000005 6c696e75 78000000"},
    {"domain_get_autostart", DOM(RUN), "ok 00000001"},
    {"domain_get_autostart", DOM(TWIN), "ok 00000000"},
    {"domain_is_active", DOM(RUN), "ok 00000001"},
    {"domain_is_active", DOM(HALT), "ok 00000001"},
    {"domain_is_active", DOM(OFF), "ok 00000000"},
    {"domain_is_persistent", DOM(OFF), "ok 00000001"},
    {"domain_is_updated", DOM(RUN), "ok 00000000"},
    {"domain_is_updated", DOM(NONE), "error 42/12"},
    {"domain_snapshot_num", FLAGS(RUN, "0"), "ok 00000000"},
    {"domain_has_managed_save_image", FLAGS(RUN, "0"), "ok 00000000"},
    {"domain_has_current_snapshot", FLAGS(RUN, "0"), "ok 00000000"},
    {"domain_get_xml_desc", FLAGS(RUN, "11"), "ok 0000*"},
    {"domain_get_xml_desc", FLAGS(RUN, "4"), "error 8/12"},
    {"domain_get_xml_desc", FLAGS(RUN, "16"), "error 8/12"},
    {"domain_get_xml_desc", FLAGS(NONE, "0"), "error 42/12"},
    {"domain_screenshot", "{\"dom\":" RUN ",\"screen\":0,\"flags\":0}",
     "ok 00000001 00000009 696d6167 652f706e 67000000, stream 2 33563, stream 2 0"},
    {"domain_screenshot", "{\"dom\":" NONE ",\"screen\":0,\"flags\":0}", "error 42/12"},
};

static void results(void **state)
{
    plays(facts, COUNT(facts), 0);
}
#define ALL(results, flags) "{\"need_results\":" results ",\"flags\":" flags "}"

static const struct step lists[] = {
    {"connect_num_of_domains", "{}", "ok 00000003"},
    {"connect_num_of_defined_domains", "{}", "ok 00000001"},
    {"connect_list_domains", "{\"maxids\":9}", "ok 00000003 00000001 00000002 00000003"},
    {"connect_list_domains", "{\"maxids\":3}", "ok 00000003 00000001 00000002 00000003"},
    {"connect_list_domains", "{\"maxids\":2}", "ok 00000002 00000001 00000002"},
    {"connect_list_domains", "{\"maxids\":0}", "ok 00000000"},
    {"connect_list_domains", "{\"maxids\":-1}", "error 39/7"},
    {"connect_list_defined_domains", "{\"maxnames\":9}", "ok 00000001 00000003 6f666600"},
    {"connect_list_defined_domains", "{\"maxnames\":1}", "ok 00000001 00000003 6f666600"},
    {"connect_list_defined_domains", "{\"maxnames\":0}", "ok 00000000"},
    {"connect_list_defined_domains", "{\"maxnames\":16385}", "error 39/7"},
    {"connect_list_defined_domains", "{\"maxnames\":16384}", "ok 00000001 00000003 6f666600"},
    {"connect_list_all_domains", ALL("1", "0"),
     "ok 00000004 " RUN_HEX " " TWIN_HEX " " OFF_HEX " " HALT_HEX " 00000004"},
    {"connect_list_all_domains", ALL("0", "0"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("-1", "2"), "ok 00000001 " OFF_HEX " 00000001"},
    {"connect_list_all_domains", ALL("0", "1"), "ok 00000000 00000003"},
    {"connect_list_all_domains", ALL("0", "2"), "ok 00000000 00000001"},
    {"connect_list_all_domains", ALL("0", "3"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("0", "4"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("0", "8"), "ok 00000000 00000000"},
    {"connect_list_all_domains", ALL("0", "16"), "ok 00000000 00000002"},
    {"connect_list_all_domains", ALL("0", "32"), "ok 00000000 00000001"},
    {"connect_list_all_domains", ALL("0", "64"), "ok 00000000 00000001"},
    {"connect_list_all_domains", ALL("0", "96"), "ok 00000000 00000002"},
    {"connect_list_all_domains", ALL("0", "128"), "ok 00000000 00000000"},
    {"connect_list_all_domains", ALL("0", "256"), "ok 00000000 00000000"},
    {"connect_list_all_domains", ALL("0", "512"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("0", "1024"), "ok 00000000 00000001"},
    {"connect_list_all_domains", ALL("0", "2048"), "ok 00000000 00000003"},
    {"connect_list_all_domains", ALL("0", "4096"), "ok 00000000 00000000"},
    {"connect_list_all_domains", ALL("0", "8192"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("0", "16384"), "ok 00000000 00000000"},
    {"connect_list_all_domains", ALL("0", "32768"), "ok 00000000 00000004"},
    {"connect_list_all_domains", ALL("0", "34"), "ok 00000000 00000000"}, /* inactive and paused */
    {"connect_list_all_domains", ALL("0", "1025"), "ok 00000000 00000001"},
    {"connect_list_all_domains", ALL("0", "65536"), "error 8/12"},
    {"domain_lookup_by_id", "{\"id\":2}", "ok " TWIN_HEX},
    {"domain_lookup_by_id", "{\"id\":4}", "error 42/12"},
    {"domain_lookup_by_id", "{\"id\":-1}", "error 42/12"},
    {"domain_lookup_by_name", "{\"name\":\"halt\"}", "ok " HALT_HEX},
    {"domain_lookup_by_name", "{\"name\":\"hal\"}", "error 42/12"},
    {"domain_lookup_by_name", "{\"name\":\"\"}", "error 42/12"},
    {"domain_lookup_by_uuid", "{\"uuid\":\"000102030405060708090a0b0c0d0e0f\"}", "ok " RUN_HEX},
    {"domain_lookup_by_uuid", "{\"uuid\":\"000102030405060708090a0b0c0d0eff\"}", "ok " TWIN_HEX},
    {"domain_lookup_by_uuid", "{\"uuid\":\"000102030405060708090a0b0c0d0efe\"}", "error 42/12"},
};

static void lists_and_lookups(void **state)
{
    plays(lists, COUNT(lists), 0);
}

#define LISTEN                                                                                     \
    {                                                                                              \
        "connect_domain_event_callback_register_any", "{\"eventID\":0,\"dom\":null}",              \
            "ok 00000000"                                                                          \
    }

/* ---- what is more than its type holds ---- */

static void set_many(struct peer *p, uint32_t n)
{
    struct vw_domain *list = calloc(n, sizeof(*list));
    assert_non_null(list);
    for (uint32_t i = 0; i < n; i++) {
        list[i].o.state = VW_DOMAIN_RUNNING;
        list[i].o.name.data = malloc(12);
        assert_non_null(list[i].o.name.data);
        list[i].o.name.len = (uint32_t)snprintf(list[i].o.name.data, 12, "%u", i);
    }
    peer_set_domains(p, list, n);
    for (uint32_t i = 0; i < n; i++)
        free(list[i].o.name.data);
    free(list);
}

/* L-7 */
static void lists_above_their_bound(void **state)
{
    static const struct step above[] = {
        {"connect_num_of_domains", "", "ok 00004001"},
        {"connect_list_all_domains", "{\"need_results\":1,\"flags\":0}", "error 1/7"},
        {"connect_list_all_domains", "{\"need_results\":0,\"flags\":0}", "ok 00000000 00004001"},
        {"connect_list_all_domains", "{\"need_results\":1,\"flags\":2}", "ok 00000000 00000000"},
        {"connect_list_domains", "{\"maxids\":16384}", "ok 00004000 *"},
    };
    static const struct step at[] = {
        {"connect_list_all_domains", "{\"need_results\":1,\"flags\":0}", "ok 00004000 *"}};
    struct peer p;
    peer_start(&p, NULL, NULL);
    set_many(&p, 16385);
    peer_open(&p, 0);
    play(&p, above, COUNT(above));
    set_many(&p, 16384);
    play(&p, at, COUNT(at));
    peer_stop(&p);
}

/* A reply is an error then, and an event does not come (F-10). */
static void names_above_their_bound(void **state)
{
    static const struct step steps[] = {
        LISTEN,
        {"domain_lookup_by_id", "{\"id\":1}", "error 39/7"},
        {"connect_list_all_domains", "{\"need_results\":1,\"flags\":0}", "error 39/7"},
        {"domain_suspend",
         DOM("{\"name\":\"\",\"uuid\":\"01000000000000000000000000000000\",\"id\":1}"), "ok"},
        {"connect_num_of_domains", "", "ok 00000001"},
    };
    const uint32_t len = 4194305;
    struct vw_domain one = {.o = {.uuid = {1}, .state = VW_DOMAIN_RUNNING, .persistent = 1}};
    struct peer p;
    one.o.name = (struct vw_string){calloc(1, len + 1), len};
    assert_non_null(one.o.name.data);
    memset(one.o.name.data, 'x', len);
    peer_start(&p, NULL, NULL);
    peer_set_domains(&p, &one, 1);
    free(one.o.name.data);
    peer_open(&p, 0);
    play(&p, steps, COUNT(steps));
    peer_stop(&p);
}

/* ---- changes ---- */

/* Each change of state from each state, with the event that follows. */
static const struct step changes[] = {
    LISTEN,
    {"domain_resume", DOM(RUN), "error 1/12"},
    {"domain_create", DOM(RUN), "error 1/12"},
    {"domain_create_with_flags", FLAGS(RUN, "0"), "error 1/12"},
    {"domain_create_with_files", FLAGS(RUN, "0"), "error 1/12"},
    {"domain_open_graphics", "{\"dom\":" RUN ",\"idx\":0,\"flags\":0}", "error 1/7"},
    {"domain_fd_associate", "{\"dom\":" RUN ",\"name\":\"\",\"flags\":0}", "error 8/20"},
    {"connect_secret_event_deregister_any", "{\"callbackID\":0}", "error 1/7"},
    {"qemu.domain_attach", "{\"pid_value\":0,\"flags\":0}", "error 8/0"},
    {"qemu.domain_attach", "{\"pid_value\":1,\"flags\":0}", "error 3/0"},
    {"domain_suspend", DOM(NONE), "error 42/12"},
    {"domain_suspend", DOM(HALT), "error 1/12"},
    {"domain_shutdown", DOM(HALT), "error 1/12"},
    {"domain_create", DOM(HALT), "error 1/12"},
    {"domain_suspend", DOM(OFF), "error 1/12"},
    {"domain_resume", DOM(OFF), "error 1/12"},
    {"domain_shutdown", DOM(OFF), "error 1/12"},
    {"domain_destroy", DOM(OFF), "error 55/20"},
    {"domain_reboot", FLAGS(OFF, "0"), "error 55/20"},
    {"domain_suspend", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000003 00000000"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000003 00000001"},
    {"domain_suspend", DOM(RUN), "error 1/12"},
    {"domain_resume", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000004 00000000"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000001 00000005"},
    {"domain_shutdown", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f ffffffff "
     "00000005 00000000"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000005 00000001"},
    {"domain_shutdown", DOM(RUN), "error 1/12"},
    {"domain_create", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000004 "
     "00000002 00000000"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000001 00000001"},
    {"domain_destroy", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f ffffffff "
     "00000005 00000001"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000005 00000002"},
    {"domain_destroy", DOM(RUN), "error 55/20"},
    {"domain_create_with_flags", FLAGS(OFF, "1"), "error 8/12"},
    {"domain_create_with_flags", FLAGS(OFF, "0"),
     "ok 00000003 6f666600 ee000000 00000000 00000000 00000000 00000005, event 318 00000000 "
     "00000003 6f666600 ee000000 00000000 00000000 00000000 00000005 00000002 00000000"},
    {"domain_destroy_flags", FLAGS(HALT, "0"),
     "ok, event 318 00000000 00000004 68616c74 dd000000 00000000 00000000 00000000 ffffffff "
     "00000005 00000001"},
    {"domain_shutdown_flags", FLAGS(TWIN, "0"),
     "ok, event 318 00000000 00000004 7477696e 00010203 04050607 08090a0b 0c0d0eff ffffffff "
     "00000005 00000000"},
    {"domain_reboot", FLAGS(OFF, "0"), "ok"},
    {"domain_get_state", FLAGS(OFF, "0"), "ok 00000001 00000001"},
    {"domain_set_autostart", "{\"dom\":" OFF ",\"autostart\":7}", "ok"},
    {"domain_get_autostart", DOM(OFF), "ok 00000001"},
    {"domain_set_autostart", "{\"dom\":" OFF ",\"autostart\":0}", "ok"},
    {"domain_get_autostart", DOM(OFF), "ok 00000000"},
    {"domain_set_autostart", "{\"dom\":" NONE ",\"autostart\":0}", "error 42/12"},
    {"connect_list_domains", "{\"maxids\":9}", "ok 00000001 00000005"},
    {"connect_num_of_defined_domains", "{}", "ok 00000003"},
};

static void changes_of_state(void **state)
{
    plays(changes, COUNT(changes), 0);
}

static const struct step read_only[] = {
    {"domain_suspend", DOM(RUN), "error 29/20"},
    {"domain_destroy", DOM(RUN), "error 29/20"},
    {"domain_create", DOM(OFF), "error 29/20"},
    {"domain_set_autostart", "{\"dom\":" RUN ",\"autostart\":0}", "error 29/20"},
    {"domain_get_autostart", DOM(RUN), "ok 00000001"},
    {"domain_get_state", FLAGS(RUN, "0"), "ok 00000001 00000000"},
    /* Secrets, whatever else is asked for. */
    {"domain_get_xml_desc", FLAGS(RUN, "1"), "error 29/20"},
    {"domain_get_xml_desc", FLAGS(RUN, "3"), "error 29/20"},
    {"domain_get_xml_desc", FLAGS(RUN, "5"), "error 29/20"},
    {"domain_get_xml_desc", FLAGS(RUN, "15"), "error 29/20"},
    {"domain_get_xml_desc", FLAGS(RUN, "0"), "ok 0000*"},
    {"domain_get_xml_desc", FLAGS(RUN, "10"), "ok 0000*"},
    {"domain_get_xml_desc", FLAGS(RUN, "17"), "error 29/20"},
};

static void what_a_reader_may(void **state)
{
    plays(read_only, COUNT(read_only), 1);
}

/* ---- events ---- */

#define ANY(event, dom) "{\"eventID\":" event ",\"dom\":" dom "}"
#define REGISTER        "connect_domain_event_callback_register_any"
#define DEREGISTER      "connect_domain_event_callback_deregister_any"

/* A registration of one domain is not that of all, nor that of a domain with a like uuid. */
static const struct step registrations[] = {
    {REGISTER, ANY("0", RUN), "ok 00000000"},
    {REGISTER, ANY("0", RUN), "error 8/0"},
    {REGISTER, ANY("0", TWIN), "ok 00000001"},
    {"domain_suspend", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000003 00000000"},
    {"domain_suspend", DOM(TWIN), "ok, event 318 00000001 " TWIN_HEX " 00000003 00000000"},
    {"domain_destroy", DOM(HALT), "ok"},
    {"connect_domain_event_deregister", "{}", "error 1/7"},
    {"connect_domain_event_deregister_any", "{\"eventID\":0}", "error 1/7"},
    {REGISTER, ANY("0", "null"), "ok 00000002"},
    {REGISTER, ANY("0", "null"), "error 8/0"},
    {"connect_domain_event_register", "{}", "error 8/0"},
    {"domain_resume", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000004 00000000, event 318 00000002 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f "
     "00000001 00000004 00000000"},
    {DEREGISTER, "{\"callbackID\":2}", "ok"},
    {"connect_domain_event_register", "{}", "ok 00000000"},
    {"domain_suspend", DOM(RUN),
     "ok, event 318 00000000 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000003 00000000, event 107 00000003 72756e00 00010203 04050607 08090a0b 0c0d0e0f 00000001 "
     "00000003 00000000"},
    {"connect_domain_event_deregister", "{}", "ok 00000000"},
    {"connect_domain_event_deregister", "{}", "error 1/7"},
    {DEREGISTER, "{\"callbackID\":0}", "ok"},
    {DEREGISTER, "{\"callbackID\":0}", "error 1/7"},
    {"domain_resume", DOM(RUN), "ok"},
    {"domain_resume", DOM(TWIN), "ok, event 318 00000001 " TWIN_HEX " 00000004 00000000"},
    {REGISTER, ANY("-1", "null"), "error 1/7"},
    {REGISTER, ANY("29", "null"), "ok 00000004"},
    {REGISTER, ANY("30", "null"), "error 1/7"},
    {"connect_domain_event_register_any", "{\"eventID\":29}", "error 8/0"},
    {"connect_domain_event_register_any", "{\"eventID\":1}", "ok"},
    {"domain_destroy", DOM(RUN), "ok"},
    {"connect_domain_event_deregister_any", "{\"eventID\":1}", "ok"},
    {"connect_domain_event_deregister_any", "{\"eventID\":1}", "error 1/7"},
    {DEREGISTER, "{\"callbackID\":4}", "ok"},
    {DEREGISTER, "{\"callbackID\":3}", "error 1/7"},
};

static void registrations_of_one_and_of_all(void **state)
{
    plays(registrations, COUNT(registrations), 0);
}

/* ---- descriptors ---- */

#define SCREEN(dom, idx, flags) "{\"dom\":" dom ",\"idx\":" idx ",\"flags\":" flags "}"

static const struct step screens[] = {
    {"domain_open_graphics_fd", SCREEN(RUN, "0", "0"), "fds 00000001"},
    {"domain_open_graphics_fd", SCREEN(RUN, "1", "0"), "error 8/12"},
    {"domain_open_graphics_fd", SCREEN(RUN, "0", "1"), "fds 00000001"},
    {"domain_open_graphics_fd", SCREEN(RUN, "0", "2"), "error 8/12"},
    {"domain_open_graphics_fd", SCREEN(NONE, "0", "0"), "error 42/12"},
    {"domain_open_console", "{\"dom\":" OFF ",\"dev_name\":null,\"flags\":0}", "error 55/20"},
    {"domain_open_console", "{\"dom\":" RUN ",\"dev_name\":null,\"flags\":4}", "error 8/12"},
    {"domain_open_console", "{\"dom\":" RUN ",\"dev_name\":null,\"flags\":0}", "ok"},
    {"domain_open_console", "{\"dom\":" RUN ",\"dev_name\":null,\"flags\":0}", "error 1/7"},
};

static void screens_and_consoles(void **state)
{
    plays(screens, COUNT(screens), 0);
}

/* Between the daemon and its answer: what the call has made is not sent. */
static enum vw_outcome hold_back(const struct vw_fault *f, struct vw_call *c)
{
    bool opened = c->conn->opened;
    enum vw_outcome outcome = vw_fault_next_call(f, c);
    return !opened ? outcome : vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "held back");
}

/* What a handler opened for an answer that does not come is closed; streams go too. */
static void held_back_answers_leak_nothing(void **state)
{
    static const struct vw_fault_kind kind = {.name = "held", .call = hold_back};
    static const struct step held[] = {
        {"domain_open_graphics_fd", SCREEN(RUN, "0", "0"), "error 1/7"},
        {"domain_open_console", "{\"dom\":" RUN ",\"dev_name\":null,\"flags\":0}", "error 1/7"},
        {"domain_screenshot", "{\"dom\":" RUN ",\"screen\":0,\"flags\":0}", "error 1/7"},
    };
    struct vw_fault end = {.kind = &vw_tamper_end, .index = 1};
    struct vw_fault fault = {.kind = &kind, .next = &end};
    struct peer p;
    start(&p, 0, &fault);
    unsigned before = vw_test_descriptors();
    for (int i = 0; i < 3; i++)
        play(&p, held, COUNT(held));
    assert_int_equal(vw_test_descriptors(), before);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results),
        cmocka_unit_test(lists_and_lookups),
        cmocka_unit_test(lists_above_their_bound),
        cmocka_unit_test(names_above_their_bound),
        cmocka_unit_test(changes_of_state),
        cmocka_unit_test(what_a_reader_may),
        cmocka_unit_test(registrations_of_one_and_of_all),
        cmocka_unit_test(screens_and_consoles),
        cmocka_unit_test(held_back_answers_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
