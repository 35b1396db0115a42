// SPDX-License-Identifier: MIT
// What both ends of an exchange have of cyrus-sasl: its connection, how strong it has to be,
// and the layer behind the exchange.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sasl-calls.h"

typedef int (*vw_sasl_proc)(void);

/* First member of struct vw_sasl and struct vw_sasl_server, so that either is the USER of
 * vw_sasl_encode and vw_sasl_decode. */
struct vw_sasl_layer {
    sasl_conn_t *conn;
    unsigned strength; /* bits; 0: there is none */
    unsigned max_plain;
};

/* Logs nothing: the library would write to the system's log. */
int vw_sasl_log(void *context, int level, const char *message);
#define VW_SASL_CALLBACK(id, function)                                                             \
    {                                                                                              \
        id, (vw_sasl_proc)(void (*)(void))(function), NULL                                         \
    }
/* That and no more, for the start of the library. */
extern const sasl_callback_t vw_sasl_quiet[];

/* Tells the library what is asked of the layer, STRENGTH being that of TLS below. SASL_*. */
int vw_sasl_layer_ask(struct vw_sasl_layer *l, bool secure, unsigned strength);
/* Behind the exchange: what there is. False: too weak. */
bool vw_sasl_layer_begin(struct vw_sasl_layer *l, bool secure);
/* The library's own sentence, which may name the reason, without the code ahead of it. */
const char *vw_sasl_layer_reason(const struct vw_sasl_layer *l, int rc);
