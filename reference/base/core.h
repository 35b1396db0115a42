// SPDX-License-Identifier: MIT
// Engine: it may change
// Core files have all that a process knows, passwords too.
#pragma once

/* From here on the system writes no core of this process, and no process of the same user reads its
 * memory (ptrace, /proc/PID/mem): it holds a secret. Programs that it starts are as they were.
 * Nothing undoes it. */
void vw_core_forbid(void);
