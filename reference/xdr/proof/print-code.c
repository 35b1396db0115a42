// SPDX-License-Identifier: MIT
// Prints the operations of the types of a .x file as C tables for CBMC, which cannot read it:
// print-code FILE.x. MADE_TYPES lists the types that have a name, each with its table.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "xdr/code.h"

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "print-code: %s\n", what);
    exit(3);
}

static void print_target(const struct vw_arm_target *t)
{
    printf("{.value = (int32_t)%" PRIu32 "u, .ahead = %" PRIu32 ", .extra = %" PRIu64 "}",
           (uint32_t)t->value, t->ahead, t->extra);
}

static void print_targets(const char *what, const struct vw_arm_target *list, uint32_t n)
{
    printf("    .%s = (const struct vw_arm_target[]){", what);
    for (uint32_t i = 0; i < n; i++) {
        print_target(&list[i]);
        printf(", ");
    }
    printf("},\n");
}

static void print_arms(const struct vw_arm_table *t, size_t type, uint32_t op)
{
    printf("static const struct vw_arm_table arms_%zu_%" PRIu32
           " = {\n    .base = (int32_t)%" PRIu32 "u, .n_dense = %" PRIu32 ", .n_sparse = %" PRIu32
           ",\n    .otherwise = ",
           type, op, (uint32_t)t->base, t->n_dense, t->n_sparse);
    print_target(&t->otherwise);
    printf(",\n");
    if (t->n_dense)
        print_targets("dense", t->dense, t->n_dense);
    print_targets("sparse", t->sparse, t->n_sparse);
    printf("};\n");
}

/* ---- types by the order in which they are met ---- */

#define MAX_TYPES 64u

static const struct vw_type *met[MAX_TYPES];
static size_t n_met;

static size_t number_of(const struct vw_type *t)
{
    size_t i = 0;
    while (i < n_met && met[i] != t)
        i++;
    if (i == MAX_TYPES)
        die("too many types");
    if (i == n_met)
        met[n_met++] = t;
    return i;
}

static const struct vw_code *code_of(size_t type)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_code *code = vw_code_of(met[type], &err);
    if (!code)
        die(err.text);
    return code;
}

static void print_op(const struct vw_op *op, size_t type, uint32_t i)
{
    printf("    {.code = %u, .aux = %u, .off = %" PRIu32 ", .arg = %" PRIu32, op->code, op->aux,
           op->off, op->arg);
    if (op->code == VW_OP_UNION)
        printf(", .ptr = &arms_%zu_%" PRIu32, type, i);
    else if (op->ptr)
        printf(", .ptr = &type_%zu", number_of(op->ptr));
    printf("},\n");
}

static void meet_all(void)
{
    for (size_t type = 0; type < n_met; type++) {
        const struct vw_code *code = code_of(type);
        for (uint32_t i = 0; i < code->n_ops; i++) {
            if (code->ops[i].ptr && code->ops[i].code != VW_OP_UNION)
                number_of(code->ops[i].ptr);
        }
    }
}

static void print_type(size_t type)
{
    const struct vw_type *t = met[type];
    const struct vw_code *code = code_of(type);
    for (uint32_t i = 0; i < code->n_ops; i++) {
        if (code->ops[i].code == VW_OP_UNION)
            print_arms(code->ops[i].ptr, type, i);
    }
    printf("static const struct vw_op ops_%zu[] = {\n", type);
    for (uint32_t i = 0; i < code->n_ops; i++)
        print_op(&code->ops[i], type, i);
    printf("};\nstatic const struct vw_code code_%zu = {.ops = ops_%zu, .n_ops = %" PRIu32
           "};\nstatic const struct vw_type type_%zu = {.size = %" PRIu32 ", .align = %" PRIu32
           ", .wire_min = %" PRIu64 ",\n    .attached = &code_%zu.attachment};\n",
           type, type, code->n_ops, type, t->size, t->align, t->wire_min, type);
}

int main(int argc, char **argv)
{
    struct vw_schema *s;
    struct vw_error err = VW_ERROR_INIT;
    size_t n_named;
    if (argc != 2)
        die("a .x file is missing");
    if (vw_schema_create(&s) || vw_schema_add_file(s, argv[1], false, &err) ||
        vw_schema_finish(s, &err))
        die(err.text);
    const struct vw_type *const *named = vw_schema_types(s, &n_named);
    for (size_t i = 0; i < n_named; i++)
        number_of(named[i]);
    meet_all();
    for (size_t i = 0; i < n_met; i++)
        printf("static const struct vw_type type_%zu;\n", i);
    for (size_t i = 0; i < n_met; i++)
        print_type(i);
    printf("#define MADE_TYPES(X)");
    for (size_t i = 0; i < n_named; i++)
        printf(" X(%s, type_%zu)", named[i]->name, number_of(named[i]));
    printf("\n");
    vw_schema_destroy(s);
    return 0;
}
