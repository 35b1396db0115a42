// SPDX-License-Identifier: MIT
// How the subcommands read a URI: the dialect, the release, the folders; and what they say of it.
#pragma once

#include <stdbool.h>
#include <virwire/memory.h>
#include <virwire/uri.h>

/* The first release that the dialect "modern" is of. */
#define VW_URI_FIRST_MODERN 7000000u

struct vw_cli_uri {
    enum vw_dialect dialect;
    bool dialect_given; /* else that of the profile */
    const char *localstatedir;
    const char *pki;
};

/* For vw_cli_options: the options into *X. */
/* clang-format off */
#define VW_CLI_URI_OPTIONS(x)                                                                      \
    {"dialect", 'd', .take = vw_cli_uri_dialect, .user = (x)},                                     \
    {"localstatedir", .text = &(x)->localstatedir},                                                \
    {"pki", .text = &(x)->pki}
/* clang-format on */

/* Takes the value of --dialect into the struct vw_cli_uri USER. */
int vw_cli_uri_dialect(const char *command, void *user, const char *name);

/* The release X.Y.Z that NAME stands for, as in vw_uri_options; 0: it is none, such as a file. */
unsigned vw_cli_uri_release(const char *name);

/* *OUT as X says, for the release PROFILE, which speaks as in 2007 if OLD; from the environment who
 * and where we are. An exit status after its report; memory is ARENA's. */
int vw_cli_uri_fill(const char *command, const struct vw_cli_uri *x, const char *profile, bool old,
                    struct vw_arena *arena, struct vw_uri_options *out);

/* The warnings of URI on stderr. */
void vw_cli_uri_warn(const char *command, const struct vw_uri *uri);
