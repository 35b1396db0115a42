// SPDX-License-Identifier: MIT
// Reading the options of a subcommand, and the values that several of them take.
#pragma once

#include <stdint.h>

struct option;

/* The next option as getopt_long gives it (long options and their one-letter forms in SHORTS), -1
 * at the end. One that is unknown, ambiguous or lacks its argument is reported on stderr for
 * COMMAND, with the nearest known one, and gives '?': return VW_EXIT_USAGE then. Values of struct
 * option.val must not be '?' or ':'. A leading '+' in SHORTS stops at the first operand. */
int vw_cli_getopt(const char *command, int argc, char **argv, const char *shorts,
                  const struct option *longs);

/* Whole seconds or a decimal fraction ("5", "0.25") into milliseconds, rounded up. At most MAX_MS,
 * and not 0 unless ZERO. 0, or VW_EXIT_USAGE after the report that names OPTION. */
int vw_cli_seconds(const char *command, const char *option, const char *text, int zero, int max_ms,
                   int *ms);

/* A whole number from MIN to MAX, decimal or 0x. 0, or VW_EXIT_USAGE after the report that names
 * OPTION. */
int vw_cli_number(const char *command, const char *option, const char *text, uint64_t min,
                  uint64_t max, uint64_t *value);
