// SPDX-License-Identifier: MIT
// Values as JSON (json-c) and back. Numbers are exact to 64 bits; opaque is a hex string; a string
// that is not UTF-8 is {"hex": "..."}; an optional that is absent is null; an enum is its member's
// name, or the number when none fits; a union is {"DISC": value, "ARM": value}, where an arm that
// is called as the discriminant is "<arm>"; a float or double that JSON cannot hold is "0x" and the
// hex digits of its bits; an optional within an optional is an array of one when the outer one is
// there.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#include "schema/schema.h"
#include "xdr/xdr.h"

/* A new JSON value that the caller puts, or NULL with ERR set (VW_ENOMEM; VW_ELIMIT for what nests
 * too deep). NULL without an error is the JSON null of an absent optional: give an ERR. */
struct json_object *vw_json_from_value(const struct vw_type *t, const void *value,
                                       struct vw_error *err);

/* Appends the single-line text of what vw_json_from_value makes to B, without making it, until B
 * has more than MAX bytes; it may then end anywhere. VW_EUSAGE: this value has no such short way
 * (rare kinds, characters that terminals do not show as they are), B is as before; VW_ENOMEM. */
int vw_json_append(const struct vw_type *t, const void *value, size_t max, struct vw_buf *b);

/* The same of LEN bytes: their hex, in quotes. */
int vw_json_append_bytes(const void *bytes, size_t len, size_t max, struct vw_buf *b);

/* Makes a value of type T in ARENA. Missing and unknown members are errors that name them (with the
 * nearest known one); a missing optional member is absent. Bounds are not checked here: encoding
 * does. VW_EVALUE with path, VW_ENAME with path, VW_ENOMEM. */
int vw_json_to_value(const struct vw_type *t, struct json_object *json, struct vw_arena *arena,
                     void **out, struct vw_error *err);

/* Parses a whole JSON text strictly: one value, depth at most 64, no text behind, no repeated keys,
 * no integer over 64 bits, valid UTF-8 and surrogate pairs. VW_ESYNTAX with line and column,
 * VW_ELIMIT for a text whose values would take more than 512 MiB. The caller puts *OUT (NULL for
 * the JSON null). */
int vw_json_parse(const char *text, size_t len, struct json_object **out, struct vw_error *err);

/* Two-space indented or single-line text in malloc'ed memory that the caller frees; NULL: no
 * memory. */
char *vw_json_text(struct json_object *json, bool pretty);

/* Puts VALUE, which is the object's then or is freed, under KEY. False: memory is out; O or VALUE
 * may be NULL for that reason. */
bool vw_json_put(struct json_object *o, const char *key, struct json_object *value);
bool vw_json_put_text(struct json_object *o, const char *key, const char *text);
bool vw_json_put_number(struct json_object *o, const char *key, int64_t number);
