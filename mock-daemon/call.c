// SPDX-License-Identifier: MIT
// What handlers share: objects, memory, errors, checking flags and counts.
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/dispatch.h"
#include "mock-daemon/kinds/domain.h"

const struct remote_nonnull_domain *vw_call_named_domain(const struct vw_call *c)
{
    return c->entry->domain == UINT32_MAX
               ? NULL
               : (const void *)((const uint8_t *)c->event->value + c->entry->domain);
}

struct vw_objects *vw_call_objects(const struct vw_call *c)
{
    return &c->conn->model->objects[c->entry->kind];
}

static struct vw_object *find(struct vw_call *c, const struct vw_objects *t, const void *named)
{
    const struct vw_object_kind *kind = t->kind;
    struct vw_object *o;
    if (kind->find)
        return kind->find(c, t, named);
    o = kind->reference.has_uuid
            ? vw_objects_by_uuid(t, (const uint8_t *)named + kind->reference.uuid)
            : vw_objects_by_name(
                  t, vw_text((const void *)((const uint8_t *)named + kind->reference.name)));
    if (!o)
        vw_call_fail(c, kind->missing.code, kind->missing.domain, kind->missing_text);
    return o;
}

struct vw_object *vw_call_object(struct vw_call *c, const void *named)
{
    return find(c, vw_call_objects(c), named);
}

struct vw_object *vw_call_object_of(struct vw_call *c, const struct vw_object_kind *kind,
                                    const void *named)
{
    return find(c, vw_model_objects(c->conn->model, kind), named);
}

struct vw_domain *vw_call_domain(struct vw_call *c, const struct remote_nonnull_domain *named)
{
    return (struct vw_domain *)vw_call_object_of(c, &vw_object_kind_domain, named);
}

void *vw_call_alloc(struct vw_call *c, size_t size)
{
    void *p = vw_arena_zalloc(&c->conn->daemon->arena, size, _Alignof(max_align_t));
    if (!p)
        vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "no memory for the result");
    return p;
}

void vw_refer(const struct vw_object_kind *kind, const struct vw_object *o, void *to)
{
    const struct vw_reference *r = &kind->reference;
    if (kind->refer) {
        kind->refer(o, to);
        return;
    }
    memcpy((uint8_t *)to + r->name, &o->name, sizeof(o->name));
    if (r->has_uuid)
        memcpy((uint8_t *)to + r->uuid, o->uuid, sizeof(o->uuid));
    if (r->id)
        memcpy((uint8_t *)to + r->id, &o->id, sizeof(o->id));
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
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    return vw_call_failf(c, VW_ERR_INVALID_ARG, kind->hosted ? kind->missing.domain : VW_FROM_TEST,
                         "flags 0x%x are not known here", flags & ~known);
}

uint64_t vw_call_lib_version(const struct vw_call *c)
{
    const char *name = vw_profile_release(c->conn->daemon->profile);
    char *end = NULL;
    uint64_t version = 0;
    for (uint64_t unit = 1000000; unit > 0; unit /= 1000) {
        version += strtoul(name, &end, 10) % 1000 * unit;
        name = *end == '.' ? end + 1 : end;
    }
    return version;
}

uint32_t vw_call_list_bound(const struct vw_call *c)
{
    const struct vw_type *t = c->event->proc->ret;
    for (uint32_t i = 0; t && i < t->n_fields; i++) {
        if (t->fields[i].type->kind == VW_ARRAY)
            return t->fields[i].type->max;
    }
    return 0;
}

enum vw_outcome vw_call_check_count(struct vw_call *c, int32_t wanted)
{
    const struct vw_daemon_answers *a = &c->conn->daemon->answers;
    if (wanted < 0)
        return vw_call_fail(c, a->negative_count.code, a->negative_count.domain,
                            "a count must not be negative");
    if ((uint32_t)wanted > vw_call_list_bound(c))
        return vw_call_fail(c, a->bad_arguments.code, a->bad_arguments.domain,
                            "a count is above the bound of its list");
    return VW_DONE;
}
