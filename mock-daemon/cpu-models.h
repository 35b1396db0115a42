// SPDX-License-Identifier: MIT
// Architectures by the names that libvirt 9.0.0 has for them, and the models of their processors.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <virwire/memory.h>

struct vw_cpu_arch {
    const char *name;
    bool known; /* else there is nothing to say about its processors */
    const struct vw_string *models;
    uint32_t count; /* 0 of a known one: any model will do */
};

/* NULL: none is called so. */
const struct vw_cpu_arch *vw_cpu_arch(const char *name);
