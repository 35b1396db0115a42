// SPDX-License-Identifier: MIT
// Where records of the layer below start, held against where messages end (T-5).
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "session/internal.h"

/* Where the message ends that lies first in the reader; 0: its length word has not come. */
static uint64_t first_end(const struct vw_reader *r)
{
    if (vw_reader_pending(r) < VW_LENGTH_BYTES)
        return 0;
    return r->consumed + vw_load32(r->data + r->start);
}

void vw_session_record(struct vw_session *s, enum vw_side from)
{
    struct vw_input *in = &s->in[from];
    uint64_t at = in->reader.consumed + vw_reader_pending(&in->reader);
    /* A mark within the first message says nothing, so that a message in many small records does
     * not collect them. */
    in->has_records = true;
    if (at < first_end(&in->reader))
        return;
    uint64_t *records = vw_room(in->records, in->n_records, sizeof(*records));
    if (!records) {
        in->has_records = false; /* without memory the rule is not checked any more */
        return;
    }
    in->records = records;
    in->records[in->n_records++] = at;
}

void vw_records_check(struct vw_session *s, enum vw_side side)
{
    struct vw_input *in = &s->in[side];
    uint64_t at = in->reader.consumed;
    if (at == in->boundary || vw_reader_pending(&in->reader) == 0)
        return;
    in->boundary = at;
    size_t i = 0;
    while (i < in->n_records && in->records[i] < at)
        i++;
    bool starts = i < in->n_records && in->records[i] == at;
    in->n_records -= i;
    memmove(in->records, in->records + i, in->n_records * sizeof(*in->records));
    if (starts)
        return;
    const struct vw_incoming m = {.from = side, .offset = at, .frame = {.short_header = true}};
    if (s->o.role == VW_ROLE_OBSERVER)
        vw_session_violation(s, &m, "T-5",
                             "a record holds the end of one message and the start of the next");
}
