// SPDX-License-Identifier: MIT
// P-3 and P-4: a descriptor comes behind its message, one byte with it; until then the server
// waits; the call is served and the descriptor, which nobody wants, closed.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "conformance/play/probe.h"

#define SERIAL 0x5000

/* Reads and writes for MS or until something is in the inbox. */
static void pump_for(struct vw_run *run, struct vw_link *c, int64_t until_ms)
{
    while (!run->over && !c->inbox && !vw_link_over(c) && vw_now_ms() < until_ms) {
        struct pollfd p = {.fd = vw_link_fd(c), .events = vw_link_events(c)};
        int64_t left = until_ms - vw_now_ms();
        if (!vw_run_pump(run))
            poll(&p, 1, left > 0 ? (int)left : 0);
    }
}

static int queue_call(struct vw_run *run, struct vw_link *c, struct vw_error *err)
{
    struct vw_node *call = vw_node_new(&run->arena, VW_NODE_MAP);
    vw_node_add(call, "procedure", vw_node_text(&run->arena, "connect_get_type"));
    vw_node_add(call, "type", vw_node_text(&run->arena, "call-with-fds"));
    vw_node_add(call, "fds", vw_node_text(&run->arena, "1"));
    if (!vw_node_add(call, "serial", vw_node_printf(&run->arena, "%u", SERIAL)))
        return vw_error_nomem(err);
    return vw_run_send(run, c, call, VW_MSG_CALL, "descriptor", err);
}

/* One byte with a descriptor: the write end of a pipe, of which the read end goes to *READ. */
static int send_descriptor(struct vw_run *run, struct vw_link *c, int *read_end)
{
    static const uint8_t zero;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    const struct vw_fds fds = {.fd = {ends[1]}, .count = 1};
    ssize_t n = c->transport->ops->send(c->transport, &zero, 1, &fds);
    vw_log_note(&run->log, c->name, "a byte with a descriptor was sent");
    close(ends[1]);
    *read_end = ends[0];
    return n < 0 ? (int)n : 0;
}

/* The other end is gone when no copy of it is open any more. */
static bool is_closed(int fd, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline_ms - vw_now_ms();
    return poll(&p, 1, left > 0 ? (int)left : 0) > 0 && (p.revents & POLLHUP);
}

static enum vw_step_result judge(struct vw_run *run, struct vw_link *c, int fd)
{
    if (vw_link_over(c))
        return vw_run_fail(run, VW_FAIL,
                           "a call with a descriptor that nobody wants must be served; the peer "
                           "ended the connection");
    if (!c->inbox)
        return vw_run_fail(run, VW_HUNG, "nothing comes when the descriptor is there");
    const struct vw_header *h = &c->inbox->header;
    if (h->type != VW_MSG_REPLY || h->status != VW_MSG_OK || h->serial != SERIAL)
        return vw_run_fail(run, VW_FAIL,
                           "a good reply must come; type %d, status %d, serial %u came", h->type,
                           h->status, h->serial);
    vw_link_take(c, c->inbox);
    if (!is_closed(fd, run->deadline_ms))
        return vw_run_fail(run, VW_FAIL,
                           "the call is served, but the descriptor that nobody wants stays open");
    return VW_STEP_DONE;
}

static enum vw_step_result run_probe(struct vw_run *run)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_link *c = vw_run_conn(run);
    int fd = -1;
    if (!c)
        return VW_STEP_FAIL;
    if (!c->transport || !(c->transport->ops->caps & VW_CAP_FDS))
        return vw_run_skip(run, "no descriptors can be passed here");
    if (queue_call(run, c, &err) < 0)
        return vw_run_error(run, &err);
    pump_for(run, c, vw_now_ms() + run->settings->quiet_ms);
    if (c->inbox || vw_link_over(c))
        return vw_run_fail(run, VW_FAIL,
                           "the descriptor is announced and not there: the server must wait; %s",
                           c->inbox ? "it answers" : "it ends the connection");
    int rc = send_descriptor(run, c, &fd);
    if (rc == 0)
        pump_for(run, c, run->deadline_ms);
    enum vw_step_result r =
        rc < 0 ? vw_run_fail(run, VW_ERROR, "cannot pass a descriptor: %s", strerror(-rc))
               : judge(run, c, fd);
    if (fd >= 0)
        close(fd);
    for (struct vw_sent *s = c->sent; s; s = s->next)
        s->answered = s->answered || s->header.serial == SERIAL;
    return r;
}

const struct vw_probe vw_probe_descriptor = {"descriptor", run_probe};
