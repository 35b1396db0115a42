// SPDX-License-Identifier: MIT
// Where the command takes names and passwords from when no file has them: the environment, then the
// terminal. Never its arguments: every user of the machine can read those.
#pragma once

#include <virwire/credentials.h>

/* What was found or typed, for the connections of one command. "" : nothing yet. */
struct vw_cli_credentials {
    char user[VW_CREDENTIAL_SIZE];
    char password[VW_CREDENTIAL_SIZE];
    bool has_password;                   /* which may be empty */
    char passphrase[VW_CREDENTIAL_SIZE]; /* of a private key */
    bool has_passphrase;
};

/* Takes VIRWIRE_USER, VIRWIRE_PASSWORD and VIRWIRE_PASSPHRASE out of the environment, so that no
 * child inherits them and nobody reads them in /proc. One that is too long is not used, and COMMAND
 * warns. From here on no core of the process is written: a password may still be typed. */
void vw_cli_credentials_take(struct vw_cli_credentials *c, const char *command);
void vw_cli_credentials_wipe(struct vw_cli_credentials *c);

/* As a vw_credential_fn, on C. */
int vw_cli_credentials_ask(struct vw_cli_credentials *c,
                           const struct vw_credential_request *request, char *buf, size_t size,
                           struct vw_error *err);
