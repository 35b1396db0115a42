// SPDX-License-Identifier: MIT
// Compiles a type into its flat list of operations. Done once per type; the list is kept in the
// type and freed with the schema.
#include <stdlib.h>

#include "base/room.h"
#include "xdr/code.h"

/* A type that needs more is refused: inlining must not blow up on a schema that nests by value. */
#define MAX_OPS     65536u
#define MAX_NESTING 128u
#define MAX_DENSE   256u

struct compiler {
    struct vw_code *code;
    struct vw_op *ops; /* growing; copied into the arena at the end */
    uint32_t n, cap;
    uint32_t nesting;
    struct vw_error *err;
};

static const uint8_t scalar_ops[] = {
    [VW_INT] = VW_OP_W32,    [VW_UINT] = VW_OP_W32,   [VW_HYPER] = VW_OP_W64,
    [VW_UHYPER] = VW_OP_W64, [VW_BOOL] = VW_OP_BOOL,  [VW_CHAR] = VW_OP_I8,
    [VW_UCHAR] = VW_OP_U8,   [VW_SHORT] = VW_OP_I16,  [VW_USHORT] = VW_OP_U16,
    [VW_FLOAT] = VW_OP_W32,  [VW_DOUBLE] = VW_OP_W64, [VW_ENUM] = VW_OP_W32,
};

static int emit(struct compiler *c, struct vw_op op)
{
    if (c->n == MAX_OPS)
        return vw_error_set(c->err, VW_ELIMIT, "a type takes more than %u operations", MAX_OPS);
    struct vw_op *ops = vw_room(c->ops, c->n, sizeof(*ops));
    if (!ops)
        return vw_error_nomem(c->err);
    c->ops = ops;
    c->ops[c->n++] = op;
    return 0;
}

static int emit_value(struct compiler *c, const struct vw_type *t, uint32_t off);

static int emit_array(struct compiler *c, const struct vw_type *t, uint32_t off)
{
    bool scalar = vw_kind_is_scalar(t->elem->kind);
    bool fixed = t->kind == VW_FIXED_ARRAY;
    struct vw_op op = {
        .code = fixed ? (scalar ? VW_OP_REPEAT_BULK : VW_OP_REPEAT)
                      : (scalar ? VW_OP_BULK : VW_OP_LIST),
        .aux = scalar ? scalar_ops[t->elem->kind] : 0,
        .off = off,
        .arg = t->max,
        .ptr = t->elem,
    };
    return emit(c, op);
}

static int compare_targets(const void *a, const void *b)
{
    const struct vw_arm_target *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Spreads the sorted sparse list over dense[] where that stays small. */
static int make_dense(struct compiler *c, struct vw_arm_table *table)
{
    if (!table->n_sparse)
        return 0;
    const struct vw_arm_target *s = table->sparse;
    uint64_t range = (uint64_t)((int64_t)s[table->n_sparse - 1].value - s[0].value) + 1;
    if (range > MAX_DENSE)
        return 0;
    struct vw_arm_target *dense = vw_arena_zalloc(&c->code->arena, range * sizeof(*dense), 8);
    if (!dense)
        return vw_error_nomem(c->err);
    for (uint64_t i = 0; i < range; i++)
        dense[i] = table->otherwise;
    for (uint32_t i = 0; i < table->n_sparse; i++)
        dense[(uint32_t)s[i].value - (uint32_t)s[0].value] = s[i];
    table->base = s[0].value;
    table->n_dense = (uint32_t)range;
    table->dense = dense;
    return 0;
}

static int emit_arm(struct compiler *c, const struct vw_field *arm, uint32_t off)
{
    if (arm->boxed)
        return emit(c,
                    (struct vw_op){.code = VW_OP_BOX, .off = off + arm->offset, .ptr = arm->type});
    return emit_value(c, arm->type, off + arm->offset);
}

/* Arms follow the union's operation, each with a jump behind the last of them. */
static int emit_union(struct compiler *c, const struct vw_type *t, uint32_t off)
{
    uint32_t at = c->n;
    struct vw_arm_table *table = vw_arena_zalloc(&c->code->arena, sizeof(*table), 8);
    uint32_t cases = 0;
    for (uint32_t i = 0; i < t->n_fields; i++)
        cases += t->fields[i].n_cases;
    struct vw_arm_target *sparse = vw_arena_zalloc(&c->code->arena, cases * sizeof(*sparse), 8);
    uint32_t *jumps = vw_arena_zalloc(&c->code->arena, t->n_fields * sizeof(*jumps), 4);
    if (!table || !sparse || !jumps)
        return vw_error_nomem(c->err);
    int rc = emit(c, (struct vw_op){.code = VW_OP_UNION, .off = off, .ptr = table});
    uint64_t smallest = t->wire_min - 4;
    for (uint32_t i = 0; !rc && i < t->n_fields; i++) {
        const struct vw_field *arm = &t->fields[i];
        struct vw_arm_target target = {.ahead = c->n - at, .extra = arm->type->wire_min - smallest};
        if (arm->is_default)
            table->otherwise = target;
        for (uint32_t k = 0; k < arm->n_cases; k++) {
            target.value = arm->cases[k];
            sparse[table->n_sparse++] = target;
        }
        rc = emit_arm(c, arm, off);
        jumps[i] = c->n;
        if (!rc)
            rc = emit(c, (struct vw_op){.code = VW_OP_JUMP});
    }
    if (rc)
        return rc;
    for (uint32_t i = 0; i < t->n_fields; i++)
        c->ops[jumps[i]].arg = c->n - jumps[i];
    qsort(sparse, table->n_sparse, sizeof(*sparse), compare_targets);
    table->sparse = sparse;
    return make_dense(c, table);
}

static int emit_struct(struct compiler *c, const struct vw_type *t, uint32_t off)
{
    int rc = 0;
    for (uint32_t i = 0; !rc && i < t->n_fields; i++)
        rc = emit_value(c, t->fields[i].type, off + t->fields[i].offset);
    return rc;
}

static int emit_nested(struct compiler *c, const struct vw_type *t, uint32_t off)
{
    if (c->nesting == MAX_NESTING)
        return vw_error_set(c->err, VW_ELIMIT, "a type nests deeper than %u", MAX_NESTING);
    c->nesting++;
    int rc = t->kind == VW_STRUCT ? emit_struct(c, t, off) : emit_union(c, t, off);
    c->nesting--;
    return rc;
}

static int emit_value(struct compiler *c, const struct vw_type *t, uint32_t off)
{
    switch (t->kind) {
    case VW_VOID:
        return 0;
    case VW_STRING:
        return emit(c, (struct vw_op){.code = VW_OP_STRING, .off = off, .arg = t->max});
    case VW_OPAQUE:
        return emit(c, (struct vw_op){.code = VW_OP_OPAQUE, .off = off, .arg = t->max});
    case VW_FIXED_OPAQUE:
        return emit(c, (struct vw_op){.code = t->max == 16 ? VW_OP_BYTES16 : VW_OP_BYTES,
                                      .off = off,
                                      .arg = t->max});
    case VW_FIXED_ARRAY:
    case VW_ARRAY:
        return emit_array(c, t, off);
    case VW_OPTIONAL:
        return emit(c, (struct vw_op){.code = VW_OP_OPTIONAL, .off = off, .ptr = t->elem});
    case VW_STRUCT:
    case VW_UNION:
        return emit_nested(c, t, off);
    default:
        return emit(c, (struct vw_op){.code = scalar_ops[t->kind], .off = off});
    }
}

static void code_free(const struct vw_attachment *a)
{
    struct vw_code *c = (struct vw_code *)(uintptr_t)a;
    vw_arena_finish(&c->arena);
    free(c);
}

/* A jump to a jump, or to the end, becomes what it leads to: one step less for the arm of a union
 * that ends its struct. */
static void thread_jumps(struct compiler *c)
{
    for (uint32_t i = c->n; i-- > 0;) {
        struct vw_op *op = &c->ops[i];
        if (op->code != VW_OP_JUMP)
            continue;
        const struct vw_op *target = op + op->arg;
        if (target->code == VW_OP_END)
            *op = *target;
        else if (target->code == VW_OP_JUMP)
            op->arg += target->arg;
    }
}

/* Operations into the arena: one block that lives as long as the code. */
static int keep_ops(struct compiler *c)
{
    struct vw_op *ops = vw_arena_alloc(&c->code->arena, c->n * sizeof(*ops), 8);
    if (!ops)
        return vw_error_nomem(c->err);
    memcpy(ops, c->ops, c->n * sizeof(*ops));
    c->code->ops = ops;
    c->code->n_ops = c->n;
    return 0;
}

const struct vw_code *vw_code_make(const struct vw_type *t, struct vw_error *err)
{
    struct compiler c = {.code = calloc(1, sizeof(*c.code)), .err = err};
    if (!c.code) {
        vw_error_nomem(err);
        return NULL;
    }
    c.code->attachment.destroy = code_free;
    int rc = emit_value(&c, t, 0);
    if (!rc)
        rc = emit(&c, (struct vw_op){.code = VW_OP_END});
    if (!rc) {
        thread_jumps(&c);
        rc = keep_ops(&c);
    }
    free(c.ops);
    if (rc) {
        code_free(&c.code->attachment);
        return NULL;
    }
    /* Another thread may have been faster: its list is the same, ours goes. */
    const struct vw_attachment *mine = &c.code->attachment, *expected = NULL;
    if (__atomic_compare_exchange_n((const struct vw_attachment **)(uintptr_t)&t->attached,
                                    &expected, mine, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return c.code;
    code_free(mine);
    return (const struct vw_code *)expected;
}

const struct vw_arm_target *vw_arm_find_sparse(const struct vw_arm_table *t, int32_t value)
{
    if (t->n_dense || !t->n_sparse)
        return &t->otherwise;
    struct vw_arm_target key = {.value = value};
    const struct vw_arm_target *found =
        bsearch(&key, t->sparse, t->n_sparse, sizeof(key), compare_targets);
    return found ? found : &t->otherwise;
}
