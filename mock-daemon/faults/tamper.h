// SPDX-License-Identifier: MIT
// The stack of faults of a connection: it is the filter of the connection's session, and stands on
// a transport that says when bytes go out. Connections have one only if a fault is set.
#pragma once

#include "mock-daemon/conn.h"
#include "mock-daemon/faults/fault.h"

struct vw_tamper;

/* What one fault remembers of one connection. */
struct vw_fault_state {
    uint64_t count;
    uint32_t word;
    struct vw_buf held;
    void *own; /* NULL: nothing */
    void (*free_own)(void *own);
    /* What it holds goes: the fault is switched off, and the connection goes on. NULL: nothing. */
    void (*leave)(struct vw_tamper *t, void *own);
    /* Whose state it is, for when the stack changes. */
    const struct vw_fault_kind *kind;
    const void *owner; /* own of the fault */
    uint64_t value;
    bool begun;
};

extern const struct vw_conn_ops vw_tamper_ops;
/* Below all faults of a stack: what a daemon without faults does. */
extern const struct vw_fault_kind vw_tamper_end;

/* C goes by FAULTS from here on; those that it had keep what they remember, the others begin. What
 * they say of the options of a session and of TLS is for connections to come. C has a tamper. The
 * stack that it had is still there. */
void vw_tamper_restack(struct vw_conn *c, const struct vw_fault *faults);

/* ---- for the hooks of faults ---- */

/* False while the connection begins. */
bool vw_tamper_has_begun(const struct vw_tamper *t);

struct vw_conn *vw_tamper_conn(struct vw_tamper *t);
struct vw_fault_state *vw_tamper_state(struct vw_tamper *t, const struct vw_fault *f);

/* Queues bytes as they are, behind what is queued already. */
void vw_tamper_send(struct vw_tamper *t, const void *bytes, size_t len);
/* Queues an error reply to the call with header H. */
void vw_tamper_send_error(struct vw_tamper *t, const struct vw_header *h, int32_t code,
                          int32_t domain, const char *text);
/* Turns M into a reply that says OK, with the smallest value of the procedure's result. */
void vw_tamper_make_ok(struct vw_tamper *t, struct vw_fault_output *m);
/* Turns M into an error reply. */
void vw_tamper_make_error(struct vw_tamper *t, struct vw_fault_output *m, int32_t code,
                          int32_t domain, const char *text);
/* Ends the connection once what is queued is written. */
void vw_tamper_close(struct vw_tamper *t);
/* Ends the connection without writing anything more. */
void vw_tamper_cut(struct vw_tamper *t);

/* How bytes are written from now on: at most CHUNK bytes at a time (0: all at once), and a pause of
 * DELAY_MS before each write. */
void vw_tamper_pace(struct vw_tamper *t, size_t chunk, int delay_ms);
/* Messages may share a record from now on (T-5). */
void vw_tamper_mix_records(struct vw_tamper *t);
/* Calls the flush again in MS milliseconds, for faults that hold messages back. */
void vw_tamper_wake_in(struct vw_tamper *t, int ms);

/* Words of a message: 0 the length, 1 program, ... 6 status, 7 the first of the body. */
enum {
    VW_WORD_LENGTH,
    VW_WORD_PROGRAM,
    VW_WORD_VERSION,
    VW_WORD_PROCEDURE,
    VW_WORD_TYPE,
    VW_WORD_SERIAL,
    VW_WORD_STATUS,
    VW_WORD_BODY
};
uint32_t vw_word_get(const uint8_t *message, unsigned word);
void vw_word_set(uint8_t *message, unsigned word, uint32_t value);
/* True when the procedure is the remote program's NAME. */
bool vw_proc_is(const struct vw_proc *proc, const char *name);
