// SPDX-License-Identifier: MIT
// virwire capture replay: what was recorded is said again, to a server or to a client, and what is
// not as it was is told.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/login.h"
#include "base/room.h"
#include "base/words.h"
#include "cli/call-fds.h"
#include "cli/commit.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/message.h"
#include "cli/replay.h"
#include "xdr/json.h"

#define KEPT_MAX   (256u << 20) /* bytes of messages */
#define TOO_MUCH   1            /* says the sink */
#define GROUPS_MAX 1000u
#define LINE       400u

struct vw_replay_group {
    struct vw_finding finding;
};

/* ---- what was recorded ---- */

static struct vw_replay_conn *conn_of(struct vw_replay *r, uint64_t number)
{
    struct vw_replay_conn **at = &r->conns;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    if (!*at && (*at = vw_arena_zalloc(&r->arena, sizeof(**at), _Alignof(struct vw_replay_conn))))
        (*at)->number = number;
    return *at;
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct vw_replay *r = user;
    if (ev->kind != VW_CAPTURED_TALK || ev->talk->kind != VW_TALK_MESSAGE)
        return 0;
    if (r->connection && ev->conn->number != r->connection)
        return 0;
    const struct vw_event *e = ev->talk->event;
    struct vw_replay_item *items = vw_room(r->items, r->n, sizeof(*items));
    struct vw_replay_conn *c = conn_of(r, ev->conn->number);
    if (items)
        r->items = items;
    uint8_t *bytes = vw_arena_alloc(&r->arena, e->length, 1);
    if (!items || !c || !bytes)
        return VW_ENOMEM;
    memcpy(bytes, e->message, e->length);
    struct vw_replay_item *it = &items[r->n];
    *it = (struct vw_replay_item){.conn = c,
                                  .from = ev->talk->from,
                                  .number = ev->talk->number,
                                  .answers = ev->talk->answers};
    vw_frame_of(bytes, e->length, &it->frame);
    if (it->frame.short_header)
        return 0;
    r->n++;
    c->fds |= it->frame.header.type == VW_MSG_CALL_WITH_FDS;
    vw_entrance_follow(&c->entrance, r->in.profile->schema, &it->frame, it->number, it->answers);
    r->bytes += e->length;
    return r->bytes > KEPT_MAX ? TOO_MUCH : 0;
}

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

static void tell_field(void *user, const char *path, const char *expected, const char *found)
{
    struct vw_replay *r = user;
    vw_replay_tell(r, r->at, VW_FAIL, "", path, expected, found);
}

/* ---- the report ---- */

static int report(struct vw_replay *r, bool whole)
{
    const char *again =
        vw_arena_printf(&r->arena, "virwire capture replay %s%s", r->listen ? "--listen " : "",
                        r->listen ? r->listen : r->in.path);
    const struct vw_finding **list = calloc(r->n_groups + 1, sizeof(*list));
    const char *const none[] = {NULL};
    char text[200];
    const struct vw_finding compared = {.rule = "replay",
                                        .title = "what was recorded is said again",
                                        .clauses = "",
                                        .found = text,
                                        .place = {.file = vw_input_name(r->in.path)},
                                        .verdict = VW_PASS,
                                        .count = 1};
    struct vw_tally tally = {
        .planned = r->n_groups + 1, .done = r->n_groups + 1, .incomplete = !whole};
    if (!list || !again || r->again.failed) {
        free(list);
        return vw_cli_error(r->in.command, VW_EXIT_TOOL, "out of memory");
    }
    snprintf(text, sizeof(text), "%" PRIu64 " messages of %zu were compared", r->compared, r->n);
    list[0] = &compared;
    tally.by[VW_PASS] = 1;
    for (size_t i = 0; i < r->n_groups; i++) {
        list[i + 1] = &r->groups[i].finding;
        tally.by[list[i + 1]->verdict]++;
    }
    const struct vw_report rep = {
        .kind = "capture",
        .command = again,
        .uri = r->listen ? r->in.path : r->in.uri,
        .commit = VW_COMMIT,
        .digest = vw_schema_digest(r->in.profile->schema),
        .profile = r->in.profile->name,
        .without = none,
        .peer = &(struct vw_peer){"", "", ""},
        .findings = list,
        .count = r->n_groups + 1,
        .tally = &tally,
        .when = (int64_t)time(NULL),
    };
    int status = vw_cli_reports_write(r->in.command, &r->reports, &rep);
    free(list);
    return status ? status : vw_tally_exit(&tally);
}

static int replay(struct vw_replay *r)
{
    int status = vw_capture_read(&r->in, hear, r);
    if (status == 0 && r->bytes > KEPT_MAX)
        status = vw_cli_error(r->in.command, VW_EXIT_USAGE,
                              "%s: more than 256 MiB of messages: choose a --connection",
                              vw_input_name(r->in.path));
    if (status == 0 && r->n == 0)
        status = vw_cli_error(r->in.command, VW_EXIT_NOTHING, "%s: no messages",
                              vw_input_name(r->in.path));
    if (status == 0)
        status = vw_cli_reports_open(r->in.command, &r->reports);
    r->x.profile = r->in.profile;
    if (status == 0 && !r->listen)
        status = vw_connect_uri(&r->x, r->in.uri);
    if (status == 0) {
        r->again = (struct vw_again){.arena = &r->arena, .tell = tell_field, .user = r};
        status = r->listen ? vw_replay_as_server(r) : vw_replay_as_client(r);
        if (status == 0 && r->compared == 0 && r->n_groups == 0)
            status = vw_cli_error(r->in.command, VW_EXIT_NOTHING,
                                  "%s: there is nothing in it that could be said again",
                                  vw_input_name(r->in.path));
        bool begun =
            status != VW_EXIT_NOTHING && status != VW_EXIT_USAGE && status != VW_EXIT_UNREACHABLE;
        status = vw_exit_worse(status, begun ? report(r, status == 0) : 0);
    }
    r->x.profile = NULL;
    return status;
}

static int run(int argc, char **argv)
{
    struct vw_replay r = {.in = {.command = argv[0], .takes_uri = true}, .signals = -1};
    vw_connect_init(&r.x, argv[0]);
    const struct vw_cli_option options[] = {
        VW_CAPTURE_OPTIONS(&r.in),
        {"listen", .text = &r.listen},
        {"connection", .number = &r.connection, .min = 1, .max = UINT64_MAX},
        {"run", .text = &r.only},
        {"timeout", .ms = &r.x.timeout_ms, .max = VW_CONNECT_MAX_MS},
        {"report", .take = vw_cli_reports_take, .user = &r.reports},
        {NULL},
    };
    int status = vw_capture_open(&r.in, argc, argv, options);
    if (status == 0 && !r.in.uri == !r.listen)
        status = vw_cli_error(argv[0], VW_EXIT_USAGE,
                              "either a URI behind FILE or --listen URI is needed");
    if (status == 0)
        status = replay(&r);
    vw_cli_reports_abandon(&r.reports);
    free(r.groups);
    free(r.items);
    vw_connect_finish(&r.x);
    vw_arena_finish(&r.arena);
    vw_capture_close(&r.in);
    return status;
}

const struct vw_capture_verb vw_capture_replay = {"replay", run};
