// SPDX-License-Identifier: MIT
// A child program as a transport: its standard input and output are one socket pair, the end
// of its standard error is kept to explain why it failed.
#pragma once

#include "transport/internal.h"

enum vw_child_flags {
    VW_CHILD_CLEAN_ENV = 1 << 0, /* only the names of Q-8 pass */
    VW_CHILD_NO_TTY = 1 << 1,    /* a session of its own: it cannot ask on the terminal */
    VW_CHILD_SECURE = 1 << 2     /* counts as secure */
};

/* A new table, to be freed, of the entries of the environment that pass, and LC_ALL=C; the entries
 * stay where they are. NULL: no memory. */
char **vw_child_environment(bool (*passes)(const char *entry));

/* Starts ARGV (found on PATH) as transport NAME, which must stay valid. VW_EUNREACHABLE when it
 * cannot be started, VW_ESYSTEM, VW_ENOMEM. */
int vw_child_open(const char *name, const char *const *argv, unsigned flags,
                  struct vw_transport **out, struct vw_error *err);

/* The same with the command line of URI, in the environment that its dialect asks for.
 */
int vw_child_open_uri(const struct vw_uri *uri, unsigned flags, struct vw_transport **out,
                      struct vw_error *err);
