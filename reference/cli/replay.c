// SPDX-License-Identifier: MIT
// What both roles of a replay ask of the messages that were recorded, and tell when one is not said
// again.
#include "cli/replay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auth/login.h"
#include "base/room.h"
#include "base/words.h"
#include "cli/call-fds.h"
#include "cli/input.h"
#include "cli/message.h"

#define GROUPS_MAX 1000u
#define LINE       400u

struct json_object *vw_replay_body(struct vw_replay *r, const struct vw_frame *frame,
                                   struct vw_body *body)
{
    return vw_body_to_json(r->in.profile->schema, frame, body);
}

struct vw_replay_item *vw_replay_call_of(struct vw_replay *r, const struct vw_replay_item *item)
{
    const struct vw_header *h = &item->frame.header;
    for (size_t i = (size_t)(item - r->items); i > 0; i--) {
        struct vw_replay_item *it = &r->items[i - 1];
        const struct vw_header *c = &it->frame.header;
        if (it->conn != item->conn || it->from != VW_SIDE_CLIENT)
            continue;
        if (item->answers ? it->number == item->answers
                          : c->type == VW_MSG_CALL && c->serial == h->serial &&
                                c->program == h->program && c->procedure == h->procedure)
            return it;
    }
    return NULL;
}

uint32_t vw_replay_n_fds(const struct vw_replay_item *item)
{
    int32_t type = item->frame.header.type;
    bool with = type == VW_MSG_CALL_WITH_FDS || type == VW_MSG_REPLY_WITH_FDS;
    return with && item->frame.body_len >= 4 ? vw_load32(item->frame.body) : 0;
}

bool vw_replay_stand_ins(uint32_t n, struct vw_fds *out)
{
    out->count = 0;
    while (n <= sizeof(out->fd) / sizeof(out->fd[0]) && out->count < n) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0)
            break;
        out->fd[out->count++] = fd;
    }
    if (out->count == n)
        return true;
    vw_call_fds_close(out);
    return false;
}

int vw_replay_send_as(struct vw_session *s, const struct vw_replay_item *item, uint32_t serial)
{
    struct vw_buf bytes = VW_BUF_INIT;
    int rc = vw_buf_append(&bytes, item->frame.bytes, item->frame.length);
    if (rc == 0) {
        vw_store32(bytes.data + VW_LENGTH_BYTES + 16, serial);
        rc = vw_session_send_raw(s, bytes.data, bytes.len);
    }
    vw_buf_finish(&bytes);
    return rc;
}

uint64_t vw_replay_stream_bytes(const struct vw_replay_item *item)
{
    const struct vw_frame *f = &item->frame;
    if (f->header.type == VW_MSG_STREAM_HOLE)
        return f->body_len >= 8 ? vw_load64(f->body) : 0;
    return f->header.type == VW_MSG_STREAM && f->header.status == VW_MSG_CONTINUE ? f->body_len : 0;
}

bool vw_replay_opens_stream(const struct vw_body *body)
{
    return body->proc && (body->proc->readstream || body->proc->writestream);
}

/* Whether CALL asks if descriptors can be sent, which the library does by itself before it sends
 * some (P-1). */
static bool asks_for_fds(const struct vw_replay_item *call, const struct vw_body *body)
{
    return call->conn->fds && body->proc &&
           strcmp(body->proc->short_name, "connect_supports_feature") == 0 &&
           call->frame.body_len == 4 && vw_load32(call->frame.body) == VW_FEATURE_FDS;
}

bool vw_replay_is_own(struct vw_replay *r, const struct vw_replay_item *item)
{
    const struct vw_replay_item *call =
        item->from == VW_SIDE_SERVER && item->answers ? vw_replay_call_of(r, item) : item;
    struct vw_body body;
    vw_body_of(r->in.profile->schema, &item->frame.header, &body);
    if (body.program && strcmp(body.program->name, "keepalive") == 0)
        return true;
    return item->conn->entrance.stage == VW_ENTERING || (call && asks_for_fds(call, &body)) ||
           vw_entrance_has(&item->conn->entrance, item->number);
}

/* ---- findings ---- */

static const char *keep(struct vw_replay *r, const char *text)
{
    return text ? vw_arena_strndup(&r->arena, text, strlen(text)) : NULL;
}

static const char *line_of(struct vw_replay *r, const struct vw_replay_item *item)
{
    struct vw_frame frame;
    const struct vw_event ev = {.message = item->frame.bytes, .length = item->frame.length};
    char *line = vw_capture_frame(&r->in, &ev, &frame)
                     ? vw_message_to_line(r->in.profile->schema, &frame, LINE)
                     : NULL;
    const char *kept = line ? keep(r, line) : NULL;
    free(line);
    return kept;
}

static struct vw_finding *find_group(struct vw_replay *r, const char *rule, const char *cause)
{
    for (size_t i = 0; i < r->n_groups; i++)
        if (strcmp(r->groups[i].finding.rule, rule) == 0 &&
            strcmp(r->groups[i].finding.cause, cause) == 0)
            return &r->groups[i].finding;
    return r->n_groups == GROUPS_MAX ? &r->groups[r->n_groups - 1].finding : NULL;
}

void vw_replay_tell(struct vw_replay *r, const struct vw_replay_item *item, enum vw_verdict verdict,
                    const char *clauses, const char *path, const char *expected, const char *found)
{
    struct vw_body body = {.kind = VW_BODY_UNKNOWN};
    char rule[160], cause[200];
    if (item)
        vw_body_of(r->in.profile->schema, &item->frame.header, &body);
    snprintf(rule, sizeof(rule), "replay/%s", body.proc ? body.proc->short_name : "connection");
    if (r->only && strcmp(r->only, rule) != 0)
        return;
    snprintf(cause, sizeof(cause), "%s %s", *path ? path : found, clauses);
    struct vw_finding *f = find_group(r, rule, cause);
    if (f) {
        f->count++;
        return;
    }
    struct vw_replay_group *list = vw_room(r->groups, r->n_groups, sizeof(*list));
    if (!list) {
        r->again.failed = true;
        return;
    }
    r->groups = list;
    f = &list[r->n_groups++].finding;
    *f = (struct vw_finding){
        .rule = keep(r, rule),
        .title = "it is said as it was recorded",
        .clauses = keep(r, clauses),
        .cause = keep(r, cause),
        .expected = keep(r, expected),
        .found = item ? vw_arena_printf(&r->arena, "%s; connection %" PRIu64 ", message %" PRIu64,
                                        found, item->conn->number, item->number)
                      : keep(r, found),
        .frames = item ? line_of(r, item) : "",
        .place = {.file = vw_input_name(r->in.path),
                  .side = r->listen ? "client" : "server",
                  .path = keep(r, path)},
        .level = VW_LEVEL_MAY,
        .verdict = verdict,
        .count = 1,
    };
    if (!f->rule || !f->clauses || !f->cause || !f->found || !f->frames || !f->place.path) {
        r->again.failed = true;
        r->n_groups--;
    }
}
