// SPDX-License-Identifier: MIT
// The SASL library's functions replaced by some that note what they are given and return what a
// test wants, so that each strength, result and question is met, whatever mechanisms are installed.
#pragma once

#include "base/testing/test.h"

#include <pthread.h>
#include <sasl/sasl.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "auth/sasl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern struct fake {
    /* What it returns. */
    int init, new, set, start, step, get, code;
    const char *data; /* of start and step; NULL: none */
    unsigned len;
    const char *detail;
    sasl_interact_t *questions; /* asked again until QUESTION_ROUNDS is 0 */
    int question_rounds;
    sasl_ssf_t ssf;
    unsigned max_out;
    bool no_ssf, no_max_out; /* the property is there, but has no value */
    unsigned char flip;      /* what goes through the layer is XORed with it; 0: DATA comes out */
    bool waits;              /* a call waits for LET_GO */
    /* What it was given. */
    char told[200]; /* properties, in their order */
    char host[32];
    unsigned flags;
    sasl_callback_t callbacks[10];
    char list[64];
    const char *in;
    unsigned in_len;
    unsigned starts, steps;
    pthread_t thread;
    bool signals_blocked;
} fake;

/* The mechanism that every start takes: one that may be slow, at first. */
extern const char *fake_mechanism;

extern atomic_int disposed; /* connections that were given back */
extern sem_t let_go, gone;  /* for a call that waits; posted by each that is given back */

/* Who is asked. */
extern struct asked {
    struct vw_credential_request request[16];
    char user[16][16];
    unsigned count;
    const char *answer; /* NULL: there is none */
    int rc;             /* then */
} asked;

int ask(void *user, const struct vw_credential_request *r, char *buf, size_t size,
        struct vw_error *err);
/* Of a client on h that asks ASK and has all the time. */
struct vw_sasl_options options(void);
struct vw_sasl *create(const struct vw_sasl_options *o);

/* Everything above as it is at first. 0. */
int reset(void **state);
/* Replaces the library. 0 or -1. */
int library_set_up(void **state);
