// SPDX-License-Identifier: MIT
// Volumes of pools, with real bytes (S-9, S-11): created, cloned, resized, wiped, deleted, moved up
// and down. One, in the pool that is in no list, outlives connections, as a real one does.
#include "mock-daemon/volume.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/kinds/pool.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/shape.h"
#include "mock-daemon/transfer.h"

/* virErrorNumber */
enum { ERR_OPERATION_FAILED = 9, ERR_NO_STORAGE_VOL = 50 };

#define SPARSE 1

/* ---- what is there ---- */

#define TEST_XML                                                                                   \
    "<volume type='file'>\n"                                                                       \
    "  <name>test</name>\n"                                                                        \
    "  <key>/test</key>\n"                                                                         \
    "  <capacity unit='bytes'>4194304</capacity>\n"                                                \
    "  <allocation unit='bytes'>0</allocation>\n"                                                  \
    "  <target>\n"                                                                                 \
    "    <path>/test</path>\n"                                                                     \
    "    <format type='raw'/>\n"                                                                   \
    "  </target>\n"                                                                                \
    "</volume>\n"

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_volume first = {
        .o = {.name = VW_STRING("/test"), .xml = VW_STRING(TEST_XML), .state = 1}};
    struct vw_object *o;
    int rc = vw_objects_add(t, &first.o, &o);
    if (rc == 0)
        o->parent = vw_objects_by_name(vw_model_objects(m, &vw_object_kind_pool), "test");
    return rc;
}

static void end(struct vw_object *o)
{
    vw_volume_finish((struct vw_volume *)o);
}

static bool lasts(const struct vw_object *o)
{
    return vw_object_kind_pool.hidden(o->parent);
}

/* Its own name stands behind the path of its pool. */
static struct vw_string name_of(const struct vw_object *o)
{
    const uint32_t at = vw_pool_target(o->parent).len + 1;
    return at < o->name.len ? (struct vw_string){o->name.data + at, o->name.len - at} : o->name;
}

static void refer(const struct vw_object *o, void *to)
{
    *(struct remote_nonnull_storage_vol *)to = (struct remote_nonnull_storage_vol){
        .pool = o->parent->name, .name = name_of(o), .key = o->name};
}

/* ---- look-ups ---- */

static struct vw_objects *volumes(const struct vw_call *c)
{
    return vw_model_objects(c->conn->model, &vw_object_kind_volume);
}

static const char *path_of(struct vw_call *c, const struct vw_object *pool, const char *name)
{
    const struct vw_string target = vw_pool_target(pool);
    char *path = vw_call_alloc(c, target.len + strlen(name) + 2);
    if (path)
        sprintf(path, "%.*s/%s", (int)target.len, target.data, name);
    return path;
}

/* NULL: there is none, or no memory to look. */
static struct vw_volume *in_pool(struct vw_call *c, const struct vw_object *pool, const char *name)
{
    const char *path = path_of(c, pool, name);
    struct vw_object *o = path ? vw_objects_by_name(volumes(c), path) : NULL;
    return o && o->parent == pool ? (struct vw_volume *)o : NULL;
}

static enum vw_outcome unknown(struct vw_call *c)
{
    return vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_TEST, "there is no such volume");
}

/* The pool is named by its name alone; it must be active. */
static struct vw_object *find(struct vw_call *c, const struct vw_objects *t, const void *named)
{
    const struct remote_nonnull_storage_vol *vol = named;
    const struct vw_objects *pools = vw_model_objects(c->conn->model, &vw_object_kind_pool);
    const struct vw_object *pool = vw_objects_by_name(pools, vw_text(&vol->pool));
    struct vw_volume *v;
    if (!pool) {
        vw_call_fail(c, pools->kind->missing.code, pools->kind->missing.domain,
                     pools->kind->missing_text);
        return NULL;
    }
    if (!pool->active) {
        vw_call_fail(c, ERR_OPERATION_INVALID, VW_FROM_TEST, "the pool is not active");
        return NULL;
    }
    v = in_pool(c, pool, vw_text(&vol->name));
    if (!v)
        unknown(c);
    return v ? &v->o : NULL;
}

static struct vw_volume *volume(struct vw_call *c, const struct remote_nonnull_storage_vol *vol)
{
    return (struct vw_volume *)vw_call_object(c, vol);
}

enum vw_outcome
vw_on_storage_vol_lookup_by_name(struct vw_call *c,
                                 const struct remote_storage_vol_lookup_by_name_args *args,
                                 struct remote_storage_vol_lookup_by_name_ret *ret)
{
    const struct vw_object *pool = vw_pool_active(c, &args->pool);
    const struct vw_volume *v = pool ? in_pool(c, pool, vw_text(&args->name)) : NULL;
    if (!v)
        return pool ? unknown(c) : VW_FAILED;
    refer(&v->o, &ret->vol);
    return VW_DONE;
}

/* By what is key and path in one. */
static enum vw_outcome by_path(struct vw_call *c, const struct vw_string *path, void *to)
{
    const struct vw_object *o = vw_objects_by_name(vw_call_objects(c), vw_text(path));
    if (!o || !o->parent || !o->parent->active)
        return unknown(c);
    refer(o, to);
    return VW_DONE;
}

enum vw_outcome
vw_on_storage_vol_lookup_by_key(struct vw_call *c,
                                const struct remote_storage_vol_lookup_by_key_args *args,
                                struct remote_storage_vol_lookup_by_key_ret *ret)
{
    return by_path(c, &args->key, &ret->vol);
}

enum vw_outcome
vw_on_storage_vol_lookup_by_path(struct vw_call *c,
                                 const struct remote_storage_vol_lookup_by_path_args *args,
                                 struct remote_storage_vol_lookup_by_path_ret *ret)
{
    return by_path(c, &args->path, &ret->vol);
}

/* ---- lists of a pool ---- */

/* Puts what SIZE bytes say of each of its volumes to AT, most MOST times, and gives how many. */
static uint32_t collect(const struct vw_call *c, const struct vw_object *pool, uint32_t most,
                        struct vw_string *names, struct remote_nonnull_storage_vol *vols)
{
    const struct vw_objects *t = vw_call_objects(c);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count && n < most; i++) {
        if (t->list[i]->parent != pool || t->list[i]->veiled)
            continue;
        if (names)
            names[n] = name_of(t->list[i]);
        if (vols)
            refer(t->list[i], &vols[n]);
        n++;
    }
    return n;
}

enum vw_outcome
vw_on_storage_pool_num_of_volumes(struct vw_call *c,
                                  const struct remote_storage_pool_num_of_volumes_args *args,
                                  struct remote_storage_pool_num_of_volumes_ret *ret)
{
    const struct vw_object *pool = vw_pool_active(c, &args->pool);
    if (!pool)
        return VW_FAILED;
    ret->num = (int32_t)collect(c, pool, INT32_MAX, NULL, NULL);
    return VW_DONE;
}

enum vw_outcome
vw_on_storage_pool_list_volumes(struct vw_call *c,
                                const struct remote_storage_pool_list_volumes_args *args,
                                struct remote_storage_pool_list_volumes_ret *ret)
{
    const struct vw_object *pool;
    struct vw_string *names;
    if (vw_call_check_count(c, args->maxnames) != VW_DONE ||
        !(pool = vw_pool_active(c, &args->pool)) ||
        !(names = vw_call_alloc(c, vw_call_objects(c)->count * sizeof(*names))))
        return VW_FAILED;
    ret->names = (struct vw_list){names, collect(c, pool, (uint32_t)args->maxnames, names, NULL)};
    return VW_DONE;
}

enum vw_outcome
vw_on_storage_pool_list_all_volumes(struct vw_call *c,
                                    const struct remote_storage_pool_list_all_volumes_args *args,
                                    struct remote_storage_pool_list_all_volumes_ret *ret)
{
    const struct vw_object *pool;
    struct remote_nonnull_storage_vol *vols = NULL;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE ||
        !(pool = vw_pool_active(c, &args->pool)) ||
        (args->need_results &&
         !(vols = vw_call_alloc(c, vw_call_objects(c)->count * sizeof(*vols)))))
        return VW_FAILED;
    ret->ret = collect(c, pool, UINT32_MAX, NULL, vols);
    if (vols && ret->ret > vw_call_list_bound(c)) /* L-7 */
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "more than a list may hold");
    if (vols)
        ret->vols = (struct vw_list){vols, ret->ret};
    return VW_DONE;
}

/* ---- facts ---- */

#define CAPACITY   "<capacity unit='bytes'>"
#define ALLOCATION "<allocation unit='bytes'>"

static uint64_t capacity(const struct vw_volume *v)
{
    return vw_xml_said_number(&v->o.xml, CAPACITY);
}

enum vw_outcome vw_on_storage_vol_get_info(struct vw_call *c,
                                           const struct remote_storage_vol_get_info_args *args,
                                           struct remote_storage_vol_get_info_ret *ret)
{
    const struct vw_volume *v = volume(c, &args->vol);
    if (!v)
        return VW_FAILED;
    const uint64_t declared = vw_xml_said_number(&v->o.xml, ALLOCATION);
    const uint64_t written = vw_contents_allocation(v->contents);
    ret->type = (int8_t)vw_pool_type(v->o.parent)->volumes;
    ret->capacity = capacity(v);
    ret->allocation = written > declared ? written : declared;
    return VW_DONE;
}

/* ---- definitions ---- */

static const struct vw_shape shape[] = {
    {"volume", "type=file", "name key capacity allocation target backingStore"},
    {"target", "", "path format permissions timestamps encryption compat clusterSize features"},
    {"backingStore", "", "path format permissions timestamps"},
    {"permissions", "", "mode owner group label"},
    {"format", "type"},
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

/* Makes VALUE what the element of that name says, and its only attribute UNIT, if there is one. */
static void say(xmlNode *parent, const char *name, const char *value, const char *unit)
{
    xmlNode *old = child(parent, name);
    if (old) {
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    xmlNode *n = xmlNewTextChild(parent, NULL, BAD_CAST name, BAD_CAST value);
    if (n && unit)
        xmlNewProp(n, BAD_CAST "unit", BAD_CAST unit);
}

static enum vw_outcome identify(struct vw_call *c, const xmlNode *root, struct vw_object *o)
{
    const char *name = vw_xml_content(c, vw_xml_child(root, "name"));
    if (!name || !*name)
        return wrong(c, VW_ERR_XML, "a name is missing");
    const char *path = path_of(c, o->parent, name);
    if (!path)
        return VW_FAILED;
    o->name = vw_string(path);
    vw_uuid_from_name(path, o->uuid);
    return VW_DONE;
}

/* By how much a unit is bytes: 0, there is none. */
static uint64_t unit_bytes(const char *unit)
{
    static const char letters[] = "kmgtpe";
    const char *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;
    if (strcasecmp(unit, "b") == 0 || strcasecmp(unit, "bytes") == 0 || !*unit)
        return 1;
    if (!letter)
        return 0;
    const bool binary = !unit[1] || strcasecmp(unit + 1, "ib") == 0;
    if (!binary && strcasecmp(unit + 1, "b") != 0)
        return 0;
    uint64_t bytes = 1;
    for (const char *l = letters; l <= letter; l++)
        bytes *= binary ? 1024 : 1000;
    return bytes;
}

/* The size that an element of ROOT says, if it is there. */
static enum vw_outcome read_size(struct vw_call *c, const xmlNode *root, const char *name,
                                 uint64_t *out)
{
    const xmlNode *n = vw_xml_child(root, name);
    const char *text = vw_xml_content(c, n), *unit = vw_xml_get(c, n, "unit");
    char *stop;
    if (!n)
        return VW_DONE;
    const uint64_t number = text ? strtoull(text, &stop, 10) : 0;
    if (!text || stop == text || *stop || *text == '-')
        return wrong(c, VW_ERR_XML, "a size is no number");
    const uint64_t bytes = unit_bytes(unit ? unit : "");
    if (bytes == 0)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_NONE, "there is no such unit");
    if (__builtin_mul_overflow(number, bytes, out))
        return wrong(c, VW_ERR_XML, "a size is too large");
    return VW_DONE;
}

static enum vw_outcome parse_sizes(struct vw_call *c, xmlNode *root)
{
    uint64_t sizes[2] = {0};
    char text[24];
    if (!child(root, "capacity"))
        return wrong(c, VW_ERR_XML, "the capacity is missing");
    if (read_size(c, root, "capacity", &sizes[0]) != VW_DONE)
        return VW_FAILED;
    sizes[1] = sizes[0];
    if (read_size(c, root, "allocation", &sizes[1]) != VW_DONE)
        return VW_FAILED;
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof(text), "%llu", (unsigned long long)sizes[i]);
        say(root, i ? "allocation" : "capacity", text, "bytes");
    }
    return VW_DONE;
}

/* What a format is called that is not said, or is one of the pool's; "" where it has none. */
static enum vw_outcome parse_format(struct vw_call *c, xmlNode *parent, const char *formats)
{
    xmlNode *old = child(parent, "format");
    const char *said = vw_xml_get(c, old, "type");
    char first[VW_POOL_WORD];
    vw_pool_first_word(formats ? formats : "", first);
    if (formats && said && !vw_pool_word(formats, said))
        return wrong(c, VW_ERR_UNSUPPORTED, "the pool has no such format");
    if (old) {
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    if (formats)
        xmlNewProp(xmlNewChild(parent, NULL, BAD_CAST "format", NULL), BAD_CAST "type",
                   BAD_CAST(said ? said : first));
    return VW_DONE;
}

/* In octal, with a 0 ahead. */
static void parse_mode(struct vw_call *c, const xmlNode *parent)
{
    xmlNode *permissions = child(parent, "permissions");
    const char *mode = vw_xml_content(c, vw_xml_child(permissions, "mode"));
    char text[24];
    if (!mode)
        return;
    snprintf(text, sizeof(text), "0%lo", strtoul(mode, NULL, 8));
    say(permissions, "mode", text, NULL);
}

static enum vw_outcome parse(struct vw_call *c, xmlNode *root, struct vw_object *o)
{
    const char *formats = vw_pool_type(o->parent)->volume_formats;
    xmlNode *target = child(root, "target"), *backing = child(root, "backingStore");
    if (!target)
        target = xmlNewChild(root, NULL, BAD_CAST "target", NULL);
    if (parse_sizes(c, root) != VW_DONE || parse_format(c, target, formats) != VW_DONE ||
        (backing && parse_format(c, backing, formats) != VW_DONE))
        return VW_FAILED;
    parse_mode(c, target);
    say(root, "key", o->name.data, NULL);
    say(target, "path", o->name.data, NULL);
    return VW_DONE;
}

/* ---- coming and going ---- */

/* virStorageVolCreateFlags. The test driver takes it, and its reader of XML does not. */
#define CREATE_VALIDATE 4u

static enum vw_outcome check_flags(struct vw_call *c, uint32_t flags)
{
    if (vw_call_check_flags(c, flags, CREATE_VALIDATE) != VW_DONE)
        return VW_FAILED;
    return flags ? wrong(c, VW_ERR_INVALID_ARG, "volumes are not validated") : VW_DONE;
}

/* Creates what XML says, in a pool that has room for it; if it is a copy, FROM is what it is a copy
 * of. NULL: the error of the call is set. */
static struct vw_volume *create(struct vw_call *c, const void *named, const struct vw_string *xml,
                                uint32_t flags, const struct remote_nonnull_storage_vol *copied,
                                const struct vw_volume **from)
{
    struct vw_object *pool, *made;
    struct vw_volume *v = vw_call_alloc(c, sizeof(*v));
    if (!v || check_flags(c, flags) != VW_DONE || !(pool = vw_pool_active(c, named)))
        return NULL;
    v->o.parent = pool;
    v->o.state = 1;
    if (vw_call_read(c, xml, &v->o) != VW_DONE)
        return NULL;
    if (vw_objects_by_name(volumes(c), v->o.name.data)) {
        vw_call_fail(c, ERR_OPERATION_FAILED, VW_FROM_TEST, "there is such a volume already");
        return NULL;
    }
    if (copied && !(*from = volume(c, copied)))
        return NULL;
    const uint64_t free_bytes = VW_POOL_CAPACITY - vw_pool_allocation(c, pool);
    if (vw_xml_said_number(&v->o.xml, ALLOCATION) > free_bytes) {
        vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "the pool has no room for it");
        return NULL;
    }
    if (vw_objects_add(volumes(c), &v->o, &made) < 0) {
        vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_TEST, "no memory for the volume");
        return NULL;
    }
    return (struct vw_volume *)made;
}

enum vw_outcome vw_on_storage_vol_create_xml(struct vw_call *c,
                                             const struct remote_storage_vol_create_xml_args *args,
                                             struct remote_storage_vol_create_xml_ret *ret)
{
    const struct vw_volume *v = create(c, &args->pool, &args->xml, args->flags, NULL, NULL);
    if (!v)
        return VW_FAILED;
    refer(&v->o, &ret->vol);
    return VW_DONE;
}

static enum vw_outcome no_room(struct vw_call *c)
{
    return wrong(c, VW_ERR_INTERNAL, "no memory for the bytes");
}

/* What was written into FROM is in TO, as far as it reaches. */
static enum vw_outcome copy(struct vw_call *c, struct vw_volume *to, const struct vw_volume *from)
{
    if (!from->contents)
        return VW_DONE;
    to->contents = vw_contents_copy(from->contents, capacity(to));
    return to->contents ? VW_DONE : no_room(c);
}

enum vw_outcome
vw_on_storage_vol_create_xml_from(struct vw_call *c,
                                  const struct remote_storage_vol_create_xml_from_args *args,
                                  struct remote_storage_vol_create_xml_from_ret *ret)
{
    const struct vw_volume *from = NULL;
    struct vw_volume *v = create(c, &args->pool, &args->xml, args->flags, &args->clonevol, &from);
    if (!v)
        return VW_FAILED;
    if (copy(c, v, from) != VW_DONE) {
        vw_objects_remove(volumes(c), &v->o);
        return VW_FAILED;
    }
    refer(&v->o, &ret->vol);
    return VW_DONE;
}

enum vw_outcome vw_on_storage_vol_delete(struct vw_call *c,
                                         const struct remote_storage_vol_delete_args *args)
{
    struct vw_volume *v;
    if (vw_call_check_flags(c, args->flags, 0) != VW_DONE || !(v = volume(c, &args->vol)))
        return VW_FAILED;
    vw_objects_remove(volumes(c), &v->o);
    return VW_DONE;
}

/* ---- what the test driver has not ---- */

/* virStorageVolResizeFlags */
enum { RESIZE_ALLOCATE = 1, RESIZE_DELTA = 2, RESIZE_SHRINK = 4, RESIZE_KNOWN = 7 };

/* The XML of V with other sizes. */
static enum vw_outcome rewrite(struct vw_call *c, struct vw_volume *v, uint64_t size,
                               uint64_t allocation)
{
    struct vw_volume like = *v;
    xmlDoc *doc = vw_xml_parse(c, &v->o.xml, VW_FROM_STORAGE);
    enum vw_outcome outcome = VW_FAILED;
    const uint64_t sizes[] = {size, allocation};
    char text[24];
    struct vw_xml x;
    if (!doc)
        return VW_FAILED;
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof(text), "%llu", (unsigned long long)sizes[i]);
        say(xmlDocGetRootElement(doc), i ? "allocation" : "capacity", text, "bytes");
    }
    vw_xml_begin(&x);
    vw_shape_write(&x, shape, xmlDocGetRootElement(doc));
    like.o.xml = (struct vw_string){0};
    if (vw_xml_finish(&x, c, &like.o.xml) == VW_DONE)
        outcome = vw_objects_redefine(volumes(c), &v->o, &like.o) < 0 ? no_room(c) : VW_DONE;
    xmlFreeDoc(doc);
    return outcome;
}

enum vw_outcome vw_on_storage_vol_resize(struct vw_call *c,
                                         const struct remote_storage_vol_resize_args *args)
{
    struct vw_volume *v;
    if (vw_call_check_flags(c, args->flags, RESIZE_KNOWN) != VW_DONE ||
        !(v = volume(c, &args->vol)))
        return VW_FAILED;
    const uint64_t was = capacity(v);
    const bool shrink = (args->flags & RESIZE_SHRINK) != 0;
    uint64_t size = args->capacity;
    uint64_t allocation = vw_xml_said_number(&v->o.xml, ALLOCATION);
    if (args->flags & RESIZE_DELTA)
        size = shrink ? was - (size < was ? size : was) : was + size;
    if (size < was && !shrink)
        return wrong(c, VW_ERR_INVALID_ARG, "it would be smaller, which nobody asked for");
    if (size > was && size - was > VW_POOL_CAPACITY - vw_pool_allocation(c, v->o.parent))
        return wrong(c, ERR_OPERATION_FAILED, "the pool has no room for it");
    if (args->flags & RESIZE_ALLOCATE || allocation > size)
        allocation = size;
    struct vw_contents *contents = v->contents ? vw_contents_copy(v->contents, size) : NULL;
    if (v->contents && !contents)
        return no_room(c);
    if (rewrite(c, v, size, allocation) != VW_DONE) {
        vw_contents_drop(contents);
        return VW_FAILED;
    }
    vw_volume_finish(v);
    v->contents = contents;
    return VW_DONE;
}

/* All its bytes are zero, whatever the way. */
static enum vw_outcome wipe(struct vw_call *c, const struct remote_nonnull_storage_vol *vol,
                            uint32_t flags)
{
    struct vw_volume *v;
    if (vw_call_check_flags(c, flags, 0) != VW_DONE || !(v = volume(c, vol)))
        return VW_FAILED;
    vw_volume_finish(v);
    return VW_DONE;
}

enum vw_outcome vw_on_storage_vol_wipe(struct vw_call *c,
                                       const struct remote_storage_vol_wipe_args *args)
{
    return wipe(c, &args->vol, args->flags);
}

enum vw_outcome
vw_on_storage_vol_wipe_pattern(struct vw_call *c,
                               const struct remote_storage_vol_wipe_pattern_args *args)
{
    enum { ALGORITHMS = 10 }; /* virStorageVolWipeAlgorithm */
    if (args->flags == 0 && args->algorithm >= ALGORITHMS)
        return wrong(c, VW_ERR_INVALID_ARG, "there is no such way to wipe");
    return wipe(c, &args->vol, args->flags);
}

/* The bytes of the volume that a transfer is of, and how many of them it may move. */
static struct vw_contents *range(struct vw_call *c, const struct remote_nonnull_storage_vol *vol,
                                 uint64_t offset, uint64_t *length, uint32_t flags)
{
    struct vw_volume *v;
    if (vw_call_check_flags(c, flags, SPARSE) != VW_DONE || !(v = volume(c, vol)))
        return NULL;
    const uint64_t size = capacity(v);
    if (offset > size) {
        wrong(c, VW_ERR_INVALID_ARG, "the volume ends before that");
        return NULL;
    }
    if (*length == 0 || *length > size - offset)
        *length = size - offset;
    if (!v->contents)
        v->contents = vw_contents_create(size);
    if (!v->contents)
        no_room(c);
    return v->contents;
}

enum vw_outcome vw_on_storage_vol_download(struct vw_call *c,
                                           const struct remote_storage_vol_download_args *args)
{
    uint64_t length = args->length;
    struct vw_contents *k = range(c, &args->vol, args->offset, &length, args->flags);
    return k ? vw_transfer_give_contents(c, k, args->offset, length, (args->flags & SPARSE) != 0)
             : VW_FAILED;
}

static const char *put(struct vw_transfer *k, const uint8_t *bytes, uint64_t len)
{
    if (len > k->left || vw_contents_write(k->contents, k->at, bytes, len) < 0)
        return "no space left in the volume";
    k->at += len;
    k->left -= len;
    return NULL;
}

static const char *put_data(struct vw_transfer *k, const uint8_t *bytes, size_t len)
{
    return put(k, bytes, len);
}

static const char *put_hole(struct vw_transfer *k, uint64_t length)
{
    return put(k, NULL, length);
}

enum vw_outcome vw_on_storage_vol_upload(struct vw_call *c,
                                         const struct remote_storage_vol_upload_args *args)
{
    static const struct vw_transfer_kind plain = {.data = put_data};
    static const struct vw_transfer_kind sparse = {.data = put_data, .hole = put_hole};
    uint64_t length = args->length;
    struct vw_contents *k = range(c, &args->vol, args->offset, &length, args->flags);
    if (!k || vw_transfer_take(c, args->flags & SPARSE ? &sparse : &plain) != VW_DONE)
        return VW_FAILED;
    c->transfer->contents = vw_contents_hold(k);
    c->transfer->at = args->offset;
    c->transfer->left = length;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(storage_pool_num_of_volumes),
    VW_CALL(storage_pool_list_volumes),
    VW_CALL(storage_pool_list_all_volumes),
    VW_CALL(storage_vol_lookup_by_name),
    VW_CALL(storage_vol_lookup_by_key),
    VW_CALL(storage_vol_lookup_by_path),
    VW_CALL(storage_vol_get_info),
    VW_XML(storage_vol_get_xml_desc, vol, 0),
    VW_FACT(storage_vol_get_path, vol, name, struct vw_object, name),
    VW_CALL(storage_vol_create_xml),
    VW_CALL(storage_vol_create_xml_from),
    VW_CALL(storage_vol_resize),
    VW_CALL(storage_vol_wipe),
    VW_CALL(storage_vol_wipe_pattern),
    VW_CALL(storage_vol_download),
    VW_CALL(storage_vol_upload),
    VW_CALL(storage_vol_delete),
    {NULL},
};

static const struct vw_own owns[] = {VW_OWN_AS(struct vw_volume, contents, VW_FORM_FORGOTTEN),
                                     {NULL}};

const struct vw_object_kind vw_object_kind_volume = {
    .name = "volume",
    .rows = rows,
    .size = sizeof(struct vw_volume),
    .owns = owns,
    .xml_domain = VW_FROM_STORAGE,
    .lasts = lasts,
    .begin = begin,
    .end = end,
    .refer = refer,
    .find = find,
    .shape = shape,
    .identify = identify,
    .parse = parse,
};
