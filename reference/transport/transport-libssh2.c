// SPDX-License-Identifier: MIT
// The transport libssh2 of a URI.
#include "transport/libssh.h"

const struct vw_transport_driver vw_transport_driver_libssh2 = {.name = "libssh2",
                                                                .open = vw_libssh_open};
