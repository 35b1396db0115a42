// SPDX-License-Identifier: MIT
// What two sides say to each other: an observer over their bytes, which knows when a message was
// said and which answer belongs to which call, goes on where messages begin again when the stream
// is out of step, and leaves alone what cannot be read (TLS, a layer of SASL). Captures drive it,
// and whoever stands between two live peers may. Engine: it may change with every release
// (docs/api.md).
#pragma once

#include "session/session.h"

enum vw_talk_kind {
    VW_TALK_MESSAGE, /* event: any but VIOLATION and CLOSED */
    VW_TALK_FINDING, /* finding: FROM broke a rule; event, unless the stream is out of step */
    VW_TALK_NOTE     /* text: what people should know of the connection */
};

struct vw_talk_event {
    enum vw_talk_kind kind;
    enum vw_side from;
    int64_t ns;
    const struct vw_event *event; /* valid during the call, as the other pointers */
    const struct vw_finding *finding;
    const char *text;
    uint64_t number; /* of the message in the talk, from 1; FINDING: of the one before */
    uint64_t
        answers;    /* MESSAGE: the number of the call that it is the reply to; 0: none is known */
    int64_t waited; /* ns between the two */
};

struct vw_talk_options {
    const struct vw_profile *profile;
    bool fds;        /* see struct vw_session_options */
    unsigned strict; /* the same */
    bool joined;     /* it began before: messages do at some place, and calls are not known */
    /* Not 0 ends the feeding with that. */
    int (*sink)(void *user, const struct vw_talk_event *ev);
    void *user;
};

struct vw_talk;

int vw_talk_create(const struct vw_talk_options *o, struct vw_talk **out, struct vw_error *err);
/* NULL is fine. */
void vw_talk_destroy(struct vw_talk *t);

/* SIDE has sent LEN bytes, at NS. VW_ENOMEM, or what the sink said. */
int vw_talk_feed(struct vw_talk *t, enum vw_side side, int64_t ns, const void *bytes, size_t len);
/* N descriptors came with bytes of which nothing is known but that (P-3). */
int vw_talk_descriptors(struct vw_talk *t, enum vw_side side, int64_t ns, unsigned n);
/* N bytes from SIDE are not known. */
int vw_talk_missing(struct vw_talk *t, enum vw_side side, int64_t ns, size_t n);
/* From here on SIDE speaks within WHAT ("TLS"), which cannot be read. */
int vw_talk_opaque(struct vw_talk *t, enum vw_side side, int64_t ns, const char *what);
/* SIDE says no more. */
int vw_talk_end(struct vw_talk *t, enum vw_side side, int64_t ns);

/* Bytes of memory. */
size_t vw_talk_memory(const struct vw_talk *t);
