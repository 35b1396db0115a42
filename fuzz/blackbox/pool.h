// SPDX-License-Identifier: MIT
// What a server has told of its objects: names, uuids, ids, whole objects, as the bytes that they
// are on the wire. Later calls are about them.
#pragma once

#include "schema/schema.h"
#include "xdr/values.h"
#include "xdr/xdr.h"

#define VW_POOL_KINDS 128 /* structs and fields of one name */
#define VW_POOL_EACH  16  /* kept of each */
#define VW_POOL_BYTES 512 /* the longest that is kept */

struct vw_pooled {
    uint16_t len;
    uint8_t bytes[VW_POOL_BYTES];
};

struct vw_pool_kind {
    char key[64]; /* the name of a struct, or of a field with '.' in front */
    unsigned count, next;
    struct vw_pooled *items; /* VW_POOL_EACH */
};

struct vw_pool {
    struct vw_pool_kind kinds[VW_POOL_KINDS];
    unsigned n_kinds;
};

void vw_pool_finish(struct vw_pool *p);

/* Takes what can be used again out of LEN bytes that are a value of T. Memory that is out is no
 * error: less is known then. */
void vw_pool_learn(struct vw_pool *p, const struct vw_type *t, const uint8_t *bytes, size_t len,
                   struct vw_arena *scratch);

/* What could stand in the place of SPAN, of those that are known; NULL: nothing is. */
const struct vw_pooled *vw_pool_for(const struct vw_pool *p, const struct vw_span *span,
                                    struct vw_rng *rng);
