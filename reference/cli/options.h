// SPDX-License-Identifier: MIT
// Reading the options of a subcommand, and the values that several of them take.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One option of a command, and where its value goes: to those of the pointers that are not NULL. */
struct vw_cli_option {
    const char *name;  /* behind "--"; NULL ends a list of options */
    char letter;       /* its short form; 0: none */
    bool bare;         /* the value may be left out, and is then NULL */
    bool *flag;        /* set to true; the option takes no value */
    const char **text; /* the value as it stands */
    const char **list; /* gets one more, at N */
    size_t *n;
    int *ms; /* seconds, more than 0 */
    uint64_t *number;
    unsigned *count; /* as NUMBER, below 2^32 */
    uint64_t min;    /* of NUMBER and COUNT */
    uint64_t max;    /* of them too; of MS, in milliseconds; of the items in LIST */
    /* 0, or an exit status after its own report. */
    int (*take)(const char *command, void *user, const char *value);
    void *user;
};

/* Reads the options of COMMAND; the operands stand from optind on. 0, or VW_EXIT_USAGE (or what a
 * TAKE says) after a report on stderr: of an option that is unknown (with the nearest known one),
 * ambiguous or lacks its value, or of a value that does not fit. */
int vw_cli_options(const char *command, int argc, char **argv, const struct vw_cli_option *options);

/* Whole seconds or a decimal fraction ("5", "0.25") into milliseconds, rounded up. At most MAX_MS,
 * and not 0 unless ZERO. 0, or VW_EXIT_USAGE after the report that names OPTION. */
int vw_cli_seconds(const char *command, const char *option, const char *text, int zero, int max_ms,
                   int *ms);

/* A whole number from MIN to MAX, decimal or 0x. 0, or VW_EXIT_USAGE after the report that names
 * OPTION. */
int vw_cli_number(const char *command, const char *option, const char *text, uint64_t min,
                  uint64_t max, uint64_t *value);
