// SPDX-License-Identifier: MIT
// Messages held against what a node says: one wrong thing in each, and what is said then.
#include <string.h>

#include "base/testing/test.h"
#include "scenario/match.h"
#include "xdr/literal.h"
#include "xdr/xdr.h"

static struct vw_profile *profile;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load("9.0.0", NULL, &profile, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

enum what { REPLY, MESSAGE, PACKET };

struct row {
    enum what what;
    int32_t status;
    const char *body; /* of its type: result, arguments or error; NULL: two bytes */
    const char *node, *said;
};

static const struct vw_type *type_of(const struct row *r, const struct vw_proc **proc)
{
    *proc = vw_schema_proc(profile->schema, r->what == MESSAGE ? "domain_event_callback_lifecycle"
                                                               : "domain_get_info");
    assert_non_null(*proc);
    return r->what == MESSAGE ? (*proc)->args : (*proc)->ret;
}

static void make_body(const struct vw_type *t, const char *yaml, struct vw_arena *arena,
                      struct vw_buf *body)
{
    struct vw_node_context ctx = {.arena = arena};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node *n;
    void *value;
    if (vw_yaml_parse(yaml, strlen(yaml), arena, &n, &err) ||
        vw_node_to_value(&ctx, t, n, &value, &err) || vw_xdr_encode(t, value, body, SIZE_MAX, &err))
        fail_msg("%s: %s", yaml, err.text);
}

/* "yes", the reason of a no, or the error. */
static void match(const struct row *r, char *text, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf body = VW_BUF_INIT;
    struct vw_node *n;
    struct vw_match m = {
        .profile = profile, .arena = &arena, .variables = json_object_new_object()};
    const struct vw_proc *proc;
    const struct vw_type *t = type_of(r, &proc);
    const struct vw_type *bad = vw_schema_type(profile->schema, "virNetMessageError");
    if (r->body)
        make_body(r->status == VW_MSG_ERROR ? bad : t, r->body, &arena, &body);
    else
        assert_int_equal(vw_buf_append(&body, "\0\0", 2), 0);
    const struct vw_seen seen = {.header = {proc->program->number, 1, proc->number,
                                            r->what == PACKET ? VW_MSG_STREAM : VW_MSG_REPLY, 7,
                                            r->status},
                                 .body = body.data,
                                 .len = body.len};
    assert_int_equal(vw_yaml_parse(r->node, strlen(r->node), &arena, &n, &m.err), 0);
    bool yes = r->what == REPLY     ? vw_match_reply(&m, t, &seen, n)
               : r->what == MESSAGE ? vw_match_message(&m, t, &seen, n)
                                    : vw_match_packet(&m, &seen, n);
    assert_false(yes && m.err.code);
    if (m.err.code)
        vw_error_format(&m.err, NULL, text, size);
    else
        snprintf(text, size, "%s", yes ? "yes" : m.why);
    json_object_put(m.variables);
    vw_buf_finish(&body);
    vw_arena_finish(&arena);
}

#define INFO  "{state: 1, memory: 5, nrVirtCpu: 2}"
#define ERROR "{code: 38, domain: 7, level: 2, message: text}"
#define EVENT                                                                                      \
    "{callbackID: 3, msg: {dom: {name: a, uuid: '00000000000000000000000000000000', id: 1}}}"

static const struct row rows[] = {
    {REPLY, VW_MSG_OK, INFO, "{reply: }", "yes"},
    {REPLY, VW_MSG_OK, INFO, "{reply: {memory: 5}}", "yes"},
    {REPLY, VW_MSG_OK, INFO, "{reply: {memory: 6}}", "memory: expected 6, found 5"},
    {REPLY, VW_MSG_OK, INFO, "{answer: }", "yes"},
    {REPLY, VW_MSG_OK, NULL, "{reply: }", "yes"},
    {REPLY, VW_MSG_OK, NULL, "{reply: {memory: 6}}",
     "the body cannot be decoded: 4 bytes are needed"},
    {REPLY, VW_MSG_OK, INFO, "{error: }", "expected an error, found a good reply"},
    {REPLY, VW_MSG_ERROR, ERROR, "{reply: }", "expected a good reply, found error 38/7"},
    {REPLY, VW_MSG_ERROR, NULL, "{reply: }", "the body cannot be decoded"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: }", "yes"},
    {REPLY, VW_MSG_ERROR, ERROR, "{answer: }", "yes"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: {code: 38, domain: 7}}", "yes"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: {code: 39}}", "code: expected 39, found 38"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: {domain: 8}}", "domain: expected 8, found 7"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: unknown_procedure}",
     "expected error 39/7 (unknown_procedure), found 38/7"},
    {REPLY, VW_MSG_ERROR, "{code: 39, domain: 7, level: 2}", "{error: unknown_procedure}", "yes"},
    {REPLY, VW_MSG_ERROR, "{code: 39, domain: 8, level: 2}", "{error: unknown_procedure}",
     "expected error 39/7 (unknown_procedure), found 39/8"},
    {REPLY, VW_MSG_ERROR, ERROR, "{error: no_such_answer}",
     "1:9: the profile has no answer \"no_such_answer\""},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {program: 0x20008086, version: 1, serial: 7}}",
     "yes"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {program: 1}}",
     "program: expected 1, found 536903814"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {version: 2}}", "version: expected 2, found 1"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {procedure: 2}}",
     "procedure: expected 2, found 16"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {type: 2}}", "type: expected 2, found 1"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {serial: 8}}", "serial: expected 8, found 7"},
    {REPLY, VW_MSG_OK, INFO, "{reply: , header: {status: 1}}", "status: expected 1, found 0"},
    {MESSAGE, VW_MSG_OK, EVENT, "{}", "yes"},
    {MESSAGE, VW_MSG_OK, EVENT, "{serial: 7, args: {callbackID: 3}}", "yes"},
    {MESSAGE, VW_MSG_OK, EVENT, "{serial: 1}", "expected 1, found 7"},
    {MESSAGE, VW_MSG_OK, EVENT, "{args: {callbackID: 4}}", "callbackID: expected 4, found 3"},
    {MESSAGE, VW_MSG_OK, NULL, "{args: {callbackID: 4}}", "the body cannot be decoded"},
    {PACKET, VW_MSG_OK, NULL, "{}", "yes"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{status: continue, length: 2}", "yes"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{status: ok}",
     "expected a stream packet of status ok, found 2"},
    {PACKET, VW_MSG_OK, NULL, "{status: continue}",
     "expected a stream packet of status continue, found 0"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{length: 3}", "expected 3, found 2"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{body: '0000'}", "yes"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{body: {prefix: '00'}}", "yes"},
    {PACKET, VW_MSG_CONTINUE, NULL, "{body: '0001'}", "expected \"0001\", found \"0000\""},
    {PACKET, VW_MSG_ERROR, ERROR, "{status: error, error: {code: 38}}", "yes"},
    {PACKET, VW_MSG_ERROR, ERROR, "{error: {code: 1}}", "code: expected 1, found 38"},
};

static void each_row(void **state)
{
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[600];
        match(&rows[i], text, sizeof(text));
        /* What the codec says behind it is the codec's to test. */
        if (strncmp(text, rows[i].said, strlen(rows[i].said)) == 0 && *rows[i].said)
            continue;
        print_error("%s\n  wanted %s\n  was    %s\n", rows[i].node, rows[i].said, text);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_row)};
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
