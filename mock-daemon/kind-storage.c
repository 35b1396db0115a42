// SPDX-License-Identifier: MIT
// One pool with one volume, so that there is something to upload to and download from, with holes
// and without (S-9, S-11). The volume is a file that outlives connections, as a real one does.
#include <string.h>

#include "mock-daemon/calls.h"
#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/sink.h"
#include "mock-daemon/volume.h"

enum { VW_FROM_STORAGE = 18, ERR_NO_STORAGE_POOL = 49, ERR_NO_STORAGE_VOL = 50 };

#define SPARSE 1

static enum vw_outcome no_pool(struct vw_call *c)
{
    return vw_call_fail(c, ERR_NO_STORAGE_POOL, VW_FROM_STORAGE, "the pool is not known here");
}

static bool is_pool(const struct remote_nonnull_storage_pool *pool)
{
    return memcmp(pool->uuid, vw_volume_pool_uuid, 16) == 0;
}

enum vw_outcome
vw_on_storage_pool_lookup_by_name(struct vw_call *c,
                                  const struct remote_storage_pool_lookup_by_name_args *args,
                                  struct remote_storage_pool_lookup_by_name_ret *ret)
{
    if (strcmp(vw_text(&args->name), VW_VOLUME_POOL) != 0)
        return no_pool(c);
    ret->pool.name = vw_string(VW_VOLUME_POOL);
    memcpy(ret->pool.uuid, vw_volume_pool_uuid, 16);
    return VW_DONE;
}

enum vw_outcome vw_on_storage_pool_is_active(struct vw_call *c,
                                             const struct remote_storage_pool_is_active_args *args,
                                             struct remote_storage_pool_is_active_ret *ret)
{
    ret->active = 1;
    return is_pool(&args->pool) ? VW_DONE : no_pool(c);
}

enum vw_outcome
vw_on_storage_pool_is_persistent(struct vw_call *c,
                                 const struct remote_storage_pool_is_persistent_args *args,
                                 struct remote_storage_pool_is_persistent_ret *ret)
{
    ret->persistent = 1;
    return is_pool(&args->pool) ? VW_DONE : no_pool(c);
}

enum vw_outcome
vw_on_storage_vol_lookup_by_name(struct vw_call *c,
                                 const struct remote_storage_vol_lookup_by_name_args *args,
                                 struct remote_storage_vol_lookup_by_name_ret *ret)
{
    if (!is_pool(&args->pool))
        return no_pool(c);
    if (strcmp(vw_text(&args->name), VW_VOLUME_NAME) != 0)
        return vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_STORAGE, "the volume is not known here");
    ret->vol.pool = vw_string(VW_VOLUME_POOL);
    ret->vol.name = vw_string(VW_VOLUME_NAME);
    ret->vol.key = vw_string(VW_VOLUME_KEY);
    return VW_DONE;
}

/* The volume that a call is about. */
static struct vw_volume *volume(struct vw_call *c, const struct remote_nonnull_storage_vol *vol)
{
    if (strcmp(vw_text(&vol->pool), VW_VOLUME_POOL) == 0 &&
        strcmp(vw_text(&vol->name), VW_VOLUME_NAME) == 0)
        return &c->conn->daemon->volume;
    vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_STORAGE, "the volume is not known here");
    return NULL;
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
static enum vw_outcome range(struct vw_call *c, uint64_t offset, uint64_t *length, uint32_t flags)
{
    if (offset > VW_VOLUME_SIZE)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_STORAGE, "the volume ends before that");
    if (*length == 0 || *length > VW_VOLUME_SIZE - offset)
        *length = VW_VOLUME_SIZE - offset;
    return vw_call_check_flags(c, flags, SPARSE);
}

/* ---- down ---- */

enum vw_outcome vw_on_storage_vol_download(struct vw_call *c,
                                           const struct remote_storage_vol_download_args *args)
{
    struct vw_volume *v = volume(c, &args->vol);
    uint64_t length = args->length;
    if (!v || range(c, args->offset, &length, args->flags) != VW_DONE)
        return VW_FAILED;
    if (vw_volume_fill(v))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    c->stream = v->data + args->offset;
    c->stream_len = (size_t)length;
    c->stream_sparse = (args->flags & SPARSE) != 0;
    return VW_DONE;
}

/* ---- up ---- */

static const char *put(struct vw_sink *k, const uint8_t *bytes, uint64_t len)
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

static const char *put_data(struct vw_sink *k, const uint8_t *bytes, size_t len)
{
    return put(k, bytes, len);
}

static const char *put_hole(struct vw_sink *k, uint64_t length)
{
    return put(k, NULL, length);
}

enum vw_outcome vw_on_storage_vol_upload(struct vw_call *c,
                                         const struct remote_storage_vol_upload_args *args)
{
    static const struct vw_sink_kind plain = {.data = put_data};
    static const struct vw_sink_kind sparse = {.data = put_data, .hole = put_hole};
    struct vw_volume *v = volume(c, &args->vol);
    uint64_t length = args->length;
    if (!v || range(c, args->offset, &length, args->flags) != VW_DONE)
        return VW_FAILED;
    bool holes = (args->flags & SPARSE) != 0;
    c->sink = vw_volume_fill(v) ? NULL : vw_sink_create(c->conn, holes ? &sparse : &plain);
    if (!c->sink)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    c->sink->target = v;
    c->sink->at = args->offset;
    c->sink->left = length;
    return VW_DONE;
}

static const struct vw_row rows[] = {
    VW_CALL(storage_pool_lookup_by_name), VW_CALL(storage_pool_is_active),
    VW_CALL(storage_pool_is_persistent),  VW_CALL(storage_vol_lookup_by_name),
    VW_CALL(storage_vol_get_info),        VW_CALL(storage_vol_download),
    VW_CALL(storage_vol_upload),          {NULL},
};

const struct vw_object_kind vw_object_kind_storage = {.name = "storage", .rows = rows};
