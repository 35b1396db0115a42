// SPDX-License-Identifier: MIT
// Files with holes: read as data and holes in turn, written so that a hole takes no room where the
// file system can do that.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <virwire/error.h>

#include "cli/output.h"

struct vw_sparse_in {
    int fd;      /* -1: no input */
    bool opened; /* to be closed */
    bool sparse; /* holes are looked for */
    off_t at;    /* with sparse: read so far */
    off_t data;  /* with sparse: up to where data go on from AT */
    const char *name;
};

/* PATH NULL: none; "-": stdin. SPARSE: a regular file's holes are told. A FIFO is opened at once,
 * with or without a writer: poll IN->fd for what comes. VW_EUSAGE when it cannot be read. */
int vw_sparse_in_open(struct vw_sparse_in *in, const char *path, bool sparse, struct vw_error *err);
/* 1: either *N bytes of BUF, or *HOLE zeros that lie nowhere, or neither (look again); 0: the end.
 * VW_EUSAGE when it cannot be read. */
int vw_sparse_in_next(struct vw_sparse_in *in, void *buf, size_t size, size_t *n, int64_t *hole,
                      struct vw_error *err);
void vw_sparse_in_close(struct vw_sparse_in *in);

struct vw_sparse_out {
    struct vw_output *output; /* NULL: what comes is dropped */
    bool seekable;
    bool stdout_failed; /* an error that vw_stdout_finish tells */
    bool hole_last;     /* the file must be made longer at the end */
};

/* PATH NULL: nowhere; else as vw_output_open_ready. */
int vw_sparse_out_open(struct vw_sparse_out *out, const char *path, struct vw_error *err);
int vw_sparse_out_data(struct vw_sparse_out *out, const void *data, size_t len,
                       struct vw_error *err);
/* LENGTH zeros: skipped in a regular file, written elsewhere. */
int vw_sparse_out_hole(struct vw_sparse_out *out, int64_t length, struct vw_error *err);
/* As vw_output_commit and vw_output_abandon. */
int vw_sparse_out_commit(struct vw_sparse_out *out, struct vw_error *err);
void vw_sparse_out_abandon(struct vw_sparse_out *out);
