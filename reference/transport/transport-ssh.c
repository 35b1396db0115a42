// SPDX-License-Identifier: MIT
// The system's ssh as the channel, run as each dialect says. It asks for passwords on
// the terminal if there is one; whoever waits for an answer ends it at the deadline.
#include "transport/child.h"

extern const struct vw_transport_driver vw_transport_driver_ssh;

static int open_ssh(const struct vw_uri *uri, const struct vw_transport_options *options,
                    int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const char *const *argv;
    bool modern = uri->dialect == VW_DIALECT_MODERN;
    unsigned flags = VW_CHILD_SECURE | (modern ? VW_CHILD_CLEAN_ENV : 0);
    if (uri->no_tty)
        flags |= VW_CHILD_NO_TTY;
    int rc = vw_uri_argv(uri, 0, &arena, &argv, err);
    if (rc == 0)
        rc = vw_child_open("ssh", argv, flags, out, err);
    vw_arena_finish(&arena);
    return rc;
}

const struct vw_transport_driver vw_transport_driver_ssh = {.name = "ssh", .open = open_ssh};
