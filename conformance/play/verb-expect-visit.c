// SPDX-License-Identifier: MIT
// expect-visit: the server under test has come to a host as a client, and says what every client
// says first (C-10).
#include <stdio.h>
#include <string.h>

#include "conformance/play/host.h"
#include "conformance/play/run.h"

static const struct vw_key list[] = {
    {"of", VW_TAKES_TEXT | VW_TAKES_NAME, true, NULL, NULL, "the host"},
    {"call", VW_TAKES_TEXT, true, NULL, NULL, "the procedure that is called first"},
    {"to", VW_TAKES_TEXT | VW_TAKES_NAME, true, NULL, NULL,
     "the label of the open; where that is refused first, the case is skipped"},
    {NULL},
};
static const struct vw_keys keys = {"expect-visit", list, NULL};

/* An error came in answer to LABEL. */
static bool is_refused(const struct vw_link *c, const char *label)
{
    for (const struct vw_sent *s = c->sent; s; s = s->next)
        for (const struct vw_got *g = c->inbox; g && strcmp(s->label, label) == 0; g = g->next)
            if (g->header.serial == s->header.serial && g->header.status == VW_MSG_ERROR)
                return true;
    return false;
}

static enum vw_step_result judge(struct vw_run *run, const struct vw_proc *proc,
                                 const struct vw_header *h, uint32_t length)
{
    const struct vw_header want = {proc->program->number,
                                   proc->program->version,
                                   proc->number,
                                   VW_MSG_CALL,
                                   h->serial,
                                   VW_MSG_OK};
    if (memcmp(h, &want, sizeof(want)) == 0 && length == VW_PREFIX_BYTES)
        return VW_STEP_DONE;
    return vw_run_fail(run, VW_FAIL,
                       "as a client the server must call %s first; it says %u bytes of program "
                       "0x%x, version %u, procedure %d, type %d, status %d",
                       proc->short_name, length, h->program, h->version, h->procedure, h->type,
                       h->status);
}

static enum vw_step_result run_expect_visit(struct vw_run *run, const struct vw_node *value,
                                            bool first)
{
    const struct vw_node *of = vw_node_get(value, "of"), *call = vw_node_get(value, "call");
    const struct vw_host *host = vw_host_named(run, of->text);
    const struct vw_proc *proc = vw_schema_proc(run->settings->profile->schema, call->text);
    struct vw_link *c = vw_run_conn(run);
    struct vw_header h;
    uint32_t length;
    if (!c)
        return VW_STEP_FAIL;
    if (!host || !proc)
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is no %s \"%.40s\"", run->c->path,
                           value->line, host ? "procedure" : "host", host ? call->text : of->text);
    if (vw_host_heard(host, &h, &length))
        return judge(run, proc, &h, length);
    if (is_refused(c, vw_node_get(value, "to")->text))
        return vw_run_skip(run, "the server does not go to others");
    return vw_run_wait(run, c, "a visit of the server");
}

const struct vw_verb vw_verb_expect_visit = {
    {"expect-visit", VW_TAKES_MAP, false, NULL, &keys,
     "the peer comes to a host as a client, and calls this first"},
    run_expect_visit,
    .judges = true,
};
