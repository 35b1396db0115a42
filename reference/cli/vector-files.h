// SPDX-License-Identifier: MIT
// Files of vectors as users of Wycheproof know them: one for each .x file of the protocol, of which
// each type is a group of tests. Deterministic to the byte.
#pragma once

#include "conformance/cases/vectors.h"

struct vw_vector_files;

/* PROFILE: what the files say that they are of. VW_ENOMEM. */
int vw_vector_files_create(const char *profile, struct vw_vector_files **out, struct vw_error *err);
void vw_vector_files_destroy(struct vw_vector_files *f);

/* V becomes a test; those of one type come one behind the other. VW_ENOMEM, VW_ELIMIT. */
int vw_vector_files_take(struct vw_vector_files *f, const struct vw_vector *v,
                         struct vw_error *err);
/* Writes them all into the folder DIR, which is made if there is none. Files of theirs that are
 * there are replaced. VW_EUSAGE, VW_ESYSTEM, VW_ENOMEM. */
int vw_vector_files_write(struct vw_vector_files *f, const char *dir, struct vw_error *err);
