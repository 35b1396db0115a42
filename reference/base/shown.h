// SPDX-License-Identifier: MIT
// Text of others as a terminal may have it: nothing in it moves the cursor, changes colours or the
// direction of writing. What could is written otherwise: control characters (C0, 0x7f and C1),
// marks that say in which direction text or where a line goes on, and bytes that are no UTF-8,
// which an old terminal takes for C1.
#pragma once

#include <stddef.h>
#include <stdio.h>

enum vw_shown_as {
    VW_SHOWN_BYTES, /* \xNN for each byte */
    VW_SHOWN_JSON   /* \uNNNN, which within a string of JSON is the same text */
};

#define VW_SHOWN_PIECE 16 /* bytes that one character may become, with a NUL */

/* How many of the LEN bytes at TEXT are fit to be shown as they are. */
size_t vw_shown_prefix(const char *text, size_t len);
/* Writes the first character of TEXT to PIECE, as it is or otherwise; how many of the LEN bytes it
 * has. */
size_t vw_shown_piece(const char *text, size_t len, enum vw_shown_as as,
                      char piece[VW_SHOWN_PIECE]);
/* In place, with '?' for each such character. */
void vw_shown_mark(char *text);
/* Writes LEN bytes to OUT. Ends of lines and tabs stay: TEXT has lines. */
void vw_shown_print(FILE *out, const char *text, size_t len, enum vw_shown_as as);
