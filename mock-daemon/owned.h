// SPDX-License-Identifier: MIT
// What the XML of ports says, whatever they are on: who has one, and its address.
#pragma once

#include "mock-daemon/xml.h"

#define VW_MAC_TEXT 18

/* Holds <owner> and <mac> of ROOT, which must be there, against what they can be, and gives the
 * address as it is written, in MAC and in ROOT. The error is of DOMAIN. */
enum vw_outcome vw_owned_check(struct vw_call *c, xmlNode *root, int32_t domain,
                               char mac[VW_MAC_TEXT]);
