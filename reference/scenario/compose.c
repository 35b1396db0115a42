// SPDX-License-Identifier: MIT
// Messages of scenarios.
#include "scenario/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "message/message-json.h"
#include "xdr/literal.h"

#define NAMES_MAX 8 /* of one word of the header */

static const struct vw_key message_key_list[] = {
    {"procedure", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "a name such as domain_lookup_by_name, or any number"},
    {"args", VW_TAKES_VALUE, false, NULL, NULL,
     "the arguments; what is not named is the smallest value of its type. Of a reply what it "
     "returns, of an error the error structure"},
    {"body", VW_TAKES_TEXT | VW_TAKES_NUMBER | VW_TAKES_NOTHING, false, NULL, NULL,
     "hex bytes instead of arguments"},
    {"edit", VW_TAKES_EDITS, false, NULL, NULL,
     "changes to the encoded arguments: a text such as \"cut name 4 1; pad 00\", or its words"},
    {"fds", VW_TAKES_NUMBER, false, NULL, NULL, "the word that counts descriptors (P-2)"},
    {"of", VW_TAKES_TEXT, false, NULL, NULL,
     "the label of the call whose program, version, procedure and serial are taken (S-1)"},
    {"program", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "header word: name or number"},
    {"version", VW_TAKES_NUMBER, false, NULL, NULL, "header word"},
    {"type", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "header word: call, reply, message, stream, call-with-fds, reply-with-fds, stream-hole or a "
     "number"},
    {"serial", VW_TAKES_NUMBER, false, NULL, NULL,
     "header word; the next of the connection if absent"},
    {"status", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL,
     "header word: ok, error, continue or a number"},
    {"length", VW_TAKES_NUMBER, false, NULL, NULL, "the length word, whatever follows"},
    {"size", VW_TAKES_NUMBER | VW_TAKES_TEXT, false, NULL, NULL,
     "zeros stand behind the body until the message has so many bytes, the length word included; "
     "max is what the release takes at most (F-4), max+1 one more"},
    {NULL},
};
const struct vw_keys vw_message_keys = {"a message", message_key_list, NULL};

/* ---- the header ---- */

static int named_word(const struct vw_node *n, const char *(*name_of)(int32_t v), const char *what,
                      int32_t *out, struct vw_error *err)
{
    const char *names[NAMES_MAX];
    bool neg;
    uint64_t v;
    int64_t number = 0;
    int32_t count = 0;
    if (vw_node_looks_number(n, &neg, &v)) {
        int rc = vw_node_number(n, INT32_MIN, UINT32_MAX, &number, err);
        *out = (int32_t)(uint32_t)number;
        return rc;
    }
    for (; count < NAMES_MAX && (names[count] = name_of(count)); count++) {
        if (strcmp(names[count], n->text) == 0) {
            *out = count;
            return 0;
        }
    }
    return vw_node_unknown(n, what, n->text, names, (size_t)count, err);
}

static int read_program(const struct vw_profile *p, const struct vw_node *n, struct vw_header *h,
                        struct vw_error *err)
{
    bool neg;
    uint64_t v;
    int64_t number;
    if (vw_node_looks_number(n, &neg, &v)) {
        int rc = vw_node_number(n, 0, UINT32_MAX, &number, err);
        h->program = rc == 0 ? (uint32_t)number : 0;
        return rc;
    }
    const struct vw_program *program = vw_schema_program_named(p->schema, n->text);
    if (!program) {
        vw_node_error(n, err, "unknown program \"%.40s\"", n->text);
        return VW_ENAME;
    }
    h->program = program->number;
    h->version = program->version;
    return 0;
}

int vw_compose_proc(const struct vw_profile *profile, const struct vw_node *n,
                    const struct vw_proc **proc, struct vw_header *h, struct vw_error *err)
{
    const struct vw_node *name = vw_node_get(n, "procedure");
    const struct vw_node *program = vw_node_get(n, "program");
    const struct vw_program *own = vw_schema_program_named(profile->schema, profile->program);
    bool neg;
    uint64_t v;
    int64_t number;
    *proc = NULL;
    if (own) {
        h->program = own->number;
        h->version = own->version;
    }
    if (name && name->kind == VW_NODE_SCALAR && !vw_node_looks_number(name, &neg, &v)) {
        *proc = own && !strchr(name->text, '.') ? vw_program_proc_named(own, name->text) : NULL;
        *proc = *proc ? *proc : vw_schema_proc(profile->schema, name->text);
        if (!*proc) {
            vw_node_error(name, err, "unknown procedure \"%.60s\"", name->text);
            return VW_ENAME;
        }
        h->program = (*proc)->program->number;
        h->version = (*proc)->program->version;
        h->procedure = (*proc)->number;
    }
    int rc = program ? read_program(profile, program, h, err) : 0;
    if (rc < 0 || *proc || !name)
        return rc;
    rc = vw_node_number(name, INT32_MIN, UINT32_MAX, &number, err);
    h->procedure = (int32_t)(uint32_t)number;
    const struct vw_program *p = vw_schema_program(profile->schema, h->program, h->version);
    *proc = p ? vw_program_proc(p, h->procedure) : NULL;
    return rc;
}

static int read_words(const struct vw_node *n, struct vw_header *h, struct vw_error *err)
{
    const struct vw_node *m;
    int64_t v;
    int rc = 0;
    if ((m = vw_node_get(n, "version")) && (rc = vw_node_number(m, 0, UINT32_MAX, &v, err)) == 0)
        h->version = (uint32_t)v;
    if (rc == 0 && (m = vw_node_get(n, "type")))
        rc = named_word(m, vw_msg_type_name, "type", &h->type, err);
    if (rc == 0 && (m = vw_node_get(n, "serial")) &&
        (rc = vw_node_number(m, 0, UINT32_MAX, &v, err)) == 0)
        h->serial = (uint32_t)v;
    if (rc == 0 && (m = vw_node_get(n, "status")))
        rc = named_word(m, vw_msg_status_name, "status", &h->status, err);
    return rc;
}

/* ---- edits ---- */

/* Room for one more element or byte behind what is at its bound. */
static int over_edits(const struct vw_over *o, const struct vw_spans *spans, const uint8_t *bytes,
                      struct vw_arena *arena, struct vw_edits *edits, struct vw_error *err)
{
    bool list = o->type->kind == VW_ARRAY;
    const char *label =
        vw_arena_printf(arena, "%s%s%s", o->path, *o->path ? "." : "", list ? "#count" : "#len");
    const char *last =
        vw_arena_printf(arena, list ? "%s[%u]" : "%s.#data", o->path, o->type->max - 1);
    const struct vw_span *tail = last ? vw_spans_find(spans, last) : NULL;
    /* A whole number of units: bounds of strings are multiples of 4, or padding is in reach. */
    size_t extra = list && tail ? tail->length : list || o->type->max % 4 == 0 ? 4 : 0;
    uint8_t *more = vw_arena_zalloc(arena, extra, 1);
    if (!label || !more)
        return vw_error_nomem(err);
    if (list && tail)
        memcpy(more, bytes + tail->offset, extra);
    else if (extra)
        more[0] = o->fill;
    const struct vw_edit word = {
        .op = VW_EDIT_RELABEL, .path = label, .of_bound = true, .number = 1};
    const struct vw_edit room = {
        .op = VW_EDIT_APPEND, .path = o->path, .bytes = more, .n_bytes = extra};
    int rc = vw_edits_add(edits, arena, &word, err);
    return rc < 0 ? rc : vw_edits_add(edits, arena, &room, err);
}

static int apply_edits(const struct vw_compose_context *ctx, const struct vw_type *t,
                       const struct vw_node *edit, const struct vw_over *over,
                       const struct vw_buf *good, struct vw_buf *out, struct vw_error *err)
{
    struct vw_spans spans = {0};
    struct vw_edits edits = {0};
    int rc = t ? vw_xdr_spans(t, good->data, good->len, ctx->arena, &spans, err) : 0;
    if (rc == 0 && edit)
        rc = vw_format_edits(edit, ctx->arena, &edits, err);
    for (; over && rc == 0; over = over->next)
        rc = over_edits(over, &spans, good->data, ctx->arena, &edits, err);
    return rc < 0 ? rc : vw_edits_apply(&spans, good->data, good->len, &edits, out, err);
}

/* ---- the body ---- */

static int encode_args(const struct vw_compose_context *ctx, const struct vw_type *t,
                       const struct vw_node *args, struct vw_buf *out, struct vw_over **over,
                       struct vw_error *err)
{
    struct vw_node_context nodes = {.arena = ctx->arena, .variables = ctx->variables};
    void *value = NULL;
    int rc = vw_node_to_value(&nodes, t, args, &value, err);
    if (rc == 0)
        rc = vw_xdr_encode(t, value, out, SIZE_MAX, err);
    *over = nodes.over;
    return rc;
}

static int make_body(const struct vw_compose_context *ctx, const struct vw_node *n,
                     const struct vw_type *t, struct vw_buf *out, struct vw_error *err)
{
    const struct vw_node *body = vw_node_get(n, "body"), *args = vw_node_get(n, "args");
    const struct vw_node *edit = vw_node_get(n, "edit");
    if (body) {
        const uint8_t *bytes;
        size_t len;
        if (args)
            return vw_node_key_error(args, err, "either \"args\" or \"body\", not both");
        int rc = vw_node_hex(body, ctx->arena, &bytes, &len, err);
        return rc < 0 || vw_buf_append(out, bytes, len) == 0 ? rc : vw_error_nomem(err);
    }
    if (!t && args && args->kind != VW_NODE_NULL && args->first)
        return vw_node_error(args, err, "this procedure takes no arguments");
    struct vw_buf good = VW_BUF_INIT;
    struct vw_over *over = NULL;
    int rc = t ? encode_args(ctx, t, args, &good, &over, err) : 0;
    if (rc == 0 && (edit || over)) {
        struct vw_buf bad = VW_BUF_INIT;
        rc = apply_edits(ctx, t, edit, over, &good, &bad, err);
        vw_buf_finish(&good);
        good = bad;
    }
    if (rc == 0 && vw_buf_append(out, good.data ? good.data : (const void *)"", good.len) < 0)
        rc = vw_error_nomem(err);
    vw_buf_finish(&good);
    return rc;
}

/* What the body holds. Of calls and messages the procedure says it, whatever a case makes of their
 * words; packets have none unless something is to be in it, which in a hole are its words (S-9). */
static const struct vw_type *body_type(const struct vw_compose_context *ctx,
                                       const struct vw_composed *composed, int32_t type, bool args)
{
    struct vw_header h = composed->header;
    struct vw_body body = {0};
    if (type == VW_MSG_CALL || type == VW_MSG_MESSAGE)
        return composed->proc && !ctx->of ? composed->proc->args : NULL;
    if (type != VW_MSG_STREAM || h.type != VW_MSG_STREAM_HOLE)
        h.type = type;
    if (type != VW_MSG_STREAM || args)
        vw_body_of(ctx->profile->schema, &h, &body);
    return body.type;
}

/* Zeros behind what is in OUT from START on, until it is as long as SIZE says. */
static int fill_up(const struct vw_compose_context *ctx, const struct vw_node *size, size_t start,
                   struct vw_buf *out, struct vw_error *err)
{
    const uint32_t max = ctx->profile->max_length_word;
    int64_t total = vw_node_is(size, "max") ? max : (int64_t)max + 1;
    if (!vw_node_is(size, "max") && !vw_node_is(size, "max+1")) {
        int rc = vw_node_number(size, 0, (int64_t)max + 1, &total, err);
        if (rc < 0)
            return rc;
    }
    size_t len = out->len - start;
    if ((size_t)total < len)
        return vw_node_error(size, err, "the message has %zu bytes without it", len);
    uint8_t *zeros = calloc(1, (size_t)total - len + 1);
    int rc = zeros ? vw_buf_append(out, zeros, (size_t)total - len) : VW_ENOMEM;
    free(zeros);
    return rc < 0 ? vw_error_nomem(err) : 0;
}

int vw_compose(const struct vw_compose_context *ctx, const struct vw_node *n, int32_t type,
               struct vw_buf *out, struct vw_composed *composed, struct vw_error *err)
{
    struct vw_header *h = &composed->header;
    memset(composed, 0, sizeof(*composed));
    int rc = vw_compose_proc(ctx->profile, n, &composed->proc, h, err);
    if (rc < 0)
        return rc;
    if (ctx->of)
        *h = *ctx->of;
    else
        h->serial = ctx->serial;
    h->type = type;
    h->status = VW_MSG_OK;
    rc = read_words(n, h, err);
    const struct vw_node *fds = vw_node_get(n, "fds"), *length = vw_node_get(n, "length");
    const struct vw_node *size = vw_node_get(n, "size");
    int64_t n_fds = 0, word = 0;
    if (rc == 0 && fds)
        rc = vw_node_number(fds, 0, UINT32_MAX, &n_fds, err);
    if (rc == 0 && length)
        rc = vw_node_number(length, 0, UINT32_MAX, &word, err);
    size_t start = out->len;
    uint8_t prefix[VW_PREFIX_BYTES + 4];
    vw_header_encode(h, prefix + VW_LENGTH_BYTES);
    vw_store32(prefix + VW_PREFIX_BYTES, (uint32_t)n_fds);
    if (rc == 0 && vw_buf_append(out, prefix, VW_PREFIX_BYTES + (fds ? 4 : 0)) < 0)
        rc = vw_error_nomem(err);
    if (rc == 0)
        rc = make_body(ctx, n, body_type(ctx, composed, type, vw_node_get(n, "args")), out, err);
    if (rc == 0 && size)
        rc = fill_up(ctx, size, start, out, err);
    if (rc == 0)
        vw_store32(out->data + start, length ? (uint32_t)word : (uint32_t)(out->len - start));
    return rc;
}
