// SPDX-License-Identifier: MIT
// Running a command and watching for its end.
#include "mock-daemon/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* From SIGTERM to SIGKILL. */
#define GRACE_MS 2000

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

static void on_end(struct ev_loop *loop, ev_io *w, int revents)
{
    struct vw_command_run *r = w->data;
    if (!vw_leash_ended(&r->leash))
        return;
    int status = r->leash.status;
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ev_io_stop(loop, w);
    ev_break(loop, EVBREAK_ALL);
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
    const char *const argv[] = {"/bin/sh", "-c", expanded, NULL};
    const struct vw_leash_program shell = {.argv = argv,
                                           .env = environ,
                                           .fds = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO},
                                           .group = VW_LEASH_GROUP,
                                           .grace_ms = GRACE_MS,
                                           .pass_on = true};
    int e = vw_leash_start(&shell, &r->leash);
    free(expanded);
    if (e)
        return vw_error_errno(err, e, "/bin/sh cannot be started");
    ev_io_init(&r->watcher, on_end, r->leash.line, EV_READ);
    r->watcher.data = r;
    ev_io_start(loop, &r->watcher);
    return 0;
}

void vw_run_stop(struct vw_command_run *r)
{
    if (r->leash.keeper)
        ev_io_stop(r->loop, &r->watcher);
    vw_leash_end(&r->leash);
}
