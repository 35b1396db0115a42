// SPDX-License-Identifier: MIT
// Asks a peer what it has: a server, and what is common to all.
#pragma once

#include <stdio.h>

#include "conformance/play/player.h"

/* Questions that are cases, and what came of them. */
struct vw_discovery {
    struct vw_suite suite;
    struct vw_result *results;
};

/* Asks what is in the suite of D. Errors as of vw_player_run; VW_ETIMEOUT when TALLY is incomplete:
 * it was interrupted, or the peer has gone. */
int vw_discovery_play(struct vw_discovery *d, const struct vw_player_options *po,
                      struct vw_tally *tally, struct vw_error *err);
void vw_discovery_finish(struct vw_discovery *d);

/* Writes to OUT the profile of what the server of PO has of po->settings.profile; nothing is done
 * to it. Errors as of vw_discovery_play. */
int vw_discover(struct vw_player_options *po, FILE *out, struct vw_tally *tally,
                struct vw_error *err);
