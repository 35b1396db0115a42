// SPDX-License-Identifier: MIT
// The lock listing: the whole protocol in lines that do not depend on the order, layout or comments
// of the files, nor on the names of bounds; and the digest over it.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "schema/internal.h"
#include "schema/nettle-calls.h"

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

static int compare_programs(const void *a, const void *b)
{
    const struct vw_program *x = *(const struct vw_program *const *)a;
    const struct vw_program *y = *(const struct vw_program *const *)b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->version > y->version) - (x->version < y->version);
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

static void lock_type(const struct vw_type *t, FILE *out)
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
    for (uint32_t i = 0; i < t->n_members; i++)
        fprintf(out, "member %s %s %" PRId32 "\n", t->name, t->members[i].name,
                t->members[i].value);
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
    const struct vw_program **programs = sorted(s->program_list, s->n_programs, compare_programs);
    bool whole = consts && types && programs;
    for (size_t i = 0; whole && i < s->n_consts; i++)
        if (!consts[i]->external)
            fprintf(out, "const %s %" PRId64 "\n", consts[i]->name, consts[i]->value);
    for (size_t i = 0; whole && i < s->n_types; i++)
        lock_type(types[i], out);
    for (size_t i = 0; whole && i < s->n_programs; i++)
        lock_program(programs[i], out);
    free(consts);
    free(types);
    free(programs);
    if (!whole)
        return VW_ENOMEM;
    return ferror(out) ? VW_ESYSTEM : 0;
}

/* The digest as 64 hex digits, in memory of its own; NULL when memory or the library is not there.
 */
static char *make_digest(const struct vw_schema *s)
{
    char *text = NULL, *hex = malloc(2 * SHA256_DIGEST_SIZE + 1);
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int rc = out && hex ? vw_library_load(&vw_nettle_library, NULL) : VW_ENOMEM;
    if (rc == 0)
        rc = vw_schema_lock(s, out);
    if (out && fclose(out))
        rc = VW_ENOMEM;
    if (rc) {
        free(text);
        free(hex);
        return NULL;
    }
    struct sha256_ctx ctx;
    uint8_t digest[SHA256_DIGEST_SIZE];
    nettle_sha256_init(&ctx);
    nettle_sha256_update(&ctx, len, (const uint8_t *)text);
    nettle_sha256_digest(&ctx, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    free(text);
    return hex;
}

const char *vw_schema_digest(const struct vw_schema *s)
{
    if (s->tables)
        return s->tables->digest;
    _Atomic(char *) *place = (_Atomic(char *) *)(uintptr_t)&s->digest;
    char *known = atomic_load_explicit(place, memory_order_acquire);
    if (known)
        return known;
    char *made = make_digest(s);
    if (!made)
        return "";
    if (atomic_compare_exchange_strong(place, &known, made))
        return made;
    free(made);
    return known;
}
