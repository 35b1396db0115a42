// SPDX-License-Identifier: MIT
// What the benchmarks share: one pinned core, interleaved rounds, medians of ratios.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define BENCH_ROUNDS 31

/* One way of doing the work: does it N times; anything but 0 ends the benchmark. */
struct bench_way {
    const char *name;
    int (*run)(void *user, size_t n);
    void *user;
    bool children;            /* cpu is that of the processes that RUN started and waited for */
    pid_t server;             /* or that of this one, which runs all the time; 0: neither */
    double ns[BENCH_ROUNDS];  /* per turn, of each round */
    double cpu[BENCH_ROUNDS]; /* CPU time of this process, the same way */
};

/* Quartiles over the rounds. */
struct bench_spread {
    double low, median, high;
};

/* Binds the process to the last processor that it may use. Its number, or -1. */
int bench_pin(void);

/* Runs all ways (at most 16) in turn, BENCH_ROUNDS times, each about ROUND_MS of CLOCK long; the
 * order changes from round to round. 0, or what a way returned. */
int bench_interleave(struct bench_way *ways, size_t n_ways, clockid_t clock, double round_ms);

/* Median of a way's rounds; of its CPU time. */
double bench_median(const struct bench_way *w);
double bench_median_cpu(const struct bench_way *w);
/* A way's quickest round: what else the machine does only adds. */
double bench_least(const struct bench_way *w);
/* Median over the rounds of A's time divided by B's of the same round. */
double bench_ratio(const struct bench_way *a, const struct bench_way *b);
/* The same with its quartiles, of CPU time if CPU. */
struct bench_spread bench_spread(const struct bench_way *a, const struct bench_way *b, bool cpu);

/* Allocations of this process so far; with count-malloc.c only. */
size_t bench_allocations(void);
