// SPDX-License-Identifier: MIT
// The lexer: one token at a time, with the comments that may hold annotations beside it. Lines that
// are not of the language (pass-through lines with %, C preprocessor lines) end here.
#pragma once

#include "schema/internal.h"

/* Kinds of tokens; punctuation is its own character. */
enum { VW_TOK_END = 0, VW_TOK_NAME = 256, VW_TOK_NUMBER };

/* A comment without its delimiters. */
struct vw_comment {
    const char *text; /* NULL: there is none */
    size_t len;
    unsigned line; /* where it starts */
};

struct vw_lex {
    struct vw_schema *schema;
    struct vw_error *err;
    const char *file;
    const char *p, *end;
    const char *line_start;
    unsigned line;
    unsigned skipping; /* open #if blocks that are left out, counted from the outermost of them */
    unsigned open_ifs;

    /* The token at hand. */
    int kind;
    struct vw_sym *sym; /* VW_TOK_NAME */
    int64_t number;     /* VW_TOK_NUMBER */
    bool big;           /* of it: beyond INT64_MAX, the bits of an unsigned one */
    const char *start;
    size_t len;
    struct vw_where where;
    unsigned end_line;      /* line of the token before */
    struct vw_comment doc;  /* the last comment that opens with two stars before it */
    struct vw_comment tail; /* the first comment before it, on the line of the token before */
};

/* Begins at the start of TEXT and reads the first token. */
int vw_lex_start(struct vw_lex *l, struct vw_schema *s, const char *file, const char *text,
                 size_t len, struct vw_error *err);

/* Reads the next token. 0, VW_ESYNTAX, VW_ELIMIT or VW_ENOMEM. */
int vw_lex_next(struct vw_lex *l);

/* What the token at hand is, for "found ...". */
const char *vw_lex_found(const struct vw_lex *l, char *buf, size_t size);

/* ---- lines that are not of the language (lex-line.c) ---- */

/* Handles the line at l->p, which starts with '%' or '#', up to its newline. */
int vw_lex_line(struct vw_lex *l);
/* At the end of the text: every #if has its #endif. */
int vw_lex_lines_end(struct vw_lex *l);
