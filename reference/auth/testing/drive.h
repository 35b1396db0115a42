// SPDX-License-Identifier: MIT
// Drives a log-in without a connection: each call that comes out is noted, and answered by a row.
#pragma once

#include "base/testing/test.h"

#include <string.h>

#include "auth/login.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

/* The answer to the call NAME: the body of a reply, as on the wire, or an error. */
struct says {
    const char *name;
    const char *body; /* NULL: an error of CODE */
    size_t len;
    int32_t code;
};

struct driven {
    char calls[600]; /* names, with blanks in between; "+layer" where one goes on */
    uint8_t args[8][256];
    size_t args_len[8]; /* of the first calls, encoded */
    unsigned n;
    int rc;
    int32_t method;
    uint32_t asked, features;
    struct vw_error err;
};

extern struct vw_profile *drive_profile; /* 9.0.0 */
int drive_load(void **state);
int drive_unload(void **state);
/* One log-in to its end. Whatever no row is about is answered as a friendly server does: no
 * authentication, features are there, opened. The last row of a name answers all others of it. */
void drive(const struct vw_login_settings *settings, const struct says *rows, size_t n,
           struct driven *out);
