// SPDX-License-Identifier: MIT
// Timing for the benchmarks. Machines are noisy: times are CPU times of this thread, and what
// counts is the ratio of two ways in the same round.
#include "bench.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

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

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static double cpu_ns(const struct bench_way *w)
{
    struct rusage u;
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    if (w->server && clock_getcpuclockid(w->server, &clock))
        return 0;
    if (!w->children)
        return now_ns(clock);
    getrusage(RUSAGE_CHILDREN, &u);
    return (seconds(u.ru_utime) + seconds(u.ru_stime)) * 1e9;
}

static int measure(struct bench_way *w, size_t turns, clockid_t clock, double *ns, double *cpu)
{
    double cpu_start = cpu_ns(w);
    double start = now_ns(clock);
    int rc = w->run(w->user, turns);
    *ns = (now_ns(clock) - start) / (double)turns;
    *cpu = (cpu_ns(w) - cpu_start) / (double)turns;
    return rc;
}

/* Turns that take about ROUND_MS. */
static int calibrate(struct bench_way *w, clockid_t clock, double round_ms, size_t *turns)
{
    double ns = 0, cpu;
    int rc = 0;
    for (*turns = 1; !rc && ns * (double)*turns < round_ms * 1e6; *turns *= 2)
        rc = measure(w, *turns, clock, &ns, &cpu);
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
            rc = measure(&ways[i], turns[i], clock, &ways[i].ns[r], &ways[i].cpu[r]);
        }
    }
    return rc;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct bench_spread spread(const double *v)
{
    double sorted[BENCH_ROUNDS];
    memcpy(sorted, v, sizeof(sorted));
    qsort(sorted, BENCH_ROUNDS, sizeof(*sorted), compare);
    return (struct bench_spread){sorted[BENCH_ROUNDS / 4], sorted[BENCH_ROUNDS / 2],
                                 sorted[BENCH_ROUNDS * 3 / 4]};
}

double bench_median(const struct bench_way *w)
{
    return spread(w->ns).median;
}

double bench_least(const struct bench_way *w)
{
    double least = w->ns[0];
    for (size_t i = 1; i < BENCH_ROUNDS; i++)
        least = w->ns[i] < least ? w->ns[i] : least;
    return least;
}

double bench_median_cpu(const struct bench_way *w)
{
    return spread(w->cpu).median;
}

struct bench_spread bench_spread(const struct bench_way *a, const struct bench_way *b, bool cpu)
{
    double ratio[BENCH_ROUNDS];
    for (size_t i = 0; i < BENCH_ROUNDS; i++)
        ratio[i] = cpu ? a->cpu[i] / b->cpu[i] : a->ns[i] / b->ns[i];
    return spread(ratio);
}

double bench_ratio(const struct bench_way *a, const struct bench_way *b)
{
    return bench_spread(a, b, false).median;
}
