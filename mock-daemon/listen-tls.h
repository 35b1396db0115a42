// SPDX-License-Identifier: MIT
// What listening on TLS needs: listen-tls.c with GnuTLS, listen-no-tls.c in a build without.
#pragma once

#include "transport/tls.h"

/* VW_EUSAGE: a file cannot be used, or this build has no TLS; VW_ENOMEM. */
int vw_listen_tls_load(const char *pkipath, struct vw_tls_server **out, struct vw_error *err);
void vw_listen_tls_finish(struct vw_tls_server *s);
/* Puts the server's end on *T, an accepted connection; on failure *T is closed and NULL. WRONG: of
 * enum vw_tls_wrong. */
int vw_listen_tls_wrap(struct vw_tls_server *s, unsigned wrong, struct vw_transport **t,
                       struct vw_error *err);
