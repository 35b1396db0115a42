// SPDX-License-Identifier: MIT
// Reads lines "HOW NAME HEX" from stdin and says, one line each, what this version makes of the
// bytes: "refused WHY", or "read SAME JSON", where SAME is 1 if encoding it again gives the bytes.
// HOW is a value of the type NAME, a message, or a word that is held against the constant NAME.
// Built by ci/gate-witness with the tables of make-reader.
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 28, SHOWN = 4096 };

void reader_bytes(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    unsigned long long sum = 14695981039346656037u;
    printf("[\"bytes\",%zu,\"", len);
    for (size_t i = 0; i < len; i++) {
        sum = (sum ^ at[i]) * 1099511628211u;
        if (i < SHOWN)
            printf("%02x", at[i]);
    }
    printf("\",\"%llx\"]", sum);
}

static const struct reader_type *type_named(const char *name)
{
    for (const struct reader_type *t = reader_types; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

/* 1 when encoding VALUE gives the LEN bytes again. */
static int encodes(const struct reader_type *t, void *value, const char *bytes, size_t len)
{
    XDR xdr;
    char *again = malloc(len + 64);
    if (!again)
        return 0;
    xdrmem_create(&xdr, again, (u_int)(len + 64), XDR_ENCODE);
    int same = t->filter(&xdr, value) && xdr_getpos(&xdr) == len &&
               (len == 0 || memcmp(again, bytes, len) == 0);
    xdr_destroy(&xdr);
    free(again);
    return same;
}

/* PREFIX and SUFFIX: JSON around the value. */
static void read_value(const struct reader_type *t, char *bytes, size_t len, const char *prefix,
                       const char *suffix)
{
    XDR xdr;
    void *value = calloc(1, t->size);
    if (!value) {
        puts("refused no memory");
        return;
    }
    xdrmem_create(&xdr, bytes, (u_int)len, XDR_DECODE);
    int read = t->filter(&xdr, value);
    size_t used = xdr_getpos(&xdr);
    if (!read) {
        printf("refused by xdr_%s at %zu\n", t->name, used);
    } else if (used < len) {
        printf("refused %zu bytes are left over\n", len - used);
    } else {
        printf("read %d %s", encodes(t, value, bytes, len), prefix);
        t->print(value);
        puts(suffix);
    }
    xdr_destroy(&xdr);
    xdr_free((xdrproc_t)t->filter, value);
    free(value);
}

static unsigned word_at(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3];
}

static const struct reader_proc *proc_of(const char *bytes)
{
    for (const struct reader_proc *p = reader_procs; p->name; p++)
        if (p->program == word_at(bytes + 4) && p->version == word_at(bytes + 8) &&
            p->number == (int)word_at(bytes + 12))
            return p;
    return NULL;
}

static void read_message(char *bytes, size_t len)
{
    enum { CALL, REPLY, EVENT };
    const struct reader_proc *p = len >= HEADER ? proc_of(bytes) : NULL;
    unsigned type = len >= HEADER ? word_at(bytes + 16) : 0;
    char prefix[300];
    if (!p) {
        puts("refused there is no such procedure");
        return;
    }
    if ((type == CALL && p->is_event) || (type == EVENT && !p->is_event)) {
        printf("refused %s is %s\n", p->name, p->is_event ? "an event" : "a call");
        return;
    }
    if (type > EVENT) {
        puts("unknown rpcgen knows nothing of streams");
        return;
    }
    const struct reader_type *t = type == REPLY ? p->ret : p->args;
    snprintf(prefix, sizeof(prefix), "[\"message\",\"%s\",", p->name);
    if (t)
        read_value(t, bytes + HEADER, len - HEADER, prefix, "]");
    else if (len > HEADER)
        printf("refused %zu bytes are left over\n", len - HEADER);
    else
        printf("read 1 %snull]\n", prefix);
}

static void hold_against(const char *name, const char *bytes, size_t len)
{
    for (const struct reader_constant *c = reader_constants; c->name; c++) {
        if (strcmp(c->name, name) != 0 || len != 4)
            continue;
        if (word_at(bytes) > c->value)
            printf("refused %u is more than %s\n", word_at(bytes), name);
        else
            printf("read 1 %u\n", word_at(bytes));
        return;
    }
    printf("refused there is no %s\n", name);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t unhex(char *hex)
{
    size_t n = 0;
    for (; digit(hex[2 * n]) >= 0 && digit(hex[2 * n + 1]) >= 0; n++)
        hex[n] = (char)(digit(hex[2 * n]) * 16 + digit(hex[2 * n + 1]));
    return n;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        char *how = strtok(line, " \n"), *name = strtok(NULL, " \n"), *hex = strtok(NULL, " \n");
        static char none[1];
        char *bytes = hex ? hex : none;
        size_t len = hex ? unhex(hex) : 0;
        const struct reader_type *t = how && name ? type_named(name) : NULL;
        if (!how || !name)
            continue;
        if (strcmp(how, "message") == 0)
            read_message(bytes, len);
        else if (strcmp(how, "constant") == 0)
            hold_against(name, bytes, len);
        else if (t)
            read_value(t, bytes, len, "", "");
        else
            printf("refused there is no type %s\n", name);
        fflush(stdout);
    }
    free(line);
    return 0;
}
