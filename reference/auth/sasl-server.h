// SPDX-License-Identifier: MIT
// A SASL exchange as a server, without I/O: what the client said goes in, what to
// answer comes out. Afterwards the same object is the security layer. The mechanisms are those of
// cyrus-sasl, which asks for passwords in a list of the caller's; of files of its own it reads
// none. A build without it has the same functions, and vw_sasl_server_create says that it cannot.
#pragma once

#include "auth/sasl.h"

struct vw_sasl_account {
    const char *name, *password;
};

/* All that is a pointer is kept as one. */
struct vw_sasl_server_options {
    const char *host;       /* the realm, and whose ticket GSSAPI wants; NULL: the machine's name */
    const char *mechanisms; /* those that may be offered, with blanks between */
    const struct vw_sasl_account *accounts;
    size_t n_accounts;
    bool secure;       /* as in struct vw_sasl_options */
    unsigned strength; /* likewise */
};

struct vw_sasl_server;

/* VW_EUSAGE: this build has no SASL; VW_ESYSTEM: the library cannot start; VW_ENOMEM. */
int vw_sasl_server_create(const struct vw_sasl_server_options *options, struct vw_sasl_server **out,
                          struct vw_error *err);
/* Wipes what it knows. NULL is fine. */
void vw_sasl_server_destroy(struct vw_sasl_server *s);

/* The answer to SASL_INIT, with commas between; "": there is nothing to offer. Valid until
 * the next call on S. */
const char *vw_sasl_server_offer(struct vw_sasl_server *s);

/* The first step and each one behind it. 1: the client is in, and what OUT holds it has yet
 * to check; 0: it has to go on; VW_EREMOTE: it has failed, the reason, which is not for it,
 * being in ERR; VW_ENOMEM. OUT is valid until the next call. */
int vw_sasl_server_start(struct vw_sasl_server *s, const char *mechanism,
                         const struct vw_sasl_data *in, struct vw_sasl_data *out,
                         struct vw_error *err);
int vw_sasl_server_step(struct vw_sasl_server *s, const struct vw_sasl_data *in,
                        struct vw_sasl_data *out, struct vw_error *err);

/* Of who is in. The name is valid until the next call, and has the realm behind it if the mechanism
 * has one. */
const char *vw_sasl_server_user(const struct vw_sasl_server *s);
unsigned vw_sasl_server_strength(const struct vw_sasl_server *s);
size_t vw_sasl_server_max_plain(const struct vw_sasl_server *s);
/* For struct vw_layer_codec, with vw_sasl_encode and vw_sasl_decode. */
void vw_sasl_server_layer_destroy(void *s);
