// SPDX-License-Identifier: MIT
// Which of the calls that strace or ltrace shows belong to one side of one connection: those of the
// descriptor, and of the direction, with which the first message goes. A process reads other files
// too.
#pragma once

#include <virwire/error.h>

#include "xdr/xdr.h"

#define VW_TRACED_CALLS 32u

struct vw_traced_calls {
    bool found;        /* the descriptor is known */
    int64_t wanted;    /* which, and in which direction */
    struct vw_buf led; /* what calls moved until then, as far as it is kept */
    struct {
        int64_t process, what;
    } waiting[VW_TRACED_CALLS]; /* calls that are not finished, the latest at NEXT - 1 */
    unsigned next;
};

void vw_traced_calls_finish(struct vw_traced_calls *t);
/* TEXT is a line with a call whose arguments begin at ARGS; OUT has from BEFORE on what it moved.
 * Takes it out of OUT again where it belongs to another. VW_ENOMEM. */
int vw_traced_calls_sort(struct vw_traced_calls *t, const char *text, const char *args,
                         struct vw_buf *out, size_t before);
/* There are no more: where none had a message, all that was moved is given to OUT. VW_ENOMEM. */
int vw_traced_calls_end(struct vw_traced_calls *t, struct vw_buf *out);
/* Whether TEXT tells of a process or a signal, and of no call. */
bool vw_traced_calls_remark(const char *text);
