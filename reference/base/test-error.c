// SPDX-License-Identifier: MIT
// Errors: the first report wins, control characters cannot pass, one line says all; and UTF-8,
// which reports rest on.
#include "base/testing/test.h"

#include <errno.h>
#include <string.h>

#include "base/finding.h"
#include "base/utf8.h"

static void the_first_report_wins(void **state)
{
    struct vw_error e = VW_ERROR_INIT;
    assert_int_equal(vw_error_set(&e, VW_ELIMIT, "first %d", 1), VW_ELIMIT);
    assert_int_equal(vw_error_set(&e, VW_EVALUE, "second"), VW_EVALUE);
    assert_int_equal(vw_error_at(&e, VW_ESYNTAX, 1, 2, "third"), VW_ESYNTAX);
    assert_int_equal(vw_error_errno(&e, ENOENT, "fourth"), VW_ESYSTEM);
    assert_int_equal(e.code, VW_ELIMIT);
    assert_string_equal(e.text, "first 1");
    assert_int_equal(e.line, 0);
    vw_error_clear(&e);
    assert_int_equal(vw_error_at(&e, VW_ESYNTAX, 3, 4, "x"), VW_ESYNTAX);
    assert_int_equal(e.line * 10 + e.column, 34);
    assert_int_equal(vw_error_set(NULL, VW_ENAME, "nobody listens"), VW_ENAME);
    assert_int_equal(vw_error_nomem(NULL), VW_ENOMEM);
    vw_error_clear(NULL);
}

static void texts_are_one_clean_line(void **state)
{
    struct vw_error e = VW_ERROR_INIT;
    char huge[4000];
    vw_error_set(&e, VW_ENAME, "unknown '%s'", "a\nb\x1b[31m\x7f");
    assert_string_equal(e.text, "unknown 'a\\x0ab\\x1b[31m\\x7f'");
    memset(huge, '\n', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    vw_error_clear(&e);
    vw_error_set(&e, VW_ENAME, "%s", huge);
    assert_true(strlen(e.text) < sizeof(e.text));
    assert_null(strchr(e.text, '\n'));
}

static void formats_what_is_set(void **state)
{
    struct vw_error e = VW_ERROR_INIT;
    char buf[600];
    vw_error_at(&e, VW_ESYNTAX, 7, 3, "expected ';'");
    assert_string_equal(vw_error_format(&e, "a.x", buf, sizeof(buf)), "a.x:7:3: expected ';'");
    vw_error_clear(&e);
    vw_error_set(&e, VW_ELIMIT, "too long");
    e.offset = 12;
    strcpy(e.path, "dom.name");
    strcpy(e.clause, "X-3");
    assert_string_equal(vw_error_format(&e, NULL, buf, sizeof(buf)),
                        "too long at dom.name, offset 12 (clause X-3)");
    vw_error_format(&e, NULL, buf, 5);
    assert_string_equal(buf, "too ");
    vw_error_clear(&e);
    vw_error_errno(&e, ENOENT, "cannot open %s", "f");
    assert_string_equal(vw_error_format(&e, NULL, buf, sizeof(buf)),
                        "cannot open f: No such file or directory");
    assert_int_equal(e.sys_errno, ENOENT);
}

static void every_code_has_a_name(void **state)
{
    for (int code = VW_EUNREACHABLE; code <= VW_OK; code++)
        assert_string_not_equal(vw_status_name(code), "unknown");
    assert_string_equal(vw_status_name(1), "unknown");
    assert_string_equal(vw_status_name(VW_EUNREACHABLE - 1), "unknown");
}

static size_t good(const char *s)
{
    return vw_utf8_valid(s, strlen(s));
}

static void utf8_is_strict(void **state)
{
    assert_int_equal(good("plain"), 5);
    assert_int_equal(good("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 9);
    assert_int_equal(vw_utf8_valid("a\0b", 3), 3);
    assert_int_equal(good("ab\xff"), 2);
    assert_int_equal(good("a\xc0\xaf"), 1);        /* not the shortest form */
    assert_int_equal(good("\xe0\x80\x80"), 0);     /* neither */
    assert_int_equal(good("\xed\xa0\x80"), 0);     /* a surrogate */
    assert_int_equal(good("\xf4\x90\x80\x80"), 0); /* above U+10FFFF */
    assert_int_equal(good("x\xe2\x82"), 1);        /* cut short */
    assert_int_equal(good("x\xe2\x82z"), 1);
    assert_int_equal(good("\x80"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_report_wins), cmocka_unit_test(texts_are_one_clean_line),
        cmocka_unit_test(formats_what_is_set),   cmocka_unit_test(every_code_has_a_name),
        cmocka_unit_test(utf8_is_strict),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL) + vw_test_leaked();
}
