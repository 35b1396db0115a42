// SPDX-License-Identifier: MIT
#include "conformance/report/clauses.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"

const struct vw_clause *vw_clause_find(const char *id)
{
    /* Thousands of findings ask. */
    const int letter = toupper((unsigned char)*id);
    for (const struct vw_clause *c = vw_clauses; c->id; c++)
        if (*c->id == letter && strcasecmp(c->id, id) == 0)
            return c;
    return NULL;
}

const struct vw_clause *vw_clause_first(const char *clauses)
{
    char id[16];
    int n = snprintf(id, sizeof(id), "%.*s", (int)strcspn(clauses, " "), clauses);
    return n > 0 && (size_t)n < sizeof(id) ? vw_clause_find(id) : NULL;
}

bool vw_example_next(const char **at, enum vw_side *from, uint8_t *out, size_t *len)
{
    struct vw_hex_reader r;
    *from = **at == '<' ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
    *at += **at == '<' || **at == '>';
    size_t n = strcspn(*at, "<>");
    vw_hex_reader_init(&r);
    bool ok = n > 0 && vw_hex_reader_feed(&r, *at, n, out, len, NULL) == 0;
    *at += n;
    return ok;
}

bool vw_example_is_value(const struct vw_clause_example *e)
{
    return strcmp(e->what, VW_EXAMPLE_TALK) != 0 &&
           strncmp(e->what, VW_EXAMPLE_SERVER, strlen(VW_EXAMPLE_SERVER)) != 0;
}
