// SPDX-License-Identifier: MIT
// Help texts of procedures: everything stands in the type tables, so nothing has to be written for
// a new one.
#include "cli/call-help.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/schema-options.h"

/* Named types that a help text explains. */
#define TYPES_MAX 64

struct listing {
    FILE *out;
    const struct vw_type *types[TYPES_MAX];
    size_t n;
};

/* Structs, unions and enums that T is made of go to the end of the list, once each. */
static void collect(struct listing *l, const struct vw_type *t)
{
    while (t && (t->kind == VW_ARRAY || t->kind == VW_FIXED_ARRAY || t->kind == VW_OPTIONAL))
        t = t->elem;
    if (!t || (t->kind != VW_STRUCT && t->kind != VW_UNION && t->kind != VW_ENUM))
        return;
    for (size_t i = 0; i < l->n; i++)
        if (l->types[i] == t || (t->name && l->types[i]->name == t->name))
            return;
    if (l->n < TYPES_MAX)
        l->types[l->n++] = t;
}

static void print_bound(struct listing *l, const struct vw_type *t)
{
    bool bounded = t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_ARRAY;
    if (t->kind == VW_OPTIONAL) {
        fputs(", may be absent (null)", l->out);
        if (t->elem->kind == VW_STRING)
            t = t->elem, bounded = true;
    }
    if (bounded && t->max != VW_UNBOUNDED)
        fprintf(l->out, ", at most %u %s", t->max, t->kind == VW_ARRAY ? "elements" : "bytes");
}

static void print_fields(struct listing *l, const struct vw_type *t)
{
    for (uint32_t i = 0; i < t->n_fields; i++) {
        const struct vw_field *f = &t->fields[i];
        if (t->kind == VW_UNION && f->is_default)
            fputs("    otherwise: ", l->out);
        else
            fputs("    ", l->out);
        for (uint32_t c = 0; t->kind == VW_UNION && c < f->n_cases; c++)
            fprintf(l->out, "%s%" PRId64 "%s", c ? "" : "if ", vw_type_case(t, f->cases[c]),
                    c + 1 < f->n_cases ? ", " : ": ");
        if (!f->name) {
            fputs("nothing\n", l->out);
            continue;
        }
        fprintf(l->out, "%s: ", f->name);
        vw_type_print(f->type, l->out);
        print_bound(l, f->type);
        fputc('\n', l->out);
        collect(l, f->type);
    }
}

static void print_type(struct listing *l, const struct vw_type *t)
{
    const char *kind = t->kind == VW_UNION ? "union" : t->kind == VW_ENUM ? "enum" : "struct";
    fprintf(l->out, "\n  %s %s\n", kind, t->name ? t->name : "(unnamed)");
    if (t->kind == VW_ENUM)
        for (uint32_t i = 0; i < t->n_members; i++)
            fprintf(l->out, "    %s = %d\n", t->members[i].name, t->members[i].value);
    else
        print_fields(l, t);
}

static void print_body(struct listing *l, const char *title, const struct vw_type *t)
{
    if (!t) {
        fprintf(l->out, "\n%s: none\n", title);
        return;
    }
    fprintf(l->out, "\n%s: %s, %llu", title, t->name ? t->name : "(unnamed)",
            (unsigned long long)t->wire_min);
    if (t->wire_max == UINT64_MAX)
        fputs(" bytes or more\n", l->out);
    else if (t->wire_max != t->wire_min)
        fprintf(l->out, " to %llu bytes\n", (unsigned long long)t->wire_max);
    else
        fputs(" bytes\n", l->out);
    if (t->kind == VW_STRUCT || t->kind == VW_UNION)
        print_fields(l, t);
    else
        collect(l, t);
}

static void print_annotations(const struct vw_proc *proc, FILE *out)
{
    if (proc->n_annotations)
        fputs("\nAnnotations:\n", out);
    for (uint32_t i = 0; i < proc->n_annotations; i++)
        fprintf(out, "    @%s: %s\n", proc->annotations[i].key, proc->annotations[i].value);
}

void vw_call_help(const struct vw_proc *proc, FILE *out)
{
    struct listing l = {.out = out};
    fprintf(out, "%s.%s (%s), %s number %d of program 0x%08x version %u\n", proc->program->name,
            proc->short_name, proc->name, proc->kind == VW_PROC_EVENT ? "event" : "procedure",
            proc->number, proc->program->number, proc->program->version);
    print_body(&l, proc->kind == VW_PROC_EVENT ? "Contents" : "Arguments", proc->args);
    if (proc->kind == VW_PROC_CALL)
        print_body(&l, "Result", proc->ret);
    if (l.n)
        fputs("\nTypes:\n", out);
    for (size_t i = 0; i < l.n; i++)
        print_type(&l, l.types[i]);
    print_annotations(proc, out);
}

const struct vw_proc *vw_call_find(const char *command, const struct vw_schema *schema,
                                   const char *name)
{
    const struct vw_proc *proc = vw_schema_proc(schema, name);
    if (proc)
        return proc;
    const char *near = vw_cli_schema_nearest(schema, VW_CLI_PROCS, name);
    vw_cli_error(command, VW_EXIT_USAGE, "unknown procedure '%s'%s", name,
                 near ? VW_HINT(",", near) : ", see 'virwire schema list'");
    return NULL;
}
