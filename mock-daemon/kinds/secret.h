// SPDX-License-Identifier: MIT
// Secrets.
#pragma once

#include "mock-daemon/handler.h"

struct vw_secret {
    struct vw_object o; /* its name: the type of its usage, a slash, and what it is for; its uuid
                           where it is for nothing */
    int32_t ephemeral, private;
    int32_t usage;  /* virSecretUsageType */
    uint32_t size;  /* of the value */
    uint8_t *value; /* of malloc; NULL: none was set */
};

extern const struct vw_object_kind vw_object_kind_secret;
