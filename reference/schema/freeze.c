// SPDX-License-Identifier: MIT
// Writes the newest profile as an image (frozen.h) in a C file: freeze >FILE. Places are given out
// first, table after table; then each table is copied, and its pointers become distances.
#include <inttypes.h>
#include <stdlib.h>

#include "schema/basic.h"
#include "schema/internal.h"
#include "schema/profile.h"

_Static_assert(sizeof(void *) == sizeof(uint64_t), "a pointer fills a word of the image");

/* A type, and where it and its parts stand in the image. */
struct placed {
    const struct vw_type *type;
    size_t at, fields, members;
};

struct freezer {
    const struct vw_schema *s;
    struct placed *types;  /* in the order of their making */
    struct placed *sorted; /* the same by address */
    size_t n_types;
    size_t programs; /* where they stand */
    uint8_t *image;
    bool *is_pointer; /* by word */
    size_t size, cap;
    char *text; /* every string once */
    size_t *starts, n_texts, text_len;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "freeze: %s\n", what);
    exit(3);
}

/* ---- places ---- */

#define IMAGE_MAX (8u << 20)
#define TEXT_MAX  (1u << 20)

static size_t place(struct freezer *z, size_t bytes)
{
    size_t at = z->size;
    z->size += (bytes + 7) & ~(size_t)7;
    if (z->size > IMAGE_MAX)
        die("the image is too large");
    return at;
}

/* Copies VALUE, whose pointers are set afterwards: each of them, for they mean nothing here. */
#define PUT(z, at, value)    memcpy((z)->image + (at), &(value), sizeof(value))
#define AT(at, type, member) ((at) + offsetof(type, member))

static void point_nowhere(struct freezer *z, size_t at)
{
    memset(z->image + at, 0, sizeof(uint64_t));
}

/* Sets the pointer at AT to what DISTANCE is from the start of the image. */
static void point(struct freezer *z, size_t at, size_t distance)
{
    uint64_t word = distance + 1;
    memcpy(z->image + at, &word, sizeof(word));
    z->is_pointer[at / sizeof(word)] = true;
}

/* Distances beyond the image are counted from its end, which is only known when all is placed. */
#define BEYOND ((size_t)1 << 40)

static void point_text(struct freezer *z, size_t at, const char *s)
{
    size_t i = 0, len = s ? strlen(s) + 1 : 0;
    if (!s) {
        point_nowhere(z, at);
        return;
    }
    while (i < z->n_texts && strcmp(z->text + z->starts[i], s) != 0)
        i++;
    if (i == z->n_texts) {
        if (z->text_len + len > TEXT_MAX)
            die("the texts are too long");
        z->starts[z->n_texts++] = z->text_len;
        memcpy(z->text + z->text_len, s, len);
        z->text_len += len;
    }
    point(z, at, BEYOND + z->starts[i]);
}

static int compare_addresses(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct placed *)a)->type;
    uintptr_t y = (uintptr_t)((const struct placed *)b)->type;
    return (x > y) - (x < y);
}

static const struct placed *find(const struct freezer *z, const struct vw_type *t)
{
    const struct placed key = {.type = t};
    const struct placed *found =
        bsearch(&key, z->sorted, z->n_types, sizeof(key), compare_addresses);
    if (!found)
        die("a type that the schema does not list");
    return found;
}

static void point_type(struct freezer *z, size_t at, const struct vw_type *t)
{
    if (!t)
        point_nowhere(z, at);
    else if (vw_basic_is(t))
        point(z, at, 2 * BEYOND + t->kind);
    else
        point(z, at, find(z, t)->at);
}

/* The pointer to a table of N at DISTANCE. */
static void point_table(struct freezer *z, size_t at, size_t n, size_t distance)
{
    if (n)
        point(z, at, distance);
    else
        point_nowhere(z, at);
}

/* ---- types ---- */

/* An alias shares the parts of its target. */
static bool owns_parts(const struct vw_type *t)
{
    return !t->alias_of || vw_basic_is(t->alias_of);
}

static void place_types(struct freezer *z)
{
    for (const struct vw_type_node *n = z->s->nodes; n; n = n->next)
        z->n_types++;
    z->types = calloc(z->n_types + 1, sizeof(*z->types));
    z->sorted = calloc(z->n_types + 1, sizeof(*z->sorted));
    if (!z->types || !z->sorted)
        die("out of memory");
    struct placed *p = z->types;
    size_t all = place(z, z->n_types * sizeof(struct vw_type));
    for (const struct vw_type_node *n = z->s->nodes; n; n = n->next, p++) {
        const struct vw_type *t = &n->type;
        *p = (struct placed){.type = t, .at = all};
        all += sizeof(*t);
        if (!owns_parts(t))
            continue;
        p->fields = place(z, (t->n_fields + (t->disc != NULL)) * sizeof(struct vw_field));
        p->members = place(z, t->n_members * sizeof(struct vw_member));
    }
    memcpy(z->sorted, z->types, z->n_types * sizeof(*z->types));
    qsort(z->sorted, z->n_types, sizeof(*z->sorted), compare_addresses);
}

static void put_field(struct freezer *z, size_t at, const struct vw_field *f)
{
    size_t cases = place(z, f->n_cases * sizeof(*f->cases));
    if (f->n_cases)
        memcpy(z->image + cases, f->cases, f->n_cases * sizeof(*f->cases));
    PUT(z, at, *f);
    point_text(z, AT(at, struct vw_field, name), f->name);
    point_type(z, AT(at, struct vw_field, type), f->type);
    point_table(z, AT(at, struct vw_field, cases), f->n_cases, cases);
    point_text(z, AT(at, struct vw_field, where.file), f->where.file);
}

static void put_parts(struct freezer *z, const struct placed *p)
{
    const struct vw_type *t = p->type;
    for (uint32_t i = 0; i < t->n_fields; i++)
        put_field(z, p->fields + i * sizeof(struct vw_field), &t->fields[i]);
    if (t->disc)
        put_field(z, p->fields + t->n_fields * sizeof(struct vw_field), t->disc);
    for (uint32_t i = 0; i < t->n_members; i++) {
        size_t at = p->members + i * sizeof(struct vw_member);
        PUT(z, at, t->members[i]);
        point_text(z, AT(at, struct vw_member, name), t->members[i].name);
        point_text(z, AT(at, struct vw_member, where.file), t->members[i].where.file);
    }
}

static void put_type(struct freezer *z, const struct placed *p)
{
    const struct vw_type *t = p->type, *owner = t;
    const size_t at = p->at;
    while (!owns_parts(owner))
        owner = owner->alias_of;
    const struct placed *parts = find(z, owner);
    PUT(z, at, *t);
    point_text(z, AT(at, struct vw_type, name), t->name);
    point_text(z, AT(at, struct vw_type, max_name), t->max_name);
    point_type(z, AT(at, struct vw_type, elem), t->elem);
    point_type(z, AT(at, struct vw_type, alias_of), t->alias_of);
    point_table(z, AT(at, struct vw_type, fields), t->n_fields, parts->fields);
    point_table(z, AT(at, struct vw_type, members), t->n_members, parts->members);
    point_table(z, AT(at, struct vw_type, disc), t->disc != NULL,
                parts->fields + t->n_fields * sizeof(struct vw_field));
    point_text(z, AT(at, struct vw_type, where.file), t->where.file);
    point_nowhere(z, AT(at, struct vw_type, attached));
}

/* ---- programs ---- */

static void put_proc(struct freezer *z, size_t at, const struct vw_proc *q, size_t program)
{
    size_t list = place(z, q->n_annotations * sizeof(struct vw_annotation));
    PUT(z, at, *q);
    point_text(z, AT(at, struct vw_proc, name), q->name);
    point_text(z, AT(at, struct vw_proc, short_name), q->short_name);
    point_type(z, AT(at, struct vw_proc, args), q->args);
    point_type(z, AT(at, struct vw_proc, ret), q->ret);
    point_text(z, AT(at, struct vw_proc, sparseflag), q->sparseflag);
    point_table(z, AT(at, struct vw_proc, annotations), q->n_annotations, list);
    point(z, AT(at, struct vw_proc, program), program);
    point_text(z, AT(at, struct vw_proc, where.file), q->where.file);
    for (uint32_t i = 0; i < q->n_annotations; i++, list += sizeof(struct vw_annotation)) {
        point_text(z, AT(list, struct vw_annotation, key), q->annotations[i].key);
        point_text(z, AT(list, struct vw_annotation, value), q->annotations[i].value);
    }
}

static void put_program(struct freezer *z, size_t at, const struct vw_program *p)
{
    size_t procs = place(z, p->n_procs * sizeof(struct vw_proc));
    PUT(z, at, *p);
    point_text(z, AT(at, struct vw_program, name), p->name);
    point_text(z, AT(at, struct vw_program, prefix), p->prefix);
    point_table(z, AT(at, struct vw_program, procs), p->n_procs, procs);
    point_text(z, AT(at, struct vw_program, where.file), p->where.file);
    for (uint32_t i = 0; i < p->n_procs; i++)
        put_proc(z, procs + i * sizeof(struct vw_proc), &p->procs[i], at);
}

/* ---- lists ---- */

static int compare_names(const void *a, const void *b)
{
    const struct vw_type *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void put_types(struct freezer *z)
{
    const struct vw_type **sorted = calloc(z->s->n_types + 1, sizeof(*sorted));
    const size_t n = z->s->n_types;
    size_t list = place(z, n * sizeof(void *)), order = place(z, n * sizeof(uint16_t));
    if (!sorted || n > UINT16_MAX)
        die("too many types");
    point(z, offsetof(struct vw_frozen, all), z->types[0].at);
    PUT(z, offsetof(struct vw_frozen, n_all), z->n_types);
    point(z, offsetof(struct vw_frozen, types), list);
    PUT(z, offsetof(struct vw_frozen, n_types), n);
    point(z, offsetof(struct vw_frozen, by_name), order);
    for (size_t i = 0; i < n; i++)
        point_type(z, list + i * sizeof(void *), sorted[i] = z->s->type_list[i]);
    qsort(sorted, n, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < n; i++) {
        uint16_t index = (uint16_t)sorted[i]->index;
        PUT(z, order + i * sizeof(index), index);
    }
    free(sorted);
}

static void put_programs(struct freezer *z)
{
    const size_t n = z->s->n_programs;
    size_t list = place(z, n * sizeof(void *)), at = place(z, n * sizeof(struct vw_program));
    point(z, offsetof(struct vw_frozen, programs), list);
    PUT(z, offsetof(struct vw_frozen, n_programs), n);
    for (size_t i = 0; i < n; i++, at += sizeof(struct vw_program)) {
        point(z, list + i * sizeof(void *), at);
        put_program(z, at, z->s->program_list[i]);
    }
}

static void put_consts(struct freezer *z)
{
    const size_t n = z->s->n_consts;
    size_t list = place(z, n * sizeof(void *)), at = place(z, n * sizeof(struct vw_const));
    point(z, offsetof(struct vw_frozen, consts), list);
    PUT(z, offsetof(struct vw_frozen, n_consts), n);
    for (size_t i = 0; i < n; i++, at += sizeof(struct vw_const)) {
        const struct vw_const *c = z->s->const_list[i];
        point(z, list + i * sizeof(void *), at);
        PUT(z, at, *c);
        point_text(z, AT(at, struct vw_const, name), c->name);
        point_text(z, AT(at, struct vw_const, where.file), c->where.file);
    }
}

static void put_profile(struct freezer *z, const struct vw_profile *p)
{
    const size_t at = offsetof(struct vw_frozen, profile);
    PUT(z, at, *p);
    point_text(z, AT(at, struct vw_profile, name), p->name);
    point_nowhere(z, AT(at, struct vw_profile, schema));
    point_text(z, offsetof(struct vw_frozen, digest), vw_schema_digest(z->s));
    size_t link = offsetof(struct vw_frozen, answers);
    for (const struct vw_setting *a = vw_profile_answers(p); a; a = a->next) {
        size_t next = place(z, sizeof(*a));
        point(z, link, next);
        PUT(z, next, *a);
        point_text(z, AT(next, struct vw_setting, key), a->key);
        point_text(z, AT(next, struct vw_setting, text), a->text);
        link = AT(next, struct vw_setting, next);
        point_nowhere(z, link);
    }
}

/* ---- the file ---- */

static uint64_t final_word(const struct freezer *z, size_t i)
{
    uint64_t word;
    memcpy(&word, z->image + i * sizeof(word), sizeof(word));
    if (!z->is_pointer[i] || word <= BEYOND)
        return word;
    return word > 2 * BEYOND ? word - 2 * BEYOND + z->size + z->text_len : word - BEYOND + z->size;
}

static void write_words(const struct freezer *z, size_t n)
{
    printf("static const uint64_t words[] = {\n");
    for (size_t i = 0; i < n; i++)
        printf("%#" PRIx64 ",%s", final_word(z, i), i % 8 == 7 ? "\n" : "");
    printf("};\n\nstatic const uint64_t pointers[] = {\n");
    for (size_t i = 0; i < n; i += 64) {
        uint64_t bits = 0;
        for (size_t k = 0; k < 64 && i + k < n; k++)
            bits |= (uint64_t)z->is_pointer[i + k] << k;
        printf("%#" PRIx64 ",%s", bits, i % 512 == 448 ? "\n" : "");
    }
    printf("};\n\nstatic const char text[] = {\n");
    for (size_t i = 0; i < z->text_len; i++)
        printf("%d,%s", z->text[i], i % 32 == 31 ? "\n" : "");
    printf("};\n\n");
}

static void write_file(const struct freezer *z, const char *profile)
{
    const size_t n = z->size / sizeof(uint64_t);
    printf("// Made by freeze.c; not to be edited.\n#include \"schema/frozen.h\"\n\n");
    write_words(z, n);
    printf("static const struct vw_image newest = {\"%s\", words, pointers, %zu, text, %zu};\n\n"
           "const struct vw_image *const vw_newest_image = &newest;\n",
           profile, n, z->text_len);
    if (fflush(stdout) || ferror(stdout))
        die("cannot write");
}

int main(void)
{
    const struct vw_profile_options options = {.parse = true};
    struct vw_profile *p = NULL;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(NULL, &options, &p, &err))
        die(err.text);
    struct freezer z = {.s = p->schema,
                        .image = calloc(1, IMAGE_MAX),
                        .is_pointer = calloc(IMAGE_MAX / sizeof(uint64_t), sizeof(bool)),
                        .text = calloc(1, TEXT_MAX),
                        .starts = calloc(TEXT_MAX, sizeof(size_t))};
    if (!z.image || !z.is_pointer || !z.text || !z.starts)
        die("out of memory");
    place(&z, sizeof(struct vw_frozen));
    place_types(&z);
    for (size_t i = 0; i < z.n_types; i++) {
        if (owns_parts(z.types[i].type))
            put_parts(&z, &z.types[i]);
        put_type(&z, &z.types[i]);
    }
    put_types(&z);
    put_programs(&z);
    put_consts(&z);
    put_profile(&z, p);
    write_file(&z, p->name);
    free(z.types);
    free(z.sorted);
    free(z.image);
    free(z.is_pointer);
    free(z.text);
    free(z.starts);
    vw_profile_destroy(p);
    return 0;
}
