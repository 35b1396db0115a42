// SPDX-License-Identifier: MIT
// field-borders: the arguments of each call, cut where a field, length, count, presence word,
// discriminant or padding begins. Variables: procedure, args, edit.
#include "conformance/cases/family.h"

static int add(struct vw_sample *s, struct vw_error *err)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < s->spans.count; i++) {
        const struct vw_span *span = &s->spans.list[i];
        /* Groups begin where their first part does. */
        if (span->kind == VW_SPAN_GROUP || span->length == 0 || span->offset == last)
            continue;
        last = span->offset;
        const char *path = *span->path ? span->path : ".";
        const char *edit = vw_arena_printf(s->ctx->arena, "truncate %s", path);
        int rc = edit ? vw_family_add(s, span->path, NULL, edit, err) : vw_error_nomem(err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int expand(struct vw_family_context *ctx, struct vw_error *err)
{
    return vw_family_samples(ctx, add, err);
}

const struct vw_family vw_family_field_borders = {
    "field-borders",
    "the arguments of each call cut at each field border; variables procedure, args, edit",
    expand,
};
