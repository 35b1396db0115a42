// SPDX-License-Identifier: MIT
// came: what the client of a case has said to its server, or was given as words of a command.
#include <stdio.h>
#include <string.h>

#include "conformance/play/client.h"
#include "scenario/pattern.h"

static const char *const sides[] = {"client", "server", NULL};

static const struct vw_key list[] = {
    {"procedure", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "a message of this procedure, name or number, has come"},
    {"program", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "remote if absent"},
    {"args", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of its contents"},
    {"serial", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header's serial"},
    {"from", VW_TAKES_TEXT, false, sides, NULL, "client if absent"},
    {"times", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of how many such there are; at least one if absent"},
    {"connections", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of how many were made"},
    {"argv", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of the words that the recorder of \"run\" was given"},
    {"environ", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of the names in the environment of the recorder"},
    {"streams", VW_TAKES_VALUE, false, NULL, NULL,
     "a pattern of what the standard input and output of the recorder are, without repetition: "
     "socket:[NUMBER], say"},
    {NULL},
};
static const char *const subjects[] = {"procedure", "connections", "argv",
                                       "environ",   "streams",     NULL};
/* What a recorder keeps in a file of that name, line by line. */
static const char *const kept[] = {"argv", "environ", "streams"};
static const struct vw_keys keys = {"came", list, subjects};

static bool is_meant(const struct vw_overheard *m, const struct vw_header *wanted, bool from_client)
{
    return m->from_client == from_client && m->header.program == wanted->program &&
           m->header.procedure == wanted->procedure && m->len >= VW_PREFIX_BYTES;
}

static bool fits(struct vw_run *run, struct vw_match *match, const struct vw_overheard *m,
                 const struct vw_proc *proc, const struct vw_node *value)
{
    bool fds = m->header.type == VW_MSG_CALL_WITH_FDS || m->header.type == VW_MSG_REPLY_WITH_FDS;
    size_t skip = VW_PREFIX_BYTES + (fds ? 4 : 0);
    const struct vw_seen seen = {
        .header = m->header, .body = m->bytes + skip, .len = m->len > skip ? m->len - skip : 0};
    bool reply = m->header.type == VW_MSG_REPLY || m->header.type == VW_MSG_REPLY_WITH_FDS;
    const struct vw_type *type = !proc ? NULL : reply ? proc->ret : proc->args;
    return vw_match_message(match, reply && m->header.status != VW_MSG_OK ? NULL : type, &seen,
                            value);
}

/* Behind WHY: of a client that has said nothing what came of it instead. */
static void add_end(struct vw_run *run, char *why, size_t size)
{
    const struct vw_spawned *s = run->spawned;
    if (!s || !s->ended || !vw_heard_nothing(run))
        return;
    size_t n = strlen(why);
    snprintf(why + n, size - n, ", nor any other; it ended with %d%s%.300s", s->status,
             *s->text[1] ? ", saying: " : "", s->text[1]);
}

static enum vw_step_result judge_messages(struct vw_run *run, const struct vw_node *value)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_judgement j = vw_judgement_of(run);
    const struct vw_node *from = vw_node_get(value, "from"), *times = vw_node_get(value, "times");
    const struct vw_proc *proc;
    struct vw_header wanted = {0};
    char why[500] = "no such message came";
    int64_t n = 0;
    if (vw_compose_proc(run->settings->profile, value, &proc, &wanted, &err) < 0)
        return vw_run_error(run, &err);
    for (const struct vw_overheard *m = run->served->messages; m; m = m->next) {
        if (!is_meant(m, &wanted, !from || vw_node_is(from, "client")))
            continue;
        j.match.why[0] = '\0';
        if (fits(run, &j.match, m, proc, value))
            n++;
        else if (j.match.err.code)
            return vw_run_error(run, &j.match.err);
        else if (*j.match.why)
            memcpy(why, j.match.why, sizeof(why));
    }
    j.match.why[0] = '\0';
    if (times ? vw_match_value(&j.match, times, json_object_new_int64(n)) : n > 0)
        return VW_STEP_DONE;
    add_end(run, why, sizeof(why));
    return vw_run_fail(run, VW_FAIL, "%s: %s", vw_node_get(value, "procedure")->text,
                       times ? j.match.why : why);
}

static enum vw_step_result judge_value(struct vw_run *run, const struct vw_node *value,
                                       const char *key, struct json_object *json)
{
    struct vw_judgement j = vw_judgement_of(run);
    if (vw_match_value(&j.match, vw_node_get(value, key), json))
        return VW_STEP_DONE;
    if (j.match.err.code)
        return vw_run_error(run, &j.match.err);
    return vw_run_fail(run, VW_FAIL, "%s: %s", key, j.match.why);
}

static enum vw_step_result run_came(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    if (!run->served)
        return vw_run_fail(run, VW_ERROR, "%s:%u: there is no server that could have heard it",
                           run->c->path, run->step->line);
    if (vw_heard_end(run, &err) < 0)
        return vw_run_error(run, &err);
    if (run->served->n_dropped > 0)
        return vw_run_fail(run, VW_ERROR, "the client said too much: %zu messages were not kept",
                           run->served->n_dropped);
    if (vw_node_get(value, "procedure"))
        return judge_messages(run, value);
    if (vw_node_get(value, "connections"))
        return judge_value(run, value, "connections",
                           json_object_new_int64((int64_t)run->served->connections));
    size_t i = 0;
    while (!vw_node_get(value, kept[i]))
        i++; /* one of the subjects is there */
    return judge_value(run, value, kept[i], vw_heard_kept(run, kept[i]));
}

const struct vw_verb vw_verb_came = {
    {"came", VW_TAKES_MAP, false, NULL, &keys,
     "of cases about clients: what came, once the client has ended"},
    run_came,
    .judges = true,
};
