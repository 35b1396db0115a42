// SPDX-License-Identifier: MIT
// UTF-8 validation by the table of RFC 3629 section 4.
#include "base/utf8.h"

size_t vw_utf8_sequence(const uint8_t *s, size_t n)
{
    uint8_t b = s[0];
    if (b < 0x80)
        return 1;
    size_t len = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
    if (b < 0xc2 || b > 0xf4 || len > n)
        return 0;
    uint8_t low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    uint8_t high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

size_t vw_utf8_valid(const void *bytes, size_t len)
{
    const uint8_t *s = bytes;
    size_t i = 0;
    while (i < len) {
        size_t n = vw_utf8_sequence(s + i, len - i);
        if (!n)
            return i;
        i += n;
    }
    return len;
}
