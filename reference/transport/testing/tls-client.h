// SPDX-License-Identifier: MIT
// TLS over a transport that is there already, waited for.
#pragma once

#include "transport/internal.h"
#include "transport/tls.h"

static inline int tls_client(struct vw_transport *lower, const struct vw_uri *uri,
                             const struct vw_transport_options *options, int64_t deadline_ms,
                             struct vw_transport **out, struct vw_error *err)
{
    struct vw_connecting *w;
    *out = NULL;
    int rc = vw_tls_begin(NULL, lower, uri, options, deadline_ms, &w, err);
    return rc ? rc : vw_connecting_wait(w, out, err);
}
