// SPDX-License-Identifier: MIT
// UTF-8, held against a plain decoder: every code point, every start of two bytes, every cut.
#include "base/testing/test.h"

#include <string.h>

#include "base/utf8.h"

/* Writes POINT in the form of LEN bytes, the shortest or not. */
static void put(uint32_t point, size_t len, uint8_t *out)
{
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; point >>= 6)
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    out[0] = (uint8_t)(heads[len] | point);
}

static bool good(uint32_t point, size_t len)
{
    static const uint32_t first[] = {0, 0, 0x80, 0x800, 0x10000};
    return point >= first[len] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static void every_code_point_in_each_form(void **state)
{
    static const uint32_t ends[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    unsigned wrong = 0;
    for (size_t len = 1; len <= 4; len++)
        for (uint32_t point = 0; point < ends[len]; point++) {
            uint8_t bytes[5];
            put(point, len, bytes);
            bytes[len] = 'a';
            wrong += vw_utf8_valid(bytes, len) != (good(point, len) ? len : 0);
            wrong += vw_utf8_valid(bytes, len + 1) != (good(point, len) ? len + 1 : 0);
        }
    assert_int_equal(wrong, 0);
}

static void cut_and_broken_sequences(void **state)
{
    static const struct {
        const char *text;
        size_t len, valid;
    } rows[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"ab\x80", 3, 2},
        {"a\xc3", 2, 1},
        {"a\xc3\xa4", 3, 3},
        {"a\xc3\xa4", 2, 1}, /* what lies behind is none of it */
        {"a\xc3(", 3, 1},
        {"\xe2\x82", 2, 0},
        {"\xe2\x82\xac\xe2\x28\xac", 6, 3},
        {"\xe2\x82\xac\xe2\x82\x28", 6, 3},
        {"\xe2\x82\xac\xe2\x82\xc0", 6, 3},
        {"\xf0\x9f\x98\x80\xf0\x9f\x98", 7, 4},
        {"\xf0\x9f\x98\x28", 4, 0},
        {"\xf0\x9f\x28\x80", 4, 0},
        {"\xf5\x80\x80\x80", 4, 0},
        {"\xc0\x80", 2, 0},
        {"\xc1\xbf", 2, 0},
        {"\xff", 1, 0},
        {"a\0b", 3, 3},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(vw_utf8_valid(rows[i].text, rows[i].len), rows[i].valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_in_each_form),
        cmocka_unit_test(cut_and_broken_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
