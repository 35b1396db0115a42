// SPDX-License-Identifier: MIT
// The oracle: what stock rpcgen makes of the same .x files, linked with libtirpc. An independent
// second codec, which tests, fuzz targets and benchmarks compare with byte for byte. It needs
// nothing of ours at run time. Not hardened: give it a process of a test.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A named type (struct, union, typedef, enum) and its filter. Opaque to callers but for the name.
 */
struct vw_oracle_type {
    const char *name;
    size_t size; /* bytes of the C value that rpcgen declares */
    void (*filter)(void);
};

/* The newest release, and 0.3.0, whose types have the same names. */
enum vw_oracle_release { VW_ORACLE_NEWEST, VW_ORACLE_2007 };

/* All types of a release. */
const struct vw_oracle_type *vw_oracle_types(enum vw_oracle_release release, size_t *n);
/* One of them; NULL when there is none. */
const struct vw_oracle_type *vw_oracle_type(enum vw_oracle_release release, const char *name);

/* Decodes one value from the start of BYTES; NULL when libtirpc refuses it or memory is out. *USED
 * is the length of the encoding. The value is the caller's, to be given to vw_oracle_free. */
void *vw_oracle_decode(const struct vw_oracle_type *t, const void *bytes, size_t len, size_t *used);

/* Encodes VALUE into BUF; the length, or -1 when it does not fit or libtirpc refuses it. */
ssize_t vw_oracle_encode(const struct vw_oracle_type *t, const void *value, void *buf, size_t size);

/* NULL is fine. */
void vw_oracle_free(const struct vw_oracle_type *t, void *value);

/* Decodes BYTES and encodes the result into BUF: the length, or -1 if either is refused. */
ssize_t vw_oracle_recode(const struct vw_oracle_type *t, const void *bytes, size_t len, void *buf,
                         size_t size);
