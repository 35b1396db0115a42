// SPDX-License-Identifier: MIT
// What the files of the differ share: one run of it, the graph of pairs of types that it walks, and
// the changes that hang on them until it is known which messages they are part of.
#pragma once

#include "conformance/gate/gate.h"

/* A message, or another thing of its own on the wire, in both versions. */
struct vw_gate_message {
    const struct vw_type *before, *after; /* its type */
    const struct vw_proc *was, *is;       /* whose it is; NULL: of none */
    const char *name;                     /* of the procedure, or of the type */
    unsigned reach;                       /* one of them (enum vw_reach), and VW_REACH_PROMISED */
};

/* What a finding came from, as far as bytes can show it; all may be NULL. */
struct vw_gate_source {
    const struct vw_gate_rule *rule;
    const struct vw_gate_message *message; /* with the change somewhere in it */
    const struct vw_type *was, *is;        /* the types that differ; NULL: the message itself */
    const struct vw_proc *p, *q;           /* procedures that differ */
    const struct vw_program *before, *after;
    const char *constant;
};

/* Which messages a type is part of. */
enum vw_reach {
    VW_REACH_ARGS = 1 << 0,  /* clients write it, servers read it */
    VW_REACH_RET = 1 << 1,   /* the other way round, asked for */
    VW_REACH_EVENT = 1 << 2, /* the other way round, unasked */
    VW_REACH_ERROR = 1 << 3,
    VW_REACH_HEADER = 1 << 4,
    VW_REACH_PROMISED = 1 << 5 /* of a program that is promised to somebody */
};

/* What is found at a pair. The rule may depend on the reach: "shrunk", "grown" and "member" are
 * made into LEN00x and ENU00x. */
struct vw_gate_change {
    struct vw_gate_change *next;
    const char *rule;
    const char *subject; /* "remote_domain_create_args.dom" */
    const char *detail;  /* "4194304 -> 65536", for the fingerprint; or "" */
    const char *found;   /* a sentence */
    const char *cause;   /* other than SUBJECT: "REMOTE_STRING_MAX"; NULL: none */
    const struct vw_where *before, *after;
    enum vw_gate_class mildest; /* at least so mild */
};

/* Two types that stand at the same place of some message. */
struct vw_pair {
    const struct vw_type *before, *after; /* no aliases */
    const char *name;                     /* of the type, or its place in one that has a name */
    struct vw_pair **parts;
    size_t n_parts;
    struct vw_gate_change *changes;
    const char **touches;
    size_t n_touches;
    const struct vw_gate_message *message; /* the first that reached it with changes */
    unsigned reach;
    uint32_t stamp;       /* of the last root that came here */
    struct vw_pair *todo; /* of a walk */
    bool top;             /* it is all of a message */
    bool optional;        /* it is the value of an optional ... */
    bool plain;           /* ... and stands elsewhere too */
    bool renamed;         /* told */
};

/* Pairs, each once, in the order of their making. */
struct vw_pairs {
    struct vw_pair **list, **table;
    size_t count, room;
};

struct vw_differ {
    struct vw_gate *out;
    struct vw_arena *arena;
    const struct vw_gate_side *before, *after;
    struct vw_pairs pairs;
    size_t done;   /* of them have been compared */
    int rc;        /* the first failure; all do nothing from then on */
    uint64_t work; /* steps taken */
    uint32_t stamp;
};

#define VW_GATE_MAX_WORK 100000000u
#define VW_GATE_NONE     UINT32_MAX

/* Counts N steps; false when there is no going on. */
bool vw_differ_spend(struct vw_differ *d, uint64_t n);
void *vw_differ_alloc(struct vw_differ *d, size_t size);
/* printf into the arena; "" when memory is out. */
const char *vw_differ_text(struct vw_differ *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- pairs.c ---- */

const struct vw_type *vw_gate_real(const struct vw_type *t);
/* The pair of two types, made if need be; NULL when there is no going on. */
struct vw_pair *vw_pairs_get(struct vw_differ *d, struct vw_pairs *set,
                             const struct vw_type *before, const struct vw_type *after);
void vw_pairs_finish(struct vw_pairs *set);
/* True when both have the same form on the wire. LOOSE: bounds, and which values of a word are
 * accepted, do not matter. */
bool vw_gate_same(struct vw_differ *d, const struct vw_type *a, const struct vw_type *b,
                  bool loose);
/* All types that are part of those of SET, each as a pair with itself, join it. */
void vw_pairs_close(struct vw_differ *d, struct vw_pairs *set);
/* T, a struct or union, holds itself. */
bool vw_gate_is_recursive(struct vw_differ *d, const struct vw_type *t);
/* All pairs below P become part of the message M. */
void vw_pairs_reach(struct vw_differ *d, struct vw_pair *p, const struct vw_gate_message *m);
/* Bytes of a basic type on the wire; 0: it is none. */
unsigned vw_gate_width(enum vw_kind kind);

/* ---- types.c ---- */

/* A field, an arm, an element or a message in both versions. */
struct vw_gate_field {
    const char *name; /* NULL: as the whole */
    const struct vw_type *before, *after;
    const struct vw_where *was, *is;
};

/* A pair that holds the one of two messages, and nothing besides. NULL when there is no going on.
 */
struct vw_pair *vw_gate_root(struct vw_differ *d, const struct vw_gate_field *f);
/* F becomes part of P. */
void vw_gate_part(struct vw_differ *d, struct vw_pair *p, const struct vw_gate_field *f);
/* Compares each pair, and those that come up meanwhile. */
void vw_gate_compare_all(struct vw_differ *d);

/* ---- unions.c ---- */

void vw_gate_unions(struct vw_differ *d, struct vw_pair *p);
void vw_gate_enums(struct vw_differ *d, struct vw_pair *p);
/* For them (types.c). */
/* The rule for a type that became one of another kind; NULL: they are of one kind. */
const char *vw_gate_kind_rule(struct vw_differ *d, const struct vw_type *before,
                              const struct vw_type *after);
struct vw_gate_change *vw_gate_change(struct vw_differ *d, struct vw_pair *p, const char *rule,
                                      const char *subject, const struct vw_where *before,
                                      const struct vw_where *after, const char *detail,
                                      const char *found);

/* ---- procs.c ---- */

void vw_gate_programs(struct vw_differ *d);

/* ---- consts.c ---- */

void vw_gate_consts(struct vw_differ *d);
/* Types that are part of messages of S, each as a pair with itself. */
void vw_gate_reached(struct vw_differ *d, const struct vw_schema *s, struct vw_pairs *out);
/* Types that are part of no message, in neither version. */
void vw_gate_unreached(struct vw_differ *d);
void vw_gate_files(struct vw_differ *d);

/* ---- lint.c ---- */

/* What is new among the things that are doubtful in any schema. */
void vw_gate_lint_new(struct vw_differ *d);

/* ---- emit.c ---- */

struct vw_gate_told {
    const char *rule, *subject, *detail, *found, *cause;
    const struct vw_where *before, *after;
    const char *const *touches;
    size_t n_touches;
    unsigned reach;
    enum vw_gate_class mildest;
    bool companion;
    struct vw_gate_source source; /* without the rule */
};
void vw_gate_tell(struct vw_differ *d, const struct vw_gate_told *t);
/* F becomes one of the findings. */
void vw_gate_append(struct vw_differ *d, struct vw_finding *f, const struct vw_gate_source *source);
/* Those that hang on pairs. */
void vw_gate_tell_pairs(struct vw_differ *d);
