// SPDX-License-Identifier: MIT
// Parts of a value that can go while the rest stays well formed: an element of an array, what is
// optional, what a string or opaque holds.
#include <string.h>

#include "fuzz/mutator-ops.h"

static const uint8_t zero[4];

const struct vw_span *vw_mutator_group(const struct vw_spans *s, size_t i)
{
    const struct vw_span *group = i > 0 ? &s->list[i - 1] : NULL;
    bool good = group && group->kind == VW_SPAN_GROUP && group->offset == s->list[i].offset;
    return good && vw_mutator_named(s, group) ? group : NULL;
}

bool vw_mutator_named(const struct vw_spans *s, const struct vw_span *span)
{
    return vw_spans_find(s, span->path) == span;
}

static bool add(struct vw_mutator *m, struct vw_edits *edits, const struct vw_edit *e)
{
    return vw_edits_add(edits, &m->arena, e, NULL) == 0;
}

/* The count word whose array has the element at I, its first; NULL: it is none. */
static const struct vw_span *count_before(const struct vw_spans *s, size_t i)
{
    const struct vw_span *count = i > 0 ? &s->list[i - 1] : NULL;
    return count && count->kind == VW_SPAN_COUNT ? count : NULL;
}

bool vw_mutator_remove(struct vw_mutator *m, size_t i, struct vw_edits *edits)
{
    const struct vw_spans *s = &m->spans;
    const struct vw_span *span = &s->list[i];
    *edits = (struct vw_edits){0};
    bool word = span->kind == VW_SPAN_PRESENT || span->kind == VW_SPAN_LENGTH;
    if (word) {
        const struct vw_span *group = vw_mutator_group(s, i);
        if (!group || vw_load32(m->body.data + span->offset) == 0)
            return false;
        const struct vw_edit e = {
            .op = VW_EDIT_SET, .path = group->path, .bytes = zero, .n_bytes = sizeof(zero)};
        return add(m, edits, &e);
    }
    const struct vw_span *count = count_before(s, i);
    if (!count || !vw_mutator_named(s, span) || vw_load32(m->body.data + count->offset) == 0)
        return false;
    const struct vw_edit less = {.op = VW_EDIT_ADD, .path = count->path, .number = -1};
    const struct vw_edit cut = {.op = VW_EDIT_CUT, .path = span->path};
    return add(m, edits, &less) && add(m, edits, &cut);
}
