// SPDX-License-Identifier: MIT
// A call of the SASL library that may wait for somebody else: GSSAPI asks a server of Kerberos,
// which knows no deadline of ours. A thread makes the call, and the caller leaves it when its time
// is over.
#pragma once

#include "auth/sasl-calls.h"
#include "auth/sasl.h"

/* What sasl_client_start or sasl_client_step gave. The questions go into the next call, which finds
 * their answers in them. */
struct vw_sasl_result {
    int rc;
    sasl_interact_t *questions;
    const char *data;
    unsigned len;
    const char *mechanism; /* of a start */
};

struct vw_sasl_slow;

/* Makes the call on CONN: a start among the mechanisms of LIST, or without it a step with IN. 0
 * with *OUT filled; VW_ETIMEOUT at DEADLINE_MS: *LEFT is then the call, which still uses CONN and
 * OWNER; VW_ENOMEM, VW_ESYSTEM. */
int vw_sasl_slow_call(sasl_conn_t *conn, const char *list, const struct vw_sasl_data *in,
                      int64_t deadline_ms, void (*destroy)(void *owner), void *owner,
                      struct vw_sasl_result *out, struct vw_sasl_slow **left, struct vw_error *err);
/* OWNER is not used any more. True: the call has ended, and OWNER may go; false: DESTROY is called
 * when it ends, by its thread. */
bool vw_sasl_slow_leave(struct vw_sasl_slow *w);
/* Of one that has ended. NULL is fine. */
void vw_sasl_slow_free(struct vw_sasl_slow *w);
