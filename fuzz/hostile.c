// SPDX-License-Identifier: MIT
// See hostile.h. When memory runs out a message is not sent: that is the client's matter only.
#include "fuzz/hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "session/remote-error.h"
#include "xdr/values.h"

#define BYTES_MAX   ((size_t)192 << 10) /* that are sent in all; a flood ends there */
#define RANDOM_SIZE 48                  /* hint for random values */
#define EVENTS_MAX  128
#define WORDS_MAX   32 /* that can be bent */

unsigned vw_script_byte(struct vw_script *s)
{
    if (s->left == 0)
        return 0;
    s->left--;
    return *s->at++;
}

/* Numbers at which codecs break, and small differences to WORD. */
static uint32_t bent(uint32_t word, unsigned code)
{
    static const uint32_t edges[] = {
        0,          1,          2,          3,          4,          5,
        6,          7,          8,          23,         24,         27,
        28,         29,         31,         32,         33,         0x7f,
        0x80,       0xff,       0x7fff,     0x10000,    262120,     262144,
        4194304,    4194305,    33554436,   33554437,   0x7fffffff, 0x80000000,
        0xfffffffe, 0xffffffff, 0x20008086, 0x20008087, 0x6b656570, 0x06900690};
    if (code < 128)
        return edges[code % (sizeof(edges) / sizeof(edges[0]))];
    return word + code - 192u;
}

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
    size_t len = h->message.len;
    if (!h->memory->closed && h->memory->received + len <= BYTES_MAX)
        vw_memory_put(h->memory, h->message.data, len);
}

/* The message in h->message gets its length and what the script bends. */
static void finish(struct vw_hostile *h)
{
    struct vw_buf *b = &h->message;
    vw_store32(b->data, (uint32_t)b->len);
    for (size_t i = 0; i < h->n_bends; i++) {
        size_t at = h->bend[i].word * (size_t)4;
        if (at + 4 <= b->len)
            vw_store32(b->data + at, bent(vw_load32(b->data + at), h->bend[i].code));
    }
    h->n_bends = 0;
    if (h->cut && h->cut < b->len)
        b->len = h->cut;
    h->cut = 0;
    send(h);
}

static bool begin(struct vw_hostile *h, const struct vw_header *header, int32_t type,
                  int32_t status)
{
    uint8_t prefix[VW_PREFIX_BYTES] = {0};
    struct vw_header words = *header;
    words.type = type;
    words.status = status;
    vw_header_encode(&words, prefix + VW_LENGTH_BYTES);
    h->message.len = 0;
    return vw_buf_append(&h->message, prefix, sizeof(prefix)) == 0;
}

static bool append_value(struct vw_hostile *h, const struct vw_type *t, unsigned how)
{
    static const uint8_t zeros[512];
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    if (how >= 128)
        return vw_buf_append(&h->message, zeros, (how - 128) * 4) == 0;
    if (!t)
        return true;
    vw_rng_seed(&rng, how);
    int rc = how ? vw_value_random(t, &rng, RANDOM_SIZE, &arena, &value, NULL)
                 : vw_value_minimal(t, &arena, &value, NULL);
    if (rc == 0)
        rc = vw_xdr_encode(t, value, &h->message, SIZE_MAX, NULL);
    vw_arena_finish(&arena);
    return rc == 0;
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
    if (begin(h, call, VW_MSG_REPLY, VW_MSG_OK) && append_value(h, proc ? proc->ret : NULL, how))
        finish(h);
}

static void error(struct vw_hostile *h, const struct vw_header *call, int32_t type, unsigned len)
{
    char text[256];
    const struct vw_remote_error e = {.code = 42, .domain = 12, .level = 2, .message = text};
    memset(text, 'e', len);
    text[len] = '\0';
    if (begin(h, call, type, VW_MSG_ERROR) &&
        vw_remote_error_encode(&e, 4194304, &h->message, NULL) == 0)
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
    if (begin(h, &header, VW_MSG_MESSAGE, VW_MSG_OK) && append_value(h, proc->args, how))
        finish(h);
}

static void stream(struct vw_hostile *h, const struct vw_header *call)
{
    static const uint8_t data[256];
    unsigned status = vw_script_byte(h->script), len = vw_script_byte(h->script);
    if (begin(h, call, VW_MSG_STREAM, status ? (int32_t)status - 1 : VW_MSG_CONTINUE) &&
        vw_buf_append(&h->message, data, len) == 0)
        finish(h);
}

static void hole(struct vw_hostile *h, const struct vw_header *call)
{
    uint8_t body[12] = {0};
    vw_store32(body + 4, bent(4096, vw_script_byte(h->script)));
    if (begin(h, call, VW_MSG_STREAM_HOLE, VW_MSG_CONTINUE) &&
        vw_buf_append(&h->message, body, sizeof(body)) == 0)
        finish(h);
}

static void alive(struct vw_hostile *h)
{
    const struct vw_header header = {
        .program = 0x6b656570, .version = 1, .procedure = (int32_t)vw_script_byte(h->script)};
    if (begin(h, &header, VW_MSG_MESSAGE, VW_MSG_OK))
        finish(h);
}

static void raw(struct vw_hostile *h)
{
    size_t len = vw_script_byte(h->script);
    h->message.len = 0;
    for (size_t i = 0; i < len; i++) {
        const uint8_t byte = (uint8_t)vw_script_byte(h->script);
        if (vw_buf_append(&h->message, &byte, 1))
            return;
    }
    send(h);
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

static void bend(struct vw_hostile *h)
{
    unsigned word = vw_script_byte(h->script), code = vw_script_byte(h->script);
    if (h->n_bends == sizeof(h->bend) / sizeof(h->bend[0]))
        return;
    h->bend[h->n_bends].word = (uint8_t)(word % WORDS_MAX);
    h->bend[h->n_bends++].code = (uint8_t)code;
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
        raw(h);
        return;
    case VW_HOSTILE_BEND:
        bend(h);
        return;
    case VW_HOSTILE_CUT:
        h->cut = vw_script_byte(h->script);
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
    *h = (struct vw_hostile){.memory = memory, .script = script};
    memory->sent = take_bytes;
    memory->user = h;
}

void vw_hostile_finish(struct vw_hostile *h)
{
    vw_buf_finish(&h->in);
    vw_buf_finish(&h->message);
}
