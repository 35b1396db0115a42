// SPDX-License-Identifier: MIT
// Reading the URI vectors. The folder of the sources comes from the environment that Meson sets.
#include "uri/testing/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testing/test.h"

static struct json_object *file;

static struct json_object *member(struct json_object *o, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(o, name, &value);
    return value;
}

size_t vectors_load(void)
{
    char path[4096];
    const char *root = getenv("VW_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/conformance/vectors/uri.json", root ? root : ".");
    file = json_object_from_file(path);
    if (!file)
        fail_msg("%s", json_util_get_last_err());
    assert_string_equal(json_object_get_string(member(file, "format")), "virwire-uri-vectors-1");
    return json_object_array_length(member(file, "vectors"));
}

void vectors_free(void)
{
    json_object_put(file);
    file = NULL;
}

static const char *text(struct json_object *o, const char *name)
{
    return json_object_get_string(member(o, name));
}

static unsigned release(const char *s)
{
    unsigned part[3] = {0};
    if (s)
        assert_int_equal(sscanf(s, "%u.%u.%u", &part[0], &part[1], &part[2]), 3);
    return (part[0] * 1000 + part[1]) * 1000 + part[2];
}

struct vector vector_at(size_t i)
{
    struct json_object *json = json_object_array_get_idx(member(file, "vectors"), i);
    struct json_object *options = member(json, "options");
    struct vector v = {
        .id = text(json, "id"),
        .uri = text(json, "uri"),
        .len = (size_t)json_object_get_string_len(member(json, "uri")),
        .options = {VW_URI_OPTIONS_INIT},
        .json = json,
    };
    assert_int_equal(vw_dialect_from_name(text(json, "dialect"), &v.options.dialect), 0);
    if (options) {
        v.options.uid = (uid_t)json_object_get_int(member(options, "uid"));
        v.options.home = text(options, "home");
        v.options.runtime_dir = text(options, "runtime_dir");
        v.options.release = release(text(options, "release"));
        v.options.system_run_dir = text(options, "system_run_dir");
        v.options.read_only = json_object_get_boolean(member(options, "read_only"));
        v.options.truncate_nul = json_object_get_boolean(member(options, "truncate_nul"));
    }
    return v;
}

int vector_parse(const struct vector *v, struct vw_arena *arena, struct vw_uri *out,
                 struct vw_error *err)
{
    return parse_as(v->uri, v->len, &v->options, arena, out, err);
}

int parse_as(const char *text, size_t len, const struct vw_uri_options *options,
             struct vw_arena *arena, struct vw_uri *out, struct vw_error *err)
{
    const struct vw_uri *uri;
    int rc = vw_uri_parse(text, len, options, arena, &uri, err);
    if (rc == 0)
        *out = *uri;
    return rc;
}
