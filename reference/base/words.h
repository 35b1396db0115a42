// SPDX-License-Identifier: MIT
// The byte order of the wire, and nothing else: big-endian words at any address (RFC 4506 section
// 3).
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define VW_SWAP32(v) __builtin_bswap32(v)
#define VW_SWAP64(v) __builtin_bswap64(v)
#else
#define VW_SWAP32(v) (v)
#define VW_SWAP64(v) (v)
#endif

static inline uint32_t vw_load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return VW_SWAP32(v);
}

static inline uint64_t vw_load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return VW_SWAP64(v);
}

static inline void vw_store32(uint8_t *p, uint32_t v)
{
    v = VW_SWAP32(v);
    memcpy(p, &v, sizeof(v));
}

static inline void vw_store64(uint8_t *p, uint64_t v)
{
    v = VW_SWAP64(v);
    memcpy(p, &v, sizeof(v));
}
