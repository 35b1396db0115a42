// SPDX-License-Identifier: MIT
// Rules: when this message passes, do that. What a rule may say, and its words as fields; what it
// means for a connection is the business of whoever carries it out (mock-daemon/rules/). Files of
// rules hold a list of them under the key "rules", and cases of clients hold the same list.
#pragma once

#include <virwire/error.h>
#include <virwire/memory.h>

#include "message/message.h"
#include "scenario/format.h"
#include "schema/profile.h"

struct json_object;

/* What a rule is about. Of the others than calls each is what the daemon sends. */
enum vw_rule_message {
    VW_RULE_CALL, /* a call, and its answer */
    VW_RULE_REPLY,
    VW_RULE_ERROR,
    VW_RULE_ANSWER, /* a reply or an error */
    VW_RULE_EVENT,
    VW_RULE_PING,
    VW_RULE_PONG,
    VW_RULE_STREAM,
    VW_RULE_ANY,
    VW_RULE_CONNECT /* a connection begins */
};

enum vw_rule_count { VW_RULE_ALWAYS, VW_RULE_NTH, VW_RULE_EVERY, VW_RULE_AFTER };

/* What becomes of the message that is sent. */
struct vw_rule_send {
    const char *edit;                     /* NULL: it stays as it is */
    const struct vw_node *fault;          /* NAME or NAME=N; NULL: none */
    const struct vw_node *ahead, *behind; /* lists of messages of their own; NULL: none */
    int64_t after_ms;                     /* before those of BEHIND are sent */
    bool drop;
    unsigned times;   /* it comes so often; 1 */
    int64_t cut;      /* the connection ends after so many bytes of it; below 0: before so many of
                         its end; INT64_MIN: it does not */
    int64_t delay_ms; /* before it is sent, others passing it */
    unsigned reorder; /* so many others go first */
    const char *hold; /* until a call of a procedure of this pattern comes; NULL: it is not held */
    bool close;       /* the connection ends behind it */
    bool silent;      /* nothing is sent behind it */
    unsigned chunk, pace_ms; /* from it on: at most so many bytes at a time, so far apart */
};

struct vw_rule {
    enum vw_rule_message message;
    const char *procedure;      /* a pattern (*, ?) of today's short names; NULL: any */
    const char *program;        /* its name; NULL: any */
    const struct vw_node *args; /* a pattern of a call's arguments; NULL: any */
    unsigned connection;        /* the N-th of the daemon; 0: any */
    enum vw_rule_count count;
    uint32_t n;
    const struct vw_node *reply; /* instead of running the call; NULL: no such */
    const struct vw_node *error; /* the same */
    bool unheard;                /* the call is dropped as it comes */
    struct vw_rule_send send;
};

struct vw_rules {
    struct vw_rule *list;
    size_t count;
};

/* The format: a file, a rule, and the message of its own that a rule may send. */
extern const struct vw_keys vw_rules_file_keys;
extern const struct vw_keys vw_rule_keys;

/* Reads the list N, and makes each value and message once to see that it can be made. The rules
 * refer to N and ARENA. VW_ESYNTAX with the place, VW_ENOMEM. */
int vw_rules_read(const struct vw_node *n, const struct vw_profile *profile, struct vw_arena *arena,
                  struct vw_rules *out, struct vw_error *err);

/* Whether a rule is about a call or message of PROC (NULL: unknown; only rules without a procedure
 * are). */
bool vw_rule_is_about(const struct vw_rule *r, const struct vw_proc *proc);

/* Whether a rule that has fitted SEEN times, this one included, does something this time. */
bool vw_rule_counts(const struct vw_rule *r, uint64_t seen);

struct vw_compose_context;

/* Appends the message that ITEM, of ahead or behind, says. IT: the header of the message that the
 * rule is about, which "of: it" means; may be NULL. Errors as of vw_compose. */
int vw_rule_message_make(const struct vw_compose_context *ctx, const struct vw_node *item,
                         const struct vw_header *it, struct vw_buf *out, struct vw_error *err);
