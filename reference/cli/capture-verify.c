// SPDX-License-Identifier: MIT
// virwire capture verify: each message decodes, and what is canonical encodes to the same bytes.
#include <inttypes.h>
#include <string.h>

#include "cli/capture.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "message/message-json.h"

#define SAID_MAX 20u /* of one class; the others are counted */

/* Why a message is not the bytes that we would write. */
enum oddity {
    SAME,
    SHORT,       /* no header, or no count of descriptors */
    UNKNOWN,     /* nothing is known of its body */
    UNDECODABLE, /* its body is no value of its type */
    TRAILING,
    PADDING,
    BOOL,
    ENUM,
    NUL,
    UTF8,
    NARROW,
    OTHER, /* it decodes, and encodes to other bytes for no reason that is known */
    LOST,  /* no message at all */
    CLASSES
};

static const char *const names[] = {"canonical", "short", "unknown", "undecodable", "trailing",
                                    "padding",   "bool",  "enum",    "nul",         "utf8",
                                    "narrow",    "other", "lost"};

struct verify {
    struct vw_capture_in in;
    uint64_t counts[CLASSES];
    struct vw_arena arena;
    struct vw_buf again;
};

static void say(struct verify *v, const struct vw_captured_event *ev, enum oddity what,
                const struct vw_finding *f)
{
    static const char *const nothing = "it decodes, and encodes to other bytes";
    const struct vw_event *e = ev->talk->event;
    struct vw_finding g = f ? *f : (struct vw_finding){.found = nothing};
    char line[800], where[100];
    if (v->counts[what]++ >= SAID_MAX)
        return;
    snprintf(where, sizeof(where), "connection %" PRIu64 ", %s, message %" PRIu64, ev->conn->number,
             ev->talk->from == VW_SIDE_CLIENT ? "client" : "server", ev->talk->number);
    g.rule = names[what];
    g.count = 1;
    g.place.in_bytes = true;
    g.place.offset += e && what != LOST ? e->offset : 0;
    g.place.file = where;
    vw_cli_error(v->in.command, 0, "%s", vw_finding_line(&g, line, sizeof(line)));
}

static enum oddity class_of(const char *cause)
{
    for (int i = TRAILING; i < OTHER; i++)
        if (strcmp(cause, names[i]) == 0)
            return (enum oddity)i;
    return OTHER;
}

/* The classes of a body of T that is not what encoding gives. */
static int classify(struct verify *v, const struct vw_captured_event *ev, const struct vw_type *t,
                    const uint8_t *body, size_t len, size_t skip)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_findings found = {0};
    int rc = vw_xdr_check(t, body, len, VW_STRICT_ALL, &v->arena, &found, NULL, &err);
    if (rc == VW_ENOMEM)
        return rc;
    for (size_t i = 0; i < found.count; i++) {
        found.list[i].place.offset += skip;
        say(v, ev, class_of(found.list[i].cause), &found.list[i]);
    }
    if (rc) {
        struct vw_finding f = vw_finding_of_error(&err, NULL);
        f.place.offset += skip;
        say(v, ev, UNDECODABLE, &f);
    } else if (found.count == 0) {
        say(v, ev, OTHER, NULL);
    }
    return 0;
}

static int verify_body(struct verify *v, const struct vw_captured_event *ev,
                       const struct vw_body *b, const uint8_t *body, size_t len, size_t skip)
{
    const struct vw_type *t = b->type ? b->type : vw_type_basic(VW_VOID);
    void *value;
    v->again.len = 0;
    int rc = vw_xdr_decode(t, body, len, &v->arena, &value, NULL, NULL);
    if (rc == 0)
        rc = vw_xdr_encode(t, value, &v->again, SIZE_MAX, NULL);
    if (rc == VW_ENOMEM)
        return rc;
    if (rc == 0 && v->again.len == len && (len == 0 || memcmp(v->again.data, body, len) == 0)) {
        v->counts[SAME]++;
        return 0;
    }
    return classify(v, ev, t, body, len, skip);
}

static int verify_message(struct verify *v, const struct vw_captured_event *ev)
{
    const struct vw_event *e = ev->talk->event;
    static const struct vw_finding too_short = {.found = "too short for what its type has"};
    struct vw_frame frame;
    struct vw_body body;
    vw_frame_of(e->message, e->length, &frame);
    if (frame.short_header) {
        say(v, ev, SHORT, &too_short);
        return 0;
    }
    vw_body_of_frame(v->in.profile->schema, &frame, &body);
    size_t skip = VW_PREFIX_BYTES + (body.has_fds ? 4 : 0);
    if (e->length < skip) {
        say(v, ev, SHORT, &too_short);
        return 0;
    }
    if (body.kind == VW_BODY_UNKNOWN || body.kind == VW_BODY_STREAM_DATA) {
        v->counts[body.kind == VW_BODY_UNKNOWN ? UNKNOWN : SAME]++;
        return 0;
    }
    int rc = verify_body(v, ev, &body, e->message + skip, e->length - skip, skip);
    vw_arena_reset(&v->arena);
    return rc;
}

static int hear(void *user, const struct vw_captured_event *ev)
{
    struct verify *v = user;
    if (ev->kind != VW_CAPTURED_TALK)
        return 0;
    if (ev->talk->kind == VW_TALK_MESSAGE)
        return verify_message(v, ev);
    if (ev->talk->kind == VW_TALK_NOTE)
        vw_cli_warn(v->in.command, "connection %" PRIu64 ": %s", ev->conn->number, ev->talk->text);
    else if (vw_clause_is_among("F-1 F-3 F-4 F-7", ev->talk->finding->clauses))
        say(v, ev, LOST, ev->talk->finding);
    return 0;
}

static int sum_up(const struct verify *v)
{
    uint64_t all = 0, odd = 0;
    for (int i = 0; i < LOST; i++)
        all += v->counts[i];
    printf("messages %" PRIu64 "\n", all);
    for (int i = 0; i < CLASSES; i++) {
        if (v->counts[i])
            printf("%s %" PRIu64 "\n", names[i], v->counts[i]);
        odd += i == SAME || i == UNKNOWN ? 0 : v->counts[i];
    }
    return odd ? VW_EXIT_FINDINGS : all ? VW_EXIT_OK : VW_EXIT_NOTHING;
}

static int run(int argc, char **argv)
{
    struct verify v = {.in = {.command = argv[0]}};
    const struct vw_cli_option options[] = {VW_CAPTURE_OPTIONS(&v.in), {NULL}};
    int status = vw_capture_open(&v.in, argc, argv, options);
    if (status == 0) {
        status = vw_capture_read(&v.in, hear, &v);
        int found = sum_up(&v);
        status = status ? status : found;
    }
    vw_arena_finish(&v.arena);
    vw_buf_finish(&v.again);
    vw_capture_close(&v.in);
    return status;
}

const struct vw_capture_verb vw_capture_verify = {"verify", run};
