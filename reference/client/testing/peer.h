// SPDX-License-Identifier: MIT
// A server in memory that is told what to answer: it keeps every message of the client, whole, and
// each test looks at their bytes. Time is virtual (client/testing/memory.h).
#pragma once

#include "base/testing/test.h"

#include <string.h>

#include "base/words.h"
#include "client/below.h"
#include "client/testing/memory.h"

#define PEER_MESSAGES 128
#define PEER_BODY     512

/* A message of the client. */
struct seen {
    struct vw_header header;
    const char *name; /* of its procedure, without the program */
    uint8_t body[PEER_BODY];
    size_t len;
};

struct peer;
typedef void (*peer_answer_fn)(struct peer *p, const struct seen *call);

struct peer {
    struct vw_memory memory;     /* first */
    struct vw_transport_ops ops; /* of its transport, with the caps of peer_start */
    struct seen seen[PEER_MESSAGES];
    unsigned n_seen, looked_at;
    unsigned n_writes;            /* of the client, with any number of messages */
    uint8_t part[PEER_BODY + 64]; /* of a message that is not complete */
    size_t part_len;
    peer_answer_fn answer;           /* to each call that came; NULL: none */
    bool (*goes_on)(struct peer *p); /* what it does besides; NULL: nothing */
    const void *user;
};

extern const struct vw_profile *peer_profile;
/* Group setup and teardown: loads 9.0.0. */
int peer_load(void **state);
int peer_unload(void **state);

/* Starts it; P is all zero or was finished, and ANSWER, GOES_ON, USER are kept. */
void peer_start(struct peer *p, unsigned caps);
void peer_finish(struct peer *p);

void peer_reply(struct peer *p, const struct seen *call, const void *body, size_t len);
void peer_error(struct peer *p, const struct seen *call, int32_t code, const char *text);
/* The message of TYPE and STATUS about CALL. */
void peer_send(struct peer *p, const struct seen *call, int32_t type, int32_t status,
               const void *body, size_t len);
void peer_event(struct peer *p, const char *name, const void *body, size_t len);
/* To calls of the opening: no authentication, features are there, opened. False: another call. */
bool peer_opens(struct peer *p, const struct seen *call);

/* The names of what came, with blanks in between. */
const char *peer_names(const struct peer *p);
/* The body of the N-th message that is NAME, from 0; fails when there is none. */
const struct seen *peer_find(const struct peer *p, const char *name, unsigned n);

const struct vw_proc *peer_proc(const char *name);
/* A client without opening and authentication, whose steps may take half a minute. */
struct vw_client *peer_client(struct peer *p, unsigned caps);
/* Destroys C, which must have closed its connection, and finishes P. */
void peer_end(struct peer *p, struct vw_client *c);
