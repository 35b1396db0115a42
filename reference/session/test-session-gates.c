// SPDX-License-Identifier: MIT
// The gates of a server, for every call of every program: which pass before authentication, and
// which before the open.
#include "session/testing.h"

#include <stdio.h>

#include "xdr/values.h"

/* Feeds a call of PROC with the smallest arguments. */
static void feed_smallest(struct vw_session *s, const struct vw_proc *proc)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf b = VW_BUF_INIT;
    void *value;
    if (proc->args) {
        assert_int_equal(vw_value_minimal(proc->args, &arena, &value, NULL), 0);
        assert_int_equal(vw_xdr_encode(proc->args, value, &b, SIZE_MAX, NULL), 0);
    }
    test_feed(s, VW_SIDE_CLIENT, proc->program->number, proc->program->version, proc->number,
              VW_MSG_CALL, 1, VW_MSG_OK, b.data, b.len);
    vw_buf_finish(&b);
    vw_arena_finish(&arena);
}

/* The calls that are not refused with CLAUSE, as "remote.open remote.close"; programs of which all
 * pass as "lock.*". */
static void expect_passing(const char *profile, bool authenticated, const char *clause,
                           const char *wanted)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile(profile), .auth_required = true};
    struct vw_session *s;
    static char got[1 << 16]; /* every call, where a gate is open */
    size_t n, at = 0;
    assert_int_equal(vw_session_create(&o, &s, NULL), 0);
    vw_session_set_authenticated(s, authenticated);
    const struct vw_program *const *list = vw_schema_programs(o.profile->schema, &n);
    for (size_t i = 0; i < n; i++) {
        size_t start = at;
        bool all = true;
        for (uint32_t k = 0; k < list[i]->n_procs; k++) {
            const struct vw_proc *proc = &list[i]->procs[k];
            if (proc->kind != VW_PROC_CALL)
                continue;
            feed_smallest(s, proc);
            struct vw_event ev = test_next(s);
            const uint8_t *bytes;
            test_take(s, &bytes);
            if (ev.kind == VW_EVENT_CALL)
                at += (size_t)snprintf(got + at, sizeof(got) - at, "%s.%s ", list[i]->name,
                                       proc->short_name);
            else
                assert_string_equal(ev.clause, clause);
            all = all && ev.kind == VW_EVENT_CALL;
        }
        if (all && at > start)
            at = start + (size_t)snprintf(got + start, sizeof(got) - start, "%s.* ", list[i]->name);
    }
    got[at] = '\0';
    assert_string_equal(got, wanted);
    vw_session_destroy(s);
}

static void before_authentication(void **state)
{
    static const char wanted[] = "remote.auth_list remote.auth_sasl_init remote.auth_sasl_start "
                                 "remote.auth_sasl_step remote.auth_polkit ";
    expect_passing("9.0.0", false, "D-11", wanted);
    expect_passing("12.8.0", false, "D-11", wanted);
}

static void before_the_open(void **state)
{
    static const char wanted[] =
        "admin.* lock.* log.* remote.connect_open "
        "remote.connect_close remote.auth_list remote.auth_sasl_init remote.auth_sasl_start "
        "remote.auth_sasl_step remote.auth_polkit ";
    expect_passing("9.0.0", true, "D-12", wanted);
    expect_passing("12.8.0", true, "D-12", wanted);
    expect_passing("0.3.0", true, "D-12", "remote.open ");
}

/* A feature may be asked before the open if it is that of keepalive, and asked whole. */
static void the_feature_of_keepalive(void **state)
{
    static const struct {
        const char *body;
        size_t len;
        const char *clause;
        int32_t procedure;
    } rows[] = {
        {"\0\0\0\12", 4, "", SUPPORTS_FEATURE},
        {"\0\0\0\12\0", 5, "", SUPPORTS_FEATURE},
        {"\0\0\0\11", 4, "D-12", SUPPORTS_FEATURE},
        {"\0\0\0\13", 4, "D-12", SUPPORTS_FEATURE},
        {"\1\0\0\12", 4, "D-12", SUPPORTS_FEATURE},
        {"\0\0\0", 3, "D-9", SUPPORTS_FEATURE},
        /* The number alone opens nothing. */
        {"\0\0\0\12", 4, "D-12", LOOKUP_BY_ID},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_session *s = test_session(VW_ROLE_SERVER, "9.0.0");
        const uint8_t *bytes;
        test_feed_call(s, rows[i].procedure, 1, rows[i].body, rows[i].len);
        struct vw_event ev = test_expect(s, *rows[i].clause ? VW_EVENT_REFUSED : VW_EVENT_CALL);
        assert_string_equal(ev.clause, rows[i].clause);
        test_take(s, &bytes);
        vw_session_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_authentication),
        cmocka_unit_test(before_the_open),
        cmocka_unit_test(the_feature_of_keepalive),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
