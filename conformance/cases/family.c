// SPDX-License-Identifier: MIT
// The common part of families.
#include "conformance/cases/family.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "xdr/literal.h"

#define DEPTH_MAX 12

/* ---- samples ---- */

static struct vw_node *sample(struct vw_arena *arena, const struct vw_type *t, bool found,
                              unsigned depth);

/* The objects of test:///default, so that a well-formed call finds something. Of all but the domain
 * only where a call that finds them changes nothing (FOUND). */
static const struct known {
    const char *type;
    bool always;
    const char *fields[3][2];
} known_objects[] = {
    {"remote_nonnull_domain",
     true,
     {{"name", "test"}, {"uuid", "6695eb01f6a4830479aa97f2502e193f"}, {"id", "1"}}},
    {"remote_nonnull_network",
     false,
     {{"name", "default"}, {"uuid", "dd8fe8846c02601e7551cca97df1c5df"}}},
    {"remote_nonnull_storage_pool",
     false,
     {{"name", "default-pool"}, {"uuid", "dfe224cb28fb8dd0c4b264eb3f0f4566"}}},
    {"remote_nonnull_interface", false, {{"name", "eth1"}, {"mac", "aa:bb:cc:dd:ee:ff"}}},
};

static const struct known *find_known(const struct vw_type *t, bool found)
{
    for (size_t i = 0; t->name && i < sizeof(known_objects) / sizeof(known_objects[0]); i++)
        if (strcmp(known_objects[i].type, t->name) == 0 && (found || known_objects[i].always))
            return &known_objects[i];
    return NULL;
}

static struct vw_node *sample_known(struct vw_arena *arena, const struct known *k)
{
    struct vw_node *out = vw_node_new(arena, VW_NODE_MAP);
    for (size_t i = 0; i < 3 && k->fields[i][0]; i++)
        if (!vw_node_add(out, k->fields[i][0], vw_node_text(arena, k->fields[i][1])))
            return NULL;
    return out;
}

static struct vw_node *sample_struct(struct vw_arena *arena, const struct vw_type *t, bool found,
                                     unsigned depth)
{
    const struct known *known = find_known(t, found);
    if (known)
        return sample_known(arena, known);
    struct vw_node *out = vw_node_new(arena, VW_NODE_MAP);
    for (uint32_t i = 0; i < t->n_fields; i++)
        if (!vw_node_add(out, t->fields[i].name,
                         sample(arena, t->fields[i].type, found, depth + 1)))
            return NULL;
    return out;
}

static struct vw_node *sample_union(struct vw_arena *arena, const struct vw_type *t, bool found,
                                    unsigned depth)
{
    struct vw_node *out = vw_node_new(arena, VW_NODE_MAP);
    const struct vw_field *arm = t->n_fields ? &t->fields[0] : NULL;
    int32_t disc = arm && arm->n_cases ? arm->cases[0] : 0;
    vw_node_add(out, t->disc->name, vw_node_printf(arena, "%d", disc));
    if (arm && arm->name && arm->type->kind != VW_VOID)
        vw_node_add(out, arm->name, sample(arena, arm->type, found, depth + 1));
    return out;
}

static struct vw_node *sample_list(struct vw_arena *arena, const struct vw_type *t, uint32_t count,
                                   bool found, unsigned depth)
{
    struct vw_node *out = vw_node_new(arena, VW_NODE_LIST);
    for (uint32_t i = 0; i < count; i++)
        if (!vw_node_add(out, NULL, sample(arena, t->elem, found, depth + 1)))
            return NULL;
    return out;
}

static struct vw_node *sample_fixed(struct vw_arena *arena, uint32_t bytes)
{
    char *hex = vw_arena_zalloc(arena, (size_t)bytes * 2 + 1, 1);
    if (hex)
        memset(hex, '0', (size_t)bytes * 2);
    return hex ? vw_node_text(arena, hex) : NULL;
}

static struct vw_node *sample(struct vw_arena *arena, const struct vw_type *t, bool found,
                              unsigned depth)
{
    if (depth > DEPTH_MAX)
        return vw_node_new(arena, VW_NODE_NULL);
    switch (t->kind) {
    case VW_STRING:
        return vw_node_text(arena, "a");
    case VW_OPAQUE:
        return vw_node_text(arena, "61");
    case VW_FIXED_OPAQUE:
        return sample_fixed(arena, t->max);
    case VW_ARRAY:
        return sample_list(arena, t, t->max ? 1 : 0, found, depth);
    case VW_FIXED_ARRAY:
        return sample_list(arena, t, t->max, found, depth);
    case VW_OPTIONAL:
        return sample(arena, t->elem, found, depth + 1);
    case VW_STRUCT:
        return sample_struct(arena, t, found, depth);
    case VW_UNION:
        return sample_union(arena, t, found, depth);
    case VW_BOOL:
        return vw_node_text(arena, "false");
    case VW_ENUM:
        return vw_node_printf(arena, "%d", t->n_members ? t->members[0].value : 0);
    default:
        return vw_node_text(arena, "0");
    }
}

struct vw_node *vw_sample_node(struct vw_arena *arena, const struct vw_type *t)
{
    return sample(arena, t, false, 0);
}

struct vw_node *vw_sample_found_node(struct vw_arena *arena, const struct vw_type *t)
{
    return sample(arena, t, true, 0);
}

/* ---- walking ---- */

static bool wanted(const struct vw_family_context *ctx, const struct vw_proc *p)
{
    const struct vw_node *pattern = vw_node_get(ctx->params, "procedures");
    const struct vw_node *skip = vw_node_get(ctx->params, "skip");
    if (p->kind != VW_PROC_CALL)
        return false;
    if (pattern && fnmatch(pattern->text, p->short_name, 0) != 0)
        return false;
    for (const struct vw_node *n = skip ? skip->first : NULL; n; n = n->next)
        if (fnmatch(n->text, p->short_name, 0) == 0)
            return false;
    return true;
}

/* A program that the profile hides has no procedures; an unknown one is a mistake. */
static int find_program(struct vw_family_context *ctx, const struct vw_program **program,
                        struct vw_error *err)
{
    const struct vw_node *n = vw_node_get(ctx->params, "program");
    const char *name = n ? n->text : ctx->options->profile->program;
    *program = vw_schema_program_named(ctx->options->profile->schema, name);
    if (*program || !ctx->options->newest)
        return 0;
    return vw_node_error(n ? n : ctx->params, err, "unknown program \"%.40s\"", name);
}

static int encode(struct vw_sample *s, struct vw_arena *arena, struct vw_buf *bytes,
                  struct vw_error *err)
{
    struct vw_node_context nodes = {.arena = arena};
    void *value = NULL;
    int rc = vw_node_to_value(&nodes, s->proc->args, s->args, &value, err);
    if (rc == 0)
        rc = vw_xdr_encode(s->proc->args, value, bytes, SIZE_MAX, err);
    if (rc == 0)
        rc = vw_xdr_spans(s->proc->args, bytes->data, bytes->len, arena, &s->spans, err);
    s->bytes = bytes->data;
    s->len = bytes->len;
    return rc;
}

static int with_sample(struct vw_sample *s, int (*fn)(struct vw_sample *, struct vw_error *),
                       struct vw_error *err)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_buf bytes = VW_BUF_INIT;
    s->args = vw_sample_node(s->ctx->arena, s->proc->args);
    int rc = s->args ? encode(s, &arena, &bytes, err) : vw_error_nomem(err);
    if (rc == 0)
        rc = fn(s, err);
    vw_buf_finish(&bytes);
    vw_arena_finish(&arena);
    return rc;
}

/* Each call that is wanted; BARE: also those without arguments, and as they are. */
static int each_call(struct vw_family_context *ctx, bool bare,
                     int (*fn)(struct vw_sample *sample, struct vw_error *err),
                     struct vw_error *err)
{
    const struct vw_program *program;
    int rc = find_program(ctx, &program, err);
    for (uint32_t i = 0; program && i < program->n_procs && rc == 0; i++) {
        struct vw_sample s = {.ctx = ctx, .proc = &program->procs[i]};
        if (wanted(ctx, s.proc) && (bare || s.proc->args))
            rc = bare ? fn(&s, err) : with_sample(&s, fn, err);
    }
    return rc;
}

int vw_family_calls(struct vw_family_context *ctx,
                    int (*fn)(struct vw_sample *sample, struct vw_error *err), struct vw_error *err)
{
    return each_call(ctx, true, fn, err);
}

int vw_family_samples(struct vw_family_context *ctx,
                      int (*fn)(struct vw_sample *sample, struct vw_error *err),
                      struct vw_error *err)
{
    return each_call(ctx, false, fn, err);
}

/* ---- items ---- */

int vw_family_add(struct vw_sample *s, const char *path, const char *value, const char *edit,
                  struct vw_error *err)
{
    struct vw_arena *arena = s->ctx->arena;
    struct vw_node *vars = vw_node_new(arena, VW_NODE_MAP);
    char key[300];
    snprintf(key, sizeof(key), "%s%s%s%s%s", s->proc->short_name, path ? "@" : "", path ? path : "",
             value ? "=" : "", value ? value : "");
    if (!vw_node_add(vars, "procedure",
                     vw_node_printf(arena, "%s.%s", s->proc->program->name, s->proc->short_name)))
        return vw_error_nomem(err);
    struct vw_node *args =
        s->args ? vw_node_copy(arena, s->args) : vw_node_new(arena, VW_NODE_NULL);
    if (!vw_node_add(vars, "args", args))
        return vw_error_nomem(err);
    struct vw_node *edits = edit ? vw_node_text(arena, edit) : vw_node_new(arena, VW_NODE_LIST);
    if (!vw_node_add(vars, "edit", edits))
        return vw_error_nomem(err);
    return s->ctx->add(s->ctx->user, key, vars, err);
}

size_t vw_family_values(const struct vw_family_context *ctx, const char *key,
                        const char *const *defaults, const char **out, size_t cap)
{
    const struct vw_node *list = vw_node_get(ctx->params, key);
    size_t n = 0;
    for (const struct vw_node *v = list ? list->first : NULL; v && n < cap; v = v->next)
        out[n++] = v->text;
    for (size_t i = 0; !list && defaults[i] && n < cap; i++)
        out[n++] = defaults[i];
    return n;
}
