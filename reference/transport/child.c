// SPDX-License-Identifier: MIT
// Starting, watching and ending the program behind the transports ext and ssh. It is on a leash
// (leash.h), so that neither it nor what it has started stays, whatever ends this process.
#include "transport/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/leash.h"

/* What is kept of standard error: its end, where the reason usually stands. */
#define STDERR_KEPT 1024u
/* How long the child may take to end: by itself once its output has ended, when its input ends,
 * after SIGTERM. Then it is killed. */
#define EXPLAIN_MS 500
#define LEAVE_MS   200
#define TERM_MS    500

struct child {
    struct vw_transport base;
    struct vw_transport_ops ops; /* name and caps differ */
    struct vw_transport *lower;
    char program[48]; /* for texts: the file's name without its folder */
    struct vw_leash leash;
    int errors; /* read end of its standard error, or -1 */
    bool heard; /* it has written to its output */
    size_t kept_len;
    char kept[STDERR_KEPT];
};

/* The descriptors of a start: ours and the child's of the channel, and of its standard error. */
struct pipes {
    int channel[2];
    int errors[2];
};

/* ---- what it writes to its standard error ---- */

static void keep(struct child *c, const char *bytes, size_t len)
{
    if (len > sizeof(c->kept)) {
        bytes += len - sizeof(c->kept);
        len = sizeof(c->kept);
    }
    size_t drop = c->kept_len + len > sizeof(c->kept) ? c->kept_len + len - sizeof(c->kept) : 0;
    memmove(c->kept, c->kept + drop, c->kept_len - drop);
    c->kept_len -= drop;
    memcpy(c->kept + c->kept_len, bytes, len);
    c->kept_len += len;
}

/* Takes what is there, but no more than a flood of a moment. */
static void drain_errors(struct child *c)
{
    char buf[4096];
    for (int i = 0; i < 16 && c->errors >= 0; i++) {
        ssize_t n = read(c->errors, buf, sizeof(buf));
        if (n > 0) {
            keep(c, buf, (size_t)n);
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            close(c->errors);
            c->errors = -1;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

/* Bytes that CH takes in the text. */
static size_t shown_size(char ch)
{
    return ch == '\r' ? 0 : ch == '\n' ? 2 : 1;
}

/* The last lines as one text of at most SIZE - 1 bytes, line ends as "; ", "..." where it was cut.
 */
static const char *last_words(const struct child *c, char *buf, size_t size)
{
    size_t at = 0, len = c->kept_len, room = size - sizeof("...");
    while (len && strchr("\r\n\t ", c->kept[len - 1]))
        len--;
    size_t from = len;
    while (from && shown_size(c->kept[from - 1]) <= room)
        room -= shown_size(c->kept[--from]);
    if (from)
        at = (size_t)(stpcpy(buf, "...") - buf);
    for (size_t i = from; i < len; i++) {
        char ch = c->kept[i];
        if (ch == '\r')
            continue;
        if (ch == '\n')
            buf[at++] = ';';
        buf[at++] = ch == '\n' || ch == '\t' ? ' ' : ch ? ch : '?';
    }
    buf[at] = '\0';
    return buf;
}

/* ---- how it ends ---- */

static void how_it_ended(const struct child *c, char *buf, size_t size)
{
    const int status = c->leash.status;
    if (!c->leash.ended)
        snprintf(buf, size, "has closed its output but still runs");
    else if (status == -1)
        snprintf(buf, size, "has ended");
    else if (WIFSIGNALED(status))
        snprintf(buf, size, "was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(buf, size, "ended with exit status %d", WEXITSTATUS(status));
}

static struct child *child_of(const struct vw_transport *t)
{
    return (struct child *)(uintptr_t)t;
}

static int child_explain(struct vw_transport *t, struct vw_error *err)
{
    struct child *c = child_of(t);
    char how[96], words[176];
    vw_leash_wait(&c->leash, vw_now_ms() + EXPLAIN_MS);
    drain_errors(c);
    how_it_ended(c, how, sizeof(how));
    last_words(c, words, sizeof(words));
    return vw_error_set(err, c->heard ? VW_ECLOSED : VW_EUNREACHABLE, "%s %s%s%s", c->program, how,
                        words[0] ? ", saying: " : "", words);
}

/* ---- the transport ---- */

static ssize_t child_recv(struct vw_transport *t, void *buf, size_t len, struct vw_fds *fds)
{
    struct child *c = child_of(t);
    drain_errors(c);
    ssize_t n = c->lower->ops->recv(c->lower, buf, len, NULL);
    if (fds)
        fds->count = 0;
    c->heard = c->heard || n > 0;
    return n;
}

static ssize_t child_send(struct vw_transport *t, const void *buf, size_t len,
                          const struct vw_fds *fds)
{
    struct child *c = child_of(t);
    if (fds && fds->count)
        return -EOPNOTSUPP;
    return c->lower->ops->send(c->lower, buf, len, NULL);
}

static int child_fd(const struct vw_transport *t)
{
    const struct vw_transport *lower = child_of(t)->lower;
    return lower->ops->fd(lower);
}

static int child_shutdown(struct vw_transport *t)
{
    struct child *c = child_of(t);
    return c->lower->ops->shutdown(c->lower);
}

static void child_close(struct vw_transport *t)
{
    struct child *c = child_of(t);
    if (c->lower)
        c->lower->ops->close(c->lower);
    if (c->errors >= 0)
        close(c->errors);
    c->errors = -1;
    vw_leash_wait(&c->leash, vw_now_ms() + LEAVE_MS);
    vw_leash_end(&c->leash);
    free(c);
}

static const struct vw_transport_ops child_ops = {
    .recv = child_recv,
    .send = child_send,
    .fd = child_fd,
    .shutdown = child_shutdown,
    .explain = child_explain,
    .close = child_close,
};

/* ---- the start ---- */

/* Everything else of the environment is nobody's business on the other side. */
static bool may_pass(const char *entry)
{
    static const char *const names[] = {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "TMPDIR",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "KRB5CCNAME",
        "SSH_AUTH_SOCK",
        "SSH_ASKPASS",
        "DISPLAY",
        "XAUTHORITY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        "OPENSSL_CONF",
        "SSH_ASKPASS_REQUIRE",
    };
    size_t len = strcspn(entry, "=");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && strncmp(entry, names[i], len) == 0)
            return true;
    return false;
}

char **vw_child_environment(bool (*passes)(const char *entry))
{
    static char locale[] = "LC_ALL=C";
    size_t n = 0, kept = 0;
    while (environ && environ[n])
        n++;
    char **env = malloc((n + 2) * sizeof(*env));
    if (!env)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (passes(environ[i]))
            env[kept++] = environ[i];
    env[kept++] = locale;
    env[kept] = NULL;
    return env;
}

static void close_pipes(struct pipes *p)
{
    int *all[] = {&p->channel[0], &p->channel[1], &p->errors[0], &p->errors[1]};
    for (size_t i = 0; i < 4; i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

/* Standard error never blocks: a child that floods it loses words instead of standing still. */
static int make_pipes(struct pipes *p, struct vw_error *err)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->channel) == 0 &&
        pipe2(p->errors, O_CLOEXEC | O_NONBLOCK) == 0 && vw_leash_above(&p->channel[0]) == 0 &&
        vw_leash_above(&p->channel[1]) == 0 && vw_leash_above(&p->errors[0]) == 0 &&
        vw_leash_above(&p->errors[1]) == 0)
        return 0;
    int rc = vw_error_errno(err, errno, "channel of a child");
    close_pipes(p);
    return rc;
}

static int start(struct child *c, const char *const *argv, unsigned flags, struct vw_error *err)
{
    struct pipes p;
    char **env = NULL;
    if (flags & VW_CHILD_CLEAN_ENV) {
        env = vw_child_environment(may_pass);
        if (!env)
            return vw_error_nomem(err);
    }
    int rc = make_pipes(&p, err);
    if (rc == 0) {
        const struct vw_leash_program program = {
            .argv = argv,
            .env = env ? env : environ,
            .fds = {p.channel[1], p.channel[1], p.errors[1]},
            .group = flags & VW_CHILD_NO_TTY ? VW_LEASH_SESSION : VW_LEASH_SAME,
            .grace_ms = TERM_MS,
        };
        int reason = vw_leash_start(&program, &c->leash);
        if (reason) {
            if (err && !err->code)
                err->sys_errno = reason;
            rc = vw_error_set(err, VW_EUNREACHABLE, "%.200s cannot be started: %s", argv[0],
                              strerror(reason));
        }
    }
    if (rc == 0) {
        c->errors = p.errors[0];
        rc = vw_transport_from_fd(p.channel[0], &c->lower, err);
        p.errors[0] = p.channel[0] = -1;
    }
    close_pipes(&p);
    free(env);
    return rc;
}

int vw_child_open(const char *name, const char *const *argv, unsigned flags,
                  struct vw_transport **out, struct vw_error *err)
{
    struct child *c = calloc(1, sizeof(*c));
    *out = NULL;
    if (!c)
        return vw_error_nomem(err);
    const char *slash = strrchr(argv[0], '/');
    c->ops = child_ops;
    c->ops.name = name;
    c->ops.caps = flags & VW_CHILD_SECURE ? VW_CAP_SECURE : 0;
    c->base.ops = &c->ops;
    c->errors = -1;
    snprintf(c->program, sizeof(c->program), "%s", slash ? slash + 1 : argv[0]);
    int rc = start(c, argv, flags, err);
    if (rc)
        child_close(&c->base);
    else
        *out = &c->base;
    return rc;
}

int vw_child_open_uri(const struct vw_uri *uri, unsigned flags, struct vw_transport **out,
                      struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const char *const *argv;
    if (uri->dialect == VW_DIALECT_MODERN)
        flags |= VW_CHILD_CLEAN_ENV;
    int rc = vw_uri_argv(uri, 0, &arena, &argv, err);
    if (rc == 0)
        rc = vw_child_open(vw_transport_name(uri->transport), argv, flags, out, err);
    vw_arena_finish(&arena);
    return rc;
}
