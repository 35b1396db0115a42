// SPDX-License-Identifier: MIT
// Bytes and escapes of a URI, and what is said about it: errors with a column, notes, warnings.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "uri/internal.h"

#define SHOWN_MAX 64u /* bytes of a name or value in a sentence */

static int nul_found(struct parse *p, const char *at, const char *what, const char *variable)
{
    struct vw_uri_shown shown;
    char whose[64] = "";
    if (variable)
        snprintf(whose, sizeof(whose), " of %.48s", vw_uri_shown(&shown, variable));
    if (p->options->truncate_nul)
        return vw_uri_note(p, "U-19", "the %s%s ends at its %%00, as real clients have it", what,
                           whose);
    return vw_uri_error(p, VW_ESYNTAX, at, "U-19", "%%00 in the %s%s", what, whose);
}

int vw_uri_decode(struct parse *p, const char *s, size_t len, bool plus, const char *what,
                  const char *variable, const char **out)
{
    char *copy = vw_arena_alloc(p->arena, len + 1, 1);
    if (!copy)
        return vw_error_nomem(p->err);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c == '%') {
            c = (char)(vw_hex_value(s[i + 1]) << 4 | vw_hex_value(s[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0') {
            int rc = nul_found(p, s + i - 2, what, variable);
            if (rc)
                return rc;
            break;
        }
        copy[n++] = c;
    }
    copy[n] = '\0';
    *out = copy;
    return 0;
}

bool vw_uri_release_has(const struct parse *p, unsigned since)
{
    return p->options->release == 0 || p->options->release >= since;
}

bool vw_uri_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

char *vw_uri_encode(struct vw_arena *arena, const char *s, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(s);
    char *out = vw_arena_alloc(arena, len * 3 + 1, 1);
    if (!out)
        return NULL;
    char *o = out;
    for (const unsigned char *c = (const unsigned char *)s; *c; c++) {
        if (vw_uri_is_alnum((char)*c) || strchr(keep, *c)) {
            *o++ = (char)*c;
        } else {
            *o++ = '%';
            *o++ = digits[*c >> 4];
            *o++ = digits[*c & 15];
        }
    }
    *o = '\0';
    return out;
}

bool vw_uri_has_control(const char *s)
{
    for (const unsigned char *c = (const unsigned char *)s; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

const char *vw_uri_shown(struct vw_uri_shown *buf, const char *s)
{
    size_t n = 0;
    size_t i = 0;
    for (; i < SHOWN_MAX && s[i]; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c >= 0x7f || c == '"')
            n += (size_t)sprintf(buf->text + n, "\\x%02x", c);
        else
            buf->text[n++] = (char)c;
    }
    strcpy(buf->text + n, s[i] ? "..." : "");
    return buf->text;
}

int vw_uri_error(struct parse *p, int code, const char *at, const char *clause, const char *fmt,
                 ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (!p->err || p->err->code)
        return code;
    size_t offset = at ? (size_t)(at - p->text) : 0;
    vw_error_clause(p->err, code, clause, "%s", text);
    p->err->line = at ? 1 : 0;
    p->err->column = at ? (unsigned)offset + 1 : 0;
    p->err->offset = offset;
    return code;
}

static int __attribute__((format(printf, 5, 0)))
say(struct parse *p, struct vw_uri_note *list, size_t *count, const char *clause, const char *fmt,
    va_list ap)
{
    char text[320] = "there is more of this, which is not listed";
    if (*count == VW_URI_MAX_NOTES)
        return 0;
    if (*count < VW_URI_MAX_NOTES - 1)
        vsnprintf(text, sizeof(text), fmt, ap);
    char *copy = vw_arena_strndup(p->arena, text, strlen(text));
    if (!copy)
        return vw_error_nomem(p->err);
    list[(*count)++] = (struct vw_uri_note){clause, copy};
    return 0;
}

int vw_uri_note(struct parse *p, const char *clause, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int rc = say(p, p->notes, &p->out->note_count, clause, fmt, ap);
    va_end(ap);
    return rc;
}

int vw_uri_warn(struct parse *p, const char *clause, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int rc = say(p, p->warnings, &p->out->warning_count, clause, fmt, ap);
    va_end(ap);
    return rc;
}
