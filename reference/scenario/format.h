// SPDX-License-Identifier: MIT
// What may stand in a scenario file, as tables: the loader checks files against them and
// scenario.schema.json is printed from them, so that the two cannot drift apart.
#pragma once

#include <stdbool.h>

#include "base/yaml.h"
#include "xdr/edit-text.h"

enum vw_takes {
    VW_TAKES_NOTHING = 1 << 0, /* the key alone */
    VW_TAKES_TEXT = 1 << 1,    /* any scalar; one of WORDS if there are some */
    VW_TAKES_NUMBER = 1 << 2,
    VW_TAKES_TEXTS = 1 << 3, /* a list of scalars; each one of WORDS if there are some */
    VW_TAKES_MAP = 1 << 4,   /* a mapping of KEYS */
    VW_TAKES_MAPS = 1 << 5,  /* a list of mappings of KEYS */
    VW_TAKES_VALUE = 1 << 6, /* a value or pattern by the type of a procedure: anything */
    VW_TAKES_STEPS = 1 << 7, /* a list of steps, which the scenario checks against its verbs */
    VW_TAKES_ITEMS = 1 << 8, /* a list of anything */
    VW_TAKES_EDITS = 1 << 9, /* byte edits (xdr/edit-text.h): a text, or a list of its words */
    VW_TAKES_NAME = 1 << 10  /* TEXT that steps call something by: shorter than VW_NAME_ROOM */
};

#define VW_NAME_ROOM 32 /* bytes of such a name, with its NUL */

struct vw_keys;

struct vw_key {
    const char *name;
    unsigned takes;
    bool required;
    const char *const *words;   /* ends at NULL; or NULL */
    const struct vw_keys *keys; /* of VW_TAKES_MAP and VW_TAKES_MAPS */
    const char *about;          /* one line, for the JSON Schema and the guide */
};

/* A set of keys that stand together. */
struct vw_keys {
    const char *name;          /* in messages and in $defs: "a message" */
    const struct vw_key *list; /* ends at a NULL name */
    const char *const *one_of; /* exactly one of these must be there; ends at NULL; or NULL */
    const char *const *any_of; /* one of these at least; the same */
};

/* Checks MAP against KEYS, and what is below. A text that starts with one '$' stands for any value.
 * VW_ESYNTAX with the place and what was expected there. */
int vw_format_check(const struct vw_keys *keys, const struct vw_node *map, struct vw_error *err);

/* Checks one value against its key. */
int vw_format_check_value(const struct vw_key *key, const struct vw_node *n, struct vw_error *err);

/* Appends the edits that N says: a text, or the list of its words (none: nothing). VW_ESYNTAX with
 * the place, VW_ENOMEM. */
int vw_format_edits(const struct vw_node *n, struct vw_arena *arena, struct vw_edits *out,
                    struct vw_error *err);

const struct vw_key *vw_format_key(const struct vw_keys *keys, const char *name);
