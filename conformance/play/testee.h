// SPDX-License-Identifier: MIT
// A program that decodes what it is given: requests on its standard input, answers on its standard
// output, in the same order. docs/decoders.md describes both forms.
#pragma once

#include <virwire/error.h>

#include "conformance/play/meter.h"
#include "transport/leash.h"
#include "xdr/xdr.h"

enum vw_testee_form {
    VW_TESTEE_FRAMES, /* each with a length word ahead of it */
    VW_TESTEE_LINES   /* of JSON */
};

struct vw_testee_program {
    enum vw_testee_form form;
    const char *const *argv; /* ends at NULL; found on PATH */
    uint64_t max_memory;     /* bytes, for one request; above it the program is ended */
};

struct vw_testee {
    const struct vw_testee_program *program;
    struct vw_leash leash;
    struct vw_meter meter;
    int to, from; /* pipes; -1: none */
    int quit; /* VW_ECLOSED: the status that it has ended with; -1: it has not, or by a signal */
    struct vw_buf out, in;
    size_t written, taken; /* of them */
};

enum vw_testee_result { VW_TESTEE_ACCEPTS, VW_TESTEE_REFUSES, VW_TESTEE_SKIPS };

struct vw_testee_answer {
    enum vw_testee_result result;
    struct vw_buf bytes; /* what it encodes the value as, if it said */
    bool has_bytes;
    struct json_object *value; /* what it says that the value is; NULL: nothing */
    int64_t us;                /* from the request to the answer */
    uint64_t memory;           /* that it took, see meter.h */
};
void vw_testee_answer_finish(struct vw_testee_answer *a);

/* Its standard error is ours. PROGRAM stays the caller's. VW_EUNREACHABLE, VW_ESYSTEM, VW_ENOMEM.
 */
int vw_testee_start(struct vw_testee *t, const struct vw_testee_program *program,
                    struct vw_error *err);
/* Ends it and all that it has started. Twice is fine. */
void vw_testee_end(struct vw_testee *t);

/* Whether the LEN bytes are a TYPE. VW_ETIMEOUT; VW_ECLOSED (it has ended: ERR says how),
 * VW_EPROTOCOL (no such answer can be), VW_ELIMIT (it takes too much memory), VW_ENOMEM. After any
 * of these it is of no more use. */
int vw_testee_ask(struct vw_testee *t, const char *type, const void *bytes, size_t len,
                  int64_t timeout_ms, struct vw_testee_answer *out, struct vw_error *err);
