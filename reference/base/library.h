// SPDX-License-Identifier: MIT
// A shared library that is loaded when something needs it for the first time. Most runs need none
// of the large ones (TLS, ssh, SASL, XML, YAML), and linking those costs a start several times as
// much as all the rest. lazy.py makes a library's table of functions from its list, NAME.calls.
#pragma once

#include <stdbool.h>
#include <virwire/error.h>

struct vw_library {
    const char *file;         /* the soname, as dlopen(3) looks for it */
    const char *const *names; /* of functions, ends at NULL */
    void *functions;          /* as many pointers, filled by vw_library_load */
    bool loaded;
};

/* Loads LIBRARY unless that was done, and keeps it for as long as the process lives. Any thread may
 * call it. VW_ESYSTEM, with what is missing. */
int vw_library_load(struct vw_library *library, struct vw_error *err);
