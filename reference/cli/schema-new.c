// SPDX-License-Identifier: MIT
// See schema-new.h.
#include "cli/schema-new.h"

#include <string.h>

#include "cli/message.h"
#include "conformance/gate/gate.h"

int vw_cli_schema_new(const char *name, const struct vw_profile *profile)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_profile *newest = NULL;
    struct vw_gate g;
    vw_gate_init(&g);
    int rc = vw_profile_load(NULL, NULL, &newest, &err);
    if (rc == 0) {
        const struct vw_gate_side before = {.name = "", .schema = newest->schema};
        const struct vw_gate_side after = {.name = "", .schema = profile->schema};
        rc = vw_gate_diff(&g, &before, &after, &err);
    }
    for (size_t i = 0; i < g.count && rc == 0; i++)
        if (strncmp(g.list[i]->rule, "SEM", 3) == 0)
            vw_cli_warn(name, "%s: %s", g.list[i]->rule, g.list[i]->found);
    vw_gate_finish(&g);
    vw_profile_destroy(newest);
    return rc ? vw_cli_fail(name, NULL, &err) : 0;
}
