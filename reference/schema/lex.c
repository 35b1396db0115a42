// SPDX-License-Identifier: MIT
// The lexer. Every byte is looked at a bounded number of times; a token is a slice of the text, and
// names become symbols at once.
#include "schema/lex.h"
#include "base/hex.h"

#include <stdio.h>

enum { OTHER = 0, SPACE = ' ', LETTER = 'a', DIGIT = '0', PUNCT = 'p' };

/* By byte, 32 to a line; 'o' and what is beyond ASCII has no meaning. */
static const char classes[256] = "ooooooooo o   oooooooooooooooooo"
                                 " ooooooopppoppoo0000000000pppppo"
                                 "oaaaaaaaaaaaaaaaaaaaaaaaaaapopoa"
                                 "oaaaaaaaaaaaaaaaaaaaaaaaaaapopoo";

static char class_at(const struct vw_lex *l, const char *p)
{
    return p < l->end ? classes[(uint8_t)*p] : OTHER;
}

static struct vw_where here(const struct vw_lex *l)
{
    return (struct vw_where){l->file, l->line, (unsigned)(l->p - l->line_start) + 1};
}

static void newline(struct vw_lex *l)
{
    l->p++;
    l->line++;
    l->line_start = l->p;
}

static void note_comment(struct vw_lex *l, const char *text, size_t len, unsigned line)
{
    struct vw_comment c = {text, len, line};
    if (!l->tail.text && line == l->end_line)
        l->tail = c;
    if (len > 1 && text[0] == '*' && text[1] != '*')
        l->doc = c;
}

static int skip_comment(struct vw_lex *l)
{
    struct vw_where opened = here(l);
    const char *text = l->p + 2;
    l->p = text;
    for (;; l->p++) {
        l->p = memchr(l->p, '*', (size_t)(l->end - l->p));
        if (!l->p) {
            l->p = l->end;
            return vw_schema_fail(l->schema, &opened, VW_ESYNTAX, l->err,
                                  "expected '*/' to end this comment, found the end of the file");
        }
        if (l->p + 1 < l->end && l->p[1] == '/')
            break;
    }
    note_comment(l, text, (size_t)(l->p - text), opened.line);
    const char *q = text;
    while ((q = memchr(q, '\n', (size_t)(l->p - q)))) {
        l->line++;
        l->line_start = ++q;
    }
    l->p += 2;
    return 0;
}

static void skip_rest_of_line(struct vw_lex *l)
{
    const char *q = memchr(l->p, '\n', (size_t)(l->end - l->p));
    l->p = q ? q : l->end;
}

/* True when nothing but blanks stands before p on its line. */
static bool first_on_line(const struct vw_lex *l)
{
    for (const char *q = l->line_start; q < l->p; q++) {
        if (classes[(uint8_t)*q] != SPACE)
            return false;
    }
    return true;
}

/* Skips what is between tokens. */
static int skip_blank(struct vw_lex *l)
{
    while (l->p < l->end) {
        char c = *l->p;
        int rc = 0;
        if (c == '\n')
            newline(l);
        else if (classes[(uint8_t)c] == SPACE)
            l->p++;
        else if (c == '/' && l->p + 1 < l->end && l->p[1] == '*')
            rc = skip_comment(l);
        else if (c == '/' && l->p + 1 < l->end && l->p[1] == '/')
            skip_rest_of_line(l);
        else if ((c == '%' || c == '#') && first_on_line(l))
            rc = vw_lex_line(l);
        else if (l->skipping)
            skip_rest_of_line(l);
        else
            break;
        if (rc)
            return rc;
    }
    return l->p < l->end ? 0 : vw_lex_lines_end(l);
}

static int read_name(struct vw_lex *l)
{
    const char *q = l->p;
    while (class_at(l, q) == LETTER || class_at(l, q) == DIGIT)
        q++;
    l->kind = VW_TOK_NAME;
    l->len = (size_t)(q - l->p);
    if (l->len > VW_SCHEMA_MAX_IDENTIFIER)
        return vw_schema_fail(l->schema, &l->where, VW_ELIMIT, l->err,
                              "name of %zu bytes; at most %u are allowed", l->len,
                              VW_SCHEMA_MAX_IDENTIFIER);
    l->sym = vw_symbols_intern(l->schema, l->p, l->len);
    l->p = q;
    return l->sym ? 0 : vw_error_nomem(l->err);
}

static bool digit_of(char c, int base, int *digit)
{
    *digit = vw_hex_value(c);
    return *digit >= 0 && *digit < base;
}

static int read_number(struct vw_lex *l)
{
    const char *q = l->p;
    int base = 10;
    if (*q == '0' && q + 1 < l->end) {
        bool hex = q[1] == 'x' || q[1] == 'X';
        base = hex ? 16 : 8;
        q += hex ? 2 : 1;
    }
    bool any = base != 16, overflow = false;
    uint64_t value = 0;
    for (int digit; q < l->end && digit_of(*q, base, &digit); q++) {
        any = true;
        overflow |= __builtin_mul_overflow(value, (unsigned)base, &value);
        overflow |= __builtin_add_overflow(value, (unsigned)digit, &value);
    }
    char after = class_at(l, q);
    l->kind = VW_TOK_NUMBER;
    l->number = (int64_t)value;
    l->big = value > INT64_MAX;
    l->len = (size_t)(q - l->p);
    if (!any || after == LETTER || after == DIGIT)
        return vw_schema_fail(l->schema, &l->where, VW_ESYNTAX, l->err,
                              "expected a decimal, octal (0...) or hexadecimal (0x...) number");
    if (overflow)
        return vw_schema_fail(l->schema, &l->where, VW_ESYNTAX, l->err,
                              "number does not fit in 64 bits");
    l->p = q;
    return 0;
}

int vw_lex_next(struct vw_lex *l)
{
    l->end_line = l->line;
    l->doc.text = NULL;
    l->tail.text = NULL;
    int rc = skip_blank(l);
    if (rc)
        return rc;
    l->where = here(l);
    l->start = l->p;
    l->len = 0;
    l->kind = VW_TOK_END;
    if (l->p >= l->end)
        return 0;
    switch (classes[(uint8_t)*l->p]) {
    case LETTER:
        return read_name(l);
    case DIGIT:
        return read_number(l);
    case PUNCT:
        l->kind = *l->p++;
        l->len = 1;
        return 0;
    default:
        return vw_schema_fail(l->schema, &l->where, VW_ESYNTAX, l->err,
                              "byte 0x%02x has no meaning here", (unsigned)(uint8_t)*l->p);
    }
}

int vw_lex_start(struct vw_lex *l, struct vw_schema *s, const char *file, const char *text,
                 size_t len, struct vw_error *err)
{
    *l = (struct vw_lex){
        .schema = s,
        .err = err,
        .file = file,
        .p = text,
        .end = text + len,
        .line_start = text,
        .line = 1,
    };
    return vw_lex_next(l);
}

const char *vw_lex_found(const struct vw_lex *l, char *buf, size_t size)
{
    if (l->kind == VW_TOK_END)
        return "the end of the file";
    int len = l->len > 60 ? 60 : (int)l->len;
    snprintf(buf, size, "'%.*s'", len, l->start);
    return buf;
}
