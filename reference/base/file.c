// SPDX-License-Identifier: MIT
// The buffer has room for what stat() says of a regular file, within the bound; it grows with what
// came.
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/room.h"

#define FIRST_SIZE ((size_t)64 * 1024)
#define FILES_MAX  20000
#define SEEN_MAX   100000 /* entries of folders */

static void drop(char **text, size_t len)
{
    if (*text)
        explicit_bzero(*text, len);
    free(*text);
    *text = NULL;
}

/* Room for SIZE bytes, of which the first LEN are kept. */
static bool grow(char **text, size_t len, size_t size)
{
    char *larger = malloc(size);
    if (larger && len)
        memcpy(larger, *text, len);
    drop(text, len);
    *text = larger;
    return larger != NULL;
}

static size_t first_size(int fd, size_t max)
{
    struct stat st;
    bool known = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    return known && (size_t)st.st_size <= max ? (size_t)st.st_size + 2 : FIRST_SIZE;
}

int vw_file_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int vw_file_create(const char *path, mode_t mode, int64_t wait_ms)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (mode ? O_CREAT | O_TRUNC : 0);
    const int64_t until = now_ms() + wait_ms;
    int fd;
    while ((fd = open(path, flags, mode)) < 0 && errno == ENXIO && now_ms() < until)
        poll(NULL, 0, 10);
    /* Only for opening. */
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

/* A FIFO that nobody has opened for writing yet is not readable, though read(2) gives its end. */
int vw_file_ready(int fd, int64_t *left_ms)
{
    const int64_t began = now_ms(), until = began + *left_ms;
    for (int64_t now = began; now <= until; now = now_ms()) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int rc = poll(&p, 1, (int)(until - now));
        *left_ms = until - now_ms();
        if (rc > 0 || (rc < 0 && errno != EINTR))
            return 0;
    }
    return ETIME;
}

ssize_t vw_file_some(int fd, void *buf, size_t size)
{
    for (;;) {
        ssize_t n = read(fd, buf, size);
        if (n >= 0 || (errno != EINTR && errno != EAGAIN))
            return n;
        if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
    }
}

int vw_file_drain(int fd, size_t max, int64_t wait_ms, char **text, size_t *len)
{
    const bool waits = wait_ms >= 0;
    size_t size = 0;
    int rc = 0;
    *text = NULL;
    *len = 0;
    for (;;) {
        if (*len + 1 >= size) {
            size = size ? size * 2 : first_size(fd, max);
            if (!grow(text, *len, size))
                return ENOMEM;
        }
        rc = waits ? vw_file_ready(fd, &wait_ms) : 0;
        if (rc)
            break;
        ssize_t n = vw_file_some(fd, *text + *len, size - *len - 1);
        rc = n < 0 ? errno : 0;
        if (n <= 0)
            break;
        *len += (size_t)n;
        if (*len > max) {
            rc = EFBIG;
            break;
        }
    }
    if (rc)
        drop(text, *len);
    else
        (*text)[*len] = '\0';
    return rc;
}

int vw_file_read(const char *path, bool plain, size_t max, char **text, size_t *len)
{
    struct stat st;
    *text = NULL;
    *len = 0;
    int fd = vw_file_open(path);
    int rc = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
    if (rc == 0 && plain && !S_ISREG(st.st_mode))
        rc = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    if (rc == 0)
        rc = vw_file_drain(fd, max, VW_FILE_WAIT_MS, text, len);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* ---- below a folder ---- */

struct walk {
    struct vw_paths *paths;
    const struct vw_search *how;
    size_t seen;
};

static int keep(struct vw_paths *p, char *path)
{
    char **list = vw_room(p->list, p->count, sizeof(*list));
    if (!list)
        return ENOMEM;
    p->list = list;
    p->list[p->count++] = path;
    return 0;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), len = strlen(ending);
    return n > len && strcmp(name + n - len, ending) == 0;
}

static int walk_folder(struct walk *w, const char *dir, unsigned level);

static int walk_entry(struct walk *w, const char *dir, const char *name, unsigned level)
{
    struct stat st;
    char *path = NULL;
    if (name[0] == '.')
        return 0;
    if (++w->seen > SEEN_MAX || w->paths->count >= FILES_MAX)
        return E2BIG;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        return ENOMEM;
    int rc = 0;
    bool links = w->how->links;
    bool known = (links ? stat(path, &st) : lstat(path, &st)) == 0;
    if (known && S_ISDIR(st.st_mode)) {
        rc = level < w->how->levels ? walk_folder(w, path, level + 1) : 0;
    } else if (ends_in(name, w->how->ending) && (!links || (known && S_ISREG(st.st_mode)))) {
        rc = keep(w->paths, path);
        if (rc == 0)
            return 0;
    }
    free(path);
    return rc;
}

static int walk_folder(struct walk *w, const char *dir, unsigned level)
{
    DIR *d = opendir(dir);
    int rc = d ? 0 : errno;
    if (!d)
        w->paths->failed = strdup(dir);
    for (const struct dirent *e; rc == 0 && (e = readdir(d));)
        rc = walk_entry(w, dir, e->d_name, level);
    if (d)
        closedir(d);
    return rc;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int vw_paths_find(struct vw_paths *p, const char *dir, const struct vw_search *how)
{
    struct walk w = {.paths = p, .how = how};
    *p = (struct vw_paths){0};
    int rc = walk_folder(&w, dir, 0);
    if (p->count)
        qsort(p->list, p->count, sizeof(*p->list), compare);
    return rc;
}

void vw_paths_finish(struct vw_paths *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->list[i]);
    free(p->list);
    free(p->failed);
}
