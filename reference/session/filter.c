// SPDX-License-Identifier: MIT
// Showing messages that come to the filter, before anything is made of them, and bytes that carry
// descriptors; messages that go are shown where they are queued (send.c).
#include <unistd.h>

#include "session/internal.h"

/* Forgets N bytes, of which some may not have come yet. */
static void forget(struct vw_input *in, uint32_t n)
{
    size_t here = vw_reader_pending(&in->reader);
    here = here < n ? here : n;
    vw_reader_skip(&in->reader, here);
    in->skip = n - (uint32_t)here;
    in->shown = VW_SHOWN_NOTHING;
}

/* The bytes behind the message at P, which has LENGTH, that carry descriptors (P-3). */
static uint32_t bytes_with_fds(const struct vw_session *s, const uint8_t *p, uint32_t length)
{
    struct vw_header h;
    uint32_t n;
    vw_header_decode(p + VW_LENGTH_BYTES, &h);
    if (!vw_session_carries_fds(s, &h) || length < VW_PREFIX_BYTES + 4)
        return 0;
    n = vw_load32(p + VW_PREFIX_BYTES);
    return n <= s->limits.fds_max ? n : 0;
}

/* What FATE makes of the message that lies first, N bytes with all that belongs to it. True: it may
 * be taken in. */
static bool apply(struct vw_input *in, enum vw_fate fate, uint32_t n)
{
    if (fate != VW_FATE_PASS)
        forget(in, n);
    in->broken = in->broken || fate == VW_FATE_CLOSE;
    return fate == VW_FATE_PASS;
}

/* 1: the first message may be taken in; 0: it has not all come; -1: it is forgotten. */
static int show_first(struct vw_session *s, enum vw_side side)
{
    const struct vw_filter *f = s->o.filter;
    struct vw_input *in = &s->in[side];
    uint8_t *p = in->reader.data + in->reader.start;
    if (vw_reader_pending(&in->reader) < VW_LENGTH_BYTES)
        return 0;
    uint32_t length = vw_load32(p);
    bool allowed = length >= VW_PREFIX_BYTES && length <= s->limits.max_length_word;
    if (f->length && in->shown < VW_SHOWN_LENGTH) {
        uint32_t least = length > VW_LENGTH_BYTES ? length : VW_LENGTH_BYTES;
        if (!apply(in, f->length(f->user, side, length, allowed), least))
            return -1;
        in->shown = VW_SHOWN_LENGTH;
    }
    if (!allowed)
        return 1;
    if (vw_reader_pending(&in->reader) < length)
        return 0;
    if (f->in && in->shown < VW_SHOWN_ALL) {
        enum vw_fate fate = f->in(f->user, side, p, length);
        if (!apply(in, fate, length + bytes_with_fds(s, p, length)))
            return -1;
        in->shown = VW_SHOWN_ALL;
    }
    return 1;
}

bool vw_filter_in(struct vw_session *s, enum vw_side side)
{
    const struct vw_filter *f = s->o.filter;
    struct vw_input *in = &s->in[side];
    int rc = f->in || f->length ? -1 : 1;
    while (rc < 0 && !in->broken) {
        if (in->skip)
            forget(in, in->skip);
        rc = in->skip ? 0 : show_first(s, side);
    }
    return rc > 0;
}

enum vw_fate vw_filter_fds(struct vw_session *s, enum vw_side from, const int *fds, uint32_t n)
{
    const struct vw_filter *f = s->o.filter;
    if (!f || !f->fds || n == 0)
        return VW_FATE_PASS;
    enum vw_fate fate = f->fds(f->user, from, fds, n);
    for (uint32_t i = 0; fate != VW_FATE_PASS && i < n; i++)
        close(fds[i]);
    return fate;
}
