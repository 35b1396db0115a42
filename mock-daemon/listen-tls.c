// SPDX-License-Identifier: MIT
// Listening on TLS, in a build with GnuTLS.
#include "mock-daemon/listen-tls.h"

int vw_listen_tls_load(const char *pkipath, struct vw_tls_server **out, struct vw_error *err)
{
    return vw_tls_server_create(pkipath, out, err);
}

void vw_listen_tls_finish(struct vw_tls_server *s)
{
    vw_tls_server_destroy(s);
}

int vw_listen_tls_wrap(struct vw_tls_server *s, unsigned wrong, struct vw_transport **t,
                       struct vw_error *err)
{
    struct vw_transport *lower = *t;
    return vw_tls_server_wrap(s, lower, wrong, t, err);
}
