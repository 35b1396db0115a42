// SPDX-License-Identifier: MIT
// A listener of the case's own on the loopback, to which the server under test may come as a client
// when an open names it (C-5).
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <virwire/error.h>
#include <virwire/event.h>

struct vw_host;
struct vw_run;

enum vw_host_deed {
    VW_HOST_SILENT,  /* takes who comes, and says nothing */
    VW_HOST_ANSWERS, /* says some bytes once it has heard any */
    VW_HOST_HANGS_UP,
    VW_HOST_GONE /* nobody listens there */
};

/* Opens one called NAME; what an open is to say to get there becomes the variable NAME. SAYS is
 * the caller's and outlives it. VW_ESYSTEM and other errors of vw_listener_open; VW_ENOMEM. */
int vw_host_open(struct vw_run *run, const char *name, enum vw_host_deed deed, const uint8_t *says,
                 size_t n_says, struct vw_error *err);
struct vw_host *vw_host_named(const struct vw_run *run, const char *name);
/* All who came lose their connections, and nobody is let in any more. */
void vw_host_end(struct vw_host *h);
/* The first message that came: its bytes in all are *LENGTH. False: there is none, or not all. */
bool vw_host_heard(const struct vw_host *h, struct vw_header *out, uint32_t *length);

/* Of all hosts of RUN. */
bool vw_hosts_pump(struct vw_run *run);
nfds_t vw_hosts_poll_set(const struct vw_run *run, struct pollfd *fds, nfds_t cap);
void vw_hosts_finish(struct vw_run *run);
