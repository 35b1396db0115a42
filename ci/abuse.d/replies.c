// SPDX-License-Identifier: MIT
// Replies that nobody reads, or slowly, and those that are read as fast as they come.
#include <sys/socket.h>

#include "abuse.h"
#include "message/message.h"

#define VOLUME                                                                                     \
    "{\"vol\": {\"pool\": \"test\", \"name\": \"test\", \"key\": \"/test\"}, \"offset\": 0, "      \
    "\"length\": 0, \"flags\": 0}"
#define DOMAIN_ "{\"name\": \"test\", \"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"id\": 1}"
#define SCREEN  "{\"dom\": " DOMAIN_ ", \"screen\": 0, \"flags\": 0}"
#define MANY    20000 /* calls that a client would like to make */

/* SIZE clients send N calls, as fast as they are taken, and read nothing. */
static int unread(const struct attack *a, const char *procedure, const char *json, size_t n)
{
    struct flow f = {.times = 1, .seconds = a->seconds};
    abuse_calls(&f.bytes, procedure, json, 2, n);
    abuse_flow(abuse_crowd(a, a->size, true), a->size, &f);
    return 0;
}

static int unread_capabilities(const struct attack *a)
{
    return unread(a, "connect_get_capabilities", NULL, MANY);
}

static int unread_downloads(const struct attack *a)
{
    return unread(a, "storage_vol_download", VOLUME, 1500);
}

static int unread_screenshots(const struct attack *a)
{
    return unread(a, "domain_screenshot", SCREEN, 3000);
}

static int unread_lists(const struct attack *a)
{
    return unread(a, "connect_list_all_domains", "{\"need_results\": 1, \"flags\": 0}", 3000);
}

static int unread_pongs(const struct attack *a)
{
    const struct vw_header ping = {
        .program = 0x6b656570, .version = 1, .procedure = 1, .type = VW_MSG_MESSAGE};
    struct flow f = {.times = 1, .seconds = a->seconds};
    abuse_message(&f.bytes, &ping, 0, 3 * MANY);
    abuse_flow(abuse_crowd(a, a->size, true), a->size, &f);
    return 0;
}

/* One client, one write of 3,344 bytes. */
static int one_write(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    int fd = abuse_client(a);
    abuse_calls(&b, "storage_vol_download", VOLUME, 2, a->size);
    if (!abuse_send(fd, b.data, b.len))
        return abuse_complain("the server ended the connection");
    abuse_hold(a);
    return 0;
}

/* The calls come together, while a large message has grown the buffer of the server. */
static int behind_large(const struct attack *a)
{
    const struct vw_header unknown = {.program = 0x20008086, .version = 1, .procedure = 9999};
    struct flow f = {.times = 1, .seconds = a->seconds};
    int fd = abuse_client(a);
    abuse_message(&f.bytes, &unknown, 60000, 1);
    abuse_calls(&f.bytes, "storage_vol_download", VOLUME, 2, a->size);
    abuse_flow(&fd, 1, &f);
    return 0;
}

/* No abuse: SIZE clients ask for ten at a time and read. */
static int read_downloads(const struct attack *a)
{
    struct flow f = {.times = 1, .read = true, .seconds = 10 * a->seconds};
    abuse_calls(&f.bytes, "storage_vol_download", VOLUME, 2, 10);
    f.wanted = a->size * 10 * 4194304; /* the bytes of the volume */
    if (abuse_flow(abuse_crowd(a, a->size, true), a->size, &f) < f.wanted)
        return abuse_complain("not all of the volumes came");
    return 0;
}

/* As the list of capabilities is never read, but a few bytes are. */
static int slow_readers(const struct attack *a)
{
    struct attack turn = {.seconds = 0.1};
    struct flow f = {.times = 1, .seconds = 0.5};
    int *fds = abuse_crowd(a, a->size, true);
    double until = abuse_now() + a->seconds;
    abuse_calls(&f.bytes, "connect_get_capabilities", NULL, 2, 1000);
    abuse_flow(fds, a->size, &f);
    while (abuse_now() < until) {
        for (size_t i = 0; i < a->size; i++) {
            char byte;
            recv(fds[i], &byte, 1, MSG_DONTWAIT);
        }
        abuse_hold(&turn);
    }
    return 0;
}

/* SIZE calls on one connection, without a wait for an answer, all of which are read. */
static int pipelined(const struct attack *a)
{
    const size_t block = 1000, reply = 36;
    struct flow f = {.times = a->size / block, .read = true, .seconds = 60};
    int fd = abuse_client(a);
    abuse_calls(&f.bytes, "connect_get_type", NULL, 2, block);
    f.wanted = f.times * block * reply;
    if (abuse_flow(&fd, 1, &f) != f.wanted)
        return abuse_complain("not all calls were answered");
    return 0;
}

const struct abuse abuse_replies[] = {{"unread-capabilities", unread_capabilities},
                                      {"unread-downloads", unread_downloads},
                                      {"unread-screenshots", unread_screenshots},
                                      {"unread-lists", unread_lists},
                                      {"unread-pongs", unread_pongs},
                                      {"one-write", one_write},
                                      {"behind-large", behind_large},
                                      {"read-downloads", read_downloads},
                                      {"slow-readers", slow_readers},
                                      {"pipelined", pipelined},
                                      {NULL, NULL}};
