// SPDX-License-Identifier: MIT
// The checks of one certificate (T-7) that need no CA, for both ends, and how they are told.
#include "transport/testing/certs.h"

#include <string.h>

static void either_end_has_its_purpose(void **state)
{
    static const struct {
        struct want want;
        enum vw_tls_end end;
        const char *text, *warned;
    } rows[] = {
        {{.usage = SIGNS | ENCIPHER, .purpose = CLIENT}, VW_TLS_CLIENT, NULL, ""},
        {{.usage = SIGNS, .purpose = CLIENT},
         VW_TLS_CLIENT,
         NULL,
         "the key usage of it does not allow key encipherment, which servers before libvirt "
         "11.6.0 demand"},
        {{.usage = SIGNS, .usage_lax = true, .purpose = CLIENT}, VW_TLS_CLIENT, NULL, ""},
        {{.usage = ENCIPHER, .purpose = CLIENT},
         VW_TLS_CLIENT,
         "the key usage of it does not allow digital signatures",
         ""},
        {{.usage = GNUTLS_KEY_KEY_AGREEMENT, .purpose = CLIENT},
         VW_TLS_CLIENT,
         "the key usage of it does not allow digital signatures",
         "the key usage of it does not allow key encipherment, which servers before libvirt "
         "11.6.0 demand"},
        {{.usage = SIGNS, .purpose = SERVER}, VW_TLS_SERVER, NULL, ""},
        {{.usage = ENCIPHER, .purpose = SERVER},
         VW_TLS_SERVER,
         "the key usage of it does not allow digital signatures",
         ""},
        {{.usage = ENCIPHER, .usage_lax = true, .purpose = SERVER},
         VW_TLS_SERVER,
         NULL,
         "the key usage of it does not allow digital signatures"},
        {{.purpose = SERVER},
         VW_TLS_CLIENT,
         NULL,
         "the key purpose of it is not that of a TLS client"},
        {{.purpose = SERVER, .purpose_critical = true},
         VW_TLS_CLIENT,
         "the key purpose of it is not that of a TLS client",
         ""},
        {{.purpose = CLIENT, .purpose_critical = true},
         VW_TLS_SERVER,
         "the key purpose of it is not that of a TLS server",
         ""},
        {{.purpose = CLIENT, .purpose_critical = true}, VW_TLS_CLIENT, NULL, ""},
        {{.purpose = SERVER, .purpose2 = CLIENT, .purpose_critical = true},
         VW_TLS_CLIENT,
         NULL,
         ""},
        {{.dns = NULL}, VW_TLS_CLIENT, NULL, "it does not say that it is for a TLS client"},
        {{.ca = true}, VW_TLS_CLIENT, "it is that of a CA, not that of a TLS client", ""},
        {{.from = AT_NOW, .purpose = CLIENT}, VW_TLS_CLIENT, NULL, ""},
        {{.to = AT_NOW, .purpose = CLIENT}, VW_TLS_CLIENT, NULL, ""},
        {{.to = -1},
         VW_TLS_CLIENT,
         "it has expired: it was valid until 2023-11-14 22:13:19 UTC",
         ""},
        {{.usage_junk = true}, VW_TLS_CLIENT, "the key usage of it cannot be read", ""},
        {{.purpose_junk = true}, VW_TLS_CLIENT, "the key purpose of it cannot be read", ""},
        /* Longer than any purpose is: it is not the wanted one, which may stand behind it. */
        {{.purpose = LONG_OID, .purpose2 = CLIENT, .purpose_critical = true},
         VW_TLS_CLIENT,
         NULL,
         ""},
        {{.purpose = LONG_OID, .purpose_critical = true},
         VW_TLS_CLIENT,
         "the key purpose of it is not that of a TLS client",
         ""},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct vw_error err = VW_ERROR_INIT;
        gnutls_x509_crt_t cert = make(&rows[i].want, key, ca, ca_key);
        warnings[0] = '\0';
        int rc = vw_tls_check_cert(cert, rows[i].end, "it", VW_EUSAGE, &listener, &err);
        if (rc != (rows[i].text ? VW_EUSAGE : 0) || err.code != rc ||
            strncmp(err.text, rows[i].text ? rows[i].text : "",
                    rows[i].text ? strlen(rows[i].text) : 1) != 0)
            fail_msg("row %zu: %d, \"%s\"", i, rc, err.text);
        if (strcmp(warnings, rows[i].warned) != 0)
            fail_msg("row %zu: warned \"%s\"", i, warnings);
        gnutls_x509_crt_deinit(cert);
    }
}

static void the_first_error_stays(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_error_set(&err, VW_ENOMEM, "before");
    assert_int_equal(vw_error_clause(&err, VW_EUSAGE, "T-7", "behind"), VW_EUSAGE);
    assert_int_equal(err.code, VW_ENOMEM);
    assert_string_equal(err.text, "before");
    assert_string_equal(err.clause, "");
    assert_int_equal(vw_error_clause(NULL, VW_EUSAGE, "T-7", "nobody reads it"), VW_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_end_has_its_purpose),
        cmocka_unit_test(the_first_error_stays),
    };
    return cmocka_run_group_tests(tests, certs_set_up, certs_tear_down) + vw_test_leaked() +
           certs_leaked();
}
