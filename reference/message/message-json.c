// SPDX-License-Identifier: MIT
// A message as JSON and as one line.
#include "message/message-json.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/words.h"
#include "xdr/json.h"

/* What is left of a frame while it is taken apart. */
struct view {
    const struct vw_frame *frame;
    struct vw_body body;
    uint32_t n_fds;
    bool short_fds; /* the count word is missing */
    const uint8_t *bytes;
    size_t len;
};

static void make_view(const struct vw_schema *s, const struct vw_frame *frame, struct view *v)
{
    *v = (struct view){.frame = frame, .bytes = frame->body, .len = frame->body_len};
    vw_body_of_frame(s, frame, &v->body);
    if (!v->body.has_fds)
        return;
    if (v->len < 4) {
        v->short_fds = true;
        return;
    }
    v->n_fds = vw_load32(v->bytes);
    v->bytes += 4;
    v->len -= 4;
}

/* ---- members: each takes ownership of VALUE and is false when memory is out ---- */

static bool add_named(struct json_object *object, const char *key, const char *name, int64_t number)
{
    return name ? vw_json_put_text(object, key, name) : vw_json_put_number(object, key, number);
}

static bool add_hex(struct json_object *object, const char *key, const uint8_t *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    if (!text)
        return false;
    vw_hex_encode(bytes, len, text);
    bool ok = vw_json_put_text(object, key, text);
    free(text);
    return ok;
}

/* ---- the body ---- */

/* The body decoded, as JSON; how many bytes it took. A problem of the bytes goes to ERR. */
static int decode_body(const struct view *v, struct json_object **out, size_t *used,
                       struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    int rc = vw_xdr_decode(v->body.type, v->bytes, v->len, &arena, &value, used, err);
    if (rc == 0)
        *out = vw_json_from_value(v->body.type, value, err);
    vw_arena_finish(&arena);
    return err->code;
}

static bool add_problem(struct json_object *object, const struct view *v, struct vw_error *err)
{
    char line[sizeof(err->text) + sizeof(err->path) + 64];
    /* Offsets in a message count from its start. */
    err->offset += (uint64_t)(v->bytes - v->frame->bytes);
    vw_error_format(err, NULL, line, sizeof(line));
    return add_hex(object, "body_hex", v->bytes, v->len) &&
           vw_json_put_text(object, "problem", line);
}

static bool add_body(struct json_object *object, const struct view *v)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *body = NULL;
    size_t used = 0;

    if (v->short_fds)
        return add_hex(object, "body_hex", v->bytes, v->len) &&
               vw_json_put_text(object, "problem", "the count of descriptors is missing");
    if (v->body.kind == VW_BODY_STREAM_DATA || v->body.kind == VW_BODY_UNKNOWN)
        return v->len == 0 || add_hex(object, "body_hex", v->bytes, v->len);
    if (v->body.type) {
        int rc = decode_body(v, &body, &used, &err);
        if (rc == VW_ENOMEM)
            return false;
        if (rc)
            return add_problem(object, v, &err);
        if (json_object_object_add(object, "body", body) < 0) {
            json_object_put(body);
            return false;
        }
    }
    return used == v->len || add_hex(object, "trailing_hex", v->bytes + used, v->len - used);
}

static bool fill(struct json_object *object, const struct view *v)
{
    const struct vw_header *h = &v->frame->header;
    const struct vw_body *b = &v->body;
    bool ok = vw_json_put_number(object, "length", v->frame->length) &&
              add_named(object, "program", b->program ? b->program->name : NULL, h->program) &&
              vw_json_put_number(object, "version", h->version) &&
              add_named(object, "procedure", b->proc ? b->proc->short_name : NULL, h->procedure) &&
              add_named(object, "type", vw_msg_type_name(h->type), h->type) &&
              vw_json_put_number(object, "serial", h->serial) &&
              add_named(object, "status", vw_msg_status_name(h->status), h->status);
    if (ok && b->has_fds && !v->short_fds)
        ok = vw_json_put_number(object, "n_fds", v->n_fds);
    if (ok && !v->short_fds)
        ok = vw_json_put_text(object, "kind", vw_body_kind_name(b->kind));
    return ok && add_body(object, v);
}

static bool fill_short(struct json_object *object, const struct vw_frame *frame)
{
    return vw_json_put_number(object, "length", frame->length) &&
           add_hex(object, "bytes_hex", frame->bytes, frame->length) &&
           vw_json_put_text(object, "problem", "too short for a header (clause F-3)");
}

struct json_object *vw_message_to_json(const struct vw_schema *s, const struct vw_frame *frame)
{
    struct json_object *object = json_object_new_object();
    struct view v;
    bool ok;

    if (!object)
        return NULL;
    if (frame->short_header) {
        ok = fill_short(object, frame);
    } else {
        make_view(s, frame, &v);
        ok = fill(object, &v);
    }
    if (ok)
        return object;
    json_object_put(object);
    return NULL;
}

/* ---- one line ---- */

static void print_word(FILE *out, const char *name, const char *what, int64_t value)
{
    if (name)
        fputs(name, out);
    else
        fprintf(out, "%s %lld", what, (long long)value);
}

/* What print_head says of a message whose words all have names; else VW_EUSAGE. */
static int append_head(struct vw_buf *b, const struct view *v)
{
    const struct vw_header *h = &v->frame->header;
    const char *type = vw_msg_type_name(h->type), *status = vw_msg_status_name(h->status);
    char text[300], fds[24] = "";
    if (!type || !status || !v->body.proc)
        return VW_EUSAGE;
    if (v->body.has_fds)
        snprintf(fds, sizeof(fds), " fds %u", v->n_fds);
    bool good = h->status == VW_MSG_OK;
    int n = snprintf(text, sizeof(text), "%s %s.%s serial %u%s%s%s, %u bytes", type,
                     v->body.program->name, v->body.proc->short_name, h->serial, good ? "" : " ",
                     good ? "" : status, fds, v->frame->length);
    if (n < 0 || (size_t)n >= sizeof(text))
        return VW_EUSAGE;
    return vw_buf_append(b, text, (size_t)n);
}

static void print_head(FILE *out, const struct view *v)
{
    const struct vw_header *h = &v->frame->header;
    print_word(out, vw_msg_type_name(h->type), "type", h->type);
    if (v->body.program)
        fprintf(out, " %s.", v->body.program->name);
    else
        fprintf(out, " 0x%08x/%u.", h->program, h->version);
    print_word(out, v->body.proc ? v->body.proc->short_name : NULL, "procedure", h->procedure);
    fprintf(out, " serial %u", h->serial);
    if (h->status != VW_MSG_OK) {
        fputc(' ', out);
        print_word(out, vw_msg_status_name(h->status), "status", h->status);
    }
    if (v->body.has_fds && !v->short_fds)
        fprintf(out, " fds %u", v->n_fds);
    fprintf(out, ", %u bytes", v->frame->length);
}

/* The members behind the header that say something. */
static bool print_tail(FILE *out, struct json_object *json)
{
    static const char *const keys[] = {"body", "body_hex", "trailing_hex", "problem"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct json_object *value;
        if (!json_object_object_get_ex(json, keys[i], &value))
            continue;
        char *text = vw_json_text(value, false);
        if (!text)
            return false;
        fprintf(out,
                i == 0   ? ": %s"
                : i == 1 ? ": hex %s"
                : i == 2 ? ", trailing %s"
                         : ", %s",
                text);
        free(text);
    }
    return true;
}

static bool print_line(FILE *out, const struct vw_schema *s, const struct vw_frame *frame)
{
    struct view v;
    if (frame->short_header) {
        fprintf(out, "%u bytes, too short for a header", frame->length);
        return true;
    }
    make_view(s, frame, &v);
    print_head(out, &v);
    /* Of the members of a message only those of its body stand on the line. */
    struct json_object *json = json_object_new_object();
    bool ok = json && add_body(json, &v) && print_tail(out, json);
    json_object_put(json);
    return ok;
}

/* Cuts behind at most MAX bytes, not within a character. */
static char *cut(char *text, size_t len, size_t max)
{
    if (len <= max)
        return text;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    char *shorter = realloc(text, max + sizeof("..."));
    if (!shorter) {
        free(text);
        return NULL;
    }
    memcpy(shorter + max, "...", sizeof("..."));
    return shorter;
}

/* Appends what stands behind the head. VW_EUSAGE: it takes more than this. */
static int append_body(struct vw_buf *b, const struct view *v, size_t max)
{
    struct vw_arena arena = VW_ARENA_INIT;
    bool raw = v->body.kind == VW_BODY_STREAM_DATA || v->body.kind == VW_BODY_UNKNOWN;
    void *value;
    size_t used = 0;
    if (v->len == 0 && (raw || !v->body.type))
        return 0;
    if (!raw && !v->body.type)
        return VW_EUSAGE;
    int rc = raw ? vw_buf_append(b, ": hex ", 6) : vw_buf_append(b, ": ", 2);
    if (rc == 0 && raw)
        return vw_json_append_bytes(v->bytes, v->len, max, b);
    if (rc == 0)
        rc = vw_xdr_decode(v->body.type, v->bytes, v->len, &arena, &value, &used, NULL);
    if (rc == 0)
        rc = used == v->len ? vw_json_append(v->body.type, value, max, b) : VW_EUSAGE;
    vw_arena_finish(&arena);
    return rc;
}

/* The line of an ordinary message: without JSON objects, and no further than MAX. VW_ENOMEM;
 * another code: it is none. */
static int short_line(const struct vw_schema *s, const struct vw_frame *frame, size_t max,
                      struct vw_buf *b)
{
    struct view v;
    if (frame->short_header)
        return VW_EUSAGE;
    make_view(s, frame, &v);
    int rc = v.short_fds ? VW_EUSAGE : append_head(b, &v);
    if (rc == 0)
        rc = append_body(b, &v, max);
    return rc ? rc : vw_buf_append(b, "", 1);
}

char *vw_message_to_line(const struct vw_schema *s, const struct vw_frame *frame, size_t max)
{
    struct vw_buf b = VW_BUF_INIT;
    int rc = short_line(s, frame, max, &b);
    if (rc == 0)
        return cut((char *)b.data, b.len - 1, max);
    vw_buf_finish(&b);
    if (rc == VW_ENOMEM)
        return NULL;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    bool ok = print_line(out, s, frame);
    ok &= !ferror(out);
    if (fclose(out) == 0 && ok)
        return cut(text, len, max);
    free(text);
    return NULL;
}

struct json_object *vw_body_to_json(const struct vw_schema *s, const struct vw_frame *frame,
                                    struct vw_body *body)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *out = NULL;
    void *value;
    vw_body_of_frame(s, frame, body);
    size_t skip = body->has_fds && frame->body_len >= 4 ? 4 : 0;
    if (body->type && vw_xdr_decode(body->type, frame->body + skip, frame->body_len - skip, &arena,
                                    &value, NULL, NULL) == 0)
        out = vw_json_from_value(body->type, value, &err);
    if (!out)
        body->type = NULL;
    vw_arena_finish(&arena);
    return out;
}
