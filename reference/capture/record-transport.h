// SPDX-License-Identifier: MIT
// A transport that tells a recorder of what passes. It stands where bytes are those of messages:
// above TLS, below the layer of SASL.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include "capture/record.h"
#include "transport/transport.h"

/* Puts it over LOWER, the end of SIDE, which it owns from then on, also on failure. NAME as of
 * vw_recording_begin. RECORDER must outlive it. VW_ENOMEM. */
int vw_record_wrap(struct vw_recorder *recorder, enum vw_side side, const char *name,
                   struct vw_transport *lower, struct vw_transport **out, struct vw_error *err);
