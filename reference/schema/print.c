// SPDX-License-Identifier: MIT
// Types as .x files spell them.
#include <inttypes.h>

#include "schema/internal.h"

static void print_bound(const struct vw_type *t, bool names, FILE *out)
{
    bool fixed = t->kind == VW_FIXED_OPAQUE || t->kind == VW_FIXED_ARRAY;
    fputc(fixed ? '[' : '<', out);
    if (names && t->max_name)
        fputs(t->max_name, out);
    else if (fixed || t->max != VW_UNBOUNDED)
        fprintf(out, "%u", t->max);
    fputc(fixed ? ']' : '>', out);
}

static void print_type(const struct vw_type *t, bool names, unsigned depth, FILE *out);

static void print_fields(const struct vw_type *t, bool names, unsigned depth, FILE *out)
{
    fputs(" {", out);
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        fputc(' ', out);
        for (uint32_t k = 0; k < f->n_cases; k++)
            fprintf(out, "case %" PRId64 ": ", vw_type_case(t, f->cases[k]));
        if (f->is_default)
            fputs("default: ", out);
        print_type(f->type, names, depth + 1, out);
        if (f->name)
            fprintf(out, " %s", f->name);
        fputc(';', out);
    }
    fputs(" }", out);
}

/* A type that has no name of its own. */
static void print_shape(const struct vw_type *t, bool names, unsigned depth, FILE *out)
{
    switch (t->kind) {
    case VW_STRING:
        fputs("string", out);
        print_bound(t, names, out);
        break;
    case VW_OPAQUE:
    case VW_FIXED_OPAQUE:
        fputs("opaque", out);
        print_bound(t, names, out);
        break;
    case VW_ARRAY:
    case VW_FIXED_ARRAY:
        print_type(t->elem, names, depth + 1, out);
        print_bound(t, names, out);
        break;
    case VW_OPTIONAL:
        print_type(t->elem, names, depth + 1, out);
        fputs(" *", out);
        break;
    case VW_ENUM:
        fputs("enum {", out);
        for (uint32_t i = 0; i < t->n_members; i++)
            fprintf(out, "%s %s = %d", i ? "," : "", t->members[i].name, t->members[i].value);
        fputs(" }", out);
        break;
    case VW_UNION:
        fputs("union switch (", out);
        print_type(t->disc->type, names, depth + 1, out);
        fprintf(out, " %s)", t->disc->name);
        print_fields(t, names, depth, out);
        break;
    case VW_STRUCT:
        fputs("struct", out);
        print_fields(t, names, depth, out);
        break;
    default:
        fputs(vw_kind_name(t->kind), out);
    }
}

/* Types without a name cannot be recursive, and vw_layout has bounded their depth. */
static void print_type(const struct vw_type *t, bool names, unsigned depth, FILE *out)
{
    if (t->name)
        fputs(t->name, out);
    else if (depth < VW_SCHEMA_MAX_DEPTH)
        print_shape(t, names, depth, out);
}

void vw_type_print(const struct vw_type *t, FILE *out)
{
    print_type(t, true, 0, out);
}

void vw_type_print_shape(const struct vw_type *t, bool names, FILE *out)
{
    if (t->alias_of)
        print_type(t->alias_of, names, 0, out);
    else
        print_shape(t, names, 0, out);
}

void vw_type_print_plain(const struct vw_type *t, FILE *out)
{
    print_type(t, false, 0, out);
}
