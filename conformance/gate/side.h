// SPDX-License-Identifier: MIT
// One of the two versions that are compared: where it comes from, its files and its schema.
#pragma once

#include "schema/profile.h"

struct vw_gate_file {
    const char *name; /* as findings give it */
    const char *base; /* the same without folders and what chose the version */
    const char *text;
    size_t len;
};

struct vw_gate_side {
    struct vw_arena arena;
    const char *name;           /* as the user gave it */
    struct vw_profile *profile; /* NULL: it is none */
    struct vw_schema *own;      /* NULL: the profile's */
    const struct vw_schema *schema;
    struct vw_gate_file *files; /* none of a profile */
    size_t n_files;
    bool annotated;   /* some procedure has annotations; else they are not compared */
    const char *wire; /* the digest that a lock names; NULL: none does */
    const char *error_file;
};

/* What NAME says: the name of a profile, a folder, a .x file, a lock, REPOSITORY@REVISION:PATH, or
 * "-" (stdin, either form). DEFINES: as for vw_profile_load. VW_EUSAGE, VW_ESYNTAX and so on, with
 * error_file set; a side that defines nothing is VW_EUSAGE. To be finished in either case. */
int vw_gate_side_load(struct vw_gate_side *s, const char *name, const char *const *defines,
                      struct vw_error *err);
/* The same of texts that the caller has: add them, then make it. */
int vw_gate_side_start(struct vw_gate_side *s, const char *name);
int vw_gate_side_add(struct vw_gate_side *s, const char *file, const char *text, size_t len,
                     struct vw_error *err);
int vw_gate_side_make(struct vw_gate_side *s, const char *const *defines, struct vw_error *err);
void vw_gate_side_finish(struct vw_gate_side *s);
/* Some procedure of S has annotations. */
bool vw_gate_is_annotated(const struct vw_schema *s);

/* The rule that ERR, of a side, is a finding of: GEN001, or a stricter one. OLD: of the old side.
 */
const char *vw_gate_error_rule(const struct vw_error *err, bool old);

/* ---- lock.c ---- */

bool vw_gate_is_lock(const char *text, size_t len);
/* The lock TEXT as .x text in ARENA, line for line. VW_ESYNTAX with its line, VW_ENOMEM. */
int vw_gate_lock_to_x(const char *text, size_t len, struct vw_arena *arena, const char **out,
                      size_t *out_len, struct vw_error *err);

/* ---- git.c ---- */

/* Adds the .x files of REPOSITORY@REVISION:PATH, or the one file. */
int vw_gate_git_add(struct vw_gate_side *s, const char *name, struct vw_error *err);
