// SPDX-License-Identifier: MIT
// Errors and warnings of a subcommand: always one line on stderr.
#pragma once

struct vw_error;

/* Prints "virwire COMMAND: TEXT" (COMMAND may be NULL) and returns STATUS, an enum vw_exit. */
int vw_cli_error(const char *command, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints what ERR holds, with FILE (may be NULL) in front of its line, and returns the exit status
 * of its code. */
int vw_cli_fail(const char *command, const char *file, const struct vw_error *err);

/* As vw_cli_fail, for what the user gave (a URI, a name, a file of the suite): whatever is wrong
 * with it is wrong usage, VW_EXIT_USAGE, and no finding; only VW_ENOMEM and VW_ESYSTEM keep their
 * own. */
int vw_cli_fail_input(const char *command, const char *file, const struct vw_error *err);

/* Prints "virwire COMMAND: warning: TEXT". */
void vw_cli_warn(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
