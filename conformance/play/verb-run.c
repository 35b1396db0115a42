// SPDX-License-Identifier: MIT
// run: starts the client that a case is about.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/play/by-hand.h"

#define ENV_MAX 16

static const struct vw_key list[] = {
    {"does", VW_TAKES_TEXT, true, vw_does_words, NULL, "what the client is asked to do"},
    {"uri", VW_TAKES_TEXT, false, NULL, NULL,
     "the URI that it is given, with {socket}, {port}, {dir} and {pki}; that of the server if "
     "absent"},
    {"required", VW_TAKES_NOTHING, false, NULL, NULL,
     "all clients can do it: 77 and 89 skip nothing"},
    {"env", VW_TAKES_TEXTS, false, NULL, NULL, "NAME=VALUE, with the same words"},
    {"recorder", VW_TAKES_TEXT, false, NULL, NULL,
     "a program of this name stands first on PATH: its words, the names in its environment and "
     "what its standard input and output are are kept, it may be given no other descriptors, and "
     "it ends behind the first call"},
    {NULL},
};
static const struct vw_keys keys = {"run", list, NULL};

/* A program that is there for its words, and goes when the first call has come, so that nobody
 * writes to one that is gone: the environment of a client's child is not all of ours
 * so that it has the place from itself. */
static int make_recorder(struct vw_run *run, const char *name, struct vw_error *err)
{
    const char *dir = run->served->dir;
    char path[200];
    snprintf(path, sizeof(path), "%s/bin", dir);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return vw_error_errno(err, errno, "cannot make %s", path);
    snprintf(path, sizeof(path), "%s/bin/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return vw_error_errno(err, why, "cannot make %s", path);
    }
    fprintf(f,
            "#!/bin/sh\ncd '%s' || exit\n"
            "for word in \"${0##*/}\" \"$@\"; do printf '%%s\\n' \"$word\"; done >>argv\n"
            "tr '\\000\\n' '\\n ' </proc/$$/environ | sed 's/=.*//' >>environ\n"
            "readlink /proc/$$/fd/0 /proc/$$/fd/1 | sort -u >>streams\n"
            "ls -l /proc/self/fd | sed -n '/ [012] -> /d; / -> \\/proc\\//d; "
            "s/.* \\([0-9]* -> \\)/\\1/p' >>descriptors\n"
            "head -c 28 >/dev/null\n",
            dir);
    return fclose(f) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", path);
}

/* The command line; NULL: ERR. */
static const char *const *make_argv(struct vw_run *run, const char *const *words, const char *does,
                                    struct vw_error *err)
{
    size_t n = 0;
    while (words[n])
        n++;
    const char **argv = vw_arena_zalloc(&run->arena, (n + 1) * sizeof(*argv), sizeof(void *));
    if (!argv)
        vw_error_nomem(err);
    for (size_t i = 0; argv && i < n; i++)
        if (!(argv[i] = vw_served_fill(run, words[i], does, err)))
            return NULL;
    return argv;
}

static int make_env(struct vw_run *run, const struct vw_node *value, const char *does,
                    const char **env, struct vw_error *err)
{
    const struct vw_node *more = vw_node_get(value, "env");
    const char *path = getenv("PATH");
    size_t n = 0;
    env[n++] = vw_served_fill(run, "VIRWIRE_URI={uri}", does, err);
    env[n++] = vw_served_fill(run, "VIRWIRE_DOES={does}", does, err);
    env[n++] = vw_served_fill(run, "XDG_CONFIG_HOME={dir}", does, err);
    env[n++] = vw_served_fill(run, "XDG_CACHE_HOME={dir}", does, err);
    env[n++] = vw_served_fill(run, "XDG_RUNTIME_DIR={dir}", does, err);
    env[n++] = vw_arena_printf(&run->arena, "PATH=%s/bin:%s", run->served->dir,
                               path ? path : "/usr/bin:/bin");
    for (const struct vw_node *e = more ? more->first : NULL; e && n < ENV_MAX; e = e->next)
        env[n++] = vw_served_fill(run, e->text, does, err);
    for (size_t i = 0; i < n; i++)
        if (!env[i])
            return err->code ? err->code : vw_error_nomem(err);
    env[n] = NULL;
    return 0;
}

/* What an upload reads. */
static int make_input(struct vw_run *run, struct vw_error *err)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/in", run->served->dir);
    FILE *f = fopen(path, "we");
    for (int i = 0; f && i < 1000; i++)
        fprintf(f, "line %d of what is uploaded\n", i);
    return f && fclose(f) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", path);
}

static int start(struct vw_run *run, const struct vw_node *value, const char *does,
                 const char *const *words, struct vw_error *err)
{
    const struct vw_node *uri = vw_node_get(value, "uri"), *name = vw_node_get(value, "recorder");
    const char *env[ENV_MAX + 1];
    struct vw_spawned *s;
    if (uri && !(run->served->uri = (char *)(uintptr_t)vw_served_fill(run, uri->text, does, err)))
        return err->code;
    int rc = name ? make_recorder(run, name->text, err) : 0;
    if (rc == 0 && strcmp(does, "upload") == 0)
        rc = make_input(run, err);
    if (rc == 0)
        rc = make_env(run, value, does, env, err);
    const char *const *argv = rc == 0 ? make_argv(run, words, does, err) : NULL;
    if (!argv)
        return err->code;
    const struct vw_spawned_options o = {.name = "client", .argv = argv, .env = env};
    rc = vw_spawned_start(&o, &s, err);
    if (rc < 0)
        return rc;
    s->next = run->spawned;
    run->spawned = s;
    vw_log_note(&run->log, "", "started %s for %s", argv[0], run->served->uri);
    return 0;
}

static enum vw_step_result run_run(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const char *does = vw_node_get(value, "does")->text;
    int i = vw_does_find(does);
    if (!run->settings->client || !run->served || i < 0)
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is no server for a client", run->c->path,
                           run->step->line);
    if (run->settings->client->by_hand)
        return vw_by_hand_run(run, value);
    const char *const *words = run->settings->client->commands.argv[i];
    if (!words) /* a case of a suite is not begun then */
        return vw_run_fail(run, VW_SKIP, VW_NOBODY_SAYS, does);
    return start(run, value, does, words, &err) < 0 ? vw_run_error(run, &err) : VW_STEP_DONE;
}

void vw_client_cannot(struct vw_run *run, int status)
{
    bool required = false;
    for (const struct vw_node *step = run->c->steps->first; step; step = step->next)
        required = required || vw_node_get(vw_node_get(step, "run"), "required");
    if (required)
        vw_run_fail(run, VW_FAIL, "it ended with %d, as if there were clients that cannot open",
                    status);
    else
        vw_run_fail(run, VW_SKIP, "the client cannot do it: it ended with %d", status);
}

const struct vw_verb vw_verb_run = {
    {"run", VW_TAKES_MAP, false, NULL, &keys, "of cases about clients: start the client"},
    run_run,
};
