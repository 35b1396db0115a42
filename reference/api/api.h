// SPDX-License-Identifier: MIT
// What the generated functions of calls.h stand on. Not installed.
#pragma once

#include <stdint.h>
#include <virwire/client.h>
#include <virwire/error.h>
#include <virwire/memory.h>

/* How a type was when the functions were made. All zero: there is none. */
struct vw_api_shape {
    uint32_t size; /* bytes in memory */
    uint64_t wire_min, wire_max;
};

struct vw_api_proc {
    const char *name; /* "remote.domain_create" */
    uint32_t program, version;
    int32_t number;
    struct vw_api_shape args, ret;
};

/* vw_client_call of the procedure of that number in the client's profile, if it has the same shape
 * there. */
int vw_api_call(struct vw_client *c, const struct vw_api_proc *proc, const void *args,
                struct vw_arena *arena, void **ret, struct vw_error *err);
