// SPDX-License-Identifier: MIT
// Running a command and watching for its end.
#include "mock-daemon/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char mark[] = "{uri}";

/* COMMAND with {uri} replaced, malloc'ed; NULL: no memory. */
static char *expand(const char *command, const char *uri)
{
    size_t extra = strlen(uri), n = 0;
    char *out, *to;
    for (const char *p = command; (p = strstr(p, mark)); p += sizeof(mark) - 1)
        n++;
    out = to = malloc(strlen(command) + n * extra + 1);
    if (!out)
        return NULL;
    for (const char *p; (p = strstr(command, mark)); command = p + sizeof(mark) - 1) {
        to = mempcpy(to, command, (size_t)(p - command));
        to = mempcpy(to, uri, extra);
    }
    strcpy(to, command);
    return out;
}

static void on_child(struct ev_loop *loop, ev_child *w, int revents)
{
    struct vw_command_run *r = w->data;
    r->status = WIFEXITED(w->rstatus) ? WEXITSTATUS(w->rstatus) : 128 + WTERMSIG(w->rstatus);
    r->pid = 0;
    ev_child_stop(loop, w);
    ev_break(loop, EVBREAK_ALL);
}

/* In a group of its own, so that what it has started can be ended with it. */
static _Noreturn void become(char *command)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

int vw_run_start(struct vw_command_run *r, struct ev_loop *loop, const char *command,
                 const char *uri, struct vw_error *err)
{
    char *expanded = expand(command, uri);
    if (!expanded || setenv("VIRWIRED_URI", uri, 1) < 0) {
        free(expanded);
        return vw_error_nomem(err);
    }
    r->loop = loop;
    r->pid = fork();
    if (r->pid == 0)
        become(expanded);
    free(expanded);
    if (r->pid < 0) {
        r->pid = 0;
        return vw_error_errno(err, errno, "fork");
    }
    setpgid(r->pid, r->pid);
    ev_child_init(&r->watcher, on_child, r->pid, 0);
    r->watcher.data = r;
    ev_child_start(loop, &r->watcher);
    return 0;
}

void vw_run_stop(struct vw_command_run *r)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    if (r->pid <= 0)
        return;
    ev_child_stop(r->loop, &r->watcher);
    kill(-r->pid, SIGTERM);
    for (int i = 0; i < 100; i++) {
        if (waitpid(r->pid, NULL, WNOHANG) != 0)
            goto gone;
        nanosleep(&pause, NULL);
    }
    kill(-r->pid, SIGKILL);
    waitpid(r->pid, NULL, 0);
gone:
    r->pid = 0;
}
