// SPDX-License-Identifier: MIT
// What was said, as a case of the scenario language (docs/writing-cases.md): what the client sent
// is sent again, and what the server said is expected, by its kind and its fields. The log-in is
// left to who plays the case, where it was the usual one. Engine: it may change with every release
// (docs/api.md).
#pragma once

#include <stdio.h>

#include "message/message.h"

struct vw_retell;

struct vw_retell_options {
    const struct vw_profile *profile;
    const char *title; /* one sentence */
};

/* A message, in the order in which they were said. */
struct vw_retell_said {
    uint64_t connection;
    enum vw_side from;
    const struct vw_frame *frame;
    uint64_t number;  /* within the connection */
    uint64_t answers; /* the number of the call that it is the reply to; 0: none is known */
    bool wanted;      /* else it is looked at, but goes into the case only with its call */
};

int vw_retell_create(const struct vw_retell_options *o, struct vw_retell **out);
/* NULL is fine. */
void vw_retell_destroy(struct vw_retell *s);
/* VW_ENOMEM. */
int vw_retell_message(struct vw_retell *s, const struct vw_retell_said *said);
/* The case. VW_EUSAGE: nothing was to be in it; VW_ELIMIT: it would be larger than a case may be;
 * VW_ENOMEM. */
int vw_retell_write(struct vw_retell *s, FILE *out, struct vw_error *err);
/* How many messages could be no part of it (SASL, what is no message), for a warning. */
uint64_t vw_retell_left_out(const struct vw_retell *s);
