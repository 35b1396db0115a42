// SPDX-License-Identifier: MIT
// Network filters, which bindings put on ports.
#pragma once

#include <libxml/tree.h>

#include "mock-daemon/handler.h"

enum { VW_FROM_NWFILTER = 33 };

struct vw_nwfilter {
    struct vw_object o;
    int32_t seen; /* while references are followed */
};

/* Leaves of N, a <filterref>, the parameters that are good ones, in the order of their names.
 * VW_FAILED: no memory. */
enum vw_outcome vw_nwfilter_tidy_reference(struct vw_call *c, xmlNode *n);

/* Whether one that XML names, or one that these name and so on, is called SELF; or is not there, if
 * SELF is NULL. -1: no memory, and the error of the call is set. */
int vw_nwfilter_leads_to(struct vw_call *c, const struct vw_string *xml, const char *self);

/* That something is wrong with it. */
static inline enum vw_outcome vw_nwfilter_wrong(struct vw_call *c, int32_t code, const char *why)
{
    return vw_call_fail(c, code, VW_FROM_NWFILTER, why);
}

/* virErrorNumber */
enum { ERR_OPERATION_FAILED = 9 };

extern const struct vw_object_kind vw_object_kind_nwfilter;
extern const struct vw_object_kind vw_object_kind_binding;
