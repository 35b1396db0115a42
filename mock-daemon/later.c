// SPDX-License-Identifier: MIT
#include "mock-daemon/later.h"

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/plan.h"

enum vw_outcome vw_later_take(struct vw_later *l, const struct vw_call *c)
{
    *l = (struct vw_later){c->conn, c->event->header, c->event->proc, c->entry};
    return VW_LATER;
}

static void answered(struct vw_later *l, bool failed, int rc)
{
    struct vw_conn *c = l->conn;
    l->conn = NULL;
    vw_account_call(&c->daemon->accounts, c->account, l->proc, failed);
    if (rc == VW_ENOMEM)
        vw_conn_drop(c);
    else
        vw_conn_wake(c);
}

void vw_later_fail(struct vw_later *l, int32_t code, int32_t domain, const char *text)
{
    struct vw_remote_error e;
    if (!l->conn)
        return;
    vw_session_rpc_error(l->conn->session, code, domain, text, &e);
    answered(l, true, vw_session_reply_error(l->conn->session, &l->header, &e, NULL));
}

void vw_later_reply(struct vw_later *l, const void *ret)
{
    if (!l->conn)
        return;
    if (!l->entry->ret_size)
        ret = NULL;
    if (ret && l->entry->ret_plan)
        ret = vw_plan_apply(l->entry->ret_plan, ret, &l->conn->daemon->arena);
    if (l->entry->ret_size && !ret)
        vw_later_fail(l, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory");
    else
        answered(l, false, vw_session_reply(l->conn->session, &l->header, ret, NULL, 0, NULL));
}
