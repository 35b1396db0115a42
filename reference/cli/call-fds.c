// SPDX-License-Identifier: MIT
#include "cli/call-fds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "cli/output.h"
#include "xdr/json.h"

int vw_call_fds_add(struct vw_fds *fds, const char *file)
{
    static const int modes[] = {O_RDWR, O_RDONLY, O_WRONLY};
    int fd = -1;
    if (fds->count == sizeof(fds->fd) / sizeof(fds->fd[0]))
        return vw_cli_error("call", VW_EXIT_USAGE, "at most %zu descriptors go with a call",
                            sizeof(fds->fd) / sizeof(fds->fd[0]));
    for (size_t i = 0; fd < 0 && i < sizeof(modes) / sizeof(modes[0]); i++)
        fd = open(file, modes[i] | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return vw_cli_error("call", VW_EXIT_USAGE, "cannot open %s: %s", file, strerror(errno));
    /* Only for opening: a FIFO without a peer would have held us up. */
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    fds->fd[fds->count++] = fd;
    return 0;
}

void vw_call_fds_close(struct vw_fds *fds)
{
    for (uint32_t i = 0; i < fds->count; i++)
        close(fds->fd[i]);
    fds->count = 0;
}

/* ---- telling ---- */

static const char *kind_of(const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "directory";
    case S_IFIFO:
        return "pipe";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    default:
        return "unknown";
    }
}

static const char *access_of(int fd)
{
    static const char *const names[] = {"read", "write", "read and write"};
    int flags = fcntl(fd, F_GETFL), mode = flags & O_ACCMODE;
    return flags >= 0 && !(flags & O_PATH) && mode < 3 ? names[mode] : "none";
}

static struct json_object *describe(int fd)
{
    struct json_object *one = json_object_new_object();
    struct stat st = {0};
    if (fstat(fd, &st) < 0)
        st.st_mode = 0;
    bool ok = one && vw_json_put_text(one, "kind", kind_of(&st)) &&
              vw_json_put_text(one, "access", access_of(fd));
    if (ok && S_ISREG(st.st_mode))
        ok = vw_json_put_number(one, "size", st.st_size);
    if (ok)
        return one;
    json_object_put(one);
    return NULL;
}

struct json_object *vw_call_fds_describe(const struct vw_fds *fds)
{
    struct json_object *all = json_object_new_array();
    for (uint32_t i = 0; all && i < fds->count; i++) {
        struct json_object *one = describe(fds->fd[i]);
        if (!one || json_object_array_add(all, one) < 0) {
            json_object_put(one);
            json_object_put(all);
            return NULL;
        }
    }
    return all;
}

/* ---- saving ---- */

/* Bytes that came; 0 at the end. Waits, at latest until DEADLINE_MS. */
static ssize_t read_some(int fd, void *buf, size_t size, int64_t deadline_ms, struct vw_error *err)
{
    for (;;) {
        int64_t left = deadline_ms - vw_now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        /* What can always be read from, as /dev/zero, never lets poll see the time. */
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n == 0)
            return vw_error_set(err, VW_ETIMEOUT, "a descriptor of the reply gives no end in time");
        ssize_t got = n > 0 ? read(fd, buf, size) : -1;
        if (got >= 0)
            return got;
        if (errno != EINTR && errno != EAGAIN)
            return vw_error_errno(err, errno, "cannot read a descriptor of the reply");
    }
}

static int save(int fd, const char *path, int64_t deadline_ms, uint64_t max, struct vw_error *err)
{
    char buf[65536];
    struct vw_output *out;
    uint64_t total = 0;
    ssize_t n = vw_output_open_ready(path, &out, err);
    if (n)
        return (int)n;
    do {
        n = read_some(fd, buf, sizeof(buf), deadline_ms, err);
        total += n > 0 ? (uint64_t)n : 0;
        if (n > 0 && total > max)
            n = vw_error_set(err, VW_ELIMIT, "a descriptor of the reply gives more than %llu bytes",
                             (unsigned long long)max);
        else if (n > 0 && fwrite(buf, 1, (size_t)n, vw_output_file(out)) != (size_t)n)
            n = vw_error_errno(err, errno, "cannot write %s", path);
    } while (n > 0);
    if (n == 0)
        return vw_output_commit(out, err);
    vw_output_abandon(out);
    return (int)n;
}

/* A directory, one that is open for writing only or for nothing (O_PATH) gives no bytes to save. */
static bool is_readable(int fd)
{
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    bool opened = flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_WRONLY;
    return opened && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
}

int vw_call_fds_save(const struct vw_fds *fds, const char *prefix, int64_t deadline_ms,
                     uint64_t max)
{
    for (uint32_t i = 0; i < fds->count; i++) {
        struct vw_error err = VW_ERROR_INIT;
        char path[4096];
        if (!is_readable(fds->fd[i]))
            continue;
        if (snprintf(path, sizeof(path), "%s.%u", prefix, i) >= (int)sizeof(path))
            return vw_cli_error("call", VW_EXIT_USAGE, "--save-fds is too long");
        if (save(fds->fd[i], path, deadline_ms, max, &err))
            return vw_cli_fail("call", path, &err);
    }
    return 0;
}
