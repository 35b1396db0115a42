// SPDX-License-Identifier: MIT
// What is written over before a message is shown: each secret field in each direction, nothing
// beside it, and all of what cannot be read.
#include "base/testing/test.h"

#include <string.h>

#include "base/words.h"
#include "message/message.h"
#include "message/secret.h"
#include "schema/profile.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

static struct vw_profile *profile;

static int set_up(void **state)
{
    return vw_profile_load(NULL, NULL, &profile, NULL);
}

static int tear_down(void **state)
{
    vw_profile_destroy(profile);
    return 0;
}

/* A message of PROC whose body is JSON. */
static void make(const char *proc_name, int32_t type, const char *json, struct vw_buf *out)
{
    const struct vw_proc *proc = vw_schema_proc(profile->schema, proc_name);
    const struct vw_type *t = type == VW_MSG_CALL ? proc->args : proc->ret;
    const struct vw_header h = {
        proc->program->number, proc->program->version, proc->number, type, 7, VW_MSG_OK};
    static const struct vw_limits limits = {28, 100000, 32};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *o = json_tokener_parse(json);
    void *value;
    assert_non_null(o);
    if (vw_json_to_value(t, o, &arena, &value, &err))
        fail_msg("%s", err.text);
    assert_int_equal(vw_message_append_value(out, &limits, &h, 0, t, value, &err), 0);
    json_object_put(o);
    vw_arena_finish(&arena);
}

static bool has(const struct vw_buf *b, const char *text)
{
    return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

#define SECRET                                                                                     \
    "{\"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"usageType\": 0, \"usageID\": \"u\"}"
#define DOMAIN "{\"name\": \"d\", \"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"id\": 1}"

static const struct {
    const char *proc;
    int32_t type;
    const char *json, *secret, *shown;
} rows[] = {
    {"domain_set_user_password", VW_MSG_CALL,
     "{\"dom\": " DOMAIN ", \"user\": \"root\", \"password\": \"hunter2\", \"flags\": 0}",
     "hunter2", "root"},
    {"domain_define_xml", VW_MSG_CALL, "{\"xml\": \"<graphics port='1' passwd='hunter2' x='y'/>\"}",
     "hunter2", "port='1' passwd='"},
    {"domain_define_xml", VW_MSG_CALL, "{\"xml\": \"<a password = \\\"hunter2\\\"/>\"}", "hunter2",
     "<a password = \""},
    {"domain_get_xml_desc", VW_MSG_REPLY, "{\"xml\": \"<password>hunter2</password> hunter3\"}",
     "hunter2", "</password> hunter3"},
    {"domain_get_xml_desc", VW_MSG_REPLY, "{\"xml\": \"passwd='hunter2\"}", "hunter2", "passwd='"},
    {"connect_get_type", VW_MSG_REPLY, "{\"type\": \"passwd='hunter2'\"}", NULL, "hunter2"},
};

static void secrets_are_written_over(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_buf b = VW_BUF_INIT;
        make(rows[i].proc, rows[i].type, rows[i].json, &b);
        size_t len = b.len;
        if (vw_message_hide(profile->schema, b.data, b.len, b.len) != (rows[i].secret != NULL) ||
            (rows[i].secret && has(&b, rows[i].secret)) || !has(&b, rows[i].shown) || b.len != len)
            fail_msg("row %zu: %s", i, rows[i].proc);
        vw_buf_finish(&b);
    }
}

static void bytes_of_sasl_and_secrets(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    make("auth_sasl_start", VW_MSG_CALL,
         "{\"mech\": \"PLAIN\", \"nil\": 0, \"data\": [0, 102, 0, 112]}", &b);
    assert_true(vw_message_hide(profile->schema, b.data, b.len, b.len));
    assert_true(has(&b, "PLAIN"));
    const uint8_t *words = b.data + b.len - 16;
    for (int i = 0; i < 4; i++)
        assert_int_equal(vw_load32(words + 4 * i), '*');
    assert_int_equal(vw_load32(words - 4), 4);
    vw_buf_finish(&b);

    b = (struct vw_buf)VW_BUF_INIT;
    make("secret_get_value", VW_MSG_REPLY, "{\"value\": \"6869\"}", &b);
    assert_true(vw_message_hide(profile->schema, b.data, b.len, b.len));
    assert_memory_equal(b.data + b.len - 8, "\0\0\0\2**\0\0", 8);
    vw_buf_finish(&b);

    b = (struct vw_buf)VW_BUF_INIT;
    make("secret_set_value", VW_MSG_CALL,
         "{\"secret\": " SECRET ", \"value\": \"686970\", \"flags\": 3}", &b);
    assert_true(vw_message_hide(profile->schema, b.data, b.len, b.len));
    assert_memory_equal(b.data + b.len - 12, "\0\0\0\3***\0\0\0\0\3", 12);
    vw_buf_finish(&b);
}

/* What is cut, and what is not as its type says. */
static void all_of_what_cannot_be_read(void **state)
{
    struct vw_buf b = VW_BUF_INIT;
    make("domain_define_xml", VW_MSG_CALL, "{\"xml\": \"<a/> not known to be harmless\"}", &b);
    for (size_t kept = 0; kept < b.len; kept++) {
        uint8_t copy[200];
        memcpy(copy, b.data, kept);
        assert_int_equal(vw_message_hide(profile->schema, copy, kept, b.len),
                         kept > VW_PREFIX_BYTES);
        for (size_t i = 0; i < kept; i++)
            assert_int_equal(copy[i], i < VW_PREFIX_BYTES ? b.data[i] : '*');
    }
    vw_store32(b.data + VW_PREFIX_BYTES, 1000);
    assert_true(vw_message_hide(profile->schema, b.data, b.len, b.len));
    assert_false(has(&b, "harmless"));
    vw_buf_finish(&b);
}

/* A schema in which the field is called otherwise. */
static void all_of_what_has_no_such_field(void **state)
{
    static const char x[] = "const REMOTE_PROGRAM = 0x20008086;\n"
                            "const REMOTE_PROTOCOL_VERSION = 1;\n"
                            "struct remote_secret_set_value_args { opaque other<10>; };\n"
                            "enum remote_procedure { REMOTE_PROC_SECRET_SET_VALUE = 1 };\n";
    struct vw_schema *schema;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_schema_create(&schema), 0);
    if (vw_schema_add(schema, "x.x", x, sizeof(x) - 1, false, &err) ||
        vw_schema_finish(schema, &err))
        fail_msg("%s", err.text);
    const struct vw_header h = {0x20008086, 1, 1, VW_MSG_CALL, 7, VW_MSG_OK};
    uint8_t message[36];
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + VW_LENGTH_BYTES);
    memcpy(message + VW_PREFIX_BYTES, "\0\0\0\4word", 8);
    assert_true(vw_message_hide(schema, message, sizeof(message), sizeof(message)));
    assert_memory_equal(message + VW_PREFIX_BYTES, "********", 8);
    vw_schema_destroy(schema);
}

/* Without memory nothing is shown either. */
static void hides_without_memory(void **state)
{
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        struct vw_buf b = VW_BUF_INIT;
        make(rows[0].proc, rows[0].type, rows[0].json, &b);
        vw_failalloc_set(n);
        assert_true(vw_message_hide(profile->schema, b.data, b.len, b.len));
        failed = vw_failalloc_clear();
        assert_false(has(&b, "hunter2"));
        vw_buf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_written_over),
        cmocka_unit_test(bytes_of_sasl_and_secrets),
        cmocka_unit_test(all_of_what_cannot_be_read),
        cmocka_unit_test(all_of_what_has_no_such_field),
        cmocka_unit_test(hides_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
