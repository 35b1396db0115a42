// SPDX-License-Identifier: MIT
// A program on a leash: once nobody holds the other end, for whatever reason, SIGKILL included, the
// program is ended with all that it has started.
//
// The leash is a socket pair to a keeper, a process that is forked for each program and is its
// parent. The keeper is given what the program has started and left behind (a "subreaper"), in
// whatever session or process group, so that it finds all of it. A death signal instead would
// reach the program alone, and comes when the thread ends that started it.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The process group of the program. */
enum vw_leash_group {
    VW_LEASH_SAME,   /* the starter's, so that it may read from the terminal */
    VW_LEASH_GROUP,  /* one of its own */
    VW_LEASH_SESSION /* a session of its own, without a terminal */
};

struct vw_leash_program {
    const char *const *argv; /* found on PATH */
    char *const *env;
    int fds[3]; /* become 0, 1 and 2, and have higher numbers, or are those; -1: /dev/null */
    enum vw_leash_group group;
    unsigned grace_ms; /* from SIGTERM to SIGKILL once the leash is let go; 0: SIGKILL at once */
    bool bare;         /* of what is open FDS alone is passed on */
    bool pass_on;      /* SIGTERM and SIGINT to the keeper, its parent, are for the starter */
};

/* All zero: there is none. */
struct vw_leash {
    pid_t keeper;
    pid_t program; /* until it has ended; afterwards the number may be another's */
    int line;      /* readable once the program has ended */
    bool ended;
    int status; /* then: as of waitpid(2); -1: the keeper was killed, and so is the program */
};

/* Starts P with no signal blocked or ignored. 0, or the errno with which it cannot be started. */
int vw_leash_start(const struct vw_leash_program *p, struct vw_leash *out);
/* Whether the program has ended; what it has started may go on. */
bool vw_leash_ended(struct vw_leash *l);
/* The same, waited for until DEADLINE_MS. */
bool vw_leash_wait(struct vw_leash *l, int64_t deadline_ms);
/* Lets go, and waits until all of it is gone. */
void vw_leash_end(struct vw_leash *l);

/* Gives FD a number above the standard ones, so that it is not in the way when those are put in
 * place. 0, or -1 with errno. */
int vw_leash_above(int *fd);
