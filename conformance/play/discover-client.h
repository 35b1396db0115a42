// SPDX-License-Identifier: MIT
// Asks a client what it can do.
#pragma once

#include "conformance/play/client.h"
#include "conformance/play/player.h"

/* Writes to OUT a file of commands with those of po->settings.client that do what they are asked
 * for, of COMMAND (ends at NULL; or NULL) where it names none. As vw_discover. */
int vw_discover_client(struct vw_player_options *po, const char *const *command, FILE *out,
                       struct vw_tally *tally, struct vw_error *err);
