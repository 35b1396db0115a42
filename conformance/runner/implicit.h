// SPDX-License-Identifier: MIT
// What every expectation checks without a word in the case: that answers echo their call, that
// bodies are canonical, that nothing strays in. Each has a name, so that a proof can leave it out
// and show what would then go unseen (conformance/prove).
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum vw_implicit {
    VW_IMPLICIT_ECHO_PROGRAM,
    VW_IMPLICIT_ECHO_VERSION,
    VW_IMPLICIT_ECHO_PROCEDURE,
    VW_IMPLICIT_REPLY_TYPE,
    VW_IMPLICIT_REPLY_STATUS,
    VW_IMPLICIT_REPLY_BODY,
    VW_IMPLICIT_NO_BODY,
    VW_IMPLICIT_ERROR_BODY,
    VW_IMPLICIT_ERROR_LEVEL,
    VW_IMPLICIT_MESSAGE_STATUS,
    VW_IMPLICIT_PADDING, /* from here in the order of VW_STRICT_* */
    VW_IMPLICIT_BOOL,
    VW_IMPLICIT_ENUM,
    VW_IMPLICIT_NUL,
    VW_IMPLICIT_UTF8,
    VW_IMPLICIT_NARROW,
    VW_IMPLICIT_TRAILING,
    VW_IMPLICIT_STRAY_REPLY,
    VW_IMPLICIT_SECOND_REPLY,
    VW_IMPLICIT_STRAY_EVENT,
    VW_IMPLICIT_STRAY_TYPE,
    VW_IMPLICIT_LEFTOVERS,
    VW_IMPLICIT_EARLY_STREAM,
    VW_IMPLICIT_RECORDS,
    VW_IMPLICIT_CLEAN_END,
    VW_IMPLICITS
};

/* A set of them: 1 << enum vw_implicit. */
typedef uint32_t vw_implicit_set;

const char *vw_implicit_name(enum vw_implicit check);

/* Adds the check called NAME to SET. 0, or VW_ENAME with the nearest. */
int vw_implicit_add(const char *name, vw_implicit_set *set, struct vw_error *err);

/* NAME, clauses, meaning: tabs between, a line each. */
void vw_implicit_list(FILE *out);

/* The VW_STRICT_* that are checked where WITHOUT is left out. */
unsigned vw_implicit_strict(vw_implicit_set without);
