// SPDX-License-Identifier: MIT
// A decoder that is a program: it reads a value of struct entry (entry.x) from standard input, and
// says whether it takes it. It trusts a count, for a fuzzer to find.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int main(void)
{
    static uint8_t bytes[4096];
    uint32_t tags[8];
    size_t len = fread(bytes, 1, sizeof(bytes), stdin);
    if (len < 4 || word(bytes) > 32)
        return 1;
    size_t at = 4 + ((word(bytes) + 3) & ~3u);
    if (len < at + 4)
        return 1;
    uint32_t count = word(bytes + at); /* entry.x says 8 at most, and nobody looks */
    if (len < at + 4 + 4 * (size_t)count)
        return 1;
    for (uint32_t i = 0; i < count; i++)
        tags[i] = word(bytes + at + 4 + 4 * (size_t)i);
    printf("%u tags, the first is %u\n", count, count ? tags[0] : 0);
    return 0;
}
