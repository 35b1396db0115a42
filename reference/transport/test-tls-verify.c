// SPDX-License-Identifier: MIT
// The checks of the chain that a server shows (T-7), each against certificates made here and a
// clock that stands still. The handshake is one in memory. Single certificates are in
// test-tls-cert.
#include "transport/testing/certs.h"

#include <errno.h>
#include <string.h>

/* These are members here, not calls. */
#undef gnutls_certificate_get_peers
#undef gnutls_certificate_verify_peers2
#undef gnutls_x509_crt_import

/* ---- a handshake in memory ---- */

struct pipe {
    uint8_t data[32768];
    size_t len, at;
};

struct end {
    gnutls_session_t session;
    gnutls_certificate_credentials_t cred;
    struct pipe *in, *out;
};

static ssize_t pull(gnutls_transport_ptr_t user, void *buf, size_t len)
{
    struct end *e = user;
    size_t n = e->in->len - e->in->at;
    if (n == 0) {
        gnutls_transport_set_errno(e->session, EAGAIN);
        return -1;
    }
    n = n < len ? n : len;
    memcpy(buf, e->in->data + e->in->at, n);
    e->in->at += n;
    return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t user, const void *buf, size_t len)
{
    struct end *e = user;
    assert_true(len <= sizeof(e->out->data) - e->out->len);
    memcpy(e->out->data + e->out->len, buf, len);
    e->out->len += len;
    return (ssize_t)len;
}

static void start(struct end *e, unsigned flags, struct pipe *in, struct pipe *out)
{
    e->in = in;
    e->out = out;
    assert_int_equal(gnutls_init(&e->session, flags | GNUTLS_NONBLOCK), 0);
    gnutls_set_default_priority(e->session);
    gnutls_credentials_set(e->session, GNUTLS_CRD_CERTIFICATE, e->cred);
    gnutls_transport_set_ptr(e->session, e);
    gnutls_transport_set_pull_function(e->session, pull);
    gnutls_transport_set_push_function(e->session, push);
}

static void stop(struct end *e)
{
    gnutls_deinit(e->session);
    gnutls_certificate_free_credentials(e->cred);
}

/* As PEM: given as objects, only the first one would be sent. */
static void set_chain(gnutls_certificate_credentials_t cred, gnutls_x509_crt_t *chain,
                      unsigned count)
{
    char text[16384] = "";
    gnutls_datum_t pem, secret, all = {.data = (unsigned char *)text};
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(gnutls_x509_crt_export2(chain[i], GNUTLS_X509_FMT_PEM, &pem), 0);
        assert_true(all.size + pem.size < sizeof(text));
        memcpy(text + all.size, pem.data, pem.size);
        all.size += pem.size;
        gnutls_free(pem.data);
    }
    assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &secret), 0);
    assert_int_equal(gnutls_certificate_set_x509_key_mem(cred, &all, &secret, GNUTLS_X509_FMT_PEM),
                     0);
    gnutls_free(secret.data);
}

/* The client at the end of a handshake with a server that shows CHAIN. */
static void meet(struct end *client, struct end *server, struct pipe pipes[2],
                 gnutls_x509_crt_t *chain, unsigned count)
{
    int c = GNUTLS_E_AGAIN, s = GNUTLS_E_AGAIN;
    assert_int_equal(gnutls_certificate_allocate_credentials(&server->cred), 0);
    set_chain(server->cred, chain, count);
    memset(pipes, 0, 2 * sizeof(pipes[0]));
    start(client, GNUTLS_CLIENT, &pipes[0], &pipes[1]);
    start(server, GNUTLS_SERVER, &pipes[1], &pipes[0]);
    for (int i = 0; i < 20 && (c || s); i++) {
        if (c)
            c = gnutls_handshake(client->session);
        if (s)
            s = gnutls_handshake(server->session);
    }
    if (c || s)
        fail_msg("no handshake: client %s, server %s", gnutls_strerror(c), gnutls_strerror(s));
}

/* ---- what is said ---- */

static const struct vw_tls_files files = {.ca = "/the/ca.pem", .crl = "/the/crl.pem"};
static const struct vw_tls_files no_files;

/* What vw_tls_verify_peer makes of CHAIN, with TRUST and the list CRL (or NULL). */
static int verify(gnutls_x509_crt_t *chain, unsigned count, gnutls_x509_crt_t trust,
                  gnutls_x509_crl_t crl, const char *host, const struct vw_tls_files *named,
                  struct vw_error *err)
{
    struct end client = {0}, server = {0};
    static struct pipe pipes[2];
    assert_int_equal(gnutls_certificate_allocate_credentials(&client.cred), 0);
    if (trust)
        assert_int_equal(gnutls_certificate_set_x509_trust(client.cred, &trust, 1), 1);
    if (crl)
        assert_int_equal(gnutls_certificate_set_x509_crl(client.cred, &crl, 1), 1);
    meet(&client, &server, pipes, chain, count);
    warnings[0] = '\0';
    vw_error_clear(err);
    int rc = vw_tls_verify_peer(client.session, host, named, &listener, err);
    stop(&client);
    stop(&server);
    return rc;
}

/* TEXT: how it is refused, or NULL. */
static void expect(size_t row, int rc, const struct vw_error *err, const char *text)
{
    if (rc != (text ? VW_EUNREACHABLE : 0) || strcmp(err->text, text ? text : "") != 0)
        fail_msg("row %zu: %d, \"%s\" and not \"%s\"", row, rc, err->text, text ? text : "");
    assert_int_equal(err->code, rc);
    assert_string_equal(err->clause, text ? "T-7" : "");
}

/* ---- hosts ---- */

#define NOT_FOR(host, names) "the server's certificate is not for " host " but for " names

static void the_host_is_in_the_certificate(void **state)
{
    static const struct {
        struct want want;
        const char *host, *text;
    } rows[] = {
        {{.dns = "a.example"}, "a.example", NULL},
        {{.dns = "a.example"}, "A.Example", NULL},
        {{.dns = "a.example"}, "b.example", NOT_FOR("b.example", "a.example")},
        {{.dns = "a.example"}, "a.example.org", NOT_FOR("a.example.org", "a.example")},
        {{.dns = "a.example", .dns2 = "b.example"}, "b.example", NULL},
        {{.dns = "a.example", .dns2 = "b"}, "c", NOT_FOR("c", "a.example, b")},
        {{.dns = "*.ex.example"}, "a.ex.example", NULL},
        {{.dns = "*.ex.example"}, "ex.example", NOT_FOR("ex.example", "*.ex.example")},
        {{.dns = "*.ex.example"}, "b.a.ex.example", NOT_FOR("b.a.ex.example", "*.ex.example")},
        /* The common name counts where there is no other. */
        {{.name = "a.example"}, "a.example", NULL},
        {{.name = "a.example"}, "b", NOT_FOR("b", "a.example")},
        {{.name = "a.example", .dns = "b.example"}, "a.example", NOT_FOR("a.example", "b.example")},
        {{.dns = NULL}, "a", NOT_FOR("a", "nobody")},
        {{.uri = "test://a"}, "a", NOT_FOR("a", "nobody")},
        {{.uri = "test://a", .dns = "b"}, "a", NOT_FOR("a", "b")},
        {{.ip = "127.0.0.1"}, "127.0.0.1", NULL},
        {{.ip = "127.0.0.1"}, "127.0.0.2", NOT_FOR("127.0.0.2", "127.0.0.1")},
        {{.dns = "a.example", .ip = "127.0.0.1", .ip2 = "fe80::1"},
         "10.0.0.1",
         NOT_FOR("10.0.0.1", "a.example, 127.0.0.1, fe80::1")},
        {{.ip = "::1"}, "::1", NULL},
        {{.ip = "::1"}, "0:0:0:0:0:0:0:1", NULL},
        {{.ip = "::1"}, "::2", NOT_FOR("::2", "::1")},
        {{.ip = "127.0.0.1"}, "::1", NOT_FOR("::1", "127.0.0.1")},
        {{.dns = "a.example"}, "::1", NOT_FOR("::1", "a.example")},
        /* U-12: the zone is of this host alone, the sentence still has what was asked for. */
        {{.ip = "fe80::1"}, "fe80::1%eth0", NULL},
        {{.ip = "fe80::1"},
         "fe80::1%a-name-that-is-longer-than-an-address-can-be-with-its-zone-0",
         NULL},
        {{.ip = "fe80::1"}, "fe80::2%eth0", NOT_FOR("fe80::2%eth0", "fe80::1")},
        /* In a name it is no zone. */
        {{.dns = "a.example"}, "a.example%eth0", NOT_FOR("a.example%eth0", "a.example")},
        /* The list ends at sixteen names. */
        {{.names = 17},
         "x",
         NOT_FOR("x", "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15")},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct want want = rows[i].want;
        want.usage = SIGNS;
        want.purpose = SERVER;
        gnutls_x509_crt_t cert = make(&want, key, ca, ca_key);
        int rc = verify(&cert, 1, ca, NULL, rows[i].host, &files, &err);
        expect(i, rc, &err, rows[i].text);
        assert_string_equal(warnings, "");
        gnutls_x509_crt_deinit(cert);
    }
}

/* One name may have 126 bytes; what is longer is not shown, nor what stands behind it. */
static void the_longest_name(void **state)
{
    static char name[132], said[320];
    for (size_t len = 124; len < sizeof(name); len++) {
        struct vw_error err = VW_ERROR_INIT;
        struct want want = {.dns = "b", .dns2 = name, .names = 1};
        memset(name, 'a', len);
        name[len] = '\0';
        gnutls_x509_crt_t cert = make(&want, key, ca, ca_key);
        int rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
        snprintf(said, sizeof(said), NOT_FOR("peer", "b%s%s%s"), len < 127 ? ", " : "",
                 len < 127 ? name : "", len < 127 ? ", n0" : "");
        expect(len, rc, &err, said);
        gnutls_x509_crt_deinit(cert);
    }
}

/* The sentence has room for 159 bytes of names, and 80 of the host. */
static void long_names_are_cut(void **state)
{
    static char name[101], host[100], said[320];
    const struct want want = {
        .dns = name, .dns2 = name, .names = 3, .usage = SIGNS, .purpose = SERVER};
    struct vw_error err = VW_ERROR_INIT;
    memset(name, 'a', 100);
    memset(host, 'h', 99);
    gnutls_x509_crt_t cert = make(&want, key, ca, ca_key);
    int rc = verify(&cert, 1, ca, NULL, host, &files, &err);
    snprintf(said, sizeof(said), "the server's certificate is not for %.80s but for %.100s, %.57s",
             host, name, name);
    expect(0, rc, &err, said);
    gnutls_x509_crt_deinit(cert);
}

/* ---- chains ---- */

#define CERT   "the server's certificate"
#define SECOND "certificate 2 of the server's chain"

static const struct want good = {.dns = "peer", .usage = SIGNS, .purpose = SERVER};

/* One certificate that a CA of the client has signed. */
static void each_flaw_has_its_sentence(void **state)
{
    static const struct {
        struct want want;
        const char *text, *warned;
    } rows[] = {
        {{.usage = SIGNS, .purpose = SERVER}, NULL, ""},
        {{.usage = SIGNS, .purpose = SERVER, .no_ca = true}, NULL, ""},
        {{.usage = SIGNS, .purpose = SERVER, .ca = true},
         CERT " is that of a CA, not that of a TLS server",
         ""},
        /* To the second. */
        {{.to = -1}, CERT " has expired: it was valid until 2023-11-14 22:13:19 UTC", ""},
        {{.from = 1}, CERT " is not valid before 2023-11-14 22:13:21 UTC", ""},
        {{.from = 1, .ca = true}, CERT " is not valid before 2023-11-14 22:13:21 UTC", ""},
        {{.to = 1, .from = -1, .usage = SIGNS, .purpose = SERVER}, NULL, ""},
        {{.usage = SIGNS | ENCIPHER, .purpose = SERVER}, NULL, ""},
        {{.purpose = SERVER}, NULL, ""},
        {{.usage = SIGNS}, NULL, CERT " does not say that it is for a TLS server"},
        {{.usage = SIGNS, .purpose = CLIENT},
         NULL,
         "the key purpose of " CERT " is not that of a TLS server"},
        {{.usage = SIGNS, .purpose = CLIENT, .purpose2 = SERVER, .purpose_critical = true},
         NULL,
         ""},
        {{.usage = SIGNS, .purpose = GNUTLS_KP_ANY, .purpose_critical = true}, NULL, ""},
        {{.usage = SIGNS, .purpose = CLIENT, .purpose2 = GNUTLS_KP_ANY}, NULL, ""},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct want want = rows[i].want;
        want.dns = "peer";
        gnutls_x509_crt_t cert = make(&want, key, ca, ca_key);
        int rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
        expect(i, rc, &err, rows[i].text);
        if (strcmp(warnings, rows[i].warned) != 0)
            fail_msg("row %zu: warned \"%s\"", i, warnings);
        gnutls_x509_crt_deinit(cert);
    }
}

/* A certificate that an intermediate one has signed; both are shown. */
static void chains_are_checked_as_a_whole(void **state)
{
    static const struct {
        struct want between;
        const char *text;
    } rows[] = {
        {{.ca = true}, NULL},
        {{.ca = true, .to = -1}, SECOND " has expired: it was valid until 2023-11-14 22:13:19 UTC"},
        {{.ca = true, .from = 1}, SECOND " is not valid before 2023-11-14 22:13:21 UTC"},
        {{.no_ca = true}, "the issuer of " CERT " is not a CA"},
    };
    gnutls_x509_privkey_t between_key = new_key();
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct want between = rows[i].between;
        between.name = "in between";
        gnutls_x509_crt_t chain[2];
        chain[1] = make(&between, between_key, ca, ca_key);
        chain[0] = make(&good, key, chain[1], between_key);
        int rc = verify(chain, 2, ca, NULL, "peer", &files, &err);
        expect(i, rc, &err, rows[i].text);
        gnutls_x509_crt_deinit(chain[0]);
        gnutls_x509_crt_deinit(chain[1]);
    }
    gnutls_x509_privkey_deinit(between_key);
}

/* The CA that the client has, and what it makes of a good certificate. */
static void the_ca_is_checked(void **state)
{
    static const struct {
        struct want ca;
        const char *text;
    } rows[] = {
        {{.ca = true, .to = -1}, "a CA certificate behind " CERT " has expired"},
        {{.ca = true, .from = 1}, "a CA certificate behind " CERT " is not valid yet"},
        {{.no_ca = true}, "the issuer of " CERT " is not a CA"},
        {{.ca = true, .usage = SIGNS},
         CERT " is not accepted: The certificate is NOT trusted. The certificate chain violates "
              "the signer's constraints. "},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct want want = rows[i].ca;
        want.name = "another CA";
        gnutls_x509_crt_t other = make(&want, ca_key, NULL, NULL);
        gnutls_x509_crt_t cert = make(&good, key, other, ca_key);
        int rc = verify(&cert, 1, other, NULL, "peer", &files, &err);
        expect(i, rc, &err, rows[i].text);
        gnutls_x509_crt_deinit(cert);
        gnutls_x509_crt_deinit(other);
    }
}

static void strangers_are_refused(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct want stranger = {.ca = true, .name = "a stranger"}, old = {.to = -1};
    gnutls_x509_crt_t other = make(&stranger, key, NULL, NULL);
    gnutls_x509_crt_t cert = make(&good, key, other, key);
    int rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
    expect(0, rc, &err, CERT " was not issued by a CA that is trusted (/the/ca.pem)");
    rc = verify(&cert, 1, NULL, NULL, "peer", &no_files, &err);
    expect(1, rc, &err, CERT " was not issued by a CA that is trusted (no file)");
    gnutls_x509_crt_deinit(cert);
    /* Expired is said first, whoever the issuer is. */
    cert = make(&old, key, other, key);
    rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
    expect(2, rc, &err, CERT " has expired: it was valid until 2023-11-14 22:13:19 UTC");
    gnutls_x509_crt_deinit(cert);
    gnutls_x509_crt_deinit(other);
    /* The name of the CA is not enough. */
    const struct want forged = {.ca = true, .name = "CA of a test"};
    other = make(&forged, key, NULL, NULL);
    cert = make(&good, key, other, key);
    rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
    expect(3, rc, &err,
           CERT " is not accepted: The certificate is NOT trusted. The signature in the "
                "certificate is invalid. ");
    gnutls_x509_crt_deinit(cert);
    gnutls_x509_crt_deinit(other);
}

static void weak_signatures_are_refused(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct want weak = good;
    weak.digest = GNUTLS_DIG_SHA1;
    gnutls_x509_crt_t cert = make(&weak, key, ca, ca_key);
    int rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
    expect(0, rc, &err, CERT " uses an insecure algorithm");
    gnutls_x509_crt_deinit(cert);
}

/* ---- revoked certificates ---- */

static gnutls_x509_crl_t make_crl(uint8_t serial, long from)
{
    gnutls_x509_crl_t crl;
    assert_int_equal(gnutls_x509_crl_init(&crl), 0);
    gnutls_x509_crl_set_version(crl, 2);
    gnutls_x509_crl_set_this_update(crl, NOW + from);
    gnutls_x509_crl_set_next_update(crl, NOW + 2 * HOUR);
    gnutls_x509_crl_set_crt_serial(crl, &serial, 1, NOW - HOUR);
    gnutls_x509_crl_set_number(crl, "\1", 1);
    assert_int_equal(gnutls_x509_crl_sign2(crl, ca, ca_key, GNUTLS_DIG_SHA256, 0), 0);
    return crl;
}

static void revoked_certificates_are_refused(void **state)
{
    static const struct {
        uint8_t serial;
        long from;
        const char *text;
    } rows[] = {
        {7, -HOUR, CERT " has been revoked (/the/crl.pem)"},
        {8, -HOUR, NULL},
        /* When the list was made does not matter. */
        {7, HOUR, CERT " has been revoked (/the/crl.pem)"},
        {8, HOUR, NULL},
    };
    struct vw_error err = VW_ERROR_INIT;
    gnutls_x509_crt_t cert = make(&good, key, ca, ca_key);
    for (size_t i = 0; i < ROWS(rows); i++) {
        gnutls_x509_crl_t crl = make_crl(rows[i].serial, rows[i].from);
        int rc = verify(&cert, 1, ca, crl, "peer", &files, &err);
        expect(i, rc, &err, rows[i].text);
        gnutls_x509_crl_deinit(crl);
    }
    gnutls_x509_crt_deinit(cert);
}

/* ---- what cannot be checked ---- */

static int check_fails(gnutls_session_t session, unsigned *status)
{
    *status = 0;
    return GNUTLS_E_INTERNAL_ERROR;
}

static int check_lacks_memory(gnutls_session_t session, unsigned *status)
{
    *status = 0;
    return GNUTLS_E_MEMORY_ERROR;
}

static int no_certificate(gnutls_x509_crt_t cert, const gnutls_datum_t *data,
                          gnutls_x509_crt_fmt_t format)
{
    return GNUTLS_E_ASN1_TAG_ERROR;
}

static unsigned imports;

static int no_second_time(gnutls_x509_crt_t cert, const gnutls_datum_t *data,
                          gnutls_x509_crt_fmt_t format)
{
    return imports++ ? GNUTLS_E_ASN1_TAG_ERROR : gnutls_x509_crt_import(cert, data, format);
}

static const gnutls_datum_t *none_of_one(gnutls_session_t session, unsigned *count)
{
    *count = 1;
    return NULL;
}

static const gnutls_datum_t *one_of_none(gnutls_session_t session, unsigned *count)
{
    static const gnutls_datum_t one;
    *count = 0;
    return &one;
}

/* Where GnuTLS comes to no end, nobody is let in. */
static void what_cannot_be_checked_is_refused(void **state)
{
    const struct vw_gnutls_calls real = vw_gnutls_calls;
    struct vw_gnutls_calls failing[6] = {real, real, real, real, real, real};
    static const struct {
        int rc;
        const char *text;
    } rows[] = {
        {VW_EUNREACHABLE, CERT " cannot be checked: GnuTLS internal error."},
        {VW_ENOMEM, "out of memory"},
        {VW_EUNREACHABLE, CERT " cannot be read: ASN1 parser: Error in TAG."},
        {VW_EUNREACHABLE, "the server showed no certificate"},
        {VW_EUNREACHABLE, "the server showed no certificate"},
        {VW_EUNREACHABLE, CERT " cannot be read: ASN1 parser: Error in TAG."},
    };
    gnutls_x509_crt_t cert = make(&good, key, ca, ca_key);
    failing[0].gnutls_certificate_verify_peers2 = check_fails;
    failing[1].gnutls_certificate_verify_peers2 = check_lacks_memory;
    failing[2].gnutls_x509_crt_import = no_certificate;
    failing[3].gnutls_certificate_get_peers = none_of_one;
    failing[4].gnutls_certificate_get_peers = one_of_none;
    failing[5].gnutls_x509_crt_import = no_second_time;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        vw_gnutls_calls = failing[i];
        int rc = verify(&cert, 1, ca, NULL, "peer", &files, &err);
        vw_gnutls_calls = real;
        if (rc != rows[i].rc || err.code != rc || strcmp(err.text, rows[i].text) != 0)
            fail_msg("row %zu: %d, \"%s\"", i, rc, err.text);
    }
    gnutls_x509_crt_deinit(cert);
}

/* ---- what is no certificate ---- */

static void before_a_handshake_there_is_none(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    gnutls_session_t s;
    assert_int_equal(gnutls_init(&s, GNUTLS_CLIENT), 0);
    int rc = vw_tls_verify_peer(s, "peer", &files, &listener, &err);
    expect(0, rc, &err, "the server showed no certificate");
    gnutls_deinit(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_in_the_certificate),
        cmocka_unit_test(the_longest_name),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(each_flaw_has_its_sentence),
        cmocka_unit_test(chains_are_checked_as_a_whole),
        cmocka_unit_test(the_ca_is_checked),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(weak_signatures_are_refused),
        cmocka_unit_test(revoked_certificates_are_refused),
        cmocka_unit_test(what_cannot_be_checked_is_refused),
        cmocka_unit_test(before_a_handshake_there_is_none),
    };
    return cmocka_run_group_tests(tests, certs_set_up, certs_tear_down) + vw_test_leaked() +
           certs_leaked();
}
