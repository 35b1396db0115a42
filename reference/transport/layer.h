// SPDX-License-Identifier: MIT
// A security layer as a transport on top of another one: what is sent goes through one
// function, what comes through its opposite. The mechanism behind them is not known here.
#pragma once

#include "transport/transport.h"

/* Both functions give bytes that stay valid until the next call of the same function, and return 0
 * or a negative errno value. */
struct vw_layer_codec {
    const char *name; /* for messages: "SASL" */
    size_t max_plain; /* most bytes that encode takes at once; > 0 */
    int (*encode)(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len);
    /* Any part of the stream; what is not a whole packet yet is kept. */
    int (*decode)(void *user, const void *in, size_t len, const uint8_t **out, size_t *out_len);
    void (*destroy)(void *user);
    void *user;
};

/* Puts CODEC on top of LOWER; both belong to the result from then on, also on failure. LEN bytes at
 * EARLY were read from LOWER already and belong to the layer; they are copied. VW_ENOMEM. */
int vw_layer_create(struct vw_transport *lower, const struct vw_layer_codec *codec,
                    const void *early, size_t len, struct vw_transport **out, struct vw_error *err);
