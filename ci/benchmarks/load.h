// SPDX-License-Identifier: MIT
// A load client that costs as little as it can: prepared bytes out, length words counted in, one
// poll loop. The server is what is measured.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct load;

struct load_options {
    const char *socket;   /* path of a UNIX socket */
    unsigned connections; /* at least 1 */
    unsigned in_flight;   /* calls at a time a connection, at least 1 */
    bool open; /* AUTH_LIST and CONNECT_OPEN (test:///default) first; an echo server wants none */
};

/* Connects all and opens them. NULL with a line on stderr. */
struct load *load_start(const struct load_options *o);
/* Makes N calls of DOMAIN_LOOKUP_BY_NAME "test" (36 bytes, replies of 56) and waits for all
 * answers. 0, or -1 with a line on stderr: a reply of another size, an end, ten seconds of silence.
 */
int load_run(struct load *l, size_t n);
void load_stop(struct load *l);

/* A raw epoll server on SOCKET: one reply of 56 bytes for every 36 that come. Runs until it is
 * killed. */
_Noreturn void load_echo(const char *socket);
