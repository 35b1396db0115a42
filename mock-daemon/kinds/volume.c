// SPDX-License-Identifier: MIT
// One volume, so that there is something to upload to and download from, with holes and without
// (S-9, S-11). It is a file that outlives connections, as a real one does.
#include "mock-daemon/volume.h"

#include <string.h>

#include "mock-daemon/kinds/pool.h"
#include "mock-daemon/model.h"
#include "mock-daemon/rows.h"
#include "mock-daemon/transfer.h"

enum { ERR_NO_STORAGE_VOL = 50 };

#define SPARSE 1

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_volume first = {.o = {.name = VW_STRING("test"), .state = 1},
                                           .key = VW_STRING("/test")};
    struct vw_object *o;
    int rc = vw_objects_add(t, &first.o, &o);
    if (rc == 0)
        o->parent = vw_model_objects(m, &vw_object_kind_pool)->list[0];
    return rc;
}

static void end(struct vw_object *o)
{
    vw_volume_finish((struct vw_volume *)o);
}

static void refer(const struct vw_object *o, void *to)
{
    *(struct remote_nonnull_storage_vol *)to = (struct remote_nonnull_storage_vol){
        .pool = o->parent->name, .name = o->name, .key = ((const struct vw_volume *)o)->key};
}

static struct vw_volume *unknown(struct vw_call *c)
{
    vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_STORAGE, "the volume is not known here");
    return NULL;
}

/* The volume that a call is about. */
static struct vw_volume *volume(struct vw_call *c, const struct remote_nonnull_storage_vol *vol)
{
    struct vw_object *o = vw_objects_by_name(vw_call_objects(c), vw_text(&vol->name));
    return o && strcmp(o->parent->name.data, vw_text(&vol->pool)) == 0 ? (struct vw_volume *)o
                                                                       : unknown(c);
}

enum vw_outcome
vw_on_storage_vol_lookup_by_name(struct vw_call *c,
                                 const struct remote_storage_vol_lookup_by_name_args *args,
                                 struct remote_storage_vol_lookup_by_name_ret *ret)
{
    const struct vw_object *pool = vw_call_object_of(c, &vw_object_kind_pool, &args->pool);
    const struct vw_object *o = vw_objects_by_name(vw_call_objects(c), vw_text(&args->name));
    if (!pool || ((!o || o->parent != pool) && !unknown(c)))
        return VW_FAILED;
    refer(o, &ret->vol);
    return VW_DONE;
}

enum vw_outcome vw_on_storage_vol_get_info(struct vw_call *c,
                                           const struct remote_storage_vol_get_info_args *args,
                                           struct remote_storage_vol_get_info_ret *ret)
{
    const struct vw_volume *v = volume(c, &args->vol);
    if (!v)
        return VW_FAILED;
    ret->type = 0; /* a file */
    ret->capacity = VW_VOLUME_SIZE;
    ret->allocation = vw_volume_allocation(v);
    return VW_DONE;
}

/* How much a transfer may move. */
static enum vw_outcome range(struct vw_call *c, uint64_t offset, uint64_t *length)
{
    if (offset > VW_VOLUME_SIZE)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_STORAGE, "the volume ends before that");
    if (*length == 0 || *length > VW_VOLUME_SIZE - offset)
        *length = VW_VOLUME_SIZE - offset;
    return VW_DONE;
}

/* ---- down ---- */

enum vw_outcome vw_on_storage_vol_download(struct vw_call *c,
                                           const struct remote_storage_vol_download_args *args)
{
    struct vw_volume *v;
    uint64_t length = args->length;
    if (vw_call_check_flags(c, args->flags, SPARSE) != VW_DONE || !(v = volume(c, &args->vol)) ||
        range(c, args->offset, &length) != VW_DONE)
        return VW_FAILED;
    if (vw_volume_fill(v))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    return vw_transfer_give(c, v->data + args->offset, (size_t)length, (args->flags & SPARSE) != 0);
}

/* ---- up ---- */

static const char *put(struct vw_transfer *k, const uint8_t *bytes, uint64_t len)
{
    struct vw_volume *v = k->target;
    if (len > k->left)
        return "no space left in the volume";
    if (bytes)
        memcpy(v->data + k->at, bytes, (size_t)len);
    else
        memset(v->data + k->at, 0, (size_t)len);
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
    struct vw_volume *v;
    uint64_t length = args->length;
    if (vw_call_check_flags(c, args->flags, SPARSE) != VW_DONE || !(v = volume(c, &args->vol)) ||
        range(c, args->offset, &length) != VW_DONE)
        return VW_FAILED;
    bool holes = (args->flags & SPARSE) != 0;
    if (vw_volume_fill(v))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    if (vw_transfer_take(c, holes ? &sparse : &plain) != VW_DONE)
        return VW_FAILED;
    c->transfer->target = v;
    c->transfer->at = args->offset;
    c->transfer->left = length;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(storage_vol_lookup_by_name),
    VW_CALL(storage_vol_get_info),
    VW_CALL(storage_vol_download),
    VW_CALL(storage_vol_upload),
    {NULL},
};

static const struct vw_own owns[] = {
    VW_OWN(struct vw_volume, key),
    VW_OWN_AS(struct vw_volume, data, VW_FORM_FORGOTTEN),
    {NULL},
};

const struct vw_object_kind vw_object_kind_volume = {
    .name = "volume",
    .rows = rows,
    .size = sizeof(struct vw_volume),
    .owns = owns,
    .lasts = true,
    .begin = begin,
    .end = end,
    .refer = refer,
};
