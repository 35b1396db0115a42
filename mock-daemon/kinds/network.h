// SPDX-License-Identifier: MIT
// The networks, for those that name them.
#pragma once

#include "mock-daemon/handler.h"

extern const struct vw_object_kind vw_object_kind_network;
