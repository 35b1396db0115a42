// SPDX-License-Identifier: MIT
// Two crossing shades, in a PNG that is not compressed: one stored block of deflate.
#include "mock-daemon/picture.h"

#include <string.h>

enum {
    WIDTH = 128,
    HEIGHT = 87,
    ROW = 1 + 3 * WIDTH, /* the filter, and the colours */
    PIXELS = ROW * HEIGHT,
    DATA = 2 + 5 + PIXELS + 4, /* the heads of zlib and of the block; the sum behind them */
    CHUNK = 12,                /* what a chunk has beside its data */
    SIZE = 8 + CHUNK + 13 + CHUNK + DATA + CHUNK
};

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

/* The CRC of ISO 3309. */
static uint32_t crc(const uint8_t *data, size_t len)
{
    uint32_t value = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        value ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0);
    }
    return ~value;
}

static uint32_t adler(const uint8_t *data, size_t len)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < len; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* A chunk of LEN bytes, which are DATA or, where that is NULL, at their place already. */
static uint8_t *put_chunk(uint8_t *at, const char *type, const void *data, uint32_t len)
{
    uint8_t *begin = mempcpy(put_u32(at, len), type, 4);
    if (data)
        memcpy(begin, data, len);
    return put_u32(begin + len, crc(begin - 4, len + 4));
}

static uint8_t *put_pixels(uint8_t *at)
{
    for (unsigned y = 0; y < HEIGHT; y++) {
        *at++ = 0;
        for (unsigned x = 0; x < WIDTH; x++) {
            *at++ = (uint8_t)(x * 2);
            *at++ = (uint8_t)(y * 2);
            *at++ = (uint8_t)(x + y);
        }
    }
    return at;
}

static void put_data(uint8_t *at)
{
    /* No dictionary, no compression; the last block, stored: its length, and that inverted. */
    const uint8_t head[] = {
        0x78, 0x01, 0x01, PIXELS & 0xff, PIXELS >> 8, (PIXELS & 0xff) ^ 0xff, PIXELS >> 8 ^ 0xff};
    uint8_t *pixels = mempcpy(at, head, sizeof(head));
    uint8_t *end = put_pixels(pixels);
    put_u32(end, adler(pixels, PIXELS));
}

size_t vw_picture(const uint8_t **out)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t head[] = {0,      0, 0, WIDTH, 0, 0, 0,
                                   HEIGHT, 8, 2, 0,     0, 0}; /* 8 bits, RGB */
    static uint8_t picture[SIZE];
    *out = picture;
    if (picture[0])
        return SIZE;
    uint8_t *at = mempcpy(picture, signature, sizeof(signature));
    at = put_chunk(at, "IHDR", head, sizeof(head));
    put_data(at + 8);
    at = put_chunk(at, "IDAT", NULL, DATA);
    put_chunk(at, "IEND", head, 0);
    return SIZE;
}
