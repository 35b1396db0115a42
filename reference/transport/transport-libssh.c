// SPDX-License-Identifier: MIT
// The transport libssh of a URI.
#include "transport/libssh.h"

const struct vw_transport_driver vw_transport_driver_libssh = {.name = "libssh",
                                                               .open = vw_libssh_open};
