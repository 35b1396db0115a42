// SPDX-License-Identifier: MIT
// Results as XDR, written word by word into a growing buffer: what handlers make their replies
// with. The shape of each result is held against the schema by test-handlers.c, so that a handler
// cannot drift from its procedure.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "xdr/xdr.h"

struct vw_out {
    struct vw_buf buf;
    bool failed; /* memory ran out; what is in buf is of no use */
};

void vw_out_finish(struct vw_out *o);

static inline void vw_out_reset(struct vw_out *o)
{
    o->buf.len = 0;
    o->failed = false;
}

/* N bytes to be filled, or NULL when memory is out (sticky). */
static inline uint8_t *vw_out_take(struct vw_out *o, size_t n)
{
    uint8_t *p;
    if (o->buf.cap - o->buf.len < n && vw_buf_reserve(&o->buf, n) < 0) {
        o->failed = true;
        return NULL;
    }
    p = o->buf.data + o->buf.len;
    o->buf.len += n;
    return p;
}

static inline void vw_out_uint(struct vw_out *o, uint32_t v)
{
    uint8_t *p = vw_out_take(o, 4);
    if (p) {
        v = __builtin_bswap32(v);
        memcpy(p, &v, 4);
    }
}

static inline void vw_out_int(struct vw_out *o, int32_t v)
{
    vw_out_uint(o, (uint32_t)v);
}

static inline void vw_out_uhyper(struct vw_out *o, uint64_t v)
{
    vw_out_uint(o, (uint32_t)(v >> 32));
    vw_out_uint(o, (uint32_t)v);
}

/* As many bytes and as much zero padding as X-1 wants. */
static inline void vw_out_fixed(struct vw_out *o, const void *bytes, uint32_t len)
{
    uint8_t *p = vw_out_take(o, (len + (size_t)3) & ~(size_t)3);
    if (p && len > 0) {
        memset(p + (len & ~(uint32_t)3), 0, len % 4 ? 4 : 0);
        memcpy(p, bytes, len);
    }
}

static inline void vw_out_string(struct vw_out *o, const char *s)
{
    uint32_t len = (uint32_t)strlen(s);
    vw_out_uint(o, len);
    vw_out_fixed(o, s, len);
}

/* char NAME[SIZE]: a word for each character, zero behind the text. */
void vw_out_chars(struct vw_out *o, const char *s, uint32_t size);
