// SPDX-License-Identifier: MIT
// Making, finishing and freeing a schema, and looking things up in it.
#include "schema/schema.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "schema/basic.h"
#include "schema/internal.h"

void (*vw_schema_code_free)(const struct vw_code *code);

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

static void free_code(const struct vw_type *t)
{
    void (*code_free)(const struct vw_code *) =
        __atomic_load_n(&vw_schema_code_free, __ATOMIC_RELAXED);
    const struct vw_code *code = __atomic_load_n(&t->code, __ATOMIC_ACQUIRE);
    if (code && code_free)
        code_free(code);
}

void vw_schema_destroy(struct vw_schema *s)
{
    if (!s)
        return;
    for (struct vw_type_node *n = s->nodes; n; n = n->next)
        free_code(&n->type);
    for (size_t i = 0; s->frozen && i < s->frozen->n_all; i++)
        free_code(&s->frozen->all[i]);
    free(s->frozen);
    vw_symbols_finish(s);
    free(atomic_load_explicit(&s->digest, memory_order_acquire));
    vw_arena_finish(&s->arena);
    free(s);
}

int vw_schema_fail(struct vw_schema *s, const struct vw_where *where, int code,
                   struct vw_error *err, const char *fmt, ...)
{
    if (err && err->code)
        return code;
    va_list ap;
    va_start(ap, fmt);
    vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    if (err) {
        err->line = where->line;
        err->column = where->column;
    }
    s->error_file = where->file;
    return code;
}

const char *vw_schema_error_file(const struct vw_schema *s)
{
    return s->error_file;
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

/* ---- looking up ---- */

const struct vw_program *const *vw_schema_programs(const struct vw_schema *s, size_t *n)
{
    *n = s->n_programs;
    return s->program_list;
}

const struct vw_program *vw_schema_program(const struct vw_schema *s, uint32_t number,
                                           uint32_t version)
{
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_program *p = s->program_list[i];
        if (p->number == number && p->version == version)
            return p;
    }
    return NULL;
}

/* "toy" or "toy/2"; NAME_LEN bytes. */
static const struct vw_program *find_program(const struct vw_schema *s, const char *name,
                                             size_t name_len)
{
    const char *slash = memchr(name, '/', name_len);
    size_t len = slash ? (size_t)(slash - name) : name_len;
    for (size_t i = 0; i < s->n_programs; i++) {
        const struct vw_program *p = s->program_list[i];
        bool named = (strlen(p->name) == len && strncasecmp(p->name, name, len) == 0) ||
                     (strlen(p->prefix) == len && strncasecmp(p->prefix, name, len) == 0);
        if (named && (!slash || strtoul(slash + 1, NULL, 10) == p->version))
            return p;
    }
    return NULL;
}

const struct vw_program *vw_schema_program_named(const struct vw_schema *s, const char *name)
{
    return find_program(s, name, strlen(name));
}

const struct vw_type *const *vw_schema_types(const struct vw_schema *s, size_t *n)
{
    *n = s->n_types;
    return s->type_list;
}

const struct vw_type *vw_schema_type(const struct vw_schema *s, const char *name)
{
    if (s->frozen)
        return vw_frozen_type(s->frozen, name);
    const struct vw_sym *sym = vw_symbols_find(s, name, strlen(name));
    if (!sym || !sym->type)
        return vw_basic_named(name);
    const struct vw_type_node *n = sym->type->node;
    return n && !n->hidden ? &n->type : NULL;
}

const struct vw_const *const *vw_schema_consts(const struct vw_schema *s, size_t *n)
{
    *n = s->n_consts;
    return s->const_list;
}

bool vw_schema_const(const struct vw_schema *s, const char *name, int64_t *value)
{
    if (s->frozen)
        return vw_frozen_const(s->frozen, name, value);
    const struct vw_sym *sym = vw_symbols_find(s, name, strlen(name));
    if (!sym || !sym->constant || sym->constant->progress != VW_DONE)
        return false;
    *value = sym->constant->pub.value;
    return true;
}

const struct vw_proc *vw_program_proc(const struct vw_program *p, int32_t number)
{
    uint32_t low = 0, high = p->n_procs;
    /* Numbers mostly run without gaps. */
    int64_t guess = p->n_procs ? (int64_t)number - p->procs[0].number : -1;
    if (guess >= 0 && guess < p->n_procs && p->procs[guess].number == number)
        return &p->procs[guess];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->procs[middle].number == number)
            return &p->procs[middle];
        if (p->procs[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct vw_proc *find_proc(const struct vw_program *p, const char *name)
{
    for (uint32_t i = 0; i < p->n_procs; i++) {
        if (strcasecmp(p->procs[i].short_name, name) == 0 ||
            strcasecmp(p->procs[i].name, name) == 0)
            return &p->procs[i];
    }
    return NULL;
}

const struct vw_proc *vw_schema_proc(const struct vw_schema *s, const char *name)
{
    const struct vw_sym *sym = s->frozen ? NULL : vw_symbols_find(s, name, strlen(name));
    if (sym && sym->proc)
        return sym->proc;
    const char *dot = strchr(name, '.');
    if (dot) {
        const struct vw_program *p = find_program(s, name, (size_t)(dot - name));
        return p ? find_proc(p, dot + 1) : NULL;
    }
    const struct vw_program *remote = vw_schema_program_named(s, "remote");
    const struct vw_proc *found = remote ? find_proc(remote, name) : NULL;
    for (size_t i = 0; i < s->n_programs && !found; i++)
        found = find_proc(s->program_list[i], name);
    return found;
}

const struct vw_field *vw_type_arm(const struct vw_type *u, int32_t value)
{
    const struct vw_field *other = NULL;
    for (uint32_t i = 0; i < u->n_fields; i++) {
        const struct vw_field *f = &u->fields[i];
        if (f->is_default)
            other = f;
        for (uint32_t k = 0; k < f->n_cases; k++) {
            if (f->cases[k] == value)
                return f;
        }
    }
    return other;
}

const struct vw_member *vw_type_member(const struct vw_type *e, int32_t value)
{
    for (uint32_t i = 0; i < e->n_members; i++) {
        if (e->members[i].value == value)
            return &e->members[i];
    }
    return NULL;
}
