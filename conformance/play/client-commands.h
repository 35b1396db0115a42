// SPDX-License-Identifier: MIT
// What a client can be told to do: one command line for all, or a file that has one for each thing
// that cases ask for.
#pragma once

#include <stdbool.h>
#include <virwire/error.h>
#include <virwire/memory.h>

/* What cases ask for ("open", "list", ...), ends at NULL, and a line about each. */
extern const char *const vw_does_words[];
extern const char *const vw_does_about[];

/* Exit statuses of a client that cannot do what is asked for. */
#define VW_NOT_SUPPORTED     77
#define VW_NOT_SUPPORTED_TOO 89

/* Why a case is skipped that wants something else of it. */
#define VW_NOBODY_SAYS "nobody says how the client does \"%s\""

struct vw_client_commands {
    const char *name;
    const char *const *version; /* prints what it is; ends at NULL; or NULL */
    const char *const **argv;   /* by the place in vw_does_words; each ends at NULL; NULL: cannot */
};

/* ARGV for all that DOES names (words of vw_does_words with commas between). NULL: for everything
 * if {does} stands in it, else for `open` alone. ARGV stays the caller's. VW_EUSAGE, VW_ENOMEM. */
int vw_client_commands_plain(const char *const *argv, const char *does, struct vw_arena *arena,
                             struct vw_client_commands *out, struct vw_error *err);
/* The file PATH. VW_EUSAGE, VW_ESYNTAX with line and column, VW_ENOMEM. */
int vw_client_commands_load(const char *path, struct vw_arena *arena,
                            struct vw_client_commands *out, struct vw_error *err);
/* Whether all of them can be started, before a case is played. VW_EUNREACHABLE: the first that
 * cannot. */
int vw_client_commands_check(const struct vw_client_commands *c, struct vw_error *err);
/* The place of WORD in vw_does_words, or -1. */
int vw_does_find(const char *word);
/* Whether who does WORD makes the same call again and again. */
bool vw_does_repeat(const char *word);
