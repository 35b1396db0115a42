// SPDX-License-Identifier: MIT
// Small helpers for everything that walks values in memory. Internal to xdr/.
#pragma once

#include <string.h>

#include "schema/schema.h"

/* Levels of recursion over types and values, of all sorts together. The codec refuses optional
 * values and elements that nest deeper than VW_XDR_MAX_DEPTH; each of them passes at most a few
 * levels here. A longer linked list ends with VW_ELIMIT and not at the end of the stack. */
#define VW_MAX_RECURSION 2048u

/* Where the value of a field or union arm stands; NULL for a boxed arm that has none. */
static inline void *vw_field_memory(const struct vw_field *f, const void *base)
{
    uint8_t *at = (uint8_t *)(uintptr_t)base + f->offset;
    void *box;
    if (!f->boxed)
        return at;
    memcpy(&box, at, sizeof(box));
    return box;
}

static inline int32_t vw_union_disc(const void *value)
{
    int32_t disc;
    memcpy(&disc, value, sizeof(disc));
    return disc;
}

static inline const char *vw_string_data(const struct vw_string *s)
{
    return s->data ? s->data : "";
}

/* A discriminant that chooses ARM of union U: its first case, or for the default arm the smallest
 * value from 0 on (of an enum the first member) that no other arm has. False when there is none. */
bool vw_arm_value(const struct vw_type *u, const struct vw_field *arm, int32_t *out);

/* The arm of a minimal value: the first that can be chosen, the default one last. NULL: none. */
const struct vw_field *vw_arm_first(const struct vw_type *u, int32_t *disc);

/* The name of an arm's value in JSON. An arm may be called as the discriminant is, though members
 * of one JSON object may not: it is then "<arm>", which no identifier is. */
static inline const char *vw_arm_key(const struct vw_type *u, const struct vw_field *arm)
{
    return strcmp(u->disc->name, arm->name) == 0 ? "<arm>" : arm->name;
}
