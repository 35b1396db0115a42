// SPDX-License-Identifier: MIT
// Faults of TLS (section 6), before the first message and in what shares a record. They show on
// tls:// listeners only.
#include "mock-daemon/faults/tamper.h"

#include "transport/tls.h"

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
    {"tls-early-lost", "T-3", "a call that does not wait for the byte is lost",
     .tls = VW_TLS_EARLY_LOST},
    {"tls-records-mixed", "T-5",
     "a record holds all that is to be sent, whatever messages it is of", .begin = mix},
    {"tls-no-certificate-needed", "T-10", "a client without a certificate is let in",
     .tls = VW_TLS_NO_CERTIFICATE_NEEDED},
    {NULL},
};
