// SPDX-License-Identifier: MIT
// A program beside a case: a real client, for instance. No shell, nothing to read, its output
// bounded, ended with all that it has started whatever becomes of the case, or of this process.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <virwire/error.h>

#include "scenario/format.h"
#include "transport/leash.h"

#define VW_SPAWNED_OUTPUT                                                                          \
    65536                /* bytes kept of each of its outputs; the rest is read and dropped */
#define VW_SPAWNED_FDS 3 /* that poll(2) looks at */

struct vw_spawned {
    struct vw_spawned *next;
    char name[VW_NAME_ROOM];
    struct vw_leash leash;
    bool ended;
    int output[2]; /* ends of its standard output and error, or -1 */
    char *text[2]; /* what came, as C strings: NUL became '?' */
    size_t len[2];
    int status; /* when it has ended: exit status, or 128 + N of signal N */
};

struct vw_spawned_options {
    const char *name;
    const char *const *argv; /* found on PATH */
    const char *const *env;  /* NAME=VALUE, besides and in place of ours; ends at NULL; or NULL */
    unsigned grace_ms;       /* from SIGTERM to SIGKILL at its end; 0: SIGKILL at once */
};

/* Starts it, in the C locale. VW_ENAME: there is no such program; VW_ESYSTEM, VW_ENOMEM. */
int vw_spawned_start(const struct vw_spawned_options *o, struct vw_spawned **out,
                     struct vw_error *err);
/* Processes that it has left behind, and that are not gone, after its own end; 0 where the kernel
 * does not tell. */
unsigned vw_spawned_left(const struct vw_spawned *s);
/* Reads what is there and looks whether it has ended. True if anything changed. */
bool vw_spawned_pump(struct vw_spawned *s);
/* Over: it has ended, and its output too. */
bool vw_spawned_over(const struct vw_spawned *s);
/* Fills FDS, at most VW_SPAWNED_FDS of them. */
nfds_t vw_spawned_poll_set(const struct vw_spawned *s, struct pollfd *fds);
/* Kills what is left of it and of what it has started, waits, frees. */
void vw_spawned_end(struct vw_spawned *s);
