// SPDX-License-Identifier: MIT
// A server that lies, as a script says: the other end of a connection in memory for the fuzz target
// client_reply. Answers are well formed and fit what the client has called, until the script bends
// them.
#pragma once

#include "client/testing/memory.h"
#include "fuzz/maker.h"

/* What the server can do; the operands are the bytes behind. CALL: one of the calls that have come,
 * counted from the first. BODY, CODE: see maker.h. */
enum vw_hostile_op {
    VW_HOSTILE_REPLY,  /* CALL BODY */
    VW_HOSTILE_ERROR,  /* CALL LENGTH-OF-TEXT */
    VW_HOSTILE_EVENT,  /* WHICH BODY */
    VW_HOSTILE_STREAM, /* CALL STATUS LENGTH: data, end, finish, or whatever status says */
    VW_HOSTILE_ABORT,  /* CALL: a stream error */
    VW_HOSTILE_HOLE,   /* CALL CODE */
    VW_HOSTILE_ALIVE,  /* NUMBER: PING 1, PONG 2 */
    VW_HOSTILE_RAW,    /* LENGTH BYTES */
    VW_HOSTILE_BEND,   /* WORD CODE: of the next message, the length word is 0 */
    VW_HOSTILE_CUT,    /* LENGTH: the next message ends there, whatever it says */
    VW_HOSTILE_AGAIN,  /* NUMBER: the last message so often */
    VW_HOSTILE_CHUNK,  /* LENGTH: of what one read gives from now on */
    VW_HOSTILE_CLOSE,  /* HOW: end of file, or an error */
    VW_HOSTILE_TIME,   /* TENTHS of a second that pass */
    VW_HOSTILE_READ,   /* HOW-MUCH: reads so much and no more; 255: all; 254: fails to */
    VW_HOSTILE_FDS,    /* NUMBER: descriptors with the next byte */
    VW_HOSTILE_OPS
};

/* What the client does; the target client_reply knows how. */
enum vw_client_op {
    VW_CLIENT_SUBMIT = VW_HOSTILE_OPS, /* PROCEDURE TENTHS of a second; 0: no deadline */
    VW_CLIENT_PROCESS,
    VW_CLIENT_WAIT,      /* TENTHS */
    VW_CLIENT_CALL,      /* PROCEDURE, blocking */
    VW_CLIENT_STREAM,    /* CALL HOW: below 128 so many bytes; else 128 + 0 end, 1 finish, 2 abort,
                            3 a hole */
    VW_CLIENT_SERIAL,    /* NUMBER above or below 128 is the next serial */
    VW_CLIENT_NO_MEMORY, /* NUMBER: that allocation of what the client does next fails */
    VW_CLIENT_OPS
};

/* The first byte: how the client is used. */
enum vw_client_use {
    VW_CLIENT_SUBMIT_AGAIN = 1 << 0, /* in the callback of a call */
    VW_CLIENT_END_STREAMS = 1 << 1,  /* as soon as they are open */
    VW_CLIENT_WITH_FDS = 1 << 2,
    VW_CLIENT_OPENING = 1 << 3, /* authentication and open, blocking */
    VW_CLIENT_KEEPALIVE = 1 << 4,
    VW_CLIENT_END_SHIFT = 5 /* two bits: end of file, stall, close, destroy */
};

#define VW_HOSTILE_CALLS 64

struct vw_hostile {
    struct vw_memory *memory;
    struct vw_script *script;
    struct vw_header calls[VW_HOSTILE_CALLS]; /* that have come; the first so many */
    size_t n_calls;
    struct vw_buf in; /* of a message that has not come in full */
    struct vw_maker maker;
    bool deaf; /* memory ran out: what comes is not looked at any more */
};

/* Takes the other end of MEMORY. */
void vw_hostile_init(struct vw_hostile *h, struct vw_memory *memory, struct vw_script *script);
void vw_hostile_finish(struct vw_hostile *h);
/* A new descriptor, of the lowest free number. */
int vw_hostile_fd(void);
void vw_hostile_do(struct vw_hostile *h, enum vw_hostile_op op);
