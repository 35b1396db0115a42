// SPDX-License-Identifier: MIT
// The lock listing: the whole protocol in lines that do not depend on the order, layout or comments
// of the files, nor on the names of bounds.
#include <inttypes.h>
#include <stdlib.h>

#include "schema/internal.h"

static int compare_types(const void *a, const void *b)
{
    return strcmp((*(const struct vw_type *const *)a)->name,
                  (*(const struct vw_type *const *)b)->name);
}

static int compare_consts(const void *a, const void *b)
{
    return strcmp((*(const struct vw_const *const *)a)->name,
                  (*(const struct vw_const *const *)b)->name);
}

static void lock_field(const struct vw_type *t, const struct vw_field *f, FILE *out)
{
    fprintf(out, "%s %s", t->kind == VW_UNION ? "arm" : "field", t->name);
    for (uint32_t i = 0; i < f->n_cases; i++)
        fprintf(out, " %" PRId64, vw_type_case(t, f->cases[i]));
    if (f->is_default)
        fputs(" default", out);
    fprintf(out, " %s ", f->name ? f->name : "-");
    vw_type_print_plain(f->type, out);
    fputc('\n', out);
}

/* What is said of the procedure that M stands for, if it does for one. */
static void lock_annotations(const struct vw_schema *s, const struct vw_member *m, FILE *out)
{
    const struct vw_proc *p = NULL;
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_proc *q = vw_program_proc(s->program_list[i], m->value);
        p = q && strcmp(q->name, m->name) == 0 ? q : p;
    }
    for (uint32_t i = 0; p && i < p->n_annotations; i++)
        fprintf(out, "annotation %s %s: %s\n", m->name, p->annotations[i].key,
                p->annotations[i].value);
}

static void lock_type(const struct vw_schema *s, const struct vw_type *t, FILE *out)
{
    static const char *const heads[VW_UNION + 1] = {
        [VW_STRUCT] = "struct", [VW_UNION] = "union", [VW_ENUM] = "enum"};
    if (t->alias_of || !heads[t->kind]) {
        fprintf(out, "typedef %s ", t->name);
        vw_type_print_shape(t, false, out);
        fputc('\n', out);
        return;
    }
    fprintf(out, "%s %s", heads[t->kind], t->name);
    if (t->kind == VW_UNION) {
        fprintf(out, " %s ", t->disc->name);
        vw_type_print_plain(t->disc->type, out);
    }
    fputc('\n', out);
    for (uint32_t i = 0; i < t->n_members; i++) {
        lock_annotations(s, &t->members[i], out);
        fprintf(out, "member %s %s %" PRId32 "\n", t->name, t->members[i].name,
                t->members[i].value);
    }
    for (uint32_t i = 0; i < t->n_fields; i++)
        lock_field(t, &t->fields[i], out);
}

static void lock_program(const struct vw_program *p, FILE *out)
{
    fprintf(out, "program %s 0x%08" PRIx32 " %" PRIu32 "\n", p->name, p->number, p->version);
    for (uint32_t i = 0; i < p->n_procs; i++) {
        const struct vw_proc *q = &p->procs[i];
        fprintf(out, "%s %s %" PRId32 " %s ", q->kind == VW_PROC_EVENT ? "event" : "call", p->name,
                q->number, q->name);
        vw_type_print_plain(q->args ? q->args : vw_type_basic(VW_VOID), out);
        fputc(' ', out);
        vw_type_print_plain(q->ret ? q->ret : vw_type_basic(VW_VOID), out);
        fputc('\n', out);
    }
}

/* A sorted copy of a list of N pointers. */
static void *sorted(const void *list, size_t n, int (*compare)(const void *, const void *))
{
    void *copy = malloc((n + 1) * sizeof(void *));
    if (copy && n) {
        memcpy(copy, list, n * sizeof(void *));
        qsort(copy, n, sizeof(void *), compare);
    }
    return copy;
}

int vw_schema_lock(const struct vw_schema *s, FILE *out)
{
    const struct vw_const **consts = sorted(s->const_list, s->n_consts, compare_consts);
    const struct vw_type **types = sorted(s->type_list, s->n_types, compare_types);
    const struct vw_program **programs =
        sorted(s->program_list, s->n_programs, vw_schema_order_programs);
    bool whole = consts && types && programs;
    if (whole)
        fprintf(
            out,
            "# wire %s\n# Lines with const, annotation or '#' shape no wire, and no names do.\n",
            vw_schema_digest(s));
    for (size_t i = 0; whole && i < s->n_consts; i++)
        if (!consts[i]->external)
            fprintf(out, consts[i]->big ? "const %s %" PRIu64 "\n" : "const %s %" PRId64 "\n",
                    consts[i]->name, consts[i]->value);
    for (size_t i = 0; whole && i < s->n_types; i++)
        lock_type(s, types[i], out);
    for (size_t i = 0; whole && i < s->n_programs; i++)
        lock_program(programs[i], out);
    free(consts);
    free(types);
    free(programs);
    if (!whole)
        return VW_ENOMEM;
    return ferror(out) ? VW_ESYSTEM : 0;
}
