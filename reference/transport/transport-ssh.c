// SPDX-License-Identifier: MIT
// The system's ssh as the channel, run as each dialect says. It asks for passwords on
// the terminal if there is one; whoever waits for an answer ends it at the deadline.
#include "transport/child.h"

static int open_ssh(const struct vw_uri *uri, const struct vw_transport_options *options,
                    int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    unsigned flags = VW_CHILD_SECURE | (uri->no_tty ? VW_CHILD_NO_TTY : 0);
    return vw_child_open_uri(uri, flags, out, err);
}

const struct vw_transport_driver vw_transport_driver_ssh = {.name = "ssh", .open = open_ssh};
