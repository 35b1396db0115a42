// SPDX-License-Identifier: MIT
// What abuses a server, and how it takes that. An abuse is a function that runs in a process of its
// own and holds what it has taken until it returns; main.c watches the server meanwhile.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "xdr/xdr.h"

#define WITHOUT_MAX 8

struct attack {
    const char *socket; /* path of the UNIX socket */
    uint16_t tcp, tls;  /* ports on 127.0.0.1; 0: none */
    const char *pki;    /* a folder made by ci/make-pki; only with tls */
    size_t size;        /* how many clients, calls or the like: what the abuse takes for its size */
    double seconds;     /* for which it holds what it has, or goes on */
    pid_t server;
    uint64_t seed;
    const char
        *without[WITHOUT_MAX]; /* procedures that are not called by chance; the first so many */
    atomic_size_t
        *done; /* of the size; shared with who watches. Only what goes on for long counts */
};

/* 0, or -1 with a line on stderr: the server did not do what it must, such as to answer. */
typedef int (*abuse_run)(const struct attack *a);

/* ---- call.c: messages ---- */

struct vw_header;
struct vw_profile;
/* The newest one. */
const struct vw_profile *abuse_profile(void);
/* Appends N calls of PROCEDURE with the arguments JSON (NULL: none), their serials rising from
 * SERIAL. Ends the process where that cannot be. */
void abuse_calls(struct vw_buf *b, const char *procedure, const char *json, uint32_t serial,
                 size_t n);
/* Appends N messages of that header, with LEN zeros behind it. */
void abuse_message(struct vw_buf *b, const struct vw_header *header, size_t len, size_t n);

/* ---- crowd.c: many connections ---- */

/* N connections, opened if asked. Ends the process when one fails. */
int *abuse_crowd(const struct attack *a, size_t n, bool open);
/* One, connected and opened. */
int abuse_client(const struct attack *a);
/* Sends all, or is false. */
bool abuse_send(int fd, const void *bytes, size_t len);
/* A whole message, or 0: its length, of which BUF gets what it can hold. Ten seconds at most. */
size_t abuse_receive(int fd, void *buf, size_t size);
void abuse_hold(const struct attack *a);
double abuse_now(void);
int abuse_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Ends the process with it. */
void abuse_die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

struct flow {
    struct vw_buf bytes; /* that each client sends */
    size_t times;        /* so often */
    bool read;           /* what comes is taken, and dropped */
    size_t wanted;       /* bytes after which all has come; 0: until the time is over */
    double seconds;      /* at most */
};
/* Lets N clients send, whatever the server takes. The bytes that came, of all. */
size_t abuse_flow(const int *fds, size_t n, const struct flow *f);

/* ---- probe.c: a client that behaves ---- */

struct latency {
    unsigned calls, failed;
    double p50, p99, max; /* milliseconds */
};
struct probe;
/* In a process of its own, at the UNIX socket: a call each five milliseconds; FRESH: on a new
 * connection for each, and every fifty. */
struct probe *probe_start(const char *socket, bool fresh);
struct latency probe_stop(struct probe *p);

/* ---- the abuses ---- */

struct abuse {
    const char *name;
    abuse_run run;
};
/* By file, each ends with a NULL. */
extern const struct abuse abuse_replies[], abuse_frames[], abuse_crowds[], abuse_streams[],
    abuse_events[], abuse_documents[], abuse_limits[], abuse_tls[], abuse_random[];
