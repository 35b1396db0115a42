// SPDX-License-Identifier: MIT
// Reading .x files: one, or all below a folder in an order that does not depend on the file system.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/internal.h"

#define MAX_LEVELS 4
#define MAX_FILES  4096u
#define MAX_SEEN   100000u /* directory entries */

/* Paths that were found; malloc'ed. */
struct paths {
    char **list;
    size_t n;
    size_t seen;
};

static int fail_file(struct vw_schema *s, const char *path, const char *what, struct vw_error *err)
{
    int saved = errno;
    char *copy = vw_arena_strndup(&s->arena, path, strlen(path));
    s->error_file = copy ? copy : "";
    return vw_error_errno(err, saved, "%s", what);
}

static int read_all(int fd, size_t size, char **out, size_t *len)
{
    char *text = malloc(size + 1);
    if (!text)
        return VW_ENOMEM;
    *len = 0;
    while (*len < size) {
        ssize_t n = read(fd, text + *len, size - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int saved = errno;
            free(text);
            errno = saved;
            return VW_ESYSTEM;
        }
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    *out = text;
    return 0;
}

int vw_schema_add_file(struct vw_schema *s, const char *path, bool replace, struct vw_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st)) {
        int rc = fail_file(s, path, "cannot be read", err);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    char *text = NULL;
    size_t len = 0;
    int rc;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        rc = fail_file(s, path, "cannot be read", err);
    } else {
        /* One byte more than allowed is enough for vw_schema_add to refuse. */
        size_t size =
            st.st_size > (off_t)VW_SCHEMA_MAX_FILE ? VW_SCHEMA_MAX_FILE + 1 : (size_t)st.st_size;
        rc = read_all(fd, size, &text, &len);
        if (rc == VW_ESYSTEM)
            rc = fail_file(s, path, "cannot be read", err);
        else if (rc)
            vw_error_nomem(err);
    }
    close(fd);
    if (!rc)
        rc = vw_schema_add(s, path, text, len, replace, err);
    free(text);
    return rc;
}

static int keep(struct paths *p, char *path)
{
    /* Room doubles: when the count is a power of two. */
    if (!(p->n & (p->n - 1))) {
        char **list = realloc(p->list, (p->n ? p->n * 2 : 1) * sizeof(*list));
        if (!list)
            return VW_ENOMEM;
        p->list = list;
    }
    p->list[p->n++] = path;
    return 0;
}

static bool is_x_file(const char *name)
{
    size_t len = strlen(name);
    return len > 2 && strcmp(name + len - 2, ".x") == 0;
}

/* The types file of a profile stands beside it (0.3.0.x, 0.3.0.yaml): it replaces definitions of
 * the protocol, and is no part of it. */
static bool belongs_to_profile(const char *path)
{
    char beside[4096];
    int len = snprintf(beside, sizeof(beside), "%.*s.yaml", (int)strlen(path) - 2, path);
    return len > 0 && (size_t)len < sizeof(beside) && access(beside, F_OK) == 0;
}

static int find_files(struct vw_schema *s, struct paths *p, const char *dir, int level,
                      struct vw_error *err);

static int look_at(struct vw_schema *s, struct paths *p, const char *dir, const char *name,
                   int level, struct vw_error *err)
{
    struct stat st;
    char *path = NULL;
    if (++p->seen > MAX_SEEN || p->n >= MAX_FILES)
        return vw_error_set(err, VW_ELIMIT, "too many files below this folder");
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        return vw_error_nomem(err);
    int rc = 0;
    /* Links to folders could lead in circles. */
    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        rc = level < MAX_LEVELS ? find_files(s, p, path, level + 1, err) : 0;
    } else if (is_x_file(name) && !belongs_to_profile(path)) {
        rc = keep(p, path);
        if (!rc)
            return 0;
        vw_error_nomem(err);
    }
    free(path);
    return rc;
}

static int find_files(struct vw_schema *s, struct paths *p, const char *dir, int level,
                      struct vw_error *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return fail_file(s, dir, "cannot be read", err);
    int rc = 0;
    const struct dirent *e;
    while (!rc && (e = readdir(d))) {
        if (e->d_name[0] != '.')
            rc = look_at(s, p, dir, e->d_name, level, err);
    }
    closedir(d);
    return rc;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A libvirt source tree has its protocols below src/, and test data elsewhere. */
static bool is_source_tree(const char *dir)
{
    char path[4096];
    struct stat st;
    int len = snprintf(path, sizeof(path), "%s/src/remote/remote_protocol.x", dir);
    return len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0;
}

static int find_all(struct vw_schema *s, struct paths *p, const char *dir, struct vw_error *err)
{
    if (!is_source_tree(dir))
        return find_files(s, p, dir, 0, err);
    char *src = NULL;
    if (asprintf(&src, "%s/src", dir) < 0)
        return vw_error_nomem(err);
    int rc = find_files(s, p, src, 0, err);
    free(src);
    return rc;
}

int vw_schema_add_dir(struct vw_schema *s, const char *dir, struct vw_error *err)
{
    struct paths p = {0};
    int rc = find_all(s, &p, dir, err);
    if (!rc && !p.n) {
        char *copy = vw_arena_strndup(&s->arena, dir, strlen(dir));
        s->error_file = copy ? copy : "";
        rc = vw_error_set(err, VW_EUSAGE, "%s", "holds no .x file");
    }
    if (p.n)
        qsort(p.list, p.n, sizeof(*p.list), compare_paths);
    for (size_t i = 0; i < p.n; i++) {
        if (!rc)
            rc = vw_schema_add_file(s, p.list[i], false, err);
        free(p.list[i]);
    }
    free(p.list);
    return rc;
}
