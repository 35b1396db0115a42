// SPDX-License-Identifier: MIT
// Reading what a client can be told to do.
#include "conformance/play/client-commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "scenario/format.h"

#define WORDS_MAX 64

const char *const vw_does_words[] = {"open",   "hostname", "list",       "lookup",   "missing",
                                     "info",   "xml",      "event",      "download", "upload",
                                     "stay",   "many",     "admin",      "servers",  "no-server",
                                     "limits", "clients",  "admin-many", NULL};
const char *const vw_does_about[] = {
    "open the connection, and close it",
    "print the name of the host",
    "print the names of all domains",
    "look the domain test up by its name, and print its uuid",
    "look up the domain nobody-has-this-name, and fail",
    "print what is known of the domain test",
    "print the XML of the domain test",
    "wait for one lifecycle event",
    "read the volume test of the pool test to {dir}/out",
    "write {dir}/in to the volume test of the pool test",
    "stay for five seconds, with a PING after each second of silence and two of them",
    "ask for the name of the host twenty times on one connection",
    "open the administration of the daemon, and close it",
    "print the names of the daemon's servers",
    "look up the server nobody-has-this-name, and fail",
    "print the limits of the server libvirtd",
    "print the clients of the server libvirtd",
    "ask for the names of the daemon's servers twenty times on one connection",
    NULL,
};

#define N_DOES (sizeof(vw_does_words) / sizeof(vw_does_words[0]) - 1)

int vw_does_find(const char *word)
{
    for (int i = 0; vw_does_words[i]; i++)
        if (strcmp(vw_does_words[i], word) == 0)
            return i;
    return -1;
}

bool vw_does_repeat(const char *word)
{
    return strcmp(word, "many") == 0 || strcmp(word, "admin-many") == 0;
}

static int init(struct vw_client_commands *out, struct vw_arena *arena, struct vw_error *err)
{
    *out = (struct vw_client_commands){.name = ""};
    out->argv = vw_arena_zalloc(arena, (N_DOES + 1) * sizeof(*out->argv), sizeof(void *));
    return out->argv ? 0 : vw_error_nomem(err);
}

/* ---- one command ---- */

static bool asks_what(const char *const *argv)
{
    for (; *argv; argv++)
        if (strstr(*argv, "{does}"))
            return true;
    return false;
}

static int take_words(struct vw_client_commands *out, const char *const *argv, const char *does,
                      struct vw_error *err)
{
    char word[32];
    while (*does) {
        size_t n = strcspn(does, ",");
        snprintf(word, sizeof(word), "%.*s", (int)(n < 31 ? n : 31), does);
        int i = vw_does_find(word);
        if (i < 0) {
            char known[200];
            vw_list_words(vw_does_words, N_DOES, known, sizeof(known));
            return vw_error_set(err, VW_EUSAGE, "a client does not \"%s\"; known are %s", word,
                                known);
        }
        out->argv[i] = argv;
        does += n + (does[n] == ',');
    }
    return 0;
}

int vw_client_commands_plain(const char *const *argv, const char *does, struct vw_arena *arena,
                             struct vw_client_commands *out, struct vw_error *err)
{
    int rc = init(out, arena, err);
    if (rc < 0 || does)
        return rc < 0 ? rc : take_words(out, argv, does, err);
    for (size_t i = 0; i < (asks_what(argv) ? N_DOES : 1); i++)
        out->argv[i] = argv;
    return 0;
}

/* ---- a file ---- */

static const struct vw_key file_key_list[] = {
    {"name", VW_TAKES_TEXT, true, NULL, NULL, "what the client is called"},
    {"version", VW_TAKES_TEXTS, false, NULL, NULL, "a command whose first line says which it is"},
    {"does", VW_TAKES_VALUE, true, NULL, NULL, "a command line for each thing that it can do"},
    {NULL},
};
static const struct vw_keys file_keys = {"a file of commands", file_key_list, NULL};

static int read_argv(const struct vw_node *n, struct vw_arena *arena, const char *const **out,
                     struct vw_error *err)
{
    const char **argv = vw_arena_zalloc(arena, (n->count + 1) * sizeof(*argv), sizeof(void *));
    size_t i = 0;
    if (!argv)
        return vw_error_nomem(err);
    if (n->kind != VW_NODE_LIST || n->count == 0 || n->count > WORDS_MAX)
        return vw_node_error(n, err, "a command is a list of from 1 to %d words", WORDS_MAX);
    for (const struct vw_node *word = n->first; word; word = word->next) {
        if (word->kind != VW_NODE_SCALAR)
            return vw_node_error(word, err, "expected a word, found %s",
                                 vw_node_kind_name(word->kind));
        argv[i++] = word->text;
    }
    *out = argv;
    return 0;
}

static int read_does(const struct vw_node *map, struct vw_arena *arena,
                     struct vw_client_commands *out, struct vw_error *err)
{
    int rc = map->kind == VW_NODE_MAP
                 ? 0
                 : vw_node_error(map, err, "expected a mapping of what it does to command lines");
    for (const struct vw_node *n = map->first; n && rc == 0; n = n->next) {
        int i = vw_does_find(n->key);
        rc = i < 0 ? vw_node_unknown(n, "key", n->key, vw_does_words, N_DOES, err)
                   : read_argv(n, arena, &out->argv[i], err);
    }
    return rc;
}

int vw_client_commands_load(const char *path, struct vw_arena *arena,
                            struct vw_client_commands *out, struct vw_error *err)
{
    struct vw_node *file;
    int rc = init(out, arena, err);
    if (rc == 0)
        rc = vw_yaml_load(path, arena, &file, err);
    if (rc == 0)
        rc = vw_format_check(&file_keys, file, err);
    if (rc < 0)
        return rc;
    const struct vw_node *version = vw_node_get(file, "version");
    out->name = vw_node_get(file, "name")->text;
    if (version)
        rc = read_argv(version, arena, &out->version, err);
    return rc < 0 ? rc : read_does(vw_node_get(file, "does"), arena, out, err);
}

/* ---- whether they are there ---- */

/* 0, or the errno with which PATH cannot be executed; a script needs what its first line names. */
static int try_file(const char *path)
{
    struct stat st;
    char line[256] = "";
    if (stat(path, &st) < 0 || access(path, X_OK) < 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    FILE *f = fopen(path, "re");
    bool script = f && fgets(line, sizeof(line), f) && strncmp(line, "#!", 2) == 0;
    if (f)
        fclose(f);
    char *by = line + 2 + strspn(line + 2, " \t");
    by[strcspn(by, " \t\n")] = '\0';
    return script && access(by, X_OK) < 0 ? errno : 0;
}

/* The same for NAME as execvp(3) finds it. */
static int try_program(const char *name)
{
    const char *path = getenv("PATH");
    char file[1024];
    int why = ENOENT;
    if (strchr(name, '/'))
        return try_file(name);
    for (const char *at = path ? path : "/bin:/usr/bin"; *at && why;) {
        size_t n = strcspn(at, ":");
        snprintf(file, sizeof(file), "%.*s%s%s", (int)n, at, n ? "/" : "", name);
        int here = try_file(file);
        why = here == ENOENT || here == ENOTDIR ? why : here;
        at += n + (at[n] == ':');
    }
    return why;
}

int vw_client_commands_check(const struct vw_client_commands *c, struct vw_error *err)
{
    for (size_t i = 0; c->argv && i < N_DOES; i++) {
        const char *name = c->argv[i] ? c->argv[i][0] : NULL;
        int why = name && !strchr(name, '{') ? try_program(name) : 0;
        if (why)
            return vw_error_set(err, VW_EUNREACHABLE, "%.200s cannot be started: %s", name,
                                strerror(why));
    }
    return 0;
}
