// SPDX-License-Identifier: MIT
// Reading the XML of a domain that a client gives, and bringing it into the form in which libvirt
// gives it back.
#pragma once

#include "mock-daemon/kinds/domain.h"

/* Reads XML into LIKE: its name, uuid, text and facts; the rest is left. */
enum vw_outcome vw_domain_read(struct vw_call *c, const struct vw_string *xml,
                               struct vw_domain *like);
