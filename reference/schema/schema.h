// SPDX-License-Identifier: MIT
// The schema: what the .x files say, as type tables. One parser makes them, from the built-in files
// of reference/protocol or from files that a user names (RFC 4506 section 6, RFC 5531 section 12,
// and the conventions of libvirt). Everything that knows a type (codec, JSON, random values, help
// texts, cases, the gate) walks these tables and nothing else.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <virwire/error.h>
#include <virwire/lookups.h>
#include <virwire/memory.h>

/* How a value stands on the wire and in memory. */
enum vw_kind {
    VW_VOID,         /* nothing; the target of a void union arm */
    VW_INT,          /* wire 4, memory int32_t */
    VW_UINT,         /* wire 4, memory uint32_t */
    VW_HYPER,        /* wire 8, memory int64_t */
    VW_UHYPER,       /* wire 8, memory uint64_t */
    VW_BOOL,         /* wire 4, memory bool */
    VW_CHAR,         /* wire 4, memory int8_t: libtirpc gives each char a whole word */
    VW_UCHAR,        /* wire 4, memory uint8_t */
    VW_SHORT,        /* wire 4, memory int16_t */
    VW_USHORT,       /* wire 4, memory uint16_t */
    VW_FLOAT,        /* wire 4, memory float */
    VW_DOUBLE,       /* wire 8, memory double */
    VW_ENUM,         /* wire 4, memory int32_t; members[] */
    VW_STRING,       /* wire 4 + bytes + padding, memory struct vw_string */
    VW_OPAQUE,       /* opaque name<max>: wire 4 + bytes + padding, memory struct vw_bytes */
    VW_FIXED_OPAQUE, /* opaque name[max]: wire bytes + padding, memory uint8_t[max] */
    VW_FIXED_ARRAY,  /* elem name[max]: memory elem[max] */
    VW_ARRAY,        /* elem name<max>: wire 4 + elements, memory struct vw_list */
    VW_OPTIONAL,     /* elem *name: wire 4 + value if present, memory pointer or NULL */
    VW_STRUCT,       /* fields[] in order */
    VW_UNION         /* memory int32_t discriminant at offset 0, then the arm at its offset */
};

#define VW_UNBOUNDED UINT32_MAX

struct vw_where {
    const char *file; /* as given to vw_schema_add; "" for the built-in basic types */
    unsigned line;    /* from 1 */
    unsigned column;  /* from 1 */
};

struct vw_member {
    const char *name;
    int32_t value;
    struct vw_where where;
};

struct vw_type;
/* What a layer above keeps with a type: the first member of a struct of its own. It goes with the
 * schema, which knows no more of it than how to end it. */
struct vw_attachment {
    void (*destroy)(const struct vw_attachment *a);
};

/* A field of a struct, or an arm of a union. */
struct vw_field {
    const char *name; /* NULL for a void arm */
    const struct vw_type *type;
    uint32_t offset;      /* bytes from the start of the struct or union in memory */
    bool boxed;           /* union arms over 16 bytes: a pointer to the value stands at offset */
    bool is_default;      /* union: the default arm; cases is then empty */
    const int32_t *cases; /* union: discriminant values that choose this arm */
    uint32_t n_cases;
    struct vw_where where;
};

struct vw_type {
    const char *name; /* published name; NULL for one that only a field or typedef spells out */
    enum vw_kind kind;
    uint32_t size;  /* bytes in memory */
    uint32_t align; /* of the value in memory: 1, 2, 4 or 8 */
    uint32_t max;   /* VW_STRING, VW_OPAQUE, VW_ARRAY: largest length or count, VW_UNBOUNDED where
                       there   is none; VW_FIXED_*: the count */
    const char *max_name;       /* the constant that max was spelled with, or NULL */
    const struct vw_type *elem; /* arrays: an element; VW_OPTIONAL: the value */
    const struct vw_type
        *alias_of; /* typedef of a named type: that type; else NULL. All other members
                      are as those of the target, so that few need to look at it */
    const struct vw_field *fields; /* VW_STRUCT: fields; VW_UNION: arms */
    uint32_t n_fields;
    const struct vw_member *members; /* VW_ENUM */
    uint32_t n_members;
    const struct vw_field
        *disc;         /* VW_UNION: name and type of the discriminant (int, uint, bool, enum) */
    uint64_t wire_min; /* bytes of the smallest encoding, padding included */
    uint64_t wire_max; /* of the largest; UINT64_MAX: unbounded */
    bool is_typedef;   /* declared by typedef */
    uint32_t index;    /* place in vw_schema_types; UINT32_MAX for types without a name */
    struct vw_where where;
    /* Filled at the first use by the codec (xdr/compile.c, atomically) and kept until the schema
     * goes. */
    const struct vw_attachment *attached;
};

struct vw_annotation {
    const char
        *key; /* "generate", "priority", "readstream", "writestream", "sparseflag", "acl", ... */
    const char *value; /* trimmed text */
};

enum vw_proc_kind {
    VW_PROC_CALL, /* client to server, answered */
    VW_PROC_EVENT /* server to client, type MESSAGE: has a ..._msg type (V-2), or its program has no
                     argument and return types at all (keepalive, K-1) */
};

struct vw_proc {
    const char *name;       /* "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME" */
    const char *short_name; /* "domain_lookup_by_name" */
    int32_t number;
    enum vw_proc_kind kind;
    const struct vw_type *args; /* NULL: none. For an event the message's type */
    const struct vw_type *ret;  /* NULL: none */
    uint16_t facts;             /* row of what else is known; see vw_proc_facts */
    bool high_priority;         /* D-27 */
    uint8_t readstream;         /* S-1; 0: no */
    uint8_t writestream;
    const char *sparseflag; /* S-11; NULL: no */
    const struct vw_annotation *annotations;
    uint32_t n_annotations;
    const struct vw_program *program;
    struct vw_where where;
};

struct vw_program {
    const char *name;   /* short: "remote", "qemu", "keepalive", "lock", ... */
    const char *prefix; /* of its constants: "REMOTE", "VIR_LOG_MANAGER_PROTOCOL" */
    uint32_t number;
    uint32_t version;
    const struct vw_proc *procs; /* by number, rising */
    uint32_t n_procs;
    struct vw_where where;
};

struct vw_const {
    const char *name;
    int64_t value;
    bool external; /* from the table of C header constants or a define, not from a .x file */
    bool big;      /* beyond INT64_MAX: VALUE has the bits of an unsigned number */
    struct vw_where where;
};

struct vw_schema;

/* ---- making one ---- */

int vw_schema_create(struct vw_schema **out);
/* Frees the schema, its types and what the codec compiled for them. NULL is fine. */
void vw_schema_destroy(struct vw_schema *s);

/* Gives a constant a value, before vw_schema_finish (-D NAME=VALUE): one that C headers define, or
 * one of the .x files, whose own value then does not count. */
int vw_schema_define(struct vw_schema *s, const char *name, int64_t value, struct vw_error *err);
/* The same with "NAME=VALUE". */
int vw_schema_define_text(struct vw_schema *s, const char *define, struct vw_error *err);

/* How .x files are read. What is refused besides: a comma behind the last member of an enum, a
 * default arm in front of others, "program" and "version" as names; by RFC 4506 also char, short
 * and long, which rpcgen has. */
enum vw_schema_strict { VW_SCHEMA_LAX, VW_SCHEMA_RPCGEN, VW_SCHEMA_RFC };
/* Before vw_schema_add. */
void vw_schema_be_strict(struct vw_schema *s, enum vw_schema_strict how);

/* Reads one .x text. Nothing is resolved before vw_schema_finish, so files may come in any order.
 * FILE is for places in messages and copied. VW_ESYNTAX, VW_ELIMIT or VW_ENOMEM; the file of an
 * error is vw_schema_error_file. REPLACE: definitions of the same name in files read earlier give
 * way (profiles); else a second definition of a name is an error, except a constant of equal value.
 */
int vw_schema_add(struct vw_schema *s, const char *file, const char *text, size_t len, bool replace,
                  struct vw_error *err);

/* Reads the .x file PATH, as vw_schema_add does. Also VW_ESYSTEM. */
int vw_schema_add_file(struct vw_schema *s, const char *path, bool replace, struct vw_error *err);

/* Reads all *.x below DIR, sorted by name, at most 4 levels deep; of a libvirt source tree only
 * those below src/. Left out: hidden files, links to folders, and files with a .yaml of the same
 * name beside them (types of a profile). */
int vw_schema_add_dir(struct vw_schema *s, const char *dir, struct vw_error *err);

/* Finds the files that vw_schema_add_dir reads. 0, or an errno; to be finished in either case. */
struct vw_paths;
int vw_schema_search(const char *dir, struct vw_paths *p);

/* Resolves names and bounds, lays types out, finds programs and their procedures. Once. */
int vw_schema_finish(struct vw_schema *s, struct vw_error *err);

/* The file that the last error of this schema is about; "" when none. */
const char *vw_schema_error_file(const struct vw_schema *s);

/* ---- reading one ---- */

const struct vw_program *const *vw_schema_programs(const struct vw_schema *s, size_t *n);
const struct vw_program *vw_schema_program(const struct vw_schema *s, uint32_t number,
                                           uint32_t version);
const struct vw_program *vw_schema_program_named(const struct vw_schema *s, const char *name);
/* Named types in order of declaration; basic types are not among them. */
const struct vw_type *const *vw_schema_types(const struct vw_schema *s, size_t *n);
/* A named type or a basic one ("int", "unsigned hyper", "bool", ...); NULL when there is none. */
const struct vw_type *vw_schema_type(const struct vw_schema *s, const char *name);
const struct vw_const *const *vw_schema_consts(const struct vw_schema *s, size_t *n);
/* False when there is no such constant or enum member. */
bool vw_schema_const(const struct vw_schema *s, const char *name, int64_t *value);
/* SHA-256 over the form on the wire, as hex: names, constants and the order of files do not change
 * it. "" when it cannot be made. */
const char *vw_schema_digest(const struct vw_schema *s);

const struct vw_proc *vw_program_proc(const struct vw_program *p, int32_t number);
/* By its names in the schema, letters in any case, or by the one that it has today. */
const struct vw_proc *vw_program_proc_named(const struct vw_program *p, const char *name);
/* "domain_lookup_by_name", "remote.domain_lookup_by_name" or "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME",
 * letters in any case, or a number, "23" or "qemu.7"; without a program the remote one is meant
 * first. Where the schema is of a release that named it otherwise, today's name will do as well.
 * NULL when there is none. */
const struct vw_proc *vw_schema_proc(const struct vw_schema *s, const char *name);
/* The same in PROGRAM, a short name, and of calls only. */
const struct vw_proc *vw_schema_call(const struct vw_schema *s, const char *program,
                                     const char *name);

/* The basic type of a kind up to VW_DOUBLE, shared by all schemas. */
const struct vw_type *vw_type_basic(enum vw_kind kind);
/* The arm that VALUE chooses (the default arm if nothing else does), or NULL: none. */
const struct vw_field *vw_type_arm(const struct vw_type *u, int32_t value);
/* VALUE as the discriminant of U has it: where that is unsigned, so is the number. */
int64_t vw_type_case(const struct vw_type *u, int32_t value);
/* The member of an enum with that value, or NULL. */
const struct vw_member *vw_type_member(const struct vw_type *e, int32_t value);
const char *vw_kind_name(enum vw_kind kind);
/* Writes "string<REMOTE_STRING_MAX>", "remote_typed_param[16]<>" and so on: the type as .x spells
 * it. */
void vw_type_print(const struct vw_type *t, FILE *out);

/* ---- printing ---- (lock.c, header.c) */

/* One line for each constant, type, field, bound, program, procedure, in a stable order. */
int vw_schema_lock(const struct vw_schema *s, FILE *out);
/* A C header with the structs as they lie in memory, enums, constants and procedure numbers. GUARD
 * names the file in the head comment. */
int vw_schema_header(const struct vw_schema *s, const char *guard, FILE *out);
