// SPDX-License-Identifier: MIT
// The words for dialects and transports.
#include <string.h>

#include "uri/internal.h"

static const char *const dialect_names[] = {
    [VW_DIALECT_MODERN] = "modern",
    [VW_DIALECT_2007] = "2007",
    [VW_DIALECT_030] = "0.3.0",
};

const char *const vw_uri_transports[] = {
    [VW_TRANSPORT_LOCAL] = "local",     [VW_TRANSPORT_TLS] = "tls",
    [VW_TRANSPORT_UNIX] = "unix",       [VW_TRANSPORT_SSH] = "ssh",
    [VW_TRANSPORT_EXT] = "ext",         [VW_TRANSPORT_TCP] = "tcp",
    [VW_TRANSPORT_LIBSSH2] = "libssh2", [VW_TRANSPORT_LIBSSH] = "libssh",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *vw_dialect_name(enum vw_dialect dialect)
{
    return dialect_names[dialect];
}

int vw_dialect_from_name(const char *name, enum vw_dialect *out)
{
    for (size_t i = 0; i < COUNT(dialect_names); i++) {
        if (strcmp(name, dialect_names[i]) == 0) {
            *out = (enum vw_dialect)i;
            return 0;
        }
    }
    return VW_ENAME;
}

const char *vw_transport_name(enum vw_transport_kind kind)
{
    return vw_uri_transports[kind];
}

bool vw_uri_is_ssh(const struct vw_uri *uri)
{
    return uri->transport == VW_TRANSPORT_SSH || uri->transport == VW_TRANSPORT_LIBSSH ||
           uri->transport == VW_TRANSPORT_LIBSSH2;
}
