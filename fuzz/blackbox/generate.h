// SPDX-License-Identifier: MIT
// What is sent: messages of the schema whose arguments are random and about what the server has
// told, some of them bent. The same seed and the same answers give the same messages.
//
// What a server could do because of a message is bounded by the table of facts (schema/facts.h): a
// bent word never makes a call one of a procedure that may not be called, nor one of a program that
// is not known here.
#pragma once

#include "fuzz/blackbox/journal.h"
#include "fuzz/blackbox/pool.h"
#include "fuzz/mutator.h"
#include "message/message.h"
#include "schema/facts.h"
#include "schema/profile.h"

struct vw_generator_options {
    const struct vw_profile *profile;
    enum vw_effect allowed;
    const char *const *run; /* patterns of procedures; n_run 0: all */
    size_t n_run;
    const char *const *skip;
    size_t n_skip;
    size_t burst; /* messages at a time, at most */
};

/* The procedures that may be called. */
struct vw_calls {
    const struct vw_proc **list;
    size_t count;
    bool *tells; /* LIST's result has objects, its arguments none: it is asked first */
    bool *left_out;
    const struct vw_proc *fence, *bare_fence; /* that are always answered */
};

/* VW_ENAME: a pattern fits no procedure; VW_EVALUE: nothing may be called; VW_ENOMEM. */
int vw_calls_choose(const struct vw_generator_options *o, struct vw_calls *out,
                    struct vw_error *err);
void vw_calls_finish(struct vw_calls *c);
/* PROC is not called any more. */
void vw_calls_leave_out(struct vw_calls *c, const struct vw_proc *proc);

#define VW_STREAMS_MAX 4

/* What goes over one connection. */
struct vw_generator {
    const struct vw_generator_options *options;
    const struct vw_calls *calls;
    struct vw_rng rng;
    struct vw_pool pool;
    struct vw_mutator *mutator;
    struct vw_buf other;   /* an answer, of which parts may be in a message */
    struct vw_arena arena; /* of the message at hand */
    bool bare;
    /* What this connection is for: one message of so many is bent in its body, one burst in words
     * of headers. */
    unsigned bend_one_in, muddle_one_in;
    uint32_t serial;
    unsigned bursts;                          /* so far */
    struct vw_header streams[VW_STREAMS_MAX]; /* that are open, as far as is known */
    unsigned n_streams;
};

/* One message, as it goes. */
struct vw_shot {
    enum vw_entry_kind kind;    /* CALL, BENT, BROKEN */
    struct vw_header header;    /* as it is in the bytes; not of BROKEN ones */
    const struct vw_proc *proc; /* that an answer to it is decoded as; NULL: not known */
    bool calls;                 /* the server takes it for a call */
    bool sure;                  /* ... and answers it, if only with an error (D-1 to D-9) */
    bool stream;                /* ... for a packet of a stream that is open */
    bool muddled; /* a word of the header is bent: answers may fit nothing that was sent */
    struct vw_buf bytes;
    char note[VW_ENTRY_NOTE];
};

/* By its kind, header and note. */
bool vw_shot_is_sure(const struct vw_schema *schema, const struct vw_shot *s);

/* VW_ENOMEM; finish G in any case. */
int vw_generator_init(struct vw_generator *g, const struct vw_generator_options *options,
                      const struct vw_calls *calls, uint64_t seed, struct vw_error *err);
void vw_generator_finish(struct vw_generator *g);
/* A new connection, whose first serial is SERIAL. */
void vw_generator_connected(struct vw_generator *g, bool bare, uint32_t serial);
/* The messages of the next burst into SHOTS, of which there are options->burst + 1; the last one is
 * a call that is always answered, unless it is broken. VW_ENOMEM. */
int vw_generator_burst(struct vw_generator *g, struct vw_shot *shots, size_t *n,
                       struct vw_error *err);
/* A good answer to a call of PROC with header H has come, the whole MESSAGE. */
void vw_generator_learn(struct vw_generator *g, const struct vw_header *h,
                        const struct vw_proc *proc, const uint8_t *message, size_t len);
/* A stream is over. */
void vw_generator_stream_ended(struct vw_generator *g, uint32_t serial);
