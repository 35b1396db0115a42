// SPDX-License-Identifier: MIT
// What takes the data that a client sends on a stream (S-9, S-11). A kind of sink is what one
// procedure does with them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "session/session.h"

struct vw_conn;
struct vw_sink;

struct vw_sink_kind {
    /* NULL: all is well; else why the stream ends with an error (38/38, S-7). */
    const char *(*data)(struct vw_sink *k, const uint8_t *bytes, size_t len);
    /* The same for a hole of LENGTH bytes. NULL: this stream has none, and one ends the connection
     * (S-11). */
    const char *(*hole)(struct vw_sink *k, uint64_t length);
    /* The client has no more (an empty CONTINUE). NULL: nothing happens. */
    void (*end)(struct vw_sink *k);
};

struct vw_sink {
    LIST_ENTRY(vw_sink) link;
    const struct vw_sink_kind *kind;
    struct vw_conn *conn;
    struct vw_header header; /* of the call that opened the stream */
    bool ended;              /* data must not follow */
    bool dead;               /* a hole could not be applied: nothing is answered any more (S-11) */
    void *target;            /* kind's own */
    uint64_t at, left;       /* kind's own: where the next byte goes, and how many may follow */
};

LIST_HEAD(vw_sinks, vw_sink);

/* For a call under way; its stream gets the sink once it is open. NULL: no memory. */
struct vw_sink *vw_sink_create(struct vw_conn *c, const struct vw_sink_kind *kind);
void vw_sink_destroy(struct vw_sink *k);
void vw_sinks_finish(struct vw_sinks *list);

/* A STREAM_DATA, STREAM_END, STREAM_HOLE, STREAM_FINISH or STREAM_ABORT of a client. */
int vw_sink_event(struct vw_conn *c, struct vw_sink *k, const struct vw_event *ev);
