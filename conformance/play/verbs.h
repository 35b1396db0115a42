// SPDX-License-Identifier: MIT
// Verbs: what a step can do. One file verb-NAME.c each, named in the list of meson.build.
#pragma once

#include "scenario/format.h"

struct vw_run;

enum vw_step_result {
    VW_STEP_DONE,
    VW_STEP_WAIT, /* call again when something has come, gone, or the run's deadline has passed */
    VW_STEP_FAIL  /* vw_run_fail and its kin have said why */
};

struct vw_verb {
    struct vw_key key; /* its name and what may stand behind it */
    /* FIRST: the first call for this step. */
    enum vw_step_result (*run)(struct vw_run *run, const struct vw_node *value, bool first);
    bool judges; /* it expects something of the peer: a case can end red at it */
};

extern const struct vw_verb *const vw_verbs[];

/* NULL when there is none of that name. */
const struct vw_verb *vw_verb_find(const char *name);

/* The error for the unknown verb that is the key of N. */
int vw_verb_unknown(const struct vw_node *n, struct vw_error *err);
