// SPDX-License-Identifier: MIT
// See under.h.
#include "conformance/play/under.h"

#include <string.h>

#include "base/room.h"
#include "base/words.h"
#include "conformance/cases/program.h"
#include "xdr/xdr.h"

#define LABEL        "#beside"
#define FIRST_SERIAL 0xfd000000u            /* far from those of cases */
#define BESIDE_MAX   (VW_FLIGHT_OTHERS + 1) /* calls beside that wait for their answer */
/* Of a message that so many bytes are written one by one: the rest of a long one comes at once. */
#define ONE_BY_ONE 64
/* Of a longer message the fields are not looked for. */
#define FIELDS_MAX 65536

/* ---- where writes end ---- */

static int cut(struct vw_link *c, size_t at, struct vw_error *err)
{
    size_t *cuts = vw_room(c->cuts, c->n_cuts, sizeof(*cuts));
    if (!cuts)
        return vw_error_nomem(err);
    c->cuts = cuts;
    c->cuts[c->n_cuts++] = at;
    return 0;
}

/* Before each word of the header, before the body, and before each field of that, if it is
 * well-formed. START: of the message in the queue. */
static int cut_fields(struct vw_link *c, size_t start, const uint8_t *bytes, size_t len,
                      struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_spans spans = {.count = 0};
    struct vw_header h;
    int rc = 0;
    for (size_t at = 0; at <= VW_PREFIX_BYTES && at < len && rc == 0; at += 4)
        rc = cut(c, start + at, err);
    if (rc == 0 && len > VW_PREFIX_BYTES && len < FIELDS_MAX) {
        vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
        const struct vw_program *p = vw_session_program(c->watch, h.program, h.version);
        const struct vw_proc *proc = p ? vw_program_proc(p, h.procedure) : NULL;
        if (!proc || !proc->args ||
            vw_xdr_spans(proc->args, bytes + VW_PREFIX_BYTES, len - VW_PREFIX_BYTES, &arena, &spans,
                         NULL) < 0)
            spans.count = 0;
    }
    for (size_t i = 0; i < spans.count && i < ONE_BY_ONE && rc == 0; i++)
        if (spans.list[i].kind != VW_SPAN_GROUP && spans.list[i].offset)
            rc = cut(c, start + VW_PREFIX_BYTES + spans.list[i].offset, err);
    vw_arena_finish(&arena);
    return rc;
}

static int cut_bytes(struct vw_link *c, size_t start, size_t len, struct vw_error *err)
{
    int rc = 0;
    for (size_t at = 0; at < len && at <= ONE_BY_ONE && rc == 0; at++)
        rc = cut(c, start + at, err);
    return rc;
}

/* ---- calls beside ---- */

static bool is_beside(const struct vw_sent *s)
{
    return strcmp(s->label, LABEL) == 0;
}

static size_t waiting(const struct vw_link *c)
{
    size_t n = 0;
    for (const struct vw_sent *s = c->sent; s; s = s->next)
        n += is_beside(s) && !s->answered;
    return n;
}

static int send_beside(struct vw_link *c, struct vw_error *err)
{
    const struct vw_proc *proc;
    int rc = vw_played_fence(c->profile, c->open, &proc, err);
    if (rc)
        return rc;
    const struct vw_header h = {proc->program->number, proc->program->version,       proc->number,
                                VW_MSG_CALL,           FIRST_SERIAL + c->n_beside++, VW_MSG_OK};
    struct vw_buf bytes = VW_BUF_INIT;
    rc = vw_message_append(&bytes, vw_session_limits(c->watch), &h, 0, NULL, 0, err);
    if (rc == 0)
        rc = vw_link_queue(c, bytes.data, bytes.len, err);
    if (rc == 0)
        rc = vw_link_expect_answer(c, LABEL, &h, proc, proc->args != NULL, err);
    vw_buf_finish(&bytes);
    return rc;
}

static int send_some_beside(struct vw_link *c, size_t n, struct vw_error *err)
{
    size_t there = waiting(c);
    int rc = 0;
    for (; n > 0 && there < BESIDE_MAX && rc == 0; n--, there++)
        rc = send_beside(c, err);
    return rc;
}

/* Behind bytes that are no whole message the next ones are a part of it, and behind some messages
 * come descriptors: there is no room for a call beside from then on. */
static bool leaves_room(const uint8_t *bytes, size_t len)
{
    struct vw_header h;
    if (len < VW_PREFIX_BYTES || vw_load32(bytes) != len)
        return false;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    return h.type != VW_MSG_CALL_WITH_FDS;
}

/* ---- the message ---- */

int vw_under_send(struct vw_link *c, const void *bytes, size_t len, struct vw_error *err)
{
    const struct vw_condition *under = c->condition;
    const unsigned how = under->value[VW_FACTOR_BYTES];
    const bool fits = !c->crowded && !c->entry && leaves_room(bytes, len);
    size_t before = (under->value[VW_FACTOR_FLIGHT] ? VW_FLIGHT_OTHERS : 0) +
                    (how == VW_BYTES_GLUED_BEFORE ? 1 : 0);
    int rc = 0;
    if (c->out_done == c->out.len)
        c->n_cuts = 0;
    if (fits)
        rc = send_some_beside(c, before, err);
    const size_t start = vw_link_unsent(c) ? c->out.len : 0;
    if (rc == 0)
        rc = vw_link_queue(c, bytes, len, err);
    if (rc == 0 && how == VW_BYTES_ONE)
        rc = cut_bytes(c, start, len, err);
    if (rc == 0 && how == VW_BYTES_FIELDS)
        rc = cut_fields(c, start, bytes, len, err);
    if (rc == 0 && fits && how == VW_BYTES_GLUED_BEHIND)
        rc = send_some_beside(c, 1, err);
    c->crowded = c->crowded || (!c->entry && !leaves_room(bytes, len));
    return rc;
}

bool vw_under_takes(struct vw_link *c, const struct vw_header *h)
{
    if (h->type != VW_MSG_REPLY)
        return false;
    for (struct vw_sent *s = c->sent; s; s = s->next) {
        if (!is_beside(s) || s->answered || s->header.serial != h->serial)
            continue;
        s->answered = true;
        return true;
    }
    return false;
}

bool vw_under_settled(const struct vw_link *c)
{
    return vw_link_over(c) || c->crowded || waiting(c) == 0;
}
