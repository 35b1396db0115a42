// SPDX-License-Identifier: MIT
// Hex both ways, and the lax reader over every split of its input.
#include "base/testing/test.h"

#include <string.h>

#include "base/hex.h"

static void encodes_and_decodes(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0xff, 0x1a};
    char text[11];
    uint8_t back[5];
    vw_hex_encode(bytes, sizeof(bytes), text);
    assert_string_equal(text, "007f80ff1a");
    assert_true(vw_hex_decode(text, 10, back));
    assert_memory_equal(back, bytes, 5);
    assert_true(vw_hex_decode("FFaB", 4, back));
    assert_int_equal(back[1], 0xab);
}

static void every_character_has_its_value(void **state)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";
    for (int c = -1; c < 256; c++) {
        const char *low = c > 0 ? strchr(digits, c) : NULL;
        const char *high = c > 0 ? strchr(capitals, c) : NULL;
        assert_int_equal(vw_hex_value(c), low ? low - digits : high ? high - capitals : -1);
    }
}

static void reader_says_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"0g", "1:2: a byte takes two hex digits"},
        {"0 0", "1:2: a byte takes two hex digits"},
        {"0#", "1:2: a byte takes two hex digits"},
        {"g", "1:1: 'g' is no hex digit"},
        {"!", "1:1: '!' is no hex digit"},
        {"~", "1:1: '~' is no hex digit"},
        {"\x7f", "1:1: byte 0x7f is no hex digit"},
        {"00 00\n \x7f", "2:2: byte 0x7f is no hex digit"},
        {"00\n   \x7f", "2:4: byte 0x7f is no hex digit"},
        {"00\n   !", "2:4: '!' is no hex digit"},
        {"00\n  0#", "2:4: a byte takes two hex digits"},
        {"\x1b", "1:1: byte 0x1b is no hex digit"},
        {"\xff", "1:1: byte 0xff is no hex digit"},
        {"00 #x\n 0", "2:3: the text ends within a byte"},
        {"00\t\r\f\v\n-", "2:1: '-' is no hex digit"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_hex_reader r;
        struct vw_error err = VW_ERROR_INIT;
        char said[100];
        uint8_t out[8];
        size_t n;
        vw_hex_reader_init(&r);
        int rc = vw_hex_reader_feed(&r, rows[i].text, strlen(rows[i].text), out, &n, &err);
        if (!rc)
            rc = vw_hex_reader_end(&r, &err);
        assert_int_equal(rc, VW_ESYNTAX);
        snprintf(said, sizeof(said), "%u:%u: %.60s", err.line, err.column, err.text);
        assert_string_equal(said, rows[i].said);
    }
}

static void refuses_what_is_not_hex(void **state)
{
    uint8_t out[4];
    assert_false(vw_hex_decode("abc", 3, out));
    assert_false(vw_hex_decode("0g", 2, out));
    assert_false(vw_hex_decode("0 ", 2, out));
}

static void reader_takes_any_split(void **state)
{
    static const char text[] = "00 0001\n  # a zz comment\nAb\tcd#x";
    static const uint8_t want[] = {0, 0, 1, 0xab, 0xcd};
    for (size_t cut = 0; cut < sizeof(text); cut++) {
        struct vw_hex_reader r;
        uint8_t out[40];
        size_t n, m;
        vw_hex_reader_init(&r);
        assert_int_equal(vw_hex_reader_feed(&r, text, cut, out, &n, NULL), 0);
        assert_int_equal(
            vw_hex_reader_feed(&r, text + cut, sizeof(text) - 1 - cut, out + n, &m, NULL), 0);
        assert_int_equal(vw_hex_reader_end(&r, NULL), 0);
        assert_int_equal(n + m, sizeof(want));
        assert_memory_equal(out, want, sizeof(want));
    }
}

static void reader_names_the_place(void **state)
{
    struct vw_hex_reader r;
    struct vw_error err = VW_ERROR_INIT;
    uint8_t out[8];
    size_t n;
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, "00\n0x", 5, out, &n, &err), VW_ESYNTAX);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 2);
    vw_hex_reader_init(&r);
    assert_int_equal(vw_hex_reader_feed(&r, "000", 3, out, &n, NULL), 0);
    assert_int_equal(vw_hex_reader_end(&r, NULL), VW_ESYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes),
        cmocka_unit_test(every_character_has_its_value),
        cmocka_unit_test(reader_says_what_is_wrong),
        cmocka_unit_test(refuses_what_is_not_hex),
        cmocka_unit_test(reader_takes_any_split),
        cmocka_unit_test(reader_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
