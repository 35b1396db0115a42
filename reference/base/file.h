// SPDX-License-Identifier: MIT
// Files as a whole, and which there are below a folder. What fails is told as an errno: the caller
// knows what the file is for.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long a file that is none, such as a FIFO or a terminal, is waited for. */
#define VW_FILE_WAIT_MS 5000

/* Opens PATH for reading, without waiting for anybody to write into it: see vw_file_ready. */
int vw_file_open(const char *path);
/* Opens PATH for writing: empty, and with MODE if it was not there; MODE 0: as it is. A FIFO is
 * waited for at most WAIT_MS until somebody reads from it; then it is ENXIO. -1: see errno. */
int vw_file_create(const char *path, mode_t mode, int64_t wait_ms);
/* read(2), however often a signal comes in between, and though somebody else has made FD
 * non-blocking, as one of the ends of a terminal or a pipe that is shared may. */
ssize_t vw_file_some(int fd, void *buf, size_t size);
/* Waits at most *LEFT_MS, which becomes less, until FD can be read. 0, or ETIME. */
int vw_file_ready(int fd, int64_t *left_ms);

/* All that FD still gives, into *TEXT, which the caller frees; a NUL that is not counted in *LEN
 * stands behind. No copy of it stays behind elsewhere, since it may be secret. WAIT_MS: in all, -1
 * for ever. 0, or an errno: EFBIG when there are more than MAX bytes, ETIME. */
int vw_file_drain(int fd, size_t max, int64_t wait_ms, char **text, size_t *len);

/* The same for the file PATH, which is waited for VW_FILE_WAIT_MS. PLAIN: a regular file only (else
 * EINVAL), so that nothing can hold us up. */
int vw_file_read(const char *path, bool plain, size_t max, char **text, size_t *len);

/* Files that were found, as paths that begin with the folder's. */
struct vw_paths {
    char **list; /* rising */
    size_t count;
    char *failed; /* the folder that could not be read, or NULL */
};

/* How to look: hidden files and folders are passed over. */
struct vw_search {
    const char *ending; /* of the names */
    unsigned levels;    /* of folders below the first */
    bool links;         /* are followed, to folders too; what is no regular file is left out */
};

/* The files below DIR. 0, or an errno: E2BIG when there are too many. To be finished in either
 * case. */
int vw_paths_find(struct vw_paths *p, const char *dir, const struct vw_search *how);
void vw_paths_finish(struct vw_paths *p);
