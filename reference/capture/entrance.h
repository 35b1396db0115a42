// SPDX-License-Identifier: MIT
// How a client that was recorded got in: which of its messages are the log-in that every client
// does by itself (C-10). Engine: it may change with every release (docs/api.md).
#pragma once

#include "message/message.h"

enum vw_entrance_stage {
    VW_ENTERING, /* all that was said so far is a log-in */
    VW_WITHIN,   /* its open was answered well */
    VW_ELSEWHERE /* it went another way: nothing of it can be left out */
};

/* Zeroed at the beginning of a connection. */
struct vw_entrance {
    enum vw_entrance_stage stage;
    const struct vw_program *program; /* whose open it is; NULL: there was none */
    uint32_t flags;                   /* of that open, but the next */
    bool read_only;                   /* C-2 */
    bool test_driver;                 /* the name that was opened begins with "test:" */
    uint64_t open;                    /* the number of the call that opens; 0: none so far */
    uint64_t entered;                 /* WITHIN: the number of its answer; the log-in ends there */
};

/* The next message of the connection: its NUMBER in it, and that of the call that it ANSWERS (0:
 * none). */
void vw_entrance_follow(struct vw_entrance *e, const struct vw_schema *schema,
                        const struct vw_frame *frame, uint64_t number, uint64_t answers);
/* Whether the message NUMBER belongs to the log-in. To be asked when all has been followed. */
bool vw_entrance_has(const struct vw_entrance *e, uint64_t number);
