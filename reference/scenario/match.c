// SPDX-License-Identifier: MIT
#include "scenario/match.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "scenario/pattern.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

typedef struct json_object json;

const char *const vw_match_statuses[] = {"ok", "error", "continue", NULL};

/* ---- values ---- */

bool vw_match_value(struct vw_match *m, const struct vw_node *pattern, json *value)
{
    int rc =
        value ? vw_pattern_match(pattern, value, m->variables, m->why, sizeof(m->why), &m->err) : 0;
    /* That there is no value is the peer's fault only if that has been said. */
    if (!value && !m->err.code && !*m->why)
        vw_error_nomem(&m->err);
    json_object_put(value);
    if (rc != 1 && !m->kind)
        m->kind = VW_MISMATCH_VALUE;
    return rc == 1;
}

/* NULL with a reason (the peer's fault) or an error (ours). */
static json *decode(struct vw_match *m, const struct vw_type *t, const struct vw_seen *seen)
{
    struct vw_error bad = VW_ERROR_INIT;
    char text[300];
    void *value;
    int rc = vw_xdr_decode(t, seen->body, seen->len, m->arena, &value, NULL, &bad);
    if (rc == 0)
        return vw_json_from_value(t, value, &m->err);
    if (rc == VW_ENOMEM)
        vw_error_nomem(&m->err);
    else
        snprintf(m->why, sizeof(m->why), "the body cannot be decoded: %s",
                 vw_error_format(&bad, NULL, text, sizeof(text)));
    m->kind = VW_MISMATCH_BODY;
    return NULL;
}

/* The reason begins with the path of the value; of an XPath that of its document. */
static void find_place(struct vw_match *m, const struct vw_type *t, const struct vw_seen *seen)
{
    struct vw_spans spans;
    char path[160];
    const char *end = strstr(m->why, ": expected");
    snprintf(path, sizeof(path), "%.*s", end ? (int)(end - m->why) : 0, m->why);
    if (vw_xdr_spans(t, seen->body, seen->len, m->arena, &spans, NULL) < 0)
        return;
    const struct vw_span *s = *path ? vw_spans_find(&spans, path) : NULL;
    for (char *cut; !s && *path && (cut = strrchr(path, '.'));) {
        *cut = 0;
        s = *path ? vw_spans_find(&spans, path) : NULL;
    }
    if (s)
        m->place = (struct vw_match_place){seen->body, s->offset, s->length};
}

static bool match_body(struct vw_match *m, const struct vw_type *t, const struct vw_seen *seen,
                       const struct vw_node *pattern)
{
    bool empty = !pattern || pattern->kind == VW_NODE_NULL;
    if (!t || empty || vw_match_value(m, pattern, decode(m, t, seen)))
        return true;
    if (m->kind == VW_MISMATCH_VALUE && !m->err.code)
        find_place(m, t, seen);
    return false;
}

/* ---- errors ---- */

static const struct vw_type *error_type(const struct vw_match *m)
{
    const struct vw_type *t = vw_schema_type(m->profile->schema, "virNetMessageError");
    return t ? t : vw_schema_type(m->profile->schema, "remote_error");
}

static bool read_numbers(struct vw_match *m, const struct vw_seen *seen)
{
    json *error = decode(m, error_type(m), seen), *code = NULL, *domain = NULL;
    if (!error)
        return false;
    json_object_object_get_ex(error, "code", &code);
    json_object_object_get_ex(error, "domain", &domain);
    m->error = (struct vw_match_error){json_object_get_int(code), json_object_get_int(domain)};
    json_object_put(error);
    return true;
}

/* "unknown_procedure" as a pattern: code and domain of the profile. */
static bool match_named_error(struct vw_match *m, const struct vw_seen *seen,
                              const struct vw_node *pattern)
{
    char key[80];
    const char *name = pattern->text;
    if (!read_numbers(m, seen))
        return false;
    snprintf(key, sizeof(key), "%s.code", name);
    int64_t code = vw_profile_answer(m->profile, key, INT64_MIN);
    snprintf(key, sizeof(key), "%s.domain", name);
    int64_t domain = vw_profile_answer(m->profile, key, INT64_MIN);
    if (code == INT64_MIN || domain == INT64_MIN) {
        vw_node_error(pattern, &m->err, "the profile has no answer \"%.40s\"", name);
        return false;
    }
    const struct vw_match_error *found = &m->error;
    snprintf(m->why, sizeof(m->why), "expected error %lld/%lld (%s), found %d/%d", (long long)code,
             (long long)domain, name, found->code, found->domain);
    m->kind =
        found->code == domain && found->domain == code ? VW_MISMATCH_SWAPPED : VW_MISMATCH_ERROR;
    return found->code == code && found->domain == domain;
}

/* Which member of the error structure the reason begins with. */
static enum vw_mismatch kind_of_error(const char *why)
{
    static const char message[] = "message: ", absent[] = "found null";
    size_t len = strlen(why), end = sizeof(absent) - 1;
    if (strncmp(why, message, sizeof(message) - 1) != 0)
        return strncmp(why, "str", 3) == 0 ? VW_MISMATCH_TEXT : VW_MISMATCH_ERROR;
    return len >= end && strcmp(why + len - end, absent) == 0 ? VW_MISMATCH_NO_TEXT
                                                              : VW_MISMATCH_TEXT;
}

static bool match_error(struct vw_match *m, const struct vw_seen *seen,
                        const struct vw_node *pattern)
{
    if (pattern && pattern->kind == VW_NODE_SCALAR)
        return match_named_error(m, seen, pattern);
    bool fits = match_body(m, error_type(m), seen, pattern);
    if (!fits && m->kind == VW_MISMATCH_VALUE && read_numbers(m, seen))
        m->kind = kind_of_error(m->why);
    return fits;
}

/* ---- messages ---- */

/* NULL: no memory. */
static json *header_json(const struct vw_header *h)
{
    json *out = json_object_new_object();
    if (vw_json_put_number(out, "program", h->program) &&
        vw_json_put_number(out, "version", h->version) &&
        vw_json_put_number(out, "procedure", h->procedure) &&
        vw_json_put_number(out, "type", h->type) && vw_json_put_number(out, "serial", h->serial) &&
        vw_json_put_number(out, "status", h->status))
        return out;
    json_object_put(out);
    return NULL;
}

/* A good reply where an error was expected, or the other way round. */
static bool refuse_status(struct vw_match *m, const struct vw_seen *seen)
{
    m->kind = VW_MISMATCH_ACCEPTED;
    if (seen->header.status != VW_MSG_ERROR) {
        snprintf(m->why, sizeof(m->why), "expected an error, found a good reply");
    } else if (read_numbers(m, seen)) {
        snprintf(m->why, sizeof(m->why), "expected a good reply, found error %d/%d", m->error.code,
                 m->error.domain);
        m->kind = VW_MISMATCH_REFUSED;
    }
    return false;
}

bool vw_match_reply(struct vw_match *m, const struct vw_type *ret, const struct vw_seen *seen,
                    const struct vw_node *n)
{
    const struct vw_node *ok = vw_node_get(n, "reply"), *bad = vw_node_get(n, "error");
    const struct vw_node *header = vw_node_get(n, "header");
    bool failed = seen->header.status == VW_MSG_ERROR;
    if (header && !vw_match_value(m, header, header_json(&seen->header)))
        return false;
    if (failed ? ok : bad)
        return refuse_status(m, seen);
    return failed ? match_error(m, seen, bad) : match_body(m, ret, seen, ok);
}

bool vw_match_message(struct vw_match *m, const struct vw_type *args, const struct vw_seen *seen,
                      const struct vw_node *n)
{
    const struct vw_node *serial = vw_node_get(n, "serial");
    return (!serial || vw_match_value(m, serial, json_object_new_uint64(seen->header.serial))) &&
           match_body(m, args, seen, vw_node_get(n, "args"));
}

static json *hex_json(struct vw_match *m, const struct vw_seen *seen)
{
    char *digits = vw_arena_alloc(m->arena, seen->len * 2 + 1, 1);
    if (!digits)
        return NULL;
    vw_hex_encode(seen->body, seen->len, digits);
    return json_object_new_string(digits);
}

bool vw_match_packet(struct vw_match *m, const struct vw_seen *seen, const struct vw_node *n)
{
    const struct vw_node *status = vw_node_get(n, "status"), *length = vw_node_get(n, "length");
    const struct vw_node *body = vw_node_get(n, "body");
    for (int i = 0; status && vw_match_statuses[i]; i++) {
        if (vw_node_is(status, vw_match_statuses[i]) && seen->header.status != i) {
            snprintf(m->why, sizeof(m->why), "expected a stream packet of status %s, found %d",
                     vw_match_statuses[i], seen->header.status);
            m->kind = VW_MISMATCH_STATUS;
            return false;
        }
    }
    return (!length || vw_match_value(m, length, json_object_new_uint64(seen->len))) &&
           (!body || vw_match_value(m, body, hex_json(m, seen))) &&
           match_error(m, seen, vw_node_get(n, "error"));
}
