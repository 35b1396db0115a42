// SPDX-License-Identifier: MIT
// The plain steps of a connection: a read goes to the session, a call to its handler, the answer
// and then what the call made happen to those who asked, and what the session has to say to the
// transport.
#pragma once

#include "mock-daemon/conn.h"
#include "transport/layer.h"

extern const struct vw_conn_ops vw_serve_plain;

/* Puts SASL on the transport at once, with what has been read too far. */
int vw_serve_put_layer(struct vw_conn *c);
/* What that does it with, and the same with something else, which has taken conn->sasl over. */
struct vw_layer_codec vw_serve_codec(const struct vw_conn *c);
int vw_serve_put_codec(struct vw_conn *c, const struct vw_layer_codec *codec);
/* The step `event` alone. */
int vw_serve_event(struct vw_conn *c, const struct vw_event *ev);
