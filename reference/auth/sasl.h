// SPDX-License-Identifier: MIT
// A SASL exchange as a client, without I/O: what the server said goes in, what to
// send comes out. Afterwards the same object is the security layer. The mechanisms are
// cyrus-sasl's; a build without it has the same functions, and vw_sasl_create says that it cannot.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/credentials.h>
#include <virwire/error.h>

/* The name of the service that libvirt's servers have in SASL. */
#define VW_SASL_SERVICE "libvirt"
/* Least strength of the layer where nothing below is secure, in bits. */
#define VW_SASL_MIN_STRENGTH 56u

struct vw_sasl_options {
    const char *host;      /* of the server */
    const char *mechanism; /* the only one that may be used; NULL: the best of those offered */
    bool secure;           /* the channel needs no layer, and plain mechanisms may be used */
    unsigned strength;     /* bits of the TLS below; 0: none */
    vw_credential_fn ask;  /* NULL: there are no credentials */
    void *user;
    int64_t deadline_ms; /* for ASK */
};

/* Data of the exchange. NONE is not the same as LEN 0. */
struct vw_sasl_data {
    const void *data;
    size_t len;
    bool none;
};

struct vw_sasl;

/* OPTIONS' strings are kept by pointer. VW_EUSAGE: this build has no SASL; VW_ESYSTEM: the library
 * cannot start; VW_ENOMEM. */
int vw_sasl_create(const struct vw_sasl_options *options, struct vw_sasl **out,
                   struct vw_error *err);
/* Wipes what it knows. NULL is fine. */
void vw_sasl_destroy(struct vw_sasl *s);

/* Chooses among OFFERED, names between blanks or commas. *OUT goes with SASL_START; valid
 * until the next call. VW_EUSAGE: the wanted mechanism is not offered, or credentials are missing,
 * a ticket of Kerberos among them; VW_EUNREACHABLE: no mechanism serves both sides; what ASK
 * returned; VW_ENOMEM. */
int vw_sasl_start(struct vw_sasl *s, const char *offered, struct vw_sasl_data *out,
                  struct vw_error *err);
/* One local step with what the server answered. Also VW_EPROTOCOL: the server did not prove that it
 * knows the secret, or what it said makes no sense. */
int vw_sasl_step(struct vw_sasl *s, const struct vw_sasl_data *in, struct vw_sasl_data *out,
                 struct vw_error *err);
/* True when this side has nothing left to check. */
bool vw_sasl_done(const struct vw_sasl *s);
/* The end of the exchange: wipes the secrets and checks the strength (VW_EUNREACHABLE, A-9). */
int vw_sasl_finish(struct vw_sasl *s, struct vw_error *err);

/* Never NULL; "" before vw_sasl_start and while no name was asked for. */
const char *vw_sasl_mechanism(const struct vw_sasl *s);
const char *vw_sasl_user(const struct vw_sasl *s);

/* ---- the layer ---- */

/* Bits; 0: there is no layer, and bytes go as they are. */
unsigned vw_sasl_layer_strength(const struct vw_sasl *s);
/* Most bytes that vw_sasl_encode takes at once. */
size_t vw_sasl_max_plain(const struct vw_sasl *s);
/* As struct vw_layer_codec of transport/layer.h wants them; S is a struct vw_sasl. */
int vw_sasl_encode(void *s, const void *in, size_t len, const uint8_t **out, size_t *out_len);
int vw_sasl_decode(void *s, const void *in, size_t len, const uint8_t **out, size_t *out_len);
void vw_sasl_layer_destroy(void *s);
