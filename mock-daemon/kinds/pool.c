// SPDX-License-Identifier: MIT
// Storage pools: one, for the volume that clients move bytes with.
#include "mock-daemon/kinds/pool.h"

#include "mock-daemon/rows.h"

enum { ERR_NO_STORAGE_POOL = 49 };

static int begin(const struct vw_model *m, struct vw_objects *t, const struct vw_config *config)
{
    static const struct vw_object first = {.name = VW_STRING("test"),
                                           .uuid = {0x66, 0x95, 0xeb, 0x01, 0xf6, 0xa4, 0x83, 0x04,
                                                    0x79, 0xaa, 0x97, 0xf2, 0x50, 0x2e, 0x19, 0x3f},
                                           .state = 1,
                                           .persistent = 1};
    return vw_objects_add(t, &first, NULL);
}

/* virConnectListAllStoragePoolsFlags: also the type of a pool, twenty flags in all. */
#define LIST_DIR   (1u << 6)
#define LIST_KNOWN ((1u << 20) - 1)

static const struct vw_row rows[] = {
    VW_COUNT(connect_num_of_storage_pools, VW_ACTIVE),
    VW_NAMES(connect_list_storage_pools, VW_ACTIVE),
    VW_COUNT(connect_num_of_defined_storage_pools, VW_INACTIVE),
    VW_NAMES(connect_list_defined_storage_pools, VW_INACTIVE),
    VW_ALL(connect_list_all_storage_pools, pools, LIST_KNOWN),
    VW_BY_NAME(storage_pool_lookup_by_name, pool),
    VW_BY_UUID(storage_pool_lookup_by_uuid, pool),
    VW_FACT(storage_pool_get_autostart, pool, autostart, struct vw_object, autostart),
    VW_SET_AUTOSTART(storage_pool_set_autostart, pool),
    VW_FACT(storage_pool_is_active, pool, active, struct vw_object, active),
    VW_FACT(storage_pool_is_persistent, pool, persistent, struct vw_object, persistent),
    {NULL},
};

const struct vw_object_kind vw_object_kind_pool = {
    .name = "pool",
    .rows = rows,
    .size = sizeof(struct vw_object),
    .reference = VW_REFERENCE(remote_nonnull_storage_pool),
    .missing = {ERR_NO_STORAGE_POOL, VW_FROM_STORAGE},
    .missing_text = "the pool is not known here",
    .begin = begin,
    .list_type = LIST_DIR,
};
