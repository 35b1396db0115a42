// SPDX-License-Identifier: MIT
// A version that git keeps: REPOSITORY@REVISION:PATH. git is run with arguments, never through a
// shell, and what could be taken for an option is refused.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/gate/side.h"

#define MAX_BYTES (16u << 20)
#define MAX_FILES 1000

/* What git prints for ARGV, in memory that the caller frees. */
static int run(const char *const argv[], char **out, size_t *len, struct vw_error *err)
{
    int channel[2], status = 0;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe2(channel, O_CLOEXEC))
        return vw_error_errno(err, errno, "pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failed =
        posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(channel[1]);
    int drained = failed ? 0 : vw_file_drain(channel[0], MAX_BYTES, -1, out, len);
    close(channel[0]);
    if (failed)
        return vw_error_errno(err, failed, "git cannot be started");
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (drained)
        return vw_error_errno(err, drained, "what git prints cannot be read");
    if (status == 0)
        return 0;
    free(*out);
    *out = NULL;
    return vw_error_set(err, VW_EUSAGE, "git knows no such repository, revision or path");
}

/* Adds the file PATH of the revision. */
static int add_blob(struct vw_gate_side *s, const char *repository, const char *revision,
                    const char *path, struct vw_error *err)
{
    char *object = vw_arena_printf(&s->arena, "%s:%s", revision, path), *text = NULL;
    char *file = vw_arena_printf(&s->arena, "%s@%s", repository, object ? object : "");
    size_t len = 0;
    if (!object || !file)
        return vw_error_nomem(err);
    const char *const argv[] = {"git", "-C", repository, "cat-file", "blob", object, NULL};
    int rc = run(argv, &text, &len, err);
    if (rc)
        s->error_file = file;
    else
        rc = vw_gate_side_add(s, file, text, len, err);
    free(text);
    return rc;
}

static bool is_x(const char *path)
{
    size_t len = strlen(path);
    return len > 2 && strcmp(path + len - 2, ".x") == 0;
}

/* LIST: paths, each with a NUL behind. */
static int add_listed(struct vw_gate_side *s, const char *repository, const char *revision,
                      const char *list, size_t len, struct vw_error *err)
{
    int rc = 0, n = 0;
    for (const char *path = list; path < list + len && !rc; path += strlen(path) + 1)
        if (is_x(path) && ++n <= MAX_FILES)
            rc = add_blob(s, repository, revision, path, err);
    return n > MAX_FILES ? vw_error_set(err, VW_ELIMIT, "more than %d .x files", MAX_FILES) : rc;
}

int vw_gate_git_add(struct vw_gate_side *s, const char *name, struct vw_error *err)
{
    const char *at = strrchr(name, '@'), *colon = strchr(at, ':');
    s->error_file = name;
    if (at == name || !colon || colon == at + 1)
        return vw_error_set(err, VW_EUSAGE, "expected REPOSITORY@REVISION:PATH");
    char *repository = vw_arena_strndup(&s->arena, name, (size_t)(at - name));
    char *revision = vw_arena_strndup(&s->arena, at + 1, (size_t)(colon - at - 1));
    char *path = vw_arena_strndup(&s->arena, colon + 1, strlen(colon + 1)), *list = NULL;
    if (!repository || !revision || !path)
        return vw_error_nomem(err);
    if (*revision == '-' || *path == '-' || *repository == '-')
        return vw_error_set(err, VW_EUSAGE,
                            "neither repository, revision nor path begins with '-'");
    size_t len = 0;
    if (is_x(path) || strstr(path, ".lock"))
        return add_blob(s, repository, revision, path, err);
    /* Without a path: all of the tree. */
    const char *const argv[] = {
        "git",         "-C",     repository,          "ls-tree", "-rz", "--name-only",
        "--full-tree", revision, *path ? "--" : NULL, path,      NULL};
    int rc = run(argv, &list, &len, err);
    if (!rc)
        rc = add_listed(s, repository, revision, list, len, err);
    free(list);
    return rc;
}
