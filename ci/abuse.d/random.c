// SPDX-License-Identifier: MIT
// Hostile messages of the kind that the fuzz targets make, of the schema until they are bent, over
// real sockets: bursts on sixty connections, most of which read.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"
#include "fuzz/maker.h"
#include "xdr/values.h"

#define CONNECTIONS  60
#define BURSTS_MAX   64 /* of a connection, unless the server ends it */
#define BURST_MAX    30 /* messages */
#define TRIES        5  /* of a new connection */
#define PATIENCE_S   0.5
#define KEEPALIVE    0x6b656570u
#define PONG         2
#define SERIALS      64 /* so many that streams are met again */
#define BENDS_MAX    3
#define SCRIPT_BYTES 64

static const struct vw_header ping = {
    .program = KEEPALIVE, .version = 1, .procedure = 1, .type = VW_MSG_MESSAGE};

struct peer {
    int fd;
    bool mute;    /* never reads */
    bool waiting; /* for the PONG behind a burst */
    bool last;    /* with this burst it goes */
    bool over;    /* the server has ended it, or is to be left */
    unsigned bursts;
    size_t queued, sent; /* messages; bytes of OUT */
    double since;        /* when the burst was made */
    struct vw_buf out;
    struct vw_reader in;
};

struct hostile {
    const struct attack *attack;
    const struct vw_schema *schema;
    struct vw_rng rng;
    struct vw_maker maker;
    struct vw_script script;
    uint8_t bytes[SCRIPT_BYTES];
    struct peer peers[CONNECTIONS];
};

/* What is worth more than one call in seven hundred: streams, events, what opens and closes. */
static const char *const known[] = {"connect_open",
                                    "auth_list",
                                    "connect_supports_feature",
                                    "connect_get_type",
                                    "connect_list_all_domains",
                                    "domain_lookup_by_name",
                                    "domain_get_xml_desc",
                                    "domain_screenshot",
                                    "domain_open_console",
                                    "domain_suspend",
                                    "domain_resume",
                                    "domain_destroy",
                                    "domain_create",
                                    "storage_vol_download",
                                    "storage_vol_upload",
                                    "connect_domain_event_register_any",
                                    "connect_domain_event_callback_register_any",
                                    "connect_domain_event_callback_deregister_any",
                                    "domain_open_graphics_fd",
                                    "network_define_xml"};

static unsigned below(struct hostile *h, unsigned n)
{
    return (unsigned)vw_rng_below(&h->rng, n);
}

static const struct vw_proc *any_call(struct hostile *h)
{
    size_t n;
    const struct vw_program *const *programs = vw_schema_programs(h->schema, &n);
    if (below(h, 2))
        return vw_schema_proc(h->schema, known[below(h, sizeof(known) / sizeof(known[0]))]);
    const struct vw_program *p = programs[below(h, (unsigned)n)];
    return &p->procs[below(h, p->n_procs)];
}

static void choose_header(struct hostile *h, const struct vw_proc *p, struct vw_header *out)
{
    *out = (struct vw_header){.program = p->program->number,
                              .version = p->program->version,
                              .procedure = p->number,
                              .serial = below(h, SERIALS)};
}

/* ---- one message ---- */

static bool is_left_out(const struct attack *a, const struct vw_proc *p)
{
    for (size_t i = 0; i < WITHOUT_MAX && a->without[i]; i++)
        if (strcmp(p->short_name, a->without[i]) == 0)
            return true;
    return false;
}

static bool make_call(struct hostile *h)
{
    const struct vw_proc *p = any_call(h);
    struct vw_header header;
    if (is_left_out(h->attack, p))
        return false;
    choose_header(h, p, &header);
    return vw_maker_begin(&h->maker, &header, VW_MSG_CALL, VW_MSG_OK) &&
           vw_maker_value(&h->maker, p->args, below(h, 8) ? below(h, 128) : 128 + below(h, 128));
}

/* Data, an end, an abort or a hole of a stream that may be there. */
static bool make_packet(struct hostile *h)
{
    static const uint8_t zeros[300];
    struct vw_header header;
    bool hole = below(h, 4) == 0;
    choose_header(h, any_call(h), &header);
    return vw_maker_begin(&h->maker, &header, hole ? VW_MSG_STREAM_HOLE : VW_MSG_STREAM,
                          (int32_t)below(h, 4)) &&
           vw_maker_bytes(&h->maker, zeros, hole ? 12 : below(h, sizeof(zeros)));
}

static bool make_alive(struct hostile *h)
{
    const struct vw_header header = {
        .program = KEEPALIVE, .version = 1, .procedure = (int32_t)below(h, 4)};
    return vw_maker_begin(&h->maker, &header, VW_MSG_MESSAGE, VW_MSG_OK);
}

/* The script has the operands of what is bent, as in the fuzz targets. */
static void new_script(struct hostile *h, bool broken)
{
    for (size_t i = 0; i < sizeof(h->bytes); i += 8)
        vw_store64(h->bytes + i, vw_rng_next(&h->rng));
    /* The first word that is bent is the length where that is wanted, and none is otherwise. */
    for (size_t i = 0; i < 2 * BENDS_MAX; i += 2)
        h->bytes[i] = (uint8_t)(broken && i == 0 ? 0 : 1 + h->bytes[i] % 31);
    h->script = (struct vw_script){h->bytes, sizeof(h->bytes)};
}

static bool make_any(struct hostile *h)
{
    unsigned kind = below(h, 16);
    return kind < 3 ? make_packet(h) : kind == 3 ? make_alive(h) : make_call(h);
}

/* BROKEN: what follows it is not taken for what it is. */
static void make_message(struct hostile *h, bool broken)
{
    new_script(h, broken);
    if (broken && below(h, 4) == 0 && vw_maker_raw(&h->maker))
        return;
    while (!make_any(h))
        ;
    for (unsigned bends = broken || below(h, 4) == 0 ? 1 + below(h, BENDS_MAX) : 0; bends > 0;
         bends--)
        vw_maker_bend(&h->maker);
    h->maker.cut = broken && below(h, 2) ? VW_PREFIX_BYTES + below(h, 32) : 0;
    vw_maker_end(&h->maker);
}

/* ---- connections ---- */

static void hang_up(struct peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    vw_reader_finish(&p->in);
    *p = (struct peer){.fd = -1, .out = p->out};
    p->out.len = 0;
}

static void connect_peer(struct hostile *h, struct peer *p)
{
    const struct load_options o = {.socket = h->attack->socket,
                                   .open = below(h, 8) ? "test:///default" : NULL};
    struct vw_limits limits;
    vw_limits_from_profile(abuse_profile(), &limits);
    vw_reader_init(&p->in, &limits);
    for (int tries = 0; p->fd < 0; tries++) {
        if (tries == TRIES)
            abuse_die("a new connection is not served");
        p->fd = load_connect(&o);
    }
    p->mute = below(h, 10) == 0;
}

/* Takes what has come; behind the PONG all of the burst has been read. */
static void take_frames(struct peer *p)
{
    struct vw_frame f;
    int rc;
    while ((rc = vw_reader_next(&p->in, &f, NULL)) > 0)
        if (f.header.program == KEEPALIVE && f.header.procedure == PONG)
            p->waiting = false;
    if (rc < 0)
        abuse_die("the server breaks the framing");
}

static void read_all(struct peer *p)
{
    static uint8_t bytes[1 << 16];
    ssize_t n;
    while ((n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
        if (vw_reader_feed(&p->in, bytes, (size_t)n))
            abuse_die("out of memory");
        take_frames(p);
    }
    if (n == 0 || errno != EAGAIN)
        p->over = true;
}

static void write_all(struct peer *p)
{
    ssize_t n =
        send(p->fd, p->out.data + p->sent, p->out.len - p->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    p->over = p->over || (n < 0 && errno != EAGAIN);
    p->sent += n > 0 ? (size_t)n : 0;
    if (p->sent == p->out.len)
        p->out.len = p->sent = 0;
}

/* A burst, that ends with a PING or with a message whose end cannot be told. */
static void queue_burst(struct hostile *h, struct peer *p)
{
    bool broken = below(h, 16) == 0;
    p->queued = 1 + below(h, BURST_MAX);
    for (size_t i = 0; i < p->queued; i++) {
        make_message(h, broken && i + 1 == p->queued);
        if (vw_buf_append(&p->out, h->maker.message.data, h->maker.message.len))
            abuse_die("out of memory");
    }
    p->last = broken || ++p->bursts == BURSTS_MAX;
    p->waiting = !broken;
    p->since = abuse_now();
    if (!broken)
        abuse_message(&p->out, &ping, 0, 1);
}

/* The messages of a burst that is over: all, or the one that the server did not bear. */
static size_t end_of_burst(struct hostile *h, struct peer *p)
{
    size_t n = p->over ? 1 : p->queued;
    p->queued = 0;
    if (p->last && below(h, 4) == 0 && !p->over)
        shutdown(p->fd, (int)below(h, 3));
    if (p->last || p->over)
        hang_up(p);
    return n;
}

/* One turn of one connection; the messages that the server has had since the last. */
static size_t turn(struct hostile *h, struct peer *p)
{
    if (p->fd < 0)
        connect_peer(h, p);
    if (!p->queued)
        queue_burst(h, p);
    if (p->out.len)
        write_all(p);
    if (!p->mute)
        read_all(p);
    double passed = abuse_now() - p->since;
    if (p->over || (!p->out.len && (!p->waiting || p->mute)))
        return end_of_burst(h, p);
    /* Who does not read is not heard, in the end; and a stray length may have swallowed the PING.
     */
    p->over = passed > PATIENCE_S;
    return 0;
}

static void wait_for_room(struct hostile *h)
{
    struct pollfd polls[CONNECTIONS];
    for (size_t i = 0; i < CONNECTIONS; i++)
        polls[i] = (struct pollfd){.fd = h->peers[i].fd,
                                   .events = (short)((h->peers[i].out.len ? POLLOUT : 0) |
                                                     (h->peers[i].mute ? 0 : POLLIN))};
    poll(polls, CONNECTIONS, 1);
}

/* BURSTS: the size counts those, and no messages. */
static int hostile(const struct attack *a, bool bursts)
{
    static struct hostile h;
    double until = abuse_now() + a->seconds;
    h.attack = a;
    h.schema = abuse_profile()->schema;
    h.maker.script = &h.script;
    vw_rng_seed(&h.rng, a->seed);
    for (size_t i = 0; i < CONNECTIONS; i++)
        h.peers[i].fd = -1;
    while (*a->done < a->size && abuse_now() < until) {
        size_t before = *a->done;
        for (size_t i = 0; i < CONNECTIONS; i++) {
            size_t n = turn(&h, &h.peers[i]);
            *a->done += bursts ? n > 0 : n;
        }
        if (*a->done == before)
            wait_for_room(&h);
    }
    return 0;
}

static int random_bursts(const struct attack *a)
{
    return hostile(a, true);
}

static int hostile_messages(const struct attack *a)
{
    return hostile(a, false);
}

const struct abuse abuse_random[] = {
    {"random", random_bursts}, {"hostile", hostile_messages}, {NULL, NULL}};
