// SPDX-License-Identifier: MIT
// See journal.h.
#include "fuzz/blackbox/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/room.h"
#include "message/message.h"

#define FIRST_LINE "# virwire fuzz journal 1"

static const char *const kinds[] = {"open", "bare", "call", "bent", "broken", "wait", "close"};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- writing ---- */

static int add_text(struct vw_journal *j, struct vw_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int add_text(struct vw_journal *j, struct vw_error *err, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    /* A line is one line, whatever a URI or a name says. */
    for (size_t i = 0; i + 1 < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = '?';
    if (len == sizeof(text) - 1)
        text[len - 1] = '\n';
    return vw_buf_append(&j->held, text, len) < 0 ? vw_error_nomem(err) : 0;
}

static int open_part(struct vw_journal *j, struct vw_error *err)
{
    char *path;
    int n =
        j->part == 1 ? asprintf(&path, "%s", j->base) : asprintf(&path, "%s.%u", j->base, j->part);
    if (n < 0)
        return vw_error_nomem(err);
    j->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        int rc = errno == EEXIST ? vw_error_set(err, VW_EUSAGE,
                                                "the journal %s is there already; name another "
                                                "with --journal, or remove it",
                                                path)
                                 : vw_error_set(err, VW_EUSAGE, "cannot make the journal %s: %s",
                                                path, strerror(errno));
        free(path);
        return rc;
    }
    j->path = path;
    j->kept = false;
    j->written = 0;
    int rc = add_text(j, err, FIRST_LINE "\n");
    if (rc == 0)
        rc = add_text(j, err, "# profile %s\n", j->head.profile);
    if (rc == 0)
        rc = add_text(j, err, "# seed %" PRIu64 "\n", j->head.seed);
    if (rc == 0)
        rc = add_text(j, err, "# uri %s\n", j->head.uri);
    return rc ? rc : vw_journal_flush(j, err);
}

int vw_journal_create(const char *path, const struct vw_journal_head *head, struct vw_journal *out,
                      struct vw_error *err)
{
    *out = (struct vw_journal){.head = *head, .fd = -1, .part = 1, .base = strdup(path)};
    int rc = out->base ? open_part(out, err) : vw_error_nomem(err);
    if (rc < 0)
        vw_journal_close(out);
    return rc;
}

void vw_journal_close(struct vw_journal *j)
{
    if (j->fd >= 0 && j->base)
        close(j->fd);
    free(j->path);
    free(j->base);
    free(j->last);
    vw_buf_finish(&j->held);
    *j = (struct vw_journal){.fd = -1};
}

int vw_journal_add(struct vw_journal *j, const struct vw_journal_entry *e, struct vw_error *err)
{
    if (e->len) {
        /* Its NUL is overwritten. */
        if (vw_buf_reserve(&j->held, 2 * e->len + 1) < 0)
            return vw_error_nomem(err);
        vw_hex_encode(e->bytes, e->len, (char *)j->held.data + j->held.len);
        j->held.len += 2 * e->len;
    }
    return add_text(j, err, "%s# %u %s%s%s\n", e->len ? "  " : "", e->slot, kinds[e->kind],
                    e->note ? " " : "", e->note ? e->note : "");
}

int vw_journal_found(struct vw_journal *j, const char *text, struct vw_error *err)
{
    j->kept = true;
    return add_text(j, err, "# found %s\n", text);
}

int vw_journal_flush(struct vw_journal *j, struct vw_error *err)
{
    for (size_t at = 0; at < j->held.len;) {
        ssize_t n = write(j->fd, j->held.data + at, j->held.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vw_error_errno(err, errno, "cannot write the journal %s", j->path);
        at += (size_t)n;
    }
    j->written += j->held.len;
    j->held.len = 0;
    return 0;
}

int vw_journal_next(struct vw_journal *j, struct vw_error *err)
{
    int rc = vw_journal_flush(j, err);
    if (rc < 0)
        return rc;
    close(j->fd);
    j->fd = -1;
    if (j->last)
        unlink(j->last);
    free(j->last);
    j->last = NULL;
    if (j->kept)
        free(j->path);
    else
        j->last = j->path;
    j->path = NULL;
    j->part++;
    return open_part(j, err);
}

/* ---- reading ---- */

struct parser {
    struct vw_journal_text *out;
    struct vw_error *err;
    unsigned line;
    bool opened[VW_JOURNAL_SLOTS];
    bool broken[VW_JOURNAL_SLOTS];
};

static int wrong(struct parser *p, size_t column, const char *what)
{
    return vw_error_at(p->err, VW_ESYNTAX, p->line, (unsigned)column + 1, "%s", what);
}

/* Whether TEXT begins with WORD and a space; *REST is behind it. */
static bool begins(const char *text, size_t len, const char *word, const char **rest)
{
    size_t n = strlen(word);
    if (len < n || memcmp(text, word, n) != 0 || (len > n && text[n] != ' '))
        return false;
    *rest = text + (len > n ? n + 1 : n);
    return true;
}

/* A number below LIMIT at TEXT, which a space or the end follows. */
static bool read_number(const char *text, const char *end, uint64_t limit, uint64_t *out,
                        const char **rest)
{
    const char *at = text;
    uint64_t v = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
            return false;
    if (at == text || (at < end && *at != ' ') || v > limit)
        return false;
    *out = v;
    *rest = at < end ? at + 1 : at;
    return true;
}

static int read_head(struct parser *p, const char *text, const char *end)
{
    const char *rest;
    const size_t len = (size_t)(end - text);
    if (begins(text, len, "profile", &rest)) {
        p->out->profile = vw_arena_strndup(&p->out->arena, rest, (size_t)(end - rest));
        return p->out->profile ? 0 : vw_error_nomem(p->err);
    }
    if (begins(text, len, "seed", &rest))
        return read_number(rest, end, UINT64_MAX, &p->out->seed, &rest) ? 0
                                                                        : wrong(p, 7, "no number");
    if (begins(text, len, "found", &rest) && !p->out->found) {
        p->out->found_at = p->out->count;
        p->out->found = vw_arena_strndup(&p->out->arena, rest, (size_t)(end - rest));
        return p->out->found ? 0 : vw_error_nomem(p->err);
    }
    if (begins(text, len, "uri", &rest) || begins(text, len, "found", &rest))
        return 0;
    return wrong(p, 2, "this is no line of a journal");
}

/* What may stand where, so that a replay never meets what it cannot do. */
static int check_order(struct parser *p, const struct vw_journal_entry *e, size_t column)
{
    bool starts = e->kind == VW_ENTRY_OPEN || e->kind == VW_ENTRY_BARE;
    if (starts && p->opened[e->slot])
        return wrong(p, column, "this connection is open already");
    if (!starts && !p->opened[e->slot])
        return wrong(p, column, "this connection is not open");
    if (p->broken[e->slot] && vw_entry_is_message(e))
        return wrong(p, column, "nothing goes behind what is broken");
    p->opened[e->slot] = e->kind != VW_ENTRY_CLOSE;
    p->broken[e->slot] = e->kind == VW_ENTRY_BROKEN || (p->broken[e->slot] && !starts);
    if (e->kind == VW_ENTRY_CLOSE)
        p->broken[e->slot] = false;
    return 0;
}

static int add_entry(struct parser *p, const struct vw_journal_entry *e)
{
    struct vw_journal_entry *list =
        vw_arena_room(&p->out->arena, p->out->list, p->out->count, sizeof(*list));
    if (!list)
        return vw_error_nomem(p->err);
    p->out->list = list;
    list[p->out->count++] = *e;
    return 0;
}

/* "0 bent set body 00" at TEXT, column COLUMN; the bytes in front of it are those of E. */
static int read_entry(struct parser *p, const char *text, const char *end, size_t column,
                      struct vw_journal_entry *e)
{
    const char *rest;
    uint64_t slot;
    size_t kind = 0;
    if (!read_number(text, end, VW_JOURNAL_SLOTS - 1, &slot, &rest))
        return wrong(p, column, "no number of a connection");
    column += (size_t)(rest - text);
    while (kind < N_KINDS && !begins(rest, (size_t)(end - rest), kinds[kind], &text))
        kind++;
    if (kind == N_KINDS)
        return wrong(p, column, "neither open, bare, call, bent, broken, wait nor close");
    e->kind = (enum vw_entry_kind)kind;
    e->slot = (unsigned)slot;
    if (vw_entry_is_message(e) != (e->len > 0))
        return wrong(p, column, e->len ? "there are bytes in front of it" : "it has no bytes");
    if (e->kind != VW_ENTRY_BROKEN && e->len &&
        (e->len < VW_PREFIX_BYTES || vw_load32(e->bytes) != e->len))
        return wrong(p, 0, "these bytes are no message");
    if (text < end && !(e->note = vw_arena_strndup(&p->out->arena, text, (size_t)(end - text))))
        return vw_error_nomem(p->err);
    int rc = check_order(p, e, column);
    return rc ? rc : add_entry(p, e);
}

static int read_bytes(struct parser *p, const char *text, const char *end)
{
    struct vw_journal_entry e = {0};
    const char *at = text;
    while (at < end && vw_hex_value(*at) >= 0)
        at++;
    size_t digits = (size_t)(at - text);
    uint8_t *bytes = vw_arena_alloc(&p->out->arena, digits / 2 + 1, 1);
    if (!bytes)
        return vw_error_nomem(p->err);
    if (digits % 2 || digits == 0)
        return wrong(p, digits, digits ? "half a byte" : "this is no line of a journal");
    if (end - at < 4 || memcmp(at, "  # ", 4) != 0)
        return wrong(p, digits, "behind the bytes stands no \"  # \"");
    vw_hex_decode(text, digits, bytes);
    e.bytes = bytes;
    e.len = digits / 2;
    return read_entry(p, at + 4, end, digits + 4, &e);
}

static int read_line(struct parser *p, const char *text, const char *end)
{
    struct vw_journal_entry e = {0};
    if (p->line == 1)
        return (size_t)(end - text) == strlen(FIRST_LINE) &&
                       memcmp(text, FIRST_LINE, strlen(FIRST_LINE)) == 0
                   ? 0
                   : wrong(p, 0, "this is no journal of virwire fuzz");
    if (end - text < 3 || text[0] != '#')
        return read_bytes(p, text, end);
    if (text[1] != ' ')
        return wrong(p, 1, "this is no line of a journal");
    return text[2] >= '0' && text[2] <= '9' ? read_entry(p, text + 2, end, 2, &e)
                                            : read_head(p, text + 2, end);
}

int vw_journal_parse(const char *text, size_t len, struct vw_journal_text *out,
                     struct vw_error *err)
{
    struct parser p = {.out = out, .err = err};
    const char *end = text + len;
    *out = (struct vw_journal_text){.arena = VW_ARENA_INIT};
    for (const char *line = text, *stop; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            break;
        p.line++;
        int rc = read_line(&p, line, stop);
        if (rc < 0)
            return rc;
    }
    p.line++;
    if (p.line == 1)
        return wrong(&p, 0, "this is no journal of virwire fuzz");
    return out->profile ? 0 : wrong(&p, 0, "the journal names no profile");
}

void vw_journal_text_finish(struct vw_journal_text *t)
{
    vw_arena_finish(&t->arena);
    *t = (struct vw_journal_text){.arena = VW_ARENA_INIT};
}
