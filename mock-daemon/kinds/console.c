// SPDX-License-Identifier: MIT
// What of a domain can be talked to: a console that says back what it hears (S-1: a stream both
// ways) until it hears an end of transmission, at which it hangs up (S-13); and a screen as a
// descriptor (P-5).
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/kinds/domain.h"
#include "mock-daemon/transfer.h"

#define END_OF_TRANSMISSION 4

/* The client has no more to say. */
static void end(struct vw_transfer *k)
{
    vw_session_stream_end(k->conn->session, &k->header, NULL);
}

static const char *say(struct vw_transfer *k, const uint8_t *bytes, size_t len)
{
    if (vw_session_output_pending(k->conn->session) > k->left)
        return "the client does not listen";
    const uint8_t *last = memchr(bytes, END_OF_TRANSMISSION, len);
    if (last)
        len = (size_t)(last - bytes);
    if (len && vw_session_stream_data(k->conn->session, &k->header, bytes, len, NULL) < 0)
        return "no memory for the answer";
    if (last)
        vw_transfer_hang_up(k);
    return NULL;
}

/* More than a client can have under way that reads and writes in turn. */
#define UNREAD_MAX (8u << 20)

enum vw_outcome vw_on_domain_open_console(struct vw_call *c,
                                          const struct remote_domain_open_console_args *args)
{
    static const struct vw_transfer_kind echo = {.data = say, .end = end};
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d || vw_call_check_flags(c, args->flags, 3) != VW_DONE)
        return VW_FAILED;
    if (!d->o.active)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    if (vw_transfer_take(c, &echo) != VW_DONE)
        return VW_FAILED;
    c->transfer->left = UNREAD_MAX;
    return VW_DONE;
}

/* The reading end of a pipe with the greeting of a screen in it. */
enum vw_outcome
vw_on_domain_open_graphics_fd(struct vw_call *c,
                              const struct remote_domain_open_graphics_fd_args *args)
{
    static const char greeting[] = "RFB 003.008\n";
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    int ends[2];
    if (!d || vw_call_check_flags(c, args->flags, 1) != VW_DONE)
        return VW_FAILED;
    if (!c->conn->listener->unix_socket)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no descriptors go this way");
    if (args->idx != 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "there is one screen");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return vw_call_fail(c, VW_ERR_SYSTEM, VW_FROM_TEST, "no pipe can be made");
    if (write(ends[1], greeting, sizeof(greeting) - 1) < 0) {
        close(ends[0]);
        ends[0] = -1;
    }
    close(ends[1]);
    if (ends[0] < 0)
        return vw_call_fail(c, VW_ERR_SYSTEM, VW_FROM_TEST, "the pipe does not work");
    c->fd = ends[0];
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_open_console),
    VW_CALL(domain_open_graphics_fd),
    {NULL},
};

const struct vw_object_kind vw_object_kind_console = {.name = "console", .rows = rows};
