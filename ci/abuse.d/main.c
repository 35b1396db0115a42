// SPDX-License-Identifier: MIT
// Plays one abuse against a server that runs already, and prints what that cost as one line of
// JSON. ci/abuse starts the server and holds the figures against the bounds.
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"

static const struct abuse *const files[] = {abuse_replies, abuse_frames, abuse_crowds,
                                            abuse_streams, abuse_events, abuse_documents,
                                            abuse_limits,  abuse_tls,    abuse_random};
#define TENTHS  10
#define N_FILES (sizeof(files) / sizeof(files[0]))

static const char usage[] =
    "Usage: abuse [OPTION...] NAME SOCKET\n"
    "       abuse --list\n"
    "\n"
    "Plays the abuse NAME against the server at the UNIX socket SOCKET, and prints what it cost.\n"
    "\n"
    "  --size N       how many clients, calls or the like\n"
    "  --seconds S    for which it holds what it has taken (default 1)\n"
    "  --quiet-for S  for which the well-behaved client is measured alone (default 1)\n"
    "  --settle S     after which it is looked at what is left (default 1)\n"
    "  --limit S      the longest that it may take (default 60)\n"
    "  --seed N       of what is random (default 1)\n"
    "  --without PROC  a procedure that is not called by chance; may be repeated\n"
    "  --tcp ADDR, --tls ADDR   ending in the port; --pki DIR\n";

/* ---- what the server has taken ---- */

static void proc_path(char *out, size_t size, pid_t pid, const char *file)
{
    snprintf(out, size, "/proc/%d/%s", (int)pid, file);
}

/* A number of KiB in /proc/PID/status; -1: the process is gone. */
static long status_kib(pid_t pid, const char *key)
{
    char path[64], line[256];
    long kib = -1;
    proc_path(path, sizeof(path), pid, "status");
    FILE *f = fopen(path, "re");
    while (f && kib < 0 && fgets(line, sizeof(line), f))
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key), NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

static void forget_peak(pid_t pid)
{
    char path[64];
    proc_path(path, sizeof(path), pid, "clear_refs");
    FILE *f = fopen(path, "we");
    if (!f || fputs("5", f) < 0 || fclose(f))
        abuse_die("%s: %s", path, strerror(errno));
}

static long descriptors(pid_t pid)
{
    char path[64];
    long n = 0;
    proc_path(path, sizeof(path), pid, "fd");
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n - 2;
}

static double cpu_seconds(pid_t pid)
{
    char path[64], text[1024];
    unsigned long user = 0, kernel = 0;
    proc_path(path, sizeof(path), pid, "stat");
    FILE *f = fopen(path, "re");
    const char *at = f && fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
    for (int i = 0; at && i < 12; i++)
        at = strchr(at + 1, ' ');
    if (at)
        sscanf(at, " %lu %lu", &user, &kernel);
    if (f)
        fclose(f);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- one run ---- */

struct options {
    struct attack attack;
    double quiet_for, settle, limit;
};

struct figures {
    long before, peak, after;             /* KiB */
    long fds_before, fds_peak, fds_after; /* descriptors */
    struct latency alone, old,
        fresh; /* undisturbed; then on a connection that is there, and new ones */
    double seconds, cpu;
    long tenths[TENTHS]; /* memory behind each tenth of what goes on for long; 0: it did not come to
                            it */
    bool served;         /* afterwards a new client is */
    int status;          /* of the abuse */
};

static void doze(double seconds)
{
    struct attack a = {.seconds = seconds};
    abuse_hold(&a);
}

static pid_t start(abuse_run run, const struct options *o)
{
    pid_t pid = fork();
    if (pid < 0)
        abuse_die("no process for the abuse");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm((unsigned)o->limit);
    _exit(run(&o->attack) ? 1 : 0);
}

/* Notes the memory at each tenth of the size, or of the time if that is over first. */
static void note_tenths(const struct options *o, double passed, struct figures *f)
{
    double part = (double)*o->attack.done / (double)o->attack.size;
    part = passed / o->attack.seconds > part ? passed / o->attack.seconds : part;
    for (size_t i = 0; i < TENTHS && part * TENTHS >= (double)(i + 1); i++)
        if (*o->attack.done && !f->tenths[i])
            f->tenths[i] = status_kib(o->attack.server, "VmRSS:");
}

/* Watches until the abuse has ended, or the server. */
static void watch(pid_t pid, const struct options *o, struct figures *f)
{
    int status = 0;
    double began = abuse_now();
    while (waitpid(pid, &status, WNOHANG) == 0 && status_kib(o->attack.server, "VmRSS:") >= 0) {
        long n = descriptors(o->attack.server);
        f->fds_peak = n > f->fds_peak ? n : f->fds_peak;
        note_tenths(o, abuse_now() - began, f);
        doze(0.05);
    }
    f->seconds = abuse_now() - began;
    note_tenths(o, *o->attack.done >= o->attack.size ? o->attack.seconds : f->seconds, f);
    f->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_served(const char *socket)
{
    const struct load_options o = {.socket = socket, .open = "test:///default"};
    int fd = load_connect(&o);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void measure(abuse_run run, struct options *o, struct figures *f)
{
    const char *socket = o->attack.socket;
    pid_t server = o->attack.server;
    struct probe *alone = probe_start(socket, false);
    doze(o->quiet_for);
    f->alone = probe_stop(alone);
    f->before = status_kib(server, "VmRSS:");
    f->fds_before = f->fds_peak = descriptors(server);
    forget_peak(server);
    double cpu = cpu_seconds(server);
    struct probe *old = probe_start(socket, false), *fresh = probe_start(socket, true);
    watch(start(run, o), o, f);
    f->peak = status_kib(server, "VmHWM:");
    f->cpu = cpu_seconds(server) - cpu;
    f->fresh = probe_stop(fresh);
    f->old = probe_stop(old);
    doze(o->settle);
    f->after = status_kib(server, "VmRSS:");
    f->fds_after = descriptors(server);
    f->served = is_served(socket);
}

static void print_latency(const char *name, const struct latency *l)
{
    printf(", \"%s\": {\"calls\": %u, \"failed\": %u, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}",
           name, l->calls, l->failed, l->p50, l->p99, l->max);
}

static void print(const char *name, const struct options *o, const struct figures *f)
{
    printf("{\"abuse\": \"%s\", \"size\": %zu, \"seconds\": %.2f, \"cpu\": %.2f, \"status\": %d",
           name, o->attack.size, f->seconds, f->cpu, f->status);
    printf(", \"kib\": {\"before\": %ld, \"peak\": %ld, \"after\": %ld}", f->before, f->peak,
           f->after);
    printf(", \"descriptors\": {\"before\": %ld, \"peak\": %ld, \"after\": %ld}", f->fds_before,
           f->fds_peak, f->fds_after);
    printf(", \"served\": %s, \"done\": %zu, \"tenths\": [", f->served ? "true" : "false",
           (size_t)*o->attack.done);
    for (size_t i = 0; i < TENTHS; i++)
        printf("%s%ld", i ? ", " : "", f->tenths[i]);
    putchar(']');
    print_latency("alone", &f->alone);
    print_latency("old", &f->old);
    print_latency("new", &f->fresh);
    puts("}");
}

/* ---- options ---- */

static abuse_run find(const char *name)
{
    for (size_t i = 0; i < N_FILES; i++)
        for (const struct abuse *a = files[i]; a->name; a++)
            if (strcmp(a->name, name) == 0)
                return a->run;
    fprintf(stderr, "abuse: no abuse '%s', see abuse --list\n", name);
    exit(2);
}

static _Noreturn void list(void)
{
    for (size_t i = 0; i < N_FILES; i++)
        for (const struct abuse *a = files[i]; a->name; a++)
            puts(a->name);
    exit(0);
}

/* The digits behind the last colon. */
static uint16_t port_of(const char *address)
{
    const char *colon = strrchr(address, ':');
    return (uint16_t)strtoul(colon ? colon + 1 : address, NULL, 10);
}

static void leave_out(struct attack *a, const char *procedure)
{
    size_t i = 0;
    while (i < WITHOUT_MAX && a->without[i])
        i++;
    if (i == WITHOUT_MAX)
        abuse_die("only %d times --without", WITHOUT_MAX);
    a->without[i] = procedure;
}

static void read_option(int c, struct options *o)
{
    switch (c) {
    case 'n':
        o->attack.size = strtoul(optarg, NULL, 10);
        return;
    case 's':
        o->attack.seconds = strtod(optarg, NULL);
        return;
    case 'q':
        o->quiet_for = strtod(optarg, NULL);
        return;
    case 'e':
        o->settle = strtod(optarg, NULL);
        return;
    case 'l':
        o->limit = strtod(optarg, NULL);
        return;
    case 'S':
        o->attack.seed = strtoull(optarg, NULL, 10);
        return;
    case 'w':
        leave_out(&o->attack, optarg);
        return;
    case 't':
        o->attack.tcp = port_of(optarg);
        return;
    case 'T':
        o->attack.tls = port_of(optarg);
        return;
    case 'p':
        o->attack.pki = optarg;
        return;
    case 'L':
        list();
    case 'h':
        fputs(usage, stdout);
        exit(0);
    default:
        fputs(usage, stderr);
        exit(2);
    }
}

static pid_t server_at(const char *socket)
{
    const struct load_options o = {
        .socket = socket, .connections = 1, .in_flight = 1, .open = "test:///default"};
    struct load *l = load_start(&o);
    pid_t pid = l ? load_server(l) : 0;
    load_stop(l);
    if (!pid)
        exit(3);
    return pid;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"size", 1, NULL, 'n'},  {"seconds", 1, NULL, 's'}, {"quiet-for", 1, NULL, 'q'},
        {"limit", 1, NULL, 'l'}, {"tcp", 1, NULL, 't'},     {"tls", 1, NULL, 'T'},
        {"pki", 1, NULL, 'p'},   {"list", 0, NULL, 'L'},    {"help", 0, NULL, 'h'},
        {"seed", 1, NULL, 'S'},  {"settle", 1, NULL, 'e'},  {"without", 1, NULL, 'w'},
        {NULL, 0, NULL, 0}};
    struct options o = {
        .attack = {.size = 1, .seconds = 1, .seed = 1}, .quiet_for = 1, .settle = 1, .limit = 60};
    struct figures f = {0};
    struct rlimit files_max;
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;)
        read_option(c, &o);
    if (argc - optind != 2)
        read_option('?', &o);
    abuse_run run = find(argv[optind]);
    /* Whoever starts us may have them otherwise. */
    signal(SIGCHLD, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files_max);
    files_max.rlim_cur = files_max.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files_max);
    o.attack.socket = argv[optind + 1];
    o.attack.done = mmap(NULL, sizeof(*o.attack.done), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o.attack.done == MAP_FAILED)
        abuse_die("out of memory");
    o.attack.server = server_at(o.attack.socket);
    measure(run, &o, &f);
    print(argv[optind], &o, &f);
    return 0;
}
