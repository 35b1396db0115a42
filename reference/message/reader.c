// SPDX-License-Identifier: MIT
// The frame reader. Two invariants that hostile input must not break: the buffer is never larger
// than FIRST_CAPACITY or twice the bytes that have come (F-5), and the work is linear in those
// bytes whatever the chunks are. test-reader.c counts the bytes that are moved; the first is held
// by fuzz/frame_reader.c too.
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "message/diagnose.h"

/* The longest length word that anybody of 2007 takes (F-7). */
#define MAX_OF_2007 262148u

#define FIRST_CAPACITY 4096u
/* A larger buffer goes back to the system when it is empty, so that one large message does not
 * cost a connection that memory for ever. */
#define KEEP_CAPACITY (1u << 20)

void vw_reader_init(struct vw_reader *r, const struct vw_limits *limits)
{
    *r = (struct vw_reader){.limits = *limits};
}

void vw_reader_finish(struct vw_reader *r)
{
    free(r->data);
    r->data = NULL;
    r->start = r->len = r->cap = 0;
}

static void move_down(struct vw_reader *r)
{
    if (r->len)
        memmove(r->data, r->data + r->start, r->len);
    r->start = 0;
}

/* Makes the buffer large enough for NEED bytes behind start, by doubling. */
static bool grow(struct vw_reader *r, size_t need)
{
    size_t cap = r->cap ? r->cap : FIRST_CAPACITY;
    while (cap < need)
        if (__builtin_mul_overflow(cap, 2, &cap))
            return false;
    uint8_t *data = realloc(r->data, cap);
    if (!data)
        return false;
    r->data = data;
    r->cap = cap;
    return true;
}

static void take_spare(struct vw_reader *r)
{
    r->data = r->spare->data;
    r->cap = r->spare->cap;
    *r->spare = (struct vw_buf)VW_BUF_INIT;
}

void vw_reader_rest(struct vw_reader *r)
{
    if (!r->spare || r->len || r->cap != FIRST_CAPACITY)
        return;
    if (r->spare->data) {
        vw_reader_finish(r);
        return;
    }
    *r->spare = (struct vw_buf){.data = r->data, .cap = r->cap};
    r->data = NULL;
    r->start = r->cap = 0;
}

/* Makes room for N more bytes. Moving costs as many as lie in the buffer. It is done when at least
 * as many were consumed since the last time, or when half of the buffer comes free by it: both make
 * the cost per byte constant. */
static bool make_room(struct vw_reader *r, size_t n)
{
    if (r->len == 0) {
        r->start = 0;
        if (r->cap > KEEP_CAPACITY)
            vw_reader_finish(r);
        if (!r->data && r->spare)
            take_spare(r);
    }
    size_t room = r->cap - r->start - r->len;
    if ((room < r->cap / 4 && r->start > r->len) ||
        (room < n && r->start > 0 && r->len <= r->cap / 2))
        move_down(r);
    if (r->cap - r->start - r->len >= n)
        return true;
    if (grow(r, r->start + r->len + n))
        return true;
    move_down(r);
    return r->cap - r->len >= n;
}

uint8_t *vw_reader_space(struct vw_reader *r, size_t *room)
{
    if (!make_room(r, 1))
        return NULL;
    *room = r->cap - r->start - r->len;
    return r->data + r->start + r->len;
}

void vw_reader_added(struct vw_reader *r, size_t n)
{
    r->len += n;
}

int vw_reader_feed(struct vw_reader *r, const void *bytes, size_t len)
{
    if (len == 0)
        return 0;
    if (!make_room(r, len))
        return VW_ENOMEM;
    memcpy(r->data + r->start + r->len, bytes, len);
    r->len += len;
    return 0;
}

static int refuse(struct vw_reader *r, const char *clause, uint32_t word, struct vw_error *err)
{
    r->failed = true;
    if (err && !err->code) {
        err->offset = r->consumed;
        memcpy(err->clause, clause, 4);
    }
    struct vw_diagnosis d;
    bool known = vw_diagnose(&r->limits, r->data + r->start, r->len, NULL, 0, &d);
    return vw_error_set(err, VW_EPROTOCOL, "length word %u is outside %u to %u%s%s", word,
                        r->limits.min_length_word, r->limits.max_length_word, known ? ": " : "",
                        known ? d.text : "");
}

/* F-3: what cannot hold even the rest of itself is refused at once, the rest when it is complete.
 */
static int check_length(struct vw_reader *r, uint32_t word, struct vw_error *err)
{
    if (word > r->limits.max_length_word)
        return refuse(r, r->limits.max_length_word <= MAX_OF_2007 ? "F-7" : "F-4", word, err);
    if (word < VW_LENGTH_BYTES || (word == VW_LENGTH_BYTES && !r->tolerant))
        return refuse(r, "F-3", word, err);
    if (r->len < word)
        return 0;
    if (!r->tolerant && (word < VW_PREFIX_BYTES || word < r->limits.min_length_word))
        return refuse(r, "F-3", word, err);
    return 1;
}

void vw_frame_of(const uint8_t *bytes, uint32_t len, struct vw_frame *out)
{
    *out = (struct vw_frame){.length = len, .bytes = bytes, .short_header = len < VW_PREFIX_BYTES};
    if (out->short_header)
        return;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &out->header);
    out->body = bytes + VW_PREFIX_BYTES;
    out->body_len = len - VW_PREFIX_BYTES;
}

int vw_reader_next(struct vw_reader *r, struct vw_frame *out, struct vw_error *err)
{
    if (r->failed)
        return vw_error_set(err, VW_EPROTOCOL, "an earlier length word was wrong");
    if (r->len < VW_LENGTH_BYTES)
        return 0;
    const uint8_t *p = r->data + r->start;
    uint32_t word = vw_load32(p);
    int rc = check_length(r, word, err);
    if (rc <= 0)
        return rc;

    vw_frame_of(p, word, out);
    vw_reader_skip(r, word);
    return 1;
}

void vw_reader_skip(struct vw_reader *r, size_t n)
{
    r->start += n;
    r->len -= n;
    r->consumed += n;
}

void vw_reader_back(struct vw_reader *r, size_t n)
{
    r->start -= n;
    r->len += n;
    r->consumed -= n;
}

size_t vw_reader_pending(const struct vw_reader *r)
{
    return r->len;
}
