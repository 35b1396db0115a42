// SPDX-License-Identifier: MIT
// What stands where a message should begin, and where messages go on: for people, since the
// protocol itself has no way back (F-12). Nothing is said of what real peers send.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include "message/message.h"

struct vw_diagnosis {
    const char *kind; /* one word, static: "http", "tls", "shifted" */
    char text[120];   /* for the end of a sentence: "an HTTP request (GET / HTTP/1.1)" */
    size_t resume;    /* so many bytes on a message begins; as many as there are: none does */
};

/* True where a header as real peers send them stands behind a length word: VW_PREFIX_BYTES of it
 * are at BYTES. */
bool vw_message_likely(const struct vw_limits *limits, const uint8_t *bytes);
/* The offset of the first likely message in LEN bytes that ends with them, beyond them or where the
 * next one begins; LEN: there is none. */
size_t vw_message_find(const struct vw_limits *limits, const uint8_t *bytes, size_t len);

/* LEN bytes stand where a message should begin, behind one of BEFORE_LEN bytes at BEFORE (NULL: not
 * known). False: they may begin one, or it cannot be said what they are; RESUME is set all the
 * same. */
bool vw_diagnose(const struct vw_limits *limits, const uint8_t *bytes, size_t len,
                 const uint8_t *before, size_t before_len, struct vw_diagnosis *out);
