// SPDX-License-Identifier: MIT
// The few arguments and results that this side itself has to do with, reached through the type
// tables: names of fields are the same in all releases, their places need not be.
#pragma once

#include "schema/schema.h"

/* Room for the arguments of such calls, which are small; the schema of a user may bring others. */
#define VW_VALUE_MAX 256

bool vw_args_fit(const struct vw_proc *proc);

/* Sets the first optional struct, the object that a registration is limited to. */
bool vw_args_set_object(const struct vw_type *t, void *value, const void *object);
/* Sets a field of a struct value by its name and kind; nothing happens when it has no such field,
 * so that older and newer releases can be served alike. */
void vw_args_set_string(const struct vw_type *t, void *value, const char *field,
                        struct vw_string *string);
void vw_args_set_int(const struct vw_type *t, void *value, const char *field, uint32_t number);
/* Bytes: of an opaque, or of a list of single bytes. */
void vw_args_set_bytes(const struct vw_type *t, void *value, const char *field, const void *bytes,
                       size_t len);
/* FALLBACK when there is no such field. */
int32_t vw_ret_int(const struct vw_type *t, const void *value, const char *field, int32_t fallback);
const uint8_t *vw_ret_bytes(const struct vw_type *t, const void *value, const char *field,
                            size_t *len);
/* NULL when there is no such field. */
const char *vw_ret_string(const struct vw_type *t, const void *value, const char *field);
/* The first 32-bit number of a struct value, or of the first list in it; FALLBACK when there is
 * none. */
int32_t vw_ret_first_int(const struct vw_type *t, const void *value, int32_t fallback);
