// SPDX-License-Identifier: MIT
// Bodies of messages as values, errors and holes, for all roles.
#include <stdarg.h>
#include <stdio.h>

#include "session/internal.h"

int vw_body_decode(const struct vw_incoming *m, const struct vw_type *t, struct vw_event *ev,
                   struct vw_error *why)
{
    if (!t)
        return 0;
    return vw_xdr_decode(t, m->frame.body, m->frame.body_len, m->arena, &ev->value, &ev->value_len,
                         why);
}

int vw_body_error(struct vw_session *s, const struct vw_incoming *m, struct vw_event *ev,
                  struct vw_error *why)
{
    return vw_remote_error_decode(m->frame.body, m->frame.body_len, s->o.profile->string_max,
                                  m->arena, &ev->error, &ev->value_len, why);
}

bool vw_hole_decode(const struct vw_incoming *m, struct vw_event *ev)
{
    if (m->frame.body_len < 12)
        return false;
    ev->hole_length = (int64_t)vw_load64(m->frame.body);
    ev->hole_flags = vw_load32(m->frame.body + 8);
    return true;
}

const char *vw_body_refuse(struct vw_session *s, const struct vw_incoming *m, const char *clause,
                           const char *what, const struct vw_error *why)
{
    struct vw_finding f = vw_finding_of_error(why, NULL);
    f.clauses = clause;
    f.cause = NULL;
    f.found = vw_arena_printf(m->arena, "%s: %s", what, why->text);
    if (!f.found)
        return NULL;
    vw_session_violation_in(s, m, &f);
    return vw_why(m->arena, why, "%s", what);
}

const char *vw_why(struct vw_arena *arena, const struct vw_error *why, const char *fmt, ...)
{
    char start[160];
    char detail[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(start, sizeof(start), fmt, ap);
    va_end(ap);
    vw_error_format(why, NULL, detail, sizeof(detail));
    return vw_arena_printf(arena, "%s: %s", start, detail);
}
