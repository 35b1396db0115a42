// SPDX-License-Identifier: MIT
// words: one word of the arguments of each call gets each of "values": length and count words,
// presence words, discriminants, booleans, enums, padding. Variables: procedure, args, edit.
#include <string.h>

#include "conformance/cases/family.h"

#define VALUES_MAX 16

enum word_kind {
    WORD_NONE,
    WORD_LENGTH,
    WORD_COUNT,
    WORD_PRESENCE,
    WORD_UNION,
    WORD_BOOL,
    WORD_ENUM,
    WORD_PADDING
};
static const char *const kind_names[] = {"",      "length", "count", "presence",
                                         "union", "bool",   "enum",  "padding"};

static enum word_kind kind_of(const struct vw_span *span)
{
    switch (span->kind) {
    case VW_SPAN_LENGTH:
        return WORD_LENGTH;
    case VW_SPAN_COUNT:
        return WORD_COUNT;
    case VW_SPAN_PRESENT:
        return WORD_PRESENCE;
    case VW_SPAN_DISC:
        return WORD_UNION;
    case VW_SPAN_PAD:
        return WORD_PADDING;
    case VW_SPAN_VALUE:
        return span->type->kind == VW_BOOL   ? WORD_BOOL
               : span->type->kind == VW_ENUM ? WORD_ENUM
                                             : WORD_NONE;
    default:
        return WORD_NONE;
    }
}

/* Values of booleans and enums are set as bytes; labels have an edit of their own. */
static const char *make_edit(struct vw_sample *s, const struct vw_span *span, const char *value)
{
    enum word_kind kind = kind_of(span);
    struct vw_arena *arena = s->ctx->arena;
    if (kind == WORD_PADDING)
        return vw_arena_printf(arena, "flip %s ffffff", span->path);
    if (kind != WORD_BOOL && kind != WORD_ENUM)
        return vw_arena_printf(arena, "relabel %s %s", span->path, value);
    bool neg;
    uint64_t v = 0;
    struct vw_node n = {.kind = VW_NODE_SCALAR, .text = value, .len = strlen(value)};
    vw_node_looks_number(&n, &neg, &v);
    return vw_arena_printf(arena, "set %s %08x", span->path, (uint32_t)v);
}

static int add_span(struct vw_sample *s, const struct vw_span *span, struct vw_error *err)
{
    static const char *const defaults[] = {"", NULL};
    const char *values[VALUES_MAX];
    size_t n = vw_family_values(s->ctx, "values", defaults, values, VALUES_MAX);
    for (size_t i = 0; i < n; i++) {
        /* A bound that is not there cannot be passed. */
        if (strncmp(values[i], "max", 3) == 0 && span->type->max == VW_UNBOUNDED)
            continue;
        const char *edit = make_edit(s, span, values[i]);
        int rc = edit ? vw_family_add(s, span->path, *values[i] ? values[i] : NULL, edit, err)
                      : vw_error_nomem(err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int add(struct vw_sample *s, struct vw_error *err)
{
    const struct vw_node *kinds = vw_node_get(s->ctx->params, "kinds");
    for (size_t i = 0; i < s->spans.count; i++) {
        const struct vw_span *span = &s->spans.list[i];
        const char *name = kind_names[kind_of(span)];
        bool match = false;
        for (const struct vw_node *k = kinds ? kinds->first : NULL; k; k = k->next)
            match |= strcmp(k->text, name) == 0;
        int rc = match && *name ? add_span(s, span, err) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_kinds(const struct vw_family_context *ctx, struct vw_error *err)
{
    const struct vw_node *kinds = vw_node_get(ctx->params, "kinds");
    if (!kinds)
        return vw_node_error(ctx->params, err, "the family words needs the key \"kinds\"");
    for (const struct vw_node *k = kinds->first; k; k = k->next) {
        bool known = false;
        for (size_t i = 1; i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
            known |= strcmp(kind_names[i], k->text) == 0;
        if (!known)
            return vw_node_unknown(k, "kind of word", k->text, kind_names + 1,
                                   sizeof(kind_names) / sizeof(kind_names[0]) - 1, err);
    }
    return 0;
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    int rc = check_kinds(ctx, err);
    return rc < 0 ? rc : vw_family_samples(ctx, add, err);
}

const struct vw_family vw_family_words = {
    "words",
    "one word of the arguments of each call set to each of values; kinds: length, count, presence, "
    "union, bool, enum, padding; variables procedure, args, edit",
    expand,
};
