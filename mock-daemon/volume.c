// SPDX-License-Identifier: MIT
#include "mock-daemon/volume.h"

#include <stdlib.h>
#include <string.h>
#include <virwire/error.h>

int vw_volume_fill(struct vw_volume *v)
{
    if (!v->data)
        v->data = calloc(1, VW_VOLUME_SIZE);
    return v->data ? 0 : VW_ENOMEM;
}

void vw_volume_finish(struct vw_volume *v)
{
    free(v->data);
    v->data = NULL;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

size_t vw_volume_run(const uint8_t *bytes, size_t len, bool *hole)
{
    size_t at = 0;
    *hole = false;
    while (at < len) {
        size_t n = len - at < VW_VOLUME_BLOCK ? len - at : VW_VOLUME_BLOCK;
        bool zero = n == VW_VOLUME_BLOCK && is_zero(bytes + at, n);
        if (at == 0)
            *hole = zero;
        else if (zero != *hole)
            break;
        at += n;
    }
    return at;
}

uint64_t vw_volume_allocation(const struct vw_volume *v)
{
    uint64_t sum = 0;
    for (size_t at = 0, n; v->data && at < VW_VOLUME_SIZE; at += n) {
        bool hole;
        n = vw_volume_run(v->data + at, VW_VOLUME_SIZE - at, &hole);
        sum += hole ? 0 : n;
    }
    return sum;
}
