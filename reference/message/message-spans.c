// SPDX-License-Identifier: MIT
// The span map of a whole message: its words by name, then the map of the body with "body" in front
// of each path.
#include <string.h>

#include "message/message-json.h"

/* Words ahead of the body, the group of all, "body", "trailing". */
#define OWN_SPANS 12u

struct mapper {
    struct vw_arena *arena;
    struct vw_spans *out;
    struct vw_error *err;
};

static int start(struct mapper *m, size_t n)
{
    m->out->list = vw_arena_alloc(m->arena, n * sizeof(*m->out->list), 8);
    return m->out->list ? 0 : vw_error_nomem(m->err);
}

static void add(struct mapper *m, const char *path, enum vw_span_kind kind, size_t offset,
                size_t length, const struct vw_type *type)
{
    m->out->list[m->out->count++] = (struct vw_span){path, kind, offset, length, type};
}

static void add_words(struct mapper *m, const struct vw_body *body, size_t len, size_t *pos)
{
    static const char *const names[] = {"program", "version", "procedure",
                                        "type",    "serial",  "status"};
    const struct vw_type *word = vw_type_basic(VW_UINT);
    add(m, "", VW_SPAN_GROUP, 0, len, NULL);
    add(m, "length", VW_SPAN_LENGTH, 0, VW_LENGTH_BYTES, word);
    *pos = VW_LENGTH_BYTES;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++, *pos += 4)
        add(m, names[i], VW_SPAN_VALUE, *pos, 4, word);
    if (body->has_fds && len >= *pos + 4) {
        add(m, "n_fds", VW_SPAN_COUNT, *pos, 4, word);
        *pos += 4;
    }
}

/* "" becomes "body", "a.b" becomes "body.a.b", "[0]" becomes "body[0]". */
static int add_inner(struct mapper *m, const struct vw_span *span, size_t offset)
{
    const char *dot = span->path[0] && span->path[0] != '[' ? "." : "";
    const char *path = vw_arena_printf(m->arena, "body%s%s", dot, span->path);
    if (!path)
        return vw_error_nomem(m->err);
    add(m, path, span->kind, offset + span->offset, span->length, span->type);
    return 0;
}

static int map(struct mapper *m, const struct vw_body *body, const uint8_t *bytes, size_t len)
{
    struct vw_spans inner = {0};
    struct vw_error ignored = VW_ERROR_INIT;
    size_t pos, used = 0;
    const size_t head = VW_PREFIX_BYTES + (body->has_fds && len >= VW_PREFIX_BYTES + 4 ? 4 : 0);

    int rc = body->type
                 ? vw_xdr_spans(body->type, bytes + head, len - head, m->arena, &inner, &ignored)
                 : VW_EVALUE;
    if (rc == VW_ENOMEM)
        return vw_error_nomem(m->err);
    if (rc)
        inner.count = 0;
    rc = start(m, OWN_SPANS + inner.count);
    if (rc)
        return rc;
    add_words(m, body, len, &pos);
    for (size_t i = 0; rc == 0 && i < inner.count; i++) {
        rc = add_inner(m, &inner.list[i], pos);
        used = inner.list[i].offset + inner.list[i].length;
    }
    if (inner.count == 0 && len > pos && !(body->kind <= VW_BODY_EVENT && !body->type)) {
        used = len - pos;
        add(m, "body", VW_SPAN_GROUP, pos, used, NULL);
    }
    if (rc == 0 && len > pos + used)
        add(m, "trailing", VW_SPAN_VALUE, pos + used, len - pos - used, NULL);
    return rc;
}

int vw_message_spans(const struct vw_schema *s, const void *bytes, size_t len,
                     struct vw_arena *arena, struct vw_spans *out, struct vw_error *err)
{
    struct mapper m = {.arena = arena, .out = out, .err = err};
    struct vw_header header;
    struct vw_body body;

    *out = (struct vw_spans){0};
    if (len < VW_PREFIX_BYTES)
        return vw_error_set(err, VW_ETRUNCATED, "%zu bytes cannot hold a header", len);
    vw_header_decode((const uint8_t *)bytes + VW_LENGTH_BYTES, &header);
    vw_body_of(s, &header, &body);
    return map(&m, &body, bytes, len);
}
