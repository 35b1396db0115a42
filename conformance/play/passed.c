// SPDX-License-Identifier: MIT
// Descriptors that a case passes to the peer, and whether the peer has closed them.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/room.h"
#include "conformance/play/link.h"

static int make_pipe(struct vw_passed *p, struct vw_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return vw_error_errno(err, errno, "cannot make a pipe");
    p->piped = true;
    p->ours = ends[0];
    p->theirs = ends[1];
    return 0;
}

int vw_link_pass(struct vw_link *c, uint32_t count, struct vw_error *err)
{
    struct vw_passed *p = &c->passed;
    int rc = p->piped ? 0 : make_pipe(p, err);
    if (rc < 0)
        return rc;
    if (c->out_done == c->out.len)
        p->n_waiting = p->next = 0; /* as the queue begins anew, so do places in it */
    struct vw_pass *room = vw_room(p->waiting, p->n_waiting, sizeof(*room));
    if (!room)
        return vw_error_nomem(err);
    p->waiting = room;
    p->waiting[p->n_waiting++] =
        (struct vw_pass){.at = c->out_done < c->out.len ? c->out.len : 0, .count = count};
    return 0;
}

const struct vw_pass *vw_link_passing(const struct vw_link *c)
{
    const struct vw_passed *p = &c->passed;
    return p->next < p->n_waiting && p->waiting[p->next].at == c->out_done ? &p->waiting[p->next]
                                                                           : NULL;
}

bool vw_link_released(struct vw_link *c)
{
    struct vw_passed *p = &c->passed;
    if (!p->piped)
        return true;
    if (p->next < p->n_waiting && !vw_link_over(c))
        return false;
    if (p->theirs >= 0)
        close(p->theirs);
    p->theirs = -1;
    struct pollfd gone = {.fd = p->ours};
    if (poll(&gone, 1, 0) <= 0 || !(gone.revents & POLLHUP))
        return false;
    vw_link_unpass(c);
    return true;
}

void vw_link_unpass(struct vw_link *c)
{
    struct vw_passed *p = &c->passed;
    if (p->piped && p->theirs >= 0)
        close(p->theirs);
    if (p->piped)
        close(p->ours);
    free(p->waiting);
    *p = (struct vw_passed){0};
}
