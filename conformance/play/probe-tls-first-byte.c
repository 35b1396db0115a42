// SPDX-License-Identifier: MIT
// T-2 and T-3: the byte 0x01 comes first and alone in its record, to who waits for it and to who
// does not.
#include <errno.h>
#include <string.h>

#include "conformance/play/probe.h"
#include "transport/tls.h"

#define MESSAGE_MAX 4096
#define SERIAL      7

/* True: it came, alone. */
static bool takes_byte(struct vw_run *run, struct vw_transport *t, const char *who)
{
    uint8_t buf[64];
    ssize_t n = vw_probe_read(t, buf, sizeof(buf), run->deadline_ms);
    if (n == 1 && buf[0] == 1)
        return true;
    if (n == -ETIMEDOUT)
        vw_run_fail(run, VW_HUNG, "%s gets no byte in %lld ms", who, (long long)run->allowed_ms);
    else if (n <= 0)
        vw_run_fail(run, VW_FAIL, "%s gets no byte: the peer ended the connection", who);
    else
        vw_run_fail(run, VW_FAIL,
                    "%s must first get a record of the one byte 01; it is of %zd, 0x%02x first",
                    who, n, buf[0]);
    return false;
}

static bool is_answered(struct vw_run *run, struct vw_transport *t, bool early)
{
    uint8_t buf[MESSAGE_MAX];
    struct vw_header h;
    ssize_t n = vw_probe_message(run, t, buf, 0, sizeof(buf));
    if (n == -ETIMEDOUT || n == 0) {
        vw_run_fail(run, n ? VW_HUNG : VW_FAIL, "a call that %s for the byte is not answered: %s",
                    early ? "did not wait" : "waited",
                    n ? "nothing comes" : "the peer ended the connection");
        return false;
    }
    vw_header_decode(buf + VW_LENGTH_BYTES, &h);
    if (h.type == VW_MSG_REPLY && h.serial == SERIAL)
        return true;
    vw_run_fail(run, VW_FAIL, "behind the byte the reply must come; type %d, serial %u came",
                h.type, h.serial);
    return false;
}

static enum vw_step_result try_one(struct vw_run *run, bool early)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t call[VW_PREFIX_BYTES];
    struct vw_transport *t = vw_probe_open(run, &vw_tls_bare, VW_PROBE_AS_URI, &err);
    if (!t)
        return vw_run_unconnected(run, "", &err);
    vw_probe_call(run, SERIAL, call);
    int rc = early ? vw_probe_write(run, t, call, sizeof(call)) : 0;
    if (rc == 0 && takes_byte(run, t, early ? "who does not wait" : "who waits"))
        rc = early || vw_probe_write(run, t, call, sizeof(call)) == 0 ? 0 : -EPIPE;
    if (rc == 0 && !run->over)
        is_answered(run, t, early);
    t->ops->close(t);
    if (rc < 0)
        return vw_run_fail(run, VW_FAIL, "a call cannot be written: %s", strerror(-rc));
    return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
}

static enum vw_step_result run_probe(struct vw_run *run)
{
    return try_one(run, false) == VW_STEP_DONE ? try_one(run, true) : VW_STEP_FAIL;
}

const struct vw_probe vw_probe_tls_first_byte = {"tls-first-byte", run_probe};
