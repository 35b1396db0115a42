// SPDX-License-Identifier: MIT
// What a terminal could act on, by Unicode's tables: general category Cc, and Bidi_Control.
#include "base/shown.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
    {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
};

/* Of a good sequence of N bytes. */
static uint32_t code_point(const uint8_t *s, size_t n)
{
    uint32_t code = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        code = code << 6 | (s[i] & 0x3f);
    return code;
}

static bool is_hidden(uint32_t code)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}

size_t vw_shown_prefix(const char *text, size_t len)
{
    const uint8_t *s = (const uint8_t *)text;
    size_t i = 0;
    for (size_t n; i < len; i += n) {
        if (s[i] >= ' ' && s[i] < 0x7f) {
            n = 1;
            continue;
        }
        n = vw_utf8_sequence(s + i, len - i);
        if (n == 0 || is_hidden(code_point(s + i, n)))
            break;
    }
    return i;
}

size_t vw_shown_piece(const char *text, size_t len, enum vw_shown_as as, char piece[VW_SHOWN_PIECE])
{
    const uint8_t *s = (const uint8_t *)text;
    size_t n = vw_utf8_sequence(s, len);
    uint32_t code = n ? code_point(s, n) : 0xfffd;
    if (n && !is_hidden(code)) {
        memcpy(piece, text, n);
        piece[n] = '\0';
        return n;
    }
    n = n ? n : 1;
    if (as == VW_SHOWN_JSON)
        snprintf(piece, VW_SHOWN_PIECE, "\\u%04x", (unsigned)code & 0xffff);
    for (size_t i = 0; i < n && as == VW_SHOWN_BYTES; i++)
        snprintf(piece + 4 * i, VW_SHOWN_PIECE - 4 * i, "\\x%02x", s[i]);
    return n;
}

void vw_shown_mark(char *text)
{
    char piece[VW_SHOWN_PIECE], *to = text;
    for (size_t left = strlen(text); left;) {
        size_t n = vw_shown_prefix(text, left);
        memmove(to, text, n);
        to += n;
        text += n;
        left -= n;
        if (left) {
            n = vw_shown_piece(text, left, VW_SHOWN_BYTES, piece);
            *to++ = '?';
            text += n;
            left -= n;
        }
    }
    *to = '\0';
}

void vw_shown_print(FILE *out, const char *text, size_t len, enum vw_shown_as as)
{
    char piece[VW_SHOWN_PIECE];
    for (size_t n; len; text += n, len -= n) {
        n = vw_shown_prefix(text, len);
        if (n == 0 && (*text == '\n' || *text == '\t'))
            n = 1;
        if (n) {
            fwrite(text, 1, n, out);
        } else {
            n = vw_shown_piece(text, len, as, piece);
            fputs(piece, out);
        }
    }
}
