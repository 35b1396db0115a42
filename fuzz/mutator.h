// SPDX-License-Identifier: MIT
// The schema-aware mutator: an input is taken for messages or for a value of the schema, changed
// where its parts are (the edits of xdr/edit.h over the spans of xdr/walk.c), and put together
// again, with lengths that are right or lie on purpose. It knows no engine; mutator-engines.c has
// the entry points of AFL++ and libFuzzer. The same seed, input and other input give the same
// output, on every machine.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <virwire/error.h>

struct vw_mutator;
struct vw_schema;

/* SPEC says what inputs are: "any" or NULL, what decode_any takes (the built-in schema only);
 * "message", one message with its length word; "stream", any number of them; "type NAME", a value
 * of that type and nothing else. SCHEMA: a .x file, or a folder of them; NULL or "": the built-in
 * protocol. VW_EUSAGE, VW_ENAME, and the errors of reading a schema. */
int vw_mutator_create(const char *spec, const char *schema, struct vw_mutator **out,
                      struct vw_error *err);
/* The same for "message" of a schema that the caller has. VW_ENOMEM. */
int vw_mutator_create_for(const struct vw_schema *schema, struct vw_mutator **out,
                          struct vw_error *err);
/* NULL is fine. */
void vw_mutator_destroy(struct vw_mutator *m);

/* Changes DATA, by SEED, with parts of OTHER (LEN 0: none). At most MAX bytes come out, which stay
 * until the next call; *LEN_OUT says how many. NULL: no memory. */
const uint8_t *vw_mutate(struct vw_mutator *m, uint64_t seed, const uint8_t *data, size_t len,
                         const uint8_t *other, size_t other_len, size_t max, size_t *len_out);

/* ---- making smaller ---- */

/* How many parts DATA has that can go: elements, values that are optional, contents of strings. */
size_t vw_mutator_parts(struct vw_mutator *m, const uint8_t *data, size_t len);
/* DATA without the part N, whole otherwise; as vw_mutate. */
const uint8_t *vw_mutator_without(struct vw_mutator *m, size_t n, const uint8_t *data, size_t len,
                                  size_t *len_out);

/* How often each operation was done, one "NAME COUNT" a line. */
void vw_mutator_statistics(const struct vw_mutator *m, FILE *f);
/* The names of the operations that the last vw_mutate did, "regenerate,lie-length". */
const char *vw_mutator_last(const struct vw_mutator *m);
