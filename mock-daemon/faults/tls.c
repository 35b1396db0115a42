// SPDX-License-Identifier: MIT
// Faults of TLS (section 6), before the first message and in what shares a record. They show on
// tls:// listeners only; those of the first kind are tls-wrong.c.
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/faults/tls-wrong.h"

static void mix(const struct vw_fault *f, struct vw_tamper *t)
{
    vw_tamper_mix_records(t);
}

const struct vw_fault_kind vw_fault_kinds_tls[] = {
    {"tls-plain-served", "T-1", "plain text on the TLS port is served", .tls = VW_TLS_PLAIN_TOO},
    {"tls-byte-unchecked", "T-2", "the byte 0x01 goes to clients whose certificate is then refused",
     .tls = VW_TLS_BYTE_UNCHECKED},
    {"tls-byte-late", "T-2", "the byte 0x01 comes behind the answer to a call that did not wait",
     .tls = VW_TLS_BYTE_LATE},
    {"tls-byte-missing", "T-2", "the byte 0x01 does not come to who has not waited for it",
     .tls = VW_TLS_BYTE_MISSING},
    {"tls-byte-wrong", "T-2", "the byte is 0x02 for who has not waited for it, with 1 for all",
     .takes_value = true, .tls = VW_TLS_BYTE_WRONG},
    {"tls-byte-twice", "T-2", "the byte 0x01 comes twice to who has not waited for it",
     .takes_value = true, .tls = VW_TLS_BYTE_TWICE},
    {"tls-byte-shared", "T-2",
     "the byte 0x01 shares a record with the answer to a call that did not wait",
     .tls = VW_TLS_BYTE_SHARED},
    {"legal-tls-tickets", "T-2", "session tickets of TLS 1.3 come ahead of the byte 0x01",
     .tls = VW_TLS_TICKETS},
    {"tls-half-blocks", "T-15", "half a handshake holds all connections up for 4 seconds",
     .tls = VW_TLS_HALF_BLOCKS},
    {"tls-foreign-let-in", "T-7", "a client's certificate may be of another CA",
     .tls = VW_TLS_FOREIGN_IN},
    {"tls-expired-let-in", "T-7", "a client's certificate may have expired",
     .tls = VW_TLS_EXPIRED_IN},
    {"tls-future-let-in", "T-7", "a client's certificate may not be valid yet",
     .tls = VW_TLS_FUTURE_IN},
    {"tls-revoked-let-in", "T-7", "a client's certificate may be revoked",
     .tls = VW_TLS_REVOKED_IN},
    {"tls-purpose-let-in", "T-7", "a client's certificate may be for something else",
     .tls = VW_TLS_PURPOSE_IN},
    {"tls-unlisted-let-in", "T-8", "a client's name may be none of those that may come",
     .tls = VW_TLS_UNLISTED_IN},
    {"tls-nobody-refused", "T-9",
     "a client without a certificate is hung up on where none is verified",
     .tls = VW_TLS_NOBODY_OUT},
    {"tls-early-lost", "T-3", "a call that does not wait for the byte is lost",
     .tls = VW_TLS_EARLY_LOST},
    {"tls-records-mixed", "T-5",
     "a record holds all that is to be sent, whatever messages it is of", .begin = mix},
    {"tls-no-certificate-needed", "T-10", "a client without a certificate is let in",
     .tls = VW_TLS_NO_CERTIFICATE_NEEDED},
    {NULL},
};
