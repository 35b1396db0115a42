// SPDX-License-Identifier: MIT
// Command lines of the ssh and ext transports. What comes from a URI is refused where
// it could end a word, start an option or hold a control character, and quoted where a shell reads
// it.
#include <string.h>

#include "uri/internal.h"

/* Words of a command line. The longest has: command, -p, port, -l, user, -i, file, -T, -e, none,
 * -o, BatchMode, -o, StrictHostKeyChecking, --, host, script, NULL. */
#define MAX_WORDS 20

struct words {
    const char *word[MAX_WORDS];
    size_t count;
};

static void add(struct words *w, const char *word)
{
    w->word[w->count++] = word;
}

static int no_control(const char *what, const char *s, struct vw_error *err)
{
    if (vw_uri_has_control(s))
        return vw_error_set(err, VW_EUSAGE,
                            "the %s holds a control character and is given to no program", what);
    return 0;
}

/* For words that stand where an option could, or behind an option that takes one. */
static int no_option(const char *what, const char *s, struct vw_error *err)
{
    if (s[0] == '-')
        return vw_error_set(err, VW_EUSAGE, "the %s \"%.64s\" would be taken for an option", what,
                            s);
    return no_control(what, s, err);
}

static bool is_plain(const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:@%+,";
    return s[0] && s[strspn(s, plain)] == '\0';
}

/* S as one word of a POSIX shell. */
static char *quoted(struct vw_arena *arena, const char *s)
{
    size_t len = strlen(s);
    char *out = vw_arena_alloc(arena, len * 4 + 3, 1);
    if (!out)
        return NULL;
    char *o = out;
    *o++ = '\'';
    for (; *s; s++) {
        if (*s == '\'')
            o = mempcpy(o, "'\\''", 4);
        else
            *o++ = *s;
    }
    *o++ = '\'';
    *o = '\0';
    return out;
}

static const char *shell_word(struct vw_arena *arena, const char *s)
{
    return is_plain(s) ? s : quoted(arena, s);
}

/* Some versions of nc need -q0 to end with their input; others do not know it. */
static char *netcat_script(const struct vw_uri *u, struct vw_arena *arena)
{
    char *nc = quoted(arena, u->netcat);
    char *socket = quoted(arena, u->socket);
    if (!nc || !socket)
        return NULL;
    return vw_arena_printf(arena,
                           "q=; if %s -q 2>&1 | grep 'requires an argument' >/dev/null 2>&1; "
                           "then q=-q0; fi; %s $q -U %s",
                           nc, nc, socket);
}

static char *native_script(const struct vw_uri *u, struct vw_arena *arena)
{
    char *uri = quoted(arena, u->helper_uri);
    return uri ? vw_arena_printf(arena, "virt-ssh-helper %s%s", u->read_only ? "-r " : "", uri)
               : NULL;
}

static char *auto_script(const struct vw_uri *u, struct vw_arena *arena)
{
    char *native = native_script(u, arena);
    char *netcat = netcat_script(u, arena);
    if (!native || !netcat)
        return NULL;
    return vw_arena_printf(arena, "if which virt-ssh-helper >/dev/null 2>&1; then %s; else %s; fi",
                           native, netcat);
}

int vw_uri_script(const struct vw_uri *uri, struct vw_arena *arena, const char **script,
                  struct vw_error *err)
{
    if (uri->dialect != VW_DIALECT_MODERN || !vw_uri_is_ssh(uri))
        return vw_error_set(err, VW_EUSAGE, "transport %s runs no script",
                            vw_transport_name(uri->transport));
    int rc = no_control("netcat", uri->netcat, err);
    if (!rc && uri->socket)
        rc = no_option("socket", uri->socket, err);
    if (!rc)
        rc = no_control("name", uri->helper_uri, err);
    if (rc)
        return rc;
    char *inner = uri->proxy == VW_URI_PROXY_NATIVE   ? native_script(uri, arena)
                  : uri->proxy == VW_URI_PROXY_NETCAT ? netcat_script(uri, arena)
                                                      : auto_script(uri, arena);
    char *word = inner ? quoted(arena, inner) : NULL;
    *script = word ? vw_arena_printf(arena, "sh -c %s", word) : NULL;
    return *script ? 0 : vw_error_nomem(err);
}

/* ssh gives host and user on to the shell of a ProxyCommand or a Match exec (CVE-2023-51385). */
static int no_shell(const char *what, const char *s, struct vw_error *err)
{
    const char *bad = s ? strpbrk(s, "'\"`$;&<>|(){}") : NULL;
    if (bad)
        return vw_error_set(err, VW_EUSAGE, "the %s \"%.64s\" holds '%c', which a shell could take",
                            what, s, *bad);
    if (s && strstr(s, " -"))
        return vw_error_set(err, VW_EUSAGE, "the %s \"%.64s\" would be taken for an option", what,
                            s);
    return s ? no_control(what, s, err) : 0;
}

int vw_uri_check_peer(const struct vw_uri *u, struct vw_error *err)
{
    int rc = no_shell("host", u->host, err);
    if (!rc)
        rc = no_shell("user", u->user, err);
    return !rc && u->user ? no_option("user", u->user, err) : rc;
}

static int check_common(const struct vw_uri *u, struct vw_error *err)
{
    int rc = vw_uri_check_peer(u, err);
    if (!rc)
        rc = no_control("command", u->command, err);
    return !rc && u->keyfile ? no_option("keyfile", u->keyfile, err) : rc;
}

static int add_port_and_user(const struct vw_uri *u, struct vw_arena *arena, struct words *w,
                             struct vw_error *err)
{
    add(w, u->command);
    if (u->port) {
        const char *port = vw_arena_printf(arena, "%u", (unsigned)u->port);
        if (!port)
            return vw_error_nomem(err);
        add(w, "-p");
        add(w, port);
    }
    /* U-17: release 0.3.0 forgets the user when there is a port. */
    if (u->user && !(u->dialect == VW_DIALECT_030 && u->port_given)) {
        add(w, "-l");
        add(w, u->user);
    }
    return 0;
}

/* ssh joins what is behind the host with spaces and has the remote shell read it. */
static int old_ssh(const struct vw_uri *u, unsigned flags, struct vw_arena *arena, struct words *w,
                   struct vw_error *err)
{
    int rc = check_common(u, err);
    if (!rc)
        rc = no_option("host", u->host, err);
    if (!rc)
        rc = no_option("netcat", u->netcat, err);
    if (!rc)
        rc = no_option("socket", u->socket, err);
    if (!rc)
        rc = add_port_and_user(u, arena, w, err);
    if (rc)
        return rc;
    bool literal = flags & VW_URI_ARGV_LITERAL;
    const char *netcat = literal ? u->netcat : shell_word(arena, u->netcat);
    const char *socket = literal ? u->socket : shell_word(arena, u->socket);
    if (!netcat || !socket)
        return vw_error_nomem(err);
    add(w, u->host);
    add(w, netcat);
    add(w, "-U");
    add(w, socket);
    return 0;
}

/* */
static int modern_ssh(const struct vw_uri *u, struct vw_arena *arena, struct words *w,
                      struct vw_error *err)
{
    const char *script;
    int rc = check_common(u, err);
    if (!rc)
        rc = vw_uri_script(u, arena, &script, err);
    if (!rc)
        rc = add_port_and_user(u, arena, w, err);
    if (rc)
        return rc;
    if (u->keyfile) {
        add(w, "-i");
        add(w, u->keyfile);
    }
    add(w, "-T");
    add(w, "-e");
    add(w, "none");
    if (u->no_tty) {
        add(w, "-o");
        add(w, "BatchMode=yes");
    }
    if (u->no_verify) {
        add(w, "-o");
        add(w, "StrictHostKeyChecking=no");
    }
    add(w, "--");
    add(w, u->host);
    add(w, script);
    return 0;
}

/* */
static int ext(const struct vw_uri *u, struct vw_arena *arena, const char *const **argv,
               struct vw_error *err)
{
    size_t n = 0;
    int rc = no_control("command", u->command, err);
    for (; !rc && u->argv && u->argv[n]; n++)
        rc = no_control("argv", u->argv[n], err);
    if (rc)
        return rc;
    const char **words = vw_arena_alloc(arena, (n + 2) * sizeof(*words), 16);
    if (!words)
        return vw_error_nomem(err);
    words[0] = u->command;
    for (size_t i = 0; i < n; i++)
        words[i + 1] = u->argv[i];
    words[n + 1] = NULL;
    *argv = words;
    return 0;
}

int vw_uri_argv(const struct vw_uri *uri, unsigned flags, struct vw_arena *arena,
                const char *const **argv, struct vw_error *err)
{
    struct words w = {.count = 0};
    if (uri->transport == VW_TRANSPORT_EXT)
        return ext(uri, arena, argv, err);
    if (uri->transport != VW_TRANSPORT_SSH)
        return vw_error_set(err, VW_EUSAGE, "transport %s runs no program",
                            vw_transport_name(uri->transport));
    int rc = uri->dialect == VW_DIALECT_MODERN ? modern_ssh(uri, arena, &w, err)
                                               : old_ssh(uri, flags, arena, &w, err);
    if (rc)
        return rc;
    add(&w, NULL);
    const char **words = vw_arena_alloc(arena, w.count * sizeof(*words), 16);
    if (!words)
        return vw_error_nomem(err);
    memcpy(words, w.word, w.count * sizeof(*words));
    *argv = words;
    return 0;
}
