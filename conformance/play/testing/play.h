// SPDX-License-Identifier: MIT
// One case, as text, played against a peer in memory.
#pragma once

#include "conformance/play/cause.h"
#include "conformance/play/testing/peer.h"

struct played {
    enum vw_verdict verdict;
    char reason[700];
    char expected[700]; /* the step that failed */
    bool suspicious;
    struct vw_cause cause; /* where it is red */
    const char *blamed;    /* the clause of what the observer found, or NULL */
    int64_t ms;            /* that it took */
    char transcript[8192]; /* the start of it */
};

/* Loads the case of TEXT behind title, clause and level; a mistake in it ends the program. */
const struct vw_case *play_case(struct vw_suite *suite, const struct vw_profile *profile,
                                const char *text);
/* Plays C to its end, on a connection of its own. */
void play(const struct vw_case *c, const struct vw_run_settings *settings, struct played *out);
/* Both, with the settings of peer_settings. */
void play_text(struct peer *p, const char *text, struct played *out);
