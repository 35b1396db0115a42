// SPDX-License-Identifier: MIT
// Typed parameters: lists of them as results, and tables that say where each stands in the XML of a
// domain, from which they are read and changed.
#pragma once

#include "mock-daemon/calls.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/handler.h"

/* virTypedParameterType */
enum vw_param_type {
    VW_PARAM_INT = 1,
    VW_PARAM_UINT = 2,
    VW_PARAM_LLONG = 3,
    VW_PARAM_ULLONG = 4,
    VW_PARAM_DOUBLE = 5,
    VW_PARAM_BOOLEAN = 6,
    VW_PARAM_STRING = 7
};

/* virTypedParameterFlags; clients set it by themselves. */
#define VW_PARAM_STRING_OKAY 4u

/* ---- lists ---- */

/* A list that grows; check nothing, vw_params_end tells. */
struct vw_params {
    struct vw_call *c;
    struct remote_typed_param *list;
    uint32_t count, cap;
    bool failed;
};

/* CAP is how many there will be, about. */
void vw_params_begin(struct vw_params *p, struct vw_call *c, uint32_t cap);
void vw_params_add_int(struct vw_params *p, const char *name, int32_t value);
void vw_params_add_uint(struct vw_params *p, const char *name, uint32_t value);
void vw_params_add_u64(struct vw_params *p, const char *name, uint64_t value);
/* A name in the memory of the call. */
const char *vw_params_name(struct vw_params *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
enum vw_outcome vw_params_end(struct vw_params *p, struct vw_list *out);

/* ---- tables ---- */

struct vw_param {
    const char *name;
    enum vw_param_type type;
    const char *path; /* in the XML, from where the table begins */
    const char *none; /* what it is when nothing stands there; that is never written */
    /* Others than text and numbers: how a value is read from the XML, and put there. */
    const char *(*read)(struct vw_doc *doc, xmlNode *from, const struct vw_param *p);
    enum vw_outcome (*write)(struct vw_doc *doc, xmlNode *from, const struct vw_param *p,
                             const char *value);
    const char *unit; /* of numbers: its attribute `unit`; NULL: has none */
};

/* All of the table, as they stand at FROM. */
enum vw_outcome vw_params_read(struct vw_doc *doc, xmlNode *from, const struct vw_param *table,
                               size_t n, struct vw_list *out);
/* Puts LIST there. A parameter that the table has not, or has of another type, is an error. */
enum vw_outcome vw_params_write(struct vw_doc *doc, xmlNode *from, const struct vw_param *table,
                                size_t n, const struct vw_list *list);
/* The one of LIST that is called so, or NULL. */
const struct remote_typed_param *vw_params_find(const struct vw_list *list, const char *name);
/* What is said as a number, whatever its type. */
uint64_t vw_params_number(const struct remote_typed_param *p);
/* The error for a list with one that TABLE has not, or has of another type. */
enum vw_outcome vw_params_check(struct vw_call *c, const struct vw_param *table, size_t n,
                                const struct vw_list *list);
