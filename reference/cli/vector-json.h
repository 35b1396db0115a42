// SPDX-License-Identifier: MIT
// Vectors as JSON, in two shapes: a line of `virwire vectors`, and a test of the files that are
// laid out as Wycheproof's.
#pragma once

#include "conformance/cases/vectors.h"

struct json_object;

/* A new object that the caller puts, or NULL: VW_ENOMEM, or VW_ELIMIT for what nests too deep. */
struct json_object *vw_vector_line(const struct vw_vector *v, struct vw_error *err);
struct json_object *vw_vector_test(const struct vw_vector *v, unsigned id, struct vw_error *err);

/* TO gets VALUE, which is put, as NAME; what fails clears OK. */
void vw_vector_add(struct json_object *to, const char *name, struct json_object *value, bool *ok);
/* Prints JSON on one line. VW_ENOMEM. */
int vw_vector_print(struct json_object *json, FILE *out, struct vw_error *err);
