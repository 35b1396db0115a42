// SPDX-License-Identifier: MIT
// Starting, hearing and ending a program.
#include "conformance/play/spawned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/child.h"

#define READS_A_TURN 16

/* The pipes of a start: standard output and standard error. */
struct pipes {
    int out[2], errors[2];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *p)
{
    close_fd(&p->out[0]);
    close_fd(&p->out[1]);
    close_fd(&p->errors[0]);
    close_fd(&p->errors[1]);
}

/* All but the locale: patterns are about words. */
static bool may_pass(const char *entry)
{
    return strncmp(entry, "LC_ALL=", 7) != 0;
}

static bool is_among(const char *const *list, const char *entry)
{
    for (; *list; list++)
        if (strncmp(*list, entry, strcspn(entry, "=") + 1) == 0)
            return true;
    return false;
}

/* Ours with MORE in the place of what has the same name; MORE may be NULL. NULL: no memory. */
static char **make_environment(const char *const *more)
{
    char **env = vw_child_environment(may_pass), **all;
    size_t n = 0, kept = 0, extra = 0;
    if (!env || !more)
        return env;
    for (; env[n]; n++)
        if (!is_among(more, env[n]))
            env[kept++] = env[n];
    while (more[extra])
        extra++;
    all = realloc(env, (kept + extra + 1) * sizeof(*all));
    if (!all)
        free(env);
    for (size_t i = 0; all && i <= extra; i++)
        all[kept + i] = (char *)(uintptr_t)more[i];
    return all;
}

static int launch(struct vw_spawned *s, struct pipes *p, const struct vw_spawned_options *o,
                  struct vw_error *err)
{
    char **env = make_environment(o->env);
    if (!env)
        return vw_error_nomem(err);
    const struct vw_leash_program program = {
        .argv = o->argv,
        .env = env,
        .fds = {-1, p->out[1], p->errors[1]},
        .group = VW_LEASH_GROUP,
        .bare = true,
        .grace_ms = o->grace_ms,
    };
    int e = vw_leash_start(&program, &s->leash);
    free(env);
    if (e == ENOENT)
        return vw_error_set(err, VW_ENAME, "%.80s is not installed", o->argv[0]);
    return e ? vw_error_errno(err, e, "%.80s cannot be started", o->argv[0]) : 0;
}

int vw_spawned_start(const struct vw_spawned_options *o, struct vw_spawned **out,
                     struct vw_error *err)
{
    struct pipes p = {{-1, -1}, {-1, -1}};
    struct vw_spawned *s = calloc(1, sizeof(*s));
    *out = NULL;
    if (!s)
        return vw_error_nomem(err);
    snprintf(s->name, sizeof(s->name), "%s", o->name);
    s->output[0] = s->output[1] = -1;
    int rc = 0;
    if (!(s->text[0] = calloc(1, VW_SPAWNED_OUTPUT + 1)) ||
        !(s->text[1] = calloc(1, VW_SPAWNED_OUTPUT + 1)))
        rc = vw_error_nomem(err);
    else if (pipe2(p.out, O_CLOEXEC) < 0 || pipe2(p.errors, O_CLOEXEC) < 0 ||
             vw_leash_above(&p.out[1]) < 0 || vw_leash_above(&p.errors[1]) < 0)
        rc = vw_error_errno(err, errno, "pipe");
    if (rc == 0)
        rc = launch(s, &p, o, err);
    if (rc == 0) {
        s->output[0] = p.out[0];
        s->output[1] = p.errors[0];
        p.out[0] = p.errors[0] = -1;
        fcntl(s->output[0], F_SETFL, O_NONBLOCK);
        fcntl(s->output[1], F_SETFL, O_NONBLOCK);
    }
    close_pipes(&p);
    if (rc < 0)
        vw_spawned_end(s);
    else
        *out = s;
    return rc;
}

static void keep(struct vw_spawned *s, int which, const char *bytes, size_t len)
{
    size_t room = VW_SPAWNED_OUTPUT - s->len[which];
    if (len > room)
        len = room;
    char *to = s->text[which] + s->len[which];
    for (size_t i = 0; i < len; i++)
        to[i] = bytes[i] ? bytes[i] : '?';
    s->len[which] += len;
}

static bool read_output(struct vw_spawned *s, int which)
{
    char buf[4096];
    bool changed = false;
    for (int i = 0; i < READS_A_TURN && s->output[which] >= 0; i++) {
        ssize_t n = read(s->output[which], buf, sizeof(buf));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        changed = true;
        if (n <= 0)
            close_fd(&s->output[which]);
        else
            keep(s, which, buf, (size_t)n);
    }
    return changed;
}

static bool look(struct vw_spawned *s)
{
    if (s->ended || !vw_leash_ended(&s->leash))
        return false;
    int status = s->leash.status;
    s->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    s->ended = true;
    return true;
}

bool vw_spawned_pump(struct vw_spawned *s)
{
    bool a = read_output(s, 0), b = read_output(s, 1), c = look(s);
    return a || b || c;
}

bool vw_spawned_over(const struct vw_spawned *s)
{
    return s->ended && s->output[0] < 0 && s->output[1] < 0;
}

unsigned vw_spawned_left(const struct vw_spawned *s)
{
    char path[64], pids[512] = "";
    unsigned n = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)s->leash.keeper,
             (int)s->leash.keeper);
    int fd = s->ended && s->leash.keeper > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, pids, sizeof(pids) - 1);
    close(fd);
    for (ssize_t i = 0; i < len; i++)
        n += pids[i] == ' ';
    /* The program itself is waited for at the end only. */
    return n > 0 ? n - 1 : 0;
}

nfds_t vw_spawned_poll_set(const struct vw_spawned *s, struct pollfd *fds)
{
    const int all[VW_SPAWNED_FDS] = {s->ended ? -1 : s->leash.line, s->output[0], s->output[1]};
    nfds_t n = 0;
    for (int i = 0; i < VW_SPAWNED_FDS; i++)
        if (all[i] >= 0)
            fds[n++] = (struct pollfd){.fd = all[i], .events = POLLIN};
    return n;
}

void vw_spawned_end(struct vw_spawned *s)
{
    if (!s)
        return;
    vw_leash_end(&s->leash);
    close_fd(&s->output[0]);
    close_fd(&s->output[1]);
    free(s->text[0]);
    free(s->text[1]);
    free(s);
}
