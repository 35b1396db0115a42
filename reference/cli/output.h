// SPDX-License-Identifier: MIT
// Output files that are there as a whole or not at all. What is written goes to a temporary file
// beside the wanted one, which is renamed at the end; errors, SIGINT, SIGTERM and SIGHUP remove it.
#pragma once

#include <signal.h>
#include <stdio.h>

struct vw_error;
struct vw_output;

/* Starts the output PATH; "-" or NULL is stdout. What is no regular file (a pipe, /dev/null) is
 * written in place. VW_EUSAGE when the file cannot be made, VW_ENOMEM. */
int vw_output_open(const char *path, struct vw_output **out, struct vw_error *err);

/* The same while a peer waits for us: a FIFO that nobody reads is VW_EUSAGE, and not waited for. */
int vw_output_open_ready(const char *path, struct vw_output **out, struct vw_error *err);

/* The same for what others read while it is written: the file that was there goes at once, and a
 * part of the new one stays when the program is ended. */
int vw_output_open_live(const char *path, struct vw_output **out, struct vw_error *err);

/* Where to write; errors may be left to vw_output_commit. */
FILE *vw_output_file(struct vw_output *out);

/* Flushes, puts the file in place and frees OUT, also on failure: VW_ESYSTEM, with no file left.
 * What goes wrong with stdout is left to vw_stdout_finish. */
int vw_output_commit(struct vw_output *out, struct vw_error *err);

/* Forgets the file and frees OUT; NULL is safe. */
void vw_output_abandon(struct vw_output *out);

/* From now on the first SIGINT, SIGTERM or SIGHUP is but noted: what is returned is then the
 * signal, and 0 before. One that comes a quarter of a second later, or more, ends the program as
 * ever. */
const volatile sig_atomic_t *vw_output_note_interrupts(void);

/* Writing to stdout has failed: for vw_stdout_finish to tell, so that it is told once. */
void vw_stdout_failed(int sys_errno);

/* For main: flushes stdout. Returns VW_EXIT_OK, or reports and returns VW_EXIT_TOOL; ends the
 * process by SIGPIPE when the reader went away, as any tool in a pipe does. */
int vw_stdout_finish(void);

/* Makes the folder PATH unless it is there. VW_EUSAGE. */
int vw_output_folder(const char *path, struct vw_error *err);

/* From here on a signal that asks for an end does not end the program, but is read from *FD, which
 * is -1 before. 0, or the exit status after a report by COMMAND. */
int vw_output_signals(const char *command, int *fd);
