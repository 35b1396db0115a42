// SPDX-License-Identifier: MIT
// TLS as a transport on top of another one (T-1 to T-12), as a client. One send is one record, and
// recv shows where records start, so that a caller sees and decides what shares a record (T-5,
// T-6).
#pragma once

#include "transport/transport.h"

/* Most bytes that one send takes: what a record can hold. */
#define VW_TLS_RECORD_MAX 16384u

/* Shakes hands over LOWER, a connected transport that it owns from then on, also on failure; checks
 * the server's certificate against URI's host (T-7) and reads the verification byte (T-2). URI
 * gives the files (U-15), tls_priority, no_verify and no_sanity; OPTIONS may be NULL. VW_EUSAGE: a
 * file or the priority cannot be used; VW_EUNREACHABLE: the handshake failed, or one side does not
 * accept the other's certificate, with the clause set; VW_EPROTOCOL: a wrong byte; VW_ETIMEOUT,
 * VW_ENOMEM. */
int vw_tls_client(struct vw_transport *lower, const struct vw_uri *uri,
                  const struct vw_transport_options *options, int64_t deadline_ms,
                  struct vw_transport **out, struct vw_error *err);
