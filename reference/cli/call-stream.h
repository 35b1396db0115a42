// SPDX-License-Identifier: MIT
// `virwire call` of a procedure with a stream: a file that goes out with it, one that is written
// with what comes.
#pragma once

#include <stdbool.h>

#include "cli/connect.h"

struct vw_call_stream {
    const char *output; /* NULL: none; "-": stdout */
    const char *input;  /* NULL: none; "-": stdin */
    bool sparse;        /* holes of the input are sent as such */
    int limit_ms;       /* for all of it, else it has failed; 0: none */
    int duration_ms;    /* after that it is finished; 0: when it ends by itself */
};

/* Whether PROC with ARGS may be called with these options, which make sense together: 0, or an exit
 * status after the report. */
int vw_call_stream_check(const struct vw_call_stream *s, const struct vw_proc *proc,
                         const void *args);

/* Calls PROC and moves the data. RET (in ARENA) is set once the stream has ended well. An exit
 * status. */
int vw_call_stream_run(const struct vw_call_stream *s, struct vw_client *client,
                       const struct vw_proc *proc, const void *args, int timeout_ms,
                       struct vw_arena *arena, void **ret);
