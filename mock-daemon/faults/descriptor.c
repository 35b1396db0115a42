// SPDX-License-Identifier: MIT
// Faults of descriptors that clients pass (section 8): how many, how they come, and whose they
// stay.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/faults/tamper.h"

/* What M announces; 0: nothing. */
static uint32_t announced(const struct vw_fault_input *m)
{
    return m->header.type == VW_MSG_CALL_WITH_FDS && m->len >= VW_PREFIX_BYTES + 4
               ? vw_word_get(m->bytes, VW_WORD_BODY)
               : 0;
}

/* A copy that nobody will ever close, or that the caller does. */
static int copy_of(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static enum vw_fate many_refused(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_input *m)
{
    return announced(m) >= f->value ? VW_FATE_CLOSE : VW_FATE_PASS;
}

static enum vw_outcome rest_leaked(const struct vw_fault *f, struct vw_call *c)
{
    struct vw_fault_state *state = vw_tamper_state(c->conn->tamper, f);
    for (uint32_t i = 1; i < c->event->n_fds; i++)
        state->count += copy_of(c->event->fds[i]) >= 0;
    return vw_fault_next_call(f, c);
}

/* ---- how many are due: COUNT of the state ---- */

static enum vw_fate note_due(const struct vw_fault *f, struct vw_tamper *t,
                             struct vw_fault_input *m)
{
    vw_tamper_state(t, f)->count += announced(m);
    return VW_FATE_PASS;
}

/* How many of N were due. */
static uint32_t take_due(struct vw_fault_state *state, uint32_t n)
{
    uint32_t due = state->count < n ? (uint32_t)state->count : n;
    state->count -= due;
    return due;
}

static void ends_in_parts(const struct vw_fault *f, struct vw_tamper *t, const int *fds, uint32_t n)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (take_due(state, n) > 0 && state->count > 0)
        vw_tamper_cut(t);
}

static void ends_undue(const struct vw_fault *f, struct vw_tamper *t, const int *fds, uint32_t n)
{
    if (take_due(vw_tamper_state(t, f), n) < n)
        vw_tamper_cut(t);
}

static void leaks_undue(const struct vw_fault *f, struct vw_tamper *t, const int *fds, uint32_t n)
{
    for (uint32_t i = take_due(vw_tamper_state(t, f), n); i < n; i++)
        (void)!copy_of(fds[i]);
}

/* ---- copies kept for a while: HELD of the state ---- */

static void keep(const struct vw_fault *f, struct vw_tamper *t, const int *fds, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int fd = copy_of(fds[i]);
        if (fd >= 0 && vw_buf_append(&vw_tamper_state(t, f)->held, &fd, sizeof(fd)) < 0)
            close(fd);
    }
}

/* What came with the bytes of a message counts as announced. */
static enum vw_fate early_taken(const struct vw_fault *f, struct vw_tamper *t,
                                struct vw_fault_input *m)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    size_t n = announced(m) ? state->held.len / sizeof(int) : 0;
    if (n > 0 && vw_session_add_fds(vw_tamper_conn(t)->session, VW_SIDE_CLIENT,
                                    (const int *)(const void *)state->held.data, n) < 0)
        vw_tamper_cut(t);
    if (n > 0)
        state->held.len = 0;
    return VW_FATE_PASS;
}

static void close_kept(const struct vw_fault *f, struct vw_tamper *t)
{
    struct vw_buf *held = &vw_tamper_state(t, f)->held;
    for (size_t at = 0; at < held->len; at += sizeof(int)) {
        int fd;
        memcpy(&fd, held->data + at, sizeof(fd));
        close(fd);
    }
    held->len = 0;
}

/* Copies are closed with the call; of one that never comes they stay. */
static enum vw_outcome call_closes(const struct vw_fault *f, struct vw_call *c)
{
    if (c->event->n_fds)
        close_kept(f, c->conn->tamper);
    return vw_fault_next_call(f, c);
}

/* As real servers do it: behind the error the bytes of the descriptors come back. */
static enum vw_fate error_returns(const struct vw_fault *f, struct vw_tamper *t,
                                  struct vw_fault_output *m)
{
    static const uint8_t zeros[32];
    uint64_t n = vw_tamper_state(t, f)->count;
    bool refused = m->refusal && m->refusal->header.type == VW_MSG_CALL_WITH_FDS;
    if (refused && n <= sizeof(zeros) && vw_buf_append(&m->bytes, zeros, (size_t)n) < 0)
        vw_tamper_cut(t);
    return VW_FATE_PASS;
}

const struct vw_fault_kind vw_fault_kinds_descriptor[] = {
    {"fds-many-refused", "P-2", "N (32) descriptors and more end the connection",
     .takes_value = true, .value = 32, .input = many_refused},
    {"fds-rest-leaked", "P-4", "of several descriptors that nobody wants only the first is closed",
     .call = rest_leaked},
    {"fds-in-parts-end", "P-3", "descriptors that do not come all at once end the connection",
     .input = note_due, .descriptors = ends_in_parts},
    {"fds-with-call-end", "P-7", "descriptors that come with other bytes end the connection",
     .input = note_due, .descriptors = ends_undue},
    {"fds-with-call-leaked", "P-7", "descriptors that come with other bytes stay open",
     .input = note_due, .descriptors = leaks_undue},
    {"fds-early-taken", "D-15", "descriptors that come with the message count as those announced",
     .input = early_taken, .descriptors = keep, .gone = close_kept},
    {"fds-of-leaver-leaked", "P-4", "the descriptors of a client that leaves too early stay open",
     .call = call_closes, .descriptors = keep},
    {"fds-error-returns", "P-5",
     "behind the error of a call the bytes of its descriptors come back", .input = note_due,
     .output = error_returns},
    {NULL},
};
