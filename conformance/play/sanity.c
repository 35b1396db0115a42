// SPDX-License-Identifier: MIT
// Loading the sanity cases, and reading what the peer has said of itself.
#include "conformance/play/sanity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "conformance/play/run.h"

int vw_sanity_load(struct vw_sanity *s, const struct vw_profile *profile, struct vw_error *err)
{
    const struct vw_suite_options options = {.profile = profile};
    bool says_version = vw_schema_proc(profile->schema, "connect_get_lib_version") != NULL;
    const char *ask = says_version ? vw_text_of_sanity : vw_text_of_sanity_2007;
    memset(s, 0, sizeof(*s));
    int rc = vw_suite_add(&s->suite, "sanity", "sanity", ask, strlen(ask), &options, err);
    if (rc == 0)
        rc = vw_suite_add(&s->suite, "settle", "settle", vw_text_of_settle,
                          strlen(vw_text_of_settle), &options, err);
    if (rc < 0)
        return rc;
    s->ask = &s->suite.cases[0];
    s->settle = &s->suite.cases[1];
    return 0;
}

void vw_sanity_finish(struct vw_sanity *s)
{
    vw_suite_finish(&s->suite);
}

static void copy_text(struct json_object *vars, const char *name, char *out, size_t size)
{
    struct json_object *v = NULL;
    if (json_object_object_get_ex(vars, name, &v) && json_object_is_type(v, json_type_string))
        snprintf(out, size, "%s", json_object_get_string(v));
    vw_shown_mark(out);
}

void vw_sanity_peer(const struct vw_run *run, struct vw_peer *peer)
{
    struct json_object *v = NULL;
    copy_text(run->variables, "driver", peer->driver, sizeof(peer->driver));
    copy_text(run->variables, "hostname", peer->hostname, sizeof(peer->hostname));
    if (json_object_object_get_ex(run->variables, "version", &v)) {
        uint64_t n = json_object_get_uint64(v);
        snprintf(peer->lib_version, sizeof(peer->lib_version), "%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                 n / 1000000, n / 1000 % 1000, n % 1000);
    }
}
