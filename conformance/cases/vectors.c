// SPDX-License-Identifier: MIT
#include "conformance/cases/vectors.h"

#include <stdio.h>
#include <string.h>

#include "conformance/cases/family.h"
#include "conformance/cases/vector-classes.h"
#include "xdr/edit-text.h"
#include "xdr/literal.h"
#include "xdr/values.h"

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

static const struct vw_vector_class *whole(enum vw_vector_whole w)
{
    return &vw_vector_wholes[w];
}

static int give(struct maker *m, const struct vw_vector_class *c, const char *path,
                const void *bytes, size_t len)
{
    struct vw_vector v = {.class = c, .path = path, .type = m->type, .bytes = bytes, .len = len};
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

static int give_value(struct maker *m, const struct vw_vector_class *c, const char *path,
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
    return rc ? rc : give_value(m, whole(VW_WHOLE_MINIMAL), "", value);
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
            rc = give_value(m, whole(VW_WHOLE_RANDOM), number, value);
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
        rc = give(m, whole(VW_WHOLE_OVER), path, made.data, made.len);
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
    if (too_long(m, b) || (m->o->compact && strchr(b->path, '.'))) /* a field of a part */
        return 0;
    char *path = vw_arena_printf(&m->arena, "%s=%u", b->path, b->count);
    if (!path)
        return vw_error_nomem(m->err);
    int rc = vw_value_at_boundary(m->type, b, &m->arena, &value, m->err);
    if (rc)
        return rc;
    enum vw_vector_whole c = b->type->kind == VW_OPTIONAL ? VW_WHOLE_OPTIONAL
                             : b->type->kind == VW_UNION  ? VW_WHOLE_UNION
                                                          : VW_WHOLE_BOUNDARY;
    return b->over ? give_over(m, b, path, value) : give_value(m, whole(c), path, value);
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

static int make_sample(struct maker *m, struct vw_vector_sample *s)
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

/* The text of the edit C of SPAN (NULL: of the whole); "": there is none. */
static const char *edit_text(struct maker *m, const struct vw_vector_sample *s,
                             const struct vw_vector_edit *c, const struct vw_span *span)
{
    const char *mark = c->edit ? strstr(c->edit, "%s") : NULL;
    if (!c->edit)
        return c->say(s, span, &m->arena);
    if (!mark)
        return c->edit;
    return vw_arena_printf(&m->arena, "%.*s%s%s", (int)(mark - c->edit), c->edit,
                           *span->path ? span->path : ".", mark + 2);
}

static int give_edit(struct maker *m, const struct vw_vector_sample *s,
                     const struct vw_vector_edit *c, const struct vw_span *span)
{
    struct vw_edits list = {NULL, 0};
    struct vw_buf made = VW_BUF_INIT;
    const char *text = edit_text(m, s, c, span);
    if (text && !*text)
        return 0;
    int rc = text ? vw_edits_parse(text, &m->arena, &list, m->err) : vw_error_nomem(m->err);
    if (rc == 0)
        rc = vw_edits_apply(&s->spans, s->bytes.data, s->bytes.len, &list, &made, m->err);
    if (rc == 0)
        rc = give(m, &c->class, span ? span->path : "", made.data, made.len);
    vw_buf_finish(&made);
    vw_arena_reset(&m->arena);
    return rc;
}

/* Ends of the parts that have vectors of their own: where a span lies ahead of the last one that
 * began, it lies in a part. */
static bool in_a_part(const struct vw_type *root, const struct vw_span *s, size_t *end)
{
    bool within = s->offset < *end;
    bool part = s->kind == VW_SPAN_GROUP && s->type->name && s->type != root &&
                (s->type->kind == VW_STRUCT || s->type->kind == VW_UNION);
    if (part && s->offset + s->length > *end)
        *end = s->offset + s->length;
    return within;
}

/* What an optional holds has the path of the optional itself: an edit would mean that. */
static bool is_about(const struct vw_vector_edit *c, const struct vw_spans *all, size_t i)
{
    const struct vw_span *s = &all->list[i];
    return (c->spans & 1u << s->kind) && (c->types & 1ull << s->type->kind) &&
           !(c->not_first && s->offset == 0) && s->length > 0 &&
           !(c->bounded && s->type->max == VW_UNBOUNDED) && vw_spans_find(all, s->path) == s;
}

static int make_edit(struct maker *m, const struct vw_vector_sample *s,
                     const struct vw_vector_edit *c)
{
    size_t end = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->spans.count; i++) {
        const struct vw_span *span = &s->spans.list[i];
        bool part = in_a_part(m->type, span, &end);
        if (is_about(c, &s->spans, i) && !(part && m->o->compact && !c->everywhere))
            rc = give_edit(m, s, c, span);
    }
    return rc;
}

static int make_edits(struct maker *m, const struct vw_vector_sample *s)
{
    int rc = give(m, whole(VW_WHOLE_SAMPLE), "", s->bytes.data, s->bytes.len);
    for (size_t i = 0; rc == 0 && i < vw_n_vector_edits; i++) {
        const struct vw_vector_edit *c = &vw_vector_edits[i];
        rc = c->spans ? make_edit(m, s, c) : give_edit(m, s, c, NULL);
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
    struct vw_vector_sample s = {.arena = VW_ARENA_INIT, .bytes = VW_BUF_INIT};
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

void vw_vectors_each_class(void (*fn)(void *user, const struct vw_vector_class *class), void *user)
{
    for (size_t i = 0; i < VW_WHOLES; i++)
        fn(user, &vw_vector_wholes[i]);
    for (size_t i = 0; i < vw_n_vector_edits; i++)
        fn(user, &vw_vector_edits[i].class);
}
