// SPDX-License-Identifier: MIT
// Boundaries. The codec cannot encode a value past its bound, so that one is made from the encoding
// at the maximum: one element more, and the count word raised.

#include "oracle/bounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool fail(struct differ *d, const struct vw_boundary *b, const char *what)
{
    char first[160];
    snprintf(first, sizeof(first), "%.159s", d->text);
    snprintf(d->text, sizeof(d->text), "%.60s: %.80s at %" PRIu32 "%s: %.150s", d->type->name,
             b->path, b->count, b->over ? " (over)" : "", what ? what : first);
    return false;
}

static bool is_bounded(const struct vw_type *t)
{
    return t->kind == VW_STRING || t->kind == VW_OPAQUE || t->kind == VW_ARRAY;
}

uint64_t bounds_bytes(const struct vw_boundary *b)
{
    if (!is_bounded(b->type))
        return 0;
    uint64_t each = b->type->kind == VW_ARRAY ? b->type->elem->wire_min : 1;
    return each * b->type->max;
}

/* Appends the encoding of B at COUNT to OUT. */
static int encode_at(const struct differ *d, struct vw_boundary b, uint32_t count,
                     struct vw_buf *out)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    b.count = count;
    b.over = false;
    int rc = vw_value_at_boundary(d->type, &b, &arena, &value, NULL);
    if (rc == 0)
        rc = vw_xdr_encode(d->type, value, out, SIZE_MAX, NULL);
    vw_arena_finish(&arena);
    return rc;
}

/* Where the count word of B stands: in the encoding with none, which is the same up to there. */
static bool find_word(const struct differ *d, const struct vw_boundary *b,
                      const struct vw_buf *none, size_t *offset)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans;
    char path[512];
    const struct vw_span *span = NULL;
    snprintf(path, sizeof(path), "%s%s%s", b->path, b->path[0] ? "." : "",
             b->type->kind == VW_ARRAY ? "#count" : "#len");
    if (vw_xdr_spans(d->type, none->data, none->len, &arena, &spans, NULL) == 0)
        span = vw_spans_find(&spans, path);
    if (span)
        *offset = span->offset;
    vw_arena_finish(&arena);
    return span;
}

/* AT becomes the encoding with one element more than the bound allows. */
static int exceed(const struct vw_boundary *b, const struct vw_buf *none, size_t word,
                  struct vw_buf *at)
{
    uint32_t max = b->type->max, over = max + 1;
    size_t tail = none->len - word - 4, body = at->len - tail - word - 4;
    size_t more = b->type->kind == VW_ARRAY ? body / max : (max % 4 ? 0 : 4);
    if (vw_buf_reserve(at, more) < 0)
        return VW_ENOMEM;
    uint8_t *end = at->data + word + 4 + body;
    memmove(end + more, end, tail);
    memcpy(end, at->data + word + 4, more < body ? more : body);
    at->len += more;
    const uint8_t bytes[] = {(uint8_t)(over >> 24), (uint8_t)(over >> 16), (uint8_t)(over >> 8),
                             (uint8_t)over};
    memcpy(at->data + word, bytes, sizeof(bytes));
    return 0;
}

static bool compare_over(struct differ *d, const struct vw_boundary *b, size_t *len)
{
    struct vw_buf none = VW_BUF_INIT, at = VW_BUF_INIT;
    size_t word;
    bool same = false;
    if (encode_at(d, *b, 0, &none) < 0 || encode_at(d, *b, b->type->max, &at) < 0)
        fail(d, b, "cannot be encoded");
    else if (!find_word(d, b, &none, &word))
        fail(d, b, "has no count word");
    else if (exceed(b, &none, word, &at) < 0)
        fail(d, b, "out of memory");
    else if (!differ_bytes(d, at.data, at.len))
        fail(d, b, NULL);
    else {
        void *value;
        vw_arena_reset(&d->arena);
        int rc = vw_xdr_decode(d->type, at.data, at.len, &d->arena, &value, NULL, NULL);
        same = rc == VW_ELIMIT || fail(d, b, vw_status_name(rc));
    }
    if (len)
        *len = at.len;
    vw_buf_finish(&none);
    vw_buf_finish(&at);
    return same;
}

bool bounds_compare(struct differ *d, const struct vw_boundary *b, size_t *len)
{
    if (b->over)
        return compare_over(d, b, len);
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    void *value;
    bool same = vw_value_at_boundary(d->type, b, &arena, &value, &err) < 0
                    ? fail(d, b, err.text)
                    : differ_value(d, value) || fail(d, b, NULL);
    if (len)
        *len = d->ours.len;
    vw_arena_finish(&arena);
    return same;
}
