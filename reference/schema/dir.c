// SPDX-License-Identifier: MIT
// Reading .x files: one, or all below a folder in an order that does not depend on the file system.
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "schema/internal.h"

static int fail_file(struct vw_schema *s, const char *path, int sys_errno, struct vw_error *err)
{
    if (sys_errno == ENOMEM)
        return vw_error_nomem(err);
    char *copy = vw_arena_strndup(&s->arena, path, strlen(path));
    s->error_file = copy ? copy : "";
    return sys_errno ? vw_error_errno(err, sys_errno, "cannot be read")
                     : vw_error_set(err, VW_EUSAGE, "holds no .x file");
}

int vw_schema_add_file(struct vw_schema *s, const char *path, bool replace, struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int failed = vw_file_read(path, true, VW_SCHEMA_MAX_FILE, &text, &len);
    if (failed == EFBIG) /* to be refused in the words for any text */
        len = VW_SCHEMA_MAX_FILE + 1;
    else if (failed)
        return fail_file(s, path, failed, err);
    int rc = vw_schema_add(s, path, text, len, replace, err);
    free(text);
    return rc;
}

/* The types file of a profile stands beside it (0.3.0.x, 0.3.0.yaml): it replaces definitions of
 * the protocol, and is no part of it. */
static bool belongs_to_profile(const char *path)
{
    char beside[4096];
    int len = snprintf(beside, sizeof(beside), "%.*s.yaml", (int)strlen(path) - 2, path);
    return len > 0 && (size_t)len < sizeof(beside) && access(beside, F_OK) == 0;
}

/* A libvirt source tree has its protocols below src/, and test data elsewhere. */
static bool is_source_tree(const char *dir)
{
    char path[4096];
    struct stat st;
    int len = snprintf(path, sizeof(path), "%s/src/remote/remote_protocol.x", dir);
    return len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0;
}

int vw_schema_search(const char *dir, struct vw_paths *p)
{
    static const struct vw_search sources = {.ending = ".x", .levels = 4};
    char *below = NULL;
    size_t kept = 0;
    *p = (struct vw_paths){0};
    if (asprintf(&below, "%s%s", dir, is_source_tree(dir) ? "/src" : "") < 0)
        return ENOMEM;
    int rc = vw_paths_find(p, below, &sources);
    free(below);
    for (size_t i = 0; i < p->count; i++) {
        if (belongs_to_profile(p->list[i]))
            free(p->list[i]);
        else
            p->list[kept++] = p->list[i];
    }
    p->count = kept;
    return rc;
}

int vw_schema_add_dir(struct vw_schema *s, const char *dir, struct vw_error *err)
{
    struct vw_paths p;
    int rc = vw_schema_search(dir, &p);
    if (rc == E2BIG)
        rc = vw_error_set(err, VW_ELIMIT, "too many files below this folder");
    else if (rc)
        rc = fail_file(s, p.failed ? p.failed : dir, rc, err);
    else if (!p.count)
        rc = fail_file(s, dir, 0, err);
    for (size_t i = 0; i < p.count && !rc; i++)
        rc = vw_schema_add_file(s, p.list[i], false, err);
    vw_paths_finish(&p);
    return rc;
}
