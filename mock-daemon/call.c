// SPDX-License-Identifier: MIT
// What handlers share: reading arguments, wording errors, checking flags and counts.
#include <stdarg.h>
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/dispatch.h"
#include "mock-daemon/model.h"

const uint64_t vw_arg_none[4];

const void *vw_arg(const struct vw_call *c, unsigned i)
{
    return vw_arg_in(c->event->value, c->entry->offset[i]);
}

int32_t vw_arg_int(const struct vw_call *c, unsigned i)
{
    int32_t v;
    memcpy(&v, vw_arg(c, i), sizeof(v));
    return v;
}

const char *vw_arg_string(const struct vw_call *c, unsigned i)
{
    const struct vw_string *s = vw_arg(c, i);
    return s->data ? s->data : "";
}

const char *vw_arg_optional_string(const struct vw_call *c, unsigned i)
{
    const struct vw_string *s;
    memcpy(&s, vw_arg(c, i), sizeof(s));
    if (!s)
        return NULL;
    return s->data ? s->data : "";
}

struct vw_domain *vw_call_domain(struct vw_call *c)
{
    const struct vw_daemon *daemon = c->conn->daemon;
    const struct vw_daemon_answers *a = &daemon->answers;
    const void *args = c->event->value;
    struct vw_domain *d;
    int32_t id;
    memcpy(&id, vw_arg_in(args, c->entry->domain[1]), sizeof(id));
    d = a->domain_by_id && id >= 0
            ? vw_model_by_id(&daemon->model, id)
            : vw_model_by_uuid(&daemon->model, vw_arg_in(args, c->entry->domain[0]));
    if (!d)
        vw_call_fail(c, a->domain_unknown.code, a->domain_unknown.domain,
                     "the domain is not known here");
    return d;
}

void vw_out_domain(struct vw_out *o, const struct vw_domain *d)
{
    vw_out_string(o, d->name);
    vw_out_fixed(o, d->uuid, 16);
    vw_out_int(o, d->id);
}

enum vw_outcome vw_call_fail(struct vw_call *c, int32_t code, int32_t domain, const char *text)
{
    vw_session_rpc_error(c->conn->session, code, domain, text, &c->error);
    return VW_FAILED;
}

enum vw_outcome vw_call_failf(struct vw_call *c, int32_t code, int32_t domain, const char *fmt, ...)
{
    struct vw_arena *arena = &c->conn->daemon->arena;
    va_list ap;
    char text[512];
    const char *copy;
    int n;
    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n >= (int)sizeof(text))
        n = (int)sizeof(text) - 1;
    copy = n < 0 ? NULL : vw_arena_strndup(arena, text, (size_t)n);
    return vw_call_fail(c, code, domain, copy ? copy : "no memory for the text");
}

enum vw_outcome vw_call_check_flags(struct vw_call *c, uint32_t flags, uint32_t known)
{
    if ((flags & ~known) == 0)
        return VW_DONE;
    return vw_call_failf(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "flags 0x%x are not known here",
                         flags & ~known);
}

static uint32_t bound_of(const struct vw_type *t, const char *field)
{
    for (uint32_t i = 0; t && i < t->n_fields; i++) {
        if (t->fields[i].name && strcmp(t->fields[i].name, field) == 0)
            return t->fields[i].type->max;
    }
    return 0;
}

enum vw_outcome vw_call_check_count(struct vw_call *c, int32_t wanted, const char *field)
{
    const struct vw_daemon_answers *a = &c->conn->daemon->answers;
    if (wanted < 0)
        return vw_call_fail(c, a->negative_count.code, a->negative_count.domain,
                            "a count must not be negative");
    if ((uint32_t)wanted > bound_of(c->event->proc->ret, field))
        return vw_call_fail(c, a->bad_arguments.code, a->bad_arguments.domain,
                            "a count is above the bound of its list");
    return VW_DONE;
}
