// SPDX-License-Identifier: MIT
// Reading rules.
#include "scenario/rule.h"

#include <fnmatch.h>
#include <string.h>

#include "scenario/compose.h"
#include "schema/facts.h"
#include "xdr/literal.h"

#define RULES_MAX 1000
#define WAIT_MAX  3600000 /* ms */
#define TIMES_MAX 100000

/* ---- the format ---- */

static const char *const messages[] = {"call", "reply",  "error", "answer",  "event", "ping",
                                       "pong", "stream", "any",   "connect", NULL};

static const struct vw_key on_key_list[] = {
    {"message", VW_TAKES_TEXT, false, messages, NULL,
     "what the rule is about: a call and its answer (if absent), what the daemon sends, or the "
     "beginning of a connection"},
    {"procedure", VW_TAKES_TEXT, false, NULL, NULL,
     "a pattern (*, ?) of today's names of procedures, PROGRAM.NAME too; any if absent"},
    {"program", VW_TAKES_TEXT, false, NULL, NULL, "the program; any if absent"},
    {"args", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the arguments of the call"},
    {"count", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "first, N (that one alone), \"every N\" or \"after N\" of those of a connection; all if "
     "absent"},
    {"connection", VW_TAKES_NUMBER, false, NULL, NULL, "only the N-th connection"},
    {NULL},
};
static const struct vw_keys on_keys = {"on", on_key_list, NULL};

static const struct vw_key sent_key_list[] = {
    {"event", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a MESSAGE"},
    {"reply", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a REPLY"},
    {"packet", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a packet of a stream"},
    {"call", VW_TAKES_MAP, false, NULL, &vw_message_keys, "a CALL"},
    {"raw", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "hex bytes"},
    {NULL},
};
static const char *const sent_kinds[] = {"event", "reply", "packet", "call", "raw", NULL};
static const struct vw_keys sent_keys = {"a message of a rule", sent_key_list, sent_kinds};

static const struct vw_key pace_key_list[] = {
    {"chunk", VW_TAKES_NUMBER, false, NULL, NULL, "at most so many bytes at a time"},
    {"ms", VW_TAKES_NUMBER, false, NULL, NULL, "so many milliseconds before each"},
    {NULL},
};
static const struct vw_keys pace_keys = {"pace", pace_key_list, NULL};

static const struct vw_key rule_key_list[] = {
    {"on", VW_TAKES_MAP, true, NULL, &on_keys, "when"},
    {"reply", VW_TAKES_VALUE, false, NULL, NULL,
     "the call is not run; this is returned, what is not named being the smallest"},
    {"error", VW_TAKES_VALUE, false, NULL, NULL,
     "the call is not run; {code: N, domain: N, message: TEXT}, or the name of an answer of the "
     "profile"},
    {"unheard", VW_TAKES_NOTHING, false, NULL, NULL, "the call is dropped as it comes"},
    {"edit", VW_TAKES_EDITS, false, NULL, NULL, "the message is changed"},
    {"fault", VW_TAKES_TEXT, false, NULL, NULL,
     "a fault of what is sent (virwired --fault list), for this message"},
    {"ahead", VW_TAKES_MAPS, false, NULL, &sent_keys, "messages that go before it"},
    {"behind", VW_TAKES_MAPS, false, NULL, &sent_keys, "messages that go behind it"},
    {"after", VW_TAKES_NUMBER, false, NULL, NULL,
     "milliseconds before the messages of \"behind\" are sent"},
    {"drop", VW_TAKES_NOTHING, false, NULL, NULL, "it is not sent"},
    {"duplicate", VW_TAKES_NUMBER, false, NULL, NULL, "it is sent so often"},
    {"cut", VW_TAKES_NUMBER, false, NULL, NULL,
     "the connection ends after so many bytes of it; below 0: before the end"},
    {"delay", VW_TAKES_NUMBER, false, NULL, NULL,
     "milliseconds before it is sent; others pass it meanwhile"},
    {"reorder", VW_TAKES_NUMBER, false, NULL, NULL, "so many others are sent first"},
    {"hold", VW_TAKES_TEXT, false, NULL, NULL,
     "it is sent when a call of a procedure of this pattern comes"},
    {"close", VW_TAKES_NOTHING, false, NULL, NULL, "the connection ends behind it"},
    {"silent", VW_TAKES_NOTHING, false, NULL, NULL, "nothing is sent behind it"},
    {"pace", VW_TAKES_MAP, false, NULL, &pace_keys, "how all is written from it on"},
    {NULL},
};
static const char *const actions[] = {"reply",  "error", "unheard",   "edit", "fault", "ahead",
                                      "behind", "drop",  "duplicate", "cut",  "delay", "reorder",
                                      "hold",   "close", "silent",    "pace", NULL};
const struct vw_keys vw_rule_keys = {"a rule", rule_key_list, NULL, actions};

static const struct vw_key file_key_list[] = {
    {"rules", VW_TAKES_MAPS, true, NULL, &vw_rule_keys, "of those that fit all are carried out"},
    {NULL},
};
const struct vw_keys vw_rules_file_keys = {"a file of rules", file_key_list, NULL};

/* ---- messages of its own ---- */

static int32_t type_of(const struct vw_node *message)
{
    if (strcmp(message->key, "reply") == 0)
        return VW_MSG_REPLY;
    if (strcmp(message->key, "packet") == 0)
        return VW_MSG_STREAM;
    return strcmp(message->key, "call") == 0 ? VW_MSG_CALL : VW_MSG_MESSAGE;
}

static int append_raw(const struct vw_compose_context *ctx, const struct vw_node *raw,
                      struct vw_buf *out, struct vw_error *err)
{
    const uint8_t *bytes;
    size_t len;
    int rc = vw_node_hex(raw, ctx->arena, &bytes, &len, err);
    return rc < 0 || len == 0 || vw_buf_append(out, bytes, len) == 0 ? rc : vw_error_nomem(err);
}

int vw_rule_message_make(const struct vw_compose_context *ctx, const struct vw_node *item,
                         const struct vw_header *it, struct vw_buf *out, struct vw_error *err)
{
    const struct vw_node *message = item->first, *of = vw_node_get(message, "of");
    struct vw_compose_context with = *ctx;
    struct vw_composed made;
    if (strcmp(message->key, "raw") == 0)
        return append_raw(ctx, message, out, err);
    if (of && (!vw_node_is(of, "it") || !it))
        return vw_node_error(of, err,
                             "\"of\" can only be \"it\": the message that the rule is about");
    with.of = of ? it : NULL;
    return vw_compose(&with, message, type_of(message), out, &made, err);
}

/* ---- whether it can be carried out ---- */

struct reading {
    const struct vw_profile *profile;
    struct vw_arena *arena;
    struct vw_error *err;
};

/* Values that are captured are known only when they come. */
static bool has_variable(const struct vw_node *n)
{
    if (vw_node_is_variable(n))
        return true;
    for (const struct vw_node *m = n->first; m; m = m->next)
        if (has_variable(m))
            return true;
    return false;
}

static int try_messages(struct reading *r, const struct vw_node *list)
{
    static const struct vw_header it = {.type = VW_MSG_REPLY};
    const struct vw_compose_context ctx = {.profile = r->profile, .arena = r->arena};
    struct vw_buf out = VW_BUF_INIT;
    int rc = 0;
    for (const struct vw_node *n = list ? list->first : NULL; n && rc == 0; n = n->next)
        rc = has_variable(n) ? 0 : vw_rule_message_make(&ctx, n, &it, &out, r->err);
    vw_buf_finish(&out);
    return rc;
}

/* The procedure of a rule that names one, not a pattern; NULL: several, or this profile has none
 * of that name. */
static const struct vw_proc *only_proc(const struct reading *r, const struct vw_rule *rule)
{
    const struct vw_program *p =
        rule->program ? vw_schema_program_named(r->profile->schema, rule->program) : NULL;
    if (!rule->procedure)
        return NULL;
    return p ? vw_program_proc_named(p, rule->procedure)
             : vw_schema_proc(r->profile->schema, rule->procedure);
}

static int try_reply(struct reading *r, const struct vw_rule *rule)
{
    const struct vw_proc *proc = only_proc(r, rule);
    struct vw_node_context ctx = {.arena = r->arena};
    void *value;
    if (!rule->reply || !proc || has_variable(rule->reply))
        return 0;
    if (!proc->ret)
        return rule->reply->kind == VW_NODE_NULL
                   ? 0
                   : vw_node_error(rule->reply, r->err, "%s returns nothing", rule->procedure);
    return vw_node_to_value(&ctx, proc->ret, rule->reply, &value, r->err);
}

static int check_error(struct reading *r, const struct vw_node *n)
{
    char key[80];
    int64_t v;
    if (!n)
        return 0;
    if (n->kind == VW_NODE_SCALAR) {
        snprintf(key, sizeof(key), "%.60s.code", n->text);
        return vw_profile_answer(r->profile, key, INT64_MIN) == INT64_MIN
                   ? vw_node_error(n, r->err, "the profile has no answer \"%.40s\"", n->text)
                   : 0;
    }
    const struct vw_node *code = vw_node_get(n, "code"), *domain = vw_node_get(n, "domain");
    const struct vw_node *text = vw_node_get(n, "message");
    if (!code || !domain || (text && text->kind != VW_NODE_SCALAR))
        return vw_node_error(n, r->err, "expected {code: N, domain: N, message: TEXT}");
    int rc = vw_node_number(code, INT32_MIN, INT32_MAX, &v, r->err);
    return rc < 0 ? rc : vw_node_number(domain, INT32_MIN, INT32_MAX, &v, r->err);
}

static bool known_of_old(const struct reading *r, const char *name)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(r->profile->schema, &n);
    for (size_t i = 0; i < n; i++)
        if (vw_facts_rows[vw_facts_find(programs[i]->name, name)].name)
            return true;
    return false;
}

/* A name that no procedure has is a mistake; a pattern may fit none, and so may a name that this
 * profile lacks. */
static int check_procedure(struct reading *r, const struct vw_rule *rule, const struct vw_node *n)
{
    if (!n || strpbrk(n->text, "*?[") || only_proc(r, rule) || known_of_old(r, rule->procedure))
        return 0;
    return vw_node_error(n, r->err, "unknown procedure \"%.60s\"", n->text);
}

/* ---- one rule ---- */

static int read_count(struct reading *r, const struct vw_node *n, struct vw_rule *rule)
{
    struct vw_node number;
    int64_t v = 1;
    size_t skip;
    if (!n)
        return 0;
    rule->count = VW_RULE_NTH;
    rule->n = 1;
    if (vw_node_is(n, "first"))
        return 0;
    number = *n;
    if (strncmp(n->text, "every ", skip = 6) == 0)
        rule->count = VW_RULE_EVERY;
    else if (strncmp(n->text, "after ", 6) == 0)
        rule->count = VW_RULE_AFTER;
    else
        skip = 0;
    number.text += skip;
    number.quoted = false;
    if (vw_node_number(&number, rule->count == VW_RULE_AFTER ? 0 : 1, UINT32_MAX, &v, NULL) < 0)
        return vw_node_error(n, r->err,
                             "expected first, N, \"every N\" or \"after N\", found "
                             "\"%.40s\"",
                             n->text);
    rule->n = (uint32_t)v;
    return 0;
}

static int number(struct reading *r, const struct vw_node *n, int64_t min, int64_t max,
                  int64_t *out)
{
    return n ? vw_node_number(n, min, max, out, r->err) : 0;
}

/* "admin.connect_open" is connect_open of the program admin, as elsewhere. */
static int split_name(struct reading *r, struct vw_rule *rule)
{
    const char *dot = rule->procedure && !rule->program ? strchr(rule->procedure, '.') : NULL;
    const char *program =
        dot ? vw_arena_strndup(r->arena, rule->procedure, (size_t)(dot - rule->procedure)) : NULL;
    if (dot && !program)
        return vw_error_nomem(r->err);
    if (!dot || !vw_schema_program_named(r->profile->schema, program))
        return 0;
    rule->program = program;
    rule->procedure = dot + 1;
    return 0;
}

static int read_on(struct reading *r, const struct vw_node *on, struct vw_rule *rule)
{
    const struct vw_node *message = vw_node_get(on, "message"),
                         *name = vw_node_get(on, "procedure");
    const struct vw_node *program = vw_node_get(on, "program");
    int64_t connection = 0;
    for (unsigned i = 0; message && messages[i]; i++)
        if (vw_node_is(message, messages[i]))
            rule->message = (enum vw_rule_message)i;
    rule->procedure = name ? name->text : NULL;
    rule->program = program ? program->text : NULL;
    rule->args = vw_node_get(on, "args");
    if (rule->args && rule->message != VW_RULE_CALL)
        return vw_node_key_error(rule->args, r->err, "\"args\" are those of a call");
    if (program && !vw_schema_program_named(r->profile->schema, program->text))
        return vw_node_error(program, r->err, "unknown program \"%.40s\"", program->text);
    int rc = number(r, vw_node_get(on, "connection"), 1, UINT32_MAX, &connection);
    rule->connection = (unsigned)connection;
    if (rc == 0)
        rc = split_name(r, rule);
    if (rc == 0)
        rc = check_procedure(r, rule, name);
    return rc < 0 ? rc : read_count(r, vw_node_get(on, "count"), rule);
}

static int join_edits(struct reading *r, const struct vw_node *n, const char **out)
{
    const char *text = n->kind == VW_NODE_SCALAR ? n->text : "";
    for (const struct vw_node *word = n->first; word && text; word = word->next)
        text = vw_arena_printf(r->arena, "%s%s%s", text, *text ? " " : "", word->text);
    *out = text;
    return text ? 0 : vw_error_nomem(r->err);
}

static int read_numbers(struct reading *r, const struct vw_node *n, struct vw_rule_send *s)
{
    const struct vw_node *pace = vw_node_get(n, "pace");
    int64_t times = 1, reorder = 0, chunk = 0, ms = 0;
    s->cut = INT64_MIN;
    int rc = number(r, vw_node_get(n, "duplicate"), 0, TIMES_MAX, &times);
    if (rc == 0)
        rc = number(r, vw_node_get(n, "cut"), INT32_MIN, INT32_MAX, &s->cut);
    if (rc == 0)
        rc = number(r, vw_node_get(n, "delay"), 1, WAIT_MAX, &s->delay_ms);
    if (rc == 0)
        rc = number(r, vw_node_get(n, "after"), 1, WAIT_MAX, &s->after_ms);
    if (rc == 0)
        rc = number(r, vw_node_get(n, "reorder"), 1, TIMES_MAX, &reorder);
    if (rc == 0)
        rc = number(r, vw_node_get(pace, "chunk"), 1, INT32_MAX, &chunk);
    if (rc == 0)
        rc = number(r, vw_node_get(pace, "ms"), 1, WAIT_MAX, &ms);
    s->times = (unsigned)times;
    s->reorder = (unsigned)reorder;
    s->chunk = (unsigned)chunk;
    s->pace_ms = (unsigned)ms;
    return rc;
}

static int read_send(struct reading *r, const struct vw_node *n, struct vw_rule_send *s)
{
    const struct vw_node *edit = vw_node_get(n, "edit");
    const struct vw_node *hold = vw_node_get(n, "hold");
    *s = (struct vw_rule_send){
        .fault = vw_node_get(n, "fault"),
        .hold = hold ? hold->text : NULL,
        .ahead = vw_node_get(n, "ahead"),
        .behind = vw_node_get(n, "behind"),
        .drop = vw_node_get(n, "drop") != NULL,
        .close = vw_node_get(n, "close") != NULL,
        .silent = vw_node_get(n, "silent") != NULL,
    };
    int rc = read_numbers(r, n, s);
    if (rc == 0 && edit)
        rc = join_edits(r, edit, &s->edit);
    if (rc == 0)
        rc = try_messages(r, s->ahead);
    return rc < 0 ? rc : try_messages(r, s->behind);
}

static int read_rule(struct reading *r, const struct vw_node *n, struct vw_rule *rule)
{
    *rule = (struct vw_rule){.reply = vw_node_get(n, "reply"),
                             .error = vw_node_get(n, "error"),
                             .unheard = vw_node_get(n, "unheard") != NULL};
    const struct vw_node *instead = rule->reply ? rule->reply : rule->error;
    int rc = read_on(r, vw_node_get(n, "on"), rule);
    if (rc == 0 && rule->reply && rule->error)
        rc = vw_node_key_error(rule->error, r->err, "either \"reply\" or \"error\", not both");
    if (rc == 0 && (instead || rule->unheard) && rule->message != VW_RULE_CALL)
        rc = vw_node_key_error(instead ? instead : vw_node_get(n, "unheard"), r->err,
                               "only calls can be answered or dropped as they come");
    if (rc == 0)
        rc = try_reply(r, rule);
    if (rc == 0)
        rc = check_error(r, rule->error);
    return rc < 0 ? rc : read_send(r, n, &rule->send);
}

int vw_rules_read(const struct vw_node *n, const struct vw_profile *profile, struct vw_arena *arena,
                  struct vw_rules *out, struct vw_error *err)
{
    struct reading r = {profile, arena, err};
    *out = (struct vw_rules){0};
    if (n->count > RULES_MAX)
        return vw_node_error(n, err, "at most %d rules", RULES_MAX);
    out->list = vw_arena_zalloc(arena, (n->count + 1) * sizeof(*out->list), _Alignof(max_align_t));
    if (!out->list)
        return vw_error_nomem(err);
    for (const struct vw_node *rule = n->first; rule; rule = rule->next) {
        int rc = read_rule(&r, rule, &out->list[out->count]);
        if (rc < 0)
            return rc == VW_ENAME ? VW_ESYNTAX : rc;
        out->count++;
    }
    return 0;
}

/* ---- what it fits ---- */

bool vw_rule_is_about(const struct vw_rule *r, const struct vw_proc *proc)
{
    if (r->program && (!proc || strcmp(proc->program->name, r->program) != 0))
        return false;
    return !r->procedure || (proc && fnmatch(r->procedure, vw_proc_today(proc), 0) == 0);
}

bool vw_rule_counts(const struct vw_rule *r, uint64_t seen)
{
    switch (r->count) {
    case VW_RULE_NTH:
        return seen == r->n;
    case VW_RULE_EVERY:
        return seen % r->n == 0;
    case VW_RULE_AFTER:
        return seen > r->n;
    default:
        return true;
    }
}
