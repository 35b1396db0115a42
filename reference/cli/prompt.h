// SPDX-License-Identifier: MIT
// A question on the terminal of the process, with a deadline.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

/* Asks TEXT on the controlling terminal, not on stdin, and puts the line that is typed into BUF
 * with a NUL. ECHO false: it is not shown. VW_ENAME: there is no terminal (the process may also be
 * in its background), or none wants to answer (end of file, ^C, which is then raised as SIGINT);
 * VW_ETIMEOUT at DEADLINE_MS of CLOCK_MONOTONIC; VW_ELIMIT: the line is too long. The terminal is
 * then as before. */
int vw_prompt(const char *text, bool echo, int64_t deadline_ms, char *buf, size_t size,
              struct vw_error *err);
