// SPDX-License-Identifier: MIT
// Devices that nobody creates.
#pragma once

#include "mock-daemon/handler.h"

extern const struct vw_object_kind vw_object_kind_nodedev;

/* Puts the device that N says into the model of the connection; it lasts as long as that. N may
 * change. Else the error of the call is set. */
enum vw_outcome vw_nodedev_take(struct vw_call *c, struct _xmlNode *n);
