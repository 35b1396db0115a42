// SPDX-License-Identifier: MIT
// The daemon listens to its clients: each message as a line, which rules they broke, and why
// connections ended. What is heard is what the recorder has hidden the secrets of.
#pragma once

#include <stdio.h>
#include <virwire/error.h>

#include "capture/talk.h"

struct vw_account;
struct vw_daemon;

/* WHAT: [text=|json=]FILE, "-" being stdout; NULL: nothing is written, rules are looked at.
 * VW_EUSAGE: it cannot be written; VW_ENOMEM. */
int vw_chronicle_open(struct vw_daemon *d, const char *what, struct vw_error *err);
void vw_chronicle_close(struct vw_daemon *d);

/* As the recorder calls it; USER is the daemon. */
void vw_chronicle_hear(void *user, uint64_t number, const struct vw_talk_event *ev);
/* A connection begins, or is over; X may be NULL. */
void vw_chronicle_begin(struct vw_daemon *d, const struct vw_account *x);
void vw_chronicle_end(struct vw_daemon *d, const struct vw_account *x);

/* Says on OUT, a line each, what clients broke; ALL: that they broke nothing, too. Gives how many
 * different things that were. */
size_t vw_chronicle_tell(const struct vw_daemon *d, FILE *out, bool all);
/* 0, or VW_ESYSTEM, VW_ENOMEM: not all is written. */
int vw_chronicle_flush(struct vw_daemon *d, struct vw_error *err);
