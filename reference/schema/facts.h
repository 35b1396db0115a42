// SPDX-License-Identifier: MIT
// What is known of a procedure that its .x file cannot say: the rows of
// reference/protocol/procedures.tsv, which explains each column, and of varying.tsv and ranges.tsv
// beside it.
// There is a row for every procedure of the built-in protocol; one of a schema read at run time
// that has none counts as `host`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vw_proc;
struct vw_type;

/* What a call can do to the machine of a server, rising. */
enum vw_effect {
    VW_EFFECT_READ,
    VW_EFFECT_WRITE,
    VW_EFFECT_HOST,
    VW_EFFECT_CRASH /* of cases only: it is known to end servers */
};

/* What a call may precede. */
enum vw_before {
    VW_BEFORE_AUTH = 1 << 0,    /* served before authentication */
    VW_BEFORE_OPEN = 1 << 1,    /* served before the open (C-3) */
    VW_BEFORE_FEATURE = 1 << 2, /* served before the open for feature 10 only (C-3, K-4) */
    VW_BEFORE_CLOSE = 1 << 3    /* served before the open unless the profile says else (C-6, C-7) */
};

struct vw_facts {
    const char *name;  /* short name as of today; NULL: none is known */
    const char *since; /* first release, "0.3.0"; NULL: not known */
    enum vw_effect effect;
    bool modifies;     /* refused on a read-only connection (D-19) */
    int32_t domain;    /* of the error when the driver lacks it (D-34) */
    unsigned before;   /* set of enum vw_before */
    bool reads_stream; /* it opens a stream, though no annotation says so (S-1) */
    bool writes_stream;
    const char *secret, *varies; /* paths, comma between them; NULL: none */
    const char *event_object;    /* "domain": of an event, or a call about events; NULL: none */
    uint32_t event_objects;      /* the same as a bit */
    const char *event_kind;      /* of an event: "lifecycle" */
    const char *event_start, *event_stop; /* of a call: "old", "kind" or "id" (V-3) */
    int32_t event_number;                 /* -1: registrations do not name it by a number */
};

/* Never NULL. */
const struct vw_facts *vw_proc_facts(const struct vw_proc *proc);
/* What the procedure is called today; its short name where that is not known. */
const char *vw_proc_today(const struct vw_proc *proc);

/* The kind of name ("uuid", "id", "callback") that a server has chosen for FIELD, of the type T, in
 * PARENT (NULL: in none): what comes back stands for what was recorded. NULL: it is no such. */
const char *vw_facts_bound(const struct vw_type *parent, const char *field,
                           const struct vw_type *t);
/* The text of ELEMENT, or of its ATTRIBUTE (NULL: none), may differ from one run to the next. */
bool vw_facts_xml_varies(const char *element, const char *attribute);

/* What a number of FIELD can be, in a struct of the type PARENT (NULL: it has no name). NULL: all
 * that its own type holds. */
struct vw_range {
    const char *parent, *field;
    int64_t low, high; /* INT64_MAX: no end */
};
const struct vw_range *vw_facts_range(const char *parent, const char *field);

/* Whether one of PATHS (VARIES or SECRET of a row; NULL: none) is all of PATH: "ret.domains[].id".
 */
bool vw_facts_name(const char *paths, const char *path);

/* ---- for the schema ---- */

struct vw_varying {
    bool xml;
    const char *parent; /* a type or an element; "*": any */
    const char *name;   /* of a field or attribute; NULL: PARENT itself */
    const char *kind;
};
extern const struct vw_varying vw_varying_rows[];
extern const size_t vw_varying_count;
extern const struct vw_range vw_range_rows[];
extern const size_t vw_range_count;

struct vw_facts_name {
    const char *program, *name; /* today's or an earlier one, or "*" */
    uint16_t row;
};

/* Made by the build; names sorted. Row 0 is of what is in no row. */
extern const struct vw_facts vw_facts_rows[];
extern const struct vw_facts_name vw_facts_names[];
extern const size_t vw_facts_name_count;

/* The row of a procedure, its program's or 0. */
uint16_t vw_facts_find(const char *program, const char *name);
