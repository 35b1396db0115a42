// SPDX-License-Identifier: MIT
// Whole messages as JSON, as one line of text and as a span map: what `virwire decode message`,
// traces and captures show, and what `virwire encode message` takes.
//
//     {"length": 48, "program": "remote", "version": 1, "procedure": "domain_lookup_by_name",
//      "type": "call", "serial": 4, "status": "ok", "kind": "args", "body": {"name": "test"}}
//
// Program, procedure, type and status are numbers where no name fits. "n_fds" is there with the
// WITH_FDS types. "body_hex" stands for a body that has no type (stream data, unknown procedures)
// or that cannot be decoded; "problem" then says why. "trailing_hex" is what follows a body (D-10).
// A frame too short for a header has only "length", "bytes_hex" and "problem"; it and one without
// its count word cannot be made from JSON again.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>

#include "message/message.h"
#include "schema/schema.h"

enum vw_body_kind {
    VW_BODY_ARGS,
    VW_BODY_RET,
    VW_BODY_EVENT,
    VW_BODY_ERROR,       /* the error structure (E-1) */
    VW_BODY_STREAM_DATA, /* raw bytes */
    VW_BODY_STREAM_HOLE, /* virNetStreamHole (S-11) */
    VW_BODY_UNKNOWN      /* no program, procedure, type or status that tells */
};

/* "args", "ret", "event", "error", "stream-data", "stream-hole", "unknown". */
const char *vw_body_kind_name(enum vw_body_kind kind);

/* "call", "reply", "message", "stream", "call-with-fds", "reply-with-fds", "stream-hole"; or NULL.
 */
const char *vw_msg_type_name(int32_t type);
/* "ok", "error", "continue"; or NULL. */
const char *vw_msg_status_name(int32_t status);

/* What a header says of the body behind it. */
struct vw_body {
    enum vw_body_kind kind;
    const struct vw_program *program; /* NULL: not in the schema */
    const struct vw_proc *proc;       /* NULL: not in the program */
    const struct vw_type *type;       /* NULL: nothing, or raw bytes (STREAM_DATA, UNKNOWN) */
    bool has_fds;                     /* a count word for descriptors stands ahead of the body */
};

void vw_body_of(const struct vw_schema *s, const struct vw_header *h, struct vw_body *out);
/* The same of a message that is there: what a client aborts a stream with has no error in it (S-6).
 */
void vw_body_of_frame(const struct vw_schema *s, const struct vw_frame *frame, struct vw_body *out);

/* The value in the body of FRAME, which the caller puts, and what BODY it is; NULL: nothing is in
 * it, or no value of its type (then BODY has no type). */
struct json_object *vw_body_to_json(const struct vw_schema *s, const struct vw_frame *frame,
                                    struct vw_body *body);

/* A message as JSON, which the caller puts; NULL: no memory. */
struct json_object *vw_message_to_json(const struct vw_schema *s, const struct vw_frame *frame);

/* The same on one line, for traces: "call remote.domain_lookup_by_name serial 4, 48 bytes:
 * {"name":"test"}". At most MAX bytes and "...", in malloc'ed memory; NULL: no memory. */
char *vw_message_to_line(const struct vw_schema *s, const struct vw_frame *frame, size_t max);

/* Appends the message that JSON describes. Left out: program and version are those of the
 * procedure, type is "call" ("message" for an event), serial 0, status "ok", n_fds 0. "length" and
 * "kind" may be there and must then be right; "problem" is not looked at. Errors as of
 * vw_json_to_value (with path), vw_xdr_encode and vw_message_append; B is then as before. */
int vw_message_from_json(const struct vw_schema *s, const struct vw_limits *limits,
                         struct json_object *json, struct vw_buf *b, struct vw_error *err);

/* The span map of a whole message of LEN bytes: "length", "program", "version", "procedure",
 * "type", "serial", "status", "n_fds", "body" and the spans within ("body.name.#len"),
 * "trailing". A body without a type, or one that cannot be decoded, is one span. Errors: VW_ENOMEM,
 * VW_ETRUNCATED for less than a header. */
int vw_message_spans(const struct vw_schema *s, const void *bytes, size_t len,
                     struct vw_arena *arena, struct vw_spans *out, struct vw_error *err);
