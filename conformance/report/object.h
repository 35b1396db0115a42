// SPDX-License-Identifier: MIT
// What the reports that are JSON share. Out of memory, an object is none (NULL), and so is what it
// would be part of: the report is whole, or fails at its end.
#pragma once

#include <json-c/json.h>
#include <stdio.h>

struct vw_error;

typedef struct json_object json;

/* JSON is UTF-8; a byte of the peer that is none stands as \xNN. */
json *vw_object_text(const char *text);
/* These take VALUE. */
void vw_object_add(json **o, const char *key, json *value);
void vw_object_append(json **list, json *value);
/* Nothing when TEXT is NULL. */
void vw_object_add_text(json **o, const char *key, const char *text);
/* Seconds, of microseconds. */
json *vw_object_seconds(int64_t us);
/* Prints O, on lines of its own or as one line, and takes it. 0 or VW_ENOMEM. */
int vw_object_print(json *o, FILE *out, struct vw_error *err);
int vw_object_print_line(json *o, FILE *out, struct vw_error *err);
