// SPDX-License-Identifier: MIT
// A domain as XML, with the devices that the test driver shows.
#pragma once

struct vw_domain;
struct vw_out;

/* Appends the text as an XDR string. 0 or VW_ENOMEM. */
int vw_domain_xml(const struct vw_domain *d, struct vw_out *out);
