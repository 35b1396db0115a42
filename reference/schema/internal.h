// SPDX-License-Identifier: MIT
// What the files of this folder share: the symbol table, what the parser found (constants,
// definitions, declarations) and the schema itself. Everything lies in the schema's arena and
// goes with it.
#pragma once

#include <virwire/memory.h>

#include "schema/facts.h"
#include "schema/schema.h"
#include "schema/tables.h"

/* Bounds that hold for any input. */
#define VW_SCHEMA_MAX_FILE       (16u << 20) /* bytes of one text */
#define VW_SCHEMA_MAX_ITEMS      200000u /* constants, types, fields, members and cases together */
#define VW_SCHEMA_MAX_IDENTIFIER 255u    /* bytes */
#define VW_SCHEMA_MAX_NESTING    64u     /* bodies within bodies in the text */
#define VW_SCHEMA_MAX_DEPTH      256u    /* types within types, also through arrays and optionals */
#define VW_SCHEMA_MAX_SIZE                                                                         \
    (64u << 20)                         /* bytes of one value in memory, without what it points to \
                                         */
#define VW_SCHEMA_MAX_COMMENT     4096u /* bytes of a comment that holds annotations */
#define VW_SCHEMA_MAX_PROGRAMS    1024u
#define VW_SCHEMA_MAX_ANNOTATIONS 64u /* of one procedure */

enum vw_keyword {
    VW_KW_NONE,
    VW_KW_BOOL,
    VW_KW_CASE,
    VW_KW_CHAR,
    VW_KW_CONST,
    VW_KW_DEFAULT,
    VW_KW_DOUBLE,
    VW_KW_ENUM,
    VW_KW_FLOAT,
    VW_KW_HYPER,
    VW_KW_INT,
    VW_KW_LONG,
    VW_KW_OPAQUE,
    VW_KW_PROGRAM, /* this and VERSION are names like others except where they open a block */
    VW_KW_QUADRUPLE,
    VW_KW_SHORT,
    VW_KW_STRING,
    VW_KW_STRUCT,
    VW_KW_SWITCH,
    VW_KW_TYPEDEF,
    VW_KW_UNION,
    VW_KW_UNSIGNED,
    VW_KW_VERSION,
    VW_KW_VOID,
    VW_KW_COUNT
};

struct vw_constant;
struct vw_definition;

/* A name. There is one for each spelling, so names are equal when their pointers are. */
struct vw_sym {
    const char *name;
    uint32_t len;
    uint32_t hash;
    uint32_t mark; /* of the struct or union whose fields are being made: finds double names */
    enum vw_keyword keyword;
    bool overridden; /* by vw_schema_define; wins over any definition */
    bool weak;       /* a number of the C headers or of #define, unless something defines it */
    int64_t number;  /* of overridden or weak */
    struct vw_constant *constant; /* const, enum member or external; NULL: none */
    struct vw_definition *type;   /* NULL: none */
    const struct vw_proc *proc;   /* whose published name this is; NULL: none */
};

/* A number as the text has it: digits, or the name of a constant. */
struct vw_number {
    struct vw_sym *name; /* NULL: value counts */
    int64_t value;
    bool big; /* beyond INT64_MAX: the bits of an unsigned number */
    struct vw_where where;
};

enum vw_progress { VW_UNTOUCHED, VW_BUSY, VW_DONE };

/* A const, an enum member, a procedure of a program block, or an external constant. */
struct vw_constant {
    struct vw_const pub;
    struct vw_sym *sym;
    struct vw_number expr;
    struct vw_constant *previous; /* enum member without a value: it counts on from this one */
    bool counts;                  /* enum member without a value */
    bool is_const;                /* may stand twice, if equal: const and procedures of blocks */
    bool is_proc;                 /* a procedure of a program block */
    bool replaced;                /* a later file gave the name another meaning */
    enum vw_progress progress;
    uint32_t file;            /* number of the vw_schema_add that brought it */
    struct vw_constant *back; /* who waits for it while it is resolved */
    struct vw_constant *next; /* of its enum, or of all consts */
    struct vw_constant *twin; /* an earlier const of the same name, to be equal; NULL: none */
    struct vw_annotation *annotations;
    uint32_t n_annotations;
};

/* What stands before the name in a declaration. */
enum vw_spec {
    VW_SPEC_BASIC,
    VW_SPEC_STRING,
    VW_SPEC_OPAQUE,
    VW_SPEC_NAMED, /* a name, perhaps with struct, union or enum before it */
    VW_SPEC_BODY,  /* a struct, union or enum spelled out on the spot */
    VW_SPEC_VOID
};

enum vw_form { VW_FORM_PLAIN, VW_FORM_FIXED, VW_FORM_VARIABLE, VW_FORM_POINTER };

struct vw_case_label {
    struct vw_case_label *next;
    struct vw_number value;
};

/* A field, an arm, a discriminant, the inside of a typedef, an argument. */
struct vw_declaration {
    struct vw_declaration *next;
    struct vw_sym *name; /* NULL for void and for unnamed arguments */
    struct vw_where where;
    struct vw_where spec_where;
    enum vw_spec spec;
    enum vw_form form;
    enum vw_kind basic;         /* VW_SPEC_BASIC */
    enum vw_keyword tag;        /* VW_SPEC_NAMED: struct, union, enum or none */
    struct vw_sym *ref;         /* VW_SPEC_NAMED */
    struct vw_definition *body; /* VW_SPEC_BODY */
    bool bounded;               /* VW_FORM_VARIABLE: something stands between < and > */
    struct vw_number bound;
    struct vw_case_label *cases; /* of an arm */
    uint32_t n_cases;
    bool is_default;
};

enum vw_what { VW_DEF_STRUCT, VW_DEF_UNION, VW_DEF_ENUM, VW_DEF_TYPEDEF };

struct vw_type_node;

/* A named type, or the body of an anonymous one. */
struct vw_definition {
    struct vw_definition *next; /* all, in order */
    struct vw_sym *sym;         /* NULL: anonymous */
    enum vw_what what;
    bool is_typedef;
    bool replaced;
    uint32_t file;
    struct vw_where where;
    struct vw_declaration *fields; /* struct: fields; union: arms; typedef: one */
    uint32_t n_fields;
    struct vw_declaration *disc;
    struct vw_constant *members; /* enum */
    uint32_t n_members;
    struct vw_type_node *node; /* filled by vw_resolve_types */
};

/* A type that belongs to the schema, with what only the making needs. */
struct vw_type_node {
    struct vw_type type; /* first, so that a pointer to either is one to the other */
    struct vw_type_node *next;
    struct vw_definition *def;  /* NULL: made by a declarator */
    struct vw_type_node *order; /* the next one to be laid out: parts before wholes */
    const struct vw_type *real; /* an alias: what it stands for in the end */
    struct vw_type_node *back;  /* as in vw_constant */
    enum vw_progress alias, layout, extent;
    uint32_t depth;
    bool hidden;
    bool referred; /* another type is made of it; only known when something is hidden */
};

/* A procedure of a program block. */
struct vw_block_proc {
    struct vw_block_proc *next;
    struct vw_constant *constant;
    struct vw_declaration *ret;  /* may be void */
    struct vw_declaration *args; /* one: its type; several: packed is set */
    struct vw_definition *packed;
    const struct vw_type *ret_type, *args_type; /* NULL: void */
};

struct vw_block {
    struct vw_block *next;
    struct vw_sym *program;
    struct vw_sym *version;
    struct vw_number program_number;
    struct vw_number version_number;
    struct vw_block_proc *procs;
    uint32_t n_procs;
    uint32_t file;
    struct vw_where where;
};

/* What a profile leaves out. */
struct vw_hidden {
    struct vw_hidden *next;
    const char *program; /* short name; a union's name for arms */
    bool arms;
    int64_t from, to; /* numbers; whole programs: all */
    bool found;       /* something was hidden */
};

struct vw_schema {
    /* If set, the lists below are its, and there is nothing else. */
    const struct vw_tables *tables;
    struct vw_arena arena;
    struct vw_sym **table;
    uint32_t table_size; /* a power of two */
    uint32_t n_syms;
    uint64_t seed;
    const char *error_file;
    uint32_t n_items;
    uint32_t n_files;
    uint32_t last_mark;
    bool finished;
    enum vw_schema_strict strict;
    const char *release;               /* what facts date later is left out; NULL: nothing is */
    const struct vw_settings *partial; /* what is not implemented there is left out; or NULL */
    const struct vw_partial *has;      /* one for each program then */
    bool profiled;                     /* leaves out what belongs to no procedure of this release */
    bool *hidden_files; /* by number of vw_schema_add: those of programs that are left out */

    struct vw_constant *consts, **consts_end;
    struct vw_definition *defs, **defs_end;
    struct vw_block *blocks, **blocks_end;
    struct vw_type_node *nodes, **nodes_end;
    struct vw_type_node *order, **order_end;
    struct vw_hidden *hidden;

    const struct vw_const **const_list;
    const struct vw_type **type_list;
    const struct vw_program **program_list;
    size_t n_consts, n_types, n_programs;

    _Atomic(char *) digest; /* made when first asked for */
};

/* The node of a type of a schema, or NULL for a basic one. */
struct vw_type_node *vw_type_node_of(const struct vw_type *t);

/* The type itself, or what an alias stands for. Valid after vw_resolve_references. */
const struct vw_type *vw_type_real(const struct vw_type *t);

/* ---- where.c ---- */

/* Reports at WHERE and remembers its file. Returns CODE. */
int vw_schema_fail(struct vw_schema *s, const struct vw_where *where, int code,
                   struct vw_error *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- schema.c ---- */

/* Ends what is attached to T. */
static inline void vw_type_detach(struct vw_type *t)
{
    const struct vw_attachment *a = __atomic_exchange_n(&t->attached, NULL, __ATOMIC_ACQ_REL);
    if (a)
        a->destroy(a);
}

/* ---- tables.c ---- */

/* A finished schema over T. VW_ENOMEM. */
int vw_tables_enter(const struct vw_tables *t, struct vw_schema **out);
/* When such a schema goes. */
void vw_tables_leave(const struct vw_tables *t);
/* As the functions of schema.h. */
const struct vw_type *vw_tables_type(const struct vw_tables *t, const char *name);
bool vw_tables_const(const struct vw_tables *t, const char *name, int64_t *value);

/* ---- symbols.c ---- */

int vw_symbols_init(struct vw_schema *s);
void vw_symbols_finish(struct vw_schema *s);
/* The symbol of a spelling, made if need be; NULL when memory is out. */
struct vw_sym *vw_symbols_intern(struct vw_schema *s, const char *name, size_t len);
/* The same without making one. */
struct vw_sym *vw_symbols_find(const struct vw_schema *s, const char *name, size_t len);
/* The symbol for which MATCHES holds and whose name is nearest to NAME; NULL: none is near. */
const char *vw_symbols_nearest(const struct vw_schema *s, const char *name,
                               bool (*matches)(const struct vw_sym *));
bool vw_symbol_is_constant(const struct vw_sym *sym);
/* True when more than WHAT alone is its name, which ends so, in letters of either case. */
bool vw_symbol_ends_in(const struct vw_sym *sym, const char *what);

/* ---- parse.c ---- */

int vw_parse(struct vw_schema *s, const char *file, const char *text, size_t len, bool replace,
             struct vw_error *err);

/* ---- annot.c ---- */

/* Reads the annotations of the comment TEXT (its delimiters left out) into C. OLD: the style of one
 * line behind the member. */
int vw_annotations_read(struct vw_schema *s, struct vw_constant *c, const char *text, size_t len,
                        bool old);

/* ---- resolve.c ---- */

/* Gives every constant its value. */
int vw_resolve_constants(struct vw_schema *s, struct vw_error *err);
/* The value of a number. */
int vw_resolve_number(struct vw_schema *s, const struct vw_number *n, int64_t *out,
                      struct vw_error *err);
/* Makes the types of all definitions. */
int vw_resolve_types(struct vw_schema *s, struct vw_error *err);
/* Behind it and vw_procs_bind_blocks, which makes types too: binds every reference, and checks
 * unions. */
int vw_resolve_references(struct vw_schema *s, struct vw_error *err);
/* The type of one declaration. */
int vw_resolve_declaration(struct vw_schema *s, const struct vw_declaration *d,
                           const struct vw_type **out, struct vw_error *err);
/* The struct of the arguments of a procedure. */
int vw_resolve_packed(struct vw_schema *s, struct vw_definition *d, const struct vw_type **out,
                      struct vw_error *err);

/* ---- layout.c ---- */

int vw_layout(struct vw_schema *s, struct vw_error *err);

/* ---- procs.c ---- */

/* Finds the types of procedures of program blocks, before they are laid out. */
int vw_procs_bind_blocks(struct vw_schema *s, struct vw_error *err);
/* Finds programs and procedures. */
int vw_procs(struct vw_schema *s, struct vw_error *err);

/* ---- hide.c ---- */

/* Says, before vw_schema_finish, what is not of this release: the procedures FROM to TO of a
 * program (its short name), or the cases FROM to TO of the union NAME. NAME is copied. VW_ENOMEM.
 */
int vw_hide_add(struct vw_schema *s, const char *name, bool arms, int64_t from, int64_t to);
/* After vw_schema_finish: true when there was something to hide. */
bool vw_hide_found(const struct vw_schema *s, const char *name, int64_t from, int64_t to);
/* Types that no procedure of this release uses are not listed. */
void vw_hide_unused(struct vw_schema *s);

int vw_hide_arms(struct vw_schema *s, struct vw_error *err);
/* Leaves out the N procedures of a program that came after s->release. VW_ENOMEM. */
int vw_hide_later(struct vw_schema *s, const char *program, const struct vw_proc *procs, size_t n);
/* Leaves out those that a partial server lacks, and counts. VW_ENOMEM. */
int vw_hide_lacking(struct vw_schema *s, const char *program, const struct vw_proc *procs,
                    size_t n);
bool vw_hide_proc(struct vw_schema *s, const char *program, int64_t number);
/* Takes out of the listings what only left-out procedures use. */
void vw_hide_types(struct vw_schema *s);
/* Takes the left-out procedures of PROGRAM out of the enum that lists them. */
void vw_hide_members(struct vw_schema *s, const char *program, const struct vw_definition *def);

/* ---- lookup.c ---- */

/* The order of programs, as qsort(3) has it: of pointers to them, by number and version. */
int vw_schema_order_programs(const void *a, const void *b);

/* ---- print.c ---- */

/* As vw_type_print with bounds as numbers. */
void vw_type_print_plain(const struct vw_type *t, FILE *out);
/* What a named type is, not its name; bounds by NAMES or as numbers. */
void vw_type_print_shape(const struct vw_type *t, bool names, FILE *out);
