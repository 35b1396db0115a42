// SPDX-License-Identifier: MIT
// Whole processes as turns of a benchmark.
#pragma once

#include <stddef.h>

/* Runs ARGV (NULL at its end) until it ends, with its output at FD: 0, or -1 with a line on stderr.
 */
int process_run(char *const *argv, int fd);
/* A bench_way's run: N times ARGV, without its output. */
int process_run_many(void *argv, size_t n);
