// SPDX-License-Identifier: MIT
// The recorder: what passes over connections goes into one file, as messages as far as they can be
// told, with what they keep secret hidden (message/secret.h). Whoever moves the bytes tells it of
// them, the proxy by itself, the others through a transport that does (capture/record-transport.h).
//
// A message is written when all of it has come, up to HELD_MAX in record.c of it at once, so that a
// process that is killed leaves a file that ends with a whole one. What is no message any more (a
// length word that none can have, TLS, the layer of SASL) is written as it comes.
//
// A recorder belongs to one thread at a time.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <virwire/error.h>
#include <virwire/event.h>

#include "capture/pcapng.h"
#include "capture/talk.h"
#include "schema/profile.h"

struct vw_recorder;
struct vw_recording;

struct vw_recorder_options {
    enum vw_pcap_form form;
    const struct vw_profile *profile; /* kept by pointer: which fields are secret, limits */
    bool show_secrets;
    const char *application; /* "virwire 0.3.0"; NULL: not noted */
    const char *keys;        /* a log of TLS keys that others write (SSLKEYLOGFILE): goes in where
                                TLS is recorded as it is. NULL: none */
    /* What is said in connection NUMBER, as it is written: an observer listens (capture/talk.h). EV
     * is valid during the call. NULL: nobody does. */
    void (*hear)(void *user, uint64_t number, const struct vw_talk_event *ev);
    void *user;
    /* The time of day, in ns since 1970, that never goes back. NULL: that of the system. */
    int64_t (*now_ns)(void *user);
};

/* Makes the file PATH anew; "-" is stdout; NULL: no file, somebody only listens. VW_EUSAGE: it
 * cannot be made; VW_ESYSTEM, VW_ENOMEM. */
int vw_recorder_open(const char *path, const struct vw_recorder_options *o,
                     struct vw_recorder **out, struct vw_error *err);
/* Writes what is complete. 0, or the first failure (VW_ENOMEM, VW_ESYSTEM), which each call from
 * there on tells: nothing more is written then. */
int vw_recorder_flush(struct vw_recorder *r, struct vw_error *err);
/* As flush, then frees R, of which no recording may be left. NULL is fine: 0. */
int vw_recorder_close(struct vw_recorder *r, struct vw_error *err);

/* A connection begins. NAME is noted with it; FDS: it can pass descriptors (P-1). NULL: no memory,
 * which the recorder tells; the other functions take NULL for a recording and do nothing. */
struct vw_recording *vw_recording_begin(struct vw_recorder *r, const char *name, bool fds);
/* SIDE has sent LEN bytes, and N_FDS descriptors with the first of them or one behind. */
void vw_recording_bytes(struct vw_recording *c, enum vw_side side, const void *bytes, size_t len,
                        size_t n_fds);
/* How many bytes from SIDE come before the next border that is known: none of a message lies behind
 * one that begins ahead of it. SIZE_MAX: none is known. */
size_t vw_recording_room(const struct vw_recording *c, enum vw_side side);
/* SIDE sends nothing more, or has broken the connection. Said again, it is nothing. */
void vw_recording_end(struct vw_recording *c, enum vw_side side, bool reset);
/* Frees C; what has come of a message is written. */
void vw_recording_destroy(struct vw_recording *c);
