// SPDX-License-Identifier: MIT
// Domains: lists, look-ups, facts and state.
#include "mock-daemon/kinds/domain.h"

#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-xml.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/moment.h"
#include "mock-daemon/picture.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/transfer.h"

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < config->n_domains; i++)
        rc = vw_objects_add(t, &config->domains[i].o, NULL);
    return rc;
}

/* D-33 */
static struct vw_object *find(struct vw_call *c, const struct vw_objects *t, const void *named)
{
    const struct vw_daemon_answers *a = &c->conn->daemon->answers;
    const struct remote_nonnull_domain *dom = named;
    struct vw_object *o = a->domain_by_id && dom->id >= 0 ? vw_objects_by_id(t, dom->id)
                                                          : vw_objects_by_uuid(t, dom->uuid);
    if (!o)
        vw_call_fail(c, a->domain_unknown.code, a->domain_unknown.domain,
                     "the domain is not known here");
    return o;
}

/* ---- lists ---- */

enum vw_outcome vw_on_connect_list_domains(struct vw_call *c,
                                           const struct remote_connect_list_domains_args *args,
                                           struct remote_connect_list_domains_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    uint32_t count = (uint32_t)args->maxids < t->active ? (uint32_t)args->maxids : t->active;
    int32_t *ids;
    if (vw_call_check_count(c, args->maxids) != VW_DONE ||
        !(ids = vw_call_alloc(c, count * sizeof(*ids))))
        return VW_FAILED;
    ret->ids.items = ids;
    for (uint32_t i = 0; i < t->count && ret->ids.count < count; i++) {
        if (t->list[i]->active && !t->list[i]->veiled)
            ids[ret->ids.count++] = t->list[i]->id;
    }
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

static uint32_t list_bits(const struct vw_object *o)
{
    const struct vw_domain *d = (const struct vw_domain *)o;
    uint32_t bits = d->snapshots ? LIST_SNAPSHOT : LIST_NO_SNAPSHOT;
    bits |= d->saved ? LIST_MANAGED_SAVE : LIST_NO_MANAGED_SAVE;
    bits |= d->checkpoints ? LIST_CHECKPOINT : LIST_NO_CHECKPOINT;
    bits |= o->active ? LIST_ACTIVE : LIST_INACTIVE;
    bits |= o->persistent ? LIST_PERSISTENT : LIST_TRANSIENT;
    bits |= o->autostart ? LIST_AUTOSTART : LIST_NO_AUTOSTART;
    if (o->state == VW_DOMAIN_RUNNING)
        return bits | LIST_RUNNING;
    return bits | (o->state == VW_DOMAIN_PAUSED ? LIST_PAUSED : LIST_SHUTOFF);
}

static const uint32_t list_groups[] = {
    LIST_ACTIVE | LIST_INACTIVE,
    LIST_PERSISTENT | LIST_TRANSIENT,
    LIST_RUNNING | LIST_PAUSED | LIST_SHUTOFF | LIST_OTHER,
    LIST_MANAGED_SAVE | LIST_NO_MANAGED_SAVE,
    LIST_AUTOSTART | LIST_NO_AUTOSTART,
    LIST_SNAPSHOT | LIST_NO_SNAPSHOT,
    LIST_CHECKPOINT | LIST_NO_CHECKPOINT,
    0,
};

/* ---- facts ---- */

/* Nanoseconds of processor time, made up from the clock as the test driver does. */
static uint64_t cpu_time(const struct vw_call *c)
{
    return (uint64_t)vw_clock_ns(&c->conn->daemon->clock);
}

enum vw_outcome vw_on_domain_get_info(struct vw_call *c,
                                      const struct remote_domain_get_info_args *args,
                                      struct remote_domain_get_info_ret *ret)
{
    const struct vw_domain *d = vw_call_domain(c, &args->dom);
    if (!d)
        return VW_FAILED;
    ret->state = (uint8_t)d->o.state;
    ret->maxMem = d->facts.max_memory;
    ret->memory = d->facts.memory;
    ret->nrVirtCpu = (uint16_t)(d->facts.vcpus - d->facts.vcpus_off);
    ret->cpuTime = cpu_time(c);
    return VW_DONE;
}

/* Whoever runs has the one label that there is. */
enum vw_outcome
vw_on_domain_get_security_label(struct vw_call *c,
                                const struct remote_domain_get_security_label_args *args,
                                struct remote_domain_get_security_label_ret *ret)
{
    const struct vw_object *o = vw_call_object(c, &args->dom);
    if (!o)
        return VW_FAILED;
    ret->enforcing = o->id >= 0;
    ret->label = ret->enforcing ? VW_CHARACTERS("libvirt-test") : VW_CHARACTERS("");
    return VW_DONE;
}

/* There is no list of them: the test driver says -1, and no error. */
enum vw_outcome
vw_on_domain_get_security_label_list(struct vw_call *c,
                                     const struct remote_domain_get_security_label_list_args *args,
                                     struct remote_domain_get_security_label_list_ret *ret)
{
    if (!vw_call_domain(c, &args->dom))
        return VW_FAILED;
    ret->ret = c->conn->hosted ? 0 : -1;
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_state(struct vw_call *c,
                                       const struct remote_domain_get_state_args *args,
                                       struct remote_domain_get_state_ret *ret)
{
    const struct vw_object *o;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(o = vw_call_object(c, &args->dom)))
        return VW_FAILED;
    ret->state = o->state;
    ret->reason = o->reason;
    return VW_DONE;
}

/* The text with the id that a running one has. */
static enum vw_outcome text_with_id(struct vw_call *c, const struct vw_domain *d,
                                    struct vw_string *out)
{
    struct vw_string text;
    if (vw_domain_text(c, d, &text) != VW_DONE)
        return VW_FAILED;
    const int head = (int)strcspn(text.data, ">");
    const size_t size = (size_t)text.len + sizeof(" id='2147483647'");
    char *made = vw_call_alloc(c, size);
    if (!made)
        return VW_FAILED;
    snprintf(made, size, "%.*s id='%d'%s", head, text.data, d->o.id, text.data + head);
    *out = vw_string(made);
    return VW_DONE;
}

/* virDomainXMLFlags */
enum { XML_SECURE = 1, XML_INACTIVE = 2, XML_MIGRATABLE = 8 };

enum vw_outcome vw_on_domain_get_xml_desc(struct vw_call *c,
                                          const struct remote_domain_get_xml_desc_args *args,
                                          struct remote_domain_get_xml_desc_ret *ret)
{
    const struct vw_domain *d;
    if (vw_call_check_secure(c, args->flags) != VW_DONE ||
        vw_call_check_flags(c, args->flags, XML_SECURE | XML_INACTIVE | XML_MIGRATABLE) !=
            VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if (d->o.active && !(args->flags & XML_INACTIVE))
        return text_with_id(c, d, &ret->xml);
    return vw_doc_source(c, d, VW_AFFECT_CONFIG, &ret->xml);
}

/* Deprecation and tainting. */
#define MESSAGES_KNOWN 3u

/* What it was to be from the next start on it is now. */
static void stopped(struct vw_objects *t, struct vw_object *o)
{
    struct vw_domain *d = (struct vw_domain *)o;
    d->frozen = 0;
    vw_migration_drop(d->migration);
    if (!d->next)
        return;
    vw_objects_set_xml(t, o, d->next);
    d->facts = d->next_facts;
    d->next = NULL;
}

static void end(struct vw_object *o)
{
    struct vw_domain *d = (struct vw_domain *)o;
    free(d->next);
    free(d->saved);
    free(d->polling);
    free(d->last_job);
    vw_migration_drop(d->migration);
    d->last_job = NULL;
    d->next = d->saved = NULL;
    d->polling = NULL;
    d->n_polling = 0;
}

/* ---- polling ---- */

static struct vw_polling *polling_of(const struct vw_domain *d, uint32_t id)
{
    for (uint32_t i = 0; i < d->n_polling; i++) {
        if (d->polling[i].id == id)
            return &d->polling[i];
    }
    return NULL;
}

struct vw_polling vw_domain_polling(const struct vw_domain *d, uint32_t id)
{
    const struct vw_polling *found = polling_of(d, id);
    return found ? *found : (struct vw_polling){.id = id, .values = {[VW_POLL_MAX] = 32768}};
}

int vw_domain_set_polling(struct vw_domain *d, const struct vw_polling *is)
{
    struct vw_polling *found = polling_of(d, is->id);
    if (!found) {
        struct vw_polling *more = realloc(d->polling, (d->n_polling + 1) * sizeof(*more));
        if (!more)
            return VW_ENOMEM;
        d->polling = more;
        found = &more[d->n_polling++];
    }
    *found = *is;
    return 0;
}

struct vw_domain *vw_domain_running(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                    uint32_t flags, uint32_t known)
{
    struct vw_domain *d =
        vw_call_check_flags(c, flags, known) == VW_DONE ? vw_call_domain(c, dom) : NULL;
    if (d && !d->o.active)
        vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "the domain does not run");
    return d && d->o.active ? d : NULL;
}

/* ---- changes ---- */

#define RUNNING (1u << VW_DOMAIN_RUNNING)
#define PAUSED  (1u << VW_DOMAIN_PAUSED)
#define NOT_NOW .code = VW_ERR_INTERNAL, .domain = VW_FROM_TEST
#define INVALID .code = ERR_OPERATION_INVALID, .domain = VW_FROM_DOMAIN
#define IDLE    .text = "the domain does not run"
/* Ways to reboot; graceful. */
#define REBOOT_KNOWN  0x1fu
#define DESTROY_KNOWN 1u

static const struct vw_move suspend = {
    RUNNING, VW_DOMAIN_PAUSED, 1, VW_LIFECYCLE_SUSPENDED, NOT_NOW, IDLE};
static const struct vw_move resume = {PAUSED,  VW_DOMAIN_RUNNING,
                                      5,       VW_LIFECYCLE_RESUMED,
                                      NOT_NOW, .text = "the domain is not paused"};
static const struct vw_move stop = {RUNNING, VW_DOMAIN_SHUTOFF, 1, VW_LIFECYCLE_STOPPED, NOT_NOW,
                                    IDLE};
static const struct vw_move destroy = {
    RUNNING | PAUSED, VW_DOMAIN_SHUTOFF, 2, VW_LIFECYCLE_STOPPED, .detail = 1, INVALID, IDLE};
static const struct vw_move reboot = {RUNNING | PAUSED, VW_DOMAIN_RUNNING, 1, INVALID, IDLE};
static enum vw_outcome start(struct vw_call *c, const struct remote_nonnull_domain *dom,
                             uint32_t flags, struct remote_nonnull_domain *out)
{
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || !(d = vw_call_domain(c, dom)) ||
        vw_domain_start(c, d, VW_DOMAIN_RUNNING, 1, 0) != VW_DONE)
        return VW_FAILED;
    if (out)
        vw_refer(&vw_object_kind_domain, &d->o, out);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_create(struct vw_call *c, const struct remote_domain_create_args *args)
{
    return start(c, &args->dom, 0, NULL);
}

enum vw_outcome
vw_on_domain_create_with_flags(struct vw_call *c,
                               const struct remote_domain_create_with_flags_args *args,
                               struct remote_domain_create_with_flags_ret *ret)
{
    return start(c, &args->dom, args->flags, &ret->dom);
}

/* What they are for is nothing that could be seen. */
enum vw_outcome
vw_on_domain_create_with_files(struct vw_call *c,
                               const struct remote_domain_create_with_files_args *args,
                               struct remote_domain_create_with_files_ret *ret)
{
    return start(c, &args->dom, args->flags, &ret->dom);
}

/* Its snapshots and checkpoints go with it. */
static void leave(struct vw_call *c, struct vw_object *o)
{
    struct vw_domain *d = (struct vw_domain *)o;
    vw_moment_delete_all(c, &vw_snapshots, d);
    vw_moment_delete_all(c, &vw_checkpoints, d);
}

/* ---- the picture ---- */

enum vw_outcome vw_on_domain_screenshot(struct vw_call *c,
                                        const struct remote_domain_screenshot_args *args,
                                        struct remote_domain_screenshot_ret *ret)
{
    static char type[] = "image/png";
    static struct vw_string mime = {.data = type, .len = sizeof(type) - 1};
    const uint8_t *data;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !vw_call_object(c, &args->dom))
        return VW_FAILED;
    size_t size = vw_picture(&data);
    ret->mime = &mime;
    return vw_transfer_give(c, data, size);
}

#define FACT(proc, result, field) VW_FACT(proc, dom, result, struct vw_domain, field)

static const struct vw_row rows[] = {
    VW_CALL(connect_list_domains),
    VW_COUNT(connect_num_of_domains, VW_ACTIVE),
    VW_NAMES(connect_list_defined_domains, VW_INACTIVE),
    VW_COUNT(connect_num_of_defined_domains, VW_INACTIVE),
    VW_ALL(connect_list_all_domains, domains, LIST_KNOWN),
    VW_BY_ID(domain_lookup_by_id, dom),
    VW_BY_NAME(domain_lookup_by_name, dom),
    VW_BY_UUID(domain_lookup_by_uuid, dom),
    VW_CALL(domain_get_info),
    VW_CALL(domain_get_state),
    VW_CALL(domain_get_security_label),
    VW_CALL(domain_get_security_label_list),
    VW_CALL(domain_get_xml_desc),
    FACT(domain_get_max_vcpus, num, facts.vcpus),
    FACT(domain_get_max_memory, memory, facts.max_memory),
    FACT(domain_get_os_type, type, os_type),
    FACT(domain_get_autostart, autostart, o.autostart),
    VW_SET_AUTOSTART(domain_set_autostart, dom),
    FACT(domain_is_active, active, o.active),
    FACT(domain_is_persistent, persistent, o.persistent),
    VW_EXISTS(domain_is_updated, dom),
    VW_EXISTS_FLAGS(domain_get_messages, dom, MESSAGES_KNOWN),
    VW_CALL(domain_screenshot),
    VW_MOVE(domain_suspend, dom, &suspend),
    VW_MOVE(domain_resume, dom, &resume),
    VW_MOVE(domain_shutdown, dom, &stop),
    VW_MOVE_FLAGS(domain_shutdown_flags, dom, &stop, 0),
    VW_MOVE_FLAGS(domain_reboot, dom, &reboot, REBOOT_KNOWN),
    VW_MOVE(domain_destroy, dom, &destroy),
    VW_MOVE_FLAGS(domain_destroy_flags, dom, &destroy, DESTROY_KNOWN),
    VW_CALL(domain_create),
    VW_CALL(domain_create_with_flags),
    VW_CALL(domain_create_with_files),
    {NULL},
};

#define OWN(m) VW_OWN(struct vw_domain, m)
static const struct vw_own owns[] = {
    OWN(facts.memory),
    OWN(facts.vcpus_off),
    OWN(next),
    OWN(next_facts.max_memory),
    OWN(next_facts.memory),
    OWN(next_facts.vcpus),
    OWN(next_facts.vcpus_off),
    OWN(saved),
    VW_OWN_AS(struct vw_domain, snapshot, VW_FORM_OBJECT),
    VW_OWN_AS(struct vw_domain, checkpoint, VW_FORM_OBJECT),
    OWN(snapshots),
    OWN(checkpoints),
    VW_OWN_LIST(struct vw_domain, polling, n_polling),
    OWN(frozen),
    OWN(max_speed),
    OWN(max_downtime),
    VW_OWN_AS(struct vw_domain, migration, VW_FORM_FORGOTTEN),
    VW_OWN_AS(struct vw_domain, last_job, VW_FORM_FORGOTTEN),
    {NULL},
};

const struct vw_object_kind vw_object_kind_domain = {
    .name = "domain",
    .rows = rows,
    .size = sizeof(struct vw_domain),
    .owns = owns,
    .reference = {sizeof(struct remote_nonnull_domain),
                  offsetof(struct remote_nonnull_domain, name),
                  offsetof(struct remote_nonnull_domain, uuid),
                  offsetof(struct remote_nonnull_domain, id), true},
    .missing = {VW_ERR_NO_DOMAIN, VW_FROM_TEST},
    .missing_text = "there is no such domain",
    .has_ids = true,
    .inactive = VW_DOMAIN_SHUTOFF,
    .begin = begin,
    .find = find,
    .end = end,
    .leave = leave,
    .stopped = stopped,
    .list_bits = list_bits,
    .list_groups = list_groups,
    .events = vw_domain_events,
};
