// SPDX-License-Identifier: MIT
// From the annotations of a procedure to the objects that its arguments or its result name, and to
// the rules. Asked of libvirtd 9.0.0: an object is looked for first and denied then, counts and
// lists are without what may not be seen, uid 0 may do anything, and who is no process of this
// machine nothing that no rule allows.
#include "mock-daemon/access.h"

#include <fnmatch.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/xml.h"
#include "transport/tls.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_ACCESS_DENIED = 88, FROM_ACCESS = 55 };

/* What an annotation asks for: "domain:save:!VIR_DOMAIN_AFFECT_CONFIG|VIR_DOMAIN_AFFECT_LIVE". */
struct need {
    char type[24];       /* "storage_vol", as in the name of its struct */
    char permission[64]; /* "storage-vol.read", as polkit has it */
    const char *flags;   /* names of flags, with ! in front: if none of them is set; NULL: always */
    const char *argument; /* where they are; NULL: flags */
};

/* What a rule can name. */
struct subject {
    char name[512];
    char uuid[VW_UUID_TEXT];
};

/* ---- annotations ---- */

bool vw_access_permission(const char *annotation, char permission[VW_PERMISSION_TEXT])
{
    size_t type = strcspn(annotation, ":");
    size_t len = type + 1 + strcspn(annotation + type + (annotation[type] == ':'), ":");
    if (annotation[type] != ':' || len >= VW_PERMISSION_TEXT)
        return false; /* "none" */
    for (size_t i = 0; i < len; i++)
        permission[i] = (char)(i == type ? '.' : annotation[i] == '_' ? '-' : annotation[i]);
    permission[len] = 0;
    return true;
}

static bool read_need(const char *text, struct need *n)
{
    size_t len = strcspn(text, ":");
    *n = (struct need){.flags = NULL};
    if (len >= sizeof(n->type) || !vw_access_permission(text, n->permission))
        return false;
    memcpy(n->type, text, len);
    const char *more = text + strlen(n->permission);
    /* "::source:FLAG" */
    if (more[0] == ':' && more[1] == ':') {
        n->argument = more + 2;
        more = strchr(n->argument, ':');
    }
    n->flags = more && *more ? more + 1 : NULL;
    return true;
}

/* The next annotation KEY of PROC that asks for something, from *AT on. */
static bool next_need(const struct vw_proc *proc, const char *key, uint32_t *at, struct need *n)
{
    while (*at < proc->n_annotations) {
        const struct vw_annotation *a = &proc->annotations[(*at)++];
        if (strcmp(a->key, key) == 0 && read_need(a->value, n))
            return true;
    }
    return false;
}

/* Those that annotations name, as libvirt's headers number them. */
static uint32_t flag_value(const char *name, size_t len)
{
    static const struct {
        const char *name;
        uint32_t value;
    } rows[] = {
        {"VIR_DOMAIN_AFFECT_LIVE", 1},
        {"VIR_DOMAIN_AFFECT_CONFIG", 2},
        {"VIR_DOMAIN_CHECKPOINT_CREATE_QUIESCE", 2},
        {"VIR_DOMAIN_CHECKPOINT_XML_SECURE", 1},
        {"VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT", 1},
        {"VIR_DOMAIN_REBOOT_GUEST_AGENT", 2},
        {"VIR_DOMAIN_SAVE_IMAGE_XML_SECURE", 1},
        {"VIR_DOMAIN_SHUTDOWN_GUEST_AGENT", 2},
        {"VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE", 64},
        {"VIR_DOMAIN_SNAPSHOT_XML_SECURE", 1},
        {"VIR_DOMAIN_VCPU_GUEST", 8},
        {"VIR_DOMAIN_XML_MIGRATABLE", 8},
        {"VIR_DOMAIN_XML_SECURE", 1},
        {"VIR_NETWORK_UPDATE_AFFECT_CONFIG", 2},
        {"VIR_NETWORK_UPDATE_AFFECT_LIVE", 1},
        {"VIR_NODE_DEVICE_UPDATE_AFFECT_CONFIG", 2},
        {"VIR_NODE_DEVICE_UPDATE_AFFECT_LIVE", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
            return rows[i].value;
    }
    return 0;
}

/* ---- where values lie ---- */

static const struct vw_field *field_named(const struct vw_type *t, const char *name, size_t len)
{
    for (uint32_t i = 0; t && i < t->n_fields; i++) {
        const char *is = t->fields[i].name;
        if (is && strlen(is) == len && strncmp(is, name, len) == 0)
            return &t->fields[i];
    }
    return NULL;
}

/* Adds to *AT where a T has a remote_nonnull_TYPE, itself or in a struct in it, as a snapshot has
 * its domain. */
static bool find_reference(const struct vw_type *t, const char *type, uint32_t *at)
{
    for (uint32_t i = 0; t && i < t->n_fields; i++) {
        const struct vw_type *is = t->fields[i].type;
        uint32_t inner = t->fields[i].offset;
        if (is->kind != VW_STRUCT)
            continue;
        bool found = is->name && strncmp(is->name, "remote_nonnull_", 15) == 0 &&
                     strcmp(is->name + 15, type) == 0;
        if (!found && !find_reference(is, type, &inner))
            continue;
        *at += inner;
        return true;
    }
    return false;
}

static const void *reference_in(const struct vw_type *t, const void *value, const char *type)
{
    uint32_t at = 0;
    return value && find_reference(t, type, &at) ? (const uint8_t *)value + at : NULL;
}

static bool is_due(const struct vw_call *c, const struct need *n)
{
    const char *word = n->argument ? n->argument : "flags", *name = n->flags;
    const struct vw_type *args = c->event->proc->args;
    const struct vw_field *f = field_named(args, word, strcspn(word, ":"));
    uint32_t flags = 0, all = 0;
    if (!name || !f || f->type->size != sizeof(flags))
        return !name;
    memcpy(&flags, (const uint8_t *)c->event->value + f->offset, sizeof(flags));
    bool unset = *name == '!';
    for (name += unset; *name; name += *name == '|') {
        size_t len = strcspn(name, "|");
        all |= flag_value(name, len);
        name += len;
    }
    return unset ? (flags & all) == 0 : (flags & all) == all;
}

/* ---- objects ---- */

/* That of the struct remote_nonnull_TYPE; NULL: there are none of it here. */
static const struct vw_object_kind *kind_of(const char *type)
{
    static const char *const names[][2] = {
        {"storage_pool", "pool"}, {"storage_vol", "volume"}, {"node_device", "device"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i][0], type) == 0)
            type = names[i][1];
    }
    for (size_t i = 0; vw_object_kinds[i]; i++) {
        if (vw_object_kinds[i]->size && strcmp(vw_object_kinds[i]->name, type) == 0)
            return vw_object_kinds[i];
    }
    return NULL;
}

/* A volume has the name of its pool in front. */
static void describe(const struct vw_object_kind *kind, const struct vw_object *o,
                     struct subject *s)
{
    const char *slash = o->parent ? strrchr(vw_text(&o->name), '/') : NULL;
    if (slash)
        snprintf(s->name, sizeof(s->name), "%s%s", vw_text(&o->parent->name), slash);
    else
        snprintf(s->name, sizeof(s->name), "%s", vw_text(&o->name));
    s->uuid[0] = 0;
    if (kind->reference.has_uuid)
        vw_uuid_text(o->uuid, s->uuid);
}

/* The XML of the arguments of which an object is made; NULL: there is none. */
static const struct vw_string *xml_of(const struct vw_call *c)
{
    static const char *const words[] = {"xml", "xml_desc", "xmlDesc", "dom_xml"};
    const struct vw_field *f = NULL;
    for (size_t i = 0; !f && i < sizeof(words) / sizeof(words[0]); i++)
        f = field_named(c->event->proc->args, words[i], strlen(words[i]));
    return f && f->type->kind == VW_STRING
               ? (const void *)((const uint8_t *)c->event->value + f->offset)
               : NULL;
}

/* One that is named in another way than by an element. */
static bool identify_new(struct vw_call *c, const struct vw_object_kind *kind, const xmlNode *root,
                         struct subject *s)
{
    struct vw_object *o = root && kind && kind->identify ? vw_call_alloc(c, kind->size) : NULL;
    if (!o || kind->identify(c, root, o) != VW_DONE)
        return false;
    describe(kind, o, s);
    return true;
}

/* What is to be made of XML. False: nothing is, which the row says better. */
static bool describe_new(struct vw_call *c, const struct need *n, struct subject *s)
{
    xmlDoc *doc = vw_xml_parse(c, xml_of(c), 0);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    const char *name = vw_xml_content(c, vw_xml_child(root, "name"));
    const char *uuid = vw_xml_content(c, vw_xml_child(root, "uuid"));
    const struct vw_string *pool =
        strcmp(n->type, "storage_vol") == 0
            ? reference_in(c->event->proc->args, c->event->value, "storage_pool")
            : NULL;
    snprintf(s->name, sizeof(s->name), "%s%s%s", pool ? vw_text(pool) : "", pool ? "/" : "",
             name ? name : "");
    snprintf(s->uuid, sizeof(s->uuid), "%s", uuid ? uuid : "");
    bool described = name || identify_new(c, kind_of(n->type), root, s);
    xmlFreeDoc(doc);
    return described;
}

/* ---- who ---- */

static const char *user_of(struct vw_conn *c)
{
    if (!c->user && c->uid >= 0) {
        const struct passwd *who = getpwuid((uid_t)c->uid);
        c->user = strdup(who ? who->pw_name : "");
    }
    return c->user ? c->user : "";
}

static const char *certificate_of(struct vw_conn *c)
{
    char name[1024] = "";
    if (!c->certificate && c->tls) {
        bool known = vw_tls_server_peer(c->tls, name, sizeof(name));
        c->certificate = strdup(known ? name : "");
    }
    return c->certificate ? c->certificate : "";
}

static bool fits(struct vw_conn *c, const struct vw_access_rule *r, const char *permission,
                 const struct subject *s)
{
    bool wanted = false;
    for (size_t i = 0; i < r->n_wanted && !wanted; i++)
        wanted = fnmatch(r->wanted[i], permission, 0) == 0;
    if (!wanted || (r->uid >= 0 && r->uid != c->uid) ||
        (r->user && fnmatch(r->user, user_of(c), 0) != 0) ||
        (r->name && fnmatch(r->name, certificate_of(c), 0) != 0))
        return false;
    return !r->object || (s && (fnmatch(r->object, s->name, 0) == 0 ||
                                (s->uuid[0] && fnmatch(r->object, s->uuid, 0) == 0)));
}

/* What libvirt's policy (org.libvirt.api.policy of 9.0.0) lets anybody do. */
static bool is_for_anybody(const char *permission)
{
    static const char *const all[] = {
        "connect.getattr",
        "connect.read",
        "connect.search-domains",
        "connect.search-interfaces",
        "connect.search-networks",
        "connect.search-node-devices",
        "connect.search-nwfilter-bindings",
        "connect.search-nwfilters",
        "connect.search-secrets",
        "connect.search-storage-pools",
        "domain.getattr",
        "domain.read",
        "interface.getattr",
        "interface.read",
        "network.getattr",
        "network.read",
        "network-port.getattr",
        "network-port.read",
        "node-device.getattr",
        "nwfilter.getattr",
        "nwfilter.read",
        "nwfilter-binding.getattr",
        "nwfilter-binding.read",
        "secret.getattr",
        "secret.read",
        "storage-pool.getattr",
        "storage-pool.read",
        "storage-vol.getattr",
        "storage-vol.read",
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i], permission) == 0)
            return true;
    }
    return false;
}

/* S NULL: it is about no object. */
static bool may(struct vw_conn *c, const char *permission, const struct subject *s)
{
    const struct vw_access *a = &c->daemon->config->access;
    if (c->uid == 0)
        return true;
    for (size_t i = 0; i < a->n_rules; i++) {
        if (fits(c, &a->rules[i], permission, s))
            return a->rules[i].allow;
    }
    return c->uid >= 0 && is_for_anybody(permission);
}

/* ---- calls ---- */

static enum vw_outcome check(struct vw_call *c, const struct need *n, const struct subject *s)
{
    if (may(c->conn, n->permission, s))
        return VW_DONE;
    return vw_call_failf(c, ERR_ACCESS_DENIED, FROM_ACCESS, "%s is denied", n->permission);
}

/* Where it says which object is meant. */
static enum source {
    NOWHERE,
    NAMED,
    MADE,
    FOUND
} source_of(const struct vw_call *c, const struct need *n)
{
    const struct vw_proc *proc = c->event->proc;
    uint32_t at = 0;
    if (strcmp(n->type, "connect") == 0)
        return NOWHERE;
    /* What is made may be a copy of what is named. */
    if (strcmp(strchr(n->permission, '.'), ".create") != 0 &&
        find_reference(proc->args, n->type, &at))
        return NAMED;
    if (xml_of(c))
        return MADE;
    return find_reference(proc->ret, n->type, &at) ? FOUND : NOWHERE;
}

/* The object that NAMED means. That there is none the row says better. */
static enum vw_outcome check_named(struct vw_call *c, const struct need *n, const void *named)
{
    const struct vw_object_kind *kind = kind_of(n->type);
    const struct vw_object *o = kind && named ? vw_call_object_of(c, kind, named) : NULL;
    struct subject s;
    if (!o)
        return VW_DONE;
    describe(kind, o, &s);
    return check(c, n, &s);
}

static enum vw_outcome check_before(struct vw_call *c, const struct need *n)
{
    const struct vw_proc *proc = c->event->proc;
    struct subject s;
    switch (source_of(c, n)) {
    case NAMED:
        return check_named(c, n, reference_in(proc->args, c->event->value, n->type));
    case MADE:
        return describe_new(c, n, &s) ? check(c, n, &s) : VW_DONE;
    case FOUND:
        return VW_DONE;
    default:
        return check(c, n, NULL);
    }
}

/* Marks in the table of objects those that the filter of the procedure takes away. */
static void veil(struct vw_call *c, bool on)
{
    struct need n;
    uint32_t at = 0;
    while (next_need(c->event->proc, "aclfilter", &at, &n)) {
        const struct vw_object_kind *kind = kind_of(n.type);
        struct vw_objects *t = kind ? vw_model_objects(c->conn->model, kind) : NULL;
        for (uint32_t i = 0; t && i < t->count; i++) {
            struct subject s;
            describe(kind, t->list[i], &s);
            t->list[i]->veiled = on && !may(c->conn, n.permission, &s);
        }
        if (t)
            t->veiled = on;
    }
}

enum vw_outcome vw_access_before(struct vw_call *c)
{
    struct need n;
    uint32_t at = 0;
    if (!c->conn->daemon->config->access.on)
        return VW_DONE;
    while (next_need(c->event->proc, "acl", &at, &n)) {
        if (is_due(c, &n) && check_before(c, &n) != VW_DONE)
            return VW_FAILED;
    }
    veil(c, true);
    return VW_DONE;
}

enum vw_outcome vw_access_after(struct vw_call *c, enum vw_outcome outcome)
{
    const struct vw_proc *proc = c->event->proc;
    struct need n;
    uint32_t at = 0;
    if (!c->conn->daemon->config->access.on)
        return outcome;
    veil(c, false);
    while (outcome == VW_DONE && next_need(proc, "acl", &at, &n)) {
        if (source_of(c, &n) == FOUND)
            outcome = check_named(c, &n, reference_in(proc->ret, c->value, n.type));
    }
    return outcome;
}

/* ---- events ---- */

/* The filter of a registration asks for the same of all kinds. */
bool vw_access_hears(struct vw_conn *c, const struct vw_happening *h)
{
    static const char *const types[] = {"domain", "network", "storage_pool", "node_device"};
    struct subject s;
    for (size_t i = 0; c->daemon->config->access.on && i < sizeof(types) / sizeof(types[0]); i++) {
        struct need n;
        char text[48];
        if (kind_of(types[i]) != h->kind)
            continue;
        snprintf(text, sizeof(text), "%s:getattr", types[i]);
        describe(h->kind, h->object, &s);
        return read_need(text, &n) && may(c, n.permission, &s);
    }
    return true;
}
