// SPDX-License-Identifier: MIT
// The settings of who uses the gate: a YAML file in their repository (docs/gate.md).
#pragma once

#include <virwire/error.h>

#include "conformance/gate/rules.h"

/* Lets findings pass: the one of a fingerprint, or those of a rule about a type. */
struct vw_gate_waiver {
    const char *fingerprint; /* NULL: RULE counts */
    const char *rule, *type;
    const char *reason;  /* NULL: it waives nothing */
    const char *expires; /* "2027-01-31", the last day; NULL: never */
    unsigned line, column;
    bool used;
};

struct vw_gate_settings {
    struct vw_arena arena;
    const char *file;
    const char *gate; /* word of vw_gate_last_gated; NULL: not said */
    struct vw_gate_waiver *waivers;
    size_t count;
};

/* The milder classes behind it are not gated: "wire", "limit", "source", "all". False when there is
 * no such word. */
bool vw_gate_last_gated(const char *word, enum vw_gate_class *out);

/* VW_EUSAGE, VW_ESYNTAX with line and column, VW_ELIMIT, VW_ENOMEM. To be finished in either case.
 */
int vw_gate_settings_load(struct vw_gate_settings *s, const char *path, struct vw_error *err);
void vw_gate_settings_finish(struct vw_gate_settings *s);
