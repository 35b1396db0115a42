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
/* The same on a daemon that START makes, and that ends with them. */
void play_from(void (*start)(struct peer *p), const struct step *steps, size_t n);
/* The test NAME plays NAME_steps so. */
#define PLAYS(start, name)                                                                         \
    static void name(void **state)                                                                 \
    {                                                                                              \
        play_from(start, name##_steps, sizeof(name##_steps) / sizeof(name##_steps[0]));            \
    }
/* Makes the call and gives all that comes for it as such a text, which the caller frees. */
char *call_as_text(struct peer *p, const struct vw_proc *proc, const void *body, size_t len);
