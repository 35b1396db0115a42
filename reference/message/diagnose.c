// SPDX-License-Identifier: MIT
// Guesses, from what people have seen. A header is six words of which five have few values, so that
// one at a wrong place is found with certainty.
#include "message/diagnose.h"

#include <stdarg.h>
#include <stdio.h>

#define SHOWN 40 /* characters of a line that are quoted */

/* ---- headers ---- */

static bool header_likely(const uint8_t *bytes)
{
    struct vw_header h;
    vw_header_decode(bytes, &h);
    return h.program >= 0x10000 && h.version >= 1 && h.version <= 15 && h.procedure >= 0 &&
           h.procedure <= 0xffff && h.type >= VW_MSG_CALL && h.type <= VW_MSG_STREAM_HOLE &&
           h.status >= VW_MSG_OK && h.status <= VW_MSG_CONTINUE;
}

static bool length_allowed(const struct vw_limits *limits, uint32_t word)
{
    return word >= VW_PREFIX_BYTES && word <= limits->max_length_word;
}

bool vw_message_likely(const struct vw_limits *limits, const uint8_t *bytes)
{
    return length_allowed(limits, vw_load32(bytes)) && header_likely(bytes + VW_LENGTH_BYTES);
}

size_t vw_message_find(const struct vw_limits *limits, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at + VW_PREFIX_BYTES <= len; at++) {
        if (!vw_message_likely(limits, bytes + at))
            continue;
        size_t left = len - at, length = vw_load32(bytes + at);
        if (length + VW_PREFIX_BYTES > left || vw_message_likely(limits, bytes + at + length))
            return at;
    }
    return len;
}

/* ---- what is said ---- */

static bool __attribute__((format(printf, 3, 4)))
say(struct vw_diagnosis *d, const char *kind, const char *fmt, ...)
{
    va_list ap;
    d->kind = kind;
    va_start(ap, fmt);
    vsnprintf(d->text, sizeof(d->text), fmt, ap);
    va_end(ap);
    return true;
}

/* The same with the first line of what there is behind it. */
static bool quote(struct vw_diagnosis *d, const char *kind, const char *what, const uint8_t *bytes,
                  size_t len)
{
    char line[SHOWN + 1];
    size_t n = 0;
    for (; n < len && n < SHOWN && bytes[n] != '\r' && bytes[n] != '\n'; n++)
        line[n] = bytes[n] >= ' ' && bytes[n] < 0x7f ? (char)bytes[n] : '.';
    line[n] = '\0';
    return n ? say(d, kind, "%s (%s)", what, line) : say(d, kind, "%s", what);
}

/* ---- other protocols ---- */

static const struct foreign {
    const char *start, *kind, *what;
} foreign[] = {
    {"GET ", "http", "an HTTP request"},
    {"HEAD", "http", "an HTTP request"},
    {"POST", "http", "an HTTP request"},
    {"PUT ", "http", "an HTTP request"},
    {"DELE", "http", "an HTTP request"},
    {"OPTI", "http", "an HTTP request"},
    {"CONN", "http", "an HTTP request"},
    {"PATC", "http", "an HTTP request"},
    {"PRI ", "http", "an HTTP/2 request"},
    {"HTTP", "http", "an HTTP response"},
    {"SSH-", "ssh", "the banner of an SSH server or client"},
    {"HELP", "text", "a command that somebody tries"},
    {"\r\n", "text", "an empty line, as somebody types it"},
};

static bool is_text(const uint8_t *bytes, size_t len)
{
    len = len < 64 ? len : 64;
    for (size_t i = 0; i < len; i++)
        if ((bytes[i] < ' ' || bytes[i] > '~') && !memchr("\t\r\n\033", bytes[i], 4))
            return false;
    return len >= VW_LENGTH_BYTES;
}

static bool is_record_of_tls(const uint8_t *bytes)
{
    return bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3 && bytes[2] <= 4;
}

/* RFC 5531: the last fragment, its length; then an xid and the kind of the message, 0 or 1. */
static bool is_record_mark(const uint8_t *bytes, size_t len)
{
    uint32_t word = vw_load32(bytes);
    return word >> 31 && (word & 0x7fffffff) <= 1u << 24 && (len < 12 || vw_load32(bytes + 8) <= 1);
}

/* LEN of them, up to where a message begins. */
static bool is_foreign(const uint8_t *bytes, size_t len, struct vw_diagnosis *d)
{
    static const char *const records[] = {"change of cipher", "alert", "handshake", "data"};
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (memcmp(bytes, foreign[i].start, strlen(foreign[i].start)) == 0)
            return quote(d, foreign[i].kind, foreign[i].what, bytes, len);
    if (is_record_of_tls(bytes))
        return say(d, "tls", "a TLS record (%s) where no TLS is spoken", records[bytes[0] - 20]);
    if (is_record_mark(bytes, len))
        return say(d, "record-mark", "an ONC RPC record mark for %u bytes, which libvirt has not",
                   vw_load32(bytes) & 0x7fffffff);
    if (is_text(bytes, len))
        return quote(d, "text", "plain text, as a login shell prints it", bytes, len);
    return false;
}

/* ---- out of step ---- */

/* The message BEFORE holds another one, of N bytes. */
static bool holds(const struct vw_limits *limits, const uint8_t *before, size_t len, size_t n)
{
    for (size_t at = VW_PREFIX_BYTES; before && at + VW_PREFIX_BYTES <= len; at++)
        if (vw_load32(before + at) == n && vw_message_likely(limits, before + at))
            return true;
    return false;
}

/* The words of a header where the length word and what follows it should be. */
static bool is_misplaced(const struct vw_limits *limits, const uint8_t *bytes, size_t len,
                         struct vw_diagnosis *d)
{
    uint32_t word = vw_load32(bytes);
    if (len >= VW_HEADER_BYTES && header_likely(bytes))
        return say(d, "no-length",
                   "the number of a program: the length word ahead of it is missing");
    for (unsigned n = 1; n < 4 && len >= VW_PREFIX_BYTES; n++)
        if (header_likely(bytes + VW_LENGTH_BYTES - n))
            return say(d, "padding", "%u byte%s on in a message, as where padding is left out", n,
                       n > 1 ? "s" : "");
    if (len < VW_PREFIX_BYTES || !header_likely(bytes + VW_LENGTH_BYTES))
        return false;
    if (word + VW_LENGTH_BYTES >= VW_PREFIX_BYTES && word < VW_PREFIX_BYTES)
        return say(d, "length-alone", "a length word that leaves itself out");
    if (length_allowed(limits, __builtin_bswap32(word)))
        return say(d, "little-endian", "a little-endian length word, for %u bytes",
                   __builtin_bswap32(word));
    return false;
}

/* The last four bytes of one message, and the next, with lengths that leave themselves out: where
 * that one ends by its length word there is no other, and four bytes on there is, or the end. */
static bool leaves_itself_out(const struct vw_limits *limits, const uint8_t *bytes, size_t len)
{
    const uint8_t *next = bytes + VW_LENGTH_BYTES;
    if (len < VW_LENGTH_BYTES + VW_PREFIX_BYTES || !header_likely(next + VW_LENGTH_BYTES))
        return false;
    size_t word = vw_load32(next), left = len - VW_LENGTH_BYTES;
    if (word < VW_HEADER_BYTES || word > limits->max_length_word || word + VW_LENGTH_BYTES > left)
        return false;
    size_t end = word + VW_LENGTH_BYTES;
    return left == end ||
           (left >= end + VW_PREFIX_BYTES && header_likely(next + end + VW_LENGTH_BYTES) &&
            !vw_message_likely(limits, next + word));
}

/* Where LENGTH stands in the first word, allowed, and an odd header behind: the next message is
 * where it should be, or cannot be seen. */
static bool in_step(const struct vw_limits *limits, const uint8_t *bytes, size_t len, size_t resume)
{
    uint32_t length = vw_load32(bytes);
    return length_allowed(limits, length) && resume >= (length < len ? length : len);
}

bool vw_diagnose(const struct vw_limits *limits, const uint8_t *bytes, size_t len,
                 const uint8_t *before, size_t before_len, struct vw_diagnosis *d)
{
    *d = (struct vw_diagnosis){.resume = len};
    if (len < VW_LENGTH_BYTES || (len >= VW_PREFIX_BYTES && vw_message_likely(limits, bytes)))
        return false;
    d->resume = vw_message_find(limits, bytes, len);
    if (bytes[0] == 1 && d->resume == 1)
        return say(d, "tls-byte", "the byte 0x01 that follows a TLS handshake");
    if (is_misplaced(limits, bytes, len, d))
        return true;
    if (leaves_itself_out(limits, bytes, len))
        return say(d, "length-alone", "a length word that leaves itself out");
    if (in_step(limits, bytes, len, d->resume))
        return false;
    size_t n = d->resume;
    /* Ahead of what is foreign: the body of a message may be text. */
    if (n < len && holds(limits, before, before_len, n))
        return say(d, "interleaved",
                   "the rest of a message that another one of %zu bytes broke into: two writers",
                   n);
    if (is_foreign(bytes, n, d))
        return true;
    if (n == len)
        return false;
    return say(d, "shifted", "%zu byte%s too many%s", n, n > 1 ? "s" : "",
               n == 4 ? ", as where a length word leaves itself out" : "");
}
