// SPDX-License-Identifier: MIT
// The plain steps of a connection: a read goes to the session, a call to its handler, the answer
// and then what the call made happen to those who asked, and what the session has to say to the
// transport.
#pragma once

#include "mock-daemon/conn.h"

extern const struct vw_conn_ops vw_serve_plain;

/* The step `event` alone. */
int vw_serve_event(struct vw_conn *c, const struct vw_event *ev);
