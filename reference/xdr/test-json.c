// SPDX-License-Identifier: MIT
// Values as JSON and back, exact to the bit; what the parser and the conversion refuse, and where.
#include "xdr/test-types.h"

#include <malloc.h>
#include <stdlib.h>

#include "xdr/json.h"
#include "xdr/values.h"

/* ---- helpers ---- */

static struct json_object *parse(const char *text)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json;
    if (vw_json_parse(text, strlen(text), &json, &err))
        fail_msg("%s: %s (%u:%u)", text, err.text, err.line, err.column);
    return json;
}

/* TEXT as a value of type NAME and back to one line of text. */
static void same(const char *name, const char *text)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = parse(text);
    void *value;
    if (vw_json_to_value(test_type(name), json, &arena, &value, &err))
        fail_msg("%s: %s at %s", text, err.text, err.path);
    struct json_object *back = vw_json_from_value(test_type(name), value, &err);
    char *out = vw_json_text(back, false);
    assert_string_equal(out, text);
    free(out);
    json_object_put(json);
    json_object_put(back);
    vw_arena_finish(&arena);
}

/* TEXT as a value of type NAME fails with CODE at PATH, and the text holds WORDS. */
static void refused(const char *name, const char *text, int code, const char *path,
                    const char *words)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *json = parse(text);
    void *value;
    int rc = vw_json_to_value(test_type(name), json, &arena, &value, &err);
    if (rc != code || strcmp(err.path, path) != 0 || !strstr(err.text, words))
        fail_msg("%s: %d '%s' at '%s'", text, rc, err.text, err.path);
    assert_int_equal(err.code, code);
    json_object_put(json);
    vw_arena_finish(&arena);
}

/* ---- exactness ---- */

static void random_values_survive(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    vw_rng_seed(&rng, 11);
    for (size_t i = 0; i < N_TEST_TYPES; i++) {
        const struct vw_type *t = test_type(test_type_names[i]);
        for (unsigned n = 0; n < 100; n++) {
            struct vw_error err = VW_ERROR_INIT;
            struct json_object *again;
            void *value, *back;
            assert_int_equal(vw_value_random(t, &rng, 600, &arena, &value, NULL), 0);
            struct json_object *json = vw_json_from_value(t, value, &err);
            assert_int_equal(err.code, 0);
            char *text = vw_json_text(json, n % 2);
            if (vw_json_parse(text, strlen(text), &again, &err))
                fail_msg("%s: %s", err.text, text);
            if (vw_json_to_value(t, again, &arena, &back, &err))
                fail_msg("%s at %s: %s", err.text, err.path, text);
            if (!vw_value_equal(t, value, back))
                fail_msg("%s", text);
            free(text);
            json_object_put(json);
            json_object_put(again);
            vw_arena_reset(&arena);
        }
    }
    vw_arena_finish(&arena);
}

static void numbers_are_exact(void **state)
{
    same("word", "{\"w\":4294967295,\"all\":-2147483648}");
    same("pair", "{\"first\":\"\",\"second\":-9223372036854775808,\"third\":"
                 "\"000102030405060708090a0b0c0d0eff\"}");
    same("scalars", "{\"i\":-2147483648,\"u\":4294967295,\"h\":9223372036854775807,"
                    "\"uh\":18446744073709551615,\"b\":true,\"c\":-128,\"uc\":255,\"s\":-32768,"
                    "\"us\":65535,\"f\":0.1,\"d\":0.1,\"e\":\"BLUE\"}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":-0.0,\"d\":-0.0,\"e\":77}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":\"0xffc0abcd\",\"d\":\"0xfff8000000abcdef\",\"e\":\"RED\"}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":\"0x7f800000\",\"d\":\"0xfff0000000000000\",\"e\":\"RED\"}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":-103.217316,\"d\":0.30000000000000004,\"e\":\"RED\"}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":123456.0,\"d\":123456789012345.0,\"e\":\"RED\"}");
    same("scalars", "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,"
                    "\"us\":0,\"f\":3.4028235e+38,\"d\":4.94065645841247e-324,\"e\":\"RED\"}");
}

static const struct vw_field *test_field(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    fail_msg("no field %s", name);
    return NULL;
}

/* Some floats need nine digits, some doubles seventeen: bit patterns of every size. */
static void floats_keep_every_bit(void **state)
{
    static const char head[] = "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,"
                               "\"s\":0,\"us\":0,";
    const struct vw_type *t = test_type("scalars");
    struct vw_rng rng;
    vw_rng_seed(&rng, 5);
    for (unsigned n = 0; n < 4000; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct json_object *again;
        void *value, *back;
        assert_int_equal(vw_value_minimal(t, &arena, &value, NULL), 0);
        uint64_t bits = vw_rng_next(&rng), more = vw_rng_next(&rng);
        memcpy((char *)value + test_field(t, "f")->offset, &more, 4);
        memcpy((char *)value + test_field(t, "d")->offset, &bits, 8);
        struct json_object *json = vw_json_from_value(t, value, &err);
        char *text = vw_json_text(json, false);
        assert_memory_equal(text, head, strlen(head));
        assert_int_equal(vw_json_parse(text, strlen(text), &again, &err), 0);
        assert_int_equal(vw_json_to_value(t, again, &arena, &back, &err), 0);
        if (!vw_value_equal(t, value, back))
            fail_msg("%s", text);
        free(text);
        json_object_put(json);
        json_object_put(again);
        vw_arena_finish(&arena);
    }
}

/* A list of N nodes; what becomes of it as JSON and back. */
static int list_survives(size_t n, struct vw_error *err)
{
    struct node {
        int32_t v;
        struct node *next;
    };
    struct vw_arena arena = VW_ARENA_INIT;
    struct json_object *again = NULL;
    struct node *list = vw_arena_zalloc(&arena, n * sizeof(*list), 8);
    void *back;
    for (size_t i = 0; i + 1 < n; i++)
        list[i].next = &list[i + 1];
    struct json_object *json = vw_json_from_value(test_type("node"), list, err);
    char *text = json ? vw_json_text(json, false) : NULL;
    int rc = text ? vw_json_parse(text, strlen(text), &again, err) : err->code;
    if (rc == 0) {
        rc = vw_json_to_value(test_type("node"), again, &arena, &back, err);
        assert_true(rc || vw_value_equal(test_type("node"), list, back));
    }
    free(text);
    json_object_put(json);
    json_object_put(again);
    vw_arena_finish(&arena);
    return rc;
}

/* A value may nest deeper than a JSON text: that has 64 levels. */
static void lists_nest_as_deep_as_a_text(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(list_survives(1, &err), 0);
    assert_int_equal(list_survives(64, &err), 0);
    assert_int_equal(list_survives(65, &err), VW_ESYNTAX);
    assert_string_equal(err.text, "nested deeper than 64");
}

static void strings_keep_every_byte(void **state)
{
    same("name", "\"a\\u0000b\"");
    same("name", "\"caf\u00e9 \U0001f600\"");
    same("name", "\"\\\"\\\\\\n\\u0001\"");
    same("name", "{\"hex\":\"ff00fe\"}");
    struct vw_arena arena = VW_ARENA_INIT;
    struct json_object *json = parse("{\"hex\": \"6100FF\"}");
    void *value;
    assert_int_equal(vw_json_to_value(test_type("name"), json, &arena, &value, NULL), 0);
    const struct vw_string *s = value;
    assert_int_equal(s->len, 3);
    assert_memory_equal(s->data, "a\0\xff", 4);
    json_object_put(json);
    vw_arena_finish(&arena);
}

static void unions_and_optionals(void **state)
{
    same("value", "{\"type\":1,\"i\":5}");
    same("value", "{\"type\":3,\"s\":\"x\"}");
    same("value", "{\"type\":4,\"big\":{\"first\":\"f\",\"second\":2,\"third\":"
                  "\"00000000000000000000000000000000\"}}");
    same("value", "{\"type\":5}");
    same("value", "{\"type\":-9,\"h\":1}");
    same("shade", "{\"c\":\"GREEN\"}");
    same("choice", "{\"yes\":true,\"why\":\"so\"}");
    same("choice", "{\"yes\":false}");
    same("word", "{\"w\":7}");
    same("same", "{\"x\":1,\"<arm>\":5}");
    same("same", "{\"x\":2}");
    same("maybe_pair", "null");
    same("twice", "null");
    same("twice", "[null]");
    same("node", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}");
}

static void a_missing_optional_is_absent(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct json_object *json = parse("{\"v\": 3}");
    void *value;
    assert_int_equal(vw_json_to_value(test_type("node"), json, &arena, &value, NULL), 0);
    json_object_put(json);
    json = vw_json_from_value(test_type("node"), value, NULL);
    char *text = vw_json_text(json, false);
    assert_string_equal(text, "{\"v\":3,\"next\":null}");
    free(text);
    json_object_put(json);
    vw_arena_finish(&arena);
}

/* The same JSON, in letters that a terminal only shows. */
static void text_that_a_terminal_could_act_on(void **state)
{
    static const char all[] = "\x7f\xc2\x9b"
                              "31m\xe2\x80\xae\033";
    struct json_object *json = json_object_new_string(all), *back;
    char *text = vw_json_text(json, false);
    assert_string_equal(text, "\"\\u007f\\u009b31m\\u202e\\u001b\"");
    back = parse(text);
    assert_true(json_object_equal(json, back));
    free(text);
    json_object_put(json);
    json_object_put(back);
}

static void pretty_text_is_indented_by_two(void **state)
{
    struct json_object *json = parse("{\"a\":[1]}");
    char *text = vw_json_text(json, true);
    assert_string_equal(text, "{\n  \"a\":[\n    1\n  ]\n}");
    free(text);
    json_object_put(json);
    text = vw_json_text(NULL, false);
    assert_string_equal(text, "null");
    free(text);
}

/* ---- refusals ---- */

/* "[ELEMENT,ELEMENT...]" with N of them. */
static char *list_of(const char *element, size_t n)
{
    size_t len = strlen(element);
    char *text = malloc(n * (len + 1) + 2), *to = text;
    assert_non_null(text);
    for (size_t i = 0; i < n; i++) {
        *to++ = i ? ',' : '[';
        to = mempcpy(to, element, len);
    }
    strcpy(to, "]");
    return text;
}

/* What json-c takes for each is no more than what it is thought to take, and the sum is bounded
 * ahead of it. */
static void memory_is_bounded(void **state)
{
    static const struct {
        const char *element;
        size_t bytes;
        bool many; /* try more than there may be, which takes time */
    } rows[] = {
        {"null", 72, false},
        {"1", 72, true},
        {"0.5", 104, false},
        {"\"a\"", 107, false},
        {"\"0123456789012345678901234567890123456789\"", 146, false},
        {"[]", 384, true},
        {"{}", 832, true},
        {"{\"a\":1}", 832 + 128 + 6 + 72, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t some = 20000, many = ((size_t)512 << 20) / rows[i].bytes + 1;
        struct json_object *json;
        struct vw_error err = VW_ERROR_INIT;
        char *text = list_of(rows[i].element, some);
        size_t before = mallinfo2().uordblks;
        assert_int_equal(vw_json_parse(text, strlen(text), &json, &err), 0);
        size_t taken = mallinfo2().uordblks - before;
        json_object_put(json);
        free(text);
        if (taken > some * rows[i].bytes + 1000)
            fail_msg("%s takes %zu bytes", rows[i].element, taken / some);
        if (!rows[i].many)
            continue;
        text = list_of(rows[i].element, many);
        assert_int_equal(vw_json_parse(text, strlen(text), &json, &err), VW_ELIMIT);
        assert_null(json);
        free(text);
    }
}

static void members_are_checked(void **state)
{
    refused("pair", "{\"frist\":\"\",\"second\":1}", VW_ENAME, "", "did you mean 'first'");
    refused("pair", "{\"first\":\"\",\"second\":1}", VW_EVALUE, "", "'third' is missing");
    refused("node", "{\"v\":1,\"next\":{\"v\":2,\"nxt\":null}}", VW_ENAME, "next",
            "did you mean 'next'");
    refused("pair", "[]", VW_EVALUE, "", "wants an object, not an array");
    refused("value", "{\"i\":1}", VW_EVALUE, "", "'type' is missing");
    refused("value", "{\"type\":1,\"s\":\"\"}", VW_ENAME, "", "chooses the arm 'i'");
    refused("value", "{\"type\":5,\"s\":\"\"}", VW_ENAME, "", "void");
    refused("value", "{\"type\":1}", VW_EVALUE, "", "'i' is missing");
    refused("shade", "{\"c\":\"BLUE\"}", VW_EVALUE, "", "no arm for c -3");
    refused("shade", "{\"c\":\"GREN\"}", VW_ENAME, "c", "did you mean 'GREEN'");
    refused("color", "\"PURPLE\"", VW_ENAME, "", "unknown member 'PURPLE'");
}

static void ranges_and_kinds_are_checked(void **state)
{
    static const char good[] = "{\"i\":%s,\"u\":%s,\"h\":%s,\"uh\":%s,\"b\":%s,\"c\":%s,"
                               "\"uc\":%s,\"s\":%s,\"us\":%s,\"f\":%s,\"d\":%s,\"e\":%s}";
    static const struct {
        unsigned place;
        const char *text, *path;
    } bad[] = {
        {0, "2147483648", "i"},
        {0, "-2147483649", "i"},
        {0, "1.0", "i"},
        {0, "\"1\"", "i"},
        {1, "-1", "u"},
        {1, "4294967296", "u"},
        {2, "9223372036854775808", "h"},
        {3, "-1", "uh"},
        {4, "1", "b"},
        {4, "null", "b"},
        {5, "128", "c"},
        {6, "256", "uc"},
        {6, "-1", "uc"},
        {7, "32768", "s"},
        {8, "65536", "us"},
        {9, "1e39", "f"},
        {9, "\"0x00\"", "f"},
        {10, "\"nan\"", "d"},
        {10, "\"0x000000000000000g\"", "d"},
        {11, "2147483648", "e"},
        {11, "true", "e"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *v[12];
        char text[400];
        for (unsigned k = 0; k < 12; k++)
            v[k] = k == bad[i].place ? bad[i].text : k == 4 ? "true" : "1";
        snprintf(text, sizeof(text), good, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8],
                 v[9], v[10], v[11]);
        refused("scalars", text, VW_EVALUE, bad[i].path, "");
    }
    refused("name", "1", VW_EVALUE, "", "wants a string");
    refused("name", "{\"hex\":\"abc\"}", VW_EVALUE, "", "even number");
    refused("name", "{\"hex\":\"zz\"}", VW_EVALUE, "", "hex digits");
    refused("name", "{\"hex\":\"00\",\"b\":1}", VW_EVALUE, "", "{\"hex\"");
    refused("uuid", "\"0011\"", VW_EVALUE, "", "wants 16 bytes");
    refused("uuid", "12", VW_EVALUE, "", "wants a string of hex digits");
    refused("twice", "[null,null]", VW_EVALUE, "", "array of one");
}

static void paths_lead_to_the_place(void **state)
{
    refused("tree",
            "{\"v\":1,\"children\":[{\"v\":1,\"children\":[]},{\"v\":\"x\",\"children\":[]}"
            "]}",
            VW_EVALUE, "children[1].v", "whole number");
    refused("value", "{\"type\":4,\"big\":{\"first\":1,\"second\":2,\"third\":\"\"}}", VW_EVALUE,
            "big.first", "wants a string");
}

/* ---- the parser ---- */

/* Where the words are those of json-c, only the place is given. */
static void parser_refuses_and_shows_the_place(void **state)
{
    unsigned wrong = 0;
    static const struct {
        const char *text, *said;
    } bad[] = {
        {"", "1:1: the text ends within a value"},
        {"  ", "1:3: the text ends within a value"},
        {"{", "1:2: the text ends within a value"},
        {"[1,\n2", "2:2: the text ends within a value"},
        {"{\"a\": 1,\n \"a\": 2}", "2:2: repeated member"},
        {"{\"a\": 1,\n \"\\u0061\": 2}", "2:2: repeated member"},
        {"[{\"b\":{\"a\":1,\"c\":[{\"a\":1}],\"a\":1}}]", "1:28: repeated member"},
        {"{\"a\\u0000b\": 1}", "1:2: NUL in the name of a member"},
        {"1 2", "1:3: "},
        {"{} x", "1:4: no JSON value begins here"},
        {"[1,]", "1:4: "},
        {"{\"a\":1,}", "1:8: "},
        {"[1 2]", "1:4: "},
        {"{\"a\" 1}", "1:6: "},
        {"[01]", "1:2: a number that JSON does not know"},
        {"[-]", "1:2: a number that JSON does not know"},
        {"[1.]", "1:2: a number that JSON does not know"},
        {"[.5]", "1:2: no JSON value begins here"},
        {"[1e]", "1:2: a number that JSON does not know"},
        {"[+1]", "1:2: no JSON value begins here"},
        {"18446744073709551616", "1:1: a number of more than 64 bits"},
        {"[1, -9223372036854775809]", "1:5: a number of more than 64 bits"},
        {"1e999", "1:1: a number too large for a double"},
        {"NaN", "1:1: no JSON value begins here"},
        {"-Infinity", "1:1: a number that JSON does not know"},
        {"TRUE", "1:1: no JSON value begins here"},
        {"nul", "1:1: no JSON value begins here"},
        {"'a'", "1:1: no JSON value begins here"},
        {"// c\n1", "1:1: no JSON value begins here"},
        {"\"a\nb\"", "1:3: control character within a string"},
        {"\"abc", "1:1: the string does not end"},
        {"\"\\x\"", "1:2: unknown escape"},
        {"\"\\u12g4\"", "1:2: \\u takes four hex digits"},
        {"\"\\ud800\"", "1:2: half of a surrogate pair"},
        {"\"\\udc00\"", "1:2: half of a surrogate pair"},
        {"\"\\ud800\\u0041\"", "1:2: half of a surrogate pair"},
        {"\"a\xff\"", "1:3: not UTF-8"},
        {"\xef\xbb\xbf{}", "1:1: no JSON value begins here"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct json_object *json;
        char said[400];
        int rc = vw_json_parse(bad[i].text, strlen(bad[i].text), &json, &err);
        snprintf(said, sizeof(said), "%u:%u: %s", err.line, err.column, err.text);
        if (rc != VW_ESYNTAX || err.code != rc ||
            strncmp(said, bad[i].said, strlen(bad[i].said)) != 0) {
            print_error("row %zu\n  wanted %s\n  got    %s\n", i, bad[i].said, said);
            wrong++;
        }
        assert_null(json);
    }
    assert_int_equal(wrong, 0);
}

static void parser_takes_what_json_is(void **state)
{
    static const char *const good[] = {
        "null",
        " 1 ",
        "-0",
        "true",
        "\"\\ud83d\\ude00\"",
        "[]",
        "{}",
        "18446744073709551615",
        "-9223372036854775808",
        "[1.5e+3,-2E-2]",
        "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}",
        "{\"\":1}",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        json_object_put(parse(good[i]));
    /* A NUL is no white space at the end, and not the end either. */
    struct json_object *json;
    assert_int_equal(vw_json_parse("{}\0", 3, &json, NULL), VW_ESYNTAX);
    assert_int_equal(vw_json_parse("{}xxxx", 2, &json, NULL), 0);
    json_object_put(json);
}

static void parser_limits_the_depth(void **state)
{
    char text[200];
    struct json_object *json;
    struct vw_error err = VW_ERROR_INIT;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_int_equal(vw_json_parse(text, 128, &json, NULL), 0);
    json_object_put(json);
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_int_equal(vw_json_parse(text, 130, &json, &err), VW_ESYNTAX);
    assert_int_equal(err.column, 65);
}

/* Every prefix, and every change of a byte, ends in an answer. */
static void parser_survives_damage(void **state)
{
    static const char text[] =
        "{\"a\": [1, -2.5e3, \"x\\u00e9\\n\", true, null], \"b\": {\"c\": {}}}";
    struct json_object *json;
    for (size_t len = 0; len < sizeof(text) - 1; len++)
        assert_int_equal(vw_json_parse(text, len, &json, NULL), VW_ESYNTAX);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        char copy[sizeof(text)];
        memcpy(copy, text, sizeof(text));
        for (unsigned c = 0; c < 256; c++) {
            copy[i] = (char)c;
            if (vw_json_parse(copy, sizeof(text) - 1, &json, NULL) == 0)
                json_object_put(json);
        }
    }
}

static void long_lists_end_without_a_deep_stack(void **state)
{
    struct node {
        int32_t v;
        struct node *next;
    };
    const size_t n = 100000;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct node *list = vw_arena_zalloc(&arena, n * sizeof(*list), 8);
    assert_non_null(list);
    for (size_t i = 0; i + 1 < n; i++)
        list[i].next = &list[i + 1];
    assert_null(vw_json_from_value(test_type("node"), list, &err));
    assert_int_equal(err.code, VW_ELIMIT);
    vw_arena_finish(&arena);
}

static void every_failing_allocation_is_reported(void **state)
{
    static const char text[] =
        "{\"type\":4,\"big\":{\"first\":{\"hex\":\"ff\"},\"second\":2,\"third\":"
        "\"00000000000000000000000000000000\"}}";
    const struct vw_type *t = test_type("value");
    for (size_t n = 1;; n++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        struct json_object *json = NULL, *back = NULL;
        char *out = NULL;
        void *value;
        vw_failalloc_set(n);
        int rc = vw_json_parse(text, strlen(text), &json, &err);
        if (rc == 0)
            rc = vw_json_to_value(t, json, &arena, &value, &err);
        if (rc == 0) {
            back = vw_json_from_value(t, value, &err);
            out = back ? vw_json_text(back, false) : NULL;
            rc = out ? 0 : VW_ENOMEM;
        }
        bool failed = vw_failalloc_clear();
        if (out)
            assert_string_equal(out, text);
        free(out);
        json_object_put(json);
        json_object_put(back);
        vw_arena_finish(&arena);
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_values_survive),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(floats_keep_every_bit),
        cmocka_unit_test(lists_nest_as_deep_as_a_text),
        cmocka_unit_test(strings_keep_every_byte),
        cmocka_unit_test(unions_and_optionals),
        cmocka_unit_test(a_missing_optional_is_absent),
        cmocka_unit_test(text_that_a_terminal_could_act_on),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(pretty_text_is_indented_by_two),
        cmocka_unit_test(members_are_checked),
        cmocka_unit_test(ranges_and_kinds_are_checked),
        cmocka_unit_test(paths_lead_to_the_place),
        cmocka_unit_test(parser_refuses_and_shows_the_place),
        cmocka_unit_test(parser_takes_what_json_is),
        cmocka_unit_test(parser_limits_the_depth),
        cmocka_unit_test(parser_survives_damage),
        cmocka_unit_test(long_lists_end_without_a_deep_stack),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, make_test_schema, free_test_schema) + vw_test_leaked();
}
