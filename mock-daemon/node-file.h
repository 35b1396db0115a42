// SPDX-License-Identifier: MIT
// test:///FILE: a host with its objects in the form in which libvirt's test driver reads it, a
// <node> with <cpu>, <memory>, <domain>, <network>, <interface>, <pool> and <device>.
#pragma once

#include "mock-daemon/handler.h"

/* Has the connection of C open what the file PATH says, in a model of its own. A file that cannot
 * be read is refused as the profile says, one that is wrong with its name and the line; nothing has
 * changed then. */
enum vw_outcome vw_node_file_open(struct vw_call *c, const char *path);
