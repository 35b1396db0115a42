// SPDX-License-Identifier: MIT
// Loaded ahead of the SASL library by LD_PRELOAD, so that a test sees what a client tells it about
// strength: each setting is a line on stderr.
#include <dlfcn.h>
#include <sasl/sasl.h>
#include <stdio.h>

int sasl_setprop(sasl_conn_t *conn, int property, const void *value)
{
    int (*real)(sasl_conn_t *, int, const void *) = NULL;
    const sasl_security_properties_t *props = value;
    *(void **)&real = dlsym(RTLD_NEXT, "sasl_setprop");
    if (property == SASL_SSF_EXTERNAL)
        fprintf(stderr, "external strength %u\n", *(const sasl_ssf_t *)value);
    if (property == SASL_SEC_PROPS)
        fprintf(stderr, "layer of %u to %u bits, no plain %d, no anonymous %d\n", props->min_ssf,
                props->max_ssf, (props->security_flags & SASL_SEC_NOPLAINTEXT) != 0,
                (props->security_flags & SASL_SEC_NOANONYMOUS) != 0);
    return real ? real(conn, property, value) : SASL_FAIL;
}
