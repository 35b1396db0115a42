// SPDX-License-Identifier: MIT
// What callers and the library hand each other: arenas, strings, byte strings, lists, descriptors.
// The structs of this header are as they are for good; others may grow (VW_SIZE_MEMBER).
//
// An arena is memory that is taken bit by bit and given back all at once. Everything that one
// message decodes into lives in one. Its members are the library's; one arena belongs to one thread
// at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Around declarations, for C++. */
#ifdef __cplusplus
#define VW_BEGIN_DECLS extern "C" {
#define VW_END_DECLS   }
#else
#define VW_BEGIN_DECLS
#define VW_END_DECLS
#endif

/* In printed headers: how many bytes the library takes a struct for. */
#if defined(__cplusplus)
#define VW_SIZE_IS(type, size) static_assert(sizeof(type) == (size), #type)
#elif __STDC_VERSION__ >= 201112L
#define VW_SIZE_IS(type, size) _Static_assert(sizeof(type) == (size), #type)
#else
#define VW_SIZE_IS(type, size) extern char vw_size_is[sizeof(type) == (size) ? 1 : -1]
#endif

/* Structs that the caller fills, and that may grow: they start with the size that they have for the
 * caller, which VW_..._INIT, first within the braces, puts there: {VW_CLIENT_OPTIONS_INIT} (in C
 * members may follow). All else 0 is sensible. The library reads only what the size covers, and
 * takes the rest as 0; a size of 0, or members that are set and too new for it, are VW_EUSAGE. */
#ifdef __cplusplus
#define VW_SIZE_MEMBER(type) size_t size = sizeof(type)
#define VW_SIZED(type)
#else
#define VW_SIZE_MEMBER(type) size_t size
#define VW_SIZED(type)       .size = sizeof(struct type)
#endif

VW_BEGIN_DECLS

/* A string of the protocol (RFC 4506 section 4.11). data[len] is always NUL; an inner NUL is seen
 * because LEN, in bytes, counts it. Never NULL in what the library gives; {NULL, 0} is taken as the
 * empty string. */
struct vw_string {
    char *data;
    uint32_t len;
};

/* Opaque bytes (4.10). */
struct vw_bytes {
    uint8_t *data;
    uint32_t len;
};

/* A list (4.13): COUNT elements, one behind the other. */
struct vw_list {
    void *items;
    uint32_t count;
};

/* Descriptors that came with, or go with, a message. Up to 32 (P-2). */
struct vw_fds {
    int fd[32];
    uint32_t count;
};

struct vw_arena_chunk;

struct vw_arena {
    uint8_t *next;                /* first free byte of the newest chunk */
    uint8_t *end;                 /* end of the newest chunk */
    struct vw_arena_chunk *chunk; /* newest first; NULL before the first allocation */
    size_t requested;             /* bytes asked of malloc since init or the last reset */
};

#define VW_ARENA_INIT                                                                              \
    {                                                                                              \
        NULL, NULL, NULL, 0                                                                        \
    }

void vw_arena_init(struct vw_arena *a);

/* Frees all. Safe twice and on a zeroed arena. */
void vw_arena_finish(struct vw_arena *a);

/* Forgets all that was allocated and keeps the largest chunk, so that the next message of the same
 * size allocates nothing. */
void vw_arena_reset(struct vw_arena *a);

/* The ways out of line of vw_arena_reserve and vw_arena_alloc. */
int vw_arena_reserve_slow(struct vw_arena *a, size_t size);
void *vw_arena_alloc_slow(struct vw_arena *a, size_t size, size_t align);

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

VW_END_DECLS
