// SPDX-License-Identifier: MIT
// The second opinion on witnesses: what programs that rpcgen and libtirpc make of the two versions
// have said of the same bytes, from a file of lines "fingerprint TAB word TAB readings".
#include "conformance/gate/gate.h"

#include <string.h>

static const char *const words[] = {"confirmed", "unconfirmed", "beyond rpcgen"};

static const char *known_word(const char *at, size_t len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == len && memcmp(words[i], at, len) == 0)
            return words[i];
    return NULL;
}

/* The witness of F, if it has one, with this opinion. */
static int give(struct vw_gate *g, struct vw_finding *f, const char *word, const char *readings)
{
    if (!f->change || !f->change->witness)
        return 0;
    struct vw_change *c = vw_arena_alloc(&g->arena, sizeof(*c), 8);
    struct vw_witness *w = vw_arena_alloc(&g->arena, sizeof(*w), 8);
    if (!c || !w)
        return VW_ENOMEM;
    *c = *f->change;
    *w = *c->witness;
    w->rpcgen = word;
    w->rpcgen_text = readings;
    c->witness = w;
    f->change = c;
    return 0;
}

static bool is_of(const struct vw_finding *f, const char *print, size_t len)
{
    const char *own = f->change ? f->change->fingerprint : "";
    return strlen(own) == len && memcmp(own, print, len) == 0;
}

static int take_line(struct vw_gate *g, const char *line, size_t len, unsigned number,
                     struct vw_error *err)
{
    const char *tab = memchr(line, '\t', len), *end = line + len;
    const char *second = tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
    const char *word = second ? known_word(tab + 1, (size_t)(second - tab - 1)) : NULL;
    if (!word)
        return vw_error_at(err, VW_ESYNTAX, number, 1,
                           "no fingerprint, opinion and readings with tabs between them");
    const char *readings = vw_arena_strndup(&g->arena, second + 1, (size_t)(end - second - 1));
    int rc = readings ? 0 : VW_ENOMEM;
    for (size_t i = 0; i < g->count && rc == 0; i++)
        if (is_of(g->list[i], line, (size_t)(tab - line)))
            rc = give(g, g->list[i], word, readings);
    return rc ? vw_error_nomem(err) : 0;
}

int vw_gate_opinions(struct vw_gate *g, const char *text, size_t len, struct vw_error *err)
{
    unsigned number = 0;
    int rc = 0;
    for (size_t i = 0; i < g->count && rc == 0; i++)
        rc = give(g, g->list[i], "unconfirmed", "it was not asked");
    if (rc)
        return vw_error_nomem(err);
    for (const char *at = text, *end = text + len; at < end && rc == 0;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        rc = take_line(g, at, (size_t)(stop - at), ++number, err);
        at = stop + 1;
    }
    return rc;
}
