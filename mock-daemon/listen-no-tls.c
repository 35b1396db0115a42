// SPDX-License-Identifier: MIT
// Listening on TLS, in a build without GnuTLS: there is none.
#include "mock-daemon/listen-tls.h"

int vw_listen_tls_load(const char *pkipath, struct vw_tls_server **out, struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_EUSAGE, "--listen: this virwired was built without TLS");
}

void vw_listen_tls_finish(struct vw_tls_server *s)
{
}

int vw_listen_tls_wrap(struct vw_tls_server *s, unsigned wrong, struct vw_transport **t,
                       struct vw_error *err)
{
    return 0;
}
