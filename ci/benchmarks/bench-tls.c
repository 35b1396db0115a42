// SPDX-License-Identifier: MIT
// virwired beside a real libvirtd over TLS, one call at a time through bare GnuTLS, on one
// processor, in interleaved rounds. Usage: bench-tls PKI VIRWIRED-URI LIBVIRTD-URI, where PKI is a
// folder made by ci/make-pki, and the URIs have a port of 127.0.0.1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "tls.h"

#define ROUND_MS 25

static int run_tls(void *user, size_t n)
{
    return tls_load_run(user, n);
}

static uint16_t port_of(const char *uri)
{
    const char *colon = strrchr(uri, ':');
    return colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    struct tls_load *loads[2] = {0};
    struct bench_way ways[2] = {{.run = run_tls}, {.run = run_tls}};
    int rc = 0;
    if (argc != 4) {
        fprintf(stderr, "Usage: bench-tls PKI VIRWIRED-URI LIBVIRTD-URI\n");
        return 2;
    }
    for (size_t i = 0; i < 2; i++) {
        loads[i] = tls_load_start(port_of(argv[2 + i]), argv[1], "test:///default");
        ways[i].user = loads[i];
        rc = loads[i] ? rc : -1;
    }
    if (!rc) {
        printf("DOMAIN_LOOKUP_BY_NAME over TLS, 36 bytes out, 56 back; processor %d; medians of %d "
               "rounds\n",
               bench_pin(), BENCH_ROUNDS);
        rc = bench_interleave(ways, 2, CLOCK_MONOTONIC, ROUND_MS);
    }
    if (!rc)
        printf("virwired %8.0f calls/s  libvirtd %8.0f calls/s  %5.1f x\n",
               1e9 / bench_median(&ways[0]), 1e9 / bench_median(&ways[1]),
               bench_ratio(&ways[1], &ways[0]));
    for (size_t i = 0; i < 2; i++)
        tls_load_stop(loads[i]);
    return rc ? 3 : 0;
}
