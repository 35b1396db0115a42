// SPDX-License-Identifier: MIT
// TLS records over another transport, and the start as a client. GnuTLS sees the lower one through
// two functions and never blocks; what it asks for in small pieces is read in large ones. A record
// is handed out alone, so that its borders stay visible (T-5).
#include "transport/tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/tls-internal.h"

/* Records without content in a row that are skipped in one recv: session tickets and such. */
#define SKIP_MAX 16

/* ---- what GnuTLS calls ---- */

static bool has_room(struct vw_tls *t)
{
    if (!t->in && t->spare) {
        t->in = *t->spare;
        *t->spare = NULL;
    }
    if (!t->in)
        t->in = malloc(VW_TLS_INPUT_SIZE);
    return t->in != NULL;
}

void vw_tls_rest(struct vw_tls *t)
{
    if (!t->spare || t->in_at < t->in_len)
        return;
    if (*t->spare)
        free(t->in);
    else
        *t->spare = t->in;
    t->in = NULL;
}

/* Reads as much as there is, where there is memory. */
static ssize_t refill(struct vw_tls *t)
{
    if (!has_room(t))
        return -ENOMEM;
    return t->lower->ops->recv(t->lower, t->in, VW_TLS_INPUT_SIZE, NULL);
}

static ssize_t pull(gnutls_transport_ptr_t user, void *buf, size_t len)
{
    struct vw_tls *t = user;
    if (t->in_at == t->in_len) {
        ssize_t n = refill(t);
        if (n < 0) {
            gnutls_transport_set_errno(t->session, (int)-n);
            return -1;
        }
        t->in_at = 0;
        t->in_len = (size_t)n;
    }
    if (len > t->in_len - t->in_at)
        len = t->in_len - t->in_at;
    memcpy(buf, t->in + t->in_at, len);
    t->in_at += len;
    return (ssize_t)len;
}

static ssize_t push(gnutls_transport_ptr_t user, const void *buf, size_t len)
{
    struct vw_tls *t = user;
    ssize_t n = t->lower->ops->send(t->lower, buf, len, NULL);
    if (n < 0) {
        gnutls_transport_set_errno(t->session, (int)-n);
        return -1;
    }
    return n;
}

/* ---- the transport ---- */

static struct vw_tls *tls_of(struct vw_transport *t)
{
    return (struct vw_tls *)t;
}

static void drop_packet(struct vw_tls *t)
{
    if (t->packet)
        gnutls_packet_deinit(t->packet);
    t->packet = NULL;
    t->packet_at = 0;
}

ssize_t vw_tls_failed(struct vw_tls *t, ssize_t rc)
{
    t->failure = (int)rc;
    t->alert = -1;
    if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
        t->alert = (int)gnutls_alert_get(t->session);
    return rc == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EPROTO;
}

/* An end without TLS's own goodbye is an end: many servers, libvirtd among them, just close. */
static bool is_end(ssize_t rc)
{
    return rc == 0 || rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR;
}

/* 1: there is a record in t->packet; 0: the end; or a negative errno. */
static ssize_t next_packet(struct vw_tls *t)
{
    for (int i = 0; i < SKIP_MAX; i++) {
        ssize_t n = gnutls_record_recv_packet(t->session, &t->packet);
        t->packet_at = 0;
        if (n > 0)
            return 1;
        drop_packet(t);
        if (is_end(n))
            return 0;
        /* A second handshake (TLS 1.2) is nobody's need, and what GnuTLS keeps of each is lost
         * when it is asked again: libvirt ends the connection there, and so does this. */
        if (gnutls_error_is_fatal((int)n) || n == GNUTLS_E_REHANDSHAKE)
            return vw_tls_failed(t, n);
        if (n == GNUTLS_E_AGAIN && t->in_at == t->in_len) {
            t->dry = true;
            return -EAGAIN;
        }
    }
    return -EAGAIN;
}

static ssize_t tls_recv(struct vw_transport *base, void *buf, size_t len, struct vw_fds *fds)
{
    struct vw_tls *t = tls_of(base);
    gnutls_datum_t data;
    if (fds)
        fds->count = 0;
    if (t->failure)
        return -EPROTO;
    t->dry = false;
    if (!t->packet) {
        ssize_t n = next_packet(t);
        vw_tls_rest(t);
        if (n <= 0)
            return n;
    }
    gnutls_packet_get(t->packet, &data, NULL);
    t->packet_start = t->packet_at == 0;
    if (len > data.size - t->packet_at)
        len = data.size - t->packet_at;
    memcpy(buf, data.data + t->packet_at, len);
    t->packet_at += len;
    if (t->packet_at == data.size)
        drop_packet(t);
    return (ssize_t)len;
}

static bool tls_record_start(const struct vw_transport *base)
{
    return ((const struct vw_tls *)base)->packet_start;
}

static bool tls_pending(const struct vw_transport *base)
{
    const struct vw_tls *t = (const struct vw_tls *)base;
    if (t->packet)
        return true;
    return t->session && !t->dry &&
           (t->in_at < t->in_len || gnutls_record_check_pending(t->session) > 0);
}

static ssize_t tls_send(struct vw_transport *base, const void *buf, size_t len,
                        const struct vw_fds *fds)
{
    struct vw_tls *t = tls_of(base);
    ssize_t n;
    if (fds && fds->count)
        return -EOPNOTSUPP;
    if (t->failure)
        return -EPIPE;
    if (len > VW_TLS_RECORD_MAX)
        len = VW_TLS_RECORD_MAX;
    do
        n = t->sending ? gnutls_record_send(t->session, NULL, 0)
                       : gnutls_record_send(t->session, buf, len);
    while (n == GNUTLS_E_INTERRUPTED);
    t->sending = n == GNUTLS_E_AGAIN;
    if (t->sending)
        return -EAGAIN;
    if (n == GNUTLS_E_PUSH_ERROR || n == GNUTLS_E_PREMATURE_TERMINATION)
        return -EPIPE;
    return n >= 0 ? n : vw_tls_failed(t, n);
}

static int tls_fd(const struct vw_transport *base)
{
    const struct vw_transport *lower = ((const struct vw_tls *)base)->lower;
    return lower->ops->fd(lower);
}

bool vw_tls_has_ticket(const struct vw_transport *base)
{
    const struct vw_tls *t = (const struct vw_tls *)base;
    return base->ops == &vw_tls_ops &&
           (gnutls_session_get_flags(t->session) & GNUTLS_SFLAGS_SESSION_TICKET);
}

static int tls_shutdown(struct vw_transport *base)
{
    struct vw_tls *t = tls_of(base);
    int rc = gnutls_bye(t->session, GNUTLS_SHUT_WR);
    if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
        return -EAGAIN;
    return t->lower->ops->shutdown ? t->lower->ops->shutdown(t->lower) : 0;
}

static int tls_explain(struct vw_transport *base, struct vw_error *err)
{
    struct vw_tls *t = tls_of(base);
    if (t->alert >= 0)
        return vw_error_set(err, VW_ECLOSED, "the server ended TLS with the alert '%s'",
                            gnutls_alert_get_name((gnutls_alert_description_t)t->alert));
    if (t->failure)
        return vw_tls_error(err, VW_EPROTOCOL, t->failure, "TLS");
    return t->lower->ops->explain ? t->lower->ops->explain(t->lower, err) : 0;
}

static void tls_close(struct vw_transport *base)
{
    struct vw_tls *t = tls_of(base);
    drop_packet(t);
    if (t->session) {
        /* One attempt; who does not read it does not miss it. */
        if (t->up && !t->sending && !t->failure)
            gnutls_bye(t->session, GNUTLS_SHUT_WR);
        gnutls_deinit(t->session);
    }
    if (t->cred && !t->cred_shared)
        gnutls_certificate_free_credentials(t->cred);
    t->lower->ops->close(t->lower);
    free(t->in);
    free(t);
}

static unsigned tls_strength(const struct vw_transport *base)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(((const struct vw_tls *)base)->session);
    return (unsigned)gnutls_cipher_get_key_size(cipher) * 8;
}

const struct vw_transport_ops vw_tls_ops = {
    .name = "tls",
    .caps = VW_CAP_SECURE | VW_CAP_RECORDS,
    .recv = tls_recv,
    .send = tls_send,
    .pending = tls_pending,
    .fd = tls_fd,
    .shutdown = tls_shutdown,
    .record_start = tls_record_start,
    .explain = tls_explain,
    .strength = tls_strength,
    .close = tls_close,
};

/* ---- the start ---- */

void vw_tls_init(struct vw_tls *t, struct vw_transport *lower)
{
    *t = (struct vw_tls){.base.ops = &vw_tls_ops, .lower = lower, .alert = -1};
}

static int set_priority(struct vw_tls *t, const char *priority, struct vw_error *err)
{
    const char *at = NULL;
    int rc = t->priority               ? gnutls_priority_set(t->session, t->priority)
             : priority && priority[0] ? gnutls_priority_set_direct(t->session, priority, &at)
                                       : gnutls_set_default_priority(t->session);
    if (rc == GNUTLS_E_INVALID_REQUEST && at)
        return vw_error_set(err, VW_EUSAGE, "tls_priority is not understood at \"%.100s\"", at);
    return rc < 0 ? vw_tls_error(err, VW_EUSAGE, rc, "tls_priority") : 0;
}

int vw_tls_start(struct vw_tls *t, unsigned flags, const char *priority, struct vw_error *err)
{
    int rc = gnutls_init(&t->session, flags | GNUTLS_NONBLOCK);
    if (rc < 0)
        return vw_tls_error(err, VW_ESYSTEM, rc, "TLS");
    rc = set_priority(t, priority, err);
    if (rc)
        return rc;
    rc = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->cred);
    if (rc < 0)
        return vw_tls_error(err, VW_ESYSTEM, rc, "TLS");
    gnutls_transport_set_ptr(t->session, t);
    gnutls_transport_set_pull_function(t->session, pull);
    gnutls_transport_set_push_function(t->session, push);
    return 0;
}

/* What went wrong in the handshake, for a person. */
static int refuse_handshake(struct vw_tls *t, int rc, struct vw_error *err)
{
    switch (rc) {
    case GNUTLS_E_MEMORY_ERROR:
        return vw_error_nomem(err);
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server ended the TLS handshake with the alert '%s'",
                            gnutls_alert_get_name(gnutls_alert_get(t->session)));
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server closed the connection during the TLS handshake: it may "
                            "not speak TLS here");
    case GNUTLS_E_UNEXPECTED_PACKET:
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
    case GNUTLS_E_RECORD_OVERFLOW:
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server does not speak TLS here: its answer is no TLS record");
    default:
        return vw_tls_error(err, VW_EUNREACHABLE, rc, "the TLS handshake failed");
    }
}

/* TLS while it starts, over TCP until that is connected. */
struct tls_connecting {
    struct vw_connecting base;
    struct vw_connecting *tcp; /* NULL: it is connected */
    struct vw_tls *tls;        /* NULL: it is not */
    const struct vw_uri *uri;
    const struct vw_transport_options *options;
    struct vw_tls_files files;
};

/* 0: wait for EVENTS, unless it is too late. */
static int not_yet(struct tls_connecting *w, short events, const char *late, struct vw_error *err)
{
    w->base.fd = tls_fd(&w->tls->base);
    w->base.events = events;
    w->base.wake_ms = w->base.deadline_ms;
    return vw_ms_left(w->base.deadline_ms) ? 0 : vw_error_set(err, VW_ETIMEOUT, "%s", late);
}

/* 1: it is done. */
static int handshake(struct tls_connecting *w, struct vw_error *err)
{
    struct vw_tls *t = w->tls;
    int rc;
    do
        rc = gnutls_handshake(t->session);
    while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc) &&
           vw_ms_left(w->base.deadline_ms) != 0);
    if (rc == 0)
        return 1;
    if (gnutls_error_is_fatal(rc))
        return refuse_handshake(t, rc, err);
    return not_yet(w, gnutls_record_get_direction(t->session) ? POLLOUT : POLLIN,
                   "the TLS handshake took too long", err);
}

/* T-9: without checks a failed one is still told. */
static int verify(struct vw_tls *t, const struct vw_uri *uri, const struct vw_tls_files *files,
                  const struct vw_transport_options *options, struct vw_error *err)
{
    struct vw_error found = VW_ERROR_INIT;
    int rc = vw_tls_verify_peer(t->session, uri->host, files, options, &found);
    if (rc == VW_EUNREACHABLE && uri->no_verify) {
        vw_transport_warn(options, "%s; connected all the same, as no_verify asks", found.text);
        return 0;
    }
    if (rc == VW_EUNREACHABLE)
        gnutls_alert_send(t->session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
    if (rc && err && !err->code)
        *err = found;
    return rc;
}

/* T-10. With TLS 1.3 our handshake is over before the server has looked at the certificate. */
static int refuse_us(struct vw_tls *t, const struct vw_uri *uri, const struct vw_tls_files *files,
                     struct vw_error *err)
{
    char how[96] = "closed the connection";
    if (t->alert >= 0)
        snprintf(how, sizeof(how), "sent the alert '%.60s'",
                 gnutls_alert_get_name((gnutls_alert_description_t)t->alert));
    if (files->cert)
        return vw_error_clause(err, VW_EUNREACHABLE, "T-10",
                               "the server %s instead of confirming the client certificate %.120s",
                               how, files->cert);
    const char *place =
        uri->tls_file_sets ? uri->tls_files[uri->tls_file_sets - 1].cert : "nowhere";
    return vw_error_clause(
        err, VW_EUNREACHABLE, "T-10",
        "the server %s: it wants a client certificate, and there is none (%.120s)", how, place);
}

/* T-2: one byte and no more; what shares its record is for the messages. 1: it has come. */
static int read_byte(struct tls_connecting *w, struct vw_error *err)
{
    struct vw_tls *t = w->tls;
    uint8_t byte = 0;
    ssize_t n;
    do
        n = tls_recv(&t->base, &byte, 1, NULL);
    while (n == -EAGAIN && tls_pending(&t->base) && vw_ms_left(w->base.deadline_ms) != 0);
    if (n == -EAGAIN)
        return not_yet(w, POLLIN, "the server did not confirm the client certificate in time", err);
    if (n == -ENOMEM)
        return vw_error_nomem(err);
    if (n < 0 && t->alert < 0)
        return tls_explain(&t->base, err);
    if (n <= 0)
        return refuse_us(t, w->uri, &w->files, err);
    if (byte == 1)
        return 1;
    return vw_error_clause(err, VW_EPROTOCOL, "T-2",
                           "the server's verification byte is 0x%02x and not 0x01", byte);
}

/* Owns LOWER from here on, also on failure. */
static int start(struct tls_connecting *w, struct vw_transport *lower, struct vw_error *err)
{
    int rc = vw_library_load(&vw_gnutls_library, err);
    if (rc == 0 && !(w->tls = malloc(sizeof(*w->tls))))
        rc = vw_error_nomem(err);
    if (rc) {
        lower->ops->close(lower);
        return rc;
    }
    vw_tls_init(w->tls, lower);
    if (!has_room(w->tls))
        return vw_error_nomem(err);
    rc = vw_tls_load(w->uri, w->options, &w->files, &w->tls->cred, err);
    /* The certificate goes out whoever the server says that it trusts: it shall be the server that
     * refuses it. */
    return rc ? rc
              : vw_tls_start(w->tls, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT, w->uri->tls_priority,
                             err);
}

static int turn_tcp(struct tls_connecting *w, struct vw_error *err)
{
    struct vw_transport *lower;
    int rc = vw_connecting_turn(w->tcp, &lower, err);
    if (rc == 0) {
        w->base.fd = w->tcp->fd;
        w->base.events = w->tcp->events;
        w->base.wake_ms = w->tcp->wake_ms;
        return 0;
    }
    w->tcp = NULL;
    if (rc > 0)
        rc = start(w, lower, err);
    return rc ? rc : 1;
}

static int turn(struct vw_connecting *base, struct vw_transport **out, struct vw_error *err)
{
    struct tls_connecting *w = (struct tls_connecting *)base;
    int rc = w->tcp ? turn_tcp(w, err) : 1;
    if (rc > 0 && !w->tls->up) {
        rc = handshake(w, err);
        w->tls->up = rc > 0;
        int bad = rc > 0 ? verify(w->tls, w->uri, &w->files, w->options, err) : 0;
        rc = bad ? bad : rc;
    }
    if (rc > 0 && w->options != &vw_tls_bare)
        rc = read_byte(w, err);
    if (rc > 0) {
        *out = &w->tls->base;
        w->tls = NULL;
    }
    return rc;
}

static void destroy(struct vw_connecting *base)
{
    struct tls_connecting *w = (struct tls_connecting *)base;
    vw_connecting_destroy(w->tcp);
    if (w->tls)
        tls_close(&w->tls->base);
    free(w);
}

int vw_tls_begin(struct vw_connecting *tcp, struct vw_transport *lower, const struct vw_uri *uri,
                 const struct vw_transport_options *options, int64_t deadline_ms,
                 struct vw_connecting **out, struct vw_error *err)
{
    static const struct vw_transport_options none;
    struct tls_connecting *w = malloc(sizeof(*w));
    int rc = 0;
    *out = NULL;
    if (!w) {
        vw_connecting_destroy(tcp);
        if (lower)
            lower->ops->close(lower);
        return vw_error_nomem(err);
    }
    *w = (struct tls_connecting){.base = {.turn = turn,
                                          .destroy = destroy,
                                          .deadline_ms = deadline_ms,
                                          .wake_ms = tcp ? tcp->wake_ms : 0,
                                          .fd = tcp ? tcp->fd : -1,
                                          .events = tcp ? tcp->events : 0},
                                 .tcp = tcp,
                                 .uri = uri,
                                 .options = options ? options : &none};
    if (lower)
        rc = start(w, lower, err);
    if (rc)
        destroy(&w->base);
    else
        *out = &w->base;
    return rc;
}
