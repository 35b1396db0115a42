// SPDX-License-Identifier: MIT
// Recorded values against those of now: what is told, and what is sent instead.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "capture/again-xml.h"
#include "capture/again.h"
#include "schema/profile.h"
#include "xdr/json.h"

static struct vw_profile *profile;

static void tell(void *user, const char *path, const char *expected, const char *found)
{
    char *told = user;
    size_t len = strlen(told);
    snprintf(told + len, 600 - len, "%s: %s, not %s; ", path, expected, found);
}

static struct json_object *json(const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *out = NULL;
    if (vw_json_parse(text, strlen(text), &out, &err))
        fail_msg("%s: %s", text, err.text);
    return out;
}

#define U1                  "\"000102030405060708090a0b0c0d0e0f\""
#define U2                  "\"100102030405060708090a0b0c0d0e0f\""
#define DOM(name, uuid, id) "{\"name\":\"" name "\",\"uuid\":" uuid ",\"id\":" id "}"
#define RET(name, uuid, id) "{\"dom\":" DOM(name, uuid, id) "}"

/* In order, with one memory of names: what came back then and now, or (NOW is NULL) what is sent,
 * as it comes to be. */
static const struct row {
    const char *proc, *then, *now, *told;
} rows[] = {
    {"domain_lookup_by_name", RET("a", U1, "1"), RET("a", U1, "1"), ""},
    {"domain_lookup_by_name", RET("b", U2, "2"), RET("c", U1, "7"),
     "ret.dom.name: \"b\", not \"c\"; "},
    {"domain_suspend", RET("b", U2, "2"), NULL, RET("b", U1, "7")},
    {"domain_suspend", RET("b", U2, "-1"), NULL, RET("b", U1, "-1")},
    {"domain_suspend", RET("x", U1, "5"), NULL, RET("x", U1, "5")},
    {"domain_lookup_by_id", "{\"id\":2}", NULL, "{\"id\":7}"},
    {"connect_open", "{\"name\":null,\"flags\":0}", NULL, "{\"name\":null,\"flags\":0}"},
    /* It has another name already. */
    {"domain_lookup_by_name", RET("b", U2, "2"), RET("b", U2, "-1"),
     "ret.dom.uuid: " U2 ", not " U2 "; ret.dom.id: 2, not -1; "},
    {"domain_lookup_by_name", RET("b", U1, "-1"), RET("b", U1, "3"), "ret.dom.id: -1, not 3; "},
    /* What varies. */
    {"domain_get_info", "{\"state\":1,\"maxMem\":2,\"memory\":3,\"nrVirtCpu\":4,\"cpuTime\":5}",
     "{\"state\":1,\"maxMem\":2,\"memory\":4,\"nrVirtCpu\":4,\"cpuTime\":6}",
     "ret.memory: 3, not 4; "},
    {"connect_domain_event_callback_register_any", "{\"callbackID\":0}", "{\"callbackID\":4}", ""},
    {"connect_domain_event_callback_deregister_any", "{\"callbackID\":0}", NULL,
     "{\"callbackID\":4}"},
    /* Lists in another order; one that lacks something; one that is shorter. */
    {"connect_list_networks", "{\"names\":[\"a\",\"b\"]}", "{\"names\":[\"b\",\"a\"]}", ""},
    {"connect_list_networks", "{\"names\":[\"a\",\"b\"]}", "{\"names\":[\"b\",\"c\"]}",
     "ret.names[]: \"a\", not [\"b\",\"c\"]; "},
    {"connect_list_networks", "{\"names\":[\"a\"]}", "{\"names\":[]}",
     "ret.names: [\"a\"], not []; "},
    {"connect_list_all_networks",
     "{\"nets\":[{\"name\":\"p\",\"uuid\":" U1 "},{\"name\":\"q\",\"uuid\":" U1 "}],\"ret\":2}",
     "{\"nets\":[{\"name\":\"q\",\"uuid\":" U1 "},{\"name\":\"p\",\"uuid\":" U1 "}],\"ret\":2}",
     ""},
    /* Absent and present; secrets; XML. */
    {"domain_get_hostname", "{\"hostname\":\"a\"}", "{\"hostname\":\"b\"}", ""},
    {"connect_get_uri", "{\"uri\":\"a\"}", "{\"uri\":\"b\"}", "ret.uri: \"a\", not \"b\"; "},
    {"secret_get_value", "{\"value\":\"2a2a\"}", "{\"value\":\"3132\"}", ""},
    {"network_get_xml_desc", "{\"xml\":\"<n>\\n <a b='1' c='2'/><uuid>1</uuid></n>\"}",
     "{\"xml\":\"<n><a c='2' b='1'/>\\n<uuid>2</uuid></n>\"}", ""},
    {"network_get_xml_desc", "{\"xml\":\"<n><a b='1'/><b>x</b><c/></n>\"}",
     "{\"xml\":\"<n><a b='2'/><c/><d>y</d></n>\"}",
     "ret.xml/n/a@b: 1, not 2; ret.xml/n/b: x, not nothing; ret.xml/n/d: nothing, not y; "},
    {"network_get_xml_desc", "{\"xml\":\"<n>\"}", "{\"xml\":\"<m/>\"}",
     "ret.xml: \"<n>\", not \"<m/>\"; "},
    {"domain_get_xml_desc", "{\"xml\":\"<d><g passwd='***'/></d>\"}",
     "{\"xml\":\"<d><g passwd='abc'/></d>\"}", ""},
};

static void compares(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    char told[600];
    struct vw_again a = {.arena = &arena, .tell = tell, .user = told};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_proc *proc = vw_schema_call(profile->schema, "remote", rows[i].proc);
        struct json_object *then = json(rows[i].then), *now = NULL;
        told[0] = 0;
        if (rows[i].now) {
            vw_again_compare(&a, proc, "ret", then, now = json(rows[i].now));
        } else {
            then = vw_again_args(&a, proc, then);
            snprintf(told, sizeof(told), "%s",
                     json_object_to_json_string_ext(then, JSON_C_TO_STRING_PLAIN));
        }
        if (strcmp(told, rows[i].told) != 0)
            fail_msg("row %zu, %s: %s", i, rows[i].proc, told);
        json_object_put(then);
        json_object_put(now);
    }
    assert_false(a.failed);
    vw_arena_finish(&arena);
}

static void compares_errors(void **state)
{
    char told[600] = "";
    struct vw_again a = {.tell = tell, .user = told};
    struct json_object *then = json("{\"code\":1,\"domain\":2,\"level\":2,\"message\":\"a\"}");
    struct json_object *now = json("{\"code\":1,\"domain\":3,\"level\":2,\"message\":\"b\"}");
    vw_again_compare_errors(&a, then, now);
    assert_string_equal(told, "error.domain: 2, not 3; ");
    json_object_put(then);
    json_object_put(now);
}

/* A document of N fields. */
static char *document(size_t n)
{
    char *text = malloc(n * 4 + 8), *at = text;
    assert_non_null(text);
    at = stpcpy(at, "<r>");
    for (size_t i = 1; i < n; i++)
        at = stpcpy(at, "<a/>");
    stpcpy(at, "</r>");
    return text;
}

/* As many as could be looked for without end are not compared one by one. */
static void leaves_large_documents(void **state)
{
    const struct row_of_size {
        size_t n;
        int rc;
    } sizes[] = {{30000, 0}, {30001, VW_ESYNTAX}};
    char told[600] = "";
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *then = document(sizes[i].n);
        assert_int_equal(vw_again_xml(then, then, tell, told), sizes[i].rc);
        assert_string_equal(told, "");
        free(then);
    }
}

static int set_up(void **state)
{
    return vw_profile_load("9.0.0", NULL, &profile, NULL);
}

static int tear_down(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(compares_errors),
        cmocka_unit_test(leaves_large_documents),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
