// SPDX-License-Identifier: MIT
// Reads profile files: YAML without aliases, anchors, tags and double keys.
#include "schema/settings.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>

#include "base/nearest.h"

struct reader {
    struct vw_arena *arena;
    struct vw_error *err;
    struct vw_settings *out;
    struct fy_node *near; /* a scalar at or before the place at hand */
};

/* ---- errors ---- */

static void place_of(struct fy_node *n, unsigned *line, unsigned *column)
{
    struct fy_token *token = n ? fy_node_get_scalar_token(n) : NULL;
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    *line = mark ? (unsigned)mark->line + 1 : 1;
    *column = mark ? (unsigned)mark->column + 1 : 1;
    /* The mark of a quoted scalar is behind its quote. */
    enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
    if (*column > 1 && (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED))
        --*column;
}

static int refuse(struct reader *r, struct fy_node *n, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static int refuse(struct reader *r, struct fy_node *n, int code, const char *fmt, ...)
{
    unsigned line, column;
    char text[sizeof(r->err->text)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    place_of(n && fy_node_is_scalar(n) ? n : r->near, &line, &column);
    return vw_error_at(r->err, code, line, column, "%s", text);
}

/* ---- what every file must keep to ---- */

/* Refuses what is not plain YAML, and remembers where it is for later errors. */
static int check_plain(struct reader *r, struct fy_node *n, unsigned depth)
{
    size_t len;
    if (!n)
        return 0;
    if (fy_node_is_alias(n))
        return refuse(r, n, VW_ESYNTAX, "aliases are not allowed");
    if (fy_node_get_tag(n, &len))
        return refuse(r, n, VW_ESYNTAX, "tags are not allowed");
    if (depth > VW_PROFILE_MAX_DEPTH)
        return refuse(r, n, VW_ELIMIT, "nested deeper than %d", VW_PROFILE_MAX_DEPTH);
    if (fy_node_is_scalar(n)) {
        r->near = n;
        return 0;
    }
    void *at = NULL;
    int rc = 0;
    if (fy_node_is_sequence(n)) {
        struct fy_node *item;
        while (!rc && (item = fy_node_sequence_iterate(n, &at)))
            rc = check_plain(r, item, depth + 1);
        return rc;
    }
    struct fy_node_pair *pair;
    while (!rc && (pair = fy_node_mapping_iterate(n, &at))) {
        if (!fy_node_is_scalar(fy_node_pair_key(pair)))
            return refuse(r, r->near, VW_ESYNTAX, "expected a word as key");
        rc = check_plain(r, fy_node_pair_key(pair), depth + 1);
        if (!rc)
            rc = check_plain(r, fy_node_pair_value(pair), depth + 1);
    }
    return rc;
}

/* ---- values ---- */

static int get_text(struct reader *r, struct fy_node *n, const char *what, const char **out)
{
    size_t len = 0;
    const char *text = n && fy_node_is_scalar(n) ? fy_node_get_scalar(n, &len) : NULL;
    if (!text)
        return refuse(r, n, VW_ESYNTAX, "expected %s", what);
    if (memchr(text, 0, len))
        return refuse(r, n, VW_ESYNTAX, "a NUL character");
    *out = vw_arena_strndup(r->arena, text, len);
    return *out ? 0 : vw_error_nomem(r->err);
}

/* A whole number; END, if given, is where it ends in TEXT. */
static bool to_number(const char *text, int64_t *out, const char **end)
{
    char *stop;
    errno = 0;
    long long value = strtoll(text, &stop, 0);
    if (errno || stop == text || (!end && *stop))
        return false;
    *out = value;
    if (end)
        *end = stop;
    return true;
}

static int get_number(struct reader *r, struct fy_node *n, int64_t min, int64_t max, int64_t *out)
{
    const char *text;
    int rc = get_text(r, n, "a number", &text);
    if (rc)
        return rc;
    if (!to_number(text, out, NULL) || *out < min || *out > max)
        return refuse(r, n, VW_ESYNTAX, "expected a number from %lld to %lld, found '%s'",
                      (long long)min, (long long)max, text);
    return 0;
}

static int get_u32(struct reader *r, struct fy_node *n, uint32_t *out)
{
    int64_t value = 0;
    int rc = get_number(r, n, 0, UINT32_MAX, &value);
    if (!rc)
        *out = (uint32_t)value;
    return rc;
}

/* Calls EACH for the members of a mapping. */
static int each_member(struct reader *r, struct fy_node *map, const char *what, void *context,
                       int (*each)(struct reader *, const char *key, struct fy_node *value,
                                   void *context))
{
    if (!map || !fy_node_is_mapping(map))
        return refuse(r, map, VW_ESYNTAX, "expected %s", what);
    void *at = NULL;
    struct fy_node_pair *pair;
    int rc = 0;
    while (!rc && (pair = fy_node_mapping_iterate(map, &at))) {
        const char *key;
        r->near = fy_node_pair_key(pair);
        rc = get_text(r, r->near, "a key", &key);
        if (!rc)
            rc = each(r, key, fy_node_pair_value(pair), context);
    }
    return rc;
}

static int add_setting(struct reader *r, struct vw_setting **list, const char *key,
                       const char *text, int64_t number)
{
    struct vw_setting *s = vw_arena_zalloc(r->arena, sizeof(*s), _Alignof(struct vw_setting));
    if (!s || !key)
        return vw_error_nomem(r->err);
    *s = (struct vw_setting){.next = *list, .key = key, .text = text, .number = number};
    place_of(r->near, &s->line, &s->column);
    *list = s;
    return 0;
}

/* ---- the keys of a profile ---- */

static int read_constant(struct reader *r, const char *key, struct fy_node *value, void *context)
{
    int64_t number = 0;
    int rc = get_number(r, value, INT64_MIN, INT64_MAX, &number);
    return rc ? rc : add_setting(r, &r->out->constants, key, NULL, number);
}

static int read_inner_answer(struct reader *r, const char *key, struct fy_node *value,
                             void *context)
{
    const char *text;
    int rc = get_text(r, value, "a number or text", &text);
    const char *full = rc ? NULL : vw_arena_printf(r->arena, "%s.%s", (const char *)context, key);
    return rc ? rc : add_setting(r, &r->out->answers, full, text, 0);
}

static int read_answer(struct reader *r, const char *key, struct fy_node *value, void *context)
{
    if (value && fy_node_is_mapping(value))
        return each_member(r, value, "a mapping", (void *)(uintptr_t)key, read_inner_answer);
    const char *text;
    int rc = get_text(r, value, "a number, text or a mapping of them", &text);
    return rc ? rc : add_setting(r, &r->out->answers, key, text, 0);
}

static int add_range(struct reader *r, const char *name, bool arms, int64_t from, int64_t to)
{
    struct vw_setting_range *s =
        vw_arena_zalloc(r->arena, sizeof(*s), _Alignof(struct vw_setting_range));
    if (!s)
        return vw_error_nomem(r->err);
    *s = (struct vw_setting_range){r->out->hidden, name, arms, from, to, 0, 0};
    place_of(r->near, &s->line, &s->column);
    r->out->hidden = s;
    return 0;
}

/* "7" or "439-456" */
static int read_range(struct reader *r, const char *name, bool arms, struct fy_node *item)
{
    const char *text, *end = NULL;
    int64_t from = 0, to = 0;
    r->near = item;
    int rc = get_text(r, item, "a number or a range such as 439-456", &text);
    if (rc)
        return rc;
    bool good = to_number(text, &from, &end);
    to = from;
    if (good && *end == '-')
        good = to_number(end + 1, &to, NULL);
    else if (good)
        good = !*end;
    if (!good || from > to)
        return refuse(r, item, VW_ESYNTAX,
                      "expected a number or a range such as 439-456, found '%s'", text);
    return add_range(r, name, arms, from, to);
}

static int read_ranges(struct reader *r, const char *key, struct fy_node *value, void *context)
{
    if (!value || !fy_node_is_sequence(value))
        return refuse(r, value, VW_ESYNTAX, "expected a list of numbers and ranges");
    void *at = NULL;
    struct fy_node *item;
    int rc = 0;
    while (!rc && (item = fy_node_sequence_iterate(value, &at)))
        rc = read_range(r, key, context != NULL, item);
    return rc;
}

static int read_programs(struct reader *r, struct fy_node *value)
{
    if (!value || !fy_node_is_sequence(value))
        return refuse(r, value, VW_ESYNTAX, "expected a list of programs");
    void *at = NULL;
    struct fy_node *item;
    int rc = 0;
    while (!rc && (item = fy_node_sequence_iterate(value, &at))) {
        const char *name;
        r->near = item;
        if (!(rc = get_text(r, item, "the name of a program", &name)))
            rc = add_range(r, name, false, INT64_MIN, INT64_MAX);
    }
    return rc;
}

static int unknown_key(struct reader *r, const char *key, const char *const *known, size_t n)
{
    const char *near = vw_nearest(key, known, n);
    return refuse(r, r->near, VW_ESYNTAX, "key '%s' is not known%s%s%s", key,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int read_hide(struct reader *r, const char *key, struct fy_node *value, void *context)
{
    static const char *const keys[] = {"programs", "procedures", "arms"};
    if (strcmp(key, "programs") == 0)
        return read_programs(r, value);
    if (strcmp(key, "procedures") == 0)
        return each_member(r, value, "a mapping of programs to lists", NULL, read_ranges);
    if (strcmp(key, "arms") == 0)
        return each_member(r, value, "a mapping of unions to lists", r, read_ranges);
    return unknown_key(r, key, keys, sizeof(keys) / sizeof(keys[0]));
}

static int read_dialect(struct reader *r, struct fy_node *value)
{
    const char *text;
    int rc = get_text(r, value, "modern or 2007", &text);
    if (rc)
        return rc;
    if (strcmp(text, "modern") != 0 && strcmp(text, "2007") != 0)
        return refuse(r, value, VW_ESYNTAX, "expected modern or 2007, found '%s'", text);
    r->out->dialect = *text == 'm' ? VW_PROFILE_MODERN : VW_PROFILE_2007;
    return 0;
}

static int read_types(struct reader *r, struct fy_node *value)
{
    int rc = get_text(r, value, "the name of a .x file", &r->out->types);
    if (!rc && strchr(r->out->types, '/'))
        return refuse(r, value, VW_ESYNTAX, "expected a file beside the profile, found a path");
    return rc;
}

static int read_key(struct reader *r, const char *key, struct fy_node *value, void *context)
{
    static const char *const keys[] = {"profile",         "dialect",    "max_length_word",
                                       "min_length_word", "string_max", "fds_max",
                                       "types",           "constants",  "hide",
                                       "answers"};
    size_t k = 0, n = sizeof(keys) / sizeof(keys[0]);
    while (k < n && strcmp(key, keys[k]) != 0)
        k++;
    switch (k) {
    case 0:
        return get_text(r, value, "the name of the profile", &r->out->name);
    case 1:
        return read_dialect(r, value);
    case 2:
        return get_u32(r, value, &r->out->max_length_word);
    case 3:
        return get_u32(r, value, &r->out->min_length_word);
    case 4:
        return get_u32(r, value, &r->out->string_max);
    case 5:
        return get_u32(r, value, &r->out->fds_max);
    case 6:
        return read_types(r, value);
    case 7:
        return each_member(r, value, "a mapping of constants to numbers", NULL, read_constant);
    case 8:
        return each_member(r, value, "a mapping", NULL, read_hide);
    case 9:
        return each_member(r, value, "a mapping", NULL, read_answer);
    default:
        return unknown_key(r, key, keys, n);
    }
}

/* ---- the document ---- */

/* What libfyaml itself found wrong. */
static int syntax_error(struct fy_diag *diag, struct vw_error *err)
{
    void *at = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
    if (!e)
        return vw_error_nomem(err);
    return vw_error_at(err, VW_ESYNTAX, e->line > 0 ? (unsigned)e->line : 1,
                       e->column > 0 ? (unsigned)e->column : 1, "%s", e->msg);
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

static int read_document(struct reader *r, struct fy_document *doc)
{
    void *at = NULL;
    struct fy_anchor *anchor = fy_document_anchor_iterate(doc, &at);
    struct fy_node *root = fy_document_root(doc);
    if (anchor)
        return refuse(r, fy_anchor_node(anchor), VW_ESYNTAX, "anchors are not allowed");
    int rc = check_plain(r, root, 0);
    r->near = NULL;
    if (!rc)
        rc = each_member(r, root, "a mapping", NULL, read_key);
    if (rc)
        return rc;
    r->near = NULL;
    if (!r->out->name)
        return refuse(r, NULL, VW_ESYNTAX, "expected a key 'profile' with the profile's name");
    if (r->out->max_length_word < r->out->min_length_word)
        return refuse(r, NULL, VW_ESYNTAX, "max_length_word is below min_length_word");
    return 0;
}

static int read_stream(struct reader *r, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_document *doc = fy_parse_load_document(parser);
    if (!doc)
        return fy_diag_got_error(diag)
                   ? syntax_error(diag, r->err)
                   : vw_error_at(r->err, VW_ESYNTAX, 1, 1, "expected a mapping, found nothing");
    int rc = read_document(r, doc);
    fy_parse_document_destroy(parser, doc);
    if (rc)
        return rc;
    doc = fy_parse_load_document(parser);
    if (doc) {
        fy_parse_document_destroy(parser, doc);
        return vw_error_at(r->err, VW_ESYNTAX, 1, 1, "expected one document, found a second");
    }
    return fy_diag_got_error(diag) ? syntax_error(diag, r->err) : 0;
}

int vw_settings_read(const char *text, size_t len, struct vw_arena *arena, struct vw_settings *out,
                     struct vw_error *err)
{
    if (len > VW_PROFILE_MAX_BYTES)
        return vw_error_at(err, VW_ELIMIT, 1, 1, "profile of more than %u bytes",
                           VW_PROFILE_MAX_BYTES);
    /* What the releases since 2013 have alike (F-3, F-4, F-6, P-2). */
    *out = (struct vw_settings){
        .min_length_word = 28, .max_length_word = 33554436, .string_max = 4194304, .fds_max = 32};
    struct reader r = {.arena = arena, .err = err, .out = out};
    struct fy_diag *diag = quiet_diag();
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = diag ? fy_parser_create(&cfg) : NULL;
    int rc;
    if (parser && fy_parser_set_string(parser, len ? text : "\n", len ? len : 1) == 0)
        rc = read_stream(&r, parser, diag);
    else
        rc = vw_error_nomem(err);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return rc;
}
