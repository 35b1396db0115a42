// SPDX-License-Identifier: MIT
// A profile: the protocol as one release speaks it. It overrides constants, hides programs,
// procedures and union arms, replaces types, and holds the limits and answers that differ. Data,
// never a branch on a version number (reference/protocol/profiles).
#pragma once

#include <virwire/error.h>

#include "schema/schema.h"

enum vw_profile_dialect { VW_PROFILE_MODERN, VW_PROFILE_2007 };

struct vw_profile {
    const char *name; /* "9.0.0" */
    const struct vw_schema *schema;
    enum vw_profile_dialect dialect;
    uint32_t min_length_word; /* smallest acceptable length word (F-3) */
    uint32_t max_length_word; /* largest acceptable length word (F-4, F-6, F-7) */
    uint32_t string_max;      /* bytes (F-6) */
    uint32_t fds_max;         /* descriptors a message (P-2); 0: none */
};

struct vw_profile_options {
    /* Read .x files from this folder, or this one file, instead of the built-in ones; NULL:
     * built-in. Of the profile only limits and answers are then taken: its constants, types and
     * what it hides belong to the built-in files. */
    const char *schema_dir;
    const char *const *defines; /* "NAME=VALUE", ends at NULL; or NULL */
    /* Read the built-in texts even for the newest profile, of which the build has printed what they
     * come to; the result is the same. */
    bool parse;
};

/* Loads profile NAME (NULL: the newest); a name with '/', or that ends in .yaml, is a profile file.
 * OPTIONS may be NULL. The profile owns its schema. Errors: VW_ENAME (unknown, with the nearest
 * known name), VW_EUSAGE (the file cannot be read), VW_ESYNTAX, VW_ELIMIT, VW_ENOMEM, VW_ESYSTEM.
 */
int vw_profile_load(const char *name, const struct vw_profile_options *options,
                    struct vw_profile **out, struct vw_error *err);
void vw_profile_destroy(struct vw_profile *p);

/* The file that the last failed vw_profile_load of this thread is about; "" when none. */
const char *vw_profile_error_file(void);

/* Names of the built-in profiles, oldest first, ends at NULL. */
const char *const *vw_profile_names(void);

/* An answer that differs between releases ("open_unknown_driver.code"), or FALLBACK. */
int64_t vw_profile_answer(const struct vw_profile *p, const char *key, int64_t fallback);
const char *vw_profile_answer_text(const struct vw_profile *p, const char *key,
                                   const char *fallback);
