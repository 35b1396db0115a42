// SPDX-License-Identifier: MIT
// A lock listing as .x text, line for line, so that one parser reads both and every finding has the
// line of the lock. What programs the lock names need no text of their own where an enum lists
// their procedures.
#include <stdio.h>
#include <stdlib.h>

#include "conformance/gate/side.h"

#define MAX_DEPTH 64

/* A piece of a line. */
struct piece {
    const char *p, *end;
};

struct lock {
    struct piece text;
    FILE *out;
    const char *close;            /* of the definition that is open; "" for none */
    bool comment;                 /* annotations of the next member are open */
    struct piece number, version; /* of the program that is open */
};

static bool starts(struct piece line, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(line.end - line.p) >= n && memcmp(line.p, word, n) == 0;
}

static struct piece take_line(struct piece *text)
{
    const char *stop = memchr(text->p, '\n', (size_t)(text->end - text->p));
    struct piece line = {text->p, stop ? stop : text->end};
    text->p = stop ? stop + 1 : text->end;
    return line;
}

bool vw_gate_is_lock(const char *text, size_t len)
{
    static const char *const heads[] = {"const ",   "enum ",  "struct ",
                                        "typedef ", "union ", "program "};
    struct piece rest = {text, text + len}, line = take_line(&rest);
    while (rest.p < rest.end && (line.p == line.end || starts(line, "# ")))
        line = take_line(&rest);
    size_t n = (size_t)(line.end - line.p);
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        if (starts(line, heads[i]))
            return !memchr(line.p, '=', n) && !memchr(line.p, ';', n) && !memchr(line.p, '{', n);
    return false;
}

/* ---- pieces of a line ---- */

static void skip_blanks(struct piece *s)
{
    while (s->p < s->end && *s->p == ' ')
        s->p++;
}

static struct piece take_word(struct piece *s)
{
    skip_blanks(s);
    struct piece word = {s->p, s->p};
    while (s->p < s->end && *s->p != ' ')
        s->p++;
    word.end = s->p;
    return word;
}

static void put(struct lock *l, struct piece s)
{
    fwrite(s.p, 1, (size_t)(s.end - s.p), l->out);
}

/* Behind the brace that closes the one at or behind P. */
static const char *behind_body(struct piece s)
{
    int depth = 0;
    for (const char *p = s.p; p < s.end; p++) {
        depth += *p == '{';
        depth -= *p == '}';
        if (*p == '}' && depth == 0)
            return p + 1;
    }
    return s.end;
}

static bool is_body(struct piece s)
{
    return starts(s, "struct {") || starts(s, "enum {") || starts(s, "union switch ");
}

/* A type: one word, or two with "unsigned", or a body; and what makes a list or optional of it. */
static struct piece take_type(struct piece *s)
{
    skip_blanks(s);
    struct piece type = *s;
    if (is_body(*s))
        s->p = behind_body(*s);
    else if (starts(*s, "unsigned "))
        s->p += 9;
    while (s->p < s->end && *s->p != ' ')
        s->p++;
    if (starts(*s, " *"))
        s->p += 2;
    type.end = s->p;
    return type;
}

static void declare(struct lock *l, struct piece type, struct piece name, int depth);

/* "{ int a; string<5> b; }" with the bounds behind the names. */
static void put_body(struct lock *l, struct piece body, int depth)
{
    struct piece head = {body.p, memchr(body.p, '{', (size_t)(body.end - body.p))};
    if (!head.end || starts(body, "enum") || depth == MAX_DEPTH) {
        put(l, body);
        return;
    }
    head.end++;
    put(l, head);
    body.p = head.end;
    for (skip_blanks(&body); body.p < body.end && *body.p != '}'; skip_blanks(&body)) {
        while (starts(body, "case ") || starts(body, "default:")) {
            struct piece label = {body.p, memchr(body.p, ':', (size_t)(body.end - body.p))};
            label.end = label.end ? label.end + 1 : body.end;
            put(l, label);
            body.p = label.end;
            skip_blanks(&body);
        }
        struct piece type = take_type(&body), name;
        skip_blanks(&body);
        name.p = body.p;
        while (body.p < body.end && *body.p != ';')
            body.p++;
        name.end = body.p;
        bool empty = type.end > type.p && type.end[-1] == ';';
        type.end -= empty;
        body.p += !empty && body.p < body.end;
        if (empty)
            body.p = type.end + 1;
        declare(l, type, empty ? (struct piece){"", NULL} : name, depth + 1);
        fputc(';', l->out);
    }
    put(l, body);
}

/* "T[4]" and NAME become "T NAME[4]". */
static void declare(struct lock *l, struct piece type, struct piece name, int depth)
{
    char last = type.end > type.p ? type.end[-1] : '\0';
    struct piece suffix = {type.end, type.end};
    if (last == ']' || last == '>') {
        while (suffix.p > type.p && *suffix.p != '[' && *suffix.p != '<')
            suffix.p--;
        type.end = suffix.p;
    } else if (last == '*') {
        type.end--;
    }
    if (is_body(type))
        put_body(l, type, depth);
    else
        put(l, type);
    fputs(last == '*' ? " *" : " ", l->out);
    if (name.end)
        put(l, name);
    put(l, suffix);
}

/* ---- lines ---- */

static void close_open(struct lock *l)
{
    if (*l->close == '}' && l->close[1] == '=') {
        fputs("} = ", l->out);
        put(l, l->version);
        fputs("; } = ", l->out);
        put(l, l->number);
        fputc(';', l->out);
    } else {
        fputs(l->close, l->out);
    }
    l->close = "";
}

static void open_type(struct lock *l, const char *head, struct piece rest)
{
    struct piece name = take_word(&rest), disc = take_word(&rest);
    fprintf(l->out, "%s ", head);
    put(l, name);
    if (*head == 'u') {
        fputs(" switch (", l->out);
        declare(l, take_type(&rest), disc, 0);
        fputc(')', l->out);
    }
    fputs(" {", l->out);
    l->close = "};";
}

static void put_field(struct lock *l, struct piece rest, bool arm)
{
    take_word(&rest);
    struct piece name = take_word(&rest);
    for (; arm && (strchr("0123456789-", *name.p) || starts(name, "default")) &&
           rest.p < rest.end && (name.end - name.p > 1 || *name.p != '-');
         name = take_word(&rest)) {
        fputs(starts(name, "default") ? "" : "case ", l->out);
        put(l, name);
        fputs(": ", l->out);
    }
    declare(l, take_type(&rest), *name.p == '-' ? (struct piece){"", NULL} : name, 0);
    fputc(';', l->out);
}

static void put_member(struct lock *l, struct piece rest)
{
    take_word(&rest);
    if (l->comment)
        fputs("*/ ", l->out);
    l->comment = false;
    put(l, take_word(&rest));
    fputs(" =", l->out);
    put(l, rest);
    fputc(',', l->out);
}

/* An enum of the lock has a member of that name: it makes the procedure. */
static bool is_member(const struct lock *l, struct piece name, const char *before)
{
    char needle[300];
    int n = snprintf(needle, sizeof(needle), " %.*s ", (int)(name.end - name.p), name.p);
    if (n >= (int)sizeof(needle))
        return false;
    for (const char *from = l->text.p, *at; from < before; from = at + 1) {
        at = memmem(from, (size_t)(before - from), needle, (size_t)n);
        const char *line = at;
        while (line && line > l->text.p && line[-1] != '\n')
            line--;
        if (!at || starts((struct piece){line, before}, "member "))
            return at;
    }
    return false;
}

static void open_program(struct lock *l, struct piece rest, struct piece below)
{
    struct piece name = take_word(&rest), line = take_line(&below);
    l->number = take_word(&rest);
    l->version = take_word(&rest);
    for (int i = 0; i < 3; i++)
        take_word(&line);
    if (is_member(l, take_word(&line), rest.p))
        return;
    fputs("program ", l->out);
    put(l, name);
    fputs(" { version V {", l->out);
    l->close = "}=";
}

static void put_call(struct lock *l, struct piece rest)
{
    take_word(&rest);
    struct piece number = take_word(&rest), name = take_word(&rest), args = take_type(&rest);
    if (*l->close != '}' || l->close[1] != '=')
        return;
    declare(l, take_type(&rest), name, 0);
    fputc('(', l->out);
    declare(l, args, (struct piece){"", NULL}, 0);
    fputs(") = ", l->out);
    put(l, number);
    fputc(';', l->out);
}

static void put_annotation(struct lock *l, struct piece rest)
{
    take_word(&rest);
    skip_blanks(&rest);
    fputs(l->comment ? "@" : "/** @", l->out);
    put(l, rest);
    l->comment = true;
}

static bool put_line(struct lock *l, struct piece line, struct piece below)
{
    struct piece rest = line, word = take_word(&rest);
    bool inner = starts(line, "field ") || starts(line, "arm ") || starts(line, "member ") ||
                 starts(line, "annotation ") || starts(line, "call ") || starts(line, "event ");
    if (!inner)
        close_open(l);
    if (starts(line, "const ")) {
        fputs("const ", l->out);
        put(l, take_word(&rest));
        fputs(" =", l->out);
        put(l, rest);
        fputc(';', l->out);
    } else if (starts(line, "typedef ")) {
        struct piece name = take_word(&rest);
        fputs("typedef ", l->out);
        declare(l, take_type(&rest), name, 0);
        fputc(';', l->out);
    } else if (starts(line, "struct ") || starts(line, "enum ") || starts(line, "union ")) {
        open_type(l, *word.p == 's' ? "struct" : *word.p == 'e' ? "enum" : "union", rest);
    } else if (starts(line, "field ") || starts(line, "arm ")) {
        put_field(l, rest, *word.p == 'a');
    } else if (starts(line, "member ")) {
        put_member(l, rest);
    } else if (starts(line, "annotation ")) {
        put_annotation(l, rest);
    } else if (starts(line, "program ")) {
        open_program(l, rest, below);
    } else if (starts(line, "call ") || starts(line, "event ")) {
        put_call(l, rest);
    } else {
        return line.p == line.end || *line.p == '#';
    }
    return true;
}

int vw_gate_lock_to_x(const char *text, size_t len, struct vw_arena *arena, const char **out,
                      size_t *out_len, struct vw_error *err)
{
    struct lock l = {.text = {text, text + len}, .close = ""};
    struct piece rest = l.text;
    char *made = NULL;
    unsigned line = 1;
    bool fine = true;
    if (!(l.out = open_memstream(&made, out_len)))
        return vw_error_nomem(err);
    for (; rest.p < rest.end && fine; line += fine) {
        struct piece at = take_line(&rest);
        if ((fine = put_line(&l, at, rest)))
            fputc('\n', l.out);
    }
    close_open(&l);
    fclose(l.out);
    *out = made ? vw_arena_strndup(arena, made, *out_len) : NULL;
    free(made);
    if (!fine)
        return vw_error_at(err, VW_ESYNTAX, line, 1, "expected a line of a lock listing");
    return *out ? 0 : vw_error_nomem(err);
}
