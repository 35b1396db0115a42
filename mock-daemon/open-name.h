// SPDX-License-Identifier: MIT
// The name in CONNECT_OPEN, read as libvirtd reads it (C-17): libxml2's idea of a URI, then its
// drivers.
#pragma once

#include <stddef.h>

enum vw_open_name {
    VW_OPEN_IS_OURS,
    VW_OPEN_NO_URI,            /* nobody's grammar takes it */
    VW_OPEN_NO_DRIVER,         /* it has no scheme */
    VW_OPEN_UNKNOWN_DRIVER,    /* nobody here has this one */
    VW_OPEN_UNKNOWN_TRANSPORT, /* driver+nothing */
    VW_OPEN_OUR_TRANSPORT,     /* a known one, for a driver that we have */
    VW_OPEN_FOREIGN_TRANSPORT, /* a known one, for another */
    VW_OPEN_OTHER_HOST,
    VW_OPEN_HOST_IS_PATH, /* qemu://system */
    VW_OPEN_NO_PATH,      /* the test driver's */
    VW_OPEN_NO_FILE,      /* its path is no place in the tree of files */
    VW_OPEN_IS_FILE,      /* of its state */
    VW_OPEN_NO_MEMORY
};

/* What NAME asks for, where DRIVERS (N of them) are served beside "test". If it is ours, *URI is
 * what CONNECT_GET_URI gives, malloc'ed; so it is for a file, whose path is *FILE then, malloc'ed
 * too. */
enum vw_open_name vw_open_name(const char *name, const char *const *drivers, size_t n, char **uri,
                               char **file);
