// SPDX-License-Identifier: MIT
// Whether a message that came is what a node says of it, whoever sent it: the words of its header,
// then its body, decoded as the type that it should have, then the value.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "message/message.h"
#include "scenario/format.h"
#include "schema/profile.h"

struct json_object;

/* What is not as it should be. */
enum vw_mismatch {
    VW_MISMATCH_NONE,
    VW_MISMATCH_VALUE,
    VW_MISMATCH_BODY,     /* it cannot be decoded */
    VW_MISMATCH_ACCEPTED, /* a good reply where an error was expected */
    VW_MISMATCH_REFUSED,  /* the other way round */
    VW_MISMATCH_ERROR,    /* code, domain or another number of an error */
    VW_MISMATCH_SWAPPED, /* its code stands in the place of the domain, which stands in its place */
    VW_MISMATCH_TEXT,    /* a text of an error */
    VW_MISMATCH_NO_TEXT, /* an error without its message */
    VW_MISMATCH_STATUS   /* of a packet */
};

/* The first two words of an error (E-1); 0: it is none. */
struct vw_match_error {
    int32_t code, domain;
};

/* Where in a body the value stands that differs. */
struct vw_match_place {
    const uint8_t *body;   /* NULL: nowhere */
    size_t offset, length; /* in it */
};

/* A match under way, and what comes of it. */
struct vw_match {
    const struct vw_profile *profile;
    struct vw_arena *arena; /* of values, which nobody looks at behind the match */
    struct json_object *variables;
    char why[500];               /* the reason of a "no", where it is the sender's fault */
    enum vw_mismatch kind;       /* of that reason */
    struct vw_match_error error; /* that the message is */
    struct vw_match_place place; /* of a value that is not as it should be */
    struct vw_error err;         /* where it is ours, or the node's */
};

struct vw_seen {
    struct vw_header header;
    const uint8_t *body;
    size_t len; /* of the body */
};

/* Keys of nodes. A reply: what it returns, its error or the name of an answer of the profile, the
 * words of its header. */
#define VW_MATCH_REPLY_KEYS                                                                        \
    {"reply", VW_TAKES_VALUE, false, NULL, NULL, "status OK, and a pattern of what it returns"},   \
        {"error",                                                                                  \
         VW_TAKES_VALUE,                                                                           \
         false,                                                                                    \
         NULL,                                                                                     \
         NULL,                                                                                     \
         "status ERROR, and a pattern of the error structure or the name of an answer of the "     \
         "profile"},                                                                               \
    {                                                                                              \
        "header", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header words"               \
    }
/* A message of a procedure: which one (vw_compose_proc), and what is in it. */
#define VW_MATCH_MESSAGE_KEYS                                                                      \
    {"procedure", VW_TAKES_TEXT | VW_TAKES_NUMBER, true, NULL, NULL, "name or number"},            \
        {"program", VW_TAKES_TEXT | VW_TAKES_NUMBER, false, NULL, NULL, "remote if absent"},       \
        {"args", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of its contents"},                  \
    {                                                                                              \
        "serial", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the header's serial"            \
    }
/* A packet of a stream. */
#define VW_MATCH_PACKET_KEYS                                                                       \
    {"status", VW_TAKES_TEXT, false, vw_match_statuses, NULL, "of the packet"},                    \
        {"length", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the number of bytes"},         \
        {"body", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the bytes, as hex digits"},      \
    {                                                                                              \
        "error", VW_TAKES_VALUE, false, NULL, NULL, "a pattern of the error structure"             \
    }
extern const char *const vw_match_statuses[];

/* All of these: true, or false with WHY or ERR set. */

/* VALUE, which is put; NULL is one that could not be made. */
bool vw_match_value(struct vw_match *m, const struct vw_node *pattern, struct json_object *value);
/* A reply with result RET (NULL: none, or unknown). */
bool vw_match_reply(struct vw_match *m, const struct vw_type *ret, const struct vw_seen *seen,
                    const struct vw_node *n);
/* A message with arguments ARGS (NULL: none, or unknown), whose procedure has been looked at. */
bool vw_match_message(struct vw_match *m, const struct vw_type *args, const struct vw_seen *seen,
                      const struct vw_node *n);
bool vw_match_packet(struct vw_match *m, const struct vw_seen *seen, const struct vw_node *n);
