// SPDX-License-Identifier: MIT
// Header codec and whole messages out. The limits are those of a profile.
#include "message/message.h"

#include <string.h>

#include "base/words.h"

void vw_limits_from_profile(const struct vw_profile *p, struct vw_limits *out)
{
    out->min_length_word = p->min_length_word;
    out->max_length_word = p->max_length_word;
    out->fds_max = p->fds_max;
}

static bool has_count_word(const struct vw_header *h)
{
    return h->type == VW_MSG_CALL_WITH_FDS || h->type == VW_MSG_REPLY_WITH_FDS;
}

/* Puts down all that stands ahead of the body, with an empty length word. */
static int start_message(struct vw_buf *b, const struct vw_header *h, uint32_t n_fds,
                         struct vw_error *err)
{
    if (vw_buf_reserve(b, VW_PREFIX_BYTES + 4))
        return vw_error_nomem(err);
    vw_header_encode(h, b->data + b->len + VW_LENGTH_BYTES);
    b->len += VW_PREFIX_BYTES;
    if (has_count_word(h)) {
        vw_store32(b->data + b->len, n_fds);
        b->len += 4;
    }
    return 0;
}

static int too_long(const struct vw_limits *limits, struct vw_error *err)
{
    return vw_error_set(err, VW_ELIMIT, "the message would be longer than %u bytes",
                        limits->max_length_word);
}

int vw_message_append(struct vw_buf *b, const struct vw_limits *limits, const struct vw_header *h,
                      uint32_t n_fds, const void *body, size_t len, struct vw_error *err)
{
    size_t start = b->len;
    if (len > limits->max_length_word ||
        len + VW_PREFIX_BYTES + (has_count_word(h) ? 4u : 0u) > limits->max_length_word)
        return too_long(limits, err);
    if (start_message(b, h, n_fds, err))
        return VW_ENOMEM;
    if (len && vw_buf_append(b, body, len)) {
        b->len = start;
        return vw_error_nomem(err);
    }
    vw_store32(b->data + start, (uint32_t)(b->len - start));
    return 0;
}

int vw_message_append_value(struct vw_buf *b, const struct vw_limits *limits,
                            const struct vw_header *h, uint32_t n_fds, const struct vw_type *t,
                            const void *value, struct vw_error *err)
{
    size_t start = b->len;
    if (start_message(b, h, n_fds, err))
        return VW_ENOMEM;
    int rc = 0;
    if (t)
        rc = vw_xdr_encode(t, value, b, start + limits->max_length_word, err);
    else if (b->len - start > limits->max_length_word)
        rc = too_long(limits, err);
    if (rc) {
        b->len = start;
        return rc;
    }
    vw_store32(b->data + start, (uint32_t)(b->len - start));
    return 0;
}
