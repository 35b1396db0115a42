// SPDX-License-Identifier: MIT
// What a procedure does: one handler each, gathered by object kind in kind-*.c. A kind is one file
// and one word in the list of meson.build; a procedure without a handler is answered with
// NO_SUPPORT (D-34).
#pragma once

#include "mock-daemon/out.h"
#include "session/session.h"

struct vw_conn;
struct vw_domain;
struct vw_entry;
struct vw_sink;

/* What a handler returns. */
enum vw_outcome {
    VW_DONE,     /* the result is in call->out */
    VW_FAILED,   /* call->error says why */
    VW_NO_ANSWER /* nothing is to be sent */
};

/* One call under way. */
struct vw_call {
    struct vw_conn *conn;
    const struct vw_event *event; /* its VW_EVENT_CALL; event->value holds the arguments */
    const struct vw_entry *entry;
    struct vw_out *out; /* empty at first */
    struct vw_remote_error error;
    struct vw_error_object object; /* what error.dom points to, if to anything */
    bool close_after;              /* the connection ends behind the reply (C-7) */
    /* A stream that the call opens, all of whose data is there (S-1); NULL: none. */
    const void *stream;
    size_t stream_len;
    bool stream_sparse;   /* zeros go as holes (S-11) */
    struct vw_sink *sink; /* what takes the data of a stream that the call opens; NULL: none does */
    int fd;               /* goes with the reply (P-5); -1: none */
};

#define VW_HANDLER_ARGS 6

struct vw_handler {
    const char *procedure; /* short name, "domain_get_info" */
    enum vw_outcome (*run)(struct vw_call *c);
    /* Fields of the arguments by path, "dom.uuid"; a path goes through an optional value to where
     * the field lies in it. vw_arg(c, I) is the Ith. */
    const char *args[VW_HANDLER_ARGS];
};

struct vw_object_kind {
    const char *name;
    const struct vw_handler *handlers; /* ends at a NULL procedure */
};

/* virErrorDomain of networks; the others that rules name are in remote-error.h. */
enum { VW_FROM_NETWORK = 19 };
/* virErrorNumber, likewise. */
enum { ERR_OPERATION_INVALID = 55 };

/* All kinds, ends at NULL. Made by the build from its list. */
extern const struct vw_object_kind *const vw_object_kinds[];

/* What is known of a procedure when calls come: made once, when the daemon starts. */
struct vw_entry {
    const struct vw_handler *handler; /* NULL: NO_SUPPORT */
    int32_t no_support_domain;        /* D-34 */
    int32_t read_only_domain;         /* D-19, D-31 */
    bool modifies;                    /* D-19 */
    uint32_t domain[3];               /* uuid, id and name of `dom`, as offset */
    uint32_t offset[VW_HANDLER_ARGS]; /* in the value; UINT32_MAX: this profile has no such field */
};

/* ---- arguments ---- */

/* Zeros: what a field reads as that the profile's protocol lacks. */
extern const uint64_t vw_arg_none[4];

static inline const void *vw_arg_in(const void *value, uint32_t offset)
{
    return value && offset != UINT32_MAX ? (const uint8_t *)value + offset
                                         : (const void *)vw_arg_none;
}

/* Argument I, as it lies in memory. */
const void *vw_arg(const struct vw_call *c, unsigned i);
/* An int, unsigned int or enum. */
int32_t vw_arg_int(const struct vw_call *c, unsigned i);
/* A string as everybody takes it: up to its first NUL. */
const char *vw_arg_string(const struct vw_call *c, unsigned i);
/* An optional string: NULL when absent. */
const char *vw_arg_optional_string(const struct vw_call *c, unsigned i);

/* The domain that a call is about (its argument `dom`). NULL: there is none, and the error of the
 * call is set (42, D-33). */
struct vw_domain *vw_call_domain(struct vw_call *c);

/* ---- results ---- */

/* A remote_nonnull_domain. */
void vw_out_domain(struct vw_out *o, const struct vw_domain *d);

/* Sets the error of the call and returns VW_FAILED. TEXT is used, not copied. */
enum vw_outcome vw_call_fail(struct vw_call *c, int32_t code, int32_t domain, const char *text);
/* The same with a text made in the arena of the message. */
enum vw_outcome vw_call_failf(struct vw_call *c, int32_t code, int32_t domain, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The error for FLAGS that have bits outside of KNOWN; VW_DONE when there are none. */
enum vw_outcome vw_call_check_flags(struct vw_call *c, uint32_t flags, uint32_t known);
/* The largest count of the result's array FIELD, which is also the largest that may be asked for;
 * checks WANTED against it and 0 (D-17, D-18, D-30). */
enum vw_outcome vw_call_check_count(struct vw_call *c, int32_t wanted, const char *field);
