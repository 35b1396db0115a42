// SPDX-License-Identifier: MIT
#include "mock-daemon/volume.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <virwire/error.h>

#define WORD_BITS 64u

/* Blocks of all volumes that were written. */
static uint64_t held;

static uint64_t blocks_of(uint64_t size)
{
    return size / VW_VOLUME_BLOCK + (size % VW_VOLUME_BLOCK != 0);
}

/* ---- life ---- */

/* An address for each byte, and memory for what is written. */
struct vw_contents *vw_contents_create(uint64_t size)
{
    struct vw_contents *k = calloc(1, sizeof(*k));
    void *data = MAP_FAILED;
    if (!k)
        return NULL;
    *k = (struct vw_contents){.holders = 1, .size = size};
    k->written = calloc((size_t)(blocks_of(size) / WORD_BITS + 1), sizeof(*k->written));
    if (k->written && size > 0)
        data = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    k->data = data == MAP_FAILED ? NULL : data;
    if (k->written && (k->data || size == 0))
        return k;
    vw_contents_drop(k);
    return NULL;
}

struct vw_contents *vw_contents_hold(struct vw_contents *k)
{
    k->holders++;
    return k;
}

void vw_contents_drop(struct vw_contents *k)
{
    if (!k || --k->holders > 0)
        return;
    held -= k->blocks;
    if (k->data)
        munmap(k->data, (size_t)k->size);
    free(k->written);
    free(k);
}

void vw_volume_finish(struct vw_volume *v)
{
    vw_contents_drop(v->contents);
    v->contents = NULL;
}

/* ---- blocks ---- */

static bool is_written(const struct vw_contents *k, uint64_t block)
{
    return (k->written[block / WORD_BITS] >> block % WORD_BITS & 1) != 0;
}

static int mark(struct vw_contents *k, uint64_t block)
{
    if (is_written(k, block))
        return 0;
    if (held >= VW_VOLUMES_MOST / VW_VOLUME_BLOCK)
        return VW_ELIMIT;
    k->written[block / WORD_BITS] |= (uint64_t)1 << block % WORD_BITS;
    k->blocks++;
    held++;
    return 0;
}

static uint64_t within_block(uint64_t at, uint64_t len)
{
    const uint64_t left = VW_VOLUME_BLOCK - at % VW_VOLUME_BLOCK;
    return len < left ? len : left;
}

int vw_contents_write(struct vw_contents *k, uint64_t at, const uint8_t *bytes, uint64_t len)
{
    int rc = 0;
    for (uint64_t n; rc == 0 && len > 0; at += n, len -= n) {
        n = within_block(at, len);
        if (bytes)
            rc = mark(k, at / VW_VOLUME_BLOCK);
        if (rc == 0 && bytes)
            memcpy(k->data + at, bytes, (size_t)n);
        else if (rc == 0 && is_written(k, at / VW_VOLUME_BLOCK))
            memset(k->data + at, 0, (size_t)n);
        bytes = bytes ? bytes + n : NULL;
    }
    return rc;
}

static bool is_zero(const struct vw_contents *k, uint64_t at, uint64_t len)
{
    const uint8_t *bytes = k->data + at;
    return !is_written(k, at / VW_VOLUME_BLOCK) ||
           (bytes[0] == 0 && memcmp(bytes, bytes + 1, (size_t)len - 1) == 0);
}

/* Where the words of bits go on that no block from AT on has set. */
static uint64_t skip_words(const struct vw_contents *k, uint64_t at, uint64_t end)
{
    const uint64_t step = (uint64_t)WORD_BITS * VW_VOLUME_BLOCK;
    while (at % step == 0 && end - at >= step && k->written[at / step] == 0)
        at += step;
    return at;
}

uint64_t vw_contents_run(const struct vw_contents *k, uint64_t at, uint64_t len, bool *hole)
{
    const uint64_t from = at, end = at + len;
    *hole = false;
    for (uint64_t n; at < end; at += n) {
        n = end - at < VW_VOLUME_BLOCK ? end - at : within_block(at, end - at);
        bool zero = n == VW_VOLUME_BLOCK && is_zero(k, at, n);
        if (at == from)
            *hole = zero;
        else if (zero != *hole)
            break;
        if (zero && skip_words(k, at, end) > at)
            n = skip_words(k, at, end) - at;
    }
    return at - from;
}

uint64_t vw_contents_allocation(const struct vw_contents *k)
{
    uint64_t sum = 0;
    for (uint64_t at = 0, n; k && k->blocks > 0 && at < k->size; at += n) {
        bool hole;
        n = vw_contents_run(k, at, k->size - at, &hole);
        sum += hole ? 0 : n;
    }
    return sum;
}

struct vw_contents *vw_contents_copy(const struct vw_contents *from, uint64_t size)
{
    struct vw_contents *k = vw_contents_create(size);
    const uint64_t end = from->size < size ? from->size : size;
    for (uint64_t at = 0, n; k && at < end; at += n) {
        bool hole;
        n = vw_contents_run(from, at, end - at, &hole);
        if (!hole && vw_contents_write(k, at, from->data + at, n) < 0) {
            vw_contents_drop(k);
            return NULL;
        }
    }
    return k;
}
