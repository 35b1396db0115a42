// SPDX-License-Identifier: MIT
// volume: the storage volume that the cases may use (--volume), as a variable. A case without one
// is skipped.
#include <string.h>

#include "conformance/play/check.h"
#include "conformance/play/run.h"

static const struct vw_key list[] = {
    {"capture", VW_TAKES_TEXT | VW_TAKES_NAME, true, NULL, NULL,
     "the variable that holds it, as calls take it"},
    {NULL},
};
static const struct vw_keys keys = {"volume", list, NULL};

bool vw_volume_is_named(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash && slash > text && slash[1];
}

/* Volumes are found by pool and name; the key is passed over. */
static int set_variable(struct vw_run *run, const char *name, const char *volume,
                        struct vw_error *err)
{
    const char *slash = strchr(volume, '/');
    struct json_object *v = json_object_new_object();
    if (!v || json_object_object_add(run->variables, name, v) < 0 ||
        json_object_object_add(v, "pool",
                               json_object_new_string_len(volume, (int)(slash - volume))) < 0 ||
        json_object_object_add(v, "name", json_object_new_string(slash + 1)) < 0 ||
        json_object_object_add(v, "key", json_object_new_string("/")) < 0)
        return vw_error_nomem(err);
    return 0;
}

static enum vw_step_result run_volume(struct vw_run *run, const struct vw_node *value, bool first)
{
    struct vw_error err = VW_ERROR_INIT;
    const char *volume = run->settings->volume;
    if (!volume)
        return vw_run_skip(run, "no volume is named; --volume POOL/NAME does");
    if (set_variable(run, vw_node_get(value, "capture")->text, volume, &err) < 0)
        return vw_run_error(run, &err);
    return VW_STEP_DONE;
}

const struct vw_verb vw_verb_volume = {
    {"volume", VW_TAKES_MAP, false, NULL, &keys, "the volume that cases may use"},
    run_volume,
};
