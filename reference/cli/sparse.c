// SPDX-License-Identifier: MIT
#include "cli/sparse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"

/* ---- in ---- */

static int cannot_read(const struct vw_sparse_in *in, struct vw_error *err)
{
    return vw_error_set(err, VW_EUSAGE, "cannot read %s: %s", in->name, strerror(errno));
}

int vw_sparse_in_open(struct vw_sparse_in *in, const char *path, bool sparse, struct vw_error *err)
{
    struct stat st;
    *in = (struct vw_sparse_in){.fd = -1};
    if (!path)
        return 0;
    in->name = vw_input_name(path);
    in->opened = strcmp(path, "-") != 0;
    in->fd = in->opened ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO;
    if (in->fd < 0 || fstat(in->fd, &st) < 0)
        return cannot_read(in, err);
    /* Only for opening: a FIFO that nobody writes yet would have held us up. */
    if (in->opened)
        fcntl(in->fd, F_SETFL, fcntl(in->fd, F_GETFL) & ~O_NONBLOCK);
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return cannot_read(in, err);
    }
    in->at = sparse && S_ISREG(st.st_mode) ? lseek(in->fd, 0, SEEK_CUR) : -1;
    in->sparse = in->at >= 0;
    in->data = in->at;
    return 0;
}

/* At a border: how far data go from here, or the hole that begins here. A file may change while it
 * is read; what counts is what is found at each border. */
static int look(struct vw_sparse_in *in, int64_t *hole, struct vw_error *err)
{
    off_t data = lseek(in->fd, in->at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        off_t end = lseek(in->fd, 0, SEEK_END);
        *hole = end > in->at ? end - in->at : 0;
        in->data = in->at += *hole;
        return *hole > 0;
    }
    if (data < 0)
        return cannot_read(in, err);
    *hole = data - in->at;
    in->at = data;
    in->data = lseek(in->fd, data, SEEK_HOLE);
    if (in->data < 0 || lseek(in->fd, data, SEEK_SET) < 0)
        return cannot_read(in, err);
    return 1;
}

int vw_sparse_in_next(struct vw_sparse_in *in, void *buf, size_t size, size_t *n, int64_t *hole,
                      struct vw_error *err)
{
    *n = 0;
    *hole = 0;
    if (in->sparse && in->at == in->data)
        return look(in, hole, err);
    if (in->sparse && (off_t)size > in->data - in->at)
        size = (size_t)(in->data - in->at);
    ssize_t got = read(in->fd, buf, size);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 1;
    if (got < 0)
        return cannot_read(in, err);
    in->at += in->sparse ? got : 0;
    *n = (size_t)got;
    return got > 0;
}

void vw_sparse_in_close(struct vw_sparse_in *in)
{
    if (in->opened && in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

/* ---- out ---- */

int vw_sparse_out_open(struct vw_sparse_out *out, const char *path, struct vw_error *err)
{
    struct stat st;
    *out = (struct vw_sparse_out){0};
    if (!path)
        return 0;
    int rc = vw_output_open_ready(path, &out->output, err);
    if (rc)
        return rc;
    int fd = fileno(vw_output_file(out->output));
    int mode = fcntl(fd, F_GETFL);
    /* What is appended to goes to the end wherever the position is. */
    out->seekable = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && mode >= 0 && !(mode & O_APPEND) &&
                    lseek(fd, 0, SEEK_CUR) == st.st_size;
    return 0;
}

static int cannot_write(struct vw_sparse_out *out, struct vw_error *err)
{
    int saved = errno;
    if (vw_output_file(out->output) == stdout) {
        vw_stdout_failed(saved);
        out->stdout_failed = true;
    }
    return vw_error_errno(err, saved, "cannot write the stream");
}

int vw_sparse_out_data(struct vw_sparse_out *out, const void *data, size_t len,
                       struct vw_error *err)
{
    if (!out->output)
        return 0;
    out->hole_last = false;
    FILE *f = vw_output_file(out->output);
    /* Who reads from a pipe, as for a console, wants it now. */
    if (fwrite(data, 1, len, f) != len || (!out->seekable && fflush(f) != 0))
        return cannot_write(out, err);
    return 0;
}

int vw_sparse_out_hole(struct vw_sparse_out *out, int64_t length, struct vw_error *err)
{
    static const uint8_t zeros[65536];
    if (!out->output || length == 0)
        return 0;
    if (out->seekable) {
        out->hole_last = true;
        return fseeko(vw_output_file(out->output), length, SEEK_CUR) ? cannot_write(out, err) : 0;
    }
    while (length > 0) {
        size_t n = length < (int64_t)sizeof(zeros) ? (size_t)length : sizeof(zeros);
        int rc = vw_sparse_out_data(out, zeros, n, err);
        if (rc)
            return rc;
        length -= (int64_t)n;
    }
    return 0;
}

int vw_sparse_out_commit(struct vw_sparse_out *out, struct vw_error *err)
{
    if (!out->output)
        return 0;
    FILE *f = vw_output_file(out->output);
    if (out->hole_last && (fflush(f) != 0 || ftruncate(fileno(f), ftello(f)) != 0)) {
        int rc = cannot_write(out, err);
        vw_sparse_out_abandon(out);
        return rc;
    }
    int rc = vw_output_commit(out->output, err);
    out->output = NULL;
    return rc;
}

void vw_sparse_out_abandon(struct vw_sparse_out *out)
{
    vw_output_abandon(out->output);
    out->output = NULL;
}
