// SPDX-License-Identifier: MIT
// What the forms of a phase that take typed parameters say (virDomainMigrate3).
#include "mock-daemon/migrate/migration.h"
#include "mock-daemon/params.h"

/* What is not read is for a hypervisor with memory to move. */
static const struct vw_param known[] = {
    {"destination_name", VW_PARAM_STRING},
    {"destination_xml", VW_PARAM_STRING},
    {"persistent_xml", VW_PARAM_STRING},
    {"migrate_uri", VW_PARAM_STRING},
    {"bandwidth", VW_PARAM_ULLONG},
    {"bandwidth.postcopy", VW_PARAM_ULLONG},
    {"bandwidth.availswitchover", VW_PARAM_ULLONG},
    {"graphics_uri", VW_PARAM_STRING},
    {"listen_address", VW_PARAM_STRING},
    {"migrate_disks", VW_PARAM_STRING},
    {"migrate_disks_detect_zeroes", VW_PARAM_STRING},
    {"disks_port", VW_PARAM_INT},
    {"disks_uri", VW_PARAM_STRING},
    {"compression", VW_PARAM_STRING},
    {"compression.mt.level", VW_PARAM_INT},
    {"compression.mt.threads", VW_PARAM_INT},
    {"compression.mt.dthreads", VW_PARAM_INT},
    {"compression.xbzrle.cache", VW_PARAM_ULLONG},
    {"compression.zlib.level", VW_PARAM_INT},
    {"compression.zstd.level", VW_PARAM_INT},
    {"auto_converge.initial", VW_PARAM_INT},
    {"auto_converge.increment", VW_PARAM_INT},
    {"parallel.connections", VW_PARAM_INT},
    {"tls.destination", VW_PARAM_STRING},
};
/* Each disk is one of its own. */
static const char *const repeated[] = {"migrate_disks", "migrate_disks_detect_zeroes"};

const char *vw_wish_text(const struct vw_string *text)
{
    return text && *vw_text(text) ? vw_text(text) : NULL;
}

static bool is_repeated(const struct remote_typed_param *p)
{
    for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
        if (strcmp(vw_text(&p->field), repeated[i]) == 0)
            return true;
    }
    return false;
}

/* Those that are there once at most. */
static enum vw_outcome single(struct vw_call *c, const struct vw_list *params, struct vw_list *out)
{
    const struct remote_typed_param *all = params->items;
    struct remote_typed_param *list = vw_call_alloc(c, (params->count + 1) * sizeof(*list));
    *out = (struct vw_list){list, 0};
    for (uint32_t i = 0; list && i < params->count; i++) {
        if (!is_repeated(&all[i]))
            list[out->count++] = all[i];
    }
    return list ? VW_DONE : VW_FAILED;
}

static const char *text_of(const struct vw_list *params, const char *name)
{
    const struct remote_typed_param *p = vw_params_find(params, name);
    return p ? vw_wish_text(&p->value.u.s) : NULL;
}

enum vw_outcome vw_wish_read(struct vw_call *c, const struct vw_list *params, uint32_t flags,
                             const struct vw_bytes *cookie, struct vw_wish *out)
{
    struct vw_list once;
    if (single(c, params, &once) != VW_DONE ||
        vw_params_check(c, known, sizeof(known) / sizeof(known[0]), &once) != VW_DONE)
        return VW_FAILED;
    const struct remote_typed_param *bandwidth = vw_params_find(&once, "bandwidth");
    *out = (struct vw_wish){.flags = flags,
                            .bandwidth = bandwidth ? vw_params_number(bandwidth) : 0,
                            .dname = text_of(&once, "destination_name"),
                            .xml = text_of(&once, "destination_xml"),
                            .persistent_xml = text_of(&once, "persistent_xml"),
                            .uri = text_of(&once, "migrate_uri"),
                            .cookie = *cookie};
    return VW_DONE;
}
