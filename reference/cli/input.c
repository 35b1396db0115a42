// SPDX-License-Identifier: MIT
// Works on anything that can be read: files, pipes, stdin. The buffer grows with what came, never
// with what a size field or stat() promises.
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define FIRST_SIZE ((size_t)64 * 1024)

const char *vw_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

/* Makes room for at least one more byte besides the NUL. */
static int grow(uint8_t **data, size_t *size, struct vw_error *err)
{
    size_t wanted = *size ? *size * 2 : FIRST_SIZE;
    uint8_t *p = wanted > *size ? realloc(*data, wanted) : NULL;
    if (!p)
        return vw_error_nomem(err);
    *data = p;
    *size = wanted;
    return 0;
}

static int read_all(int fd, const char *name, size_t cap, uint8_t **data, size_t *len,
                    struct vw_error *err)
{
    size_t size = 0;

    for (*len = 0;;) {
        if (*len + 1 >= size) {
            int rc = grow(data, &size, err);
            if (rc < 0)
                return rc;
        }
        ssize_t n = read(fd, *data + *len, size - *len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vw_error_set(err, VW_EUSAGE, "cannot read %s: %s", name, strerror(errno));
        if (n == 0)
            break;
        *len += (size_t)n;
        if (*len > cap)
            return vw_error_set(err, VW_ELIMIT, "%s has more than %zu bytes", name, cap);
    }
    (*data)[*len] = '\0';
    return 0;
}

int vw_input_read(const char *path, size_t cap, uint8_t **data, size_t *len, struct vw_error *err)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vw_error_set(err, VW_EUSAGE, "cannot open %s: %s", path, strerror(errno));

    *data = NULL;
    int rc = read_all(fd, vw_input_name(path), cap, data, len, err);
    if (fd != STDIN_FILENO)
        close(fd);
    if (rc < 0) {
        free(*data);
        *data = NULL;
        *len = 0;
    }
    return rc;
}
