// SPDX-License-Identifier: MIT
#include "mock-daemon/rows.h"

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/heap.h"

/* Parts of structs by offset; the macros of rows.h have taken these from the structs themselves. */

static const void *in(const void *args, uint32_t offset)
{
    return (const uint8_t *)args + offset;
}

static int32_t int_in(const void *args, uint32_t offset)
{
    int32_t v;
    memcpy(&v, in(args, offset), sizeof(v));
    return v;
}

static void *out(void *ret, uint32_t offset)
{
    return (uint8_t *)ret + offset;
}

uint32_t vw_row_flags(const struct vw_row *row, const void *args)
{
    return row->flags ? (uint32_t)int_in(args, row->flags) : 0;
}

/* The object that the arguments name. */
static struct vw_object *object(struct vw_call *c, const void *args)
{
    return vw_call_object(c, in(args, c->entry->row->arg));
}

enum vw_outcome vw_row_accept(struct vw_call *c, const void *args, void *ret)
{
    return VW_DONE;
}

/* ---- look-ups ---- */

static enum vw_outcome found(struct vw_call *c, const struct vw_object *o, void *ret)
{
    const struct vw_object_kind *kind = vw_call_objects(c)->kind;
    if (!o)
        return vw_call_fail(c, kind->missing.code, kind->missing.domain, kind->missing_text);
    vw_refer(kind, o, out(ret, c->entry->row->ret));
    return VW_DONE;
}

enum vw_outcome vw_row_by_name(struct vw_call *c, const void *args, void *ret)
{
    const char *name = vw_text(in(args, c->entry->row->arg));
    return found(c, vw_objects_by_name(vw_call_objects(c), name), ret);
}

enum vw_outcome vw_row_by_uuid(struct vw_call *c, const void *args, void *ret)
{
    return found(c, vw_objects_by_uuid(vw_call_objects(c), in(args, c->entry->row->arg)), ret);
}

enum vw_outcome vw_row_by_id(struct vw_call *c, const void *args, void *ret)
{
    return found(c, vw_objects_by_id(vw_call_objects(c), int_in(args, c->entry->row->arg)), ret);
}

/* ---- lists ---- */

static bool hidden(const struct vw_objects *t, const struct vw_object *o)
{
    return o->veiled || (t->kind->hidden && t->kind->hidden(o));
}

static uint32_t count(const struct vw_objects *t, uint32_t which)
{
    uint32_t n = which == VW_ACTIVE ? t->active : t->count - t->active;
    for (uint32_t i = 0; (t->veiled || t->kind->hidden) && i < t->count; i++)
        n -= hidden(t, t->list[i]) && (t->list[i]->active != 0) == (which == VW_ACTIVE);
    return n;
}

enum vw_outcome vw_row_count(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    uint32_t n = count(vw_call_objects(c), row->which);
    memcpy(out(ret, row->ret), &n, sizeof(n));
    return VW_DONE;
}

enum vw_outcome vw_row_names(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    const struct vw_objects *t = vw_call_objects(c);
    int32_t wanted = int_in(args, row->arg);
    uint32_t n = count(t, row->which);
    struct vw_string *names;
    if (vw_call_check_count(c, wanted) != VW_DONE)
        return VW_FAILED;
    n = (uint32_t)wanted < n ? (uint32_t)wanted : n;
    names = vw_call_alloc(c, n * sizeof(*names));
    if (!names)
        return VW_FAILED;
    *(struct vw_list *)out(ret, row->ret) = (struct vw_list){names, n};
    for (uint32_t i = 0, at = 0; at < n; i++) {
        if ((t->list[i]->active != 0) == (row->which == VW_ACTIVE) && !hidden(t, t->list[i]))
            names[at++] = t->list[i]->name;
    }
    return VW_DONE;
}

/* What flags stand for an object. */
static uint32_t list_bits(const struct vw_object_kind *kind, const struct vw_object *o)
{
    if (kind->list_bits)
        return kind->list_bits(o);
    return (uint32_t)((o->active ? VW_LIST_ACTIVE : VW_LIST_INACTIVE) |
                      (o->persistent ? VW_LIST_PERSISTENT : VW_LIST_TRANSIENT) |
                      (o->autostart ? VW_LIST_AUTOSTART : VW_LIST_NO_AUTOSTART)) |
           kind->list_type;
}

bool vw_row_chosen(const struct vw_object_kind *kind, const struct vw_object *o, uint32_t flags)
{
    static const uint32_t most[] = {
        VW_LIST_INACTIVE | VW_LIST_ACTIVE, VW_LIST_PERSISTENT | VW_LIST_TRANSIENT,
        VW_LIST_AUTOSTART | VW_LIST_NO_AUTOSTART, ~(uint32_t)VW_LIST_KNOWN, 0};
    const uint32_t *group = kind->list_groups ? kind->list_groups : most;
    uint32_t bits = flags ? list_bits(kind, o) : 0;
    if (o->veiled)
        return false;
    for (; flags && *group; group++) {
        if ((flags & *group) && !(flags & *group & bits))
            return false;
    }
    return true;
}

enum vw_outcome vw_row_all(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    const struct vw_objects *t = vw_call_objects(c);
    uint32_t flags = vw_row_flags(row, args), n = 0, size = t->kind->reference.size;
    bool results = int_in(args, row->arg) != 0;
    uint8_t *list = NULL;
    if (results && !(list = vw_call_alloc(c, (size_t)t->count * size)))
        return VW_FAILED;
    for (uint32_t i = 0; i < t->count; i++) {
        if (hidden(t, t->list[i]) || !vw_row_chosen(t->kind, t->list[i], flags))
            continue;
        if (results)
            vw_refer(t->kind, t->list[i], list + (size_t)n * size);
        n++;
    }
    if (results && n > vw_call_list_bound(c)) /* L-7 */
        return vw_call_failf(c, VW_ERR_INTERNAL, VW_FROM_RPC,
                             "%u %ss are more than a list may hold", n, t->kind->name);
    if (results)
        *(struct vw_list *)out(ret, row->ret) = (struct vw_list){list, n};
    memcpy(out(ret, row->count), &n, sizeof(n)); /* C-12 */
    return VW_DONE;
}

/* ---- facts ---- */

enum vw_outcome vw_row_exists(struct vw_call *c, const void *args, void *ret)
{
    return object(c, args) ? VW_DONE : VW_FAILED;
}

enum vw_outcome vw_row_fact(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    const struct vw_object *o = object(c, args);
    if (!o)
        return VW_FAILED;
    memcpy(out(ret, row->ret), in(o, row->field), row->size);
    return VW_DONE;
}

/* VIR_DOMAIN_XML_SECURE and its like. */
#define XML_SECURE 1u

enum vw_outcome vw_call_check_secure(struct vw_call *c, uint32_t flags)
{
    if (!(flags & XML_SECURE) || !c->conn->read_only)
        return VW_DONE;
    return vw_call_fail(c, VW_ERR_OPERATION_DENIED, c->entry->read_only_domain,
                        "secrets are not for a read-only connection");
}

enum vw_outcome vw_row_xml(struct vw_call *c, const void *args, void *ret)
{
    const struct vw_row *row = c->entry->row;
    uint32_t flags = vw_row_flags(row, args);
    const struct vw_object *o = object(c, args);
    if (!o)
        return VW_FAILED;
    if (vw_call_check_secure(c, flags) != VW_DONE)
        return VW_FAILED;
    if (vw_call_objects(c)->kind->xml)
        return vw_call_objects(c)->kind->xml(c, o, out(ret, row->ret));
    memcpy(out(ret, row->ret), &o->xml, sizeof(o->xml));
    return VW_DONE;
}

/* ---- changes ---- */

enum vw_outcome vw_row_set_autostart(struct vw_call *c, const void *args, void *ret)
{
    struct vw_object *o = object(c, args);
    if (!o)
        return VW_FAILED;
    o->autostart = int_in(args, c->entry->row->count) != 0;
    return VW_DONE;
}

enum vw_outcome vw_call_tell(struct vw_call *c, const struct vw_happening *h)
{
    if (vw_model_happened(c->conn->model, h) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the event");
    return VW_DONE;
}

const void *vw_call_named_as(struct vw_call *c, const struct vw_object_kind *kind,
                             const struct vw_object *o)
{
    uint8_t *reference = vw_call_alloc(c, kind->reference.size);
    struct vw_string *name;
    char *copy = vw_call_alloc(c, o->name.len + 1);
    if (!reference || !copy)
        return NULL;
    memcpy(copy, o->name.data, o->name.len);
    vw_refer(kind, o, reference);
    name = (void *)(reference + kind->reference.name);
    *name = vw_string(copy);
    return reference;
}

enum vw_outcome vw_call_happened(struct vw_call *c, const struct vw_object *o, int32_t what,
                                 int32_t detail)
{
    return vw_call_tell(
        c, &(struct vw_happening){vw_call_objects(c)->kind, o, VW_EVENT_LIFECYCLE, what, detail});
}

void vw_call_remove(struct vw_call *c, struct vw_objects *t, struct vw_object *o)
{
    if (t->kind->leave)
        t->kind->leave(c, o);
    vw_objects_remove(t, o);
    vw_heap_lost(c->conn->daemon, o);
}

enum vw_outcome vw_call_move(struct vw_call *c, struct vw_objects *t, struct vw_object *o,
                             const struct vw_move *m)
{
    if (!(m->from & 1u << o->state))
        /* Where the test driver calls it a failure within, others say that it is not the time. */
        return vw_call_fail(c, c->conn->hosted ? ERR_OPERATION_INVALID : m->code, m->domain,
                            m->text);
    const struct vw_happening h = {t->kind, o, VW_EVENT_LIFECYCLE, m->event, m->detail};
    if (m->event && vw_call_tell(c, &h) != VW_DONE)
        return VW_FAILED;
    vw_objects_set_state(t, o, m->to, m->reason);
    if (!o->active && !o->persistent)
        vw_call_remove(c, t, o);
    return VW_DONE;
}

enum vw_outcome vw_row_move(struct vw_call *c, const void *args, void *ret)
{
    struct vw_object *o = object(c, args);
    return o ? vw_call_move(c, vw_call_objects(c), o, c->entry->row->move) : VW_FAILED;
}
