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

static json *header_json(const struct vw_header *h)
{
    json *out = json_object_new_object();
    json_object_object_add(out, "program", json_object_new_uint64(h->program));
    json_object_object_add(out, "version", json_object_new_uint64(h->version));
    json_object_object_add(out, "procedure", json_object_new_int(h->procedure));
    json_object_object_add(out, "type", json_object_new_int(h->type));
    json_object_object_add(out, "serial", json_object_new_uint64(h->serial));
    json_object_object_add(out, "status", json_object_new_int(h->status));
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

/* A step takes G: true, or WHY. */
static bool is_right(struct vw_run *run, const struct vw_got *g, const struct vw_node *pattern,
                     char *why, size_t size)
{
    const struct vw_breach *b = vw_answer_breach(run, g->breaches, pattern), *other = b;
    size_t more = 0;
    if (!b)
        return true;
    while ((other = vw_answer_breach(run, other->next, pattern)))
        more++;
    run->blamed = b->clause;
    int n = snprintf(why, size, "%s", b->text);
    if (more && (size_t)n < size)
        snprintf(why + n, size - (size_t)n, ", and %zu more", more);
    return false;
}

enum vw_step_result vw_answer_blame(struct vw_run *run, const struct vw_breach *b, const char *when)
{
    run->blamed = b->clause;
    return vw_run_fail(run, VW_FAIL, "%s%s", when, b->text);
}

bool vw_answer_no_stray(struct vw_run *run, const struct vw_link *c, char *why, size_t size)
{
    for (const struct vw_got *g = c->inbox; g; g = g->next)
        for (const struct vw_breach *b = g->breaches; b; b = b->next)
            if (is_stray(b) && !is_right(run, g, NULL, why, size))
                return false;
    return true;
}

/* ---- bodies ---- */

/* NULL with WHY (the peer's fault) or ERR (ours). */
static json *decode(struct vw_run *run, const struct vw_type *t, const struct vw_got *g, char *why,
                    size_t size, struct vw_error *err)
{
    struct vw_error bad = VW_ERROR_INIT;
    char text[300];
    void *value;
    int rc =
        vw_xdr_decode(t, g->bytes + g->body, g->length - g->body, &run->arena, &value, NULL, &bad);
    if (rc == 0)
        return vw_json_from_value(t, value, err);
    if (rc == VW_ENOMEM)
        vw_error_nomem(err);
    else
        snprintf(why, size, "the body cannot be decoded: %s",
                 vw_error_format(&bad, NULL, text, sizeof(text)));
    return NULL;
}

static const struct vw_type *error_type(const struct vw_run *run)
{
    const struct vw_schema *s = run->settings->profile->schema;
    const struct vw_type *t = vw_schema_type(s, "virNetMessageError");
    return t ? t : vw_schema_type(s, "remote_error");
}

/* "unknown_procedure" as a pattern: code and domain of the profile. */
static enum vw_fit match_answer_name(const struct vw_run *run, const struct vw_node *pattern,
                                     json *error, char *why, size_t size, struct vw_error *err)
{
    char key[80];
    const char *name = pattern->text;
    snprintf(key, sizeof(key), "%s.code", name);
    int64_t code = vw_profile_answer(run->settings->profile, key, INT64_MIN);
    snprintf(key, sizeof(key), "%s.domain", name);
    int64_t domain = vw_profile_answer(run->settings->profile, key, INT64_MIN);
    if (code == INT64_MIN || domain == INT64_MIN) {
        vw_node_error(pattern, err, "the profile has no answer \"%.40s\"", name);
        return VW_FIT_NO;
    }
    json *c = NULL, *d = NULL;
    json_object_object_get_ex(error, "code", &c);
    json_object_object_get_ex(error, "domain", &d);
    if (json_object_get_int64(c) == code && json_object_get_int64(d) == domain)
        return VW_FIT_YES;
    snprintf(why, size, "expected error %lld/%lld (%s), found %lld/%lld", (long long)code,
             (long long)domain, name, (long long)json_object_get_int64(c),
             (long long)json_object_get_int64(d));
    return VW_FIT_NO;
}

static enum vw_fit fit_of(int rc)
{
    return rc == 1 ? VW_FIT_YES : VW_FIT_NO;
}

static bool is_empty(const struct vw_node *pattern)
{
    return !pattern || pattern->kind == VW_NODE_NULL;
}

static enum vw_fit judge_error(struct vw_run *run, const struct vw_got *g,
                               const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    if (is_empty(pattern))
        return VW_FIT_YES;
    json *error = decode(run, error_type(run), g, why, size, err);
    if (!error)
        return VW_FIT_NO;
    enum vw_fit fit =
        pattern->kind == VW_NODE_SCALAR
            ? match_answer_name(run, pattern, error, why, size, err)
            : fit_of(vw_pattern_match(pattern, error, run->variables, why, size, err));
    json_object_put(error);
    return fit;
}

static enum vw_fit judge_value(struct vw_run *run, const struct vw_type *t, const struct vw_got *g,
                               const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    if (!t || is_empty(pattern))
        return VW_FIT_YES;
    json *value = decode(run, t, g, why, size, err);
    if (!value)
        return VW_FIT_NO;
    enum vw_fit fit = fit_of(vw_pattern_match(pattern, value, run->variables, why, size, err));
    json_object_put(value);
    return fit;
}

/* ---- the kinds of expectation ---- */

/* A good reply where an error was expected, or the other way round. */
static enum vw_fit judge_status(struct vw_run *run, const struct vw_got *g, char *why, size_t size,
                                struct vw_error *err)
{
    if (g->header.status != VW_MSG_ERROR) {
        snprintf(why, size, "expected an error, found a good reply");
        return VW_FIT_NO;
    }
    json *error = decode(run, error_type(run), g, why, size, err);
    json *code = NULL, *domain = NULL;
    if (!error)
        return VW_FIT_NO;
    json_object_object_get_ex(error, "code", &code);
    json_object_object_get_ex(error, "domain", &domain);
    snprintf(why, size, "expected a good reply, found error %d/%d", json_object_get_int(code),
             json_object_get_int(domain));
    json_object_put(error);
    return VW_FIT_NO;
}

static enum vw_fit judge_reply(struct vw_run *run, const struct vw_sent *s, const struct vw_got *g,
                               const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    const struct vw_node *ok = vw_node_get(pattern, "reply");
    const struct vw_node *bad = vw_node_get(pattern, "error");
    const struct vw_node *header = vw_node_get(pattern, "header");
    bool failed = g->header.status == VW_MSG_ERROR;
    if (!is_right(run, g, pattern, why, size))
        return VW_FIT_NO;
    if (header) {
        json *h = header_json(&g->header);
        int rc = vw_pattern_match(header, h, run->variables, why, size, err);
        json_object_put(h);
        if (rc != 1)
            return VW_FIT_NO;
    }
    if (failed ? ok : bad)
        return judge_status(run, g, why, size, err);
    if (failed)
        return judge_error(run, g, bad, why, size, err);
    return judge_value(run, s->proc ? s->proc->ret : NULL, g, ok, why, size, err);
}

static enum vw_fit try_reply(struct vw_run *run, struct vw_link *c, const struct vw_node *pattern,
                             const char *label, char *why, size_t size, struct vw_error *err)
{
    for (struct vw_got *g = c->inbox; g; g = g->next) {
        struct vw_sent *s = is_reply(g) ? find_sent(c, g, label) : NULL;
        if (!s)
            continue;
        enum vw_fit fit = judge_reply(run, s, g, pattern, why, size, err);
        if (fit == VW_FIT_YES) {
            s->answered = true;
            vw_link_take(c, g);
        }
        return fit;
    }
    return VW_FIT_NONE;
}

static enum vw_fit judge_message(struct vw_run *run, const struct vw_got *g,
                                 const struct vw_proc *proc, const struct vw_node *m, char *why,
                                 size_t size, struct vw_error *err)
{
    const struct vw_node *serial = vw_node_get(m, "serial");
    if (!is_right(run, g, m, why, size))
        return VW_FIT_NO;
    json *word = json_object_new_uint64(g->header.serial);
    int rc = serial ? vw_pattern_match(serial, word, run->variables, why, size, err) : 1;
    json_object_put(word);
    if (rc != 1)
        return VW_FIT_NO;
    return judge_value(run, proc ? proc->args : NULL, g, vw_node_get(m, "args"), why, size, err);
}

enum vw_fit vw_answer_try_message(struct vw_run *run, struct vw_link *c, const struct vw_node *m,
                                  bool patient, char *why, size_t size, struct vw_error *err)
{
    const struct vw_proc *proc;
    struct vw_header want = {0};
    if (vw_compose_proc(run->settings->profile, m, &proc, &want, err) < 0)
        return VW_FIT_NO;
    for (struct vw_got *g = c->inbox, *next; g; g = next) {
        next = g->next;
        if (g->short_header || g->header.type != VW_MSG_MESSAGE ||
            g->header.program != want.program || g->header.procedure != want.procedure)
            continue;
        enum vw_fit fit = judge_message(run, g, proc, m, why, size, err);
        bool passed_over = patient && fit == VW_FIT_NO && !run->blamed && !err->code;
        if (fit == VW_FIT_YES || passed_over)
            vw_link_take(c, g);
        if (!passed_over)
            return fit;
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

static enum vw_fit judge_stream(struct vw_run *run, const struct vw_got *g, const struct vw_node *m,
                                char *why, size_t size, struct vw_error *err)
{
    const struct vw_node *status = vw_node_get(m, "status"), *length = vw_node_get(m, "length");
    const struct vw_node *error = vw_node_get(m, "error");
    if (!is_right(run, g, m, why, size))
        return VW_FIT_NO;
    for (int i = 0; status && stream_statuses[i]; i++) {
        if (vw_node_is(status, stream_statuses[i]) && g->header.status != i) {
            snprintf(why, size, "expected a stream packet of status %s, found %d",
                     stream_statuses[i], g->header.status);
            return VW_FIT_NO;
        }
    }
    if (length) {
        json *n = json_object_new_uint64(g->length - g->body);
        int rc = vw_pattern_match(length, n, run->variables, why, size, err);
        json_object_put(n);
        if (rc != 1)
            return VW_FIT_NO;
    }
    return error ? judge_error(run, g, error, why, size, err) : VW_FIT_YES;
}

static enum vw_fit try_stream(struct vw_run *run, struct vw_link *c, const struct vw_node *m,
                              const char *label, char *why, size_t size, struct vw_error *err)
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
        if (data && g->header.status == VW_MSG_CONTINUE &&
            (pass_end || g->length > VW_PREFIX_BYTES) && is_right(run, g, m, why, size)) {
            vw_link_take(c, g);
            continue;
        }
        enum vw_fit fit = judge_stream(run, g, m, why, size, err);
        if (fit == VW_FIT_YES)
            vw_link_take(c, g);
        return fit;
    }
    return VW_FIT_NONE;
}

enum vw_fit vw_answer_try(struct vw_run *run, struct vw_link *c, const struct vw_node *pattern,
                          const char *label, char *why, size_t size, struct vw_error *err)
{
    const struct vw_node *m;
    if (vw_node_get(pattern, "closed"))
        return vw_run_ended(c) ? VW_FIT_YES : VW_FIT_NONE;
    if ((m = vw_node_get(pattern, "message")))
        return vw_answer_try_message(run, c, m, false, why, size, err);
    if ((m = vw_node_get(pattern, "stream")))
        return try_stream(run, c, m, label, why, size, err);
    return try_reply(run, c, pattern, label, why, size, err);
}
