// SPDX-License-Identifier: MIT
// A program that decodes what it is given: requests on its standard input, answers on its standard
// output, in the same order. docs/decoders.md describes both forms.
#pragma once

#include <virwire/error.h>

#include "transport/leash.h"
#include "xdr/xdr.h"

enum vw_testee_form {
    VW_TESTEE_FRAMES, /* each with a length word ahead of it */
    VW_TESTEE_LINES   /* of JSON */
};

struct vw_testee {
    struct vw_leash leash;
    enum vw_testee_form form;
    int to, from; /* pipes; -1: none */
    struct vw_buf out, in;
    size_t written, taken; /* of them */
};

enum vw_testee_result { VW_TESTEE_ACCEPTS, VW_TESTEE_REFUSES, VW_TESTEE_SKIPS };

struct vw_testee_answer {
    enum vw_testee_result result;
    struct vw_buf bytes; /* what it encodes the value as, if it said */
    bool has_bytes;
    struct json_object *value; /* what it says that the value is; NULL: nothing */
};
void vw_testee_answer_finish(struct vw_testee_answer *a);

/* ARGV ends at NULL. The program is found on PATH, and its standard error is ours.
 * VW_EUNREACHABLE, VW_ESYSTEM. */
int vw_testee_start(struct vw_testee *t, enum vw_testee_form form, const char *const *argv,
                    struct vw_error *err);
/* Ends it and all that it has started. Twice is fine. */
void vw_testee_end(struct vw_testee *t);

/* Queues a request. VW_ENOMEM. */
int vw_testee_ask(struct vw_testee *t, const char *type, const void *bytes, size_t len,
                  struct vw_error *err);
/* The next answer, waited for until DEADLINE_MS; what is queued is written meanwhile. VW_ETIMEOUT;
 * VW_ECLOSED (it has ended: ERR says how), VW_EPROTOCOL (no such answer can be), VW_ENOMEM. */
int vw_testee_next(struct vw_testee *t, int64_t deadline_ms, struct vw_testee_answer *out,
                   struct vw_error *err);
