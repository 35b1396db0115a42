// SPDX-License-Identifier: MIT
// Checking nodes against the tables of the format.
#include "scenario/format.h"

#include <stdint.h>
#include <string.h>

#include "base/nearest.h"

#define KNOWN_MAX 64

const struct vw_key *vw_format_key(const struct vw_keys *keys, const char *name)
{
    for (const struct vw_key *k = keys->list; k->name; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

static size_t key_names(const struct vw_keys *keys, const char **names)
{
    size_t n = 0;
    for (const struct vw_key *k = keys->list; k->name && n < KNOWN_MAX; k++)
        names[n++] = k->name;
    return n;
}

static void expected(unsigned takes, char *buf, size_t size)
{
    static const struct {
        unsigned flag;
        const char *text;
    } words[] = {
        {VW_TAKES_NOTHING, "nothing"},       {VW_TAKES_TEXT, "a word"},
        {VW_TAKES_NUMBER, "a whole number"}, {VW_TAKES_TEXTS, "a list of words"},
        {VW_TAKES_MAP, "a mapping"},         {VW_TAKES_MAPS, "a list of mappings"},
        {VW_TAKES_ITEMS, "a list"},          {VW_TAKES_VALUE, "a value"},
        {VW_TAKES_STEPS, "a list of steps"}, {VW_TAKES_EDITS, "edits"},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (takes & words[i].flag)
            used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? " or " : "",
                                     words[i].text);
}

static int check_word(const struct vw_key *key, const struct vw_node *n, struct vw_error *err)
{
    if (!key->words)
        return 0;
    size_t count = 0;
    for (; key->words[count]; count++)
        if (strcmp(key->words[count], n->text) == 0)
            return 0;
    return vw_node_unknown(n, key->name, n->text, key->words, count, err);
}

static int check_list(const struct vw_key *key, const struct vw_node *list, struct vw_error *err)
{
    if (key->takes & (VW_TAKES_ITEMS | VW_TAKES_STEPS))
        return 0;
    bool maps = (key->takes & VW_TAKES_MAPS) != 0;
    for (const struct vw_node *n = list->first; n; n = n->next) {
        int rc = 0;
        if (vw_node_is_variable(n))
            continue;
        if (n->kind != (maps ? VW_NODE_MAP : VW_NODE_SCALAR))
            return vw_node_error(n, err, "expected %s in the list \"%s\", found %s",
                                 maps ? "a mapping" : "a word", key->name,
                                 vw_node_kind_name(n->kind));
        rc = maps ? vw_format_check(key->keys, n, err) : check_word(key, n, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int vw_format_edits(const struct vw_node *n, struct vw_arena *arena, struct vw_edits *out,
                    struct vw_error *err)
{
    struct vw_error wrong = VW_ERROR_INIT;
    const char *text = n->kind == VW_NODE_SCALAR ? n->text : "";
    for (const struct vw_node *word = n->first; word && text; word = word->next) {
        if (word->kind != VW_NODE_SCALAR)
            return vw_node_error(word, err, "expected a word of an edit, found %s",
                                 vw_node_kind_name(word->kind));
        text = vw_arena_printf(arena, "%s%s%s", text, *text ? " " : "", word->text);
    }
    if (!text)
        return vw_error_nomem(err);
    if (n->kind != VW_NODE_SCALAR && n->count == 0)
        return 0;
    int rc = vw_edits_parse(text, arena, out, &wrong);
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    return rc < 0 ? vw_node_error(n, err, "%s", wrong.text) : 0;
}

/* What no variable stands in yet. */
static int check_edits(const struct vw_node *n, struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_edits edits = {0};
    for (const struct vw_node *word = n->first; word; word = word->next)
        if (vw_node_is_variable(word))
            return 0;
    int rc = vw_format_edits(n, &arena, &edits, err);
    vw_arena_finish(&arena);
    return rc;
}

static bool takes(const struct vw_key *key, const struct vw_node *n)
{
    bool neg;
    uint64_t v;
    switch (n->kind) {
    case VW_NODE_NULL:
        return (key->takes & VW_TAKES_NOTHING) != 0;
    case VW_NODE_SCALAR:
        return (key->takes & (VW_TAKES_TEXT | VW_TAKES_EDITS)) ||
               ((key->takes & VW_TAKES_NUMBER) && vw_node_looks_number(n, &neg, &v));
    case VW_NODE_LIST:
        return (key->takes & (VW_TAKES_TEXTS | VW_TAKES_MAPS | VW_TAKES_ITEMS | VW_TAKES_STEPS |
                              VW_TAKES_EDITS)) != 0;
    case VW_NODE_MAP:
        return (key->takes & VW_TAKES_MAP) != 0;
    }
    return false;
}

int vw_format_check_value(const struct vw_key *key, const struct vw_node *n, struct vw_error *err)
{
    if ((key->takes & VW_TAKES_VALUE) || vw_node_is_variable(n))
        return 0;
    if (!takes(key, n)) {
        char buf[120];
        expected(key->takes, buf, sizeof(buf));
        return vw_node_error(n, err, "expected %s behind \"%s\", found %s", buf, key->name,
                             vw_node_kind_name(n->kind));
    }
    if ((key->takes & VW_TAKES_NAME) && strlen(n->text) >= VW_NAME_ROOM)
        return vw_node_error(n, err, "a name has at most %d bytes", VW_NAME_ROOM - 1);
    if (key->takes & VW_TAKES_EDITS)
        return check_edits(n, err);
    if (n->kind == VW_NODE_MAP)
        return vw_format_check(key->keys, n, err);
    if (n->kind == VW_NODE_LIST)
        return check_list(key, n, err);
    bool neg;
    uint64_t v;
    bool number = (key->takes & VW_TAKES_NUMBER) && n->kind == VW_NODE_SCALAR &&
                  vw_node_looks_number(n, &neg, &v);
    return n->kind == VW_NODE_SCALAR && !number ? check_word(key, n, err) : 0;
}

/* From one to MOST of NAMES must be there. */
static int check_count(const struct vw_keys *keys, const char *const *names, size_t most,
                       const struct vw_node *map, struct vw_error *err)
{
    size_t found = 0, n = 0;
    for (; names && names[n]; n++)
        found += vw_node_get(map, names[n]) != NULL;
    if (!names || (found > 0 && found <= most))
        return 0;
    char buf[160];
    vw_list_words(names, n, buf, sizeof(buf));
    return vw_node_error(map, err, "%s needs %s one of %s", keys->name,
                         most == 1 ? "exactly" : "at least", buf);
}

int vw_format_check(const struct vw_keys *keys, const struct vw_node *map, struct vw_error *err)
{
    if (map->kind != VW_NODE_MAP)
        return vw_node_error(map, err, "expected a mapping with the keys of %s, found %s",
                             keys->name, vw_node_kind_name(map->kind));
    for (const struct vw_node *n = map->first; n; n = n->next) {
        const struct vw_key *key = vw_format_key(keys, n->key);
        if (!key) {
            const char *names[KNOWN_MAX];
            size_t count = key_names(keys, names);
            return vw_node_unknown(n, "key", n->key, names, count, err);
        }
        int rc = vw_format_check_value(key, n, err);
        if (rc < 0)
            return rc;
    }
    for (const struct vw_key *k = keys->list; k->name; k++)
        if (k->required && !vw_node_get(map, k->name))
            return vw_node_error(map, err, "%s needs the key \"%s\"", keys->name, k->name);
    int rc = check_count(keys, keys->one_of, 1, map, err);
    return rc < 0 ? rc : check_count(keys, keys->any_of, SIZE_MAX, map, err);
}
