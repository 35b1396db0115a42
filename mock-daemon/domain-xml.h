// SPDX-License-Identifier: MIT
// A domain as XML, without its id, with the devices that the test driver shows.
#pragma once

#include "mock-daemon/handler.h"

enum vw_outcome vw_domain_xml(struct vw_call *c, const struct vw_domain *d, struct vw_string *out);
