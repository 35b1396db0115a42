// SPDX-License-Identifier: MIT
// Probes: what YAML cannot say, in C. One file probe-NAME.c each, named in the list of meson.build.
// A probe may block until the deadline of its step: a case with one runs alone.
#pragma once

#include "conformance/play/run.h"

struct vw_probe {
    const char *name;
    /* WITH: what the case says to it; NULL: nothing. */
    enum vw_step_result (*run)(struct vw_run *run, const char *with);
};
extern const struct vw_probe *const vw_probes[];
extern const char *const vw_probe_names[]; /* the same, for the format */

/* ---- for probes ---- */

/* Another connection to the peer, below the player's; by URI, or by that of the run. NULL: ERR. */
struct vw_transport *vw_probe_open(struct vw_run *run, const struct vw_transport_options *options,
                                   const struct vw_uri *uri, struct vw_error *err);
/* The URI of the run over plain TCP. */
struct vw_uri vw_probe_plain(const struct vw_run *run);

/* A message of VW_PREFIX_BYTES: the call NAME, which has no arguments and every peer answers before
 * authentication, if only with an error; another such where the release does not know it. */
void vw_probe_call(const struct vw_run *run, const char *name, uint32_t serial, uint8_t *bytes);

/* Writes all of it: 0 or a negative errno value, -ETIMEDOUT at the step's deadline. */
int vw_probe_write(struct vw_run *run, struct vw_transport *t, const void *bytes, size_t len);

/* One read: bytes (> 0), 0 at the end, a negative errno value, -ETIMEDOUT at DEADLINE_MS. */
ssize_t vw_probe_read(struct vw_transport *t, void *buf, size_t len, int64_t deadline_ms);

/* Reads a whole message of at most SIZE bytes, behind GOT bytes that are in BUF: its length, 0: the
 * peer ended the connection or the message is longer or has no whole header, -ETIMEDOUT. SIZE is at
 * least VW_LENGTH_BYTES. */
ssize_t vw_probe_message(struct vw_run *run, struct vw_transport *t, uint8_t *buf, size_t got,
                         size_t size);
