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

#define KEPT_MAX (256u << 20) /* bytes of messages */
#define TOO_MUCH 1            /* says the sink */

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

/* ---- the report ---- */

static void tell_field(void *user, const char *path, const char *expected, const char *found)
{
    struct vw_replay *r = user;
    vw_replay_tell(r, r->at, VW_FAIL, "", path, expected, found);
}

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
        VW_CLI_URI_OPTIONS(&r.x.how),
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
