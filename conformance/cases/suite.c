// SPDX-License-Identifier: MIT
// Finding the scenario files of a folder.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/cases/scenario.h"

#define DEPTH_MAX 6
#define FILES_MAX 20000

struct walk {
    char **paths; /* relative to the root, sorted at the end */
    size_t count;
    size_t cap;
    const char *root;
};

static void walk_finish(struct walk *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->paths[i]);
    free(w->paths);
}

static int add_path(struct walk *w, const char *path, struct vw_error *err)
{
    if (w->count == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        char **paths = cap > FILES_MAX ? NULL : realloc(w->paths, cap * sizeof(*paths));
        if (!paths)
            return vw_error_nomem(err);
        w->paths = paths;
        w->cap = cap;
    }
    w->paths[w->count] = strdup(path);
    if (!w->paths[w->count])
        return vw_error_nomem(err);
    w->count++;
    return 0;
}

static bool is_scenario(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

static int walk_folder(struct walk *w, int fd, const char *prefix, unsigned depth,
                       struct vw_error *err);

static int walk_entry(struct walk *w, int fd, const char *prefix, const char *name, unsigned depth,
                      struct vw_error *err)
{
    char path[512];
    struct stat st;
    int n = snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "/" : "", name);
    if (name[0] == '.' || fstatat(fd, name, &st, 0) != 0)
        return 0;
    if (n < 0 || (size_t)n >= sizeof(path))
        return vw_error_set(err, VW_ELIMIT, "the path of a scenario is too long");
    if (S_ISREG(st.st_mode) && is_scenario(name))
        return add_path(w, path, err);
    if (!S_ISDIR(st.st_mode) || depth >= DEPTH_MAX)
        return 0;
    int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sub < 0)
        return vw_error_errno(err, errno, "cannot open the folder %s", path);
    return walk_folder(w, sub, path, depth + 1, err);
}

/* Takes FD. */
static int walk_folder(struct walk *w, int fd, const char *prefix, unsigned depth,
                       struct vw_error *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return vw_error_nomem(err);
    }
    int rc = 0;
    for (struct dirent *e; rc == 0 && (e = readdir(dir));)
        rc = walk_entry(w, dirfd(dir), prefix, e->d_name, depth, err);
    closedir(dir);
    return rc;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int load_one(struct vw_suite *suite, const struct walk *w, const char *relative,
                    const struct vw_suite_options *options, struct vw_error *err)
{
    char *text = NULL, *id = strndup(relative, strlen(relative) - strlen(".yaml"));
    size_t len = 0;
    int n = snprintf(suite->error_file, sizeof(suite->error_file), "%s/%s", w->root, relative);
    int rc = id ? 0 : vw_error_nomem(err);
    if (rc == 0 && (n < 0 || (size_t)n >= sizeof(suite->error_file)))
        rc = vw_error_set(err, VW_ELIMIT, "the path of a scenario is too long");
    if (rc == 0)
        rc = vw_yaml_read(suite->error_file, &text, &len, err);
    if (rc == 0)
        rc = vw_suite_add(suite, id, suite->error_file, text, len, options, err);
    free(text);
    free(id);
    if (rc == 0)
        suite->error_file[0] = 0;
    return rc;
}

int vw_suite_load(struct vw_suite *suite, const char *dir, const struct vw_suite_options *options,
                  struct vw_error *err)
{
    memset(suite, 0, sizeof(*suite));
    struct walk w = {.root = dir};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return vw_error_set(err, VW_EUSAGE, "cannot open the suite %s: %s", dir, strerror(errno));
    int rc = walk_folder(&w, fd, "", 0, err);
    if (w.count)
        qsort(w.paths, w.count, sizeof(*w.paths), compare_paths);
    for (size_t i = 0; i < w.count && rc == 0; i++)
        rc = load_one(suite, &w, w.paths[i], options, err);
    walk_finish(&w);
    return rc;
}

void vw_suite_finish(struct vw_suite *suite)
{
    free(suite->cases);
    suite->cases = NULL;
    suite->count = suite->cap = 0;
    vw_arena_finish(&suite->arena);
}
