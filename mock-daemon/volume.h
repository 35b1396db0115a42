// SPDX-License-Identifier: MIT
// Volumes and their bytes.
#pragma once

#include "mock-daemon/object.h"

#define VW_VOLUME_SIZE (4u << 20)
/* Zeros that fill a block of this size are a hole, as in a file. */
#define VW_VOLUME_BLOCK 4096u

struct vw_volume {
    struct vw_object o;
    struct vw_string key;
    uint8_t *data; /* NULL: nobody has used it yet, all is zero */
};

/* Makes the bytes be there. VW_ENOMEM or 0. */
int vw_volume_fill(struct vw_volume *v);
void vw_volume_finish(struct vw_volume *v);

/* Bytes of the blocks that are no holes. */
uint64_t vw_volume_allocation(const struct vw_volume *v);
/* How many of LEN bytes are data (*HOLE false) or zeros, up to the next border. A run of zeros that
 * does not fill a block counts as data. */
size_t vw_volume_run(const uint8_t *bytes, size_t len, bool *hole);
