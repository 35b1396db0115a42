// SPDX-License-Identifier: MIT
// Secrets, as drivers have them that are no test driver: what each is for, and a value that is
// given out unless it is private.
#include "mock-daemon/kinds/secret.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/core.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_XML_ERROR = 27, ERR_INVALID_SECRET = 65, ERR_NO_SECRET = 66, ERR_UNSUPPORTED = 67 };
enum { FROM_SECRET = 30 };

/* By virSecretUsageType: what it is called, and the element that says for what. */
static const struct {
    const char *type, *element;
} usages[] = {{"none", NULL},      {"volume", "volume"}, {"ceph", "name"},
              {"iscsi", "target"}, {"tls", "name"},      {"vtpm", "name"}};
enum { USAGES = sizeof(usages) / sizeof(usages[0]) };

static enum vw_outcome wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, FROM_SECRET, why);
}

/* What it is for, in its name. */
static struct vw_string usage_id(const struct vw_object *o)
{
    const uint32_t before = ((const struct vw_secret *)o)->usage
                                ? (uint32_t)strcspn(o->name.data, "/") + 1
                                : o->name.len;
    return (struct vw_string){o->name.data + before, o->name.len - before};
}

static void refer(const struct vw_object *o, void *to)
{
    struct remote_nonnull_secret *r = to;
    memcpy(r->uuid, o->uuid, sizeof(r->uuid));
    r->usageType = ((const struct vw_secret *)o)->usage;
    r->usageID = usage_id(o);
}

static void end(struct vw_object *o)
{
    struct vw_secret *s = (struct vw_secret *)o;
    if (s->value)
        explicit_bzero(s->value, s->size);
    free(s->value);
    s->value = NULL;
}

/* ---- lists and look-ups ---- */

/* virConnectListAllSecretsFlags */
enum { EPHEMERAL = 1, NO_EPHEMERAL = 2, PRIVATE = 4, NO_PRIVATE = 8, LIST_KNOWN = 15 };
static const uint32_t list_groups[] = {EPHEMERAL | NO_EPHEMERAL, PRIVATE | NO_PRIVATE, 0};

static uint32_t list_bits(const struct vw_object *o)
{
    const struct vw_secret *s = (const struct vw_secret *)o;
    return (s->ephemeral ? EPHEMERAL : NO_EPHEMERAL) | (s->private ? PRIVATE : NO_PRIVATE);
}

enum vw_outcome vw_on_connect_list_secrets(struct vw_call *c,
                                           const struct remote_connect_list_secrets_args *args,
                                           struct remote_connect_list_secrets_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    struct vw_string *list;
    char(*texts)[VW_UUID_TEXT];
    uint32_t n = 0;
    if (vw_call_check_count(c, args->maxuuids) != VW_DONE ||
        !(list = vw_call_alloc(c, t->count * sizeof(*list))) ||
        !(texts = vw_call_alloc(c, t->count * sizeof(*texts))))
        return VW_FAILED;
    for (uint32_t i = 0; i < t->count && n < (uint32_t)args->maxuuids; i++) {
        if (t->list[i]->veiled)
            continue;
        vw_uuid_text(t->list[i]->uuid, texts[n]);
        list[n] = vw_string(texts[n]);
        n++;
    }
    ret->uuids = (struct vw_list){list, n};
    return VW_DONE;
}

enum vw_outcome vw_on_secret_lookup_by_usage(struct vw_call *c,
                                             const struct remote_secret_lookup_by_usage_args *args,
                                             struct remote_secret_lookup_by_usage_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    for (uint32_t i = 0; args->usageType && i < t->count; i++) {
        const struct vw_object *o = t->list[i];
        if (((const struct vw_secret *)o)->usage == args->usageType &&
            strcmp(usage_id(o).data, vw_text(&args->usageID)) == 0) {
            refer(o, &ret->secret);
            return VW_DONE;
        }
    }
    return wrong(c, ERR_NO_SECRET, "no secret is for that");
}

/* ---- definitions ---- */

static const struct vw_shape shape[] = {
    {"secret", "ephemeral=no private=no", "uuid description usage"},
    {"usage", "type", "volume name target"},
    {NULL},
};

static enum vw_outcome read_flag(struct vw_call *c, const xmlNode *root, const char *name,
                                 int32_t *out)
{
    const char *text = vw_xml_get(c, root, name);
    *out = text && strcmp(text, "yes") == 0;
    if (text && !*out && strcmp(text, "no") != 0)
        return wrong(c, ERR_XML_ERROR, "it is private or ephemeral, yes or no");
    return VW_DONE;
}

/* Which makes the name. */
static enum vw_outcome read_usage(struct vw_call *c, const xmlNode *n, struct vw_secret *s)
{
    const char *type = vw_xml_get(c, n, "type"), *id;
    int32_t i = 0;
    if (!n)
        return VW_DONE;
    if (!type || !*type)
        return wrong(c, ERR_XML_ERROR, "the type of the usage is missing");
    while (i < USAGES && strcmp(usages[i].type, type) != 0)
        i++;
    if (i == USAGES)
        return wrong(c, ERR_UNSUPPORTED, "no secret is for such a thing");
    if (i == 0)
        return VW_DONE;
    id = vw_xml_content(c, vw_xml_child(n, usages[i].element));
    if (!id || !*id)
        return wrong(c, VW_ERR_INTERNAL, "it is not said what the secret is for");
    const size_t size = strlen(type) + 1 + strlen(id) + 1;
    char *name = vw_call_alloc(c, size);
    if (!name)
        return VW_FAILED;
    snprintf(name, size, "%s/%s", type, id);
    s->usage = i;
    s->o.name = vw_string(name);
    return VW_DONE;
}

/* One that nobody has. */
static void make_uuid(const struct vw_call *c, uint8_t *uuid)
{
    const struct vw_objects *t = vw_call_objects(c);
    char name[32];
    uint32_t n = t->count;
    do {
        snprintf(name, sizeof(name), "secret %u", n++);
        vw_uuid_make(c->conn->model->seed, name, uuid);
    } while (vw_objects_by_uuid(t, uuid));
}

static enum vw_outcome read_uuid(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *text = vw_xml_content(c, vw_xml_child(root, "uuid"));
    if (!text || !*text)
        make_uuid(c, o->uuid);
    else if (!vw_uuid_parse(text, o->uuid))
        return wrong(c, VW_ERR_INTERNAL, "the uuid is none");
    return VW_DONE;
}

/* What is there already has the same usage, and its value stays. */
static enum vw_outcome check_others(struct vw_call *c, struct vw_secret *s)
{
    const struct vw_objects *t = vw_call_objects(c);
    const struct vw_secret *old = (const struct vw_secret *)vw_objects_by_uuid(t, s->o.uuid);
    if (!old && vw_objects_by_name(t, s->o.name.data))
        return wrong(c, VW_ERR_INTERNAL, "another secret is for that");
    if (!old)
        return VW_DONE;
    if (strcmp(old->o.name.data, s->o.name.data) != 0)
        return wrong(c, VW_ERR_INTERNAL, "the secret is for something else");
    if (old->private && !s->private)
        return wrong(c, VW_ERR_INTERNAL, "a private secret stays private");
    s->value = old->value;
    s->size = old->size;
    return VW_DONE;
}

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    struct vw_secret *s = (struct vw_secret *)o;
    if (read_flag(c, root, "ephemeral", &s->ephemeral) != VW_DONE ||
        read_flag(c, root, "private", &s->private) != VW_DONE || read_uuid(c, root, o) != VW_DONE ||
        read_usage(c, vw_xml_child(root, "usage"), s) != VW_DONE)
        return VW_FAILED;
    if (!s->usage) {
        char *name = vw_call_alloc(c, VW_UUID_TEXT);
        if (!name)
            return VW_FAILED;
        vw_uuid_text(o->uuid, name);
        o->name = vw_string(name);
    }
    return check_others(c, s);
}

/* Leaves what was read, each once; the uuid is written by who writes it all. */
static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const int32_t usage = ((const struct vw_secret *)o)->usage;
    const char *description = vw_xml_content(c, vw_xml_child(root, "description"));
    while (root->children) {
        xmlNode *one = root->children;
        xmlUnlinkNode(one);
        xmlFreeNode(one);
    }
    if (description && *description)
        xmlNewTextChild(root, NULL, BAD_CAST "description", BAD_CAST description);
    if (usage) {
        xmlNode *n = xmlNewChild(root, NULL, BAD_CAST "usage", NULL);
        xmlNewProp(n, BAD_CAST "type", BAD_CAST usages[usage].type);
        xmlNewTextChild(n, NULL, BAD_CAST usages[usage].element, BAD_CAST usage_id(o).data);
    }
    return VW_DONE;
}

/* ---- the value ---- */

enum { VALUE_CHANGED = 1, EVENTS };

enum vw_outcome vw_on_secret_set_value(struct vw_call *c,
                                       const struct remote_secret_set_value_args *args)
{
    struct vw_secret *s;
    if (args->value.len == 0)
        return wrong(c, VW_ERR_INVALID_ARG, "a value must not be empty");
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE ||
        !(s = (struct vw_secret *)vw_call_object(c, &args->secret)))
        return VW_FAILED;
    const struct vw_happening changed = {&vw_object_kind_secret, &s->o, VALUE_CHANGED, 0, 0};
    uint8_t *value = malloc(args->value.len);
    if (!value || vw_call_tell(c, &changed) != VW_DONE) {
        free(value);
        return wrong(c, VW_ERR_INTERNAL, "no memory for the value");
    }
    vw_core_forbid();
    memcpy(value, args->value.data, args->value.len);
    end(&s->o);
    s->value = value;
    s->size = args->value.len;
    return VW_DONE;
}

enum vw_outcome vw_on_secret_get_value(struct vw_call *c,
                                       const struct remote_secret_get_value_args *args,
                                       struct remote_secret_get_value_ret *ret)
{
    const struct vw_secret *s;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE ||
        !(s = (const struct vw_secret *)vw_call_object(c, &args->secret)))
        return VW_FAILED;
    if (s->private)
        return wrong(c, ERR_INVALID_SECRET, "the secret is private");
    if (!s->value)
        return wrong(c, ERR_NO_SECRET, "the secret has no value");
    ret->value = (struct vw_bytes){s->value, s->size};
    return VW_DONE;
}

/* ---- rows ---- */

/* virSecretEventLifecycleType: defined 0, undefined 1. */
static const struct vw_lives lives = {.defined = 0};
static const struct vw_move leave = {1u << 0 | 1u << 1, .to = 0, .event = 1};

static const struct vw_event_form events[] = {
    VW_LIFE_FORM(secret_event_lifecycle, secret),
    VW_EVENT_FORM(secret_event_value_changed, VALUE_CHANGED, secret),
    {NULL},
};

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_secrets, VW_INACTIVE),
    VW_CALL(connect_list_secrets),
    VW_ALL(connect_list_all_secrets, secrets, LIST_KNOWN),
    VW_BY_UUID(secret_lookup_by_uuid, secret),
    VW_CALL(secret_lookup_by_usage),
    VW_DEFINE_FLAGS(secret_define_xml, secret, VW_INACTIVE, 1),
    VW_UNDEFINE(secret_undefine, secret, &leave),
    VW_XML(secret_get_xml_desc, secret, 0),
    VW_CALL(secret_set_value),
    VW_CALL(secret_get_value),
    VW_REGISTER(connect_secret_event_register_any, secret),
    VW_DEREGISTER(connect_secret_event_deregister_any),
    {NULL},
};

static const struct vw_own owns[] = {
    VW_OWN(struct vw_secret, ephemeral),
    VW_OWN(struct vw_secret, private),
    VW_OWN(struct vw_secret, usage),
    VW_OWN_AS(struct vw_secret, size, VW_FORM_FORGOTTEN),
    VW_OWN_AS(struct vw_secret, value, VW_FORM_FORGOTTEN),
    {NULL},
};

const struct vw_object_kind vw_object_kind_secret = {
    .name = "secret",
    .rows = rows,
    .hosted = true,
    .size = sizeof(struct vw_secret),
    .owns = owns,
    .reference = {.size = sizeof(struct remote_nonnull_secret),
                  .uuid = offsetof(struct remote_nonnull_secret, uuid),
                  .has_uuid = true},
    .missing = {ERR_NO_SECRET, FROM_SECRET},
    .missing_text = "there is no such secret",
    .xml_domain = FROM_SECRET,
    .end = end,
    .refer = refer,
    .shape = shape,
    .identify = identify,
    .parse = parse,
    .list_bits = list_bits,
    .list_groups = list_groups,
    .events = events,
    .n_events = EVENTS,
    .lives = &lives,
};
