// SPDX-License-Identifier: MIT
// From a procedure to its handler: the table that is made when the daemon starts.
#pragma once

#include "mock-daemon/handler.h"

struct vw_dispatch;

/* The programs that the profile has of those that libvirtd's sockets speak, for the session. */
struct vw_dispatch_programs {
    const struct vw_program *list[4];
    size_t count;
};

/* Looks every handler's procedure and fields up in PROFILE. VW_ENOMEM. */
int vw_dispatch_create(const struct vw_profile *profile, struct vw_dispatch **out,
                       struct vw_error *err);
void vw_dispatch_destroy(struct vw_dispatch *d);

const struct vw_dispatch_programs *vw_dispatch_programs(const struct vw_dispatch *d);

/* The entry of PROC, which is one of the dispatch's programs. */
const struct vw_entry *vw_dispatch_entry(const struct vw_dispatch *d, const struct vw_proc *proc);

/* Runs the call: read-only connections, then the handler, then NO_SUPPORT. */
enum vw_outcome vw_dispatch_run(struct vw_call *c);
