// SPDX-License-Identifier: MIT
// Functions in GnuTLS's place that answer as a test wants and note that they were called; and a
// transport below TLS that does the same.
#pragma once

#include "base/testing/test.h"

#include "transport/tls-internal.h"

#define FAKE_STEPS 20
#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define INT        GNUTLS_E_INTERRUPTED
#define AGAIN      GNUTLS_E_AGAIN

struct fake {
    ssize_t results[FAKE_STEPS]; /* of reading, writing, shaking hands; then 0 */
    const char *record;          /* its content */
    int bye, init, priority, priority_at, allocate, credentials, alert;
    size_t waiting; /* bytes that GnuTLS has ready */
    bool for_writing;
    bool empty;    /* a record without content is a packet too */
    ssize_t lower; /* result of the transport below */
    size_t pulls;  /* bytes that shaking hands wants from there */
    int lower_shutdown;
    int lower_explain;
    /* of the other end's certificate */
    unsigned peers, status;
    int verify, make, import;
    bool expired;
    int trust_file, key_file, crl_file, ticket_key;
    unsigned flags; /* of the session */
};

extern struct fake fake;
extern int fake_ends[2]; /* the transport below has the first */
extern gnutls_pull_func fake_pull;
extern gnutls_push_func fake_push;
extern void *fake_user; /* of both */
/* Below: with and without what is optional. */
extern struct vw_transport fake_full, fake_poor;

int fake_set_up(void **state);
int fake_tear_down(void **state);
/* Nothing was called yet, and all goes well. */
int fake_reset(void **state);

/* What was called since it was looked at last: "NAME ARGUMENTS|" each. */
void fake_expect_calls(size_t row, const char *wanted);
void fake_forget(void);

/* With a session, and junk where vw_tls_init sets nothing. */
struct vw_tls *fake_tls(struct vw_transport *lower);
gnutls_certificate_credentials_t fake_credentials(void);
/* Closes it, unseen. */
void fake_end(struct vw_tls *t);
