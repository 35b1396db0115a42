// SPDX-License-Identifier: MIT
// The lines of conformance/play/transcript.c, read again as messages with their bytes and marks.
#include "conformance/report/frames.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD 4

static struct vw_frame_line next_line(const char **text)
{
    struct vw_frame_line l = {*text, strcspn(*text, "\n")};
    *text += l.len + ((*text)[l.len] == '\n');
    return l;
}

/* Skips what of L is among CHARS. Returns how much that was. */
static size_t skip(struct vw_frame_line *l, const char *chars)
{
    size_t n = 0;
    while (n < l->len && strchr(chars, l->text[n]))
        n++;
    l->text += n;
    l->len -= n;
    return n;
}

/* "  0.004 -> REST" into OUT. False: L is another kind of line. */
static bool read_head(struct vw_frame_line l, struct vw_listed_frame *out)
{
    skip(&l, " ");
    struct vw_frame_line time = l;
    time.len = skip(&l, "0123456789.");
    if (time.len < 5 || l.len < 4 || l.text[0] != ' ' || l.text[3] != ' ')
        return false;
    if (memcmp(l.text + 1, "->", 2) != 0 && memcmp(l.text + 1, "<-", 2) != 0 &&
        memcmp(l.text + 1, "--", 2) != 0)
        return false;
    *out = (struct vw_listed_frame){
        .way = l.text[1] == '<' ? '<' : l.text[2],
        .time = time,
        .head = {l.text + 4, l.len - 4},
    };
    return true;
}

static bool is_hex(struct vw_frame_line l)
{
    skip(&l, "0123456789abcdef []");
    return l.len == 0;
}

/* What stands in brackets is marked. */
static void add_hex(struct vw_listed_frame *m, struct vw_frame_line l)
{
    bool in_brackets = false;
    for (; l.len && m->n < VW_FRAME_KEPT; skip(&l, " ")) {
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
static void add_line(struct vw_listed_frame *m, struct vw_frame_line l)
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
static bool number_behind(struct vw_frame_line l, const char *word, size_t *out)
{
    const char *at = memmem(l.text, l.len, word, strlen(word));
    if (!at || !isdigit((unsigned char)at[strlen(word)]))
        return false;
    *out = strtoul(at + strlen(word), NULL, 10);
    return true;
}

static size_t body_of(const struct vw_listed_frame *m)
{
    bool fds = memmem(m->head.text, m->head.len, "-with-fds", 9) != NULL;
    return VW_FRAME_HEADER + (fds ? WORD : 0);
}

static void mark(struct vw_listed_frame *m, size_t from, size_t to)
{
    for (; from < to && from < m->n; from++)
        m->marked[from] = true;
}

/* "... at str1, offset 48" counts from the start of the body, "4 bytes follow ..." from its end. */
static void mark_what(struct vw_listed_frame *m, struct vw_frame_line remark)
{
    static const char follow[] = " bytes follow";
    size_t at;
    const char *end = memmem(remark.text, remark.len, follow, sizeof(follow) - 1);
    if (number_behind(remark, ", offset ", &at) && at < VW_FRAME_KEPT) {
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
static void heed_remarks(struct vw_listed_frame *m, const char *text)
{
    static const char against[] = "against ";
    struct vw_listed_frame remark;
    while (*text && read_head(next_line(&text), &remark) && remark.way == '-') {
        if (!memmem(remark.head.text, remark.head.len, against, sizeof(against) - 1))
            continue;
        m->broken = true;
        mark_what(m, remark.head);
    }
}

struct vw_listed_frame vw_listed_frame_next(const char **text)
{
    struct vw_listed_frame m;
    struct vw_frame_line l = next_line(text);
    if (!read_head(l, &m))
        return (struct vw_listed_frame){.head = l};
    for (const char *ahead = *text; *ahead && m.way != '-'; *text = ahead) {
        struct vw_listed_frame other;
        l = next_line(&ahead);
        if (read_head(l, &other) || l.len < 6 || memcmp(l.text, "      ", 6) != 0)
            break;
        add_line(&m, l);
    }
    if (m.way != '-')
        heed_remarks(&m, *text);
    return m;
}
