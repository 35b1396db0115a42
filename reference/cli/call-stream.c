// SPDX-License-Identifier: MIT
// Moving bytes between files and a stream: one poll loop over the connection and the input. What
// comes is written before more is read, so nothing piles up.
#include "cli/call-stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <virwire/stream.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "cli/sparse.h"
#include "client/below.h"

#define PROGRESS_MS 500

struct move {
    const struct vw_call_stream *s;
    struct vw_client *client;
    struct vw_stream *st;
    struct vw_sparse_in in;
    struct vw_sparse_out out;
    bool in_open, out_open; /* more may come from there */
    int timeout_ms;
    int64_t end_ms;  /* --duration */
    int64_t last_ms; /* something moved */
    uint64_t sent, received;
    int64_t shown_ms;
    bool shows, shown; /* progress, on a terminal */
};

/* ---- what fits together ---- */

/* The member "flags" of the arguments. */
static uint32_t flags_of(const struct vw_proc *proc, const void *args)
{
    uint32_t flags = 0;
    for (uint32_t i = 0; proc->args && i < proc->args->n_fields; i++) {
        const struct vw_field *f = &proc->args->fields[i];
        if (strcmp(f->name, "flags") == 0 && f->type->size == sizeof(flags))
            memcpy(&flags, (const uint8_t *)args + f->offset, sizeof(flags));
    }
    return flags;
}

/* Both flags for sparse streams are bit 0 (S-11). */
#define SPARSE_FLAG 1

static int check_sparse(const struct vw_proc *proc, const void *args)
{
    if (!proc->sparseflag)
        return vw_cli_error("call", VW_EXIT_USAGE, "%s knows no holes: --sparse is not for it",
                            proc->short_name);
    if (!(flags_of(proc, args) & SPARSE_FLAG))
        return vw_cli_error("call", VW_EXIT_USAGE,
                            "--sparse needs the flag %d (%s) in \"flags\": the server would close "
                            "the connection at the first hole",
                            SPARSE_FLAG, proc->sparseflag);
    return 0;
}

int vw_call_stream_check(const struct vw_call_stream *s, const struct vw_proc *proc,
                         const void *args)
{
    bool any = s->output || s->input;
    if (!proc->readstream && !proc->writestream) {
        if (!any && !s->sparse && !s->limit_ms && !s->duration_ms)
            return 0;
        return vw_cli_error("call", VW_EXIT_USAGE,
                            "%s has no stream: --output, --input, --sparse, --stream-timeout and "
                            "--duration are not for it",
                            proc->short_name);
    }
    if (!any)
        return vw_cli_error("call", VW_EXIT_USAGE, "%s has a stream: say %s", proc->short_name,
                            proc->writestream ? "with --input FILE what to send ('-': stdin)"
                                              : "with --output FILE where it goes ('-': stdout)");
    if (s->output && !proc->readstream)
        return vw_cli_error("call", VW_EXIT_USAGE,
                            "nothing comes on the stream of %s: --output is not for it",
                            proc->short_name);
    if (s->input && proc->writestream == 0 && proc->sparseflag)
        return vw_cli_error("call", VW_EXIT_USAGE,
                            "nothing is sent on the stream of %s: --input is not for it",
                            proc->short_name);
    if (s->sparse && !s->input)
        return vw_cli_error("call", VW_EXIT_USAGE, "--sparse is for --input");
    return s->sparse ? check_sparse(proc, args) : 0;
}

/* ---- moving ---- */

static void progress(struct move *m, int64_t now, bool last)
{
    if (!m->shows || (last ? !m->shown : now - m->shown_ms < PROGRESS_MS))
        return;
    m->shown = true;
    m->shown_ms = now;
    fprintf(stderr, "\r%llu bytes received, %llu sent%s", (unsigned long long)m->received,
            (unsigned long long)m->sent, last ? "\n" : "");
}

/* 1: something was taken. An error is in ERR. */
static int take(struct move *m, struct vw_error *err)
{
    struct vw_stream_item item;
    int n = 0, rc;
    while ((rc = vw_stream_take(m->st, &item, err)) == 1) {
        if (item.kind == VW_ITEM_END) {
            m->out_open = false;
            return n;
        }
        n = 1;
        m->received += item.kind == VW_ITEM_HOLE ? (uint64_t)item.hole : item.len;
        rc = item.kind == VW_ITEM_HOLE ? vw_sparse_out_hole(&m->out, item.hole, err)
                                       : vw_sparse_out_data(&m->out, item.data, item.len, err);
        if (rc)
            return rc;
    }
    return rc < 0 ? rc : n;
}

/* Sends one piece of the input, which is ready. 1: something was sent or the input has ended. */
static int give(struct move *m, struct vw_error *err)
{
    static uint8_t buf[VW_STREAM_CHUNK];
    int64_t hole = 0;
    size_t n = 0;
    int rc = vw_sparse_in_next(&m->in, buf, sizeof(buf), &n, &hole, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        m->in_open = false;
    m->sent += n + (uint64_t)hole;
    if (hole)
        return (rc = vw_stream_send_hole(m->st, hole, err)) ? rc : 1;
    return n && (rc = vw_stream_send(m->st, buf, n, err)) ? rc : 1;
}

static bool has_room(struct move *m)
{
    return vw_stream_room(m->st) >= VW_STREAM_CHUNK;
}

/* Whoever only waits for the server waits so long and no longer. While the input may still bring
 * something, or --duration says when it is over, silence is no fault. */
static int64_t step_end(struct move *m)
{
    int64_t end = m->end_ms;
    bool by_server = !m->in_open || !has_room(m);
    if (by_server && m->end_ms == INT64_MAX)
        end = m->last_ms + m->timeout_ms;
    return end;
}

/* Waits and moves once. 0, or an error. */
static int step(struct move *m, struct vw_error *err)
{
    bool wants_in = m->in_open && has_room(m);
    int64_t end = step_end(m), next = vw_client_deadline(m->client);
    struct pollfd p[2] = {{.fd = vw_client_fd(m->client), .events = vw_client_events(m->client)},
                          {.fd = wants_in ? m->in.fd : -1, .events = POLLIN}};
    if (m->shows && next > vw_now_ms() + PROGRESS_MS)
        next = vw_now_ms() + PROGRESS_MS;
    if (poll(p, 2, vw_ms_left(next < end ? next : end)) < 0 && errno != EINTR)
        return vw_error_errno(err, errno, "poll");
    uint64_t before = m->sent + m->received;
    size_t waiting = vw_session_output_pending(vw_client_session(m->client));
    int rc = wants_in && p[1].revents ? give(m, err) : 0;
    if (rc >= 0 && vw_client_process(m->client, err) < 0 &&
        vw_stream_get_state(m->st) < VW_STREAM_IS_DONE)
        return err->code;
    /* Taking tells why it was lost, behind what came before that. */
    if (vw_stream_get_state(m->st) == VW_STREAM_IS_LOST) {
        vw_error_clear(err);
        rc = 0;
    }
    if (rc >= 0)
        rc = take(m, err);
    if (rc < 0)
        return rc;
    int64_t now = vw_now_ms();
    if (m->sent + m->received != before || (wants_in && !m->in_open) ||
        vw_session_output_pending(vw_client_session(m->client)) < waiting)
        m->last_ms = now;
    progress(m, now, false);
    if (now >= end && m->end_ms == INT64_MAX && now - m->last_ms >= m->timeout_ms)
        return vw_error_set(err, VW_ETIMEOUT, "the stream stands still");
    return 0;
}

/* One that only sends is over with its input; one that receives, when the server has no more. */
static bool goes_on(const struct move *m)
{
    if (m->end_ms != INT64_MAX && vw_now_ms() >= m->end_ms)
        return false;
    return m->s->output ? m->out_open : m->in_open;
}

static int move_all(struct move *m, struct vw_error *err)
{
    /* What came with the reply is here already. */
    int rc = take(m, err);
    rc = rc > 0 ? 0 : rc;
    m->last_ms = m->shown_ms = vw_now_ms();
    while (rc == 0 && goes_on(m))
        rc = step(m, err);
    if (rc == 0)
        rc = vw_stream_finish(m->st, err);
    progress(m, vw_now_ms(), true);
    return rc;
}

/* ---- from beginning to end ---- */

static int run_stream(struct move *m, const struct vw_proc *proc, const void *args,
                      struct vw_arena *arena, void **ret, struct vw_error *err)
{
    const struct vw_stream_options o = {
        VW_STREAM_OPTIONS_INIT, .deadline_ms = m->s->limit_ms ? vw_now_ms() + m->s->limit_ms : 0};
    int rc = vw_stream_open(
        m->client,
        &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = proc, .args = args, .stream = &o},
        arena, ret, &m->st, err);
    if (rc)
        return rc;
    m->end_ms = m->s->duration_ms ? vw_now_ms() + m->s->duration_ms : INT64_MAX;
    m->in_open = m->s->input != NULL;
    m->out_open = true;
    m->shows = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO) && !isatty(STDIN_FILENO);
    rc = move_all(m, err);
    vw_stream_destroy(m->st);
    return rc;
}

int vw_call_stream_run(const struct vw_call_stream *s, struct vw_client *client,
                       const struct vw_proc *proc, const void *args, int timeout_ms,
                       struct vw_arena *arena, void **ret)
{
    struct vw_error err = VW_ERROR_INIT;
    struct move m = {.s = s, .client = client, .timeout_ms = timeout_ms};
    int rc = vw_sparse_in_open(&m.in, s->input, s->sparse, &err);
    if (rc == 0)
        rc = vw_sparse_out_open(&m.out, s->output, &err);
    if (rc == 0)
        rc = run_stream(&m, proc, args, arena, ret, &err);
    vw_sparse_in_close(&m.in);
    if (rc == 0)
        rc = vw_sparse_out_commit(&m.out, &err);
    else
        vw_sparse_out_abandon(&m.out);
    if (rc == 0)
        return VW_EXIT_OK;
    if (m.out.stdout_failed)
        return VW_EXIT_TOOL;
    int status = vw_cli_fail("call", NULL, &err);
    return err.code == VW_ELIMIT || err.code == VW_EVALUE ? VW_EXIT_USAGE : status;
}
