// SPDX-License-Identifier: MIT
// Faults that need two conditions at once: how the bytes of a call came, and what was there
// besides, or over which transport. A server has such when a buffer is reused, or a reader was
// tried over one kind of socket only. docs/conditions.md says which conditions show them.
#include "mock-daemon/faults/tamper.h"

#include <stdlib.h>
#include <string.h>

/* How a call came; bits. */
enum {
    IN_WORDS = 1 << 0,  /* a read ended within one of its words */
    IN_FIELDS = 1 << 1, /* it came in several reads, each of which ended with a word */
    IN_LENGTH = 1 << 2  /* a read ended within its length word */
};

/* What was there besides. */
enum {
    GLUED = 1 << 3, /* another message ahead of it in the same read */
    CROWD = 1 << 4, /* fifteen or sixteen calls ahead of it, all of one other procedure, in that
                       read or the last one that had a whole message */
    FULL = 1 << 5,  /* sixteen */
    OVER_TCP = 1 << 6
};

/* What is under way stands in a ring of sixteen places. */
#define CROWD_MIN 15
#define FULL_RUN  16
#define SHORT     1024 /* bytes; longer messages come in several reads anyway */

enum act { LOSES, ENDS, WRONG_SERIAL, WRONG_STATUS, WRONG_PROCEDURE, TWICE };

struct pair {
    unsigned how; /* all of these bits */
    enum act act;
};

/* Of a connection. */
struct arrival {
    bool first;        /* nothing came whole in this read yet */
    unsigned run;      /* calls of one procedure, the last ones in the last read that had any */
    int32_t procedure; /* theirs */
    unsigned bits;     /* of the message that comes */
    bool hit;          /* the fault is about the call of this serial */
    uint32_t serial;
};

static struct arrival *arrival_of(const struct vw_fault *f, struct vw_tamper *t)
{
    struct vw_fault_state *state = vw_tamper_state(t, f);
    if (!state->own) {
        state->own = calloc(1, sizeof(struct arrival));
        state->free_own = free;
    }
    return state->own;
}

/* PENDING bytes of a message came before. */
static enum vw_fate note_read(const struct vw_fault *f, struct vw_tamper *t, size_t pending)
{
    struct arrival *a = arrival_of(f, t);
    if (!a)
        return VW_FATE_CLOSE;
    a->first = true;
    a->bits = pending ? a->bits | (pending % 4 ? IN_WORDS : IN_FIELDS) : 0;
    a->bits |= pending && pending < VW_LENGTH_BYTES ? IN_LENGTH : 0;
    return VW_FATE_PASS;
}

static unsigned bits_of(const struct arrival *a, struct vw_tamper *t,
                        const struct vw_fault_input *m)
{
    const bool tcp = strcmp(vw_tamper_conn(t)->transport->ops->name, "tcp") == 0;
    const bool other = m->header.procedure != a->procedure;
    unsigned bits = a->bits & IN_WORDS ? a->bits & ~(unsigned)IN_FIELDS : a->bits;
    bits |= a->first ? 0 : GLUED;
    bits |= other && a->run >= CROWD_MIN && a->run <= FULL_RUN ? CROWD : 0;
    bits |= other && a->run == FULL_RUN ? FULL : 0;
    return bits | (tcp ? OVER_TCP : 0);
}

/* M has come: it is one more of its procedure, or the first. */
static void count_call(struct arrival *a, const struct vw_fault_input *m)
{
    bool more = m->header.procedure == a->procedure && !a->first;
    a->run = more ? a->run + 1 : 1;
    a->procedure = m->header.procedure;
    a->first = false;
    a->bits = 0;
}

static enum vw_fate note_call(const struct vw_fault *f, struct vw_tamper *t,
                              struct vw_fault_input *m)
{
    const struct pair *pair = f->kind->detail;
    struct arrival *a = arrival_of(f, t);
    bool hit = (bits_of(a, t, m) & pair->how) == pair->how && m->len < SHORT &&
               m->header.type == VW_MSG_CALL;
    count_call(a, m);
    if (hit && pair->act == LOSES)
        return VW_FATE_DROP;
    if (hit && pair->act == ENDS)
        return VW_FATE_CLOSE;
    a->hit = a->hit || hit;
    a->serial = hit ? m->header.serial : a->serial;
    return VW_FATE_PASS;
}

static enum vw_fate spoil_answer(const struct vw_fault *f, struct vw_tamper *t,
                                 struct vw_fault_output *m)
{
    const struct pair *pair = f->kind->detail;
    struct arrival *a = arrival_of(f, t);
    if (!a || !a->hit || !(m->kind & VW_OUT_ANSWER) || m->header.serial != a->serial)
        return VW_FATE_PASS;
    a->hit = false;
    switch (pair->act) {
    case WRONG_SERIAL:
        vw_word_set(m->bytes.data, VW_WORD_SERIAL, a->serial - 1);
        break;
    case WRONG_STATUS:
        vw_word_set(m->bytes.data, VW_WORD_STATUS, VW_MSG_CONTINUE);
        break;
    case WRONG_PROCEDURE:
        vw_word_set(m->bytes.data, VW_WORD_PROCEDURE, m->header.procedure + 1);
        break;
    case TWICE:
        vw_tamper_send(t, m->bytes.data, m->bytes.len);
        break;
    case LOSES:
    case ENDS:
        break;
    }
    return VW_FATE_PASS;
}

#define PAIR(name, clause, meaning, bits, what)                                                    \
    {                                                                                              \
        name, clause, meaning, .chunk = note_read, .input = note_call, .output = spoil_answer,     \
                               .detail = &(const struct pair)                                      \
        {                                                                                          \
            bits, what                                                                             \
        }                                                                                          \
    }

const struct vw_fault_kind vw_fault_kinds_pair[] = {
    PAIR("two-words-tcp", "F-9", "over TCP a call that comes apart within a word is lost",
         IN_WORDS | OVER_TCP, LOSES),
    PAIR("two-fields-tcp", "F-9",
         "over TCP the answer to a call that comes apart between words has the serial before",
         IN_FIELDS | OVER_TCP, WRONG_SERIAL),
    PAIR("two-length-tcp", "F-9",
         "over TCP a call whose length word comes apart is answered with the status CONTINUE",
         IN_LENGTH | OVER_TCP, WRONG_STATUS),
    PAIR("two-crowd-tcp", "H-5", "over TCP the call behind fifteen of another procedure is lost",
         CROWD | OVER_TCP, LOSES),
    PAIR("two-crowd-tcp-twice", "H-5",
         "over TCP the call behind fifteen of another procedure is answered twice",
         CROWD | OVER_TCP, TWICE),
    PAIR("two-words-crowd", "F-9",
         "a call that comes apart within a word behind fifteen of another procedure ends the "
         "connection",
         IN_WORDS | CROWD, ENDS),
    PAIR("two-words-crowd-twice", "H-5",
         "a call that comes apart within a word behind fifteen of another procedure is answered "
         "twice",
         IN_WORDS | CROWD, TWICE),
    PAIR("two-fields-crowd", "H-5",
         "the answer to a call that comes apart between words behind fifteen of another procedure "
         "names the next procedure",
         IN_FIELDS | CROWD, WRONG_PROCEDURE),
    PAIR("two-fields-crowd-lost", "F-9",
         "a call that comes apart between words behind fifteen of another procedure is lost",
         IN_FIELDS | CROWD, LOSES),
    PAIR("two-glued-crowd", "F-9",
         "the call behind sixteen of another procedure in one read is lost", GLUED | FULL, LOSES),
    {NULL},
};
