// SPDX-License-Identifier: MIT
// Which dialect of URIs a client follows, by what it made of those on which the dialects differ.
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <virwire/uri.h>

#define VW_DIALECTS (VW_DIALECT_030 + 1)

struct vw_dialects {
    size_t asked; /* URIs on which they differ; 0: nothing is known */
    struct {
        const char **against; /* cases with a URI of which the client made something else */
        size_t n_against;
    } of[VW_DIALECTS];
};

/* Whether the client follows DIALECT: no other one explains more, and it explains something. */
bool vw_dialects_follows(const struct vw_dialects *d, enum vw_dialect dialect);

/* A line that says which, and one with the cases that speak against each; of many the first. */
void vw_dialects_print(const struct vw_dialects *d, bool all, FILE *out);
/* The same, complete. */
struct json_object *vw_dialects_json(const struct vw_dialects *d);
