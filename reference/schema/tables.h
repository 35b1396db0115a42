// SPDX-License-Identifier: MIT
// The newest profile as C tables, so that a program need not read a fifth of a megabyte of text
// when it starts. make-tables.c prints them at build time from what the parser makes of the same
// texts; test-tables.c compares the two.
#pragma once

#include "schema/settings.h"

/* A profile and the lists of its finished schema. */
struct vw_tables {
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

/* NULL in the program that prints them. */
extern const struct vw_tables *const vw_newest_tables;
