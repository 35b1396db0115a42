// SPDX-License-Identifier: MIT
// What became of one case.
#pragma once

#include "base/finding.h"
#include "conformance/cases/scenario.h"

/* What a client made of a URI on which the dialects differ. */
struct vw_followed {
    bool asked;       /* it was given one; else the rest says nothing */
    bool came;        /* it did something: what is refused tells only of one that can do more */
    unsigned by;      /* 1 << each enum vw_dialect whose reading explains it */
    unsigned through; /* enum vw_transport_kind */
};

struct vw_result {
    const struct vw_case *c;
    /* Its found, expected, frames, cause, also and only_when are malloc'ed; the other texts are
     * those of the case. */
    struct vw_finding finding;
    char *blamed;    /* malloc'ed: the clause that was found broken, which FINDING then cites */
    bool suspicious; /* of the player: see vw_run */
    bool kept_out;   /* of the player: see vw_run */
    bool locked;     /* the same */
    bool refused;    /* the same */
    bool silent;     /* nothing came any more, not even half a message; of a client: ever */
    bool late;       /* of the player: see vw_run */
    struct vw_followed followed;
    bool no_auth_list; /* of the player: see vw_run */
    bool outside;      /* it could not connect, so that it did nothing to the peer */
    bool flooded;      /* a connection had more to say than is kept */
};

/* A result without a verdict (VW_NOT_RUN) for C. */
void vw_result_init(struct vw_result *r, const struct vw_case *c);
/* Frees the texts; twice is fine. What is set afterwards needs it again. */
void vw_result_finish(struct vw_result *r);

/* Sets the verdict and what was FOUND (copied; may be NULL). */
void vw_result_set(struct vw_result *r, enum vw_verdict v, const char *found);

/* It has a verdict; before the run: one that is to be skipped. */
static inline bool vw_result_done(const struct vw_result *r)
{
    return r->finding.verdict != VW_NOT_RUN;
}
