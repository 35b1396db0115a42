// SPDX-License-Identifier: MIT
// What came, against what was expected: headers, then bodies, strictly decoded, then values.
#include <stdio.h>
#include <string.h>

#include "conformance/runner/run.h"
#include "scenario/pattern.h"
#include "xdr/json.h"

typedef struct json_object json;

static const struct vw_key message_list[] = {
    {"procedure", VW_TAKES_TEXT | VW_TAKES_NUMBER, true, NULL, NULL, "name or number"},
    {"program", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "remote if absent"},
    {"args", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of its contents"},
    {"serial", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header's serial"},
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

/* A MESSAGE with the number of a call is an answer gone wrong (V-2, H-5). */
static bool is_false_event(const struct vw_run *run, const struct vw_header *h)
{
    const struct vw_program *p =
        vw_schema_program(run->settings->profile->schema, h->program, h->version);
    const struct vw_proc *proc = p ? vw_program_proc(p, h->procedure) : NULL;
    return h->type == VW_MSG_MESSAGE && proc && proc->kind == VW_PROC_CALL;
}

/* A reply that some call waits for, or has had already where that is not looked at. */
static bool is_awaited(const struct vw_run *run, const struct vw_link *c, const struct vw_got *g)
{
    bool again = !vw_run_checks(run, VW_IMPLICIT_SECOND_REPLY);
    for (const struct vw_sent *s = c->sent; again && s; s = s->next)
        if (s->answered && s->header.serial == g->header.serial)
            return true;
    return find_sent(c, g, NULL) != NULL;
}

bool vw_answer_no_stray(const struct vw_run *run, const struct vw_link *c, char *why, size_t size)
{
    for (const struct vw_got *g = c->inbox; g; g = g->next) {
        const struct vw_header *h = &g->header;
        if (g->short_header && vw_run_checks(run, VW_IMPLICIT_STRAY_TYPE)) {
            snprintf(why, size, "a message came whose length word is %u, too short for a header",
                     g->length);
            return false;
        }
        if (is_reply(g) && !is_awaited(run, c, g) && vw_run_checks(run, VW_IMPLICIT_STRAY_REPLY)) {
            snprintf(why, size, "a reply came with serial %u, which no waiting call has",
                     h->serial);
            return false;
        }
        if (is_false_event(run, h) && vw_run_checks(run, VW_IMPLICIT_STRAY_EVENT)) {
            snprintf(why, size, "a message of type MESSAGE came whose procedure %d is no event",
                     h->procedure);
            return false;
        }
        if ((h->type == VW_MSG_CALL || h->type == VW_MSG_CALL_WITH_FDS || h->type < 0 ||
             h->type > VW_MSG_STREAM_HOLE) &&
            vw_run_checks(run, VW_IMPLICIT_STRAY_TYPE)) {
            snprintf(why, size, "a message of type %d came, which no server may send", h->type);
            return false;
        }
    }
    return true;
}

/* Of a word that PATTERN names (the case's own pattern of the header, or NULL) nothing is said. */
static bool echoes(const struct vw_run *run, const struct vw_node *pattern,
                   const struct vw_header *got, const struct vw_header *sent, char *why,
                   size_t size)
{
    bool program = got->program == sent->program || vw_node_get(pattern, "program") ||
                   !vw_run_checks(run, VW_IMPLICIT_ECHO_PROGRAM);
    bool version = got->version == sent->version || vw_node_get(pattern, "version") ||
                   !vw_run_checks(run, VW_IMPLICIT_ECHO_VERSION);
    bool procedure = got->procedure == sent->procedure || vw_node_get(pattern, "procedure") ||
                     !vw_run_checks(run, VW_IMPLICIT_ECHO_PROCEDURE);
    if (program && version && procedure)
        return true;
    snprintf(why, size,
             "the reply must repeat program, version and procedure of its call (0x%x, %u, %d); it "
             "has 0x%x, %u, %d",
             sent->program, sent->version, sent->procedure, got->program, got->version,
             got->procedure);
    return false;
}

/* ---- bodies ---- */

/* Decodes strictly; NULL with WHY (the peer's fault) or ERR (ours). GARBLED: it cannot be decoded
 * at all. */
static json *decode(struct vw_run *run, const struct vw_type *t, const uint8_t *bytes, size_t len,
                    bool *garbled, char *why, size_t size, struct vw_error *err)
{
    struct vw_findings found = {0};
    struct vw_error bad = VW_ERROR_INIT;
    char text[300];
    void *value;
    unsigned strict = vw_implicit_strict(run->settings->without);
    int rc = vw_xdr_check(t, bytes, len, strict, &run->arena, &found, NULL, &bad);
    if (rc == 0 && found.count) {
        const struct vw_finding *f = &found.list[0];
        size_t more = vw_findings_seen(&found) - 1;
        int n = snprintf(why, size, "the body breaks the rule \"%s\" at %s, offset %llu: %s",
                         f->rule, f->place.path, (unsigned long long)f->place.offset, f->found);
        if (more && n >= 0 && (size_t)n < size)
            snprintf(why + n, size - (size_t)n, ", and %zu more", more);
        return NULL;
    }
    if (rc == 0)
        rc = vw_xdr_decode(t, bytes, len, &run->arena, &value, NULL, &bad);
    if (rc == VW_ENOMEM) {
        vw_error_nomem(err);
        return NULL;
    }
    *garbled = rc < 0;
    if (rc < 0) {
        vw_error_format(&bad, NULL, text, sizeof(text));
        snprintf(why, size, "the body cannot be decoded: %s", text);
        return NULL;
    }
    return vw_json_from_value(t, value, err);
}

static const struct vw_type *error_type(const struct vw_run *run)
{
    const struct vw_schema *s = run->settings->profile->schema;
    const struct vw_type *t = vw_schema_type(s, "virNetMessageError");
    return t ? t : vw_schema_type(s, "remote_error");
}

static const uint8_t *body_of(const struct vw_got *g, size_t *len)
{
    *len = g->len - VW_PREFIX_BYTES;
    return g->bytes + VW_PREFIX_BYTES;
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

/* What a garbled body is worth: nothing, if CHECK is made or the case asks for something in it. */
static enum vw_fit fit_garbled(const struct vw_run *run, enum vw_implicit check,
                               const struct vw_node *pattern)
{
    bool asked = pattern && pattern->kind != VW_NODE_NULL;
    return asked || vw_run_checks(run, check) ? VW_FIT_NO : VW_FIT_YES;
}

/* An error structure (E-1): well formed, of level ERROR, and as the pattern says. */
static enum vw_fit judge_error(struct vw_run *run, const uint8_t *body, size_t len,
                               const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    json *level = NULL;
    bool garbled = false;
    json *error = decode(run, error_type(run), body, len, &garbled, why, size, err);
    if (!error)
        return garbled ? fit_garbled(run, VW_IMPLICIT_ERROR_BODY, pattern) : VW_FIT_NO;
    enum vw_fit fit = VW_FIT_YES;
    json_object_object_get_ex(error, "level", &level);
    bool own_level = pattern && vw_node_get(pattern, "level");
    own_level = own_level || !vw_run_checks(run, VW_IMPLICIT_ERROR_LEVEL);
    if (!own_level && json_object_get_int(level) != 2) {
        snprintf(why, size, "level: expected 2 (error), found %d", json_object_get_int(level));
        fit = VW_FIT_NO;
    } else if (pattern && pattern->kind == VW_NODE_SCALAR) {
        fit = match_answer_name(run, pattern, error, why, size, err);
    } else if (pattern && pattern->kind != VW_NODE_NULL) {
        fit = fit_of(vw_pattern_match(pattern, error, run->variables, why, size, err));
    }
    json_object_put(error);
    return fit;
}

static enum vw_fit judge_value(struct vw_run *run, const struct vw_type *t, const uint8_t *body,
                               size_t len, const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    if (!t) {
        if (len == 0 || !vw_run_checks(run, VW_IMPLICIT_NO_BODY))
            return VW_FIT_YES;
        snprintf(why, size, "%zu bytes of body where there is nothing to return", len);
        return VW_FIT_NO;
    }
    bool garbled = false;
    json *value = decode(run, t, body, len, &garbled, why, size, err);
    if (!value)
        return garbled ? fit_garbled(run, VW_IMPLICIT_REPLY_BODY, pattern) : VW_FIT_NO;
    enum vw_fit fit = VW_FIT_YES;
    if (pattern && pattern->kind != VW_NODE_NULL)
        fit = fit_of(vw_pattern_match(pattern, value, run->variables, why, size, err));
    json_object_put(value);
    return fit;
}

/* ---- the kinds of expectation ---- */

static enum vw_fit judge_reply(struct vw_run *run, const struct vw_sent *s, const struct vw_got *g,
                               const struct vw_node *pattern, char *why, size_t size,
                               struct vw_error *err)
{
    size_t len;
    const uint8_t *body = body_of(g, &len);
    const struct vw_node *ok = vw_node_get(pattern, "reply");
    const struct vw_node *bad = vw_node_get(pattern, "error");
    const struct vw_node *header = vw_node_get(pattern, "header");
    if (!echoes(run, header, &g->header, &s->header, why, size))
        return VW_FIT_NO;
    if (g->header.type == VW_MSG_REPLY_WITH_FDS && !vw_node_get(header, "type") &&
        vw_run_checks(run, VW_IMPLICIT_REPLY_TYPE)) {
        snprintf(why, size, "the reply has the type for descriptors (5) and holds none");
        return VW_FIT_NO;
    }
    if (header) {
        json *h = header_json(&g->header);
        int rc = vw_pattern_match(header, h, run->variables, why, size, err);
        json_object_put(h);
        if (rc != 1)
            return VW_FIT_NO;
    }
    if (g->header.status == VW_MSG_ERROR) {
        enum vw_fit fit = judge_error(run, body, len, bad, why, size, err);
        if (ok && fit == VW_FIT_YES) {
            bool garbled;
            json *error = decode(run, error_type(run), body, len, &garbled, why, size, err);
            json *code = NULL, *domain = NULL;
            json_object_object_get_ex(error, "code", &code);
            json_object_object_get_ex(error, "domain", &domain);
            snprintf(why, size, "expected a good reply, found error %d/%d",
                     json_object_get_int(code), json_object_get_int(domain));
            json_object_put(error);
        }
        return ok ? VW_FIT_NO : fit;
    }
    if (g->header.status != VW_MSG_OK && vw_run_checks(run, VW_IMPLICIT_REPLY_STATUS)) {
        snprintf(why, size, "the status of a reply is 0 or 1; it has %d", g->header.status);
        return VW_FIT_NO;
    }
    if (bad) {
        snprintf(why, size, "expected an error, found a good reply");
        return VW_FIT_NO;
    }
    return judge_value(run, s->proc ? s->proc->ret : NULL, body, len, ok, why, size, err);
}

/* S-2: the reply that opens a stream stands before the packets of the stream, as a rule. */
static bool stream_before(const struct vw_link *c, const struct vw_got *reply)
{
    for (const struct vw_got *g = c->inbox; g && g != reply; g = g->next)
        if (!g->short_header && g->header.type == VW_MSG_STREAM &&
            g->header.serial == reply->header.serial)
            return true;
    return false;
}

static enum vw_fit try_reply(struct vw_run *run, struct vw_link *c, const struct vw_node *pattern,
                             const char *label, char *why, size_t size, struct vw_error *err)
{
    for (struct vw_got *g = c->inbox; g; g = g->next) {
        struct vw_sent *s = is_reply(g) ? find_sent(c, g, label) : NULL;
        if (!s)
            continue;
        enum vw_fit fit = judge_reply(run, s, g, pattern, why, size, err);
        if (fit == VW_FIT_YES && !run->lenient && stream_before(c, g) &&
            vw_run_checks(run, VW_IMPLICIT_EARLY_STREAM)) {
            run->lenient = true;
            snprintf(run->lenient_why, sizeof(run->lenient_why),
                     "a packet of a stream before the reply that opens it");
        }
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
    size_t len;
    const uint8_t *body = body_of(g, &len);
    json *word = json_object_new_uint64(g->header.serial);
    int rc = serial ? vw_pattern_match(serial, word, run->variables, why, size, err) : 1;
    json_object_put(word);
    if (rc == 1 && g->header.status != VW_MSG_OK &&
        vw_run_checks(run, VW_IMPLICIT_MESSAGE_STATUS)) {
        snprintf(why, size, "the status of a message is 0; it has %d", g->header.status);
        rc = 0;
    }
    if (rc != 1)
        return VW_FIT_NO;
    return judge_value(run, proc ? proc->args : NULL, body, len, vw_node_get(m, "args"), why, size,
                       err);
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
        if (fit == VW_FIT_YES || (patient && !err->code))
            vw_link_take(c, g);
        if (fit == VW_FIT_YES || !patient || err->code)
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

static enum vw_fit judge_stream(struct vw_run *run, const struct vw_sent *s, const struct vw_got *g,
                                const struct vw_node *m, char *why, size_t size,
                                struct vw_error *err)
{
    const struct vw_node *status = vw_node_get(m, "status"), *length = vw_node_get(m, "length");
    const struct vw_node *error = vw_node_get(m, "error");
    size_t len;
    const uint8_t *body = body_of(g, &len);
    if (!echoes(run, NULL, &g->header, &s->header, why, size))
        return VW_FIT_NO;
    for (int i = 0; status && stream_statuses[i]; i++) {
        if (vw_node_is(status, stream_statuses[i]) && g->header.status != i) {
            snprintf(why, size, "expected a stream packet of status %s, found %d",
                     stream_statuses[i], g->header.status);
            return VW_FIT_NO;
        }
    }
    if (length) {
        json *n = json_object_new_uint64(len);
        int rc = vw_pattern_match(length, n, run->variables, why, size, err);
        json_object_put(n);
        if (rc != 1)
            return VW_FIT_NO;
    }
    return error ? judge_error(run, body, len, error, why, size, err) : VW_FIT_YES;
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
        if (data && g->header.status == VW_MSG_CONTINUE && (pass_end || g->len > VW_PREFIX_BYTES)) {
            vw_link_take(c, g);
            continue;
        }
        enum vw_fit fit = judge_stream(run, s, g, m, why, size, err);
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
        return vw_run_ended(run, c) ? VW_FIT_YES : VW_FIT_NONE;
    if ((m = vw_node_get(pattern, "message")))
        return vw_answer_try_message(run, c, m, false, why, size, err);
    if ((m = vw_node_get(pattern, "stream")))
        return try_stream(run, c, m, label, why, size, err);
    return try_reply(run, c, pattern, label, why, size, err);
}
