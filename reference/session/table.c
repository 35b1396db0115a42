// SPDX-License-Identifier: MIT
// Calls and streams under way: a slab of entries, a hash over their serials, and a list by age.
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "session/internal.h"

#define FIRST_CAP 16u

void vw_table_finish(struct vw_table *t)
{
    free(t->entries);
    free(t->buckets);
    *t = (struct vw_table){0};
}

/* Peers choose serials, and would fill one bucket if they knew the function: so each table draws
 * its own (multiplied by what was drawn, any two serials meet by chance alone, in the upper bits).
 * Without a number to draw it still spreads what counters make. */
static void draw_hash(struct vw_table *t)
{
    t->factor = 0x9E3779B97F4A7C15u;
    if (getrandom(&t->factor, sizeof(t->factor), GRND_NONBLOCK) > 0)
        t->factor |= 1;
}

static uint32_t *bucket_of(const struct vw_table *t, uint32_t serial)
{
    return &t->buckets[(serial * t->factor) >> (__builtin_clzll(t->cap) + 1)];
}

/* A bucket is its newest entry, from which the chain goes on with the oldest: so many calls of one
 * serial are found and removed in their order without a walk. */
static void link_bucket(struct vw_table *t, uint32_t index)
{
    struct vw_under_way *e = &t->entries[index];
    uint32_t *b = bucket_of(t, e->serial);
    e->chain = *b == VW_NONE ? index : t->entries[*b].chain;
    if (*b != VW_NONE)
        t->entries[*b].chain = index;
    *b = index;
}

/* The oldest entry of the bucket of SERIAL, and the one behind I. */
static uint32_t first_of(const struct vw_table *t, uint32_t serial)
{
    const uint32_t last = t->count ? *bucket_of(t, serial) : VW_NONE;
    return last == VW_NONE ? VW_NONE : t->entries[last].chain;
}

static uint32_t next_of(const struct vw_table *t, uint32_t serial, uint32_t i)
{
    return i == *bucket_of(t, serial) ? VW_NONE : t->entries[i].chain;
}

static void rehash(struct vw_table *t)
{
    memset(t->buckets, 0xff, t->cap * sizeof(*t->buckets));
    for (uint32_t i = t->oldest; i != VW_NONE; i = t->entries[i].newer)
        link_bucket(t, i);
}

int vw_table_reserve(struct vw_table *t)
{
    if (t->count < t->cap)
        return 0;
    if (t->cap > UINT32_MAX / 4)
        return VW_ENOMEM;
    uint32_t cap = t->cap ? t->cap * 2 : FIRST_CAP;
    uint32_t *buckets = malloc(cap * sizeof(*buckets));
    struct vw_under_way *entries = buckets ? realloc(t->entries, cap * sizeof(*entries)) : NULL;
    if (!entries) {
        free(buckets);
        return VW_ENOMEM;
    }
    free(t->buckets);
    if (t->cap == 0) {
        t->oldest = t->newest = t->free = VW_NONE;
        draw_hash(t);
    }
    for (uint32_t i = cap; i-- > t->cap;) {
        entries[i].chain = t->free;
        t->free = i;
    }
    t->entries = entries;
    t->buckets = buckets;
    t->cap = cap;
    rehash(t);
    return 0;
}

struct vw_under_way *vw_table_add(struct vw_table *t, const struct vw_header *key)
{
    uint32_t index = t->free;
    struct vw_under_way *e = &t->entries[index];
    t->free = e->chain;
    *e = (struct vw_under_way){.program = key->program,
                               .version = key->version,
                               .serial = key->serial,
                               .procedure = key->procedure,
                               .older = t->newest,
                               .newer = VW_NONE};
    if (t->newest != VW_NONE)
        t->entries[t->newest].newer = index;
    else
        t->oldest = index;
    t->newest = index;
    t->count++;
    link_bucket(t, index);
    return e;
}

static bool same_key(const struct vw_under_way *e, const struct vw_header *key, bool procedure_too)
{
    return e->serial == key->serial && e->program == key->program && e->version == key->version &&
           (!procedure_too || e->procedure == key->procedure);
}

struct vw_under_way *vw_table_find(const struct vw_table *t, const struct vw_header *key,
                                   bool procedure_too)
{
    uint32_t i = first_of(t, key->serial);
    while (i != VW_NONE && !same_key(&t->entries[i], key, procedure_too))
        i = next_of(t, key->serial, i);
    return i == VW_NONE ? NULL : &t->entries[i];
}

struct vw_under_way *vw_table_find_serial(const struct vw_table *t, uint32_t serial)
{
    uint32_t i = first_of(t, serial);
    while (i != VW_NONE && t->entries[i].serial != serial)
        i = next_of(t, serial, i);
    return i == VW_NONE ? NULL : &t->entries[i];
}

struct vw_under_way *vw_table_find_user(const struct vw_table *t, uint32_t serial, const void *user)
{
    uint32_t i = first_of(t, serial);
    while (i != VW_NONE && (t->entries[i].serial != serial || t->entries[i].user != user))
        i = next_of(t, serial, i);
    return i == VW_NONE ? NULL : &t->entries[i];
}

void vw_table_remove(struct vw_table *t, struct vw_under_way *e)
{
    uint32_t index = (uint32_t)(e - t->entries);
    uint32_t *b = bucket_of(t, e->serial), before = *b;
    while (t->entries[before].chain != index)
        before = t->entries[before].chain;
    t->entries[before].chain = e->chain;
    if (*b == index)
        *b = before == index ? VW_NONE : before;

    if (e->older != VW_NONE)
        t->entries[e->older].newer = e->newer;
    else
        t->oldest = e->newer;
    if (e->newer != VW_NONE)
        t->entries[e->newer].older = e->older;
    else
        t->newest = e->older;
    e->chain = t->free;
    t->free = index;
    t->count--;
}

struct vw_under_way *vw_table_oldest(const struct vw_table *t)
{
    return t->count ? &t->entries[t->oldest] : NULL;
}
