// SPDX-License-Identifier: MIT
// A growing byte buffer: doubles, so that appending is linear in total.
#include <stdlib.h>

#include "xdr/xdr.h"

void vw_buf_finish(struct vw_buf *b)
{
    free(b->data);
    *b = (struct vw_buf)VW_BUF_INIT;
}

int vw_buf_grow(struct vw_buf *b, size_t extra)
{
    size_t need;
    if (__builtin_add_overflow(b->len, extra, &need))
        return VW_ENOMEM;
    size_t cap = b->cap > SIZE_MAX / 2 ? SIZE_MAX : b->cap * 2;
    if (cap < 64)
        cap = 64;
    if (cap < need)
        cap = need;
    uint8_t *data = realloc(b->data, cap);
    if (!data)
        return VW_ENOMEM;
    b->data = data;
    b->cap = cap;
    return 0;
}

int vw_buf_append(struct vw_buf *b, const void *bytes, size_t len)
{
    if (vw_buf_reserve(b, len))
        return VW_ENOMEM;
    if (len)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    return 0;
}
