// SPDX-License-Identifier: MIT
// Fuzz target: the client against a server that lies, both in memory and in a time of their own.
// The first byte chooses how the client is used, the rest is a script: what the server does (see
// hostile.h) and what the client does, in turn. While the client blocks the server's part goes on,
// and when that comes to an end the time passes.
//
// Oracles: each call ends once, with an answer that is its own or an error that says why; calls
// with a deadline end at it, all others with the connection, and streams too; no callback after
// destroy; memory in proportion to the bytes; what waits to be written does not grow by what the
// server sends; no spinning; no descriptor lost.
#include <string.h>
#include <unistd.h>
#include <virwire/stream.h>

#include "base/testing/failalloc.h"
#include "client/below.h"
#include "fuzz/hostile.h"
#include "xdr/values.h"

#define CALLS_MAX       64
#define TIMEOUT_MS      30000
#define SCRIPT_MAX      4096
#define MEMORY_PER_BYTE 64
#define MEMORY_BESIDE   (256u << 10)
#define QUEUE_MAX       256         /* of a stream: small, so that some get full */
#define PONGS_MAX       (68u << 10) /* bytes of answers to PINGs that may wait, and our own PINGs */

struct run;

struct call {
    struct run *run;
    const struct vw_proc *proc;
    uint32_t serial;
    int64_t deadline;
    bool ended;
    struct vw_stream *stream;
};

struct run {
    struct vw_hostile server; /* first */
    struct vw_memory memory;
    struct vw_script script;
    struct vw_client *client;
    unsigned behaviour;
    struct call calls[CALLS_MAX];
    size_t n_calls;
    size_t queued; /* bytes that the client was asked to send */
    bool closed;   /* VW_EVENT_CLOSED has come */
    bool destroyed;
};

/* ---- calls that are made ---- */

struct known {
    const struct vw_proc *proc;
    void *args;
};

static const struct known *known_call(unsigned which)
{
    static const char *const names[] = {"connect_get_type",
                                        "domain_screenshot",
                                        "storage_vol_upload",
                                        "domain_lookup_by_name",
                                        "connect_list_all_domains",
                                        "storage_vol_download",
                                        "domain_open_console",
                                        "auth_list",
                                        "domain_migrate_prepare_tunnel",
                                        "domain_get_xml_desc",
                                        "domain_open_graphics_fd",
                                        "qemu.domain_monitor_command",
                                        "lxc.domain_open_namespace",
                                        "admin.connect_list_servers",
                                        "connect_get_all_domain_stats",
                                        "log.domain_open_log_file"};
    static struct known known[sizeof(names) / sizeof(names[0])];
    static struct vw_arena arena = VW_ARENA_INIT;
    const size_t n = sizeof(names) / sizeof(names[0]);
    for (size_t i = 0; i < n && !known[n - 1].proc; i++) {
        known[i].proc = vw_schema_proc(vw_fuzz_profile()->schema, names[i]);
        VW_FUZZ_REQUIRE(known[i].proc, "profile", "%s is not known", names[i]);
        if (known[i].proc->args)
            vw_value_minimal(known[i].proc->args, &arena, &known[i].args, NULL);
    }
    return &known[which % n];
}

/* ---- what the client tells ---- */

static void submit(struct run *r, const struct known *what, unsigned tenths);

static void check_reply(const struct call *call, const struct vw_event *ev)
{
    const struct vw_proc *p = call->proc;
    VW_FUZZ_REQUIRE(ev->header.program == p->program->number && ev->header.procedure == p->number,
                    "own-answer", "%s is answered with procedure %d", p->name,
                    ev->header.procedure);
    VW_FUZZ_REQUIRE(!p->ret == !ev->value, "value", "%s: value is missing or too much", p->name);
    VW_FUZZ_REQUIRE(!ev->stream || p->readstream || p->writestream, "stream", "%s opens a stream",
                    p->name);
}

static void check_error(const struct call *call, const struct vw_event *ev)
{
    VW_FUZZ_REQUIRE(!ev->local || (ev->text[0] && ev->error.message), "says-why",
                    "%s fails without a reason", call->proc->name);
    VW_FUZZ_REQUIRE(!ev->local || !ev->length || ev->clause[0], "says-clause", "%s: %s",
                    call->proc->name, ev->text);
}

static void on_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct call *call = user;
    struct run *r = call->run;
    VW_FUZZ_REQUIRE(!r->destroyed, "destroyed", "a callback after the client is gone");
    VW_FUZZ_REQUIRE(!call->ended, "once", "%s ends twice", call->proc->name);
    VW_FUZZ_REQUIRE(ev->header.serial == call->serial, "own-answer", "serial %u instead of %u",
                    ev->header.serial, call->serial);
    call->ended = true;
    if (ev->kind == VW_EVENT_REPLY)
        check_reply(call, ev);
    else if (ev->kind == VW_EVENT_ERROR)
        check_error(call, ev);
    else
        vw_fuzz_fail("kind", "a call ends with %s", vw_event_kind_name(ev->kind));
    enum vw_stream_state state =
        call->stream ? vw_stream_get_state(call->stream) : VW_STREAM_IS_LOST;
    VW_FUZZ_REQUIRE(state == VW_STREAM_IS_OPEN ? ev->stream : state == VW_STREAM_IS_LOST, "stream",
                    "%s: the stream is not as its call", call->proc->name);
    if (state == VW_STREAM_IS_OPEN && (r->behaviour & VW_CLIENT_END_STREAMS))
        vw_stream_ask_finish(call->stream, NULL);
    if (r->behaviour & VW_CLIENT_SUBMIT_AGAIN)
        submit(r, known_call(call->serial + 1), 50);
}

/* Takes what there is. */
static void drain(struct call *call)
{
    struct vw_stream_item item;
    struct vw_error err = VW_ERROR_INIT;
    int rc;
    while ((rc = vw_stream_take(call->stream, &item, &err)) == 1 && item.kind != VW_ITEM_END) {
        VW_FUZZ_REQUIRE(item.kind == VW_ITEM_DATA ? item.len > 0 : item.hole >= 0, "item",
                        "an item of nothing");
    }
    VW_FUZZ_REQUIRE(rc >= 0 || err.text[0], "says-why", "a stream ends without a reason");
}

static void on_ready(void *user, struct vw_stream *st)
{
    struct call *call = user;
    VW_FUZZ_REQUIRE(!call->run->destroyed, "destroyed", "a stream after the client is gone");
    if (call->run->behaviour & VW_CLIENT_END_STREAMS)
        drain(call);
}

static void on_event(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct run *r = user;
    VW_FUZZ_REQUIRE(!r->destroyed && !r->closed, "end", "%s behind the end",
                    vw_event_kind_name(ev->kind));
    switch (ev->kind) {
    case VW_EVENT_CLOSED:
        r->closed = true;
        VW_FUZZ_REQUIRE(ev->text[0], "says-why", "the connection ends without a reason");
        break;
    case VW_EVENT_VIOLATION:
        VW_FUZZ_REQUIRE(ev->text[0] && ev->clause[0], "says-clause", "a violation of '%s': %s",
                        ev->clause, ev->text);
        break;
    case VW_EVENT_MESSAGE:
        VW_FUZZ_REQUIRE(ev->proc && ev->proc->kind == VW_PROC_EVENT, "event", "no event");
        break;
    default:
        vw_fuzz_fail("stream", "%s for nobody", vw_event_kind_name(ev->kind));
    }
}

/* ---- what the client does ---- */

static void check_bounds(const struct run *r)
{
    size_t bytes = r->memory.received + r->memory.taken + r->queued;
    size_t peak = vw_failalloc_stats().peak;
    VW_FUZZ_REQUIRE(peak <= MEMORY_PER_BYTE * bytes + MEMORY_BESIDE, "memory",
                    "%zu bytes of memory after %zu of messages", peak, bytes);
    size_t waits = vw_session_output_pending(vw_client_session(r->client));
    VW_FUZZ_REQUIRE(waits <= r->queued + PONGS_MAX, "output", "%zu bytes wait, %zu were asked for",
                    waits, r->queued);
}

static void check_result(int rc, const struct vw_error *err)
{
    VW_FUZZ_REQUIRE(rc >= 0 || err->text[0], "says-why", "%s without a reason", vw_status_name(rc));
    VW_FUZZ_REQUIRE(rc != VW_EPROTOCOL || err->clause[0], "says-clause", "%s", err->text);
    VW_FUZZ_REQUIRE(rc >= 0 || rc == VW_EREMOTE || rc == VW_EPROTOCOL || rc == VW_ECLOSED ||
                        rc == VW_ETIMEOUT || rc == VW_ENOMEM || rc == VW_ELIMIT,
                    "code", "%s: %s", vw_status_name(rc), err->text);
}

static size_t waiting(const struct run *r)
{
    return vw_session_output_pending(vw_client_session(r->client));
}

static void submit(struct run *r, const struct known *what, unsigned tenths)
{
    if (r->n_calls == CALLS_MAX)
        return;
    struct call *call = &r->calls[r->n_calls];
    size_t before = waiting(r);
    *call = (struct call){.run = r, .proc = what->proc, .deadline = INT64_MAX};
    if (tenths)
        call->deadline = vw_memory_now() + tenths * 100;
    struct vw_error err = VW_ERROR_INIT;
    int rc;
    if (what->proc->readstream || what->proc->writestream) {
        const struct vw_stream_options o = {VW_STREAM_OPTIONS_INIT, .max_queue = QUEUE_MAX,
                                            .ready = on_ready, .user = call};
        rc = vw_stream_submit(
            r->client,
            &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = what->proc,
                                          .args = what->args, .deadline_ms = call->deadline,
                                          .done = on_done, .user = call, .stream = &o},
            &call->stream, &err);
        call->serial = rc ? 0 : vw_stream_serial(call->stream);
    } else {
        rc = vw_client_submit(r->client,
                              &(const struct vw_submission){
                                  VW_SUBMISSION_INIT, .proc = what->proc, .args = what->args,
                                  .deadline_ms = call->deadline, .done = on_done, .user = call},
                              &call->serial, &err);
    }
    check_result(rc, &err);
    r->n_calls += rc == 0;
    r->queued += waiting(r) - before;
}

static void call_blocking(struct run *r, const struct known *what)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    void *ret = NULL;
    r->queued += 4096;
    int rc = vw_client_call(r->client, what->proc, what->args, &arena, &ret, &err);
    check_result(rc, &err);
    VW_FUZZ_REQUIRE(rc < 0 || !what->proc->ret == !ret, "value", "%s", what->proc->name);
    vw_arena_finish(&arena);
}

static void use_stream(struct run *r)
{
    static const uint8_t data[256];
    unsigned which = vw_script_byte(&r->script), how = vw_script_byte(&r->script);
    size_t before = waiting(r);
    struct call *call = r->n_calls ? &r->calls[which % r->n_calls] : NULL;
    if (!call || !call->stream)
        return;
    r->queued += 512;
    if (how < 128)
        vw_stream_send(call->stream, data, how, NULL);
    else if (how % 4 == 0)
        drain(call);
    else if (how % 4 == 1)
        vw_stream_ask_finish(call->stream, NULL);
    else if (how % 4 == 2)
        vw_stream_ask_abort(call->stream, NULL);
    else
        vw_stream_send_hole(call->stream, how, NULL);
    if (waiting(r) > before)
        r->queued += waiting(r) - before;
}

static void process(struct run *r)
{
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_client_process(r->client, &err);
    check_result(rc, &err);
}

static void client_does(struct run *r, enum vw_client_op op)
{
    struct vw_error err = VW_ERROR_INIT;
    unsigned a = op == VW_CLIENT_PROCESS || op == VW_CLIENT_STREAM ? 0 : vw_script_byte(&r->script);
    switch (op) {
    case VW_CLIENT_SUBMIT:
        submit(r, known_call(a), vw_script_byte(&r->script));
        break;
    case VW_CLIENT_WAIT:
        check_result(vw_client_wait(r->client, vw_memory_now() + a * 100, &err), &err);
        break;
    case VW_CLIENT_CALL:
        call_blocking(r, known_call(a));
        break;
    case VW_CLIENT_STREAM:
        use_stream(r);
        break;
    case VW_CLIENT_SERIAL:
        vw_session_set_serial(vw_client_session(r->client), a - 128u);
        break;
    case VW_CLIENT_NO_MEMORY: /* what comes next meets it */
        vw_failalloc_set(a);
        return;
    default:
        process(r);
        break;
    }
    vw_failalloc_set(0);
    check_bounds(r);
}

/* ---- the script ---- */

static unsigned next_op(struct run *r)
{
    return vw_script_byte(&r->script) % (VW_CLIENT_OPS);
}

/* While the client waits: up to the next thing that it has to do itself. */
static bool turn(void *user, struct vw_memory *m)
{
    struct run *r = user;
    struct vw_script before = r->script;
    if (r->script.left == 0)
        return false;
    unsigned op = next_op(r);
    if (op >= VW_HOSTILE_OPS) {
        r->script = before;
        return false;
    }
    vw_hostile_do(&r->server, (enum vw_hostile_op)op);
    return true;
}

static void play(struct run *r)
{
    while (r->script.left) {
        unsigned op = next_op(r);
        if (op < VW_HOSTILE_OPS)
            vw_hostile_do(&r->server, (enum vw_hostile_op)op);
        else
            client_does(r, (enum vw_client_op)op);
    }
}

/* ---- the end ---- */

static void all_ended(const struct run *r, int64_t deadline, const char *when)
{
    for (size_t i = 0; i < r->n_calls; i++)
        VW_FUZZ_REQUIRE(r->calls[i].ended || r->calls[i].deadline > deadline, "ends",
                        "%s with serial %u has not ended %s", r->calls[i].proc->name,
                        r->calls[i].serial, when);
}

static void drain_all(struct run *r)
{
    for (size_t i = 0; i < r->n_calls; i++)
        if (r->calls[i].stream)
            drain(&r->calls[i]);
}

static void streams_ended(struct run *r)
{
    for (size_t i = 0; i < r->n_calls; i++) {
        struct vw_stream *st = r->calls[i].stream;
        VW_FUZZ_REQUIRE(!st || vw_stream_get_state(st) >= VW_STREAM_IS_DONE, "ends",
                        "a stream has not ended with the connection");
        vw_stream_destroy(st);
    }
}

static void end_of_file(struct run *r)
{
    /* Small queues get full again and again by what has long been read. */
    size_t reads = r->memory.received + 16;
    r->memory.closed = true;
    r->behaviour &= ~(unsigned)VW_CLIENT_SUBMIT_AGAIN;
    for (size_t i = 0; i < reads && !r->closed; i++) {
        drain_all(r);
        process(r);
    }
    VW_FUZZ_REQUIRE(r->closed, "ends", "the end of the connection is not seen");
    all_ended(r, INT64_MAX, "with the connection");
}

static void stall(struct run *r)
{
    r->behaviour &= ~(unsigned)VW_CLIENT_SUBMIT_AGAIN;
    vw_memory_pass(100000);
    process(r);
    process(r); /* memory may have run out at the first */
    all_ended(r, vw_memory_now(), "at its deadline");
}

static void end(struct run *r)
{
    struct vw_error err = VW_ERROR_INIT;
    switch (r->behaviour >> VW_CLIENT_END_SHIFT & 3) {
    case 0:
        end_of_file(r);
        break;
    case 1:
        stall(r);
        break;
    case 2:
        check_result(vw_client_close(r->client, &err), &err);
        break;
    default:
        break;
    }
    check_bounds(r);
}

/* ---- one run ---- */

static bool start(struct run *r)
{
    const struct vw_client_options o = {
        VW_CLIENT_OPTIONS_INIT,
        .profile = vw_fuzz_profile(),
        .no_auth = !(r->behaviour & VW_CLIENT_OPENING),
        .no_open = !(r->behaviour & VW_CLIENT_OPENING),
        .timeout_ms = TIMEOUT_MS,
        .keepalive_interval_ms = r->behaviour & VW_CLIENT_KEEPALIVE ? 1000 : 0,
        .keepalive_count = 2,
        .open_name = "test:///default",
        .on_event = on_event,
        .user = r,
    };
    struct vw_error err = VW_ERROR_INIT;
    vw_memory_init(&r->memory, r->behaviour & VW_CLIENT_WITH_FDS ? VW_CAP_FDS : 0);
    vw_hostile_init(&r->server, &r->memory, &r->script);
    r->memory.turn = turn;
    int rc = vw_client_open_transport(&r->memory.transport, &o, &r->client, &err);
    VW_FUZZ_REQUIRE(rc == 0 || err.text[0], "says-why", "%s without a reason", vw_status_name(rc));
    if (rc)
        return false;
    if (r->behaviour & VW_CLIENT_KEEPALIVE)
        vw_session_keepalive_start(vw_client_session(r->client));
    return true;
}

/* The number that the next descriptor gets. */
static int next_fd(void)
{
    int fd = vw_hostile_fd();
    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > SCRIPT_MAX)
        return 0;
    struct run r = {.script = {data + 1, size - 1}, .behaviour = data[0]};
    vw_fuzz_compile_all();
    known_call(0);
    int fd = r.behaviour & VW_CLIENT_WITH_FDS ? next_fd() : 0;
    vw_failalloc_reset();
    if (start(&r)) {
        play(&r);
        end(&r);
        vw_client_destroy(r.client);
        vw_failalloc_set(0);
        all_ended(&r, INT64_MAX, "with the client");
        r.destroyed = true;
        streams_ended(&r);
    }
    r.destroyed = true;
    VW_FUZZ_REQUIRE(!r.memory.open, "close", "the transport is still open");
    vw_hostile_finish(&r.server);
    vw_memory_finish(&r.memory);
    VW_FUZZ_REQUIRE(!(r.behaviour & VW_CLIENT_WITH_FDS) || fd == next_fd(), "descriptors",
                    "a descriptor is lost");
    return 0;
}
