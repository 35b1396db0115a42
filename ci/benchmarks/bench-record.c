// SPDX-License-Identifier: MIT
// What `virwire capture record` costs between a client and a libvirtd: synchronous calls and whole
// runs of virsh, with it and without, on one processor, in interleaved rounds. Usage: bench-record
// LIBVIRTD-SOCKET RECORDER-SOCKET VIRSH
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "load.h"
#include "process.h"

#define ROUND_MS 25

static int row(const char *what, struct bench_way *ways, double goal)
{
    int rc = bench_interleave(ways, 2, CLOCK_MONOTONIC, ROUND_MS);
    if (rc)
        return rc;
    struct bench_spread s = bench_spread(&ways[0], &ways[1], false);
    printf("%-14s %9.1f us %9.1f us  time %5.2f x (%.2f-%.2f)  goal %.2f\n", what,
           bench_median(&ways[0]) / 1e3, bench_median(&ways[1]) / 1e3, s.median, s.low, s.high,
           goal);
    return 0;
}

static int run_load(void *user, size_t n)
{
    return load_run(user, n);
}

static int calls(char *const *sockets)
{
    struct bench_way ways[2] = {{.run = run_load}, {.run = run_load}};
    int rc = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct load_options o = {
            .socket = sockets[1 - i], .connections = 1, .in_flight = 1, .open = "test:///default"};
        ways[i].user = load_start(&o);
        rc = ways[i].user ? rc : -1;
    }
    if (!rc)
        rc = row("a call", ways, 1.4);
    for (size_t i = 0; i < 2; i++)
        load_stop(ways[i].user);
    return rc;
}

static int runs_of_virsh(char *const *sockets, char *virsh)
{
    char uris[2][256];
    char *argv[2][6];
    struct bench_way ways[2];
    for (size_t i = 0; i < 2; i++) {
        snprintf(uris[i], sizeof(uris[i]), "test+unix:///default?socket=%s", sockets[1 - i]);
        char *words[] = {virsh, "-c", uris[i], "dominfo", "test", NULL};
        for (size_t k = 0; k < 6; k++)
            argv[i][k] = words[k];
        ways[i] = (struct bench_way){.run = process_run_many, .user = argv[i], .children = true};
    }
    return row("a run of virsh", ways, 1.15);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "Usage: bench-record LIBVIRTD-SOCKET RECORDER-SOCKET VIRSH\n");
        return 2;
    }
    printf("through virwire capture record to libvirtd; processor %d; %d rounds, medians and "
           "quartiles\n%-14s %12s %12s\n",
           bench_pin(), BENCH_ROUNDS, "", "recorded", "direct");
    int rc = calls(argv + 1);
    if (!rc)
        rc = runs_of_virsh(argv + 1, argv[3]);
    return rc ? 3 : 0;
}
