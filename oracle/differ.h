// SPDX-License-Identifier: MIT
// Compares our codec with the oracle on one value or one stretch of bytes: acceptance, length and
// the bytes that come out again. Strings end at their first NUL for libtirpc, which is the only way
// in which what comes out may differ; the comparison cuts ours the same way and counts it.
#pragma once

#include "oracle/oracle.h"
#include "xdr/xdr.h"

struct differ {
    const struct vw_type *type;
    const struct vw_oracle_type *oracle;
    struct vw_arena arena;
    struct vw_buf ours;
    struct vw_buf theirs;
    size_t accepted; /* by both */
    size_t refused;  /* by both */
    size_t cut;      /* strings that held a NUL */
    char text[400];  /* the first difference */
};

void differ_init(struct differ *d);
void differ_finish(struct differ *d);

/* What is compared from now on. False, with text, if the oracle has no type of that name. */
bool differ_set(struct differ *d, enum vw_oracle_release release, const struct vw_type *t);

/* Decodes BYTES with both and encodes what came out with both. */
bool differ_bytes(struct differ *d, const void *bytes, size_t len);

/* Encodes VALUE; the oracle must decode all of it, encode the same bytes again, and our decoder
 * give an equal value. */
bool differ_value(struct differ *d, const void *value);
