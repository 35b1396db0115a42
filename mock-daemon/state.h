// SPDX-License-Identifier: MIT
// All objects of the model as lines of JSON, and back: what the table of objects holds of each, and
// beside that the facts that the rows of its kind give out. A new kind is in there by itself.
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>

struct vw_model;
struct vw_object;
struct vw_owns;

/* One object with the members OWNS, which the caller puts; NULL: no memory. */
struct json_object *vw_state_object(const struct vw_owns *owns, const struct vw_object *o,
                                    const struct vw_model *m);

/* Makes the file PATH anew. VW_EUSAGE: it cannot be written; VW_ENOMEM. */
int vw_state_save(const struct vw_model *m, const char *path, struct vw_error *err);
/* What is there is from now on, until a reset, what the file PATH holds; of kinds that it does not
 * know, what was there at the start. VW_EUSAGE: it cannot be read, or two objects in it are one;
 * VW_ESYNTAX with the line; VW_ENOMEM. All is then as before. */
int vw_state_load(struct vw_model *m, const char *path, struct vw_error *err);
