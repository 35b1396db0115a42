// SPDX-License-Identifier: MIT
// Byte edits. Each becomes "at this offset of the unedited bytes, remove so many, put these", once
// for each span that its path names; they are sorted and applied in one pass.
#include "xdr/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/room.h"
#include "base/words.h"

/* The search for a near path looks at no more than this many: it is for the eye of a reader. */
#define NEAREST_PATHS 2000u

/* Of edits at one offset: what belongs behind the span before, what belongs before the span here,
 * the span here itself, and the end of the message. */
enum rank { RANK_AFTER, RANK_BEFORE, RANK_SPAN, RANK_END };

struct patch {
    size_t offset;
    size_t removed;
    const uint8_t *bytes;
    size_t n_bytes;
    size_t index; /* keeps the order of equals */
    enum rank rank;
};

struct patcher {
    const struct vw_spans *spans;
    const uint8_t *bytes;
    size_t len;
    struct vw_arena arena;
    struct vw_buf patches; /* struct patch */
    struct vw_error *err;
};

int vw_edits_add(struct vw_edits *edits, struct vw_arena *arena, const struct vw_edit *edit,
                 struct vw_error *err)
{
    struct vw_edit *list = vw_arena_room(arena, edits->list, edits->count, sizeof(*list));
    if (!list)
        return vw_error_nomem(err);
    edits->list = list;
    edits->list[edits->count++] = *edit;
    return 0;
}

/* ---- finding spans ---- */

static bool is_any(const char *pattern)
{
    return strchr(pattern, '*') != NULL;
}

static bool matches(const char *pattern, const char *path)
{
    for (; *pattern && *pattern != '*'; pattern++, path++)
        if (*pattern != *path)
            return false;
    if (!*pattern)
        return !*path;
    bool all = pattern[1] == '*';
    const char *rest = pattern + (all ? 2 : 1);
    while (!matches(rest, path)) {
        if (!*path || (!all && strchr(".[]", *path)))
            return false;
        path++;
    }
    return true;
}

static int unknown_path(struct patcher *p, const char *path)
{
    struct vw_near near = {.word = path};
    for (size_t i = 0; !is_any(path) && i < p->spans->count && i < NEAREST_PATHS; i++)
        vw_near_offer(&near, p->spans->list[i].path);
    return vw_error_set(p->err, VW_ENAME, "no part is called '%s'%s", path,
                        VW_HINT(",", near.best && *near.best ? near.best : NULL));
}

static int misfit(struct patcher *p, const struct vw_span *span, const char *what)
{
    return vw_error_set(p->err, VW_EUSAGE, "%s '%s'", what, *span->path ? span->path : ".");
}

/* The word itself, or that with which the group begins. */
static const struct vw_span *word_of(const struct patcher *p, const struct vw_span *span)
{
    const struct vw_span *last = p->spans->list + p->spans->count - 1;
    while (span->kind == VW_SPAN_GROUP && span < last && span[1].offset == span->offset)
        span++;
    return span;
}

static bool is_label(const struct vw_span *s)
{
    return s->length == 4 && (s->kind == VW_SPAN_LENGTH || s->kind == VW_SPAN_COUNT ||
                              s->kind == VW_SPAN_PRESENT || s->kind == VW_SPAN_DISC);
}

/* ---- making patches ---- */

static int put(struct patcher *p, enum rank rank, size_t offset, size_t removed,
               const uint8_t *bytes, size_t n_bytes)
{
    size_t index = p->patches.len / sizeof(struct patch);
    struct patch patch = {offset, removed, bytes, n_bytes, index, rank};
    return vw_buf_append(&p->patches, &patch, sizeof(patch)) ? vw_error_nomem(p->err) : 0;
}

/* Puts as many bytes as the span has, made by the caller in what this gives. */
static uint8_t *put_same(struct patcher *p, const struct vw_span *span)
{
    uint8_t *bytes = vw_arena_alloc(&p->arena, span->length, 1);
    if (!bytes)
        vw_error_nomem(p->err);
    else if (put(p, RANK_SPAN, span->offset, span->length, bytes, span->length) == 0)
        return memcpy(bytes, p->bytes + span->offset, span->length);
    return NULL;
}

/* Where AT is in the span; false: not in it. */
static bool place(const struct vw_span *span, int64_t at, size_t *out)
{
    uint64_t back = -(uint64_t)at;
    *out = at < 0 ? span->length - (size_t)back : (size_t)at;
    return at < 0 ? back <= span->length : (uint64_t)at <= span->length;
}

static int cut(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    size_t at, length = (size_t)e->length;
    if (!place(span, e->at, &at) || length > span->length - at)
        return misfit(p, span, "the cut reaches beyond");
    return put(p, RANK_SPAN, span->offset + at, length ? length : span->length - at, NULL, 0);
}

static int truncate_at(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    size_t at;
    if (!place(span, e->at, &at))
        return misfit(p, span, "the end lies beyond");
    return put(p, RANK_SPAN, span->offset + at, p->len - span->offset - at, NULL, 0);
}

static int relabel(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    const struct vw_span *word = word_of(p, span);
    if (!is_label(word))
        return misfit(p, span, "no length, count, presence or discriminant word begins");
    uint8_t *bytes = put_same(p, word);
    if (!bytes)
        return VW_ENOMEM;
    vw_store32(bytes, (uint32_t)e->number + (e->of_bound ? word->type->max : 0));
    return 0;
}

static int add(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    const struct vw_span *word = word_of(p, span);
    if (word->length != 4 && word->length != 8)
        return misfit(p, span, "no word of 4 or 8 bytes begins");
    const uint8_t *from = p->bytes + word->offset;
    uint64_t value = word->length == 4 ? vw_load32(from) : vw_load64(from);
    uint8_t *bytes = put_same(p, word);
    if (!bytes)
        return VW_ENOMEM;
    if (value == 0 && e->nonzero)
        return 0;
    value += (uint64_t)e->number;
    if (word->length == 4)
        vw_store32(bytes, (uint32_t)value);
    else
        vw_store64(bytes, value);
    return 0;
}

static int set(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    size_t at, length = e->placed ? e->n_bytes : span->length;
    if (!place(span, e->at, &at) || length > span->length - at)
        return misfit(p, span, "the bytes reach beyond");
    return put(p, RANK_SPAN, span->offset + at, length, e->bytes, e->n_bytes);
}

static int flip(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    size_t at;
    if (!place(span, e->at, &at))
        return misfit(p, span, "the bytes reach beyond");
    uint8_t *bytes = put_same(p, span);
    for (size_t i = 0; bytes && i < e->n_bytes && i < span->length - at; i++)
        bytes[at + i] ^= e->bytes[i];
    return bytes ? 0 : VW_ENOMEM;
}

static int reverse(struct patcher *p, const struct vw_span *span)
{
    uint8_t *bytes = put_same(p, span);
    for (size_t i = 0; bytes && i < span->length; i++)
        bytes[i] = p->bytes[span->offset + span->length - 1 - i];
    return bytes ? 0 : VW_ENOMEM;
}

static int swap(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    const struct vw_span *other = vw_spans_find(p->spans, e->other);
    if (!other)
        return unknown_path(p, e->other);
    int rc = put(p, RANK_SPAN, span->offset, span->length, p->bytes + other->offset, other->length);
    if (rc)
        return rc;
    return put(p, RANK_SPAN, other->offset, other->length, p->bytes + span->offset, span->length);
}

static int edit_span(struct patcher *p, const struct vw_edit *e, const struct vw_span *span)
{
    switch (e->op) {
    case VW_EDIT_SET:
        return set(p, e, span);
    case VW_EDIT_INSERT:
        return put(p, RANK_BEFORE, span->offset, 0, e->bytes, e->n_bytes);
    case VW_EDIT_APPEND:
        return put(p, RANK_AFTER, span->offset + span->length, 0, e->bytes, e->n_bytes);
    case VW_EDIT_CUT:
        return cut(p, e, span);
    case VW_EDIT_TRUNCATE:
        return truncate_at(p, e, span);
    case VW_EDIT_RELABEL:
        return relabel(p, e, span);
    case VW_EDIT_ADD:
        return add(p, e, span);
    case VW_EDIT_SWAP:
        return swap(p, e, span);
    case VW_EDIT_FLIP:
        return flip(p, e, span);
    default:
        return reverse(p, span);
    }
}

/* An optional that is there and its value are two spans of one path: only the first is meant. */
static int edit_all(struct patcher *p, const struct vw_edit *e)
{
    const struct vw_span *last = NULL;
    int rc = 0;
    for (size_t i = 0; i < p->spans->count && rc == 0; i++) {
        const struct vw_span *span = &p->spans->list[i];
        if (!matches(e->path, span->path) || (last && strcmp(last->path, span->path) == 0))
            continue;
        last = span;
        rc = edit_span(p, e, span);
    }
    return last || rc ? rc : unknown_path(p, e->path);
}

static int edit(struct patcher *p, const struct vw_edit *e)
{
    if (e->op == VW_EDIT_PAD)
        return put(p, RANK_END, p->len, 0, e->bytes, e->n_bytes);
    const char *path = e->path ? e->path : "";
    if (is_any(path) && e->op != VW_EDIT_SWAP)
        return edit_all(p, e);
    const struct vw_span *span = vw_spans_find(p->spans, path);
    return span ? edit_span(p, e, span) : unknown_path(p, path);
}

/* ---- applying them ---- */

static int compare(const void *a, const void *b)
{
    const struct patch *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int apply(struct patcher *p, struct vw_buf *out)
{
    struct patch *patches = (struct patch *)(void *)p->patches.data;
    size_t n = p->patches.len / sizeof(*patches), pos = 0;
    if (n)
        qsort(patches, n, sizeof(*patches), compare);
    for (size_t i = 0; i < n; i++) {
        const struct patch *q = &patches[i];
        if (q->offset < pos)
            return vw_error_set(p->err, VW_EUSAGE, "edits overlap at offset %zu", q->offset);
        if (vw_buf_append(out, p->bytes + pos, q->offset - pos) ||
            vw_buf_append(out, q->bytes, q->n_bytes))
            return vw_error_nomem(p->err);
        pos = q->offset + q->removed;
    }
    return vw_buf_append(out, p->bytes + pos, p->len - pos) ? vw_error_nomem(p->err) : 0;
}

int vw_edits_apply(const struct vw_spans *spans, const void *bytes, size_t len,
                   const struct vw_edits *edits, struct vw_buf *out, struct vw_error *err)
{
    struct patcher p = {.spans = spans, .bytes = bytes, .len = len, .err = err};
    int rc = 0;
    out->len = 0;
    for (size_t i = 0; rc == 0 && i < edits->count; i++)
        rc = edit(&p, &edits->list[i]);
    if (rc == 0)
        rc = apply(&p, out);
    if (rc)
        out->len = 0;
    vw_buf_finish(&p.patches);
    vw_arena_finish(&p.arena);
    return rc;
}
