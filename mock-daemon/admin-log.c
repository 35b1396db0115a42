// SPDX-License-Identifier: MIT
// Reading what is to be logged, and where.
#include "mock-daemon/admin-log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virwire/error.h>

static const char *const outputs[] = {"stderr", "journald", "syslog:", "file:", NULL};

const struct vw_log_form vw_log_filters = {.wrapped = true};
const struct vw_log_form vw_log_outputs = {.words = outputs, .once = true};

/* A word of the text, behind the digit and the colon. */
struct word {
    char priority;
    const char *rest;
    size_t len;
};

static bool fits(const struct vw_log_form *form, const struct word *w)
{
    for (const char *const *known = form->words; known && *known; known++) {
        size_t n = strlen(*known);
        bool open = (*known)[n - 1] == ':';
        if (w->len >= n && strncmp(w->rest, *known, n) == 0 && (open ? w->len > n : w->len == n))
            return true;
    }
    return !form->words && w->len > 0;
}

/* The next word of *TEXT. 0: there is none; VW_ESYNTAX. */
static int next_word(const struct vw_log_form *form, const char **text, struct word *w)
{
    *text += strspn(*text, " ");
    if (!**text)
        return 0;
    size_t n = strcspn(*text, " ");
    *w = (struct word){(*text)[0], *text + 2, n < 2 ? 0 : n - 2};
    if (w->priority < '1' || w->priority > '4' || (*text)[1] != ':' || !fits(form, w))
        return VW_ESYNTAX;
    *text += n;
    return 1;
}

/* Whether the rest of TEXT says otherwise of the same. */
static bool comes_again(const struct vw_log_form *form, const char *text, const struct word *w)
{
    struct word other;
    while (form->once && next_word(form, &text, &other) > 0) {
        if (other.len == w->len && strncmp(other.rest, w->rest, w->len) == 0)
            return true;
    }
    return false;
}

int vw_log_read(const struct vw_log_form *form, const char *text, char **out)
{
    const char *star = form->wrapped ? "*" : "";
    struct word w;
    size_t len = 0;
    int rc;
    *out = NULL;
    FILE *to = open_memstream(out, &len);
    if (!to)
        return VW_ENOMEM;
    while ((rc = next_word(form, &text, &w)) > 0) {
        if (!comes_again(form, text, &w))
            fprintf(to, "%s%c:%s%.*s%s", ftell(to) > 0 ? " " : "", w.priority, star, (int)w.len,
                    w.rest, star);
    }
    if (fclose(to) != 0)
        rc = VW_ENOMEM;
    if (rc < 0 || len == 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}

uint32_t vw_log_count(const char *text)
{
    uint32_t n = text && *text;
    while (text && (text = strchr(text, ' ')))
        n++, text++;
    return n;
}
