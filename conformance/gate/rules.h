// SPDX-License-Identifier: MIT
// The rules of the gate: rules.tsv as a table (make-rules.py).
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Worst first. */
enum vw_gate_class {
    VW_GATE_ERROR, /* no verdict is possible */
    VW_GATE_WIRE,
    VW_GATE_LIMIT,
    VW_GATE_SEC,
    VW_GATE_BEHAV,
    VW_GATE_SOURCE,
    VW_GATE_POLICY,
    VW_GATE_PRIVATE, /* of a program that libvirt promises to nobody */
    VW_GATE_OK
};

/* Who is hurt. */
enum vw_gate_whom {
    VW_HURTS_BOTH,
    VW_HURTS_SHRUNK, /* new readers refuse old writers */
    VW_HURTS_GROWN,  /* old readers refuse new writers */
    VW_HURTS_BUILD,
    VW_HURTS_PEOPLE
};

struct vw_gate_rule {
    const char *code;
    enum vw_gate_class class;
    enum vw_gate_whom whom;
    const char *title;
    const char *meaning;
};

extern const struct vw_gate_rule vw_gate_rules[];
extern const size_t vw_gate_rule_count;

/* NULL when there is none of that code, letters in any case. */
const struct vw_gate_rule *vw_gate_rule_find(const char *code);
/* "wire" */
const char *vw_gate_class_name(enum vw_gate_class class);
/* Who is hurt, as a sentence about the rule as such. */
const char *vw_gate_whom_text(enum vw_gate_whom whom);
