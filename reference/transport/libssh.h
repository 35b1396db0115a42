// SPDX-License-Identifier: MIT
// ssh inside this process, by libssh: what the transports libssh and libssh2 share. They differ
// only in their names and in the file of known hosts that they look at when the URI names none.
#pragma once

#include "transport/internal.h"
#include "transport/ssh-calls.h"

/* A connection that is being made. */
struct vw_libssh {
    ssh_session session;
    const struct vw_uri *uri;
    const struct vw_transport_options *options;
    int64_t deadline_ms;
};

/* ---- libssh.c ---- */

/* Connects, checks the server's key, logs in and runs the script of Q-3. As
 * vw_transport_open_with. */
int vw_libssh_open(const struct vw_uri *uri, const struct vw_transport_options *options,
                   int64_t deadline_ms, struct vw_transport **out, struct vw_error *err);

/* ---- libssh-wait.c ---- */

/* After a call of libssh answered that it is to be made again: waits until that makes sense.
 * VW_ETIMEOUT, VW_ESYSTEM. */
int vw_libssh_wait(const struct vw_libssh *s, struct vw_error *err);

/* CODE with WHAT and what libssh says about it. */
int vw_libssh_error(const struct vw_libssh *s, int code, const char *what, struct vw_error *err);

/* ---- libssh-auth.c ---- */

/* Checks the server's key as known_hosts_verify says. VW_EUNREACHABLE, VW_EUSAGE. */
int vw_libssh_check_host(const struct vw_libssh *s, struct vw_error *err);

/* Logs in by the methods of sshauth in turn. VW_EUNREACHABLE, VW_EUSAGE. */
int vw_libssh_log_in(const struct vw_libssh *s, struct vw_error *err);

/* ---- libssh-agent.c ---- */

/* Logs in by the agent of SSH_AUTH_SOCK: SSH_AUTH_*, SSH_AUTH_AGAIN with an error at the deadline.
 */
int vw_libssh_by_agent(const struct vw_libssh *s, struct vw_error *err);
