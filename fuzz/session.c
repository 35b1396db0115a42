// SPDX-License-Identifier: MIT
// Fuzz target: the mock daemon against a client that lies. The first byte chooses the listener
// (open to all, behind a gate, read-only) and whether the client opens the connection first; the
// rest is a script of what it sends. Daemon, loop and dispatch are the real ones, over a socket
// pair.
//
// Oracles: each call is answered once, with its own program, version, procedure and serial, and
// nothing else is; results are canonical XDR of their type, errors an error structure; before
// authentication and before the open only those calls succeed that may; PONGs answer PINGs, events
// come to who registered, stream packets on open streams; memory in proportion to the bytes; behind
// the end of file the daemon lets go.
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testing/failalloc.h"
#include "fuzz/maker.h"
#include "mock-daemon/daemon.h"
#include "schema/facts.h"

#define SCRIPT_MAX      4096
#define BYTES_MAX       ((size_t)16 << 10) /* that are sent in all */
#define FRAMES_MAX      (BYTES_MAX / VW_PREFIX_BYTES + 1)
#define PIECES_MAX      48 /* small ones in a row: each takes five system calls */
#define STEPS_MAX       100000
#define MEMORY_PER_BYTE 64
#define MEMORY_BESIDE   (1u << 20)
#define KEEPALIVE       0x6b656570u

enum op { SEND_KNOWN, SEND_ANY, PACKET, HOLE, ALIVE, RAW, BEND, CUT, AGAIN, CHUNK, RUN, OPS };

struct frame {
    struct vw_header header;
    bool answered;
    bool stream; /* opened by it, and not over */
};

/* One connection: what was sent as the daemon sees it, and what it has said. */
struct peer {
    struct vw_script script;
    struct vw_maker maker;
    struct vw_buf out; /* not sent yet */
    size_t chunk;
    int fd;
    bool closed, gated;
    uint32_t serial;
    size_t sent, received;
    struct vw_reader ours, theirs;
    bool lost; /* what the daemon takes for a message cannot be told any more */
    struct frame frames[FRAMES_MAX];
    size_t n_frames, first_open; /* all before this one are answered */
    unsigned pings, pongs, registered;
    bool opened;
};

static bool tell; /* what is sent, on stdout: VW_FUZZ_SENT is set */
static struct vw_daemon daemon_;
static struct ev_loop *loop;
static struct vw_listener listeners[] = {
    {.fd = -1, .unix_socket = true, .auth = VW_CONFIG_AUTH_NONE},
    {.fd = -1, .unix_socket = true, .auth = VW_CONFIG_AUTH_POLKIT},
    {.fd = -1, .unix_socket = true, .auth = VW_CONFIG_AUTH_NONE, .read_only = true},
    {.fd = -1, .unix_socket = false, .auth = VW_CONFIG_AUTH_NONE},
};

static void start_daemon(void)
{
    static struct vw_config config;
    const struct vw_daemon_options o = {.config = &config};
    struct vw_error err = VW_ERROR_INIT;
    if (loop)
        return;
    tell = getenv("VW_FUZZ_SENT") != NULL;
    loop = ev_loop_new(EVFLAG_AUTO);
    VW_FUZZ_REQUIRE(loop && vw_config_init(&config, &err) == 0 &&
                        vw_daemon_init(&daemon_, loop, &o, &err) == 0,
                    "daemon", "%s", err.text);
    config.peer_uid = 1000; /* root would be let in by AUTH_LIST itself */
    config.main.keepalive_interval = -1;
    vw_fuzz_compile_all();
}

/* ---- what the daemon says ---- */

static const struct vw_proc *proc_of(const struct vw_header *h)
{
    const struct vw_schema *schema = daemon_.profile->schema;
    const struct vw_program *p = vw_schema_program(schema, h->program, h->version);
    return p ? vw_program_proc(p, h->procedure) : NULL;
}

static bool same_call(const struct vw_header *a, const struct vw_header *b)
{
    return a->serial == b->serial && a->procedure == b->procedure && a->program == b->program &&
           a->version == b->version;
}

static void check_canonical(const struct vw_type *t, const struct vw_frame *f, const char *what)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_findings found = {0};
    struct vw_error err = VW_ERROR_INIT;
    size_t used = 0;
    int rc =
        t ? vw_xdr_check(t, f->body, f->body_len, VW_STRICT_ALL, &arena, &found, &used, &err) : 0;
    VW_FUZZ_REQUIRE(rc == 0 && found.count == 0 && used == f->body_len, "canonical",
                    "%s: %s, %zu of %zu bytes", what, err.text, used, f->body_len);
    vw_arena_finish(&arena);
}

static void check_error(const struct vw_frame *f)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_remote_error e;
    size_t used = 0;
    int rc = vw_remote_error_decode(f->body, f->body_len, 4194304, &arena, &e, &used, NULL);
    VW_FUZZ_REQUIRE(rc == 0 && used == f->body_len && e.message && e.message[0], "error",
                    "procedure %d: no error structure", f->header.procedure);
    vw_arena_finish(&arena);
}

static bool starts(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

/* What may succeed on a connection that is not authenticated, or not open (A-2, C-3, C-6). */
static void check_gate(const struct peer *p, const struct vw_proc *proc)
{
    const char *name = vw_proc_today(proc);
    VW_FUZZ_REQUIRE(!p->gated || starts(name, "auth_"), "gate",
                    "%s succeeds without authentication", name);
    VW_FUZZ_REQUIRE(p->opened || starts(name, "auth_") || starts(name, "connect_open") ||
                        starts(name, "connect_close") || starts(name, "connect_supports_feature"),
                    "gate", "%s succeeds without open", name);
}

static void take_result(struct peer *p, struct frame *call, const struct vw_frame *f)
{
    const struct vw_proc *proc = proc_of(&f->header);
    VW_FUZZ_REQUIRE(proc && proc->kind == VW_PROC_CALL, "procedure", "%d succeeds",
                    f->header.procedure);
    check_gate(p, proc);
    check_canonical(proc->ret, f, proc->name);
    const char *name = vw_proc_today(proc);
    p->gated = p->gated && strcmp(name, "auth_polkit") != 0;
    p->opened = p->opened || strcmp(name, "connect_open") == 0;
    p->registered += strstr(name, "register") != NULL;
    call->stream = proc->readstream || proc->writestream;
}

static void take_reply(struct peer *p, const struct vw_frame *f)
{
    size_t i = p->first_open;
    while (i < p->n_frames &&
           (p->frames[i].answered || !same_call(&p->frames[i].header, &f->header)))
        i++;
    VW_FUZZ_REQUIRE(i < p->n_frames, "no-call", "a reply to procedure %d, serial %u",
                    f->header.procedure, f->header.serial);
    p->frames[i].answered = true;
    while (p->first_open < p->n_frames && p->frames[p->first_open].answered)
        p->first_open++;
    if (f->header.status == VW_MSG_OK)
        take_result(p, &p->frames[i], f);
    else if (f->header.status == VW_MSG_ERROR)
        check_error(f);
    else
        vw_fuzz_fail("status", "a reply has status %d", f->header.status);
}

static void take_packet(struct peer *p, const struct vw_frame *f)
{
    size_t i = 0;
    while (i < p->n_frames && !(p->frames[i].stream && same_call(&p->frames[i].header, &f->header)))
        i++;
    VW_FUZZ_REQUIRE(i < p->n_frames, "stream", "a packet with serial %u, which has no stream",
                    f->header.serial);
    if (f->header.status == VW_MSG_ERROR)
        check_error(f);
    if (f->header.status != VW_MSG_CONTINUE)
        p->frames[i].stream = false;
}

static void take_message(struct peer *p, const struct vw_frame *f)
{
    const struct vw_proc *proc = proc_of(&f->header);
    VW_FUZZ_REQUIRE(proc && proc->kind == VW_PROC_EVENT && f->header.status == VW_MSG_OK, "event",
                    "number %d of 0x%08x", f->header.procedure, f->header.program);
    if (f->header.program == KEEPALIVE) {
        VW_FUZZ_REQUIRE(f->header.procedure == 2 && ++p->pongs <= p->pings, "pong",
                        "number %d, %u PONGs to %u PINGs", f->header.procedure, p->pongs, p->pings);
        return;
    }
    VW_FUZZ_REQUIRE(p->registered && f->header.serial == 1, "event", "%s, serial %u, registered %u",
                    proc->name, f->header.serial, p->registered);
    check_canonical(proc->args, f, proc->name);
}

static void take_frame(struct peer *p, const struct vw_frame *f)
{
    switch (f->header.type) {
    case VW_MSG_REPLY:
        take_reply(p, f);
        return;
    case VW_MSG_STREAM:
        take_packet(p, f);
        return;
    case VW_MSG_MESSAGE:
        take_message(p, f);
        return;
    default:
        vw_fuzz_fail("type", "a server sends type %d", f->header.type);
    }
}

/* True when something came. */
static bool receive(struct peer *p)
{
    uint8_t bytes[16384];
    struct vw_error err = VW_ERROR_INIT;
    struct vw_frame f;
    ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);
    p->closed = p->closed || n == 0 || (n < 0 && errno != EAGAIN);
    if (n <= 0)
        return false;
    p->received += (size_t)n;
    VW_FUZZ_REQUIRE(vw_reader_feed(&p->theirs, bytes, (size_t)n) == 0, "feed", "out of memory");
    for (int rc; (rc = vw_reader_next(&p->theirs, &f, &err)) != 0;) {
        VW_FUZZ_REQUIRE(rc > 0, "framing", "%s", err.text);
        if (!p->lost)
            take_frame(p, &f);
    }
    return true;
}

/* Whether the daemon still has to read what was sent. */
static bool unread(const struct peer *p)
{
    int bytes = 0;
    return !p->closed && ioctl(p->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

/* Whether a connection waits for its next turn. */
static bool has_more(void)
{
    const struct vw_conn *c;
    TAILQ_FOREACH(c, &daemon_.conns, link)
    if (ev_is_active(&c->timer) && c->armed_ms <= vw_now_ms())
        return true;
    return false;
}

static void work(struct peer *p)
{
    for (int step = 0;; step++) {
        ev_run(loop, EVRUN_NOWAIT);
        if (!receive(p) && !unread(p) && !has_more())
            return;
        VW_FUZZ_REQUIRE(step < STEPS_MAX, "stuck", "the daemon does not read");
    }
}

/* ---- what the client sends ---- */

/* The messages in what was sent, as the daemon must see them. */
static void note_frames(struct peer *p, const uint8_t *bytes, size_t len)
{
    struct vw_frame f;
    if (p->lost || vw_reader_feed(&p->ours, bytes, len)) {
        p->lost = true;
        return;
    }
    while (vw_reader_next(&p->ours, &f, NULL) > 0 && p->n_frames < FRAMES_MAX) {
        const struct vw_header *h = &f.header;
        bool alive = h->type == VW_MSG_MESSAGE && h->program == KEEPALIVE;
        p->pings += alive && h->procedure == 1;
        /* Nothing else is answered (D-6, D-7, K-1). */
        bool call = h->type == VW_MSG_CALL || h->type == VW_MSG_CALL_WITH_FDS;
        p->frames[p->n_frames++] = (struct frame){.header = *h, .answered = !call};
        /* Bytes for descriptors follow, which are no message; the daemon closes for want of them.
         */
        if (h->type == VW_MSG_CALL_WITH_FDS && f.body_len >= 4 && vw_load32(f.body) > 0)
            p->lost = true;
    }
}

/* For fuzz/promote, which makes a case of it. */
static void tell_sent(const uint8_t *bytes, size_t len)
{
    fputs("sent ", stdout);
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
    fflush(stdout);
}

static void run(struct peer *p)
{
    size_t at = 0;
    for (int step = 0; at < p->out.len && !p->closed; step++) {
        size_t n = p->out.len - at;
        n = p->chunk && p->chunk < n && step < PIECES_MAX ? p->chunk : n;
        ssize_t sent = send(p->fd, p->out.data + at, n, MSG_NOSIGNAL);
        VW_FUZZ_REQUIRE(step < STEPS_MAX, "stuck", "%zu bytes are not taken", p->out.len - at);
        if (sent > 0) {
            if (tell)
                tell_sent(p->out.data + at, (size_t)sent);
            note_frames(p, p->out.data + at, (size_t)sent);
            at += (size_t)sent;
        } else if (errno != EAGAIN) {
            break;
        }
        work(p);
    }
    p->out.len = 0;
    work(p);
    size_t bytes = p->sent + p->received, peak = vw_failalloc_stats().peak;
    VW_FUZZ_REQUIRE(peak <= MEMORY_PER_BYTE * bytes + MEMORY_BESIDE, "memory",
                    "%zu bytes of memory after %zu of messages", peak, bytes);
    for (size_t i = p->first_open; i < p->n_frames && !p->closed && !p->lost; i++)
        VW_FUZZ_REQUIRE(p->frames[i].answered || p->frames[i].header.type != VW_MSG_CALL, "answer",
                        "procedure %d of 0x%08x, serial %u is not answered",
                        p->frames[i].header.procedure, p->frames[i].header.program,
                        p->frames[i].header.serial);
}

static void queue(struct peer *p)
{
    const struct vw_buf *b = &p->maker.message;
    if (p->sent + b->len > BYTES_MAX || vw_buf_append(&p->out, b->data, b->len))
        return;
    p->sent += b->len;
}

static void send_call(struct peer *p, const struct vw_proc *proc)
{
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .serial = p->serial++};
    unsigned how = vw_script_byte(&p->script);
    if (!vw_maker_begin(&p->maker, &h, VW_MSG_CALL, VW_MSG_OK) ||
        !vw_maker_value(&p->maker, proc->args, how))
        return;
    vw_maker_end(&p->maker);
    queue(p);
}

static const struct vw_proc *known(unsigned which)
{
    static const char *const names[] = {"connect_open",
                                        "auth_list",
                                        "auth_polkit",
                                        "connect_supports_feature",
                                        "connect_get_type",
                                        "connect_list_all_domains",
                                        "domain_lookup_by_name",
                                        "domain_get_xml_desc",
                                        "domain_screenshot",
                                        "domain_suspend",
                                        "domain_resume",
                                        "domain_destroy",
                                        "domain_create",
                                        "connect_domain_event_register_any",
                                        "connect_domain_event_callback_register_any",
                                        "connect_domain_event_callback_deregister_any",
                                        "connect_get_hostname",
                                        "domain_get_info",
                                        "connect_get_capabilities",
                                        "connect_domain_event_register",
                                        "connect_close",
                                        "connect_list_domains",
                                        "domain_get_state",
                                        "connect_register_close_callback"};
    static const struct vw_proc *procs[sizeof(names) / sizeof(names[0])];
    size_t i = which % (sizeof(names) / sizeof(names[0]));
    if (!procs[i])
        procs[i] = vw_schema_proc(daemon_.profile->schema, names[i]);
    VW_FUZZ_REQUIRE(procs[i], "profile", "%s is not known", names[i]);
    return procs[i];
}

static const struct vw_proc *any(unsigned which)
{
    size_t n;
    const struct vw_program *const *list = vw_schema_programs(daemon_.profile->schema, &n);
    for (size_t i = 0;; i = (i + 1) % n) {
        if (which < list[i]->n_procs)
            return &list[i]->procs[which];
        which -= list[i]->n_procs;
    }
}

/* A message about a call that was made; operands CALL and what it needs. */
static void about_call(struct peer *p, enum op op)
{
    unsigned which = vw_script_byte(&p->script), a = vw_script_byte(&p->script);
    uint8_t body[256] = {0};
    if (p->n_frames == 0)
        return;
    const struct vw_header *h = &p->frames[which % p->n_frames].header;
    size_t len = op == HOLE ? 12 : vw_script_byte(&p->script);
    if (op == HOLE)
        vw_store32(body + 4, vw_bent(4096, a));
    if (!vw_maker_begin(&p->maker, h, op == HOLE ? VW_MSG_STREAM_HOLE : VW_MSG_STREAM,
                        op == HOLE ? VW_MSG_CONTINUE : (int32_t)a % 4) ||
        !vw_maker_bytes(&p->maker, body, len))
        return;
    vw_maker_end(&p->maker);
    queue(p);
}

static void send_alive(struct peer *p)
{
    const struct vw_header h = {
        .program = KEEPALIVE, .version = 1, .procedure = (int32_t)vw_script_byte(&p->script)};
    if (!vw_maker_begin(&p->maker, &h, VW_MSG_MESSAGE, VW_MSG_OK))
        return;
    vw_maker_end(&p->maker);
    queue(p);
}

static void do_op(struct peer *p, enum op op)
{
    switch (op) {
    case SEND_KNOWN:
        send_call(p, known(vw_script_byte(&p->script)));
        return;
    case SEND_ANY:
        send_call(p, any(vw_script_byte(&p->script) * 256 + vw_script_byte(&p->script)));
        return;
    case ALIVE:
        send_alive(p);
        return;
    case RAW:
        if (vw_maker_raw(&p->maker))
            queue(p);
        return;
    case BEND:
        vw_maker_bend(&p->maker);
        return;
    case CUT:
        p->maker.cut = vw_script_byte(&p->script);
        return;
    case AGAIN:
        for (unsigned n = vw_script_byte(&p->script); n > 0; n--)
            queue(p);
        return;
    case CHUNK:
        p->chunk = vw_script_byte(&p->script);
        return;
    case RUN:
        run(p);
        return;
    default:
        about_call(p, op);
        return;
    }
}

static void open_first(struct peer *p)
{
    static const uint8_t test[] = "\0\0\0\1\0\0\0\17test:///default\0\0\0\0\0";
    const struct vw_header h = {.program = known(0)->program->number,
                                .version = 1,
                                .procedure = known(0)->number,
                                .serial = p->serial++};
    if (vw_maker_begin(&p->maker, &h, VW_MSG_CALL, VW_MSG_OK) &&
        vw_maker_bytes(&p->maker, test, sizeof(test) - 1)) {
        vw_maker_end(&p->maker);
        queue(p);
    }
    run(p);
    VW_FUZZ_REQUIRE(p->opened || p->gated, "open", "the connection is not open");
}

/* ---- one run ---- */

static void finish(struct peer *p)
{
    run(p);
    shutdown(p->fd, SHUT_WR);
    work(p);
    work(p);
    VW_FUZZ_REQUIRE(p->closed, "end", "the daemon holds the connection behind its end");
    VW_FUZZ_REQUIRE(TAILQ_EMPTY(&daemon_.conns), "end", "a connection is left");
    ev_run(loop, EVRUN_NOWAIT);
    close(p->fd);
    vw_reader_finish(&p->ours);
    vw_reader_finish(&p->theirs);
    vw_maker_finish(&p->maker);
    vw_buf_finish(&p->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct peer p; /* too large for the stack of some */
    struct vw_limits limits;
    int fds[2];
    if (size == 0 || size > SCRIPT_MAX)
        return 0;
    start_daemon();
    size_t n_frames = p.n_frames;
    memset(p.frames, 0, n_frames * sizeof(p.frames[0]));
    memset(&p, 0, offsetof(struct peer, frames));
    memset(&p.n_frames, 0, sizeof(p) - offsetof(struct peer, n_frames));
    p.script = (struct vw_script){data + 1, size - 1};
    p.maker.script = &p.script;
    p.gated = (data[0] & 3) == 1;
    vw_limits_from_profile(daemon_.profile, &limits);
    vw_reader_init(&p.ours, &limits);
    vw_reader_init(&p.theirs, &limits);
    VW_FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0,
                    "socket", "%s", strerror(errno));
    p.fd = fds[0];
    vw_failalloc_reset();
    VW_FUZZ_REQUIRE(vw_daemon_serve(&daemon_, &listeners[data[0] & 3], fds[1], NULL) == 0, "create",
                    "no connection");
    if (data[0] & 4)
        open_first(&p);
    while (p.script.left)
        do_op(&p, (enum op)(vw_script_byte(&p.script) % OPS));
    finish(&p);
    return 0;
}
