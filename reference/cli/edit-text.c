// SPDX-License-Identifier: MIT
// Reading one edit.
#include "cli/edit-text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/nearest.h"

struct words {
    const char *text; /* the whole, for messages */
    char *rest;
    struct vw_arena *arena;
    struct vw_error *err;
};

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

/* All words that are left, as bytes. */
static int read_bytes(struct words *w, struct vw_edit *e)
{
    size_t len = strlen(w->rest), n;
    struct vw_hex_reader reader;
    uint8_t *bytes = vw_arena_alloc(w->arena, len / 2 + 1, 1);

    if (!bytes)
        return vw_error_nomem(w->err);
    vw_hex_reader_init(&reader);
    if (vw_hex_reader_feed(&reader, w->rest, len, bytes, &n, NULL) ||
        vw_hex_reader_end(&reader, NULL))
        return bad(w, "bad hex digits");
    w->rest += len;
    e->bytes = bytes;
    e->n_bytes = n;
    return 0;
}

/* A number up to MAX; *OUT stays when there is none. 1: it was there. */
static int read_number(struct words *w, uint64_t max, uint64_t *out)
{
    const char *word = next_word(w);
    char *end;
    if (!word)
        return 0;
    errno = 0;
    unsigned long long n = strtoull(word, &end, 0);
    if (*end || *word == '-' || *word == '+' || errno || n > max)
        return bad(w, "bad number");
    *out = n;
    return 1;
}

static int read_place(struct words *w, struct vw_edit *e, bool with_length)
{
    uint64_t at = 0, length = 0;
    int rc = read_number(w, SIZE_MAX, &at);
    if (rc == 1 && with_length)
        rc = read_number(w, SIZE_MAX, &length);
    e->at = (size_t)at;
    e->length = (size_t)length;
    return rc < 0 ? rc : 0;
}

static int read_label(struct words *w, struct vw_edit *e)
{
    uint64_t number = 0;
    int rc = read_number(w, UINT32_MAX, &number);
    e->number = (uint32_t)number;
    return rc == 0 ? bad(w, "no number") : rc < 0 ? rc : 0;
}

static int read_verb(struct words *w, struct vw_edit *e)
{
    static const char *const verbs[] = {"set",      "insert",  "append", "cut",
                                        "truncate", "relabel", "pad"};
    static const enum vw_edit_op ops[] = {VW_EDIT_SET, VW_EDIT_INSERT,   VW_EDIT_INSERT,
                                          VW_EDIT_CUT, VW_EDIT_TRUNCATE, VW_EDIT_RELABEL,
                                          VW_EDIT_PAD};
    const size_t n = sizeof(verbs) / sizeof(verbs[0]);
    const char *word = next_word(w);

    for (size_t i = 0; word && i < n; i++) {
        if (strcmp(word, verbs[i]) == 0) {
            e->op = ops[i];
            e->after = strcmp(word, "append") == 0;
            return 0;
        }
    }
    const char *near = word ? vw_nearest(word, verbs, n) : NULL;
    if (near)
        return vw_error_set(w->err, VW_ENAME, "unknown edit '%s', did you mean '%s'?", word, near);
    return vw_error_set(w->err, VW_ENAME, "unknown edit '%s'", word ? word : "");
}

static int read_edit(struct words *w, struct vw_edit *e)
{
    int rc = read_verb(w, e);
    if (rc == 0 && e->op != VW_EDIT_PAD)
        rc = read_path(w, &e->path);
    if (rc)
        return rc;
    switch (e->op) {
    case VW_EDIT_CUT:
        return read_place(w, e, true);
    case VW_EDIT_TRUNCATE:
        return read_place(w, e, false);
    case VW_EDIT_RELABEL:
        return read_label(w, e);
    default:
        return read_bytes(w, e);
    }
}

int vw_cli_edit_parse(const char *text, struct vw_arena *arena, struct vw_edit *out,
                      struct vw_error *err)
{
    struct words w = {.text = text, .arena = arena, .err = err};
    *out = (struct vw_edit){.path = ""};
    w.rest = vw_arena_strndup(arena, text, strlen(text));
    if (!w.rest)
        return vw_error_nomem(err);
    int rc = read_edit(&w, out);
    if (rc == 0 && next_word(&w))
        rc = bad(&w, "too many words");
    return rc;
}
