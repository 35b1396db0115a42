// SPDX-License-Identifier: MIT
// The player: runs many cases side by side in one poll loop, keeps an eye on whether the peer is
// alive, and pins what went wrong to its case.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "conformance/cases/result.h"
#include "conformance/play/own-server.h"
#include "conformance/play/run.h"
#include "conformance/play/sanity.h"
#include "conformance/report/report.h"
#include "conformance/report/tally.h"

struct vw_player_options {
    struct vw_run_settings settings;
    const struct vw_run_settings *usual; /* how the peer is asked for its life; NULL: as SETTINGS */
    const struct vw_sanity *sanity; /* NULL: there is no one peer of all, whose life is in doubt */
    struct vw_own_server *own;      /* that peer, which is started again; NULL: not by us */
    unsigned jobs;                  /* cases side by side */
    bool fail_fast;                 /* stop at the first finding */
    bool one_client;                /* there is never a connection beside that of the case */
    bool transcripts;               /* of cases that pass as well */
    /* Not 0: the run stops where it is, what has no verdict yet gets none. May be NULL. */
    const volatile sig_atomic_t *interrupted;
    /* Told of each verdict; may be NULL. */
    void (*progress)(void *user, const struct vw_result *result);
    void *user;
};

/* Asks the peer for what it is, which is also the first sanity case. 0; VW_EUNREACHABLE or
 * VW_ETIMEOUT when there is no connection; a sanity case that fails otherwise is told by SANITY and
 * does not stop the run. */
int vw_player_interview(const struct vw_player_options *options, struct vw_peer *peer,
                        struct vw_result *sanity, struct vw_error *err);

/* True if a client gets an answer only once the one before it has left. */
bool vw_player_serves_one(const struct vw_player_options *options);

/* Plays one case by itself and fills RESULT. */
void vw_player_play(const struct vw_player_options *options, const struct vw_case *c,
                    struct vw_result *result);

/* Runs RESULTS that are not done. Fills them and TALLY (planned and skipped ones included; it is
 * added to). VW_ENOMEM or 0. */
int vw_player_run(const struct vw_player_options *options, struct vw_result *results, size_t n,
                  struct vw_tally *tally, struct vw_error *err);

/* Writes what RUN sent and received, decoded and in hex; so many bytes of it are the log-in:
 * *ENTRY. Malloc'ed text or NULL. */
char *vw_transcript(const struct vw_run *run, size_t *entry);
