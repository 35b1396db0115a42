// SPDX-License-Identifier: MIT
// From a file to what is said: which kind of file it is, its packets, its connections, and a talk
// for each of them.
#include "capture/captured.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/shown.h"
#include "capture/bytes-text.h"
#include "capture/packets.h"
#include "capture/write.h"
#include "message/diagnose.h"

#define PLAIN_TLS_PORT 16514
#define MEMORY_MAX     ((size_t)512 << 20) /* of all talks */
#define SNIFFED        256u                /* bytes by which the kind of a file is told */

/* A connection that is told of. */
struct heard {
    struct vw_captured *c;
    const struct vw_tcp_conn *conn;
    struct vw_talk *talk; /* NULL: nothing was said yet, or it was given up */
    bool fds, given_up;
    size_t memory; /* of TALK */
};

struct vw_captured {
    struct vw_captured_options o;
    struct vw_limits limits;
    enum { UNKNOWN, PACKETS, BYTES, TEXT } form;
    struct vw_buf first; /* UNKNOWN: what has come */
    struct vw_packets packets;
    struct vw_tcp *tcp;
    struct vw_bytes_text text;
    struct vw_buf bytes;     /* of TEXT */
    struct vw_tcp_conn conn; /* BYTES, TEXT */
    struct heard heard;      /* the same */
    bool sided;              /* of whom the bytes are is known: SIDE */
    enum vw_side side;
    size_t memory;
};

/* ---- telling ---- */

static int tell(struct heard *h, struct vw_captured_event ev)
{
    ev.conn = h->conn;
    return h->c->o.sink(h->c->o.user, &ev);
}

static int tell_talk(void *user, const struct vw_talk_event *ev)
{
    return tell(user,
                (struct vw_captured_event){.kind = VW_CAPTURED_TALK, .talk = ev, .ns = ev->ns});
}

static int begin_talk(struct heard *h, int64_t ns)
{
    const struct vw_talk_options o = {.profile = h->c->o.profile,
                                      .fds = h->fds,
                                      .strict = h->c->o.strict,
                                      .joined = h->conn->joined,
                                      .sink = tell_talk,
                                      .user = h};
    int rc = h->talk || h->given_up ? 0 : vw_talk_create(&o, &h->talk, NULL);
    for (int side = 0;
         rc == 0 && side < 2 && h->talk && h->conn->port[VW_SIDE_SERVER] == PLAIN_TLS_PORT; side++)
        rc = vw_talk_opaque(h->talk, (enum vw_side)side, ns, "TLS");
    return rc;
}

/* Of all talks, the one that would need more than there is for all is left. */
static int account(struct heard *h, int64_t ns)
{
    struct vw_captured *c = h->c;
    size_t now = vw_talk_memory(h->talk);
    c->memory = c->memory - h->memory + now;
    h->memory = now;
    if (c->memory <= MEMORY_MAX)
        return 0;
    const struct vw_talk_event note = {
        .kind = VW_TALK_NOTE, .ns = ns, .text = "the rest is left out: it needs too much memory"};
    vw_talk_destroy(h->talk);
    h->talk = NULL;
    h->given_up = true;
    c->memory -= h->memory;
    h->memory = 0;
    return tell_talk(h, &note);
}

/* ---- connections ---- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static int take_comment(struct heard *h, const struct vw_tcp_event *ev)
{
    char text[300];
    unsigned n;
    snprintf(text, sizeof(text), "%.*s", (int)(ev->len < 299 ? ev->len : 299),
             (const char *)ev->bytes);
    vw_shown_mark(text);
    if (starts_with(text, VW_CAPTURE_FDS)) {
        h->fds = true;
        return 0;
    }
    if (sscanf(text, VW_CAPTURE_DESCRIPTORS "%u", &n) == 1 && h->talk)
        return vw_talk_descriptors(h->talk, ev->from, ev->ns, n);
    if (starts_with(text, VW_CAPTURE_OPAQUE)) {
        int rc = begin_talk(h, ev->ns);
        return rc || !h->talk
                   ? rc
                   : vw_talk_opaque(h->talk, ev->from, ev->ns, text + strlen(VW_CAPTURE_OPAQUE));
    }
    return tell(h, (struct vw_captured_event){
                       .kind = VW_CAPTURED_COMMENT, .text = text, .from = ev->from, .ns = ev->ns});
}

static int take_bytes(struct heard *h, const struct vw_tcp_event *ev)
{
    int rc = begin_talk(h, ev->ns);
    if (rc || !h->talk)
        return rc;
    if (ev->kind == VW_TCP_BYTES)
        rc = vw_talk_feed(h->talk, ev->from, ev->ns, ev->bytes, ev->len);
    else if (ev->kind == VW_TCP_MISSING)
        rc = vw_talk_missing(h->talk, ev->from, ev->ns, ev->len);
    else
        rc = vw_talk_end(h->talk, ev->from, ev->ns);
    return rc ? rc : account(h, ev->ns);
}

static int begin(struct vw_captured *c, const struct vw_tcp_event *ev)
{
    struct heard *h = calloc(1, sizeof(*h));
    if (!h)
        return VW_ENOMEM;
    *h = (struct heard){.c = c, .conn = ev->conn};
    ev->conn->user = h;
    return tell(h, (struct vw_captured_event){.kind = VW_CAPTURED_BEGIN, .ns = ev->ns});
}

static void forget(void *user, struct vw_tcp_conn *conn)
{
    struct heard *h = conn->user;
    if (!h)
        return;
    h->c->memory -= h->memory;
    vw_talk_destroy(h->talk);
    free(h);
}

static int hear(void *user, const struct vw_tcp_event *ev)
{
    struct heard *h = ev->conn->user;
    switch (ev->kind) {
    case VW_TCP_BEGIN:
        return begin(user, ev);
    case VW_TCP_COMMENT:
        return take_comment(h, ev);
    case VW_TCP_OVER:
        return tell(h, (struct vw_captured_event){
                           .kind = VW_CAPTURED_OVER, .ns = ev->ns, .reset = ev->reset});
    default:
        return take_bytes(h, ev);
    }
}

/* ---- bytes without packets ---- */

/* All of one side; of the server's, if the first message is one that servers send. */
static int hear_bytes(struct vw_captured *c, const uint8_t *bytes, size_t len)
{
    struct heard *h = &c->heard;
    if (len == 0)
        return 0;
    if (!c->sided) {
        struct vw_header header = {.type = VW_MSG_CALL};
        size_t at = vw_message_find(&c->limits, bytes, len);
        if (at < len)
            vw_header_decode(bytes + at + VW_LENGTH_BYTES, &header);
        c->sided = true;
        c->side = vw_header_is_servers(&header) ? VW_SIDE_SERVER : VW_SIDE_CLIENT;
        *h = (struct heard){.c = c, .conn = &c->conn};
        c->conn.number = 1;
        int rc = tell(h, (struct vw_captured_event){.kind = VW_CAPTURED_BEGIN});
        rc = rc ? rc : begin_talk(h, 0);
        if (rc)
            return rc;
    }
    int rc = h->talk ? vw_talk_feed(h->talk, c->side, 0, bytes, len) : 0;
    return rc || !h->talk ? rc : account(h, 0);
}

static int end_bytes(struct vw_captured *c)
{
    struct heard *h = &c->heard;
    int rc = h->talk ? vw_talk_end(h->talk, c->side, 0) : 0;
    if (rc == 0 && c->sided)
        rc = tell(h, (struct vw_captured_event){.kind = VW_CAPTURED_OVER});
    return rc;
}

/* ---- the file ---- */

/* Text has no control characters, and no high bytes but those of UTF-8. */
static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((bytes[i] < ' ' && !memchr("\t\r\n\f\v", bytes[i], 5)) || bytes[i] == 0x7f)
            return false;
    return len > 0;
}

static int feed_packets(struct vw_captured *c, const void *bytes, size_t len, struct vw_error *err)
{
    struct vw_packet p;
    int rc = vw_packets_feed(&c->packets, bytes, len);
    while (rc == 0 && (rc = vw_packets_next(&c->packets, &p, err)) == 1) {
        const struct vw_captured_event secrets = {.kind = VW_CAPTURED_SECRETS};
        rc = p.secrets ? c->o.sink(c->o.user, &secrets) : vw_tcp_packet(c->tcp, &p);
    }
    return rc;
}

static int feed_text(struct vw_captured *c, const char *text, size_t len, struct vw_error *err)
{
    c->bytes.len = 0;
    int rc = len ? vw_bytes_text_feed(&c->text, text, len, &c->bytes, err)
                 : vw_bytes_text_end(&c->text, &c->bytes, err);
    int heard = rc == VW_ENOMEM ? rc : hear_bytes(c, c->bytes.data, c->bytes.len);
    return rc ? rc : heard;
}

/* What kind of file it is shows in its first bytes: text, unless another protocol begins so. */
static int sniff(struct vw_captured *c, struct vw_error *err)
{
    struct vw_buf first = c->first;
    struct vw_diagnosis d;
    if (first.len >= VW_PACKETS_MAGIC && vw_packets_known(first.data))
        c->form = PACKETS;
    else if (is_text(first.data, first.len) &&
             (!vw_diagnose(&c->limits, first.data, first.len, NULL, 0, &d) ||
              strcmp(d.kind, "text") == 0))
        c->form = TEXT;
    else
        c->form = BYTES;
    c->first = (struct vw_buf)VW_BUF_INIT;
    int rc = first.len ? vw_captured_feed(c, first.data, first.len, err) : 0;
    vw_buf_finish(&first);
    return rc;
}

int vw_captured_feed(struct vw_captured *c, const void *bytes, size_t len, struct vw_error *err)
{
    if (len == 0)
        return 0;
    switch (c->form) {
    case PACKETS:
        return feed_packets(c, bytes, len, err);
    case TEXT:
        return feed_text(c, bytes, len, err);
    case BYTES:
        return hear_bytes(c, bytes, len);
    default:
        if (vw_buf_append(&c->first, bytes, len))
            return VW_ENOMEM;
        return c->first.len >= SNIFFED ? sniff(c, err) : 0;
    }
}

int vw_captured_end(struct vw_captured *c, struct vw_error *err)
{
    int rc = c->form == UNKNOWN ? sniff(c, err) : 0;
    if (c->form == PACKETS) {
        int told = rc == VW_ENOMEM ? rc : vw_tcp_end(c->tcp);
        rc = rc ? rc : vw_packets_end(&c->packets, err);
        return told ? told : rc;
    }
    if (rc == 0 && c->form == TEXT && !c->text.failed)
        rc = feed_text(c, NULL, 0, err);
    int told = rc == VW_ENOMEM ? rc : end_bytes(c);
    return told ? told : rc;
}

int vw_captured_create(const struct vw_captured_options *o, struct vw_captured **out,
                       struct vw_error *err)
{
    struct vw_captured *c = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    c->o = *o;
    vw_limits_from_profile(o->profile, &c->limits);
    vw_packets_init(&c->packets);
    vw_bytes_text_init(&c->text);
    const struct vw_tcp_options tcp = {
        .limits = &c->limits, .port = o->port, .sink = hear, .forget = forget, .user = c};
    int rc = vw_tcp_create(&tcp, &c->tcp, err);
    if (rc)
        vw_captured_destroy(c);
    *out = rc ? NULL : c;
    return rc;
}

void vw_captured_destroy(struct vw_captured *c)
{
    if (!c)
        return;
    vw_tcp_destroy(c->tcp);
    vw_talk_destroy(c->heard.talk);
    vw_packets_finish(&c->packets);
    vw_bytes_text_finish(&c->text);
    vw_buf_finish(&c->first);
    vw_buf_finish(&c->bytes);
    free(c);
}

const struct vw_tcp_lost *vw_captured_lost(const struct vw_captured *c)
{
    return vw_tcp_lost(c->tcp);
}
