// SPDX-License-Identifier: MIT
// The tree is built from libfyaml's events, so that each node keeps its mark and what is not wanted
// is refused where it stands.
#include "base/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/fyaml-calls.h"
#include "base/utf8.h"

struct builder {
    struct fy_parser *parser;
    struct vw_arena *arena;
    struct vw_error *err;
    size_t nodes;
};

static int refuse(struct builder *b, struct fy_event *event, int code, const char *text)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    return vw_error_at(b->err, code, mark ? (unsigned)mark->line + 1 : 1,
                       mark ? (unsigned)mark->column + 1 : 1, "%s", text);
}

/* What libfyaml itself has found wrong. */
static int syntax_error(struct fy_diag *diag, struct vw_error *err)
{
    void *iter = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(diag, &iter);
    if (!e)
        return vw_error_at(err, VW_ESYNTAX, 1, 1, "no YAML");
    return vw_error_at(err, VW_ESYNTAX, e->line > 0 ? (unsigned)e->line : 1,
                       e->column > 0 ? (unsigned)e->column : 1, "%s", e->msg);
}

static bool is_null_text(const struct vw_node *n)
{
    return !n->quoted && (n->len == 0 || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
}

static int fill_scalar(struct builder *b, struct fy_event *event, struct vw_node *n)
{
    struct fy_token *token = fy_event_get_token(event);
    size_t len = 0;
    const char *text = token ? fy_token_get_text(token, &len) : "";
    n->kind = VW_NODE_SCALAR;
    n->text = text ? vw_arena_strndup(b->arena, text, len) : NULL;
    n->len = len;
    if (!n->text)
        return vw_error_nomem(b->err);
    if (memchr(n->text, 0, len))
        return refuse(b, event, VW_ESYNTAX, "a NUL character cannot stand in a text");
    n->quoted = token && fy_token_scalar_style(token) != FYSS_PLAIN;
    if (is_null_text(n))
        n->kind = VW_NODE_NULL;
    return 0;
}

static int check_plain(struct builder *b, struct fy_event *event)
{
    if (event->type == FYET_ALIAS)
        return refuse(b, event, VW_ESYNTAX, "aliases are not allowed; write it out");
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    struct fy_token *tag = fy_event_get_tag_token(event);
    if (anchor)
        return refuse(b, event, VW_ESYNTAX, "anchors are not allowed");
    if (tag)
        return refuse(b, event, VW_ESYNTAX, "tags are not allowed");
    return 0;
}

static int build(struct builder *b, struct fy_event *event, unsigned depth, struct vw_node **out);

/* The next event; the caller frees it. */
static int next_event(struct builder *b, struct fy_event **out)
{
    *out = fy_parser_parse(b->parser);
    return *out ? 0 : VW_ESYNTAX;
}

static int check_key(struct builder *b, struct fy_event *event, const struct vw_node *map,
                     const struct vw_node *key)
{
    if (key->kind != VW_NODE_SCALAR)
        return refuse(b, event, VW_ESYNTAX, "a key must be a word");
    const struct vw_node *old = vw_node_get(map, key->text);
    if (map->count >= VW_YAML_MAX_KEYS)
        return refuse(b, event, VW_ELIMIT, "too many keys in one mapping");
    if (old)
        return vw_error_at(b->err, VW_ESYNTAX, key->line, key->column,
                           "the key \"%s\" stands here twice (first in line %u)", key->text,
                           old->line);
    return 0;
}

static int build_member(struct builder *b, struct fy_event *event, unsigned depth,
                        struct vw_node *map)
{
    struct vw_node *key, *value = NULL;
    int rc = build(b, event, depth + 1, &key);
    if (rc == 0)
        rc = check_key(b, event, map, key);
    struct fy_event *e = NULL;
    if (rc == 0)
        rc = next_event(b, &e);
    if (rc == 0)
        rc = build(b, e, depth + 1, &value);
    fy_parser_event_free(b->parser, e);
    if (rc == 0) {
        value->key_line = key->line;
        value->key_column = key->column;
        if (value->kind == VW_NODE_NULL) { /* an empty value stands nowhere; its key does */
            value->line = key->line;
            value->column = key->column;
        }
        vw_node_add(map, key->text, value);
    }
    return rc;
}

static int build_inside(struct builder *b, unsigned depth, struct vw_node *parent,
                        enum fy_event_type end)
{
    for (;;) {
        struct fy_event *e;
        int rc = next_event(b, &e);
        if (rc < 0)
            return rc;
        bool done = e->type == end;
        if (!done && parent->kind == VW_NODE_MAP) {
            rc = build_member(b, e, depth, parent);
        } else if (!done) {
            struct vw_node *item = NULL;
            rc = build(b, e, depth + 1, &item);
            if (rc == 0)
                vw_node_add(parent, NULL, item);
        }
        fy_parser_event_free(b->parser, e);
        if (rc < 0 || done)
            return rc;
    }
}

static int build(struct builder *b, struct fy_event *event, unsigned depth, struct vw_node **out)
{
    int rc = check_plain(b, event);
    if (rc < 0)
        return rc;
    if (depth > VW_YAML_MAX_DEPTH)
        return refuse(b, event, VW_ELIMIT, "nested too deeply");
    if (++b->nodes > VW_YAML_MAX_NODES)
        return refuse(b, event, VW_ELIMIT, "too many nodes");
    struct vw_node *n = *out = vw_node_new(b->arena, VW_NODE_NULL);
    if (!n)
        return vw_error_nomem(b->err);
    const struct fy_mark *mark = fy_event_start_mark(event);
    n->line = mark ? (unsigned)mark->line + 1 : 1;
    n->column = mark ? (unsigned)mark->column + 1 : 1;
    if (event->type == FYET_SCALAR)
        return fill_scalar(b, event, n);
    bool map = event->type == FYET_MAPPING_START;
    n->kind = map ? VW_NODE_MAP : VW_NODE_LIST;
    return build_inside(b, depth, n, map ? FYET_MAPPING_END : FYET_SEQUENCE_END);
}

static int build_document(struct builder *b, struct vw_node **out)
{
    bool seen = false;
    for (;;) {
        struct fy_event *e;
        int rc = next_event(b, &e);
        if (rc < 0)
            return rc;
        enum fy_event_type type = e->type;
        if (type == FYET_DOCUMENT_START && seen)
            rc = refuse(b, e, VW_ESYNTAX, "a second document; one file is one document");
        else if (type == FYET_SCALAR || type == FYET_MAPPING_START || type == FYET_SEQUENCE_START ||
                 type == FYET_ALIAS)
            rc = build(b, e, 0, out);
        seen |= type == FYET_DOCUMENT_START;
        fy_parser_event_free(b->parser, e);
        if (rc < 0 || type == FYET_STREAM_END)
            return rc;
    }
}

/* libfyaml takes a NUL, and in places bytes that are no UTF-8, for the end of the text: what stands
 * behind them would be left out without a word. */
static int check_text(const char *text, size_t len, struct vw_error *err)
{
    size_t good = vw_utf8_valid(text, len);
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < len; i++, column++) {
        unsigned char c = (unsigned char)text[i];
        if (i == good)
            return vw_error_at(err, VW_ESYNTAX, line, column, "byte 0x%02x is no UTF-8", c);
        if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
            return vw_error_at(err, VW_ESYNTAX, line, column,
                               "the control character 0x%02x cannot stand in YAML", c);
        if (c == '\n') {
            line++;
            column = 0;
        }
    }
    return 0;
}

static struct fy_diag *quiet_diag(void)
{
    struct fy_diag_cfg cfg;
    fy_diag_cfg_default(&cfg);
    cfg.fp = NULL;
    cfg.colorize = false;
    struct fy_diag *diag = fy_diag_create(&cfg);
    if (diag)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}

int vw_yaml_parse(const char *text, size_t len, struct vw_arena *arena, struct vw_node **out,
                  struct vw_error *err)
{
    if (len > VW_YAML_MAX_BYTES)
        return vw_error_at(err, VW_ELIMIT, 1, 1, "%zu bytes; at most %u are read", len,
                           VW_YAML_MAX_BYTES);
    int rc = check_text(text, len, err);
    if (rc < 0)
        return rc;
    rc = vw_library_load(&vw_fyaml_library, err);
    if (rc < 0)
        return rc;
    *out = vw_node_new(arena, VW_NODE_NULL);
    if (*out)
        (*out)->line = (*out)->column = 1;
    struct fy_diag *diag = quiet_diag();
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = diag ? fy_parser_create(&cfg) : NULL;
    if (!*out || !parser || fy_parser_set_string(parser, len ? text : "\n", len ? len : 1) != 0) {
        fy_parser_destroy(parser);
        fy_diag_destroy(diag);
        return vw_error_nomem(err);
    }
    struct builder b = {.parser = parser, .arena = arena, .err = err};
    rc = build_document(&b, out);
    if (rc < 0 && (!err || !err->code))
        rc = syntax_error(diag, err);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return rc;
}

int vw_yaml_read(const char *path, char **text, size_t *len, struct vw_error *err)
{
    int rc = vw_file_read(path, false, VW_YAML_MAX_BYTES, text, len);
    if (rc == EFBIG)
        return vw_error_at(err, VW_ELIMIT, 1, 1, "more than %u bytes", VW_YAML_MAX_BYTES);
    if (rc == ENOMEM)
        return vw_error_nomem(err);
    return rc ? vw_error_set(err, VW_EUSAGE, "cannot be read: %s", strerror(rc)) : 0;
}

int vw_yaml_load(const char *path, struct vw_arena *arena, struct vw_node **out,
                 struct vw_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = vw_yaml_read(path, &text, &len, err);
    if (rc == 0)
        rc = vw_yaml_parse(text, len, arena, out, err);
    free(text);
    return rc;
}
