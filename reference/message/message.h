// SPDX-License-Identifier: MIT
// One message: a length word, six header words, a body (F-1, H-1). The header codec is written by
// hand because every message passes it; test-message.c holds it against the schema's own header
// type.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <virwire/error.h>
#include <virwire/event.h>

#include "base/words.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

#define VW_LENGTH_BYTES 4u
#define VW_HEADER_BYTES 24u
#define VW_PREFIX_BYTES (VW_LENGTH_BYTES + VW_HEADER_BYTES)

/* H-3 */
enum vw_msg_type {
    VW_MSG_CALL = 0,
    VW_MSG_REPLY = 1,
    VW_MSG_MESSAGE = 2,
    VW_MSG_STREAM = 3,
    VW_MSG_CALL_WITH_FDS = 4,
    VW_MSG_REPLY_WITH_FDS = 5,
    VW_MSG_STREAM_HOLE = 6
};

/* H-4 */
enum vw_msg_status { VW_MSG_OK = 0, VW_MSG_ERROR = 1, VW_MSG_CONTINUE = 2 };

/* Writes 24 bytes. */
static inline void vw_header_encode(const struct vw_header *h, uint8_t *out)
{
    vw_store32(out, h->program);
    vw_store32(out + 4, h->version);
    vw_store32(out + 8, (uint32_t)h->procedure);
    vw_store32(out + 12, (uint32_t)h->type);
    vw_store32(out + 16, h->serial);
    vw_store32(out + 20, (uint32_t)h->status);
}

/* Reads 24 bytes. Cannot fail. */
static inline void vw_header_decode(const uint8_t *in, struct vw_header *h)
{
    h->program = vw_load32(in);
    h->version = vw_load32(in + 4);
    h->procedure = (int32_t)vw_load32(in + 8);
    h->type = (int32_t)vw_load32(in + 12);
    h->serial = vw_load32(in + 16);
    h->status = (int32_t)vw_load32(in + 20);
}

/* True for a type that only servers send (H-3, H-11). */
static inline bool vw_header_is_servers(const struct vw_header *h)
{
    return h->type == VW_MSG_REPLY || h->type == VW_MSG_MESSAGE || h->type == VW_MSG_REPLY_WITH_FDS;
}

/* Limits of one connection, from its profile. */
struct vw_limits {
    uint32_t min_length_word;
    uint32_t max_length_word;
    uint32_t fds_max;
};
void vw_limits_from_profile(const struct vw_profile *p, struct vw_limits *out);

/* Appends a whole message: length word, header, the count word for descriptors if the type is one
 * of the WITH_FDS ones, and BODY. VW_ELIMIT when it would pass limits->max_length_word (F-10); B is
 * then as before. */
int vw_message_append(struct vw_buf *b, const struct vw_limits *limits, const struct vw_header *h,
                      uint32_t n_fds, const void *body, size_t len, struct vw_error *err);
/* The same with a value of type T (T NULL: no body). */
int vw_message_append_value(struct vw_buf *b, const struct vw_limits *limits,
                            const struct vw_header *h, uint32_t n_fds, const struct vw_type *t,
                            const void *value, struct vw_error *err);

/* ---- the frame reader: any chunking in, whole messages out ---- */

struct vw_frame {
    uint32_t length; /* the length word */
    struct vw_header header;
    const uint8_t
        *bytes; /* the whole message, LENGTH bytes; valid until the next call on the reader */
    const uint8_t *body; /* behind the header */
    size_t body_len;
    bool short_header; /* length below 28: header and body are not set (F-3, D-23) */
};

/* The LEN bytes of one message as a frame. */
void vw_frame_of(const uint8_t *bytes, uint32_t len, struct vw_frame *out);

struct vw_reader {
    struct vw_limits limits;
    uint8_t *data;     /* bytes that are not yet given out */
    size_t start, len; /* of the unread part in data */
    size_t cap;
    uint64_t consumed;    /* bytes given out so far: stream offset of start */
    bool failed;          /* a framing error was reported; nothing more comes out (F-12) */
    bool tolerant;        /* observer: frames below min_length_word come out with short_header */
    struct vw_buf *spare; /* what lies ready for all readers of one thread, or NULL */
};

void vw_reader_init(struct vw_reader *r, const struct vw_limits *limits);
void vw_reader_finish(struct vw_reader *r);

/* Room for more input: at least 1 byte; *ROOM says how much. The caller reads into it and calls
 * vw_reader_added. NULL: no memory. Memory grows only with bytes that have come, not with what a
 * length word claims (F-5). */
uint8_t *vw_reader_space(struct vw_reader *r, size_t *room);
void vw_reader_added(struct vw_reader *r, size_t n);
/* All that had come has come out, as far as it could: a buffer of the first size in which nothing
 * lies goes to the spare, if there is one, so that readers that wait need none. */
void vw_reader_rest(struct vw_reader *r);
/* Copies bytes in. VW_ENOMEM (none is taken then) or 0. */
int vw_reader_feed(struct vw_reader *r, const void *bytes, size_t len);

/* 1: *OUT is the next message; 0: more bytes are needed; VW_EPROTOCOL with clause F-3, F-4 or F-7
 * for a length word outside the limits (the reader is then dead). */
int vw_reader_next(struct vw_reader *r, struct vw_frame *out, struct vw_error *err);
/* Gives the last N bytes that came out back, so that they come out again. Only right after
 * vw_reader_next or vw_reader_skip. */
void vw_reader_back(struct vw_reader *r, size_t n);
/* Takes N bytes that belong to no message; they must have come (P-3). */
void vw_reader_skip(struct vw_reader *r, size_t n);
/* Bytes that lie in the reader and have not come out. */
size_t vw_reader_pending(const struct vw_reader *r);
