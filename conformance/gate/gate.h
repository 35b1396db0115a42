// SPDX-License-Identifier: MIT
// The gate: what a change of the .x files does to peers that are out there. Two schemas become
// findings, each of a rule of rules.tsv, with its class, who is hurt, the procedures that it
// touches and its place in both versions. One cause makes one finding.
#pragma once

#include <virwire/memory.h>

#include "base/finding.h"
#include "conformance/gate/rules.h"
#include "conformance/gate/settings.h"
#include "conformance/gate/side.h"

/* Findings, in an arena of their own. */
struct vw_gate {
    struct vw_arena arena;
    struct vw_finding **list; /* worst first once vw_gate_judge was there */
    size_t count;
    struct vw_gate_source *sources; /* for each of LIST, until it is joined or judged */
    size_t compared;                /* procedures that both versions have */
};

void vw_gate_init(struct vw_gate *g);
void vw_gate_finish(struct vw_gate *g);

/* Compares, and adds what is found to G. Both sides must outlive it. VW_ENOMEM, or VW_ELIMIT when
 * they are made to take for ever. */
int vw_gate_diff(struct vw_gate *g, const struct vw_gate_side *before,
                 const struct vw_gate_side *after, struct vw_error *err);

/* For each finding of the classes wire and limit, of private programs too, looks for bytes that
 * one version writes and the other refuses or reads otherwise, by really encoding and decoding them
 * (vw_change.witness). Behind vw_gate_diff of the same two and before anything else. VW_ENOMEM. */
int vw_gate_witness(struct vw_gate *g, const struct vw_gate_side *before,
                    const struct vw_gate_side *after, struct vw_error *err);

/* What rpcgen's code says of the witnesses: a line for each, as `ci/gate-witness --opinions` writes
 * it. What has no line was not confirmed. VW_ESYNTAX with the line, VW_ENOMEM. (opinion.c) */
int vw_gate_opinions(struct vw_gate *g, const char *text, size_t len, struct vw_error *err);

/* What is doubtful in one schema by itself: as findings of the class policy. TWINS: neighbours of
 * one type too (SEM001), of which every protocol has many. */
int vw_gate_lint(struct vw_gate *g, const struct vw_schema *schema, bool twins,
                 struct vw_error *err);

/* ---- verdicts ---- (judge.c) */

struct vw_gate_terms {
    enum vw_gate_class last_gated;     /* findings of milder classes do not fail */
    struct vw_gate_settings *settings; /* whose waivers count; NULL: none */
    const char *today;                 /* "2026-11-30": waivers expire */
};

/* Gives each finding its verdict: fail, xfail (waived), lenient (not gated); adds findings about
 * the waivers, and PRG005; sorts. VW_ENOMEM. */
int vw_gate_judge(struct vw_gate *g, const struct vw_gate_terms *terms, struct vw_error *err);

/* Findings of MORE that G has not, by fingerprint, join it, with NOTE behind what was found;
 * SPARED: they fail nothing. VW_ENOMEM. */
int vw_gate_join(struct vw_gate *g, const struct vw_gate *more, const char *note, bool spared);
