// SPDX-License-Identifier: MIT
// Calls of a client: numbering them and keeping them until they are answered (H-7, H-9).
#include <unistd.h>

#include "session/internal.h"

static int closed(struct vw_error *err)
{
    return vw_error_set(err, VW_ECLOSED, "the connection is closed");
}

static bool in_use(const struct vw_session *s, const struct vw_header *h)
{
    return (s->calls.count && vw_table_find(&s->calls, h, false)) ||
           (s->streams.count && vw_table_find(&s->streams, h, true));
}

/* A counter that starts at 0; after 2^32 calls it must step over those still in flight, and over
 * those whose streams are open. */
static void take_serial(struct vw_session *s, struct vw_header *h)
{
    h->serial = s->next_serial;
    while (in_use(s, h))
        h->serial++;
    s->next_serial = h->serial + 1;
}

/* Whether a call can be made, and there is room for it. */
static int check_call(struct vw_session *s, const struct vw_proc *proc, struct vw_error *err)
{
    if (s->dying || s->over)
        return closed(err);
    if (s->o.role != VW_ROLE_CLIENT || proc->kind != VW_PROC_CALL)
        return vw_error_set(err, VW_EUSAGE, "%s cannot be called here", proc->name);
    return vw_table_reserve(&s->calls) ? vw_error_nomem(err) : 0;
}

int vw_session_call(struct vw_session *s, const struct vw_proc *proc, const void *args,
                    const int *fds, uint32_t n_fds, void *user, uint32_t *serial,
                    struct vw_error *err)
{
    struct vw_header h = {.program = proc->program->number,
                          .version = proc->program->version,
                          .procedure = proc->number,
                          .type = n_fds ? VW_MSG_CALL_WITH_FDS : VW_MSG_CALL};
    int rc = check_call(s, proc, err);
    if (rc) {
        for (uint32_t i = 0; i < n_fds; i++)
            close(fds[i]);
        return rc;
    }
    uint32_t before = s->next_serial;
    take_serial(s, &h);
    rc = n_fds ? vw_session_send_fds(s, &h, proc->args, args, fds, n_fds, err)
               : vw_session_send(s, &h, proc->args, args, err);
    if (rc) {
        s->next_serial = before;
        return rc;
    }
    struct vw_under_way *e = vw_table_add(&s->calls, &h);
    e->proc = proc;
    e->user = user;
    if (serial)
        *serial = h.serial;
    return 0;
}

void vw_session_set_serial(struct vw_session *s, uint32_t serial)
{
    s->next_serial = serial;
}

uint32_t vw_session_in_flight(const struct vw_session *s)
{
    return s->o.role == VW_ROLE_SERVER ? s->requests : s->calls.count;
}

/* Calls to two programs may have the same serial. */
bool vw_session_forget(struct vw_session *s, uint32_t serial, const void *user)
{
    struct vw_under_way *e = vw_table_find_user(&s->calls, serial, user);
    if (!e)
        return false;
    e->forgotten = true;
    e->user = NULL;
    return true;
}
