// SPDX-License-Identifier: MIT
// Tables of calls and what is answered to them, for tests.
#pragma once

#include "mock-daemon/testing.h"

/* Everything that comes for one call, as text: "ok HEX", "error CODE/DOMAIN", "event PROCEDURE
 * HEX", "stream STATUS LENGTH" and so on, by ", ". An answer that ends in '*' is a beginning. */
struct step {
    const char *procedure, *args /* JSON */, *answer;
};

/* A daemon with one connection, which has qemu:///system open. */
void start_hosted(struct peer *p);

/* Makes the calls, one after the other; a wrong answer ends the test. */
void play(struct peer *p, const struct step *steps, size_t n);
/* Makes the call and gives all that comes for it as such a text, which the caller frees. */
char *call_as_text(struct peer *p, const struct vw_proc *proc, const void *body, size_t len);
