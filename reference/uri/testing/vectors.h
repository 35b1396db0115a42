// SPDX-License-Identifier: MIT
// The vectors of conformance/vectors/uri.json, for the tests of this folder.
#pragma once

#include <json-c/json.h>
#include <virwire/uri.h>

struct vector {
    const char *id;
    const char *uri;
    size_t len;
    struct vw_uri_options options;
    struct json_object *json; /* the whole vector */
};

/* Reads the file once; fails the test when it cannot. Returns how many there are. */
size_t vectors_load(void);
struct vector vector_at(size_t i);
void vectors_free(void);

/* Parses V into OUT; ERR may be NULL. */
int vector_parse(const struct vector *v, struct vw_arena *arena, struct vw_uri *out,
                 struct vw_error *err);

/* The same of any text. */
int parse_as(const char *text, size_t len, const struct vw_uri_options *options,
             struct vw_arena *arena, struct vw_uri *out, struct vw_error *err);
