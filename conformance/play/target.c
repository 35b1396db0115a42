// SPDX-License-Identifier: MIT
// See target.h.
#include "conformance/play/target.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/transport.h"

#define GRACE_MS 3000

/* ---- life ---- */

void vw_target_init(struct vw_target *t, const char *command)
{
    *t = (struct vw_target){.command = command, .pidfd = -1};
}

static void forget(struct vw_target *t)
{
    if (t->pidfd >= 0)
        close(t->pidfd);
    t->pidfd = -1;
    t->pid = 0;
}

int vw_target_start(struct vw_target *t, struct vw_error *err)
{
    const char *const argv[] = {"/bin/sh", "-c", t->command, NULL};
    const struct vw_leash_program p = {.argv = argv,
                                       .env = environ,
                                       .fds = {-1, -1, -1},
                                       .group = VW_LEASH_SESSION,
                                       .grace_ms = GRACE_MS};
    if (!t->command)
        return 0;
    vw_target_end(t);
    int rc = vw_leash_start(&p, &t->leash);
    if (rc)
        return vw_error_set(err, VW_EUNREACHABLE, "cannot start %s: %s", t->command, strerror(rc));
    t->started = true;
    return 0;
}

void vw_target_end(struct vw_target *t)
{
    if (t->started)
        vw_leash_end(&t->leash);
    t->started = false;
    memset(&t->leash, 0, sizeof(t->leash));
    forget(t);
}

void vw_target_meet(struct vw_target *t, int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    /* The first process listens for all where sockets are made ahead of their daemons. */
    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.pid <= 1 ||
        who.pid == getpid() || who.pid == t->pid)
        return;
    int pidfd = (int)syscall(SYS_pidfd_open, who.pid, 0);
    if (pidfd < 0)
        return;
    t->replaced = t->replaced || vw_target_died(t, 0);
    forget(t);
    t->pid = who.pid;
    t->pidfd = pidfd;
}

void vw_target_mourned(struct vw_target *t)
{
    if (!t->replaced)
        forget(t);
    t->replaced = false;
}

bool vw_target_died(struct vw_target *t, int ms)
{
    struct pollfd p = {.fd = t->pidfd, .events = POLLIN};
    if (t->replaced)
        return true;
    if (t->pidfd >= 0)
        return poll(&p, 1, ms) == 1;
    return t->started &&
           (ms ? vw_leash_wait(&t->leash, vw_now_ms() + ms) : vw_leash_ended(&t->leash));
}

const char *vw_target_fate(struct vw_target *t, char *buf, size_t size)
{
    *buf = '\0';
    if (!t->started || !vw_leash_wait(&t->leash, vw_now_ms() + GRACE_MS) || t->leash.status < 0)
        return buf;
    int s = t->leash.status;
    /* A shell tells of a signal by a status above 128. */
    int signal = WIFSIGNALED(s) ? WTERMSIG(s) : WEXITSTATUS(s) > 128 ? WEXITSTATUS(s) - 128 : 0;
    if (signal)
        snprintf(buf, size, "signal %d (%s)", signal, strsignal(signal));
    else
        snprintf(buf, size, "exit status %d", WEXITSTATUS(s));
    return buf;
}

bool vw_target_failed(struct vw_target *t, char *fate, size_t size)
{
    return t->started && vw_leash_ended(&t->leash) && t->leash.status != 0 &&
           *vw_target_fate(t, fate, size);
}

/* ---- what it holds ---- */

static unsigned count_fds(pid_t pid)
{
    char path[64];
    unsigned n = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *d = opendir(path);
    if (!d)
        return 0;
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

bool vw_target_holding(const struct vw_target *t, struct vw_holding *out)
{
    char path[64];
    uint64_t size, resident;
    *out = (struct vw_holding){0};
    if (!t->pid)
        return false;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)t->pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool good = fscanf(f, "%" SCNu64 " %" SCNu64, &size, &resident) == 2;
    fclose(f);
    out->kib = good ? resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024 : 0;
    out->fds = count_fds(t->pid);
    return good;
}

int64_t vw_target_busy_ms(const struct vw_target *t)
{
    char path[64], text[1024];
    unsigned long long user, kernel;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)t->pid);
    FILE *f = t->pid ? fopen(path, "re") : NULL;
    if (!f)
        return 0;
    size_t n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    /* The name in parentheses may have anything in it. */
    const char *behind = strrchr(text, ')');
    if (!behind || sscanf(behind + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                          &user, &kernel) != 2)
        return 0;
    return (int64_t)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}
