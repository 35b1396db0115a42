// SPDX-License-Identifier: MIT
// The server's end of TLS: handshake, the check of the client's certificate and the verification
// byte before the first record of messages. All of it happens while its user thinks that it reads.
#include "transport/tls.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/tls-internal.h"

struct vw_tls_server {
    gnutls_certificate_credentials_t cred;
    gnutls_priority_t priority;
    gnutls_datum_t ticket_key; /* empty: nobody has been given tickets */
    uint8_t *spare;            /* see struct vw_tls */
    bool no_verify;
    const char *const *names; /* see struct vw_tls_server_options */
    size_t n_names;
};

enum phase { HANDSHAKE, CHECK, BYTE, UP };

struct served {
    struct vw_tls tls; /* the head */
    struct vw_transport_ops ops;
    enum phase phase;
    struct vw_tls_server *server;
    bool tickets;
};

/* ---- the steps before the first message ---- */

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

/* What GnuTLS says of a chain, without what is passed over. INVALID comes with all of it. */
static unsigned left_of(unsigned status, unsigned passed_over)
{
    static const struct {
        unsigned what, status;
    } rows[] = {
        {VW_TLS_FOREIGN, GNUTLS_CERT_SIGNER_NOT_FOUND},
        {VW_TLS_EXPIRED, GNUTLS_CERT_EXPIRED},
        {VW_TLS_REVOKED, GNUTLS_CERT_REVOKED},
        {VW_TLS_FUTURE, GNUTLS_CERT_NOT_ACTIVATED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (passed_over & rows[i].what)
            status &= ~rows[i].status;
    return passed_over && status == GNUTLS_CERT_INVALID ? 0 : status;
}

/* The client's own certificate, to be freed. 0, -ENODATA, -ENOMEM, -EACCES: it is none. */
static ssize_t peer_cert(const struct vw_tls *t, gnutls_x509_crt_t *cert)
{
    unsigned count = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(t->session, &count);
    if (!list || count == 0)
        return -ENODATA;
    if (gnutls_x509_crt_init(cert) < 0)
        return -ENOMEM;
    if (gnutls_x509_crt_import(*cert, &list[0], GNUTLS_X509_FMT_DER) == 0)
        return 0;
    gnutls_x509_crt_deinit(*cert);
    return -EACCES;
}

static ssize_t check_peer(struct vw_transport *base, unsigned passed_over)
{
    static const struct vw_transport_options quiet;
    struct vw_tls *t = (struct vw_tls *)base;
    unsigned count = 0, status = 0;
    gnutls_x509_crt_t cert;
    if (!gnutls_certificate_get_peers(t->session, &count) || count == 0)
        return -ENODATA;
    if (gnutls_certificate_verify_peers2(t->session, &status) < 0 || left_of(status, passed_over))
        return -EACCES;
    if (passed_over & (VW_TLS_EXPIRED | VW_TLS_FUTURE | VW_TLS_PURPOSE))
        return 0;
    ssize_t rc = peer_cert(t, &cert);
    if (rc)
        return rc;
    int wrong = vw_tls_check_cert(cert, VW_TLS_CLIENT, "the client's certificate", VW_EUNREACHABLE,
                                  &quiet, NULL);
    gnutls_x509_crt_deinit(cert);
    return wrong ? -EACCES : 0;
}

bool vw_tls_server_peer(const struct vw_transport *base, char *name, size_t size)
{
    gnutls_x509_crt_t cert;
    if (peer_cert((const struct vw_tls *)base, &cert))
        return false;
    int rc = gnutls_x509_crt_get_dn(cert, name, &size);
    gnutls_x509_crt_deinit(cert);
    return rc == 0;
}

/* Of those that may come, if only some may. */
static bool is_named(const struct served *s)
{
    char name[1024];
    const struct vw_tls_server *server = s->server;
    bool named = !server->names;
    if (named || !vw_tls_server_peer(&s->tls.base, name, sizeof(name)))
        return named;
    for (size_t i = 0; i < server->n_names && !named; i++)
        named = fnmatch(server->names[i], name, 0) == 0;
    return named;
}

ssize_t vw_tls_server_check(struct vw_transport *base, unsigned passed_over)
{
    const struct served *s = (const struct served *)base;
    if (s->server->no_verify)
        return 0;
    ssize_t rc = check_peer(base, passed_over & ~(unsigned)VW_TLS_UNLISTED);
    return rc == 0 && !(passed_over & VW_TLS_UNLISTED) && !is_named(s) ? -EACCES : rc;
}

static ssize_t check(struct served *s)
{
    ssize_t rc = vw_tls_server_check(&s->tls.base, 0);
    return rc == -ENODATA ? -EACCES : rc;
}

/* Not before there is something to read: a client that says nothing costs little. */
static int start(struct served *s)
{
    struct vw_tls *t = &s->tls;
    int rc = vw_tls_start(t, GNUTLS_SERVER, NULL, NULL);
    if (rc == 0)
        gnutls_certificate_server_set_request(t->session, GNUTLS_CERT_REQUEST);
    if (rc == 0 && s->tickets)
        gnutls_session_ticket_enable_server(t->session, &s->server->ticket_key);
    if (rc == 0)
        return 0;
    if (t->session)
        gnutls_deinit(t->session);
    t->session = NULL;
    return rc;
}

ssize_t vw_tls_server_give_tickets(struct vw_transport *base)
{
    struct served *s = (struct served *)base;
    gnutls_datum_t *key = &s->server->ticket_key;
    s->tickets = true;
    return key->data || gnutls_session_ticket_key_generate(key) == 0 ? 0 : -ENOMEM;
}

ssize_t vw_tls_server_shake(struct vw_transport *base)
{
    struct vw_tls *t = (struct vw_tls *)base;
    int rc = t->session ? 0 : start((struct served *)base);
    if (rc)
        return rc == VW_ENOMEM ? -ENOMEM : -EPROTO;
    do
        rc = gnutls_handshake(t->session);
    while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
    vw_tls_rest(t);
    t->dry = rc == GNUTLS_E_AGAIN;
    if (rc == GNUTLS_E_AGAIN)
        return -EAGAIN;
    t->up = rc == 0;
    return rc == 0 ? 0 : vw_tls_failed(t, rc);
}

static ssize_t step(struct served *s)
{
    switch (s->phase) {
    case HANDSHAKE:
        return vw_tls_server_shake(&s->tls.base);
    case CHECK:
        return check(s);
    case BYTE:
        return send_byte(&s->tls);
    case UP:
        break;
    }
    return 0;
}

/* ---- the transport ---- */

static ssize_t served_recv(struct vw_transport *base, void *buf, size_t len, struct vw_fds *fds)
{
    struct served *s = (struct served *)base;
    if (fds)
        fds->count = 0;
    for (; s->phase != UP; s->phase++) {
        ssize_t rc = step(s);
        if (rc)
            return rc;
    }
    return vw_tls_ops.recv(base, buf, len, fds);
}

static ssize_t served_send(struct vw_transport *base, const void *buf, size_t len,
                           const struct vw_fds *fds)
{
    return ((struct served *)base)->phase == UP ? vw_tls_ops.send(base, buf, len, fds) : -EAGAIN;
}

static bool served_starting(const struct vw_transport *base)
{
    return ((const struct served *)base)->phase != UP;
}

static int wrap(struct vw_tls_server *server, struct vw_transport *lower, bool bare,
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
    s->ops.starting = served_starting;
    if (!bare)
        s->tls.base.ops = &s->ops;
    s->server = server;
    s->tls.cred = server->cred;
    s->tls.cred_shared = true;
    s->tls.priority = server->priority;
    s->tls.spare = &server->spare;
    *out = &s->tls.base;
    return 0;
}

int vw_tls_server_wrap(struct vw_tls_server *server, struct vw_transport *lower,
                       struct vw_transport **out, struct vw_error *err)
{
    return wrap(server, lower, false, out, err);
}

int vw_tls_server_wrap_bare(struct vw_tls_server *server, struct vw_transport *lower,
                            struct vw_transport **out, struct vw_error *err)
{
    return wrap(server, lower, true, out, err);
}

/* ---- the files ---- */

static int load(gnutls_certificate_credentials_t cred, const struct vw_tls_server_options *o,
                struct vw_error *err)
{
    int rc = gnutls_certificate_set_x509_trust_file(cred, o->ca, GNUTLS_X509_FMT_PEM);
    if (rc <= 0)
        return vw_tls_error(err, VW_EUSAGE, rc ? rc : GNUTLS_E_FILE_ERROR, "%.200s", o->ca);
    rc = gnutls_certificate_set_x509_key_file(cred, o->cert, o->key, GNUTLS_X509_FMT_PEM);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "%.120s with %.120s", o->cert, o->key);
    if (!o->crl)
        return 0;
    rc = gnutls_certificate_set_x509_crl_file(cred, o->crl, GNUTLS_X509_FMT_PEM);
    return rc < 0 ? vw_tls_error(err, VW_EUSAGE, rc, "%.200s", o->crl) : 0;
}

static int set_priority(struct vw_tls_server *s, const char *text, struct vw_error *err)
{
    const char *at = NULL;
    int rc = gnutls_priority_init(&s->priority, text, &at);
    if (rc == GNUTLS_E_INVALID_REQUEST && text)
        return vw_error_set(err, VW_EUSAGE, "tls_priority is not understood at \"%.100s\"", at);
    return rc < 0 ? vw_tls_error(err, VW_ESYSTEM, rc, "TLS") : 0;
}

/* As libvirtd does of its own before it listens. */
static int check_own(gnutls_certificate_credentials_t cred, const char *file, struct vw_error *err)
{
    static const struct vw_transport_options quiet;
    gnutls_x509_crt_t *list = NULL;
    unsigned n = 0;
    char who[300];
    int rc = gnutls_certificate_get_x509_crt(cred, 0, &list, &n);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "%.200s", file);
    snprintf(who, sizeof(who), "%.280s", file);
    rc = n ? vw_tls_check_cert(list[0], VW_TLS_SERVER, who, VW_EUSAGE, &quiet, err) : 0;
    while (n > 0)
        gnutls_x509_crt_deinit(list[--n]);
    gnutls_free(list);
    return rc;
}

int vw_tls_server_open(const struct vw_tls_server_options *o, struct vw_tls_server **out,
                       struct vw_error *err)
{
    *out = NULL;
    if (vw_library_load(&vw_gnutls_library, err))
        return VW_ESYSTEM;
    struct vw_tls_server *s = calloc(1, sizeof(*s));
    if (!s || gnutls_certificate_allocate_credentials(&s->cred) < 0) {
        free(s);
        return vw_error_nomem(err);
    }
    s->no_verify = o->no_verify;
    s->names = o->names;
    s->n_names = o->n_names;
    int rc = load(s->cred, o, err);
    if (rc == 0 && !o->no_sanity)
        rc = check_own(s->cred, o->cert, err);
    if (rc == 0)
        rc = set_priority(s, o->priority, err);
    if (rc)
        vw_tls_server_destroy(s);
    else
        *out = s;
    return rc;
}

int vw_tls_server_open_folder(const char *pkipath, const struct vw_tls_server_options *options,
                              struct vw_tls_server **out, struct vw_error *err)
{
    char ca[512], cert[512], key[512], crl[512];
    const struct {
        char *path;
        const char *name;
    } files[] = {{ca, "cacert"}, {cert, "servercert"}, {key, "serverkey"}, {crl, "cacrl"}};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        snprintf(files[i].path, sizeof(ca), "%.480s/%s.pem", pkipath, files[i].name);
    struct vw_tls_server_options o = *options;
    o.ca = ca;
    o.cert = cert;
    o.key = key;
    o.crl = access(crl, F_OK) < 0 ? NULL : crl;
    return vw_tls_server_open(&o, out, err);
}

int vw_tls_server_create(const char *pkipath, struct vw_tls_server **out, struct vw_error *err)
{
    static const struct vw_tls_server_options plain = {.no_sanity = true};
    return vw_tls_server_open_folder(pkipath, &plain, out, err);
}

void vw_tls_server_destroy(struct vw_tls_server *s)
{
    if (!s)
        return;
    gnutls_certificate_free_credentials(s->cred);
    if (s->priority)
        gnutls_priority_deinit(s->priority);
    if (s->ticket_key.data)
        gnutls_free(s->ticket_key.data);
    free(s->spare);
    free(s);
}
