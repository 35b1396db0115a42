// SPDX-License-Identifier: MIT
// Types and procedures as text: what stands in the .x file, and what follows from it for the wire
// and for memory.
#include "cli/schema-show.h"

#include <inttypes.h>

#include "schema/facts.h"

static void put_wire(const struct vw_type *t, FILE *out)
{
    if (t->wire_min == t->wire_max)
        fprintf(out, "%" PRIu64, t->wire_min);
    else if (t->wire_max == UINT64_MAX)
        fprintf(out, "%" PRIu64 " or more", t->wire_min);
    else
        fprintf(out, "%" PRIu64 " to %" PRIu64, t->wire_min, t->wire_max);
}

/* The bound of a field as a number, where its type names a constant or is a typedef. */
static void put_bound(const struct vw_type *t, FILE *out)
{
    switch (t->kind) {
    case VW_STRING:
    case VW_OPAQUE:
    case VW_ARRAY:
        if (t->max == VW_UNBOUNDED)
            fputs("; unbounded", out);
        else
            fprintf(out, "; at most %" PRIu32, t->max);
        break;
    case VW_FIXED_OPAQUE:
    case VW_FIXED_ARRAY:
        fprintf(out, "; %" PRIu32, t->max);
        break;
    default:
        return;
    }
    fputs(t->kind == VW_ARRAY || t->kind == VW_FIXED_ARRAY ? " elements" : " bytes", out);
}

static void put_field(const struct vw_type *t, const struct vw_field *f, FILE *out)
{
    fputs("  ", out);
    for (uint32_t i = 0; i < f->n_cases; i++)
        fprintf(out, "case %" PRId64 ": ", vw_type_case(t, f->cases[i]));
    if (f->is_default)
        fputs("default: ", out);
    vw_type_print(f->type, out);
    if (f->name)
        fprintf(out, " %s", f->name);
    fputs("  (", out);
    put_wire(f->type, out);
    fputs(" bytes", out);
    put_bound(f->type, out);
    if (f->type->kind != VW_VOID)
        fprintf(out, "; at %" PRIu32 " in memory%s", f->offset, f->boxed ? ", as a pointer" : "");
    fputs(")\n", out);
}

static void put_where(const struct vw_where *w, FILE *out)
{
    if (w->line)
        fprintf(out, "  defined in %s:%u:%u\n", w->file, w->line, w->column);
}

static void put_head(const struct vw_type *t, FILE *out)
{
    fputs(vw_kind_name(t->kind), out);
    if (t->name && t->kind > VW_DOUBLE)
        fprintf(out, " %s", t->name);
    if (t->alias_of && t->alias_of->name)
        fprintf(out, ", the same as %s", t->alias_of->name);
    fputs(": ", out);
    put_wire(t, out);
    fprintf(out, " bytes on the wire, %" PRIu32 " in memory\n", t->size);
    put_where(&t->where, out);
}

void vw_cli_show_type(const struct vw_type *t, FILE *out)
{
    put_head(t, out);
    if (t->kind == VW_UNION) {
        fputs("  switch (", out);
        vw_type_print(t->disc->type, out);
        fprintf(out, " %s)\n", t->disc->name);
    }
    for (uint32_t i = 0; i < t->n_fields; i++)
        put_field(t, &t->fields[i], out);
    for (uint32_t i = 0; i < t->n_members; i++)
        fprintf(out, "  %s = %" PRId32 "\n", t->members[i].name, t->members[i].value);
    if (t->elem) {
        fputs("  of ", out);
        vw_type_print(t->elem, out);
        put_bound(t, out);
        fputc('\n', out);
    } else if (t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_FIXED_OPAQUE) {
        fputs("  length", out);
        put_bound(t, out);
        fputc('\n', out);
    }
}

void vw_cli_show_signature(const struct vw_proc *p, FILE *out)
{
    fprintf(out, "%s(", p->short_name);
    if (p->args)
        vw_type_print(p->args, out);
    fputc(')', out);
    if (p->ret) {
        fputs(" -> ", out);
        vw_type_print(p->ret, out);
    }
}

void vw_cli_show_proc(const struct vw_proc *p, FILE *out)
{
    const struct vw_program *g = p->program;
    fprintf(out, "%s %s.", p->kind == VW_PROC_EVENT ? "event" : "call", g->name);
    vw_cli_show_signature(p, out);
    const char *since = vw_proc_facts(p)->since;
    fprintf(out, "\n  number %" PRId32 " of program 0x%08" PRIx32 " version %" PRIu32 ", %s%s%s\n",
            p->number, g->number, g->version, p->name, since ? ", since " : "", since ? since : "");
    put_where(&p->where, out);
    for (uint32_t i = 0; i < p->n_annotations; i++)
        fprintf(out, "  @%s: %s\n", p->annotations[i].key, p->annotations[i].value);
    if (p->args) {
        fputs(p->kind == VW_PROC_EVENT ? "message: " : "arguments: ", out);
        vw_cli_show_type(p->args, out);
    }
    if (p->ret) {
        fputs("result: ", out);
        vw_cli_show_type(p->ret, out);
    }
}
