// SPDX-License-Identifier: MIT
// Storage pools, of all types that libvirt has: the one of the test driver, those that clients
// define, and one in no list for trying out streams.
#include "mock-daemon/kinds/pool.h"

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"

/* virErrorNumber and virErrorDomain */
enum { ERR_OPERATION_FAILED = 9, ERR_NO_STORAGE_POOL = 49 };
enum { FROM_XML = 5 };

/* ---- types ---- */

#define FILES  "raw none dir bochs cloop dmg iso vpc vdi fat vhd ploop cow qcow qcow2 qed vmdk"
#define PARTS  "none linux fat16 fat32 linux-swap linux-lvm linux-raid extended"
#define DISKS  "unknown dos dvh gpt mac bsd pc98 sun lvm2"
#define FSES   "auto ext2 ext3 ext4 ufs iso9660 udf gfs gfs2 vfat hfs+ xfs ocfs2 vmfs"
#define REMOTE "host device initiator auth"

enum { VOLUME_FILE = 0, VOLUME_BLOCK = 1, VOLUME_NETWORK = 3 };

static const struct vw_pool_type types[] = {
    {"dir", 1 << 6, "", NULL, NULL, "", FILES, VOLUME_FILE},
    {"fs", 1 << 7, "device", "device", FSES, "", FILES, VOLUME_FILE},
    {"netfs", 1 << 8, "host dir", "host dir", "auto nfs glusterfs cifs", "", FILES, VOLUME_FILE},
    {"logical", 1 << 9, "device name", NULL, "lvm2 unknown", "/dev/", NULL, VOLUME_BLOCK},
    {"disk", 1 << 10, "device", "device", DISKS, "", PARTS, VOLUME_BLOCK},
    {"iscsi", 1 << 11, REMOTE, "host device", NULL, "", NULL, VOLUME_BLOCK},
    {"scsi", 1 << 12, "adapter", "adapter", NULL, "", NULL, VOLUME_BLOCK},
    {"mpath", 1 << 13, "", NULL, NULL, "", NULL, VOLUME_BLOCK},
    {"rbd", 1 << 14, "host name auth", "name", NULL, NULL, FILES, VOLUME_NETWORK},
    {"sheepdog", 1 << 15, "host name", "host", NULL, NULL, FILES, VOLUME_NETWORK},
    {"gluster", 1 << 16, "host dir name", "host dir", NULL, NULL, FILES, VOLUME_NETWORK},
    {"zfs", 1 << 17, "device name", NULL, NULL, "/dev/zvol/", NULL, VOLUME_BLOCK},
    {"vstorage", 1 << 18, "name", NULL, NULL, "", FILES, VOLUME_FILE},
    {"iscsi-direct", 1 << 19, REMOTE, "host device", NULL, NULL, NULL, VOLUME_NETWORK},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

static bool same(const struct vw_string *s, const char *text)
{
    return s->data && s->len == strlen(text) && memcmp(s->data, text, s->len) == 0;
}

/* NULL: there is none of that name. */
static const struct vw_pool_type *find_type(const struct vw_string *name)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (same(name, types[i].name))
            return &types[i];
    }
    return NULL;
}

const struct vw_pool_type *vw_pool_type(const struct vw_object *pool)
{
    const struct vw_string name = vw_xml_said(&pool->xml, "<pool type='");
    const struct vw_pool_type *type = find_type(&name);
    return type ? type : &types[0];
}

struct vw_string vw_pool_target(const struct vw_object *pool)
{
    const struct vw_string path = vw_xml_said(&pool->xml, "\n    <path>");
    return path.data ? path : vw_string("(null)");
}

bool vw_pool_word(const char *list, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = list; at && (at = strstr(at, word)); at += len) {
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == 0))
            return len > 0;
    }
    return false;
}

void vw_pool_first_word(const char *list, char word[VW_POOL_WORD])
{
    size_t len = strcspn(list, " ");
    len = len < VW_POOL_WORD ? len : VW_POOL_WORD - 1;
    memcpy(word, list, len);
    word[len] = 0;
}

/* ---- what is there ---- */

#define POOL_XML(name, uuid, path)                                                                 \
    "<pool type='dir'>\n"                                                                          \
    "  <name>" name "</name>\n"                                                                    \
    "  <uuid>" uuid "</uuid>\n"                                                                    \
    "  <source>\n"                                                                                 \
    "  </source>\n"                                                                                \
    "  <target>\n"                                                                                 \
    "    <path>" path "</path>\n"                                                                  \
    "  </target>\n"                                                                                \
    "</pool>\n"

#define HIDDEN "6695eb01-f6a4-8304-79aa-97f2502e193f"

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_object first[] = {
        {.name = VW_STRING("default-pool"),
         .uuid = {0xdf, 0xe2, 0x24, 0xcb, 0x28, 0xfb, 0x8d, 0xd0, 0xc4, 0xb2, 0x64, 0xeb, 0x3f,
                  0x0f, 0x45, 0x66},
         .xml = VW_STRING(
             POOL_XML("default-pool", "dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566", "/default-pool")),
         .state = 1,
         .persistent = 1},
        {.name = VW_STRING("test"),
         .uuid = {0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04, 0x79, 0xaa, 0x97, 0xf2, 0x50,
                  0x2e, 0x19, 0x3f},
         .xml = VW_STRING(POOL_XML("test", HIDDEN, "")),
         .state = 1,
         .persistent = 1},
    };
    int rc = vw_objects_add(t, &first[0], NULL);
    return rc == 0 ? vw_objects_add(t, &first[1], NULL) : rc;
}

/* The one that clients are tried with. */
static bool hidden(const struct vw_object *o)
{
    const struct vw_string uuid = vw_xml_said(&o->xml, "<uuid>");
    return same(&uuid, HIDDEN);
}

/* ---- facts ---- */

static uint32_t list_bits(const struct vw_object *o)
{
    return (uint32_t)((o->active ? VW_LIST_ACTIVE : VW_LIST_INACTIVE) |
                      (o->persistent ? VW_LIST_PERSISTENT : VW_LIST_TRANSIENT) |
                      (o->autostart ? VW_LIST_AUTOSTART : VW_LIST_NO_AUTOSTART)) |
           vw_pool_type(o)->list;
}

#define LIST_KNOWN ((1u << 20) - 1)

static struct vw_objects *volumes(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_volume);
}

uint64_t vw_pool_allocation(const struct vw_call *c, const struct vw_object *pool)
{
    const struct vw_objects *t = volumes(c);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->list[i]->parent == pool)
            sum += vw_xml_said_number(&t->list[i]->xml, "<allocation unit='bytes'>");
    }
    return sum;
}

enum vw_outcome vw_on_storage_pool_get_info(struct vw_call *c,
                                            const struct remote_storage_pool_get_info_args *args,
                                            struct remote_storage_pool_get_info_ret *ret)
{
    enum { INACTIVE = 0, RUNNING = 2 }; /* virStoragePoolState */
    const struct vw_object *o = vw_call_object(c, &args->pool);
    if (!o)
        return VW_FAILED;
    ret->state = o->active ? RUNNING : INACTIVE;
    ret->capacity = VW_POOL_CAPACITY;
    ret->allocation = vw_pool_allocation(c, o);
    ret->available = ret->capacity - ret->allocation;
    return VW_DONE;
}

/* Its sizes stand behind its uuid, and are not kept there. */
static enum vw_outcome xml(struct vw_call *c, const struct vw_object *o, struct vw_string *out)
{
    static const char uuid_end[] = "</uuid>\n";
    const char *at = strstr(o->xml.data, uuid_end);
    const size_t head = at ? (size_t)(at - o->xml.data) + sizeof(uuid_end) - 1 : 0;
    const uint64_t allocation = vw_pool_allocation(c, o);
    char sizes[256];
    int n = snprintf(sizes, sizeof(sizes),
                     "  <capacity unit='bytes'>%llu</capacity>\n"
                     "  <allocation unit='bytes'>%llu</allocation>\n"
                     "  <available unit='bytes'>%llu</available>\n",
                     (unsigned long long)VW_POOL_CAPACITY, (unsigned long long)allocation,
                     (unsigned long long)(VW_POOL_CAPACITY - allocation));
    out->len = o->xml.len + (uint32_t)n;
    out->data = vw_call_alloc(c, out->len + (size_t)1);
    if (!out->data)
        return VW_FAILED;
    char *to = mempcpy(out->data, o->xml.data, head);
    to = mempcpy(to, sizes, (size_t)n);
    memcpy(to, o->xml.data + head, o->xml.len - head);
    return VW_DONE;
}

enum vw_outcome
vw_on_storage_pool_lookup_by_volume(struct vw_call *c,
                                    const struct remote_storage_pool_lookup_by_volume_args *args,
                                    struct remote_storage_pool_lookup_by_volume_ret *ret)
{
    const struct vw_objects *t = vw_call_objects(c);
    const struct vw_object *o = vw_objects_by_name(t, vw_text(&args->vol.pool));
    if (!o)
        return vw_call_fail(c, t->kind->missing.code, t->kind->missing.domain,
                            t->kind->missing_text);
    vw_refer(t->kind, o, &ret->pool);
    return VW_DONE;
}

struct vw_object *vw_pool_active(struct vw_call *c, const void *named)
{
    struct vw_object *o = vw_call_object_of(c, &vw_object_kind_pool, named);
    if (!o || o->active)
        return o;
    vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "the pool is not active");
    return NULL;
}

/* ---- where pools could be made of ---- */

#define LVM_XML(device, name)                                                                      \
    "  <source>\n"                                                                                 \
    "    <device path='" device "'/>\n"                                                            \
    "    <name>" name "</name>\n"                                                                  \
    "    <format type='lvm2'/>\n"                                                                  \
    "  </source>\n"

static enum vw_outcome netfs_sources(struct vw_call *c, const struct vw_string *spec,
                                     struct vw_string *out)
{
    xmlDoc *doc = vw_xml_parse(c, spec, VW_FROM_STORAGE);
    const char *host;
    struct vw_xml x;
    if (!doc)
        return VW_FAILED;
    host = vw_xml_get(c, vw_xml_child(xmlDocGetRootElement(doc), "host"), "name");
    xmlFreeDoc(doc);
    if (!host)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "no host is said");
    vw_xml_begin(&x);
    vw_xml_start(&x, "sources");
    vw_xml_start(&x, "source");
    vw_xml_empty(&x, "host", "name", host, NULL);
    vw_xml_empty(&x, "dir", "path", "/testshare", NULL);
    vw_xml_empty(&x, "format", "type", "nfs", NULL);
    vw_xml_end(&x);
    vw_xml_end(&x);
    return vw_xml_finish(&x, c, out);
}

enum vw_outcome vw_on_connect_find_storage_pool_sources(
    struct vw_call *c, const struct remote_connect_find_storage_pool_sources_args *args,
    struct remote_connect_find_storage_pool_sources_ret *ret)
{
    static const struct vw_string lvm = VW_STRING("<sources>\n" LVM_XML(
        "/dev/sda20", "testvg1") LVM_XML("/dev/sda21", "testvg2") "</sources>\n");
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE)
        return VW_FAILED;
    ret->xml = lvm;
    if (same(&args->type, "logical"))
        return VW_DONE;
    if (same(&args->type, "dir"))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "folders are not looked for");
    if (!same(&args->type, "netfs"))
        return vw_call_fail(c, VW_ERR_NO_SUPPORT, VW_FROM_TEST, "such pools are not looked for");
    if (!args->srcSpec)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "no host is said");
    return netfs_sources(c, args->srcSpec, &ret->xml);
}

/* ---- definitions ---- */

static const struct vw_shape shape[] = {
    {"pool", "type", "name uuid source target"},
    {"pool/source", "", "host device dir adapter name initiator auth format vendor product",
     .open = true},
    {"host", "name port"},
    {"source/device", "path part_separator", "freeExtent"},
    {"target", "", "path permissions encryption"},
    {"permissions", "", "mode owner group label"},
    {NULL},
};

static enum vw_outcome wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, VW_FROM_STORAGE, why);
}

static xmlNode *child(const xmlNode *parent, const char *name)
{
    return (xmlNode *)(uintptr_t)vw_xml_child(parent, name);
}

/* The child of that name, made if it is not there. */
static xmlNode *have(xmlNode *parent, const char *name)
{
    xmlNode *n = child(parent, name);
    return n ? n : xmlNewChild(parent, NULL, BAD_CAST name, NULL);
}

static void drop(xmlNode *n)
{
    xmlUnlinkNode(n);
    xmlFreeNode(n);
}

/* The name of the pool is that of its source if it has no other. */
static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *type = vw_xml_get(c, root, "type");
    const char *name = vw_xml_content(c, vw_xml_child(root, "name"));
    const char *uuid = vw_xml_content(c, vw_xml_child(root, "uuid"));
    const struct vw_string said = type ? vw_string(type) : (struct vw_string){0};
    if (!find_type(&said))
        return vw_call_fail(c, VW_ERR_XML, FROM_XML, "there is no pool of this type");
    if (!name || !*name)
        name = vw_xml_content(c, vw_xml_child(vw_xml_child(root, "source"), "name"));
    if (!name || !*name)
        return wrong(c, VW_ERR_XML, "a name is missing");
    if (strchr(name, '/'))
        return wrong(c, VW_ERR_XML, "a name must not have a slash");
    o->name = vw_string(name);
    if (!uuid)
        vw_uuid_from_name(name, o->uuid);
    else if (!vw_uuid_parse(uuid, o->uuid))
        return wrong(c, VW_ERR_XML, "the uuid is none");
    if (!uuid && vw_objects_by_name(vw_call_objects(c), name))
        return wrong(c, ERR_OPERATION_FAILED, "its name is another's");
    return VW_DONE;
}

/* What the type knows of the source stays; what it needs must be there. */
static enum vw_outcome check_source(struct vw_call *c, const struct vw_pool_type *type,
                                    xmlNode *source, const struct vw_object *o)
{
    const char *format = vw_xml_get(c, vw_xml_child(source, "format"), "type");
    for (xmlNode *n = source->children, *next; n; n = next) {
        next = n->next;
        if (n->type != XML_ELEMENT_NODE || !vw_pool_word(type->source, (const char *)n->name))
            drop(n);
    }
    if (type->target && *type->target && !child(source, "name"))
        xmlNewTextChild(source, NULL, BAD_CAST "name", BAD_CAST o->name.data);
    static const char *const needed[] = {"host", "device", "dir", "adapter", "name"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (type->needs && vw_pool_word(type->needs, needed[i]) && !child(source, needed[i]))
            return wrong(c, VW_ERR_XML, "an element of the source is missing");
    }
    if (!type->formats)
        return VW_DONE;
    if (format && !vw_pool_word(type->formats, format))
        return wrong(c, VW_ERR_UNSUPPORTED, "such a pool has no such format");
    char first[VW_POOL_WORD];
    vw_pool_first_word(type->formats, first);
    xmlNewProp(have(source, "format"), BAD_CAST "type", BAD_CAST(format ? format : first));
    return VW_DONE;
}

/* PATH without slashes at its end. */
static char *trimmed(struct vw_call *c, const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    char *copy = vw_call_alloc(c, len + 1);
    if (copy)
        memcpy(copy, path, len);
    return copy;
}

/* Two pools of folders do not share one. */
static enum vw_outcome check_conflict(struct vw_call *c, const char *path,
                                      const struct vw_object *like)
{
    const struct vw_objects *t = vw_call_objects(c);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct vw_object *o = t->list[i];
        const struct vw_string other = vw_pool_target(o);
        if (vw_pool_type(o) == &types[0] && same(&other, path) && !hidden(o) &&
            memcmp(o->uuid, like->uuid, 16) != 0)
            return wrong(c, ERR_OPERATION_FAILED, "another pool has this folder");
    }
    return VW_DONE;
}

static enum vw_outcome check_target(struct vw_call *c, const struct vw_pool_type *type,
                                    xmlNode *root, const struct vw_object *o)
{
    xmlNode *target = child(root, "target");
    const char *path = vw_xml_content(c, vw_xml_child(target, "path"));
    if (!type->target) {
        if (target)
            drop(target);
        return VW_DONE;
    }
    if (*type->target) {
        const char *name = vw_xml_content(c, vw_xml_child(vw_xml_child(root, "source"), "name"));
        char *made = name ? vw_call_alloc(c, strlen(type->target) + strlen(name) + 1) : NULL;
        if (made)
            strcpy(stpcpy(made, type->target), name);
        path = made;
    }
    if (!path || !*path)
        return wrong(c, VW_ERR_XML, "the path of the target is missing");
    path = trimmed(c, path);
    if (!path)
        return VW_FAILED;
    target = have(root, "target");
    if (child(target, "path"))
        drop(child(target, "path"));
    xmlNewTextChild(target, NULL, BAD_CAST "path", BAD_CAST path);
    return type == &types[0] ? check_conflict(c, path, o) : VW_DONE;
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const char *name = vw_xml_get(c, root, "type");
    const struct vw_string said = vw_string(name ? name : "");
    const struct vw_pool_type *type = find_type(&said);
    if (check_source(c, type, have(root, "source"), o) != VW_DONE)
        return VW_FAILED;
    if (!child(root, "name"))
        xmlNewTextChild(root, NULL, BAD_CAST "name", BAD_CAST o->name.data);
    return check_target(c, type, root, o);
}

/* ---- life ---- */

/* virStoragePoolEventLifecycleType, and the number of the event of a refresh. */
enum { UNDEFINED = 1, STARTED = 2, STOPPED = 3, CREATED = 4, DELETED = 5 };
enum { EVENT_REFRESH = 1 };
static const struct vw_lives lives = {.defined = 0, .started = STARTED};

#define IN      .code = ERR_OPERATION_INVALID, .domain = VW_FROM_TEST, .text = "the pool is inactive"
#define OUT     .code = ERR_OPERATION_INVALID, .domain = VW_FROM_TEST, .text = "the pool is active"
#define IDLE    (1u << 0)
#define RUNNING (1u << 1)

static const struct vw_move start = {IDLE, .to = 1, .event = STARTED, OUT};
static const struct vw_move build = {IDLE, .to = 0, .event = CREATED, OUT};
static const struct vw_move empty = {IDLE, .to = 0, .event = DELETED, OUT};
static const struct vw_move stop = {RUNNING, .to = 0, .event = STOPPED, IN};
static const struct vw_move leave = {IDLE, .to = 0, .event = UNDEFINED, OUT};

/* One is not there any more: its volumes are not either. */
static void forget_volumes(struct vw_call *c, const struct vw_object *pool)
{
    struct vw_objects *t = volumes(c);
    for (uint32_t i = t->count; i-- > 0;) {
        if (t->list[i]->parent == pool)
            vw_objects_remove(t, t->list[i]);
    }
}

/* Makes a move that may be the pool's last. */
static enum vw_outcome end_of(struct vw_call *c, const struct remote_nonnull_storage_pool *named,
                              const struct vw_move *move, bool undefined)
{
    struct vw_object *o = vw_call_object(c, named);
    int32_t was = o ? o->persistent : 0;
    if (!o)
        return VW_FAILED;
    const bool gone = undefined || !was;
    o->persistent = !gone;
    if (vw_call_move(c, vw_call_objects(c), o, move) != VW_DONE) {
        o->persistent = was;
        return VW_FAILED;
    }
    if (gone)
        forget_volumes(c, o);
    return VW_DONE;
}

enum vw_outcome vw_on_storage_pool_destroy(struct vw_call *c,
                                           const struct remote_storage_pool_destroy_args *args)
{
    return end_of(c, &args->pool, &stop, false);
}

enum vw_outcome vw_on_storage_pool_undefine(struct vw_call *c,
                                            const struct remote_storage_pool_undefine_args *args)
{
    return end_of(c, &args->pool, &leave, true);
}

enum vw_outcome vw_on_storage_pool_refresh(struct vw_call *c,
                                           const struct remote_storage_pool_refresh_args *args)
{
    const struct vw_object *o;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(o = vw_pool_active(c, &args->pool)))
        return VW_FAILED;
    return vw_call_tell(c, &(struct vw_happening){&vw_object_kind_pool, o, .event = EVENT_REFRESH});
}

/* Only what is there at the next start can start by itself. */
enum vw_outcome
vw_on_storage_pool_set_autostart(struct vw_call *c,
                                 const struct remote_storage_pool_set_autostart_args *a)
{
    struct vw_object *o = vw_call_object(c, &a->pool);
    if (!o)
        return VW_FAILED;
    if (!o->persistent)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_TEST, "the pool is not defined");
    o->autostart = a->autostart != 0;
    return VW_DONE;
}

static const struct vw_event_form events[] = {
    VW_LIFE_FORM(storage_pool_event_lifecycle, pool),
    VW_EVENT_FORM(storage_pool_event_refresh, EVENT_REFRESH, pool),
    {NULL},
};

#define FACT(proc, result, field) VW_FACT(proc, pool, result, struct vw_object, field)

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_storage_pools, VW_ACTIVE),
    VW_NAMES(connect_list_storage_pools, VW_ACTIVE),
    VW_COUNT(connect_num_of_defined_storage_pools, VW_INACTIVE),
    VW_NAMES(connect_list_defined_storage_pools, VW_INACTIVE),
    VW_ALL(connect_list_all_storage_pools, pools, LIST_KNOWN),
    VW_CALL(connect_find_storage_pool_sources),
    VW_BY_NAME(storage_pool_lookup_by_name, pool),
    VW_BY_UUID(storage_pool_lookup_by_uuid, pool),
    VW_CALL(storage_pool_lookup_by_volume),
    VW_CALL(storage_pool_get_info),
    VW_XML(storage_pool_get_xml_desc, pool, 0),
    FACT(storage_pool_get_autostart, autostart, autostart),
    VW_CALL(storage_pool_set_autostart),
    FACT(storage_pool_is_active, active, active),
    FACT(storage_pool_is_persistent, persistent, persistent),
    VW_DEFINE_FLAGS(storage_pool_define_xml, pool, VW_INACTIVE, 1),
    VW_DEFINE_FLAGS(storage_pool_create_xml, pool, VW_ACTIVE, 0),
    VW_MOVE_FLAGS(storage_pool_create, pool, &start, 0),
    VW_MOVE_FLAGS(storage_pool_build, pool, &build, 0),
    VW_MOVE_FLAGS(storage_pool_delete, pool, &empty, 0),
    VW_CALL(storage_pool_destroy),
    VW_CALL(storage_pool_undefine),
    VW_CALL(storage_pool_refresh),
    VW_REGISTER(connect_storage_pool_event_register_any, pool),
    VW_DEREGISTER(connect_storage_pool_event_deregister_any),
    {NULL},
};

const struct vw_object_kind vw_object_kind_pool = {
    .name = "pool",
    .rows = rows,
    .size = sizeof(struct vw_object),
    .reference = VW_REFERENCE(remote_nonnull_storage_pool),
    .missing = {ERR_NO_STORAGE_POOL, VW_FROM_TEST},
    .missing_text = "there is no such pool",
    .running = 1,
    .xml_domain = VW_FROM_STORAGE,
    .hidden = hidden,
    .begin = begin,
    .xml = xml,
    .shape = shape,
    .identify = identify,
    .parse = parse,
    .list_bits = list_bits,
    .events = events,
    .n_events = 2,
    .lives = &lives,
};
