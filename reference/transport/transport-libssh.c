// SPDX-License-Identifier: MIT
// The transport libssh of a URI.
#include "transport/libssh.h"

extern const struct vw_transport_driver vw_transport_driver_libssh;

static int open_libssh(const struct vw_uri *uri, const struct vw_transport_options *options,
                       int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    return vw_libssh_open("libssh", uri, options, deadline_ms, out, err);
}

const struct vw_transport_driver vw_transport_driver_libssh = {.name = "libssh",
                                                               .open = open_libssh};
