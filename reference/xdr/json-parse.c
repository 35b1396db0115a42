// SPDX-License-Identifier: MIT
// Strict parsing. json-c reads the text; before it, one pass over the tokens refuses what json-c
// takes in silence: repeated keys (the last one would win), NUL in a key, numbers over 64 bits
// (they would be cut), leading zeros, NaN, half surrogate pairs, control characters. The pass does
// not check how tokens follow each other: that is json-c's part.
#include "base/utf8.h"
#include "xdr/json.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

/* What json-c may take for a text, and what it takes about for each value, with its place in a
 * list; for a member, with its name; and for an object before it has any. The largest message has
 * fewer numbers, and the longest list of records fewer members. */
#define MEMORY_MAX   ((size_t)512 << 20)
#define VALUE_BYTES  72
#define TEXT_BYTES   104 /* of strings and fractions, whose text is kept */
#define MEMBER_BYTES 128
#define LIST_BYTES   384
#define OBJECT_BYTES 832

struct scanner {
    const char *text;
    size_t len, pos;
    size_t memory; /* that its values will take */
    unsigned depth;
    struct json_object *keys[MAX_DEPTH]; /* of each open object, as a set; NULL for an array */
    struct json_tokener *tokener;        /* for keys with escapes */
    struct vw_error *err;
};

static int error_at(struct vw_error *err, int code, const char *text, size_t pos, const char *what)
{
    unsigned line = 1;
    size_t start = 0;
    for (size_t i = 0; i < pos; i++) {
        if (text[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return vw_error_at(err, code, line, (unsigned)(pos - start) + 1, "%s", what);
}

static int fail_at(struct vw_error *err, const char *text, size_t pos, const char *what)
{
    return error_at(err, VW_ESYNTAX, text, pos, what);
}

static int fail(struct scanner *s, size_t pos, const char *what)
{
    return fail_at(s->err, s->text, pos, what);
}

/* Takes BYTES of what is left, ahead of json-c. */
static int charge(struct scanner *s, size_t bytes)
{
    if (bytes > MEMORY_MAX - s->memory)
        return error_at(s->err, VW_ELIMIT, s->text, s->pos, "the values take too much memory");
    s->memory += bytes;
    return 0;
}

/* The character at I, 0 behind the end: no token holds a NUL. */
static char at(const struct scanner *s, size_t i)
{
    return i < s->len ? s->text[i] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- strings ---- */

/* The value of four hex digits at I, or -1. */
static int hex4(const struct scanner *s, size_t i)
{
    int value = 0;
    for (size_t k = 0; k < 4; k++) {
        char c = at(s, i + k);
        int digit = is_digit(c)              ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* An escape at pos, which stands on the backslash. */
static int scan_escape(struct scanner *s, bool *nul)
{
    char c = at(s, s->pos + 1);
    if (c != 'u') {
        if (c == '\0' || !strchr("\"\\/bfnrt", c))
            return fail(s, s->pos, "unknown escape");
        s->pos += 2;
        return 0;
    }
    int unit = hex4(s, s->pos + 2);
    if (unit < 0)
        return fail(s, s->pos, "\\u takes four hex digits");
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail(s, s->pos, "half of a surrogate pair");
    *nul |= unit == 0;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low = at(s, s->pos + 6) == '\\' && at(s, s->pos + 7) == 'u' ? hex4(s, s->pos + 8) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(s, s->pos, "half of a surrogate pair");
        s->pos += 6;
    }
    s->pos += 6;
    return 0;
}

/* The key from START to pos, quotes included, decoded; NULL: no memory. */
static struct json_object *decode_key(struct scanner *s, size_t start, bool escaped)
{
    if (!escaped)
        return json_object_new_string_len(s->text + start + 1, (int)(s->pos - start) - 2);
    if (!s->tokener)
        s->tokener = json_tokener_new();
    if (!s->tokener)
        return NULL;
    json_tokener_reset(s->tokener);
    return json_tokener_parse_ex(s->tokener, s->text + start, (int)(s->pos - start));
}

static int add_key(struct scanner *s, size_t start, bool escaped, bool nul)
{
    struct json_object *set = s->depth > 0 ? s->keys[s->depth - 1] : NULL;
    if (!set)
        return 0; /* a colon in the wrong place: json-c says so */
    if (nul)
        return fail(s, start, "NUL in the name of a member");
    int rc = charge(s, MEMBER_BYTES + 2 * (s->pos - start));
    if (rc)
        return rc;
    struct json_object *key = decode_key(s, start, escaped);
    if (!key)
        return vw_error_nomem(s->err);
    if (json_object_object_get_ex(set, json_object_get_string(key), NULL))
        rc = fail(s, start, "repeated member");
    else if (json_object_object_add(set, json_object_get_string(key), NULL) < 0)
        rc = vw_error_nomem(s->err);
    json_object_put(key);
    return rc;
}

static int scan_string(struct scanner *s)
{
    size_t start = s->pos++;
    bool escaped = false, nul = false;

    while (at(s, s->pos) != '"') {
        char c = at(s, s->pos);
        if (s->pos >= s->len)
            return fail(s, start, "the string does not end");
        if ((unsigned char)c < 0x20)
            return fail(s, s->pos, "control character within a string");
        if (c == '\\') {
            int rc = scan_escape(s, &nul);
            if (rc)
                return rc;
            escaped = true;
        } else {
            s->pos++;
        }
    }
    s->pos++;
    size_t next = s->pos;
    while (is_space(at(s, next)))
        next++;
    return at(s, next) == ':' ? add_key(s, start, escaped, nul)
                              : charge(s, TEXT_BYTES + s->pos - start);
}

/* ---- numbers and words ---- */

static bool skip_digits(struct scanner *s)
{
    size_t start = s->pos;
    while (is_digit(at(s, s->pos)))
        s->pos++;
    return s->pos > start;
}

/* Whether the number from START to pos fits what json-c keeps it in. */
static int check_range(struct scanner *s, size_t start, bool whole)
{
    char buf[32];
    size_t n = s->pos - start;
    if (whole && n >= sizeof(buf))
        return fail(s, start, "a number of more than 64 bits");
    if (!whole) {
        char *copy = strndup(s->text + start, n);
        if (!copy)
            return vw_error_nomem(s->err);
        bool fits = isfinite(strtod(copy, NULL));
        free(copy);
        return fits ? 0 : fail(s, start, "a number too large for a double");
    }
    memcpy(buf, s->text + start, n);
    buf[n] = '\0';
    errno = 0;
    if (buf[0] == '-')
        strtoll(buf, NULL, 10);
    else
        strtoull(buf, NULL, 10);
    return errno == ERANGE ? fail(s, start, "a number of more than 64 bits") : 0;
}

static int scan_number(struct scanner *s)
{
    size_t start = s->pos;
    bool whole = true, good;

    if (at(s, s->pos) == '-')
        s->pos++;
    if (at(s, s->pos) == '0') {
        s->pos++;
        good = !is_digit(at(s, s->pos));
    } else {
        good = skip_digits(s);
    }
    if (good && at(s, s->pos) == '.') {
        whole = false;
        s->pos++;
        good = skip_digits(s);
    }
    if (good && (at(s, s->pos) == 'e' || at(s, s->pos) == 'E')) {
        whole = false;
        s->pos++;
        if (at(s, s->pos) == '+' || at(s, s->pos) == '-')
            s->pos++;
        good = skip_digits(s);
    }
    if (!good)
        return fail(s, start, "a number that JSON does not know");
    int rc = check_range(s, start, whole);
    return rc ? rc : charge(s, whole ? VALUE_BYTES : TEXT_BYTES);
}

static int scan_word(struct scanner *s)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);
        if (s->len - s->pos >= n && memcmp(s->text + s->pos, words[i], n) == 0) {
            s->pos += n;
            return charge(s, VALUE_BYTES);
        }
    }
    return fail(s, s->pos, "no JSON value begins here");
}

/* ---- the pass ---- */

static int open_level(struct scanner *s, bool object)
{
    if (s->depth == MAX_DEPTH)
        return fail(s, s->pos, "nested deeper than 64");
    int rc = charge(s, object ? OBJECT_BYTES : LIST_BYTES);
    if (rc)
        return rc;
    s->keys[s->depth] = NULL;
    if (object) {
        s->keys[s->depth] = json_object_new_object();
        if (!s->keys[s->depth])
            return vw_error_nomem(s->err);
    }
    s->depth++;
    s->pos++;
    return 0;
}

static void close_level(struct scanner *s)
{
    if (s->depth > 0)
        json_object_put(s->keys[--s->depth]);
    s->pos++;
}

static int scan_token(struct scanner *s)
{
    char c = at(s, s->pos);
    switch (c) {
    case '{':
    case '[':
        return open_level(s, c == '{');
    case '}':
    case ']':
        close_level(s);
        return 0;
    case '"':
        return scan_string(s);
    case ',':
    case ':':
        s->pos++;
        return 0;
    default:
        if (is_space(c)) {
            s->pos++;
            return 0;
        }
        return c == '-' || is_digit(c) ? scan_number(s) : scan_word(s);
    }
}

static int scan(const char *text, size_t len, struct vw_error *err)
{
    struct scanner s = {.text = text, .len = len, .err = err};
    int rc = 0;
    while (rc == 0 && s.pos < len)
        rc = scan_token(&s);
    while (s.depth > 0)
        close_level(&s);
    if (s.tokener)
        json_tokener_free(s.tokener);
    return rc;
}

static int parse(struct json_tokener *tokener, const char *text, size_t len,
                 struct json_object **out, struct vw_error *err)
{
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    *out = json_tokener_parse_ex(tokener, text, (int)len);
    size_t end = json_tokener_get_parse_end(tokener);
    enum json_tokener_error problem = json_tokener_get_error(tokener);
    if (problem == json_tokener_continue) {
        /* A number at the end of the text ends with the text. */
        *out = json_tokener_parse_ex(tokener, "", 1);
        end = len;
        problem = json_tokener_get_error(tokener);
    }
    while (problem == json_tokener_success && end < len && is_space(text[end]))
        end++;
    if (problem == json_tokener_success && end == len)
        return 0;
    json_object_put(*out);
    *out = NULL;
    if (problem == json_tokener_continue || problem == json_tokener_error_parse_eof)
        return fail_at(err, text, len, "the text ends within a value");
    if (problem == json_tokener_success)
        return fail_at(err, text, end, "text behind the value");
    return fail_at(err, text, end, json_tokener_error_desc(problem));
}

int vw_json_parse(const char *text, size_t len, struct json_object **out, struct vw_error *err)
{
    *out = NULL;
    if (len >= INT_MAX)
        return vw_error_set(err, VW_ELIMIT, "a JSON text of %zu bytes is too long", len);
    size_t good = vw_utf8_valid(text, len);
    if (good < len)
        return fail_at(err, text, good, "not UTF-8");
    int rc = scan(text, len, err);
    if (rc)
        return rc;
    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH + 1);
    if (!tokener)
        return vw_error_nomem(err);
    rc = parse(tokener, text, len, out, err);
    json_tokener_free(tokener);
    return rc;
}
