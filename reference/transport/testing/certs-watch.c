// SPDX-License-Identifier: MIT
// What is made and released: functions before those of GnuTLS.
#include "transport/testing/certs.h"

/* These are members here, not calls. */
#undef gnutls_certificate_allocate_credentials
#undef gnutls_certificate_free_credentials
#undef gnutls_x509_crt_init
#undef gnutls_x509_crt_deinit
#undef gnutls_x509_crt_list_import2
#undef gnutls_x509_crl_list_import2
#undef gnutls_x509_crl_deinit
#undef gnutls_x509_privkey_init
#undef gnutls_x509_privkey_deinit
#undef gnutls_certificate_verification_status_print
#undef gnutls_free

#define LIVE_MAX 64

static const void *live[LIVE_MAX];
static struct vw_gnutls_calls real;

static int made(int rc, const void *what)
{
    for (unsigned i = 0; rc >= 0 && what && i < LIVE_MAX; i++)
        if (!live[i]) {
            live[i] = what;
            break;
        }
    return rc;
}

static void released(const void *what)
{
    for (unsigned i = 0; i < LIVE_MAX; i++)
        if (live[i] == what)
            live[i] = NULL;
}

unsigned certs_live(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < LIVE_MAX; i++)
        n += live[i] != NULL;
    return n;
}

int certs_leaked(void)
{
    unsigned n = certs_live();
    if (n)
        fprintf(stderr, "%u objects of GnuTLS are left\n", n);
    return n != 0;
}

static int make_credentials(gnutls_certificate_credentials_t *out)
{
    int rc = real.gnutls_certificate_allocate_credentials(out);
    return made(rc, *out);
}

static void free_credentials(gnutls_certificate_credentials_t cred)
{
    released(cred);
    real.gnutls_certificate_free_credentials(cred);
}

static int make_cert(gnutls_x509_crt_t *out)
{
    int rc = real.gnutls_x509_crt_init(out);
    return made(rc, *out);
}

static void free_cert(gnutls_x509_crt_t cert)
{
    released(cert);
    real.gnutls_x509_crt_deinit(cert);
}

static int make_certs(gnutls_x509_crt_t **out, unsigned *count, const gnutls_datum_t *data,
                      gnutls_x509_crt_fmt_t format, unsigned flags)
{
    int rc = real.gnutls_x509_crt_list_import2(out, count, data, format, flags);
    for (unsigned i = 0; rc >= 0 && i < *count; i++)
        made(rc, (*out)[i]);
    return made(rc, *out);
}

static int make_crls(gnutls_x509_crl_t **out, unsigned *count, const gnutls_datum_t *data,
                     gnutls_x509_crt_fmt_t format, unsigned flags)
{
    int rc = real.gnutls_x509_crl_list_import2(out, count, data, format, flags);
    for (unsigned i = 0; rc >= 0 && i < *count; i++)
        made(rc, (*out)[i]);
    return made(rc, *out);
}

static void free_crl(gnutls_x509_crl_t crl)
{
    released(crl);
    real.gnutls_x509_crl_deinit(crl);
}

static int make_key(gnutls_x509_privkey_t *out)
{
    int rc = real.gnutls_x509_privkey_init(out);
    return made(rc, *out);
}

static void free_key(gnutls_x509_privkey_t k)
{
    released(k);
    real.gnutls_x509_privkey_deinit(k);
}

static int make_text(unsigned status, gnutls_certificate_type_t type, gnutls_datum_t *out,
                     unsigned flags)
{
    int rc = real.gnutls_certificate_verification_status_print(status, type, out, flags);
    return made(rc, out->data);
}

static void free_any(void *what)
{
    released(what);
    (*real.gnutls_free)(what);
}

void certs_watch(void)
{
    static gnutls_free_function free_it = free_any;
    struct vw_gnutls_calls *c = &vw_gnutls_calls;
    real = *c;
    c->gnutls_certificate_allocate_credentials = make_credentials;
    c->gnutls_certificate_free_credentials = free_credentials;
    c->gnutls_x509_crt_init = make_cert;
    c->gnutls_x509_crt_deinit = free_cert;
    c->gnutls_x509_crt_list_import2 = make_certs;
    c->gnutls_x509_crl_list_import2 = make_crls;
    c->gnutls_x509_crl_deinit = free_crl;
    c->gnutls_x509_privkey_init = make_key;
    c->gnutls_x509_privkey_deinit = free_key;
    c->gnutls_certificate_verification_status_print = make_text;
    c->gnutls_free = &free_it;
}
