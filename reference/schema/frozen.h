// SPDX-License-Identifier: MIT
// The newest profile as it lies in memory, so that a program need not read a fifth of a megabyte of
// text when it starts. freeze.c makes it at build time from what the parser makes of the same
// texts; test-frozen.c compares the two.
#pragma once

#include "schema/settings.h"

/* What stands at the start of the image: a profile and the lists of its finished schema. */
struct vw_frozen {
    struct vw_profile profile; /* its schema is NULL */
    struct vw_setting *answers;
    const char *digest;
    struct vw_type *all; /* also those without a name */
    const struct vw_type **types;
    const struct vw_const **consts;
    const struct vw_program **programs;
    const uint16_t *by_name; /* indices of TYPES, by name */
    size_t n_all, n_types, n_consts, n_programs;
};

/* A word that POINTERS marks is NULL or a distance plus one: from the start of the image if it is
 * within, else, less the image's size, from the start of TEXT; what goes beyond that too is the
 * number of a basic type. */
struct vw_image {
    const char *profile; /* its name */
    const uint64_t *words;
    const uint64_t *pointers; /* a bit for each word, the lowest first */
    size_t n_words;
    const char *text;
    size_t text_len;
};

/* NULL in the program that makes it. */
extern const struct vw_image *const vw_newest_image;
