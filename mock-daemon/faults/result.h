// SPDX-License-Identifier: MIT
// Faults that answer calls otherwise: each is a row of results.tsv.
#pragma once

#include "mock-daemon/faults/fault.h"

#define VW_RESULT_ANY_ERROR INT32_MIN

/* The detail of a row. */
struct vw_result_row {
    const char *calls[2]; /* today's names, or patterns; none: all calls of all programs */
    int32_t failed;       /* those that failed with this code or ANY_ERROR; 0: unheard */
    int32_t feature;      /* those that ask for this; 0: whatever they do */
    enum {
        VW_RESULT_ALWAYS,
        VW_RESULT_OPEN,
        VW_RESULT_NOT_OPEN,
        VW_RESULT_OPEN_FLAGS,
        VW_RESULT_UNKNOWN_FEATURE,
        VW_RESULT_NO_AUTH,
        VW_RESULT_SASL,     /* it is asked for, and nobody is in yet */
        VW_RESULT_POLKIT,   /* likewise */
        VW_RESULT_EXCHANGE, /* of SASL: one is under way */
        VW_RESULT_IN,       /* something was asked for, and passed */
        VW_RESULT_VOID,
        VW_RESULT_NUL,
        VW_RESULT_MISNAMED
    } when;
    const char *value; /* of the result, as YAML; "" is the smallest. NULL: an error */
    int32_t code, domain;
    const char *text;
};

/* The hook of the rows. */
enum vw_outcome vw_fault_result_row(const struct vw_fault *f, struct vw_call *c);
