// SPDX-License-Identifier: MIT
// What a mechanism, or a transport, may have to know of the user, and how it is asked for. Nothing
// here reads a file or a terminal: whoever can is called back.
#pragma once

#include <virwire/error.h>

VW_BEGIN_DECLS

enum vw_credential_kind {
    VW_CREDENTIAL_USER,
    VW_CREDENTIAL_PASSWORD,
    VW_CREDENTIAL_REALM,
    VW_CREDENTIAL_ANSWER, /* to a question of the mechanism; may be shown while it is typed */
    VW_CREDENTIAL_SECRET  /* the same; must not be shown */
};

struct vw_credential_request {
    enum vw_credential_kind kind;
    const char *mechanism; /* "SCRAM-SHA-256" */
    const char *host;      /* of the server */
    const char *user;      /* PASSWORD: of whom, or NULL when that is not known */
    const char *text;      /* the mechanism's own words, or NULL */
    const char *fallback;  /* what is taken when there is no answer, or NULL */
    int64_t deadline_ms;   /* of CLOCK_MONOTONIC: must be back by then; INT64_MAX: none */
};

/* Puts an answer, with its NUL, into BUF of SIZE bytes and returns 0. VW_ENAME: there is none;
 * VW_ETIMEOUT, or another VW_E* that ends the attempt, with ERR filled. The mechanism wipes BUF. */
typedef int (*vw_credential_fn)(void *user, const struct vw_credential_request *request, char *buf,
                                size_t size, struct vw_error *err);

/* Most bytes of an answer, its NUL counted. */
#define VW_CREDENTIAL_SIZE 1024u

enum vw_ask_kind {
    VW_ASK_PASSWORD,   /* of the user on the server */
    VW_ASK_PASSPHRASE, /* of a private key */
    VW_ASK_ANSWER,     /* to a question of the server that may be shown while it is typed */
    VW_ASK_CONFIRM     /* whether an unknown host key is right: an answer that starts with y */
};

/* One sentence for standard error: the connection goes on, though something is not as it should be
 * (T-7, T-9). */
typedef void (*vw_warn_fn)(void *user, const char *text);
/* Puts the answer to PROMPT (one line, no control characters) into BUF of SIZE bytes and returns 0;
 * anything else: there is none. It should not outlast the DEADLINE_MS, of CLOCK_MONOTONIC. */
typedef int (*vw_ask_fn)(void *user, enum vw_ask_kind kind, const char *prompt, int64_t deadline_ms,
                         char *buf, size_t size);

VW_END_DECLS
