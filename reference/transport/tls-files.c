// SPDX-License-Identifier: MIT
// The files of a TLS client (U-15): which ones are used, loading them, and the checks that spare
// the user a refusal by the server that says nothing (no_sanity leaves these out).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "transport/tls-internal.h"

/* A bundle of all public CAs has about 250 KiB, lists of revoked certificates can be longer. */
#define FILE_MAX (16u << 20)

/* A whole PEM file into DATA, to be freed with free(3). WHAT names it in an error. */
static int read_file(const char *path, const char *what, gnutls_datum_t *data, struct vw_error *err)
{
    char *text;
    size_t len;
    int rc = vw_file_read(path, true, FILE_MAX, &text, &len);
    *data = (gnutls_datum_t){.data = (unsigned char *)text, .size = (unsigned)len};
    if (rc == ENOMEM)
        return vw_error_nomem(err);
    if (rc == 0)
        return 0;
    return vw_error_set(err, VW_EUSAGE, "%s %.160s cannot be read: %s", what, path,
                        rc == EINVAL ? "it is not a file" : strerror(rc));
}

/* Whether there is something at PATH. Without the right to look it is there: reading it then says
 * what is wrong. */
static bool exists(const char *path)
{
    return path && (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static void find_files(const struct vw_uri *uri, struct vw_tls_files *files)
{
    *files = (struct vw_tls_files){0};
    for (size_t i = uri->tls_file_sets; i-- > 0;) {
        const struct vw_uri_tls_files *set = &uri->tls_files[i];
        files->ca = exists(set->ca) ? set->ca : files->ca;
        files->crl = exists(set->crl) ? set->crl : files->crl;
        files->cert = exists(set->cert) ? set->cert : files->cert;
        files->key = exists(set->key) ? set->key : files->key;
    }
}

static int load_ca(const struct vw_uri *uri, const struct vw_tls_files *files,
                   const struct vw_transport_options *options,
                   gnutls_certificate_credentials_t cred, struct vw_error *err)
{
    gnutls_datum_t data;
    const char *place = uri->tls_file_sets ? uri->tls_files[uri->tls_file_sets - 1].ca : NULL;
    /* Clients want a CA whether they look at it or not. Where no place is known nobody has one. */
    if (!place && uri->no_verify) {
        vw_transport_warn(options, "there is no CA certificate to check the server with (no place "
                                   "is known)");
        return 0;
    }
    if (!files->ca)
        return vw_error_set(err, VW_EUSAGE,
                            "there is no CA certificate to check the server with (%.200s)",
                            place ? place : "no place is known");
    int rc = read_file(files->ca, "the CA certificate", &data, err);
    if (rc)
        return rc;
    rc = gnutls_certificate_set_x509_trust_mem(cred, &data, GNUTLS_X509_FMT_PEM);
    free(data.data);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "the CA certificate %.120s cannot be used",
                            files->ca);
    return rc ? 0 : vw_error_set(err, VW_EUSAGE, "%.200s holds no certificate", files->ca);
}

/* GnuTLS does not look at this: an old list still revokes what it names, and more may be revoked
 * since. */
static void warn_old_crl(const gnutls_datum_t *pem, const struct vw_tls_files *files,
                         const struct vw_transport_options *options)
{
    gnutls_x509_crl_t *lists = NULL;
    unsigned count = 0;
    if (gnutls_x509_crl_list_import2(&lists, &count, pem, GNUTLS_X509_FMT_PEM, 0) < 0)
        return;
    for (unsigned i = 0; i < count; i++) {
        time_t next = gnutls_x509_crl_get_next_update(lists[i]);
        if (next != (time_t)-1 && next < time(NULL))
            vw_transport_warn(options, "the list of revoked certificates is out of date (%.200s)",
                              files->crl);
        gnutls_x509_crl_deinit(lists[i]);
    }
    gnutls_free(lists);
}

static int load_crl(const struct vw_tls_files *files, const struct vw_transport_options *options,
                    gnutls_certificate_credentials_t cred, struct vw_error *err)
{
    gnutls_datum_t data;
    if (!files->crl)
        return 0;
    int rc = read_file(files->crl, "the list of revoked certificates", &data, err);
    if (rc)
        return rc;
    rc = gnutls_certificate_set_x509_crl_mem(cred, &data, GNUTLS_X509_FMT_PEM);
    if (rc > 0)
        warn_old_crl(&data, files, options);
    free(data.data);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "the list of revoked certificates %.120s",
                            files->crl);
    return rc ? 0
              : vw_error_set(err, VW_EUSAGE, "%.200s holds no list of revoked certificates",
                             files->crl);
}

/* Whether the server has a chance to accept our certificate. */
static int check_own(const gnutls_datum_t *pem, const struct vw_tls_files *files,
                     const struct vw_transport_options *options, struct vw_error *err)
{
    char who[200];
    gnutls_x509_crt_t *certs = NULL;
    unsigned count = 0;
    int rc = gnutls_x509_crt_list_import2(&certs, &count, pem, GNUTLS_X509_FMT_PEM, 0);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "the client certificate %.120s", files->cert);
    snprintf(who, sizeof(who), "the client certificate %.160s", files->cert);
    rc = vw_tls_check_cert(certs[0], VW_TLS_CLIENT, who, VW_EUSAGE, options, err);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(certs[i]);
    gnutls_free(certs);
    return rc;
}

/* Whether KEY is one that can be used: GnuTLS says no more than that something is not there. */
static int check_key(const gnutls_datum_t *key, const struct vw_tls_files *files,
                     struct vw_error *err)
{
    gnutls_x509_privkey_t parsed;
    if (gnutls_x509_privkey_init(&parsed) < 0)
        return vw_error_nomem(err);
    int rc = gnutls_x509_privkey_import2(parsed, key, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_x509_privkey_deinit(parsed);
    if (rc == GNUTLS_E_DECRYPTION_FAILED)
        return vw_error_set(err, VW_EUSAGE,
                            "the client's key %.200s has a passphrase; TLS needs one without",
                            files->key);
    if (rc == GNUTLS_E_MEMORY_ERROR)
        return vw_error_nomem(err);
    return rc < 0 ? vw_error_set(err, VW_EUSAGE, "%.200s holds no private key", files->key) : 0;
}

static int use_own(const gnutls_datum_t *cert, const gnutls_datum_t *key,
                   const struct vw_tls_files *files, gnutls_certificate_credentials_t cred,
                   struct vw_error *err)
{
    int rc = gnutls_certificate_set_x509_key_mem(cred, cert, key, GNUTLS_X509_FMT_PEM);
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return vw_error_set(err, VW_EUSAGE,
                            "the key %.120s does not belong to the certificate %.120s", files->key,
                            files->cert);
    if (rc < 0)
        return vw_tls_error(err, VW_EUSAGE, rc, "the certificate %.90s with the key %.90s",
                            files->cert, files->key);
    return 0;
}

static int load_own(const struct vw_uri *uri, struct vw_tls_files *files,
                    const struct vw_transport_options *options,
                    gnutls_certificate_credentials_t cred, struct vw_error *err)
{
    gnutls_datum_t cert = {0}, key = {0};
    if (!files->cert != !files->key) {
        vw_transport_warn(options, "%.250s is not used, since there is no %s with it",
                          files->cert ? files->cert : files->key,
                          files->cert ? "key" : "certificate");
        files->cert = files->key = NULL;
    }
    if (!files->cert)
        return 0;
    int rc = read_file(files->cert, "the client certificate", &cert, err);
    if (rc == 0)
        rc = read_file(files->key, "the client's key", &key, err);
    if (rc == 0)
        rc = check_key(&key, files, err);
    if (rc == 0 && !uri->no_sanity)
        rc = check_own(&cert, files, options, err);
    if (rc == 0)
        rc = use_own(&cert, &key, files, cred, err);
    free(cert.data);
    if (key.data)
        explicit_bzero(key.data, key.size);
    free(key.data);
    return rc;
}

int vw_tls_load(const struct vw_uri *uri, const struct vw_transport_options *options,
                struct vw_tls_files *files, gnutls_certificate_credentials_t *out,
                struct vw_error *err)
{
    gnutls_certificate_credentials_t cred;
    *out = NULL;
    find_files(uri, files);
    if (gnutls_certificate_allocate_credentials(&cred) < 0)
        return vw_error_nomem(err);
    int rc = load_ca(uri, files, options, cred, err);
    if (rc == 0)
        rc = load_crl(files, options, cred, err);
    if (rc == 0)
        rc = load_own(uri, files, options, cred, err);
    if (rc)
        gnutls_certificate_free_credentials(cred);
    else
        *out = cred;
    return rc;
}
