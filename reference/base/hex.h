// SPDX-License-Identifier: MIT
// Bytes as hex digits and back: exact for JSON and options, and lax for text that people write.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>

/* 0 to 15, or -1 for what is no hex digit. */
int vw_hex_value(int c);

/* Writes 2 * N lower-case digits and a NUL to OUT. */
void vw_hex_encode(const void *bytes, size_t n, char *out);

/* LEN digits, nothing between them, into LEN / 2 bytes at OUT. False for anything else. */
bool vw_hex_decode(const char *text, size_t len, uint8_t *out);

/* Lax reading, piece by piece: white space may stand anywhere but within a byte, and '#' begins a
 * comment up to the end of its line. */
struct vw_hex_reader {
    int high;     /* the first digit of a byte plus 1; 0: none is open */
    bool comment; /* within a comment */
    unsigned line, column;
};

void vw_hex_reader_init(struct vw_hex_reader *r);
/* Adds the bytes of LEN characters to OUT, which has room for LEN / 2 + 1; *N is how many.
 * VW_ESYNTAX with line and column. */
int vw_hex_reader_feed(struct vw_hex_reader *r, const char *text, size_t len, uint8_t *out,
                       size_t *n, struct vw_error *err);
/* VW_ESYNTAX when half a byte is left. */
int vw_hex_reader_end(const struct vw_hex_reader *r, struct vw_error *err);
