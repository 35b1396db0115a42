// SPDX-License-Identifier: MIT
// Listening sockets: unix:///PATH, unix:@NAME (abstract), tcp://ADDRESS[:PORT] and
// tls://ADDRESS[:PORT], with the options auth=METHOD and, for unix, readonly=1 and mode=0770, for
// tls, pkipath=DIR, and for unix program=admin. Who waits for clients and accepts them, with which
// loop, is the caller's business. stdio: is no socket: its one client is at the standard input and
// output already.
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <virwire/error.h>
#include <virwire/memory.h>

struct vw_tls_server;

struct vw_listener {
    int fd; /* does not block; readable when there is somebody to accept; -1: STDIO */
    bool stdio;
    struct vw_tls_server *tls; /* for vw_tls_server_wrap; NULL: plain */
    bool unix_socket;
    bool read_only;         /* every connection of it is (C-2) */
    bool admin;             /* unix: the administration program is spoken, and no other */
    int perms;              /* unix: of the socket file; -1: the URI does not say */
    int auth;               /* the number of A-3; -1: the URI does not say */
    const char *uri;        /* with the port that was picked */
    const char *client_uri; /* what a client of the test driver connects to; NULL: STDIO */
    const char *path;       /* unix: as bound */
    dev_t device;           /* of the socket file, so that only our own is removed */
    ino_t inode;
    struct vw_arena arena; /* holds the strings */
};

/* Who may connect to a socket file, unless something else is asked for. */
#define VW_LISTEN_PERMS 0700

/* The three octal digits of TEXT, which a 0 may stand before; -1: it is none of these. */
int vw_listen_perms(const char *text);

/* What a URI does not say, or cannot. */
struct vw_listen_options {
    int read_write, read_only, admin; /* modes of socket files; of ADMIN 0: as READ_WRITE */
    const char *group;                /* whose they are; NULL: the own one */
    unsigned backlog;                 /* clients that wait to be accepted; 0: as many as usual */
    /* A pkipath comes before its files; NULL: there must be one. */
    const struct vw_tls_server_options *tls;
};

/* Binds and listens. OPTIONS NULL: VW_LISTEN_PERMS and nothing else. A unix socket file that nobody
 * listens on any more is replaced; one with a live server, or a file that is no socket, is refused.
 * VW_EUSAGE (URI), VW_EUNREACHABLE (address in use or not ours), VW_ESYSTEM, VW_ENOMEM. */
int vw_listener_open(const char *uri, const struct vw_listen_options *options,
                     struct vw_listener **out, struct vw_error *err);
/* Closes, removes the socket file, frees. NULL is fine. */
void vw_listener_close(struct vw_listener *l);
