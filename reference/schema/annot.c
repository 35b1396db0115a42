// SPDX-License-Identifier: MIT
// Annotations of procedures, which libvirt keeps in comments. Today: lines "@key: value" in a
// comment before the member. Up to 2013: two words behind it, what is generated for the server and
// for the client, then options: "autogen skipgen | readstream@1 | sparseflag@F priority:high".
#include "base/room.h"
#include "schema/internal.h"

struct text {
    const char *p, *end;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(struct text *t)
{
    while (t->p < t->end && is_space(*t->p))
        t->p++;
    while (t->end > t->p && is_space(t->end[-1]))
        t->end--;
}

static int add(struct vw_schema *s, struct vw_constant *c, struct text key, struct text value)
{
    trim(&key);
    trim(&value);
    if (c->n_annotations == VW_SCHEMA_MAX_ANNOTATIONS || key.p == key.end)
        return 0;
    struct vw_annotation a = {
        .key = vw_arena_strndup(&s->arena, key.p, (size_t)(key.end - key.p)),
        .value = vw_arena_strndup(&s->arena, value.p, (size_t)(value.end - value.p)),
    };
    struct vw_annotation *list =
        vw_arena_room(&s->arena, c->annotations, c->n_annotations, sizeof(*list));
    if (!a.key || !a.value || !list) {
        c->n_annotations = 0;
        return VW_ENOMEM;
    }
    c->annotations = list;
    c->annotations[c->n_annotations++] = a;
    return 0;
}

static int add_words(struct vw_schema *s, struct vw_constant *c, const char *key, struct text value)
{
    return add(s, c, (struct text){key, key + strlen(key)}, value);
}

/* "* @key: value" */
static int read_line(struct vw_schema *s, struct vw_constant *c, struct text line)
{
    trim(&line);
    if (line.p < line.end && *line.p == '*') {
        line.p++;
        trim(&line);
    }
    if (line.p >= line.end || *line.p != '@')
        return 0;
    line.p++;
    const char *colon = memchr(line.p, ':', (size_t)(line.end - line.p));
    if (!colon)
        return 0;
    return add(s, c, (struct text){line.p, colon}, (struct text){colon + 1, line.end});
}

static int read_modern(struct vw_schema *s, struct vw_constant *c, struct text t)
{
    t.p++; /* the second star */
    while (t.p < t.end) {
        const char *q = memchr(t.p, '\n', (size_t)(t.end - t.p));
        if (!q)
            q = t.end;
        int rc = read_line(s, c, (struct text){t.p, q});
        if (rc)
            return rc;
        t.p = q < t.end ? q + 1 : q;
    }
    return 0;
}

static struct text take_word(struct text *t)
{
    while (t->p < t->end && (is_space(*t->p) || *t->p == '|'))
        t->p++;
    struct text word = {t->p, t->p};
    while (t->p < t->end && !is_space(*t->p) && *t->p != '|')
        t->p++;
    word.end = t->p;
    return word;
}

static bool word_is(struct text word, const char *what)
{
    size_t len = strlen(what);
    return (size_t)(word.end - word.p) == len && memcmp(word.p, what, len) == 0;
}

static struct text literal(const char *text)
{
    return (struct text){text, text + strlen(text)};
}

/* "readstream@1", "priority:high" */
static int read_option(struct vw_schema *s, struct vw_constant *c, struct text word)
{
    for (const char *q = word.p; q < word.end; q++) {
        if (*q == '@' || *q == ':')
            return add(s, c, (struct text){word.p, q}, (struct text){q + 1, word.end});
    }
    return add(s, c, word, literal(""));
}

static int read_old(struct vw_schema *s, struct vw_constant *c, struct text t)
{
    static const char *const generate[2][2] = {{"none", "client"}, {"server", "both"}};
    struct text server = take_word(&t), client = take_word(&t);
    bool s_gen = word_is(server, "autogen"), c_gen = word_is(client, "autogen");
    if ((!s_gen && !word_is(server, "skipgen")) || (!c_gen && !word_is(client, "skipgen")))
        return 0;
    int rc = add_words(s, c, "generate", literal(generate[s_gen][c_gen]));
    while (!rc) {
        struct text word = take_word(&t);
        if (word.p == word.end)
            break;
        rc = read_option(s, c, word);
    }
    return rc;
}

int vw_annotations_read(struct vw_schema *s, struct vw_constant *c, const char *text, size_t len,
                        bool old)
{
    struct text t = {text, text + len};
    return old ? read_old(s, c, t) : read_modern(s, c, t);
}
