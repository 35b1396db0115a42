// SPDX-License-Identifier: MIT
// The security layer of cyrus-sasl, and what is asked of it ahead of the exchange.
#include "auth/sasl-layer.h"

#include <errno.h>
#include <string.h>

#include "auth/sasl.h"

/* libvirt's servers take no larger packet. */
#define PACKET_MAX 65536u

int vw_sasl_log(void *context, int level, const char *message)
{
    return SASL_OK;
}

const sasl_callback_t vw_sasl_quiet[] = {
    VW_SASL_CALLBACK(SASL_CB_LOG, vw_sasl_log),
    {SASL_CB_LIST_END, NULL, NULL},
};

int vw_sasl_layer_ask(struct vw_sasl_layer *l, bool secure, unsigned strength)
{
    sasl_security_properties_t props = {.maxbufsize = PACKET_MAX};
    sasl_ssf_t external = strength;
    if (!secure) {
        props.min_ssf = VW_SASL_MIN_STRENGTH;
        props.max_ssf = UINT32_MAX;
        props.security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT;
    }
    int rc = external ? sasl_setprop(l->conn, SASL_SSF_EXTERNAL, &external) : SASL_OK;
    return rc == SASL_OK ? sasl_setprop(l->conn, SASL_SEC_PROPS, &props) : rc;
}

bool vw_sasl_layer_begin(struct vw_sasl_layer *l, bool secure)
{
    const void *strength = NULL;
    const void *size = NULL;
    if (sasl_getprop(l->conn, SASL_SSF, &strength) == SASL_OK && strength)
        l->strength = *(const sasl_ssf_t *)strength;
    if (sasl_getprop(l->conn, SASL_MAXOUTBUF, &size) == SASL_OK && size)
        l->max_plain = *(const unsigned *)size;
    if (l->max_plain == 0 || l->max_plain > PACKET_MAX)
        l->max_plain = PACKET_MAX;
    return secure || l->strength >= VW_SASL_MIN_STRENGTH;
}

/* Without the "SASL(-1): generic failure: " or the like. */
const char *vw_sasl_layer_reason(const struct vw_sasl_layer *l, int rc)
{
    const char *detail = sasl_errdetail(l->conn);
    const char *code = detail && strncmp(detail, "SASL(", 5) == 0 ? strstr(detail, "): ") : NULL;
    const char *text = code ? strstr(code + 3, ": ") : NULL;
    if (text)
        return text + 2;
    return detail && detail[0] ? detail : sasl_errstring(rc, NULL, NULL);
}

static int errno_of(int rc)
{
    if (rc == SASL_OK)
        return 0;
    return rc == SASL_NOMEM ? -ENOMEM : -EPROTO;
}

int vw_sasl_encode(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    const struct vw_sasl_layer *l = user;
    const char *packet = NULL;
    unsigned n = 0;
    int rc = sasl_encode(l->conn, in, (unsigned)len, &packet, &n);
    *out = (const uint8_t *)packet;
    *out_len = n;
    return errno_of(rc);
}

int vw_sasl_decode(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len)
{
    const struct vw_sasl_layer *l = user;
    const char *plain = NULL;
    unsigned n = 0;
    int rc = sasl_decode(l->conn, in, (unsigned)len, &plain, &n);
    *out = (const uint8_t *)plain;
    *out_len = plain ? n : 0;
    return errno_of(rc);
}
