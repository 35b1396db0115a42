// SPDX-License-Identifier: MIT
// Whether a program takes more and more while it does the same again and again: what it and all
// that it has started hold is looked at now and then, and is told only where it grows all the time.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define VW_HOARD_LOOKS 1024

enum vw_hoard_of { VW_HOARD_DESCRIPTORS, VW_HOARD_MEMORY };

/* All zero: not looked at yet. */
struct vw_hoard {
    unsigned n;
    uint64_t seen[VW_HOARD_LOOKS][2]; /* by enum vw_hoard_of: open descriptors, resident bytes */
};

/* Looks at PROGRAM and its children, and takes it down while one of them has a socket: what happens
 * ahead of the connection is the start of the program. */
void vw_hoard_look(struct vw_hoard *g, pid_t program);
/* True if what it has OF has grown by LEAST from the first to the second and again to the third
 * quarter of the looks: *FROM and *TO then are what it had. Few looks say nothing. */
bool vw_hoard_judge(const struct vw_hoard *g, enum vw_hoard_of of, uint64_t least, uint64_t *from,
                    uint64_t *to);
