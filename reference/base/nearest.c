// SPDX-License-Identifier: MIT
// Edit distance (insert, delete, replace, swap of neighbours), one row at a time in fixed memory.
#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_WORD 128

static char folded(char c)
{
    return (char)tolower((unsigned char)c);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][MAX_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= nb; j++)
        last[j] = j;
    for (size_t i = 1; i <= na; i++) {
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            char x = folded(a[i - 1]), y = folded(b[j - 1]);
            row[j] = min3(row[j - 1] + 1, last[j] + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]) &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[nb];
}

void vw_near_offer(struct vw_near *n, const char *known)
{
    size_t len = strnlen(n->word, MAX_WORD + 1), other = strnlen(known, MAX_WORD + 1);
    size_t longer = len > other ? len : other;
    if (len == 0 || longer > MAX_WORD)
        return;
    size_t d = distance(n->word, len, known, other);
    if (d <= (longer + 2) / 3 && (!n->best || d < n->distance)) {
        n->best = known;
        n->distance = d;
    }
}

const char *vw_nearest(const char *word, const char *const *known, size_t n)
{
    struct vw_near near = {.word = word};
    for (size_t i = 0; i < n; i++)
        vw_near_offer(&near, known[i]);
    return near.best;
}

const char *vw_near_hint(struct vw_hint *h, const char *before, const char *near)
{
    if (near)
        snprintf(h->text, sizeof(h->text), "%s did you mean '%s'?", before, near);
    return h->text;
}

void vw_list_words(const char *const *known, size_t n, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    for (size_t i = 0; i < n && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "", known[i]);
}
