// SPDX-License-Identifier: MIT
// The host's capabilities as XML: enough for clients that read the architecture and the kinds of
// guests.
#pragma once

#include "mock-daemon/handler.h"

enum vw_outcome vw_capabilities_xml(struct vw_call *c, struct vw_string *out);
