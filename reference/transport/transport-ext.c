// SPDX-License-Identifier: MIT
// A program of the user as the channel: the URI names it, and its arguments since 12.5.0.
#include "transport/child.h"

static int open_ext(const struct vw_uri *uri, const struct vw_transport_options *options,
                    int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    return vw_child_open_uri(uri, 0, out, err);
}

const struct vw_transport_driver vw_transport_driver_ext = {.name = "ext", .open = open_ext};
