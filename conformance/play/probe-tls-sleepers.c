// SPDX-License-Identifier: MIT
// T-15: clients that stop in the middle of TLS hold up nobody. WITH says where: "silent", before
// the first byte; "half-hello", in the first record; "half-record", in a record behind the
// handshake.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "conformance/play/probe.h"
#include "transport/tls.h"

#define SLEEPERS    8
#define MESSAGE_MAX 4096
#define SERIAL      7

/* The heads of records, each of 512 bytes, and what comes of their content. */
static const uint8_t half_hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc};
static const uint8_t half_record[] = {0x17, 0x03, 0x03, 0x02, 0x00, 0x01, 0x02, 0x03, 0x04};

/* A client that stops; NULL: the case is over. */
static struct vw_transport *stop_one(struct vw_run *run, const char *where)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri plain = vw_probe_plain(run);
    bool inside = strcmp(where, "half-record") == 0;
    struct vw_transport *t =
        vw_probe_open(run, inside ? &vw_tls_bare : NULL, inside ? NULL : &plain, &err);
    uint8_t byte;
    ssize_t n = 0;
    if (!t) {
        vw_run_unconnected(run, "", &err);
        return NULL;
    }
    if (inside)
        n = vw_probe_read(t, &byte, 1, run->deadline_ms);
    /* Below TLS, to which this is none of its records. */
    if (inside && n == 1)
        n = send(t->ops->fd(t), half_record, sizeof(half_record), MSG_NOSIGNAL);
    else if (strcmp(where, "half-hello") == 0)
        n = vw_probe_write(run, t, half_hello, sizeof(half_hello));
    if (n >= (ssize_t)inside)
        return t;
    t->ops->close(t);
    vw_run_fail(run, VW_FAIL, "a client that is to stop at \"%s\" does not get there", where);
    return NULL;
}

/* One that does not stop. */
static void serve_one(struct vw_run *run)
{
    struct vw_error err = VW_ERROR_INIT;
    uint8_t buf[MESSAGE_MAX];
    struct vw_transport *t = vw_probe_open(run, NULL, NULL, &err);
    if (!t) {
        vw_run_unconnected(run, "beside clients that stop in the middle of TLS another ", &err);
        return;
    }
    vw_probe_call(run, "auth_list", SERIAL, buf);
    ssize_t n = vw_probe_write(run, t, buf, VW_PREFIX_BYTES);
    if (n == 0)
        n = vw_probe_message(run, t, buf, 0, sizeof(buf));
    t->ops->close(t);
    if (n <= 0)
        vw_run_fail(run, n == -ETIMEDOUT ? VW_HUNG : VW_FAIL,
                    "beside clients that stop in the middle of TLS a call is not answered");
}

static enum vw_step_result run_probe(struct vw_run *run, const char *with)
{
    struct vw_transport *asleep[SLEEPERS];
    unsigned n = 0;
    while (n < SLEEPERS && (asleep[n] = stop_one(run, with ? with : "silent"))) {
        n++;
        vw_run_allow(run, run->settings->timeout_ms); /* each has its time */
    }
    if (!run->over)
        serve_one(run);
    while (n > 0) {
        n--;
        asleep[n]->ops->close(asleep[n]);
    }
    return run->over ? VW_STEP_FAIL : VW_STEP_DONE;
}

const struct vw_probe vw_probe_tls_sleepers = {"tls-sleepers", run_probe};
