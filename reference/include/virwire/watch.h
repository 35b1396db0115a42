// SPDX-License-Identifier: MIT
// Events: which kinds there are, asking a server for them in any of the forms of the protocol, and
// getting them (V-2 to V-9). Messages that no watch asked for go to the client's on_event.
#pragma once

#include <virwire/client.h>

VW_BEGIN_DECLS

struct vw_watch;

/* How to ask for events of domains (V-3). Other objects have the form by callback alone. */
enum vw_watch_form {
    VW_WATCH_AUTO,    /* by callback if the server has feature 14, else the newest of the others */
    VW_WATCH_OLD,     /* 105: lifecycle only */
    VW_WATCH_BY_KIND, /* 167: messages without callback id */
    VW_WATCH_CALLBACK /* 316: messages with callback id */
};

/* A kind of events, as a profile has it. It stays as it is: lists of them are arrays. */
struct vw_watch_kind {
    const char *name;               /* "domain.lifecycle", "storage_pool.refresh", ... */
    const char *object;             /* "domain", "storage_pool", ...; "qemu" for its monitor */
    int32_t id;                     /* number of the kind; -1: needs none */
    const struct vw_proc *plain;    /* its message without callback id; NULL: none */
    const struct vw_proc *callback; /* its message with one; NULL: none */
};

/* All kinds that the events of PROFILE make, in the order of their messages. *OUT and the names lie
 * in ARENA. VW_ENOMEM. */
int vw_watch_kinds(const struct vw_profile *profile, struct vw_arena *arena,
                   const struct vw_watch_kind **out, size_t *n, struct vw_error *err);

/* One event. EV is valid during the call; its value is the struct of its message in protocol.h. */
typedef void (*vw_watch_fn)(void *user, const struct vw_watch *w, const struct vw_event *ev);

#define VW_WATCH_OPTIONS_INIT VW_SIZED(vw_watch_options)

struct vw_watch_options {
    VW_SIZE_MEMBER(vw_watch_options);
    enum vw_watch_form form;
    /* Only events of this object (V-6): a value of the type that the registration may have, such as
     * a remote_nonnull_domain. By callback only. NULL: of all. */
    const void *object;
    const char *monitor_event; /* qemu's monitor: the name of the event; NULL: all */
    vw_watch_fn event;         /* required; as on_event of the client, it must not wait */
    void *user;
};

/* Asks for events of KIND and waits for the answer; events may come before it. OPTIONS are copied,
 * KIND is kept. VW_EREMOTE: the server refuses, or lacks the feature; VW_EUSAGE: KIND or the
 * profile does not have that form; and the errors of vw_client_call. */
int vw_watch_start(struct vw_client *c, const struct vw_watch_kind *kind,
                   const struct vw_watch_options *options, struct vw_watch **out,
                   struct vw_error *err);
/* Tells the server that no more is wanted, waits for its answer and frees W in any case. Errors as
 * vw_client_call. */
int vw_watch_stop(struct vw_watch *w, struct vw_error *err);
/* Frees W and tells nobody: events that still come go to the client's on_event. NULL is fine. May
 * come after the destruction of the client. */
void vw_watch_destroy(struct vw_watch *w);

const struct vw_watch_kind *vw_watch_get_kind(const struct vw_watch *w);
/* What VW_WATCH_AUTO became; itself for events of the connection, which have one form only. */
enum vw_watch_form vw_watch_get_form(const struct vw_watch *w);

VW_END_DECLS
