// SPDX-License-Identifier: MIT
// One pool with one volume, so that there is something to upload to and download from, with holes
// and without (S-9, S-11). The volume is a file that outlives connections, as a real one does.
#include <string.h>

#include "mock-daemon/conn.h"
#include "mock-daemon/daemon.h"
#include "mock-daemon/sink.h"
#include "mock-daemon/volume.h"

enum { VW_FROM_STORAGE = 18, ERR_NO_STORAGE_POOL = 49, ERR_NO_STORAGE_VOL = 50 };

#define SPARSE 1

static void out_pool(struct vw_call *c)
{
    vw_out_string(c->out, VW_VOLUME_POOL);
    vw_out_fixed(c->out, vw_volume_pool_uuid, 16);
}

static void out_volume(struct vw_call *c)
{
    vw_out_string(c->out, VW_VOLUME_POOL);
    vw_out_string(c->out, VW_VOLUME_NAME);
    vw_out_string(c->out, VW_VOLUME_KEY);
}

static enum vw_outcome pool_lookup_by_name(struct vw_call *c)
{
    if (strcmp(vw_arg_string(c, 0), VW_VOLUME_POOL) != 0)
        return vw_call_fail(c, ERR_NO_STORAGE_POOL, VW_FROM_STORAGE, "the pool is not known here");
    out_pool(c);
    return VW_DONE;
}

/* Active, and persistent too. */
static enum vw_outcome pool_is(struct vw_call *c)
{
    if (memcmp(vw_arg(c, 0), vw_volume_pool_uuid, 16) != 0)
        return vw_call_fail(c, ERR_NO_STORAGE_POOL, VW_FROM_STORAGE, "the pool is not known here");
    vw_out_int(c->out, 1);
    return VW_DONE;
}

static enum vw_outcome vol_lookup_by_name(struct vw_call *c)
{
    if (memcmp(vw_arg(c, 1), vw_volume_pool_uuid, 16) != 0)
        return vw_call_fail(c, ERR_NO_STORAGE_POOL, VW_FROM_STORAGE, "the pool is not known here");
    if (strcmp(vw_arg_string(c, 0), VW_VOLUME_NAME) != 0)
        return vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_STORAGE, "the volume is not known here");
    out_volume(c);
    return VW_DONE;
}

/* The volume that a call is about; arguments 0 and 1 are its pool and name. */
static struct vw_volume *volume(struct vw_call *c)
{
    if (strcmp(vw_arg_string(c, 0), VW_VOLUME_POOL) == 0 &&
        strcmp(vw_arg_string(c, 1), VW_VOLUME_NAME) == 0)
        return &c->conn->daemon->volume;
    vw_call_fail(c, ERR_NO_STORAGE_VOL, VW_FROM_STORAGE, "the volume is not known here");
    return NULL;
}

static enum vw_outcome vol_get_info(struct vw_call *c)
{
    const struct vw_volume *v = volume(c);
    if (!v)
        return VW_FAILED;
    vw_out_int(c->out, 0); /* a file */
    vw_out_uhyper(c->out, VW_VOLUME_SIZE);
    vw_out_uhyper(c->out, vw_volume_allocation(v));
    return VW_DONE;
}

/* Where a transfer starts and how much it may move; arguments 2 to 4 are offset, length, flags. */
static enum vw_outcome range(struct vw_call *c, uint64_t *offset, uint64_t *length)
{
    memcpy(offset, vw_arg(c, 2), sizeof(*offset));
    memcpy(length, vw_arg(c, 3), sizeof(*length));
    if (*offset > VW_VOLUME_SIZE)
        return vw_call_fail(c, VW_ERR_INVALID_ARG, VW_FROM_STORAGE, "the volume ends before that");
    if (*length == 0 || *length > VW_VOLUME_SIZE - *offset)
        *length = VW_VOLUME_SIZE - *offset;
    return vw_call_check_flags(c, (uint32_t)vw_arg_int(c, 4), SPARSE);
}

/* ---- down ---- */

static enum vw_outcome vol_download(struct vw_call *c)
{
    struct vw_volume *v = volume(c);
    uint64_t offset, length;
    if (!v || range(c, &offset, &length) != VW_DONE)
        return VW_FAILED;
    if (vw_volume_fill(v))
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    c->stream = v->data + offset;
    c->stream_len = (size_t)length;
    c->stream_sparse = (vw_arg_int(c, 4) & SPARSE) != 0;
    vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "this serial has a stream already");
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

static enum vw_outcome vol_upload(struct vw_call *c)
{
    static const struct vw_sink_kind plain = {.data = put_data};
    static const struct vw_sink_kind sparse = {.data = put_data, .hole = put_hole};
    struct vw_volume *v = volume(c);
    uint64_t offset, length;
    if (!v || range(c, &offset, &length) != VW_DONE)
        return VW_FAILED;
    bool holes = (vw_arg_int(c, 4) & SPARSE) != 0;
    c->sink = vw_volume_fill(v) ? NULL : vw_sink_create(c->conn, holes ? &sparse : &plain);
    if (!c->sink)
        return vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_STORAGE, "no memory for the volume");
    c->sink->target = v;
    c->sink->at = offset;
    c->sink->left = length;
    vw_call_fail(c, VW_ERR_INTERNAL, VW_FROM_RPC, "this serial has a stream already");
    return VW_DONE;
}

#define RANGE .args = {"vol.pool", "vol.name", "offset", "length", "flags"}

static const struct vw_handler handlers[] = {
    {.procedure = "storage_pool_lookup_by_name", .run = pool_lookup_by_name, .args = {"name"}},
    {.procedure = "storage_pool_is_active", .run = pool_is, .args = {"pool.uuid"}},
    {.procedure = "storage_pool_is_persistent", .run = pool_is, .args = {"pool.uuid"}},
    {.procedure = "storage_vol_lookup_by_name",
     .run = vol_lookup_by_name,
     .args = {"name", "pool.uuid"}},
    {.procedure = "storage_vol_get_info", .run = vol_get_info, .args = {"vol.pool", "vol.name"}},
    {.procedure = "storage_vol_download", .run = vol_download, RANGE},
    {.procedure = "storage_vol_upload", .run = vol_upload, RANGE},
    {.procedure = NULL},
};

const struct vw_object_kind vw_object_kind_storage = {.name = "storage", .handlers = handlers};
