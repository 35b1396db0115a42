// SPDX-License-Identifier: MIT
// A parsed connection URI as JSON, for `virwire uri`.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

struct json_object;
struct vw_uri;

/* A new object that the caller puts. Members without a value are null; a text that is not UTF-8 is
 * {"hex": "..."}. Errors as vw_uri_argv, when the transport runs a program. */
int vw_uri_to_json(const struct vw_uri *uri, struct vw_arena *arena, struct json_object **out,
                   struct vw_error *err);
