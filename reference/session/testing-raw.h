// SPDX-License-Identifier: MIT
// For tests and fuzz targets: a reply whose body is bytes, right or wrong.
#pragma once

#include "session/internal.h"

static inline int test_reply_raw(struct vw_session *s, const struct vw_header *call,
                                 const void *body, size_t len)
{
    struct vw_header h = *call;
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_OK;
    vw_session_no_reply(s, call);
    return vw_session_send_body(s, &h, body, len, NULL);
}
