// SPDX-License-Identifier: MIT
// Hex digits. No table and no locale: isxdigit() would depend on one.
#include "base/hex.h"

int vw_hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void vw_hex_encode(const void *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
    *out = '\0';
}

bool vw_hex_decode(const char *text, size_t len, uint8_t *out)
{
    if (len % 2)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        int high = vw_hex_value(text[i]), low = vw_hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        *out++ = (uint8_t)(high << 4 | low);
    }
    return true;
}

void vw_hex_reader_init(struct vw_hex_reader *r)
{
    *r = (struct vw_hex_reader){.line = 1, .column = 1};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* One character outside of comments. 1: a byte is complete, in *OUT. */
static int feed_one(struct vw_hex_reader *r, char c, uint8_t *out, struct vw_error *err)
{
    int value = vw_hex_value(c);
    if (value >= 0 && r->high) {
        *out = (uint8_t)((r->high - 1) << 4 | value);
        r->high = 0;
        return 1;
    }
    if (value >= 0) {
        r->high = value + 1;
        return 0;
    }
    if (r->high)
        return vw_error_at(err, VW_ESYNTAX, r->line, r->column, "a byte takes two hex digits");
    if (c == '#')
        r->comment = true;
    else if (c > ' ' && c <= '~')
        return vw_error_at(err, VW_ESYNTAX, r->line, r->column, "'%c' is no hex digit", c);
    else if (!is_space(c))
        return vw_error_at(err, VW_ESYNTAX, r->line, r->column, "byte 0x%02x is no hex digit",
                           (unsigned char)c);
    return 0;
}

int vw_hex_reader_feed(struct vw_hex_reader *r, const char *text, size_t len, uint8_t *out,
                       size_t *n, struct vw_error *err)
{
    *n = 0;
    for (size_t i = 0; i < len; i++) {
        if (!r->comment) {
            int rc = feed_one(r, text[i], &out[*n], err);
            if (rc < 0)
                return rc;
            *n += (size_t)rc;
        }
        r->column++;
        if (text[i] == '\n') {
            r->line++;
            r->column = 1;
            r->comment = false;
        }
    }
    return 0;
}

int vw_hex_reader_end(const struct vw_hex_reader *r, struct vw_error *err)
{
    if (!r->high)
        return 0;
    return vw_error_at(err, VW_ESYNTAX, r->line, r->column, "the text ends within a byte");
}
