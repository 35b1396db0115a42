// SPDX-License-Identifier: MIT
// Both ends of the ping-pong through bare GnuTLS. The server serves several connections, but
// shakes hands with one at a time: see tls.h.
#include "tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/words.h"

#define MAX_CLIENTS 8

struct tls_load {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t cred;
};

static int credentials(const char *pki, const char *cert, const char *key,
                       gnutls_certificate_credentials_t *out)
{
    char cert_path[512], key_path[512], ca[512];
    snprintf(cert_path, sizeof(cert_path), "%s/%s", pki, cert);
    snprintf(key_path, sizeof(key_path), "%s/%s", pki, key);
    snprintf(ca, sizeof(ca), "%s/server/cacert.pem", pki);
    int rc = gnutls_certificate_allocate_credentials(out);
    if (rc >= 0)
        rc = gnutls_certificate_set_x509_trust_file(*out, ca, GNUTLS_X509_FMT_PEM);
    if (rc >= 0)
        rc = gnutls_certificate_set_x509_key_file(*out, cert_path, key_path, GNUTLS_X509_FMT_PEM);
    return rc;
}

static int start_session(int fd, unsigned flags, gnutls_certificate_credentials_t cred,
                         gnutls_session_t *out)
{
    int rc = gnutls_init(out, flags);
    if (rc < 0)
        return rc;
    gnutls_set_default_priority(*out);
    gnutls_credentials_set(*out, GNUTLS_CRD_CERTIFICATE, cred);
    gnutls_transport_set_int(*out, fd);
    do
        rc = gnutls_handshake(*out);
    while (rc < 0 && !gnutls_error_is_fatal(rc));
    return rc;
}

static int complain(int rc)
{
    fprintf(stderr, "tls: %s\n", rc < 0 ? gnutls_strerror(rc) : "a short answer");
    return -1;
}

/* ---- the server ---- */

static _Noreturn void die(int rc)
{
    complain(rc);
    exit(3);
}

static gnutls_session_t greet(int listener, gnutls_certificate_credentials_t cred, int *fd)
{
    gnutls_session_t session;
    int one = 1;
    *fd = accept(listener, NULL, NULL);
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    int rc = start_session(*fd, GNUTLS_SERVER, cred, &session);
    /* The verification byte (T-2). */
    if (rc < 0 || (rc = (int)gnutls_record_send(session, "\1", 1)) != 1)
        die(rc);
    return session;
}

/* False when the client is gone. */
static bool serve(gnutls_session_t session)
{
    uint8_t call[ECHO_CALL_BYTES], reply[ECHO_REPLY_BYTES];
    ssize_t n = gnutls_record_recv(session, call, sizeof(call));
    if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
        return true;
    if (n != sizeof(call))
        return false;
    echo_prepare(reply, 1);
    echo_answer(call, reply, 1);
    return gnutls_record_send(session, reply, sizeof(reply)) == sizeof(reply);
}

static _Noreturn void run(int listener, const char *pki)
{
    gnutls_certificate_credentials_t cred;
    gnutls_session_t sessions[MAX_CLIENTS];
    struct pollfd polls[1 + MAX_CLIENTS] = {{.fd = listener, .events = POLLIN}};
    size_t n = 0;
    int rc = credentials(pki, "server/good/cert.pem", "server/good/key.pem", &cred);
    if (rc < 0)
        die(rc);
    for (;;) {
        poll(polls, 1 + n, -1);
        for (size_t i = 0; i < n; i++)
            if (polls[1 + i].revents && !serve(sessions[i]))
                polls[1 + i].fd = -1;
        if (!polls[0].revents || n == MAX_CLIENTS)
            continue;
        sessions[n] = greet(listener, cred, &polls[1 + n].fd);
        polls[1 + n++].events = POLLIN;
    }
}

pid_t tls_echo_start(int listener, const char *pki)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(listener, pki);
    }
    close(listener);
    return pid;
}

/* ---- the client ---- */

/* One record out, one back, past tickets. */
static int exchange(struct tls_load *l, const uint8_t *call, size_t len, uint8_t *reply,
                    size_t size)
{
    ssize_t rc = gnutls_record_send(l->session, call, len);
    if (rc == (ssize_t)len)
        while ((rc = gnutls_record_recv(l->session, reply, size)) == GNUTLS_E_AGAIN)
            ;
    return rc == (ssize_t)size && vw_load32(reply) == size ? 0 : complain((int)rc);
}

static int open_name(struct tls_load *l, const char *name)
{
    struct load_open o = {0};
    uint8_t reply[64], *call = o.calls;
    if (!load_open_calls(name, &o))
        return complain(0);
    for (size_t i = 0; i < 2; call += o.steps[i++].call) {
        if (exchange(l, call, o.steps[i].call, reply, o.steps[i].reply))
            return -1;
    }
    return 0;
}

struct tls_load *tls_load_start(uint16_t port, const char *pki, const char *name)
{
    const struct load_options o = {.port = port};
    struct tls_load *l = calloc(1, sizeof(*l));
    uint8_t byte = 0;
    if (!l || (l->fd = load_connect(&o)) < 0) {
        free(l);
        return NULL;
    }
    int rc = credentials(pki, "client/good/clientcert.pem", "client/good/clientkey.pem", &l->cred);
    if (rc >= 0)
        rc = start_session(l->fd, GNUTLS_CLIENT, l->cred, &l->session);
    while (rc >= 0 && (rc = (int)gnutls_record_recv(l->session, &byte, 1)) == GNUTLS_E_AGAIN)
        rc = 0;
    if (byte != 1)
        complain(rc);
    else if (!name || !open_name(l, name))
        return l;
    tls_load_stop(l);
    return NULL;
}

int tls_load_run(struct tls_load *l, size_t n)
{
    uint8_t call[ECHO_CALL_BYTES], reply[ECHO_REPLY_BYTES];
    load_prepare(call, 1);
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = exchange(l, call, sizeof(call), reply, sizeof(reply));
    return rc;
}

void tls_load_stop(struct tls_load *l)
{
    if (!l)
        return;
    if (l->session)
        gnutls_deinit(l->session);
    if (l->cred)
        gnutls_certificate_free_credentials(l->cred);
    close(l->fd);
    free(l);
}
