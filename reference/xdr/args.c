// SPDX-License-Identifier: MIT
#include "xdr/args.h"

#include <string.h>

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

bool vw_args_set_object(const struct vw_type *t, void *value, const void *object)
{
    for (uint32_t i = 0; t && t->kind == VW_STRUCT && i < t->n_fields; i++) {
        const struct vw_type *type = t->fields[i].type;
        if (type->kind != VW_OPTIONAL || type->elem->kind != VW_STRUCT)
            continue;
        memcpy((uint8_t *)value + t->fields[i].offset, &object, sizeof(object));
        return true;
    }
    return false;
}

bool vw_args_fit(const struct vw_proc *proc)
{
    return !proc->args || proc->args->size <= VW_VALUE_MAX;
}

static bool is_bytes(const struct vw_type *t)
{
    return t->kind == VW_OPAQUE || (t->kind == VW_ARRAY && t->elem->size == 1);
}

void vw_args_set_bytes(const struct vw_type *t, void *value, const char *field, const void *bytes,
                       size_t len)
{
    const struct vw_field *f = find(t, field);
    void *data = (void *)(uintptr_t)bytes;
    if (!f || !is_bytes(f->type))
        return;
    uint8_t *at = (uint8_t *)value + f->offset;
    if (f->type->kind == VW_OPAQUE)
        memcpy(at, &(struct vw_bytes){data, (uint32_t)len}, sizeof(struct vw_bytes));
    else
        memcpy(at, &(struct vw_list){data, (uint32_t)len}, sizeof(struct vw_list));
}

int32_t vw_ret_int(const struct vw_type *t, const void *value, const char *field, int32_t fallback)
{
    const struct vw_field *f = value ? find(t, field) : NULL;
    int32_t result = fallback;
    if (f && (f->type->kind == VW_INT || f->type->kind == VW_UINT || f->type->kind == VW_ENUM))
        memcpy(&result, (const uint8_t *)value + f->offset, sizeof(result));
    return result;
}

const uint8_t *vw_ret_bytes(const struct vw_type *t, const void *value, const char *field,
                            size_t *len)
{
    const struct vw_field *f = value ? find(t, field) : NULL;
    struct vw_bytes bytes = {0};
    struct vw_list list = {0};
    if (f && f->type->kind == VW_OPAQUE)
        memcpy(&bytes, (const uint8_t *)value + f->offset, sizeof(bytes));
    if (f && f->type->kind == VW_ARRAY && f->type->elem->size == 1) {
        memcpy(&list, (const uint8_t *)value + f->offset, sizeof(list));
        bytes = (struct vw_bytes){list.items, list.count};
    }
    *len = bytes.len;
    return bytes.data;
}

const char *vw_ret_string(const struct vw_type *t, const void *value, const char *field)
{
    const struct vw_field *f = value ? find(t, field) : NULL;
    struct vw_string string = {0};
    if (f && f->type->kind == VW_STRING)
        memcpy(&string, (const uint8_t *)value + f->offset, sizeof(string));
    return string.data;
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
