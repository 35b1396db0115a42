// SPDX-License-Identifier: MIT
// What the two files of the parser share.
#pragma once

#include "schema/lex.h"

/* Where a declaration stands; only some places may go without a name or be void. */
enum vw_decl_place {
    VW_DECL_FIELD,
    VW_DECL_ARM,
    VW_DECL_DISC,
    VW_DECL_TYPEDEF,
    VW_DECL_ARGUMENT /* of a procedure, or its result */
};

struct vw_parser {
    struct vw_schema *schema;
    struct vw_error *err;
    struct vw_lex lex;
    bool replace;
    int failed;              /* why vw_parse_new gave NULL */
    unsigned nesting;        /* open bodies */
    struct vw_sym *declared; /* name of the last declarator */
};

/* VW_ESYNTAX: "expected WANTED, found ...". */
int vw_parse_fail(struct vw_parser *p, const char *wanted);
/* Takes a token of that kind, or fails. */
int vw_parse_take(struct vw_parser *p, int kind, const char *wanted);
bool vw_parse_is(const struct vw_parser *p, enum vw_keyword keyword);
/* Takes a name that is no keyword. */
int vw_parse_name(struct vw_parser *p, const char *wanted, struct vw_sym **sym,
                  struct vw_where *where);
int vw_parse_number(struct vw_parser *p, const char *wanted, struct vw_number *out);
int vw_parse_declaration(struct vw_parser *p, enum vw_decl_place place,
                         struct vw_declaration **out);
/* A cleared item that counts against the limit; NULL: p->failed says why. */
void *vw_parse_new(struct vw_parser *p, size_t size);
/* Registers names. */
int vw_parse_define_constant(struct vw_parser *p, struct vw_constant *c);
int vw_parse_define_type(struct vw_parser *p, struct vw_definition *d);

/* ---- parse-program.c ---- */

int vw_parse_program(struct vw_parser *p);
