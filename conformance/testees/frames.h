// SPDX-License-Identifier: MIT
// The frames that `virwire check decoder` speaks (docs/decoders.md), for decoders in C: copy this
// file.
#pragma once

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Exactly N bytes of standard input, or the end of the program. */
static void take(void *to, size_t n)
{
    if (n > 0 && fread(to, n, 1, stdin) != 1)
        exit(0);
}

/* A verdict: 'R' refuse, 'S' skip (a type that is not known here), or 'A' accept with the LEN bytes
 * that the value is encoded as again. */
static void answer(char verdict, const void *bytes, size_t len)
{
    uint32_t word = htonl(verdict == 'A' ? (uint32_t)(5 + len) : 1);
    fwrite(&word, 4, 1, stdout);
    fputc(verdict, stdout);
    if (verdict == 'A') {
        word = htonl((uint32_t)len);
        fwrite(&word, 4, 1, stdout);
        fwrite(bytes, 1, len, stdout);
    }
    fflush(stdout);
}

/* Answers one request after the other, by DECODE; returns at none. */
static inline void serve(void (*decode)(const char *type, const uint8_t *bytes, size_t len))
{
    for (;;) {
        uint32_t length;
        uint16_t name_length;
        char name[256];
        take(&length, 4);
        take(&name_length, 2);
        size_t n = ntohs(name_length), len = ntohl(length) - 2 - n;
        uint8_t *bytes = malloc(len + 1);
        if (n >= sizeof(name) || !bytes)
            exit(1);
        take(name, n);
        name[n] = 0;
        take(bytes, len);
        decode(name, bytes, len);
        free(bytes);
    }
}
