// SPDX-License-Identifier: MIT
// A client that behaves: how long its calls take while others do not.
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"

#define CALLS_MAX 200000u
#define GAP_NS    5000000L

/* Shared with the process that calls. */
struct probe {
    atomic_bool stop;
    pid_t pid;
    atomic_uint calls;
    unsigned failed;
    float ms[CALLS_MAX];
};

/* One call and its answer. */
static bool ask(int fd, const uint8_t *call)
{
    uint8_t reply[ECHO_REPLY_BYTES];
    return abuse_send(fd, call, ECHO_CALL_BYTES) &&
           abuse_receive(fd, reply, sizeof(reply)) == sizeof(reply);
}

/* Whether it was answered; *FD is then open, unless it is to be another each time. */
static bool turn(const struct load_options *o, bool fresh, const uint8_t *call, int *fd)
{
    if (*fd < 0)
        *fd = load_connect(o);
    bool good = *fd >= 0 && ask(*fd, call);
    if (*fd >= 0 && (fresh || !good)) {
        close(*fd);
        *fd = -1;
    }
    return good;
}

static _Noreturn void work(struct probe *p, const char *socket, bool fresh)
{
    const struct load_options o = {.socket = socket, .open = "test:///default"};
    const struct timespec gap = {.tv_nsec = fresh ? 10 * GAP_NS : GAP_NS};
    uint8_t call[ECHO_CALL_BYTES];
    int fd = fresh ? -1 : load_connect(&o);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    load_prepare(call, 1);
    while (!p->stop && p->calls < CALLS_MAX) {
        double began = abuse_now();
        p->failed += !turn(&o, fresh, call, &fd);
        p->ms[p->calls] = (float)((abuse_now() - began) * 1000);
        p->calls++;
        nanosleep(&gap, NULL);
    }
    _exit(0);
}

struct probe *probe_start(const char *socket, bool fresh)
{
    struct probe *p =
        mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || (p->pid = fork()) < 0)
        abuse_die("no process for the client that behaves");
    if (p->pid == 0)
        work(p, socket, fresh);
    while (p->calls == 0 && waitpid(p->pid, NULL, WNOHANG) == 0)
        nanosleep(&(struct timespec){.tv_nsec = GAP_NS}, NULL);
    if (p->calls == 0)
        abuse_die("the client that behaves has ended");
    return p;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

struct latency probe_stop(struct probe *p)
{
    struct latency l = {0};
    p->stop = true;
    waitpid(p->pid, NULL, 0);
    qsort(p->ms, p->calls, sizeof(p->ms[0]), by_value);
    l.calls = p->calls;
    l.failed = p->failed;
    if (p->calls) {
        l.p50 = (double)p->ms[p->calls / 2];
        l.p99 = (double)p->ms[(size_t)p->calls * 99 / 100];
        l.max = (double)p->ms[p->calls - 1];
    }
    munmap(p, sizeof(*p));
    return l;
}
