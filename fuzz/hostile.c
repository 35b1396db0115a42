// SPDX-License-Identifier: MIT
// See hostile.h. When memory runs out a message is not sent: that is the client's matter only.
#include "fuzz/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "session/remote-error.h"

#define BYTES_MAX  ((size_t)192 << 10) /* that are sent in all; a flood ends there */
#define EVENTS_MAX 128

/* ---- what comes ---- */

static void take_message(struct vw_hostile *h, const uint8_t *bytes)
{
    struct vw_header header;
    vw_header_decode(bytes + VW_LENGTH_BYTES, &header);
    if ((header.type == VW_MSG_CALL || header.type == VW_MSG_CALL_WITH_FDS) &&
        h->n_calls < VW_HOSTILE_CALLS)
        h->calls[h->n_calls++] = header;
}

static void take_bytes(void *user, struct vw_memory *m, const uint8_t *bytes, size_t len)
{
    struct vw_hostile *h = user;
    size_t at = 0;
    h->deaf = h->deaf || vw_buf_append(&h->in, bytes, len);
    if (h->deaf)
        return;
    while (h->in.len - at >= VW_PREFIX_BYTES) {
        uint32_t length = vw_load32(h->in.data + at);
        VW_FUZZ_REQUIRE(length >= VW_PREFIX_BYTES && length <= 33554436, "client-framing",
                        "the client sends the length word %u", length);
        if (h->in.len - at < length)
            break;
        take_message(h, h->in.data + at);
        at += length;
    }
    memmove(h->in.data, h->in.data + at, h->in.len - at);
    h->in.len -= at;
}

/* ---- what goes ---- */

static void send(struct vw_hostile *h)
{
    size_t len = h->maker.message.len;
    if (!h->memory->closed && h->memory->received + len <= BYTES_MAX)
        vw_memory_put(h->memory, h->maker.message.data, len);
}

static void finish(struct vw_hostile *h)
{
    vw_maker_end(&h->maker);
    send(h);
}

static bool begin(struct vw_hostile *h, const struct vw_header *header, int32_t type,
                  int32_t status)
{
    return vw_maker_begin(&h->maker, header, type, status);
}

static const struct vw_proc *proc_of(const struct vw_header *h)
{
    const struct vw_schema *schema = vw_fuzz_profile()->schema;
    const struct vw_program *p = vw_schema_program(schema, h->program, h->version);
    return p ? vw_program_proc(p, h->procedure) : NULL;
}

static void reply(struct vw_hostile *h, const struct vw_header *call)
{
    const struct vw_proc *proc = proc_of(call);
    unsigned how = vw_script_byte(h->script);
    if (begin(h, call, VW_MSG_REPLY, VW_MSG_OK) &&
        vw_maker_value(&h->maker, proc ? proc->ret : NULL, how))
        finish(h);
}

static void error(struct vw_hostile *h, const struct vw_header *call, int32_t type, unsigned len)
{
    char text[256];
    const struct vw_remote_error e = {.code = 42, .domain = 12, .level = 2, .message = text};
    memset(text, 'e', len);
    text[len] = '\0';
    if (begin(h, call, type, VW_MSG_ERROR) &&
        vw_remote_error_encode(&e, 4194304, &h->maker.message, NULL) == 0)
        finish(h);
}

static const struct vw_proc *event_of(unsigned which)
{
    static const struct vw_proc *events[EVENTS_MAX];
    static size_t n;
    size_t n_programs;
    const struct vw_program *const *p = vw_schema_programs(vw_fuzz_profile()->schema, &n_programs);
    for (size_t i = 0; i < n_programs && !events[0]; i++)
        for (uint32_t j = 0; j < p[i]->n_procs && n < EVENTS_MAX; j++)
            if (p[i]->procs[j].kind == VW_PROC_EVENT)
                events[n++] = &p[i]->procs[j];
    return events[which % n];
}

static void event(struct vw_hostile *h)
{
    const struct vw_proc *proc = event_of(vw_script_byte(h->script));
    const struct vw_header header = {.program = proc->program->number,
                                     .version = proc->program->version,
                                     .procedure = proc->number,
                                     .serial = 1};
    unsigned how = vw_script_byte(h->script);
    if (begin(h, &header, VW_MSG_MESSAGE, VW_MSG_OK) && vw_maker_value(&h->maker, proc->args, how))
        finish(h);
}

static void stream(struct vw_hostile *h, const struct vw_header *call)
{
    static const uint8_t data[256];
    unsigned status = vw_script_byte(h->script), len = vw_script_byte(h->script);
    if (begin(h, call, VW_MSG_STREAM, status ? (int32_t)status - 1 : VW_MSG_CONTINUE) &&
        vw_maker_bytes(&h->maker, data, len))
        finish(h);
}

static void hole(struct vw_hostile *h, const struct vw_header *call)
{
    uint8_t body[12] = {0};
    vw_store32(body + 4, vw_bent(4096, vw_script_byte(h->script)));
    if (begin(h, call, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE) &&
        vw_maker_bytes(&h->maker, body, sizeof(body)))
        finish(h);
}

static void alive(struct vw_hostile *h)
{
    const struct vw_header header = {
        .program = 0x6b656570, .version = 1, .procedure = (int32_t)vw_script_byte(h->script)};
    if (begin(h, &header, VW_MSG_MESSAGE, VW_MSG_OK))
        finish(h);
}

int vw_hostile_fd(void)
{
    static int null = -1;
    if (null < 0)
        null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fcntl(null, F_DUPFD_CLOEXEC, 0);
}

static void give_fds(struct vw_hostile *h, unsigned n)
{
    struct vw_fds *fds = &h->memory->fds;
    for (unsigned i = 0; i < n && fds->count < sizeof(fds->fd) / sizeof(fds->fd[0]); i++) {
        int fd = vw_hostile_fd();
        if (fd >= 0)
            fds->fd[fds->count++] = fd;
    }
}

static void set_reading(struct vw_hostile *h, unsigned how)
{
    h->memory->send_room = how == 255 ? SIZE_MAX : how;
    h->memory->send_error = how == 254 ? -EPIPE : 0;
}

static void close_it(struct vw_hostile *h, unsigned how)
{
    h->memory->closed = true;
    h->memory->recv_error = how ? -ECONNRESET : 0;
}

static const struct vw_header *call_of(struct vw_hostile *h)
{
    unsigned which = vw_script_byte(h->script);
    return h->n_calls ? &h->calls[which % h->n_calls] : NULL;
}

/* Those that are about a call. */
static void do_call(struct vw_hostile *h, enum vw_hostile_op op)
{
    const struct vw_header *call = call_of(h);
    if (!call)
        return;
    if (op == VW_HOSTILE_REPLY)
        reply(h, call);
    else if (op == VW_HOSTILE_ERROR)
        error(h, call, VW_MSG_REPLY, vw_script_byte(h->script));
    else if (op == VW_HOSTILE_STREAM)
        stream(h, call);
    else if (op == VW_HOSTILE_ABORT)
        error(h, call, VW_MSG_STREAM, 3);
    else
        hole(h, call);
}

void vw_hostile_do(struct vw_hostile *h, enum vw_hostile_op op)
{
    switch (op) {
    case VW_HOSTILE_EVENT:
        event(h);
        return;
    case VW_HOSTILE_ALIVE:
        alive(h);
        return;
    case VW_HOSTILE_RAW:
        if (vw_maker_raw(&h->maker))
            send(h);
        return;
    case VW_HOSTILE_BEND:
        vw_maker_bend(&h->maker);
        return;
    case VW_HOSTILE_CUT:
        h->maker.cut = vw_script_byte(h->script);
        return;
    case VW_HOSTILE_AGAIN:
        for (unsigned n = vw_script_byte(h->script); n > 0; n--)
            send(h);
        return;
    case VW_HOSTILE_CHUNK:
        h->memory->chunk = vw_script_byte(h->script);
        return;
    case VW_HOSTILE_CLOSE:
        close_it(h, vw_script_byte(h->script));
        return;
    case VW_HOSTILE_TIME:
        vw_memory_pass(vw_script_byte(h->script) * 100);
        return;
    case VW_HOSTILE_READ:
        set_reading(h, vw_script_byte(h->script));
        return;
    case VW_HOSTILE_FDS:
        give_fds(h, vw_script_byte(h->script));
        return;
    default:
        do_call(h, op);
        return;
    }
}

void vw_hostile_init(struct vw_hostile *h, struct vw_memory *memory, struct vw_script *script)
{
    *h = (struct vw_hostile){.memory = memory, .script = script, .maker.script = script};
    memory->sent = take_bytes;
    memory->user = h;
}

void vw_hostile_finish(struct vw_hostile *h)
{
    vw_buf_finish(&h->in);
    vw_maker_finish(&h->maker);
}
