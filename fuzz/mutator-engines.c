// SPDX-License-Identifier: MIT
// The mutator for engines, as one library: AFL++ loads it (AFL_CUSTOM_MUTATOR_LIBRARY), and what
// is linked with it has libFuzzer's hooks. Both keep their own mutations beside it. What inputs are
// says the environment: VW_MUTATOR (a spec of mutator.h), VW_MUTATOR_SCHEMA (a file or folder), and
// VW_MUTATOR_STATS, a file that is told what was done. VW_MUTATOR=off leaves libFuzzer to itself.
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutator.h"
#include "xdr/values.h"

#define COUNT_EACH  64 /* mutations of one entry of AFL++'s queue, at most */
#define HAVOC_SHARE 25 /* percent of the mutations that havoc stacks */
#define OWN_SHARE   3  /* of four calls, with libFuzzer */

struct engine {
    struct vw_mutator *mutator;
    struct vw_rng rng;
    uint8_t *trimmed; /* the smallest so far */
    size_t trimmed_len;
    size_t at, tried, parts; /* of the trimming */
    char about[400];
};

static struct vw_mutator *make(void)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_mutator *m;
    if (vw_mutator_create(getenv("VW_MUTATOR"), getenv("VW_MUTATOR_SCHEMA"), &m, &err) == 0)
        return m;
    fprintf(stderr, "virwire-mutator: %s\n", err.text);
    exit(2);
}

static void tell(const struct vw_mutator *m)
{
    const char *path = getenv("VW_MUTATOR_STATS");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        vw_mutator_statistics(m, f);
        fclose(f);
    }
}

/* ---- AFL++ ---- */

void *afl_custom_init(void *afl, unsigned int seed);
void afl_custom_deinit(void *data);
unsigned int afl_custom_fuzz_count(void *data, const unsigned char *buf, size_t len);
size_t afl_custom_fuzz(void *data, unsigned char *buf, size_t len, unsigned char **out,
                       unsigned char *other, size_t other_len, size_t max);
size_t afl_custom_havoc_mutation(void *data, unsigned char *buf, size_t len, unsigned char **out,
                                 size_t max);
unsigned char afl_custom_havoc_mutation_probability(void *data);
int32_t afl_custom_init_trim(void *data, unsigned char *buf, size_t len);
size_t afl_custom_trim(void *data, unsigned char **out);
int32_t afl_custom_post_trim(void *data, unsigned char success);
const char *afl_custom_describe(void *data, size_t max);

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct engine *e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->mutator = make();
    vw_rng_seed(&e->rng, seed);
    return e;
}

void afl_custom_deinit(void *data)
{
    struct engine *e = data;
    tell(e->mutator);
    vw_mutator_destroy(e->mutator);
    free(e->trimmed);
    free(e);
}

unsigned int afl_custom_fuzz_count(void *data, const unsigned char *buf, size_t len)
{
    return len < COUNT_EACH ? (unsigned)len + 1 : COUNT_EACH;
}

/* The length; 0: AFL++ leaves it. */
static size_t give(struct engine *e, const uint8_t *buf, size_t len, unsigned char **out,
                   const uint8_t *other, size_t other_len, size_t max)
{
    size_t n;
    const uint8_t *made =
        vw_mutate(e->mutator, vw_rng_next(&e->rng), buf, len, other, other_len, max, &n);
    *out = (unsigned char *)(uintptr_t)made;
    return made ? n : 0;
}

size_t afl_custom_fuzz(void *data, unsigned char *buf, size_t len, unsigned char **out,
                       unsigned char *other, size_t other_len, size_t max)
{
    return give(data, buf, len, out, other, other ? other_len : 0, max);
}

size_t afl_custom_havoc_mutation(void *data, unsigned char *buf, size_t len, unsigned char **out,
                                 size_t max)
{
    size_t n = give(data, buf, len, out, NULL, 0, max);
    if (n > 0)
        return n;
    *out = buf;
    return len;
}

unsigned char afl_custom_havoc_mutation_probability(void *data)
{
    return HAVOC_SHARE;
}

static bool keep(struct engine *e, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    if (!copy)
        return false;
    memcpy(copy, bytes, len);
    free(e->trimmed);
    e->trimmed = copy;
    e->trimmed_len = len;
    return true;
}

int32_t afl_custom_init_trim(void *data, unsigned char *buf, size_t len)
{
    struct engine *e = data;
    e->at = e->tried = e->parts = 0;
    if (len > 0 && keep(e, buf, len))
        e->parts = vw_mutator_parts(e->mutator, e->trimmed, e->trimmed_len);
    return (int32_t)e->parts;
}

size_t afl_custom_trim(void *data, unsigned char **out)
{
    struct engine *e = data;
    size_t n;
    const uint8_t *made = vw_mutator_without(e->mutator, e->at, e->trimmed, e->trimmed_len, &n);
    *out = made && n ? (unsigned char *)(uintptr_t)made : e->trimmed;
    return made && n ? n : e->trimmed_len;
}

/* What is left of the same place is tried next, behind it what follows; no more than there were
 * parts at first. */
int32_t afl_custom_post_trim(void *data, unsigned char success)
{
    struct engine *e = data;
    size_t n, left = e->parts;
    const uint8_t *made =
        success ? vw_mutator_without(e->mutator, e->at, e->trimmed, e->trimmed_len, &n) : NULL;
    if (made && n && keep(e, made, n))
        left = vw_mutator_parts(e->mutator, e->trimmed, e->trimmed_len);
    else
        e->at++;
    e->tried++;
    return (int32_t)(e->at >= left ? e->parts : e->tried);
}

const char *afl_custom_describe(void *data, size_t max)
{
    struct engine *e = data;
    snprintf(e->about, max < sizeof(e->about) ? max : sizeof(e->about), "%s",
             vw_mutator_last(e->mutator));
    return e->about;
}

/* ---- libFuzzer ---- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max, unsigned int seed);

static struct vw_mutator *only;

static bool is_off(void)
{
    static int off = -1;
    const char *spec = getenv("VW_MUTATOR");
    if (off < 0)
        off = LLVMFuzzerMutate && spec && strcmp(spec, "off") == 0;
    return off;
}

static void finish(void)
{
    tell(only);
    vw_mutator_destroy(only);
}

static size_t into(uint8_t *out, size_t max, unsigned int seed, const uint8_t *data, size_t size,
                   const uint8_t *other, size_t other_size)
{
    size_t n;
    if (!only) {
        only = make();
        atexit(finish);
    }
    const uint8_t *made = vw_mutate(only, seed, data, size, other, other_size, max, &n);
    if (!made || n == 0)
        return 0;
    memcpy(out, made, n);
    return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    if (is_off() || (LLVMFuzzerMutate && seed % (OWN_SHARE + 1) == 0))
        return LLVMFuzzerMutate(data, size, max);
    size_t n = into(data, max, seed, data, size, NULL, 0);
    return n ? n : size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max, unsigned int seed)
{
    if (!is_off())
        return into(out, max, seed, data, size, other, other_size);
    size_t len = size < max ? size : max;
    if (len)
        memcpy(out, data, len);
    return LLVMFuzzerMutate(out, len, max);
}
