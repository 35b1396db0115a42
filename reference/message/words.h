// SPDX-License-Identifier: MIT
// Big-endian words at any address.
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t vw_get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return be32toh(v);
}

static inline void vw_put32(uint8_t *p, uint32_t v)
{
    v = htobe32(v);
    memcpy(p, &v, sizeof(v));
}

static inline uint64_t vw_get64(const uint8_t *p)
{
    return (uint64_t)vw_get32(p) << 32 | vw_get32(p + 4);
}

static inline void vw_put64(uint8_t *p, uint64_t v)
{
    vw_put32(p, (uint32_t)(v >> 32));
    vw_put32(p + 4, (uint32_t)v);
}
