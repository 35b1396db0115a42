// SPDX-License-Identifier: MIT
// T-10: a client without a certificate is hung up on, without the byte of T-2.
#include <errno.h>

#include "conformance/play/probe.h"
#include "transport/tls.h"

static enum vw_step_result run_probe(struct vw_run *run)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t byte = 0;
    struct vw_transport *t = vw_probe_open(run, &vw_tls_bare, VW_PROBE_NO_CERTIFICATE, &err);
    /* A server may refuse in the handshake already. */
    if (!t && err.code == VW_EUNREACHABLE && !vw_run_is_short(&err))
        return VW_STEP_DONE;
    if (!t)
        return vw_run_unconnected(run, "a client without a certificate ", &err);
    ssize_t n = vw_probe_read(t, &byte, 1, run->deadline_ms);
    t->ops->close(t);
    if (n > 0)
        return vw_run_fail(run, VW_FAIL,
                           "a client without a certificate must be hung up on; it gets the byte "
                           "0x%02x",
                           byte);
    if (n == -ETIMEDOUT)
        return vw_run_fail(run, VW_HUNG,
                           "a client without a certificate must be hung up on; nothing in %lld ms",
                           (long long)run->allowed_ms);
    return VW_STEP_DONE;
}

const struct vw_probe vw_probe_tls_no_certificate = {"tls-no-certificate", run_probe};
