// SPDX-License-Identifier: MIT
// Reading edits: a table says which words stand behind each verb.
#include "xdr/edit-text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "base/words.h"

struct words {
    const char *text; /* the whole, for messages */
    char *rest;       /* of the edit that is read */
    struct vw_arena *arena;
    struct vw_error *err;
};

/* TAKES: p a path, q another, @ "at" and where if they are there, b bytes, n a number, r a number,
 * max or max+1; then, if they are there, a where, l how many, z the word "nonzero". */
static const struct verb {
    const char *name;
    enum vw_edit_op op;
    const char *takes;
} verbs[] = {
    {"set", VW_EDIT_SET, "p@b"},          {"insert", VW_EDIT_INSERT, "pb"},
    {"append", VW_EDIT_APPEND, "pb"},     {"cut", VW_EDIT_CUT, "pal"},
    {"truncate", VW_EDIT_TRUNCATE, "pa"}, {"pad", VW_EDIT_PAD, "b"},
    {"relabel", VW_EDIT_RELABEL, "pr"},   {"add", VW_EDIT_ADD, "pnz"},
    {"flip", VW_EDIT_FLIP, "p@b"},        {"reverse", VW_EDIT_REVERSE, "p"},
    {"swap", VW_EDIT_SWAP, "pq"},
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* The next word, or NULL at the end. */
static const char *next_word(struct words *w)
{
    char *start = w->rest + strspn(w->rest, " \t");
    char *end = start + strcspn(start, " \t");
    if (end == start)
        return NULL;
    w->rest = *end ? end + 1 : end;
    *end = '\0';
    return start;
}

static int bad(struct words *w, const char *what)
{
    return vw_error_set(w->err, VW_ESYNTAX, "%s in the edit '%s'", what, w->text);
}

static int read_path(struct words *w, const char **path)
{
    const char *word = next_word(w);
    if (!word)
        return bad(w, "no path");
    *path = strcmp(word, ".") == 0 ? "" : word;
    return 0;
}

/* A string that stands in quotes at TEXT, as XDR has it; the bytes that it takes of OUT. */
static size_t put_string(const char *text, size_t len, uint8_t *out)
{
    vw_store32(out, (uint32_t)len);
    memcpy(out + 4, text, len);
    memset(out + 4 + len, 0, -len & 3);
    return 4 + len + (-len & 3);
}

/* All that is left, as bytes: what stands between quotes, and hex digits around it. */
static int read_bytes(struct words *w, struct vw_edit *e)
{
    /* The worst is a text of one letter, quotes and all: 8 bytes for 3. */
    uint8_t *bytes = vw_arena_alloc(w->arena, 4 * strlen(w->rest) + 1, 1);
    if (!bytes)
        return vw_error_nomem(w->err);
    e->bytes = bytes;
    for (char *at = w->rest; *at;) {
        size_t len = strcspn(at, "\""), n;
        struct vw_hex_reader reader;
        vw_hex_reader_init(&reader);
        if (vw_hex_reader_feed(&reader, at, len, bytes + e->n_bytes, &n, NULL) ||
            vw_hex_reader_end(&reader, NULL))
            return bad(w, "bad hex digits");
        e->n_bytes += n;
        at += len;
        if (!*at)
            break;
        len = strcspn(++at, "\"");
        e->n_bytes += put_string(at, len, bytes + e->n_bytes);
        if (!at[len])
            return bad(w, "no end of the text");
        at += len + 1;
    }
    w->rest += strlen(w->rest);
    return 0;
}

static int to_number(struct words *w, const char *word, int64_t min, int64_t max, int64_t *out)
{
    char *end;
    if (!word)
        return bad(w, "no number");
    errno = 0;
    long long n = strtoll(word, &end, 0);
    if (*end || *word == '+' || errno || n < min || n > max)
        return bad(w, "bad number");
    *out = n;
    return 0;
}

/* Stays as it is when there is none. */
static int read_optional(struct words *w, int64_t min, int64_t *out)
{
    const char *word = next_word(w);
    return word ? to_number(w, word, min, INT64_MAX, out) : 0;
}

static int read_at(struct words *w, struct vw_edit *e)
{
    const char *rest = w->rest + strspn(w->rest, " \t");
    e->placed = strncmp(rest, "at", 2) == 0 && (!rest[2] || strchr(" \t", rest[2]));
    if (!e->placed)
        return 0;
    next_word(w);
    return to_number(w, next_word(w), INT64_MIN, INT64_MAX, &e->at);
}

static int read_label(struct words *w, struct vw_edit *e)
{
    const char *word = next_word(w);
    bool past = word && strcmp(word, "max+1") == 0;
    e->of_bound = past || (word && strcmp(word, "max") == 0);
    e->number = past;
    return e->of_bound ? 0 : to_number(w, word, INT32_MIN, UINT32_MAX, &e->number);
}

static int read_nonzero(struct words *w, struct vw_edit *e)
{
    const char *word = next_word(w);
    e->nonzero = word && strcmp(word, "nonzero") == 0;
    return word && !e->nonzero ? bad(w, "too many words") : 0;
}

static int read_what(struct words *w, char what, struct vw_edit *e)
{
    switch (what) {
    case 'p':
        return read_path(w, &e->path);
    case 'q':
        return read_path(w, &e->other);
    case '@':
        return read_at(w, e);
    case 'b':
        return read_bytes(w, e);
    case 'n':
        return to_number(w, next_word(w), INT32_MIN, UINT32_MAX, &e->number);
    case 'r':
        return read_label(w, e);
    case 'z':
        return read_nonzero(w, e);
    case 'a':
        return read_optional(w, INT64_MIN, &e->at);
    default:
        return read_optional(w, 0, &e->length);
    }
}

static int unknown_verb(struct words *w, const char *word)
{
    struct vw_near near = {.word = word ? word : ""};
    for (size_t i = 0; i < N_VERBS; i++)
        vw_near_offer(&near, verbs[i].name);
    return vw_error_set(w->err, VW_ENAME, "unknown edit '%s'%s", near.word,
                        VW_HINT(",", near.best));
}

static int read_edit(struct words *w, struct vw_edit *e)
{
    const char *word = next_word(w);
    size_t i = 0;
    int rc = 0;
    while (i < N_VERBS && (!word || strcmp(word, verbs[i].name) != 0))
        i++;
    if (i == N_VERBS)
        return unknown_verb(w, word);
    *e = (struct vw_edit){.op = verbs[i].op, .path = ""};
    for (const char *what = verbs[i].takes; *what && rc == 0; what++)
        rc = read_what(w, *what, e);
    if (rc == 0 && next_word(w))
        rc = bad(w, "too many words");
    return rc;
}

/* Behind the edit at TEXT: a ';' that is in no quotes, or the end. */
static char *end_of(char *text)
{
    for (bool quoted = false; *text && (quoted || *text != ';'); text++)
        quoted ^= *text == '"';
    return text;
}

int vw_edits_parse(const char *text, struct vw_arena *arena, struct vw_edits *out,
                   struct vw_error *err)
{
    struct words w = {.text = text, .arena = arena, .err = err};
    char *at = vw_arena_strndup(arena, text, strlen(text));
    int rc = at ? 0 : vw_error_nomem(err);
    for (bool more = true; rc == 0 && more;) {
        struct vw_edit e;
        char *end = end_of(at);
        more = *end == ';';
        *end = '\0';
        w.rest = at;
        at = end + 1;
        rc = read_edit(&w, &e);
        if (rc == 0)
            rc = vw_edits_add(out, arena, &e, err);
    }
    return rc;
}
