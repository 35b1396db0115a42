// SPDX-License-Identifier: MIT
// The few arguments and results that the client itself has to do with, reached through the type
// tables: names of fields are the same in all releases, their places need not be.
#include <string.h>

#include "client/internal.h"

static const struct vw_field *find(const struct vw_type *t, const char *name)
{
    for (uint32_t i = 0; t && t->kind == VW_STRUCT && i < t->n_fields; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    return NULL;
}

void vw_args_set_string(const struct vw_type *t, void *value, const char *field,
                        struct vw_string *string)
{
    const struct vw_field *f = find(t, field);
    if (!f)
        return;
    uint8_t *at = (uint8_t *)value + f->offset;
    if (f->type->kind == VW_STRING)
        memcpy(at, string, sizeof(*string));
    else if (f->type->kind == VW_OPTIONAL && f->type->elem->kind == VW_STRING)
        memcpy(at, &string, sizeof(string));
}

void vw_args_set_int(const struct vw_type *t, void *value, const char *field, uint32_t number)
{
    const struct vw_field *f = find(t, field);
    if (f && (f->type->kind == VW_INT || f->type->kind == VW_UINT || f->type->kind == VW_ENUM))
        memcpy((uint8_t *)value + f->offset, &number, sizeof(number));
}

int32_t vw_ret_first_int(const struct vw_type *t, const void *value, int32_t fallback)
{
    if (!t || t->kind != VW_STRUCT || t->n_fields == 0 || !value)
        return fallback;
    const struct vw_field *f = &t->fields[0];
    const uint8_t *at = (const uint8_t *)value + f->offset;
    const struct vw_type *number = f->type;
    if (f->type->kind == VW_ARRAY) {
        struct vw_list list;
        memcpy(&list, at, sizeof(list));
        if (list.count == 0)
            return fallback;
        number = f->type->elem;
        at = list.items;
    }
    int32_t result;
    if (number->kind != VW_INT && number->kind != VW_UINT && number->kind != VW_ENUM)
        return fallback;
    memcpy(&result, at, sizeof(result));
    return result;
}
