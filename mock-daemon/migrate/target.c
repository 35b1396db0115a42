// SPDX-License-Identifier: MIT
// The phases of a migration where the domain arrives: prepare and finish. Between them it is there,
// and stands still.
#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-form.h"
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/xml.h"

/* virDomainEventStartedDetailType and its like, and reasons of states. */
enum { STARTED_MIGRATED = 1, RESUMED_MIGRATED = 1, STOPPED_FAILED = 5 };
enum { PAUSED_USER = 1, PAUSED_MIGRATION = 2, RUNNING_MIGRATED = 2, SHUTOFF_FAILED = 6 };

/* virErrorNumber: it was cancelled as was asked for; libvirt's clients tell the reason then. */
enum { ERR_MIGRATE_FINISH_OK = 93 };

/* Where hypervisors listen for what arrives: one port each. */
enum { FIRST_PORT = 49152, PORTS = 64 };

/* What is called so that a client has not named yet. */
#define UNNAMED ""

static struct vw_objects *domains(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_domain);
}

static enum vw_outcome no_memory(struct vw_call *c)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no memory for the domain");
}

static enum vw_outcome move(struct vw_call *c, struct vw_domain *d, int32_t to, int32_t reason,
                            int32_t event, int32_t detail)
{
    const struct vw_move m = {~0u, to, reason, event, .detail = detail};
    return vw_call_move(c, domains(c), &d->o, &m);
}

/* Reads TEXT into LIKE, with the name that it is to have here. */
static enum vw_outcome read_as(struct vw_call *c, const char *text, const char *name,
                               struct vw_domain *like)
{
    struct vw_string xml = vw_string(text ? text : "");
    struct vw_doc doc;
    if (name) {
        if (vw_doc_open_text(&doc, c, &xml) != VW_DONE)
            return VW_FAILED;
        vw_doc_set(&doc, doc.root, "name", name);
        const enum vw_outcome outcome = vw_doc_text(&doc, doc.root, &xml);
        vw_doc_close(&doc);
        if (outcome != VW_DONE)
            return VW_FAILED;
    }
    return vw_domain_read(c, &xml, like);
}

/* ---- prepare ---- */

static struct vw_string *listening(struct vw_call *c)
{
    const char *host = c->conn->model->hostname;
    const size_t size = strlen(host) + sizeof("tcp::65535");
    struct vw_string *uri = vw_call_alloc(c, sizeof(*uri));
    char *text = vw_call_alloc(c, size);
    if (!uri || !text)
        return NULL;
    snprintf(text, size, "tcp:%s:%u", host, FIRST_PORT + vw_migrations_count(c, true) % PORTS);
    *uri = vw_string(text);
    return uri;
}

static enum vw_outcome check(struct vw_call *c, const struct vw_wish *w,
                             const struct vw_domain *like)
{
    struct vw_cookie cookie;
    if (vw_cookie_read(c, &w->cookie, &cookie) != VW_DONE)
        return VW_FAILED;
    if (cookie.name && memcmp(cookie.uuid, like->o.uuid, sizeof(cookie.uuid)) != 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU,
                            "the cookie is of another domain than the XML");
    if (vw_migration_arriving(c, like->o.name.data))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_QEMU,
                            "such a domain is about to arrive");
    return VW_DONE;
}

/* One that does not run comes when all is over; till then its XML is kept. */
static struct vw_migration *arrive_idle(struct vw_call *c, const struct vw_domain *like,
                                        const struct vw_wish *w)
{
    struct vw_domain *d;
    if (vw_domain_find_same(c, like, &d) != VW_DONE)
        return NULL;
    struct vw_migration *m = vw_migration_add(c, NULL, VW_MIGRATION_ARRIVES, w->flags);
    if (!m)
        return NULL;
    m->name = strdup(like->o.name.data);
    m->xml = strdup(like->o.xml.data);
    if (m->name && m->xml)
        return m;
    vw_migration_drop(m);
    no_memory(c);
    return NULL;
}

static struct vw_migration *arrive(struct vw_call *c, const struct vw_domain *like,
                                   const struct vw_wish *w)
{
    struct vw_domain *d;
    if (w->flags & VW_MIGRATE_OFFLINE)
        return arrive_idle(c, like, w);
    if (vw_domain_install(c, like, true, &d) != VW_DONE ||
        vw_domain_start(c, d, VW_DOMAIN_PAUSED, PAUSED_MIGRATION, STARTED_MIGRATED) != VW_DONE)
        return NULL;
    struct vw_migration *m = vw_migration_add(c, d, VW_MIGRATION_ARRIVES, w->flags);
    if (!m)
        move(c, d, VW_DOMAIN_SHUTOFF, SHUTOFF_FAILED, VW_LIFECYCLE_STOPPED, STOPPED_FAILED);
    return m;
}

enum vw_outcome vw_target_prepare(struct vw_call *c, const struct vw_wish *w, bool tunnelled,
                                  struct vw_bytes *cookie, struct vw_string **uri)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}};
    if (w->flags & ~(uint64_t)VW_MIGRATE_KNOWN)
        return vw_call_check_flags(c, ~0u, VW_MIGRATE_KNOWN);
    if (!w->xml)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_QEMU, "no XML of the domain");
    if (read_as(c, w->xml, w->dname, &like) != VW_DONE || check(c, w, &like) != VW_DONE)
        return VW_FAILED;
    if (!tunnelled && !w->uri && !(*uri = listening(c)))
        return VW_FAILED;
    if (vw_cookie_write(c, &like, NULL, cookie) != VW_DONE)
        return VW_FAILED;
    struct vw_migration *m = arrive(c, &like, w);
    if (!m)
        return VW_FAILED;
    m->tunnelled = tunnelled;
    m->serial = c->event->header.serial;
    return VW_DONE;
}

enum vw_outcome vw_target_expect(struct vw_call *c, const struct vw_wish *w, struct vw_string **uri)
{
    if (w->flags & ~(uint64_t)VW_MIGRATE_KNOWN)
        return vw_call_check_flags(c, ~0u, VW_MIGRATE_KNOWN);
    if (!w->uri && !(*uri = listening(c)))
        return VW_FAILED;
    struct vw_migration *m = vw_migration_add(c, NULL, VW_MIGRATION_ARRIVES, w->flags);
    if (!m)
        return VW_FAILED;
    m->name = strdup(w->dname ? w->dname : UNNAMED);
    if (m->name)
        return VW_DONE;
    vw_migration_drop(m);
    return no_memory(c);
}

/* ---- finish ---- */

enum vw_outcome vw_target_discard(struct vw_call *c, struct vw_migration *m, int32_t reason,
                                  int32_t detail)
{
    struct vw_domain *d = m->domain;
    vw_migration_drop(m);
    return d ? move(c, d, VW_DOMAIN_SHUTOFF, reason, VW_LIFECYCLE_STOPPED, detail) : VW_DONE;
}

static enum vw_outcome fail(struct vw_call *c, struct vw_migration *m, int32_t code,
                            const char *why)
{
    if (vw_target_discard(c, m, SHUTOFF_FAILED, STOPPED_FAILED) != VW_DONE)
        return VW_FAILED;
    return vw_call_fail(c, code, VW_FROM_QEMU, why);
}

/* D stays when it ends, as it is now, or as the definition says that has come with it. */
static enum vw_outcome persist(struct vw_call *c, struct vw_domain *d, const char *definition)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}};
    const bool known = d->o.persistent;
    if (definition && read_as(c, definition, d->o.name.data, &like) != VW_DONE)
        return VW_FAILED;
    char *text = definition ? strdup(like.o.xml.data) : NULL;
    if (definition && !text)
        return no_memory(c);
    vw_domain_set_next(d, text, &like.facts);
    d->o.persistent = 1;
    return vw_call_tell(c, &(struct vw_happening){&vw_object_kind_domain, &d->o, VW_EVENT_LIFECYCLE,
                                                  VW_LIFECYCLE_DEFINED, known});
}

/* What has not run there is defined here. */
static enum vw_outcome settle(struct vw_call *c, const struct vw_migration *m,
                              struct vw_domain **out)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF, .persistent = 1}};
    const struct vw_string xml = vw_string(m->xml);
    if (vw_domain_read(c, &xml, &like) != VW_DONE)
        return VW_FAILED;
    const bool known = vw_objects_by_uuid(domains(c), like.o.uuid) != NULL;
    if (vw_domain_install(c, &like, false, out) != VW_DONE)
        return VW_FAILED;
    return vw_call_tell(c, &(struct vw_happening){&vw_object_kind_domain, &(*out)->o,
                                                  VW_EVENT_LIFECYCLE, VW_LIFECYCLE_DEFINED, known});
}

/* It is one of version 1, of which nothing is known. */
static bool is_blind(const struct vw_migration *m)
{
    return !m->domain && !m->xml;
}

static enum vw_outcome wake_up(struct vw_call *c, struct vw_domain *d, const struct vw_wish *w,
                               const struct vw_cookie *cookie)
{
    if ((w->flags & VW_MIGRATE_PERSIST_DEST) && persist(c, d, cookie->persistent) != VW_DONE)
        return VW_FAILED;
    if (w->flags & VW_MIGRATE_PAUSED)
        return move(c, d, VW_DOMAIN_PAUSED, PAUSED_USER, VW_LIFECYCLE_SUSPENDED, 0);
    return move(c, d, VW_DOMAIN_RUNNING, RUNNING_MIGRATED, VW_LIFECYCLE_RESUMED, RESUMED_MIGRATED);
}

enum vw_outcome vw_target_finish(struct vw_call *c, const struct vw_wish *w, bool cancelled,
                                 struct remote_nonnull_domain *out, struct vw_bytes *cookie)
{
    struct vw_migration *m = vw_migration_arriving(c, w->dname ? w->dname : "");
    struct vw_domain *d = m ? m->domain : NULL;
    struct vw_cookie said;
    if (!m || is_blind(m))
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_QEMU, "no such domain arrives");
    if (cancelled)
        return fail(c, m, ERR_MIGRATE_FINISH_OK, "the migration is cancelled");
    if (m->tunnelled && !m->whole)
        return fail(c, m, VW_ERR_OPERATION_FAILED, "the tunnel has ended too early");
    if (vw_cookie_read(c, &w->cookie, &said) != VW_DONE ||
        (d ? wake_up(c, d, w, &said) : settle(c, m, &d)) != VW_DONE)
        return VW_FAILED;
    vw_migration_drop(m);
    vw_refer(&vw_object_kind_domain, &d->o, out);
    return vw_cookie_write(c, d, NULL, cookie);
}

/* ---- what appears ---- */

static struct vw_domain *make_small(struct vw_call *c, const char *name)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}}, *d;
    struct vw_string text;
    struct vw_xml x;
    vw_xml_begin(&x);
    vw_xml_start(&x, "domain");
    vw_xml_attribute(&x, "type", c->conn->hosted->guest);
    vw_xml_leaf(&x, "name", name);
    vw_xml_leaf(&x, "memory", "1048576");
    vw_xml_start(&x, "os");
    vw_xml_leaf(&x, "type", c->conn->hosted->os);
    vw_xml_end(&x);
    vw_xml_end(&x);
    if (vw_xml_finish(&x, c, &text) != VW_DONE || vw_domain_read(c, &text, &like) != VW_DONE ||
        vw_domain_install(c, &like, true, &d) != VW_DONE)
        return NULL;
    return d;
}

enum vw_outcome vw_target_appear(struct vw_call *c, const char *name, uint64_t flags,
                                 struct remote_nonnull_domain *out)
{
    struct vw_migration *m = vw_migration_arriving(c, name);
    struct vw_domain *d = (struct vw_domain *)vw_objects_by_name(domains(c), name);
    const bool paused = (flags & VW_MIGRATE_PAUSED) != 0;
    if (!m)
        m = vw_migration_arriving(c, UNNAMED);
    if (!m || !is_blind(m))
        return vw_call_fail(c, VW_ERR_NO_DOMAIN, VW_FROM_QEMU, "no such domain arrives");
    vw_migration_drop(m);
    if (!d && !(d = make_small(c, name)))
        return VW_FAILED;
    if (vw_domain_start(c, d, paused ? VW_DOMAIN_PAUSED : VW_DOMAIN_RUNNING,
                        paused ? PAUSED_USER : RUNNING_MIGRATED, STARTED_MIGRATED) != VW_DONE)
        return VW_FAILED;
    vw_refer(&vw_object_kind_domain, &d->o, out);
    return VW_DONE;
}
