// SPDX-License-Identifier: MIT
// What the files of the client share.
#pragma once

#include "auth/auth-file.h"
#include "client/client.h"
#include "transport/transport.h"

#define VW_CLIENT_TIMEOUT_MS 30000

/* A call in flight. Kept in a list by deadline, so that the first one is the next to run out. */
struct vw_pending {
    vw_client_done_fn done;
    void *user;
    int64_t deadline_ms;
    uint32_t serial;
    struct vw_pending *prev, *next; /* next alone: list of free ones */
};

struct vw_client {
    struct vw_client_options options;
    struct vw_session *session;
    struct vw_transport *transport;
    struct vw_arena arena;       /* of the event that is handed out */
    struct vw_arena *call_arena; /* of the result that a blocking call waits for, or NULL */
    uint32_t call_serial;
    struct vw_pending first_last; /* head of the ring of pending calls */
    struct vw_pending *free;
    struct vw_remote_error error; /* of the last blocking call */
    struct vw_arena error_arena;
    struct vw_error why;  /* how the connection was lost */
    bool dispatching;     /* a callback runs */
    bool stop_after_call; /* nothing behind the answer to a blocking call is looked at ... */
    bool stopped;         /* ... until this is false again */
    bool write_failed;    /* what is queued cannot be written any more */
    bool closed;
    bool opened; /* CONNECT_OPEN succeeded */
};

/* ---- client.c ---- */

int vw_client_create(struct vw_transport *t, const struct vw_client_options *options,
                     struct vw_client **out, struct vw_error *err);
/* Writes what can be written without waiting. */
void vw_client_flush(struct vw_client *c);
/* Stops waiting for a call; its answer is dropped when it comes. */
void vw_client_give_up(struct vw_client *c, uint32_t serial);
/* Ends the connection on this side; calls still in flight end with an ERROR. */
void vw_client_end(struct vw_client *c);
/* When a blocking step has to end. */
int64_t vw_client_step_deadline(const struct vw_client *c);
/* Reports why the connection is lost. */
int vw_client_lost(const struct vw_client *c, struct vw_error *err);

/* ---- client-open.c ---- */

/* The first of NAMES that the program has as a call, or NULL; releases before 0.9 named some
 * differently. */
const struct vw_proc *vw_client_find_proc(const struct vw_client *c, const char *const *names);

/* ---- client-auth.c ---- */

/* AUTH_LIST and what it asks for. */
int vw_client_authenticate(struct vw_client *c, struct vw_arena *arena, struct vw_error *err);
/* Whether the text of the variable auth is one of those known (NULL is). VW_EUSAGE. */
int vw_auth_option_check(const char *auth, struct vw_error *err);

/* ---- client-sasl.c ---- */

/* MECHANISM: the only one, or NULL. */
int vw_client_sasl(struct vw_client *c, const char *mechanism, struct vw_arena *arena,
                   struct vw_error *err);

/* ---- client-credentials.c ---- */

/* Where the answers to a mechanism's questions come from: the file first, then the caller. Holds
 * secrets. */
struct vw_answers {
    const struct vw_client_options *options;
    const char *host;
    struct vw_auth_entry entry; /* of the file */
};

/* Reads the file, if there is one. VW_ESYNTAX, VW_ESYSTEM and others, with its name in the text. */
int vw_answers_init(struct vw_answers *a, const struct vw_client_options *options, const char *host,
                    struct vw_error *err);
/* A vw_credential_fn; USER is a struct vw_answers. */
int vw_answers_ask(void *user, const struct vw_credential_request *request, char *buf, size_t size,
                   struct vw_error *err);
void vw_answers_wipe(struct vw_answers *a);

/* ---- client-args.c ---- */

/* Values of the few structs that the client fills are small; the schema of a user may bring
 * others. */
#define VW_VALUE_MAX 256

bool vw_args_fit(const struct vw_proc *proc);

/* Sets a field of a struct value by its name and kind; nothing happens when it has no such field,
 * so that older and newer releases can be served alike. */
void vw_args_set_string(const struct vw_type *t, void *value, const char *field,
                        struct vw_string *string);
void vw_args_set_int(const struct vw_type *t, void *value, const char *field, uint32_t number);
/* Bytes: of an opaque, or of a list of single bytes. */
void vw_args_set_bytes(const struct vw_type *t, void *value, const char *field, const void *bytes,
                       size_t len);
/* FALLBACK when there is no such field. */
int32_t vw_ret_int(const struct vw_type *t, const void *value, const char *field, int32_t fallback);
const uint8_t *vw_ret_bytes(const struct vw_type *t, const void *value, const char *field,
                            size_t *len);
/* NULL when there is no such field. */
const char *vw_ret_string(const struct vw_type *t, const void *value, const char *field);
/* The first 32-bit number of a struct value, or of the first list in it; FALLBACK when there is
 * none. */
int32_t vw_ret_first_int(const struct vw_type *t, const void *value, int32_t fallback);
