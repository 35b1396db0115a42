// SPDX-License-Identifier: MIT
#include "mock-daemon/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* virErrorNumber */
enum { ERR_ARGUMENT_UNSUPPORTED = 74 };

/* ---- lists ---- */

void vw_params_begin(struct vw_params *p, struct vw_call *c, uint32_t cap)
{
    *p = (struct vw_params){.c = c, .cap = cap};
    p->list = vw_call_alloc(c, cap * sizeof(*p->list));
    p->failed = !p->list;
}

static struct remote_typed_param *add(struct vw_params *p, const char *name, int32_t type)
{
    if (!p->failed && p->count == p->cap) {
        const uint32_t cap = p->cap ? p->cap * 2 : 4;
        struct remote_typed_param *list = vw_call_alloc(p->c, cap * sizeof(*list));
        if (list && p->count)
            memcpy(list, p->list, p->count * sizeof(*list));
        p->failed = !list;
        p->list = list;
        p->cap = cap;
    }
    if (p->failed || !name)
        return NULL;
    struct remote_typed_param *one = &p->list[p->count++];
    one->field = vw_string(name);
    one->value.type = type;
    return one;
}

void vw_params_add_int(struct vw_params *p, const char *name, int32_t value)
{
    struct remote_typed_param *one = add(p, name, VW_PARAM_INT);
    if (one)
        one->value.u.i = value;
}

void vw_params_add_uint(struct vw_params *p, const char *name, uint32_t value)
{
    struct remote_typed_param *one = add(p, name, VW_PARAM_UINT);
    if (one)
        one->value.u.ui = value;
}

void vw_params_add_u64(struct vw_params *p, const char *name, uint64_t value)
{
    struct remote_typed_param *one = add(p, name, VW_PARAM_ULLONG);
    if (one)
        one->value.u.ul = value;
}

static void add_text(struct vw_params *p, const char *name, const char *value)
{
    struct remote_typed_param *one = add(p, name, VW_PARAM_STRING);
    if (one)
        one->value.u.s = vw_string(value);
}

static void add_bool(struct vw_params *p, const char *name, bool value)
{
    struct remote_typed_param *one = add(p, name, VW_PARAM_BOOLEAN);
    if (one)
        one->value.u.b = value;
}

const char *vw_params_name(struct vw_params *p, const char *fmt, ...)
{
    char text[128];
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    char *name = vw_call_alloc(p->c, (size_t)n + 1);
    p->failed |= !name;
    return name ? memcpy(name, text, (size_t)n + 1) : NULL;
}

enum vw_outcome vw_params_end(struct vw_params *p, struct vw_list *out)
{
    *out = (struct vw_list){p->list, p->count};
    return p->failed ? VW_FAILED : VW_DONE;
}

/* ---- tables: reading ---- */

static const char *stands(struct vw_doc *doc, xmlNode *from, const struct vw_param *p)
{
    const char *text = !from     ? NULL
                       : p->read ? p->read(doc, from, p)
                                 : vw_doc_get(doc, from, p->path);
    return text ? text : p->none;
}

static void add_as(struct vw_params *to, const struct vw_param *p, const char *text)
{
    if (p->type == VW_PARAM_STRING)
        add_text(to, p->name, text);
    else if (p->type == VW_PARAM_BOOLEAN)
        add_bool(to, p->name, strcmp(text, "yes") == 0);
    else if (p->type == VW_PARAM_INT)
        vw_params_add_int(to, p->name, (int32_t)strtol(text, NULL, 10));
    else if (p->type == VW_PARAM_UINT)
        vw_params_add_uint(to, p->name, (uint32_t)strtoul(text, NULL, 10));
    else
        vw_params_add_u64(to, p->name, strtoull(text, NULL, 10));
}

enum vw_outcome vw_params_read(struct vw_doc *doc, xmlNode *from, const struct vw_param *table,
                               size_t n, struct vw_list *out)
{
    struct vw_params p;
    vw_params_begin(&p, doc->c, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        add_as(&p, &table[i], stands(doc, from, &table[i]));
    return vw_params_end(&p, out);
}

/* ---- tables: writing ---- */

static const struct vw_param *row_of(const struct vw_param *table, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

const struct remote_typed_param *vw_params_find(const struct vw_list *list, const char *name)
{
    const struct remote_typed_param *params = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(vw_text(&params[i].field), name) == 0)
            return &params[i];
    }
    return NULL;
}

uint64_t vw_params_number(const struct remote_typed_param *p)
{
    switch (p->value.type) {
    case VW_PARAM_INT:
        return (uint64_t)p->value.u.i;
    case VW_PARAM_UINT:
        return p->value.u.ui;
    case VW_PARAM_BOOLEAN:
        return (uint64_t)p->value.u.b;
    default:
        return p->value.u.ul;
    }
}

enum vw_outcome vw_params_check(struct vw_call *c, const struct vw_param *table, size_t n,
                                const struct vw_list *list)
{
    const struct remote_typed_param *params = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct vw_param *row = row_of(table, n, vw_text(&params[i].field));
        if (!row)
            return vw_call_failf(c, ERR_ARGUMENT_UNSUPPORTED, VW_FROM_NONE,
                                 "there is no parameter '%s'", vw_text(&params[i].field));
        if (params[i].value.type != (int32_t)row->type)
            return vw_call_failf(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "'%s' is of another type",
                                 row->name);
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(vw_text(&params[k].field), row->name) == 0)
                return vw_call_failf(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "'%s' is there twice",
                                     row->name);
        }
    }
    return VW_DONE;
}

static const char *as_text(const struct remote_typed_param *p, char *buffer, size_t size)
{
    if (p->value.type == VW_PARAM_STRING)
        return vw_text(&p->value.u.s);
    if (p->value.type == VW_PARAM_BOOLEAN)
        return p->value.u.b ? "yes" : "no";
    if (p->value.type == VW_PARAM_INT)
        snprintf(buffer, size, "%d", p->value.u.i);
    else
        snprintf(buffer, size, "%llu", (unsigned long long)vw_params_number(p));
    return buffer;
}

static enum vw_outcome write_one(struct vw_doc *doc, xmlNode *from, const struct vw_param *row,
                                 const char *text)
{
    char path[128];
    if (row->write)
        return row->write(doc, from, row, text);
    const bool there = strcmp(text, row->none) != 0 || row->type == VW_PARAM_BOOLEAN;
    vw_doc_set(doc, from, row->path, there ? text : NULL);
    if (row->unit && there) {
        snprintf(path, sizeof(path), "%s@unit", row->path);
        vw_doc_set(doc, from, path, row->unit);
    }
    return VW_DONE;
}

enum vw_outcome vw_params_write(struct vw_doc *doc, xmlNode *from, const struct vw_param *table,
                                size_t n, const struct vw_list *list)
{
    const struct remote_typed_param *params = list->items;
    if (vw_params_check(doc->c, table, n, list) != VW_DONE)
        return VW_FAILED;
    for (uint32_t i = 0; i < list->count; i++) {
        char buffer[32];
        const struct vw_param *row = row_of(table, n, vw_text(&params[i].field));
        if (write_one(doc, from, row, as_text(&params[i], buffer, sizeof(buffer))) != VW_DONE)
            return VW_FAILED;
    }
    return VW_DONE;
}
