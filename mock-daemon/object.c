// SPDX-License-Identifier: MIT
#include "mock-daemon/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "mock-daemon/handler.h"

void vw_uuid_make(uint64_t seed, const char *name, uint8_t *uuid)
{
    /* FNV-1a, twice, marked as version 4. */
    uint64_t h = 0xcbf29ce484222325u ^ seed;
    for (int half = 0; half < 2; half++) {
        for (const char *p = name; *p; p++)
            h = (h ^ (uint8_t)*p) * 0x100000001b3u;
        h = (h ^ 0xff) * 0x100000001b3u;
        for (int i = 0; i < 8; i++)
            uuid[half * 8 + i] = (uint8_t)(h >> (8 * i));
    }
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

void vw_uuid_from_name(const char *name, uint8_t *uuid)
{
    vw_uuid_make(0, name, uuid);
}

bool vw_uuid_parse(const char *text, uint8_t *uuid)
{
    unsigned digits = 0;
    for (; *text; text++) {
        int v = vw_hex_value(*text);
        if (*text == '-')
            continue;
        if (v < 0 || digits == 32)
            return false;
        uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | v);
        digits++;
    }
    return digits == 32;
}

void vw_uuid_text(const uint8_t *uuid, char text[VW_UUID_TEXT])
{
    int at = 0;
    for (int i = 0; i < 16; i++)
        at += snprintf(text + at, (size_t)(VW_UUID_TEXT - at), "%s%02x",
                       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* ---- finding ---- */

/* By name, and of one name by parent. */
static int compare(const struct vw_object *key, const struct vw_object *o, bool uuid)
{
    if (uuid)
        return memcmp(key->uuid, o->uuid, 16);
    const int names = strcmp(key->name.data, o->name.data);
    return names ? names : (key->parent > o->parent) - (key->parent < o->parent);
}

/* Where an object with the name and parent of KEY, or its uuid, is in its index, or would be. */
static uint32_t place(const struct vw_objects *t, const struct vw_object *key, bool uuid,
                      bool *found)
{
    struct vw_object *const *index = uuid ? t->by_uuid : t->by_name;
    uint32_t lo = 0, hi = t->count;
    *found = false;
    while (lo < hi && !*found) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = compare(key, index[mid], uuid);
        *found = c == 0;
        if (c > 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return hi;
}

struct vw_object *vw_objects_by_name(const struct vw_objects *t, const char *name)
{
    bool found;
    const struct vw_object key = {.name = {(char *)(uintptr_t)name, 0}};
    uint32_t at = place(t, &key, false, &found);
    return at < t->count && strcmp(t->by_name[at]->name.data, name) == 0 ? t->by_name[at] : NULL;
}

struct vw_object *vw_objects_child(const struct vw_objects *t, const struct vw_object *parent,
                                   const char *name)
{
    bool found;
    const struct vw_object key = {.parent = parent, .name = {(char *)(uintptr_t)name, 0}};
    uint32_t at = place(t, &key, false, &found);
    return found ? t->by_name[at] : NULL;
}

struct vw_object *vw_objects_by_uuid(const struct vw_objects *t, const uint8_t *uuid)
{
    bool found;
    struct vw_object key = {0};
    memcpy(key.uuid, uuid, sizeof(key.uuid));
    uint32_t at = place(t, &key, true, &found);
    return found ? t->by_uuid[at] : NULL;
}

struct vw_object *vw_objects_by_id(const struct vw_objects *t, int32_t id)
{
    for (uint32_t i = 0; id >= 0 && i < t->count; i++) {
        if (t->list[i]->id == id)
            return t->list[i];
    }
    return NULL;
}

/* ---- coming and going ---- */

void vw_objects_init(struct vw_objects *t, const struct vw_object_kind *kind)
{
    *t = (struct vw_objects){.kind = kind, .next_id = 1};
}

void vw_object_drop(struct vw_object *o)
{
    if (!o)
        return;
    free(o->name.data);
    free(o->xml.data);
    free(o);
}

static void destroy(const struct vw_objects *t, struct vw_object *o)
{
    if (t->kind->end)
        t->kind->end(o);
    vw_object_drop(o);
}

static void forget_gone(struct vw_objects *t)
{
    if (t->gone)
        destroy(t, t->gone);
    t->gone = NULL;
}

/* O is as it WAS. */
static void restore(const struct vw_objects *t, struct vw_object *o, const struct vw_object *was)
{
    if (t->kind->end)
        t->kind->end(o);
    if (o->xml.data != was->xml.data)
        free(o->xml.data);
    if (o->name.data != was->name.data)
        free(o->name.data);
    memcpy(o, was, t->kind->size);
}

void vw_objects_finish(struct vw_objects *t)
{
    vw_objects_forget_aside(t);
    /* Objects of the start that are gone now are in FIRST only, new ones only in the list. */
    for (uint32_t i = 0; i < t->count; i++) {
        if (!t->list[i]->configured)
            destroy(t, t->list[i]);
    }
    for (uint32_t i = 0; i < t->n_first; i++) {
        /* What it has in place of what it had goes too. */
        restore(t, t->first[i], (const void *)(t->contents + i * t->kind->size));
        destroy(t, t->first[i]);
    }
    forget_gone(t);
    free(t->list);
    free(t->by_name);
    free(t->by_uuid);
    free(t->first);
    free(t->contents);
    *t = (struct vw_objects){0};
}

static bool grow(struct vw_object ***list, uint32_t cap)
{
    struct vw_object **more = realloc(*list, cap * sizeof(struct vw_object *));
    if (more)
        *list = more;
    return more != NULL;
}

int vw_objects_reserve(struct vw_objects *t, uint32_t n)
{
    uint32_t cap = t->cap ? t->cap : 4;
    while (cap < n)
        cap *= 2;
    if (cap == t->cap)
        return 0;
    if (!grow(&t->list, cap) || !grow(&t->by_name, cap) || !grow(&t->by_uuid, cap))
        return VW_ENOMEM;
    t->cap = cap;
    return 0;
}

static void insert(struct vw_object **index, uint32_t count, uint32_t at, struct vw_object *o)
{
    memmove(index + at + 1, index + at, (count - at) * sizeof(*index));
    index[at] = o;
}

static void count_in(struct vw_objects *t, struct vw_object *o)
{
    if (!o->active)
        return;
    t->active++;
    o->id = t->kind->has_ids ? t->next_id : -1;
    t->next_id = t->next_id == INT32_MAX ? 1 : t->next_id + 1;
}

int vw_object_make(const struct vw_object_kind *kind, const struct vw_object *like,
                   struct vw_object **out)
{
    static const uint8_t none[16];
    struct vw_object *o = malloc(kind->size);
    if (!o)
        return VW_ENOMEM;
    memcpy(o, like, kind->size);
    o->name.data = strdup(like->name.data);
    o->xml.data = like->xml.data ? strdup(like->xml.data) : NULL;
    o->id = -1;
    o->configured = false;
    o->active = o->state != kind->inactive;
    if (!o->name.data || !o->xml.data != !like->xml.data) {
        vw_object_drop(o);
        return VW_ENOMEM;
    }
    if (memcmp(o->uuid, none, 16) == 0) {
        vw_uuid_from_name(o->name.data, o->uuid);
        for (int i = 0; o->parent && i < 16; i++)
            o->uuid[i] ^= o->parent->uuid[i];
    }
    *out = o;
    return 0;
}

int vw_objects_add(struct vw_objects *t, const struct vw_object *like, struct vw_object **out)
{
    bool has_name = false, has_uuid = false;
    struct vw_object *o;
    if (vw_objects_reserve(t, t->count + 1) < 0 || vw_object_make(t->kind, like, &o) < 0)
        return VW_ENOMEM;
    if (t->first) {
        uint32_t name = place(t, o, false, &has_name);
        uint32_t uuid = place(t, o, true, &has_uuid);
        if (has_name || has_uuid) {
            vw_object_drop(o);
            return VW_EUSAGE;
        }
        insert(t->by_name, t->count, name, o);
        insert(t->by_uuid, t->count, uuid, o);
    }
    t->list[t->count++] = o;
    t->members_changed = true;
    count_in(t, o);
    if (out)
        *out = o;
    return 0;
}

static void take_out(struct vw_object **index, uint32_t count, uint32_t at)
{
    memmove(index + at, index + at + 1, (count - at - 1) * sizeof(*index));
}

void vw_objects_remove(struct vw_objects *t, struct vw_object *o)
{
    bool found;
    uint32_t at = t->count - 1; /* what came last goes first, where many go */
    while (t->list[at] != o)
        at--;
    take_out(t->by_name, t->count, place(t, o, false, &found));
    take_out(t->by_uuid, t->count, place(t, o, true, &found));
    take_out(t->list, t->count, at);
    t->count--;
    t->active -= o->active != 0;
    t->members_changed = true;
    forget_gone(t);
    if (!o->configured)
        t->gone = o;
}

/* What O has in the snapshot; NULL: it is not in there. */
static const struct vw_object *snapshot(const struct vw_objects *t, const struct vw_object *o)
{
    uint32_t i = o->configured ? 0 : t->n_first;
    while (i < t->n_first && t->first[i] != o)
        i++;
    return i < t->n_first ? (const void *)(t->contents + i * t->kind->size) : NULL;
}

int vw_objects_redefine(struct vw_objects *t, struct vw_object *o, const struct vw_object *like)
{
    char *xml = strdup(like->xml.data);
    if (!xml)
        return VW_ENOMEM;
    vw_objects_set_xml(t, o, xml);
    memcpy(o + 1, like + 1, t->kind->size - sizeof(*o));
    o->persistent |= like->persistent;
    return 0;
}

/* ---- set aside ---- */

int vw_objects_set_aside(struct vw_objects *t)
{
    struct vw_objects *aside = malloc(sizeof(*aside));
    int rc = aside ? 0 : VW_ENOMEM;
    if (aside)
        vw_objects_init(aside, t->kind);
    for (uint32_t i = 0; rc == 0 && i < t->count; i++)
        rc = vw_objects_add(aside, t->list[i], NULL);
    vw_objects_forget_aside(t);
    t->aside = aside;
    if (rc < 0)
        vw_objects_forget_aside(t);
    return rc;
}

int vw_objects_bring_back(struct vw_objects *t)
{
    int rc = 0;
    while (t->count > 0)
        vw_objects_remove(t, t->list[t->count - 1]);
    for (uint32_t i = 0; rc == 0 && i < t->aside->count; i++)
        rc = vw_objects_add(t, t->aside->list[i], NULL);
    vw_objects_forget_aside(t);
    return rc;
}

void vw_objects_forget_aside(struct vw_objects *t)
{
    if (t->aside)
        vw_objects_finish(t->aside);
    free(t->aside);
    t->aside = NULL;
}

/* Makes TEXT what is at MEMBER, and frees what was there unless a reset goes back to it. */
static void replace(const struct vw_string *kept, struct vw_string *member, char *text)
{
    if (!kept || kept->data != member->data)
        free(member->data);
    *member = (struct vw_string){text, (uint32_t)strlen(text)};
}

void vw_objects_set_xml(struct vw_objects *t, struct vw_object *o, char *text)
{
    const struct vw_object *was = snapshot(t, o);
    replace(was ? &was->xml : NULL, &o->xml, text);
}

int vw_objects_rename(struct vw_objects *t, struct vw_object *o, const char *name)
{
    const struct vw_object *was = snapshot(t, o);
    bool taken;
    char *text = strdup(name);
    if (!text)
        return VW_ENOMEM;
    const struct vw_object key = {.parent = o->parent, .name = {text, 0}};
    place(t, &key, false, &taken);
    if (taken) {
        free(text);
        return VW_EUSAGE;
    }
    take_out(t->by_name, t->count, place(t, o, false, &taken));
    replace(was ? &was->name : NULL, &o->name, text);
    t->count--;
    const uint32_t at = place(t, o, false, &taken);
    insert(t->by_name, t->count++, at, o);
    t->members_changed = true;
    return 0;
}

/* ---- going back ---- */

static int compare_names(const void *a, const void *b)
{
    const struct vw_object *const *x = a, *const *y = b;
    return compare(*x, *y, false);
}

static int compare_uuids(const void *a, const void *b)
{
    const struct vw_object *const *x = a, *const *y = b;
    return compare(*x, *y, true);
}

static void sort(struct vw_objects *t)
{
    if (t->count == 0)
        return;
    memcpy(t->by_name, t->list, t->count * sizeof(*t->list));
    memcpy(t->by_uuid, t->list, t->count * sizeof(*t->list));
    qsort(t->by_name, t->count, sizeof(*t->list), compare_names);
    qsort(t->by_uuid, t->count, sizeof(*t->list), compare_uuids);
}

static int check_doubles(const struct vw_objects *t, struct vw_error *err)
{
    for (uint32_t i = 1; i < t->count; i++) {
        struct vw_object *const *name = &t->by_name[i - 1], *const *uuid = &t->by_uuid[i - 1];
        if (compare_names(&name[0], &name[1]) == 0)
            return vw_error_set(err, VW_EUSAGE, "two %ss are called '%s'", t->kind->name,
                                name[0]->name.data);
        if (compare_uuids(&uuid[0], &uuid[1]) == 0)
            return vw_error_set(err, VW_EUSAGE, "%ss '%s' and '%s' have the same uuid",
                                t->kind->name, uuid[0]->name.data, uuid[1]->name.data);
    }
    return 0;
}

int vw_objects_check(const struct vw_object_kind *kind, struct vw_object *const *list, uint32_t n,
                     struct vw_error *err)
{
    struct vw_objects t = {.kind = kind, .list = (struct vw_object **)(uintptr_t)list, .count = n};
    t.by_name = malloc((n + 1) * sizeof(struct vw_object *));
    t.by_uuid = malloc((n + 1) * sizeof(struct vw_object *));
    int rc = t.by_name && t.by_uuid ? 0 : vw_error_nomem(err);
    if (rc == 0) {
        sort(&t);
        rc = check_doubles(&t, err);
    }
    free(t.by_name);
    free(t.by_uuid);
    return rc;
}

int vw_objects_keep(struct vw_objects *t, struct vw_error *err)
{
    t->first = calloc(t->count + 1, sizeof(*t->first));
    t->contents = calloc(t->count + 1, t->kind->size);
    if (!t->first || !t->contents)
        return vw_error_nomem(err);
    t->n_first = t->count;
    t->members_changed = false;
    for (uint32_t i = 0; i < t->count; i++) {
        t->list[i]->configured = true;
        t->first[i] = t->list[i];
        memcpy(t->contents + i * t->kind->size, t->list[i], t->kind->size);
    }
    sort(t);
    return check_doubles(t, err);
}

static void clear(struct vw_objects *t)
{
    while (t->count > 0) {
        struct vw_object *o = t->list[--t->count];
        if (!o->configured)
            destroy(t, o);
    }
    forget_gone(t);
}

static void restore_members(struct vw_objects *t)
{
    clear(t);
    t->count = t->n_first;
    t->members_changed = false;
    if (t->count > 0)
        memcpy(t->list, t->first, t->count * sizeof(*t->list));
}

/* ALL: even those that last. */
static void go_back(struct vw_objects *t, bool all)
{
    vw_objects_forget_aside(t);
    const bool members_changed = t->members_changed;
    if (members_changed)
        restore_members(t);
    t->active = 0;
    t->next_id = 1;
    for (uint32_t i = 0; i < t->count; i++) {
        if (all || !t->kind->lasts || !t->kind->lasts(t->first[i]))
            restore(t, t->first[i], (const void *)(t->contents + i * t->kind->size));
        count_in(t, t->first[i]);
    }
    if (members_changed)
        sort(t);
}

void vw_objects_begin_again(struct vw_objects *t)
{
    go_back(t, true);
}

void vw_objects_reset(struct vw_objects *t)
{
    go_back(t, false);
}

void vw_objects_replace(struct vw_objects *t, struct vw_object *const *list, uint32_t n,
                        int32_t next_id)
{
    clear(t);
    if (n > 0)
        memcpy(t->list, list, n * sizeof(*list));
    t->count = n;
    t->members_changed = true;
    t->next_id = next_id;
    t->active = 0;
    for (uint32_t i = 0; i < n; i++)
        t->active += list[i]->active != 0;
    sort(t);
}

void vw_objects_set_state(struct vw_objects *t, struct vw_object *o, int32_t state, int32_t reason)
{
    int32_t was = o->active;
    o->state = state;
    o->reason = reason;
    o->active = state != t->kind->inactive;
    if (o->active && !was) {
        count_in(t, o);
    } else if (was && !o->active) {
        o->id = -1;
        t->active--;
        if (t->kind->stopped)
            t->kind->stopped(t, o);
    }
}
