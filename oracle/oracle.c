// SPDX-License-Identifier: MIT
// Decoding, encoding and freeing through libtirpc's memory streams.

#include "oracle/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <rpc/rpc.h>

const struct vw_oracle_type *vw_oracle_types(enum vw_oracle_release release, size_t *n)
{
    *n = release == VW_ORACLE_2007 ? vw_oracle_2007_count : vw_oracle_newest_count;
    return release == VW_ORACLE_2007 ? vw_oracle_2007 : vw_oracle_newest;
}

const struct vw_oracle_type *vw_oracle_type(enum vw_oracle_release release, const char *name)
{
    size_t n;
    const struct vw_oracle_type *types = vw_oracle_types(release, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static bool run(const struct vw_oracle_type *t, XDR *xdr, void *value)
{
    return ((bool_t(*)(XDR *, void *))t->filter)(xdr, value);
}

void *vw_oracle_decode(const struct vw_oracle_type *t, const void *bytes, size_t len, size_t *used)
{
    XDR xdr;
    /* A refused value may be half made; its filter frees what is there, as unset pointers are NULL.
     */
    void *value = len <= INT_MAX ? calloc(1, t->size) : NULL;
    if (!value)
        return NULL;
    xdrmem_create(&xdr, (char *)(uintptr_t)bytes, (u_int)len, XDR_DECODE);
    if (!run(t, &xdr, value)) {
        vw_oracle_free(t, value);
        value = NULL;
    }
    *used = xdr_getpos(&xdr);
    xdr_destroy(&xdr);
    return value;
}

ssize_t vw_oracle_encode(const struct vw_oracle_type *t, const void *value, void *buf, size_t size)
{
    XDR xdr;
    ssize_t n = -1;
    xdrmem_create(&xdr, buf, (u_int)(size <= INT_MAX ? size : INT_MAX), XDR_ENCODE);
    if (run(t, &xdr, (void *)(uintptr_t)value))
        n = (ssize_t)xdr_getpos(&xdr);
    xdr_destroy(&xdr);
    return n;
}

void vw_oracle_free(const struct vw_oracle_type *t, void *value)
{
    if (!value)
        return;
    xdr_free((xdrproc_t)t->filter, value);
    free(value);
}

ssize_t vw_oracle_recode(const struct vw_oracle_type *t, const void *bytes, size_t len, void *buf,
                         size_t size)
{
    size_t used;
    void *value = vw_oracle_decode(t, bytes, len, &used);
    ssize_t n = value ? vw_oracle_encode(t, value, buf, size) : -1;
    vw_oracle_free(t, value);
    return n;
}
