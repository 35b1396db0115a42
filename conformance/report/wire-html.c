// SPDX-License-Identifier: MIT
// Text and messages in HTML.
#include "conformance/report/wire-html.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "conformance/report/frames.h"

#define IN_A_ROW 8
#define WORD     4
#define WORDS    (VW_FRAME_HEADER / WORD)

static const char *const word_names[WORDS] = {"length", "program", "version", "procedure",
                                              "type",   "serial",  "status"};

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

static void put_line(struct vw_frame_line l, FILE *out)
{
    vw_html_text(l.text, l.len, out);
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
static bool read_words(struct vw_frame_line head, struct vw_frame_line out[WORDS])
{
    size_t n = 0;
    for (; n < WORDS && head.len; n++) {
        const char *comma = memmem(head.text, head.len, ", ", 2);
        out[n] = (struct vw_frame_line){head.text, comma ? (size_t)(comma - head.text) : head.len};
        head.text += out[n].len + (comma ? 2 : 0);
        head.len -= out[n].len + (comma ? 2 : 0);
        if (n == 1) { /* program and version are one */
            struct vw_frame_line both = out[1];
            while (out[1].len && out[1].text[out[1].len - 1] != ' ')
                out[1].len--;
            out[2] = (struct vw_frame_line){both.text + out[1].len, both.len - out[1].len};
            out[1].len -= out[1].len > 0;
            n++;
        }
        const char *name = word_names[n];
        size_t named = strlen(name);
        if (out[n].len > named && memcmp(out[n].text, name, named) == 0)
            out[n] = (struct vw_frame_line){out[n].text + named + 1, out[n].len - named - 1};
    }
    return n == WORDS && !head.len;
}

static void put_header(const struct vw_listed_frame *m, const struct vw_frame_line words[WORDS],
                       FILE *out)
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
static void put_decoded(struct vw_frame_line l, FILE *out)
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

static void put_bytes(const struct vw_listed_frame *m, FILE *out)
{
    struct vw_frame_line words[WORDS];
    bool known = m->n >= VW_FRAME_HEADER && read_words(m->head, words);
    fputs("<div class=wire><pre>", out);
    if (known)
        put_header(m, words, out);
    put_rows(m->bytes, m->marked, known ? VW_FRAME_HEADER : 0, m->n, out);
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
        struct vw_listed_frame m = vw_listed_frame_next(&frames);
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
