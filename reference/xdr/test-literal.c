// SPDX-License-Identifier: MIT
// Values as nodes of YAML: what each kind of type makes of each kind of node, what is left out,
// variables, what is made to a length, and what is refused, where.
#include "xdr/test-types.h"

#include <stdlib.h>

#include "xdr/json.h"
#include "xdr/literal.h"
#include "xdr/memory.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
    const char *type, *yaml;
    const char *says; /* the value as JSON, and what is to be longer; or the error and its place */
};

static struct json_object *variables;

static void tell_error(FILE *f, const struct vw_error *err)
{
    if (err->line)
        fprintf(f, "%u:%u: ", err->line, err->column);
    else if (err->path[0])
        fprintf(f, "%s: ", err->path);
    fprintf(f, "%s", err->text);
}

static void tell(FILE *f, const struct row *r)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_node_context ctx = {.arena = &arena, .variables = variables};
    const struct vw_type *t = test_type(r->type);
    struct vw_node *n = NULL;
    void *value;
    if (r->yaml && vw_yaml_parse(r->yaml, strlen(r->yaml), &arena, &n, &err))
        fail_msg("%s: %s", r->yaml, err.text);
    int rc = vw_node_to_value(&ctx, t, n, &value, &err);
    assert_int_equal(rc, err.code);
    if (rc == 0) {
        struct json_object *json = vw_json_from_value(t, value, &err);
        char *text = vw_json_text(json, false);
        fputs(text, f);
        free(text);
        json_object_put(json);
        for (const struct vw_over *o = ctx.over; o; o = o->next)
            fprintf(f, " over %s %s %u", o->path, vw_kind_name(o->type->kind), o->fill);
    } else {
        tell_error(f, &err);
    }
    vw_arena_finish(&arena);
}

static void play(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        char *text = NULL;
        size_t len;
        FILE *f = open_memstream(&text, &len);
        tell(f, &rows[i]);
        fclose(f);
        if (strcmp(text, rows[i].says) != 0 && ++wrong)
            print_error("%s \"%s\":\n  wanted %s\n  got    %s\n", rows[i].type,
                        rows[i].yaml ? rows[i].yaml : "", rows[i].says, text);
        free(text);
    }
    assert_int_equal(wrong, 0);
}
#define PLAY(rows) play(rows, COUNT(rows))

static void each_kind(void **state)
{
    static const struct row rows[] = {
        {"name", "abc", "\"abc\""},
        {"name", "7", "\"7\""},
        {"name", "true", "\"true\""},
        {"name", "''", "\"\""},
        {"name", "$$x", "\"$x\""},
        {"name", "$", "\"$\""},
        {"name", "{hex: 6100ff}", "{\"hex\":\"6100ff\"}"},
        {"name", "{hex: 61, more: 1}", "wants a string or {\"hex\": \"...\"}"},
        {"name", "{hex: 6}", "wants an even number of hex digits, not 1"},
        {"name", "{hex: 6g}", "wants hex digits only"},
        {"name", "{he: 61}", "1:1: a mapping cannot be a value of args"},
        {"name", "[a]", "1:1: a list cannot be a value of args"},
        {"name", "~", "\"\""},
        {"uuid", "000102030405060708090a0b0c0d0e0f", "\"000102030405060708090a0b0c0d0e0f\""},
        {"uuid", "'000102030405060708090a0b0c0d0e0f'", "\"000102030405060708090a0b0c0d0e0f\""},
        {"uuid", "00010203-0405-0607-0809-0A0b0c0d0e0f", "\"000102030405060708090a0b0c0d0e0f\""},
        {"uuid", "0001020304-05-0607-0809-0a0b0c0d0e0f", "wants 16 bytes of hex digits, not 18"},
        {"uuid", "00010203-0405-0607-0809-0a0b0c0d0e0g", "wants 16 bytes of hex digits, not 18"},
        {"uuid", "00", "wants 16 bytes of hex digits, not 1"},
        {"uuid", "0", "wants an even number of hex digits, not 1"},
        {"uuid", "0x0102030405060708090a0b0c0d0e0f", "wants hex digits only"},
        {"uuid", "[0]", "1:1: a list cannot be a value of args"},
        {"color", "GREEN", "\"GREEN\""},
        {"color", "2", "\"GREEN\""},
        {"color", "-3", "\"BLUE\""},
        {"color", "'2'", "unknown member '2'"},
        {"color", "GREE", "unknown member 'GREE', did you mean 'GREEN'?"},
        {"color", "mauve", "unknown member 'mauve'"},
        {"color", "0x80000000", "0x80000000 is outside enum (-2147483648 to 2147483647)"},
        {"color", "true", "wants the name of a member or a whole number, not a boolean"},
        {"color", "[1]", "1:1: a list cannot be a value of args"},
        {"color", "~", "\"RED\""},
        {"scalars",
         "{i: -2147483648, u: 4294967295, h: -9223372036854775808, uh: "
         "18446744073709551615, b: true, c: -128, uc: 255, s: -32768, us: 65535, f: "
         "0.1, d: 0.1, e: BLUE}",
         "{\"i\":-2147483648,\"u\":4294967295,\"h\":-9223372036854775808,\"uh\":"
         "18446744073709551615,\"b\":true,\"c\":-128,\"uc\":255,\"s\":-32768,\"us\":65535,\"f\":0."
         "1,\"d\":0.1,\"e\":\"BLUE\"}"},
        {"scalars", "{i: 0x7fffffff, c: 127, s: 32767, h: 9223372036854775807, f: 7, d: -1e3}",
         "{\"i\":2147483647,\"u\":0,\"h\":9223372036854775807,\"uh\":0,\"b\":false,\"c\":127,"
         "\"uc\":0,\"s\":32767,\"us\":0,\"f\":7.0,\"d\":-1000.0,\"e\":\"RED\"}"},
        {"scalars", "{f: '0x7f800000', d: '0xfff8000000000001'}",
         "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,\"us\":0,\"f\":"
         "\"0x7f800000\",\"d\":\"0xfff8000000000001\",\"e\":\"RED\"}"},
        {"scalars", "{f: 0x10, d: 0x10}",
         "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,\"us\":0,\"f\":16."
         "0,\"d\":16.0,\"e\":\"RED\"}"},
        {"scalars", "{i: 2147483648}", "i: 2147483648 is outside int (-2147483648 to 2147483647)"},
        {"scalars", "{i: -2147483649}",
         "i: -2147483649 is outside int (-2147483648 to 2147483647)"},
        {"scalars", "{u: -1}", "u: -1 is outside unsigned int (0 to 4294967295)"},
        {"scalars", "{u: 4294967296}", "u: 4294967296 is outside unsigned int (0 to 4294967295)"},
        {"scalars", "{h: 9223372036854775808}",
         "h: 9223372036854775808 is outside hyper (-9223372036854775808 to 9223372036854775807)"},
        {"scalars", "{uh: 18446744073709551616}", "uh: wants a whole number, not a string"},
        {"scalars", "{c: 128}", "c: 128 is outside char (-128 to 127)"},
        {"scalars", "{c: -129}", "c: -129 is outside char (-128 to 127)"},
        {"scalars", "{uc: 256}", "uc: 256 is outside unsigned char (0 to 255)"},
        {"scalars", "{s: 32768}", "s: 32768 is outside short (-32768 to 32767)"},
        {"scalars", "{us: 65536}", "us: 65536 is outside unsigned short (0 to 65535)"},
        {"scalars", "{i: '1'}", "i: wants a whole number, not a string"},
        {"scalars", "{i: 1.5}", "i: wants a whole number, not a string"},
        {"scalars", "{i: true}", "i: wants a whole number, not a boolean"},
        {"scalars", "{b: 1}", "b: wants true or false, not a whole number"},
        {"scalars", "{b: 'true'}", "b: wants true or false, not a string"},
        {"scalars", "{b: yes}", "b: wants true or false, not a string"},
        {"scalars", "{b: false}",
         "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,\"us\":0,\"f\":0."
         "0,\"d\":0.0,\"e\":\"RED\"}"},
        {"scalars", "{f: abc}", "f: wants a number, or \"0x\" and 8 hex digits"},
        {"scalars", "{f: '0x7f80000'}", "f: wants a number, or \"0x\" and 8 hex digits"},
        {"scalars", "{f: true}", "f: wants a number, not a boolean"},
        {"scalars", "{f: '1'}", "f: wants a number, or \"0x\" and 8 hex digits"},
        {"scalars", "{f: 1e39}", "f: the number does not fit a float"},
        {"scalars", "{d: 1e309}", "d: the number does not fit a double"},
        {"scalars", "{d: 1.5x}", "d: wants a number, or \"0x\" and 16 hex digits"},
        {"scalars", "{d: [1]}", "1:5: a list cannot be a value of d"},
        {"scalars", "{f: 16777217}",
         "{\"i\":0,\"u\":0,\"h\":0,\"uh\":0,\"b\":false,\"c\":0,\"uc\":0,\"s\":0,\"us\":0,\"f\":"
         "16777216.0,\"d\":0.0,\"e\":\"RED\"}"},
    };
    PLAY(rows);
}

static void what_nests(void **state)
{
    static const struct row rows[] = {
        {"pair", "{first: a, second: 5, third: 00000000000000000000000000000001}",
         "{\"first\":\"a\",\"second\":5,\"third\":\"00000000000000000000000000000001\"}"},
        {"pair", "{}",
         "{\"first\":\"\",\"second\":0,\"third\":\"00000000000000000000000000000000\"}"},
        {"pair", NULL,
         "{\"first\":\"\",\"second\":0,\"third\":\"00000000000000000000000000000000\"}"},
        {"pair", "~",
         "{\"first\":\"\",\"second\":0,\"third\":\"00000000000000000000000000000000\"}"},
        {"pair", "{second: ~, first: }",
         "{\"first\":\"\",\"second\":0,\"third\":\"00000000000000000000000000000000\"}"},
        {"pair", "{secon: 1}", "1:2: unknown member \"secon\"; did you mean \"second\"?"},
        {"pair", "{fourth: 1}",
         "1:2: unknown member \"fourth\"; expected one of first, second, third"},
        {"pair", "[1]", "1:1: a list cannot be a value of args"},
        {"pair", "1", "wants an object, not a whole number"},
        {"pair", "{second: x}", "second: wants a whole number, not a string"},
        {"maybe_pair", "~", "null"},
        {"maybe_pair", "{}",
         "{\"first\":\"\",\"second\":0,\"third\":\"00000000000000000000000000000000\"}"},
        {"maybe_pair", "{second: 2}",
         "{\"first\":\"\",\"second\":2,\"third\":\"00000000000000000000000000000000\"}"},
        {"maybe_pair", "null", "null"},
        {"twice", "~", "null"},
        {"twice", "[~]", "[null]"},
        {"twice", "[{second: 3}]",
         "[{\"first\":\"\",\"second\":3,\"third\":\"00000000000000000000000000000000\"}]"},
        {"twice", "[~, ~]", "1:1: a list cannot be a value of args"},
        {"twice", "[]", "1:1: a list cannot be a value of args"},
        {"twice", "{}", "1:1: a mapping cannot be a value of args"},
        {"node", "{v: 1, next: {v: 2}}", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}"},
        {"tree", "{v: 1, children: [{v: 2}, {v: 3, children: [{v: 4}]}]}",
         "{\"v\":1,\"children\":[{\"v\":2,\"children\":[]},{\"v\":3,\"children\":[{\"v\":4,"
         "\"children\":[]}]}]}"},
        {"tree", "{children: {v: 2}}", "1:12: a mapping cannot be a value of children"},
        {"tree", "{children: [{v: x}]}", "children[0].v: wants a whole number, not a string"},
        {"tree", "{children: [{}, {w: 1}]}", "1:18: unknown member \"w\"; did you mean \"v\"?"},
        {"all", "{fixed: [1, 2]}", "fixed: wants an array of 3, not 2"},
        {"all", "{fixed: [1, 2, 3, 4]}", "fixed: wants an array of 3, not 4"},
        {"all", "{fixed: 3}", "fixed: wants an array, not a whole number"},
        {"all", "{bools: [true, 1]}", "bools[1]: wants true or false, not a whole number"},
        {"value", "{type: 1, i: 5}", "{\"type\":1,\"i\":5}"},
        {"value", "{i: 5, type: 1}", "{\"type\":1,\"i\":5}"},
        {"value", "{type: 3, s: x}", "{\"type\":3,\"s\":\"x\"}"},
        {"value", "{type: 4, big: {second: 9}}",
         "{\"type\":4,\"big\":{\"first\":\"\",\"second\":9,\"third\":"
         "\"00000000000000000000000000000000\"}}"},
        {"value", "{type: 4, big: ~}",
         "{\"type\":4,\"big\":{\"first\":\"\",\"second\":0,\"third\":"
         "\"00000000000000000000000000000000\"}}"},
        {"value", "{type: 5}", "{\"type\":5}"},
        {"value", "{type: 9, h: 1}", "{\"type\":9,\"h\":1}"},
        {"value", "{type: 1}", "the member 'i' is missing"},
        {"value", "{i: 1}", "the member 'type' is missing"},
        {"value", "{type: 1, s: x}", "unknown member 's': type chooses the arm 'i'"},
        {"value", "{type: 5, i: 1}", "unknown member 'i': the arm that type chooses is void"},
        {"value", "{type: 1, j: 1}", "1:11: unknown member \"j\"; did you mean \"i\"?"},
        {"value", "{type: x, i: 1}", "type: wants a whole number, not a string"},
        {"value", "{type: 2147483648, i: 1}",
         "type: 2147483648 is outside int (-2147483648 to 2147483647)"},
        {"value", "7", "wants an object, not a whole number"},
        {"value", "~", "{\"type\":1,\"i\":0}"},
        {"shade", "{c: RED, depth: 3}", "{\"c\":\"RED\",\"depth\":3}"},
        {"shade", "{c: 2}", "{\"c\":\"GREEN\"}"},
        {"shade", "{c: BLUE}", "the union has no arm for c -3"},
        {"shade", "{c: PINK}", "c: unknown member 'PINK'"},
        {"choice", "{yes: true, why: w}", "{\"yes\":true,\"why\":\"w\"}"},
        {"choice", "{yes: false}", "{\"yes\":false}"},
        {"choice", "{yes: 1, why: w}", "{\"yes\":true,\"why\":\"w\"}"},
        {"choice", "{yes: false, why: w}",
         "unknown member 'why': the arm that yes chooses is void"},
        {"word", "{w: 4294967295, all: 1}", "{\"w\":4294967295,\"all\":1}"},
        {"word", "{w: 7}", "{\"w\":7}"},
        {"word", "{w: 8}", "the union has no arm for w 8"},
        {"word", "{w: -1, all: 1}", "w: -1 is outside unsigned int (0 to 4294967295)"},
    };
    PLAY(rows);
}

static void variables_stand_for_values(void **state)
{
    static const struct row rows[] = {
        {"name", "$word", "\"wörd\""},
        {"name", "$seven", "wants a string, not a whole number"},
        {"color", "$seven", "7"},
        {"color", "$word", "unknown member 'wörd'"},
        {"pair", "$pair",
         "{\"first\":\"f\",\"second\":2,\"third\":\"00000000000000000000000000000001\"}"},
        {"pair", "{second: $seven, first: $word}",
         "{\"first\":\"wörd\",\"second\":7,\"third\":\"00000000000000000000000000000000\"}"},
        {"pair", "{second: $word}", "second: wants a whole number, not a string"},
        {"pair", "$half", "the member 'second' is missing"},
        {"maybe_pair", "$pair",
         "{\"first\":\"f\",\"second\":2,\"third\":\"00000000000000000000000000000001\"}"},
        {"maybe_pair", "$nil", "1:1: the variable \"$nil\" has no value"},
        {"name", "$other", "1:1: the variable \"$other\" has no value"},
        {"node", "{next: {v: $other}}", "1:12: the variable \"$other\" has no value"},
        {"tree", "{children: [$tree, {v: $seven}]}",
         "{\"v\":0,\"children\":[{\"v\":5,\"children\":[]},{\"v\":7,\"children\":[]}]}"},
    };
    variables = json_tokener_parse(
        "{\"word\":\"wörd\",\"seven\":7,\"pair\":{\"first\":\"f\",\"second\":2,\"third\":"
        "\"00000000000000000000000000000001\"},\"half\":{\"first\":\"f\"},\"nil\":null,"
        "\"tree\":{\"v\":5,\"children\":[]}}");
    PLAY(rows);
    json_object_put(variables);
    variables = NULL;
    static const struct row none[] = {
        {"name", "$word", "1:1: the variable \"$word\" has no value"}};
    PLAY(none);
}

static void made_to_a_length(void **state)
{
    static const struct row rows[] = {
        {"name", "{count: 3, fill: x}", "\"xxx\""},
        {"name", "{count: 0, fill: x}", "\"\""},
        {"name", "{count: max, fill: x}", "\"xxxxxxxxxxxxxxxxxxxx\""},
        {"name", "{count: max+1, fill: x}", "\"xxxxxxxxxxxxxxxxxxxx\" over  string 120"},
        {"name", "{count: 21, fill: x}", "\"xxxxxxxxxxxxxxxxxxxxx\""},
        {"name", "{count: 3, fill: ''}", "1:19: expected one character behind \"fill\""},
        {"name", "{count: 3, fill: xy}", "1:18: expected one character behind \"fill\""},
        {"name", "{count: 3, fill: [x]}", "1:18: expected one character behind \"fill\""},
        {"name", "{count: 3, fill: ~}", "1:12: expected one character behind \"fill\""},
        {"name", "{count: -1, fill: x}", "1:9: expected a whole number from 0 to 67108864"},
        {"name", "{count: min, fill: x}", "1:9: expected a whole number from 0 to 67108864"},
        {"name", "{count: 67108865, fill: x}", "1:9: expected a whole number from 0 to 67108864"},
        {"name", "{count: 3}", "1:1: a mapping cannot be a value of args"},
        {"name", "{fill: x}", "1:1: a mapping cannot be a value of args"},
        {"uuid", "{count: 3, fill: x}", "1:1: a mapping cannot be a value of args"},
        {"all", "{text: {count: max, fill: x}}", "1:16: text has no bound"},
        {"all", "{text: {count: max+1, fill: x}}", "1:16: text has no bound"},
        {"tree", "{children: {count: 2, fill: {v: 3}}}",
         "{\"v\":0,\"children\":[{\"v\":3,\"children\":[]},{\"v\":3,\"children\":[]}]}"},
        {"tree", "{children: {count: 0, fill: {v: 3}}}", "{\"v\":0,\"children\":[]}"},
        {"tree", "{children: {count: max, fill: ~}}",
         "{\"v\":0,\"children\":[{\"v\":0,\"children\":[]},{\"v\":0,\"children\":[]},{\"v\":0,"
         "\"children\":[]},{\"v\":0,\"children\":[]}]}"},
        {"tree", "{v: 1, children: {count: max+1, fill: {v: 3}}}",
         "{\"v\":1,\"children\":[{\"v\":3,\"children\":[]},{\"v\":3,\"children\":[]},{\"v\":3,"
         "\"children\":[]},{\"v\":3,\"children\":[]}]} over children array 0"},
        {"tree", "{children: {count: 2, fill: {v: x}}}",
         "children[0].v: wants a whole number, not a string"},
        {"tree", "{children: [{}, {children: {count: max+1, fill: {}}}]}",
         "{\"v\":0,\"children\":[{\"v\":0,\"children\":[]},{\"v\":0,\"children\":[{\"v\":0,"
         "\"children\":[]},{\"v\":0,\"children\":[]},{\"v\":0,\"children\":[]},{\"v\":0,"
         "\"children\":[]}]}]} over children[1].children array 0"},
    };
    PLAY(rows);
}

/* "next" of "next", so many maps in all, as a value of the type node. */
static int nested(unsigned levels, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_node_context ctx = {.arena = &arena};
    struct vw_node *n = vw_node_new(&arena, VW_NODE_MAP);
    void *value;
    for (unsigned i = 1; i < levels; i++) {
        struct vw_node *outer = vw_node_new(&arena, VW_NODE_MAP);
        assert_non_null(vw_node_add(outer, "next", n));
        n = outer;
    }
    *err = (struct vw_error)VW_ERROR_INIT;
    int rc = vw_node_to_value(&ctx, test_type("node"), n, &value, err);
    vw_arena_finish(&arena);
    return rc;
}

/* Each map but the first is in an optional value, which counts too. */
static void how_deep_values_nest(void **state)
{
    const unsigned most = (VW_MAX_RECURSION + 1) / 2;
    struct vw_error err;
    assert_int_equal(nested(most, &err), 0);
    assert_int_equal(nested(most + 1, &err), VW_ELIMIT);
    assert_string_equal(err.text, "the value nests deeper than 2048");
}

/* More members than a message about an unknown one looks at. */
static void a_struct_of_many_members(void **state)
{
    struct vw_schema *today = test_schema;
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    fputs("struct wide {\n", f);
    for (int i = 0; i < 300; i++)
        fprintf(f, "    int member%d;\n", i);
    fputs("};\n", f);
    fclose(f);
    static const struct row rows[] = {
        {"wide", "{membr9: 1}", "1:2: unknown member \"membr9\"; did you mean \"member9\"?"},
    };
    assert_int_equal(vw_schema_create(&test_schema), 0);
    assert_int_equal(vw_schema_add(test_schema, "wide.x", text, len, false, NULL), 0);
    assert_int_equal(vw_schema_finish(test_schema, NULL), 0);
    PLAY(rows);
    vw_schema_destroy(test_schema);
    test_schema = today;
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(what_nests),
        cmocka_unit_test(variables_stand_for_values),
        cmocka_unit_test(made_to_a_length),
        cmocka_unit_test(how_deep_values_nest),
        cmocka_unit_test(a_struct_of_many_members),
    };
    return cmocka_run_group_tests(tests, make_test_schema, free_test_schema) + vw_test_leaked();
}
