// SPDX-License-Identifier: MIT
// JSON into a message. Header words may be names or numbers, and any number goes: what a receiver
// would refuse is what a tester wants to send.
#include <string.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "message/message-json.h"
#include "xdr/json.h"

struct reader {
    const struct vw_schema *schema;
    struct json_object *json;
    struct vw_error *err; /* never NULL */
    struct vw_header header;
    struct vw_body body;
    uint32_t n_fds;
};

static int __attribute__((format(printf, 4, 5)))
fail(struct reader *r, const char *key, int code, const char *fmt, ...)
{
    va_list ap;
    if (r->err->code)
        return code;
    va_start(ap, fmt);
    vw_error_vset(r->err, code, fmt, ap);
    va_end(ap);
    snprintf(r->err->path, sizeof(r->err->path), "%s", key);
    return code;
}

/* ---- members ---- */

static const char *const known_keys[] = {"length",   "program", "version",     "procedure", "type",
                                         "serial",   "status",  "n_fds",       "kind",      "body",
                                         "body_hex", "problem", "trailing_hex"};

#define N_KNOWN (sizeof(known_keys) / sizeof(known_keys[0]))

static int unknown(struct reader *r, const char *key, const char *what, const struct vw_near *near)
{
    return fail(r, key, VW_ENAME, "unknown %s '%s'%s", what, near->word, VW_HINT(",", near->best));
}

static int check_key(struct reader *r, const char *key)
{
    struct vw_near near = {.word = key};
    for (size_t i = 0; i < N_KNOWN; i++) {
        if (strcmp(known_keys[i], key) == 0)
            return 0;
        vw_near_offer(&near, known_keys[i]);
    }
    return unknown(r, "", "member", &near);
}

static int check_keys(struct reader *r)
{
    int rc = 0;
    if (!json_object_is_type(r->json, json_type_object))
        return fail(r, "", VW_EVALUE, "a message is a JSON object");
    json_object_object_foreach(r->json, key, value)
    {
        (void)value;
        if (rc == 0)
            rc = check_key(r, key);
    }
    return rc;
}

static struct json_object *member(struct reader *r, const char *key)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(r->json, key, &value);
    return value;
}

static const char *string_member(struct reader *r, const char *key)
{
    struct json_object *value = member(r, key);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* A whole number from MIN to MAX; *OUT stays when there is none. 1: it was there. */
static int number(struct reader *r, const char *key, int64_t min, int64_t max, int64_t *out)
{
    struct json_object *value;
    if (!json_object_object_get_ex(r->json, key, &value))
        return 0;
    if (!json_object_is_type(value, json_type_int))
        return fail(r, key, VW_EVALUE, "wants a whole number%s",
                    max == UINT32_MAX ? "" : " or a name");
    int64_t n = json_object_get_int64(value);
    if (n < min || n > max)
        return fail(r, key, VW_EVALUE, "%lld is outside %lld to %lld", (long long)n, (long long)min,
                    (long long)max);
    *out = n;
    return 1;
}

static int unsigned_word(struct reader *r, const char *key, uint32_t *out)
{
    int64_t n = *out;
    int rc = number(r, key, 0, UINT32_MAX, &n);
    *out = (uint32_t)n;
    return rc;
}

/* A signed word by number, or by the name that NAME_OF gives a small one. */
static int named_word(struct reader *r, const char *key, const char *(*name_of)(int32_t),
                      int32_t *out)
{
    const char *word = string_member(r, key), *name;
    struct vw_near near = {.word = word};
    int64_t n = *out;

    if (!word) {
        int rc = number(r, key, INT32_MIN, INT32_MAX, &n);
        *out = (int32_t)n;
        return rc;
    }
    for (*out = 0; (name = name_of(*out)); ++*out) {
        if (strcmp(name, word) == 0)
            return 1;
        vw_near_offer(&near, name);
    }
    return unknown(r, key, key, &near);
}

/* ---- program and procedure ---- */

static int unknown_program(struct reader *r, const char *word)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(r->schema, &n);
    struct vw_near near = {.word = word};
    for (size_t i = 0; i < n; i++)
        vw_near_offer(&near, programs[i]->name);
    return unknown(r, "program", "program", &near);
}

/* Program and version as the members say; *P is the program if the schema knows it. */
static int read_program(struct reader *r, const struct vw_program **p)
{
    const char *word = string_member(r, "program");
    int rc = 0;

    *p = NULL;
    if (word) {
        *p = vw_schema_program_named(r->schema, word);
        if (!*p)
            return unknown_program(r, word);
        r->header.program = (*p)->number;
        r->header.version = (*p)->version;
    } else {
        rc = unsigned_word(r, "program", &r->header.program);
        r->header.version = 1;
    }
    bool given = word || rc == 1;
    if (rc >= 0)
        rc = unsigned_word(r, "version", &r->header.version);
    if (rc >= 0 && given && !*p)
        *p = vw_schema_program(r->schema, r->header.program, r->header.version);
    if (rc >= 0 && !given && !string_member(r, "procedure"))
        return fail(r, "", VW_EVALUE, "the member 'program' is missing");
    return rc < 0 ? rc : 0;
}

static int unknown_procedure(struct reader *r, const struct vw_program *p, const char *word)
{
    struct vw_near near = {.word = word};
    for (uint32_t i = 0; i < p->n_procs; i++)
        vw_near_offer(&near, p->procs[i].short_name);
    return unknown(r, "procedure", "procedure", &near);
}

static int read_procedure(struct reader *r, const struct vw_program *p)
{
    const char *word = string_member(r, "procedure");
    const struct vw_proc *proc;
    int64_t n = 0;

    if (!word) {
        int rc = number(r, "procedure", INT32_MIN, INT32_MAX, &n);
        r->header.procedure = (int32_t)n;
        return rc == 0 ? fail(r, "", VW_EVALUE, "the member 'procedure' is missing") : rc;
    }
    if (!member(r, "program")) {
        proc = vw_schema_proc(r->schema, word);
        if (!proc)
            return fail(r, "procedure", VW_ENAME, "unknown procedure '%s'", word);
        r->header.program = proc->program->number;
        if (!member(r, "version"))
            r->header.version = proc->program->version;
    } else if (!p) {
        return fail(r, "procedure", VW_EVALUE, "wants a number: the program is not known");
    } else {
        proc = vw_program_proc_named(p, word);
        if (!proc)
            return unknown_procedure(r, p, word);
    }
    r->header.procedure = proc->number;
    if (proc->kind == VW_PROC_EVENT)
        r->header.type = VW_MSG_MESSAGE;
    return 1;
}

static int read_header(struct reader *r)
{
    const struct vw_program *p = NULL;
    int rc = check_keys(r);
    if (rc == 0)
        rc = read_program(r, &p);
    if (rc >= 0)
        rc = read_procedure(r, p);
    if (rc >= 0)
        rc = named_word(r, "type", vw_msg_type_name, &r->header.type);
    if (rc >= 0)
        rc = named_word(r, "status", vw_msg_status_name, &r->header.status);
    if (rc >= 0)
        rc = unsigned_word(r, "serial", &r->header.serial);
    if (rc >= 0)
        rc = unsigned_word(r, "n_fds", &r->n_fds);
    if (rc < 0)
        return rc;
    vw_body_of(r->schema, &r->header, &r->body);
    if (r->header.type == VW_MSG_STREAM && !member(r, "body")) /* S-6 */
        r->body.type = NULL;
    if (rc == 1 && !r->body.has_fds)
        return fail(r, "n_fds", VW_EVALUE, "a message of this type has no count of descriptors");
    const char *kind = string_member(r, "kind");
    if (member(r, "kind") && (!kind || strcmp(kind, vw_body_kind_name(r->body.kind)) != 0))
        return fail(r, "kind", VW_EVALUE, "the header says '%s'", vw_body_kind_name(r->body.kind));
    return 0;
}

/* ---- the body ---- */

static int append_hex(struct reader *r, const char *key, struct vw_buf *b)
{
    struct json_object *value;
    if (!json_object_object_get_ex(r->json, key, &value))
        return 0;
    if (!json_object_is_type(value, json_type_string))
        return fail(r, key, VW_EVALUE, "wants a string of hex digits");
    size_t len = (size_t)json_object_get_string_len(value);
    if (vw_buf_reserve(b, len / 2 + 1))
        return vw_error_nomem(r->err);
    if (!vw_hex_decode(json_object_get_string(value), len, b->data + b->len))
        return fail(r, key, VW_EVALUE, "wants an even number of hex digits");
    b->len += len / 2;
    return 0;
}

/* Paths of the body's own are put behind "body". */
static void move_path(struct vw_error *err)
{
    char path[sizeof(err->path) + 8];
    const char *dot = err->path[0] && err->path[0] != '[' ? "." : "";
    int n = snprintf(path, sizeof(path), "body%s%s", dot, err->path);
    if (n > 0 && (size_t)n < sizeof(err->path))
        memcpy(err->path, path, (size_t)n + 1);
}

static int append_body(struct reader *r, struct vw_buf *b)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct json_object *json = member(r, "body");
    void *value;

    if (!r->body.type) {
        if (json)
            return fail(r, "body", VW_EVALUE,
                        r->body.kind == VW_BODY_STREAM_DATA || r->body.kind == VW_BODY_UNKNOWN
                            ? "has no type here; use 'body_hex'"
                            : "there is none in this message");
        return 0;
    }
    if (!json)
        return fail(r, "", VW_EVALUE, "the member 'body' is missing");
    int rc = vw_json_to_value(r->body.type, json, &arena, &value, r->err);
    if (rc == 0)
        rc = vw_xdr_encode(r->body.type, value, b, SIZE_MAX, r->err);
    if (rc)
        move_path(r->err);
    vw_arena_finish(&arena);
    return rc;
}

static int check_length(struct reader *r, size_t length)
{
    int64_t n = (int64_t)length;
    int rc = number(r, "length", 0, UINT32_MAX, &n);
    if (rc == 1 && (size_t)n != length)
        return fail(r, "length", VW_EVALUE, "the message has %zu bytes", length);
    return rc < 0 ? rc : 0;
}

static int read_message(struct reader *r, const struct vw_limits *limits, struct vw_buf *body,
                        struct vw_buf *b)
{
    int rc = read_header(r);
    if (rc == 0 && member(r, "body_hex") && member(r, "body"))
        rc = fail(r, "body_hex", VW_EVALUE, "there is a 'body' too");
    if (rc == 0)
        rc = member(r, "body_hex") ? append_hex(r, "body_hex", body) : append_body(r, body);
    if (rc == 0)
        rc = append_hex(r, "trailing_hex", body);
    if (rc)
        return rc;
    size_t start = b->len;
    rc = vw_message_append(b, limits, &r->header, r->n_fds, body->data, body->len, r->err);
    if (rc == 0)
        rc = check_length(r, b->len - start);
    if (rc)
        b->len = start;
    return rc;
}

int vw_message_from_json(const struct vw_schema *s, const struct vw_limits *limits,
                         struct json_object *json, struct vw_buf *b, struct vw_error *err)
{
    struct vw_error own = VW_ERROR_INIT;
    struct reader r = {.schema = s, .json = json, .err = err ? err : &own};
    struct vw_buf body = VW_BUF_INIT;
    int rc = read_message(&r, limits, &body, b);
    vw_buf_finish(&body);
    return rc;
}
