// SPDX-License-Identifier: MIT
// The host's capabilities as XML: enough for clients that read the architecture and the kinds of
// guests.
#pragma once

struct vw_model;
struct vw_out;

/* Appends the text as an XDR string. 0 or VW_ENOMEM. */
int vw_capabilities_xml(const struct vw_model *m, struct vw_out *out);
