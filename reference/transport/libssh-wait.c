// SPDX-License-Identifier: MIT
// What every step of an ssh connection that libssh makes needs: its errors, and waiting for it.
#include <poll.h>

#include "transport/libssh.h"

int vw_libssh_error(const struct vw_libssh *s, int code, const char *what, struct vw_error *err)
{
    return vw_error_set(err, code, "%s: %.200s", what, ssh_get_error(s->session));
}

int vw_libssh_wait(const struct vw_libssh *s, struct vw_error *err)
{
    int flags = ssh_get_poll_flags(s->session);
    short events = POLLIN;
    if (flags & SSH_WRITE_PENDING)
        events |= POLLOUT;
    int rc = vw_fd_wait(ssh_get_fd(s->session), events, s->deadline_ms);
    if (rc < 0)
        return vw_error_errno(err, -rc, "poll");
    if (rc == 0 || vw_ms_left(s->deadline_ms) == 0)
        return vw_error_set(err, VW_ETIMEOUT, "setting up ssh to %.100s took too long",
                            s->uri->host);
    return 0;
}
