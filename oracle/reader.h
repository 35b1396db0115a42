// SPDX-License-Identifier: MIT
// A peer of one version of the .x files, made by rpcgen and linked with libtirpc: what its tables
// (make-reader) and its program (reader.c) share.
#pragma once

#include <rpc/rpc.h>
#include <stddef.h>

typedef bool_t (*reader_filter)(XDR *xdr, void *value);
typedef void (*reader_print)(const void *value);

struct reader_type {
    const char *name;
    size_t size;
    reader_filter filter;
    reader_print print;
};

struct reader_proc {
    unsigned program, version;
    int number, is_event;
    const char *name;
    const struct reader_type *args, *ret; /* NULL: none */
};

struct reader_constant {
    const char *name;
    long long value;
};

/* Each ends with a row whose name is NULL. */
extern const struct reader_type reader_types[];
extern const struct reader_proc reader_procs[];
extern const struct reader_constant reader_constants[];

/* For the printers. */
void reader_bytes(const void *bytes, size_t len);
