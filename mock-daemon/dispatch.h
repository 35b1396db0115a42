// SPDX-License-Identifier: MIT
// From a procedure to its row: the table that is made when the daemon starts.
#pragma once

#include "mock-daemon/handler.h"

struct vw_dispatch;

/* The programs that the profile has of those that libvirtd's sockets speak, for the session; its
 * admin socket has a program of its own. */
struct vw_dispatch_programs {
    const struct vw_program *list[4];
    size_t count;
};

/* The most that the struct of a message with an event can have. */
#define VW_EVENT_SIZE 128u

/* Finds the row of each procedure of PROFILE, and how its values become those of the row's structs;
 * NEWEST: the profile is the built-in newest, for which the structs are made. VW_ENOMEM, and what
 * the newest profile cannot be loaded for. */
int vw_dispatch_create(const struct vw_profile *profile, bool newest, struct vw_dispatch **out,
                       struct vw_error *err);
void vw_dispatch_destroy(struct vw_dispatch *d);

const struct vw_dispatch_programs *vw_dispatch_programs(const struct vw_dispatch *d, bool admin);

/* The entry of PROC, which is one of the dispatch's programs. */
const struct vw_entry *vw_dispatch_entry(const struct vw_dispatch *d, const struct vw_proc *proc);

/* NULL: the profile lacks the message, or has another layout of it than calls.h. */
const struct vw_proc *vw_dispatch_event(const struct vw_dispatch *d,
                                        const struct vw_event_form *form);

/* Puts the arguments where handlers and faults look. */
enum vw_outcome vw_dispatch_begin(struct vw_call *c);

/* Runs the call: read-only connections, then the row, then what is made up if it shall be, then
 * NO_SUPPORT; what virwire knows nothing of is done with the smallest result. */
enum vw_outcome vw_dispatch_run(struct vw_call *c);
