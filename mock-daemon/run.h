// SPDX-License-Identifier: MIT
// --run: a command beside the daemon, whose end is the daemon's end.
#pragma once

#include <ev.h>
#include <virwire/error.h>

#include "transport/leash.h"

struct vw_command_run {
    struct ev_loop *loop;
    ev_io watcher;
    struct vw_leash leash;
    int status; /* exit status of the command, or 128 + signal, once it has ended */
};

/* Starts COMMAND with sh, {uri} in it replaced by URI, which is also in the environment as
 * VIRWIRED_URI. When it ends the loop is broken. VW_ESYSTEM, VW_ENOMEM. */
int vw_run_start(struct vw_command_run *r, struct ev_loop *loop, const char *command,
                 const char *uri, struct vw_error *err);
/* Ends a command that still runs, and what it has started: SIGTERM, and SIGKILL two seconds later.
 * The same happens when this process is gone. */
void vw_run_stop(struct vw_command_run *r);
