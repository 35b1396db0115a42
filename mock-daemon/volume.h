// SPDX-License-Identifier: MIT
// The bytes of volumes. Only what was written takes memory, in blocks, as in a file with holes.
#pragma once

#include "mock-daemon/object.h"

/* Zeros that fill a block of this size are a hole, as in a file. */
#define VW_VOLUME_BLOCK 4096u
/* Bytes that clients may have written into all volumes. */
#define VW_VOLUMES_MOST ((uint64_t)1 << 30)

/* The bytes of a volume: those whom it is given to or taken from hold it too. */
struct vw_contents {
    unsigned holders;
    uint64_t size;
    uint8_t *data;     /* SIZE bytes */
    uint64_t *written; /* a bit for each block that was */
    uint64_t blocks;   /* how many bits are set */
};

struct vw_volume {
    struct vw_object o;           /* its name is its key and path; its sizes are in its XML */
    struct vw_contents *contents; /* NULL: nobody has used them yet, all is zero */
};

void vw_volume_finish(struct vw_volume *v);

/* All zero. NULL: no memory. */
struct vw_contents *vw_contents_create(uint64_t size);
/* The same bytes, as far as SIZE reaches. NULL: no memory, or no room. */
struct vw_contents *vw_contents_copy(const struct vw_contents *from, uint64_t size);
struct vw_contents *vw_contents_hold(struct vw_contents *k);
/* NULL is fine. */
void vw_contents_drop(struct vw_contents *k);
/* LEN bytes at AT, which are within it; BYTES NULL: zeros. VW_ELIMIT: there is no room for them. */
int vw_contents_write(struct vw_contents *k, uint64_t at, const uint8_t *bytes, uint64_t len);
/* How many of LEN bytes at AT are data (*HOLE false) or zeros, up to the next border. A run of
 * zeros that does not fill a block counts as data. */
uint64_t vw_contents_run(const struct vw_contents *k, uint64_t at, uint64_t len, bool *hole);
/* Bytes that are no holes; of NULL there are none. */
uint64_t vw_contents_allocation(const struct vw_contents *k);
