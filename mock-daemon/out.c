// SPDX-License-Identifier: MIT
// The parts of out.h that no call in a hurry needs.
#include "mock-daemon/out.h"

void vw_out_finish(struct vw_out *o)
{
    vw_buf_finish(&o->buf);
}

void vw_out_chars(struct vw_out *o, const char *s, uint32_t size)
{
    size_t len = strlen(s);
    for (uint32_t i = 0; i < size; i++)
        vw_out_uint(o, i < len ? (uint8_t)s[i] : 0);
}
