// SPDX-License-Identifier: MIT
// What each procedure about other things than domains does, to the byte: the host, networks, pools
// and volumes.
#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void plays(const struct step *steps, size_t n)
{
    struct peer p;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    play(&p, steps, n);
    peer_stop(&p);
}

#define REGISTER(what, of) "{\"eventID\":0,\"" what "\":" of "}"

/* ---- the host ---- */

#define MAP(map, online, f) "{\"need_map\":" #map ",\"need_online\":" #online ",\"flags\":" #f "}"
#define STATS(cpu, n, f)    "{\"cpuNum\":" #cpu ",\"nparams\":" #n ",\"flags\":" #f "}"
#define CELLS(from, n)      "{\"startCell\":" #from ",\"maxcells\":" #n "}"
#define PAGES(sizes, n, f)                                                                         \
    "{\"pages\":[" sizes "],\"startCell\":0,\"cellCount\":" #n ",\"flags\":" #f "}"
#define MODELS(arch, need, f) "{\"arch\":\"" arch "\",\"need_results\":" #need ",\"flags\":" #f "}"

static const struct step host[] = {
    {"node_get_info", "{}",
     "ok 00000069 00000036 00000038 00000036 00000000 00000000 00000000 00000000 00000000 00000000 "
     "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
     "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
     "00000000 00000000 00000000 00300000 00000010 00000578 00000002 00000002 00000002 00000002"},
    {"connect_get_capabilities", "{}", "ok 00000aef 3c636170 6162696c *"},
    {"connect_get_sysinfo", "{\"flags\":0}", "ok 000000e2 *"},
    {"connect_get_sysinfo", "{\"flags\":1}", "error 8/12"},
    {"node_get_security_model", "{}",
     "ok 0000000d 00000074 00000065 00000073 00000074 00000053 00000065 00000063 00000075 00000072 "
     "00000069 00000074 00000079 00000000 00000001 00000000"},
    {"node_get_cpu_map", MAP(1, 1, 0), "ok 00000001 15000000 00000003 00000008"},
    {"node_get_cpu_map", MAP(0, 0, 0), "ok 00000000 00000000 00000008"},
    {"node_get_cpu_map", MAP(1, 1, 1), "error 8/12"},
    {"node_get_cpu_stats", STATS(-1, 0, 0), "ok 00000000 00000004"},
    {"node_get_cpu_stats", STATS(7, 1, 0),
     "ok 00000001 00000004 75736572 00000002 47f875c0 00000000"},
    {"node_get_cpu_stats", STATS(0, 16, 0), "ok 00000004 00000004 75736572 *"},
    {"node_get_cpu_stats", STATS(0, 17, 0), "error 1/7"},
    {"node_get_cpu_stats", STATS(0, -1, 0), "error 1/7"},
    {"node_get_cpu_stats", STATS(-2, 4, 0), "error 8/20"},
    {"node_get_cpu_stats", STATS(0, 4, 1), "error 8/12"},
    {"node_get_free_memory", "{}", "ok 00000000 00300000"},
    {"node_get_cells_free_memory", CELLS(0, 9), "ok 00000002 00000000 00200000 00000000 00400000"},
    {"node_get_cells_free_memory", CELLS(0, 1), "ok 00000001 00000000 00200000"},
    {"node_get_cells_free_memory", CELLS(1, 1), "ok 00000001 00000000 00400000"},
    {"node_get_cells_free_memory", CELLS(2, 1), "error 8/12"},
    {"node_get_cells_free_memory", CELLS(-1, 1), "error 8/20"},
    {"node_get_cells_free_memory", CELLS(0, 0), "error 8/20"},
    {"node_get_cells_free_memory", CELLS(0, -1), "error 39/7"},
    {"node_get_cells_free_memory", CELLS(0, 1025), "error 39/7"},
    {"node_get_free_pages", PAGES("4", 1, 0), "error 1/7"},
    {"node_get_free_pages", PAGES("4,8", 600, 0), "error 1/7"},
    {"node_get_free_pages", PAGES("", 1, 0), "error 8/20"},
    {"node_get_free_pages", PAGES("4", 0, 0), "error 8/20"},
    {"node_get_free_pages", PAGES("4", 1, 1), "error 8/12"},
    {"connect_get_cpu_model_names", MODELS("x86_64", 0, 0), "ok 00000000 0000003a"},
    {"connect_get_cpu_model_names", MODELS("ppc64", 1, 0), "ok 00000007 00000006 504f5745 5236*"},
    {"connect_get_cpu_model_names", MODELS("s390x", 1, 0), "ok 00000000 00000000"},
    {"connect_get_cpu_model_names", MODELS("riscv64", 1, 0), "error 3/31"},
    {"connect_get_cpu_model_names", MODELS("amd64", 1, 0), "error 8/12"},
    {"connect_get_cpu_model_names", MODELS("i686", 1, 1), "error 8/12"},
};

static void the_host(void **state)
{
    plays(host, COUNT(host));
}

/* ---- storage ---- */

#define POOL_IS(name, id) "\"pool\":{\"name\":\"" name "\",\"uuid\":\"" id "\"}"
#define DEFAULT_POOL      POOL_IS("default-pool", "dfe224cb28fb8dd0c4b264eb3f0f4566")
#define TEST_POOL         POOL_IS("test", "6695eb01f6a4830479aa97f2502e193f")
#define P1_POOL           POOL_IS("p1", "00000000000000000000000000000002")
#define NO_POOL           POOL_IS("none", "00000000000000000000000000000000")
#define POOL(pool)        "{" pool "}"
#define POOL_FLAGS(p, f)  "{" p ",\"flags\":" #f "}"
#define POOL_XML(inside)  "{\"xml\":\"<pool " inside "</pool>\",\"flags\":0}"
#define P1_XML                                                                                     \
    POOL_XML("type='dir'><name>p1</name><uuid>00000000-0000-0000-0000-000000000002</uuid>"         \
             "<target><path>/p1/</path></target>")
#define P1_HEX           "00000002 70310000 00000000 00000000 00000000 00000002"
#define DEFAULT_POOL_HEX "0000000c 64656661 756c742d 706f6f6c dfe224cb 28fb8dd0 c4b264eb 3f0f4566"
#define POOL_EVENT(what) "event 370 00000000 " P1_HEX " 0000000" #what " 00000000"

static const struct step pools[] = {
    /* The one of the test driver; the other is in no list. */
    {"connect_num_of_storage_pools", "", "ok 00000001"},
    {"connect_list_storage_pools", "{\"maxnames\":9}",
     "ok 00000001 0000000c 64656661 756c742d 706f6f6c"},
    {"connect_num_of_defined_storage_pools", "", "ok 00000000"},
    {"connect_list_all_storage_pools", "{\"need_results\":1,\"flags\":64}",
     "ok 00000001 " DEFAULT_POOL_HEX " 00000001"},
    {"connect_list_all_storage_pools", "{\"need_results\":0,\"flags\":128}",
     "ok 00000000 00000000"},
    {"connect_list_all_storage_pools", "{\"need_results\":0,\"flags\":1048576}", "error 8/12"},
    {"storage_pool_lookup_by_name", "{\"name\":\"test\"}",
     "ok 00000004 74657374 6695eb01 f6a48304 79aa97f2 502e193f"},
    {"storage_pool_lookup_by_name", "{\"name\":\"nope\"}", "error 49/12"},
    {"storage_pool_get_info", POOL(DEFAULT_POOL),
     "ok 00000002 00000019 00000000 00000000 00000000 00000019 00000000"},
    {"storage_pool_get_xml_desc", POOL_FLAGS(DEFAULT_POOL, 0), "ok 00000145 3c706f6f 6c207479 *"},
    {"storage_pool_get_xml_desc", POOL_FLAGS(DEFAULT_POOL, 1), "error 8/12"},
    {"storage_pool_lookup_by_volume",
     "{\"vol\":{\"pool\":\"default-pool\",\"name\":\"\",\"key\":\"\"}}", "ok " DEFAULT_POOL_HEX},
    {"storage_pool_lookup_by_volume", "{\"vol\":{\"pool\":\"no\",\"name\":\"\",\"key\":\"\"}}",
     "error 49/12"},
    /* Of what pools could be made. */
    {"connect_find_storage_pool_sources", "{\"type\":\"logical\",\"srcSpec\":null,\"flags\":0}",
     "ok 000000e9 *"},
    {"connect_find_storage_pool_sources", "{\"type\":\"logical\",\"srcSpec\":null,\"flags\":1}",
     "error 8/12"},
    {"connect_find_storage_pool_sources", "{\"type\":\"dir\",\"srcSpec\":null,\"flags\":0}",
     "error 1/12"},
    {"connect_find_storage_pool_sources", "{\"type\":\"disk\",\"srcSpec\":null,\"flags\":0}",
     "error 3/12"},
    {"connect_find_storage_pool_sources", "{\"type\":\"netfs\",\"srcSpec\":null,\"flags\":0}",
     "error 8/12"},
    {"connect_find_storage_pool_sources", "{\"type\":\"netfs\",\"srcSpec\":\"<s/>\",\"flags\":0}",
     "error 8/12"},
    {"connect_find_storage_pool_sources", "{\"type\":\"netfs\",\"srcSpec\":\"<s\",\"flags\":0}",
     "error 35/18"},
    {"connect_find_storage_pool_sources",
     "{\"type\":\"netfs\",\"srcSpec\":\"<s><host name='h'/></s>\",\"flags\":0}", "ok 00000077 *"},
    /* What cannot be defined. */
    {"storage_pool_define_xml", "{\"xml\":\"<\",\"flags\":0}", "error 35/18"},
    {"storage_pool_define_xml", "{\"xml\":\"<network/>\",\"flags\":0}", "error 27/5"},
    {"storage_pool_define_xml", POOL_XML("type='x'><name>a</name>"), "error 27/5"},
    {"storage_pool_define_xml", POOL_XML("><name>a</name>"), "error 27/5"},
    {"storage_pool_define_xml", POOL_XML("type='dir'>"), "error 27/18"},
    {"storage_pool_define_xml", POOL_XML("type='dir'><name>a</name>"), "error 27/18"},
    {"storage_pool_define_xml",
     POOL_XML("type='netfs'><name>a</name><target><path>/a</path></target>"), "error 27/18"},
    {"storage_pool_define_xml",
     POOL_XML("type='logical'><name>a</name><source><format type='x'/></source>"), "error 67/18"},
    {"storage_pool_define_xml", POOL_XML("type='dir'><name>a</name><uuid>0</uuid>"), "error 27/18"},
    {"storage_pool_define_xml",
     POOL_XML("type='dir'><name>a</name><target><path>/default-pool/</path></target>"),
     "error 9/18"},
    {"storage_pool_define_xml",
     POOL_XML("type='dir'><name>default-pool</name><target><path>/a</path></target>"),
     "error 9/18"},
    {"storage_pool_define_xml", "{\"xml\":\"\",\"flags\":2}", "error 8/12"},
    {"storage_pool_create_xml", "{\"xml\":\"\",\"flags\":1}", "error 8/12"},
    /* One that is defined, built, started, refreshed, stopped, emptied and undefined. */
    {"connect_storage_pool_event_register_any", REGISTER("pool", "null"), "ok 00000000"},
    {"connect_storage_pool_event_register_any", "{\"eventID\":1,\"pool\":null}", "ok 00000001"},
    {"connect_storage_pool_event_register_any", "{\"eventID\":2,\"pool\":null}", "error 1/7"},
    {"storage_pool_define_xml", P1_XML, "ok " P1_HEX ", " POOL_EVENT(0)},
    {"storage_pool_build", POOL_FLAGS(P1_POOL, 1), "error 8/12"},
    {"storage_pool_build", POOL_FLAGS(P1_POOL, 0), "ok, " POOL_EVENT(4)},
    {"storage_pool_refresh", POOL_FLAGS(P1_POOL, 0), "error 55/12"},
    {"storage_pool_create", POOL_FLAGS(P1_POOL, 0), "ok, " POOL_EVENT(2)},
    {"storage_pool_create", POOL_FLAGS(P1_POOL, 0), "error 55/12"},
    {"storage_pool_build", POOL_FLAGS(P1_POOL, 0), "error 55/12"},
    {"storage_pool_delete", POOL_FLAGS(P1_POOL, 0), "error 55/12"},
    {"storage_pool_undefine", POOL(P1_POOL), "error 55/12"},
    {"storage_pool_refresh", POOL_FLAGS(P1_POOL, 0), "ok, event 373 00000001 " P1_HEX},
    {"storage_pool_destroy", POOL(P1_POOL), "ok, " POOL_EVENT(3)},
    {"storage_pool_destroy", POOL(P1_POOL), "error 55/12"},
    {"storage_pool_delete", POOL_FLAGS(P1_POOL, 0), "ok, " POOL_EVENT(5)},
    {"storage_pool_undefine", POOL(P1_POOL), "ok, " POOL_EVENT(1)},
    {"storage_pool_undefine", POOL(P1_POOL), "error 49/12"},
    /* One that goes when it stops. */
    {"storage_pool_create_xml", P1_XML, "ok " P1_HEX ", " POOL_EVENT(2)},
    {"storage_pool_create_xml", P1_XML, "error 55/18"},
    {"storage_pool_set_autostart", "{" P1_POOL ",\"autostart\":1}", "error 8/12"},
    {"storage_pool_destroy", POOL(P1_POOL), "ok, " POOL_EVENT(3)},
    {"storage_pool_is_active", POOL(P1_POOL), "error 49/12"},
    {"storage_pool_set_autostart", "{" DEFAULT_POOL ",\"autostart\":1}", "ok"},
    {"storage_pool_get_autostart", POOL(DEFAULT_POOL), "ok 00000001"},
};

#define VOL_IS(pool, name) "\"vol\":{\"pool\":\"" pool "\",\"name\":\"" name "\",\"key\":\"\"}"
#define VOL(pool, name)    "{" VOL_IS(pool, name) "}"
#define A                  VOL("default-pool", "a")
#define VOL_FLAGS(name, f) "{" VOL_IS("default-pool", name) ",\"flags\":" #f "}"
#define VOL_XML(inside)    "{" DEFAULT_POOL ",\"xml\":\"<volume>" inside "</volume>\",\"flags\":0}"
#define SIZED(name, bytes) VOL_XML("<name>" name "</name><capacity>" #bytes "</capacity>")
#define RESIZE(to, f)      "{" VOL_IS("default-pool", "a") ",\"capacity\":" #to ",\"flags\":" #f "}"
#define VOL_HEX(letter)                                                                            \
    "0000000c 64656661 756c742d 706f6f6c 00000001 " letter "000000 0000000f 2f646566 61756c74 "    \
    "2d706f6f 6c2f" letter "00"
#define A_HEX            VOL_HEX("61")
#define INFO(cap, alloc) "ok 00000000 00000000 " cap " 00000000 " alloc

static const struct step volumes[] = {
    /* The one for streams. */
    {"storage_vol_lookup_by_name", "{" TEST_POOL ",\"name\":\"test\"}",
     "ok 00000004 74657374 00000004 74657374 00000005 2f746573 74000000"},
    {"storage_vol_get_info", VOL("test", "test"), INFO("00400000", "00000000")},
    {"storage_vol_lookup_by_name", "{" TEST_POOL ",\"name\":\"none\"}", "error 50/12"},
    {"storage_vol_lookup_by_name", "{" NO_POOL ",\"name\":\"test\"}", "error 49/12"},
    {"storage_vol_get_info", VOL("tes", "test"), "error 49/12"},
    {"storage_vol_get_info", VOL("test", "tes"), "error 50/12"},
    /* What cannot be created. */
    {"storage_vol_create_xml", VOL_XML("<capacity>1</capacity>"), "error 27/18"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name>"), "error 27/18"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name><capacity>x</capacity>"), "error 27/18"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name><capacity>-1</capacity>"), "error 27/18"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name><capacity unit='q'>1</capacity>"),
     "error 8/0"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name><capacity unit='E'>99</capacity>"),
     "error 27/18"},
    {"storage_vol_create_xml", VOL_XML("<name>a</name><capacity unit='TB'>1</capacity>"),
     "error 1/12"},
    {"storage_vol_create_xml",
     VOL_XML("<name>a</name><capacity>1</capacity><target><format type='x'/></target>"),
     "error 67/18"},
    {"storage_vol_create_xml", "{" DEFAULT_POOL ",\"xml\":\"\",\"flags\":1}", "error 8/12"},
    {"storage_vol_create_xml", "{" DEFAULT_POOL ",\"xml\":\"\",\"flags\":4}", "error 8/18"},
    /* Created, listed, found in four ways. */
    {"storage_vol_create_xml", SIZED("a", 65536), "ok " A_HEX},
    {"storage_vol_create_xml", SIZED("a", 65536), "error 9/12"},
    {"storage_vol_create_xml",
     VOL_XML("<name>b</name><capacity unit='KB'>1</capacity><allocation>0</allocation>"),
     "ok " VOL_HEX("62")},
    {"storage_pool_num_of_volumes", POOL(DEFAULT_POOL), "ok 00000002"},
    {"storage_pool_list_volumes", "{" DEFAULT_POOL ",\"maxnames\":1}",
     "ok 00000001 00000001 61000000"},
    {"storage_pool_list_volumes", "{" DEFAULT_POOL ",\"maxnames\":-1}", "error 39/7"},
    {"storage_pool_list_all_volumes", "{" DEFAULT_POOL ",\"need_results\":1,\"flags\":0}",
     "ok 00000002 " A_HEX " " VOL_HEX("62") " 00000002"},
    {"storage_pool_list_all_volumes", "{" DEFAULT_POOL ",\"need_results\":0,\"flags\":1}",
     "error 8/12"},
    {"storage_vol_lookup_by_name", "{" DEFAULT_POOL ",\"name\":\"a\"}", "ok " A_HEX},
    {"storage_vol_lookup_by_key", "{\"key\":\"/default-pool/a\"}", "ok " A_HEX},
    {"storage_vol_lookup_by_path", "{\"path\":\"/default-pool/a\"}", "ok " A_HEX},
    {"storage_vol_lookup_by_path", "{\"path\":\"/default-pool\"}", "error 50/12"},
    {"storage_vol_get_path", A, "ok 0000000f 2f646566 61756c74 2d706f6f 6c2f6100"},
    {"storage_vol_get_info", A, INFO("00010000", "00010000")},
    {"storage_vol_get_info", VOL("default-pool", "b"), INFO("000003e8", "00000000")},
    {"storage_pool_get_info", POOL(DEFAULT_POOL),
     "ok 00000002 00000019 00000000 00000000 00010000 00000018 ffff0000"},
    {"storage_vol_get_xml_desc", VOL_FLAGS("a", 1), "error 8/12"},
    /* Resized, cloned, wiped. */
    {"storage_vol_resize", RESIZE(1, 0), "error 8/18"},
    {"storage_vol_resize", RESIZE(1, 8), "error 8/12"},
    {"storage_vol_resize", RESIZE(1099511627776, 0), "error 9/18"},
    {"storage_vol_resize", RESIZE(65536, 2), "ok"},
    {"storage_vol_get_info", A, INFO("00020000", "00010000")},
    {"storage_vol_resize", RESIZE(196608, 1), "ok"},
    {"storage_vol_get_info", A, INFO("00030000", "00030000")},
    {"storage_vol_resize", RESIZE(65536, 6), "ok"},
    {"storage_vol_get_info", A, INFO("00020000", "00020000")},
    {"storage_vol_resize", RESIZE(4096, 4), "ok"},
    {"storage_vol_get_info", A, INFO("00001000", "00001000")},
    {"storage_vol_create_xml_from",
     "{" DEFAULT_POOL
     ",\"xml\":\"<volume><name>c</name><capacity>8192</capacity></volume>\",\"clonevol\":"
     "{\"pool\":\"default-pool\",\"name\":\"a\",\"key\":\"\"},\"flags\":0}",
     "ok " VOL_HEX("63")},
    {"storage_vol_wipe", VOL_FLAGS("c", 1), "error 8/12"},
    {"storage_vol_wipe", VOL_FLAGS("c", 0), "ok"},
    {"storage_vol_wipe_pattern", "{" VOL_IS("default-pool", "c") ",\"algorithm\":10,\"flags\":0}",
     "error 8/18"},
    {"storage_vol_wipe_pattern", "{" VOL_IS("default-pool", "c") ",\"algorithm\":9,\"flags\":0}",
     "ok"},
    /* Deleted; and those of a pool go with it. */
    {"storage_vol_delete", VOL_FLAGS("c", 1), "error 8/12"},
    {"storage_vol_delete", VOL_FLAGS("c", 0), "ok"},
    {"storage_vol_delete", VOL_FLAGS("c", 0), "error 50/12"},
    {"storage_pool_destroy", POOL(DEFAULT_POOL), "ok"},
    {"storage_pool_num_of_volumes", POOL(DEFAULT_POOL), "error 55/12"},
    {"storage_vol_get_info", A, "error 55/12"},
    {"storage_vol_lookup_by_key", "{\"key\":\"/default-pool/a\"}", "error 50/12"},
    {"storage_pool_create", POOL_FLAGS(DEFAULT_POOL, 0), "ok"},
    {"storage_pool_num_of_volumes", POOL(DEFAULT_POOL), "ok 00000002"},
    {"storage_pool_destroy", POOL(DEFAULT_POOL), "ok"},
    {"storage_pool_undefine", POOL(DEFAULT_POOL), "ok"},
    {"storage_pool_lookup_by_name", "{\"name\":\"default-pool\"}", "error 49/12"},
    {"storage_vol_get_info", A, "error 49/12"},
};

static void pools_of_storage(void **state)
{
    plays(pools, COUNT(pools));
}

static void volumes_of_pools(void **state)
{
    plays(volumes, COUNT(volumes));
}

/* ---- networks ---- */

#define NET(name, uuid) "{\"net\":{\"name\":\"" name "\",\"uuid\":\"" uuid "\"}}"
#define DEFAULT         NET("default", "dd8fe8846c02601e7551cca97df1c5df")
#define ALIEN           NET("default", "008fe8846c02601e7551cca97df1c5df")
#define BLUE            NET("blue", "00000000000000000000000000000001")
#define BLUE_UUID       "<uuid>00000000-0000-0000-0000-000000000001</uuid>"
#define XML(inside)     "{\"xml\":\"<network>" inside "</network>\"}"
#define XML_FLAGS(f)    "{\"xml\":\"<network><name>x</name></network>\",\"flags\":" #f "}"
#define ALL_NETS(f)     "{\"need_results\":1,\"flags\":" #f "}"
#define DEFAULT_HEX     "00000007 64656661 756c7400 dd8fe884 6c02601e 7551cca9 7df1c5df"
#define BLUE_HEX        "00000004 626c7565 00000000 00000000 00000000 00000001"

static const struct step networks[] = {
    {"connect_num_of_networks", "", "ok 00000001"},
    {"connect_num_of_defined_networks", "", "ok 00000000"},
    {"connect_list_networks", "{\"maxnames\":9}", "ok 00000001 00000007 64656661 756c7400"},
    {"connect_list_networks", "{\"maxnames\":-1}", "error 39/7"},
    {"connect_list_networks", "{\"maxnames\":16385}", "error 39/7"},
    {"connect_list_all_networks", ALL_NETS(64), "error 8/12"},
    {"connect_list_all_networks", ALL_NETS(42), "ok 00000000 00000000"},
    {"connect_list_all_networks", ALL_NETS(38), "ok 00000001 " DEFAULT_HEX " 00000001"},
    {"network_lookup_by_name", "{\"name\":\"default\"}", "ok " DEFAULT_HEX},
    {"network_lookup_by_name", "{\"name\":\"blue\"}", "error 43/12"},
    {"network_lookup_by_uuid", "{\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"}",
     "ok " DEFAULT_HEX},
    {"network_lookup_by_uuid", "{\"uuid\":\"008fe8846c02601e7551cca97df1c5df\"}", "error 43/12"},
    {"network_get_bridge_name", DEFAULT, "ok 00000006 76697262 72300000"},
    {"network_is_active", DEFAULT, "ok 00000001"},
    {"network_is_active", ALIEN, "error 43/12"},
    {"network_create", DEFAULT, "error 55/12"},
    {"network_undefine", DEFAULT, "error 55/12"},
    {"network_is_persistent", DEFAULT, "ok 00000001"},
    {"network_get_xml_desc",
     "{\"net\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},\"flags\":0}",
     "ok 00000136 3c6e6574 776f726b 3e0a2020 3c6e616d 653e6465 6661756c *"},
    {"network_get_xml_desc",
     "{\"net\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},\"flags\":1}",
     "error 8/12"},
    /* What cannot be defined. */
    {"network_define_xml", "{\"xml\":\"x\"}", "error 35/19"},
    {"network_define_xml", "{\"xml\":\"<domain/>\"}", "error 27/5"},
    {"network_define_xml", XML(""), "error 21/19"},
    {"network_define_xml", XML("<name></name>"), "error 21/19"},
    {"network_define_xml", XML("<name>a/b</name>"), "error 35/5"},
    {"network_define_xml", XML("<name>a</name><uuid>0</uuid>"), "error 1/19"},
    {"network_define_xml", XML("<name>default</name>"), "error 9/19"},
    {"network_define_xml", XML("<name>default</name>" BLUE_UUID), "error 9/19"},
    {"network_define_xml",
     XML("<name>blue</name><uuid>dd8fe884-6c02-601e-7551-cca97df1c5df</uuid>"), "error 9/19"},
    {"network_define_xml", XML("<name>a</name><bridge name='sixteen-letters.'/>"), "error 1/19"},
    {"network_define_xml_flags", XML_FLAGS(2), "error 8/12"},
    {"network_create_xml",
     XML("<name>default</name><uuid>dd8fe884-6c02-601e-7551-cca97df1c5df</uuid>"), "error 55/19"},
    /* One that stays, and one that goes when it stops. */
    {"network_define_xml", XML("<name>blue</name>" BLUE_UUID), "ok " BLUE_HEX},
    {"network_define_xml", XML("<name>blue</name>" BLUE_UUID "<bridge name='b'/>"), "ok " BLUE_HEX},
    {"network_get_bridge_name", BLUE, "ok 00000001 62000000"},
    {"network_is_active", BLUE, "ok 00000000"},
    {"connect_list_all_networks", ALL_NETS(1), "ok 00000001 " BLUE_HEX " 00000001"},
    {"network_create", BLUE, "ok"},
    {"network_destroy", BLUE, "ok"},
    {"network_destroy", BLUE, "ok"},
    {"network_undefine", BLUE, "ok"},
    {"network_undefine", BLUE, "error 43/12"},
    {"network_create_xml", XML("<name>blue</name>" BLUE_UUID), "ok " BLUE_HEX},
    {"network_get_bridge_name", BLUE, "error 1/12"},
    {"network_is_persistent", BLUE, "ok 00000000"},
    {"network_undefine", BLUE, "error 55/12"},
    {"connect_list_all_networks", ALL_NETS(8), "ok 00000001 " BLUE_HEX " 00000001"},
    {"network_destroy", BLUE, "ok"},
    {"network_is_active", BLUE, "error 43/12"},
};

static void networks_of_the_test_driver(void **state)
{
    plays(networks, COUNT(networks));
}

#define NET_EVENT(callback, what) "event 315 " callback " " BLUE_HEX " 0000000" #what " 00000000"

/* Of all networks, and of one that is not there yet. */
static const struct step network_events[] = {
    {"connect_network_event_register_any", REGISTER("net", "null"), "ok 00000000"},
    {"connect_network_event_register_any", REGISTER("net", "null"), "error 8/0"},
    {"connect_network_event_register_any", "{\"eventID\":1,\"net\":null}", "error 1/7"},
    {"connect_network_event_register_any", "{\"eventID\":-1,\"net\":null}", "error 1/7"},
    {"network_define_xml", XML("<name>blue</name>" BLUE_UUID),
     "ok " BLUE_HEX ", " NET_EVENT("00000000", 0)},
    {"connect_network_event_register_any",
     REGISTER("net", "{\"name\":\"\",\"uuid\":\"00000000000000000000000000000001\"}"),
     "ok 00000001"},
    {"network_create", BLUE, "ok, " NET_EVENT("00000000", 2) ", " NET_EVENT("00000001", 2)},
    {"network_create", BLUE, "error 55/12"},
    {"connect_domain_event_callback_deregister_any", "{\"callbackID\":0}", "error 1/7"},
    {"connect_network_event_deregister_any", "{\"callbackID\":0}", "ok"},
    {"connect_network_event_deregister_any", "{\"callbackID\":0}", "error 1/7"},
    {"network_destroy", DEFAULT, "ok"},
    {"network_destroy", BLUE, "ok, " NET_EVENT("00000001", 3)},
    {"network_undefine", BLUE, "ok, " NET_EVENT("00000001", 1)},
    {"network_create_xml", XML("<name>blue</name>" BLUE_UUID),
     "ok " BLUE_HEX ", " NET_EVENT("00000001", 2)},
};

static void events_of_networks(void **state)
{
    plays(network_events, COUNT(network_events));
}

#define UPDATE(command, section, index, xml, f)                                                    \
    "{\"net\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},\"command\":" #command \
    ",\"section\":" #section ",\"parentIndex\":" #index ",\"xml\":\"" xml "\",\"flags\":" #f "}"
#define HOST_ENTRY(mac, ip) "<host mac='" mac "' ip='" ip "'/>"

static const struct step updates[] = {
    {"network_update", UPDATE(0, 0, 0, "", 0), "error 35/19"},
    {"network_update", UPDATE(3, 4, 0, "<host/>", 4), "error 8/12"},
    {"network_update", UPDATE(3, 0, 0, "<x/>", 0), "error 84/19"},
    {"network_update", UPDATE(3, 1, 0, "<x/>", 0), "error 84/19"},
    {"network_update", UPDATE(3, 4294967295, 0, "<x/>", 0), "error 84/19"},
    {"network_update", UPDATE(3, 13, 0, "<x/>", 0), "error 84/19"},
    {"network_update", UPDATE(9, 4, 0, "<host/>", 0), "error 84/19"},
    {"network_update", UPDATE(3, 4, 0, "<x/>", 0), "error 27/19"},
    {"network_update", UPDATE(1, 10, 0, "<x/>", 0), "error 84/19"},
    {"network_update", UPDATE(1, 5, 0, "<range/>", 0), "error 84/19"},
    {"network_update", UPDATE(3, 4, 1, "<host mac='a'/>", 0), "error 55/19"},
    {"network_update", UPDATE(3, 4, -1, HOST_ENTRY("a", "1"), 0), "ok"},
    {"network_update", UPDATE(3, 4, -1, HOST_ENTRY("b", "1"), 0), "error 55/19"},
    {"network_update", UPDATE(1, 4, -1, HOST_ENTRY("b", "1"), 0), "error 55/19"},
    {"network_update", UPDATE(1, 4, -1, HOST_ENTRY("a", "2"), 0), "ok"},
    {"network_update", UPDATE(2, 4, -1, HOST_ENTRY("a", "1"), 0), "error 55/19"},
    {"network_update", UPDATE(4, 4, 0, HOST_ENTRY("c", "3"), 3), "ok"},
    {"network_update", UPDATE(2, 4, -1, HOST_ENTRY("a", "2"), 0), "ok"},
    {"network_update", UPDATE(3, 9, -1, "<portgroup name='p'/>", 2), "ok"}, /* forgotten */
    {"network_update", UPDATE(2, 9, -1, "<portgroup name='p'/>", 0), "error 55/19"},
    {"network_update", UPDATE(2, 5, -1, "<range start='192.168.122.2' end='192.168.122.254'/>", 0),
     "ok"},
    /* What is left. */
    {"network_get_xml_desc",
     "{\"net\":{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"},\"flags\":0}",
     "ok 00000118 *"},
    {"network_destroy", DEFAULT, "ok"},
    {"network_update", UPDATE(3, 7, -1, "<interface dev='e'/>", 1), "error 55/19"},
    {"network_update", UPDATE(3, 7, -1, "<interface dev='e'/>", 2), "ok"},
    {"network_create_xml", XML("<name>blue</name>" BLUE_UUID), "ok " BLUE_HEX},
    {"network_define_xml", XML("<name>a</name><ip address='x'/>"), "error 27/19"},
    {"network_define_xml", XML("<name>a</name><forward mode='x'/>"), "error 67/19"},
};

static void parts_of_a_network(void **state)
{
    plays(updates, COUNT(updates));
}

/* ---- interfaces ---- */

#define IFACE(name)          "{\"iface\":{\"name\":\"" name "\",\"mac\":\"\"}}"
#define IFACE_FLAGS(name, f) "{\"iface\":{\"name\":\"" name "\",\"mac\":\"\"},\"flags\":" #f "}"
#define IFACE_XML(inside)    "{\"xml\":\"<interface " inside "</interface>\",\"flags\":0}"
#define ETH1_HEX             "00000004 65746831 00000011 61613a62 623a6363 3a64643a 65653a66 66000000"
#define BR0_HEX              "00000003 62723000 00000000"
#define MAC(text)            "{\"mac\":\"" text "\"}"
#define ALL_IFACES(f)        "{\"need_results\":1,\"flags\":" #f "}"
#define FLAGS(f)             "{\"flags\":" #f "}"

static const struct step interfaces[] = {
    {"connect_num_of_interfaces", "{}", "ok 00000001"},
    {"connect_num_of_defined_interfaces", "{}", "ok 00000000"},
    {"connect_list_interfaces", "{\"maxnames\":9}", "ok 00000001 00000004 65746831"},
    {"connect_list_all_interfaces", ALL_IFACES(2), "ok 00000001 " ETH1_HEX " 00000001"},
    {"connect_list_all_interfaces", ALL_IFACES(4), "error 8/12"},
    {"interface_lookup_by_name", "{\"name\":\"eth1\"}", "ok " ETH1_HEX},
    {"interface_lookup_by_name", "{\"name\":\"eth0\"}", "error 57/12"},
    {"interface_lookup_by_mac_string", MAC("aa:bb:cc:dd:ee:ff"), "ok " ETH1_HEX},
    {"interface_lookup_by_mac_string", MAC("aa:bb:cc:dd:ee:00"), "error 57/12"},
    {"interface_get_xml_desc", IFACE_FLAGS("eth1", 0), "ok 00000100 *"},
    {"interface_get_xml_desc", IFACE_FLAGS("eth1", 1), "error 8/12"},
    {"interface_create", IFACE_FLAGS("eth1", 0), "error 55/12"},
    {"interface_destroy", IFACE_FLAGS("eth1", 0), "ok"},
    {"interface_destroy", IFACE_FLAGS("eth1", 0), "error 55/12"},
    {"interface_is_active", IFACE("eth1"), "ok 00000000"},
    {"interface_create", IFACE_FLAGS("eth1", 0), "ok"},
    {"interface_define_xml", IFACE_XML("type='x' name='x'>"), "error 27/5"},
    {"interface_define_xml", IFACE_XML("name='x'>"), "error 27/5"},
    {"interface_define_xml", IFACE_XML("type='bond'>"), "error 27/26"},
    {"interface_define_xml", "{\"xml\":\"<network/>\",\"flags\":0}", "error 27/5"},
    {"interface_define_xml", "{\"xml\":\"<\",\"flags\":0}", "error 35/26"},
    {"interface_define_xml",
     IFACE_XML("type='vlan' name='x'><mac address='0123456789012345678901234567890123'/>"),
     "error 1/26"},
    /* A transaction: one at a time, and what comes back is not active. */
    {"interface_change_commit", FLAGS(0), "error 55/12"},
    {"interface_change_rollback", FLAGS(0), "error 55/12"},
    {"interface_change_begin", FLAGS(1), "error 8/12"},
    {"interface_change_begin", FLAGS(0), "ok"},
    {"interface_change_begin", FLAGS(0), "error 55/12"},
    {"interface_undefine", IFACE("eth1"), "ok"},
    {"interface_define_xml", IFACE_XML("name='br0' type='bridge'><bridge/>"), "ok " BR0_HEX},
    {"connect_list_all_interfaces", ALL_IFACES(0), "ok 00000001 " BR0_HEX " 00000001"},
    {"interface_change_rollback", FLAGS(0), "ok"},
    {"connect_list_all_interfaces", ALL_IFACES(1), "ok 00000001 " ETH1_HEX " 00000001"},
    {"interface_change_begin", FLAGS(0), "ok"},
    {"interface_define_xml", IFACE_XML("name='br0' type='bridge'><bridge/>"), "ok " BR0_HEX},
    {"interface_change_commit", FLAGS(0), "ok"},
    {"interface_change_rollback", FLAGS(0), "error 55/12"},
    {"interface_define_xml",
     IFACE_XML("name='br0' type='bridge'><bridge><interface name='a'/></bridge>"), "ok " BR0_HEX},
    {"connect_list_defined_interfaces", "{\"maxnames\":9}",
     "ok 00000002 00000004 65746831 00000003 62723000"},
};

static void interfaces_and_their_transactions(void **state)
{
    plays(interfaces, COUNT(interfaces));
}

/* ---- node devices ---- */

#define DEVICE(name)       "{\"name\":\"" name "\"}"
#define DEVICES(cap)       "{\"cap\":" cap ",\"flags\":0}"
#define DEVICE_CAPS(n, m)  "{\"name\":\"" n "\",\"maxnames\":" #m "}"
#define DEVICE_XML(inside) "{\"xml_desc\":\"<device>" inside "</device>\",\"flags\":0}"
#define HOST(inside)       "<capability type='scsi_host'>" inside "</capability>"
#define NUMBERS            "<capability type='fc_host'><wwnn>1</wwnn><wwpn>2</wwpn></capability>"
#define COMPUTER_HEX       "00000008 636f6d70 75746572"
#define HOST12_HEX         "0000000b 73637369 5f686f73 74313200"
#define DEVICE_EVENT(what) "event 376 00000000 " HOST12_HEX " 0000000" #what " 00000000"

static const struct step devices[] = {
    {"node_num_of_devices", DEVICES("null"), "ok 00000004"},
    {"node_num_of_devices", DEVICES("\"scsi_host\""), "ok 00000003"},
    {"node_num_of_devices", DEVICES("\"vports\""), "ok 00000002"},
    {"node_num_of_devices", DEVICES("\"nosuch\""), "ok 00000000"},
    {"node_num_of_devices", "{\"cap\":null,\"flags\":1}", "error 8/12"},
    {"node_list_devices", "{\"cap\":\"system\",\"maxnames\":9,\"flags\":0}",
     "ok 00000001 " COMPUTER_HEX},
    {"node_list_devices", "{\"cap\":null,\"maxnames\":0,\"flags\":0}", "ok 00000000"},
    {"node_list_devices", "{\"cap\":null,\"maxnames\":-1,\"flags\":0}", "error 39/7"},
    {"node_list_devices", "{\"cap\":null,\"maxnames\":9,\"flags\":1}", "error 8/12"},
    {"connect_list_all_node_devices", "{\"need_results\":1,\"flags\":1}",
     "ok 00000001 " COMPUTER_HEX " 00000001"},
    {"connect_list_all_node_devices", "{\"need_results\":0,\"flags\":1024}",
     "ok 00000000 00000002"},
    {"connect_list_all_node_devices", "{\"need_results\":0,\"flags\":4194304}", "error 8/12"},
    {"node_device_lookup_by_name", DEVICE("computer"), "ok " COMPUTER_HEX},
    {"node_device_lookup_by_name", DEVICE("nosuch"), "error 53/12"},
    {"node_device_get_parent", DEVICE("computer"), "ok 00000000"},
    {"node_device_get_parent", DEVICE("scsi_host1"), "ok 00000001 " COMPUTER_HEX},
    {"node_device_num_of_caps", DEVICE("computer"), "ok 00000001"},
    {"node_device_num_of_caps", DEVICE("nosuch"), "error 53/12"},
    {"node_device_list_caps", DEVICE_CAPS("computer", 9), "ok 00000001 00000006 73797374 656d0000"},
    {"node_device_list_caps", DEVICE_CAPS("computer", 0), "ok 00000000"},
    {"node_device_get_xml_desc", "{\"name\":\"computer\",\"flags\":0}", "ok 000001a2 *"},
    {"connect_node_device_event_register_any", REGISTER("dev", "{\"name\":\"scsi_host12\"}"),
     "ok 00000000"},
    {"node_device_create_xml", "{\"xml_desc\":\"<\",\"flags\":0}", "error 35/22"},
    {"node_device_create_xml", DEVICE_XML(""), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML("<capability type='x'/>"), "error 27/5"},
    {"node_device_create_xml", DEVICE_XML("<capability type='system'/>"), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML(HOST("")), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML(HOST("<capability type='fc_host'/>")), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML("<parent>computer</parent>" HOST(NUMBERS)), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML("<parent>nosuch</parent>" HOST(NUMBERS)), "error 1/22"},
    {"node_device_create_xml", DEVICE_XML("<parent>scsi_host2</parent>" HOST(NUMBERS)),
     "ok " HOST12_HEX ", " DEVICE_EVENT(0)},
    {"node_device_create_xml", DEVICE_XML(HOST(NUMBERS)), "ok " HOST12_HEX ", " DEVICE_EVENT(0)},
    {"node_num_of_devices", DEVICES("null"), "ok 00000005"},
    {"node_device_destroy", DEVICE("scsi_host12"), "ok, " DEVICE_EVENT(1)},
    {"node_device_destroy", DEVICE("scsi_host12"), "error 53/12"},
    {"node_device_destroy", DEVICE("computer"), "ok"},
    {"node_num_of_devices", DEVICES("null"), "ok 00000003"},
    {"connect_node_device_event_deregister_any", "{\"callbackID\":0}", "ok"},
};

static void devices_of_the_host(void **state)
{
    plays(devices, COUNT(devices));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host),
        cmocka_unit_test(pools_of_storage),
        cmocka_unit_test(volumes_of_pools),
        cmocka_unit_test(networks_of_the_test_driver),
        cmocka_unit_test(events_of_networks),
        cmocka_unit_test(parts_of_a_network),
        cmocka_unit_test(interfaces_and_their_transactions),
        cmocka_unit_test(devices_of_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
