// SPDX-License-Identifier: MIT
// A line is looked at as a whole, since what it is may be seen at its end only: a dump, a call that
// was traced, or else words of hex digits, strings and arrays.
#include "capture/bytes-text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

#define LINE_MAX_BYTES ((size_t)256 << 20)

struct line {
    struct vw_bytes_text *t;
    const char *text; /* a NUL stands at its end */
    const char *at;   /* what is next */
    struct vw_buf *out;
    struct vw_error *err;
};

static int __attribute__((format(printf, 3, 4)))
bad(const struct line *l, const char *at, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return vw_error_at(l->err, VW_ESYNTAX, l->t->number, (unsigned)(at - l->text) + 1, "%s", text);
}

static int put(const struct line *l, uint8_t byte)
{
    return vw_buf_append(l->out, &byte, 1) ? vw_error_nomem(l->err) : 0;
}

static size_t digits_of(const char *at)
{
    size_t n = 0;
    while (vw_hex_value(at[n]) >= 0)
        n++;
    return n;
}

/* N digits, of which there is an even number. */
static int put_digits(const struct line *l, const char *at, size_t n)
{
    if (n % 2)
        return bad(l, at + n, "a byte takes two hex digits");
    if (vw_buf_reserve(l->out, n / 2))
        return vw_error_nomem(l->err);
    vw_hex_decode(at, n, l->out->data + l->out->len);
    l->out->len += n / 2;
    return 0;
}

/* ---- dumps ---- */

static size_t spaces_of(const char *at)
{
    return strspn(at, " \t");
}

static bool is_pair(const char *at)
{
    return digits_of(at) == 2 && (!at[2] || strchr(" \t", at[2]));
}

/* Nothing but pairs, each behind one space, up to the end or a '>'. */
static bool all_pairs(const char *at)
{
    size_t n = 0;
    for (; *at == ' ' && is_pair(at + 1); n++)
        at += 3;
    at += spaces_of(at);
    return n > 0 && (!*at || *at == '>');
}

/* An offset starts the line: *OFFSET, whether a colon is behind it, and where the bytes are. */
static bool takes_offset(const struct line *l, uint64_t *offset, bool *colon, const char **bytes)
{
    const char *at = l->at + (strncmp(l->at, "0x", 2) == 0 ? 2 : 0), *end = at + digits_of(at);
    size_t n = (size_t)(end - at), gap;
    *offset = 0;
    /* od counts in octal, with seven digits. */
    for (const char *p = at; p < end && n <= 16; p++)
        *offset = *offset * (n == 7 ? 8 : 16) + (uint64_t)vw_hex_value(*p);
    /* Unless it was asked for decimal ones (-A d). */
    uint64_t due = l->t->base + l->t->here;
    if (n == 7 && l->t->dump && *offset != due && strtoull(at, NULL, 10) == due)
        *offset = due;
    *colon = *end == ':';
    *bytes = end + *colon;
    gap = spaces_of(*bytes);
    if (n < 4 || n > 16)
        return false;
    if (*colon)
        return gap > 0 || !**bytes;
    if (!**bytes)
        return l->t->dump;
    if (gap > 1 || **bytes == '\t')
        return is_pair(*bytes + gap);
    return n >= 6 && all_pairs(*bytes) && (*offset == 0 || *offset == l->t->base + l->t->here);
}

/* The bytes of a line behind its offset, up to the characters that stand beside them. */
static int put_dumped(const struct line *l, const char *at, bool colon)
{
    size_t before = l->out->len, gap = spaces_of(at);
    at += gap;
    for (;;) {
        size_t n = digits_of(at);
        bool word = n && n % 2 == 0 && (!at[n] || strchr(" \t", at[n]));
        if (!word || (!colon && (n != 2 || l->out->len - before == 16)))
            break;
        int rc = put_digits(l, at, n);
        if (rc)
            return rc;
        at += n;
        gap = spaces_of(at);
        at += gap;
        if (gap > (colon ? 1 : 2))
            break;
    }
    struct vw_bytes_text *t = l->t;
    size_t len = l->out->len - before;
    if (len) {
        t->last_len = len < sizeof(t->last) ? len : sizeof(t->last);
        memcpy(t->last, l->out->data + l->out->len - t->last_len, t->last_len);
    }
    t->here += len;
    return 0;
}

/* The lines that a "*" stands for, up to OFFSET. */
static int put_repeated(const struct line *l, uint64_t offset)
{
    struct vw_bytes_text *t = l->t;
    uint64_t n = offset - t->base - t->here;
    if (offset < t->base + t->here || n > VW_TEXT_REPEAT_MAX - t->repeated || !t->last_len)
        return bad(l, l->at, "no lines that repeat end at this offset");
    t->here += n;
    t->repeated += n;
    for (uint64_t i = 0; i < n; i++)
        if (put(l, t->last[i % t->last_len]))
            return VW_ENOMEM;
    return 0;
}

static int read_dumped(const struct line *l, uint64_t offset, bool colon, const char *bytes)
{
    struct vw_bytes_text *t = l->t;
    bool again = t->dump && offset == 0 && t->here > 0 && !t->repeat;
    if (!t->dump || again) {
        t->dump = true;
        t->base = offset;
        t->here = 0;
    }
    int rc = t->repeat ? put_repeated(l, offset) : 0;
    t->repeat = false;
    if (rc == 0 && offset != t->base + t->here)
        return bad(l, l->at, "the line before ends at offset 0x%" PRIx64 " of the dump",
                   t->base + t->here);
    return rc ? rc : put_dumped(l, bytes, colon);
}

/* ---- strings ---- */

/* One character of a C string at *AT, behind a backslash or not. */
static int put_character(const struct line *l, const char **at)
{
    static const char letters[] = "abefnrtv", values[] = "\a\b\033\f\n\r\t\v";
    const char *p = *at;
    unsigned value = (unsigned char)*p++;
    if (value == '\\') {
        const char *letter = strchr(letters, *p);
        size_t n = 0;
        value = letter ? (unsigned char)values[letter - letters] : (unsigned char)*p;
        if (*p == 'x' && vw_hex_value(p[1]) >= 0) {
            for (value = 0; n < 2 && vw_hex_value(p[1 + n]) >= 0; n++)
                value = value << 4 | (unsigned)vw_hex_value(p[1 + n]);
        } else if (*p >= '0' && *p <= '7') {
            for (value = 0; n < 3 && p[n] >= '0' && p[n] <= '7'; n++)
                value = value << 3 | (unsigned)(p[n] - '0');
            n--;
        } else if (!*p || (!letter && !strchr("\\\"'?", *p))) {
            return bad(l, p, "no such escape of a string");
        }
        p += n + 1;
    }
    *at = p;
    return put(l, (uint8_t)value);
}

/* The string that a quote ahead of *AT starts; *AT is then behind its end. */
static int put_string(const struct line *l, const char **at)
{
    const char quote = (*at)[-1];
    int rc = 0;
    while (rc == 0 && **at && **at != quote)
        rc = put_character(l, at);
    if (rc == 0 && !**at)
        return bad(l, *at, "a string without an end");
    if (rc == 0 && strncmp(*at, "\"...", 4) == 0)
        return bad(l, *at + 1, "a string that was cut: strace -s 9999999 shows all of it");
    *at += rc == 0;
    return rc;
}

/* True where the call that begins before END moves bytes. */
static bool moves_bytes(const char *text, const char *end)
{
    static const char *const names[] = {"read", "recv", "write", "send"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = strstr(text, names[i]);
        if (name && name < end)
            return true;
    }
    return false;
}

/* A call and what it moved: each string that is an argument, and no address. */
static int read_call(const struct line *l, const char *open)
{
    const char *at = open;
    size_t first = l->out->len;
    int rc = 0;
    if (!moves_bytes(l->text, open))
        return 0;
    while (rc == 0 && (at = strchr(at, '"'))) {
        static const char base[] = "iov_base=";
        const char *start = at++;
        size_t before = l->out->len;
        bool data =
            strchr(" >", start[-1]) || (start - l->text >= (long)strlen(base) &&
                                        memcmp(start - strlen(base), base, strlen(base)) == 0);
        rc = put_string(l, &at);
        if (!data)
            l->out->len = before;
    }
    if (rc == 0 && vw_traced_calls_sort(&l->t->calls, l->text, open, l->out, first))
        rc = vw_error_nomem(l->err);
    return rc;
}

/* ---- words ---- */

static bool starts_comment(const char *at)
{
    return *at == '#' || strncmp(at, "//", 2) == 0;
}

/* 0x and a digit or two, or what the array has: decimal numbers or pairs. */
static int put_number(struct line *l)
{
    const char *at = l->at;
    bool prefix = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    size_t n = digits_of(at += prefix ? 2 : 0);
    unsigned value = 0;
    if (l->t->array == VW_TEXT_ARRAY && !prefix)
        l->t->array = n == 2 ? VW_TEXT_PAIRS : VW_TEXT_DECIMAL;
    unsigned radix = prefix || l->t->array != VW_TEXT_DECIMAL ? 16 : 10;
    l->at = at + n;
    if (!prefix && l->t->array == VW_TEXT_WORDS)
        return put_digits(l, at, n);
    if (prefix && n > 2)
        return put_digits(l, at, n);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned)vw_hex_value(at[i]) >= radix)
            return bad(l, at + i, "'%c' is no decimal digit", at[i]);
        value = value * radix + (unsigned)vw_hex_value(at[i]);
        if (value > 255)
            return bad(l, at, "a byte is not above 255");
    }
    return n ? put(l, (uint8_t)value) : bad(l, at, "no digit behind 0x");
}

static int no_digit(const struct line *l)
{
    unsigned char c = (unsigned char)*l->at;
    if (c > ' ' && c <= '~')
        return bad(l, l->at, "'%c' is no hex digit", c);
    return bad(l, l->at, "byte 0x%02x is no hex digit", c);
}

/* Between two digits, as others write colons. */
static bool is_dash(const struct line *l)
{
    return *l->at == '-' && l->at > l->text && vw_hex_value(l->at[-1]) >= 0 &&
           vw_hex_value(l->at[1]) >= 0;
}

static int read_word(struct line *l)
{
    if (starts_comment(l->at)) {
        l->at += strlen(l->at);
        return 0;
    }
    if (strncmp(l->at, "/*", 2) == 0) {
        l->t->comment = true;
        l->at += 2;
        return 0;
    }
    l->at += l->at[0] == 'b' && (l->at[1] == '\'' || l->at[1] == '"'); /* as Python has it */
    switch (*l->at) {
    case '"':
    case '\'':
        l->at++;
        return put_string(l, &l->at);
    case '\\':
        return l->at[1] ? put_character(l, &l->at) : (l->at++, 0);
    case '{':
    case '[':
        l->t->array = VW_TEXT_ARRAY;
        l->at++;
        return 0;
    case '}':
    case ']':
        l->t->array = VW_TEXT_WORDS;
        l->at++;
        return 0;
    default:
        if (strchr(" \t\r\f\v,;:", *l->at) || is_dash(l)) {
            l->at++;
            return 0;
        }
        return vw_hex_value(*l->at) >= 0 ? put_number(l) : no_digit(l);
    }
}

/* What stands ahead of an array: its type and name; and the length that xxd -i puts behind. */
static void pass_names(struct line *l)
{
    const char *open = strchr(l->at, '{');
    bool named = isalpha((unsigned char)*l->at) && digits_of(l->at) != strcspn(l->at, " \t,;:");
    if (l->t->array != VW_TEXT_WORDS)
        return;
    if (open && (named || strncmp(l->at, "[]", 2) == 0))
        l->at = open;
    else if (named && strchr(l->at, '=') && strchr(l->at, ';'))
        l->at += strlen(l->at);
}

static int read_words(struct line *l)
{
    int rc = 0;
    if (!l->t->comment)
        pass_names(l);
    while (rc == 0 && *l->at) {
        const char *end = l->t->comment ? strstr(l->at, "*/") : NULL;
        if (!l->t->comment) {
            rc = read_word(l);
            continue;
        }
        l->t->comment = !end;
        l->at = end ? end + 2 : l->at + strlen(l->at);
    }
    return rc;
}

/* Where a call begins its arguments, if that is what the line is: ahead of any quote or comment. */
static const char *opens_call(const char *text)
{
    const char *at = text + strcspn(text, "(\"#{");
    if (strstr(text, " resumed>") || strstr(text, "resumed> "))
        return strchr(text, '>');
    return *at == '(' && at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_') ? at : NULL;
}

/* Octal escapes without quotes around them: all of the line is a string. */
static int read_bare_string(struct line *l)
{
    int rc = 0;
    while (rc == 0 && *l->at)
        rc = put_character(l, &l->at);
    return rc;
}

/* ---- base64 (RFC 4648) ---- */

static int sextet(char c)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (int)(at - letters) : -1;
}

/* All of a line of some length, and more than hex digits. */
static bool is_base64(const char *text)
{
    size_t n = 0, len = strlen(text), end;
    while (sextet(text[n]) >= 0)
        n++;
    end = n + strspn(text + n, "=");
    return len >= 16 && len % 4 == 0 && end == len && len - n <= 2 && digits_of(text) < n;
}

static int read_base64(struct line *l)
{
    int rc = 0;
    for (; rc == 0 && *l->at; l->at += 4) {
        uint32_t word = 0;
        int n = 0;
        for (int i = 0; i < 4; i++) {
            int value = sextet(l->at[i]);
            word = word << 6 | (value < 0 ? 0u : (unsigned)value);
            n += value >= 0;
        }
        for (int i = 0; i + 1 < n && rc == 0; i++)
            rc = put(l, (uint8_t)(word >> (16 - 8 * i)));
    }
    return rc;
}

static int read_line(struct line *l)
{
    struct vw_bytes_text *t = l->t;
    const char *bytes, *call;
    uint64_t offset;
    bool colon;
    l->at += spaces_of(l->at);
    if (t->comment || t->array != VW_TEXT_WORDS)
        return read_words(l);
    if (t->dump && strcmp(l->at, "*") == 0) {
        t->repeat = true;
        return 0;
    }
    if (takes_offset(l, &offset, &colon, &bytes))
        return read_dumped(l, offset, colon, bytes);
    if ((call = opens_call(l->at)))
        return read_call(l, call);
    if (vw_traced_calls_remark(l->at))
        return 0;
    if (*l->at == '\\' && l->at[1] && l->at[1] != 'x')
        return read_bare_string(l);
    if (is_base64(l->at))
        return read_base64(l);
    return read_words(l);
}

/* The line that has come, LEN characters with a NUL behind. */
static int take_line(struct vw_bytes_text *t, char *text, size_t len, struct vw_buf *out,
                     struct vw_error *err)
{
    struct line l = {t, text, text, out, err};
    t->number++;
    if (strlen(text) < len)
        return bad(&l, text + strlen(text), "byte 0x00 is no hex digit");
    if (len && text[len - 1] == '\r')
        text[len - 1] = '\0';
    return read_line(&l);
}

void vw_bytes_text_init(struct vw_bytes_text *t)
{
    *t = (struct vw_bytes_text){.line = VW_BUF_INIT};
}

void vw_bytes_text_finish(struct vw_bytes_text *t)
{
    vw_buf_finish(&t->line);
    vw_traced_calls_finish(&t->calls);
}

static int end_line(struct vw_bytes_text *t, struct vw_buf *out, struct vw_error *err)
{
    size_t len = t->line.len;
    t->line.len = 0;
    if (vw_buf_reserve(&t->line, len + 1))
        return vw_error_nomem(err);
    t->line.data[len] = '\0';
    int rc = len ? take_line(t, (char *)t->line.data, len, out, err) : 0;
    t->failed = rc != 0;
    return rc;
}

int vw_bytes_text_end(struct vw_bytes_text *t, struct vw_buf *out, struct vw_error *err)
{
    int rc = end_line(t, out, err);
    if (rc == 0 && vw_traced_calls_end(&t->calls, out))
        rc = vw_error_nomem(err);
    return rc;
}

int vw_bytes_text_feed(struct vw_bytes_text *t, const char *text, size_t len, struct vw_buf *out,
                       struct vw_error *err)
{
    int rc = 0;
    while (rc == 0 && len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        if (n > LINE_MAX_BYTES - t->line.len)
            return vw_error_at(err, VW_ELIMIT, t->number + 1, 1, "a line of more than %zu bytes",
                               LINE_MAX_BYTES);
        if (vw_buf_append(&t->line, text, n))
            return vw_error_nomem(err);
        if (end && t->line.len)
            rc = end_line(t, out, err);
        else if (end)
            t->number++;
        n += end != NULL;
        text += n;
        len -= n;
    }
    return rc;
}
