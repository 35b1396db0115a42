// SPDX-License-Identifier: MIT
// What of a text reaches a terminal: every code point is held against the tables of Unicode in
// plain words, and each way of writing it otherwise.
#include "base/testing/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/shown.h"

static size_t encode(uint32_t c, char *out)
{
    if (c < 0x80)
        return (size_t)sprintf(out, "%c", (int)c);
    if (c < 0x800)
        return (size_t)sprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
    if (c < 0x10000)
        return (size_t)sprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
                               (int)(0x80 | (c & 63)));
    return (size_t)sprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
                           (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
}

static bool acts(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void every_code_point(void **state)
{
    unsigned wrong = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[8], piece[VW_SHOWN_PIECE];
        if (c >= 0xd800 && c < 0xe000)
            continue;
        size_t n = encode(c, text);
        text[n] = 'a';
        wrong += vw_shown_prefix(text, n + 1) != (acts(c) ? 0 : n + 1);
        wrong += vw_shown_piece(text, n + 1, VW_SHOWN_BYTES, piece) != n;
        wrong += acts(c) ? strlen(piece) != 4 * n : memcmp(piece, text, n) != 0 || piece[n];
    }
    assert_int_equal(wrong, 0);
}

static const struct {
    const char *text, *bytes, *json, *marked;
} rows[] = {
    {"", "", "", ""},
    {"plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", NULL, NULL, NULL},
    {"a\033[31mb", "a\\x1b[31mb", "a\\u001b[31mb", "a?[31mb"},
    {"\x7f", "\\x7f", "\\u007f", "?"},
    {"\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m", "\\u009b31m", "?31m"},
    {"\xe2\x80\xaeoh", "\\xe2\\x80\\xaeoh", "\\u202eoh", "?oh"},
    {"\x9b"
     "31m",
     "\\x9b31m", "\\ufffd31m", "?31m"},
    {"cut \xe2\x80", "cut \\xe2\\x80", "cut \\ufffd\\ufffd", "cut ??"},
    {"two\nlines\tand \r", "two\nlines\tand \\x0d", "two\nlines\tand \\u000d", "two?lines?and ?"},
};

static const char *printed(const char *text, enum vw_shown_as as)
{
    static char out[100];
    FILE *f = fmemopen(out, sizeof(out), "w");
    vw_shown_print(f, text, strlen(text), as);
    fclose(f);
    return out;
}

static void each_way_of_writing_it(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *same = rows[i].text;
        char text[100];
        strcpy(text, rows[i].text);
        vw_shown_mark(text);
        assert_string_equal(text, rows[i].marked ? rows[i].marked : same);
        assert_string_equal(printed(same, VW_SHOWN_BYTES), rows[i].bytes ? rows[i].bytes : same);
        assert_string_equal(printed(same, VW_SHOWN_JSON), rows[i].json ? rows[i].json : same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(each_way_of_writing_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
