// SPDX-License-Identifier: MIT
// Text and messages in HTML. The messages are read from the lines of conformance/play/transcript.c.
#include "conformance/report/wire-html.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"

#define KEPT         256 /* bytes of a message; the lines have fewer */
#define IN_A_ROW     8
#define WORD         4
#define HEADER_BYTES 28 /* with the length word */
#define WORDS        (HEADER_BYTES / WORD)

static const char *const word_names[WORDS] = {"length", "program", "version", "procedure",
                                              "type",   "serial",  "status"};

struct line {
    const char *text;
    size_t len;
};

struct message {
    struct line head;    /* what stands behind the arrow */
    struct line time;    /* "0.004" */
    char way;            /* '>' sent, '<' received, '-' a remark, 0: just a line */
    struct line decoded; /* what the body means; LEN 0: it is not known */
    unsigned char bytes[KEPT];
    bool marked[KEPT];
    size_t n;    /* bytes that are here */
    size_t cut;  /* how many it had; 0: all are here */
    bool broken; /* a remark says that it is against a clause */
};

void vw_html_text(const char *text, size_t len, FILE *out)
{
    char piece[VW_SHOWN_PIECE];
    for (size_t n; len; text += n, len -= n) {
        n = 1;
        if (*text == '<' || *text == '>' || *text == '&' || *text == '"' || *text == '\'') {
            fprintf(out, "&#%d;", *text);
        } else if (*text == '\n' || *text == '\t') {
            fputc(*text, out);
        } else {
            n = vw_shown_piece(text, len, VW_SHOWN_BYTES, piece);
            fputs(piece, out);
        }
    }
}

static void put_line(struct line l, FILE *out)
{
    vw_html_text(l.text, l.len, out);
}

/* ---- from lines ---- */

static struct line next_line(const char **text)
{
    struct line l = {*text, strcspn(*text, "\n")};
    *text += l.len + ((*text)[l.len] == '\n');
    return l;
}

/* Skips what of L is among CHARS. Returns how much that was. */
static size_t skip(struct line *l, const char *chars)
{
    size_t n = 0;
    while (n < l->len && strchr(chars, l->text[n]))
        n++;
    l->text += n;
    l->len -= n;
    return n;
}

/* "  0.004 -> REST" into OUT. False: L is another kind of line. */
static bool read_head(struct line l, struct message *out)
{
    skip(&l, " ");
    struct line time = l;
    time.len = skip(&l, "0123456789.");
    if (time.len < 5 || l.len < 4 || l.text[0] != ' ' || l.text[3] != ' ')
        return false;
    if (memcmp(l.text + 1, "->", 2) != 0 && memcmp(l.text + 1, "<-", 2) != 0 &&
        memcmp(l.text + 1, "--", 2) != 0)
        return false;
    *out = (struct message){
        .way = l.text[1] == '<' ? '<' : l.text[2],
        .time = time,
        .head = {l.text + 4, l.len - 4},
    };
    return true;
}

static bool is_hex(struct line l)
{
    skip(&l, "0123456789abcdef []");
    return l.len == 0;
}

/* What stands in brackets is marked. */
static void add_hex(struct message *m, struct line l)
{
    bool in_brackets = false;
    for (; l.len && m->n < KEPT; skip(&l, " ")) {
        if (*l.text == '[' || *l.text == ']') {
            in_brackets = *l.text == '[';
            l.text++;
            l.len--;
        } else if (l.len > 1) {
            char pair[3] = {l.text[0], l.text[1], '\0'};
            m->marked[m->n] = in_brackets;
            m->bytes[m->n++] = (unsigned char)strtoul(pair, NULL, 16);
            l.text += 2;
            l.len -= 2;
        } else {
            return;
        }
    }
}

/* A line that belongs to M. */
static void add_line(struct message *m, struct line l)
{
    static const char dots[] = "... ";
    skip(&l, " ");
    if (is_hex(l))
        add_hex(m, l);
    else if (l.len > 4 && memcmp(l.text, dots, sizeof(dots) - 1) == 0)
        m->cut = strtoul(l.text + sizeof(dots) - 1, NULL, 10);
    else
        m->decoded = l;
}

/* ---- what a remark is about ---- */

/* The number behind WORD in L. */
static bool number_behind(struct line l, const char *word, size_t *out)
{
    const char *at = memmem(l.text, l.len, word, strlen(word));
    if (!at || !isdigit((unsigned char)at[strlen(word)]))
        return false;
    *out = strtoul(at + strlen(word), NULL, 10);
    return true;
}

static size_t body_of(const struct message *m)
{
    bool fds = memmem(m->head.text, m->head.len, "-with-fds", 9) != NULL;
    return HEADER_BYTES + (fds ? WORD : 0);
}

static void mark(struct message *m, size_t from, size_t to)
{
    for (; from < to && from < m->n; from++)
        m->marked[from] = true;
}

/* "... at str1, offset 48" counts from the start of the body, "4 bytes follow ..." from its end. */
static void mark_what(struct message *m, struct line remark)
{
    static const char follow[] = " bytes follow";
    size_t at;
    const char *end = memmem(remark.text, remark.len, follow, sizeof(follow) - 1);
    if (number_behind(remark, ", offset ", &at) && at < KEPT) {
        at += body_of(m);
        mark(m, at, (at / WORD + 1) * WORD);
    } else if (end && !m->cut) {
        const char *from = end;
        while (from > remark.text && isdigit((unsigned char)from[-1]))
            from--;
        at = strtoul(from, NULL, 10);
        mark(m, at < m->n ? m->n - at : 0, m->n);
    }
}

/* The remarks at TEXT, just behind M. */
static void heed_remarks(struct message *m, const char *text)
{
    static const char against[] = "against ";
    struct message remark;
    while (*text && read_head(next_line(&text), &remark) && remark.way == '-') {
        if (!memmem(remark.head.text, remark.head.len, against, sizeof(against) - 1))
            continue;
        m->broken = true;
        mark_what(m, remark.head);
    }
}

static struct message next_message(const char **text)
{
    struct message m;
    struct line l = next_line(text);
    if (!read_head(l, &m))
        return (struct message){.head = l};
    for (const char *ahead = *text; *ahead && m.way != '-'; *text = ahead) {
        struct message other;
        l = next_line(&ahead);
        if (read_head(l, &other) || l.len < 6 || memcmp(l.text, "      ", 6) != 0)
            break;
        add_line(&m, l);
    }
    if (m.way != '-')
        heed_remarks(&m, *text);
    return m;
}

/* ---- as HTML ---- */

static void put_octets(const unsigned char *bytes, const bool *marked, size_t n, FILE *out)
{
    bool open = false;
    for (size_t i = 0; i < n; i++) {
        bool wanted = marked && marked[i];
        if (open && !wanted)
            fputs("</mark>", out);
        if (i && i % WORD == 0)
            fputc(' ', out);
        if (!open && wanted)
            fputs("<mark>", out);
        open = wanted;
        fprintf(out, "%02x", bytes[i]);
    }
    if (open)
        fputs("</mark>", out);
}

static void put_rows(const unsigned char *bytes, const bool *marked, size_t from, size_t n,
                     FILE *out)
{
    for (size_t at = from; at < n; at += IN_A_ROW) {
        size_t some = n - at < IN_A_ROW ? n - at : IN_A_ROW;
        fprintf(out, "<i>%04zx</i>  ", at);
        put_octets(bytes + at, marked ? marked + at : NULL, some, out);
        fprintf(out, "%*s", (int)(2 * (IN_A_ROW - some) + (some <= WORD) + 2), "");
        for (size_t i = at; i < at + some; i++) {
            char letter = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '.';
            vw_html_text(&letter, 1, out);
        }
        fputc('\n', out);
    }
}

void vw_html_bytes(const unsigned char *bytes, size_t len, FILE *out)
{
    fputs("<pre>", out);
    put_rows(bytes, NULL, 0, len, out);
    fputs("</pre>", out);
}

/* "length 28, remote v1, procedure 66 (auth_list), call, serial 1, ok": what each word means,
 * without its name. False when the head is something else. */
static bool read_words(struct line head, struct line out[WORDS])
{
    size_t n = 0;
    for (; n < WORDS && head.len; n++) {
        const char *comma = memmem(head.text, head.len, ", ", 2);
        out[n] = (struct line){head.text, comma ? (size_t)(comma - head.text) : head.len};
        head.text += out[n].len + (comma ? 2 : 0);
        head.len -= out[n].len + (comma ? 2 : 0);
        if (n == 1) { /* program and version are one */
            struct line both = out[1];
            while (out[1].len && out[1].text[out[1].len - 1] != ' ')
                out[1].len--;
            out[2] = (struct line){both.text + out[1].len, both.len - out[1].len};
            out[1].len -= out[1].len > 0;
            n++;
        }
        const char *name = word_names[n];
        size_t named = strlen(name);
        if (out[n].len > named && memcmp(out[n].text, name, named) == 0)
            out[n] = (struct line){out[n].text + named + 1, out[n].len - named - 1};
    }
    return n == WORDS && !head.len;
}

static void put_header(const struct message *m, const struct line words[WORDS], FILE *out)
{
    for (size_t i = 0; i < WORDS; i++) {
        fprintf(out, "<i>%04zx</i>  ", WORD * i);
        put_octets(m->bytes + WORD * i, m->marked + WORD * i, WORD, out);
        fprintf(out, "  <b>%-9s</b> ", word_names[i]);
        put_line(words[i], out);
        fputc('\n', out);
    }
}

/* A field in each line, as far as the outermost value goes. */
static void put_decoded(struct line l, FILE *out)
{
    bool quoted = false;
    int depth = 0;
    size_t from = 0;
    for (size_t i = 0; i < l.len; i++) {
        char c = l.text[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted) {
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            bool breaks = (depth == 1 && (c == ',' || c == '{')) || (depth == 0 && c == '}');
            if (!breaks)
                continue;
            size_t end = c == '}' ? i : i + 1;
            vw_html_text(l.text + from, end - from, out);
            fputs(c == '}' ? "\n" : "\n  ", out);
            from = end;
        }
    }
    vw_html_text(l.text + from, l.len - from, out);
}

static void put_bytes(const struct message *m, FILE *out)
{
    struct line words[WORDS];
    bool known = m->n >= HEADER_BYTES && read_words(m->head, words);
    fputs("<div class=wire><pre>", out);
    if (known)
        put_header(m, words, out);
    put_rows(m->bytes, m->marked, known ? HEADER_BYTES : 0, m->n, out);
    if (m->cut)
        fprintf(out, "%zu bytes in all\n", m->cut);
    fputs("</pre>", out);
    if (m->decoded.len) {
        fputs("<pre class=means>", out);
        put_decoded(m->decoded, out);
        fputs("</pre>", out);
    }
    fputs("</div>", out);
}

void vw_html_frames(const char *frames, FILE *out)
{
    while (*frames) {
        struct message m = next_message(&frames);
        const char *way = m.way == '>'   ? "sent"
                          : m.way == '<' ? "received"
                          : m.way == '-' ? "remark"
                                         : "";
        fprintf(out, "<div class=\"%s%s\"><p>", *way ? way : "line", m.broken ? " broken" : "");
        if (m.way) {
            fputs("<time>", out);
            put_line(m.time, out);
            fprintf(out, "</time> %s ", m.way == '-' ? "" : way);
        }
        put_line(m.head, out);
        fputs("</p>", out);
        if (m.n)
            put_bytes(&m, out);
        fputs("</div>\n", out);
    }
}
