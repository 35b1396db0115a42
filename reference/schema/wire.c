// SPDX-License-Identifier: MIT
// The form on the wire and nothing else, as text: no names, no order of definitions, no constants.
// Its SHA-256 is the digest of a schema, so that what nobody can see on a wire does not change it.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "schema/internal.h"
#include "schema/nettle-calls.h"

struct wire {
    const struct vw_schema *s;
    FILE *out;
    uint32_t *seen; /* numbers of those with a name, by index; 0: not yet */
    uint32_t last;
    bool failed; /* memory was out */
};

static void put_type(struct wire *w, const struct vw_type *t);

/* A value and the arm that it chooses. */
struct choice {
    int32_t value;
    const struct vw_type *type; /* NULL: of an enum */
};

static int compare_choices(const void *a, const void *b)
{
    int32_t x = ((const struct choice *)a)->value, y = ((const struct choice *)b)->value;
    return (x > y) - (x < y);
}

/* The values of an enum, or the cases of a union, rising: their order in the text does not matter.
 */
static struct choice *choices(struct wire *w, const struct vw_type *t, size_t *n)
{
    *n = t->n_members;
    for (uint32_t i = 0; t->kind == VW_UNION && i < t->n_fields; i++)
        *n += t->fields[i].n_cases;
    struct choice *list = calloc(*n + 1, sizeof(*list)), *to = list;
    w->failed = w->failed || !list;
    for (uint32_t i = 0; list && i < t->n_members; i++)
        (to++)->value = t->members[i].value;
    for (uint32_t i = 0; list && t->kind == VW_UNION && i < t->n_fields; i++)
        for (uint32_t k = 0; k < t->fields[i].n_cases; k++)
            *to++ = (struct choice){t->fields[i].cases[k], t->fields[i].type};
    if (list)
        qsort(list, *n, sizeof(*list), compare_choices);
    return list;
}

static void put_values(struct wire *w, const struct vw_type *t)
{
    size_t n;
    struct choice *list = choices(w, t, &n);
    for (size_t i = 0; list && i < n; i++)
        if (!i || list[i].value != list[i - 1].value)
            fprintf(w->out, " %" PRId32, list[i].value);
    free(list);
}

static void put_arms(struct wire *w, const struct vw_type *u)
{
    size_t n;
    struct choice *list = choices(w, u, &n);
    put_type(w, u->disc->type);
    for (size_t i = 0; list && i < n; i++) {
        fprintf(w->out, " %" PRId64 ":", vw_type_case(u, list[i].value));
        put_type(w, list[i].type);
    }
    for (uint32_t i = 0; i < u->n_fields; i++)
        if (u->fields[i].is_default) {
            fputs(" default:", w->out);
            put_type(w, u->fields[i].type);
        }
    free(list);
}

/* A struct, union or enum is spelled out once. False: it was before. */
static bool is_first(struct wire *w, const struct vw_type *t)
{
    if (t->index == UINT32_MAX || t->index >= w->s->n_types)
        return true;
    if (w->seen[t->index]) {
        fprintf(w->out, "#%" PRIu32, w->seen[t->index]);
        return false;
    }
    w->seen[t->index] = ++w->last;
    return true;
}

static void put_type(struct wire *w, const struct vw_type *t)
{
    static const char *const words[VW_UNION + 1] = {
        [VW_STRING] = "string", [VW_OPAQUE] = "opaque",     [VW_FIXED_OPAQUE] = "fixed",
        [VW_ARRAY] = "list",    [VW_FIXED_ARRAY] = "array", [VW_OPTIONAL] = "optional"};
    while (t->alias_of)
        t = t->alias_of;
    if ((t->kind == VW_STRUCT || t->kind == VW_UNION || t->kind == VW_ENUM) && !is_first(w, t))
        return;
    if (t->kind == VW_STRUCT || t->kind == VW_UNION) {
        fputs(t->kind == VW_UNION ? "union(" : "(", w->out);
        for (uint32_t i = 0; t->kind == VW_STRUCT && i < t->n_fields; i++) {
            fputs(i ? " " : "", w->out);
            put_type(w, t->fields[i].type);
        }
        if (t->kind == VW_UNION)
            put_arms(w, t);
        fputc(')', w->out);
    } else if (t->kind == VW_ENUM) {
        fputs("enum(", w->out);
        put_values(w, t);
        fputc(')', w->out);
    } else {
        fputs(words[t->kind] ? words[t->kind] : vw_kind_name(t->kind), w->out);
        if (words[t->kind] && t->kind != VW_OPTIONAL)
            fprintf(w->out, "<%" PRIu32 ">", t->max);
        if (t->elem) {
            fputs(" of ", w->out);
            put_type(w, t->elem);
        }
    }
}

static void put_proc(struct wire *w, const struct vw_proc *p)
{
    fprintf(w->out, "%s %" PRId32 " %u %u ", p->kind == VW_PROC_EVENT ? "event" : "call", p->number,
            p->readstream, p->writestream);
    put_type(w, p->args ? p->args : vw_type_basic(VW_VOID));
    fputc(' ', w->out);
    put_type(w, p->ret ? p->ret : vw_type_basic(VW_VOID));
    fputc('\n', w->out);
}

/* What every message has, whatever its program is. */
static void put_generic(struct wire *w)
{
    static const char *const types[] = {"virNetMessageHeader", "virNetMessageError",
                                        "virNetStreamHole"};
    static const char *const limits[] = {"VIR_NET_MESSAGE_MAX", "VIR_NET_MESSAGE_NUM_FDS_MAX"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct vw_type *t = vw_schema_type(w->s, types[i]);
        if (t)
            put_type(w, t);
        fputc('\n', w->out);
    }
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        int64_t value = 0;
        vw_schema_const(w->s, limits[i], &value);
        fprintf(w->out, "%" PRId64 "\n", value);
    }
}

static int print_wire(const struct vw_schema *s, FILE *out)
{
    struct wire w = {.s = s, .out = out, .seen = calloc(s->n_types + 1, sizeof(*w.seen))};
    const struct vw_program **list = calloc(s->n_programs + 1, sizeof(*list));
    bool whole = w.seen && list;
    if (whole && s->n_programs) {
        memcpy(list, s->program_list, s->n_programs * sizeof(*list));
        qsort(list, s->n_programs, sizeof(*list), vw_schema_order_programs);
    }
    if (whole)
        put_generic(&w);
    for (size_t i = 0; whole && i < s->n_programs; i++) {
        fprintf(out, "program %" PRIu32 " %" PRIu32 "\n", list[i]->number, list[i]->version);
        for (uint32_t k = 0; k < list[i]->n_procs; k++)
            put_proc(&w, &list[i]->procs[k]);
    }
    free(w.seen);
    free(list);
    if (!whole || w.failed)
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
        rc = print_wire(s, out);
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
