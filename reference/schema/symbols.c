// SPDX-License-Identifier: MIT
// The symbol table: every name of a schema once, found by hash. The hash is seeded from what the
// kernel gave the process, so that no file can be written to make all names collide.
#include <stdlib.h>
#include <sys/auxv.h>

#include "base/nearest.h"
#include "schema/internal.h"

#define FIRST_SIZE 4096u

static const char *const keywords[VW_KW_COUNT] = {
    [VW_KW_BOOL] = "bool",       [VW_KW_CASE] = "case",           [VW_KW_CHAR] = "char",
    [VW_KW_CONST] = "const",     [VW_KW_DEFAULT] = "default",     [VW_KW_DOUBLE] = "double",
    [VW_KW_ENUM] = "enum",       [VW_KW_FLOAT] = "float",         [VW_KW_HYPER] = "hyper",
    [VW_KW_INT] = "int",         [VW_KW_LONG] = "long",           [VW_KW_OPAQUE] = "opaque",
    [VW_KW_PROGRAM] = "program", [VW_KW_QUADRUPLE] = "quadruple", [VW_KW_SHORT] = "short",
    [VW_KW_STRING] = "string",   [VW_KW_STRUCT] = "struct",       [VW_KW_SWITCH] = "switch",
    [VW_KW_TYPEDEF] = "typedef", [VW_KW_UNION] = "union",         [VW_KW_UNSIGNED] = "unsigned",
    [VW_KW_VERSION] = "version", [VW_KW_VOID] = "void",
};

static uint32_t hash_of(uint64_t seed, const char *name, size_t len)
{
    uint64_t h = seed ^ len * 0x9e3779b97f4a7c15u;
    for (; len >= 8; name += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, name, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    uint64_t rest = 0;
    memcpy(&rest, name, len);
    h = (h ^ rest) * 0xc4ceb9fe1a85ec53u;
    return (uint32_t)(h ^ h >> 29);
}

/* The place of a name in the table: the symbol, or the empty slot where it belongs. */
static struct vw_sym **slot_of(const struct vw_schema *s, uint32_t hash, const char *name,
                               size_t len)
{
    uint32_t mask = s->table_size - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct vw_sym *sym = s->table[i];
        if (!sym || (sym->hash == hash && sym->len == len && memcmp(sym->name, name, len) == 0))
            return &s->table[i];
    }
}

static int grow(struct vw_schema *s, uint32_t size)
{
    struct vw_sym **table = calloc(size, sizeof(struct vw_sym *));
    if (!table)
        return VW_ENOMEM;
    for (uint32_t i = 0; i < s->table_size; i++) {
        struct vw_sym *sym = s->table[i];
        if (!sym)
            continue;
        uint32_t at = sym->hash & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = sym;
    }
    free(s->table);
    s->table = table;
    s->table_size = size;
    return 0;
}

struct vw_sym *vw_symbols_intern(struct vw_schema *s, const char *name, size_t len)
{
    uint32_t hash = hash_of(s->seed, name, len);
    struct vw_sym **slot = slot_of(s, hash, name, len);
    if (*slot)
        return *slot;
    struct vw_sym *sym = vw_arena_zalloc(&s->arena, sizeof(struct vw_sym), _Alignof(struct vw_sym));
    if (!sym)
        return NULL;
    sym->name = vw_arena_strndup(&s->arena, name, len);
    sym->len = (uint32_t)len;
    sym->hash = hash;
    if (!sym->name)
        return NULL;
    *slot = sym;
    if (++s->n_syms > s->table_size / 2 && grow(s, s->table_size * 2))
        return NULL;
    return sym;
}

struct vw_sym *vw_symbols_find(const struct vw_schema *s, const char *name, size_t len)
{
    return *slot_of(s, hash_of(s->seed, name, len), name, len);
}

static uint64_t random_seed(void)
{
    const void *bytes = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    uint64_t seed = 0x243f6a8885a308d3u;
    if (bytes)
        memcpy(&seed, bytes, sizeof(seed));
    return seed;
}

int vw_symbols_init(struct vw_schema *s)
{
    s->seed = random_seed();
    if (grow(s, FIRST_SIZE))
        return VW_ENOMEM;
    for (int k = VW_KW_NONE + 1; k < VW_KW_COUNT; k++) {
        struct vw_sym *sym = vw_symbols_intern(s, keywords[k], strlen(keywords[k]));
        if (!sym)
            return VW_ENOMEM;
        sym->keyword = (enum vw_keyword)k;
    }
    return 0;
}

void vw_symbols_finish(struct vw_schema *s)
{
    free(s->table);
    s->table = NULL;
}

bool vw_symbol_ends_in(const struct vw_sym *sym, const char *what)
{
    size_t n = strlen(what);
    return sym->len > n && strncasecmp(sym->name + sym->len - n, what, n) == 0;
}

bool vw_symbol_is_constant(const struct vw_sym *sym)
{
    return sym->constant;
}

const char *vw_symbols_nearest(const struct vw_schema *s, const char *name,
                               bool (*matches)(const struct vw_sym *))
{
    struct vw_near near = {.word = name};
    for (uint32_t i = 0; i < s->table_size; i++) {
        if (s->table[i] && matches(s->table[i]))
            vw_near_offer(&near, s->table[i]->name);
    }
    return near.best;
}
