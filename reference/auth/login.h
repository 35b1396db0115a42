// SPDX-License-Identifier: MIT
// The log-in as a client (C-10): which way to authenticate, SASL, polkit
// what the server can do besides (K-4, P-1), and CONNECT_OPEN. One machine without I/O: out
// come calls to be made and the moment at which a SASL layer goes on the connection; in goes what
// each call was answered with. It knows neither sessions nor transports: client and suite drive it.
//
//     struct vw_login *l = vw_login_create(&settings, &err);
//     rc = vw_login_turn(l, NULL, &next, &err);
//     while (rc > VW_LOGIN_DONE) {
//         if (rc == VW_LOGIN_CALL)
//             ... call next.proc with next.args, put the answer into IN ...
//         else
//             ... put next.sasl on the connection, behind the answer that came last ...
//         rc = vw_login_turn(l, &in, &next, &err);
//     }
//     vw_login_destroy(l);
#pragma once

#include "auth/sasl.h"
#include "schema/schema.h"

/* All that is a pointer is kept as one, and outlives the machine. */
struct vw_login_settings {
    const struct vw_schema *schema;
    const char *profile; /* its name, for messages */
    const char *program; /* "remote", or another that has its own open */
    bool no_auth;        /* no AUTH_LIST, nor what it asks for */
    const char *auth;    /* "sasl", "sasl.MECHANISM", "polkit": nothing else will do; NULL: what the
                            server asks for */
    /* For SASL: host, secure, strength, and who is asked. Mechanism and deadline are set here. */
    struct vw_sasl_options sasl;
    /* Called with sasl.user when it comes to SASL, ahead of any question; what it returns other
     * than 0 ends the log-in. NULL: not called. */
    int (*prepare)(void *user, struct vw_error *err);
    uint32_t features; /* bits by number of virDrvFeature, below 32: asked for */
    bool no_open;      /* no CONNECT_OPEN, nor questions that come behind it */
    const char *name;  /* for CONNECT_OPEN; NULL: "" */
    uint32_t flags;    /* for CONNECT_OPEN (C-2) */
};

/* Whether there is keepalive, asked ahead of CONNECT_OPEN; all others are asked behind it. */
#define VW_FEATURE_KEEPALIVE 10
/* Whether descriptors are taken. */
#define VW_FEATURE_FDS 8

/* Methods of AUTH_LIST. */
enum { VW_AUTH_NONE = 0, VW_AUTH_SASL = 1, VW_AUTH_POLKIT = 2 };

struct vw_login;

/* How the call that came out last was answered; of no meaning behind VW_LOGIN_LAYER. */
struct vw_login_answer {
    const void *ret; /* a value of proc->ret, or NULL when it has none; valid during the turn */
    bool refused;    /* it was an error instead, of CODE and, for people, TEXT */
    int32_t code;
    const char *text;
};

enum {
    VW_LOGIN_DONE = 0,
    VW_LOGIN_CALL, /* PROC is to be called with ARGS */
    VW_LOGIN_LAYER /* SASL is the layer of the connection from here on, in both directions */
};

struct vw_login_next {
    const struct vw_proc *proc;
    const void *args;     /* a value of proc->args, or NULL when it has none; until the next turn */
    struct vw_sasl *sasl; /* belongs to whom it was given */
};

/* VW_EUSAGE: settings->auth is none of those known; VW_ENOMEM. */
int vw_login_create(const struct vw_login_settings *settings, struct vw_login **out,
                    struct vw_error *err);
/* Wipes what it knows. NULL is fine. */
void vw_login_destroy(struct vw_login *l);
/* Whether AUTH can be one of the settings (NULL can). VW_EUSAGE. */
int vw_login_check_auth(const char *auth, struct vw_error *err);

/* The next step: VW_LOGIN_*, or why there is no way in: VW_EREMOTE: an answer was an error;
 * VW_EUNREACHABLE: the server demands something else than settings->auth says, or no mechanism
 * serves both sides; VW_EPROTOCOL: it breaks a rule, with the clause; VW_EUSAGE: the
 * schema has no such call; those of vw_sasl_start and vw_sasl_step, of settings->prepare and
 * settings->sasl.ask; VW_ENOMEM. Nothing more comes behind an error. IN is NULL at first.
 * Questions to the user, which are asked here, are to be answered by DEADLINE_MS of
 * CLOCK_MONOTONIC. */
int vw_login_turn(struct vw_login *l, const struct vw_login_answer *in, int64_t deadline_ms,
                  struct vw_login_next *out, struct vw_error *err);

/* What AUTH_LIST has asked for: VW_AUTH_*, or what else it said. */
int32_t vw_login_method(const struct vw_login *l);
/* Which of settings->features the server has; *ASKED: which were asked for. */
uint32_t vw_login_features(const struct vw_login *l, uint32_t *asked);

/* ---- one question, also behind the log-in ---- */

/* The call that asks for FEATURE, its arguments in ARGS, of VW_VALUE_MAX bytes; NULL: there is none
 * in this release, and so no feature. */
const struct vw_proc *vw_login_ask_feature(const struct vw_schema *s, const char *program,
                                           int32_t feature, void *args);
/* Whether RET, a value of proc->ret, says that it is there. */
bool vw_login_has_feature(const struct vw_proc *proc, const void *ret);
