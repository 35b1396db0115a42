// SPDX-License-Identifier: MIT
// Ports of networks.
#pragma once

#include "mock-daemon/handler.h"

/* NETWORK runs no more: it has no ports. */
void vw_port_forget(struct vw_call *c, const struct vw_object *network);

extern const struct vw_object_kind vw_object_kind_port;
