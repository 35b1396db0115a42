// SPDX-License-Identifier: MIT
// The server's end of TLS: handshake, the check of the client's certificate and the verification
// byte before the first record of messages. All of it happens while its user thinks that it reads.
#include "transport/tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "transport/tls-internal.h"

/* How long a wrong server waits for a call that comes before the byte. */
#define EARLY_MS 400

struct vw_tls_server {
    gnutls_certificate_credentials_t cred;
};

enum phase { FIRST_BYTE, HANDSHAKE, CHECK, BYTE, UP };

struct served {
    struct vw_tls tls; /* the head */
    struct vw_transport_ops ops;
    enum phase phase;
    unsigned wrong;  /* enum vw_tls_wrong */
    bool plain;      /* no TLS after all (VW_TLS_PLAIN_TOO) */
    bool byte_owing; /* goes out behind the next record (VW_TLS_BYTE_LATE) */
};

static struct served *served_of(struct vw_transport *t)
{
    return (struct served *)t;
}

/* ---- the steps before the first message ---- */

/* 0, or what ends the connection; -EAGAIN: more has to come first. */
static ssize_t look_at_first_byte(struct served *s)
{
    uint8_t byte = 0;
    struct vw_transport *lower = s->tls.lower;
    ssize_t n = recv(lower->ops->fd(lower), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    s->plain = n > 0 && byte != 0x16; /* a handshake record begins so */
    return 0;
}

static ssize_t send_byte(struct vw_tls *t)
{
    ssize_t n;
    do
        n = t->sending ? gnutls_record_send(t->session, NULL, 0)
                       : gnutls_record_send(t->session, "\x01", 1);
    while (n == GNUTLS_E_INTERRUPTED);
    t->sending = n == GNUTLS_E_AGAIN;
    if (t->sending)
        return -EAGAIN;
    return n >= 0 ? 0 : vw_tls_failed(t, n);
}

/* T-7 and T-10: the chain, and what the certificate is for. */
static ssize_t check_client(struct served *s)
{
    static const struct vw_transport_options quiet;
    struct vw_tls *t = &s->tls;
    unsigned count = 0, status = 0;
    gnutls_x509_crt_t cert;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(t->session, &count);
    if (!list || count == 0)
        return s->wrong & VW_TLS_NO_CERTIFICATE_NEEDED ? 0 : -EACCES;
    if (gnutls_certificate_verify_peers2(t->session, &status) < 0 || status)
        return -EACCES;
    if (gnutls_x509_crt_init(&cert) < 0)
        return -ENOMEM;
    int rc = gnutls_x509_crt_import(cert, &list[0], GNUTLS_X509_FMT_DER);
    if (rc == 0)
        rc = vw_tls_check_cert(cert, VW_TLS_CLIENT, "the client's certificate", VW_EUNREACHABLE,
                               &quiet, NULL);
    gnutls_x509_crt_deinit(cert);
    return rc == 0 ? 0 : -EACCES;
}

/* What a wrong server does about a call that came before the byte. */
static void mistreat_early(struct served *s)
{
    struct vw_tls *t = &s->tls;
    struct vw_transport *lower = t->lower;
    struct pollfd p = {.fd = lower->ops->fd(lower), .events = POLLIN};
    if (t->in_at == t->in_len)
        poll(&p, 1, EARLY_MS);
    ssize_t n = gnutls_record_recv_packet(t->session, &t->packet);
    t->packet_at = 0;
    if (n <= 0 || (s->wrong & VW_TLS_EARLY_LOST)) {
        if (t->packet)
            gnutls_packet_deinit(t->packet);
        t->packet = NULL;
    }
    s->byte_owing = t->packet != NULL;
}

static ssize_t shake(struct vw_tls *t)
{
    int rc;
    do
        rc = gnutls_handshake(t->session);
    while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
    t->dry = rc == GNUTLS_E_AGAIN;
    if (rc == GNUTLS_E_AGAIN)
        return -EAGAIN;
    t->up = rc == 0;
    return rc == 0 ? 0 : vw_tls_failed(t, rc);
}

static ssize_t step(struct served *s)
{
    struct vw_tls *t = &s->tls;
    ssize_t rc;
    switch (s->phase) {
    case FIRST_BYTE:
        return s->wrong & VW_TLS_PLAIN_TOO ? look_at_first_byte(s) : 0;
    case HANDSHAKE:
        return s->plain ? 0 : shake(t);
    case CHECK:
        if (s->plain)
            return 0;
        rc = s->wrong & VW_TLS_BYTE_UNCHECKED ? send_byte(t) : 0;
        return rc ? rc : check_client(s);
    case BYTE:
        if (s->plain || (s->wrong & VW_TLS_BYTE_UNCHECKED))
            return 0;
        if (s->wrong & (VW_TLS_BYTE_LATE | VW_TLS_EARLY_LOST))
            mistreat_early(s);
        return s->byte_owing ? 0 : send_byte(t);
    case UP:
        break;
    }
    return 0;
}

/* ---- the transport ---- */

static ssize_t served_recv(struct vw_transport *base, void *buf, size_t len, struct vw_fds *fds)
{
    struct served *s = served_of(base);
    struct vw_transport *lower = s->tls.lower;
    if (fds)
        fds->count = 0;
    for (; s->phase != UP; s->phase++) {
        ssize_t rc = step(s);
        if (rc)
            return rc;
    }
    return s->plain ? lower->ops->recv(lower, buf, len, fds) : vw_tls_ops.recv(base, buf, len, fds);
}

static ssize_t served_send(struct vw_transport *base, const void *buf, size_t len,
                           const struct vw_fds *fds)
{
    struct served *s = served_of(base);
    struct vw_transport *lower = s->tls.lower;
    if (s->phase != UP)
        return -EAGAIN;
    if (s->plain)
        return lower->ops->send(lower, buf, len, fds);
    ssize_t n = vw_tls_ops.send(base, buf, len, fds);
    if (n > 0 && s->byte_owing) {
        s->byte_owing = false;
        send_byte(&s->tls);
    }
    return n;
}

int vw_tls_server_wrap(struct vw_tls_server *server, struct vw_transport *lower, unsigned wrong,
                       struct vw_transport **out, struct vw_error *err)
{
    struct served *s = calloc(1, sizeof(*s));
    *out = NULL;
    if (!s) {
        lower->ops->close(lower);
        return vw_error_nomem(err);
    }
    vw_tls_init(&s->tls, lower);
    s->ops = vw_tls_ops;
    s->ops.recv = served_recv;
    s->ops.send = served_send;
    s->tls.base.ops = &s->ops;
    s->tls.cred = server->cred;
    s->tls.cred_shared = true;
    s->wrong = wrong;
    int rc = vw_tls_start(&s->tls, GNUTLS_SERVER, NULL, err);
    if (rc) {
        s->ops.close(&s->tls.base);
        return rc;
    }
    gnutls_certificate_server_set_request(s->tls.session, GNUTLS_CERT_REQUEST);
    *out = &s->tls.base;
    return 0;
}

/* ---- the files ---- */

static int load(gnutls_certificate_credentials_t cred, const char *pkipath, struct vw_error *err)
{
    char ca[512], cert[512], key[512];
    snprintf(ca, sizeof(ca), "%.480s/cacert.pem", pkipath);
    snprintf(cert, sizeof(cert), "%.480s/servercert.pem", pkipath);
    snprintf(key, sizeof(key), "%.480s/serverkey.pem", pkipath);
    int rc = gnutls_certificate_set_x509_trust_file(cred, ca, GNUTLS_X509_FMT_PEM);
    if (rc <= 0)
        return vw_tls_error(err, VW_EUSAGE, rc ? rc : GNUTLS_E_FILE_ERROR, "%.200s", ca);
    rc = gnutls_certificate_set_x509_key_file(cred, cert, key, GNUTLS_X509_FMT_PEM);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "%.120s with %.120s", cert, key);
    return 0;
}

int vw_tls_server_create(const char *pkipath, struct vw_tls_server **out, struct vw_error *err)
{
    *out = NULL;
    if (vw_library_load(&vw_gnutls_library, err))
        return VW_ESYSTEM;
    struct vw_tls_server *s = calloc(1, sizeof(*s));
    if (!s || gnutls_certificate_allocate_credentials(&s->cred) < 0) {
        free(s);
        return vw_error_nomem(err);
    }
    int rc = load(s->cred, pkipath, err);
    if (rc)
        vw_tls_server_destroy(s);
    else
        *out = s;
    return rc;
}

void vw_tls_server_destroy(struct vw_tls_server *s)
{
    if (!s)
        return;
    gnutls_certificate_free_credentials(s->cred);
    free(s);
}
