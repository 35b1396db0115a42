// SPDX-License-Identifier: MIT
// The keeper of a program, and its starter's side. The keeper is a fork of a program that may have
// threads: it makes system calls and allocates nothing.
#include "transport/leash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "transport/transport.h"

/* How often the keeper looks whether all are gone, and how long it tries to kill them: those that
 * have become another user's stay. */
#define LOOK_MS 5
#define KILL_MS 2000

/* The keeper's only descriptors. */
enum { LINE, SIGNALS };

struct keeper {
    const struct vw_leash_program *program;
    pid_t starter, pid; /* PID is not waited for, so that its group is nobody else's */
    bool ended;
};

/* ---- the program ---- */

static _Noreturn void become(const struct vw_leash_program *p, int report, pid_t keeper)
{
    sigset_t none;
    int e = vw_leash_above(&report) < 0 ? errno : 0;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* for a keeper that is killed */
    if (getppid() != keeper)
        _exit(127);
    if (p->group == VW_LEASH_GROUP)
        setpgid(0, 0);
    else if (p->group == VW_LEASH_SESSION)
        setsid();
    for (int i = 0; i <= STDERR_FILENO && e == 0; i++) {
        int fd = p->fds[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : p->fds[i];
        if (fd < 0 || (fd != i && dup2(fd, i) < 0))
            e = errno;
    }
    if (p->bare)
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (e == 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvpe(p->argv[0], (char *const *)(uintptr_t)p->argv, p->env);
        e = errno;
    }
    ssize_t ignored = write(report, &e, sizeof(e));
    _exit(ignored ? 127 : 126);
}

/* The number that comes from FD, or OTHERWISE when it ends without one. */
static int read_number(int fd, int otherwise)
{
    int number = 0;
    ssize_t n;
    do
        n = read(fd, &number, sizeof(number));
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(number) ? number : otherwise;
}

/* 0, or the errno. */
static int launch(struct keeper *k)
{
    int report[2];
    const pid_t self = getpid();
    if (pipe2(report, O_CLOEXEC) < 0)
        return errno;
    k->pid = fork();
    if (k->pid == 0)
        become(k->program, report[1], self);
    int e = k->pid < 0 ? errno : 0;
    close(report[1]);
    if (e == 0)
        e = read_number(report[0], 0);
    close(report[0]);
    return e;
}

/* ---- what it has started ---- */

/* Calls ACT for each child of the keeper but the program itself. Without such a list in /proc those
 * of the program's group are found all the same. */
static size_t each_orphan(struct keeper *k, void (*act)(pid_t pid, int signal), int signal)
{
    char buf[1024];
    pid_t pid = 0;
    size_t found = 0;
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    for (ssize_t n; fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0;) {
        for (ssize_t i = 0; i < n; i++) {
            if (buf[i] >= '0' && buf[i] <= '9') {
                pid = pid * 10 + (buf[i] - '0');
                continue;
            }
            if (pid && pid != k->pid) {
                act(pid, signal);
                found++;
            }
            pid = 0;
        }
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static void reap(pid_t pid, int signal)
{
    waitpid(pid, NULL, WNOHANG);
}

static void send_signal(pid_t pid, int signal)
{
    kill(pid, signal);
}

/* Notes the end of the program and tells it; true while anything of it is left. */
static bool tend(struct keeper *k)
{
    siginfo_t info = {.si_pid = 0};
    if (!k->ended && waitid(P_PID, (id_t)k->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == k->pid) {
        /* As waitpid(2) would have it. */
        int status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
        k->ended = true;
        send(LINE, &status, sizeof(status), MSG_NOSIGNAL);
    }
    each_orphan(k, reap, 0);
    return each_orphan(k, reap, 0) || !k->ended;
}

static void signal_all(struct keeper *k, int signal)
{
    kill(k->program->group == VW_LEASH_SAME ? k->pid : -k->pid, signal);
    each_orphan(k, send_signal, signal);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000}, NULL);
}

static void end_all(struct keeper *k)
{
    const unsigned polite = k->program->grace_ms / LOOK_MS;
    if (polite && tend(k)) {
        signal_all(k, SIGTERM);
        signal_all(k, SIGCONT);
    }
    for (unsigned i = 0; i < polite && tend(k); i++)
        nap();
    signal_all(k, SIGKILL);
    for (int i = 0; i < KILL_MS / LOOK_MS && tend(k); i++) {
        signal_all(k, SIGKILL);
        nap();
    }
    waitpid(k->pid, NULL, WNOHANG);
}

/* ---- the keeper ---- */

static void hear_signals(struct keeper *k)
{
    struct signalfd_siginfo info;
    while (read(SIGNALS, &info, sizeof(info)) == (ssize_t)sizeof(info))
        if (info.ssi_signo != SIGCHLD && getppid() == k->starter)
            kill(k->starter, (int)info.ssi_signo);
    tend(k);
}

/* Whoever waits for the end of what its starter has open does not wait for the keeper. */
static int keep_only(int line, bool pass_on)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    if (pass_on) {
        sigaddset(&wanted, SIGTERM);
        sigaddset(&wanted, SIGINT);
    }
    if (line != LINE && dup2(line, LINE) < 0)
        return -1;
    closefrom(SIGNALS);
    return signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC) == SIGNALS ? 0 : -1;
}

/* With all signals blocked. A process group of its own, so that what is meant for its starter's
 * does not reach it. */
static _Noreturn void keep(struct keeper *k, int line)
{
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    prctl(PR_SET_NAME, "virwire-leash");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int e = launch(k);
    setpgid(0, 0);
    if (keep_only(line, k->program->pass_on) < 0 && e == 0)
        e = errno;
    const int started[] = {e, k->pid};
    send(LINE, started, sizeof(started), MSG_NOSIGNAL);
    struct pollfd fds[] = {{.fd = LINE, .events = POLLIN}, {.fd = SIGNALS, .events = POLLIN}};
    while (e == 0 && !fds[0].revents)
        if (poll(fds, 2, -1) > 0 && fds[1].revents)
            hear_signals(k);
    if (k->pid > 0)
        end_all(k);
    _exit(0);
}

/* ---- the starter ---- */

int vw_leash_above(int *fd)
{
    if (*fd > STDERR_FILENO)
        return 0;
    int up = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (up < 0)
        return -1;
    close(*fd);
    *fd = up;
    return 0;
}

static void wait_for(pid_t keeper)
{
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
        continue;
}

int vw_leash_start(const struct vw_leash_program *p, struct vw_leash *out)
{
    struct keeper k = {.program = p, .starter = getpid()};
    sigset_t all, before;
    int line[2];
    *out = (struct vw_leash){.keeper = 0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return errno;
    int e = vw_leash_above(&line[0]) < 0 ? errno : 0;
    pid_t keeper = 0;
    if (e == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        keeper = fork();
        if (keeper == 0) {
            close(line[0]);
            keep(&k, line[1]);
        }
        e = keeper < 0 ? errno : 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    close(line[1]);
    if (e == 0)
        e = read_number(line[0], ECHILD);
    if (e == 0) {
        *out = (struct vw_leash){
            .keeper = keeper, .program = read_number(line[0], 0), .line = line[0]};
        return 0;
    }
    close(line[0]);
    if (keeper > 0)
        wait_for(keeper);
    return e;
}

bool vw_leash_ended(struct vw_leash *l)
{
    if (!l->keeper || l->ended)
        return true;
    ssize_t n = recv(l->line, &l->status, sizeof(l->status), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n != (ssize_t)sizeof(l->status))
        l->status = -1;
    l->ended = true;
    return true;
}

bool vw_leash_wait(struct vw_leash *l, int64_t deadline_ms)
{
    while (!vw_leash_ended(l)) {
        int64_t left = deadline_ms - vw_now_ms();
        struct pollfd p = {.fd = l->line, .events = POLLIN};
        if (left <= 0)
            return false;
        poll(&p, 1, left < 1000 ? (int)left : 1000);
    }
    return true;
}

void vw_leash_end(struct vw_leash *l)
{
    if (!l->keeper)
        return;
    close(l->line);
    wait_for(l->keeper);
    l->keeper = 0;
}
