// SPDX-License-Identifier: MIT
// Talks with the daemon: what a client says, as lines of a text, and what comes back, as text to
// the byte, with the borders of the writes and the time that passes.
#pragma once

#include "mock-daemon/testing.h"

#define TALK_LINES   128
#define TALK_CLIENTS 12

/* One talk of fixtures/talks.txt. Its lines are
 *
 *   [N] [+] PROCEDURE [KEY=NUMBER...] [JSON | ~HEX | ERROR]    a message; N times; + : the next
 * goes with it raw HEX, zeros N, fd     bytes; so many of them; a byte with a descriptor eof,
 * connect, swap, leave, limits    the sending side ends; one more client, which speaks from now on;
 * the one before it does; the one that speaks goes; the daemon is asked whether it accepts wait MS
 * time passes
 *
 * and its head has options: tcp, readonly, auth=N, keepalive=SECONDS, anonymous=N,
 * bytes (the borders of writes are lost, but what is said may be read in parts), and
 * for=NAME,NAME: a long one, of use for faults whose names begin so. */
struct talk {
    const char *name;
    const char *options;
    const char *lines[TALK_LINES];
    size_t n;
};

/* Cuts TEXT in place. Gives how many talks there are; fails the test when it is no such text. */
size_t talks_read(char *text, struct talk *talks, size_t max);

/* A daemon that talks are played on, one after the other; peer_stop ends it. PROFILE NULL: the
 * newest. */
void talks_start(struct peer *p, const char *profile);
/* Plays T under FAULTS: ANSWERS[i] is what came after line i, made by malloc. */
void talk_play(const struct talk *t, struct peer *p, struct vw_fault *faults, char **answers);
/* Whether T tells something of that fault (NULL: of none), as the talk itself says. */
bool talk_is_for(const struct talk *t, const char *fault);

/* FNV-1a. */
uint64_t talk_hash(uint64_t hash, const char *text);
#define TALK_HASH 0xcbf29ce484222325u
