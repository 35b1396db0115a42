// SPDX-License-Identifier: MIT
// Domains: lists, lookups, facts and state.
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-xml.h"

/* ---- lists ---- */

static enum vw_outcome list_ids(struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    uint32_t left = (uint32_t)vw_arg_int(c, 0);
    enum vw_outcome outcome = vw_call_check_count(c, vw_arg_int(c, 0), "ids");
    if (outcome != VW_DONE)
        return outcome;
    if (left > m->n_active)
        left = m->n_active;
    vw_out_uint(c->out, left);
    for (uint32_t i = 0; left > 0; i++) {
        if (!vw_domain_active(&m->domains[i]))
            continue;
        vw_out_int(c->out, m->domains[i].id);
        left--;
    }
    return VW_DONE;
}

static enum vw_outcome num_active(struct vw_call *c)
{
    vw_out_uint(c->out, c->conn->daemon->model.n_active);
    return VW_DONE;
}

static enum vw_outcome list_defined(struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    uint32_t left = (uint32_t)vw_arg_int(c, 0);
    enum vw_outcome outcome = vw_call_check_count(c, vw_arg_int(c, 0), "names");
    if (outcome != VW_DONE)
        return outcome;
    if (left > m->n_domains - m->n_active)
        left = m->n_domains - m->n_active;
    vw_out_uint(c->out, left);
    for (uint32_t i = 0; left > 0; i++) {
        if (vw_domain_active(&m->domains[i]))
            continue;
        vw_out_string(c->out, m->domains[i].name);
        left--;
    }
    return VW_DONE;
}

static enum vw_outcome num_defined(struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    vw_out_uint(c->out, m->n_domains - m->n_active);
    return VW_DONE;
}

/* virConnectListAllDomainsFlags: pairs of bits; a pair with one bit set chooses. */
enum {
    LIST_ACTIVE = 1 << 0,
    LIST_INACTIVE = 1 << 1,
    LIST_PERSISTENT = 1 << 2,
    LIST_TRANSIENT = 1 << 3,
    LIST_RUNNING = 1 << 4,
    LIST_PAUSED = 1 << 5,
    LIST_SHUTOFF = 1 << 6,
    LIST_OTHER = 1 << 7,
    LIST_MANAGED_SAVE = 1 << 8,
    LIST_NO_MANAGED_SAVE = 1 << 9,
    LIST_AUTOSTART = 1 << 10,
    LIST_NO_AUTOSTART = 1 << 11,
    LIST_SNAPSHOT = 1 << 12,
    LIST_NO_SNAPSHOT = 1 << 13,
    LIST_CHECKPOINT = 1 << 14,
    LIST_NO_CHECKPOINT = 1 << 15,
    LIST_KNOWN = (1 << 16) - 1
};

/* What each bit group says of a domain, so that a group of FLAGS is met if it shares a bit. */
static uint32_t list_bits(const struct vw_domain *d)
{
    uint32_t bits = LIST_NO_MANAGED_SAVE | LIST_NO_SNAPSHOT | LIST_NO_CHECKPOINT;
    bits |= vw_domain_active(d) ? LIST_ACTIVE : LIST_INACTIVE;
    bits |= d->persistent ? LIST_PERSISTENT : LIST_TRANSIENT;
    bits |= d->autostart ? LIST_AUTOSTART : LIST_NO_AUTOSTART;
    if (d->state == VW_DOMAIN_RUNNING)
        return bits | LIST_RUNNING;
    return bits | (d->state == VW_DOMAIN_PAUSED ? LIST_PAUSED : LIST_SHUTOFF);
}

static bool listed(const struct vw_domain *d, uint32_t flags)
{
    static const uint32_t groups[] = {
        LIST_ACTIVE | LIST_INACTIVE,
        LIST_PERSISTENT | LIST_TRANSIENT,
        LIST_RUNNING | LIST_PAUSED | LIST_SHUTOFF | LIST_OTHER,
        LIST_MANAGED_SAVE | LIST_NO_MANAGED_SAVE,
        LIST_AUTOSTART | LIST_NO_AUTOSTART,
        LIST_SNAPSHOT | LIST_NO_SNAPSHOT,
        LIST_CHECKPOINT | LIST_NO_CHECKPOINT,
    };
    uint32_t bits = list_bits(d);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if ((flags & groups[i]) && !(flags & groups[i] & bits))
            return false;
    }
    return true;
}

/* The count stands in front of a list whose length is known at its end. */
static void patch_count(struct vw_out *o, size_t at, uint32_t count)
{
    uint32_t wire = __builtin_bswap32(count);
    if (!o->failed)
        memcpy(o->buf.data + at, &wire, 4);
}

static enum vw_outcome list_all(struct vw_call *c)
{
    const struct vw_model *m = &c->conn->daemon->model;
    bool results = vw_arg_int(c, 0) != 0;
    uint32_t flags = (uint32_t)vw_arg_int(c, 1);
    enum vw_outcome outcome = vw_call_check_flags(c, flags, LIST_KNOWN);
    uint32_t count = 0;
    if (outcome != VW_DONE)
        return outcome;
    vw_out_uint(c->out, 0);
    for (uint32_t i = 0; i < m->n_domains; i++) {
        if (!listed(&m->domains[i], flags))
            continue;
        count++;
        if (results)
            vw_out_domain(c->out, &m->domains[i]);
    }
    if (results)
        patch_count(c->out, 0, count);
    vw_out_uint(c->out, count); /* C-12 */
    return VW_DONE;
}

/* ---- lookups ---- */

static enum vw_outcome found(struct vw_call *c, const struct vw_domain *d)
{
    if (!d)
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_TEST, "there is no such domain");
    vw_out_domain(c->out, d);
    return VW_DONE;
}

static enum vw_outcome lookup_by_id(struct vw_call *c)
{
    return found(c, vw_model_by_id(&c->conn->daemon->model, vw_arg_int(c, 0)));
}

static enum vw_outcome lookup_by_name(struct vw_call *c)
{
    return found(c, vw_model_by_name(&c->conn->daemon->model, vw_arg_string(c, 0)));
}

static enum vw_outcome lookup_by_uuid(struct vw_call *c)
{
    return found(c, vw_model_by_uuid(&c->conn->daemon->model, vw_arg(c, 0)));
}

/* ---- facts ---- */

static enum vw_outcome get_info(struct vw_call *c)
{
    const struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    vw_out_int(c->out, d->state);
    vw_out_uhyper(c->out, d->max_memory);
    vw_out_uhyper(c->out, d->memory);
    vw_out_uint(c->out, d->vcpus);
    vw_out_uhyper(c->out, vw_domain_cpu_time());
    return VW_DONE;
}

static enum vw_outcome get_state(struct vw_call *c)
{
    enum vw_outcome outcome = vw_call_check_flags(c, (uint32_t)vw_arg_int(c, 0), 0);
    const struct vw_domain *d = outcome == VW_DONE ? vw_call_domain(c) : NULL;
    if (!d)
        return VW_FAILED;
    vw_out_int(c->out, d->state);
    vw_out_int(c->out, d->reason);
    return VW_DONE;
}

/* virDomainXMLFlags: secure, inactive, update-cpu, migratable. */
#define XML_SECURE 1u
#define XML_KNOWN  15u

static enum vw_outcome get_xml(struct vw_call *c)
{
    uint32_t flags = (uint32_t)vw_arg_int(c, 0);
    enum vw_outcome outcome = vw_call_check_flags(c, flags, XML_KNOWN);
    const struct vw_domain *d = outcome == VW_DONE ? vw_call_domain(c) : NULL;
    if (!d)
        return VW_FAILED;
    if ((flags & XML_SECURE) && c->conn->read_only)
        return vw_call_fail(c, VW_ERR_OPERATION_DENIED, c->entry->read_only_domain,
                            "secrets are not for a read-only connection");
    if (vw_domain_xml(d, c->out) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the XML");
    return VW_DONE;
}

/* One int (or hyper) of a domain. */
#define DOMAIN_FACT(name, put, value)                                                              \
    static enum vw_outcome name(struct vw_call *c)                                                 \
    {                                                                                              \
        const struct vw_domain *d = vw_call_domain(c);                                             \
        if (!d)                                                                                    \
            return VW_FAILED;                                                                      \
        put(c->out, value);                                                                        \
        return VW_DONE;                                                                            \
    }
DOMAIN_FACT(get_max_vcpus, vw_out_int, d->vcpus)
DOMAIN_FACT(get_max_memory, vw_out_uhyper, d->max_memory)
DOMAIN_FACT(get_autostart, vw_out_int, d->autostart)
DOMAIN_FACT(is_active, vw_out_int, vw_domain_active(d))
DOMAIN_FACT(is_persistent, vw_out_int, d->persistent)
DOMAIN_FACT(get_os_type, vw_out_string, "linux")
DOMAIN_FACT(get_zero, vw_out_int, 0)

/* virDomainVcpuFlags: live, config, maximum, guest. */
#define VCPU_KNOWN 7u

static enum vw_outcome get_vcpus_flags(struct vw_call *c)
{
    enum vw_outcome outcome = vw_call_check_flags(c, (uint32_t)vw_arg_int(c, 0), VCPU_KNOWN);
    return outcome == VW_DONE ? get_max_vcpus(c) : outcome;
}

/* ---- changes ---- */

static enum vw_outcome set_autostart(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    d->autostart = vw_arg_int(c, 0) != 0;
    return VW_DONE;
}

static void change(struct vw_call *c, struct vw_domain *d, enum vw_domain_state state,
                   int32_t reason, enum vw_lifecycle what, int32_t detail)
{
    struct vw_model *m = &c->conn->daemon->model;
    if (vw_model_happened(m, d, what, detail) < 0)
        c->out->failed = true;
    else
        vw_model_set_state(m, d, state, reason);
}

static enum vw_outcome suspend(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_RUNNING)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain does not run");
    change(c, d, VW_DOMAIN_PAUSED, 1, VW_LIFECYCLE_SUSPENDED, 0);
    return VW_DONE;
}

static enum vw_outcome resume(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_PAUSED)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain is not paused");
    change(c, d, VW_DOMAIN_RUNNING, 5, VW_LIFECYCLE_RESUMED, 0);
    return VW_DONE;
}

static enum vw_outcome shutdown_domain(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_RUNNING)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain does not run");
    change(c, d, VW_DOMAIN_SHUTOFF, 1, VW_LIFECYCLE_STOPPED, 0);
    return VW_DONE;
}

static enum vw_outcome destroy(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    if (!vw_domain_active(d))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    change(c, d, VW_DOMAIN_SHUTOFF, 2, VW_LIFECYCLE_STOPPED, 1);
    return VW_DONE;
}

static enum vw_outcome reboot(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (!d)
        return VW_FAILED;
    if (!vw_domain_active(d))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    vw_model_set_state(&c->conn->daemon->model, d, VW_DOMAIN_RUNNING, 1);
    return VW_DONE;
}

static struct vw_domain *start(struct vw_call *c)
{
    struct vw_domain *d = vw_call_domain(c);
    if (d && vw_domain_active(d)) {
        vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain runs already");
        return NULL;
    }
    if (d)
        change(c, d, VW_DOMAIN_RUNNING, 1, VW_LIFECYCLE_STARTED, 0);
    return d;
}

static enum vw_outcome create(struct vw_call *c)
{
    return start(c) ? VW_DONE : VW_FAILED;
}

static enum vw_outcome create_with_flags(struct vw_call *c)
{
    enum vw_outcome outcome = vw_call_check_flags(c, (uint32_t)vw_arg_int(c, 0), 0);
    const struct vw_domain *d = outcome == VW_DONE ? start(c) : NULL;
    if (!d)
        return VW_FAILED;
    vw_out_domain(c->out, d);
    return VW_DONE;
}

/* ---- the picture ---- */

#define PICTURE_WIDTH  128
#define PICTURE_HEIGHT 87

/* A portable pixmap of two crossing shades, as a stream (S-1). */
static enum vw_outcome screenshot(struct vw_call *c)
{
    static const char head[] = "P6\n128 87\n255\n";
    struct vw_arena *arena = &c->conn->daemon->arena;
    const size_t size = sizeof(head) - 1 + (size_t)3 * PICTURE_WIDTH * PICTURE_HEIGHT;
    const struct vw_domain *d = vw_call_domain(c);
    uint8_t *data, *at;
    if (!d)
        return VW_FAILED;
    data = vw_arena_alloc(arena, size, 1);
    if (!data)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the picture");
    at = mempcpy(data, head, sizeof(head) - 1);
    for (unsigned y = 0; y < PICTURE_HEIGHT; y++) {
        for (unsigned x = 0; x < PICTURE_WIDTH; x++) {
            *at++ = (uint8_t)(x * 2);
            *at++ = (uint8_t)(y * 2);
            *at++ = (uint8_t)(x + y);
        }
    }
    c->stream = data;
    c->stream_len = size;
    vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "this serial has a stream already");
    vw_out_uint(c->out, 1); /* the MIME type is there */
    vw_out_string(c->out, "image/x-portable-pixmap");
    return VW_DONE;
}

#define WITH_FLAGS .args = {"flags"}

static const struct vw_handler handlers[] = {
    {.procedure = "connect_list_domains", .run = list_ids, .args = {"maxids"}},
    {.procedure = "connect_num_of_domains", .run = num_active},
    {.procedure = "connect_list_defined_domains", .run = list_defined, .args = {"maxnames"}},
    {.procedure = "connect_num_of_defined_domains", .run = num_defined},
    {.procedure = "connect_list_all_domains", .run = list_all, .args = {"need_results", "flags"}},
    {.procedure = "domain_lookup_by_id", .run = lookup_by_id, .args = {"id"}},
    {.procedure = "domain_lookup_by_name", .run = lookup_by_name, .args = {"name"}},
    {.procedure = "domain_lookup_by_uuid", .run = lookup_by_uuid, .args = {"uuid"}},
    {.procedure = "domain_get_info", .run = get_info},
    {.procedure = "domain_get_state", .run = get_state, WITH_FLAGS},
    {.procedure = "domain_get_xml_desc", .run = get_xml, WITH_FLAGS},
    {.procedure = "domain_get_max_vcpus", .run = get_max_vcpus},
    {.procedure = "domain_get_vcpus_flags", .run = get_vcpus_flags, WITH_FLAGS},
    {.procedure = "domain_get_max_memory", .run = get_max_memory},
    {.procedure = "domain_get_os_type", .run = get_os_type},
    {.procedure = "domain_get_autostart", .run = get_autostart},
    {.procedure = "domain_set_autostart", .run = set_autostart, .args = {"autostart"}},
    {.procedure = "domain_is_active", .run = is_active},
    {.procedure = "domain_is_persistent", .run = is_persistent},
    {.procedure = "domain_is_updated", .run = get_zero},
    {.procedure = "domain_has_managed_save_image", .run = get_zero, WITH_FLAGS},
    {.procedure = "domain_snapshot_num", .run = get_zero, WITH_FLAGS},
    {.procedure = "domain_has_current_snapshot", .run = get_zero, WITH_FLAGS},
    {.procedure = "domain_get_messages", .run = get_zero, WITH_FLAGS},
    {.procedure = "domain_screenshot", .run = screenshot},
    {.procedure = "domain_suspend", .run = suspend},
    {.procedure = "domain_resume", .run = resume},
    {.procedure = "domain_shutdown", .run = shutdown_domain},
    {.procedure = "domain_shutdown_flags", .run = shutdown_domain, WITH_FLAGS},
    {.procedure = "domain_reboot", .run = reboot, WITH_FLAGS},
    {.procedure = "domain_destroy", .run = destroy},
    {.procedure = "domain_destroy_flags", .run = destroy, WITH_FLAGS},
    {.procedure = "domain_create", .run = create},
    {.procedure = "domain_create_with_flags", .run = create_with_flags, WITH_FLAGS},
    {.procedure = NULL},
};

const struct vw_object_kind vw_object_kind_domain = {.name = "domain", .handlers = handlers};
