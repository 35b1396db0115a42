// SPDX-License-Identifier: MIT
// What hypervisors have and the test driver has not, as a real libvirtd answers it: secrets,
// network filters and ports of networks.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mock-daemon/kinds/nwfilter.h"
#include "mock-daemon/kinds/port.h"
#include "mock-daemon/kinds/secret.h"
#include "mock-daemon/state.h"
#include "mock-daemon/testing/steps.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define XML(text)     "{\"xml\":\"" text "\",\"flags\":0}"
#define ALL(flags)    "{\"need_results\":0,\"flags\":" #flags "}"
#define LISTEN(event) "{\"eventID\":" #event ",\"secret\":null}"

/* ---- secrets ---- */

#define A         "000102030405060708090a0b0c0d0e0f"
#define B         "ff0102030405060708090a0b0c0d0e0f"
#define A_IS      " 00010203 04050607 08090a0b 0c0d0e0f"
#define B_IS      " ff010203 04050607 08090a0b 0c0d0e0f"
#define REF(uuid) "\"secret\":{\"uuid\":\"" uuid "\",\"usageType\":0,\"usageID\":\"\"}"
#define SAYS(uuid, attributes, more)                                                               \
    XML("<secret " attributes "><uuid>" uuid "</uuid>" more "</secret>")
#define USAGE(type, inside) "<usage type='" type "'>" inside "</usage>"
#define THIS(uuid)          "{" REF(uuid) "}"
#define FLAGS(uuid, flags)  "{" REF(uuid) ",\"flags\":" #flags "}"
#define SET(uuid, hex)      "{" REF(uuid) ",\"value\":\"" hex "\",\"flags\":0}"
#define FOR(type, id)       "{\"usageType\":" #type ",\"usageID\":\"" id "\"}"
#define CEPH                USAGE("ceph", "<name>c</name>")
#define TOLD                ", event 382 00000000"
#define CHANGED             ", event 383 00000001"

static const struct step secrets_are_told_of_steps[] = {
    {"connect_secret_event_register_any", LISTEN(0), "ok 00000000"},
    {"connect_secret_event_register_any", LISTEN(1), "ok 00000001"},
    {"connect_secret_event_register_any", LISTEN(2), "error 1/7"},
    {"secret_define_xml", SAYS(A, "", ""),
     "ok" A_IS " 00000000 00000000" TOLD A_IS " 00000000 00000000 00000000 00000000"},
    {"secret_define_xml", SAYS(B, "", CEPH),
     "ok" B_IS " 00000002 00000001 63000000" TOLD B_IS
     " 00000002 00000001 63000000 00000000 00000000"},
    {"secret_set_value", SET(B, "00ff"), "ok" CHANGED B_IS " 00000002 00000001 63000000"},
    {"secret_undefine", THIS(A), "ok" TOLD A_IS " 00000000 00000000 00000001 00000000"},
    {"secret_undefine", THIS(A), "error 66/30"},
    {"connect_secret_event_deregister_any", "{\"callbackID\":0}", "ok"},
    {"secret_undefine", THIS(B), "ok"},
    {"connect_num_of_secrets", "{}", "ok 00000000"},
    /* Of one of two. */
    {"connect_secret_event_register_any", "{\"eventID\":0," REF(B) "}", "ok 00000002"},
    {"secret_define_xml", SAYS(A, "", ""), "ok" A_IS " 00000000 00000000"},
    {"secret_define_xml", SAYS(B, "", ""),
     "ok" B_IS " 00000000 00000000, event 382 00000002" B_IS
     " 00000000 00000000 00000000 00000000"},
};
PLAYS(start_hosted, secrets_are_told_of)

static const struct step a_value_is_kept_steps[] = {
    {"secret_define_xml", SAYS(A, "", ""), "ok *"},
    {"secret_get_value", FLAGS(A, 0), "error 66/30"},
    {"secret_set_value", SET(A, ""), "error 8/30"},
    {"secret_set_value", SET(A, "610062"), "ok"},
    {"secret_get_value", FLAGS(A, 0), "ok 00000003 61006200"},
    {"secret_set_value", SET(A, "63"), "ok"},
    {"secret_define_xml", SAYS(A, "ephemeral='yes'", "<description>d</description>"), "ok *"},
    {"secret_get_value", FLAGS(A, 0), "ok 00000001 63000000"},
    {"secret_get_value", FLAGS(A, 1), "error 8/30"},
    {"secret_get_xml_desc", FLAGS(A, 1), "error 8/30"},
    {"secret_get_value", FLAGS(B, 0), "error 66/30"},
    {"secret_set_value", SET(B, "00"), "error 66/30"},
    /* Once private, always private. */
    {"secret_define_xml", SAYS(A, "private='yes'", ""), "ok *"},
    {"secret_get_value", FLAGS(A, 0), "error 65/30"},
    {"secret_set_value", SET(A, "64"), "ok"},
    {"secret_define_xml", SAYS(A, "private='no'", ""), "error 1/30"},
    {"secret_get_value", FLAGS(A, 0), "error 65/30"},
    {"secret_undefine", THIS(A), "ok"},
    {"secret_define_xml", SAYS(A, "private='no'", ""), "ok *"},
    {"secret_get_value", FLAGS(A, 0), "error 66/30"},
};
PLAYS(start_hosted, a_value_is_kept)

static const struct step what_a_secret_is_for_steps[] = {
    {"secret_define_xml", SAYS(A, "", USAGE("volume", "<volume>/a</volume>")), "ok *"},
    {"secret_lookup_by_usage", FOR(1, "/a"), "ok" A_IS " 00000001 00000002 2f610000"},
    {"secret_lookup_by_usage", FOR(2, "/a"), "error 66/30"},
    {"secret_lookup_by_usage", FOR(1, "/"), "error 66/30"},
    {"secret_lookup_by_usage", FOR(0, ""), "error 66/30"},
    {"secret_lookup_by_usage", FOR(-1, "/a"), "error 66/30"},
    {"secret_define_xml", SAYS(A, "", USAGE("volume", "<volume>/b</volume>")), "error 1/30"},
    {"secret_define_xml", SAYS(A, "", ""), "error 1/30"},
    {"secret_define_xml", SAYS(B, "", USAGE("volume", "<volume>/a</volume>")), "error 1/30"},
    {"secret_define_xml", XML("<secret>" USAGE("volume", "<volume>/a</volume>") "</secret>"),
     "error 1/30"},
    {"secret_define_xml", SAYS(B, "", USAGE("ceph", "<name>/a</name>")), "ok *"},
    {"secret_define_xml", XML("<secret>" USAGE("iscsi", "<target>/a</target>") "</secret>"),
     "ok *"},
    {"secret_define_xml", XML("<secret>" USAGE("tls", "<name>/a</name>") "</secret>"), "ok *"},
    {"secret_define_xml", XML("<secret>" USAGE("vtpm", "<name>/a</name>") "</secret>"), "ok *"},
    {"secret_define_xml", XML("<secret>" USAGE("none", "") "</secret>"), "ok *"},
    {"secret_define_xml", XML("<secret><uuid/></secret>"), "ok *"},
    {"secret_lookup_by_uuid", "{\"uuid\":\"" B "\"}", "ok" B_IS " 00000002 00000002 2f610000"},
    {"secret_lookup_by_usage", FOR(5, "/a"), "ok *"},
    {"connect_num_of_secrets", "{}", "ok 00000007"},
    {"secret_define_xml", XML("<secret>" USAGE("iscsi", "<name>a</name>") "</secret>"),
     "error 1/30"},
    {"secret_define_xml", XML("<secret>" USAGE("ceph", "<name/>") "</secret>"), "error 1/30"},
    {"secret_define_xml", XML("<secret>" USAGE("other", "") "</secret>"), "error 67/30"},
    {"secret_define_xml", XML("<secret>" USAGE("", "") "</secret>"), "error 27/30"},
    {"secret_define_xml", XML("<secret><usage/></secret>"), "error 27/30"},
    {"secret_define_xml", XML("<secret private='maybe'/>"), "error 27/30"},
    {"secret_define_xml", XML("<secret ephemeral='maybe'/>"), "error 27/30"},
    {"secret_define_xml", XML("<secret><uuid>a</uuid></secret>"), "error 1/30"},
    {"secret_define_xml", XML("<other/>"), "error 27/5"},
    {"secret_define_xml", XML("<secret"), "error 35/30"},
    {"secret_define_xml", XML(""), "error 35/30"},
    {"secret_define_xml", "{\"xml\":\"<secret/>\",\"flags\":2}", "error 8/30"},
    {"secret_lookup_by_uuid", "{\"uuid\":\"000102030405060708090a0b0c0d0e00\"}", "error 66/30"},
    {"connect_num_of_secrets", "{}", "ok 00000007"},
};
PLAYS(start_hosted, what_a_secret_is_for)

static const struct step secrets_are_listed_steps[] = {
    {"secret_define_xml", SAYS(A, "ephemeral='yes'", ""), "ok *"},
    {"secret_define_xml", SAYS(B, "private='yes'", CEPH), "ok *"},
    {"connect_list_all_secrets", "{\"need_results\":1,\"flags\":0}",
     "ok 00000002" A_IS " 00000000 00000000" B_IS " 00000002 00000001 63000000 00000002"},
    {"connect_list_all_secrets", ALL(1), "ok 00000000 00000001"},
    {"connect_list_all_secrets", ALL(3), "ok 00000000 00000002"},
    {"connect_list_all_secrets", ALL(5), "ok 00000000 00000000"},
    {"connect_list_all_secrets", ALL(6), "ok 00000000 00000001"},
    {"connect_list_all_secrets", ALL(8), "ok 00000000 00000001"},
    {"connect_list_all_secrets", ALL(16), "error 8/30"},
    {"connect_list_secrets", "{\"maxuuids\":1}",
     "ok 00000001 00000024 30303031 30323033 2d303430 352d3036 30372d30 3830392d 30613062 30633064 "
     "30653066"},
    {"connect_list_secrets", "{\"maxuuids\":3}", "ok 00000002 *"},
    {"connect_list_secrets", "{\"maxuuids\":0}", "ok 00000000"},
    {"connect_list_secrets", "{\"maxuuids\":-1}", "error 39/7"},
};
PLAYS(start_hosted, secrets_are_listed)

/* What comes back of it: in order, with what was not said, without what is not known. */
static void secrets_have_the_shape_of_libvirt(void **state)
{
    static const struct step steps[] = {
        {"secret_define_xml",
         SAYS(A, "private='yes'",
              "<usage type='tls'><name>a&lt;</name><other/></usage><description>x</description>"
              "<description>y</description><other/>"),
         "ok *"},
        {"secret_define_xml", SAYS(B, "", "<description/>" USAGE("none", "")), "ok *"},
    };
    static const char *const texts[] = {
        "<secret ephemeral='no' private='yes'>\n"
        "  <uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
        "  <description>x</description>\n"
        "  <usage type='tls'>\n"
        "    <name>a&lt;</name>\n"
        "  </usage>\n"
        "</secret>\n",
        "<secret ephemeral='no' private='no'>\n"
        "  <uuid>ff010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
        "</secret>\n",
    };
    struct peer p;
    start_hosted(&p);
    play(&p, steps, COUNT(steps));
    const struct vw_objects *t = vw_model_objects(&p.daemon.model, &vw_object_kind_secret);
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_string_equal(t->list[i]->xml.data, texts[i]);
    peer_stop(&p);
}

/* A snapshot has the secret, and not its value. */
static void values_are_in_no_snapshot(void **state)
{
    static const struct step before[] = {
        {"secret_define_xml", SAYS(A, "ephemeral='yes'", CEPH), "ok *"},
        {"secret_set_value", SET(A, "616263"), "ok"},
    };
    static const struct step behind[] = {
        {"secret_lookup_by_usage", FOR(2, "c"), "ok" A_IS " *"},
        {"connect_list_all_secrets", ALL(1), "ok 00000000 00000001"},
        {"secret_get_value", FLAGS(A, 0), "error 66/30"},
    };
    const char *dir = getenv("TMPDIR");
    char *path = NULL, *text;
    size_t len;
    struct peer p;
    assert_true(asprintf(&path, "%s/virwire-hosted-XXXXXX", dir ? dir : "/tmp") > 0);
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    start_hosted(&p);
    play(&p, before, COUNT(before));
    assert_int_equal(vw_state_save(&p.daemon.model, path, NULL), 0);
    assert_int_equal(vw_file_read(path, true, 1 << 20, &text, &len), 0);
    assert_non_null(strstr(text, "ceph/c"));
    assert_null(strstr(text, "abc"));
    assert_null(strstr(text, "616263"));
    assert_int_equal(vw_state_load(&p.daemon.model, path, NULL), 0);
    unlink(path);
    free(path);
    free(text);
    play(&p, behind, COUNT(behind));
    peer_stop(&p);
}

/* ---- network filters ---- */

#define XML_ALONE(text)    "{\"xml\":\"" text "\"}"
#define F(name, more)      "nwfilter_define_xml", XML_ALONE("<filter name='" name "' " more "</filter>")
#define RULE(attributes)   "><rule " attributes "/>"
#define REFERS(filter)     "<filterref filter='" filter "'/>"
#define A_UUID             "<uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>"
#define FILTER(uuid, more) "{\"nwfilter\":{\"name\":\"\",\"uuid\":\"" uuid "\"}" more "}"
#define WITH(flags)        ",\"flags\":" #flags

static const struct step filters_are_defined_steps[] = {
    {F("f", ">" A_UUID), "ok 00000001 66000000" A_IS},
    {F("f", "chain='arp'>" A_UUID), "ok 00000001 66000000" A_IS},
    {F("f", ">"), "error 9/33"},
    {F("g", ">" A_UUID), "error 9/33"},
    {F("f", "><uuid>" B "</uuid>"), "error 9/33"},
    {F("g", "><uuid/>"), "ok *"},
    {F("h", "><uuid>a</uuid>"), "error 27/33"},
    {F("", ">"), "error 1/33"},
    {F("a/b", ">"), "error 38/0"},
    {"nwfilter_define_xml", XML_ALONE("<filter/>"), "error 1/33"},
    {"nwfilter_define_xml", XML_ALONE("<other/>"), "error 27/5"},
    {"nwfilter_define_xml", XML_ALONE("<filter"), "error 35/33"},
    {"nwfilter_define_xml_flags", XML("<filter name='i'/>"), "ok *"},
    {"nwfilter_define_xml_flags", "{\"xml\":\"<filter name='i'/>\",\"flags\":2}", "error 8/33"},
    {F("h", "chain='other'>"), "error 8/33"},
    {F("h", "chain='ARP'>"), "error 8/33"},
    {F("h", "chain='arp+a'>"), "error 8/33"},
    {F("h", "chain='arp-aaaaaaaaa'>"), "error 8/33"},
    {F("h", "chain='arp' priority='1001'>"), "error 8/33"},
    {F("h", "chain='arp' priority='-1001'>"), "error 8/33"},
    {F("h", "chain='arp' priority='5 '>"), "error 8/33"},
    {F("h", "priority='x'>"), "error 8/33"},
    {F("h", RULE("direction='in'")), "error 1/33"},
    {F("h", RULE("action='drop'")), "error 1/33"},
    {F("h", RULE("action='DROP' direction='in'")), "error 67/33"},
    {F("h", RULE("action='drop' direction='up'")), "error 67/33"},
    {F("h", "><filterref/>"), "error 1/33"},
    {F("h", ">" REFERS("h")), "error 9/33"},
    {F("l1", ">" REFERS("l2")), "ok *"},
    {F("l2", ">" REFERS("f") REFERS("l3")), "ok *"},
    {F("l3", ">" REFERS("f") REFERS("l1")), "error 9/33"},
    {F("l3", ">" REFERS("f")), "ok *"},
    {"connect_num_of_nwfilters", "{}", "ok 00000006"},
    {"connect_list_nwfilters", "{\"maxnames\":2}",
     "ok 00000002 00000001 66000000 00000001 67000000"},
    {"connect_list_all_nwfilters", ALL(0), "ok 00000000 00000006"},
    {"connect_list_all_nwfilters", ALL(1), "error 8/33"},
    {"nwfilter_lookup_by_name", "{\"name\":\"f\"}", "ok 00000001 66000000" A_IS},
    {"nwfilter_lookup_by_name", "{\"name\":\"n\"}", "error 62/33"},
    {"nwfilter_lookup_by_uuid", "{\"uuid\":\"" A "\"}", "ok 00000001 66000000" A_IS},
    {"nwfilter_lookup_by_uuid", "{\"uuid\":\"" B "\"}", "error 62/33"},
    {"nwfilter_get_xml_desc", FILTER(A, WITH(0)), "ok *"},
    {"nwfilter_get_xml_desc", FILTER(A, WITH(1)), "error 8/33"},
    {"nwfilter_undefine", FILTER(A, ""), "ok"},
    {"nwfilter_undefine", FILTER(A, ""), "error 62/33"},
    {"connect_num_of_nwfilters", "{}", "ok 00000005"},
};
PLAYS(start_hosted, filters_are_defined)

#define OWNED(inside)       "<owner>" inside "</owner>"
#define OWNER               OWNED(A_UUID "<name>o</name>")
#define PORT(name)          "<portdev name='" name "'/>"
#define MAC(text)           "<mac address='" text "'/>"
#define GOOD_MAC            MAC("1:2:3:4:5:AB ")
#define BINDS(inside)       XML("<filterbinding>" inside "</filterbinding>")
#define BIND(port, filter)  BINDS(OWNER PORT(port) GOOD_MAC REFERS(filter))
#define BINDING(port, more) "{\"nwfilter\":{\"portdev\":\"" port "\",\"filtername\":\"\"}" more "}"

static const struct step filters_are_bound_steps[] = {
    {F("f", ">" A_UUID), "ok *"},
    {F("g", ">" REFERS("none")), "ok *"},
    {F("h", ">" REFERS("&lt;&amp;lt;&apos;")), "ok *"},
    {F("&lt;&amp;lt;&apos;", "><uuid>" B "</uuid>" REFERS("h")), "error 9/33"},
    {F("&lt;&amp;lt;&apos;", "><uuid>" B "</uuid>"), "ok *"},
    {"connect_list_all_nwfilter_bindings", ALL(0), "ok 00000000 00000000"},
    {"nwfilter_binding_create_xml", BIND("h", "h"), "ok *"},
    {"nwfilter_binding_delete", BINDING("h", ""), "ok"},
    {"nwfilter_binding_create_xml", BIND("a", "f"), "ok 00000001 61000000 00000001 66000000"},
    {"nwfilter_binding_create_xml", BIND("a", "f"), "error 9/33"},
    {"nwfilter_binding_create_xml", BIND("b", "none"), "error 1/33"},
    {"nwfilter_binding_create_xml", BIND("b", "g"), "error 1/33"},
    {"nwfilter_binding_create_xml", XML("<other/>"), "error 27/5"},
    {"nwfilter_binding_create_xml", "{\"xml\":\"\",\"flags\":2}", "error 8/33"},
    {"connect_list_all_nwfilter_bindings", "{\"need_results\":1,\"flags\":0}",
     "ok 00000001 00000001 61000000 00000001 66000000 00000001"},
    {"connect_list_all_nwfilter_bindings", ALL(1), "error 8/33"},
    {"nwfilter_binding_lookup_by_port_dev", "{\"name\":\"a\"}",
     "ok 00000001 61000000 00000001 66000000"},
    {"nwfilter_binding_lookup_by_port_dev", "{\"name\":\"b\"}", "error 101/33"},
    {"nwfilter_binding_get_xml_desc", BINDING("a", WITH(0)), "ok *"},
    {"nwfilter_binding_get_xml_desc", BINDING("a", WITH(1)), "error 8/33"},
    /* One in use may be defined anew, and stays. */
    {F("f", "chain='mac'>" A_UUID), "ok *"},
    {"nwfilter_undefine", FILTER(A, ""), "error 55/33"},
    {"nwfilter_binding_delete", BINDING("a", ""), "ok"},
    {"nwfilter_binding_delete", BINDING("a", ""), "error 101/33"},
    {"nwfilter_undefine", FILTER(A, ""), "ok"},
};
PLAYS(start_hosted, filters_are_bound)

static void a_binding_lacks_nothing(void **state)
{
    static const char *const wrong[] = {
        BIND("", "f"),
        BIND("b", ""),
        BINDS(OWNER GOOD_MAC REFERS("f")),
        BINDS(PORT("b") GOOD_MAC REFERS("f")),
        BINDS(OWNER PORT("b") REFERS("f")),
        BINDS(OWNER PORT("b") GOOD_MAC),
        BINDS(OWNED("<name>o</name>") PORT("b") GOOD_MAC REFERS("f")),
        BINDS(OWNED(A_UUID) PORT("b") GOOD_MAC REFERS("f")),
        BINDS(OWNED("<name>o</name><uuid>a</uuid>") PORT("b") GOOD_MAC REFERS("f")),
        BINDS(OWNER PORT("b") MAC("1:2:3:4:5") REFERS("f")),
        BINDS(OWNER PORT("b") MAC("1:2:3:4:5:6:7") REFERS("f")),
        BINDS(OWNER PORT("b") MAC("1:2:3:4:5:123") REFERS("f")),
        BINDS(OWNER PORT("b") MAC("1-2-3-4-5-6") REFERS("f")),
        BINDS(OWNER PORT("b") MAC(" 1:2:3:4:5:6") REFERS("f")),
        BINDS(OWNER PORT("b") MAC("") REFERS("f")),
    };
    static const struct step define = {F("f", ">" A_UUID), "ok *"};
    struct peer p;
    start_hosted(&p);
    play(&p, &define, 1);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const struct step binds = {"nwfilter_binding_create_xml", wrong[i], "error 1/33"};
        play(&p, &binds, 1);
    }
    peer_stop(&p);
}

#define PARAMETER(name, value) "<parameter value='" value "' name='" name "'/>"
#define PARAMETERS                                                                                 \
    PARAMETER("b", "2")                                                                            \
    PARAMETER("a", "1.2.3.4")                                                                      \
    PARAMETER("a", "0")                                                                            \
    PARAMETER("x-y", "1") PARAMETER("z", "a b") PARAMETER("", "1") "<parameter name='y'/><other/>"
#define PARAMETERS_ARE                                                                             \
    "    <parameter name='a' value='1.2.3.4'/>\n"                                                  \
    "    <parameter name='a' value='0'/>\n"                                                        \
    "    <parameter name='b' value='2'/>\n"

static void filters_have_the_shape_of_libvirt(void **state)
{
    static const struct step steps[] = {
        {F("f", "foo='x' priority='-7' chain='ipv4-x'><foo/>"
                "<rule priority='10' direction='in' action='drop'><foo/><tcp dstportstart='22'>"
                "<foo/></tcp><udp/></rule>"
                "<rule direction='inout' action='accept' priority='1001' statematch='False'>"
                "<foo/></rule>"
                "<filterref foo='x' filter='g'>" PARAMETERS "</filterref>"
                "<rule action='return' direction='out' priority='x' statematch='1'/>" A_UUID),
         "ok *"},
        {F("g", "priority='5'>" A_UUID), "error *"},
        {F("g", "priority='5'><uuid>" B "</uuid>"), "ok *"},
        {"nwfilter_binding_create_xml",
         BINDS("<foo/><filterref filter='f'>" PARAMETERS "</filterref>" GOOD_MAC
               "<linkdev name='l'/>" PORT("p") OWNER),
         "ok *"},
    };
    static const char *const filters[] = {
        "<filter name='f' chain='ipv4-x' priority='-7'>\n"
        "  <uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
        "  <rule action='drop' direction='in' priority='10'>\n"
        "    <tcp dstportstart='22'/>\n"
        "  </rule>\n"
        "  <rule action='accept' direction='inout' priority='500' statematch='false'/>\n"
        "  <filterref filter='g'>\n" PARAMETERS_ARE "  </filterref>\n"
        "  <rule action='return' direction='out' priority='500'/>\n"
        "</filter>\n",
        "<filter name='g' chain='root'>\n"
        "  <uuid>ff010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
        "</filter>\n",
    };
    static const char binding[] =
        "<filterbinding>\n"
        "  <owner>\n"
        "    <name>o</name>\n"
        "    <uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
        "  </owner>\n"
        "  <portdev name='p'/>\n"
        "  <linkdev name='l'/>\n"
        "  <mac address='01:02:03:04:05:ab'/>\n"
        "  <filterref filter='f'>\n"
        "    <parameter name='MAC' value='01:02:03:04:05:ab'/>\n" PARAMETERS_ARE "  </filterref>\n"
        "</filterbinding>\n";
    struct peer p;
    start_hosted(&p);
    play(&p, steps, COUNT(steps));
    const struct vw_objects *t = vw_model_objects(&p.daemon.model, &vw_object_kind_nwfilter);
    for (size_t i = 0; i < COUNT(filters); i++)
        assert_string_equal(t->list[i]->xml.data, filters[i]);
    t = vw_model_objects(&p.daemon.model, &vw_object_kind_binding);
    assert_string_equal(t->list[0]->xml.data, binding);
    peer_stop(&p);
}

/* The priority of a filter goes by its chain. */
static void chains_have_priorities(void **state)
{
    static const struct {
        const char *define, *said;
    } rows[] = {
        {"chain='mac'", " chain='mac' priority='-800'>"},
        {"chain='vlan'", " chain='vlan' priority='-750'>"},
        {"chain='stp'", " chain='stp'>"},
        {"chain='ipv4'", " chain='ipv4' priority='-700'>"},
        {"chain='ipv6'", " chain='ipv6' priority='-600'>"},
        {"chain='arp'", " chain='arp' priority='-500'>"},
        {"chain='rarp'", " chain='rarp' priority='-400'>"},
        {"chain='arp-aaaaaaaa'", " chain='arp-aaaaaaaa' priority='-500'>"},
        {"chain='arp' priority='0'", " chain='arp'>"},
        {"chain='arp' priority=''", " chain='arp' priority='-500'>"},
        {"chain='arp' priority='1000'", " chain='arp' priority='1000'>"},
        {"chain=''", " chain='root'>"},
        {"chain='root' priority='9'", " chain='root'>"},
    };
    struct peer p;
    start_hosted(&p);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *args = NULL;
        assert_true(asprintf(&args, XML_ALONE("<filter name='f' %s>" A_UUID "</filter>"),
                             rows[i].define) > 0);
        const struct step defines = {"nwfilter_define_xml", args, "ok *"};
        play(&p, &defines, 1);
        free(args);
        const struct vw_objects *t = vw_model_objects(&p.daemon.model, &vw_object_kind_nwfilter);
        if (!strstr(t->list[0]->xml.data, rows[i].said))
            fail_msg("%s: %s", rows[i].define, t->list[0]->xml.data);
    }
    peer_stop(&p);
}

/* ---- network ports ---- */

#define NETWORK               "{\"name\":\"\",\"uuid\":\"dd8fe8846c02601e7551cca97df1c5df\"}"
#define NETWORK_IS            " 00000007 64656661 756c7400 dd8fe884 6c02601e 7551cca9 7df1c5df"
#define NET                   "{\"net\":" NETWORK "}"
#define ON(more)              "{\"network\":" NETWORK more "}"
#define PORTS(text, flags)    ON(",\"xml\":\"<networkport>" text "</networkport>\",\"flags\":" #flags)
#define LISTS(results, flags) ON(",\"need_results\":" #results ",\"flags\":" #flags)
#define PORT_OF(uuid, flags)                                                                       \
    "{\"port\":{\"net\":" NETWORK ",\"uuid\":\"" uuid "\"},\"flags\":" #flags "}"
#define BRIDGE "<plug type='bridge' bridge='b'/>"

static const struct step ports_come_and_go_steps[] = {
    {"network_list_all_ports", LISTS(1, 0), "ok 00000000 00000000"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 0), "ok" NETWORK_IS A_IS},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 0), "error 106/19"},
    {"network_port_create_xml", PORTS("<uuid>" B "</uuid>" OWNER GOOD_MAC BRIDGE, 1),
     "ok" NETWORK_IS B_IS},
    {"network_list_all_ports", LISTS(1, 0),
     "ok 00000002" NETWORK_IS A_IS NETWORK_IS B_IS " 00000002"},
    {"network_list_all_ports", LISTS(0, 0), "ok 00000000 00000002"},
    {"network_list_all_ports", LISTS(0, 1), "error 8/19"},
    {"network_port_lookup_by_uuid", ON(",\"uuid\":\"" A "\""), "ok" NETWORK_IS A_IS},
    {"network_port_get_xml_desc", PORT_OF(A, 0), "ok *"},
    {"network_port_get_xml_desc", PORT_OF(A, 1), "error 8/19"},
    {"network_port_delete", PORT_OF(A, 1), "error 8/19"},
    {"network_port_delete", PORT_OF(A, 0), "ok"},
    {"network_port_delete", PORT_OF(A, 0), "error 107/19"},
    {"network_port_get_xml_desc", PORT_OF(A, 0), "error 107/19"},
    {"network_port_lookup_by_uuid", ON(",\"uuid\":\"" A "\""), "error 107/19"},
    /* They go when it stops. */
    {"network_destroy", NET, "ok"},
    {"network_list_all_ports", LISTS(0, 0), "error 55/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 0), "error 55/19"},
    {"network_port_lookup_by_uuid", ON(",\"uuid\":\"" B "\""), "error 107/19"},
    {"network_create", NET, "ok"},
    {"network_list_all_ports", LISTS(0, 0), "ok 00000000 00000000"},
    {"network_list_all_ports",
     "{\"network\":{\"name\":\"\",\"uuid\":\"" B "\"},\"need_results\":0,\"flags\":0}",
     "error 43/19"},
};
PLAYS(start_hosted, ports_come_and_go)

#define UINT(name, value) "{\"field\":\"" name "\",\"value\":{\"type\":2,\"ui\":" #value "}}"
#define GETS(n)                                                                                    \
    "network_port_get_parameters",                                                                 \
        "{\"port\":{\"net\":" NETWORK ",\"uuid\":\"" A "\"},\"nparams\":" #n ",\"flags\":0}"
#define SETS(params)                                                                               \
    "network_port_set_parameters",                                                                 \
        "{\"port\":{\"net\":" NETWORK ",\"uuid\":\"" A "\"},\"params\":[" params "],\"flags\":0}"
/* The name of a parameter, padded, and what follows it. */
#define IN_AVERAGE  " 0000000f 696e626f 756e642e 61766572 61676500 00000002"
#define IN_PEAK     " 0000000c 696e626f 756e642e 7065616b 00000002"
#define IN_FLOOR    " 0000000d 696e626f 756e642e 666c6f6f 72000000 00000002"
#define IN_BURST    " 0000000d 696e626f 756e642e 62757273 74000000 00000002"
#define OUT_AVERAGE " 00000010 6f757462 6f756e64 2e617665 72616765 00000002"
#define OUT_PEAK    " 0000000d 6f757462 6f756e64 2e706561 6b000000 00000002"
#define OUT_BURST   " 0000000e 6f757462 6f756e64 2e627572 73740000 00000002"
#define NOTHING     " 00000000 00000000"

static const struct step ports_have_a_bandwidth_steps[] = {
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 0), "ok *"},
    {GETS(0), "ok" NOTHING},
    {SETS(UINT("inbound.average", 5)), "ok"},
    {GETS(0), "ok 00000004" IN_AVERAGE " 00000005" IN_PEAK " 00000000" IN_FLOOR " 00000000" IN_BURST
              " 00000000 00000000"},
    /* What is said is all that there is. */
    {SETS(UINT("outbound.average", 6) "," UINT("outbound.burst", 8) "," UINT("other", 1)), "ok"},
    {GETS(16),
     "ok 00000003" OUT_AVERAGE " 00000006" OUT_PEAK " 00000000" OUT_BURST " 00000008 00000000"},
    {SETS(UINT("inbound.average", 5) "," UINT("inbound.floor", 5)), "error 84/19"},
    {SETS(UINT("inbound.average", 0) "," UINT("outbound.peak", 7)), "ok"},
    {GETS(16), "ok" NOTHING},
    {"network_port_get_parameters",
     "{\"port\":{\"net\":" NETWORK ",\"uuid\":\"" B "\"},\"nparams\":0,\"flags\":0}",
     "error 107/19"},
    {"network_port_get_parameters",
     "{\"port\":{\"net\":" NETWORK ",\"uuid\":\"" A "\"},\"nparams\":0,\"flags\":1}", "error 8/19"},
};
PLAYS(start_hosted, ports_have_a_bandwidth)

static const struct step ports_lack_nothing_steps[] = {
    {"network_port_create_xml", PORTS(OWNER GOOD_MAC, 0), "error 1/19"},
    {"network_port_create_xml", PORTS("<uuid>a</uuid>" OWNER GOOD_MAC, 0), "error 1/19"},
    {"network_port_create_xml", PORTS(A_UUID GOOD_MAC, 0), "error 1/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNED(A_UUID) GOOD_MAC, 0), "error 1/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER, 0), "error 1/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER MAC("x"), 0), "error 1/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC BRIDGE, 0), "error 8/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 1), "error 8/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC, 4), "error 8/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC "<plug type='x'/>", 0), "error 27/5"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC "<plug type='bridge'/>", 0),
     "error 27/19"},
    {"network_port_create_xml", PORTS(A_UUID OWNER GOOD_MAC "<rxfilters trustGuest='x'/>", 0),
     "error 27/5"},
    {"network_port_create_xml", ON(",\"xml\":\"<a/>\",\"flags\":0"), "error 27/5"},
    {"network_port_create_xml", ON(",\"xml\":\"<a\",\"flags\":0"), "error 35/19"},
    {"network_list_all_ports", LISTS(0, 0), "ok 00000000 00000000"},
};
PLAYS(start_hosted, ports_lack_nothing)

static void ports_have_the_shape_of_libvirt(void **state)
{
    static const struct step define = {
        "network_port_create_xml",
        PORTS("<foo/><plug type='none'/><rxfilters trustGuest='yes'/><bandwidth>"
              "<outbound average='10'/><inbound burst='3' average='1' peak='2'/></bandwidth>"
              "<class>c</class><group>g</group>" GOOD_MAC OWNER A_UUID,
              0),
        "ok *"};
    struct peer p;
    start_hosted(&p);
    play(&p, &define, 1);
    assert_string_equal(vw_model_objects(&p.daemon.model, &vw_object_kind_port)->list[0]->xml.data,
                        "<networkport>\n"
                        "  <uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
                        "  <owner>\n"
                        "    <name>o</name>\n"
                        "    <uuid>00010203-0405-0607-0809-0a0b0c0d0e0f</uuid>\n"
                        "  </owner>\n"
                        "  <group>g</group>\n"
                        "  <mac address='01:02:03:04:05:ab'/>\n"
                        "  <bandwidth>\n"
                        "    <inbound average='1' peak='2' burst='3'/>\n"
                        "    <outbound average='10'/>\n"
                        "  </bandwidth>\n"
                        "  <rxfilters trustGuest='yes'/>\n"
                        "  <plug type='network' bridge='virbr0'/>\n"
                        "</networkport>\n");
    peer_stop(&p);
}

/* ---- elsewhere ---- */

static void the_test_driver_has_none(void **state)
{
    static const struct step steps[] = {
        {"connect_num_of_secrets", "{}", "error 3/30"},
        {"secret_define_xml", SAYS(A, "", ""), "error 3/30"},
        {"secret_get_value", FLAGS(A, 0), "error 3/30"},
        {"connect_secret_event_register_any", LISTEN(0), "error 3/30"},
        {"connect_num_of_nwfilters", "{}", "error 3/33"},
        {F("f", ">"), "error 3/33"},
        {"nwfilter_binding_create_xml", BIND("a", "f"), "error 3/33"},
        {"network_list_all_ports", LISTS(0, 0), "error 3/19"},
    };
    struct peer p;
    peer_start(&p, NULL, NULL);
    peer_open(&p, 0);
    play(&p, steps, COUNT(steps));
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_told_of),
        cmocka_unit_test(a_value_is_kept),
        cmocka_unit_test(what_a_secret_is_for),
        cmocka_unit_test(secrets_are_listed),
        cmocka_unit_test(secrets_have_the_shape_of_libvirt),
        cmocka_unit_test(values_are_in_no_snapshot),
        cmocka_unit_test(filters_are_defined),
        cmocka_unit_test(filters_are_bound),
        cmocka_unit_test(a_binding_lacks_nothing),
        cmocka_unit_test(filters_have_the_shape_of_libvirt),
        cmocka_unit_test(chains_have_priorities),
        cmocka_unit_test(ports_come_and_go),
        cmocka_unit_test(ports_have_a_bandwidth),
        cmocka_unit_test(ports_lack_nothing),
        cmocka_unit_test(ports_have_the_shape_of_libvirt),
        cmocka_unit_test(the_test_driver_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
