// SPDX-License-Identifier: MIT
// Pools, which volumes lie in.
#pragma once

#include "mock-daemon/handler.h"

/* virErrorDomain, virErrorNumber */
enum { VW_FROM_STORAGE = 18 };
enum { VW_ERR_XML = 27, VW_ERR_UNSUPPORTED = 67 };

/* What pools of one type have in common. */
struct vw_pool_type {
    const char *name;
    uint32_t list;              /* virConnectListAllStoragePoolsFlags */
    const char *source;         /* the elements of its source that it knows */
    const char *needs;          /* those that must be there, NULL: none */
    const char *formats;        /* of its source: the first is the one by itself; NULL: none */
    const char *target;         /* PREFIX: it is that and the name of the source; "": it must be
                                   said; NULL: it has none */
    const char *volume_formats; /* as FORMATS */
    int32_t volumes;            /* virStorageVolType */
};

/* That of a pool. */
const struct vw_pool_type *vw_pool_type(const struct vw_object *pool);

/* Where its volumes lie; "(null)" if it has no such place, as the test driver says. */
struct vw_string vw_pool_target(const struct vw_object *pool);

/* Sum of what its volumes take. */
uint64_t vw_pool_allocation(const struct vw_call *c, const struct vw_object *pool);
#define VW_POOL_CAPACITY ((uint64_t)100 << 30)

/* Whether WORD is one of LIST, by blanks. */
bool vw_pool_word(const char *list, const char *word);
/* The first one. */
#define VW_POOL_WORD 16
void vw_pool_first_word(const char *list, char word[VW_POOL_WORD]);

/* The pool at NAMED, which is active; or NULL and the error of the call. */
struct vw_object *vw_pool_active(struct vw_call *c, const void *named);

extern const struct vw_object_kind vw_object_kind_pool;
extern const struct vw_object_kind vw_object_kind_volume;
