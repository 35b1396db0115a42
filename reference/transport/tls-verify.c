// SPDX-License-Identifier: MIT
// Checks of certificates (T-7): chain to the CA, revocation, times, the host's name, basic
// constraints, key usage and purpose. Each way to fail has its own sentence.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "transport/tls-internal.h"

int vw_tls_error(struct vw_error *err, int code, int rc, const char *fmt, ...)
{
    struct vw_error said = VW_ERROR_INIT;
    va_list ap;
    if (rc == GNUTLS_E_MEMORY_ERROR)
        return vw_error_nomem(err);
    va_start(ap, fmt);
    vw_error_vset(&said, code, fmt, ap);
    va_end(ap);
    return vw_error_set(err, code, "%.200s: %s", said.text, gnutls_strerror(rc));
}

static const char *day(time_t when, char buf[32])
{
    struct tm tm;
    if (!gmtime_r(&when, &tm) || strftime(buf, 32, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
        return "an unknown time";
    return buf;
}

static int check_times(gnutls_x509_crt_t cert, const char *who, int code, struct vw_error *err)
{
    char when[32];
    time_t now = time(NULL);
    time_t from = gnutls_x509_crt_get_activation_time(cert);
    time_t to = gnutls_x509_crt_get_expiration_time(cert);
    if (to == (time_t)-1 || from == (time_t)-1)
        return vw_error_clause(err, code, "T-7", "%s does not say when it is valid", who);
    if (to < now)
        return vw_error_clause(err, code, "T-7", "%s has expired: it was valid until %s", who,
                               day(to, when));
    if (from > now)
        return vw_error_clause(err, code, "T-7", "%s is not valid before %s", who, day(from, when));
    return 0;
}

static int check_usage(gnutls_x509_crt_t cert, enum vw_tls_end end, const char *who, int code,
                       const struct vw_transport_options *options, struct vw_error *err)
{
    unsigned usage = 0, critical = 0;
    int rc = gnutls_x509_crt_get_key_usage(cert, &usage, &critical);
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return 0;
    if (rc < 0)
        return vw_tls_error(err, code, rc, "the key usage of %s cannot be read", who);
    if (end == VW_TLS_CLIENT && critical && !(usage & GNUTLS_KEY_KEY_ENCIPHERMENT))
        vw_transport_warn(options,
                          "the key usage of %s does not allow key encipherment, which servers "
                          "before libvirt 11.6.0 demand",
                          who);
    if (usage & GNUTLS_KEY_DIGITAL_SIGNATURE)
        return 0;
    if (critical)
        return vw_error_clause(err, code, "T-7",
                               "the key usage of %s does not allow digital signatures", who);
    vw_transport_warn(options, "the key usage of %s does not allow digital signatures", who);
    return 0;
}

/* Whether one of the purposes of CERT is OID or any. Negative: an error of GnuTLS. */
static int has_purpose(gnutls_x509_crt_t cert, const char *oid, unsigned *critical)
{
    *critical = 0;
    for (unsigned i = 0;; i++) {
        char purpose[128] = "";
        size_t size = sizeof(purpose);
        unsigned this_critical = 0;
        int rc = gnutls_x509_crt_get_key_purpose_oid(cert, i, purpose, &size, &this_critical);
        if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE && i > 0)
            return 0;
        if (rc < 0 && rc != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return rc;
        *critical |= this_critical;
        if (rc == 0 && (strcmp(purpose, oid) == 0 || strcmp(purpose, GNUTLS_KP_ANY) == 0))
            return 1;
    }
}

static int check_purpose(gnutls_x509_crt_t cert, enum vw_tls_end end, const char *who, int code,
                         const struct vw_transport_options *options, struct vw_error *err)
{
    const char *word = end == VW_TLS_SERVER ? "server" : "client";
    const char *oid = end == VW_TLS_SERVER ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    unsigned critical = 0;
    int rc = has_purpose(cert, oid, &critical);
    if (rc == 1)
        return 0;
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        vw_transport_warn(options, "%s does not say that it is for a TLS %s", who, word);
        return 0;
    }
    if (rc < 0)
        return vw_tls_error(err, code, rc, "the key purpose of %s cannot be read", who);
    if (critical)
        return vw_error_clause(err, code, "T-7", "the key purpose of %s is not that of a TLS %s",
                               who, word);
    vw_transport_warn(options, "the key purpose of %s is not that of a TLS %s", who, word);
    return 0;
}

int vw_tls_check_cert(gnutls_x509_crt_t cert, enum vw_tls_end end, const char *who, int code,
                      const struct vw_transport_options *options, struct vw_error *err)
{
    int rc = check_times(cert, who, code, err);
    if (rc == 0 && gnutls_x509_crt_get_basic_constraints(cert, NULL, NULL, NULL) > 0)
        rc = vw_error_clause(err, code, "T-7", "%s is that of a CA, not that of a TLS %s", who,
                             end == VW_TLS_SERVER ? "server" : "client");
    if (rc == 0)
        rc = check_usage(cert, end, who, code, options, err);
    return rc ? rc : check_purpose(cert, end, who, code, options, err);
}

/* The names in CERT that a host could match, for a person to read. */
static void list_names(gnutls_x509_crt_t cert, char *buf, size_t size)
{
    size_t at = 0;
    buf[0] = '\0';
    for (unsigned i = 0; i < 16; i++) {
        char name[128] = "", text[46] = "";
        size_t len = sizeof(name) - 1;
        int type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &len, NULL);
        if (type < 0)
            break;
        if (type == GNUTLS_SAN_IPADDRESS)
            inet_ntop(len == 4 ? AF_INET : AF_INET6, name, text, sizeof(text));
        else if (type != GNUTLS_SAN_DNSNAME)
            continue;
        int n = snprintf(buf + at, size - at, "%s%s", at ? ", " : "",
                         type == GNUTLS_SAN_IPADDRESS ? text : name);
        if (n < 0 || (size_t)n >= size - at)
            return;
        at += (size_t)n;
    }
    size_t len = size;
    if (at == 0 &&
        gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, buf, &len) < 0)
        snprintf(buf, size, "nobody");
}

/* An address of one link may carry a zone, which is nobody's business but this host's (U-12). */
static const char *without_zone(const char *host, char *buf, size_t size)
{
    const char *zone = strchr(host, ':') ? strchr(host, '%') : NULL;
    if (!zone)
        return host;
    snprintf(buf, size, "%.*s", (int)(zone - host), host);
    return buf;
}

static int check_host(gnutls_x509_crt_t cert, const char *host, struct vw_error *err)
{
    char plain[64], names[160];
    if (gnutls_x509_crt_check_hostname2(cert, without_zone(host, plain, sizeof(plain)), 0))
        return 0;
    list_names(cert, names, sizeof(names));
    return vw_error_clause(err, VW_EUNREACHABLE, "T-7",
                           "the server's certificate is not for %.80s but for %s", host, names);
}

/* What GnuTLS found about the chain, the plainest reason first. */
static int refuse_chain(unsigned status, const struct vw_tls_files *files, struct vw_error *err)
{
    const char *ca = files->ca ? files->ca : "no file";
    const char *crl = files->crl ? files->crl : "no file";
    int code = VW_EUNREACHABLE;
    if (status & GNUTLS_CERT_REVOKED)
        return vw_error_clause(err, code, "T-7", "the server's certificate has been revoked (%s)",
                               crl);
    if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
        return vw_error_clause(
            err, code, "T-7",
            "the server's certificate was not issued by a CA that is trusted (%s)", ca);
    if (status & GNUTLS_CERT_SIGNER_NOT_CA)
        return vw_error_clause(err, code, "T-7",
                               "the issuer of the server's certificate is not a CA");
    if (status & GNUTLS_CERT_EXPIRED)
        return vw_error_clause(err, code, "T-7",
                               "a CA certificate behind the server's certificate has expired");
    if (status & GNUTLS_CERT_NOT_ACTIVATED)
        return vw_error_clause(err, code, "T-7",
                               "a CA certificate behind the server's certificate is not valid yet");
    if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
        return vw_error_clause(err, code, "T-7",
                               "the server's certificate uses an insecure algorithm");
    gnutls_datum_t text = {0};
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
        return vw_error_nomem(err);
    vw_error_clause(err, code, "T-7", "the server's certificate is not accepted: %.200s",
                    text.data);
    gnutls_free(text.data);
    return code;
}

/* Times come before the chain: an expired certificate is called that, whoever issued it. */
static int check_chain(gnutls_session_t session, const struct vw_tls_files *files,
                       const gnutls_datum_t *list, unsigned count, struct vw_error *err)
{
    unsigned status = 0;
    for (unsigned i = 0; i < count; i++) {
        gnutls_x509_crt_t cert;
        char who[64] = "the server's certificate";
        if (gnutls_x509_crt_init(&cert) < 0)
            return vw_error_nomem(err);
        int rc = gnutls_x509_crt_import(cert, &list[i], GNUTLS_X509_FMT_DER);
        if (i > 0)
            snprintf(who, sizeof(who), "certificate %u of the server's chain", i + 1);
        if (rc < 0)
            rc = vw_tls_error(err, VW_EUNREACHABLE, rc, "%s cannot be read", who);
        else
            rc = check_times(cert, who, VW_EUNREACHABLE, err);
        gnutls_x509_crt_deinit(cert);
        if (rc)
            return rc;
    }
    int rc = gnutls_certificate_verify_peers2(session, &status);
    if (rc < 0)
        return vw_tls_error(err, VW_EUNREACHABLE, rc, "the server's certificate cannot be checked");
    return status ? refuse_chain(status, files, err) : 0;
}

int vw_tls_verify_peer(gnutls_session_t session, const char *host, const struct vw_tls_files *files,
                       const struct vw_transport_options *options, struct vw_error *err)
{
    unsigned count = 0;
    if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
        return vw_error_clause(err, VW_EUNREACHABLE, "T-7",
                               "the server's certificate is not of type X.509");
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &count);
    if (!list || count == 0)
        return vw_error_clause(err, VW_EUNREACHABLE, "T-7", "the server showed no certificate");
    int rc = check_chain(session, files, list, count, err);
    if (rc)
        return rc;

    gnutls_x509_crt_t cert;
    if (gnutls_x509_crt_init(&cert) < 0)
        return vw_error_nomem(err);
    rc = gnutls_x509_crt_import(cert, &list[0], GNUTLS_X509_FMT_DER);
    if (rc < 0)
        rc = vw_tls_error(err, VW_EUNREACHABLE, rc, "the server's certificate cannot be read");
    if (rc == 0)
        rc = check_host(cert, host, err);
    if (rc == 0)
        rc = vw_tls_check_cert(cert, VW_TLS_SERVER, "the server's certificate", VW_EUNREACHABLE,
                               options, err);
    gnutls_x509_crt_deinit(cert);
    return rc;
}
