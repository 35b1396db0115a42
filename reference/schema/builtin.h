// SPDX-License-Identifier: MIT
// The files of reference/protocol as the build put them into the program (embed.py).
#pragma once

#include <stddef.h>

struct vw_builtin {
    const char *name; /* "remote.x", "9.0.0.yaml" */
    const char *text; /* LEN bytes and a NUL */
    size_t len;
};

/* Each list ends at a NULL name. Profiles are oldest first. */
extern const struct vw_builtin vw_builtin_files[];
extern const struct vw_builtin vw_builtin_profiles[];
extern const struct vw_builtin vw_builtin_profile_types[]; /* .x files beside profiles */
extern const char *const vw_builtin_profile_names[];
