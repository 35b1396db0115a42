// SPDX-License-Identifier: MIT
// See found.h.
#include "fuzz/blackbox/found.h"

#include <string.h>

static bool copy(struct vw_arena *a, const char **text)
{
    if (!*text)
        return true;
    *text = vw_arena_strndup(a, *text, strlen(*text));
    return *text != NULL;
}

const struct vw_finding *vw_found_of(const struct vw_found *found, const char *cause)
{
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->list[i].cause, cause) == 0)
            return &found->list[i];
    return NULL;
}

bool vw_found_add(struct vw_found *found, const struct vw_finding *f)
{
    struct vw_finding *known = (struct vw_finding *)vw_found_of(found, f->cause);
    if (!known && found->count == VW_FOUND_MAX)
        known = &found->list[VW_FOUND_MAX - 1];
    if (known) {
        known->count++;
        return false;
    }
    struct vw_finding own = *f;
    if (!copy(&found->arena, &own.rule) || !copy(&found->arena, &own.title) ||
        !copy(&found->arena, &own.clauses) || !copy(&found->arena, &own.cause) ||
        !copy(&found->arena, &own.found) || !copy(&found->arena, &own.frames) ||
        !copy(&found->arena, &own.place.file) || !copy(&found->arena, &own.place.path))
        return false;
    own.count = 1;
    found->list[found->count] = own;
    found->order[found->count] = &found->list[found->count];
    found->count++;
    return true;
}

bool vw_found_any(const struct vw_found *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (vw_verdict_is_finding(found->list[i].verdict))
            return true;
    return false;
}

void vw_found_finish(struct vw_found *found)
{
    vw_arena_finish(&found->arena);
    memset(found, 0, sizeof(*found));
}
