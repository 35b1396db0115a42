// SPDX-License-Identifier: MIT
// Fields by name and kind, in types that are made here: another release may lack a field, or have
// it in another place or of another kind, and a server may leave out what it wants.
#include "base/testing/test.h"

#include <string.h>

#include "xdr/args.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct vw_type int_type = {.kind = VW_INT, .size = 4};
static const struct vw_type uint_type = {.kind = VW_UINT, .size = 4};
static const struct vw_type enum_type = {.kind = VW_ENUM, .size = 4};
static const struct vw_type hyper_type = {.kind = VW_HYPER, .size = 8};
static const struct vw_type char_type = {.kind = VW_CHAR, .size = 1};
static const struct vw_type string_type = {.kind = VW_STRING, .size = sizeof(struct vw_string)};
static const struct vw_type opaque_type = {.kind = VW_OPAQUE, .size = sizeof(struct vw_bytes)};
static const struct vw_type maybe_string = {.kind = VW_OPTIONAL, .size = 8, .elem = &string_type};
static const struct vw_type maybe_int = {.kind = VW_OPTIONAL, .size = 8, .elem = &int_type};
static const struct vw_type object = {.kind = VW_STRUCT, .size = 4};
static const struct vw_type maybe_object = {.kind = VW_OPTIONAL, .size = 8, .elem = &object};
static const struct vw_type chars = {.kind = VW_ARRAY, .size = 16, .elem = &char_type};
static const struct vw_type ints = {.kind = VW_ARRAY, .size = 16, .elem = &int_type};
static const struct vw_type hypers = {.kind = VW_ARRAY, .size = 16, .elem = &hyper_type};

/* All fields lie 16 bytes apart. */
#define FIELD(n, t)                                                                                \
    {                                                                                              \
        .name = (n), .type = &(t), .offset = 16 * __COUNTER__                                      \
    }
static const struct vw_field fields[] = {
    FIELD("int", int_type),     FIELD("uint", uint_type),      FIELD("enum", enum_type),
    FIELD("hyper", hyper_type), FIELD("string", string_type),  FIELD("maybe", maybe_string),
    FIELD("number", maybe_int), FIELD("object", maybe_object), FIELD("opaque", opaque_type),
    FIELD("chars", chars),      FIELD("ints", ints),           FIELD("object2", maybe_object),
};
static const struct vw_type all = {
    .kind = VW_STRUCT, .size = 16 * COUNT(fields), .fields = fields, .n_fields = COUNT(fields)};

struct value {
    _Alignas(16) uint8_t bytes[16 * COUNT(fields)];
};

/* Exactly LEN bytes at the field of that place are BYTES, and all others 0. */
static void expect_only(const struct value *v, unsigned place, const void *bytes, size_t len)
{
    struct value wanted = {0};
    memcpy(wanted.bytes + 16 * place, bytes, len);
    assert_memory_equal(v->bytes, wanted.bytes, sizeof(wanted.bytes));
}

static void numbers_are_set(void **state)
{
    static const char *const names[] = {"int",    "uint",   "enum",  "hyper", "string", "maybe",
                                        "number", "object", "chars", "none",  "in",     "ints"};
    const uint32_t number = 0x80000001;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct value v = {0};
        vw_args_set_int(&all, &v, names[i], number);
        expect_only(&v, (unsigned)i, &number, i < 3 ? sizeof(number) : 0);
        int32_t got = vw_ret_int(&all, &v, names[i], 77);
        assert_int_equal(got, i < 3 ? (int32_t)number : 77);
        assert_int_equal(vw_ret_int(&all, NULL, names[i], 78), 78);
    }
    struct value v = {0};
    vw_args_set_int(NULL, &v, "int", 1);
    vw_args_set_int(&int_type, &v, "int", 1);
    expect_only(&v, 0, "", 0);
    assert_int_equal(vw_ret_int(NULL, &v, "int", 9), 9);
}

static void strings_are_set(void **state)
{
    struct vw_string s, *pointer = &s;
    memset(&s, 0, sizeof(s)); /* its padding is compared too */
    s.data = (char[]){"abc"};
    s.len = 3;
    struct value v = {0};
    vw_args_set_string(&all, &v, "string", &s);
    expect_only(&v, 4, &s, sizeof(s));
    assert_string_equal(vw_ret_string(&all, &v, "string"), "abc");
    assert_null(vw_ret_string(&all, &v, "maybe"));
    assert_null(vw_ret_string(&all, &v, "strin"));
    assert_null(vw_ret_string(&all, NULL, "string"));
    v = (struct value){0};
    vw_args_set_string(&all, &v, "maybe", &s);
    expect_only(&v, 5, &pointer, sizeof(pointer));
    v = (struct value){0};
    vw_args_set_string(&all, &v, "number", &s);
    vw_args_set_string(&all, &v, "opaque", &s);
    vw_args_set_string(&all, &v, "none", &s);
    expect_only(&v, 0, "", 0);
}

/* What lies behind the last member of a struct of 16 bytes may be anything. */
static void clear_padding(struct value *v, unsigned place)
{
    memset(v->bytes + 16 * place + 12, 0, 4);
}

static void bytes_are_set(void **state)
{
    static const char bytes[] = "abc";
    const struct vw_bytes as_bytes = {(void *)(uintptr_t)bytes, 3};
    const struct vw_list as_list = {(void *)(uintptr_t)bytes, 3};
    struct value v = {0};
    size_t len = 9;
    vw_args_set_bytes(&all, &v, "opaque", bytes, 3);
    clear_padding(&v, 8);
    expect_only(&v, 8, &as_bytes, 12);
    assert_ptr_equal(vw_ret_bytes(&all, &v, "opaque", &len), bytes);
    assert_int_equal(len, 3);
    v = (struct value){0};
    vw_args_set_bytes(&all, &v, "chars", bytes, 3);
    clear_padding(&v, 9);
    expect_only(&v, 9, &as_list, 12);
    assert_ptr_equal(vw_ret_bytes(&all, &v, "chars", &len), bytes);
    assert_int_equal(len, 3);
    static const char *const others[] = {"ints", "string", "int", "none"};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct value w = {0};
        vw_args_set_bytes(&all, &w, others[i], bytes, 3);
        expect_only(&w, 0, "", 0);
        len = 9;
        assert_null(vw_ret_bytes(&all, &v, others[i], &len));
        assert_int_equal(len, 0);
    }
    assert_null(vw_ret_bytes(&all, NULL, "opaque", &len));
}

/* The first optional struct. */
static void the_object_is_set(void **state)
{
    struct value v = {0}, *pointer = &v;
    assert_true(vw_args_set_object(&all, &v, pointer));
    expect_only(&v, 7, &pointer, sizeof(pointer));
    const struct vw_type without = {.kind = VW_STRUCT, .fields = fields, .n_fields = 7};
    v = (struct value){0};
    assert_false(vw_args_set_object(&without, &v, pointer));
    assert_false(vw_args_set_object(NULL, &v, pointer));
    assert_false(vw_args_set_object(&int_type, &v, pointer));
    expect_only(&v, 0, "", 0);
}

static void the_first_number(void **state)
{
    static const int32_t numbers[] = {5, 6};
    static const struct {
        const struct vw_type *type;
        bool found;
    } rows[] = {{&int_type, true},     {&uint_type, true}, {&enum_type, true}, {&hyper_type, false},
                {&string_type, false}, {&ints, true},      {&hypers, false},   {&chars, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_field field = {.name = "x", .type = rows[i].type, .offset = 16};
        struct vw_type t = {.kind = VW_STRUCT, .fields = &field, .n_fields = 1};
        bool list = rows[i].type->kind == VW_ARRAY;
        const struct vw_list items = {(void *)(uintptr_t)numbers, 2};
        struct value v = {0};
        memcpy(v.bytes + 16, list ? (const void *)&items : numbers, list ? sizeof(items) : 4);
        assert_int_equal(vw_ret_first_int(&t, &v, -3), rows[i].found ? 5 : -3);
        assert_int_equal(vw_ret_first_int(&t, NULL, -3), -3);
        assert_int_equal(vw_ret_first_int(NULL, &v, -3), -3);
        assert_int_equal(vw_ret_first_int(rows[i].type, &v, -3), -3);
        if (list) {
            memset(v.bytes, 0, sizeof(v.bytes));
            assert_int_equal(vw_ret_first_int(&t, &v, -3), -3);
        }
        t.n_fields = 0;
        assert_int_equal(vw_ret_first_int(&t, &v, -3), -3);
    }
}

static void arguments_fit_or_not(void **state)
{
    struct vw_type t = {.kind = VW_STRUCT, .size = 256};
    struct vw_proc proc = {0};
    assert_true(vw_args_fit(&proc));
    proc.args = &t;
    assert_true(vw_args_fit(&proc));
    t.size = 257;
    assert_false(vw_args_fit(&proc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_set),  cmocka_unit_test(strings_are_set),
        cmocka_unit_test(bytes_are_set),    cmocka_unit_test(the_object_is_set),
        cmocka_unit_test(the_first_number), cmocka_unit_test(arguments_fit_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
