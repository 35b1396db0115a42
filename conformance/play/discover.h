// SPDX-License-Identifier: MIT
// Asks a server what it has.
#pragma once

#include <stdio.h>

#include "conformance/play/player.h"

/* Writes to OUT the profile of what the server of PO has of po->settings.profile; nothing is done
 * to it. Errors as of vw_player_run; VW_ETIMEOUT when TALLY is incomplete: it was interrupted, or
 * the server has gone. */
int vw_discover(struct vw_player_options *po, FILE *out, struct vw_tally *tally,
                struct vw_error *err);
