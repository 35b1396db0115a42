// SPDX-License-Identifier: MIT
// The JSON Schema of the scenario format, from the same tables that the loader checks against.
#pragma once

#include <json-c/json.h>

/* The whole schema; the caller puts it. NULL: no memory. */
struct json_object *vw_format_schema(void);
