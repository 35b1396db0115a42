// SPDX-License-Identifier: MIT
// Listening sockets: unix:///PATH, tcp://ADDRESS:PORT and tls://ADDRESS:PORT, with the options
// auth=METHOD and, for unix, readonly=1, for tls, pkipath=DIR.
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct vw_tls_server;

struct vw_listener {
    int fd;
    bool wants_tls;            /* the scheme is tls */
    struct vw_tls_server *tls; /* NULL: plain */
    bool unix_socket;
    bool read_only; /* every connection of it is (C-2) */
    int auth;       /* enum vw_config_auth; -1: what the configuration says */
    char *pkipath;  /* tls: the folder with the certificates (U-15) */
    char *path;     /* unix: as bound */
    dev_t device;   /* of the socket file, so that only our own is removed */
    ino_t inode;
    char *uri;        /* what `listening` prints, with the port that was picked */
    char *client_uri; /* what a client of the test driver connects to */
    ev_io watcher;
    void *user;
};

/* Binds and listens. A unix socket file that nobody listens on any more is replaced; one with a
 * live server, or a file that is no socket, is refused. VW_EUSAGE (URI), VW_EUNREACHABLE (address
 * in use or not ours), VW_ESYSTEM, VW_ENOMEM. */
int vw_listener_open(const char *uri, struct vw_listener **out, struct vw_error *err);
/* Closes, removes the socket file, frees. NULL is fine. */
void vw_listener_close(struct vw_listener *l);
