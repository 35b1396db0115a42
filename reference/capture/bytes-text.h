// SPDX-License-Identifier: MIT
// Bytes as people have them in text, in any of these forms, line by line:
//
//     hex digits          0000001c 20008086, 00:00:00:1c, 00-00-00-1C, \x00\x00\x00\x1c
//     dumps               xxd, hexdump -C, od -t x1, tcpdump -X, Wireshark's "copy as hex dump"
//     base64              AAAAHCAAgIYAAAAB, at least 16 characters in a line
//     calls and strings   strace and ltrace of read, recv, write, send and their kind; "\0\0\0\34"
//     arrays              C and Go: {0x00, 0x1c}, {0, 28}, [0 0 0 28]
//
// '#', "//" and what is between slash and star are comments. Dumps are held against their offsets,
// and a line "*" stands for repeated ones.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/error.h>

#include "capture/traced-calls.h"
#include "xdr/xdr.h"

/* How many bytes all lines "*" of a text can stand for. */
#define VW_TEXT_REPEAT_MAX ((uint64_t)1 << 20)

struct vw_bytes_text {
    struct vw_buf line; /* that has not all come */
    unsigned number;    /* of the line that is read, from 1 */
    bool failed;        /* an error was told */
    /* Between lines: */
    bool comment; /* within one of slash and star */
    enum { VW_TEXT_WORDS, VW_TEXT_ARRAY, VW_TEXT_PAIRS, VW_TEXT_DECIMAL } array;
    bool dump, repeat;
    uint64_t base;     /* of the dump: the offset of its first line */
    uint64_t here;     /* bytes of it so far */
    uint64_t repeated; /* bytes that were not there, in all dumps */
    uint8_t last[64];  /* the end of its last line */
    size_t last_len;
    struct vw_traced_calls calls;
};

void vw_bytes_text_init(struct vw_bytes_text *t);
void vw_bytes_text_finish(struct vw_bytes_text *t);
/* Adds the bytes of LEN characters to OUT, as far as their lines have ended. VW_ESYNTAX with line
 * and column, VW_ELIMIT, VW_ENOMEM. */
int vw_bytes_text_feed(struct vw_bytes_text *t, const char *text, size_t len, struct vw_buf *out,
                       struct vw_error *err);
/* The same for a last line without an end. */
int vw_bytes_text_end(struct vw_bytes_text *t, struct vw_buf *out, struct vw_error *err);
