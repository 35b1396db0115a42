// SPDX-License-Identifier: MIT
// Arena of malloc'ed chunks. Each new chunk is at least as large as all before it together, so that
// a long message costs few mallocs and at most twice its need.
#include <virwire/memory.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CHUNK 512u
/* A larger one goes at the reset, so that one large message does not cost that memory for ever. */
#define KEEP_CHUNK (1u << 20)

/* -Darena=single: each object is a malloc of its own and ends where that ends, so that a sanitizer
 * sees one that is too short. */
#ifdef VW_ARENA_SINGLE
#define SINGLE true
#else
#define SINGLE false
#endif

/* What malloc gave. */
struct vw_arena_chunk {
    struct vw_arena_chunk *older;
    size_t size; /* of data */
    _Alignas(16) uint8_t data[];
};

void vw_arena_init(struct vw_arena *a)
{
    *a = (struct vw_arena)VW_ARENA_INIT;
}

static void free_chunks(struct vw_arena_chunk *c)
{
    while (c) {
        struct vw_arena_chunk *older = c->older;
        free(c);
        c = older;
    }
}

void vw_arena_finish(struct vw_arena *a)
{
    free_chunks(a->chunk);
    vw_arena_init(a);
}

/* Chunks grow, so the newest is the largest. */
void vw_arena_reset(struct vw_arena *a)
{
    a->requested = 0;
    if (!a->chunk)
        return;
    if (SINGLE || a->chunk->size > KEEP_CHUNK) {
        vw_arena_finish(a);
        return;
    }
    free_chunks(a->chunk->older);
    a->chunk->older = NULL;
    a->next = a->chunk->data;
}

static int add_chunk(struct vw_arena *a, size_t least)
{
    size_t size = a->chunk ? a->chunk->size * 2 : FIRST_CHUNK;
    if (a->chunk && size / 2 != a->chunk->size)
        return -1;
    if (SINGLE || size < least)
        size = least;
    size_t whole;
    if (__builtin_add_overflow(size, sizeof(struct vw_arena_chunk), &whole) || whole > PTRDIFF_MAX)
        return -1;
    struct vw_arena_chunk *c = malloc(whole);
    if (!c)
        return -1;
    c->older = a->chunk;
    c->size = size;
    a->chunk = c;
    a->next = c->data;
    a->end = c->data + size;
    a->requested += whole;
    return 0;
}

int vw_arena_reserve_slow(struct vw_arena *a, size_t size)
{
    return SINGLE ? 0 : add_chunk(a, size);
}

void *vw_arena_alloc_slow(struct vw_arena *a, size_t size, size_t align)
{
    /* Chunk data is aligned to 16, the largest alignment that callers may ask for. */
    (void)align;
    if (add_chunk(a, size))
        return NULL;
    void *p = a->next;
    a->next += size;
    return p;
}

void *vw_arena_zalloc(struct vw_arena *a, size_t size, size_t align)
{
    void *p = vw_arena_alloc(a, size, align);
    if (p)
        memset(p, 0, size);
    return p;
}

char *vw_arena_strndup(struct vw_arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *p = vw_arena_alloc(a, len + 1, 1);
    if (!p)
        return NULL;
    if (len)
        memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *vw_arena_printf(struct vw_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : vw_arena_alloc(a, (size_t)n + 1, 1);
    if (!p)
        return NULL;
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}
