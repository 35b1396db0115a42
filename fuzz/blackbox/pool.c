// SPDX-License-Identifier: MIT
// See pool.h.
#include "fuzz/blackbox/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEARN_SPANS 400 /* of one answer that are looked at */

void vw_pool_finish(struct vw_pool *p)
{
    for (unsigned i = 0; i < p->n_kinds; i++)
        free(p->kinds[i].items);
    memset(p, 0, sizeof(*p));
}

/* The last step of a path, without an index. */
static size_t last_step(const char *path, const char **out)
{
    const char *dot = strrchr(path, '.');
    *out = dot ? dot + 1 : path;
    return strcspn(*out, "[");
}

static bool ends_with_id(const char *name, size_t len)
{
    return len >= 2 && strncasecmp(name + len - 2, "id", 2) == 0;
}

/* What SPAN is known by: objects, which are structs with a name and a uuid, a key or a parent;
 * texts and fixed bytes by their fields; numbers that name something. False: it is nothing to
 * remember. */
static bool key_of(const struct vw_span *span, char *key, size_t size)
{
    const struct vw_type *t = span->type;
    const char *name;
    size_t n = last_step(span->path, &name);
    bool whole = span->kind == VW_SPAN_GROUP;
    if (t->kind == VW_STRUCT && whole && t->name && strstr(t->name, "nonnull"))
        return snprintf(key, size, "%s", t->name) < (int)size;
    bool scalar = span->kind == VW_SPAN_VALUE;
    bool useful = (t->kind == VW_STRING && whole) || (t->kind == VW_FIXED_OPAQUE && scalar) ||
                  (t->kind == VW_INT && scalar && ends_with_id(name, n));
    return useful && n > 0 && snprintf(key, size, ".%.*s", (int)n, name) < (int)size;
}

static struct vw_pool_kind *find(const struct vw_pool *p, const char *key)
{
    for (unsigned i = 0; i < p->n_kinds; i++)
        if (strcmp(p->kinds[i].key, key) == 0)
            return (struct vw_pool_kind *)&p->kinds[i];
    return NULL;
}

static struct vw_pool_kind *make(struct vw_pool *p, const char *key)
{
    if (p->n_kinds == VW_POOL_KINDS)
        return NULL;
    struct vw_pool_kind *k = &p->kinds[p->n_kinds];
    if (!(k->items = calloc(VW_POOL_EACH, sizeof(*k->items))))
        return NULL;
    snprintf(k->key, sizeof(k->key), "%s", key);
    p->n_kinds++;
    return k;
}

static void keep(struct vw_pool_kind *k, const uint8_t *bytes, size_t len)
{
    for (unsigned i = 0; i < k->count; i++)
        if (k->items[i].len == len && memcmp(k->items[i].bytes, bytes, len) == 0)
            return;
    struct vw_pooled *item = &k->items[k->next];
    item->len = (uint16_t)len;
    memcpy(item->bytes, bytes, len);
    k->next = (k->next + 1) % VW_POOL_EACH;
    k->count += k->count < VW_POOL_EACH;
}

void vw_pool_learn(struct vw_pool *p, const struct vw_type *t, const uint8_t *bytes, size_t len,
                   struct vw_arena *scratch)
{
    struct vw_spans spans;
    struct vw_error ignored = VW_ERROR_INIT;
    char key[64];
    if (vw_xdr_spans(t, bytes, len, scratch, &spans, &ignored) < 0)
        return;
    for (size_t i = 0; i < spans.count && i < LEARN_SPANS; i++) {
        const struct vw_span *s = &spans.list[i];
        if (s->length == 0 || s->length > VW_POOL_BYTES || !s->type || !key_of(s, key, sizeof(key)))
            continue;
        struct vw_pool_kind *k = find(p, key);
        if (k || (k = make(p, key)))
            keep(k, bytes + s->offset, s->length);
    }
}

const struct vw_pooled *vw_pool_for(const struct vw_pool *p, const struct vw_span *span,
                                    struct vw_rng *rng)
{
    char key[64];
    if (!span->type || !key_of(span, key, sizeof(key)))
        return NULL;
    const struct vw_pool_kind *k = find(p, key);
    return k && k->count ? &k->items[vw_rng_below(rng, k->count)] : NULL;
}
