// SPDX-License-Identifier: MIT
// The comparison of the two codecs. Errors of ours that only memory can explain count as
// differences.

#include "oracle/differ.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xdr/values.h"

void differ_init(struct differ *d)
{
    memset(d, 0, sizeof(*d));
    vw_arena_init(&d->arena);
}

void differ_finish(struct differ *d)
{
    vw_arena_finish(&d->arena);
    vw_buf_finish(&d->ours);
    vw_buf_finish(&d->theirs);
}

static bool say(struct differ *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool say(struct differ *d, const char *fmt, ...)
{
    va_list ap;
    int n = snprintf(d->text, sizeof(d->text), "%s: ", d->type->name);
    va_start(ap, fmt);
    vsnprintf(d->text + n, sizeof(d->text) - (size_t)n, fmt, ap);
    va_end(ap);
    return false;
}

bool differ_set(struct differ *d, enum vw_oracle_release release, const struct vw_type *t)
{
    d->type = t;
    d->oracle = vw_oracle_type(release, t->name);
    return d->oracle || say(d, "the oracle has no such type");
}

static size_t cut(const struct vw_type *t, void *value);

static size_t cut_items(const struct vw_type *elem, uint8_t *items, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += cut(elem, items + i * elem->size);
    return n;
}

static size_t cut_field(const struct vw_field *f, uint8_t *owner)
{
    if (!f || !f->name)
        return 0;
    return cut(f->type, f->boxed ? *(void **)(void *)(owner + f->offset) : owner + f->offset);
}

/* Ends every string at its first NUL; how many were shortened. */
static size_t cut(const struct vw_type *t, void *value)
{
    struct vw_list *list = value;
    struct vw_string *string = value;
    size_t n = 0;
    switch (t->kind) {
    case VW_STRING:
        n = strlen(string->data) < string->len;
        string->len = (uint32_t)strlen(string->data);
        return n;
    case VW_FIXED_ARRAY:
        return cut_items(t->elem, value, t->max);
    case VW_ARRAY:
        return cut_items(t->elem, list->items, list->count);
    case VW_OPTIONAL:
        return *(void **)value ? cut(t->elem, *(void **)value) : 0;
    case VW_STRUCT:
        for (uint32_t i = 0; i < t->n_fields; i++)
            n += cut_field(&t->fields[i], value);
        return n;
    case VW_UNION:
        return cut_field(vw_type_arm(t, *(int32_t *)value), value);
    default:
        return 0;
    }
}

/* One that does not fit is refused by both: without its last word, and cut somewhere else. */
static bool compare_short(struct differ *d, const void *ours, const void *theirs, size_t len)
{
    size_t rooms[] = {len - 4, 0};
    for (size_t i = 0; i < len; i++)
        rooms[1] = rooms[1] * 31 + d->ours.data[i];
    rooms[1] = rooms[1] % len & ~(size_t)3;
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        d->theirs.len = 0;
        if (vw_xdr_encode(d->type, ours, &d->theirs, rooms[i], NULL) == 0)
            return say(d, "we encode %zu bytes where only %zu may be", len, rooms[i]);
        if (vw_buf_reserve(&d->theirs, rooms[i] + 1) < 0)
            return say(d, "out of memory");
        if (vw_oracle_encode(d->oracle, theirs, d->theirs.data, rooms[i]) >= 0)
            return say(d, "the oracle encodes %zu bytes into %zu", len, rooms[i]);
    }
    return true;
}

static bool compare_encodings(struct differ *d, const void *ours, const void *theirs, size_t used)
{
    struct vw_error err = VW_ERROR_INIT;
    d->ours.len = d->theirs.len = 0;
    if (vw_xdr_encode(d->type, ours, &d->ours, SIZE_MAX, &err) < 0)
        return say(d, "decoded, but we cannot encode it: %s", err.text);
    /* One word more than it came in, so that a longer encoding shows. */
    if (vw_buf_reserve(&d->theirs, used + 4) < 0)
        return say(d, "out of memory");
    ssize_t n = vw_oracle_encode(d->oracle, theirs, d->theirs.data, used + 4);
    if (n < 0)
        return say(d, "decoded, but the oracle cannot encode it");
    if ((size_t)n != d->ours.len)
        return say(d, "we encode %zu bytes, the oracle %zd", d->ours.len, n);
    for (size_t i = 0; i < d->ours.len; i++)
        if (d->ours.data[i] != d->theirs.data[i])
            return say(d, "byte %zu of the encoding is 0x%02x, the oracle's 0x%02x", i,
                       d->ours.data[i], d->theirs.data[i]);
    return d->ours.len == 0 || compare_short(d, ours, theirs, d->ours.len);
}

bool differ_bytes(struct differ *d, const void *bytes, size_t len)
{
    struct vw_error err = VW_ERROR_INIT;
    void *ours = NULL;
    size_t used = 0, their_used = 0;
    vw_arena_reset(&d->arena);
    int rc = vw_xdr_decode(d->type, bytes, len, &d->arena, &ours, &used, &err);
    void *theirs = vw_oracle_decode(d->oracle, bytes, len, &their_used);
    bool same = true;
    if (rc == VW_ENOMEM)
        same = say(d, "out of memory");
    else if (rc == 0 && !theirs)
        same = say(d, "we accept what the oracle refuses");
    else if (rc < 0 && theirs)
        same = say(d, "the oracle accepts what we refuse: %s at %s", err.text, err.path);
    else if (rc == 0 && used != their_used)
        same = say(d, "we use %zu bytes, the oracle %zu", used, their_used);
    if (same && rc == 0) {
        d->cut += cut(d->type, ours);
        d->accepted++;
        same = compare_encodings(d, ours, theirs, used);
    } else if (same) {
        d->refused++;
    }
    vw_oracle_free(d->oracle, theirs);
    return same;
}

bool differ_value(struct differ *d, const void *value)
{
    struct vw_error err = VW_ERROR_INIT;
    void *again, *theirs;
    size_t used;
    vw_arena_reset(&d->arena);
    d->ours.len = 0;
    if (vw_xdr_encode(d->type, value, &d->ours, SIZE_MAX, &err) < 0)
        return say(d, "cannot be encoded: %s", err.text);
    if (vw_xdr_decode(d->type, d->ours.data, d->ours.len, &d->arena, &again, &used, &err) < 0)
        return say(d, "we refuse our own encoding: %s at %s", err.text, err.path);
    if (used != d->ours.len || !vw_value_equal(d->type, value, again))
        return say(d, "does not come back from our own encoding");
    theirs = vw_oracle_decode(d->oracle, d->ours.data, d->ours.len, &used);
    if (!theirs)
        return say(d, "the oracle refuses our encoding");
    bool same = used == d->ours.len ? compare_encodings(d, value, theirs, used)
                                    : say(d, "the oracle uses %zu of %zu bytes", used, d->ours.len);
    vw_oracle_free(d->oracle, theirs);
    d->accepted += same;
    return same;
}
