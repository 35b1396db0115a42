// SPDX-License-Identifier: MIT
// What was recorded against what is said now: names that a server has chosen (protocol/varying.tsv)
// are those of now once they have come back, what varies is passed over, and all else that differs
// is told, field by field, in XML too. Engine: it may change with every release (docs/api.md).
#pragma once

#include <json-c/json.h>
#include <virwire/memory.h>

#include "schema/schema.h"

struct vw_again_name;

struct vw_again {
    struct vw_arena *arena; /* of names */
    struct vw_again_name *names;
    /* PATH ("ret.dom.name", "ret.xml/domain/os") is FOUND where EXPECTED was recorded. All are
     * valid during the call. */
    void (*tell)(void *user, const char *path, const char *expected, const char *found);
    void *user;
    bool fixed;  /* what a server has chosen is the same now: it is we who say it */
    bool failed; /* no memory, for some of it */
};

/* Can V be what a server has chosen? -1 and the like say that there is none. */
bool vw_again_is_choice(struct json_object *v);

/* The arguments of PROC as they are to be sent now: ARGS is changed, and given back or replaced. */
struct json_object *vw_again_args(struct vw_again *a, const struct vw_proc *proc,
                                  struct json_object *args);
/* Compares what PROC returned (SIDE "ret") or told ("args") THEN and NOW. */
void vw_again_compare(struct vw_again *a, const struct vw_proc *proc, const char *side,
                      struct json_object *then, struct json_object *now);
/* The same of the error structure: code, domain and level, since texts are each release's own. */
void vw_again_compare_errors(struct vw_again *a, struct json_object *then, struct json_object *now);
