// SPDX-License-Identifier: MIT
// The names of the checks that every expectation makes, and what leaving one out leaves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/finding.h"
#include "conformance/runner/implicit.h"
#include "xdr/xdr.h"

static void each_name_is_one_check(void **state)
{
    for (int i = 0; i < VW_IMPLICITS; i++) {
        struct vw_error err = VW_ERROR_INIT;
        vw_implicit_set set = 0;
        assert_int_equal(vw_implicit_add(vw_implicit_name((enum vw_implicit)i), &set, &err), 0);
        assert_int_equal(set, (vw_implicit_set)1 << i);
    }
}

static void names_add_up(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_implicit_set set = 0;
    assert_int_equal(vw_implicit_add("echo-program", &set, &err), 0);
    assert_int_equal(vw_implicit_add("clean-end", &set, &err), 0);
    assert_int_equal(set, 1u << VW_IMPLICIT_ECHO_PROGRAM | 1u << VW_IMPLICIT_CLEAN_END);
}

static void unknown_names_are_refused(void **state)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"reply-typ", "no check is called 'reply-typ'; the nearest is 'reply-type'"},
        {"something else", "no check is called 'something else'"},
        {"", "no check is called ''"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        vw_implicit_set set = 0;
        assert_int_equal(vw_implicit_add(rows[i].name, &set, &err), VW_ENAME);
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(set, 0);
    }
}

/* Those of bodies are called as the rules of the codec are, and take just their flag away. */
static void checks_of_bodies_are_those_of_the_codec(void **state)
{
    assert_int_equal(vw_implicit_strict(0), VW_STRICT_ALL);
    for (unsigned i = 0; i < VW_IMPLICITS; i++) {
        unsigned flag = vw_strict_flag(vw_implicit_name((enum vw_implicit)i));
        assert_int_equal(vw_implicit_strict((vw_implicit_set)1 << i), VW_STRICT_ALL & ~flag);
    }
    for (unsigned flag = 1; flag & VW_STRICT_ALL; flag <<= 1) {
        struct vw_error err = VW_ERROR_INIT;
        vw_implicit_set set = 0;
        assert_int_equal(vw_implicit_add(vw_strict_name(flag), &set, &err), 0);
        assert_int_equal(vw_implicit_strict(set), VW_STRICT_ALL & ~flag);
    }
}

static void the_list_has_a_line_each(void **state)
{
    char *text = NULL;
    size_t len, lines = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    vw_implicit_list(out);
    assert_int_equal(fclose(out), 0);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        const char *name = vw_implicit_name((enum vw_implicit)lines);
        assert_int_equal(strncmp(line, name, strlen(name)), 0);
        assert_int_equal(line[strlen(name)], '\t');
        /* Clauses, and behind them what the check is. */
        char *clauses = line + strlen(name) + 1, *about = strchr(clauses, '\t');
        assert_non_null(about);
        *about++ = '\0';
        for (char *clause = clauses; clause;) {
            char *next = strchr(clause, ' ');
            if (next)
                *next++ = '\0';
            if (!vw_clause_valid(clause))
                fail_msg("%s: no clause: %s", name, clause);
            clause = next;
        }
        assert_non_null(strchr(about, ' '));
        assert_null(strchr(about, '\t'));
    }
    assert_int_equal(lines, VW_IMPLICITS);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_one_check),
        cmocka_unit_test(names_add_up),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(checks_of_bodies_are_those_of_the_codec),
        cmocka_unit_test(the_list_has_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
