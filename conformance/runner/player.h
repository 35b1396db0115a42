// SPDX-License-Identifier: MIT
// The player: runs many cases side by side in one poll loop, keeps an eye on whether the peer is
// alive, and pins what went wrong to its case.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/runner/run.h"
#include "conformance/runner/verdict.h"

/* What became of one case. Strings are malloc'ed; vw_result_finish frees them. */
struct vw_result {
    const struct vw_case *c;
    bool done; /* it has a verdict; before the run: one that is to be skipped */
    enum vw_verdict verdict;
    char *reason;     /* one line; NULL for a pass */
    char *expected;   /* the step that failed; or NULL */
    unsigned step_no; /* its place in the case, from 1; 0: none, or the case has passed */
    char *transcript; /* what was sent and received; or NULL */
    int64_t us;
    bool suspicious; /* of the player: see vw_run */
    bool outside;    /* it could not connect, so that it did nothing to the peer */
    bool flooded;    /* a connection had more to say than is kept */
};
void vw_result_finish(struct vw_result *r);
/* Sets verdict and reason (copied; may be NULL). */
void vw_result_set(struct vw_result *r, enum vw_verdict v, const char *reason);

/* What the peer says of itself. Empty: it did not say. */
struct vw_peer {
    char driver[64];      /* GET_TYPE */
    char hostname[128];   /* GET_HOSTNAME */
    char lib_version[32]; /* GET_LIB_VERSION, as 9.0.0 */
};

struct vw_player_options {
    struct vw_run_settings settings;
    unsigned jobs;    /* cases side by side */
    bool fail_fast;   /* stop at the first finding */
    bool transcripts; /* of cases that pass as well */
    /* Told of each verdict; may be NULL. */
    void (*progress)(void *user, const struct vw_result *result);
    void *user;
};

/* Asks the peer for what it is, which is also the first sanity case. 0; VW_EUNREACHABLE or
 * VW_ETIMEOUT when there is no connection; a sanity case that fails otherwise is told by SANITY and
 * does not stop the run. */
int vw_player_interview(const struct vw_player_options *options, struct vw_peer *peer,
                        struct vw_result *sanity, struct vw_error *err);

/* Runs RESULTS that are not done. Fills them and TALLY (planned and skipped ones included; it is
 * added to). VW_ENOMEM or 0. */
int vw_player_run(const struct vw_player_options *options, struct vw_result *results, size_t n,
                  struct vw_tally *tally, struct vw_error *err);

/* Writes what RUN sent and received, decoded and in hex. Malloc'ed text or NULL. */
char *vw_transcript(const struct vw_run *run);
