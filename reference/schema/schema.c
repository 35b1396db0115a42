// SPDX-License-Identifier: MIT
// Making, finishing and freeing a schema.
#include "schema/schema.h"

#include <ctype.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "schema/internal.h"

int vw_schema_create(struct vw_schema **out)
{
    struct vw_schema *s = calloc(1, sizeof(*s));
    if (!s)
        return VW_ENOMEM;
    vw_arena_init(&s->arena);
    s->error_file = "";
    s->consts_end = &s->consts;
    s->defs_end = &s->defs;
    s->blocks_end = &s->blocks;
    s->nodes_end = &s->nodes;
    s->order_end = &s->order;
    if (vw_symbols_init(s)) {
        vw_schema_destroy(s);
        return VW_ENOMEM;
    }
    *out = s;
    return 0;
}

void vw_schema_destroy(struct vw_schema *s)
{
    if (!s)
        return;
    for (struct vw_type_node *n = s->nodes; n; n = n->next)
        vw_type_detach(&n->type);
    if (s->tables)
        vw_tables_leave(s->tables);
    vw_symbols_finish(s);
    free(atomic_load_explicit(&s->digest, memory_order_acquire));
    vw_arena_finish(&s->arena);
    free(s);
}

static bool is_identifier(const char *name)
{
    size_t len = strlen(name);
    if (!len || len > VW_SCHEMA_MAX_IDENTIFIER || isdigit((unsigned char)*name))
        return false;
    for (const char *p = name; *p; p++) {
        if (!isalnum((unsigned char)*p) && *p != '_')
            return false;
    }
    return true;
}

int vw_schema_define(struct vw_schema *s, const char *name, int64_t value, struct vw_error *err)
{
    if (s->finished)
        return vw_error_set(err, VW_EUSAGE, "the schema is finished; nothing can be defined");
    if (!is_identifier(name))
        return vw_error_set(err, VW_EUSAGE, "'%s' cannot be the name of a constant", name);
    struct vw_sym *sym = vw_symbols_intern(s, name, strlen(name));
    if (!sym)
        return vw_error_nomem(err);
    sym->overridden = true;
    sym->number = value;
    return 0;
}

int vw_schema_define_text(struct vw_schema *s, const char *define, struct vw_error *err)
{
    const char *equals = strchr(define, '=');
    char name[VW_SCHEMA_MAX_IDENTIFIER + 1], *end = NULL;
    size_t len = equals ? (size_t)(equals - define) : 0;
    errno = 0;
    long long value = equals ? strtoll(equals + 1, &end, 0) : 0;
    if (!equals || len >= sizeof(name) || errno || end == equals + 1 || *end)
        return vw_error_set(err, VW_EUSAGE, "expected NAME=NUMBER, found '%s'", define);
    memcpy(name, define, len);
    name[len] = '\0';
    return vw_schema_define(s, name, value, err);
}

void vw_schema_be_strict(struct vw_schema *s, enum vw_schema_strict how)
{
    s->strict = how;
}

int vw_schema_add(struct vw_schema *s, const char *file, const char *text, size_t len, bool replace,
                  struct vw_error *err)
{
    if (s->finished)
        return vw_error_set(err, VW_EUSAGE, "the schema is finished; nothing can be added");
    const char *name = vw_arena_strndup(&s->arena, file, strlen(file));
    if (!name)
        return vw_error_nomem(err);
    struct vw_where start = {name, 1, 1};
    if (len > VW_SCHEMA_MAX_FILE)
        return vw_schema_fail(s, &start, VW_ELIMIT, err, "file of more than %u bytes",
                              VW_SCHEMA_MAX_FILE);
    s->n_files++;
    return vw_parse(s, name, text, len, replace, err);
}

/* ---- lists ---- */

static int list_consts(struct vw_schema *s)
{
    size_t n = 0;
    for (struct vw_constant *c = s->consts; c; c = c->next)
        n++;
    s->const_list = vw_arena_alloc(&s->arena, (n + 1) * sizeof(*s->const_list), 8);
    if (!s->const_list)
        return VW_ENOMEM;
    for (struct vw_constant *c = s->consts; c; c = c->next) {
        if (!c->replaced && !c->twin && !c->is_proc && !s->hidden_files[c->file])
            s->const_list[s->n_consts++] = &c->pub;
    }
    return 0;
}

static int list_types(struct vw_schema *s)
{
    size_t n = 0;
    for (struct vw_definition *d = s->defs; d; d = d->next)
        n++;
    s->type_list = vw_arena_alloc(&s->arena, (n + 1) * sizeof(*s->type_list), 8);
    if (!s->type_list)
        return VW_ENOMEM;
    for (struct vw_definition *d = s->defs; d; d = d->next) {
        if (!d->node || d->node->hidden)
            continue;
        d->node->type.index = (uint32_t)s->n_types;
        s->type_list[s->n_types++] = &d->node->type;
    }
    return 0;
}

int vw_schema_finish(struct vw_schema *s, struct vw_error *err)
{
    if (s->finished)
        return vw_error_set(err, VW_EUSAGE, "the schema is already finished");
    s->finished = true;
    s->hidden_files = vw_arena_zalloc(&s->arena, s->n_files + 1, 1);
    if (!s->hidden_files)
        return vw_error_nomem(err);
    int rc = vw_resolve_constants(s, err);
    if (!rc)
        rc = vw_resolve_types(s, err);
    if (!rc)
        rc = vw_procs_bind_blocks(s, err);
    if (!rc)
        rc = vw_resolve_references(s, err);
    if (!rc)
        rc = vw_hide_arms(s, err);
    if (!rc)
        rc = vw_layout(s, err);
    if (!rc)
        rc = vw_procs(s, err);
    if (!rc && s->profiled)
        vw_hide_types(s);
    if (!rc)
        rc = list_consts(s);
    if (!rc)
        rc = list_types(s);
    return rc == VW_ENOMEM ? vw_error_nomem(err) : rc;
}
