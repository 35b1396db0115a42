// SPDX-License-Identifier: MIT
// Messages as a script says: well formed and of the schema, until the script bends them.
#pragma once

#include "fuzz/common.h"
#include "message/message.h"

/* The script. Behind its end there are zeros. */
struct vw_script {
    const uint8_t *at;
    size_t left;
};
unsigned vw_script_byte(struct vw_script *s);

struct vw_maker {
    struct vw_script *script;
    struct vw_buf message; /* the last one */
    struct {
        uint8_t word, code;
    } bend[4];
    size_t n_bends;
    unsigned cut; /* where the next message ends; 0: at its end */
};

void vw_maker_finish(struct vw_maker *m);

/* Operands WORD CODE: of the next message; the length word is 0. CODE: a number, see maker.c. */
void vw_maker_bend(struct vw_maker *m);
/* WORD as CODE makes it. */
uint32_t vw_bent(uint32_t word, unsigned code);

/* Starts a message. False: no memory; so do the others. */
bool vw_maker_begin(struct vw_maker *m, const struct vw_header *header, int32_t type,
                    int32_t status);
bool vw_maker_bytes(struct vw_maker *m, const void *bytes, size_t len);
/* HOW 0: the smallest value of T; 1 to 127: a random one with that seed; else zeros, as many words
 * as HOW is above 128. T NULL: nothing. */
bool vw_maker_value(struct vw_maker *m, const struct vw_type *t, unsigned how);
/* Its length, and what the script bends. */
void vw_maker_end(struct vw_maker *m);
/* A message without header: operands LENGTH BYTES. */
bool vw_maker_raw(struct vw_maker *m);
