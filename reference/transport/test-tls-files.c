// SPDX-License-Identifier: MIT
// The files of a TLS client (U-15): which are used, what is wrong with each, and what is only told;
// and the server's end, which looks at the certificate that was loaded so (T-10).
#include "transport/testing/certs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/testing/tls-client.h"

static char dir[VW_TEST_FOLDER];

static const char *at(const char *name)
{
    static char paths[8][VW_TEST_FOLDER + 32];
    static unsigned n;
    char *path = paths[n++ % 8];
    snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t len)
{
    FILE *f = fopen(at(name), "we");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void write_cert(const char *name, gnutls_x509_crt_t cert)
{
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_file(name, pem.data, pem.size);
    gnutls_free(pem.data);
}

static void write_key(const char *name, gnutls_x509_privkey_t k, const char *password)
{
    char pem[4096];
    size_t size = sizeof(pem);
    assert_int_equal(gnutls_x509_privkey_export_pkcs8(
                         k, GNUTLS_X509_FMT_PEM, password,
                         password ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, pem, &size),
                     0);
    write_file(name, pem, size);
}

static void write_crl(const char *name, long next)
{
    gnutls_x509_crl_t crl;
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_crl_init(&crl), 0);
    gnutls_x509_crl_set_version(crl, 2);
    gnutls_x509_crl_set_this_update(crl, NOW - 2 * HOUR);
    gnutls_x509_crl_set_next_update(crl, NOW + next);
    gnutls_x509_crl_set_number(crl, "\1", 1);
    assert_int_equal(gnutls_x509_crl_sign2(crl, ca, ca_key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_file(name, pem.data, pem.size);
    gnutls_free(pem.data);
    gnutls_x509_crl_deinit(crl);
}

/* Each file with one thing about it. */
static void write_certs(void)
{
    static const struct {
        const char *name;
        struct want want;
    } certs[] = {
        {"good.pem", {.usage = SIGNS | ENCIPHER, .purpose = CLIENT}},
        {"lax.pem", {.dns = "x"}},
        {"expired.pem", {.to = -1, .purpose = CLIENT}},
        {"server.pem", {.purpose = SERVER, .purpose_critical = true}},
        {"servercert.pem", {.dns = "peer", .usage = SIGNS, .purpose = SERVER}},
    };
    for (size_t i = 0; i < ROWS(certs); i++) {
        gnutls_x509_crt_t cert = make(&certs[i].want, key, ca, ca_key);
        write_cert(certs[i].name, cert);
        gnutls_x509_crt_deinit(cert);
    }
    const struct want stranger = {.purpose = CLIENT, .usage = SIGNS | ENCIPHER, .name = "stranger"};
    gnutls_x509_crt_t cert = make(&stranger, key, NULL, NULL);
    write_cert("stranger.pem", cert);
    gnutls_x509_crt_deinit(cert);
}

static int set_up(void **state)
{
    if (certs_set_up(state) || vw_test_folder(dir))
        return -1;
    write_certs();
    write_cert("cacert.pem", ca);
    write_key("key.pem", key, NULL);
    write_key("serverkey.pem", key, NULL);
    write_key("locked.pem", key, "secret");
    write_key("other.pem", ca_key, NULL);
    write_crl("crl.pem", HOUR);
    write_crl("just.pem", 0);
    write_crl("old.pem", -1);
    write_file("junk", "junk\n", 5);
    write_file("empty", "", 0);
    write_file("big", "", 0);
    return mkfifo(at("fifo"), 0600) || symlink(at("loop"), at("loop")) ||
           truncate(at("big"), (16l << 20) + 1);
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "good.pem",     "lax.pem",    "expired.pem", "server.pem",    "servercert.pem",
        "stranger.pem", "cacert.pem", "key.pem",     "locked.pem",    "other.pem",
        "crl.pem",      "just.pem",   "old.pem",     "serverkey.pem", "junk",
        "empty",        "big",        "fifo",        "loop"};
    for (size_t i = 0; i < ROWS(names); i++)
        unlink(at(names[i]));
    rmdir(dir);
    return certs_tear_down(state);
}

/* ---- what is loaded ---- */

/* "DIR" in a text stands for the folder. */
static void expect_text(size_t row, const char *got, const char *wanted)
{
    char full[1024] = "";
    const char *mark = wanted;
    for (const char *next; (next = strstr(mark, "DIR")); mark = next + 3)
        snprintf(full + strlen(full), sizeof(full) - strlen(full), "%.*s%s", (int)(next - mark),
                 mark, dir);
    snprintf(full + strlen(full), sizeof(full) - strlen(full), "%s", mark);
    if (strncmp(got, full, strlen(full)) != 0 || (full[0] == '\0' && got[0]))
        fail_msg("row %zu: \"%s\" and not \"%s\"", row, got, full);
}

#define CA    "the CA certificate DIR/"
#define NO_CA "there is no CA certificate to check the server with (DIR/nothing)"

static void each_file_and_what_is_wrong_with_it(void **state)
{
    static const struct {
        const char *ca, *crl, *cert, *key;
        bool no_verify, no_sanity;
        int rc;
        const char *text, *warned;
    } rows[] = {
        {"cacert.pem", NULL, NULL, NULL, false, false, 0, "", ""},
        {"nothing", NULL, NULL, NULL, false, false, VW_EUSAGE, NO_CA, ""},
        {"cacert.pem/x", NULL, NULL, NULL, false, false, VW_EUSAGE,
         "there is no CA certificate to check the server with (DIR/cacert.pem/x)", ""},
        {"nothing", NULL, NULL, NULL, true, false, VW_EUSAGE, NO_CA, ""},
        {"junk", NULL, NULL, NULL, false, false, VW_EUSAGE, "DIR/junk holds no certificate", ""},
        {"empty", NULL, NULL, NULL, false, false, VW_EUSAGE, "DIR/empty holds no certificate", ""},
        {"", NULL, NULL, NULL, false, false, VW_EUSAGE, CA " cannot be read: Is a directory", ""},
        {"fifo", NULL, NULL, NULL, false, false, VW_EUSAGE,
         CA "fifo cannot be read: it is not a file", ""},
        {"big", NULL, NULL, NULL, false, false, VW_EUSAGE, CA "big cannot be read: File too large",
         ""},
        {"loop", NULL, NULL, NULL, false, false, VW_EUSAGE,
         CA "loop cannot be read: Too many levels of symbolic links", ""},
        {"loop", NULL, NULL, NULL, true, false, VW_EUSAGE,
         CA "loop cannot be read: Too many levels of symbolic links", ""},
        {"cacert.pem", "loop", NULL, NULL, false, false, VW_EUSAGE,
         "the list of revoked certificates DIR/loop cannot be read: Too many levels", ""},
        {"cacert.pem", "nothing", NULL, NULL, false, false, 0, "", ""},
        {"cacert.pem", "crl.pem", NULL, NULL, false, false, 0, "", ""},
        {"cacert.pem", "just.pem", NULL, NULL, false, false, 0, "", ""},
        {"cacert.pem", "old.pem", NULL, NULL, false, false, 0, "",
         "the list of revoked certificates is out of date (DIR/old.pem)"},
        {"cacert.pem", "empty", NULL, NULL, false, false, VW_EUSAGE,
         "the list of revoked certificates DIR/empty: ", ""},
        {"cacert.pem", "fifo", NULL, NULL, false, false, VW_EUSAGE,
         "the list of revoked certificates DIR/fifo cannot be read: it is not a file", ""},
        {"cacert.pem", NULL, "good.pem", "key.pem", false, false, 0, "", ""},
        {"cacert.pem", NULL, "good.pem", "nothing", false, false, 0, "",
         "DIR/good.pem is not used, since there is no key with it"},
        {"cacert.pem", NULL, "nothing", "key.pem", false, false, 0, "",
         "DIR/key.pem is not used, since there is no certificate with it"},
        {"cacert.pem", NULL, "good.pem", "other.pem", false, false, VW_EUSAGE,
         "the key DIR/other.pem does not belong to the certificate DIR/good.pem", ""},
        {"cacert.pem", NULL, "good.pem", "locked.pem", false, false, VW_EUSAGE,
         "the client's key DIR/locked.pem has a passphrase; TLS needs one without", ""},
        {"cacert.pem", NULL, "good.pem", "junk", false, false, VW_EUSAGE,
         "DIR/junk holds no private key", ""},
        {"cacert.pem", NULL, "junk", "key.pem", false, false, VW_EUSAGE,
         "the client certificate DIR/junk: ", ""},
        {"cacert.pem", NULL, "junk", "key.pem", false, true, VW_EUSAGE,
         "the certificate DIR/junk with the key DIR/key.pem: ", ""},
        {"cacert.pem", NULL, "fifo", "key.pem", false, false, VW_EUSAGE,
         "the client certificate DIR/fifo cannot be read: it is not a file", ""},
        {"cacert.pem", NULL, "good.pem", "fifo", false, false, VW_EUSAGE,
         "the client's key DIR/fifo cannot be read: it is not a file", ""},
        {"cacert.pem", NULL, "expired.pem", "key.pem", false, false, VW_EUSAGE,
         "the client certificate DIR/expired.pem has expired", ""},
        {"cacert.pem", NULL, "expired.pem", "key.pem", false, true, 0, "", ""},
        {"cacert.pem", NULL, "server.pem", "key.pem", false, false, VW_EUSAGE,
         "the key purpose of the client certificate DIR/server.pem is not that of a TLS client",
         ""},
        {"cacert.pem", NULL, "lax.pem", "key.pem", false, false, 0, "",
         "the client certificate DIR/lax.pem does not say that it is for a TLS client"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_uri uri = {
            .no_verify = rows[i].no_verify, .no_sanity = rows[i].no_sanity, .tls_file_sets = 1};
        struct vw_uri_tls_files *set = &uri.tls_files[0];
        struct vw_tls_files used;
        struct vw_error err = VW_ERROR_INIT;
        gnutls_certificate_credentials_t cred;
        set->ca = at(rows[i].ca);
        set->crl = rows[i].crl ? at(rows[i].crl) : NULL;
        set->cert = rows[i].cert ? at(rows[i].cert) : NULL;
        set->key = rows[i].key ? at(rows[i].key) : NULL;
        warnings[0] = '\0';
        unsigned objects = certs_live(), descriptors = vw_test_descriptors();
        size_t bytes = vw_failalloc_stats().live;
        int rc = vw_tls_load(&uri, &listener, &used, &cred, &err);
        if (rc != rows[i].rc)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        expect_text(i, err.text, rows[i].text);
        expect_text(i, warnings, rows[i].warned);
        assert_int_equal(cred != NULL, rc == 0);
        if (cred)
            gnutls_certificate_free_credentials(cred);
        if (certs_live() != objects || vw_test_descriptors() != descriptors ||
            vw_failalloc_stats().live != bytes)
            fail_msg("row %zu leaves something", i);
    }
}

/* Each file by itself: that of the first folder which has it. */
static void the_first_folder_that_has_it(void **state)
{
    struct vw_uri uri = {.tls_file_sets = 2};
    struct vw_tls_files used;
    gnutls_certificate_credentials_t cred;
    uri.tls_files[0] = (struct vw_uri_tls_files){
        .ca = at("nothing"), .crl = at("crl.pem"), .cert = at("nothing"), .key = at("nothing")};
    uri.tls_files[1] = (struct vw_uri_tls_files){
        .ca = at("cacert.pem"), .crl = at("old.pem"), .cert = at("good.pem"), .key = at("key.pem")};
    assert_int_equal(vw_tls_load(&uri, &listener, &used, &cred, NULL), 0);
    assert_ptr_equal(used.ca, uri.tls_files[1].ca);
    assert_ptr_equal(used.crl, uri.tls_files[0].crl);
    assert_ptr_equal(used.cert, uri.tls_files[1].cert);
    assert_ptr_equal(used.key, uri.tls_files[1].key);
    gnutls_certificate_free_credentials(cred);
    /* T-10: none, where the URI has none. */
    for (size_t i = 0; i < 2; i++)
        uri.tls_files[i].cert = uri.tls_files[i].key = NULL;
    warnings[0] = '\0';
    assert_int_equal(vw_tls_load(&uri, &listener, &used, &cred, NULL), 0);
    assert_null(used.cert);
    assert_null(used.key);
    assert_string_equal(warnings, "");
    gnutls_certificate_free_credentials(cred);
    uri.tls_file_sets = 0;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_tls_load(&uri, &listener, &used, &cred, &err), VW_EUSAGE);
    assert_string_equal(err.text,
                        "there is no CA certificate to check the server with (no place is known)");
}

/* ---- the server's end ---- */

/* Sends "hello" to whom it lets in, in a process of its own. */
static int serve(pid_t *pid)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *pid = fork();
    assert_true(*pid >= 0);
    if (*pid) {
        close(fds[1]);
        return fds[0];
    }
    struct vw_tls_server *server;
    struct vw_transport *lower, *t;
    char buf[8];
    ssize_t n;
    close(fds[0]);
    if (vw_tls_server_create(dir, &server, NULL) || vw_transport_from_fd(fds[1], &lower, NULL) ||
        vw_tls_server_wrap(server, lower, &t, NULL))
        _exit(3);
    while ((n = t->ops->recv(t, buf, sizeof(buf), NULL)) == -EAGAIN)
        if (vw_fd_wait(t->ops->fd(t), POLLIN, vw_now_ms() + 20000) != 1)
            _exit(4);
    if (n > 0)
        t->ops->send(t, buf, (size_t)n, NULL);
    t->ops->close(t);
    vw_tls_server_destroy(server);
    _exit(n == -EACCES ? 7 : n < 0 ? 5 : 0);
}

static void the_server_looks_at_the_client(void **state)
{
    static const struct {
        const char *cert;
        int status;
        const char *text;
    } rows[] = {
        {"good.pem", 0, ""},
        {"lax.pem", 0, ""},
        {"expired.pem", 7, "instead of confirming the client certificate "},
        {"server.pem", 7, "instead of confirming the client certificate "},
        {"stranger.pem", 7, "instead of confirming the client certificate "},
        {NULL, 7, "it wants a client certificate, and there is none"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_uri uri = {
            .transport = VW_TRANSPORT_TLS, .host = "peer", .no_sanity = 1, .tls_file_sets = 1};
        struct vw_error err = VW_ERROR_INIT;
        struct vw_transport *lower, *t;
        pid_t pid;
        int status;
        uri.tls_files[0] = (struct vw_uri_tls_files){.ca = at("cacert.pem")};
        if (rows[i].cert) {
            uri.tls_files[0].cert = at(rows[i].cert);
            uri.tls_files[0].key = at("key.pem");
        }
        assert_int_equal(vw_transport_from_fd(serve(&pid), &lower, NULL), 0);
        int rc = tls_client(lower, &uri, NULL, vw_now_ms() + 20000, &t, &err);
        if (rc != (rows[i].status ? VW_EUNREACHABLE : 0) || !strstr(err.text, rows[i].text))
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        assert_string_equal(err.clause, rc ? "T-10" : "");
        if (t) {
            assert_int_equal(t->ops->send(t, "hello", 5, NULL), 5);
            t->ops->close(t);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), rows[i].status);
    }
}

/* T-9: what is wrong is told, and that is all. */
static void without_verification_it_is_only_told(void **state)
{
    static const struct {
        const char *host, *ca, *said;
    } rows[] = {
        {"other", "cacert.pem", "the server's certificate is not for other but for peer"},
        {"peer", "stranger.pem",
         "the server's certificate was not issued by a CA that is trusted (DIR/stranger.pem)"},
    };
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        bool told = i % 2;
        struct vw_uri uri = {.transport = VW_TRANSPORT_TLS,
                             .host = rows[i / 2].host,
                             .no_verify = told,
                             .tls_file_sets = 1};
        struct vw_error err = VW_ERROR_INIT;
        struct vw_transport *lower, *t;
        pid_t pid;
        int status;
        char text[400];
        uri.tls_files[0] = (struct vw_uri_tls_files){
            .ca = at(rows[i / 2].ca), .cert = at("good.pem"), .key = at("key.pem")};
        warnings[0] = '\0';
        assert_int_equal(vw_transport_from_fd(serve(&pid), &lower, NULL), 0);
        int rc = tls_client(lower, &uri, &listener, vw_now_ms() + 20000, &t, &err);
        assert_int_equal(rc, told ? 0 : VW_EUNREACHABLE);
        assert_string_equal(err.clause, told ? "" : "T-7");
        snprintf(text, sizeof(text), "%s%s", rows[i / 2].said,
                 told ? "; connected all the same, as no_verify asks" : "");
        expect_text(i, told ? warnings : err.text, text);
        if (t) {
            assert_true(t->ops->strength(t) >= 128);
            t->ops->close(t);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
}

static void a_server_needs_its_files(void **state)
{
    struct vw_tls_server *server;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_tls_server_create("/nowhere", &server, &err), VW_EUSAGE);
    assert_null(server);
    assert_non_null(strstr(err.text, "/nowhere/cacert.pem: "));
    vw_tls_server_destroy(NULL);
    vw_error_clear(&err);
    assert_int_equal(rename(at("serverkey.pem"), at("away")), 0);
    assert_int_equal(vw_tls_server_create(dir, &server, &err), VW_EUSAGE);
    assert_null(server);
    expect_text(0, err.text, "DIR/servercert.pem with DIR/serverkey.pem: ");
    assert_int_equal(rename(at("away"), at("serverkey.pem")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_and_what_is_wrong_with_it),
        cmocka_unit_test(the_first_folder_that_has_it),
        cmocka_unit_test(the_server_looks_at_the_client),
        cmocka_unit_test(without_verification_it_is_only_told),
        cmocka_unit_test(a_server_needs_its_files),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked() + certs_leaked();
}
