// SPDX-License-Identifier: MIT
// A client and what it stands on: opening one over a transport of the caller's, and the two below.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <virwire/client.h>

#include "session/session.h"
#include "transport/transport.h"

/* As vw_client_open over the connected transport T, which the client owns from then on, also on
 * failure. What a URI says otherwise is for OPTIONS to say, such as open_name. */
int vw_client_open_transport(struct vw_transport *t, const struct vw_client_options *options,
                             struct vw_client **out, struct vw_error *err);
/* As vw_client_begin, over T. */
int vw_client_begin_transport(struct vw_transport *t, const struct vw_client_options *options,
                              vw_client_ready_fn ready, void *user, struct vw_client **out,
                              struct vw_error *err);

/* As vw_client_open, with FILTER (NULL: none), which the client keeps by pointer, for its session.
 */
int vw_client_open_filtered(const struct vw_uri *uri, const struct vw_client_options *options,
                            const struct vw_filter *filter, struct vw_client **out,
                            struct vw_error *err);

/* The session below: raw messages. Write out what was queued there with
 * vw_client_process. NULL until C is connected, as the transport. */
struct vw_session *vw_client_session(struct vw_client *c);
struct vw_transport *vw_client_transport(struct vw_client *c);
