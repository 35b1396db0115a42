// SPDX-License-Identifier: MIT
// The process of a server that runs on this machine: whether it lives, and what it holds. It is
// known where the kernel says who listens (SO_PEERCRED).
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <virwire/error.h>

#include "transport/leash.h"

struct vw_target {
    const char *command; /* that starts it, for a shell; NULL: somebody else does */
    struct vw_leash leash;
    bool started;
    pid_t pid;     /* 0: not known */
    int pidfd;     /* -1: none */
    bool replaced; /* one has ended, and another is there */
};

void vw_target_init(struct vw_target *t, const char *command);
/* Starts it, unless it is not ours to start. VW_EUNREACHABLE. */
int vw_target_start(struct vw_target *t, struct vw_error *err);
/* Ends what was started, and forgets the process. Twice is fine. */
void vw_target_end(struct vw_target *t);

/* FD is a connection to it. */
void vw_target_meet(struct vw_target *t, int fd);
/* That it has ended is told: from here on the next one counts. */
void vw_target_mourned(struct vw_target *t);
/* It has ended. Waits at most MS for it. False also where nothing is known. */
bool vw_target_died(struct vw_target *t, int ms);
/* How it ended, where that is known: "signal 11 (Segmentation fault)"; else "". */
const char *vw_target_fate(struct vw_target *t, char *buf, size_t size);

/* The command that starts it has ended, and not well. */
bool vw_target_failed(struct vw_target *t, char *fate, size_t size);

struct vw_holding {
    uint64_t kib; /* of memory that is in use */
    unsigned fds; /* descriptors; 0: not told to us */
};
/* What it holds now. False where nothing is known. */
bool vw_target_holding(const struct vw_target *t, struct vw_holding *out);

/* Milliseconds of processor time that it has had; 0 where nothing is known. */
int64_t vw_target_busy_ms(const struct vw_target *t);
