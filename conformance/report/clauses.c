// SPDX-License-Identifier: MIT
#include "conformance/report/clauses.h"

#include <stddef.h>
#include <strings.h>

const struct vw_clause *vw_clause_find(const char *id)
{
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        if (strcasecmp(c->id, id) == 0)
            return c;
    return NULL;
}
