// SPDX-License-Identifier: MIT
// What was said becomes a case: rows of messages, and what stands in the case.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "capture/retell.h"
#include "message/message-json.h"
#include "xdr/json.h"

static struct vw_profile *profile;

/* '>' and '<' and JSON of a message, "@2" ahead of it: connection 2, "-": not wanted. Answers are
 * found by their serial. */
#define SAID_MAX 12
static const struct row {
    const char *said[SAID_MAX];
    const char *has, *has_not; /* of the case */
} rows[] = {
#define LOGIN                                                                                      \
    ">{\"procedure\":\"auth_list\",\"serial\":0}",                                                 \
        "<{\"procedure\":\"auth_list\",\"type\":\"reply\",\"serial\":0,\"body\":{\"types\":"       \
        "[\"REMOTE_AUTH_NONE\"]}}",                                                                \
        ">{\"procedure\":\"connect_open\",\"serial\":1,\"body\":{\"name\":\"test:///default\","    \
        "\"flags\":1}}",                                                                           \
        "<{\"procedure\":\"connect_open\",\"type\":\"reply\",\"serial\":1}"
#define DOM(id) "{\"name\":\"a b\",\"uuid\":\"000102030405060708090a0b0c0d0e0f\",\"id\":" id "}"
#define LOOKUP                                                                                     \
    ">{\"procedure\":\"domain_lookup_by_name\",\"serial\":5,\"body\":{\"name\":\"a b\"}}",         \
        "<{\"procedure\":\"domain_lookup_by_name\",\"type\":\"reply\",\"serial\":5,\"body\":"      \
        "{\"dom\":" DOM("3") "}}"
#define INFO(id) ">{\"procedure\":\"domain_get_info\",\"serial\":6,\"body\":{\"dom\":" DOM(id) "}}"
#define INFORMED                                                                                   \
    "<{\"procedure\":\"domain_get_info\",\"type\":\"reply\",\"serial\":6,\"body\":{\"state\":1,"   \
    "\"maxMem\":2,\"memory\":3,\"nrVirtCpu\":4,\"cpuTime\":555}}"
    /* The usual log-in is not part of it. */
    {.said = {LOGIN, ">{\"procedure\":\"connect_get_type\",\"serial\":2}",
              "<{\"procedure\":\"connect_get_type\",\"type\":\"reply\",\"serial\":2,\"body\":"
              "{\"type\":\"TEST\"}}"},
     .has = "needs: [read-only, test-driver]\nsteps:\n  - send:\n      call: {procedure: "
            "connect_get_type}\n  - expect:\n      reply: {type: TEST}\n",
     .has_not = "connect_open"},
    /* One that fails is. */
    {.said =
         {">{\"procedure\":\"connect_open\",\"serial\":1,\"body\":{\"name\":null,\"flags\":0}}",
          "<{\"procedure\":\"connect_open\",\"type\":\"reply\",\"serial\":1,\"status\":"
          "\"error\",\"body\":{\"code\":38,\"domain\":7,\"message\":\"no\",\"level\":2,\"dom\":"
          "null,\"str1\":null,\"str2\":null,\"str3\":null,\"int1\":0,\"int2\":0,\"net\":null}}"},
     .has = "needs: [connect]\nsteps:\n  - send:\n      call: {procedure: connect_open}\n  - "
            "expect:\n      error: {code: 38, domain: 7}\n",
     .has_not = "auth_list"},
    /* What the server chose has a name if it is said again; times are not asked for. */
    {.said = {LOOKUP, INFO("3"), INFORMED},
     .has = "reply: {dom: {name: \"a b\", uuid: {capture: a_b_uuid}, id: {capture: a_b_id}}}\n  - "
            "send:\n      call: {procedure: domain_get_info, args: {dom: {name: \"a b\", uuid: "
            "$a_b_uuid, id: $a_b_id}}}\n  - expect:\n      reply: {state: 1, maxMem: 2, memory: 3, "
            "nrVirtCpu: 4}\n",
     .has_not = "cpuTime"},
    {.said = {LOOKUP}, .has = "reply: {dom: {name: \"a b\"}}\n", .has_not = "capture:"},
    /* -1 is no name; an id that nobody told of stands as it is. */
    {.said = {LOOKUP, INFO("-1"), INFORMED},
     .has = "uuid: $a_b_uuid, id: -1}",
     .has_not = "$a_b_id"},
    {.said = {LOOKUP, INFO("9"), INFORMED}, .has = "uuid: $a_b_uuid, id: 9}", .has_not = "$a_b_id"},
    /* Answers in another order. */
    {.said = {INFO("3"), ">{\"procedure\":\"connect_get_type\",\"serial\":7}",
              "<{\"procedure\":\"connect_get_type\",\"type\":\"reply\",\"serial\":7,\"body\":"
              "{\"type\":\"TEST\"}}",
              INFORMED},
     .has = "      as: call-1\n  - send:\n      call: {procedure: connect_get_type}\n  - expect:\n "
            "     reply: {type: TEST}\n  - expect:\n      reply: {state: 1, maxMem: 2, memory: 3, "
            "nrVirtCpu: 4}\n      to: call-1\n",
     .has_not = "as: call-2"},
    /* A part: answers go with their calls. */
    {.said = {"-" LOOKUP, INFO("3"), "-" INFORMED}, .has = "reply: {state: 1", .has_not = "lookup"},
    /* Two connections. */
    {.said = {">{\"procedure\":\"connect_get_type\",\"serial\":2}",
              "@2>{\"procedure\":\"connect_get_type\",\"serial\":2}",
              "@2<{\"procedure\":\"connect_get_type\",\"type\":\"reply\",\"serial\":2,\"body\":"
              "{\"type\":\"a: b\"}}"},
     .has = "      as: call-1\n  - connect: {as: c2, upto: connect}\n  - on: c2\n    send:\n      "
            "call: {procedure: connect_get_type}\n  - on: c2\n    expect:\n      reply: {type: "
            "\"a: b\"}\n",
     .has_not = "on: c1"},
    /* Events, PINGs; a text that looks like a variable, one of no YAML, a document. */
    {.said = {"<{\"procedure\":\"domain_event_lifecycle\",\"type\":\"message\",\"body\":{\"dom\":"
              "" DOM("3") ",\"event\":4,\"detail\":0}}",
              "<{\"procedure\":\"ping\",\"type\":\"message\"}",
              ">{\"procedure\":\"pong\",\"type\":\"message\"}",
              ">{\"procedure\":\"ping\",\"type\":\"message\"}"},
     .has = "  - wait-for:\n      message: {procedure: domain_event_lifecycle, args: {dom: {name: "
            "\"a b\"}, event: 4, detail: 0}}\n  - send:\n      message: {procedure: ping}\n",
     .has_not = "pong"},
    {.said = {">{\"procedure\":\"domain_lookup_by_name\",\"serial\":5,\"body\":{\"name\":\"$x\"}}"},
     .has = "args: {name: \"$$x\"}"},
    {.said = {">{\"procedure\":\"domain_lookup_by_name\",\"serial\":5,\"body\":{\"name\":"
              "\"a\\u007f\"}}"},
     .has = "args: {name: {hex: \"617f\"}}"},
    {.said = {">{\"procedure\":\"network_define_xml\",\"serial\":5,\"body\":{\"xml\":\"<n>\\n  "
              "<a/>\\n</n>\"}}"},
     .has =
         "      call:\n        procedure: network_define_xml\n        args:\n          xml: |-\n "
         "           <n>\n              <a/>\n            </n>\n"},
#define DEFINE(xml)                                                                                \
    ">{\"procedure\":\"network_define_xml\",\"serial\":5,\"body\":{\"xml\":\"" xml "\"}}"
    {.said = {DEFINE("<n>\\n </n>\\n")}, .has = "xml: |\n            <n>\n             </n>\n"},
    /* One line, no XML, an empty line, one of a blank, and a tab are quoted. */
    {.said = {DEFINE("<n/>")}, .has = "args: {xml: \"<n/>\"}", .has_not = "|"},
    {.said = {DEFINE("n\\nm")}, .has = "args: {xml: \"n\\x0am\"}", .has_not = "|"},
    {.said = {DEFINE("<n>\\n\\n</n>")}, .has = "{xml: \"<n>\\x0a\\x0a</n>\"}", .has_not = "|"},
    {.said = {DEFINE("<n>\\n \\n</n>")}, .has = "{xml: \"<n>\\x0a \\x0a</n>\"}", .has_not = "|"},
    {.said = {DEFINE("<n>\\n\\t</n>")}, .has = "{xml: \"<n>\\x0a\\x09</n>\"}", .has_not = "|"},
    /* XML and lists of what is in no order. */
    {.said = {">{\"procedure\":\"domain_get_xml_desc\",\"serial\":5,\"body\":{\"dom\":" DOM(
                  "3") ",\"flags\":0}}",
              "<{\"procedure\":\"domain_get_xml_desc\",\"type\":\"reply\",\"serial\":5,\"body\":"
              "{\"xml\":\"<domain type='a'>\\n</domain>\"}}"},
     .has = "reply: {xml: {prefix: \"<domain\"}}\n"},
    {.said = {">{\"procedure\":\"connect_list_networks\",\"serial\":5,\"body\":{\"maxnames\":5}}",
              "<{\"procedure\":\"connect_list_networks\",\"type\":\"reply\",\"serial\":5,\"body\":"
              "{\"names\":[\"b\",\"a\"]}}"},
     .has = "reply: {names: {all-of: [{length: 2}, {contains: b}, {contains: a}]}}\n"},
    /* A stream: that there is data, and its end. */
    {.said =
         {">{\"procedure\":\"storage_vol_download\",\"serial\":5,\"body\":{\"vol\":{\"pool\":"
          "\"p\",\"name\":\"v\",\"key\":\"k\"},\"offset\":0,\"length\":0,\"flags\":0}}",
          "<{\"procedure\":\"storage_vol_download\",\"type\":\"reply\",\"serial\":5}",
          "<{\"procedure\":\"storage_vol_download\",\"type\":\"stream\",\"serial\":5,\"status\":"
          "\"continue\",\"body_hex\":\"0102\"}",
          "<{\"procedure\":\"storage_vol_download\",\"type\":\"stream\",\"serial\":5,\"status\":"
          "\"continue\",\"body_hex\":\"03\"}",
          "<{\"procedure\":\"storage_vol_download\",\"type\":\"stream\",\"serial\":5,\"status\":"
          "\"continue\",\"body_hex\":\"\"}",
          ">{\"procedure\":\"storage_vol_download\",\"type\":\"stream\",\"serial\":5,\"status\":"
          "\"ok\",\"body_hex\":\"\"}"},
     .has = "  - expect:\n      reply:\n      to: call-1\n  - expect:\n      stream: {of: call-1, "
            "status: continue, length: {at-least: 1}}\n  - expect:\n      stream: {of: call-1, "
            "status: continue, length: 0, data: ignored}\n  - send:\n      stream: {of: call-1, "
            "status: ok}\n"},
};

/* What has been said on a connection so far. */
struct heard {
    uint64_t n;
    uint64_t serials[SAID_MAX]; /* of calls, by number - 1 */
};

static int say(struct vw_retell *s, const char *text, struct heard *heard)
{
    struct vw_buf bytes = VW_BUF_INIT;
    struct vw_limits limits;
    struct vw_frame frame;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = NULL;
    struct vw_retell_said said = {.connection = 1, .frame = &frame, .wanted = *text != '-'};
    text += *text == '-';
    if (*text == '@') {
        said.connection = (uint64_t)(text[1] - '0');
        text += 2;
    }
    said.from = *text == '>' ? VW_SIDE_CLIENT : VW_SIDE_SERVER;
    struct heard *h = &heard[said.connection];
    vw_limits_from_profile(profile, &limits);
    int rc = vw_json_parse(text + 1, strlen(text + 1), &json, &err);
    if (rc == 0)
        rc = vw_message_from_json(profile->schema, &limits, json, &bytes, &err);
    if (rc && rc != VW_ENOMEM)
        fail_msg("%s: %s", text, err.text);
    json_object_put(json);
    if (rc == 0) {
        vw_frame_of(bytes.data, (uint32_t)bytes.len, &frame);
        said.number = ++h->n;
        h->serials[h->n - 1] = frame.header.type == VW_MSG_CALL ? frame.header.serial : UINT64_MAX;
        for (uint64_t i = 0; frame.header.type == VW_MSG_REPLY && i < h->n; i++)
            if (h->serials[i] == frame.header.serial)
                said.answers = i + 1;
        rc = vw_retell_message(s, &said);
    }
    vw_buf_finish(&bytes);
    return rc;
}

/* The case of ROW in malloc'ed memory; NULL: no memory. */
static char *write_row(const struct row *row, struct vw_error *err)
{
    const struct vw_retell_options o = {.profile = profile, .title = "a: title"};
    struct heard heard[3] = {{0}};
    struct vw_retell *s;
    char *text = NULL;
    size_t len;
    int rc = vw_retell_create(&o, &s);
    for (size_t i = 0; rc == 0 && i < SAID_MAX && row->said[i]; i++)
        rc = say(s, row->said[i], heard);
    FILE *f = rc == 0 ? open_memstream(&text, &len) : NULL;
    if (f) {
        rc = vw_retell_write(s, f, err);
        rc = fclose(f) == 0 ? rc : VW_ENOMEM;
    }
    vw_retell_destroy(s);
    if (rc == 0 && f)
        return text;
    free(text);
    return NULL;
}

static void becomes_a_case(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_node *n;
        char *text = write_row(&rows[i], &err);
        if (!text)
            fail_msg("row %zu: %s", i, err.text);
        if (!strstr(text, rows[i].has) || (rows[i].has_not && strstr(text, rows[i].has_not)))
            fail_msg("row %zu:\n%s", i, text);
        assert_memory_equal(text, "title: \"a: title\"\n", 18);
        if (vw_yaml_parse(text, strlen(text), &arena, &n, &err))
            fail_msg("row %zu: line %u: %s", i, err.line, err.text);
        vw_arena_finish(&arena);
        free(text);
    }
}

static void nothing_is_no_case(void **state)
{
    static const struct row none = {.said = {LOGIN}}, unwanted = {.said = {"-" LOOKUP}};
    struct vw_error err = VW_ERROR_INIT;
    assert_null(write_row(&none, &err));
    assert_int_equal(err.code, VW_EUSAGE);
    err = (struct vw_error)VW_ERROR_INIT;
    assert_null(write_row(&unwanted, &err));
    assert_int_equal(err.code, VW_EUSAGE);
}

static int set_up(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load("9.0.0", NULL, &profile, &err);
}

static int tear_down(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(becomes_a_case),
        cmocka_unit_test(nothing_is_no_case),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
