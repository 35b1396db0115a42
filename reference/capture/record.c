// SPDX-License-Identifier: MIT
// Finds the borders of messages in what passes, hides what is secret, and gives it to the writer.
#include "capture/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/blocks.h"
#include "capture/write.h"
#include "message/diagnose.h"
#include "message/message-json.h"
#include "message/secret.h"
#include "schema/facts.h"
#include "xdr/args.h"

/* Of a longer message the rest is written as it comes, all of it hidden if something in it is. */
#define HELD_MAX (1u << 20)

struct vw_recorder {
    struct vw_capture *capture;
    const struct vw_profile *profile;
    struct vw_limits limits;
    bool show_secrets;
    int fd;
    int keys; /* the log of TLS keys; -1: it is not there yet */
    const char *keys_path;
    bool tls;           /* a connection is recorded that they are for */
    int64_t offset_ns;  /* from CLOCK_MONOTONIC to the time of day when the file began */
    bool out_of_memory; /* something is missing in the file */
    void (*hear)(void *user, uint64_t number, const struct vw_talk_event *ev);
    int64_t (*now_ns)(void *user);
    void *user;
    uint64_t connections; /* so far */
};

/* What one side sends. */
struct side {
    struct vw_buf held; /* the start of a message */
    uint32_t length;    /* of that message; 0: not known */
    uint32_t passed;    /* bytes of it that are written already */
    bool hidden;        /* the rest of it is to be hidden */
    bool raw;           /* there are no messages any more */
    bool doubt;         /* the layer of SASL may begin with the next byte */
    bool begun;         /* a message was looked at */
    uint32_t fd_bytes;  /* that carry descriptors and come next (P-3) */
    uint32_t fd_count;  /* of how many that is */
    uint32_t fds;       /* descriptors that have come and are not noted */
};

struct vw_recording {
    struct vw_recorder *recorder;
    struct vw_capture_conn conn;
    uint64_t number;
    struct vw_talk *talk; /* NULL: nobody listens */
    bool fds;
    struct side side[2];
};

static int64_t clock_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * VW_NS + now.tv_nsec;
}

/* The time of day, that never goes back. */
static int64_t now_ns(const struct vw_recorder *r)
{
    return r->now_ns ? r->now_ns(r->user) : clock_ns(CLOCK_MONOTONIC) + r->offset_ns;
}

/* ---- keys of TLS ---- */

static void open_keys(struct vw_recorder *r)
{
    if (r->keys < 0 && r->keys_path)
        r->keys = open(r->keys_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* What others have written since; they may make the file at their first connection. */
static void take_keys(struct vw_recorder *r)
{
    char bytes[4096];
    ssize_t n;
    if (!r->tls)
        return;
    open_keys(r);
    while (r->keys >= 0 && (n = read(r->keys, bytes, sizeof(bytes))) > 0)
        vw_capture_secrets(r->capture, bytes, (size_t)n);
}

/* ---- into the file, and to who listens ---- */

static int hear(void *user, const struct vw_talk_event *ev)
{
    const struct vw_recording *c = user;
    c->recorder->hear(c->recorder->user, c->number, ev);
    return 0;
}

static void begin_talk(struct vw_recording *c)
{
    const struct vw_talk_options o = {.profile = c->recorder->profile,
                                      .fds = c->fds,
                                      .strict = VW_STRICT_ALL | VW_STRICT_RANGE,
                                      .sink = hear,
                                      .user = c};
    if (c->recorder->hear && vw_talk_create(&o, &c->talk, NULL))
        c->recorder->out_of_memory = true;
}

/* RC of what the talk was told. */
static void told(struct vw_recording *c, int rc)
{
    if (rc < 0)
        c->recorder->out_of_memory = true;
}

static void write_bytes(struct vw_recording *c, enum vw_side from, const void *bytes, size_t len,
                        const char *comment)
{
    int64_t ns = now_ns(c->recorder);
    vw_capture_bytes(c->recorder->capture, &c->conn, from, ns, bytes, len, comment);
    if (c->talk && len)
        told(c, vw_talk_feed(c->talk, from, ns, bytes, len));
}

static void write_stars(struct vw_recording *c, enum vw_side from, size_t len)
{
    char stars[4096];
    memset(stars, '*', sizeof(stars));
    for (size_t n; len > 0; len -= n) {
        n = len < sizeof(stars) ? len : sizeof(stars);
        write_bytes(c, from, stars, n, NULL);
    }
}

/* Descriptors that came are noted; bytes that should carry some and have none, too. */
static void note_fds(struct vw_recording *c, enum vw_side from)
{
    struct side *s = &c->side[from];
    int64_t ns = now_ns(c->recorder);
    if (s->fds)
        vw_capture_descriptors(c->recorder->capture, &c->conn, from, ns, s->fds);
    else if (s->fd_count)
        write_bytes(c, from, NULL, 0, "virwire: no descriptors, though bytes for them");
    if (c->talk && s->fds)
        told(c, vw_talk_descriptors(c->talk, from, ns, s->fds));
    s->fds = s->fd_count = 0;
}

/* From here on nothing is a message. OPAQUE: what it lies within; NULL: it is not known. */
static void lose(struct vw_recording *c, enum vw_side from, const char *opaque)
{
    struct side *s = &c->side[from];
    s->raw = true;
    take_keys(c->recorder);
    int64_t ns = now_ns(c->recorder);
    if (opaque)
        vw_capture_opaque(c->recorder->capture, &c->conn, from, ns, opaque);
    if (opaque && c->talk)
        told(c, vw_talk_opaque(c->talk, from, ns, opaque));
    write_bytes(c, from, s->held.data, s->held.len, NULL);
    vw_buf_finish(&s->held);
}

/* ---- messages ---- */

/* The answer that ends the log-in by SASL: a layer may begin behind it. */
static bool ends_sasl(const struct vw_recorder *r, const uint8_t *bytes, size_t len)
{
    struct vw_header h;
    struct vw_body body;
    struct vw_arena arena = VW_ARENA_INIT;
    void *value;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    vw_body_of(r->profile->schema, &h, &body);
    if (!body.proc || body.kind != VW_BODY_RET || !body.type || body.has_fds)
        return false;
    const char *name = vw_proc_today(body.proc);
    if (strcmp(name, "auth_sasl_start") != 0 && strcmp(name, "auth_sasl_step") != 0)
        return false;
    bool done = vw_xdr_decode(body.type, bytes + VW_PREFIX_BYTES, len - VW_PREFIX_BYTES, &arena,
                              &value, NULL, NULL) == 0 &&
                vw_ret_int(body.type, value, "complete", 0) != 0;
    vw_arena_finish(&arena);
    return done;
}

/* How many bytes with descriptors follow the message of which LEN bytes are at P. */
static uint32_t bytes_with_fds(const struct vw_recording *c, const uint8_t *p, size_t len)
{
    struct vw_header h;
    if (!c->fds || len < VW_PREFIX_BYTES + 4)
        return 0;
    vw_header_decode(p + VW_LENGTH_BYTES, &h);
    if (h.type != VW_MSG_CALL_WITH_FDS && h.type != VW_MSG_REPLY_WITH_FDS)
        return 0;
    uint32_t n = vw_load32(p + VW_PREFIX_BYTES);
    return n <= c->recorder->limits.fds_max ? n : 0;
}

static void end_message(struct side *s)
{
    s->length = s->passed = 0;
    s->hidden = false;
    s->fd_bytes = s->fd_count;
}

/* Of the message that is held LENGTH - held.len bytes have not come. */
static void write_held(struct vw_recording *c, enum vw_side from)
{
    struct side *s = &c->side[from];
    const struct vw_recorder *r = c->recorder;
    uint8_t *p = s->held.data;
    size_t len = s->held.len;
    if (len >= VW_PREFIX_BYTES) {
        s->fd_count = bytes_with_fds(c, p, len);
        if (from == VW_SIDE_SERVER && len == s->length && ends_sasl(r, p, len))
            c->side[VW_SIDE_CLIENT].doubt = c->side[VW_SIDE_SERVER].doubt = true;
    }
    if (!r->show_secrets)
        s->hidden = vw_message_hide(r->profile->schema, p, len, s->length);
    write_bytes(c, from, p, len, NULL);
    s->passed = (uint32_t)len;
    s->held.len = 0;
    if (s->held.cap > 65536)
        vw_buf_finish(&s->held);
}

/* So many bytes are to be held before something can be said. */
static size_t wanted(const struct side *s)
{
    if (s->length == 0)
        return s->doubt ? VW_PREFIX_BYTES : VW_LENGTH_BYTES;
    return s->length < HELD_MAX ? s->length : HELD_MAX;
}

/* False: it is none. */
static bool begin_message(struct vw_recording *c, enum vw_side from)
{
    struct side *s = &c->side[from];
    struct vw_recorder *r = c->recorder;
    const uint8_t *p = s->held.data;
    struct vw_diagnosis d;
    s->length = vw_load32(p);
    bool allowed = s->length >= VW_PREFIX_BYTES && s->length <= r->limits.max_length_word;
    bool layer = s->doubt && !vw_message_likely(&r->limits, p);
    bool tls = !s->begun && !allowed && vw_diagnose(&r->limits, p, s->held.len, NULL, 0, &d) &&
               strcmp(d.kind, "tls") == 0;
    s->doubt = false;
    s->begun = true;
    r->tls = r->tls || tls;
    if (layer || !allowed)
        lose(c, from, layer ? "SASL" : tls ? "TLS" : NULL);
    return !s->raw;
}

/* What was wanted has come. */
static void look(struct vw_recording *c, enum vw_side from)
{
    struct side *s = &c->side[from];
    if (s->length == 0 && !begin_message(c, from))
        return;
    if (s->held.len < wanted(s))
        return;
    write_held(c, from);
    if (s->passed == s->length)
        end_message(s);
}

/* ---- bytes ---- */

/* Takes some of LEN bytes, and says how many. */
static size_t take(struct vw_recording *c, enum vw_side from, const uint8_t *bytes, size_t len)
{
    struct side *s = &c->side[from];
    size_t room = vw_recording_room(c, from);
    len = len < room ? len : room;
    if (s->raw) {
        take_keys(c->recorder);
        write_bytes(c, from, bytes, len, NULL);
    } else if (s->fd_bytes) {
        s->fd_bytes -= (uint32_t)len;
        if (s->fd_bytes == 0)
            note_fds(c, from);
    } else if (s->passed) {
        if (s->hidden)
            write_stars(c, from, len);
        else
            write_bytes(c, from, bytes, len, NULL);
        s->passed += (uint32_t)len;
        if (s->passed == s->length)
            end_message(s);
    } else if (vw_buf_append(&s->held, bytes, len) < 0) {
        c->recorder->out_of_memory = true;
    } else if (s->held.len == wanted(s)) {
        look(c, from);
    }
    return len;
}

size_t vw_recording_room(const struct vw_recording *c, enum vw_side side)
{
    const struct side *s = c ? &c->side[side] : NULL;
    if (!s || s->raw)
        return SIZE_MAX;
    if (s->fd_bytes)
        return s->fd_bytes;
    return s->passed ? s->length - s->passed : wanted(s) - s->held.len;
}

void vw_recording_bytes(struct vw_recording *c, enum vw_side side, const void *bytes, size_t len,
                        size_t n_fds)
{
    const uint8_t *p = bytes;
    if (!c || c->recorder->out_of_memory)
        return;
    struct side *s = &c->side[side];
    s->fds += (uint32_t)n_fds;
    for (size_t n; len > 0; len -= n, p += n)
        n = take(c, side, p, len);
    if (s->fds && !s->fd_bytes && !s->held.len && !s->passed)
        note_fds(c, side);
}

/* ---- connections ---- */

struct vw_recording *vw_recording_begin(struct vw_recorder *r, const char *name, bool fds)
{
    struct vw_recording *c = calloc(1, sizeof(*c));
    if (!c) {
        r->out_of_memory = true;
        return NULL;
    }
    c->recorder = r;
    c->fds = fds;
    c->number = ++r->connections;
    begin_talk(c);
    vw_capture_begin(r->capture, &c->conn, now_ns(r), name, fds);
    return c;
}

/* What has come of a message that will never be whole. */
static void write_rest(struct vw_recording *c, enum vw_side from)
{
    struct side *s = &c->side[from];
    if (c->recorder->out_of_memory)
        return;
    if (s->held.len && s->length)
        write_held(c, from);
    else if (s->held.len)
        lose(c, from, NULL);
    if (s->fds)
        note_fds(c, from);
}

void vw_recording_end(struct vw_recording *c, enum vw_side side, bool reset)
{
    if (!c)
        return;
    bool again = c->conn.ended[side];
    int64_t ns = now_ns(c->recorder);
    write_rest(c, side);
    vw_capture_end(c->recorder->capture, &c->conn, side, ns, reset);
    if (c->talk && !again)
        told(c, vw_talk_end(c->talk, side, ns));
}

void vw_recording_destroy(struct vw_recording *c)
{
    if (!c)
        return;
    for (enum vw_side from = VW_SIDE_CLIENT; from <= VW_SIDE_SERVER; from++) {
        write_rest(c, from);
        vw_buf_finish(&c->side[from].held);
    }
    vw_talk_destroy(c->talk);
    free(c);
}

/* ---- the file ---- */

int vw_recorder_open(const char *path, const struct vw_recorder_options *o,
                     struct vw_recorder **out, struct vw_error *err)
{
    struct vw_recorder *r = calloc(1, sizeof(*r));
    *out = NULL;
    if (!r)
        return vw_error_nomem(err);
    *r = (struct vw_recorder){.profile = o->profile,
                              .show_secrets = o->show_secrets,
                              .keys = -1,
                              .keys_path = o->keys,
                              .hear = o->hear,
                              .now_ns = o->now_ns,
                              .user = o->user,
                              .offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC)};
    vw_limits_from_profile(o->profile, &r->limits);
    path = path ? path : "/dev/null";
    r->fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                   : vw_file_create(path, 0600, VW_FILE_WAIT_MS);
    if (r->fd < 0) {
        int why = errno;
        free(r);
        return vw_error_set(err, VW_EUSAGE, "%s: %s", path, strerror(why));
    }
    const struct vw_capture_options capture = {
        .form = o->form,
        .application = o->application,
        .comment = o->show_secrets ? "virwire: secrets are shown" : "virwire: secrets are hidden"};
    int rc = vw_capture_create(r->fd, &capture, &r->capture, err);
    if (rc) {
        close(r->fd);
        free(r);
        return rc;
    }
    /* Keys of connections before are nobody's business. */
    open_keys(r);
    if (r->keys >= 0)
        lseek(r->keys, 0, SEEK_END);
    *out = r;
    return 0;
}

int vw_recorder_flush(struct vw_recorder *r, struct vw_error *err)
{
    int rc = vw_capture_flush(r->capture, err);
    return rc == 0 && r->out_of_memory ? vw_error_nomem(err) : rc;
}

int vw_recorder_close(struct vw_recorder *r, struct vw_error *err)
{
    if (!r)
        return 0;
    take_keys(r);
    int rc = vw_recorder_flush(r, err);
    vw_capture_destroy(r->capture);
    if (r->keys >= 0)
        close(r->keys);
    close(r->fd);
    free(r);
    return rc;
}
