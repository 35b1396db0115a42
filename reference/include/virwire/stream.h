// SPDX-License-Identifier: MIT
// Streams: the bytes that go with a call such as storage_vol_download, in either direction (S-1 to
// S-15). What comes is kept in a queue of bounded size; when the queue is full the client reads no
// more from its connection until some of it is taken, and the server has to wait. What is sent
// waits for the server in the same way.
//
// The functions that wait stand on those that do not; a stream may be used with both. Threading is
// that of the client. In callbacks only functions that do not wait may be called.
//
//     const struct vw_submission what = {VW_SUBMISSION_INIT, .proc = proc, .args = &args};
//     vw_stream_open(c, &what, &arena, &ret, &st, &err);
//     while ((rc = vw_stream_receive(st, &item, &err)) == 0 && item.kind != VW_ITEM_END)
//         ...;
//     if (rc == 0)
//         rc = vw_stream_finish(st, &err);
//     vw_stream_destroy(st);
//
// A connection whose reading is held up by a full queue answers no PING: a server that sends some
// (it does when asked for keepalive) ends it after its own limit (K-5).
#pragma once

#include <virwire/client.h>

VW_BEGIN_DECLS

struct vw_stream;

/* Largest piece of data that is put in one packet (F-11); more is cut. */
#define VW_STREAM_CHUNK 262120

enum vw_item_kind {
    VW_ITEM_DATA, /* bytes, at least one (S-3) */
    VW_ITEM_HOLE, /* hole: so many zeros that were not sent (S-11) */
    VW_ITEM_END   /* the server has no more (S-4); comes again and again, and nothing behind it */
};

struct vw_stream_item {
    enum vw_item_kind kind;
    const uint8_t *data; /* valid until the next call on the stream, or on its client */
    size_t len;
    int64_t hole; /* bytes, never negative */
};

enum vw_stream_state {
    VW_STREAM_IS_OPENING, /* the call is not answered yet (S-2) */
    VW_STREAM_IS_OPEN,
    VW_STREAM_IS_ENDING, /* a finish or an abort is not confirmed yet */
    VW_STREAM_IS_DONE,   /* it is (S-5, S-6) */
    VW_STREAM_IS_LOST    /* the call failed, or the stream did, or the connection */
};

#define VW_STREAM_OPTIONS_INIT VW_SIZED(vw_stream_options)

struct vw_stream_options {
    VW_SIZE_MEMBER(vw_stream_options);
    int64_t deadline_ms; /* of CLOCK_MONOTONIC, for all of the stream; 0: none. Each step of a
                            waiting function has the client's timeout besides */
    size_t max_queue;    /* bytes that wait to be taken before reading stops; 0: 1 MiB. One message
                            more than that may be kept */
    size_t max_unsent;   /* bytes that wait to be written before sending waits; 0: 1 MiB */
    /* Something came, or there is room again after vw_stream_room or vw_stream_send found little,
     * or the stream has ended; its opening is told by DONE. It may do anything that does not wait,
     * also vw_stream_destroy, but not of a stream that a function below is at work on outside of
     * callbacks (vw_stream_open, vw_stream_receive, vw_stream_send, ...). NULL: none. */
    void (*ready)(void *user, struct vw_stream *st);
    void *user;
};

/* ---- opening ---- */

/* Queues a call of a procedure with a stream, as vw_client_submit does. *OUT is the caller's from
 * then on; it is open when DONE gets the REPLY, lost when it gets an ERROR. VW_EUSAGE: the
 * procedure has no stream, or WHAT has descriptors. On failure *OUT is NULL. */
int vw_stream_submit(struct vw_client *c, const struct vw_submission *what, struct vw_stream **out,
                     struct vw_error *err);
/* The same, and waits for the reply; DONE, USER and deadline are not looked at. RET and errors as
 * those of vw_client_call. */
int vw_stream_open(struct vw_client *c, const struct vw_submission *what, struct vw_arena *arena,
                   void **ret, struct vw_stream **out, struct vw_error *err);
/* Frees ST. What is open is aborted without waiting for the confirmation; a call that is not
 * answered is given up, and its DONE is not called any more. NULL is fine. May come after the
 * destruction of the client. */
void vw_stream_destroy(struct vw_stream *st);

/* The serial of its call and its packets (S-1). */
uint32_t vw_stream_serial(const struct vw_stream *st);
enum vw_stream_state vw_stream_get_state(const struct vw_stream *st);
/* The error structure with which the server ended the stream (VW_EREMOTE), else NULL. */
const struct vw_remote_error *vw_stream_error(const struct vw_stream *st);

/* ---- without waiting ---- */

/* Takes the next item. 1: ITEM is set; 0: none has come. Some may come before the stream is open,
 * as servers do not always send the reply first (S-2). What came before the stream was lost is
 * given first. VW_EREMOTE: the server ended the stream with an error (S-7); VW_EPROTOCOL: it broke
 * the protocol; VW_ECLOSED; VW_ETIMEOUT: the deadline of the options has passed; VW_EUSAGE: ended
 * here.
 */
int vw_stream_take(struct vw_stream *st, struct vw_stream_item *item, struct vw_error *err);
/* Bytes that can be queued without waiting; 0 also when the stream is not open. */
size_t vw_stream_room(struct vw_stream *st);
/* Asks for the end (S-5), or for an end without success (S-6). Data that still comes is dropped;
 * the state tells of the confirmation. VW_EUSAGE when it is not open, the errors of vw_stream_take
 * when it is lost. */
int vw_stream_ask_finish(struct vw_stream *st, struct vw_error *err);
int vw_stream_ask_abort(struct vw_stream *st, struct vw_error *err);

/* ---- waiting ---- */

/* Waits for an item. Errors as vw_stream_take, and VW_ETIMEOUT after the client's timeout, after
 * which it may be called again; VW_ELIMIT: the queue of another stream of the connection is full,
 * so that nothing can come. */
int vw_stream_receive(struct vw_stream *st, struct vw_stream_item *item, struct vw_error *err);
/* Sends LEN bytes in packets of at most VW_STREAM_CHUNK. Does not wait when LEN is not above
 * vw_stream_room. LEN 0 sends nothing. Errors as vw_stream_receive; some of the bytes may then be
 * sent. */
int vw_stream_send(struct vw_stream *st, const void *data, size_t len, struct vw_error *err);
/* LENGTH zeros that are not sent, at least 1. Only where the call's flags asked for it: the server
 * closes the connection otherwise (S-11). */
int vw_stream_send_hole(struct vw_stream *st, int64_t length, struct vw_error *err);
/* Ask, and wait for the confirmation. The client's timeout is for all of it. */
int vw_stream_finish(struct vw_stream *st, struct vw_error *err);
int vw_stream_abort(struct vw_stream *st, struct vw_error *err);

VW_END_DECLS
