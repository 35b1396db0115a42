// SPDX-License-Identifier: MIT
// Reads profile files: what each key may hold, over the YAML tree of base/yaml.h.
#include "schema/settings.h"

#include <errno.h>
#include <stdlib.h>

#include "base/nearest.h"
#include "base/yaml.h"

struct reader {
    struct vw_arena *arena;
    struct vw_error *err;
    struct vw_settings *out;
};

/* ---- values ---- */

static int get_text(struct reader *r, const struct vw_node *n, const char *what, const char **out)
{
    if (n->kind != VW_NODE_SCALAR)
        return vw_node_error(n, r->err, "expected %s", what);
    *out = n->text;
    return 0;
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

static int get_u32(struct reader *r, const struct vw_node *n, uint32_t *out)
{
    int64_t value = 0;
    int rc = vw_node_number(n, 0, UINT32_MAX, &value, r->err);
    if (!rc)
        *out = (uint32_t)value;
    return rc;
}

static int add_setting(struct reader *r, struct vw_setting **list, const struct vw_node *n,
                       const char *key, const char *text, int64_t number)
{
    struct vw_setting *s = vw_arena_zalloc(r->arena, sizeof(*s), _Alignof(struct vw_setting));
    if (!s || !key)
        return vw_error_nomem(r->err);
    *s = (struct vw_setting){*list, key, text, number, n->key_line, n->key_column};
    *list = s;
    return 0;
}

/* A mapping is wanted under a key, or as the whole file. */
static int want_map(struct reader *r, const struct vw_node *n, const char *what)
{
    return n->kind == VW_NODE_MAP ? 0 : vw_node_error(n, r->err, "expected %s", what);
}

/* ---- the keys of a profile ---- */

static int read_constants(struct reader *r, const struct vw_node *map)
{
    int rc = want_map(r, map, "a mapping of constants to numbers");
    for (const struct vw_node *n = map->first; !rc && n; n = n->next) {
        int64_t number = 0;
        rc = vw_node_number(n, INT64_MIN, INT64_MAX, &number, r->err);
        if (!rc)
            rc = add_setting(r, &r->out->constants, n, n->key, NULL, number);
    }
    return rc;
}

static int read_inner_answers(struct reader *r, const struct vw_node *map)
{
    int rc = 0;
    for (const struct vw_node *n = map->first; !rc && n; n = n->next) {
        const char *text = NULL;
        rc = get_text(r, n, "a number or text", &text);
        if (!rc)
            rc = add_setting(r, &r->out->answers, n,
                             vw_arena_printf(r->arena, "%s.%s", map->key, n->key), text, 0);
    }
    return rc;
}

static int read_answers(struct reader *r, const struct vw_node *map)
{
    int rc = want_map(r, map, "a mapping");
    for (const struct vw_node *n = map->first; !rc && n; n = n->next) {
        const char *text = NULL;
        if (n->kind == VW_NODE_MAP) {
            rc = read_inner_answers(r, n);
            continue;
        }
        rc = get_text(r, n, "a number, text or a mapping of them", &text);
        if (!rc)
            rc = add_setting(r, &r->out->answers, n, n->key, text, 0);
    }
    return rc;
}

static int add_range(struct reader *r, struct vw_setting_range **list, const struct vw_node *at,
                     const char *name, bool arms, int64_t from, int64_t to)
{
    struct vw_setting_range *s =
        vw_arena_zalloc(r->arena, sizeof(*s), _Alignof(struct vw_setting_range));
    if (!s)
        return vw_error_nomem(r->err);
    *s = (struct vw_setting_range){*list, name, arms, from, to, at->line, at->column};
    *list = s;
    return 0;
}

/* "7" or "439-456" */
static int read_range(struct reader *r, struct vw_setting_range **list, const char *name, bool arms,
                      const struct vw_node *item)
{
    const char *text = NULL, *end = NULL;
    int64_t from = 0, to = 0;
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
        return vw_node_error(item, r->err,
                             "expected a number or a range such as 439-456, found '%s'", text);
    return add_range(r, list, item, name, arms, from, to);
}

static int read_list(struct reader *r, struct vw_setting_range **list, const struct vw_node *n,
                     bool arms)
{
    int rc = 0;
    if (n->kind != VW_NODE_LIST)
        return vw_node_error(n, r->err, "expected a list of numbers and ranges");
    for (const struct vw_node *item = n->first; !rc && item; item = item->next)
        rc = read_range(r, list, n->key, arms, item);
    return rc;
}

static int read_ranges(struct reader *r, struct vw_setting_range **list, const struct vw_node *map,
                       const char *what, bool arms)
{
    int rc = want_map(r, map, what);
    for (const struct vw_node *n = map->first; !rc && n; n = n->next)
        rc = read_list(r, list, n, arms);
    return rc;
}

static int read_programs(struct reader *r, const struct vw_node *list)
{
    if (list->kind != VW_NODE_LIST)
        return vw_node_error(list, r->err, "expected a list of programs");
    int rc = 0;
    for (const struct vw_node *item = list->first; !rc && item; item = item->next) {
        const char *name = NULL;
        rc = get_text(r, item, "the name of a program", &name);
        if (!rc)
            rc = add_range(r, &r->out->hidden, item, name, false, INT64_MIN, INT64_MAX);
    }
    return rc;
}

static int unknown_key(struct reader *r, const struct vw_node *n, const char *const *known,
                       size_t count)
{
    const char *near = vw_nearest(n->key, known, count);
    return vw_node_key_error(n, r->err, "key '%s' is not known%s", n->key, VW_HINT(";", near));
}

static int read_hide(struct reader *r, const struct vw_node *map)
{
    static const char *const keys[] = {"programs", "procedures", "arms"};
    int rc = want_map(r, map, "a mapping");
    for (const struct vw_node *n = map->first; !rc && n; n = n->next) {
        if (strcmp(n->key, "programs") == 0)
            rc = read_programs(r, n);
        else if (strcmp(n->key, "procedures") == 0)
            rc = read_ranges(r, &r->out->hidden, n, "a mapping of programs to lists", false);
        else if (strcmp(n->key, "arms") == 0)
            rc = read_ranges(r, &r->out->hidden, n, "a mapping of unions to lists", true);
        else
            rc = unknown_key(r, n, keys, sizeof(keys) / sizeof(keys[0]));
    }
    return rc;
}

/* Of those that a whole server has; what its driver has is nobody's to say. */
static int read_features(struct reader *r, const struct vw_node *list)
{
    struct vw_setting_range *has = NULL;
    int rc = read_list(r, &has, list, false);
    r->out->lacking_features = VW_SERVER_FEATURES;
    for (; !rc && has; has = has->next)
        for (int n = 0; n < 32; n++)
            if (n >= has->from && n <= has->to)
                r->out->lacking_features &= ~(1U << n);
    return rc;
}

static int read_implements(struct reader *r, const struct vw_node *map)
{
    r->out->partial = true;
    int rc = want_map(r, map, "a mapping of programs to lists of procedure numbers");
    for (const struct vw_node *n = map->first; !rc && n; n = n->next)
        rc = strcmp(n->key, "features") == 0 ? read_features(r, n)
                                             : read_list(r, &r->out->implemented, n, false);
    return rc;
}

static int read_base(struct reader *r, const struct vw_node *n)
{
    return get_text(r, n, "the name of a release", &r->out->base);
}

static int read_dialect(struct reader *r, const struct vw_node *n)
{
    const char *text = NULL;
    int rc = get_text(r, n, "modern or 2007", &text);
    if (rc)
        return rc;
    if (strcmp(text, "modern") != 0 && strcmp(text, "2007") != 0)
        return vw_node_error(n, r->err, "expected modern or 2007, found '%s'", text);
    r->out->dialect = *text == 'm' ? VW_PROFILE_MODERN : VW_PROFILE_2007;
    return 0;
}

static int read_types(struct reader *r, const struct vw_node *n)
{
    int rc = get_text(r, n, "the name of a .x file", &r->out->types);
    if (!rc && strchr(r->out->types, '/'))
        return vw_node_error(n, r->err, "expected a file beside the profile, found a path");
    return rc;
}

static int read_name(struct reader *r, const struct vw_node *n)
{
    return get_text(r, n, "the name of the profile", &r->out->name);
}

/* What each key of the file holds: something that a function reads, or a number of 32 bits. */
static int read_key(struct reader *r, const struct vw_node *n)
{
    const struct {
        const char *key;
        int (*read)(struct reader *r, const struct vw_node *n);
        uint32_t *number;
    } rows[] = {
        {"profile", read_name},
        {"base", read_base},
        {"implements", read_implements},
        {"dialect", read_dialect},
        {"max_length_word", NULL, &r->out->max_length_word},
        {"min_length_word", NULL, &r->out->min_length_word},
        {"string_max", NULL, &r->out->string_max},
        {"fds_max", NULL, &r->out->fds_max},
        {"types", read_types},
        {"constants", read_constants},
        {"hide", read_hide},
        {"answers", read_answers},
    };
    const char *keys[sizeof(rows) / sizeof(rows[0])];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        keys[i] = rows[i].key;
        if (strcmp(n->key, rows[i].key) == 0)
            return rows[i].read ? rows[i].read(r, n) : get_u32(r, n, rows[i].number);
    }
    return unknown_key(r, n, keys, sizeof(keys) / sizeof(keys[0]));
}

int vw_settings_read(const char *text, size_t len, struct vw_arena *arena, struct vw_settings *out,
                     struct vw_error *err)
{
    /* What the releases since 2013 have alike (F-3, F-4, F-6, P-2). */
    *out = (struct vw_settings){
        .min_length_word = 28, .max_length_word = 33554436, .string_max = 4194304, .fds_max = 32};
    return vw_settings_read_over(text, len, arena, out, err);
}

int vw_settings_read_over(const char *text, size_t len, struct vw_arena *arena,
                          struct vw_settings *out, struct vw_error *err)
{
    struct reader r = {.arena = arena, .err = err, .out = out};
    struct vw_node *root;
    int rc = vw_yaml_parse(text, len, arena, &root, err);
    if (!rc && root->kind != VW_NODE_MAP)
        rc = vw_error_at(err, VW_ESYNTAX, 1, 1, "expected a mapping, found %s",
                         vw_node_kind_name(root->kind));
    for (const struct vw_node *n = rc ? NULL : root->first; !rc && n; n = n->next)
        rc = read_key(&r, n);
    if (rc)
        return rc;
    if (!out->name)
        return vw_error_at(err, VW_ESYNTAX, 1, 1,
                           "expected a key 'profile' with the profile's name");
    if (out->max_length_word < out->min_length_word)
        return vw_error_at(err, VW_ESYNTAX, 1, 1, "max_length_word is below min_length_word");
    return 0;
}
