// SPDX-License-Identifier: MIT
// Lines that are not of the language. A line with % is C code that rpcgen copies into its output;
// a line with # is for the C preprocessor, which rpcgen runs first. What they include is not read
// (types are found in whatever files are given), but numbers that they define are known, and parts
// that they leave out are left out.
#include "schema/lex.h"

#include <errno.h>
#include <stdlib.h>

/* The line at hand, without its newline and with escaped newlines in it. */
struct line {
    const char *p, *end;
};

static struct line take_line(struct vw_lex *l)
{
    struct line line = {l->p, NULL};
    for (;;) {
        const char *q = memchr(l->p, '\n', (size_t)(l->end - l->p));
        line.end = q ? q : l->end;
        l->p = line.end;
        if (!q || q == line.p || q[-1] != '\\' || q + 1 >= l->end)
            return line;
        l->p = q + 1;
        l->line++;
        l->line_start = l->p;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* An escaped newline is a blank too, with the % of the line behind it. */
static void skip_blanks(struct line *line)
{
    for (; line->p < line->end; line->p++) {
        bool escaped = *line->p == '\\' && line->p + 1 < line->end && line->p[1] == '\n';
        if (escaped) {
            line->p++;
            if (line->p + 1 < line->end && line->p[1] == '%')
                line->p++;
        } else if (!is_blank(*line->p)) {
            return;
        }
    }
}

/* Takes the next word; its length, 0 for none. */
static size_t take_word(struct line *line, const char **word)
{
    skip_blanks(line);
    *word = line->p;
    while (line->p < line->end && is_word(*line->p))
        line->p++;
    return (size_t)(line->p - *word);
}

static bool word_is(const char *word, size_t len, const char *what)
{
    return len == strlen(what) && memcmp(word, what, len) == 0;
}

/* A plain number, perhaps in brackets, with nothing behind it but a comment. */
static bool take_number(struct line *line, int64_t *value)
{
    const char *word;
    skip_blanks(line);
    bool bracket = line->p < line->end && *line->p == '(';
    line->p += bracket;
    skip_blanks(line);
    bool minus = line->p < line->end && *line->p == '-';
    line->p += minus;
    size_t len = take_word(line, &word);
    if (!len || len > 20 || *word < '0' || *word > '9')
        return false;
    char digits[24];
    memcpy(digits, word, len);
    digits[len] = '\0';
    char *stop;
    errno = 0;
    long long number = strtoll(digits, &stop, 0);
    if (errno || *stop)
        return false;
    skip_blanks(line);
    if (bracket) {
        if (line->p >= line->end || *line->p != ')')
            return false;
        line->p++;
        skip_blanks(line);
    }
    *value = minus ? -number : number;
    return line->p == line->end || *line->p == '/';
}

static int do_define(struct vw_lex *l, struct line *line)
{
    const char *name;
    size_t len = take_word(line, &name);
    if (!len || len > VW_SCHEMA_MAX_IDENTIFIER)
        return 0;
    int64_t value = 0;
    bool number = take_number(line, &value);
    struct vw_sym *sym = vw_symbols_intern(l->schema, name, len);
    if (!sym)
        return vw_error_nomem(l->err);
    if (number) {
        sym->weak = true;
        sym->number = value;
    }
    return 0;
}

static bool is_defined(struct vw_lex *l, struct line *line)
{
    const char *name;
    size_t len = take_word(line, &name);
    struct vw_sym *sym = len ? vw_symbols_find(l->schema, name, len) : NULL;
    return sym && (sym->weak || sym->overridden);
}

/* #if: only a plain number can be judged. */
static int judge_if(struct vw_lex *l, struct line *line, const struct vw_where *where, bool *taken)
{
    int64_t value;
    if (!take_number(line, &value))
        return vw_schema_fail(l->schema, where, VW_ESYNTAX, l->err,
                              "expected a number after #if; expressions of the C preprocessor are "
                              "not evaluated");
    *taken = value != 0;
    return 0;
}

/* Opens a block. Inside a part that is left out its condition does not matter. */
static int do_if(struct vw_lex *l, const char *word, size_t len, struct line *line,
                 const struct vw_where *where)
{
    bool taken = true;
    if (++l->open_ifs > VW_SCHEMA_MAX_NESTING)
        return vw_schema_fail(l->schema, where, VW_ELIMIT, l->err, "#if blocks nest deeper than %u",
                              VW_SCHEMA_MAX_NESTING);
    if (l->skipping) {
        l->skipping++;
        return 0;
    }
    if (word_is(word, len, "ifdef"))
        taken = is_defined(l, line);
    else if (word_is(word, len, "ifndef"))
        taken = !is_defined(l, line);
    else if (judge_if(l, line, where, &taken))
        return VW_ESYNTAX;
    l->skipping = taken ? 0 : 1;
    return 0;
}

static int do_else_or_endif(struct vw_lex *l, const char *word, size_t len,
                            const struct vw_where *where)
{
    if (!l->open_ifs)
        return vw_schema_fail(l->schema, where, VW_ESYNTAX, l->err, "#%.*s without #if", (int)len,
                              word);
    if (word_is(word, len, "else")) {
        if (l->skipping <= 1)
            l->skipping = !l->skipping;
        return 0;
    }
    l->open_ifs--;
    if (l->skipping)
        l->skipping--;
    return 0;
}

static int do_directive(struct vw_lex *l, struct line *line, const struct vw_where *where)
{
    const char *word;
    size_t len = take_word(line, &word);
    if (word_is(word, len, "if") || word_is(word, len, "ifdef") || word_is(word, len, "ifndef"))
        return do_if(l, word, len, line, where);
    if (word_is(word, len, "else") || word_is(word, len, "endif"))
        return do_else_or_endif(l, word, len, where);
    if (word_is(word, len, "elif"))
        return vw_schema_fail(l->schema, where, VW_ESYNTAX, l->err,
                              "expected #else or #endif; #elif is not evaluated");
    if (l->skipping)
        return 0;
    if (word_is(word, len, "define"))
        return do_define(l, line);
    if (word_is(word, len, "error"))
        return vw_schema_fail(l->schema, where, VW_ESYNTAX, l->err, "#error%.*s",
                              (int)(line->end - line->p > 200 ? 200 : line->end - line->p),
                              line->p);
    return 0;
}

int vw_lex_line(struct vw_lex *l)
{
    struct vw_where where = {l->file, l->line, (unsigned)(l->p - l->line_start) + 1};
    bool passed_through = *l->p == '%';
    struct line line = take_line(l);
    line.p++;
    if (!passed_through)
        return do_directive(l, &line, &where);
    /* C code. Only a number that it defines is of use here. */
    skip_blanks(&line);
    if (l->skipping || line.p >= line.end || *line.p != '#')
        return 0;
    line.p++;
    const char *word;
    size_t len = take_word(&line, &word);
    return word_is(word, len, "define") ? do_define(l, &line) : 0;
}

int vw_lex_lines_end(struct vw_lex *l)
{
    struct vw_where where = {l->file, l->line, (unsigned)(l->p - l->line_start) + 1};
    if (!l->open_ifs)
        return 0;
    return vw_schema_fail(l->schema, &where, VW_ESYNTAX, l->err,
                          "expected #endif, found the end of the file");
}
