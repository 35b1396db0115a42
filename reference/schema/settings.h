// SPDX-License-Identifier: MIT
// What a profile file says, before it is put to use.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <virwire/memory.h>

#include "schema/profile.h"

/* A named constant, or an answer. */
struct vw_setting {
    struct vw_setting *next;
    const char *key;
    const char *text;
    int64_t number; /* of a constant */
    unsigned line, column;
};

/* Something to be hidden. */
struct vw_setting_range {
    struct vw_setting_range *next;
    const char *name; /* program or union */
    bool arms;
    int64_t from, to;
    unsigned line, column;
};

struct vw_settings {
    const char *name;
    enum vw_profile_dialect dialect;
    uint32_t min_length_word, max_length_word, string_max, fds_max;
    const char *base;  /* a built-in profile or release, for what is not said; NULL: none */
    const char *types; /* file beside the profile; NULL: none */
    struct vw_setting *constants;
    struct vw_setting *answers;
    struct vw_setting_range *hidden;
    struct vw_setting_range *implemented; /* the calls and events of a partial server */
    uint32_t lacking_features;            /* as in struct vw_partial */
    bool partial;
};

/* The answers of a profile. */
const struct vw_setting *vw_profile_answers(const struct vw_profile *p);

/* Reads the YAML TEXT into memory of ARENA. VW_ESYNTAX and VW_ELIMIT with line and column,
 * VW_ENOMEM. */
int vw_settings_read(const char *text, size_t len, struct vw_arena *arena, struct vw_settings *out,
                     struct vw_error *err);
/* The same over what OUT holds already. */
int vw_settings_read_over(const char *text, size_t len, struct vw_arena *arena,
                          struct vw_settings *out, struct vw_error *err);

/* ---- release.c ---- */

#define VW_NO_RELEASE SIZE_MAX

/* The place, among the built-in profiles, of the one that release NAME ("9.10.0") is made from;
 * VW_NO_RELEASE when NAME is no release, or is older than all. */
size_t vw_release_base(const char *name);
/* Before the schema is finished: makes what was read for that profile those of RELEASE,
 * which is kept. */
int vw_release_apply(struct vw_schema *s, const char *release, struct vw_settings *settings,
                     struct vw_error *err);
