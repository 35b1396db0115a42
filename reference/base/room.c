// SPDX-License-Identifier: MIT
#include "base/room.h"

#include <stdlib.h>

static bool is_full(size_t n)
{
    return (n & (n - 1)) == 0;
}

void *vw_room(void *list, size_t n, size_t size)
{
    return is_full(n) ? reallocarray(list, n ? n * 2 : 1, size) : list;
}

void *vw_arena_room(struct vw_arena *arena, void *list, size_t n, size_t size)
{
    size_t bytes;
    if (!is_full(n))
        return list;
    if (__builtin_mul_overflow(n ? n * 2 : 1, size, &bytes))
        return NULL;
    void *larger = vw_arena_alloc(arena, bytes, 16);
    if (larger && n)
        memcpy(larger, list, n * size);
    return larger;
}
