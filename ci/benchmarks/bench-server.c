// SPDX-License-Identifier: MIT
// virwired beside a raw echo server of the same sizes and a real libvirtd, under one light load
// client, all on one processor, in interleaved rounds. Usage: bench-server VIRWIRED-SOCKET
// [LIBVIRTD-SOCKET]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "load.h"

struct shape {
    const char *name;
    unsigned connections, in_flight;
};

static const struct shape shapes[] = {
    {"1 connection, 1 in flight", 1, 1},
    {"1 connection, 16 in flight", 1, 16},
    {"16 connections", 16, 1},
    {"256 connections", 256, 1},
};

static int run_load(void *user, size_t n)
{
    return load_run(user, n);
}

struct peer {
    const char *name, *socket;
    const char *open;
    pid_t pid; /* 0: who listens there */
};

static int run_shape(const struct shape *s, const struct peer *peers, size_t n)
{
    struct bench_way ways[3] = {0};
    int rc = 0;
    size_t started = 0;
    for (; started < n; started++) {
        struct load_options o = {.socket = peers[started].socket,
                                 .connections = s->connections,
                                 .in_flight = s->in_flight,
                                 .open = peers[started].open};
        struct load *l = load_start(&o);
        if (!l)
            break;
        pid_t pid = peers[started].pid ? peers[started].pid : load_server(l);
        ways[started] = (struct bench_way){.name = peers[started].name, run_load, l, .server = pid};
    }
    rc = started < n ? -1 : bench_interleave(ways, n, CLOCK_MONOTONIC, 25);
    if (!rc) {
        printf("%-27s %8.0f calls/s %8.0f calls/s %5.0f %%  CPU %5.2f x", s->name,
               1e9 / bench_median(&ways[0]), 1e9 / bench_median(&ways[1]),
               100 * bench_ratio(&ways[0], &ways[1]),
               bench_spread(&ways[1], &ways[0], true).median);
        if (n > 2)
            printf(" %8.0f calls/s %6.1f x", 1e9 / bench_median(&ways[2]),
                   bench_ratio(&ways[2], &ways[1]));
        putchar('\n');
    }
    for (size_t i = 0; i < started; i++)
        load_stop(ways[i].user);
    return rc;
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/vw-bench.XXXXXX", socket[64];
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "Usage: bench-server VIRWIRED-SOCKET [LIBVIRTD-SOCKET]\n");
        return 2;
    }
    if (!mkdtemp(dir)) {
        perror("bench-server: mkdtemp");
        return 3;
    }
    snprintf(socket, sizeof(socket), "%s/echo", dir);
    pid_t echo = echo_start(echo_listen_unix(socket));
    struct peer peers[] = {{"echo", socket, NULL, echo},
                           {"virwired", argv[1], "test:///default"},
                           {"libvirtd", argc > 2 ? argv[2] : NULL, "test:///default"}};
    printf("DOMAIN_LOOKUP_BY_NAME over UNIX sockets, 36 bytes out, 56 back; medians of %d rounds\n"
           "%-27s %16s %16s %7s %12s %16s\n",
           BENCH_ROUNDS, "", "echo", "virwired", "of echo", "of the server",
           argc > 2 ? "libvirtd" : "");
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        rc = run_shape(&shapes[i], peers, argc > 2 ? 3 : 2);
    echo_stop(echo);
    unlink(socket);
    rmdir(dir);
    return rc ? 3 : 0;
}
