// SPDX-License-Identifier: MIT
// Conditions as text, their parts, and that a covering array covers.
#include "base/testing/test.h"

#include <string.h>

#include "conformance/play/condition.h"

static struct vw_conditions of(size_t n)
{
    static const struct vw_uri unix_uri = {.transport = VW_TRANSPORT_UNIX};
    static const struct vw_uri tcp = {.transport = VW_TRANSPORT_TCP};
    static const struct vw_uri *const uris[] = {&unix_uri, &tcp, &tcp};
    struct vw_conditions all;
    vw_conditions_of(&all, uris, n);
    return all;
}

static void texts(void **state)
{
    static const struct {
        const char *text, *again; /* AGAIN NULL: an error */
    } rows[] = {
        {"bytes=byte", "bytes=byte"},
        {"transport=tcp2,bytes=fields", "bytes=fields,transport=tcp2"},
        {"flight=16,bytes=glued-behind,transport=tcp",
         "bytes=glued-behind,flight=16,transport=tcp"},
        {"bytes=whole,flight=1,transport=unix", ""},
        {"", NULL},
        {"bytes", NULL},
        {"bytes=", NULL},
        {"bytes=bytes", NULL},
        {"byte=byte", NULL},
        {"bytes=byte,,flight=16", NULL},
        {"transport=tls", NULL},
    };
    const struct vw_conditions all = of(3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_condition c;
        char buf[VW_CONDITION_ROOM];
        int rc = vw_condition_parse(&all, rows[i].text, &c, &err);
        assert_int_equal(rc, rows[i].again ? 0 : VW_EUSAGE);
        if (rows[i].again)
            assert_string_equal(vw_condition_text(&all, &c, buf), rows[i].again);
        else
            assert_non_null(strstr(err.text, "flight=1, flight=16, transport=unix, "));
    }
}

static void parts(void **state)
{
    const struct vw_condition c = {{2, 1, 1}};
    assert_int_equal(vw_condition_size(&c), 3);
    const struct vw_condition part = vw_condition_part(&c, 1u << VW_FACTOR_FLIGHT);
    assert_int_equal(vw_condition_size(&part), 1);
    assert_int_equal(part.value[VW_FACTOR_FLIGHT], 1);
}

static bool has(const struct vw_condition *rows, size_t n, const unsigned *want, unsigned mask)
{
    bool found = false;
    for (size_t i = 0; i < n && !found; i++) {
        found = true;
        for (unsigned f = 0; f < VW_FACTORS; f++)
            found = found && (!(mask >> f & 1) || rows[i].value[f] == want[f]);
    }
    return found;
}

/* Each tuple is in a row or in the usual one, and no two runs differ. */
static void covers(void **state)
{
    static const struct {
        size_t uris;
        unsigned t;
        size_t most;
    } rows[] = {{1, 1, 4}, {1, 2, 9}, {2, 1, 4}, {2, 2, 11}, {3, 2, 15}, {3, 3, 29}, {2, 9, 19}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vw_conditions all = of(rows[i].uris);
        struct vw_condition list[VW_CONDITION_LEVELS + 1] = {{{0}}}, again[VW_CONDITION_LEVELS];
        unsigned t = rows[i].t < VW_FACTORS ? rows[i].t : VW_FACTORS;
        size_t n = vw_conditions_cover(&all, rows[i].t, list + 1);
        assert_in_range(n, 1, rows[i].most);
        assert_int_equal(vw_conditions_cover(&all, rows[i].t, again), n);
        assert_memory_equal(list + 1, again, n * sizeof(*again));
        for (unsigned at = 0; at < all.levels[0] * all.levels[1] * all.levels[2]; at++) {
            const unsigned want[] = {at % all.levels[0], at / all.levels[0] % all.levels[1],
                                     at / all.levels[0] / all.levels[1]};
            for (unsigned mask = 0; mask < 1u << VW_FACTORS; mask++)
                if ((unsigned)__builtin_popcount(mask) == t)
                    assert_true(has(list, n + 1, want, mask));
        }
    }
}

/* The server of a case about clients has its own. */
static void clients(void **state)
{
    struct vw_conditions plain, tls;
    struct vw_condition c;
    struct vw_error err = VW_ERROR_INIT;
    vw_conditions_of_clients(&plain, false);
    vw_conditions_of_clients(&tls, true);
    assert_int_equal(vw_condition_parse(&tls, "bytes=glued-before,transport=tls", &c, &err), 0);
    assert_int_equal(c.value[VW_FACTOR_BYTES], VW_BYTES_GLUED_BEFORE);
    assert_int_equal(c.value[VW_FACTOR_TRANSPORT], 2);
    assert_int_equal(vw_condition_parse(&plain, "transport=tls", &c, &err), VW_EUSAGE);
    assert_int_equal(vw_condition_parse(&tls, "flight=16", &c, &err), 0);
    assert_int_equal(vw_condition_parse(&tls, "bytes=glued-behind", &c, &err), VW_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(parts),
        cmocka_unit_test(covers),
        cmocka_unit_test(clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
