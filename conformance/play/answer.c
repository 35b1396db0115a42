// SPDX-License-Identifier: MIT
// What came, against what was expected: headers, then bodies, strictly decoded, then values.
#include <stdio.h>
#include <string.h>

#include "conformance/play/run.h"
#include "scenario/pattern.h"
#include "xdr/json.h"

typedef struct json_object json;

#define EXCUSE_MEANING "clauses that it may break: what is found against them is passed over"

static const struct vw_key message_list[] = {
    {"procedure", VW_TAKES_TEXT | VW_TAKES_NUMBER, true, NULL, NULL, "name or number"},
    {"program", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "remote if absent"},
    {"args", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of its contents"},
    {"serial", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header's serial"},
    {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},
    {NULL},
};
const struct vw_keys vw_expected_message_keys = {"an expected message", message_list, NULL};

static const char *const stream_statuses[] = {"ok", "error", "continue", NULL};
static const char *const ignored_words[] = {"ignored", "all-ignored", NULL};
static const struct vw_key stream_list[] = {
    {"of", VW_TAKES_TEXT, false, NULL, NULL, "the label of the call; the last one if absent"},
    {"status", VW_TAKES_TEXT, false, stream_statuses, NULL, "of the packet"},
    {"length", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the number of bytes"},
    {"error", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the error structure"},
    {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},
    {"data", VW_TAKES_TEXT, false, ignored_words, NULL,
     "ignored: data packets ahead of it are passed over; all-ignored: the end of the data too"},
    {NULL},
};
static const struct vw_keys stream_keys = {"an expected stream packet", stream_list, NULL};

static const char *const kinds[] = {"reply",  "error",  "answer", "message",
                                    "stream", "closed", "either", NULL};
static const char *const alternative_kinds[] = {"reply",  "error",  "answer", "message",
                                                "stream", "closed", NULL};

#define PATTERN_KEYS                                                                               \
    {"reply", VW_TAKES_VALUE, false, NULL, NULL, "status OK, and a pattern of what it returns"},   \
        {"error",                                                                                  \
         VW_TAKES_VALUE,                                                                           \
         false,                                                                                    \
         NULL,                                                                                     \
         NULL,                                                                                     \
         "status ERROR, and a pattern of the error structure or the name of an answer of the "     \
         "profile"},                                                                               \
        {"answer", VW_TAKES_NOTHING, false, NULL, NULL, "a reply, good or error, well formed"},    \
        {"message",                                                                                \
         VW_TAKES_MAP,                                                                             \
         false,                                                                                    \
         NULL,                                                                                     \
         &vw_expected_message_keys,                                                                \
         "an event or a keepalive message"},                                                       \
        {"stream", VW_TAKES_MAP, false, NULL, &stream_keys, "the next packet of a stream"},        \
        {"closed", VW_TAKES_NOTHING, false, NULL, NULL, "the end of the connection"},              \
        {"to", VW_TAKES_TEXT, false, NULL, NULL, "the label of the call; the last if absent"},     \
        {"header", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header words"},            \
        {"excuse", VW_TAKES_TEXTS, false, vw_watched_clauses, NULL, EXCUSE_MEANING},               \
        {"skip", VW_TAKES_TEXT, false, NULL, NULL, "the case ends here, skipped for this reason"}, \
    {                                                                                              \
        "lenient", VW_TAKES_TEXT, false, NULL, NULL,                                               \
            "the verdict is lenient, and this says what was accepted"                              \
    }

static const struct vw_key alternative_list[] = {PATTERN_KEYS, {NULL}};
static const struct vw_keys alternative_keys = {"an alternative", alternative_list,
                                                alternative_kinds};

static const struct vw_key expect_list[] = {
    PATTERN_KEYS,
    {"either", VW_TAKES_MAPS, false, NULL, &alternative_keys, "any one of these"},
    {"times", VW_TAKES_NUMBER, false, NULL, NULL, "so many of them, in any order of serials"},
    {NULL},
};
const struct vw_keys vw_expect_keys = {"an expectation", expect_list, kinds};

/* ---- headers ---- */

/* NULL: no memory. */
static json *header_json(const struct vw_header *h)
{
    const struct {
        const char *name;
        int64_t word;
    } words[] = {{"program", h->program}, {"version", h->version}, {"procedure", h->procedure},
                 {"type", h->type},       {"serial", h->serial},   {"status", h->status}};
    json *out = json_object_new_object();
    for (size_t i = 0; out && i < sizeof(words) / sizeof(words[0]); i++) {
        json *word = json_object_new_int64(words[i].word);
        if (word && json_object_object_add(out, words[i].name, word) == 0)
            continue;
        json_object_put(word);
        json_object_put(out);
        out = NULL;
    }
    return out;
}

static bool is_reply(const struct vw_got *g)
{
    return !g->short_header &&
           (g->header.type == VW_MSG_REPLY || g->header.type == VW_MSG_REPLY_WITH_FDS);
}

/* The call that G answers, of those with LABEL if there is one. Two programs may have calls with
 * one serial in flight (H-9): that of another program is meant only when there is none of G's own.
 */
static struct vw_sent *find_sent(const struct vw_link *c, const struct vw_got *g, const char *label)
{
    struct vw_sent *other = NULL;
    bool foreign = false;
    for (struct vw_sent *s = c->sent; s; s = s->next) {
        bool own = s->header.program == g->header.program;
        if (s->answered || s->header.serial != g->header.serial)
            continue;
        if (label && strcmp(s->label, label) != 0)
            foreign = foreign || own;
        else if (own)
            return s;
        else if (!other)
            other = s;
    }
    return foreign ? NULL : other;
}

/* ---- what the observer has found ---- */

static bool is_stray(const struct vw_breach *b)
{
    return strcmp(b->clause, "H-9") == 0 || strcmp(b->clause, "H-11") == 0 ||
           strcmp(b->clause, "F-3") == 0;
}

/* What real servers do now and then (S-2), and what only the text of 2007 allows (H-8). */
static bool is_borne(const struct vw_breach *b)
{
    return strcmp(b->clause, "S-2") == 0 || strcmp(b->clause, "H-8") == 0;
}

/* PATTERN says itself what it wants of the word, or names the clause. */
static bool is_excused(const struct vw_breach *b, const struct vw_node *pattern)
{
    const struct vw_node *header = vw_node_get(pattern, "header");
    const struct vw_node *excuse = vw_node_get(pattern, "excuse");
    for (const struct vw_node *n = excuse ? excuse->first : NULL; n; n = n->next)
        if (vw_node_is(n, b->clause))
            return true;
    if (strncmp(b->path, "header.", 7) == 0)
        return vw_node_get(header ? header : pattern, b->path + 7);
    bool of_error = strcmp(b->clause, "E-2") == 0 || strcmp(b->clause, "E-5") == 0;
    return of_error && vw_node_get(vw_node_get(pattern, "error"), b->path);
}

const struct vw_breach *vw_answer_breach(struct vw_run *run, const struct vw_breach *list,
                                         const struct vw_node *pattern)
{
    for (const struct vw_breach *b = list; b; b = b->next) {
        if (vw_watched_has(run->settings->without, b->clause) || is_excused(b, pattern))
            continue;
        if (!is_borne(b))
            return b;
        if (!run->lenient)
            snprintf(run->lenient_why, sizeof(run->lenient_why), "%s", b->text);
        run->lenient = true;
    }
    return NULL;
}

/* A step takes G: true, or a reason. */
static bool is_right(struct vw_judgement *j, const struct vw_got *g, const struct vw_node *pattern)
{
    const struct vw_breach *b = vw_answer_breach(j->run, g->breaches, pattern), *other = b;
    size_t more = 0;
    if (!b)
        return true;
    while ((other = vw_answer_breach(j->run, other->next, pattern)))
        more++;
    j->run->blamed = b->clause;
    int n = snprintf(j->why, sizeof(j->why), "%s", b->text);
    if (more && (size_t)n < sizeof(j->why))
        snprintf(j->why + n, sizeof(j->why) - (size_t)n, ", and %zu more", more);
    return false;
}

enum vw_step_result vw_answer_blame(struct vw_run *run, const struct vw_breach *b, const char *when)
{
    run->blamed = b->clause;
    return vw_run_fail(run, VW_FAIL, "%s%s", when, b->text);
}

bool vw_answer_no_stray(struct vw_judgement *j, const struct vw_link *c)
{
    for (const struct vw_got *g = c->inbox; g; g = g->next)
        for (const struct vw_breach *b = g->breaches; b; b = b->next)
            if (is_stray(b) && !is_right(j, g, NULL))
                return false;
    return true;
}

/* ---- bodies ---- */

bool vw_answer_fits(struct vw_judgement *j, const struct vw_node *pattern, json *value)
{
    int rc =
        value ? vw_pattern_match(pattern, value, j->run->variables, j->why, sizeof(j->why), &j->err)
              : 0;
    /* That there is no value is the peer's fault only if that has been said. */
    if (!value && !j->err.code && !*j->why)
        vw_error_nomem(&j->err);
    json_object_put(value);
    return rc == 1;
}

/* NULL with a reason (the peer's fault) or an error (ours). */
static json *decode(struct vw_judgement *j, const struct vw_type *t, const struct vw_got *g)
{
    struct vw_error bad = VW_ERROR_INIT;
    char text[300];
    void *value;
    int rc = vw_xdr_decode(t, g->bytes + g->body, g->length - g->body, &j->run->arena, &value, NULL,
                           &bad);
    if (rc == 0)
        return vw_json_from_value(t, value, &j->err);
    if (rc == VW_ENOMEM)
        vw_error_nomem(&j->err);
    else
        snprintf(j->why, sizeof(j->why), "the body cannot be decoded: %s",
                 vw_error_format(&bad, NULL, text, sizeof(text)));
    return NULL;
}

static bool is_empty(const struct vw_node *pattern)
{
    return !pattern || pattern->kind == VW_NODE_NULL;
}

static bool judge_value(struct vw_judgement *j, const struct vw_type *t, const struct vw_got *g,
                        const struct vw_node *pattern)
{
    return !t || is_empty(pattern) || vw_answer_fits(j, pattern, decode(j, t, g));
}

static const struct vw_type *error_type(const struct vw_run *run)
{
    const struct vw_schema *s = run->settings->profile->schema;
    const struct vw_type *t = vw_schema_type(s, "virNetMessageError");
    return t ? t : vw_schema_type(s, "remote_error");
}

struct error_numbers {
    long long code, domain;
};

static bool read_numbers(struct vw_judgement *j, const struct vw_got *g, struct error_numbers *out)
{
    json *error = decode(j, error_type(j->run), g), *code = NULL, *domain = NULL;
    if (!error)
        return false;
    json_object_object_get_ex(error, "code", &code);
    json_object_object_get_ex(error, "domain", &domain);
    *out = (struct error_numbers){json_object_get_int64(code), json_object_get_int64(domain)};
    json_object_put(error);
    return true;
}

/* "unknown_procedure" as a pattern: code and domain of the profile. */
static bool judge_named_error(struct vw_judgement *j, const struct vw_got *g,
                              const struct vw_node *pattern)
{
    const struct vw_profile *profile = j->run->settings->profile;
    char key[80];
    const char *name = pattern->text;
    struct error_numbers found;
    if (!read_numbers(j, g, &found))
        return false;
    snprintf(key, sizeof(key), "%s.code", name);
    int64_t code = vw_profile_answer(profile, key, INT64_MIN);
    snprintf(key, sizeof(key), "%s.domain", name);
    int64_t domain = vw_profile_answer(profile, key, INT64_MIN);
    if (code == INT64_MIN || domain == INT64_MIN) {
        vw_node_error(pattern, &j->err, "the profile has no answer \"%.40s\"", name);
        return false;
    }
    snprintf(j->why, sizeof(j->why), "expected error %lld/%lld (%s), found %lld/%lld",
             (long long)code, (long long)domain, name, found.code, found.domain);
    return found.code == code && found.domain == domain;
}

static bool judge_error(struct vw_judgement *j, const struct vw_got *g,
                        const struct vw_node *pattern)
{
    return pattern && pattern->kind == VW_NODE_SCALAR
               ? judge_named_error(j, g, pattern)
               : judge_value(j, error_type(j->run), g, pattern);
}

/* ---- the kinds of expectation ---- */

/* A good reply where an error was expected, or the other way round. */
static bool refuse_status(struct vw_judgement *j, const struct vw_got *g)
{
    struct error_numbers found;
    if (g->header.status != VW_MSG_ERROR)
        snprintf(j->why, sizeof(j->why), "expected an error, found a good reply");
    else if (read_numbers(j, g, &found))
        snprintf(j->why, sizeof(j->why), "expected a good reply, found error %lld/%lld", found.code,
                 found.domain);
    return false;
}

static bool judge_reply(struct vw_judgement *j, const struct vw_sent *s, const struct vw_got *g,
                        const struct vw_node *pattern)
{
    const struct vw_node *ok = vw_node_get(pattern, "reply");
    const struct vw_node *bad = vw_node_get(pattern, "error");
    const struct vw_node *header = vw_node_get(pattern, "header");
    bool failed = g->header.status == VW_MSG_ERROR;
    if (!is_right(j, g, pattern) || (header && !vw_answer_fits(j, header, header_json(&g->header))))
        return false;
    if (failed ? ok : bad)
        return refuse_status(j, g);
    return failed ? judge_error(j, g, bad) : judge_value(j, s->proc ? s->proc->ret : NULL, g, ok);
}

static enum vw_fit try_reply(struct vw_judgement *j, struct vw_link *c,
                             const struct vw_node *pattern, const char *label)
{
    for (struct vw_got *g = c->inbox; g; g = g->next) {
        struct vw_sent *s = is_reply(g) ? find_sent(c, g, label) : NULL;
        if (!s)
            continue;
        if (!judge_reply(j, s, g, pattern))
            return VW_FIT_NO;
        s->answered = true;
        vw_link_take(c, g);
        return VW_FIT_YES;
    }
    return VW_FIT_NONE;
}

static bool judge_message(struct vw_judgement *j, const struct vw_got *g,
                          const struct vw_proc *proc, const struct vw_node *m)
{
    const struct vw_node *serial = vw_node_get(m, "serial");
    return is_right(j, g, m) &&
           (!serial || vw_answer_fits(j, serial, json_object_new_uint64(g->header.serial))) &&
           judge_value(j, proc ? proc->args : NULL, g, vw_node_get(m, "args"));
}

enum vw_fit vw_answer_try_message(struct vw_judgement *j, struct vw_link *c,
                                  const struct vw_node *m, bool patient)
{
    const struct vw_proc *proc;
    struct vw_header want = {0};
    if (vw_compose_proc(j->run->settings->profile, m, &proc, &want, &j->err) < 0)
        return VW_FIT_NO;
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        if (g->short_header || g->header.type != VW_MSG_MESSAGE ||
            g->header.program != want.program || g->header.procedure != want.procedure)
            continue;
        bool fits = judge_message(j, g, proc, m);
        bool passed_over = patient && !fits && !j->run->blamed && !j->err.code;
        if (fits || passed_over)
            vw_link_take(c, g);
        if (!passed_over)
            return fits ? VW_FIT_YES : VW_FIT_NO;
    }
    return VW_FIT_NONE;
}

static const struct vw_sent *find_label(const struct vw_link *c, const char *label)
{
    for (const struct vw_sent *s = c->sent; s; s = s->next)
        if (strcmp(s->label, label) == 0)
            return s;
    return NULL;
}

static bool judge_stream(struct vw_judgement *j, const struct vw_got *g, const struct vw_node *m)
{
    const struct vw_node *status = vw_node_get(m, "status"), *length = vw_node_get(m, "length");
    if (!is_right(j, g, m))
        return false;
    for (int i = 0; status && stream_statuses[i]; i++) {
        if (vw_node_is(status, stream_statuses[i]) && g->header.status != i) {
            snprintf(j->why, sizeof(j->why), "expected a stream packet of status %s, found %d",
                     stream_statuses[i], g->header.status);
            return false;
        }
    }
    return (!length || vw_answer_fits(j, length, json_object_new_uint64(g->length - g->body))) &&
           judge_error(j, g, vw_node_get(m, "error"));
}

static enum vw_fit try_stream(struct vw_judgement *j, struct vw_link *c, const struct vw_node *m,
                              const char *label)
{
    const struct vw_node *of = vw_node_get(m, "of");
    const struct vw_sent *s = find_label(c, of ? of->text : label);
    const struct vw_node *data = vw_node_get(m, "data");
    bool pass_end = data && vw_node_is(data, "all-ignored");
    if (!s)
        return VW_FIT_NONE;
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        if (g->short_header ||
            (g->header.type != VW_MSG_STREAM && g->header.type != VW_MSG_STREAM_HOLE) ||
            g->header.serial != s->header.serial)
            continue;
        bool ignored = data && g->header.status == VW_MSG_CONTINUE &&
                       (pass_end || g->length > VW_PREFIX_BYTES) && is_right(j, g, m);
        bool fits = ignored || judge_stream(j, g, m);
        if (fits)
            vw_link_take(c, g);
        if (!ignored)
            return fits ? VW_FIT_YES : VW_FIT_NO;
    }
    return VW_FIT_NONE;
}

enum vw_fit vw_answer_try(struct vw_judgement *j, struct vw_link *c, const struct vw_node *pattern,
                          const char *label)
{
    const struct vw_node *m;
    if (vw_node_get(pattern, "closed"))
        return vw_run_ended(c) ? VW_FIT_YES : VW_FIT_NONE;
    if ((m = vw_node_get(pattern, "message")))
        return vw_answer_try_message(j, c, m, false);
    if ((m = vw_node_get(pattern, "stream")))
        return try_stream(j, c, m, label);
    return try_reply(j, c, pattern, label);
}
