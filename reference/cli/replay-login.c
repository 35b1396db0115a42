// SPDX-License-Identifier: MIT
// A connection of which the log-in is all that can be read: it was refused, or goes on within a
// layer of SASL. What proved who the client was stands in no capture, or is hidden there: the
// credentials are those of who replays it.
#include <inttypes.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "cli/replay.h"
#include "schema/facts.h"

int vw_replay_log_in_then(struct vw_replay *r, const struct vw_replay_conn *conn)
{
    int outcome = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct vw_replay_item *it = &r->items[i];
        struct vw_body body;
        if (it->conn != conn || it->frame.header.type != VW_MSG_REPLY)
            continue;
        vw_body_of(r->in.profile->schema, &it->frame.header, &body);
        const struct vw_facts *f = body.proc ? vw_proc_facts(body.proc) : NULL;
        if (!f || !(f->before & VW_BEFORE_AUTH) || strcmp(body.proc->short_name, "auth_list") == 0)
            continue;
        struct json_object *ret = vw_replay_body(r, &it->frame, &body), *complete = NULL;
        bool steps = json_object_object_get_ex(ret, "complete", &complete);
        if (it->frame.header.status == VW_MSG_ERROR)
            outcome = -1;
        else if (strcmp(body.proc->short_name, "auth_sasl_init") != 0)
            outcome = !steps || json_object_get_int(complete);
        json_object_put(ret);
    }
    return outcome;
}

int vw_replay_log_in(struct vw_replay *r, struct vw_replay_item *item)
{
    struct vw_replay_conn *conn = item->conn;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client_options o;
    struct vw_client *client = NULL;
    if (conn->tried)
        return 0;
    conn->tried = true;
    int then = vw_replay_log_in_then(r, conn);
    if (then == 0)
        return 0;
    vw_connect_client_options(&r->x, &o);
    o.no_open = true;
    int rc = vw_client_open(r->x.uri, &o, &client, &err);
    vw_client_destroy(client);
    if (rc && rc != VW_EREMOTE)
        return vw_cli_fail(r->in.command, NULL, &err);
    vw_cli_warn(r->in.command, "connection %" PRIu64 ": nothing but its log-in can be said again%s",
                conn->number, then > 0 ? ": the rest is not to be read" : "");
    r->compared++;
    if ((rc == 0) != (then > 0))
        vw_replay_tell(r, item, VW_FAIL, "", "log-in", then > 0 ? "let in" : "refused",
                       rc ? err.text : "let in");
    return 0;
}
