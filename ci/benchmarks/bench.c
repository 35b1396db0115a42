// SPDX-License-Identifier: MIT
// Timing for the benchmarks. Machines are noisy: times are CPU times of this thread, and what
// counts is the ratio of two ways in the same round.
#include "bench.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

int bench_pin(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set))
        return -1;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
        if (!CPU_ISSET(cpu, &set))
            continue;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        return sched_setaffinity(0, sizeof(set), &set) ? -1 : cpu;
    }
    return -1;
}

static double now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int measure(struct bench_way *w, size_t turns, clockid_t clock, double *ns)
{
    double start = now_ns(clock);
    int rc = w->run(w->user, turns);
    *ns = (now_ns(clock) - start) / (double)turns;
    return rc;
}

/* Turns that take about ROUND_MS. */
static int calibrate(struct bench_way *w, clockid_t clock, double round_ms, size_t *turns)
{
    double ns = 0;
    int rc = 0;
    for (*turns = 1; !rc && ns * (double)*turns < round_ms * 1e6; *turns *= 2)
        rc = measure(w, *turns, clock, &ns);
    return rc;
}

int bench_interleave(struct bench_way *ways, size_t n_ways, clockid_t clock, double round_ms)
{
    size_t turns[16];
    int rc = 0;
    for (size_t i = 0; !rc && i < n_ways; i++)
        rc = calibrate(&ways[i], clock, round_ms, &turns[i]);
    for (size_t r = 0; !rc && r < BENCH_ROUNDS; r++) {
        for (size_t k = 0; !rc && k < n_ways; k++) {
            size_t i = r % 2 ? n_ways - 1 - k : k;
            rc = measure(&ways[i], turns[i], clock, &ways[i].ns[r]);
        }
    }
    return rc;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *v)
{
    double sorted[BENCH_ROUNDS];
    memcpy(sorted, v, sizeof(sorted));
    qsort(sorted, BENCH_ROUNDS, sizeof(*sorted), compare);
    return sorted[BENCH_ROUNDS / 2];
}

double bench_median(const struct bench_way *w)
{
    return median(w->ns);
}

double bench_ratio(const struct bench_way *a, const struct bench_way *b)
{
    double ratio[BENCH_ROUNDS];
    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        ratio[i] = a->ns[i] / b->ns[i];
    return median(ratio);
}
