// SPDX-License-Identifier: MIT
// Logging in by the user's agent. libssh waits for an agent without a limit, so the socket is made
// here, and a thread shuts it down at the deadline if the agent has not answered by then.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "transport/libssh.h"

struct watch {
    pthread_t thread;
    int fd; /* of the agent; its own, since libssh may close the other one at any time */
    int64_t deadline_ms;
    int stop[2]; /* a pipe; the end of its input ends the watch */
    bool fired;
};

static void *run(void *user)
{
    struct watch *w = user;
    if (vw_fd_wait(w->stop[0], POLLIN, w->deadline_ms) == 0) {
        w->fired = true;
        shutdown(w->fd, SHUT_RDWR);
    }
    return NULL;
}

static int begin(struct watch *w, int fd, struct vw_error *err)
{
    int e = 0;
    w->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (w->fd < 0)
        return vw_error_errno(err, errno, "fcntl");
    if (pipe2(w->stop, O_CLOEXEC) == 0) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        e = pthread_create(&w->thread, NULL, run, w);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (e == 0)
            return 0;
        close(w->stop[0]);
        close(w->stop[1]);
    }
    e = e ? e : errno;
    close(w->fd);
    return vw_error_errno(err, e, "the watch over the ssh agent");
}

static void end(struct watch *w)
{
    close(w->stop[1]);
    pthread_join(w->thread, NULL);
    close(w->stop[0]);
    close(w->fd);
}

/* Connects to the agent and gives the socket to libssh, with a watch over it. */
static int connect_agent(const struct vw_libssh *s, const char *path, struct watch *w,
                         struct vw_error *err)
{
    int fd = -1;
    int rc = vw_unix_connect_fd(path, false, 0, s->deadline_ms, &fd, err);
    if (rc)
        return rc;
    rc = begin(w, fd, err);
    if (rc == 0 && ssh_set_agent_socket(s->session, fd) == SSH_OK)
        return 0;
    if (rc == 0)
        end(w);
    close(fd);
    return rc ? rc : vw_libssh_error(s, VW_ESYSTEM, path, err);
}

int vw_libssh_by_agent(const struct vw_libssh *s, struct vw_error *err)
{
    struct watch w = {.deadline_ms = s->deadline_ms};
    const char *path = getenv("SSH_AUTH_SOCK");
    struct vw_error why = VW_ERROR_INIT;
    int rc;
    if (!path || !path[0])
        return SSH_AUTH_DENIED;
    if (connect_agent(s, path, &w, &why)) {
        vw_transport_warn(s->options, "the ssh agent is not used: %s", why.text);
        return SSH_AUTH_DENIED;
    }
    do
        rc = ssh_userauth_agent(s->session, NULL);
    while (rc == SSH_AUTH_AGAIN && vw_libssh_wait(s, err) == 0);
    end(&w);
    if (!w.fired)
        return rc;
    vw_error_set(err, VW_ETIMEOUT, "the ssh agent did not answer in time (%.200s)", path);
    return SSH_AUTH_AGAIN;
}
