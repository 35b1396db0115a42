// SPDX-License-Identifier: MIT
// Questions of the transports to the user: answered from the environment or on the terminal, never
// from arguments, which other users of the machine can read.
#pragma once

#include "transport/transport.h"

/* For vw_transport_options; USER is a struct vw_connect. Passwords come from VIRWIRE_PASSWORD,
 * passphrases of keys from VIRWIRE_PASSPHRASE, if set; all else is asked on the terminal until
 * DEADLINE_MS. */
int vw_cli_ask(void *user, enum vw_ask_kind kind, const char *prompt, int64_t deadline_ms,
               char *buf, size_t size);
