// SPDX-License-Identifier: MIT
// An arena: memory that is taken bit by bit and given back all at once. Everything that one
// message decodes into lives in one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Internal: what malloc gave. */
struct vw_arena_chunk {
    struct vw_arena_chunk *older;
    size_t size; /* of data */
    _Alignas(16) uint8_t data[];
};

struct vw_arena {
    uint8_t *next;                /* first free byte of the newest chunk */
    uint8_t *end;                 /* end of the newest chunk */
    struct vw_arena_chunk *chunk; /* newest first; NULL before the first allocation */
    size_t requested;             /* bytes asked of malloc since init or the last reset */
};

#define VW_ARENA_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

void vw_arena_init(struct vw_arena *a);

/* Frees all. Safe twice and on a zeroed arena. */
void vw_arena_finish(struct vw_arena *a);

/* The ways out of line of vw_arena_reset, vw_arena_reserve and vw_arena_alloc. */
void vw_arena_reset_slow(struct vw_arena *a);
int vw_arena_reserve_slow(struct vw_arena *a, size_t size);
void *vw_arena_alloc_slow(struct vw_arena *a, size_t size, size_t align);

/* Forgets all that was allocated and keeps the largest chunk, so that the next message of the same
 * size allocates nothing. */
static inline void vw_arena_reset(struct vw_arena *a)
{
    a->requested = 0;
    if (!a->chunk)
        return;
    if (a->chunk->older)
        vw_arena_reset_slow(a);
    a->next = a->chunk->data;
}

/* Makes sure that SIZE bytes can be taken without another malloc. 0, or -1 (VW_ENOMEM). */
static inline int vw_arena_reserve(struct vw_arena *a, size_t size)
{
    return a->next && (size_t)(a->end - a->next) >= size ? 0 : vw_arena_reserve_slow(a, size);
}

/* SIZE bytes, not cleared, aligned to ALIGN (a power of two up to 16); NULL when memory is out.
 * SIZE 0 gives a pointer that may not be read. */
static inline void *vw_arena_alloc(struct vw_arena *a, size_t size, size_t align)
{
    uintptr_t p = ((uintptr_t)a->next + (align - 1)) & ~(uintptr_t)(align - 1);
    if (a->next && p <= (uintptr_t)a->end && (uintptr_t)a->end - p >= size) {
        a->next = (uint8_t *)p + size;
        return (void *)p;
    }
    return vw_arena_alloc_slow(a, size, align);
}

/* As vw_arena_alloc with all bytes 0. */
void *vw_arena_zalloc(struct vw_arena *a, size_t size, size_t align);

/* A copy of LEN bytes with a NUL behind; NULL when memory is out. */
char *vw_arena_strndup(struct vw_arena *a, const char *s, size_t len);

/* printf into the arena; NULL when memory is out. */
char *vw_arena_printf(struct vw_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
