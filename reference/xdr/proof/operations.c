// SPDX-License-Identifier: MIT
// Each operation of the decoder, from any state that the loop can be in. The state between two
// operations is: what is left of the input is what is set aside, for this operation (OWN) and for
// those behind it (REST), and the slack. An operation that keeps this, reads nothing else and takes
// of the arena no more than its share keeps it whatever comes before and after.
#include "xdr/proof/model.h"

/* A decoder somewhere in an input of MAX_INPUT bytes, so that up to so many are left. What is left
 * of the arena's chunk is any, so that both ways of alloc are taken. */
struct state {
    struct decoder d;
    struct vw_arena arena;
    uint64_t rest, slack;
    uint8_t *next;
};

static void begin(struct state *s, uint64_t own)
{
    static uint8_t input[MAX_INPUT], room[MAX_ROOM];
    size_t left = nondet_size(), free = nondet_size();
    __CPROVER_assume(left <= MAX_INPUT && left >= own && free <= MAX_ROOM);
    __CPROVER_havoc_object(input);
    s->rest = nondet_u64();
    __CPROVER_assume(s->rest <= left - own);
    s->slack = left - own - s->rest;
    s->next = room + MAX_ROOM - free;
    s->arena = (struct vw_arena){.next = s->next, .end = room + MAX_ROOM};
    s->d = (struct decoder){.p = input + MAX_INPUT - left,
                            .end = input + MAX_INPUT,
                            .slack = s->slack,
                            .next = s->next,
                            .room_end = s->arena.end,
                            .arena = &s->arena};
}

/* What must be so behind an operation that has accepted; EXTRA is what it may take for its own
 * word, alignment included. */
static void holds(const struct state *s, size_t extra)
{
    __CPROVER_assert(s->d.slack <= s->slack, "slack never grows, and is never negative");
    __CPROVER_assert(s->d.p <= s->d.end, "the cursor is within the input");
    __CPROVER_assert((uint64_t)(s->d.end - s->d.p) == s->rest + s->d.slack,
                     "what is left is what is set aside and the slack");
    uint64_t bytes = grown ? taken : (uint64_t)(s->d.next - s->next);
    __CPROVER_assert(bytes <= PER_BYTE * (s->slack - s->d.slack) + extra,
                     "memory: six bytes for each byte of slack, and a constant");
}

/* Alignment loses up to seven bytes. A word has a place of its own in the value, of at most 16
 * bytes, where it might have 24: what an operation takes on top is within those eight. */
#define OWN_WORD 8

void string(void)
{
    struct state s;
    struct vw_string out;
    uint32_t max = nondet_u32();
    begin(&s, 4);
    if (read_string(&s.d, max, &out))
        return;
    holds(&s, OWN_WORD);
    __CPROVER_assert(out.len <= max && out.data[out.len] == 0, "a string is bounded and ends");
}

void opaque(void)
{
    struct state s;
    struct vw_bytes out;
    uint32_t max = nondet_u32();
    begin(&s, 4);
    if (read_opaque(&s.d, max, &out))
        return;
    holds(&s, OWN_WORD);
    __CPROVER_assert(out.len <= max, "opaque bytes are bounded");
}

/* Any element that schema/layout.c lets into an array. */
static struct vw_type any_type(uint64_t least)
{
    struct vw_type t = {.size = nondet_u32(), .align = nondet_u32(), .wire_min = nondet_u64()};
    __CPROVER_assume(t.align == 1 || t.align == 2 || t.align == 4 || t.align == 8);
    __CPROVER_assume(t.wire_min >= least && t.size <= PER_BYTE * MAX_INPUT);
    __CPROVER_assume(t.wire_min > MAX_INPUT || t.size <= PER_BYTE * t.wire_min);
    return t;
}

void count(void)
{
    struct state s;
    struct vw_list out;
    struct vw_type elem = any_type(4);
    struct vw_op op = {.arg = nondet_u32(), .ptr = &elem};
    begin(&s, 4);
    if (read_count(&s.d, &op, &out))
        return;
    s.rest += out.count * elem.wire_min; /* for the elements */
    holds(&s, OWN_WORD);
    __CPROVER_assert(out.count <= op.arg, "a count is bounded");
    __CPROVER_assert(!out.count || __CPROVER_w_ok(out.items, (size_t)elem.size * out.count),
                     "the elements have room");
}

void presence(void)
{
    struct state s;
    struct vw_type value = any_type(0);
    void *out;
    begin(&s, 4);
    int rc = read_presence(&s.d, &value, &out);
    if (rc < 0)
        return;
    s.rest += rc ? value.wire_min : 0;
    holds(&s, OWN_WORD);
    __CPROVER_assert(rc ? __CPROVER_w_ok(out, value.size) : !out, "the value has room");
}

void arm(void)
{
    struct state s;
    struct vw_arm_target dense[3] = {{.ahead = nondet_u32(), .extra = nondet_u64()},
                                     {.ahead = nondet_u32(), .extra = nondet_u64()},
                                     {.ahead = nondet_u32(), .extra = nondet_u64()}};
    struct vw_arm_table table = {.base = nondet_int(), .n_dense = 3, .dense = dense};
    table.otherwise = dense[2];
    for (int i = 0; i < 3; i++)
        __CPROVER_assume(dense[i].ahead < 4);
    struct vw_op ops[4] = {{.code = VW_OP_UNION, .ptr = &table}};
    int32_t value;
    int rc;
    begin(&s, 4);
    const struct vw_op *to = choose_arm(&s.d, ops, (uint8_t *)&value, &rc);
    if (!to)
        return;
    s.rest += s.slack - s.d.slack;
    holds(&s, 0);
    __CPROVER_assert(to > ops && to < ops + 4, "an arm leads to one of the operations behind");
}

/* The elements of a list, one behind the other: within their room, and then behind the list. */
void level(void)
{
    static struct vw_levels levels;
    struct vw_code list = {0};
    struct vw_op ops[1] = {{.code = VW_OP_END}};
    struct vw_type elem = {.size = nondet_u32()};
    struct vw_op opens = {.code = VW_OP_LIST, .ptr = &elem};
    uint8_t around;
    struct vw_place at = {&opens, &around};
    uint32_t n = nondet_u32(), depth = nondet_u32();
    list.ops = ops;
    elem.attached = &list.attachment;
    __CPROVER_assume(n > 0 && n <= 4 && elem.size <= 24 && depth <= VW_XDR_MAX_DEPTH);
    levels.depth = depth;
    uint8_t *items = malloc(n * elem.size);
    __CPROVER_assume(items);
    int rc = vw_level_enter(&levels, &at, items, n, NULL);
    __CPROVER_assert((rc == VW_ELIMIT) == (depth == VW_XDR_MAX_DEPTH), "the depth is bounded");
    if (rc)
        return;
    for (uint32_t i = 0; i < n; i++) {
        __CPROVER_assert(at.op == ops && at.base == items + (size_t)i * elem.size,
                         "each element has its place");
        __CPROVER_assert(vw_level_next(&levels, &at), "the level ends behind its last element");
    }
    __CPROVER_assert(at.op == &opens + 1 && at.base == &around && levels.depth == depth,
                     "it goes on behind the list");
}

/* N scalars whose bytes are set aside. */
static void bulk(uint8_t code, size_t size, size_t wire)
{
    struct state s;
    uint32_t n = nondet_u32();
    __CPROVER_assume(n <= MAX_INPUT / 4);
    begin(&s, n * wire);
    void *to = malloc(n * size);
    __CPROVER_assume(to);
    read_bulk(&s.d, code, to, n);
    holds(&s, 0);
}

void bulk32(void)
{
    bulk(VW_OP_W32, 4, 4);
}

void bulk64(void)
{
    bulk(VW_OP_W64, 8, 8);
}

void bulk_bool(void)
{
    bulk(VW_OP_BOOL, sizeof(bool), 4);
}

void bulk8(void)
{
    bulk(VW_OP_I8, 1, 4);
}

void bulk16(void)
{
    bulk(VW_OP_U16, 2, 4);
}

/* An operation without a function of its own, in the loop itself: memory of exactly SIZE bytes. */
static void fixed(uint8_t code, uint32_t arg, size_t size, uint64_t wire)
{
    struct state s;
    struct vw_code list = {0};
    struct vw_op ops[2] = {{.code = code, .arg = arg}, {.code = VW_OP_END}};
    list.ops = ops;
    begin(&s, wire);
    uint8_t *base = malloc(size);
    __CPROVER_assume(base);
    int rc = run(&s.d, &list, base);
    __CPROVER_assert(!rc, "what is fixed is always accepted");
    holds(&s, 0);
}

void word32(void)
{
    fixed(VW_OP_W32, 0, 4, 4);
}

void word64(void)
{
    fixed(VW_OP_W64, 0, 8, 8);
}

void boolean(void)
{
    fixed(VW_OP_BOOL, 0, sizeof(bool), 4);
}

void word8(void)
{
    fixed(VW_OP_U8, 0, 1, 4);
}

void word16(void)
{
    fixed(VW_OP_I16, 0, 2, 4);
}

void bytes16(void)
{
    fixed(VW_OP_BYTES16, 16, 16, 16);
}

void bytes(void)
{
    uint32_t n = nondet_u32();
    __CPROVER_assume(n > 0 && n <= MAX_INPUT);
    fixed(VW_OP_BYTES, n, n, (n + 3) & ~3u);
}
