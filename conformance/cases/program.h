// SPDX-License-Identifier: MIT
// The programs that a suite can be played over: `virwire check server --program NAME`.
#pragma once

#include "base/yaml.h"
#include "schema/profile.h"

struct vw_played_call {
    const char *name; /* in its program */
    const char *args; /* as YAML */
    const char *ret;  /* a pattern of its result, as YAML; NULL: any */
};

struct vw_played_program {
    const char *name;
    /* What a case that is for several of them calls, by the words of vw_played_words. */
    struct vw_played_call plain, other;
    const char *asking;   /* a call that takes arguments and, without them, does nothing */
    const char *fence[2]; /* a harmless call, before the open and behind it */
    unsigned jobs;        /* cases side by side at most: a daemon has few places there; 0: any */
};

/* NULL when there is none of that name; ERR then lists the known ones. */
const struct vw_played_program *vw_played_find(const char *name, struct vw_error *err);
/* The one of PROFILE. */
const struct vw_played_program *vw_played_of(const struct vw_profile *profile);

/* A call that does no harm without its arguments, of a connection that is OPEN or not even logged
 * in. VW_ENAME: the profile has none. */
int vw_played_fence(const struct vw_profile *profile, bool open, const struct vw_proc **proc,
                    struct vw_error *err);

/* Words of a scenario's head: "any" and the names. Ends at NULL. */
extern const char *const vw_played_names[];
/* Whether a case is for the program of PROFILE that names those of LIST; NULL: remote alone. */
bool vw_played_fits(const struct vw_profile *profile, const struct vw_node *list);

/* The variables that such a case has for its calls: program, plain, plain_args, plain_ret,
 * plain_number, other, other_args, asking. NULL: memory is out, which ERR then says, as it does
 * what is no YAML.
 */
const struct vw_node *vw_played_words(const struct vw_profile *profile, struct vw_arena *arena,
                                      struct vw_error *err);
