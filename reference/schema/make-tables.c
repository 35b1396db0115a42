// SPDX-License-Identifier: MIT
// Prints the newest profile as C tables (tables.h): make-tables >FILE. Types are t[N] in the order
// of their making; what belongs to one has its number: fN its fields, dN its discriminant, mN its
// members.
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "schema/basic.h"
#include "schema/internal.h"
#include "schema/profile.h"

const struct vw_tables *const vw_newest_tables;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "make-tables: %s\n", what);
    exit(3);
}

/* ---- what stands between commas ---- */

static void put_text(const char *s)
{
    if (!s) {
        printf("NULL, ");
        return;
    }
    putchar('"');
    for (; *s; s++)
        printf(isalnum((unsigned char)*s) || *s == '_' ? "%c" : "\\%03o", (unsigned char)*s);
    printf("\", ");
}

static void put_where(const struct vw_where *w)
{
    printf("{");
    put_text(w->file);
    printf("%u, %u}", w->line, w->column);
}

static size_t number_of(const struct vw_schema *s, const struct vw_type *t)
{
    size_t i = 0;
    for (const struct vw_type_node *n = s->nodes; n; n = n->next, i++) {
        if (&n->type == t)
            return i;
    }
    die("a type that the schema does not list");
}

static void put_reference(const struct vw_schema *s, const struct vw_type *t)
{
    if (!t)
        printf("NULL, ");
    else if (vw_basic_is(t))
        printf("&vw_basics[%d], ", (int)t->kind);
    else
        printf("&t[%zu], ", number_of(s, t));
}

/* ---- types ---- */

static void put_field(const struct vw_schema *s, const struct vw_field *f)
{
    printf("    {");
    put_text(f->name);
    put_reference(s, f->type);
    printf("%u, %d, %d, ", f->offset, f->boxed, f->is_default);
    printf(f->n_cases ? "(const int32_t[]){" : "NULL");
    for (uint32_t i = 0; i < f->n_cases; i++)
        printf("%" PRId32 ", ", f->cases[i]);
    printf("%s, %u, ", f->n_cases ? "}" : "", f->n_cases);
    put_where(&f->where);
    printf("},\n");
}

static void put_fields(const struct vw_schema *s, char what, size_t number,
                       const struct vw_field *fields, uint32_t n)
{
    if (!n)
        return;
    printf("static const struct vw_field %c%zu[] = {\n", what, number);
    for (uint32_t i = 0; i < n; i++)
        put_field(s, &fields[i]);
    printf("};\n");
}

static void put_members(size_t number, const struct vw_type *t)
{
    if (!t->n_members)
        return;
    printf("static const struct vw_member m%zu[] = {\n", number);
    for (uint32_t i = 0; i < t->n_members; i++) {
        printf("    {");
        put_text(t->members[i].name);
        printf("%" PRId32 ", ", t->members[i].value);
        put_where(&t->members[i].where);
        printf("},\n");
    }
    printf("};\n");
}

/* An alias shares the parts of its target. */
static bool owns_parts(const struct vw_type *t)
{
    return !t->alias_of || vw_basic_is(t->alias_of);
}

static void put_type(const struct vw_schema *s, const struct vw_type *t)
{
    const struct vw_type *owner = t;
    while (!owns_parts(owner))
        owner = owner->alias_of;
    size_t parts = number_of(s, owner);
    printf("    {.name = ");
    put_text(t->name);
    printf(".max_name = ");
    put_text(t->max_name);
    printf(".elem = ");
    put_reference(s, t->elem);
    printf(".alias_of = ");
    put_reference(s, t->alias_of);
    if (t->n_fields)
        printf(".fields = f%zu, ", parts);
    if (t->n_members)
        printf(".members = m%zu, ", parts);
    if (t->disc)
        printf(".disc = d%zu, ", parts);
    printf(".kind = %d, .size = %u, .align = %u, .max = %uu, .n_fields = %u, .n_members = %u, "
           ".wire_min = %" PRIu64 "u, .wire_max = %" PRIu64 "u, .is_typedef = %d, .index = %uu, "
           ".where = ",
           (int)t->kind, t->size, t->align, t->max, t->n_fields, t->n_members, t->wire_min,
           t->wire_max, t->is_typedef, t->index);
    put_where(&t->where);
    printf("},\n");
}

static int compare_names(const void *a, const void *b)
{
    const struct vw_type *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void put_type_lists(const struct vw_schema *s)
{
    const struct vw_type **sorted = calloc(s->n_types + 1, sizeof(*sorted));
    if (!sorted || s->n_types > UINT16_MAX)
        die("too many types");
    printf("static const struct vw_type *types[] = {\n");
    for (size_t i = 0; i < s->n_types; i++) {
        sorted[i] = s->type_list[i];
        put_reference(s, sorted[i]);
        putchar('\n');
    }
    qsort(sorted, s->n_types, sizeof(*sorted), compare_names);
    printf("};\n\nstatic const uint16_t by_name[] = {\n");
    for (size_t i = 0; i < s->n_types; i++)
        printf("    %u,\n", sorted[i]->index);
    printf("};\n\n");
    free(sorted);
}

static void put_types(const struct vw_schema *s)
{
    size_t n = 0, number = 0;
    for (const struct vw_type_node *node = s->nodes; node; node = node->next)
        n++;
    printf("static struct vw_type t[%zu];\n\n", n);
    for (const struct vw_type_node *node = s->nodes; node; node = node->next, number++) {
        const struct vw_type *t = &node->type;
        if (!owns_parts(t))
            continue;
        put_fields(s, 'f', number, t->fields, t->n_fields);
        put_fields(s, 'd', number, t->disc, t->disc != NULL);
        put_members(number, t);
    }
    printf("\nstatic struct vw_type t[%zu] = {\n", n);
    for (const struct vw_type_node *node = s->nodes; node; node = node->next)
        put_type(s, &node->type);
    printf("};\n\n");
    put_type_lists(s);
}

/* ---- programs ---- */

static void put_proc(const struct vw_schema *s, const struct vw_proc *q, size_t program)
{
    printf("    {");
    put_text(q->name);
    put_text(q->short_name);
    printf("%" PRId32 ", %d, ", q->number, (int)q->kind);
    put_reference(s, q->args);
    put_reference(s, q->ret);
    printf("%u, %d, %u, %u, ", q->facts, q->high_priority, q->readstream, q->writestream);
    put_text(q->sparseflag);
    printf(q->n_annotations ? "(const struct vw_annotation[]){" : "NULL");
    for (uint32_t i = 0; i < q->n_annotations; i++) {
        printf("{");
        put_text(q->annotations[i].key);
        put_text(q->annotations[i].value);
        printf("}, ");
    }
    printf("%s, %u, &programs[%zu], ", q->n_annotations ? "}" : "", q->n_annotations, program);
    put_where(&q->where);
    printf("},\n");
}

static void put_programs(const struct vw_schema *s)
{
    printf("static const struct vw_program programs[%zu];\n\n", s->n_programs);
    for (size_t i = 0; i < s->n_programs; i++) {
        printf("static const struct vw_proc p%zu[] = {\n", i);
        for (uint32_t k = 0; k < s->program_list[i]->n_procs; k++)
            put_proc(s, &s->program_list[i]->procs[k], i);
        printf("};\n\n");
    }
    printf("static const struct vw_program programs[%zu] = {\n", s->n_programs);
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_program *p = s->program_list[i];
        printf("    {");
        put_text(p->name);
        put_text(p->prefix);
        printf("%uu, %u, p%zu, %u, ", p->number, p->version, i, p->n_procs);
        put_where(&p->where);
        printf("},\n");
    }
    printf("};\n\n");
}

static void put_consts(const struct vw_schema *s)
{
    printf("static const struct vw_const consts[] = {\n");
    for (size_t i = 0; i < s->n_consts; i++) {
        const struct vw_const *c = s->const_list[i];
        printf("    {");
        put_text(c->name);
        printf("%" PRId64 ", %d, %d, ", c->value, c->external, c->big);
        put_where(&c->where);
        printf("},\n");
    }
    printf("};\n\n");
}

/* Pointers to all of LIST, which the members of the schema are. */
static void put_list(const char *type, const char *list, size_t n)
{
    printf("static const struct %s *%s_list[] = {\n", type, list);
    for (size_t i = 0; i < n; i++)
        printf("    &%s[%zu],\n", list, i);
    printf("};\n\n");
}

/* ---- the profile ---- */

static void put_answers(const struct vw_profile *p)
{
    size_t i = 1;
    printf("static struct vw_setting answers[] = {\n");
    for (const struct vw_setting *a = vw_profile_answers(p); a; a = a->next, i++) {
        printf(a->next ? "    {&answers[%zu], " : "    {NULL, ", i);
        put_text(a->key);
        put_text(a->text);
        printf("%" PRId64 ", %u, %u},\n", a->number, a->line, a->column);
    }
    printf("};\n\n");
}

static void put_profile(const struct vw_profile *p)
{
    const struct vw_schema *s = p->schema;
    put_answers(p);
    printf("static const struct vw_tables newest = {\n    .profile = {");
    put_text(p->name);
    printf("NULL, %d, %uu, %uu, %uu, %u},\n    .digest = ", (int)p->dialect, p->min_length_word,
           p->max_length_word, p->string_max, p->fds_max);
    put_text(vw_schema_digest(s));
    printf("\n    .answers = answers, .all = t, .types = types, .consts = consts_list,\n"
           "    .programs = programs_list, .by_name = by_name,\n"
           "    .n_all = sizeof(t) / sizeof(t[0]), .n_types = %zu, .n_consts = %zu,\n"
           "    .n_programs = %zu,\n};\n\n"
           "const struct vw_tables *const vw_newest_tables = &newest;\n",
           s->n_types, s->n_consts, s->n_programs);
}

int main(void)
{
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .parse = true};
    struct vw_profile *p = NULL;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(NULL, &options, &p, &err))
        die(err.text);
    printf("// Made by make-tables.c; not to be edited.\n"
           "#include \"schema/basic.h\"\n#include \"schema/tables.h\"\n\n");
    put_types(p->schema);
    put_programs(p->schema);
    put_list("vw_program", "programs", p->schema->n_programs);
    put_consts(p->schema);
    put_list("vw_const", "consts", p->schema->n_consts);
    put_profile(p);
    vw_profile_destroy(p);
    if (fflush(stdout) || ferror(stdout))
        die("cannot write");
    return 0;
}
