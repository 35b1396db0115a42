// SPDX-License-Identifier: MIT
#include "transport/testing/certs.h"

#include <arpa/inet.h>
#include <gnutls/x509-ext.h>
#include <string.h>
#include <time.h>

/* Takes the place of libc's. */
time_t time(time_t *out)
{
    if (out)
        *out = NOW;
    return NOW;
}

gnutls_x509_privkey_t key, ca_key;
gnutls_x509_crt_t ca;

gnutls_x509_privkey_t new_key(void)
{
    gnutls_x509_privkey_t k;
    assert_int_equal(gnutls_x509_privkey_init(&k), 0);
    assert_int_equal(gnutls_x509_privkey_generate(
                         k, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    return k;
}

static void set_names(gnutls_x509_crt_t crt, const struct want *w)
{
    const char *const dns[] = {w->dns, w->dns2}, *const ips[] = {w->ip, w->ip2};
    uint8_t raw[16];
    char text[16];
    if (w->uri)
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI, w->uri, (unsigned)strlen(w->uri),
                                             GNUTLS_FSAN_APPEND);
    for (int i = 0; i < 2; i++) {
        int family = ips[i] && strchr(ips[i], ':') ? AF_INET6 : AF_INET;
        if (dns[i])
            gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, dns[i],
                                                 (unsigned)strlen(dns[i]), GNUTLS_FSAN_APPEND);
        if (ips[i] && inet_pton(family, ips[i], raw) == 1)
            gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, raw,
                                                 family == AF_INET6 ? 16 : 4, GNUTLS_FSAN_APPEND);
    }
    for (int i = 0; i < w->names; i++) {
        snprintf(text, sizeof(text), "n%d", i);
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, text, (unsigned)strlen(text),
                                             GNUTLS_FSAN_APPEND);
    }
}

static void set_uses(gnutls_x509_crt_t crt, const struct want *w)
{
    gnutls_datum_t usage = {0};
    if (w->ca || w->no_ca)
        gnutls_x509_crt_set_basic_constraints(crt, w->ca, -1);
    if (w->usage && gnutls_x509_ext_export_key_usage(w->usage, &usage) == 0)
        gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.15", usage.data, usage.size,
                                             !w->usage_lax);
    gnutls_free(usage.data);
    if (w->usage_junk)
        gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.15", "\x30\x05", 2, 1);
    if (w->purpose)
        gnutls_x509_crt_set_key_purpose_oid(crt, w->purpose, w->purpose_critical);
    if (w->purpose2)
        gnutls_x509_crt_set_key_purpose_oid(crt, w->purpose2, w->purpose_critical);
    if (w->purpose_junk)
        gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.37", "\x30\x05", 2, 1);
}

static time_t moment(long from_now)
{
    return from_now == AT_NOW ? NOW : NOW + from_now;
}

gnutls_x509_crt_t make(const struct want *w, gnutls_x509_privkey_t own, gnutls_x509_crt_t issuer,
                       gnutls_x509_privkey_t issuers)
{
    gnutls_x509_crt_t crt;
    char dn[64] = "O=nobody in particular";
    uint8_t serial = 7;
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    gnutls_x509_crt_set_key(crt, own);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, &serial, 1);
    gnutls_x509_crt_set_activation_time(crt, moment(w->from ? w->from : -HOUR));
    gnutls_x509_crt_set_expiration_time(crt, moment(w->to ? w->to : HOUR));
    if (w->name)
        snprintf(dn, sizeof(dn), "CN=%s", w->name);
    gnutls_x509_crt_set_dn(crt, dn, NULL);
    set_names(crt, w);
    set_uses(crt, w);
    assert_int_equal(gnutls_x509_crt_sign2(crt, issuer ? issuer : crt, issuer ? issuers : own,
                                           w->digest ? w->digest : GNUTLS_DIG_SHA256, 0),
                     0);
    return crt;
}

int certs_set_up(void **state)
{
    static const struct want authority = {.ca = true, .name = "CA of a test"};
    if (vw_library_load(&vw_gnutls_library, NULL))
        return -1;
    certs_watch();
    gnutls_global_set_time_function(time);
    key = new_key();
    ca_key = new_key();
    ca = make(&authority, ca_key, NULL, NULL);
    return 0;
}

int certs_tear_down(void **state)
{
    gnutls_x509_crt_deinit(ca);
    gnutls_x509_privkey_deinit(ca_key);
    gnutls_x509_privkey_deinit(key);
    return 0;
}

/* ---- what is said ---- */

char warnings[800];

static void keep_warning(void *user, const char *text)
{
    size_t n = strlen(warnings);
    snprintf(warnings + n, sizeof(warnings) - n, "%s%s", n ? "; " : "", text);
}

const struct vw_transport_options listener = {.warn = keep_warning};
