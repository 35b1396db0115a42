// SPDX-License-Identifier: MIT
// What the opening of a connection is made of, for whoever drives the log-in (auth/login.h) over a
// connection of its own: the settings and who answers, and the layer.
#pragma once

#include <virwire/client.h>

#include "auth/auth-file.h"
#include "auth/login.h"
#include "transport/transport.h"

/* OPTIONS with what URI says where they leave it open. The user of an ssh URI is that of ssh. */
struct vw_client_options vw_client_options_of(const struct vw_client_options *options,
                                              const struct vw_uri *uri);

/* VW_EREMOTE with code, domain and message of E. */
int vw_client_report_remote(const struct vw_remote_error *e, struct vw_error *err);

/* ---- client-credentials.c ---- */

/* Where the answers to a mechanism's questions come from: the file first, then the caller. Holds
 * secrets. */
struct vw_answers {
    const struct vw_client_options *options;
    const char *host;
    struct vw_auth_entry entry; /* of the file */
};

void vw_answers_init(struct vw_answers *a, const struct vw_client_options *options);
/* Reads the file, if there is one. USER is a struct vw_answers. VW_ESYNTAX, VW_ESYSTEM and others,
 * with its name in the text. */
int vw_answers_prepare(void *user, struct vw_error *err);
/* A vw_credential_fn; USER is a struct vw_answers. */
int vw_answers_ask(void *user, const struct vw_credential_request *request, char *buf, size_t size,
                   struct vw_error *err);
void vw_answers_wipe(struct vw_answers *a);

/* ---- client-open.c ---- */

/* The log-in that OPTIONS, which A was made of, want over T. Both must outlive it. As
 * vw_login_create. */
int vw_login_for(struct vw_answers *a, const struct vw_transport *t, struct vw_login **out,
                 struct vw_error *err);
/* Puts the layer of SASL on *T, which is NULL on failure; both are owned by *T from then on, or
 * destroyed. LEN bytes at EARLY were read already and are the layer's. VW_ENOMEM. */
int vw_sasl_put_on(struct vw_sasl *sasl, const void *early, size_t len, struct vw_transport **t,
                   struct vw_error *err);
