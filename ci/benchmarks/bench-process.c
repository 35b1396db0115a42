// SPDX-License-Identifier: MIT
// The whole process of `virwire call` beside the least process that makes the same call
// (minimal-call.c), and `virwire call --repeat` as a load client beside the raw one, interleaved on
// one processor. Usage: bench-process VIRWIRE MINIMAL VIRWIRED-SOCKET [LIBVIRTD-SOCKET [VIRSH]]
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "load.h"
#include "process.h"

#define ROUND_MS 25

static void print_spread(const char *what, const struct bench_way *a, const struct bench_way *b,
                         bool cpu)
{
    struct bench_spread s = bench_spread(a, b, cpu);
    printf("  %s %5.2f x (%.2f-%.2f)", what, s.median, s.low, s.high);
}

static int process_row(const char *peer, const char *socket, char *virwire, char *minimal,
                       char *virsh)
{
    char uri[256], path[200];
    snprintf(uri, sizeof(uri), "test+unix:///default?socket=%s", socket);
    snprintf(path, sizeof(path), "%s", socket);
    char *ours[] = {virwire, "call", uri, "domain_lookup_by_name", "{\"name\": \"test\"}", NULL};
    char *least[] = {minimal, path, NULL};
    char *theirs[] = {virsh, "-c", uri, "domid", "test", NULL};
    struct bench_way ways[] = {{.run = process_run_many, .user = ours, .children = true},
                               {.run = process_run_many, .user = least, .children = true},
                               {.run = process_run_many, .user = theirs, .children = true}};
    int rc = bench_interleave(ways, virsh ? 3 : 2, CLOCK_MONOTONIC, ROUND_MS);
    if (rc)
        return rc;
    printf("one call of %-8s %7.2f ms %7.2f ms", peer, bench_median(&ways[0]) / 1e6,
           bench_median(&ways[1]) / 1e6);
    print_spread("time", &ways[0], &ways[1], false);
    print_spread("CPU", &ways[0], &ways[1], true);
    if (virsh)
        printf("  virsh %.2f ms", bench_median(&ways[2]) / 1e6);
    putchar('\n');
    return 0;
}

/* ---- load ---- */

struct shape {
    const char *name;
    unsigned connections, in_flight, calls;
};

/* Seconds that `virwire call --repeat` says it took for the calls alone; 0: failed. */
static double run_repeat(char *virwire, const char *socket, const struct shape *s)
{
    char uri[256], calls[16], in_flight[16], connections[16], line[200] = "";
    int ends[2];
    unsigned long done = 0;
    double seconds = 0;
    snprintf(uri, sizeof(uri), "test+unix:///default?socket=%s", socket);
    snprintf(calls, sizeof(calls), "%u", s->calls);
    snprintf(in_flight, sizeof(in_flight), "%u", s->in_flight);
    snprintf(connections, sizeof(connections), "%u", s->connections);
    char *argv[] = {virwire,
                    "call",
                    "--repeat",
                    calls,
                    "--pipeline",
                    in_flight,
                    "--connections",
                    connections,
                    uri,
                    "domain_lookup_by_name",
                    "{\"name\": \"test\"}",
                    NULL};
    if (pipe2(ends, O_CLOEXEC))
        return 0;
    /* The line is shorter than what a pipe holds. */
    int rc = process_run(argv, ends[1]);
    close(ends[1]);
    ssize_t n = read(ends[0], line, sizeof(line) - 1);
    close(ends[0]);
    if (rc || n <= 0 || sscanf(line, "%lu calls in %lf s", &done, &seconds) != 2)
        return 0;
    return done == s->calls ? seconds : 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int load_row(const struct shape *s, const char *socket, char *virwire)
{
    const struct load_options o = {.socket = socket,
                                   .connections = s->connections,
                                   .in_flight = s->in_flight,
                                   .open = "test:///default"};
    struct bench_way ways[2] = {0};
    struct load *l = load_start(&o);
    int rc = l ? 0 : -1;
    for (size_t r = 0; rc == 0 && r < BENCH_ROUNDS; r++) {
        double seconds = run_repeat(virwire, socket, s), start = now();
        rc = seconds > 0 ? load_run(l, s->calls) : -1;
        ways[0].ns[r] = seconds * 1e9 / s->calls;
        ways[1].ns[r] = (now() - start) * 1e9 / s->calls;
    }
    load_stop(l);
    if (rc)
        return rc;
    printf("%-27s %8.0f calls/s %8.0f calls/s", s->name, 1e9 / bench_median(&ways[0]),
           1e9 / bench_median(&ways[1]));
    struct bench_spread part = bench_spread(&ways[1], &ways[0], false);
    printf("  %3.0f %% of raw (%.0f-%.0f)\n", 100 * part.median, 100 * part.low, 100 * part.high);
    return 0;
}

static int load_rows(const char *socket, char *virwire)
{
    static const struct shape shapes[] = {
        {"1 connection, 1 in flight", 1, 1, 2500},
        {"1 connection, 16 in flight", 1, 16, 25000},
        {"16 connections", 16, 1, 5000},
        {"256 connections", 256, 1, 5000},
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        rc = load_row(&shapes[i], socket, virwire);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 6) {
        fprintf(stderr, "Usage: bench-process VIRWIRE MINIMAL VIRWIRED-SOCKET [LIBVIRTD-SOCKET "
                        "[VIRSH]]\n");
        return 2;
    }
    printf("whole processes of one call, processor %d\n%-21s %10s %10s\n", bench_pin(), "",
           "virwire", "minimal");
    int rc = process_row("virwired", argv[3], argv[1], argv[2], NULL);
    if (rc == 0 && argc > 4)
        rc = process_row("libvirtd", argv[4], argv[1], argv[2], argc > 5 ? argv[5] : NULL);
    printf("`virwire call --repeat` on virwired\n%-27s %16s %16s\n", "", "virwire", "raw");
    if (rc == 0)
        rc = load_rows(argv[3], argv[1]);
    return rc ? 3 : 0;
}
