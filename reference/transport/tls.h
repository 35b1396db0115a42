// SPDX-License-Identifier: MIT
// TLS as a transport on top of another one (T-1 to T-12), as a client or as a server. One send is
// one record, and recv shows where records start, so that a caller sees and decides what shares a
// record (T-5, T-6).
#pragma once

#include "transport/transport.h"

/* Most bytes that one send takes: what a record can hold. */
#define VW_TLS_RECORD_MAX 16384u

/* As options of a client, also of vw_transport_open_with, for whoever looks at the verification
 * byte (T-2) itself: it is left to be read. Nobody is told or asked anything. */
extern const struct vw_transport_options vw_tls_bare;

/* Begins to shake hands over TCP, whose connection is taken when it is there, or else over LOWER, a
 * connected transport; owns either from then on, also on failure. As begin of a driver: see
 * transport/internal.h. Checks the server's certificate against URI's host (T-7) and reads the
 * verification byte (T-2). URI gives the files (U-15), tls_priority, no_verify and no_sanity;
 * OPTIONS may be NULL. VW_EUSAGE: a file or the priority cannot be used; VW_EUNREACHABLE: the
 * handshake failed, or one side does not accept the other's certificate, with the clause set;
 * VW_EPROTOCOL: a wrong byte; VW_ETIMEOUT, VW_ENOMEM. */
int vw_tls_begin(struct vw_connecting *tcp, struct vw_transport *lower, const struct vw_uri *uri,
                 const struct vw_transport_options *options, int64_t deadline_ms,
                 struct vw_connecting **out, struct vw_error *err);

/* What a server needs, for any number of connections. */
struct vw_tls_server;

/* All of it is kept as pointers. */
struct vw_tls_server_options {
    const char *ca, *cert, *key;
    const char *crl;      /* NULL: there is none */
    const char *priority; /* of GnuTLS; NULL: its own */
    bool no_sanity;       /* its own certificate is not looked at, as it starts */
    bool no_verify;       /* nor is that of a client, which need not have one */
    /* Patterns with * and ? of the names of clients' certificates; NULL: any client may come. */
    const char *const *names;
    size_t n_names;
};

/* Loads cacert.pem, servercert.pem and serverkey.pem of the folder PKIPATH (U-15), and cacrl.pem if
 * there is one. VW_EUSAGE: one of them cannot be used; VW_ENOMEM. */
int vw_tls_server_create(const char *pkipath, struct vw_tls_server **out, struct vw_error *err);
/* The same with the files that are named. VW_EUSAGE also: the priority, or what is wrong with the
 * server's certificate. */
int vw_tls_server_open(const struct vw_tls_server_options *options, struct vw_tls_server **out,
                       struct vw_error *err);
/* The files are those of the folder PKIPATH, and of OPTIONS all but these is taken. */
int vw_tls_server_open_folder(const char *pkipath, const struct vw_tls_server_options *options,
                              struct vw_tls_server **out, struct vw_error *err);
void vw_tls_server_destroy(struct vw_tls_server *s);

/* The server's end over LOWER, an accepted connection that it owns from then on, also on failure.
 * The handshake, the check of the client's certificate (T-7) and the byte (T-2) are done inside
 * recv, which gives -EAGAIN until then; what fails there ends the connection. SERVER must outlive
 * it. VW_ENOMEM. */
int vw_tls_server_wrap(struct vw_tls_server *server, struct vw_transport *lower,
                       struct vw_transport **out, struct vw_error *err);

/* The same for a server that takes these steps by itself, as one has to that asks elsewhere before
 * it lets a client in: first vw_tls_server_shake, until it says 0, then vw_tls_server_check; and
 * what it sends first is the byte. */
int vw_tls_server_wrap_bare(struct vw_tls_server *server, struct vw_transport *lower,
                            struct vw_transport **out, struct vw_error *err);
/* 0: the hands are shaken; -EAGAIN: more has to come first; another negative errno: the end. */
ssize_t vw_tls_server_shake(struct vw_transport *t);
/* What a server may pass over that is wrong about certificates. */
enum vw_tls_passed_over {
    VW_TLS_FOREIGN = 1 << 0, /* it is of another CA */
    VW_TLS_EXPIRED = 1 << 1,
    VW_TLS_REVOKED = 1 << 2,
    VW_TLS_PURPOSE = 1 << 3,  /* it is not for a client */
    VW_TLS_UNLISTED = 1 << 4, /* its name is none of those that may come (T-8) */
    VW_TLS_FUTURE = 1 << 5    /* it is not valid yet */
};
/* 0: the client's certificate is good (T-7, T-8), but for PASSED_OVER, or the server lets in
 * anybody (T-9); -ENODATA: it has none (T-10); -EACCES, -ENOMEM. */
ssize_t vw_tls_server_check(struct vw_transport *t, unsigned passed_over);
/* The name in the certificate of the client at the other end of T, such as "CN=fred,O=here".
 * False: it has none, or not one of so few bytes. */
bool vw_tls_server_peer(const struct vw_transport *t, char *name, size_t size);
/* Before the first shake: session tickets are sent behind the handshake, as TLS 1.3 allows. 0 or
 * -ENOMEM. */
ssize_t vw_tls_server_give_tickets(struct vw_transport *t);
/* A client's end: the server has sent such tickets ahead of what was read last. */
bool vw_tls_has_ticket(const struct vw_transport *t);
