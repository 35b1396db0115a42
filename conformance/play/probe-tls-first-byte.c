// SPDX-License-Identifier: MIT
// T-2 and T-3: the byte 0x01 comes first and alone in its record, to who waits for it and to who
// does not. WITH "tickets" tells of session tickets ahead of it; "tls1.1" is a client of that
// version, who may be refused in the handshake (T-12).
#include <errno.h>
#include <stdio.h>
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

static void note(struct vw_run *run, const char *what)
{
    run->lenient = true;
    snprintf(run->lenient_why, sizeof(run->lenient_why), "%s", what);
}

/* A client that takes "nothing of use yet" for an end does not get through the first. */
static void note_what_is_odd(struct vw_run *run, const struct vw_transport *t, const char *with)
{
    if (with && strcmp(with, "tickets") == 0 && vw_tls_has_ticket(t))
        note(run, "session tickets of TLS 1.3 come ahead of the byte 01, and older clients of "
                  "libvirt take them for the end");
    if (with && strcmp(with, "tls1.1") == 0)
        note(run, "TLS 1.1 is spoken");
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

static enum vw_step_result try_one(struct vw_run *run, const char *with, bool early)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t call[VW_PREFIX_BYTES];
    struct vw_uri uri = *run->settings->uri;
    bool old = with && strcmp(with, "tls1.1") == 0;
    if (old)
        uri.tls_priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1";
    struct vw_transport *t = vw_probe_open(run, &vw_tls_bare, &uri, &err);
    if (!t && old && err.code == VW_EUNREACHABLE && !vw_run_is_short(&err))
        return VW_STEP_DONE;
    if (!t)
        return vw_run_unconnected(run, "", &err);
    vw_probe_call(run, "auth_list", SERIAL, call);
    int rc = early ? vw_probe_write(run, t, call, sizeof(call)) : 0;
    if (rc == 0 && takes_byte(run, t, early ? "who does not wait" : "who waits"))
        rc = early || vw_probe_write(run, t, call, sizeof(call)) == 0 ? 0 : -EPIPE;
    if (rc == 0 && !run->over && is_answered(run, t, early))
        note_what_is_odd(run, t, with);
    t->ops->close(t);
    if (rc < 0)
        return vw_run_fail(run, VW_FAIL, "a call cannot be written: %s", strerror(-rc));
    return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
}

static enum vw_step_result run_probe(struct vw_run *run, const char *with)
{
    return try_one(run, with, false) == VW_STEP_DONE ? try_one(run, with, true) : VW_STEP_FAIL;
}

const struct vw_probe vw_probe_tls_first_byte = {"tls-first-byte", run_probe};
