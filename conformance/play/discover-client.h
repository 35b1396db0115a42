// SPDX-License-Identifier: MIT
// Asks a client what it can do.
#pragma once

#include "conformance/play/client.h"
#include "conformance/play/player.h"
#include "conformance/play/sanity.h"

/* Makes S of the first thing that COMMANDS can do: the case that a run begins with, so that one
 * that gets nowhere is one finding. VW_ESYNTAX, VW_ENOMEM; finish S in any case. */
int vw_sanity_of_client(struct vw_sanity *s, const struct vw_client_commands *commands,
                        const struct vw_profile *profile, struct vw_error *err);

/* Writes to OUT a file of commands with those of po->settings.client that do what they are asked
 * for, of COMMAND (ends at NULL; or NULL) where it names none. As vw_discover. */
int vw_discover_client(struct vw_player_options *po, const char *const *command, FILE *out,
                       struct vw_tally *tally, struct vw_error *err);
