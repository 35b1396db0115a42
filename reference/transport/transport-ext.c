// SPDX-License-Identifier: MIT
// A program of the user as the channel: the URI names it, and its arguments since 12.5.0.
#include "transport/child.h"

extern const struct vw_transport_driver vw_transport_driver_ext;

static int open_ext(const struct vw_uri *uri, const struct vw_transport_options *options,
                    int64_t deadline_ms, struct vw_transport **out, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const char *const *argv;
    bool modern = uri->dialect == VW_DIALECT_MODERN;
    unsigned flags = modern ? VW_CHILD_CLEAN_ENV : 0;
    int rc = vw_uri_argv(uri, 0, &arena, &argv, err);
    if (rc == 0)
        rc = vw_child_open("ext", argv, flags, out, err);
    vw_arena_finish(&arena);
    return rc;
}

const struct vw_transport_driver vw_transport_driver_ext = {.name = "ext", .open = open_ext};
