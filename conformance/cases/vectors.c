// SPDX-License-Identifier: MIT
// A class is a row: which fields of a sample it is about, and the edit that makes its vectors
// (xdr/edit-text.h). Those that are values as a whole are functions.
#include "conformance/cases/vectors.h"

#include <stdio.h>
#include <string.h>

#include "conformance/cases/family.h"
#include "xdr/edit-text.h"
#include "xdr/literal.h"
#include "xdr/values.h"

#define ACCEPTED (1u << VW_ACCEPT)
#define REFUSED  (1u << VW_REFUSE)
#define EITHER   (1u << VW_EITHER)
#define OPEN     (ACCEPTED | REFUSED | EITHER)

struct vector_class {
    const char *name, *clause, *why;
    unsigned may_be; /* of the results */
};

/* ---- values as a whole ---- */

static const struct vector_class minimal = {"minimal", "", "all is zero, empty or absent",
                                            ACCEPTED};
static const struct vector_class sample = {"sample", "", "one of everything", ACCEPTED};
static const struct vector_class random_values = {"random", "", "a value by chance", ACCEPTED};
static const struct vector_class boundary = {"boundary", "X-3",
                                             "none, one, or what the bound allows", ACCEPTED};
static const struct vector_class optional = {"optional", "X-9", "absent (0) or there (1)",
                                             ACCEPTED};
static const struct vector_class union_arm = {"union", "X-8", "one of the arms, by its place",
                                              ACCEPTED};
static const struct vector_class over = {"over", "X-3",
                                         "one more than the bound allows, with all bytes", REFUSED};

/* ---- edits of the sample ---- */

#define SPAN(kind) (1u << VW_SPAN_##kind)
#define ANY_FIELD                                                                                  \
    (SPAN(VALUE) | SPAN(LENGTH) | SPAN(COUNT) | SPAN(PRESENT) | SPAN(DISC) | SPAN(DATA))
#define TYPE(kind) (1ull << VW_##kind)
#define ANY_TYPE   (~0ull)
#define NARROW     (TYPE(CHAR) | TYPE(UCHAR) | TYPE(SHORT) | TYPE(USHORT))
#define WORDS      (TYPE(INT) | TYPE(UINT))
#define HYPERS     (TYPE(HYPER) | TYPE(UHYPER))

struct edit_class {
    struct vector_class class;
    unsigned spans;   /* which kinds; 0: one edit of the whole */
    uint64_t types;   /* of what the span belongs to */
    bool bounded;     /* only where there is a bound */
    const char *edit; /* %s: the path */
};

static const struct edit_class edits[] = {
    {{"truncated", "D-9", "the value ends ahead of the field", REFUSED},
     ANY_FIELD,
     ANY_TYPE,
     false,
     "truncate %s"},
    {{"truncated-inside", "D-9", "the value ends in the middle of the field", REFUSED},
     SPAN(VALUE) | SPAN(LENGTH) | SPAN(COUNT) | SPAN(PRESENT) | SPAN(DISC),
     ANY_TYPE,
     false,
     "truncate %s 1"},
    {{"padding-missing", "X-1", "the value ends ahead of its padding", REFUSED},
     SPAN(PAD),
     ANY_TYPE,
     false,
     "truncate %s"},
    {{"padding", "X-1", "padding that is not zero", EITHER},
     SPAN(PAD),
     ANY_TYPE,
     false,
     "flip %s ffffff"},
    {{"presence", "X-4", "a presence word of 2", EITHER},
     SPAN(PRESENT),
     ANY_TYPE,
     false,
     "relabel %s 2"},
    {{"presence-lost", "X-4", "what is there is said to be absent", OPEN},
     SPAN(PRESENT),
     ANY_TYPE,
     false,
     "relabel %s 0"},
    {{"bool", "X-4", "a boolean of 2", EITHER}, SPAN(VALUE), TYPE(BOOL), false, "set %s 00000002"},
    {{"enum", "X-5", "a word that is no member of the enum", EITHER},
     SPAN(VALUE),
     TYPE(ENUM),
     false,
     "set %s 7ffffffe"},
    {{"arm", "X-8", "a discriminant without an arm", OPEN},
     SPAN(DISC),
     ANY_TYPE,
     false,
     "relabel %s 0x7ffffffe"},
    {{"count-over", "X-3", "a count past the bound, nothing behind it", REFUSED},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     true,
     "relabel %s max+1"},
    {{"count-bound", "X-3", "a count at the bound, nothing behind it", OPEN},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     true,
     "relabel %s max"},
    {{"count-largest", "X-3", "a count of 2^32 - 1", REFUSED},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     false,
     "relabel %s 0xffffffff"},
    {{"count-wraps", "X-3", "a length that is 0 once padded, in 32 bits", REFUSED},
     SPAN(LENGTH),
     ANY_TYPE,
     false,
     "relabel %s 0xfffffffd"},
    {{"count-negative", "X-3", "a count of 2^31", REFUSED},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     false,
     "relabel %s 0x80000000"},
    {{"count-more", "D-9", "a count that is one too large", OPEN},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     false,
     "add %s 1"},
    {{"count-less", "D-10", "a count that is one too small", OPEN},
     SPAN(LENGTH) | SPAN(COUNT),
     ANY_TYPE,
     false,
     "add %s -1"},
    {{"nul", "X-2", "a NUL in a string", EITHER},
     SPAN(DATA),
     TYPE(STRING),
     false,
     "set %s at 0 00"},
    {{"utf8", "X-2", "a string that is no UTF-8", EITHER},
     SPAN(DATA),
     TYPE(STRING),
     false,
     "set %s at 0 ff"},
    {{"narrow", "X-6", "bits that the type has not", EITHER},
     SPAN(VALUE),
     NARROW,
     false,
     "set %s 00010000"},
    {{"smallest", "", "the smallest signed number", ACCEPTED},
     SPAN(VALUE),
     WORDS,
     false,
     "set %s 80000000"},
    {{"largest", "", "all bits", ACCEPTED}, SPAN(VALUE), WORDS, false, "set %s ffffffff"},
    {{"smallest-hyper", "", "the smallest signed number", ACCEPTED},
     SPAN(VALUE),
     HYPERS,
     false,
     "set %s 8000000000000000"},
    {{"largest-hyper", "", "all bits", ACCEPTED},
     SPAN(VALUE),
     HYPERS,
     false,
     "set %s ffffffffffffffff"},
    {{"trailing-word", "D-10", "a word behind the value", EITHER}, 0, 0, false, "pad 00000000"},
    {{"trailing-byte", "D-10", "a byte behind the value", EITHER}, 0, 0, false, "pad 00"},
    {{"empty", "D-9", "no bytes at all", OPEN}, 0, 0, false, "truncate ."},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- making ---- */

struct maker {
    const struct vw_type *type;
    const struct vw_vector_options *o;
    struct vw_arena arena; /* of the one vector */
    struct vw_error *err;
};

const char *vw_vector_result_name(enum vw_vector_result r)
{
    static const char *const names[] = {"accept", "refuse", "either"};
    return names[r];
}

/* What the codec says of the bytes of V. VW_ENOMEM. */
static int judge(struct maker *m, struct vw_vector *v)
{
    struct vw_findings found;
    struct vw_error why = VW_ERROR_INIT;
    void *value = NULL;
    int rc = vw_xdr_check(m->type, v->bytes, v->len, VW_STRICT_ALL, &m->arena, &found, NULL, &why);
    if (rc == VW_ENOMEM)
        return vw_error_nomem(m->err);
    v->result = rc ? VW_REFUSE : found.count ? VW_EITHER : VW_ACCEPT;
    for (size_t i = 0; rc == 0 && i < found.count; i++)
        v->breaks |= vw_strict_flag(found.list[i].rule);
    if (rc == 0 && vw_xdr_decode(m->type, v->bytes, v->len, &m->arena, &value, NULL, NULL))
        return vw_error_nomem(m->err);
    v->value = value;
    return 0;
}

static int give(struct maker *m, const struct vector_class *c, const char *path, const void *bytes,
                size_t len)
{
    struct vw_vector v = {.class = c->name,
                          .path = path,
                          .type = m->type,
                          .bytes = bytes,
                          .len = len,
                          .clause = c->clause,
                          .why = c->why};
    if (len > m->o->max_bytes)
        return 0;
    v.id = vw_arena_printf(&m->arena, "%s/%s%s%s", m->type->name, c->name, *path ? "@" : "", path);
    int rc = v.id ? judge(m, &v) : vw_error_nomem(m->err);
    if (rc)
        return rc;
    if (!(c->may_be & 1u << v.result))
        return vw_error_set(m->err, VW_EVALUE, "%.200s comes out as \"%s\"", v.id,
                            vw_vector_result_name(v.result));
    return m->o->take(m->o->user, &v, m->err);
}

static int give_value(struct maker *m, const struct vector_class *c, const char *path,
                      const void *value)
{
    struct vw_buf bytes = VW_BUF_INIT;
    int rc = vw_xdr_encode(m->type, value, &bytes, SIZE_MAX, m->err);
    if (rc == 0)
        rc = give(m, c, path, bytes.data, bytes.len);
    vw_buf_finish(&bytes);
    return rc;
}

static int make_minimal(struct maker *m)
{
    void *value;
    int rc = vw_value_minimal(m->type, &m->arena, &value, m->err);
    return rc ? rc : give_value(m, &minimal, "", value);
}

static int make_random(struct maker *m)
{
    struct vw_rng rng;
    char number[12];
    uint64_t seed = 0;
    int rc = 0;
    for (const char *p = m->type->name; *p; p++)
        seed = seed * 31 + (uint8_t)*p;
    vw_rng_seed(&rng, seed);
    for (unsigned i = 1; rc == 0 && i <= m->o->random; i++) {
        void *value;
        snprintf(number, sizeof(number), "%u", i);
        rc = vw_value_random(m->type, &rng, 256, &m->arena, &value, m->err);
        if (rc == 0)
            rc = give_value(m, &random_values, number, value);
        vw_arena_reset(&m->arena);
    }
    return rc;
}

/* ---- boundaries ---- */

/* The bytes of what is at the bound, with one element more: the count word says so, and the element
 * is there. */
static int give_over(struct maker *m, const struct vw_boundary *b, const char *path,
                     const void *value)
{
    struct vw_buf bytes = VW_BUF_INIT, made = VW_BUF_INIT;
    struct vw_spans spans;
    struct vw_edits list = {NULL, 0};
    const char *word = b->type->kind == VW_ARRAY ? "count" : "len";
    const char *dot = *b->path ? "." : "";
    char *text =
        vw_arena_printf(&m->arena, "relabel %s%s#%s max+1; pad 00000000", b->path, dot, word);
    int rc =
        text ? vw_xdr_encode(m->type, value, &bytes, SIZE_MAX, m->err) : vw_error_nomem(m->err);
    if (rc == 0)
        rc = vw_xdr_spans(m->type, bytes.data, bytes.len, &m->arena, &spans, m->err);
    if (rc == 0)
        rc = vw_edits_parse(text, &m->arena, &list, m->err);
    if (rc == 0)
        rc = vw_edits_apply(&spans, bytes.data, bytes.len, &list, &made, m->err);
    if (rc == 0)
        rc = give(m, &over, path, made.data, made.len);
    vw_buf_finish(&bytes);
    vw_buf_finish(&made);
    return rc;
}

/* Bytes that the encoding at the bound has at least, so that what is left out is not made. */
static bool too_long(const struct maker *m, const struct vw_boundary *b)
{
    uint64_t each = b->type->kind == VW_ARRAY ? b->type->elem->wire_min : 1;
    bool counts = b->type->kind != VW_OPTIONAL && b->type->kind != VW_UNION;
    return counts && (uint64_t)b->count * each > m->o->max_bytes;
}

static int give_boundary(struct maker *m, const struct vw_boundary *b)
{
    void *value;
    if (too_long(m, b))
        return 0;
    char *path = vw_arena_printf(&m->arena, "%s=%u", b->path, b->count);
    if (!path)
        return vw_error_nomem(m->err);
    int rc = vw_value_at_boundary(m->type, b, &m->arena, &value, m->err);
    if (rc)
        return rc;
    const struct vector_class *c = b->type->kind == VW_OPTIONAL ? &optional
                                   : b->type->kind == VW_UNION  ? &union_arm
                                                                : &boundary;
    return b->over ? give_over(m, b, path, value) : give_value(m, c, path, value);
}

static int make_boundaries(struct maker *m)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_boundaries all;
    int rc = vw_value_boundaries(m->type, &arena, &all, m->err);
    for (size_t i = 0; rc == 0 && i < all.count; i++) {
        rc = give_boundary(m, &all.list[i]);
        vw_arena_reset(&m->arena);
    }
    vw_arena_finish(&arena);
    return rc;
}

/* ---- edits ---- */

struct sampled {
    struct vw_arena arena;
    struct vw_buf bytes;
    struct vw_spans spans;
};

static int make_sample(struct maker *m, struct sampled *s)
{
    struct vw_node_context nodes = {.arena = &s->arena};
    void *value = NULL;
    struct vw_node *n = vw_sample_node(&s->arena, m->type);
    int rc = n ? vw_node_to_value(&nodes, m->type, n, &value, m->err) : vw_error_nomem(m->err);
    if (rc == 0)
        rc = vw_xdr_encode(m->type, value, &s->bytes, SIZE_MAX, m->err);
    return rc ? rc
              : vw_xdr_spans(m->type, s->bytes.data, s->bytes.len, &s->arena, &s->spans, m->err);
}

static int give_edit(struct maker *m, const struct sampled *s, const struct edit_class *c,
                     const char *path)
{
    struct vw_edits list = {NULL, 0};
    struct vw_buf made = VW_BUF_INIT;
    const char *mark = strstr(c->edit, "%s");
    int before = mark ? (int)(mark - c->edit) : 0;
    const char *text =
        mark ? vw_arena_printf(&m->arena, "%.*s%s%s", before, c->edit, *path ? path : ".", mark + 2)
             : c->edit;
    int rc = text ? vw_edits_parse(text, &m->arena, &list, m->err) : vw_error_nomem(m->err);
    if (rc == 0)
        rc = vw_edits_apply(&s->spans, s->bytes.data, s->bytes.len, &list, &made, m->err);
    if (rc == 0)
        rc = give(m, &c->class, path, made.data, made.len);
    vw_buf_finish(&made);
    vw_arena_reset(&m->arena);
    return rc;
}

/* What an optional holds has the path of the optional itself: an edit would mean that. */
static bool is_about(const struct edit_class *c, const struct vw_spans *all, size_t i)
{
    const struct vw_span *s = &all->list[i];
    bool first = c->spans == ANY_FIELD && s->offset == 0;
    return (c->spans & 1u << s->kind) && (c->types & 1ull << s->type->kind) && !first &&
           s->length > 0 && !(c->bounded && s->type->max == VW_UNBOUNDED) &&
           vw_spans_find(all, s->path) == s;
}

static int make_edits(struct maker *m, const struct sampled *s)
{
    int rc = give(m, &sample, "", s->bytes.data, s->bytes.len);
    for (size_t c = 0; rc == 0 && c < COUNT(edits); c++) {
        for (size_t i = 0; rc == 0 && i < s->spans.count; i++)
            if (is_about(&edits[c], &s->spans, i))
                rc = give_edit(m, s, &edits[c], s->spans.list[i].path);
        if (rc == 0 && edits[c].spans == 0)
            rc = give_edit(m, s, &edits[c], "");
    }
    return rc;
}

bool vw_vectors_has(const struct vw_type *t)
{
    return !t->alias_of && t->kind != VW_VOID;
}

int vw_vectors_make(const struct vw_type *t, const struct vw_vector_options *o,
                    struct vw_error *err)
{
    struct maker m = {.type = t, .o = o, .arena = VW_ARENA_INIT, .err = err};
    struct sampled s = {.arena = VW_ARENA_INIT, .bytes = VW_BUF_INIT};
    int rc = make_minimal(&m);
    vw_arena_reset(&m.arena);
    if (rc == 0)
        rc = make_random(&m);
    if (rc == 0)
        rc = make_boundaries(&m);
    if (rc == 0)
        rc = make_sample(&m, &s);
    if (rc == 0)
        rc = make_edits(&m, &s);
    vw_buf_finish(&s.bytes);
    vw_arena_finish(&s.arena);
    vw_arena_finish(&m.arena);
    return rc;
}

void vw_vectors_each_class(void (*fn)(void *user, const char *name, const char *clause,
                                      const char *why),
                           void *user)
{
    const struct vector_class *const whole[] = {&minimal,  &sample,    &random_values, &boundary,
                                                &optional, &union_arm, &over};
    for (size_t i = 0; i < COUNT(whole); i++)
        fn(user, whole[i]->name, whole[i]->clause, whole[i]->why);
    for (size_t i = 0; i < COUNT(edits); i++)
        fn(user, edits[i].class.name, edits[i].class.clause, edits[i].class.why);
}
