// SPDX-License-Identifier: MIT
// What the files of the TLS transport share: the files of the client, and the checks of
// certificates.
#pragma once

#include "transport/gnutls-calls.h"
#include "transport/internal.h"

/* ---- tls.c ---- */

/* A whole record with what TLS adds to it, so that one is usually one read(2). */
#define VW_TLS_INPUT_SIZE (16384u + 512u)

/* Both ends. */
struct vw_tls {
    struct vw_transport base;
    struct vw_transport *lower;
    gnutls_session_t session;
    gnutls_certificate_credentials_t cred;
    bool cred_shared;           /* cred is somebody else's */
    gnutls_priority_t priority; /* somebody else's, or NULL */
    gnutls_packet_t packet;     /* the record that is being handed out, or NULL */
    size_t packet_at;           /* bytes of it that were */
    bool packet_start;          /* recv gave its first byte last */
    bool sending;               /* GnuTLS holds a record that is not all written */
    bool up;                    /* the handshake is done */
    bool dry;                   /* the last recv got all there was */
    int failure;                /* why GnuTLS gave up: GNUTLS_E_*, or 0 */
    int alert;                  /* the alert with it, or -1 */
    uint8_t *in;     /* VW_TLS_INPUT_SIZE bytes; NULL: nothing has come that is not used up */
    uint8_t **spare; /* one that lies ready for all connections of a server; NULL: none does */
    size_t in_at, in_len;
};

extern const struct vw_transport_ops vw_tls_ops;

/* Over LOWER, which it owns from then on. Ends by vw_tls_ops, which frees T as well. */
void vw_tls_init(struct vw_tls *t, struct vw_transport *lower);
/* All that could be read has been: with a spare it keeps no buffer in which nothing lies. */
void vw_tls_rest(struct vw_tls *t);
/* Makes the session, with FLAGS of gnutls_init, t->cred, and t->priority or else PRIORITY. */
int vw_tls_start(struct vw_tls *t, unsigned flags, const char *priority, struct vw_error *err);
/* A negative errno for what GnuTLS said, which is kept for explain. */
ssize_t vw_tls_failed(struct vw_tls *t, ssize_t rc);

/* ---- tls-files.c ---- */

/* The files that are used. The strings are the URI's; NULL: there is none. */
struct vw_tls_files {
    const char *ca;
    const char *crl;
    const char *cert; /* set together with key */
    const char *key;
};

/* Finds the files of URI and loads them into new credentials, which the caller frees. */
int vw_tls_load(const struct vw_uri *uri, const struct vw_transport_options *options,
                struct vw_tls_files *files, gnutls_certificate_credentials_t *out,
                struct vw_error *err);

/* ---- tls-verify.c ---- */

/* Reports a failure of GnuTLS: VW_ENOMEM when memory was out, else CODE with TEXT and its reason.
 */
int vw_tls_error(struct vw_error *err, int code, int rc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Which end a certificate is for. */
enum vw_tls_end { VW_TLS_CLIENT, VW_TLS_SERVER };

/* The checks of T-7 on the chain that the peer of SESSION showed, for a server named HOST. FILES is
 * for the texts. VW_EUNREACHABLE (clause T-7), VW_ENOMEM. */
int vw_tls_verify_peer(gnutls_session_t session, const char *host, const struct vw_tls_files *files,
                       const struct vw_transport_options *options, struct vw_error *err);

/* The checks of one certificate that need no CA: its times, that it is no CA, its usage and
 * purpose. WHO names it in the texts. The code CODE, clause T-7. */
int vw_tls_check_cert(gnutls_x509_crt_t cert, enum vw_tls_end end, const char *who, int code,
                      const struct vw_transport_options *options, struct vw_error *err);
