// SPDX-License-Identifier: MIT
// TLS: handshakes that stop half way, strangers, renegotiation, tiny records.
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"

#define ORDINARY "NORMAL"
#define OLD      "NORMAL:-VERS-ALL:+VERS-TLS1.2"

struct secure {
    int fd;
    gnutls_session_t session;
};

static int tcp(const struct attack *a)
{
    const struct load_options o = {.port = a->tls};
    int fd = load_connect(&o);
    if (fd < 0)
        abuse_die("no connection to the port of TLS");
    return fd;
}

static int *sleepers(const struct attack *a)
{
    int *fds = calloc(a->size, sizeof(*fds));
    for (size_t i = 0; fds && i < a->size; i++)
        fds[i] = tcp(a);
    return fds;
}

/* WHO is the folder of the certificate, below that of the PKI, and its files' prefix; NULL: none.
 */
static gnutls_certificate_credentials_t credentials(const struct attack *a, const char *who)
{
    gnutls_certificate_credentials_t cred;
    char cert[512], key[512];
    gnutls_certificate_allocate_credentials(&cred);
    snprintf(cert, sizeof(cert), "%s/%scert.pem", a->pki, who ? who : "");
    snprintf(key, sizeof(key), "%s/%skey.pem", a->pki, who ? who : "");
    int rc = who ? gnutls_certificate_set_x509_key_file(cred, cert, key, GNUTLS_X509_FMT_PEM) : 0;
    if (rc < 0)
        abuse_die("%s: %s", cert, gnutls_strerror(rc));
    return cred;
}

static void begin(struct secure *s, gnutls_certificate_credentials_t cred, const char *priority)
{
    gnutls_init(&s->session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(s->session, priority, NULL);
    gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, cred);
}

static int shake(struct secure *s)
{
    int rc;
    do
        rc = gnutls_handshake(s->session);
    while (rc < 0 && !gnutls_error_is_fatal(rc));
    return rc;
}

/* Shakes hands and takes the byte that says that one may stay (T-2). */
static int enter(const struct attack *a, struct secure *s, gnutls_certificate_credentials_t cred,
                 const char *priority)
{
    char byte = 0;
    s->fd = tcp(a);
    begin(s, cred, priority);
    gnutls_transport_set_int(s->session, s->fd);
    return shake(s) == 0 && gnutls_record_recv(s->session, &byte, 1) == 1 && byte == 1 ? 0 : -1;
}

static void leave(struct secure *s)
{
    gnutls_deinit(s->session);
    close(s->fd);
}

/* ---- sleepers ---- */

static int tls_silent(const struct attack *a)
{
    int *fds = sleepers(a);
    abuse_hold(a);
    free(fds);
    return 0;
}

static ssize_t keep(gnutls_transport_ptr_t to, const void *bytes, size_t len)
{
    return vw_buf_append(to, bytes, len) ? -1 : (ssize_t)len;
}

static ssize_t nothing(gnutls_transport_ptr_t from, void *bytes, size_t len)
{
    errno = EAGAIN;
    return -1;
}

/* The first message of a handshake. */
static struct vw_buf hello(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    struct secure s;
    begin(&s, credentials(a, NULL), ORDINARY);
    gnutls_transport_set_ptr(s.session, &b);
    gnutls_transport_set_push_function(s.session, keep);
    gnutls_transport_set_pull_function(s.session, nothing);
    gnutls_handshake(s.session);
    gnutls_deinit(s.session);
    return b;
}

/* All but LESS bytes of it. */
static int part_of_hello(const struct attack *a, size_t less)
{
    struct vw_buf b = hello(a);
    int *fds = sleepers(a);
    for (size_t i = 0; i < a->size; i++)
        if (!abuse_send(fds[i], b.data, b.len - less))
            return abuse_complain("client %zu is ended", i);
    abuse_hold(a);
    free(fds);
    return 0;
}

static int tls_within_hello(const struct attack *a)
{
    return part_of_hello(a, 1);
}

static int tls_behind_hello(const struct attack *a)
{
    return part_of_hello(a, 0);
}

static int tls_idle(const struct attack *a)
{
    struct vw_buf b = VW_BUF_INIT;
    gnutls_certificate_credentials_t cred = credentials(a, "client/good/client");
    struct secure *all = calloc(a->size, sizeof(*all));
    uint8_t reply[64];
    abuse_calls(&b, "connect_open", "{\"name\": \"test:///default\", \"flags\": 0}", 1, 1);
    for (size_t i = 0; all && i < a->size; i++)
        if (enter(a, &all[i], cred, ORDINARY) ||
            gnutls_record_send(all[i].session, b.data, b.len) < 0 ||
            gnutls_record_recv(all[i].session, reply, sizeof(reply)) != 28)
            return abuse_complain("client %zu cannot open", i);
    abuse_hold(a);
    return 0;
}

/* One process that only shakes hands. */
static int tls_storm(const struct attack *a)
{
    gnutls_certificate_credentials_t cred = credentials(a, "client/good/client");
    double until = abuse_now() + a->seconds;
    while (abuse_now() < until) {
        struct secure s;
        if (enter(a, &s, cred, ORDINARY))
            return abuse_complain("a handshake failed");
        leave(&s);
    }
    return 0;
}

/* ---- strangers ---- */

/* Whether the server ends the connection of who begins so. */
static bool is_ended(const struct attack *a, const void *bytes, size_t len)
{
    char rest[4096];
    int fd = tcp(a);
    ssize_t n;
    abuse_send(fd, bytes, len);
    while ((n = recv(fd, rest, sizeof(rest), 0)) > 0)
        ;
    bool ended = n == 0 || errno == ECONNRESET;
    close(fd);
    return ended;
}

/* A certificate that nobody has signed but its own key. */
static gnutls_certificate_credentials_t self_signed(void)
{
    gnutls_certificate_credentials_t cred;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_certificate_allocate_credentials(&cred);
    gnutls_x509_privkey_init(&key);
    gnutls_x509_crt_init(&crt);
    gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    gnutls_x509_crt_set_key(crt, key);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, "\1", 1);
    gnutls_x509_crt_set_dn(crt, "CN=a stranger", NULL);
    gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600);
    int rc = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
    if (rc < 0 || (rc = gnutls_certificate_set_x509_key(cred, &crt, 1, key)) < 0)
        abuse_die("no certificate of its own: %s", gnutls_strerror(rc));
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
    return cred;
}

static bool is_refused(const struct attack *a, gnutls_certificate_credentials_t cred)
{
    struct secure s;
    int rc = enter(a, &s, cred, ORDINARY);
    leave(&s);
    gnutls_certificate_free_credentials(cred);
    return rc != 0;
}

static int tls_strangers(const struct attack *a)
{
    static const char http[] = "GET / HTTP/1.0\r\n\r\n", zeros[5000],
                      oversize[16384 + 2054] = "\x16\x03\x01\x48\x01",
                      junk[70000] = "\x16\x03\x01\xff\xff", ssl2[64] = "\x80\x2e\x01\0\x02";
    struct vw_buf open = VW_BUF_INIT;
    abuse_calls(&open, "connect_open", "{\"name\": \"test:///default\", \"flags\": 0}", 1, 1);
    for (size_t i = 0; i < a->size; i++)
        if (!is_ended(a, open.data, open.len) || !is_ended(a, http, sizeof(http)) ||
            !is_ended(a, zeros, sizeof(zeros)) || !is_ended(a, oversize, sizeof(oversize)) ||
            !is_ended(a, junk, sizeof(junk)) || !is_ended(a, ssl2, sizeof(ssl2)) ||
            !is_refused(a, credentials(a, NULL)) || !is_refused(a, self_signed()))
            return abuse_complain("a stranger is not ended");
    return 0;
}

/* ---- with a good certificate ---- */

/* Shakes hands again, SIZE times; whether the server takes part is its matter, what that costs is
 * not. */
static int tls_renegotiation(const struct attack *a)
{
    gnutls_certificate_credentials_t cred = credentials(a, "client/good/client");
    for (size_t i = 0; i < a->size; i++) {
        struct secure s;
        if (enter(a, &s, cred, OLD))
            return abuse_complain("the first handshake failed");
        gnutls_handshake_set_timeout(s.session, 500);
        shake(&s);
        leave(&s);
    }
    return 0;
}

/* SIZE calls, each byte a record of its own. */
static int tls_records(const struct attack *a)
{
    const size_t reply = 36;
    struct vw_buf b = VW_BUF_INIT;
    struct secure s;
    char rest[4096];
    if (enter(a, &s, credentials(a, "client/good/client"), ORDINARY))
        return abuse_complain("no handshake");
    abuse_calls(&b, "connect_open", "{\"name\": \"test:///default\", \"flags\": 0}", 1, 1);
    abuse_calls(&b, "connect_get_type", NULL, 2, a->size);
    for (size_t i = 0; i < b.len; i++)
        gnutls_record_send(s.session, b.data + i, 1);
    for (size_t left = 28 + a->size * reply; left > 0;) {
        ssize_t n = gnutls_record_recv(s.session, rest, sizeof(rest));
        if (n <= 0)
            return abuse_complain("%zu bytes of answers do not come", left);
        left -= (size_t)n;
    }
    leave(&s);
    return 0;
}

const struct abuse abuse_tls[] = {{"tls-silent", tls_silent},
                                  {"tls-within-hello", tls_within_hello},
                                  {"tls-behind-hello", tls_behind_hello},
                                  {"tls-idle", tls_idle},
                                  {"tls-storm", tls_storm},
                                  {"tls-strangers", tls_strangers},
                                  {"tls-renegotiation", tls_renegotiation},
                                  {"tls-records", tls_records},
                                  {NULL, NULL}};
