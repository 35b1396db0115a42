// SPDX-License-Identifier: MIT
// A server's end of TLS that is wrong before the first message.
#pragma once

#include "transport/tls.h"

enum vw_tls_wrong {
    VW_TLS_NO_CERTIFICATE_NEEDED = 1 << 0, /* a client may have none (T-10) */
    VW_TLS_BYTE_UNCHECKED = 1 << 1,        /* the byte goes out before the check (T-2) */
    VW_TLS_BYTE_LATE = 1 << 2,             /* behind the answer to a call that did not wait (T-2) */
    VW_TLS_EARLY_LOST = 1 << 3,            /* a call that did not wait for the byte is lost (T-3) */
    VW_TLS_PLAIN_TOO = 1 << 4,             /* plain text is taken as it is (T-1) */
    VW_TLS_REST_LATER = 1 << 5,            /* no wrong: as modern libvirtd (T-6) */
    VW_TLS_BYTE_MISSING = 1 << 6,          /* no byte for who did not wait (T-2) */
    VW_TLS_BYTE_WRONG = 1 << 7,            /* another one */
    VW_TLS_BYTE_TWICE = 1 << 8,            /* two of them, in one record */
    VW_TLS_BYTE_SHARED = 1 << 9,           /* in one record with the answer to the call */
    VW_TLS_TICKETS = 1 << 10,              /* no wrong: session tickets ahead of the byte */
    VW_TLS_HALF_BLOCKS = 1 << 11,          /* half a handshake holds all connections up */
    VW_TLS_FOREIGN_IN = 1 << 12,           /* certificates that are let in (T-7) */
    VW_TLS_EXPIRED_IN = 1 << 13,
    VW_TLS_REVOKED_IN = 1 << 14,
    VW_TLS_PURPOSE_IN = 1 << 15,
    VW_TLS_BYTE_FOR_ALL = 1 << 16, /* what is wrong about the byte is so for who waits, too */
    VW_TLS_UNLISTED_IN = 1 << 17,
    VW_TLS_NOBODY_OUT = 1 << 18, /* who has no certificate, also where none is wanted (T-9) */
    VW_TLS_FUTURE_IN = 1 << 19,
    /* Those for which a call that does not wait is waited for. */
    VW_TLS_EARLY_WRONG = VW_TLS_BYTE_LATE | VW_TLS_EARLY_LOST | VW_TLS_BYTE_MISSING |
                         VW_TLS_BYTE_WRONG | VW_TLS_BYTE_TWICE | VW_TLS_BYTE_SHARED
};

/* As vw_tls_server_wrap; WRONG is of enum vw_tls_wrong. */
int vw_tls_wrong_wrap(struct vw_tls_server *server, struct vw_transport *lower, unsigned wrong,
                      struct vw_transport **out, struct vw_error *err);
