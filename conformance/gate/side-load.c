// SPDX-License-Identifier: MIT
// Where one of the two versions comes from.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/gate/side.h"

#define MAX_BYTES (16u << 20) /* of a file, as the schema has it */

static int fail(struct vw_gate_side *s, const char *file, int sys_errno, struct vw_error *err)
{
    s->error_file = vw_arena_strndup(&s->arena, file, strlen(file));
    if (!s->error_file || sys_errno == ENOMEM)
        return vw_error_nomem(err);
    return vw_error_set(err, VW_EUSAGE, "cannot be read: %s", strerror(sys_errno));
}

static int add_file(struct vw_gate_side *s, const char *path, struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    bool is_stdin = strcmp(path, "-") == 0;
    int failed = is_stdin ? vw_file_drain(STDIN_FILENO, MAX_BYTES, -1, &text, &len)
                          : vw_file_read(path, true, MAX_BYTES, &text, &len);
    if (failed)
        return fail(s, is_stdin ? "stdin" : path, failed, err);
    int rc = vw_gate_side_add(s, is_stdin ? "stdin" : path, text, len, err);
    free(text);
    return rc;
}

static int add_folder(struct vw_gate_side *s, const char *dir, struct vw_error *err)
{
    struct vw_paths p;
    int rc = vw_schema_search(dir, &p);
    if (rc)
        rc = fail(s, p.failed ? p.failed : dir, rc, err);
    for (size_t i = 0; i < p.count && !rc; i++)
        rc = add_file(s, p.list[i], err);
    vw_paths_finish(&p);
    return rc;
}

/* A profile file, or what is written as the number of a release. */
static bool is_profile(const char *name)
{
    size_t len = strlen(name);
    if (len > 5 && strcmp(name + len - 5, ".yaml") == 0)
        return true;
    return isdigit((unsigned char)*name) && name[strspn(name, "0123456789.")] == '\0';
}

static int load_profile(struct vw_gate_side *s, const char *name, const char *const *defines,
                        struct vw_error *err)
{
    const struct vw_profile_options options = {VW_PROFILE_OPTIONS_INIT, .defines = defines};
    vw_schema_destroy(s->own);
    s->own = NULL;
    int rc = vw_profile_load(name, &options, &s->profile, err);
    if (rc)
        s->error_file =
            vw_arena_strndup(&s->arena, vw_profile_error_file(), strlen(vw_profile_error_file()));
    return rc ? rc : vw_gate_side_make(s, NULL, err);
}

int vw_gate_side_load(struct vw_gate_side *s, const char *name, const char *const *defines,
                      struct vw_error *err)
{
    struct stat st;
    bool there = stat(name, &st) == 0;
    if (vw_gate_side_start(s, name))
        return vw_error_nomem(err);
    if (!there && is_profile(name))
        return load_profile(s, name, defines, err);
    int rc = there && S_ISDIR(st.st_mode)  ? add_folder(s, name, err)
             : !there && strchr(name, '@') ? vw_gate_git_add(s, name, err)
                                           : add_file(s, name, err);
    return rc ? rc : vw_gate_side_make(s, defines, err);
}
