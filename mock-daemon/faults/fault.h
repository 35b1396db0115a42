// SPDX-License-Identifier: MIT
// Faults: named ways of being wrong (and legal oddities: ways of being strange but right). A fault
// is a row of a table in this folder: a name, the clause that it breaks, and hooks at the places
// where it gets between the connection and its session. Faults stack in the order given; each hook
// has its turn, and what the last one leaves is what happens. Of the fates of a message DROP and
// CLOSE end the round; CLOSE also ends the connection, once what is before it is written.
#pragma once

#include <stdio.h>

#include "mock-daemon/handler.h"

struct vw_fault;
struct vw_tamper;

/* A whole message from the client, before the session sees it. Bytes may be changed in place. */
struct vw_fault_input {
    uint8_t *bytes;
    size_t len; /* the length word included */
    struct vw_header header;
    const struct vw_proc *proc; /* NULL: unknown */
};

/* What a message to the client is; bits, so that a fault can name several. */
enum vw_outgoing_kind {
    VW_OUT_REPLY = 1 << 0, /* a call succeeded */
    VW_OUT_ERROR = 1 << 1, /* a call failed */
    VW_OUT_EVENT = 1 << 2,
    VW_OUT_PING = 1 << 3,
    VW_OUT_PONG = 1 << 4,
    VW_OUT_STREAM = 1 << 5,
    VW_OUT_ANSWER = VW_OUT_REPLY | VW_OUT_ERROR
};

/* Why the session itself answered a call with an error. */
struct vw_refusal {
    struct vw_header header; /* of the call */
    char clause[8];          /* "D-4" */
    int decode_status;       /* D-9: why the arguments cannot be decoded */
};

/* A whole message to the client, behind the session. Bytes may be changed, grown, shrunk: the
 * length word is then the fault's business. */
struct vw_fault_output {
    struct vw_buf bytes;
    enum vw_outgoing_kind kind;
    struct vw_header header;          /* as the session made it */
    const struct vw_proc *proc;       /* NULL: unknown */
    const struct vw_refusal *refusal; /* NULL: the session did not refuse the call itself */
};

struct vw_fault_kind {
    const char *name;
    const char *clause;
    const char *meaning; /* one line */
    bool takes_value;    /* NAME=VALUE, a whole number */
    uint64_t value;      /* when none is given */
    const void *detail;  /* of the rows that share a hook */
    unsigned tls;        /* enum vw_tls_wrong: what is wrong before the first message */
    /* Hooks; NULL: none. */
    void (*options)(const struct vw_fault *f, struct vw_session_options *o);
    void (*begin)(const struct vw_fault *f, struct vw_tamper *t);
    /* The client has ended its side; nothing is done about it yet. */
    void (*eof)(const struct vw_fault *f, struct vw_tamper *t);
    /* The connection is gone, and no longer counted. */
    void (*gone)(const struct vw_fault *f, struct vw_tamper *t);
    /* A length word has come. VW_FATE_DROP: its bytes are swallowed. ALLOWED: by the limits; of
     * others the connection ends when all faults pass. */
    enum vw_fate (*length)(const struct vw_fault *f, struct vw_tamper *t, uint32_t length,
                           bool allowed);
    /* Bytes have come in one read, and are not yet looked at; PENDING bytes of an unfinished
     * message came before. */
    enum vw_fate (*chunk)(const struct vw_fault *f, struct vw_tamper *t, size_t pending);
    /* N > 0 descriptors have come in one read, with bytes that are not yet looked at. */
    void (*descriptors)(const struct vw_fault *f, struct vw_tamper *t, const int *fds, uint32_t n);
    enum vw_fate (*input)(const struct vw_fault *f, struct vw_tamper *t, struct vw_fault_input *m);
    enum vw_outcome (*call)(const struct vw_fault *f, struct vw_call *c);
    enum vw_fate (*output)(const struct vw_fault *f, struct vw_tamper *t,
                           struct vw_fault_output *m);
    /* Nothing more is to be written for now: what is held may be let go. */
    void (*idle)(const struct vw_fault *f, struct vw_tamper *t);
};

/* One fault of the stack. */
struct vw_fault {
    const struct vw_fault_kind *kind;
    uint64_t value;
    unsigned index; /* of its state, for each connection; the end of the stack has the highest */
    void *own;      /* of a member of the stack that is no row; NULL */
    struct vw_fault *next;
};

/* A table of faults, ends at a NULL name. Made by the build from its list. */
struct vw_fault_group {
    const char *name;
    const struct vw_fault_kind *kinds;
};
extern const struct vw_fault_group vw_fault_groups[]; /* ends at a NULL name */

/* Makes the stack of WORDS, each NAME or NAME=VALUE, with END below them, which runs calls as the
 * daemon does (NULL: nothing is below them); no words, no stack. VW_ENAME (with the nearest),
 * VW_EUSAGE, VW_ENOMEM. */
int vw_faults_parse(const char *const *words, size_t n, const struct vw_fault_kind *end,
                    struct vw_fault **out, struct vw_error *err);
void vw_faults_destroy(struct vw_fault *f);
/* NAME, clause, meaning: tabs between, a line each. */
void vw_faults_list(FILE *out);

/* All that the stack says of TLS: enum vw_tls_wrong. F may be NULL. */
unsigned vw_faults_tls(const struct vw_fault *f);

/* Runs the call as the rest of the stack would. F is not the end. */
enum vw_outcome vw_fault_next_call(const struct vw_fault *f, struct vw_call *c);
