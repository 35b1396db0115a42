// SPDX-License-Identifier: MIT
// Byte edits. Each becomes "at this offset of the unedited bytes, remove so many, put these"; they
// are sorted and applied in one pass.
#include "xdr/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/words.h"

/* The search for a near path looks at no more than this many: it is for the eye of a reader. */
#define NEAREST_PATHS 2000u

/* Of edits at one offset: what belongs behind the span before, what belongs before the span here,
 * the span here itself, and the end of the message. */
enum rank { RANK_AFTER, RANK_BEFORE, RANK_SPAN, RANK_END };

struct patch {
    size_t offset;
    size_t removed;
    const uint8_t *bytes; /* NULL: word */
    size_t n_bytes;
    size_t index; /* of the edit: keeps the order of equals */
    enum rank rank;
    uint8_t word[4]; /* of VW_EDIT_RELABEL */
};

static const struct vw_span *find(const struct vw_spans *spans, const char *path,
                                  struct vw_arena *arena, struct vw_error *err)
{
    const struct vw_span *span = vw_spans_find(spans, path);
    if (span)
        return span;
    size_t n = spans->count < NEAREST_PATHS ? spans->count : NEAREST_PATHS;
    const char **names = vw_arena_alloc(arena, (n + 1) * sizeof(*names), 8);
    for (size_t i = 0; names && i < n; i++)
        names[i] = spans->list[i].path;
    const char *near = names ? vw_nearest(path, names, n) : NULL;
    if (near && *near)
        vw_error_set(err, VW_ENAME, "no part is called '%s', did you mean '%s'?", path, near);
    else
        vw_error_set(err, VW_ENAME, "no part is called '%s'", path);
    return NULL;
}

static int misfit(struct vw_error *err, const char *path, const char *what)
{
    return vw_error_set(err, VW_EUSAGE, "%s '%s'", what, *path ? path : ".");
}

static bool is_label(const struct vw_span *s)
{
    return s->kind == VW_SPAN_LENGTH || s->kind == VW_SPAN_COUNT || s->kind == VW_SPAN_PRESENT ||
           s->kind == VW_SPAN_DISC;
}

static int patch_cut(const struct vw_edit *e, const struct vw_span *span, struct patch *p,
                     struct vw_error *err)
{
    if (e->at > span->length || e->length > span->length - e->at)
        return misfit(err, e->path, "the cut reaches beyond");
    p->offset = span->offset + e->at;
    p->removed = e->length ? e->length : span->length - e->at;
    return 0;
}

/* The label itself, or the group that begins with one. */
static int patch_relabel(const struct vw_spans *spans, const struct vw_edit *e,
                         const struct vw_span *span, struct patch *p, struct vw_error *err)
{
    const struct vw_span *last = spans->list + spans->count - 1;
    while (span->kind == VW_SPAN_GROUP && span < last && span[1].offset == span->offset)
        span++;
    if (!is_label(span) || span->length != 4)
        return misfit(err, e->path, "no length, count, presence or discriminant word begins");
    vw_store32(p->word, e->number);
    p->bytes = NULL;
    p->offset = span->offset;
    p->removed = p->n_bytes = 4;
    return 0;
}

static int patch_of(const struct vw_spans *spans, size_t len, const struct vw_edit *e,
                    struct vw_arena *arena, struct patch *p, struct vw_error *err)
{
    p->bytes = e->bytes;
    p->rank = RANK_SPAN;
    if (e->op == VW_EDIT_PAD) {
        p->offset = len;
        p->n_bytes = e->n_bytes;
        p->rank = RANK_END;
        return 0;
    }
    const struct vw_span *span = find(spans, e->path ? e->path : "", arena, err);
    if (!span)
        return VW_ENAME;
    switch (e->op) {
    case VW_EDIT_SET:
        p->offset = span->offset;
        p->removed = span->length;
        p->n_bytes = e->n_bytes;
        return 0;
    case VW_EDIT_INSERT:
        p->offset = span->offset + (e->after ? span->length : 0);
        p->n_bytes = e->n_bytes;
        p->rank = e->after ? RANK_AFTER : RANK_BEFORE;
        return 0;
    case VW_EDIT_CUT:
        return patch_cut(e, span, p, err);
    case VW_EDIT_TRUNCATE:
        if (e->at > span->length)
            return misfit(err, e->path, "the end lies beyond");
        p->offset = span->offset + e->at;
        p->removed = len - p->offset;
        return 0;
    default:
        return patch_relabel(spans, e, span, p, err);
    }
}

static int compare(const void *a, const void *b)
{
    const struct patch *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int apply(const uint8_t *bytes, size_t len, const struct patch *patches, size_t n,
                 struct vw_buf *out, struct vw_error *err)
{
    size_t pos = 0;
    for (size_t i = 0; i < n; i++) {
        const struct patch *p = &patches[i];
        if (p->offset < pos)
            return vw_error_set(err, VW_EUSAGE, "edits overlap at offset %zu", p->offset);
        const uint8_t *put = p->bytes ? p->bytes : p->word;
        if (vw_buf_append(out, bytes + pos, p->offset - pos) || vw_buf_append(out, put, p->n_bytes))
            return vw_error_nomem(err);
        pos = p->offset + p->removed;
    }
    return vw_buf_append(out, bytes + pos, len - pos) ? vw_error_nomem(err) : 0;
}

int vw_edit_apply(const struct vw_spans *spans, const void *bytes, size_t len,
                  const struct vw_edit *edits, size_t n_edits, struct vw_buf *out,
                  struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct patch *patches = calloc(n_edits ? n_edits : 1, sizeof(*patches));
    int rc = patches ? 0 : vw_error_nomem(err);

    out->len = 0;
    for (size_t i = 0; rc == 0 && i < n_edits; i++) {
        patches[i].index = i;
        rc = patch_of(spans, len, &edits[i], &arena, &patches[i], err);
    }
    if (rc == 0) {
        qsort(patches, n_edits, sizeof(*patches), compare);
        rc = apply(bytes, len, patches, n_edits, out, err);
    }
    if (rc)
        out->len = 0;
    free(patches);
    vw_arena_finish(&arena);
    return rc;
}
