// SPDX-License-Identifier: MIT
// T-1: on the TLS port there is nothing but TLS.
#include <errno.h>

#include "conformance/play/probe.h"

#define MESSAGE_MAX 4096
#define SERIAL      7

static enum vw_step_result run_probe(struct vw_run *run, const char *with)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t buf[MESSAGE_MAX];
    ssize_t n;
    const struct vw_uri plain = vw_probe_plain(run);
    struct vw_transport *t = vw_probe_open(run, NULL, &plain, &err);
    if (!t)
        return vw_run_unconnected(run, "", &err);
    vw_probe_call(run, "auth_list", SERIAL, buf);
    int rc = vw_probe_write(run, t, buf, VW_PREFIX_BYTES);
    /* An alert of TLS may come; a message of RPC may not. */
    bool first = true, answered = false;
    while (rc == 0 && (n = vw_probe_read(t, buf, sizeof(buf), run->deadline_ms)) > 0) {
        answered = answered || (first && buf[0] == 0);
        first = false;
    }
    t->ops->close(t);
    if (answered)
        return vw_run_fail(run, VW_FAIL, "plain text on the TLS port must not be served; it is");
    if (rc == -ETIMEDOUT || (rc == 0 && n == -ETIMEDOUT))
        return vw_run_fail(run, VW_FAIL,
                           "plain text on the TLS port must end the connection; it is still open "
                           "after %lld ms",
                           (long long)run->allowed_ms);
    return VW_STEP_DONE;
}

const struct vw_probe vw_probe_tls_plain_text = {"tls-plain-text", run_probe};
