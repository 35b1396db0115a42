// SPDX-License-Identifier: MIT
// What connections did: which calls, how often, with what success, and why they ended. It is kept
// when somebody may ask for it, and of connections that are over for the last ones.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "schema/schema.h"

#define VW_ACCOUNTS_OVER 1000u /* of connections that are over */

struct vw_event;

struct vw_account_row {
    const struct vw_proc *proc;
    uint64_t calls, errors;
};

/* The procedures that were called, in the order of their first calls. */
struct vw_account_rows {
    struct vw_account_row *list;
    size_t count;
};

struct vw_account {
    TAILQ_ENTRY(vw_account) link;
    uint64_t number;            /* of the connection, from 1 */
    const char *listener;       /* its URI; NULL: none */
    int64_t since_ns, until_ns; /* UNTIL 0: it goes on */
    char *name;                 /* that it has opened; NULL: none */
    struct vw_account_rows rows;
    char why[240]; /* it ended */
};

TAILQ_HEAD(vw_account_list, vw_account);

struct vw_accounts {
    bool kept;
    struct vw_account_list list;
    uint64_t n;      /* connections so far */
    uint32_t n_over; /* of those in the list */
    struct vw_account_rows total;
    /* A call is done, or a connection is over. NULL: nobody wants to know. */
    void (*changed)(void *user);
    void *user;
};

void vw_accounts_init(struct vw_accounts *a);
void vw_accounts_finish(struct vw_accounts *a);
/* Calls are counted anew from here on. */
void vw_accounts_clear(struct vw_accounts *a);

/* One more connection. NULL: none is kept, or there is no memory; the others take that. */
struct vw_account *vw_account_begin(struct vw_accounts *a, const char *listener, int64_t ns);
/* A call of PROC (NULL: unknown) was answered. */
void vw_account_call(struct vw_accounts *a, struct vw_account *x, const struct vw_proc *proc,
                     bool failed);
void vw_account_opened(struct vw_account *x, const char *name);
/* Why it ends: the first that is said counts. */
void vw_account_why(struct vw_account *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same by what the session says of it. */
void vw_account_closed(struct vw_account *x, const struct vw_event *ev);
void vw_account_end(struct vw_accounts *a, struct vw_account *x, int64_t ns);
