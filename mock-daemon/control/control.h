// SPDX-License-Identifier: MIT
// The socket by which a test steers the daemon (docs/control.md): a request is a line of JSON, and
// so is its answer. What can be asked for is a table of verbs; each group of them is one file of
// this folder and one word in its meson.build.
#pragma once

#include <json-c/json.h>
#include <virwire/error.h>

struct vw_control_client;
struct vw_daemon;

/* Listens at PATH, a unix socket of mode 0700. Errors as of vw_listener_open. */
int vw_control_open(struct vw_daemon *d, const char *path, struct vw_error *err);
void vw_control_close(struct vw_daemon *d);

/* ---- for verbs ---- */

#define VW_CONTROL_KEYS 4

/* How a value is written; a word of the command line becomes that as well. */
enum vw_control_as {
    VW_CONTROL_TEXT,
    VW_CONTROL_PATH, /* of a file, as the daemon finds it */
    VW_CONTROL_NUMBER,
    VW_CONTROL_OBJECT
};

struct vw_control_key {
    const char *name; /* NULL ends the list */
    enum vw_control_as as;
    bool needed;
    int64_t min, max; /* of a number */
};

/* A request under way. */
struct vw_control_call {
    struct vw_daemon *daemon;
    struct vw_control_client *client;
    const struct vw_control_verb *verb;
    struct json_object *request;
    struct json_object *result; /* NULL: nothing is to be told; put by whoever has the call */
    struct vw_error error;
    const char *file; /* that the error is about; NULL: none */
};

enum { VW_CONTROL_LATER = 1 };

struct vw_control_verb {
    const char *name;
    struct vw_control_key keys[VW_CONTROL_KEYS];
    /* 0, or the error, which is set; LATER: vw_control_answer or a POLL that is 0 brings it. */
    int (*run)(struct vw_control_call *c);
    /* Asked when a call was answered or a connection is over, until it is not LATER. */
    int (*poll)(struct vw_control_call *c);
};

/* The value of a key; what is absent is NULL, and a number then OTHERWISE. */
const char *vw_control_text(const struct vw_control_call *c, const char *key);
int64_t vw_control_number(const struct vw_control_call *c, const char *key, int64_t otherwise);
struct json_object *vw_control_object(const struct vw_control_call *c, const char *key);

/* Answers what was LATER; RC as of run. */
void vw_control_answer(struct vw_control_client *client, int rc);

/* Adds VALUE, which O then owns, to the list; false: there is no memory, and VALUE is put. */
bool vw_control_append(struct json_object *o, struct json_object *value);
/* What a RUN returns that has made its result, or had no memory for it. */
int vw_control_made(struct vw_control_call *c, bool made);

/* All verbs; NULL ends each list and the list of lists. Made by the build. */
extern const struct vw_control_verb *const vw_control_verbs[];
