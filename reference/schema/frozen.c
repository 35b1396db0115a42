// SPDX-License-Identifier: MIT
// A schema from the image that the build has made: a copy in which distances become pointers. It
// has no symbols, so names are looked for in the lists.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "schema/basic.h"
#include "schema/internal.h"

static const void *pointer_of(const struct vw_image *i, const char *copy, uint64_t word)
{
    const size_t size = i->n_words * sizeof(word);
    size_t distance = (size_t)word - 1;
    if (distance < size)
        return copy + distance;
    distance -= size;
    if (distance < i->text_len)
        return i->text + distance;
    return vw_type_basic((enum vw_kind)(distance - i->text_len));
}

/* All of the LEN bytes at P will be written: one call of the kernel in place of a fault a page. */
static void populate(void *p, size_t len)
{
#ifdef MADV_POPULATE_WRITE
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)p + page - 1) & ~(page - 1),
              end = ((uintptr_t)p + len) & ~(page - 1);
    if (start < end)
        madvise((void *)start, end - start, MADV_POPULATE_WRITE);
#endif
}

static struct vw_frozen *thaw(const struct vw_image *i)
{
    char *copy = malloc(i->n_words * sizeof(*i->words));
    if (!copy)
        return NULL;
    populate(copy, i->n_words * sizeof(*i->words));
    memcpy(copy, i->words, i->n_words * sizeof(*i->words));
    for (size_t at = 0; at < i->n_words; at += 64)
        for (uint64_t bits = i->pointers[at / 64]; bits; bits &= bits - 1) {
            size_t word = at + (unsigned)__builtin_ctzll(bits);
            const void *p = pointer_of(i, copy, i->words[word]);
            memcpy(copy + word * sizeof(p), &p, sizeof(p));
        }
    return (struct vw_frozen *)(void *)copy;
}

int vw_frozen_schema(const struct vw_image *image, struct vw_schema **out)
{
    struct vw_schema *s = calloc(1, sizeof(*s));
    struct vw_frozen *z = s ? thaw(image) : NULL;
    if (!z) {
        free(s);
        return VW_ENOMEM;
    }
    s->frozen = z;
    s->error_file = "";
    s->finished = true;
    s->const_list = z->consts;
    s->type_list = z->types;
    s->program_list = z->programs;
    s->n_consts = z->n_consts;
    s->n_types = z->n_types;
    s->n_programs = z->n_programs;
    *out = s;
    return 0;
}

const struct vw_type *vw_frozen_type(const struct vw_frozen *z, const char *name)
{
    size_t low = 0, high = z->n_types;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct vw_type *t = z->types[z->by_name[middle]];
        int order = strcmp(name, t->name);
        if (order == 0)
            return t;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return vw_basic_named(name);
}

bool vw_frozen_const(const struct vw_frozen *z, const char *name, int64_t *value)
{
    for (size_t i = 0; i < z->n_consts; i++)
        if (strcmp(z->consts[i]->name, name) == 0) {
            *value = z->consts[i]->value;
            return true;
        }
    for (size_t i = 0; i < z->n_types; i++)
        for (uint32_t k = 0; k < z->types[i]->n_members; k++)
            if (strcmp(z->types[i]->members[k].name, name) == 0) {
                *value = z->types[i]->members[k].value;
                return true;
            }
    return false;
}
