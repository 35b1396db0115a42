// SPDX-License-Identifier: MIT
#include "mock-daemon/chronicle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/lines.h"
#include "capture/lint.h"
#include "message/message-json.h"
#include "mock-daemon/daemon.h"

struct vw_chronicle {
    struct vw_lines lines; /* out NULL: none are written */
    struct vw_lint lint;
    bool out_of_memory;
};

static const char *take_kind(struct vw_chronicle *log, const char *what)
{
    log->lines.json = strncmp(what, "json=", 5) == 0;
    return log->lines.json || strncmp(what, "text=", 5) == 0 ? what + 5 : what;
}

static int open_file(struct vw_chronicle *log, const char *what, struct vw_error *err)
{
    const char *path = take_kind(log, what);
    int fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                    : vw_file_create(path, 0600, VW_FILE_WAIT_MS);
    log->lines.out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (log->lines.out)
        return 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return vw_error_set(err, VW_EUSAGE, "--log %s: %s", what, strerror(why));
}

int vw_chronicle_open(struct vw_daemon *d, const char *what, struct vw_error *err)
{
    struct vw_chronicle *log = calloc(1, sizeof(*log));
    if (!log)
        return vw_error_nomem(err);
    d->chronicle = log;
    d->accounts.kept = true;
    log->lines.schema = log->lint.schema = d->profile->schema;
    log->lint.client_only = true;
    return what ? open_file(log, what, err) : 0;
}

void vw_chronicle_close(struct vw_daemon *d)
{
    if (!d->chronicle)
        return;
    vw_lint_finish(&d->chronicle->lint);
    if (d->chronicle->lines.out)
        fclose(d->chronicle->lines.out);
    free(d->chronicle);
    d->chronicle = NULL;
}

/* ---- lines ---- */

static void wrote(struct vw_chronicle *log, int rc)
{
    log->out_of_memory = log->out_of_memory || rc < 0;
    fflush(log->lines.out);
}

static int write_message(struct vw_chronicle *log, const struct vw_line *at)
{
    const struct vw_event *ev = at->talk->event;
    struct json_object *json = NULL;
    struct vw_frame frame;
    vw_frame_of(ev->message, ev->length, &frame);
    if (log->lines.json && !(json = vw_message_to_json(log->lines.schema, &frame)))
        return VW_ENOMEM;
    return vw_lines_message(&log->lines, at, &frame, json);
}

static int write_talk(struct vw_chronicle *log, const struct vw_line *at)
{
    switch (at->talk->kind) {
    case VW_TALK_MESSAGE:
        return write_message(log, at);
    case VW_TALK_NOTE:
        return vw_lines_other(&log->lines, at, "note", "!", at->talk->text);
    default: /* what the daemon itself does wrong was asked for */
        return at->talk->from == VW_SIDE_CLIENT ? vw_lines_finding(&log->lines, at) : 0;
    }
}

void vw_chronicle_hear(void *user, uint64_t number, const struct vw_talk_event *ev)
{
    struct vw_chronicle *log = ((struct vw_daemon *)user)->chronicle;
    const struct vw_line at = {.connection = number, .numbered = true, .ns = ev->ns, .talk = ev};
    if (vw_lint_hear(&log->lint, number, ev) < 0)
        log->out_of_memory = true;
    if (log->lines.out)
        wrote(log, write_talk(log, &at));
}

static void write_other(struct vw_chronicle *log, const struct vw_account *x, int64_t ns,
                        const char *what, const char *text)
{
    const struct vw_line at = {.connection = x->number, .numbered = true, .ns = ns};
    wrote(log, vw_lines_other(&log->lines, &at, what, "=", text));
}

void vw_chronicle_begin(struct vw_daemon *d, const struct vw_account *x)
{
    char text[300];
    if (!d->chronicle || !d->chronicle->lines.out || !x)
        return;
    snprintf(text, sizeof(text), "a client comes to %s", x->listener ? x->listener : "a socket");
    write_other(d->chronicle, x, x->since_ns, "begin", text);
}

void vw_chronicle_end(struct vw_daemon *d, const struct vw_account *x)
{
    char text[300];
    if (!d->chronicle || !d->chronicle->lines.out || !x)
        return;
    snprintf(text, sizeof(text), "over: %s", x->why);
    write_other(d->chronicle, x, x->until_ns, "over", d->chronicle->lines.json ? x->why : text);
}

/* ---- the end ---- */

size_t vw_chronicle_tell(const struct vw_daemon *d, FILE *out, bool all)
{
    const struct vw_lint *l = &d->chronicle->lint;
    for (size_t i = 0; i < l->n; i++) {
        const struct vw_finding *f = &l->groups[i].finding;
        fprintf(out, "virwired: the client broke %s%s%s: %s", f->clauses, f->title ? " in " : "",
                f->title ? f->title : "", f->found);
        if (f->count > 1)
            fprintf(out, "; %" PRIu64 " times in all", (uint64_t)f->count);
        fputc('\n', out);
    }
    if (all && l->n == 0)
        fprintf(out,
                "virwired: %" PRIu64 " messages on %" PRIu64
                " connections: no client broke a clause\n",
                l->messages, d->accounts.n);
    return l->n;
}

int vw_chronicle_flush(struct vw_daemon *d, struct vw_error *err)
{
    FILE *f = d->chronicle->lines.out;
    if (d->chronicle->out_of_memory)
        return vw_error_nomem(err);
    return f && ferror(f) ? vw_error_set(err, VW_ESYSTEM, "the log cannot be written") : 0;
}
