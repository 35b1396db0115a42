// SPDX-License-Identifier: MIT
// Certificates for tests, made when they are needed, and a clock that stands still.
#pragma once

#include "base/testing/test.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

#include "transport/tls-internal.h"

#define NOW      1700000000 /* 2023-11-14 22:13:20 UTC */
#define HOUR     3600
#define AT_NOW   (1l << 40) /* of a struct want: this very second */
#define SIGNS    GNUTLS_KEY_DIGITAL_SIGNATURE
#define ENCIPHER GNUTLS_KEY_KEY_ENCIPHERMENT
#define SERVER   GNUTLS_KP_TLS_WWW_SERVER
#define CLIENT   GNUTLS_KP_TLS_WWW_CLIENT
#define ARC      ".16383.16383.16383.16383"
#define LONG_OID "1.3.6.1.4.1" ARC ARC ARC ARC ARC /* of 131 bytes */

/* All zero is the certificate of a server that nothing is wrong with. */
struct want {
    long from, to;  /* seconds from now; 0: an hour before and after */
    bool ca, no_ca; /* basic constraints: a CA's, or those of one that is none; else none at all */
    unsigned usage; /* 0: says nothing */
    bool usage_lax; /* not critical */
    bool usage_junk;
    const char *purpose, *purpose2; /* NULL: says nothing */
    bool purpose_critical, purpose_junk;
    const char *dns, *dns2, *ip, *ip2, *uri, *name;
    int names; /* so many names more */
    gnutls_digest_algorithm_t digest;
};

extern gnutls_x509_privkey_t key, ca_key;
extern gnutls_x509_crt_t ca;

/* The keys and the CA; and time(2), also that of GnuTLS, says NOW. 0 or -1. */
int certs_set_up(void **state);
int certs_tear_down(void **state);

/* From now on they are counted; certs_set_up calls it. */
void certs_watch(void);
/* Objects of GnuTLS that were made by the code under test and the functions here, and are not
 * released. */
unsigned certs_live(void);
/* For the end of main: 1, with a word about it, when there are some. */
int certs_leaked(void);

gnutls_x509_privkey_t new_key(void);
/* A certificate for OWN, signed by ISSUER with the key ISSUERS, or by itself when that is NULL. */
gnutls_x509_crt_t make(const struct want *w, gnutls_x509_privkey_t own, gnutls_x509_crt_t issuer,
                       gnutls_x509_privkey_t issuers);

/* What was warned of since it was emptied, with "; " in between. */
extern char warnings[800];
extern const struct vw_transport_options listener;

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
