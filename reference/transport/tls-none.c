// SPDX-License-Identifier: MIT
// The server's end of TLS in a build without GnuTLS: there is none.
#include "transport/tls.h"

int vw_tls_server_create(const char *pkipath, struct vw_tls_server **out, struct vw_error *err)
{
    *out = NULL;
    return vw_error_set(err, VW_EUSAGE, "TLS is not part of this build");
}

int vw_tls_server_open(const struct vw_tls_server_options *options, struct vw_tls_server **out,
                       struct vw_error *err)
{
    return vw_tls_server_create("", out, err);
}

int vw_tls_server_open_folder(const char *pkipath, const struct vw_tls_server_options *options,
                              struct vw_tls_server **out, struct vw_error *err)
{
    return vw_tls_server_create(pkipath, out, err);
}

void vw_tls_server_destroy(struct vw_tls_server *s)
{
}

int vw_tls_server_wrap(struct vw_tls_server *server, struct vw_transport *lower,
                       struct vw_transport **out, struct vw_error *err)
{
    *out = lower;
    return 0;
}

int vw_tls_server_wrap_bare(struct vw_tls_server *server, struct vw_transport *lower,
                            struct vw_transport **out, struct vw_error *err)
{
    *out = lower;
    return 0;
}

ssize_t vw_tls_server_shake(struct vw_transport *t)
{
    return 0;
}

ssize_t vw_tls_server_check(struct vw_transport *t, unsigned passed_over)
{
    return 0;
}

bool vw_tls_server_peer(const struct vw_transport *t, char *name, size_t size)
{
    return false;
}

ssize_t vw_tls_server_give_tickets(struct vw_transport *t)
{
    return 0;
}

bool vw_tls_has_ticket(const struct vw_transport *t)
{
    return false;
}
