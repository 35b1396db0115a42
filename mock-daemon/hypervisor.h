// SPDX-License-Identifier: MIT
// The hypervisors that a connection can be to besides the test driver: what each calls itself, and
// whose errors its are. Their objects are those of the model.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vw_call;

struct vw_hypervisor {
    const char *scheme;   /* of the URIs that mean it */
    const char *type;     /* CONNECT_GET_TYPE */
    uint64_t version;     /* CONNECT_GET_VERSION */
    int32_t domain;       /* virErrorDomain of its errors */
    const char *guest;    /* the type of its domains, */
    const char *os;       /* of their operating systems, */
    const char *emulator; /* and what runs them */
    bool migrates;        /* domains, and tells of the jobs of its own */
};

/* The one that URI means, never NULL: one that libvirt has none of is as the test driver. */
const struct vw_hypervisor *vw_hypervisor(const char *uri);
/* The test driver itself. */
extern const struct vw_hypervisor vw_hypervisor_test;

/* Where another hypervisor than the test driver is open, an error that a handler took for one of
 * the test driver's, or of the one that migrates, is of the driver that is open, or of one that all
 * share, as for networks. */
void vw_hypervisor_own_error(struct vw_call *c);
