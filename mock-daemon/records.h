// SPDX-License-Identifier: MIT
// TLS records that hold parts of several messages, taken as libvirtd takes them (T-6, T-13).
#pragma once

#include <stdbool.h>

#include "transport/transport.h"

/* Puts itself over *T, whose recv gives bytes of one record at a time: what stands behind the first
 * message that ends in a record is given when more comes. PART_ENDS: unless it is a part of a
 * message, which is the end of the connection (T-13). VW_ENOMEM. */
int vw_records_wrap(struct vw_transport **t, bool part_ends, struct vw_error *err);
