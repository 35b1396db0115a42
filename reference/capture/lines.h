// SPDX-License-Identifier: MIT
// What was said in connections as lines, of text or of JSON: for people who read a capture, or the
// log of a daemon. Engine: it may change with every release (docs/api.md).
#pragma once

#include <json-c/json.h>
#include <stdio.h>

#include "capture/talk.h"
#include "message/message.h"

struct vw_lines {
    FILE *out;
    const struct vw_schema *schema;
    bool json, full; /* FULL: lines of text are not cut */
    bool started;
    int64_t start; /* the first time that was told: text has what has passed since */
};

/* What a line is about. */
struct vw_line {
    uint64_t connection;
    bool numbered; /* there may be several: text has the number too */
    int64_t ns;
    const struct vw_talk_event *talk; /* NULL: nothing that was said */
};

/* The message FRAME; JSON is the same as such (vw_message_to_json), which is taken, and may be NULL
 * where lines are text. VW_ENOMEM or 0, as the next. */
int vw_lines_message(struct vw_lines *l, const struct vw_line *at, const struct vw_frame *frame,
                     struct json_object *json);
/* Anything else: WHAT it is, the SIGN of such a line of text, and TEXT. */
int vw_lines_other(struct vw_lines *l, const struct vw_line *at, const char *what, const char *sign,
                   const char *text);
/* Somebody broke a rule. */
int vw_lines_finding(struct vw_lines *l, const struct vw_line *at);
