// SPDX-License-Identifier: MIT
// A call that is answered later than its handler returns: what it asks for takes time.
#pragma once

#include "mock-daemon/handler.h"

struct vw_later {
    struct vw_conn *conn; /* who waits; NULL: nobody, or no more */
    struct vw_header header;
    const struct vw_proc *proc;
    const struct vw_entry *entry;
};

/* Takes C over. VW_LATER, for its handler to return. */
enum vw_outcome vw_later_take(struct vw_later *l, const struct vw_call *c);
/* The answer, if somebody waits: RET is its result in today's layout, and not looked at if it has
 * none. */
void vw_later_reply(struct vw_later *l, const void *ret);
void vw_later_fail(struct vw_later *l, int32_t code, int32_t domain, const char *text);
