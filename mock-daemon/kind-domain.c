// SPDX-License-Identifier: MIT
// Domains: lists, lookups, facts and state.
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-xml.h"

/* ---- lists ---- */

enum vw_outcome vw_on_connect_list_domains(struct vw_call *c,
                                           const struct remote_connect_list_domains_args *args,
                                           struct remote_connect_list_domains_ret *ret)
{
    const struct vw_model *m = &c->conn->daemon->model;
    uint32_t count = (uint32_t)args->maxids < m->n_active ? (uint32_t)args->maxids : m->n_active;
    int32_t *ids;
    if (vw_call_check_count(c, args->maxids) != VW_DONE ||
        !(ids = vw_call_alloc(c, count * sizeof(*ids))))
        return VW_FAILED;
    ret->ids = (struct vw_list){ids, count};
    for (uint32_t i = 0, at = 0; at < count; i++) {
        if (vw_domain_active(&m->domains[i]))
            ids[at++] = m->domains[i].id;
    }
    return VW_DONE;
}

enum vw_outcome vw_on_connect_num_of_domains(struct vw_call *c,
                                             struct remote_connect_num_of_domains_ret *ret)
{
    ret->num = (int32_t)c->conn->daemon->model.n_active;
    return VW_DONE;
}

enum vw_outcome
vw_on_connect_list_defined_domains(struct vw_call *c,
                                   const struct remote_connect_list_defined_domains_args *args,
                                   struct remote_connect_list_defined_domains_ret *ret)
{
    const struct vw_model *m = &c->conn->daemon->model;
    uint32_t count = m->n_domains - m->n_active;
    struct vw_string *names;
    if (vw_call_check_count(c, args->maxnames) != VW_DONE)
        return VW_FAILED;
    count = (uint32_t)args->maxnames < count ? (uint32_t)args->maxnames : count;
    names = vw_call_alloc(c, count * sizeof(*names));
    if (!names)
        return VW_FAILED;
    ret->names = (struct vw_list){names, count};
    for (uint32_t i = 0, at = 0; at < count; i++) {
        if (!vw_domain_active(&m->domains[i]))
            names[at++] = vw_string(m->domains[i].name);
    }
    return VW_DONE;
}

enum vw_outcome
vw_on_connect_num_of_defined_domains(struct vw_call *c,
                                     struct remote_connect_num_of_defined_domains_ret *ret)
{
    const struct vw_model *m = &c->conn->daemon->model;
    ret->num = (int32_t)(m->n_domains - m->n_active);
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

enum vw_outcome
vw_on_connect_list_all_domains(struct vw_call *c,
                               const struct remote_connect_list_all_domains_args *args,
                               struct remote_connect_list_all_domains_ret *ret)
{
    const struct vw_model *m = &c->conn->daemon->model;
    struct remote_nonnull_domain *list = NULL;
    if (vw_call_check_flags(c, args->flags, LIST_KNOWN) != VW_DONE ||
        (args->need_results && !(list = vw_call_alloc(c, m->n_domains * sizeof(*list)))))
        return VW_FAILED;
    for (uint32_t i = 0; i < m->n_domains; i++) {
        if (!listed(&m->domains[i], args->flags))
            continue;
        if (list)
            vw_refer_domain(&m->domains[i], &list[ret->ret]);
        ret->ret++;
    }
    if (list)
        ret->domains = (struct vw_list){list, ret->ret}; /* C-12 */
    return VW_DONE;
}

/* ---- lookups ---- */

static enum vw_outcome found(struct vw_call *c, const struct vw_domain *d,
                             struct remote_nonnull_domain *ret)
{
    if (!d)
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_TEST, "there is no such domain");
    vw_refer_domain(d, ret);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_lookup_by_id(struct vw_call *c,
                                          const struct remote_domain_lookup_by_id_args *args,
                                          struct remote_domain_lookup_by_id_ret *ret)
{
    return found(c, vw_model_by_id(&c->conn->daemon->model, args->id), &ret->dom);
}

enum vw_outcome vw_on_domain_lookup_by_name(struct vw_call *c,
                                            const struct remote_domain_lookup_by_name_args *args,
                                            struct remote_domain_lookup_by_name_ret *ret)
{
    return found(c, vw_model_by_name(&c->conn->daemon->model, vw_text(&args->name)), &ret->dom);
}

enum vw_outcome vw_on_domain_lookup_by_uuid(struct vw_call *c,
                                            const struct remote_domain_lookup_by_uuid_args *args,
                                            struct remote_domain_lookup_by_uuid_ret *ret)
{
    return found(c, vw_model_by_uuid(&c->conn->daemon->model, args->uuid), &ret->dom);
}

/* ---- facts ---- */

enum vw_outcome vw_on_domain_get_info(struct vw_call *c,
                                      const struct remote_domain_get_info_args *args,
                                      struct remote_domain_get_info_ret *ret)
{
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    ret->state = (uint8_t)d->state;
    ret->maxMem = d->max_memory;
    ret->memory = d->memory;
    ret->nrVirtCpu = d->vcpus;
    ret->cpuTime = vw_domain_cpu_time();
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_state(struct vw_call *c,
                                       const struct remote_domain_get_state_args *args,
                                       struct remote_domain_get_state_ret *ret)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    ret->state = d->state;
    ret->reason = d->reason;
    return VW_DONE;
}

/* virDomainXMLFlags: secure, inactive, update-cpu, migratable. */
#define XML_SECURE 1u
#define XML_KNOWN  15u

enum vw_outcome vw_on_domain_get_xml_desc(struct vw_call *c,
                                          const struct remote_domain_get_xml_desc_args *args,
                                          struct remote_domain_get_xml_desc_ret *ret)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, XML_KNOWN) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if ((args->flags & XML_SECURE) && c->conn->read_only)
        return vw_call_fail(c, VW_ERR_OPERATION_DENIED, c->entry->read_only_domain,
                            "secrets are not for a read-only connection");
    return vw_domain_xml(c, d, &ret->xml);
}

/* One fact of a domain. */
#define DOMAIN_FACT(proc, field, value)                                                            \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args,       \
                                 struct remote_##proc##_ret *ret)                                  \
    {                                                                                              \
        const struct vw_domain *d = vw_call_domain(c, &args->dom);                                 \
        if (!d)                                                                                    \
            return VW_FAILED;                                                                      \
        ret->field = value;                                                                        \
        return VW_DONE;                                                                            \
    }
DOMAIN_FACT(domain_get_max_vcpus, num, d->vcpus)
DOMAIN_FACT(domain_get_max_memory, memory, d->max_memory)
DOMAIN_FACT(domain_get_autostart, autostart, d->autostart)
DOMAIN_FACT(domain_is_active, active, vw_domain_active(d))
DOMAIN_FACT(domain_is_persistent, persistent, d->persistent)
DOMAIN_FACT(domain_get_os_type, type, vw_string("linux"))
DOMAIN_FACT(domain_is_updated, updated, 0)
DOMAIN_FACT(domain_has_managed_save_image, result, 0)
DOMAIN_FACT(domain_snapshot_num, num, 0)
DOMAIN_FACT(domain_has_current_snapshot, result, 0)
DOMAIN_FACT(domain_get_messages, msgs.count, 0)

/* virDomainVcpuFlags: live, config, maximum, guest. */
#define VCPU_KNOWN 7u

enum vw_outcome vw_on_domain_get_vcpus_flags(struct vw_call *c,
                                             const struct remote_domain_get_vcpus_flags_args *args,
                                             struct remote_domain_get_vcpus_flags_ret *ret)
{
    const struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, VCPU_KNOWN) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    ret->num = d->vcpus;
    return VW_DONE;
}

/* ---- changes ---- */

enum vw_outcome vw_on_domain_set_autostart(struct vw_call *c,
                                           const struct remote_domain_set_autostart_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    d->autostart = args->autostart != 0;
    return VW_DONE;
}

static enum vw_outcome change(struct vw_call *c, struct vw_domain *d, enum vw_domain_state state,
                              int32_t reason, enum vw_lifecycle what, int32_t detail)
{
    struct vw_model *m = &c->conn->daemon->model;
    if (vw_model_happened(m, d, what, detail) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the event");
    vw_model_set_state(m, d, state, reason);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_suspend(struct vw_call *c,
                                     const struct remote_domain_suspend_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_RUNNING)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain does not run");
    return change(c, d, VW_DOMAIN_PAUSED, 1, VW_LIFECYCLE_SUSPENDED, 0);
}

enum vw_outcome vw_on_domain_resume(struct vw_call *c, const struct remote_domain_resume_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_PAUSED)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain is not paused");
    return change(c, d, VW_DOMAIN_RUNNING, 5, VW_LIFECYCLE_RESUMED, 0);
}

static enum vw_outcome stop(struct vw_call *c, const struct remote_nonnull_domain *dom)
{
    struct vw_domain *d = vw_call_domain(c, dom);
    if (!d)
        return VW_FAILED;
    if (d->state != VW_DOMAIN_RUNNING)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain does not run");
    return change(c, d, VW_DOMAIN_SHUTOFF, 1, VW_LIFECYCLE_STOPPED, 0);
}

enum vw_outcome vw_on_domain_shutdown(struct vw_call *c,
                                      const struct remote_domain_shutdown_args *args)
{
    return stop(c, &args->dom);
}

enum vw_outcome vw_on_domain_shutdown_flags(struct vw_call *c,
                                            const struct remote_domain_shutdown_flags_args *args)
{
    return stop(c, &args->dom);
}

static enum vw_outcome destroy(struct vw_call *c, const struct remote_nonnull_domain *dom)
{
    struct vw_domain *d = vw_call_domain(c, dom);
    if (!d)
        return VW_FAILED;
    if (!vw_domain_active(d))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    return change(c, d, VW_DOMAIN_SHUTOFF, 2, VW_LIFECYCLE_STOPPED, 1);
}

enum vw_outcome vw_on_domain_destroy(struct vw_call *c,
                                     const struct remote_domain_destroy_args *args)
{
    return destroy(c, &args->dom);
}

enum vw_outcome vw_on_domain_destroy_flags(struct vw_call *c,
                                           const struct remote_domain_destroy_flags_args *args)
{
    return destroy(c, &args->dom);
}

enum vw_outcome vw_on_domain_reboot(struct vw_call *c, const struct remote_domain_reboot_args *args)
{
    struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    if (!vw_domain_active(d))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    vw_model_set_state(&c->conn->daemon->model, d, VW_DOMAIN_RUNNING, 1);
    return VW_DONE;
}

static enum vw_outcome start(struct vw_call *c, struct vw_domain *d)
{
    if (!d)
        return VW_FAILED;
    if (vw_domain_active(d))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the domain runs already");
    return change(c, d, VW_DOMAIN_RUNNING, 1, VW_LIFECYCLE_STARTED, 0);
}

enum vw_outcome vw_on_domain_create(struct vw_call *c, const struct remote_domain_create_args *args)
{
    return start(c, vw_call_domain(c, &args->dom));
}

enum vw_outcome
vw_on_domain_create_with_flags(struct vw_call *c,
                               const struct remote_domain_create_with_flags_args *args,
                               struct remote_domain_create_with_flags_ret *ret)
{
    struct vw_domain *d = NULL;
    if (vw_call_check_flags(c, args->flags, 0) == VW_DONE)
        d = vw_call_domain(c, &args->dom);
    if (start(c, d) != VW_DONE)
        return VW_FAILED;
    vw_refer_domain(d, &ret->dom);
    return VW_DONE;
}

/* ---- the picture ---- */

#define PICTURE_WIDTH  128
#define PICTURE_HEIGHT 87

/* A portable pixmap of two crossing shades, as a stream (S-1). */
enum vw_outcome vw_on_domain_screenshot(struct vw_call *c,
                                        const struct remote_domain_screenshot_args *args,
                                        struct remote_domain_screenshot_ret *ret)
{
    static char type[] = "image/x-portable-pixmap";
    static struct vw_string mime = {.data = type, .len = sizeof(type) - 1};
    static const char head[] = "P6\n128 87\n255\n";
    struct vw_arena *arena = &c->conn->daemon->arena;
    const size_t size = sizeof(head) - 1 + (size_t)3 * PICTURE_WIDTH * PICTURE_HEIGHT;
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
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
    ret->mime = &mime;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(connect_list_domains),
    VW_CALL(connect_num_of_domains),
    VW_CALL(connect_list_defined_domains),
    VW_CALL(connect_num_of_defined_domains),
    VW_CALL(connect_list_all_domains),
    VW_CALL(domain_lookup_by_id),
    VW_CALL(domain_lookup_by_name),
    VW_CALL(domain_lookup_by_uuid),
    VW_CALL(domain_get_info),
    VW_CALL(domain_get_state),
    VW_CALL(domain_get_xml_desc),
    VW_CALL(domain_get_max_vcpus),
    VW_CALL(domain_get_vcpus_flags),
    VW_CALL(domain_get_max_memory),
    VW_CALL(domain_get_os_type),
    VW_CALL(domain_get_autostart),
    VW_CALL(domain_set_autostart),
    VW_CALL(domain_is_active),
    VW_CALL(domain_is_persistent),
    VW_CALL(domain_is_updated),
    VW_CALL(domain_has_managed_save_image),
    VW_CALL(domain_snapshot_num),
    VW_CALL(domain_has_current_snapshot),
    VW_CALL(domain_get_messages),
    VW_CALL(domain_screenshot),
    VW_CALL(domain_suspend),
    VW_CALL(domain_resume),
    VW_CALL(domain_shutdown),
    VW_CALL(domain_shutdown_flags),
    VW_CALL(domain_reboot),
    VW_CALL(domain_destroy),
    VW_CALL(domain_destroy_flags),
    VW_CALL(domain_create),
    VW_CALL(domain_create_with_flags),
    {NULL},
};

const struct vw_object_kind vw_object_kind_domain = {.name = "domain", .rows = rows};
