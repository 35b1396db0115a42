// SPDX-License-Identifier: MIT
// The cases that pass as usual, under other conditions too.
#pragma once

#include "conformance/play/check.h"

/* Plays what has passed under conditions that cover all tuples of options->combine values. A case
 * that fails is told with the smallest condition under which it does (only_when). */
int vw_combine(struct vw_check *check, const struct vw_player_options *po, struct vw_error *err);
