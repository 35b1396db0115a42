// SPDX-License-Identifier: MIT
// Length words that promise much, and messages that are much.
#include <stdlib.h>
#include <string.h>

#include "abuse.h"
#include "message/message.h"

#define LARGEST 33554436u /* the largest length word (F-5) */

/* SIZE clients announce 32 MiB and send BEHIND bytes of that. */
static int announce(const struct attack *a, size_t behind)
{
    const struct vw_header unknown = {.program = 0x20008086, .version = 1, .procedure = 9999};
    int *fds = abuse_crowd(a, a->size, true);
    uint8_t *message = calloc(1, VW_PREFIX_BYTES + behind);
    if (!message)
        abuse_die("out of memory");
    vw_store32(message, LARGEST);
    vw_header_encode(&unknown, message + VW_LENGTH_BYTES);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_send(fds[i], message, VW_LENGTH_BYTES + behind))
            return abuse_complain("client %zu is ended", i);
    abuse_hold(a);
    free(message);
    return 0;
}

static int announce_nothing(const struct attack *a)
{
    return announce(a, 0);
}

static int announce_byte(const struct attack *a)
{
    return announce(a, 1);
}

static int announce_nearly(const struct attack *a)
{
    return announce(a, LARGEST - VW_LENGTH_BYTES - 1);
}

/* One call whose fifteen strings are 29 MiB. */
static int large_call(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    const size_t len = 2027000;
    char *text = malloc(len + 1), *json = NULL;
    size_t size;
    FILE *f = open_memstream(&json, &size);
    int fd = abuse_client(a);
    if (!text || !f)
        abuse_die("out of memory");
    memset(text, 'x', len);
    text[len] = '\0';
    fputs("{\"dom\": {\"name\": \"test\", \"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"id\": "
          "1}, "
          "\"flags\": 0, \"params\": [",
          f);
    for (int i = 0; i < 15; i++)
        fprintf(f, "%s{\"field\": \"p%d\", \"value\": {\"type\": 7, \"s\": \"%s\"}}", i ? ", " : "",
                i, text);
    fputs("]}", f);
    fclose(f);
    abuse_calls(&b, "domain_set_memory_parameters", json, 2, 1);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_send(fd, b.data, b.len) || !abuse_receive(fd, NULL, 0))
            return abuse_complain("a call of %zu bytes is not answered", b.len);
    free(json);
    free(text);
    vw_buf_finish(&b);
    return 0;
}

const struct abuse abuse_frames[] = {{"announce-nothing", announce_nothing},
                                     {"announce-byte", announce_byte},
                                     {"announce-nearly", announce_nearly},
                                     {"large-call", large_call},
                                     {NULL, NULL}};
