// SPDX-License-Identifier: MIT
// Faults of the header of what is sent: one word each, changed in all messages of some kinds.
#include "mock-daemon/faults/tamper.h"

enum change { SET, ADD, SWAP_BYTES };

struct patch {
    unsigned kinds; /* enum vw_outgoing_kind */
    unsigned word;
    enum change change;
    uint32_t value;
};

static enum vw_fate patch_word(const struct vw_fault *f, struct vw_tamper *t,
                               struct vw_fault_output *m)
{
    const struct patch *p = f->kind->detail;
    uint32_t v;
    if (!(m->kind & p->kinds) || m->bytes.len < (p->word + 1) * 4)
        return VW_FATE_PASS;
    v = vw_word_get(m->bytes.data, p->word);
    if (p->change == SET)
        v = p->value;
    else
        v = p->change == ADD ? v + p->value : __builtin_bswap32(v);
    vw_word_set(m->bytes.data, p->word, v);
    return VW_FATE_PASS;
}

#define PATCH(kinds, word, change, value)                                                          \
    .output = patch_word, .detail = &(const struct patch)                                          \
    {                                                                                              \
        kinds, word, change, value                                                                 \
    }

const struct vw_fault_kind vw_fault_kinds_header[] = {
    {"reply-wrong-program", "H-5", "replies carry the program number plus 1",
     PATCH(VW_OUT_REPLY, VW_WORD_PROGRAM, ADD, 1)},
    {"reply-wrong-version", "H-5", "replies carry the version plus 1",
     PATCH(VW_OUT_REPLY, VW_WORD_VERSION, ADD, 1)},
    {"reply-wrong-procedure", "H-5", "replies carry the procedure plus 1",
     PATCH(VW_OUT_REPLY, VW_WORD_PROCEDURE, ADD, 1)},
    {"reply-wrong-serial", "H-5", "replies carry the serial plus 1",
     PATCH(VW_OUT_REPLY, VW_WORD_SERIAL, ADD, 1)},
    {"reply-serial-zero", "H-7", "replies carry serial 0 whatever the call had",
     PATCH(VW_OUT_ANSWER, VW_WORD_SERIAL, SET, 0)},
    {"reply-serial-swapped", "H-5", "the serial of replies stands in little-endian order",
     PATCH(VW_OUT_ANSWER, VW_WORD_SERIAL, SWAP_BYTES, 0)},
    {"reply-type-call", "H-5", "replies have the type CALL",
     PATCH(VW_OUT_REPLY, VW_WORD_TYPE, SET, VW_MSG_CALL)},
    {"reply-type-message", "H-5", "replies have the type MESSAGE",
     PATCH(VW_OUT_REPLY, VW_WORD_TYPE, SET, VW_MSG_MESSAGE)},
    {"reply-type-unknown", "H-3", "replies have the type 7",
     PATCH(VW_OUT_REPLY, VW_WORD_TYPE, SET, 7)},
    {"reply-type-with-fds", "P-5", "replies without descriptors have the type REPLY_WITH_FDS",
     PATCH(VW_OUT_REPLY, VW_WORD_TYPE, SET, VW_MSG_REPLY_WITH_FDS)},
    {"reply-status-error", "H-5", "good replies have the status ERROR",
     PATCH(VW_OUT_REPLY, VW_WORD_STATUS, SET, VW_MSG_ERROR)},
    {"reply-status-continue", "H-5", "good replies have the status CONTINUE",
     PATCH(VW_OUT_REPLY, VW_WORD_STATUS, SET, VW_MSG_CONTINUE)},
    {"error-status-ok", "H-5", "error replies have the status OK",
     PATCH(VW_OUT_ERROR, VW_WORD_STATUS, SET, VW_MSG_OK)},
    {"error-status-continue", "H-5", "error replies have the status CONTINUE",
     PATCH(VW_OUT_ERROR, VW_WORD_STATUS, SET, VW_MSG_CONTINUE)},
    {"error-type-message", "H-5", "error replies have the type MESSAGE",
     PATCH(VW_OUT_ERROR, VW_WORD_TYPE, SET, VW_MSG_MESSAGE)},
    {"error-wrong-program", "D-1", "error replies do not echo the program",
     PATCH(VW_OUT_ERROR, VW_WORD_PROGRAM, SET, 0)},
    {"error-wrong-version", "D-2", "error replies do not echo the version",
     PATCH(VW_OUT_ERROR, VW_WORD_VERSION, SET, 0)},
    {"error-wrong-procedure", "H-5", "error replies carry procedure 0",
     PATCH(VW_OUT_ERROR, VW_WORD_PROCEDURE, SET, 0)},
    {"error-wrong-serial", "H-5", "error replies carry the serial plus 1",
     PATCH(VW_OUT_ERROR, VW_WORD_SERIAL, ADD, 1)},
    {NULL},
};
