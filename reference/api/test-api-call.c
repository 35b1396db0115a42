// SPDX-License-Identifier: MIT
// The common part of the typed functions: what the profile has in the shape that the caller was
// compiled for is called; of anything else nothing is sent.
#include "api/api.h"
#include "client/testing/peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void answer(struct peer *p, const struct seen *call)
{
    peer_reply(p, call, "\0\0\0\4TEST", 8);
}

static struct vw_api_shape shape_of(const struct vw_type *t)
{
    if (!t)
        return (struct vw_api_shape){0};
    return (struct vw_api_shape){t->size, t->wire_min, t->wire_max};
}

static struct vw_api_proc made(const char *name)
{
    const struct vw_proc *p = peer_proc(name);
    return (struct vw_api_proc){.name = "remote.it",
                                .program = p->program->number,
                                .version = p->program->version,
                                .number = p->number,
                                .args = shape_of(p->args),
                                .ret = shape_of(p->ret)};
}

static void what_fits_is_called(void **state)
{
    static struct peer p;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_api_proc proc = made("connect_get_type");
    void *ret = NULL;
    p.answer = answer;
    struct vw_client *c = peer_client(&p, 0);
    assert_int_equal(vw_api_call(c, &proc, NULL, &arena, &ret, &err), 0);
    assert_string_equal(((const struct vw_string *)ret)->data, "TEST");
    /* Whoever does not want the result needs no arena. */
    assert_int_equal(vw_api_call(c, &proc, NULL, NULL, NULL, &err), 0);
    assert_string_equal(peer_names(&p), "connect_get_type connect_get_type");
    vw_arena_finish(&arena);
    vw_client_destroy(c);
    peer_finish(&p);
}

/* Fails with WORDS, and nothing is sent. */
static void refused(const struct vw_api_proc *proc, const char *words)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    char want[100];
    p.answer = answer;
    struct vw_client *c = peer_client(&p, 0);
    assert_int_equal(vw_api_call(c, proc, NULL, NULL, NULL, &err), VW_EUSAGE);
    snprintf(want, sizeof(want), "profile 9.0.0 has %s", words);
    assert_string_equal(err.text, want);
    assert_string_equal(peer_names(&p), "");
    vw_client_destroy(c);
    peer_finish(&p);
}

static void what_is_not_there_is_not_called(void **state)
{
    struct vw_api_proc rows[3];
    for (size_t i = 0; i < COUNT(rows); i++)
        rows[i] = made("connect_get_type");
    rows[0].program = 1;
    rows[1].version++;
    rows[2].number = 9999;
    for (size_t i = 0; i < COUNT(rows); i++)
        refused(&rows[i], "no remote.it");
}

static void another_shape_is_not_called(void **state)
{
    static const char *const names[] = {"connect_get_type", "domain_lookup_by_name",
                                        "connect_close", "domain_suspend"};
    for (size_t i = 0; i < COUNT(names); i++)
        for (int side = 0; side < 2; side++)
            for (int what = 0; what < 3; what++) {
                struct vw_api_proc proc = made(names[i]);
                struct vw_api_shape *s = side ? &proc.ret : &proc.args;
                /* Of nothing the size alone says that it is nothing. */
                if (s->size == 0 && what > 0)
                    continue;
                s->size += what == 0;
                s->wire_min += what == 1;
                s->wire_max += what == 2;
                refused(&proc, "remote.it in another shape");
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_called),
        cmocka_unit_test(what_is_not_there_is_not_called),
        cmocka_unit_test(another_shape_is_not_called),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
