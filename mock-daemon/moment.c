// SPDX-License-Identifier: MIT
#include "mock-daemon/moment.h"

#include <stdio.h>
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/heap.h"
#include "mock-daemon/xml.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_OPERATION_FAILED = 9, ERR_XML_ERROR = 27, ERR_UNSUPPORTED = 67, FROM_XML = 5 };

/* virDomainSnapshotListFlags */
enum {
    LIST_ROOTS = 1 << 0, /* of those behind one: all of them, not its children alone */
    LIST_LEAVES = 1 << 2,
    LIST_NO_LEAVES = 1 << 3,
    LIST_NO_METADATA = 1 << 4,
    LIST_INACTIVE = 1 << 5,
    LIST_ACTIVE = 1 << 6,
    LIST_DISK_ONLY = 1 << 7,
    LIST_INTERNAL = 1 << 8,
    LIST_EXTERNAL = 1 << 9,
};

const struct vw_own vw_moment_owns[] = {
    VW_OWN_AS(struct vw_moment, before, VW_FORM_OBJECT),
    VW_OWN(struct vw_moment, was_active),
    {NULL},
};

static struct vw_objects *table(struct vw_call *c, const struct vw_moments *m)
{
    return vw_model_objects(c->conn->model, m->kind);
}

static enum vw_outcome no_memory(struct vw_call *c)
{
    return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for it");
}

/* Both kinds are named by the same struct. */
struct vw_object *vw_moment_find(struct vw_call *c, const struct vw_objects *t, const void *named)
{
    const struct remote_nonnull_domain_snapshot *n = named;
    const struct vw_domain *d = vw_call_domain(c, &n->dom);
    struct vw_object *o = d ? vw_objects_child(t, &d->o, vw_text(&n->name)) : NULL;
    if (d && !o)
        vw_call_fail(c, t->kind->missing.code, t->kind->missing.domain, t->kind->missing_text);
    return o;
}

void vw_moment_refer(const struct vw_object *o, void *to)
{
    struct remote_nonnull_domain_snapshot *n = to;
    n->name = o->name;
    vw_refer(&vw_object_kind_domain, o->parent, &n->dom);
}

struct vw_moment **vw_moment_current(const struct vw_moments *m, struct vw_domain *d)
{
    return (struct vw_moment **)(void *)((uint8_t *)d + m->current);
}

uint32_t *vw_moment_count(const struct vw_moments *m, struct vw_domain *d)
{
    return (uint32_t *)(void *)((uint8_t *)d + m->count);
}

/* ---- lists ---- */

static struct vw_moment *at(const struct vw_objects *t, uint32_t i)
{
    return (struct vw_moment *)t->list[i];
}

/* Where a moment stands to the one that was asked for. */
enum { ELSEWHERE = 1, BEHIND, IT };

/* Says of each how it stands to FIRST, and whether it is a leaf. Each step from child to parent is
 * taken once, however deep they lie; what goes in a circle, as only a file can make it, is
 * elsewhere.
 */
static void place_all(const struct vw_objects *t, const struct vw_moment *first)
{
    for (uint32_t i = 0; i < t->count; i++) {
        at(t, i)->place = at(t, i) == first ? IT : 0;
        at(t, i)->leaf = true;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        struct vw_moment *m = at(t, i);
        if (m->before)
            m->before->leaf = false;
        for (; m && !m->place; m = m->before)
            m->place = ELSEWHERE;
        const uint8_t place = m && m->place != ELSEWHERE ? BEHIND : ELSEWHERE;
        for (struct vw_moment *n = at(t, i); n != m && n->place != place; n = n->before)
            n->place = place;
    }
}

/* Of a pair of flags none, both, or the one that it is. */
static bool fits(uint32_t flags, uint32_t yes, uint32_t no, bool is)
{
    return !(flags & (yes | no)) || (flags & (is ? yes : no));
}

static bool is_meant(const struct vw_objects *t, const struct vw_moment *m,
                     const struct vw_moment_choice *choice)
{
    const uint32_t f = choice->flags;
    if (m->o.parent != &choice->domain->o)
        return false;
    if (choice->below ? (f & LIST_ROOTS ? m->place != BEHIND : m->before != choice->below)
                      : (f & LIST_ROOTS && m->before))
        return false;
    return fits(f, LIST_LEAVES, LIST_NO_LEAVES, m->leaf) &&
           (t->kind != &vw_object_kind_snapshot ||
            ((!(f & (LIST_ACTIVE | LIST_INACTIVE | LIST_DISK_ONLY)) ||
              (f & (m->was_active ? LIST_ACTIVE : LIST_INACTIVE))) &&
             fits(f, LIST_INTERNAL, LIST_EXTERNAL, true) && fits(f, 2, LIST_NO_METADATA, true)));
}

uint32_t vw_moments_count(struct vw_call *c, const struct vw_moments *m,
                          const struct vw_moment_choice *choice)
{
    const struct vw_objects *t = table(c, m);
    uint32_t n = 0;
    place_all(t, choice->below);
    for (uint32_t i = 0; i < t->count; i++)
        n += is_meant(t, at(t, i), choice);
    return n;
}

enum vw_outcome vw_moments_names(struct vw_call *c, const struct vw_moments *m,
                                 const struct vw_moment_choice *choice, uint32_t max,
                                 struct vw_list *out)
{
    const struct vw_objects *t = table(c, m);
    const uint32_t n = vw_moments_count(c, m, choice), some = n < max ? n : max;
    struct vw_string *names = vw_call_alloc(c, some * sizeof(*names));
    for (uint32_t i = 0, k = 0; names && k < some; i++) {
        if (is_meant(t, at(t, i), choice))
            names[k++] = t->list[i]->name;
    }
    *out = (struct vw_list){names, some};
    return names ? VW_DONE : VW_FAILED;
}

enum vw_outcome vw_moments_all(struct vw_call *c, const struct vw_moments *m,
                               const struct vw_moment_choice *choice, bool results,
                               struct vw_list *out, int32_t *count)
{
    const struct vw_objects *t = table(c, m);
    const uint32_t n = vw_moments_count(c, m, choice), size = t->kind->reference.size;
    uint8_t *list = results ? vw_call_alloc(c, (size_t)n * size) : NULL;
    *count = (int32_t)n;
    if (!results)
        return VW_DONE;
    for (uint32_t i = 0, k = 0; list && k < n; i++) {
        if (is_meant(t, at(t, i), choice))
            vw_refer(t->kind, t->list[i], list + (size_t)k++ * size);
    }
    *out = (struct vw_list){list, n};
    return list ? VW_DONE : VW_FAILED;
}

/* ---- making one ---- */

static const char *state_name(const struct vw_domain *d)
{
    return d->o.state == VW_DOMAIN_RUNNING  ? "running"
           : d->o.state == VW_DOMAIN_PAUSED ? "paused"
                                            : "shutoff";
}

/* A disk of the domain, and what the client said of it. */
static enum vw_outcome put_disk(struct vw_xml *x, struct vw_doc *given, const struct vw_moments *m,
                                const char *dev, const char *name, bool fixed)
{
    char path[300];
    snprintf(path, sizeof(path), "disks/disk[@name=%s]", dev);
    xmlNode *said = vw_doc_at(given, given->root, path);
    const char *method = said ? vw_xml_get(given->c, said, m->disk_method) : NULL;
    const char *bitmap = said ? vw_xml_get(given->c, said, "bitmap") : NULL;
    const bool none = fixed && m->kind == &vw_object_kind_checkpoint;
    const char *how = method ? method : none ? "no" : m->disk_default;
    vw_xml_start(x, "disk");
    vw_xml_attribute(x, "name", dev);
    vw_xml_attribute(x, m->disk_method, how);
    if (strcmp(how, "bitmap") == 0)
        vw_xml_attribute(x, "bitmap", bitmap ? bitmap : name);
    for (const xmlNode *n = said ? said->children : NULL; n; n = n->next)
        vw_xml_copy(x, n);
    vw_xml_end(x);
    return VW_DONE;
}

static void put_disks(struct vw_xml *x, struct vw_doc *given, struct vw_doc *domain,
                      const struct vw_moments *m, const char *name)
{
    xmlNode *devices = vw_doc_at(domain, domain->root, "devices");
    if (vw_doc_count(domain, "disk") == 0)
        return;
    vw_xml_start(x, "disks");
    for (xmlNode *n = NULL; (n = vw_doc_next(devices, n, "disk"));) {
        const char *dev = vw_doc_get(domain, n, "target@dev");
        if (dev)
            put_disk(x, given, m, dev, name, vw_doc_at(domain, n, "readonly") != NULL);
    }
    vw_xml_end(x);
}

static enum vw_outcome write_all(struct vw_call *c, const struct vw_moments *m,
                                 const struct vw_domain *d, struct vw_doc *given,
                                 struct vw_doc *domain, struct vw_moment *like)
{
    const bool snapshot = m->kind == &vw_object_kind_snapshot;
    const char *description = vw_doc_get(given, given->root, "description");
    char created[24];
    struct vw_xml x;
    snprintf(created, sizeof(created), "%lld",
             (long long)(vw_clock_ns(&c->conn->daemon->clock) / 1000000000));
    if (!like->o.name.len)
        like->o.name = vw_string(created);
    vw_xml_begin(&x);
    vw_xml_start(&x, (const char *)given->root->name);
    vw_xml_leaf(&x, "name", like->o.name.data);
    if (description)
        vw_xml_leaf(&x, "description", description);
    if (snapshot)
        vw_xml_leaf(&x, "state", state_name(d));
    vw_xml_leaf(&x, "creationTime", created);
    if (snapshot)
        vw_xml_empty(&x, "memory", "snapshot", d->o.active ? "internal" : "no", NULL);
    put_disks(&x, given, domain, m, like->o.name.data);
    vw_xml_copy(&x, domain->root);
    vw_xml_end(&x);
    enum vw_outcome outcome = vw_xml_finish(&x, c, &like->o.xml);
    /* What `created` held is gone with this function. */
    if (like->o.name.data == created) {
        char *name = vw_call_alloc(c, sizeof(created));
        if (!name)
            return VW_FAILED;
        like->o.name = vw_string(strcpy(name, created));
    }
    return outcome;
}

/* Every disk that is spoken of must be one of the domain's, once. */
static enum vw_outcome check_disks(struct vw_doc *given, struct vw_doc *domain)
{
    xmlNode *disks = vw_doc_at(given, given->root, "disks");
    for (xmlNode *n = NULL; (n = vw_doc_next(disks, n, "disk"));) {
        const char *name = vw_doc_get(given, n, "@name");
        if (!name)
            return vw_call_fail(given->c, ERR_XML_ERROR, FROM_XML, "a disk without a name");
        if (!vw_doc_device(domain, "disk", "target@dev", name))
            return vw_call_fail(given->c, ERR_UNSUPPORTED, VW_FROM_DOMAIN,
                                "the domain has no such disk");
    }
    return VW_DONE;
}

static enum vw_outcome add(struct vw_call *c, const struct vw_moments *m, struct vw_domain *d,
                           struct vw_moment *like, struct vw_moment **out)
{
    struct vw_object *o;
    const int rc = vw_objects_add(table(c, m), &like->o, &o);
    if (rc == VW_EUSAGE)
        return vw_call_fail(c, ERR_OPERATION_FAILED, VW_FROM_DOMAIN, "there is one of that name");
    if (rc < 0)
        return no_memory(c);
    *out = (struct vw_moment *)o;
    (*vw_moment_count(m, d))++;
    *vw_moment_current(m, d) = *out;
    return VW_DONE;
}

static enum vw_outcome read_given(struct vw_call *c, const struct vw_moments *m,
                                  const struct vw_domain *d, struct vw_doc *given,
                                  struct vw_moment *like)
{
    struct vw_doc domain;
    const char *name = vw_doc_get(given, given->root, "name");
    if (vw_doc_open(&domain, c, d, 0) != VW_DONE)
        return VW_FAILED;
    like->o.name = vw_string(name ? name : "");
    enum vw_outcome outcome = check_disks(given, &domain);
    const char *memory = vw_doc_get(given, given->root, "memory@snapshot");
    if (memory && strcmp(memory, "external") == 0)
        outcome = vw_call_fail(c, ERR_UNSUPPORTED, m->kind->xml_domain, "its memory stays inside");
    if (outcome == VW_DONE)
        outcome = write_all(c, m, d, given, &domain, like);
    vw_doc_close(&domain);
    return outcome;
}

/* Opens what a client gives. */
static enum vw_outcome open_given(struct vw_call *c, const struct vw_moments *m,
                                  const struct vw_string *xml, struct vw_doc *given)
{
    const char *root = m->kind == &vw_object_kind_snapshot ? "domainsnapshot" : "domaincheckpoint";
    *given = (struct vw_doc){.c = c, .xml = vw_xml_parse(c, xml, m->kind->xml_domain)};
    if (!given->xml)
        return VW_FAILED;
    given->root = xmlDocGetRootElement(given->xml);
    if (strcmp((const char *)given->root->name, root) == 0)
        return VW_DONE;
    vw_doc_close(given);
    return vw_call_fail(c, ERR_XML_ERROR, FROM_XML, "the root is another");
}

enum vw_outcome vw_moment_create(struct vw_call *c, const struct vw_moments *m, struct vw_domain *d,
                                 const struct vw_string *xml, struct vw_moment **out)
{
    struct vw_moment like = {.o = {.parent = &d->o, .state = 1},
                             .before = *vw_moment_current(m, d),
                             .was_active = d->o.active};
    struct vw_doc given;
    if (open_given(c, m, xml, &given) != VW_DONE)
        return VW_FAILED;
    enum vw_outcome outcome = read_given(c, m, d, &given, &like);
    if (outcome == VW_DONE)
        outcome = add(c, m, d, &like, out);
    vw_doc_close(&given);
    return outcome;
}

/* Puts what the XML says of all into LIKE. */
static enum vw_outcome read_whole(struct vw_call *c, const struct vw_moments *m,
                                  const struct vw_domain *d, struct vw_doc *given,
                                  struct vw_moment *like)
{
    const char *name = vw_doc_get(given, given->root, "name");
    const char *parent = vw_doc_get(given, given->root, "parent/name");
    const char *state = vw_doc_get(given, given->root, "state");
    if (!name || !*name)
        return vw_call_fail(c, ERR_XML_ERROR, m->kind->xml_domain, "a name is missing");
    if (!vw_doc_get(given, given->root, "creationTime") || !vw_doc_at(given, given->root, "domain"))
        return vw_call_fail(c, VW_ERR_INTERNAL, m->kind->xml_domain, "not all of it is said");
    like->before = NULL;
    if (parent) {
        like->before = (struct vw_moment *)vw_objects_child(table(c, m), &d->o, parent);
        if (!like->before || strcmp(parent, name) == 0)
            return vw_call_fail(c, VW_ERR_INVALID_ARG, m->kind->xml_domain, "there is no parent");
    }
    vw_doc_set(given, given->root, "parent", NULL);
    like->o.name = vw_string(name);
    like->was_active = !state || strcmp(state, "shutoff") != 0;
    return vw_doc_text(given, given->root, &like->o.xml);
}

/* What is there is as LIKE. */
static enum vw_outcome become(struct vw_call *c, const struct vw_moments *m, struct vw_moment *is,
                              const struct vw_moment *like)
{
    place_all(table(c, m), is);
    if (like->before && like->before->place != ELSEWHERE)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, m->kind->xml_domain, "it is behind itself");
    char *text = strdup(like->o.xml.data);
    if (!text)
        return no_memory(c);
    vw_objects_set_xml(table(c, m), &is->o, text);
    is->before = like->before;
    is->was_active = like->was_active;
    return VW_DONE;
}

enum vw_outcome vw_moment_redefine(struct vw_call *c, const struct vw_moments *m,
                                   struct vw_domain *d, const struct vw_string *xml, bool current,
                                   struct vw_moment **out)
{
    struct vw_moment like = {.o = {.parent = &d->o, .state = 1}}, *was = *vw_moment_current(m, d);
    struct vw_doc given;
    if (open_given(c, m, xml, &given) != VW_DONE)
        return VW_FAILED;
    enum vw_outcome outcome = read_whole(c, m, d, &given, &like);
    vw_doc_close(&given);
    if (outcome != VW_DONE)
        return VW_FAILED;
    *out = (struct vw_moment *)vw_objects_child(table(c, m), &d->o, like.o.name.data);
    outcome = *out ? become(c, m, *out, &like) : add(c, m, d, &like, out);
    if (outcome == VW_DONE)
        *vw_moment_current(m, d) = current ? *out : was;
    return outcome;
}

/* ---- what it says ---- */

enum vw_outcome vw_moment_xml(struct vw_call *c, const struct vw_moments *m,
                              const struct vw_moment *moment, bool with_domain,
                              struct vw_string *out)
{
    struct vw_doc doc;
    if (vw_doc_open_text(&doc, c, &moment->o.xml) != VW_DONE)
        return VW_FAILED;
    xmlNode *before = vw_doc_at(&doc, doc.root, "creationTime");
    if (moment->before) {
        xmlNode *parent = xmlNewDocNode(doc.xml, NULL, BAD_CAST "parent", NULL);
        doc.failed = !parent;
        if (parent) {
            xmlAddPrevSibling(before, parent);
            vw_doc_set(&doc, parent, "name", moment->before->o.name.data);
        }
    }
    if (!with_domain)
        vw_doc_set(&doc, doc.root, "domain", NULL);
    enum vw_outcome outcome = vw_doc_text(&doc, doc.root, out);
    vw_doc_close(&doc);
    return outcome;
}

enum vw_outcome vw_moment_domain(struct vw_call *c, const struct vw_moment *moment,
                                 struct vw_string *out, struct vw_domain_facts *facts)
{
    struct vw_doc doc;
    if (vw_doc_open_text(&doc, c, &moment->o.xml) != VW_DONE)
        return VW_FAILED;
    doc.root = vw_doc_at(&doc, doc.root, "domain");
    enum vw_outcome outcome = vw_doc_text(&doc, doc.root, out);
    vw_doc_facts(&doc, facts);
    vw_doc_close(&doc);
    return outcome;
}

/* ---- going ---- */

static void remove_one(struct vw_call *c, const struct vw_moments *m, struct vw_moment *moment)
{
    struct vw_domain *d = (struct vw_domain *)(uintptr_t)moment->o.parent;
    (*vw_moment_count(m, d))--;
    vw_objects_remove(table(c, m), &moment->o);
    vw_heap_lost(c->conn->daemon, &moment->o);
}

/* Those behind MOMENT, and what was the current one. */
static void remove_behind(struct vw_call *c, const struct vw_moments *m, struct vw_moment *moment)
{
    struct vw_domain *d = (struct vw_domain *)(uintptr_t)moment->o.parent;
    struct vw_objects *t = table(c, m);
    struct vw_moment **current = vw_moment_current(m, d);
    place_all(t, moment);
    if (*current && (*current)->place == BEHIND)
        *current = moment;
    for (uint32_t i = t->count; i > 0; i--) {
        if (at(t, i - 1)->place == BEHIND)
            remove_one(c, m, at(t, i - 1));
    }
}

/* Its children are now those of the one before it. */
static void remove_between(struct vw_call *c, const struct vw_moments *m, struct vw_moment *moment)
{
    struct vw_domain *d = (struct vw_domain *)(uintptr_t)moment->o.parent;
    struct vw_objects *t = table(c, m);
    for (uint32_t i = 0; i < t->count; i++) {
        if (at(t, i)->before == moment)
            at(t, i)->before = moment->before;
    }
    if (*vw_moment_current(m, d) == moment)
        *vw_moment_current(m, d) = moment->before;
    remove_one(c, m, moment);
}

void vw_moment_delete(struct vw_call *c, const struct vw_moments *m, struct vw_moment *moment,
                      uint32_t flags)
{
    if (flags & (VW_MOMENT_CHILDREN | VW_MOMENT_CHILDREN_ONLY))
        remove_behind(c, m, moment);
    if (!(flags & VW_MOMENT_CHILDREN_ONLY))
        remove_between(c, m, moment);
}

void vw_moment_delete_all(struct vw_call *c, const struct vw_moments *m, struct vw_domain *d)
{
    struct vw_objects *t = table(c, m);
    *vw_moment_current(m, d) = NULL;
    for (uint32_t i = t->count; i > 0; i--) {
        if (t->list[i - 1]->parent == &d->o)
            remove_one(c, m, at(t, i - 1));
    }
}
