// SPDX-License-Identifier: MIT
// Reading the rules of access: each allows or denies permissions, to whom and on what it names.
#include <fnmatch.h>
#include <string.h>

#include "base/yaml.h"
#include "mock-daemon/access.h"
#include "schema/profile.h"

#define MAX_RULES 4096

/* What annotations ask for, as libvirt's policy spells it; for what is no pattern of any. */
struct words {
    const char *list[256];
    size_t n;
};

/* ---- the words ---- */

static int add_word(struct words *w, const char *annotation, struct vw_arena *arena)
{
    char text[VW_PERMISSION_TEXT];
    size_t i = 0;
    if (!vw_access_permission(annotation, text))
        return 0;
    while (i < w->n && strcmp(w->list[i], text) != 0)
        i++;
    if (i < w->n || w->n == sizeof(w->list) / sizeof(w->list[0]))
        return 0;
    w->list[w->n] = vw_arena_strndup(arena, text, strlen(text));
    return w->list[w->n++] ? 0 : VW_ENOMEM;
}

static int collect(struct words *w, const struct vw_program *p, struct vw_arena *arena)
{
    int rc = 0;
    for (uint32_t i = 0; i < p->n_procs; i++) {
        const struct vw_proc *proc = &p->procs[i];
        for (uint32_t k = 0; rc == 0 && k < proc->n_annotations; k++) {
            if (strncmp(proc->annotations[k].key, "acl", 3) == 0)
                rc = add_word(w, proc->annotations[k].value, arena);
        }
    }
    return rc;
}

/* All that any procedure of the newest release needs. */
static int find_words(struct words *w, struct vw_arena *arena, struct vw_error *err)
{
    static const char *const programs[] = {"remote", "qemu", "lxc"};
    struct vw_profile *profile = NULL;
    int rc = vw_profile_load(NULL, NULL, &profile, err);
    for (size_t i = 0; rc == 0 && i < sizeof(programs) / sizeof(programs[0]); i++) {
        const struct vw_program *p = vw_schema_program_named(profile->schema, programs[i]);
        if (p && collect(w, p, arena) < 0)
            rc = vw_error_nomem(err);
    }
    vw_profile_destroy(profile);
    return rc;
}

static int check_word(const struct words *w, const struct vw_node *n, struct vw_error *err)
{
    bool known = false;
    if (n->kind != VW_NODE_SCALAR)
        return vw_node_error(n, err, "a permission must stand here, such as domain.start");
    for (size_t i = 0; i < w->n && !known; i++)
        known = fnmatch(n->text, w->list[i], 0) == 0;
    return known ? 0 : vw_node_unknown(n, "permission", n->text, w->list, w->n, err);
}

/* ---- a rule ---- */

static int read_wanted(struct vw_access_rule *r, const struct words *w, const struct vw_node *n,
                       struct vw_arena *arena, struct vw_error *err)
{
    bool list = n->kind == VW_NODE_LIST;
    if (r->wanted)
        return vw_node_key_error(n, err, "a rule either allows or denies");
    if (list && !n->first)
        return vw_node_error(n, err, "a permission must stand here, such as domain.start");
    r->allow = strcmp(n->key, "allow") == 0;
    r->wanted = vw_arena_alloc(arena, (n->count + 1) * sizeof(*r->wanted), sizeof(*r->wanted));
    if (!r->wanted)
        return vw_error_nomem(err);
    for (const struct vw_node *i = list ? n->first : n; i; i = list ? i->next : NULL) {
        int rc = check_word(w, i, err);
        if (rc)
            return rc;
        r->wanted[r->n_wanted++] = i->text;
    }
    return 0;
}

static int read_text(const struct vw_node *n, const char **out, struct vw_error *err)
{
    if (n->kind != VW_NODE_SCALAR || !n->len)
        return vw_node_error(n, err, "a text or a pattern must stand here");
    *out = n->text;
    return 0;
}

static int read_member(struct vw_access_rule *r, const struct words *w, const struct vw_node *n,
                       struct vw_arena *arena, struct vw_error *err)
{
    static const char *const keys[] = {"user", "dn", "object", "uid", "allow", "deny"};
    const char **texts[] = {&r->user, &r->name, &r->object};
    size_t i = 0;
    while (i < 6 && strcmp(n->key, keys[i]) != 0)
        i++;
    if (i == 6)
        return vw_node_unknown(n, "key", n->key, keys, 6, err);
    if (i < 3)
        return read_text(n, texts[i], err);
    return i == 3 ? vw_node_number(n, 0, UINT32_MAX, &r->uid, err)
                  : read_wanted(r, w, n, arena, err);
}

static int read_rule(struct vw_access_rule *r, const struct words *w, const struct vw_node *map,
                     struct vw_arena *arena, struct vw_error *err)
{
    int rc = 0;
    if (map->kind != VW_NODE_MAP)
        return vw_node_error(map, err,
                             "a rule must stand here, such as {user: fred, allow: domain.read}");
    r->uid = -1;
    for (const struct vw_node *n = map->first; rc == 0 && n; n = n->next)
        rc = read_member(r, w, n, arena, err);
    if (rc == 0 && !r->wanted)
        rc = vw_node_error(map, err, "a rule needs allow or deny");
    return rc;
}

int vw_access_read(struct vw_access *a, const struct vw_node *list, struct vw_arena *arena,
                   struct vw_error *err)
{
    struct words words = {.n = 0};
    struct vw_access_rule *rules;
    size_t i = 0;
    if (list->kind != VW_NODE_LIST)
        return vw_node_error(list, err, "a list of rules must stand here");
    if (list->count > MAX_RULES)
        return vw_node_error(list, err, "at most %d rules can be here", MAX_RULES);
    rules =
        vw_arena_zalloc(arena, (list->count + 1) * sizeof(*rules), _Alignof(struct vw_access_rule));
    if (!rules)
        return vw_error_nomem(err);
    int rc = find_words(&words, arena, err);
    for (const struct vw_node *n = list->first; rc == 0 && n; n = n->next)
        rc = read_rule(&rules[i++], &words, n, arena, err);
    *a = (struct vw_access){.on = true, .rules = rules, .n_rules = i};
    return rc;
}
