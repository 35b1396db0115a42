// SPDX-License-Identifier: MIT
// `virwire call` as a load: many calls, several in flight, over several connections.
#pragma once

#include <stdint.h>

#include "cli/connect.h"

struct vw_load {
    uint64_t repeat;      /* calls in all, > 0 */
    uint32_t pipeline;    /* in flight on each connection, > 0 */
    uint32_t connections; /* > 0 */
};

/* Makes the calls and prints calls per second and percentiles on stdout. An exit status:
 * VW_EXIT_FINDINGS when a call was answered with an error. */
int vw_load_run(struct vw_connect *x, const struct vw_client_options *options,
                const struct vw_load *load, const struct vw_proc *proc, const void *args);
