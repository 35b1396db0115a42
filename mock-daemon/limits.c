// SPDX-License-Identifier: MIT
// Doors are open as long as their service has room for one more client (L-1).
#include "mock-daemon/daemon.h"

static void check_limits(struct vw_daemon *d, struct vw_service *s)
{
    bool accept = !d->exhausted && s->n_conns < s->max_conns &&
                  (s->max_anonymous == 0 || s->n_anonymous < s->max_anonymous);
    if (accept == s->accepting)
        return;
    s->accepting = accept;
    for (size_t i = 0; i < d->n_doors; i++) {
        if (d->doors[i].listener == d->stdio || d->doors[i].service != s)
            continue;
        if (accept)
            ev_io_start(d->loop, &d->doors[i].watcher);
        else
            ev_io_stop(d->loop, &d->doors[i].watcher);
    }
}

void vw_limits_check(struct vw_daemon *d)
{
    check_limits(d, &d->main);
    check_limits(d, &d->admin);
}
