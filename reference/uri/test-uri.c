// SPDX-License-Identifier: MIT
// The vectors one by one, and what must hold for each of them: printing is a fixed point, every
// prefix and every changed byte ends cleanly, every failing allocation is reported.
#include "base/testing/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/uri.h>

#include "uri/testing/vectors.h"

static size_t count;

/* Members of `expect` that are one field of the struct. */
enum kind { TEXT, NUMBER, PORT, BOOL };

#define FIELD(kind, name)                                                                          \
    {                                                                                              \
#name, kind, offsetof(struct vw_uri, name)                                                 \
    }

static const struct field {
    const char *name;
    enum kind kind;
    size_t offset;
} fields[] = {
    FIELD(TEXT, driver),
    FIELD(TEXT, user),
    FIELD(TEXT, host),
    FIELD(TEXT, path),
    FIELD(TEXT, fragment),
    FIELD(TEXT, name),
    FIELD(TEXT, socket),
    FIELD(TEXT, socket_direct),
    FIELD(TEXT, helper_uri),
    FIELD(TEXT, command),
    FIELD(TEXT, netcat),
    FIELD(TEXT, auth),
    FIELD(TEXT, sshauth),
    FIELD(TEXT, keyfile),
    FIELD(TEXT, pkipath),
    FIELD(TEXT, known_hosts),
    FIELD(TEXT, authfile),
    FIELD(TEXT, known_hosts_verify),
    FIELD(TEXT, tls_priority),
    FIELD(NUMBER, no_verify),
    FIELD(NUMBER, no_sanity),
    FIELD(NUMBER, no_tty),
    FIELD(PORT, port),
    FIELD(BOOL, port_given),
    FIELD(BOOL, host_given),
    FIELD(BOOL, session),
    FIELD(BOOL, inside),
    FIELD(BOOL, admin),
    FIELD(BOOL, read_only),
    FIELD(BOOL, socket_given),
    FIELD(BOOL, socket_abstract),
};

static struct json_object *text_or_null(const char *s)
{
    return s ? json_object_new_string(s) : NULL;
}

static struct json_object *field_value(const struct vw_uri *uri, const struct field *f)
{
    const char *at = (const char *)uri + f->offset;
    switch (f->kind) {
    case TEXT: {
        const char *s;
        memcpy(&s, at, sizeof(s));
        return text_or_null(s);
    }
    case NUMBER: {
        int n;
        memcpy(&n, at, sizeof(n));
        return json_object_new_int(n);
    }
    case PORT:
        return uri->port ? json_object_new_int(uri->port) : NULL;
    default:
        return json_object_new_boolean(*(const bool *)at);
    }
}

static struct json_object *clauses(const struct vw_uri_note *notes, size_t n)
{
    struct json_object *a = json_object_new_array();
    for (size_t i = 0; i < n; i++)
        json_object_array_add(a, json_object_new_string(notes[i].clause));
    return a;
}

static struct json_object *unknown_names(const struct vw_uri *uri)
{
    struct json_object *a = json_object_new_array();
    for (size_t i = 0; i < uri->var_count; i++)
        if (!uri->vars[i].id)
            json_object_array_add(a, json_object_new_string(uri->vars[i].name));
    return a;
}

static struct json_object *words(const struct vw_uri *uri, unsigned flags, struct vw_arena *arena)
{
    const char *const *argv;
    if (vw_uri_argv(uri, flags, arena, &argv, NULL))
        return NULL;
    struct json_object *a = json_object_new_array();
    for (; *argv; argv++)
        json_object_array_add(a, json_object_new_string(*argv));
    return a;
}

static struct json_object *tls_files(const struct vw_uri *uri, bool key)
{
    struct json_object *a = json_object_new_array();
    for (size_t i = 0; i < uri->tls_file_sets; i++)
        json_object_array_add(
            a, json_object_new_string(key ? uri->tls_files[i].key : uri->tls_files[i].ca));
    return a;
}

static struct json_object *hex(const char *s)
{
    char out[256] = "";
    for (size_t i = 0; i < sizeof(out) / 2 - 1 && s[i]; i++)
        sprintf(out + i * 2, "%02x", (unsigned char)s[i]);
    return json_object_new_string(out);
}

static struct json_object *script(const struct vw_uri *uri, struct vw_arena *arena)
{
    const char *s = NULL;
    return vw_uri_script(uri, arena, &s, NULL) ? NULL : json_object_new_string(s);
}

/* What the parser says about the member NAME of `expect`. */
static struct json_object *actual(const struct vw_uri *uri, const char *name,
                                  struct vw_arena *arena)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcmp(name, fields[i].name) == 0)
            return field_value(uri, &fields[i]);
    if (strcmp(name, "remote") == 0)
        return json_object_new_boolean(uri->transport != VW_TRANSPORT_LOCAL);
    if (strcmp(name, "transport") == 0)
        return text_or_null(vw_transport_name(uri->transport));
    if (strcmp(name, "mode") == 0)
        return text_or_null(vw_uri_mode_name(uri->mode));
    if (strcmp(name, "proxy") == 0)
        return text_or_null(vw_uri_proxy_name(uri->proxy));
    if (strcmp(name, "warnings") == 0)
        return clauses(uri->warnings, uri->warning_count);
    if (strcmp(name, "notes") == 0)
        return clauses(uri->notes, uri->note_count);
    if (strcmp(name, "unknown") == 0)
        return unknown_names(uri);
    if (strcmp(name, "uri") == 0)
        return text_or_null(vw_uri_print(uri, arena));
    if (strcmp(name, "argv") == 0)
        return words(uri, 0, arena);
    if (strcmp(name, "argv_literal") == 0)
        return words(uri, VW_URI_ARGV_LITERAL, arena);
    if (strcmp(name, "argv_error") == 0) {
        const char *const *argv;
        return text_or_null(vw_status_name(vw_uri_argv(uri, 0, arena, &argv, NULL)));
    }
    if (strcmp(name, "tls_ca") == 0 || strcmp(name, "tls_key") == 0)
        return tls_files(uri, name[4] == 'k');
    if (strcmp(name, "socket_hex") == 0)
        return hex(uri->socket);
    if (strcmp(name, "script") == 0)
        return script(uri, arena);
    return json_object_new_string("no such member is known to the test");
}

static int compare_members(const struct vector *v, const struct vw_uri *uri,
                           struct json_object *expect, struct vw_arena *arena)
{
    int bad = 0;
    struct json_object_iter member;
    json_object_object_foreachC(expect, member)
    {
        struct json_object *wanted = member.val;
        struct json_object *got = actual(uri, member.key, arena);
        if (!json_object_equal(got, wanted)) {
            print_error("%s (%s): %s is %s,\n  wanted %s\n", v->id, v->uri, member.key,
                        json_object_to_json_string_ext(got, JSON_C_TO_STRING_NOSLASHESCAPE),
                        json_object_to_json_string_ext(wanted, JSON_C_TO_STRING_NOSLASHESCAPE));
            bad = 1;
        }
        json_object_put(got);
    }
    return bad;
}

static int compare_error(const struct vector *v, int rc, const struct vw_error *err,
                         struct json_object *wanted)
{
    struct json_object *status = NULL;
    struct json_object *column = NULL;
    json_object_object_get_ex(wanted, "status", &status);
    json_object_object_get_ex(wanted, "column", &column);
    if (strcmp(json_object_get_string(status), vw_status_name(rc)) != 0 ||
        (column && (unsigned)json_object_get_int(column) != err->column) || err->code != rc ||
        !err->text[0]) {
        print_error("%s (%s): %s at column %u, \"%s\",\n  wanted %s\n", v->id, v->uri,
                    vw_status_name(rc), err->column, err->text, json_object_to_json_string(wanted));
        return 1;
    }
    return 0;
}

static void vectors_mean_what_they_say(void **state)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++) {
        struct vector v = vector_at(i);
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_uri uri;
        struct json_object *expect = NULL;
        int rc = vector_parse(&v, &arena, &uri, &err);
        if (json_object_object_get_ex(v.json, "error", &expect)) {
            bad += compare_error(&v, rc, &err, expect);
        } else if (rc) {
            print_error("%s (%s): refused at column %u: %s\n", v.id, v.uri, err.column, err.text);
            bad++;
        } else if (json_object_object_get_ex(v.json, "expect", &expect)) {
            bad += compare_members(&v, &uri, expect, &arena);
        }
        vw_arena_finish(&arena);
    }
    assert_int_equal(bad, 0);
}

static void clauses_are_covered(void **state)
{
    assert_true(count >= 120);
    for (int clause = 1; clause <= 21 + 5; clause++) {
        char name[8];
        bool found = false;
        snprintf(name, sizeof(name), clause > 21 ? "Q-%d" : "U-%d",
                 clause > 21 ? clause - 21 : clause);
        for (size_t i = 0; i < count && !found; i++) {
            struct json_object *c = NULL;
            json_object_object_get_ex(vector_at(i).json, "clause", &c);
            found = strcmp(json_object_get_string(c), name) == 0;
        }
        if (!found)
            fail_msg("no vector for %s", name);
    }
}

static void printing_is_a_fixed_point(void **state)
{
    for (size_t i = 0; i < count; i++) {
        struct vector v = vector_at(i);
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_uri first;
        struct vw_uri second;
        if (vector_parse(&v, &arena, &first, NULL) == 0) {
            const char *printed = vw_uri_print(&first, &arena);
            assert_non_null(printed);
            int rc = parse_as(printed, strlen(printed), &v.options, &arena, &second, &err);
            if (rc)
                fail_msg("%s: printed as %s, which is refused: %s", v.id, printed, err.text);
            assert_string_equal(vw_uri_print(&second, &arena), printed);
            assert_int_equal(second.transport, first.transport);
            if (first.transport != VW_TRANSPORT_LOCAL)
                assert_string_equal(second.name, first.name);
            for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
                if (strcmp(fields[f].name, "name") == 0)
                    continue;
                struct json_object *a = field_value(&first, &fields[f]);
                struct json_object *b = field_value(&second, &fields[f]);
                if (!json_object_equal(a, b))
                    fail_msg("%s: %s differs after printing", v.id, fields[f].name);
                json_object_put(a);
                json_object_put(b);
            }
        }
        vw_arena_finish(&arena);
    }
}

static int parse_in(enum vw_dialect dialect, const char *text, struct vw_arena *arena,
                    struct vw_uri *out, struct vw_error *err)
{
    const struct vw_uri_options options = {VW_URI_OPTIONS_INIT, .dialect = dialect};
    return parse_as(text, strlen(text), &options, arena, out, err);
}

/* Parses and, where there is one, makes the command line and the script. */
static void use(const char *text, size_t len, const struct vector *v, struct vw_arena *arena)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri uri;
    const char *const *argv;
    const char *s;
    /* A copy of just these bytes, so that a read behind them is seen by the sanitizers. */
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    int rc = parse_as(copy, len, &v->options, arena, &uri, &err);
    assert_true(rc == 0 || err.code == rc);
    if (rc == 0) {
        assert_non_null(uri.name);
        assert_non_null(vw_uri_print(&uri, arena));
        if (vw_uri_argv(&uri, 0, arena, &argv, NULL) == 0)
            assert_non_null(argv[0]);
        if (vw_uri_script(&uri, arena, &s, NULL) == 0)
            assert_non_null(s);
    }
    free(copy);
    vw_arena_reset(arena);
}

static void every_prefix_ends_cleanly(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    for (size_t i = 0; i < count; i++) {
        struct vector v = vector_at(i);
        for (size_t len = 0; len < v.len && len < 300; len++)
            use(v.uri, len, &v, &arena);
    }
    vw_arena_finish(&arena);
}

static void every_changed_byte_ends_cleanly(void **state)
{
    static const char bytes[] = {'\0', '%', '/', '?', '#', '[',  ']',       ':',
                                 '@',  '&', ';', '=', '+', '\n', (char)0xff};
    struct vw_arena arena = VW_ARENA_INIT;
    for (size_t i = 0; i < count; i += 7) {
        struct vector v = vector_at(i);
        if (v.len > 300)
            continue;
        char text[300];
        for (size_t at = 0; at < v.len; at++) {
            memcpy(text, v.uri, v.len);
            for (size_t b = 0; b < sizeof(bytes); b++) {
                text[at] = bytes[b];
                use(text, v.len, &v, &arena);
            }
        }
    }
    vw_arena_finish(&arena);
}

static int parse_and_use(const struct vector *v, struct vw_arena *arena, struct vw_error *err)
{
    struct vw_uri uri;
    const char *const *argv;
    const char *s;
    int rc = vector_parse(v, arena, &uri, err);
    if (rc)
        return rc;
    if (!vw_uri_print(&uri, arena))
        return VW_ENOMEM;
    rc = uri.transport == VW_TRANSPORT_SSH || uri.transport == VW_TRANSPORT_EXT
             ? vw_uri_argv(&uri, 0, arena, &argv, err)
             : 0;
    if (rc == 0 && uri.helper_uri)
        rc = vw_uri_script(&uri, arena, &s, err);
    return rc;
}

static void failing_allocations_are_reported(void **state)
{
    for (size_t i = 0; i < count; i++) {
        struct vector v = vector_at(i);
        struct vw_arena plain = VW_ARENA_INIT;
        int without = parse_and_use(&v, &plain, NULL);
        vw_arena_finish(&plain);
        for (size_t n = 1;; n++) {
            struct vw_arena arena = VW_ARENA_INIT;
            struct vw_error err = VW_ERROR_INIT;
            vw_failalloc_set(n);
            int rc = parse_and_use(&v, &arena, &err);
            bool failed = vw_failalloc_clear();
            vw_arena_finish(&arena);
            if (!failed) {
                assert_int_equal(rc, without);
                break;
            }
            /* Only what is said may get lost on the way to the same refusal. */
            if (rc != VW_ENOMEM && rc != without)
                fail_msg("%s: allocation %zu fails, but the result is %d", v.id, n, rc);
        }
    }
}

static void many_variables_take_little_time_and_memory(void **state)
{
    static const char *const pieces[] = {"a;", "a&", "&;", "socket=/s&", "%41=%42;"};
    static char text[VW_URI_MAX_BYTES];
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_uri uri;
        size_t n = (size_t)sprintf(text, "test+unix:///default?");
        while (n + strlen(pieces[i]) < sizeof(text))
            n += (size_t)sprintf(text + n, "%s", pieces[i]);
        vw_failalloc_reset();
        assert_int_equal(parse_in(VW_DIALECT_MODERN, text, &arena, &uri, NULL), 0);
        assert_true(vw_failalloc_stats().requested < 128 * (size_t)VW_URI_MAX_BYTES);
        vw_arena_finish(&arena);
    }
}

static void long_lists_of_warnings_are_cut(void **state)
{
    static char text[VW_URI_MAX_BYTES];
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_uri uri;
    size_t n = (size_t)sprintf(text, "test+tcp://h/default?");
    for (unsigned i = 0; i < 1000; i++)
        n += (size_t)sprintf(text + n, "v%u&", i);
    assert_int_equal(parse_in(VW_DIALECT_2007, text, &arena, &uri, NULL), 0);
    assert_int_equal(uri.var_count, 1000);
    assert_int_equal(uri.warning_count, VW_URI_MAX_NOTES);
    assert_non_null(strstr(uri.warnings[0].text, "\"v0\""));
    assert_non_null(strstr(uri.warnings[VW_URI_MAX_NOTES - 1].text, "more"));
    vw_arena_finish(&arena);
}

static void warnings_hold_no_control_characters(void **state)
{
    static const char text[] = "test+tcp://h/?%1b%5B2J%22%ff=1&no_verify=%0a";
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_uri uri;
    assert_int_equal(parse_in(VW_DIALECT_2007, text, &arena, &uri, NULL), 0);
    assert_int_equal(uri.warning_count, 1);
    assert_string_equal(uri.warnings[0].text, "unknown variable \"\\x1b[2J\\x22\\xff\" is ignored");
    vw_arena_finish(&arena);
}

/* What a person reads, to the letter: a note where there is one, else the error. */
static void what_a_person_reads(void **state)
{
    static const struct {
        enum vw_dialect dialect;
        const char *uri, *says;
    } rows[] = {
        {VW_DIALECT_MODERN, "test+tcp://h/d?keyfile=x", "transport tcp has no use for keyfile"},
        {VW_DIALECT_MODERN, "test+unix:///d?pkipath=x", "transport unix has no use for pkipath"},
        {VW_DIALECT_MODERN, "test+ssh://h/d?keyfile=a%00b", "%00 in the value of keyfile"},
        {VW_DIALECT_MODERN, "test+ssh://h%00x/d", "%00 in the host"},
        {VW_DIALECT_MODERN, "test:///d%00x", "%00 in the path"},
        {VW_DIALECT_2007, "test+ssh://h/d?command=a%00b", "%00 in the value of command"},
        {VW_DIALECT_MODERN, "test+unix:///d?socket=%2",
         "'%' without two hexadecimal digits (write %25 for '%')"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_uri uri;
        const char *text = rows[i].uri;
        int rc = parse_in(rows[i].dialect, text, &arena, &uri, &err);
        if (rc == 0)
            assert_true(uri.note_count > 0);
        assert_string_equal(rc ? err.text : uri.notes[0].text, rows[i].says);
        vw_arena_finish(&arena);
    }
}

/* As real clients cut it. */
static void hosts_that_are_cut(void **state)
{
    static const struct vw_uri_options options = {VW_URI_OPTIONS_INIT, .truncate_nul = true};
    static const struct {
        const char *uri, *host;
        bool given;
    } rows[] = {{"test+tcp://h%00x/d", "h", true}, {"test+tcp://%00x/d", "localhost", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_uri uri;
        const char *text = rows[i].uri;
        if (parse_as(text, strlen(text), &options, &arena, &uri, &err))
            fail_msg("%s: %s", text, err.text);
        assert_string_equal(uri.host, rows[i].host);
        assert_int_equal(uri.host_given, rows[i].given);
        vw_arena_finish(&arena);
    }
}

/* The place of a mistake is that in the whole text, whichever side of a zone it is on. */
static void mistakes_beside_a_zone(void **state)
{
    static const struct {
        const char *uri, *says;
        unsigned offset;
    } rows[] = {
        {"test+tcp://[fe80::1%25eth0]:1x/", "the port '1x' is no number", 28},
        {"test+tcp://[fe80::1%25eth0]/a^b", "'^' is not allowed here", 29},
        {"test+tcp://a^b@[fe80::1%25eth0]/", "'^' is not allowed here", 12},
        {"te^t+tcp://[fe80::1%25eth0]/", "'^' is not allowed here", 2},
        {"test+tcp://[::1.2.3%25eth0]/", "']' is not allowed here", 26},
        {"test+tcp://[fe80::1%25!th0]/", "'!' in the name of an IPv6 zone", 22},
        {"test+tcp://[fe80::1%25e!h0]/", "'!' in the name of an IPv6 zone", 23},
        {"test+tcp://[fe80::1%25eth!]/", "'!' in the name of an IPv6 zone", 25},
        {"test+tcp://[fe80::1%25!]/", "'!' in the name of an IPv6 zone", 22},
        {"test+tcp://[fe80::1%25]/", "an IPv6 zone is written %25 and its name, such as %25eth0",
         19},
        {"test+tcp://[fe80::1%]/", "an IPv6 zone is written %25 and its name, such as %25eth0", 19},
        {"test+tcp://[fe80::1%ab0]/", "an IPv6 zone is written %25 and its name, such as %25eth0",
         19},
        {"test+tcp://[fe80::1%et!0]/", "'!' in the name of an IPv6 zone", 22},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct vw_uri uri;
        const char *text = rows[i].uri;
        int rc = parse_in(VW_DIALECT_MODERN, text, &arena, &uri, &err);
        if (rc != VW_ESYNTAX || err.offset != rows[i].offset || strcmp(err.text, rows[i].says) != 0)
            fail_msg("%s: %d, offset %llu: %s", text, rc, (unsigned long long)err.offset, err.text);
        vw_arena_finish(&arena);
    }
}

/* What is no printable ASCII, and the quote around it, is shown by its number. */
static void each_byte_as_it_is_shown(void **state)
{
    for (unsigned c = 1; c < 256; c++) {
        char name[8], text[40], wanted[80];
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_uri uri;
        snprintf(text, sizeof(text), "test+tcp://h/?a%%%02xb", c);
        bool plain = c >= ' ' && c <= '~' && c != '"';
        snprintf(name, sizeof(name), plain ? "%c" : "\\x%02x", (int)c);
        snprintf(wanted, sizeof(wanted), "unknown variable \"a%sb\" is ignored", name);
        assert_int_equal(parse_in(VW_DIALECT_2007, text, &arena, &uri, NULL), 0);
        assert_int_equal(uri.warning_count, 1);
        assert_string_equal(uri.warnings[0].text, wanted);
        vw_arena_finish(&arena);
    }
}

static void dialects_have_names(void **state)
{
    enum vw_dialect d = VW_DIALECT_MODERN;
    assert_int_equal(vw_dialect_from_name("0.3.0", &d), 0);
    assert_int_equal(d, VW_DIALECT_030);
    assert_int_equal(vw_dialect_from_name("2008", &d), VW_ENAME);
    assert_int_equal(d, VW_DIALECT_030);
    assert_string_equal(vw_dialect_name(VW_DIALECT_2007), "2007");
}

static int setup(void **state)
{
    count = vectors_load();
    return 0;
}

static int teardown(void **state)
{
    vectors_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_mean_what_they_say),
        cmocka_unit_test(clauses_are_covered),
        cmocka_unit_test(printing_is_a_fixed_point),
        cmocka_unit_test(every_prefix_ends_cleanly),
        cmocka_unit_test(every_changed_byte_ends_cleanly),
        cmocka_unit_test(failing_allocations_are_reported),
        cmocka_unit_test(many_variables_take_little_time_and_memory),
        cmocka_unit_test(long_lists_of_warnings_are_cut),
        cmocka_unit_test(hosts_that_are_cut),
        cmocka_unit_test(warnings_hold_no_control_characters),
        cmocka_unit_test(what_a_person_reads),
        cmocka_unit_test(mistakes_beside_a_zone),
        cmocka_unit_test(each_byte_as_it_is_shown),
        cmocka_unit_test(dialects_have_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
