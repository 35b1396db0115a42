// SPDX-License-Identifier: MIT
// Pools, which volumes lie in.
#pragma once

#include "mock-daemon/handler.h"

enum { VW_FROM_STORAGE = 18 };

extern const struct vw_object_kind vw_object_kind_pool;
