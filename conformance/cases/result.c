// SPDX-License-Identifier: MIT
// The finding that a case becomes.
#include "conformance/cases/result.h"

#include <stdlib.h>
#include <string.h>

void vw_result_init(struct vw_result *r, const struct vw_case *c)
{
    *r = (struct vw_result){
        .c = c,
        .finding = {.rule = c->id,
                    .group = c->file_id,
                    .title = c->title,
                    .clauses = c->clauses,
                    .shows = c->clauses,
                    .place = {.file = c->path},
                    .level = c->level,
                    .verdict = VW_NOT_RUN,
                    .count = 1},
    };
}

static void drop(const char **text)
{
    free((char *)*text);
    *text = NULL;
}

void vw_result_finish(struct vw_result *r)
{
    drop(&r->finding.found);
    drop(&r->finding.expected);
    drop(&r->finding.frames);
    drop(&r->finding.cause);
    drop(&r->finding.also);
    drop(&r->finding.only_when);
    if (r->blamed)
        r->finding.clauses = r->c->clauses;
    free(r->blamed);
    r->blamed = NULL;
}

void vw_result_set(struct vw_result *r, enum vw_verdict v, const char *found)
{
    drop(&r->finding.found);
    r->finding.found = found && *found ? strdup(found) : NULL;
    r->finding.verdict = v;
}
