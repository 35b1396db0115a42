// SPDX-License-Identifier: MIT
// The YAML that people write, as a tree that remembers where each node stood. Plain data only:
// aliases, anchors, tags, duplicate keys and several documents are refused, size and depth are
// capped.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <virwire/error.h>
#include <virwire/memory.h>

#define VW_YAML_MAX_BYTES (256u * 1024)
#define VW_YAML_MAX_DEPTH 32
#define VW_YAML_MAX_NODES 50000
#define VW_YAML_MAX_KEYS  256 /* of one mapping: keys are compared with each other */

enum vw_node_kind {
    VW_NODE_NULL, /* nothing, ~ or null */
    VW_NODE_SCALAR,
    VW_NODE_LIST,
    VW_NODE_MAP
};

struct vw_node {
    enum vw_node_kind kind;
    bool quoted;      /* a scalar in quotes or a block: text, never a number or a boolean */
    unsigned line;    /* from 1; 0: made by a generator */
    unsigned column;  /* from 1 */
    const char *text; /* VW_NODE_SCALAR; always terminated */
    size_t len;
    const char *key;   /* as a member of a map: its name, else NULL */
    unsigned key_line; /* where that name stands; 0 as for line */
    unsigned key_column;
    struct vw_node *first; /* VW_NODE_LIST, VW_NODE_MAP */
    struct vw_node *last;  /* so that adding is cheap */
    struct vw_node *next;  /* in the list or map above */
    size_t count;          /* of items or members */
};

/* Parses one document; the tree lies in ARENA. VW_ESYNTAX or VW_ELIMIT with line and column,
 * VW_ENOMEM. An empty document is VW_NODE_NULL. */
int vw_yaml_parse(const char *text, size_t len, struct vw_arena *arena, struct vw_node **out,
                  struct vw_error *err);

/* The whole file PATH in memory that the caller frees; VW_EUSAGE when it cannot be read, VW_ELIMIT,
 * VW_ENOMEM. */
int vw_yaml_read(const char *path, char **text, size_t *len, struct vw_error *err);

/* Reads and parses the file PATH; VW_EUSAGE when it cannot be read. */
int vw_yaml_load(const char *path, struct vw_arena *arena, struct vw_node **out,
                 struct vw_error *err);

/* The member KEY of a map, or NULL (also when MAP is NULL or no map). */
const struct vw_node *vw_node_get(const struct vw_node *map, const char *key);

/* Reports at the node's place. */
int vw_node_error(const struct vw_node *n, struct vw_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at the place of its key, if it has one. */
int vw_node_key_error(const struct vw_node *n, struct vw_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* An unknown word: "unknown WHAT "x"; did you mean "y"?" or with the list of what is known. At the
 * place of the node, or of its key where WORD is that. */
int vw_node_unknown(const struct vw_node *n, const char *what, const char *word,
                    const char *const *known, size_t n_known, struct vw_error *err);

/* True for "$name": a variable. */
bool vw_node_is_variable(const struct vw_node *n);

/* "a list", "a mapping", ... for messages. */
const char *vw_node_kind_name(enum vw_node_kind kind);

/* True when the node is the scalar TEXT. */
bool vw_node_is(const struct vw_node *n, const char *text);

/* A plain decimal or 0x number, a '-' in front allowed, from MIN to MAX. 0 or VW_ESYNTAX. */
int vw_node_number(const struct vw_node *n, int64_t min, int64_t max, int64_t *out,
                   struct vw_error *err);

/* True and the value when the node looks like a whole number of 64 bits, signed or not (then *NEG
 * is false and *OUT holds the bits). */
bool vw_node_looks_number(const struct vw_node *n, bool *neg, uint64_t *out);

/* Hex digits, spaces between bytes allowed, into bytes of ARENA. 0 or VW_ESYNTAX, VW_ENOMEM. */
int vw_node_hex(const struct vw_node *n, struct vw_arena *arena, const uint8_t **bytes, size_t *len,
                struct vw_error *err);

/* One line of YAML, for reports. */
void vw_node_print(const struct vw_node *n, FILE *f);

/* ---- making nodes (generators, substitution); NULL: no memory ---- */

struct vw_node *vw_node_new(struct vw_arena *arena, enum vw_node_kind kind);
struct vw_node *vw_node_text(struct vw_arena *arena, const char *text);
struct vw_node *vw_node_printf(struct vw_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends ITEM to a list, or as member KEY to a map. Returns ITEM; a NULL of either passes through.
 */
struct vw_node *vw_node_add(struct vw_node *parent, const char *key, struct vw_node *item);
/* A deep copy without what follows it. */
struct vw_node *vw_node_copy(struct vw_arena *arena, const struct vw_node *n);
