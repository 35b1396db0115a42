// SPDX-License-Identifier: MIT
// TLS against a server of GnuTLS in a child process: borders of records both ways, the verification
// byte, peers that speak no TLS, deadlines, memory that is out; and against our own server's end.
// The refusals of certificates by and of a real libvirtd are in test-tls-real.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "transport/testing/tls-client.h"

static char dir[VW_TEST_FOLDER];
static char ca_file[sizeof(dir) + 32], cert_file[sizeof(dir) + 32], key_file[sizeof(dir) + 32];
static gnutls_datum_t cert_pem, key_pem;

/* ---- a certificate that is its own CA ---- */

static int make_cert(void)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    uint8_t serial = 1;
    gnutls_x509_privkey_init(&key);
    gnutls_x509_crt_init(&crt);
    gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    gnutls_x509_crt_set_key(crt, key);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, &serial, 1);
    gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600);
    gnutls_x509_crt_set_dn(crt, "CN=virwire unit test", NULL);
    gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "peer", 4, GNUTLS_FSAN_SET);
    gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN);
    gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
    int rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &cert_pem);
    if (rc == 0)
        rc = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
    return rc;
}

static int write_file(const char *path, const gnutls_datum_t *data)
{
    FILE *f = fopen(path, "we");
    return f && fwrite(data->data, 1, data->size, f) == data->size && fclose(f) == 0 ? 0 : -1;
}

static int set_up(void **state)
{
    if (vw_test_folder(dir) || make_cert())
        return -1;
    snprintf(ca_file, sizeof(ca_file), "%s/cacert.pem", dir);
    snprintf(cert_file, sizeof(cert_file), "%s/servercert.pem", dir);
    snprintf(key_file, sizeof(key_file), "%s/serverkey.pem", dir);
    return write_file(ca_file, &cert_pem) || write_file(cert_file, &cert_pem) ||
                   write_file(key_file, &key_pem)
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    unlink(ca_file);
    unlink(cert_file);
    unlink(key_file);
    gnutls_free(cert_pem.data);
    gnutls_free(key_pem.data);
    return rmdir(dir);
}

/* ---- the server ---- */

typedef void (*server_fn)(gnutls_session_t s);

static void serve_tls(int fd, server_fn run)
{
    gnutls_certificate_credentials_t cred;
    gnutls_session_t s;
    gnutls_certificate_allocate_credentials(&cred);
    gnutls_certificate_set_x509_key_mem(cred, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM);
    gnutls_init(&s, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
    gnutls_set_default_priority(s);
    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
    gnutls_transport_set_int(s, fd);
    int rc;
    do
        rc = gnutls_handshake(s);
    while (rc < 0 && !gnutls_error_is_fatal(rc));
    if (rc == 0)
        run(s);
}

/* A connected pair: the returned end is the client's. PLAIN or RUN is what the child does. */
static int serve(server_fn run, void (*plain)(int fd), pid_t *pid)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *pid = fork();
    assert_true(*pid >= 0);
    if (*pid == 0) {
        close(fds[0]);
        if (run)
            serve_tls(fds[1], run);
        else
            plain(fds[1]);
        _exit(0);
    }
    close(fds[1]);
    return fds[0];
}

static void finish(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* ---- the client ---- */

static char warned[400];

static void keep_warning(void *user, const char *text)
{
    snprintf(warned, sizeof(warned), "%s", text);
}

static int connect_as(int fd, const struct vw_uri *uri, const struct vw_transport_options *options,
                      int ms, struct vw_transport **t, struct vw_error *err)
{
    struct vw_transport *lower;
    vw_error_clear(err);
    assert_int_equal(vw_transport_from_fd(fd, &lower, NULL), 0);
    return tls_client(lower, uri, options, vw_now_ms() + ms, t, err);
}

static struct vw_uri uri_of(const char *host, const char *ca)
{
    struct vw_uri uri = {.transport = VW_TRANSPORT_TLS, .host = host, .tls_file_sets = 1};
    uri.tls_files[0] = (struct vw_uri_tls_files){.ca = ca, .cert = "/nowhere/cert.pem"};
    return uri;
}

static struct vw_transport *connect_well(int fd)
{
    struct vw_transport *t = NULL;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri uri = uri_of("peer", ca_file);
    int rc = connect_as(fd, &uri, NULL, 10000, &t, &err);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
    return t;
}

/* recv that waits. */
static ssize_t take(struct vw_transport *t, void *buf, size_t len)
{
    for (;;) {
        ssize_t n = t->ops->recv(t, buf, len, NULL);
        if (n != -EAGAIN)
            return n;
        assert_false(t->ops->pending(t));
        struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 5000), 1);
    }
}

static void give(struct vw_transport *t, const void *buf, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = t->ops->send(t, (const char *)buf + at, len - at, NULL);
        if (n == -EAGAIN) {
            struct pollfd p = {.fd = t->ops->fd(t), .events = POLLOUT};
            assert_int_equal(poll(&p, 1, 5000), 1);
            continue;
        }
        assert_true(n > 0 && n <= (ssize_t)VW_TLS_RECORD_MAX);
        at += (size_t)n;
    }
}

static void expect_refusal(int fd, const struct vw_uri *uri, int code, const char *clause,
                           const char *words)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(connect_as(fd, uri, NULL, 10000, &t, &err), code);
    assert_null(t);
    if (!strstr(err.text, words))
        print_error("%s\n", err.text);
    assert_non_null(strstr(err.text, words));
    assert_string_equal(err.clause, clause);
}

/* ---- records ---- */

static void records_of_many_kinds(gnutls_session_t s)
{
    static char big[40000];
    gnutls_record_send(s, "\1first", 6);
    gnutls_record_send(s, "second", 6);
    gnutls_record_send(s, "t", 1);
    for (size_t at = 0; at < sizeof(big);)
        at += (size_t)gnutls_record_send(s, big + at, sizeof(big) - at);
    gnutls_bye(s, GNUTLS_SHUT_WR);
}

static void borders_of_records_are_seen(void **state)
{
    pid_t pid;
    char buf[65536];
    struct vw_transport *t = connect_well(serve(records_of_many_kinds, NULL, &pid));
    assert_true(t->ops->caps & VW_CAP_RECORDS);
    assert_true(t->ops->caps & VW_CAP_SECURE);
    /* The verification byte shared its record with these. */
    assert_int_equal(take(t, buf, sizeof(buf)), 5);
    assert_memory_equal(buf, "first", 5);
    assert_false(t->ops->record_start(t));
    assert_int_equal(take(t, buf, 4), 4);
    assert_true(t->ops->record_start(t));
    assert_true(t->ops->pending(t));
    assert_int_equal(take(t, buf, sizeof(buf)), 2);
    assert_memory_equal(buf, "nd", 2);
    assert_false(t->ops->record_start(t));
    assert_int_equal(take(t, buf, sizeof(buf)), 1);
    assert_true(t->ops->record_start(t));
    static const ssize_t sizes[] = {16384, 16384, 7232};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(take(t, buf, sizeof(buf)), sizes[i]);
        assert_true(t->ops->record_start(t));
    }
    assert_int_equal(take(t, buf, sizeof(buf)), 0);
    t->ops->close(t);
    finish(pid);
}

/* Answers every record with its size. */
static void tell_sizes(gnutls_session_t s)
{
    static char buf[20000];
    ssize_t n;
    gnutls_record_send(s, "\1", 1);
    while ((n = gnutls_record_recv(s, buf, sizeof(buf))) > 0) {
        int len = snprintf(buf, sizeof(buf), "%zd", n);
        gnutls_record_send(s, buf, (size_t)len);
    }
    gnutls_record_send(s, "end", 3);
}

static void one_send_is_one_record(void **state)
{
    static const size_t sizes[] = {1, 28, 42, 16384, 3};
    static const char bytes[16384];
    pid_t pid;
    struct vw_transport *t = connect_well(serve(tell_sizes, NULL, &pid));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char want[16], got[16] = "";
        snprintf(want, sizeof(want), "%zu", sizes[i]);
        give(t, bytes, sizes[i]);
        assert_true(take(t, got, sizeof(got)) > 0);
        assert_string_equal(got, want);
    }
    char got[16];
    assert_int_equal(t->ops->shutdown(t), 0);
    assert_int_equal(take(t, got, sizeof(got)), 3);
    assert_int_equal(take(t, got, sizeof(got)), 0);
    t->ops->close(t);
    finish(pid);
}

/* GnuTLS takes memory for each record, and that is all. */
static void records_cost_no_memory_of_ours(void **state)
{
    char got[16];
    pid_t pid;
    struct vw_transport *t = connect_well(serve(tell_sizes, NULL, &pid));
    for (int i = 0; i < 200; i++) {
        if (i == 100)
            vw_failalloc_reset();
        give(t, "0123456789", 10);
        assert_true(take(t, got, sizeof(got)) > 0);
    }
    assert_int_equal(vw_failalloc_stats().count, 0);
    t->ops->close(t);
    finish(pid);
}

/* Does not read for a while, so that the socket fills. */
static void read_late(gnutls_session_t s)
{
    static char buf[20000];
    size_t sum = 0;
    ssize_t n;
    gnutls_record_send(s, "\1", 1);
    struct timespec late = {.tv_nsec = 100000000};
    nanosleep(&late, NULL);
    while (sum < 3000000 && (n = gnutls_record_recv(s, buf, sizeof(buf))) > 0)
        for (ssize_t i = 0; i < n; i++, sum++)
            if (buf[i] != (char)(sum * 7))
                return;
    gnutls_record_send(s, "all", 3);
}

static void a_full_socket_loses_nothing(void **state)
{
    pid_t pid;
    char *data = malloc(3000000), got[8] = "";
    for (size_t i = 0; i < 3000000; i++)
        data[i] = (char)(i * 7);
    struct vw_transport *t = connect_well(serve(read_late, NULL, &pid));
    give(t, data, 3000000);
    assert_int_equal(take(t, got, sizeof(got)), 3);
    t->ops->close(t);
    finish(pid);
    free(data);
}

/* Asks for a second handshake, as TLS 1.2 allows. */
static void ask_again(gnutls_session_t s)
{
    char c;
    gnutls_record_send(s, "\1", 1);
    gnutls_rehandshake(s);
    gnutls_record_recv(s, &c, 1);
}

static void one_handshake_is_all(void **state)
{
    pid_t pid;
    char c;
    struct vw_uri uri = uri_of("peer", ca_file);
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uri.tls_priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    assert_int_equal(connect_as(serve(ask_again, NULL, &pid), &uri, NULL, 10000, &t, &err), 0);
    assert_int_equal(take(t, &c, 1), -EPROTO);
    assert_int_equal(take(t, &c, 1), -EPROTO);
    assert_int_equal(t->ops->explain(t, &err), VW_EPROTOCOL);
    assert_non_null(strstr(err.text, gnutls_strerror(GNUTLS_E_REHANDSHAKE)));
    t->ops->close(t);
    finish(pid);
}

/* ---- refusals ---- */

static void byte_zero(gnutls_session_t s)
{
    gnutls_record_send(s, "\0", 1);
}

static void no_byte(gnutls_session_t s)
{
}

static void silence(gnutls_session_t s)
{
    char c;
    gnutls_record_recv(s, &c, 1);
}

static void the_verification_byte(void **state)
{
    pid_t pid;
    struct vw_uri uri = uri_of("peer", ca_file);
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    char byte;
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EPROTOCOL, "T-2", "0x00 and not 0x01");
    finish(pid);
    expect_refusal(serve(no_byte, NULL, &pid), &uri, VW_EUNREACHABLE, "T-10",
                   "wants a client certificate");
    finish(pid);
    /* T-9: also without checks. */
    uri.no_verify = 1;
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EPROTOCOL, "T-2", "0x00");
    finish(pid);
    assert_int_equal(connect_as(serve(silence, NULL, &pid), &uri, NULL, 300, &t, &err),
                     VW_ETIMEOUT);
    finish(pid);

    assert_int_equal(connect_as(serve(byte_zero, NULL, &pid), &uri, &vw_tls_bare, 10000, &t, &err),
                     0);
    assert_int_equal(take(t, &byte, 1), 1);
    assert_int_equal(byte, 0);
    t->ops->close(t);
    finish(pid);
}

static void plain_text(int fd)
{
    char buf[2000];
    if (write(fd, "SSH-2.0-none of your business\r\n", 31) == 31)
        while (read(fd, buf, sizeof(buf)) > 0)
            continue;
}

static void plain_close(int fd)
{
    char buf[4];
    if (read(fd, buf, sizeof(buf)) < 0)
        return;
}

static void plain_silence(int fd)
{
    char buf[2000];
    while (read(fd, buf, sizeof(buf)) > 0)
        continue;
}

static void peers_that_speak_no_tls(void **state)
{
    pid_t pid;
    struct vw_uri uri = uri_of("peer", ca_file);
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    expect_refusal(serve(NULL, plain_text, &pid), &uri, VW_EUNREACHABLE, "",
                   "does not speak TLS here");
    finish(pid);
    expect_refusal(serve(NULL, plain_close, &pid), &uri, VW_EUNREACHABLE, "", "may not speak TLS");
    finish(pid);
    assert_int_equal(connect_as(serve(NULL, plain_silence, &pid), &uri, NULL, 200, &t, &err),
                     VW_ETIMEOUT);
    assert_non_null(strstr(err.text, "handshake took too long"));
    finish(pid);
}

static void names_and_files(void **state)
{
    pid_t pid;
    struct vw_uri uri = uri_of("somebody", ca_file);
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EUNREACHABLE, "T-7",
                   "is not for somebody but for peer");
    finish(pid);
    const struct vw_transport_options listen = {.warn = keep_warning};
    uri.no_verify = 1;
    warned[0] = '\0';
    assert_int_equal(connect_as(serve(byte_zero, NULL, &pid), &uri, &listen, 10000, &t, &err),
                     VW_EPROTOCOL);
    assert_non_null(strstr(warned, "is not for somebody"));
    finish(pid);
    uri = uri_of("peer", "/nowhere/ca.pem");
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EUSAGE, "", "/nowhere/ca.pem");
    finish(pid);
    uri = uri_of("peer", "/dev/null");
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EUSAGE, "", "cannot be read");
    finish(pid);
    uri = uri_of("peer", ca_file);
    uri.tls_priority = "NORMAL:+NONSENSE";
    expect_refusal(serve(byte_zero, NULL, &pid), &uri, VW_EUSAGE, "", "+NONSENSE");
    finish(pid);
}

static void memory_is_out(void **state)
{
    struct vw_uri uri = uri_of("peer", ca_file);
    bool failed = true;
    for (size_t n = 1; failed; n++) {
        pid_t pid;
        struct vw_transport *t, *lower;
        int fd = serve(tell_sizes, NULL, &pid);
        assert_int_equal(vw_transport_from_fd(fd, &lower, NULL), 0);
        vw_failalloc_set(n);
        int rc = tls_client(lower, &uri, NULL, vw_now_ms() + 10000, &t, NULL);
        failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        if (t)
            t->ops->close(t);
        finish(pid);
    }
}

/* ---- our own server's end ---- */

/* Of the server's end; without a CA: as the folder has it. */
static struct vw_tls_server_options asked;

static int make_server(struct vw_tls_server **out, struct vw_error *err)
{
    return asked.ca ? vw_tls_server_open(&asked, out, err) : vw_tls_server_create(dir, out, err);
}

/* Sends back what comes. */
static void echo_end(int fd)
{
    struct vw_tls_server *server;
    struct vw_transport *lower, *t;
    char buf[100];
    ssize_t n;
    if (make_server(&server, NULL) || vw_transport_from_fd(fd, &lower, NULL) ||
        vw_tls_server_wrap(server, lower, &t, NULL))
        _exit(3);
    while ((n = take(t, buf, sizeof(buf))) > 0)
        give(t, buf, (size_t)n);
    t->ops->close(t);
    vw_tls_server_destroy(server);
}

static struct vw_uri uri_with_certificate(void)
{
    struct vw_uri uri = uri_of("peer", ca_file);
    uri.tls_files[0].cert = cert_file;
    uri.tls_files[0].key = key_file;
    return uri;
}

static void the_servers_end(void **state)
{
    pid_t pid;
    char buf[100];
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri uri = uri_with_certificate();
    assert_int_equal(connect_as(serve(NULL, echo_end, &pid), &uri, NULL, 10000, &t, &err), 0);
    give(t, "hello", 5);
    assert_int_equal(take(t, buf, sizeof(buf)), 5);
    assert_memory_equal(buf, "hello", 5);
    t->ops->close(t);
    finish(pid);
    uri = uri_of("peer", ca_file);
    expect_refusal(serve(NULL, echo_end, &pid), &uri, VW_EUNREACHABLE, "T-10",
                   "wants a client certificate");
    finish(pid);
}

/* Whose certificate is looked at, and whether the names that may come are those of the clients. */
static void who_may_come(void **state)
{
    static const char *const own[] = {"CN=somebody", "CN=virwire * tes?"};
    static const struct {
        size_t count; /* of the names; 9: there is no list */
        bool no_verify, certificate, comes;
    } rows[] = {
        {2, false, true, true},   {1, false, true, false}, {0, false, true, false},
        {9, false, false, false}, {9, true, false, true},  {1, true, true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_uri uri = rows[i].certificate ? uri_with_certificate() : uri_of("peer", ca_file);
        struct vw_transport *t = NULL;
        pid_t pid;
        asked = (struct vw_tls_server_options){.ca = ca_file,
                                               .cert = cert_file,
                                               .key = key_file,
                                               .priority = "NORMAL",
                                               .no_verify = rows[i].no_verify,
                                               .names = rows[i].count == 9 ? NULL : own,
                                               .n_names = rows[i].count};
        int rc = connect_as(serve(NULL, echo_end, &pid), &uri, NULL, 10000, &t, NULL);
        if (rc != (rows[i].comes ? 0 : VW_EUNREACHABLE))
            fail_msg("row %zu: %d", i, rc);
        if (rc == 0)
            t->ops->close(t);
        finish(pid);
    }
    asked = (struct vw_tls_server_options){0};
}

static void a_server_that_is_told_wrong(void **state)
{
    const struct vw_tls_server_options good = {.ca = ca_file, .cert = cert_file, .key = key_file};
    struct vw_tls_server_options rows[] = {good, good, good, good};
    static const char *const texts[] = {"+NONSENSE", "/nowhere/crl", "/nowhere/cert", ""};
    rows[0].priority = "NORMAL:+NONSENSE";
    rows[1].crl = "/nowhere/crl";
    rows[2].cert = "/nowhere/cert";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_tls_server *server;
        int rc = vw_tls_server_open(&rows[i], &server, &err);
        assert_int_equal(rc, *texts[i] ? VW_EUSAGE : 0);
        assert_non_null(strstr(err.text, texts[i]));
        vw_tls_server_destroy(server);
    }
}

static void memory_is_out_at_the_servers_end(void **state)
{
    struct vw_tls_server *server;
    bool failed = true;
    assert_int_equal(vw_tls_server_create(dir, &server, NULL), 0);
    for (size_t n = 1; failed; n++) {
        struct vw_transport *t, *lower;
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(vw_transport_from_fd(fds[0], &lower, NULL), 0);
        vw_failalloc_set(n);
        int rc = vw_tls_server_wrap(server, lower, &t, NULL);
        failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        if (t)
            t->ops->close(t);
        close(fds[1]);
    }
    vw_tls_server_destroy(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_of_records_are_seen),
        cmocka_unit_test(one_send_is_one_record),
        cmocka_unit_test(records_cost_no_memory_of_ours),
        cmocka_unit_test(a_full_socket_loses_nothing),
        cmocka_unit_test(one_handshake_is_all),
        cmocka_unit_test(the_verification_byte),
        cmocka_unit_test(peers_that_speak_no_tls),
        cmocka_unit_test(names_and_files),
        cmocka_unit_test(memory_is_out),
        cmocka_unit_test(the_servers_end),
        cmocka_unit_test(who_may_come),
        cmocka_unit_test(a_server_that_is_told_wrong),
        cmocka_unit_test(memory_is_out_at_the_servers_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
