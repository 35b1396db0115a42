// SPDX-License-Identifier: MIT
// What the families share: walking procedures, sample arguments, their spans.
#pragma once

#include "conformance/cases/scenario.h"
#include "xdr/xdr.h"

/* One procedure with its sample arguments: every optional present, every array with one element,
 * every string "a". */
struct vw_sample {
    struct vw_family_context *ctx;
    const struct vw_proc *proc;
    const struct vw_node *args; /* NULL: takes none */
    const uint8_t *bytes;       /* their encoding */
    size_t len;
    struct vw_spans spans;
};

/* Calls FN for each call of the program that the parameters "program", "procedures" and "skip" let
 * through, by number. Stops at the first error. */
int vw_family_calls(struct vw_family_context *ctx,
                    int (*fn)(struct vw_sample *sample, struct vw_error *err),
                    struct vw_error *err);

/* The same with args, bytes and spans; procedures without arguments are left out. What lies in the
 * sample's spans is gone after FN; nodes stay. */
int vw_family_samples(struct vw_family_context *ctx,
                      int (*fn)(struct vw_sample *sample, struct vw_error *err),
                      struct vw_error *err);

/* Adds one item: KEY is "PROCEDURE" or "PROCEDURE@PATH" (PATH may be NULL), with a further "=VALUE"
 * if VALUE is not NULL. Variables: procedure, args, and EDIT (NULL: none). */
int vw_family_add(struct vw_sample *sample, const char *path, const char *value, const char *edit,
                  struct vw_error *err);

/* A value of T as in struct vw_sample; a domain is the one of test:///default. */
struct vw_node *vw_sample_node(struct vw_arena *arena, const struct vw_type *t);
/* The same, but networks, pools and interfaces are those of test:///default too. */
struct vw_node *vw_sample_found_node(struct vw_arena *arena, const struct vw_type *t);

/* The texts of the parameter KEY (a list), or of DEFAULTS (ends at NULL). Returns their number. */
size_t vw_family_values(const struct vw_family_context *ctx, const char *key,
                        const char *const *defaults, const char **out, size_t cap);
