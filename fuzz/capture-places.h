// SPDX-License-Identifier: MIT
// Where packets of a file may lie, and what is found in them, by a second reading of its blocks.
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Reads a file of packets in one piece, and fails an oracle where a packet, its comment or its
 * segment lies elsewhere than in its own block. */
void vw_places_check(const uint8_t *file, size_t len);
