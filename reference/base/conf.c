// SPDX-License-Identifier: MIT
// The grammar was asked of libvirtd 9.0.0: a `;` ends a line as a newline does, no text but that in
// """ goes over several lines, a list does, without comments, and may have a `,` behind its last
// value.
#include "base/conf.h"

#include <string.h>

#define BLANKS  " \t"
#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct reader {
    const char *at, *end; /* a NUL stands at END */
    const char *line_start;
    unsigned line;
    size_t nodes;
    struct vw_arena *arena;
    struct vw_error *err;
};

static int refuse(const struct reader *r, int code, const char *text)
{
    return vw_error_at(r->err, code, r->line, (unsigned)(r->at - r->line_start) + 1, "%s", text);
}

/* Only this goes over the end of a line. */
static void skip(struct reader *r, size_t n)
{
    for (; n > 0; n--) {
        if (*r->at++ == '\n') {
            r->line++;
            r->line_start = r->at;
        }
    }
}

static void skip_any(struct reader *r, const char *what)
{
    skip(r, strspn(r->at, what));
}

static bool at_text(const struct reader *r, const char *text)
{
    return strncmp(r->at, text, strlen(text)) == 0;
}

static int new_node(struct reader *r, enum vw_node_kind kind, struct vw_node **out)
{
    if (++r->nodes > VW_YAML_MAX_NODES)
        return refuse(r, VW_ELIMIT, "there are too many values");
    *out = vw_node_new(r->arena, kind);
    if (!*out)
        return vw_error_nomem(r->err);
    (*out)->line = r->line;
    (*out)->column = (unsigned)(r->at - r->line_start) + 1;
    return 0;
}

/* LEN bytes from FROM on are the text of N; the reader goes on behind them and BEHIND more. */
static int take(struct reader *r, struct vw_node *n, const char *from, size_t len, size_t behind)
{
    n->text = vw_arena_strndup(r->arena, from, len);
    n->len = len;
    skip(r, (size_t)(from - r->at) + len + behind);
    return n->text ? 0 : vw_error_nomem(r->err);
}

static int read_text(struct reader *r, struct vw_node *n)
{
    n->quoted = true;
    if (at_text(r, "\"\"\"")) {
        const char *end = strstr(r->at + 3, "\"\"\"");
        return end ? take(r, n, r->at + 3, (size_t)(end - r->at) - 3, 3)
                   : refuse(r, VW_ESYNTAX, "the text has no \"\"\" at its end");
    }
    const char closing[] = {*r->at, '\n', 0};
    size_t len = strcspn(r->at + 1, closing);
    if (r->at[1 + len] != *closing)
        return refuse(r, VW_ESYNTAX, "the text does not end in its line");
    return take(r, n, r->at + 1, len, 1);
}

/* With no zeros in front, and no plus. */
static int read_number(struct reader *r, struct vw_node *n)
{
    bool negative = *r->at == '-';
    const char *digits = r->at + (negative || *r->at == '+');
    size_t len = strspn(digits, DIGITS), zeros = strspn(digits, "0");
    if (len == 0)
        return refuse(r, VW_ESYNTAX, "a number must stand here");
    zeros -= zeros == len;
    n->text = vw_arena_printf(r->arena, "%s%.*s", negative ? "-" : "", (int)(len - zeros),
                              digits + zeros);
    skip(r, (size_t)(digits - r->at) + len);
    if (!n->text)
        return vw_error_nomem(r->err);
    n->len = strlen(n->text);
    return 0;
}

static int read_value(struct reader *r, unsigned depth, struct vw_node **out);

/* Behind the [. */
static int read_list(struct reader *r, unsigned depth, struct vw_node *list)
{
    int rc = depth > 0 ? 0 : refuse(r, VW_ELIMIT, "lists stand too deep in each other");
    skip(r, 1);
    skip_any(r, BLANKS "\r\n");
    while (rc == 0 && *r->at != ']') {
        struct vw_node *item;
        rc = read_value(r, depth - 1, &item);
        if (rc)
            break;
        vw_node_add(list, NULL, item);
        skip_any(r, BLANKS "\r\n");
        if (*r->at == ',')
            skip(r, 1);
        else if (*r->at != ']')
            rc = refuse(r, VW_ESYNTAX, "a , or the ] of the list must stand here");
        skip_any(r, BLANKS "\r\n");
    }
    if (rc == 0)
        skip(r, 1);
    return rc;
}

static int read_value(struct reader *r, unsigned depth, struct vw_node **out)
{
    bool list = *r->at == '[';
    int rc = new_node(r, list ? VW_NODE_LIST : VW_NODE_SCALAR, out);
    if (rc)
        return rc;
    if (list)
        return read_list(r, depth, *out);
    if (*r->at == '"' || *r->at == '\'')
        return read_text(r, *out);
    if (*r->at && strchr("+-" DIGITS, *r->at))
        return read_number(r, *out);
    return refuse(r, VW_ESYNTAX, "a text in quotes, a number or a [list] must stand here");
}

/* NAME = VALUE, and what may stand behind it in the line. */
static int read_setting(struct reader *r, struct vw_node *map)
{
    struct vw_node *value;
    unsigned line = r->line, column = (unsigned)(r->at - r->line_start) + 1;
    size_t len = strspn(r->at, LETTERS) ? strspn(r->at, LETTERS DIGITS "_") : 0;
    if (len == 0)
        return refuse(r, VW_ESYNTAX, "a name must stand here");
    const char *name = vw_arena_strndup(r->arena, r->at, len);
    if (!name)
        return vw_error_nomem(r->err);
    skip(r, len);
    skip_any(r, BLANKS);
    if (*r->at != '=')
        return refuse(r, VW_ESYNTAX, "a = must stand here");
    skip(r, 1);
    skip_any(r, BLANKS);
    int rc = read_value(r, VW_YAML_MAX_DEPTH, &value);
    if (rc)
        return rc;
    vw_node_add(map, name, value);
    value->key_line = line;
    value->key_column = column;
    skip_any(r, BLANKS);
    if (*r->at == ';')
        skip(r, 1);
    else if (r->at < r->end && !strchr("#\r\n", *r->at))
        return refuse(r, VW_ESYNTAX, "something follows the value in its line");
    return 0;
}

int vw_conf_parse(const char *text, size_t len, struct vw_arena *arena, struct vw_node **out,
                  struct vw_error *err)
{
    if (len > VW_YAML_MAX_BYTES)
        return vw_error_at(err, VW_ELIMIT, 1, 1, "the file is too large");
    const char *copy = vw_arena_strndup(arena, text, len);
    struct reader r = {.at = copy, .line_start = copy, .line = 1, .arena = arena, .err = err};
    if (!copy)
        return vw_error_nomem(err);
    r.end = copy + len;
    int rc = new_node(&r, VW_NODE_MAP, out);
    while (rc == 0) {
        skip_any(&r, BLANKS "\r\n");
        if (r.at == r.end)
            break;
        if (*r.at == '#')
            skip(&r, strcspn(r.at, "\n"));
        else
            rc = read_setting(&r, *out);
    }
    return rc;
}
