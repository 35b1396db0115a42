// SPDX-License-Identifier: MIT
// The parts of the input at hand, and putting others in their place: what the operations do it
// with.
#include <string.h>

#include "fuzz/common.h"
#include "fuzz/mutator-ops.h"

uint64_t vw_mutator_below(struct vw_mutator *m, uint64_t n)
{
    return vw_rng_below(&m->rng, n);
}

bool vw_mutator_has_header(const struct vw_mutator *m)
{
    return m->format != VW_MUTATOR_TYPE && m->head_len >= VW_PREFIX_BYTES;
}

const struct vw_type *vw_mutator_type(const struct vw_mutator *m, const uint8_t *head, size_t len)
{
    struct vw_header h;
    if (m->format == VW_MUTATOR_TYPE)
        return m->fixed;
    if (len < VW_PREFIX_BYTES)
        return len >= 4 ? vw_fuzz_type(vw_load32(head) & 0xffffff) : NULL;
    vw_header_decode(head + VW_LENGTH_BYTES, &h);
    return vw_fuzz_body_type(m->schema, &h);
}

void vw_mutator_retype(struct vw_mutator *m)
{
    m->type = vw_mutator_type(m, m->head, m->head_len);
    m->fresh = false;
}

static size_t looked_at(const struct vw_mutator *m)
{
    return m->body.len < VW_MUTATOR_LOOKED_AT ? m->body.len : VW_MUTATOR_LOOKED_AT;
}

/* What is behind an error stays as it is. */
static void read_spans(const struct vw_mutator *m, struct vw_arena *arena, struct vw_spans *out)
{
    *out = (struct vw_spans){0};
    if (m->type)
        (void)vw_xdr_spans(m->type, m->body.data ? (const void *)m->body.data : "", looked_at(m),
                           arena, out, NULL);
}

const struct vw_spans *vw_mutator_spans(struct vw_mutator *m)
{
    if (!m->fresh)
        read_spans(m, &m->arena, &m->spans);
    m->fresh = true;
    return &m->spans;
}

void vw_mutator_recall(struct vw_mutator *m)
{
    size_t len = looked_at(m);
    bool same = m->origin.type == m->type && m->origin.body.len == len &&
                (len == 0 || memcmp(m->origin.body.data, m->body.data, len) == 0);
    if (!same) {
        m->origin.body.len = 0;
        m->origin.type = NULL;
        if (len && vw_buf_append(&m->origin.body, m->body.data, len))
            return;
        vw_arena_reset(&m->origin.arena);
        read_spans(m, &m->origin.arena, &m->origin.spans);
        m->origin.type = m->type;
    }
    m->spans = m->origin.spans;
    m->fresh = true;
}

bool vw_mutator_apply(struct vw_mutator *m, const struct vw_edits *edits)
{
    if (vw_edits_apply(&m->spans, m->body.data ? (const void *)m->body.data : "", m->body.len,
                       edits, &m->next, NULL) ||
        m->next.len > m->room)
        return false;
    struct vw_buf old = m->body;
    m->body = m->next;
    m->next = old;
    m->fresh = false;
    return true;
}

bool vw_mutator_edit(struct vw_mutator *m, const struct vw_edit *edit)
{
    struct vw_edit copy = *edit;
    const struct vw_edits edits = {&copy, 1};
    return vw_mutator_apply(m, &edits);
}

bool vw_mutator_body(struct vw_mutator *m, const void *bytes, size_t len)
{
    if (len > m->room)
        return false;
    m->body.len = 0;
    m->fresh = false;
    return len == 0 || vw_buf_append(&m->body, bytes, len) == 0;
}

bool vw_mutator_value(struct vw_mutator *m, const struct vw_type *t, size_t hint,
                      const uint8_t **bytes, size_t *len)
{
    struct vw_buf b = VW_BUF_INIT;
    void *value;
    size_t at = 0;
    uint8_t *copy = NULL;
    if (t->kind == VW_VOID)
        return false;
    if (vw_value_random(t, &m->rng, hint, &m->arena, &value, NULL) == 0 &&
        vw_xdr_encode(t, value, &b, m->room, NULL) == 0) {
        at = b.len;
        copy = vw_arena_alloc(&m->arena, at + 1, 1);
        if (copy && at)
            memcpy(copy, b.data, at);
    }
    vw_buf_finish(&b);
    *bytes = copy;
    *len = at;
    return copy != NULL;
}
