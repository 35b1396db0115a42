// SPDX-License-Identifier: MIT
// A load client that costs as little as it can: prepared bytes out, length words counted in, one
// poll loop. The server is what is measured.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct load;

struct load_options {
    const char *socket;   /* path of a UNIX socket, or NULL: TCP */
    uint16_t port;        /* on 127.0.0.1 */
    unsigned connections; /* at least 1 */
    unsigned in_flight;   /* calls at a time a connection, at least 1 */
    const char *open; /* AUTH_LIST and CONNECT_OPEN with this name first; NULL: an echo server wants
                         none */
};

/* Connects all and opens them. NULL with a line on stderr. */
struct load *load_start(const struct load_options *o);
/* Makes N calls of DOMAIN_LOOKUP_BY_NAME "test" (36 bytes, replies of 56) and waits for all
 * answers. 0, or -1 with a line on stderr: a reply of another size, an end, a minute of silence.
 */
int load_run(struct load *l, size_t n);
void load_stop(struct load *l);
/* The process that listens at the UNIX socket, or 0. */
pid_t load_server(const struct load *l);
/* The same of one socket. */
pid_t load_peer(int fd);
/* A socket that is connected, and opened if asked, and gives up after a minute of silence; or -1
 * with a line on stderr. */
int load_connect(const struct load_options *o);
/* The bytes of AUTH_LIST and of CONNECT_OPEN with NAME; how many of each, and of what comes back.
 */
#define LOAD_OPEN_BYTES 512u
struct load_open {
    uint8_t calls[LOAD_OPEN_BYTES];
    struct {
        size_t call, reply;
    } steps[2];
};
/* False when the name is too long. */
bool load_open_calls(const char *name, struct load_open *out);
/* N such calls, ECHO_CALL_BYTES each. */
void load_prepare(uint8_t *calls, size_t n);

/* ---- echo.c ---- */

/* A listening socket: at PATH, or on a port of 127.0.0.1 that is told. Ends the process on failure.
 */
int echo_listen_unix(const char *path);
int echo_listen_tcp(uint16_t *port);
/* Runs a raw epoll server on LISTENER in a child that lives no longer than this process: for every
 * call of 36 bytes the reply of 56 to DOMAIN_LOOKUP_BY_NAME with its serial. Closes LISTENER here.
 * The pid, or -1. */
pid_t echo_start(int listener);
void echo_stop(pid_t echo);

/* What an answer has to be: REPLIES, each ECHO_REPLY_BYTES apart, to N calls at CALLS. */
#define ECHO_CALL_BYTES  36u
#define ECHO_REPLY_BYTES 56u
void echo_prepare(uint8_t *replies, size_t n);
void echo_answer(const uint8_t *calls, uint8_t *replies, size_t n);
