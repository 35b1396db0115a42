// SPDX-License-Identifier: MIT
#include "cli/input.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <virwire/error.h>

#include "base/file.h"

const char *vw_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

int vw_input_read(const char *path, size_t cap, char **text, size_t *len, struct vw_error *err)
{
    const char *name = vw_input_name(path);
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : vw_file_open(path);
    if (fd < 0)
        return vw_error_set(err, VW_EUSAGE, "cannot open %s: %s", path, strerror(errno));
    int rc = vw_file_drain(fd, cap, is_stdin ? -1 : VW_FILE_WAIT_MS, text, len);
    if (!is_stdin)
        close(fd);
    if (rc == ENOMEM)
        return vw_error_nomem(err);
    if (rc == EFBIG)
        return vw_error_set(err, VW_ELIMIT, "%s has more than %zu bytes", name, cap);
    return rc ? vw_error_set(err, VW_EUSAGE, "cannot read %s: %s", name, strerror(rc)) : 0;
}
