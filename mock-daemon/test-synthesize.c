// SPDX-License-Identifier: MIT
// With --synthesize every call that is not modelled and opens no stream is answered with a value:
// it is valid, the same for the same question and seed, and another for others.
#include <stdlib.h>
#include <string.h>

#include "mock-daemon/synthesize.h"
#include "mock-daemon/testing.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

/* What a daemon with a seed answers to each call with the smallest arguments. */
struct answers {
    struct vw_buf bytes; /* of all that are made up */
    unsigned made, refused;
    unsigned kinds; /* of the typed parameters in them: a set of their numbers */
};

static const char *const programs[] = {"remote", "qemu", "lxc"};

/* The kinds of the typed parameters in the lists of a result. */
static unsigned kinds_in(const struct vw_type *t, const void *value)
{
    unsigned kinds = 0;
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (f->type->kind != VW_ARRAY || !f->type->elem->name ||
            strcmp(f->type->elem->name, "remote_typed_param") != 0)
            continue;
        const struct vw_list *list = (const void *)((const uint8_t *)value + f->offset);
        const struct remote_typed_param *params = list->items;
        for (uint32_t k = 0; k < list->count; k++)
            kinds |= 1u << params[k].value.type;
    }
    return kinds;
}

/* Valid is what comes out of its value again, byte for byte. */
static void take_value(struct answers *a, const struct vw_proc *proc, const struct reply *r)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf again = VW_BUF_INIT;
    void *value;
    size_t used;
    if (proc->ret) {
        if (vw_xdr_decode(proc->ret, r->body, r->len, &arena, &value, &used, NULL) < 0)
            fail_msg("%s: its value cannot be decoded", proc->short_name);
        assert_int_equal(vw_xdr_encode(proc->ret, value, &again, SIZE_MAX, NULL), 0);
        a->kinds |= kinds_in(proc->ret, value);
    }
    assert_int_equal(again.len, r->len);
    if (r->len > 0)
        assert_memory_equal(again.data, r->body, r->len);
    assert_int_equal(vw_buf_append(&a->bytes, r->body, r->len), 0);
    a->made++;
    vw_buf_finish(&again);
    vw_arena_finish(&arena);
}

static void ask(struct peer *p, const struct vw_proc *proc, struct answers *a)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *args = NULL;
    if (proc->args)
        assert_int_equal(vw_value_minimal(proc->args, &arena, &args, NULL), 0);
    const struct reply r = proc->args ? peer_call_with(p, proc, args) : peer_call(p, proc, NULL, 0);
    if (vw_synthesize_can(proc)) {
        if (r.header.status != VW_MSG_OK)
            fail_msg("%s: %d/%d", proc->short_name, reply_error(&r).code, reply_error(&r).domain);
        take_value(a, proc, &r);
    } else {
        assert_int_equal(reply_error(&r).code, VW_ERR_NO_SUPPORT);
        a->refused++;
    }
    vw_arena_finish(&arena);
}

static void ask_all(struct answers *a, uint64_t seed)
{
    struct peer p;
    *a = (struct answers){.bytes = VW_BUF_INIT};
    peer_start(&p, NULL, NULL);
    p.daemon.synthesize = true;
    p.daemon.model.seed = seed;
    peer_open(&p, 0);
    for (size_t k = 0; k < sizeof(programs) / sizeof(programs[0]); k++) {
        const struct vw_program *program =
            vw_schema_program_named(p.daemon.profile->schema, programs[k]);
        for (uint32_t i = 0; i < program->n_procs; i++) {
            const struct vw_proc *proc = &program->procs[i];
            if (proc->kind == VW_PROC_CALL && !vw_dispatch_entry(p.daemon.dispatch, proc)->row)
                ask(&p, proc, a);
        }
    }
    peer_stop(&p);
}

static bool are_same(const struct answers *a, const struct answers *b)
{
    return a->bytes.len == b->bytes.len && memcmp(a->bytes.data, b->bytes.data, a->bytes.len) == 0;
}

static void each_is_answered(void **state)
{
    enum { EVERY_KIND = 0xfe, SEEDS = 6 };
    struct answers first, now;
    ask_all(&first, 1);
    assert_true(first.made > 0);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        ask_all(&now, seed);
        assert_int_equal(are_same(&first, &now), seed == 1);
        first.kinds |= now.kinds;
        vw_buf_finish(&now.bytes);
    }
    assert_int_equal(first.kinds, EVERY_KIND);
    vw_buf_finish(&first.bytes);
}

/* The same question twice, and another one, on one connection; a read-only one is refused as ever.
 */
static void by_the_question(void **state)
{
    struct peer p;
    peer_start(&p, NULL, NULL);
    p.daemon.synthesize = true;
    peer_open(&p, 0);
    const struct vw_proc *proc = peer_proc(&p, "qemu.domain_monitor_command");
    struct qemu_domain_monitor_command_args args = {.cmd = VW_STRING("info")};
    uint8_t said[3][4096];
    size_t len[3];
    for (size_t i = 0; i < 3; i++) {
        args.flags = i / 2;
        const struct reply r = peer_call_with(&p, proc, &args);
        assert_int_equal(r.header.status, VW_MSG_OK);
        len[i] = r.len;
        assert_true(r.len > 0 && r.len <= sizeof(said[i]));
        memcpy(said[i], r.body, r.len);
    }
    assert_true(len[0] == len[1] && memcmp(said[0], said[1], len[0]) == 0);
    assert_false(len[0] == len[2] && memcmp(said[0], said[2], len[0]) == 0);
    p.listener.read_only = true;
    peer_reconnect(&p, NULL);
    peer_open(&p, 1);
    const struct reply r = peer_call_with(&p, proc, &args);
    assert_int_equal(reply_error(&r).code, VW_ERR_OPERATION_DENIED);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_answered),
        cmocka_unit_test(by_the_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
