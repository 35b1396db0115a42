// SPDX-License-Identifier: MIT
// What the files of the client share.
#pragma once

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
    struct vw_error why; /* how the connection was lost */
    bool dispatching;    /* a callback runs */
    bool write_failed;   /* what is queued cannot be written any more */
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

/* ---- client-args.c ---- */

/* Sets a field of a struct value by its name and kind; nothing happens when it has no such field,
 * so that older and newer releases can be served alike. */
void vw_args_set_string(const struct vw_type *t, void *value, const char *field,
                        struct vw_string *string);
void vw_args_set_int(const struct vw_type *t, void *value, const char *field, uint32_t number);
/* The first 32-bit number of a struct value, or of the first list in it; FALLBACK when there is
 * none. */
int32_t vw_ret_first_int(const struct vw_type *t, const void *value, int32_t fallback);
