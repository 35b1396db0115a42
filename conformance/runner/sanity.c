// SPDX-License-Identifier: MIT
// The sanity case is a scenario like any other; only it must not depend on the suite in use.
#include "conformance/runner/sanity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The getters are those that every driver has, and a peer that refuses one is alive all the same.
 */
static const char text[] =
    "title: the peer opens a connection and says what it is\n"
    "clause: [C-3, H-5, F-1, D-26, C-7]\n"
    "level: must\n"
    "needs: [open]\n"
    "steps:\n"
    "  - send: {call: {procedure: connect_get_type}}\n"
    "  - expect: {either: [{reply: {type: {capture: driver}}}, {error: }]}\n"
    "  - send: {call: {procedure: connect_get_hostname}}\n"
    "  - expect: {either: [{reply: {hostname: {capture: hostname}}}, {error: }]}\n";
static const char modern_text[] =
    "  - send: {call: {procedure: connect_get_lib_version}}\n"
    "  - expect: {either: [{reply: {lib_ver: {capture: version}}}, {error: }]}\n";

/* Opens nothing: what the hypervisor's connections share ends with the last of them. */
static const char settle_text[] = "title: a connection is served\n"
                                  "clause: F-1\n"
                                  "level: must\n"
                                  "needs: [auth]\n"
                                  "steps:\n"
                                  "  - expect-usable:\n";

enum { SANITY, SETTLE };

static struct vw_suite kept;
static const struct vw_profile *kept_for;

static int load(const struct vw_profile *profile, struct vw_error *err)
{
    char whole[sizeof(text) + sizeof(modern_text)];
    if (kept_for == profile && kept.count)
        return 0;
    vw_sanity_finish();
    bool modern = vw_schema_proc(profile->schema, "connect_get_lib_version") != NULL;
    int n = snprintf(whole, sizeof(whole), "%s%s", text, modern ? modern_text : "");
    const struct vw_suite_options options = {.profile = profile};
    int rc = vw_suite_add(&kept, "sanity", "sanity", whole, (size_t)n, &options, err);
    if (rc == 0)
        rc = vw_suite_add(&kept, "settle", "settle", settle_text, strlen(settle_text), &options,
                          err);
    kept_for = rc == 0 ? profile : NULL;
    return rc;
}

const struct vw_case *vw_sanity_case(const struct vw_profile *profile, struct vw_error *err)
{
    return load(profile, err) < 0 ? NULL : &kept.cases[SANITY];
}

const struct vw_case *vw_sanity_settle(const struct vw_profile *profile, struct vw_error *err)
{
    return load(profile, err) < 0 ? NULL : &kept.cases[SETTLE];
}

void vw_sanity_finish(void)
{
    vw_suite_finish(&kept);
    memset(&kept, 0, sizeof(kept));
    kept_for = NULL;
}

static void copy_text(struct json_object *vars, const char *name, char *out, size_t size)
{
    struct json_object *v = NULL;
    if (json_object_object_get_ex(vars, name, &v) && json_object_is_type(v, json_type_string))
        snprintf(out, size, "%s", json_object_get_string(v));
    for (char *s = out; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
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
