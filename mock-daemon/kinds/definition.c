// SPDX-License-Identifier: MIT
// Domains that clients define, create, rename and undefine, and what they change of one: memory,
// vcpus, what is done at its end, words and elements about it.
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/domain-doc.h"
#include "mock-daemon/domain-form.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/xml.h"

/* virErrorNumber */
enum { ERR_OPERATION_FAILED = 9, ERR_XML_ERROR = 27, ERR_NO_METADATA = 80 };

static enum vw_outcome invalid(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, why);
}

static enum vw_outcome not_now(struct vw_call *c, const char *why)
{
    return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, why);
}

/* ---- definitions ---- */

static struct vw_objects *domains(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_domain);
}

enum vw_outcome vw_domain_find_same(struct vw_call *c, const struct vw_domain *like,
                                    struct vw_domain **out)
{
    struct vw_object *name = vw_objects_by_name(domains(c), like->o.name.data);
    struct vw_object *uuid = vw_objects_by_uuid(domains(c), like->o.uuid);
    if (name != uuid)
        return vw_call_fail(c, ERR_OPERATION_FAILED, VW_FROM_DOMAIN,
                            "its name or uuid is another's");
    *out = (struct vw_domain *)name;
    return VW_DONE;
}

/* D, which is there, is LIKE: now, or from its next start on if it runs; one that LIKE is to run as
 * is again what it was when it starts again. */
static enum vw_outcome replace(struct vw_call *c, struct vw_domain *d, const struct vw_domain *like,
                               bool running)
{
    struct vw_string old = {0};
    char *text = strdup(like->o.xml.data), *next = NULL;
    if (running && vw_domain_text(c, d, &old) == VW_DONE)
        next = strdup(old.data);
    if (!text || (running && !next)) {
        free(text);
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the domain");
    }
    if (running)
        vw_domain_set_next(d, next, &d->facts);
    if (d->o.active)
        vw_domain_set_next(d, text, &like->facts);
    else
        vw_domain_set_text(c, d, text, &like->facts);
    return VW_DONE;
}

enum vw_outcome vw_domain_install(struct vw_call *c, const struct vw_domain *like, bool running,
                                  struct vw_domain **out)
{
    struct vw_object *o;
    if (vw_domain_find_same(c, like, out) != VW_DONE)
        return VW_FAILED;
    if (*out && running && (*out)->o.active)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "it runs already");
    if (!*out && vw_objects_add(domains(c), &like->o, &o) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the domain");
    if (!*out) {
        *out = (struct vw_domain *)o;
        return VW_DONE;
    }
    (*out)->o.persistent |= !running;
    return replace(c, *out, like, running);
}

#define DEFINE_VALIDATE 1u

static enum vw_outcome define(struct vw_call *c, const struct vw_string *xml,
                              struct remote_nonnull_domain *out)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF, .persistent = 1}}, *d;
    if (vw_domain_read(c, xml, &like) != VW_DONE)
        return VW_FAILED;
    const bool known = vw_objects_by_uuid(domains(c), like.o.uuid) != NULL;
    if (vw_domain_install(c, &like, false, &d) != VW_DONE ||
        vw_call_happened(c, &d->o, VW_LIFECYCLE_DEFINED, known) != VW_DONE)
        return VW_FAILED;
    vw_refer(&vw_object_kind_domain, &d->o, out);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_define_xml(struct vw_call *c,
                                        const struct remote_domain_define_xml_args *args,
                                        struct remote_domain_define_xml_ret *ret)
{
    return define(c, &args->xml, &ret->dom);
}

enum vw_outcome
vw_on_domain_define_xml_flags(struct vw_call *c,
                              const struct remote_domain_define_xml_flags_args *args,
                              struct remote_domain_define_xml_flags_ret *ret)
{
    if (vw_call_check_flags(c, args->flags, DEFINE_VALIDATE) != VW_DONE)
        return VW_FAILED;
    return define(c, &args->xml, &ret->dom);
}

/* virDomainCreateFlags */
#define START_VALIDATE (1u << 4)

static enum vw_outcome create(struct vw_call *c, const struct vw_string *xml, uint32_t flags,
                              struct remote_nonnull_domain *out)
{
    struct vw_domain like = {.o = {.state = VW_DOMAIN_SHUTOFF}}, *d;
    if (vw_call_check_flags(c, flags, START_VALIDATE) != VW_DONE ||
        vw_domain_read(c, xml, &like) != VW_DONE ||
        vw_domain_install(c, &like, true, &d) != VW_DONE)
        return VW_FAILED;
    if (vw_domain_start(c, d, VW_DOMAIN_RUNNING, 1, 0) != VW_DONE)
        return VW_FAILED;
    vw_refer(&vw_object_kind_domain, &d->o, out);
    return VW_DONE;
}

#define CREATE(proc)                                                                               \
    enum vw_outcome vw_on_##proc(struct vw_call *c, const struct remote_##proc##_args *args,       \
                                 struct remote_##proc##_ret *ret)                                  \
    {                                                                                              \
        return create(c, &args->xml_desc, args->flags, &ret->dom);                                 \
    }
CREATE(domain_create_xml)
CREATE(domain_create_xml_with_files)

/* virDomainUndefineFlagsValues */
enum { UNDEFINE_MANAGED_SAVE = 1, UNDEFINE_SNAPSHOTS = 2 };

static enum vw_outcome undefine(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                uint32_t flags)
{
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, UNDEFINE_MANAGED_SAVE | UNDEFINE_SNAPSHOTS) != VW_DONE ||
        !(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    if (d->saved && !(flags & UNDEFINE_MANAGED_SAVE))
        return not_now(c, "it has a managed save image");
    if (!d->o.active && d->snapshots && !(flags & UNDEFINE_SNAPSHOTS))
        return not_now(c, "it has snapshots");
    if (vw_call_happened(c, &d->o, VW_LIFECYCLE_UNDEFINED, 0) != VW_DONE)
        return VW_FAILED;
    d->o.persistent = 0;
    d->o.autostart = 0;
    free(d->saved);
    d->saved = NULL;
    if (!d->o.active)
        vw_call_remove(c, domains(c), &d->o);
    return VW_DONE;
}

enum vw_outcome vw_on_domain_undefine(struct vw_call *c,
                                      const struct remote_domain_undefine_args *args)
{
    return undefine(c, &args->dom, 0);
}

enum vw_outcome vw_on_domain_undefine_flags(struct vw_call *c,
                                            const struct remote_domain_undefine_flags_args *args)
{
    return undefine(c, &args->dom, args->flags);
}

static enum vw_outcome edit_name(struct vw_doc *doc, const void *what)
{
    vw_doc_set(doc, doc->root, "name", what);
    return VW_DONE;
}

/* The old name is gone, and is told as it was. */
static enum vw_outcome tell_old_name(struct vw_call *c, const struct vw_domain *d)
{
    const void *was = vw_call_named_as(c, &vw_object_kind_domain, &d->o);
    if (!was)
        return VW_FAILED;
    return vw_call_tell(c, &(struct vw_happening){.kind = &vw_object_kind_domain,
                                                  .object = &d->o,
                                                  .what = VW_LIFECYCLE_UNDEFINED,
                                                  .detail = 1,
                                                  .named = was});
}

enum vw_outcome vw_on_domain_rename(struct vw_call *c, const struct remote_domain_rename_args *args,
                                    struct remote_domain_rename_ret *ret)
{
    const char *name = args->new_name ? vw_text(args->new_name) : "";
    struct vw_domain *d;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if (d->o.active)
        return not_now(c, "a running domain cannot be renamed");
    if (!d->o.persistent)
        return not_now(c, "a domain that is not persistent cannot be renamed");
    if (d->snapshots || d->checkpoints || d->saved)
        return not_now(c, "a domain with snapshots cannot be renamed");
    if (strchr(name, '/') || !*name)
        return vw_call_fail(c, ERR_XML_ERROR, VW_FROM_DOMAIN, "a domain cannot be called so");
    if (strcmp(name, d->o.name.data) == 0)
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "it is called so already");
    if (vw_objects_by_name(domains(c), name))
        return vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_DOMAIN, "another is called so");
    if (tell_old_name(c, d) != VW_DONE ||
        vw_doc_change(c, d, VW_AFFECT_CONFIG, edit_name, name) != VW_DONE)
        return VW_FAILED;
    if (vw_objects_rename(domains(c), &d->o, name) < 0)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the name");
    return vw_call_happened(c, &d->o, VW_LIFECYCLE_DEFINED, 2);
}

/* ---- memory ---- */

/* virDomainMemoryModFlags */
#define MEMORY_MAXIMUM 4u

struct amount {
    uint64_t kib;
    bool maximum;
};

static enum vw_outcome edit_memory(struct vw_doc *doc, const void *what)
{
    const struct amount *a = what;
    const uint64_t now = vw_doc_number(doc, doc->root, "currentMemory", 0);
    const uint64_t most = vw_doc_number(doc, doc->root, "memory", 0);
    if (!a->maximum && a->kib > most)
        return invalid(doc->c, "that is more than the domain can have");
    vw_doc_set_number(doc, doc->root, a->maximum ? "memory" : "currentMemory", a->kib);
    if (a->maximum && now > a->kib)
        vw_doc_set_number(doc, doc->root, "currentMemory", a->kib);
    return VW_DONE;
}

static enum vw_outcome set_memory(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                  uint64_t kib, uint32_t flags)
{
    const struct amount a = {.kib = kib, .maximum = (flags & MEMORY_MAXIMUM) != 0};
    struct vw_domain *d;
    if (vw_call_check_flags(c, flags, VW_AFFECT_BOTH | MEMORY_MAXIMUM) != VW_DONE ||
        !(d = vw_call_domain(c, dom)))
        return VW_FAILED;
    const uint32_t which = vw_doc_affected(c, d, flags);
    if (!which)
        return VW_FAILED;
    if (a.maximum && (which & VW_AFFECT_LIVE))
        return not_now(c, "what a running domain can have stays as it is");
    return vw_doc_change(c, d, which, edit_memory, &a);
}

enum vw_outcome vw_on_domain_set_memory(struct vw_call *c,
                                        const struct remote_domain_set_memory_args *args)
{
    return set_memory(c, &args->dom, args->memory, VW_AFFECT_LIVE);
}

enum vw_outcome
vw_on_domain_set_memory_flags(struct vw_call *c,
                              const struct remote_domain_set_memory_flags_args *args)
{
    return set_memory(c, &args->dom, args->memory, args->flags);
}

enum vw_outcome vw_on_domain_set_max_memory(struct vw_call *c,
                                            const struct remote_domain_set_max_memory_args *args)
{
    return set_memory(c, &args->dom, args->memory, MEMORY_MAXIMUM);
}

/* ---- vcpus ---- */

/* virDomainVcpuFlags */
#define VCPU_MAXIMUM 4u

enum vw_outcome vw_on_domain_get_vcpus_flags(struct vw_call *c,
                                             const struct remote_domain_get_vcpus_flags_args *args,
                                             struct remote_domain_get_vcpus_flags_ret *ret)
{
    const struct vw_domain *d;
    uint32_t which;
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH | VCPU_MAXIMUM) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || !(which = vw_doc_affected(c, d, args->flags)))
        return VW_FAILED;
    if (which == VW_AFFECT_BOTH)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "either of the two, not both");
    const struct vw_domain_facts *f =
        which == VW_AFFECT_CONFIG && d->next ? &d->next_facts : &d->facts;
    ret->num = args->flags & VCPU_MAXIMUM ? f->vcpus : f->vcpus - f->vcpus_off;
    return VW_DONE;
}

struct vcpus {
    uint32_t count;
    bool maximum;
};

static enum vw_outcome edit_vcpus(struct vw_doc *doc, const void *what)
{
    const struct vcpus *v = what;
    const uint64_t most = vw_doc_number(doc, doc->root, "vcpu", 1);
    const uint64_t now = vw_doc_number(doc, doc->root, "vcpu@current", most);
    const uint64_t new_now = v->maximum ? (now < v->count ? now : v->count) : v->count;
    const uint64_t new_most = v->maximum ? v->count : most;
    vw_doc_set_number(doc, doc->root, "vcpu", new_most);
    vw_doc_set(doc, doc->root, "vcpu@current", NULL);
    if (new_now < new_most)
        vw_doc_set_number(doc, doc->root, "vcpu@current", new_now);
    return VW_DONE;
}

static enum vw_outcome set_vcpus(struct vw_call *c, const struct remote_nonnull_domain *dom,
                                 uint32_t count, uint32_t flags)
{
    const struct vcpus v = {.count = count, .maximum = (flags & VCPU_MAXIMUM) != 0};
    struct vw_domain *d;
    uint32_t which;
    if (vw_call_check_flags(c, flags, VW_AFFECT_BOTH | VCPU_MAXIMUM) != VW_DONE)
        return VW_FAILED;
    if (v.maximum && (flags & VW_AFFECT_LIVE))
        return invalid(c, "the most that a running domain can have stays as it is");
    if (count == 0 || count > (uint32_t)c->conn->model->max_vcpus)
        return invalid(c, "so many are not possible here");
    if (!(d = vw_call_domain(c, dom)) || !(which = vw_doc_affected(c, d, flags)))
        return VW_FAILED;
    if (v.maximum && (which & VW_AFFECT_LIVE))
        return invalid(c, "the most that a running domain can have stays as it is");
    const struct vw_domain_facts *config = d->next ? &d->next_facts : &d->facts;
    if ((which & VW_AFFECT_LIVE && count > (uint32_t)d->facts.vcpus) ||
        (which & VW_AFFECT_CONFIG && !v.maximum && count > (uint32_t)config->vcpus))
        return invalid(c, "so many are more than the domain can have");
    return vw_doc_change(c, d, which, edit_vcpus, &v);
}

enum vw_outcome vw_on_domain_set_vcpus(struct vw_call *c,
                                       const struct remote_domain_set_vcpus_args *args)
{
    return set_vcpus(c, &args->dom, args->nvcpus, VW_AFFECT_LIVE);
}

enum vw_outcome vw_on_domain_set_vcpus_flags(struct vw_call *c,
                                             const struct remote_domain_set_vcpus_flags_args *args)
{
    return set_vcpus(c, &args->dom, args->nvcpus, args->flags);
}

/* ---- what is done at its end ---- */

static const char *const lifecycles[] = {"on_poweroff", "on_reboot", "on_crash"};
static const char *const actions[] = {"destroy",  "restart",          "rename-restart",
                                      "preserve", "coredump-destroy", "coredump-restart"};

static enum vw_outcome edit_action(struct vw_doc *doc, const void *what)
{
    const struct remote_domain_set_lifecycle_action_args *args = what;
    vw_doc_set(doc, doc->root, lifecycles[args->type], actions[args->action]);
    return VW_DONE;
}

enum vw_outcome
vw_on_domain_set_lifecycle_action(struct vw_call *c,
                                  const struct remote_domain_set_lifecycle_action_args *args)
{
    struct vw_domain *d;
    if (args->type >= 3 || args->action >= 6 || (args->type != 2 && args->action > 3))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "there is no such action");
    if (vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    return vw_doc_change(c, d, args->flags, edit_action, args);
}

/* ---- what is said about it ---- */

/* virDomainMetadataType */
enum { METADATA_DESCRIPTION, METADATA_TITLE, METADATA_ELEMENT };

static const char *const words[] = {"description", "title"};

static xmlNode *element_of(struct vw_doc *doc, const char *uri)
{
    xmlNode *n = vw_doc_at(doc, doc->root, "metadata");
    for (n = n ? n->children : NULL; n; n = n->next) {
        if (n->type == XML_ELEMENT_NODE && n->ns && xmlStrEqual(n->ns->href, BAD_CAST uri))
            break;
    }
    return n;
}

static enum vw_outcome put_element(struct vw_doc *doc, const char *uri, const char *key,
                                   const struct vw_string *text)
{
    xmlDoc *given = vw_xml_parse(doc->c, text, VW_FROM_DOMAIN);
    if (!given)
        return VW_FAILED;
    xmlNode *above = vw_doc_make(doc, doc->root, "metadata");
    xmlNode *n = above ? xmlDocCopyNode(xmlDocGetRootElement(given), doc->xml, 1) : NULL;
    xmlNs *ns = n ? xmlNewNs(n, BAD_CAST uri, BAD_CAST key) : NULL;
    xmlFreeDoc(given);
    if (!ns || !xmlAddChild(above, n)) {
        xmlFreeNode(n);
        doc->failed = true;
        return VW_DONE;
    }
    xmlSetNs(n, ns);
    return VW_DONE;
}

static enum vw_outcome edit_metadata(struct vw_doc *doc, const void *what)
{
    const struct remote_domain_set_metadata_args *args = what;
    const char *uri = args->uri ? vw_text(args->uri) : "";
    if (args->type != METADATA_ELEMENT) {
        vw_doc_set(doc, doc->root, words[args->type],
                   args->metadata && args->metadata->len ? vw_text(args->metadata) : NULL);
        return VW_DONE;
    }
    xmlNode *old = element_of(doc, uri);
    if (old) {
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    if (args->metadata)
        return put_element(doc, uri, args->key ? vw_text(args->key) : NULL, args->metadata);
    const xmlNode *above = vw_doc_at(doc, doc->root, "metadata");
    if (above && !above->children)
        vw_doc_set(doc, doc->root, "metadata", NULL);
    return VW_DONE;
}

static enum vw_outcome check_type(struct vw_call *c, int32_t type, const struct vw_string *uri)
{
    if (type < METADATA_DESCRIPTION || type > METADATA_ELEMENT)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "there is nothing of this type");
    if ((type == METADATA_ELEMENT) != (uri != NULL))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN,
                            "an element has a namespace, and nothing else has");
    return VW_DONE;
}

enum vw_outcome vw_on_domain_set_metadata(struct vw_call *c,
                                          const struct remote_domain_set_metadata_args *args)
{
    struct vw_domain *d;
    if (check_type(c, args->type, args->uri) != VW_DONE ||
        vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)))
        return VW_FAILED;
    if (args->type == METADATA_TITLE && args->metadata && strchr(vw_text(args->metadata), '\n'))
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_DOMAIN, "a title is one line");
    if (vw_doc_change(c, d, args->flags, edit_metadata, args) != VW_DONE)
        return VW_FAILED;
    struct remote_domain_event_callback_metadata_change_msg *changed =
        vw_call_alloc(c, sizeof(*changed));
    if (!changed)
        return VW_FAILED;
    changed->type = args->type;
    changed->nsuri = args->uri;
    return vw_call_tell(c, &(struct vw_happening){.kind = &vw_object_kind_domain,
                                                  .object = &d->o,
                                                  .event = VW_EVENT_METADATA_CHANGE,
                                                  .message = changed});
}

/* What is of the namespace NS, which goes, is of none. */
static void leave_namespace(xmlNode *n, const xmlNs *ns)
{
    if (n->type != XML_ELEMENT_NODE)
        return;
    if (n->ns == ns)
        n->ns = NULL;
    for (xmlAttr *a = n->properties; a; a = a->next) {
        if (a->ns == ns)
            a->ns = NULL;
    }
    for (xmlNode *inner = n->children; inner; inner = inner->next)
        leave_namespace(inner, ns);
}

/* The element without its namespace. */
static enum vw_outcome bare(struct vw_doc *doc, const char *uri, struct vw_string *out)
{
    xmlNode *n = element_of(doc, uri);
    struct vw_xml x;
    if (!n)
        return VW_DONE;
    for (const xmlNs *ns = n->nsDef; ns; ns = ns->next)
        leave_namespace(n, ns);
    xmlFreeNsList(n->nsDef);
    n->nsDef = NULL;
    n->ns = NULL;
    vw_xml_begin(&x);
    vw_xml_quote(&x, '"');
    vw_xml_copy(&x, n);
    if (vw_xml_finish(&x, doc->c, out) != VW_DONE)
        return VW_FAILED;
    if (out->len && out->data[out->len - 1] == '\n')
        out->data[--out->len] = 0;
    return VW_DONE;
}

enum vw_outcome vw_on_domain_get_metadata(struct vw_call *c,
                                          const struct remote_domain_get_metadata_args *args,
                                          struct remote_domain_get_metadata_ret *ret)
{
    const struct vw_domain *d;
    struct vw_doc doc;
    if (check_type(c, args->type, args->uri) != VW_DONE ||
        vw_call_check_flags(c, args->flags, VW_AFFECT_BOTH) != VW_DONE ||
        !(d = vw_call_domain(c, &args->dom)) || vw_doc_open(&doc, c, d, args->flags) != VW_DONE)
        return VW_FAILED;
    enum vw_outcome outcome = VW_DONE;
    if (args->type == METADATA_ELEMENT) {
        outcome = bare(&doc, vw_text(args->uri), &ret->metadata);
    } else {
        const char *text = vw_doc_get(&doc, doc.root, words[args->type]);
        if (text)
            ret->metadata = vw_string(text);
    }
    vw_doc_close(&doc);
    if (outcome == VW_DONE && !ret->metadata.data)
        return vw_call_fail(c, ERR_NO_METADATA, VW_FROM_DOMAIN, "there is nothing said");
    return outcome;
}

static const struct vw_row rows[] = {
    VW_CALL(domain_define_xml),
    VW_CALL(domain_define_xml_flags),
    VW_CALL(domain_create_xml),
    VW_CALL(domain_create_xml_with_files),
    VW_CALL(domain_undefine),
    VW_CALL(domain_undefine_flags),
    VW_CALL_WANTS(domain_rename, new_name),
    VW_CALL_WANTS(domain_set_memory, memory),
    VW_CALL_WANTS(domain_set_memory_flags, memory),
    VW_CALL_WANTS(domain_set_max_memory, memory),
    VW_CALL(domain_get_vcpus_flags),
    VW_CALL_WANTS(domain_set_vcpus, nvcpus),
    VW_CALL_WANTS(domain_set_vcpus_flags, nvcpus),
    VW_CALL(domain_set_lifecycle_action),
    VW_CALL(domain_set_metadata),
    VW_CALL(domain_get_metadata),
    {NULL},
};

const struct vw_object_kind vw_object_kind_definition = {
    .name = "definition", .rows = rows, .about = &vw_object_kind_domain};
