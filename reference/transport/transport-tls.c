// SPDX-License-Identifier: MIT
// The TLS transport of a URI: TLS over TCP (T-1).
#include "transport/internal.h"
#include "transport/tls.h"

static int begin_tls(const struct vw_uri *uri, const struct vw_transport_options *options,
                     int64_t deadline_ms, struct vw_connecting **out, struct vw_error *err)
{
    struct vw_connecting *tcp;
    int rc = vw_tcp_begin(uri, options, deadline_ms, &tcp, err);
    return rc ? rc : vw_tls_begin(tcp, NULL, uri, options, deadline_ms, out, err);
}

const struct vw_transport_driver vw_transport_driver_tls = {.name = "tls", .begin = begin_tls};
