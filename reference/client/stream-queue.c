// SPDX-License-Identifier: MIT
// What came on a stream and waits to be taken: items one behind the other in one piece of memory,
// which is used again, so that a steady stream allocates nothing.
#include <stdlib.h>
#include <string.h>

#include "client/internal.h"

/* Memory above this is given back when the queue is empty: one huge message costs it once. */
#define KEEP_CAPACITY (4u << 20)

/* In front of each item; a hole of zero bytes costs this much too, so that none is free of charge.
 */
struct head {
    int64_t hole;
    uint32_t len; /* of the data behind */
    uint32_t kind;
};

static size_t item_size(size_t len)
{
    return sizeof(struct head) + ((len + 7) & ~(size_t)7);
}

static void drop_given(struct vw_queue *q)
{
    q->start += q->given;
    q->given = 0;
    if (q->start < q->len)
        return;
    q->start = q->len = 0;
    if (q->cap > KEEP_CAPACITY)
        vw_queue_finish(q);
}

/* An item that the caller holds stays where it is as long as no item is added; the bytes that are
 * moved are no more than those that were taken since the last time, or the memory grows. */
static int make_room(struct vw_queue *q, size_t size)
{
    if (q->cap - q->len >= size)
        return 0;
    size_t pending = q->len - q->start;
    if (q->start >= pending && q->cap - pending >= size) {
        memmove(q->data, q->data + q->start, pending);
        q->start = 0;
        q->len = pending;
        return 0;
    }
    size_t cap = q->cap ? q->cap : 4096;
    while (cap - q->len < size)
        cap *= 2;
    uint8_t *data = realloc(q->data, cap);
    if (!data)
        return VW_ENOMEM;
    q->data = data;
    q->cap = cap;
    return 0;
}

int vw_queue_push(struct vw_queue *q, const struct vw_stream_item *item)
{
    const struct head h = {
        .hole = item->hole, .len = (uint32_t)item->len, .kind = (uint32_t)item->kind};
    if (make_room(q, item_size(item->len)))
        return VW_ENOMEM;
    memcpy(q->data + q->len, &h, sizeof(h));
    if (item->len)
        memcpy(q->data + q->len + sizeof(h), item->data, item->len);
    q->len += item_size(item->len);
    return 0;
}

bool vw_queue_take(struct vw_queue *q, struct vw_stream_item *item)
{
    struct head h;
    drop_given(q);
    if (q->start == q->len)
        return false;
    memcpy(&h, q->data + q->start, sizeof(h));
    q->given = item_size(h.len);
    *item = (struct vw_stream_item){.kind = (enum vw_item_kind)h.kind,
                                    .data = q->data + q->start + sizeof(h),
                                    .len = h.len,
                                    .hole = h.hole};
    return true;
}

size_t vw_queue_pending(const struct vw_queue *q)
{
    return q->len - q->start - q->given;
}

void vw_queue_finish(struct vw_queue *q)
{
    free(q->data);
    *q = (struct vw_queue){0};
}
