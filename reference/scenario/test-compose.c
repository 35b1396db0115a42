// SPDX-License-Identifier: MIT
// Messages of cases: the exact words and bytes, and where a mistake is told.
#include <string.h>

#include "base/testing/test.h"
#include "scenario/compose.h"

static struct vw_profile *profile, *of_2007;

static int setup(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    return vw_profile_load(NULL, NULL, &profile, &err) ||
           vw_profile_load("0.3.0", NULL, &of_2007, &err);
}

static int teardown(void **state)
{
    vw_profile_destroy(profile);
    vw_profile_destroy(of_2007);
    return 0;
}

static const struct vw_header shot = {0x11, 2, 3, VW_MSG_CALL, 44, 0};

/* The message as hex with a blank before each word, or the error. */
static void compose(const struct vw_profile *p, int32_t type, const char *yaml,
                    const struct vw_header *of, char *text, size_t size)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_buf out = VW_BUF_INIT;
    struct vw_composed made;
    struct vw_node *n;
    const struct vw_compose_context ctx = {.profile = p, .arena = &arena, .of = of, .serial = 7};
    size_t used = 0;
    assert_int_equal(vw_yaml_parse(yaml, strlen(yaml), &arena, &n, &err), 0);
    assert_int_equal(vw_buf_append(&out, "x", 1), 0); /* what is there stays */
    if (vw_compose(&ctx, n, type, &out, &made, &err) < 0)
        vw_error_format(&err, NULL, text, size);
    for (size_t i = 1; !err.code && i < out.len && used + 4 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%02x", i % 4 == 1 && i > 1 ? " " : "",
                                 out.data[i]);
    assert_int_equal(out.data[0], 'x');
    if (!err.code && !of)
        assert_int_equal(made.header.serial, vw_load32(out.data + 1 + 20));
    vw_buf_finish(&out);
    vw_arena_finish(&arena);
}

struct row {
    const char *message, *result;
};

static void check(const struct vw_profile *p, const struct row *rows, size_t n, bool of)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        char text[4000] = "";
        compose(p, of ? VW_MSG_STREAM : VW_MSG_CALL, rows[i].message, of ? &shot : NULL, text,
                sizeof(text));
        if (strcmp(text, rows[i].result) == 0)
            continue;
        wrong++;
        print_message("# row %zu (%s): %s\n", i, rows[i].message, text);
    }
    if (wrong)
        fail_msg("%zu of %zu rows", wrong, n);
}
#define CHECK(rows)     check(profile, rows, sizeof(rows) / sizeof((rows)[0]), false)
#define HEAD(len, proc) "000000" len " 20008086 00000001 000000" proc " 00000000 00000007 00000000"
#define LOOKUP(more)    "{procedure: domain_lookup_by_name, " more "}"
#define PARAMS(list)    "{procedure: domain_set_memory_parameters, args: {params: " list "}}"
#define PARAMETERS(size, list)                                                                     \
    HEAD(size, "c5") " 00000000 00000000 00000000 00000000 00000000 00000000 " list " 00000000"
#define ABC(edit) LOOKUP("args: {name: abc}, edit: " edit)

static void test_words(void **state)
{
    static const struct row rows[] = {
        {"{procedure: connect_get_type}", HEAD("1c", "03")},
        {"{procedure: 3}", HEAD("1c", "03")},
        {"{procedure: 3, program: qemu}",
         "00000040 20008087 00000001 00000003 00000000 00000007 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000000"},
        {"{procedure: 3, program: 0x20008087}",
         "00000040 20008087 00000001 00000003 00000000 00000007 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000000"},
        {"{procedure: 3, program: 0xffffffff}",
         "0000001c ffffffff 00000001 00000003 00000000 00000007 00000000"},
        {"{procedure: 3, program: 0x100000000}",
         "1:25: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, program: -1}", "1:25: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, program: qemo}", "1:25: unknown program \"qemo\""},
        {"{procedure: -1}", "0000001c 20008086 00000001 ffffffff 00000000 00000007 00000000"},
        {"{procedure: 0xffffffff}",
         "0000001c 20008086 00000001 ffffffff 00000000 00000007 00000000"},
        {"{procedure: -2147483648}",
         "0000001c 20008086 00000001 80000000 00000000 00000007 00000000"},
        {"{procedure: -2147483649}",
         "1:13: expected a whole number from -2147483648 to 4294967295"},
        {"{procedure: 0x100000000}",
         "1:13: expected a whole number from -2147483648 to 4294967295"},
        {"{procedure: qemu.domain_monitor_command, program: 5}",
         "0000003c 00000005 00000001 00000001 00000000 00000007 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000"},
        {"{procedure: get_type}", "1:13: unknown procedure \"get_type\""},
        {"{procedure: 3, version: 0}",
         "0000001c 20008086 00000000 00000003 00000000 00000007 00000000"},
        {"{procedure: 3, version: 0xffffffff}",
         "0000001c 20008086 ffffffff 00000003 00000000 00000007 00000000"},
        {"{procedure: 3, version: -1}", "1:25: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, type: call}", HEAD("1c", "03")},
        {"{procedure: 3, type: reply}",
         "0000001c 20008086 00000001 00000003 00000001 00000007 00000000"},
        {"{procedure: 3, type: message}",
         "0000001c 20008086 00000001 00000003 00000002 00000007 00000000"},
        {"{procedure: 3, type: stream}",
         "0000001c 20008086 00000001 00000003 00000003 00000007 00000000"},
        {"{procedure: 3, type: call-with-fds}",
         "0000001c 20008086 00000001 00000003 00000004 00000007 00000000"},
        {"{procedure: 3, type: reply-with-fds}",
         "0000001c 20008086 00000001 00000003 00000005 00000007 00000000"},
        {"{procedure: 3, type: stream-hole}",
         "0000001c 20008086 00000001 00000003 00000006 00000007 00000000"},
        {"{procedure: 3, type: -2147483648}",
         "0000001c 20008086 00000001 00000003 80000000 00000007 00000000"},
        {"{procedure: 3, type: -2147483649}",
         "1:22: expected a whole number from -2147483648 to 4294967295"},
        {"{procedure: 3, type: 4294967295}",
         "0000001c 20008086 00000001 00000003 ffffffff 00000007 00000000"},
        {"{procedure: 3, type: 4294967296}",
         "1:22: expected a whole number from -2147483648 to 4294967295"},
        {"{procedure: 3, type: hole}",
         "1:22: unknown type \"hole\"; expected one of call, reply, message, stream, "
         "call-with-fds, reply-with-fds, stream-hole"},
        {"{procedure: 3, serial: 0}",
         "0000001c 20008086 00000001 00000003 00000000 00000000 00000000"},
        {"{procedure: 3, serial: 0xffffffff}",
         "0000001c 20008086 00000001 00000003 00000000 ffffffff 00000000"},
        {"{procedure: 3, serial: 0x100000000}",
         "1:24: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, status: ok}", HEAD("1c", "03")},
        {"{procedure: 3, status: error}",
         "0000001c 20008086 00000001 00000003 00000000 00000007 00000001"},
        {"{procedure: 3, status: continue}",
         "0000001c 20008086 00000001 00000003 00000000 00000007 00000002"},
        {"{procedure: 3, status: 3}",
         "0000001c 20008086 00000001 00000003 00000000 00000007 00000003"},
        {"{procedure: 3, status: fine}",
         "1:24: unknown status \"fine\"; expected one of ok, error, continue"},
        {"{procedure: 3, length: 0}", HEAD("00", "03")},
        {"{procedure: 3, length: 0xffffffff}",
         "ffffffff 20008086 00000001 00000003 00000000 00000007 00000000"},
        {"{procedure: 3, length: 0x100000000}",
         "1:24: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, fds: 0}", HEAD("20", "03") " 00000000"},
        {"{procedure: 3, fds: 0xffffffff}", HEAD("20", "03") " ffffffff"},
        {"{procedure: 3, fds: 0x100000000}", "1:21: expected a whole number from 0 to 4294967295"},
        {"{procedure: 3, fds: 1, length: 5}", HEAD("05", "03") " 00000001"},
        {"{procedure: 3, size: 28}", HEAD("1c", "03")},
        {"{procedure: 3, size: 33}", HEAD("21", "03") " 00000000 00"},
        {"{procedure: 3, body: 0a, size: 31}", HEAD("1f", "03") " 0a0000"},
        {"{procedure: 3, size: 30, length: 5}", HEAD("05", "03") " 0000"},
        {"{procedure: 3, size: 27}", "1:22: the message has 28 bytes without it"},
        {"{procedure: 3, size: 33554438}", "1:22: expected a whole number from 0 to 33554437"},
        {"{procedure: 3, size: most}", "1:22: expected a whole number from 0 to 33554437"},
    };
    CHECK(rows);
}

static void test_bodies(void **state)
{
    static const struct row rows[] = {
        {LOOKUP("args: {name: abc}"), HEAD("24", "17") " 00000003 61626300"},
        {LOOKUP("args: {}"), HEAD("20", "17") " 00000000"},
        {LOOKUP("status: ok"), HEAD("20", "17") " 00000000"},
        {LOOKUP("body: \"\""), HEAD("1c", "17")},
        {LOOKUP("body: "), HEAD("1c", "17")},
        {LOOKUP("body: \"00 01 02\""), HEAD("1f", "17") " 000102"},
        {LOOKUP("body: 0a0b"), HEAD("1e", "17") " 0a0b"},
        {LOOKUP("body: xx"), "1:42: expected bytes as pairs of hex digits"},
        {LOOKUP("body: 0a, args: {name: a}"), "1:46: either \"args\" or \"body\", not both"},
        {LOOKUP("args: {name: a}, fds: 1"), HEAD("28", "17") " 00000001 00000001 61000000"},
        {"{procedure: connect_get_type, args: {name: a}}",
         "1:37: this procedure takes no arguments"},
        {"{procedure: connect_get_type, args: {}}", HEAD("1c", "03")},
        {"{procedure: connect_get_type, args: }", HEAD("1c", "03")},
        {"{procedure: 9999, args: {name: a}}", "1:25: this procedure takes no arguments"},
        {"{procedure: 9999, body: 01}",
         "0000001d 20008086 00000001 0000270f 00000000 00000007 00000000 01"},
        {"{procedure: domain_lookup_by_id, args: {id: -1}}", HEAD("20", "16") " ffffffff"},
        {"{procedure: domain_lookup_by_id, args: {id: 2147483648}}",
         "2147483648 is outside int (-2147483648 to 2147483647) at id, offset 0"},
    };
    CHECK(rows);
}

/* What is not named is the smallest value; what is wrong has the place of its node or its path. */
static void test_values(void **state)
{
    static const struct row rows[] = {
        {PARAMS("[]"), PARAMETERS("3c", "00000000")},
        {PARAMS(""), PARAMETERS("3c", "00000000")},
        {PARAMS("[{}]"), PARAMETERS("48", "00000001 00000000 00000001 00000000")},
        {PARAMS("[{value: }]"), PARAMETERS("48", "00000001 00000000 00000001 00000000")},
        {PARAMS("[{field: a, value: {type: 5, d: 1}}]"),
         PARAMETERS("50", "00000001 00000001 61000000 00000005 3ff00000 00000000")},
        {PARAMS("[{value: {type: 5, d: -0.5}}]"),
         PARAMETERS("4c", "00000001 00000000 00000005 bfe00000 00000000")},
        {PARAMS("[{value: {type: 7, s: {hex: 61}}}]"),
         PARAMETERS("4c", "00000001 00000000 00000007 00000001 61000000")},
        {PARAMS("[{value: {type: 7, s: {hex: 61, x: 1}}}]"),
         "wants a string or {\"hex\": \"...\"} at params[0].value.s, offset 0"},
        {PARAMS("[{value: {type: 7, s: {x: 61}}}]"),
         "1:80: a mapping cannot be a value of params[0].value.s"},
        {PARAMS("[{value: {type: 7, s: [a]}}]"),
         "1:80: a list cannot be a value of params[0].value.s"},
        {PARAMS("[{value: {type: 7, s: }}]"),
         PARAMETERS("48", "00000001 00000000 00000007 00000000")},
        {PARAMS("[{value: {type: 1}}]"), "the member 'i' is missing at params[0].value, offset 0"},
        {PARAMS("[{value: {type: 1, ui: 1}}]"),
         "unknown member 'ui': type chooses the arm 'i' at params[0].value"},
        {PARAMS("[{value: {i: 1}}]"), "the member 'type' is missing at params[0].value, offset 0"},
        {PARAMS("[{value: {tipe: 1}}]"), "1:68: unknown member \"tipe\"; did you mean \"type\"?"},
        {PARAMS("[{value: {type: 99}}]"),
         "the union has no arm for type 99 at params[0].value, offset 0"},
        {PARAMS("[{value: {type: x}}]"),
         "wants a whole number, not a string at params[0].value.type, offset 0"},
        {PARAMS("[{value: 5}]"),
         "wants an object, not a whole number at params[0].value, offset 0"},
        {PARAMS("[{vale: 5}]"), "1:60: unknown member \"vale\"; did you mean \"value\"?"},
        {PARAMS("[{value: {type: 1, i: 1.5}}]"),
         "wants a whole number, not a string at params[0].value.i, offset 0"},
        {PARAMS("[{value: {type: 1, i: \"1\"}}]"),
         "wants a whole number, not a string at params[0].value.i, offset 0"},
        {PARAMS("[{value: {type: 1, i: true}}]"),
         "wants a whole number, not a boolean at params[0].value.i, offset 0"},
        {PARAMS("[{value: {type: 1, i: [1]}}]"),
         "1:80: a list cannot be a value of params[0].value.i"},
        {PARAMS("[{value: {type: 1, i: $x}}]"), "1:80: the variable \"$x\" has no value"},
        {PARAMS("[{value: {type: 5, d: x}}]"),
         "wants a number, or \"0x\" and 16 hex digits at params[0].value.d, offset 0"},
        {PARAMS("{a: 1}"), "1:58: a mapping cannot be a value of params"},
        {PARAMS("5"), "wants an array, not a whole number at params, offset 0"},
        {PARAMS("[5]"), "wants an object, not a whole number at params[0], offset 0"},
        {PARAMS("{fill: {field: $$, value: {type: 2, ui: 7}}, count: 2}"),
         PARAMETERS(
             "5c",
             "00000002 00000001 24000000 00000002 00000007 00000001 24000000 00000002 00000007")},
        {PARAMS("{fill: {}, count: 0}"), PARAMETERS("3c", "00000000")},
        {PARAMS("{fill: {fild: a}, count: 2}"),
         "1:66: unknown member \"fild\"; did you mean \"field\"?"},
        {PARAMS("{fill: {}, count: x}"), "1:76: expected a whole number from 0 to 67108864"},
        {PARAMS("{fill: {}, count: 67108865}"), "1:76: expected a whole number from 0 to 67108864"},
        {"{procedure: domain_lookup_by_uuid, args: {uuid: 12}}",
         "wants 16 bytes of hex digits, not 1 at uuid, offset 0"},
        {"{procedure: domain_lookup_by_uuid, args: {uuid: {hex: 12}}}",
         "1:49: a mapping cannot be a value of uuid"},
        {"{procedure: domain_lookup_by_uuid, args: {uuid: 123}}",
         "wants an even number of hex digits, not 3 at uuid, offset 0"},
        {"{procedure: domain_lookup_by_uuid, args: [1]}", "1:42: a list cannot be a value of args"},
        {"{procedure: domain_lookup_by_uuid, args: 1}", "wants an object, not a whole number"},
        {"{procedure: connect_open, args: {name: }}", HEAD("24", "01") " 00000000 00000000"},
        {"{procedure: connect_open, args: {name: null, flags: }}",
         HEAD("24", "01") " 00000000 00000000"},
        {"{procedure: connect_open, args: {name: a}}",
         HEAD("2c", "01") " 00000001 00000001 61000000 00000000"},
        {"{procedure: auth_sasl_start, args: {data: [1, 300]}}",
         "300 is outside char (-128 to 127) at data[1], offset 0"},
        {"{procedure: auth_sasl_start, args: {data: {fill: 7, count: 3}}}",
         HEAD("34", "44") " 00000000 00000000 00000003 00000007 00000007 00000007"},
    };
    CHECK(rows);
}

/* What a server sends: answers to the call SHOT, and events. */
static void test_answers(void **state)
{
#define ANSWER(length, status) length " 20008086 00000001 00000017 00000001 0000002c " status
    static const struct vw_header lookup = {0x20008086, 1, 0x17, VW_MSG_CALL, 44, 0};
    static const struct {
        int32_t type;
        bool of;
        const char *message, *result;
    } rows[] = {
        {VW_MSG_REPLY, true, "{args: {dom: {name: a, id: 3}}}",
         ANSWER("00000038", "00000000 00000001 61000000 00000000 00000000 00000000 00000000 "
                            "00000003")},
        {VW_MSG_REPLY, true, "{args: {dom: {name: a}}, edit: cut dom 8}",
         ANSWER("00000024", "00000000 00000001 61000000")},
        {VW_MSG_REPLY, true, "{status: error, args: {code: 42, message: no, level: 2}}",
         ANSWER("00000050", "00000001 0000002a 00000000 00000001 00000002 6e6f0000 00000002 "
                            "00000000 00000000 00000000 00000000 00000000 00000000 00000000")},
        {VW_MSG_REPLY, true, "{status: continue}", ANSWER("0000001c", "00000002")},
        {VW_MSG_REPLY, true, "{status: continue, args: {dom: }}",
         "1:26: this procedure takes no arguments"},
        {VW_MSG_REPLY, true, "{args: {dim: }}",
         "1:9: unknown member \"dim\"; did you mean \"dom\"?"},
        {VW_MSG_REPLY, true, "{type: 9, serial: 5, args: {dom: }, length: 4}",
         "00000004 20008086 00000001 00000017 00000009 00000005 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000"},
        {VW_MSG_REPLY, false, "{procedure: connect_get_type, args: {type: TEST}}",
         "00000024 20008086 00000001 00000003 00000001 00000007 00000000 00000004 54455354"},
        {VW_MSG_MESSAGE, false, "{procedure: domain_event_reboot, serial: 0}",
         "00000034 20008086 00000001 000000a9 00000002 00000000 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000"},
        {VW_MSG_STREAM, true, "{status: error, args: {code: 1}}",
         "00000048 20008086 00000001 00000017 00000003 0000002c 00000001 00000001 00000000 "
         "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"},
        {VW_MSG_STREAM, true, "{status: error}",
         "0000001c 20008086 00000001 00000017 00000003 0000002c 00000001"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1000] = "";
        compose(profile, rows[i].type, rows[i].message, rows[i].of ? &lookup : NULL, text,
                sizeof(text));
        if (strcmp(text, rows[i].result) != 0)
            fail_msg("%s: %s", rows[i].message, text);
    }
}

/* xdr/test-edit.c has the language itself. */
static void test_edits(void **state)
{
    static const struct row rows[] = {
        {ABC("set name.#data ff"), HEAD("22", "17") " 00000003 ff00"},
        {ABC("set name.#data"), HEAD("21", "17") " 00000003 00"},
        {ABC("set"), "1:61: no path in the edit 'set'"},
        {ABC("insert name 01020304"), HEAD("28", "17") " 01020304 00000003 61626300"},
        {ABC("append name 01020304"), HEAD("28", "17") " 00000003 61626300 01020304"},
        {ABC("cut name"), HEAD("1c", "17")},
        {ABC("cut name 4 1"), HEAD("23", "17") " 00000003 626300"},
        {ABC("cut name 9"), "the cut reaches beyond 'name'"},
        {ABC("[cut, name, 4]"), HEAD("20", "17") " 00000003"},
        {ABC("[cut, name, [4]]"), "1:73: expected a word of an edit, found a list"},
        {ABC("[pad, 01, 02]"), HEAD("26", "17") " 00000003 61626300 0102"},
        {ABC("[]"), HEAD("24", "17") " 00000003 61626300"},
        {ABC("\"\""), "1:62: unknown edit ''"},
        {ABC("truncate name 5"), HEAD("21", "17") " 00000003 61"},
        {ABC("relabel name.#len -1"), HEAD("24", "17") " ffffffff 61626300"},
        {ABC("relabel name.#len max"), HEAD("24", "17") " 00400000 61626300"},
        {ABC("relabel name.#len max+1"), HEAD("24", "17") " 00400001 61626300"},
        {ABC("relabel name.#len 0x100000000"),
         "1:61: bad number in the edit 'relabel name.#len 0x100000000'"},
        {ABC("relabel name.#lon 1"), "no part is called 'name.#lon', did you mean 'name.#len'?"},
        {ABC("relabel name.#len 1; set name.#pad 7f"), HEAD("24", "17") " 00000001 6162637f"},
        {"{procedure: connect_get_type, edit: pad 01}", HEAD("1d", "03") " 01"},
    };
    CHECK(rows);
}

/* What is longer than its bound. */
static void test_over(void **state)
{
    char text[400] = "";
    compose(profile, VW_MSG_CALL,
            "{procedure: domain_lookup_by_name, args: {name: {fill: a, count: max+1}}}", NULL, text,
            sizeof(text));
    assert_memory_equal(text,
                        "00400024 20008086 00000001 00000017 00000000 00000007 00000000 "
                        "00400001 61616161",
                        80);
}

/* A packet of a stream takes its words from the call. */
static void test_of_a_call(void **state)
{
    static const struct row rows[] = {
        {"{of: shot, type: stream, status: continue, body: aabb}",
         "0000001e 00000011 00000002 00000003 00000003 0000002c 00000002 aabb"},
        {"{of: shot, type: stream-hole, status: continue, args: {length: 65536}}",
         "00000028 00000011 00000002 00000003 00000006 0000002c 00000002 00000000 00010000 "
         "00000000"},
        {"{of: shot, type: stream-hole, status: continue, args: {length: -1, flags: 5}}",
         "00000028 00000011 00000002 00000003 00000006 0000002c 00000002 ffffffff ffffffff "
         "00000005"},
        {"{of: shot, type: stream-hole, status: continue, body: aabb}",
         "0000001e 00000011 00000002 00000003 00000006 0000002c 00000002 aabb"},
        {"{of: shot, type: stream-hole, args: {name: a}}",
         "1:38: unknown member \"name\"; expected one of length, flags"},
        {"{of: shot, type: stream, serial: 9}",
         "0000001c 00000011 00000002 00000003 00000003 00000009 00000000"},
        {"{of: shot, type: stream, version: 9}",
         "0000001c 00000011 00000009 00000003 00000003 0000002c 00000000"},
        {"{of: shot, type: stream, args: {name: a}}", "1:32: this procedure takes no arguments"},
    };
    check(profile, rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void test_names_of_2007(void **state)
{
    static const struct row rows[] = {
        {"{procedure: connect_get_type}", HEAD("1c", "03")},
        {"{procedure: get_type}", HEAD("1c", "03")},
        {"{procedure: connect_open, args: {name: a, flags: 1}}",
         HEAD("2c", "01") " 00000001 00000001 61000000 00000001"},
        {"{procedure: connect_list}", "1:13: unknown procedure \"connect_list\""},
        {"{procedure: auth_list}", "1:13: unknown procedure \"auth_list\""},
    };
    check(of_2007, rows, sizeof(rows) / sizeof(rows[0]), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),     cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_values),    cmocka_unit_test(test_answers),
        cmocka_unit_test(test_edits),     cmocka_unit_test(test_over),
        cmocka_unit_test(test_of_a_call), cmocka_unit_test(test_names_of_2007),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
