// SPDX-License-Identifier: MIT
// Reassembly. What comes in its turn is passed on as it lies in the packet; only what is early is
// kept. A hole is given up for missing when the other side has acknowledged what is behind it, when
// too much waits, and at the end.
#include "capture/tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/words.h"
#include "capture/fragments.h"
#include "message/diagnose.h"

#define CONNECTIONS_MAX 1024u
#define BUCKETS         1024u
#define WAITING_MAX     ((size_t)1 << 20) /* bytes of one end that are early */
#define WAITING_ALL_MAX ((size_t)64 << 20)
#define PIECES_MAX      1024u
#define GUESS_MAX       ((size_t)32 * 1024) /* bytes until a connection is none of ours */
#define GUESS_BYTES     ((size_t)4096)      /* of them that are looked at */

static const uint16_t known_ports[] = {16509, 16514};

struct piece {
    TAILQ_ENTRY(piece) link;
    uint32_t seq, len, whole;
    int64_t ns;
    uint64_t offset;
    bool fin;
    uint8_t bytes[];
};

TAILQ_HEAD(pieces, piece);

struct end {
    uint8_t address[16];
    uint16_t port;
    struct pieces waiting; /* rising */
    size_t n, held;        /* of WAITING */
    uint32_t next;         /* the sequence number that is due */
    uint32_t start;        /* of its first byte, if its SYN was seen */
    bool known;            /* NEXT is */
    bool syn, over;
};

/* One that is over is remembered, for what of it comes again. */
enum state { UNDECIDED, OURS, STRANGER, OVER };

struct flow {
    struct vw_tcp_conn conn; /* once it is ours */
    LIST_ENTRY(flow) chain;
    TAILQ_ENTRY(flow) age;
    enum state state;
    uint8_t family;
    unsigned client; /* which of the ends */
    struct end end[2];
};

TAILQ_HEAD(flows, flow);
LIST_HEAD(chain, flow);

/* Where an event came from. */
struct source {
    int64_t ns;
    uint64_t offset;
};

struct vw_tcp {
    struct source latest; /* of the last packet: what has no end in the file ends then */
    struct vw_tcp_options o;
    struct vw_tcp_lost lost;
    struct vw_fragments fragments;
    uint64_t begun;
    unsigned count;
    size_t held;        /* that waits, of all */
    struct flows flows; /* the quietest first */
    struct chain buckets[BUCKETS];
    uint8_t guess[GUESS_BYTES];
};

/* ---- telling ---- */

static enum vw_side side_of(const struct flow *f, unsigned i)
{
    return i == f->client ? VW_SIDE_CLIENT : VW_SIDE_SERVER;
}

static int tell(struct vw_tcp *t, struct flow *f, unsigned i, struct source from,
                struct vw_tcp_event ev)
{
    ev.conn = &f->conn;
    ev.from = side_of(f, i);
    ev.ns = from.ns;
    ev.offset = from.offset;
    return f->state == OURS ? t->o.sink(t->o.user, &ev) : 0;
}

static int tell_missing(struct vw_tcp *t, struct flow *f, unsigned i, struct source from, size_t n)
{
    return tell(t, f, i, from, (struct vw_tcp_event){.kind = VW_TCP_MISSING, .len = n});
}

/* ---- the bytes of one end ---- */

static void forget_piece(struct vw_tcp *t, struct end *e, struct piece *p)
{
    TAILQ_REMOVE(&e->waiting, p, link);
    e->n--;
    e->held -= p->len;
    t->held -= p->len;
    free(p);
}

static void forget_pieces(struct vw_tcp *t, struct end *e)
{
    while (!TAILQ_EMPTY(&e->waiting))
        forget_piece(t, e, TAILQ_FIRST(&e->waiting));
}

/* P with its BYTES, which begins at what is due or before. */
static int deliver(struct vw_tcp *t, struct flow *f, unsigned i, const struct piece *p,
                   const uint8_t *bytes)
{
    struct end *e = &f->end[i];
    const struct source from = {p->ns, p->offset};
    uint32_t old = e->next - p->seq, size = p->whole + p->fin;
    int rc = 0;
    if (old > size)
        return 0;
    e->next = p->seq + size;
    if (old < p->len)
        rc = tell(
            t, f, i, from,
            (struct vw_tcp_event){.kind = VW_TCP_BYTES, .bytes = bytes + old, .len = p->len - old});
    if (rc == 0 && p->whole > p->len && old < p->whole)
        rc = tell_missing(t, f, i, from, p->whole - (old > p->len ? old : p->len));
    if (rc == 0 && p->fin && !e->over) {
        e->over = true;
        rc = tell(t, f, i, from, (struct vw_tcp_event){.kind = VW_TCP_END});
    }
    return rc;
}

static int deliver_waiting(struct vw_tcp *t, struct flow *f, unsigned i)
{
    struct end *e = &f->end[i];
    struct piece *p;
    int rc = 0;
    while (rc == 0 && (p = TAILQ_FIRST(&e->waiting)) && (int32_t)(p->seq - e->next) <= 0) {
        rc = deliver(t, f, i, p, p->bytes);
        forget_piece(t, e, p);
    }
    return rc;
}

/* What is due will not come: goes on with what waits. */
static int give_up_hole(struct vw_tcp *t, struct flow *f, unsigned i)
{
    struct end *e = &f->end[i];
    const struct piece *p = TAILQ_FIRST(&e->waiting);
    uint32_t n = p->seq - e->next;
    e->next = p->seq;
    int rc = (int32_t)n > 0 ? tell_missing(t, f, i, (struct source){p->ns, p->offset}, n) : 0;
    return rc ? rc : deliver_waiting(t, f, i);
}

static int keep(struct vw_tcp *t, struct end *e, const struct piece *key, const uint8_t *bytes)
{
    struct piece *p = malloc(sizeof(*p) + key->len), *before = TAILQ_LAST(&e->waiting, pieces);
    if (!p)
        return VW_ENOMEM;
    *p = *key;
    if (key->len)
        memcpy(p->bytes, bytes, key->len);
    while (before && (int32_t)(before->seq - key->seq) > 0)
        before = TAILQ_PREV(before, pieces, link);
    if (before)
        TAILQ_INSERT_AFTER(&e->waiting, before, p, link);
    else
        TAILQ_INSERT_HEAD(&e->waiting, p, link);
    e->n++;
    e->held += p->len;
    t->held += p->len;
    return 0;
}

static bool too_much(const struct vw_tcp *t, const struct end *e)
{
    return e->n > PIECES_MAX || e->held > WAITING_MAX || (e->n > 0 && t->held > WAITING_ALL_MAX);
}

/* ---- whether a connection is ours ---- */

static bool is_known(const struct vw_tcp *t, uint16_t port)
{
    if (t->o.port)
        return port == t->o.port;
    return port == known_ports[0] || port == known_ports[1];
}

static int begin(struct vw_tcp *t, struct flow *f, struct source from)
{
    f->state = OURS;
    f->conn.number = ++t->begun;
    f->conn.family = f->family;
    f->conn.joined = !f->end[f->client].syn;
    for (unsigned i = 0; i < 2; i++) {
        memcpy(f->conn.address[side_of(f, i)], f->end[i].address, 16);
        f->conn.port[side_of(f, i)] = f->end[i].port;
    }
    int rc = tell(t, f, f->client, from, (struct vw_tcp_event){.kind = VW_TCP_BEGIN});
    for (unsigned i = 0; i < 2 && rc == 0; i++)
        rc = deliver_waiting(t, f, i);
    return rc;
}

/* What waits and is due, as far as it lies together, into t->guess. */
static size_t gather(struct vw_tcp *t, const struct end *e)
{
    uint32_t next = e->next;
    size_t len = 0;
    for (const struct piece *p = TAILQ_FIRST(&e->waiting); p; p = TAILQ_NEXT(p, link)) {
        uint32_t old = next - p->seq;
        if ((int32_t)old < 0 || len == GUESS_BYTES)
            break;
        size_t n = old < p->len ? p->len - old : 0;
        n = n < GUESS_BYTES - len ? n : GUESS_BYTES - len;
        memcpy(t->guess + len, p->bytes + old, n);
        len += n;
        next += (uint32_t)n;
    }
    return len;
}

/* Decides by what waits from end I. */
static int decide(struct vw_tcp *t, struct flow *f, unsigned i, struct source from)
{
    const struct end *e = &f->end[i];
    bool joined = !f->end[f->client].syn;
    size_t len = gather(t, e), at = vw_message_find(t->o.limits, t->guess, len);
    if (at < len && (joined || at == 0)) {
        struct vw_header h;
        vw_header_decode(t->guess + at + VW_LENGTH_BYTES, &h);
        if (joined)
            f->client = vw_header_is_servers(&h) ? !i : i;
        return begin(t, f, from);
    }
    if ((len >= VW_PREFIX_BYTES && !joined) || e->held > GUESS_MAX || e->n > PIECES_MAX) {
        f->state = STRANGER;
        for (unsigned k = 0; k < 2; k++)
            forget_pieces(t, &f->end[k]);
    }
    return 0;
}

/* ---- connections ---- */

static unsigned bucket_of(const struct vw_tcp_segment *s)
{
    /* The same for both directions. */
    uint32_t sum = (uint32_t)s->from_port * s->to_port;
    for (int i = 0; i < 16; i += 4)
        sum += vw_load32(s->from + i) ^ vw_load32(s->to + i);
    return (sum ^ sum >> 16) * 2654435761u >> 16 & (BUCKETS - 1);
}

static bool is_end(const struct end *e, const uint8_t *address, uint16_t port)
{
    return e->port == port && memcmp(e->address, address, 16) == 0;
}

/* The connection of S, which end *I of it has sent, or NULL. */
static struct flow *find(struct vw_tcp *t, const struct vw_tcp_segment *s, unsigned *i)
{
    struct flow *f;
    LIST_FOREACH(f, &t->buckets[bucket_of(s)], chain)
    for (*i = 0; *i < 2; ++*i)
        if (f->family == s->family && is_end(&f->end[*i], s->from, s->from_port) &&
            is_end(&f->end[!*i], s->to, s->to_port))
            return f;
    return NULL;
}

static void init_end(struct end *e, const uint8_t *address, uint16_t port)
{
    memcpy(e->address, address, 16);
    e->port = port;
    TAILQ_INIT(&e->waiting);
}

/* Nothing more is told of F. */
static void leave(struct vw_tcp *t, struct flow *f)
{
    if (f->state == OURS && t->o.forget)
        t->o.forget(t->o.user, &f->conn);
    f->state = OVER;
    for (unsigned i = 0; i < 2; i++)
        forget_pieces(t, &f->end[i]);
}

static void forget(struct vw_tcp *t, struct flow *f)
{
    leave(t, f);
    TAILQ_REMOVE(&t->flows, f, age);
    LIST_REMOVE(f, chain);
    t->count--;
    free(f);
}

/* Tells all that waits, and the end. F is then what goes first when there is no room. */
static int finish(struct vw_tcp *t, struct flow *f, struct source from, bool reset)
{
    int rc = 0;
    for (unsigned k = 0; k < 2; k++) {
        unsigned i = k ? !f->client : f->client;
        while (rc == 0 && f->state == OURS && f->end[i].n)
            rc = give_up_hole(t, f, i);
    }
    if (rc == 0)
        rc =
            tell(t, f, f->client, from, (struct vw_tcp_event){.kind = VW_TCP_OVER, .reset = reset});
    leave(t, f);
    TAILQ_REMOVE(&t->flows, f, age);
    TAILQ_INSERT_HEAD(&t->flows, f, age);
    return rc;
}

/* A connection of which S is the first that is seen; *RC, and NULL, if there can be none. */
static struct flow *add(struct vw_tcp *t, const struct vw_tcp_segment *s, struct source from,
                        int *rc)
{
    struct flow *f = TAILQ_FIRST(&t->flows);
    if (t->count == CONNECTIONS_MAX) {
        t->lost.crowded += f->state != OVER;
        *rc = f->state == OURS ? finish(t, f, from, false) : 0;
        forget(t, f);
    }
    f = *rc ? NULL : calloc(1, sizeof(*f));
    if (!f) {
        *rc = *rc ? *rc : VW_ENOMEM;
        return NULL;
    }
    f->family = s->family;
    init_end(&f->end[0], s->from, s->from_port);
    init_end(&f->end[1], s->to, s->to_port);
    bool answer = s->flags & VW_SYN && s->flags & VW_ACK;
    bool known = !(s->flags & VW_SYN) && is_known(t, s->from_port) && !is_known(t, s->to_port);
    f->client = answer || known;
    TAILQ_INSERT_TAIL(&t->flows, f, age);
    LIST_INSERT_HEAD(&t->buckets[bucket_of(s)], f, chain);
    t->count++;
    return f;
}

/* SYN: where its sender begins. A connection between the same ports as one before is a new one. */
static bool is_another(const struct flow *f, unsigned i, const struct vw_tcp_segment *s)
{
    const struct end *e = &f->end[i];
    return s->flags & VW_SYN && !(s->flags & VW_ACK) && e->known &&
           (!e->syn || e->start != s->seq + 1);
}

static void take_syn(struct end *e, struct vw_tcp_segment *s)
{
    s->seq++;
    if (!e->syn && !e->known) {
        e->syn = e->known = true;
        e->start = e->next = s->seq;
    }
}

/* The other end has got all up to ACK. */
static int acknowledged(struct vw_tcp *t, struct flow *f, unsigned i, uint32_t ack)
{
    struct end *e = &f->end[i];
    int rc = 0;
    if (!e->known) {
        e->known = true;
        e->next = ack;
    }
    while (rc == 0 && f->state == OURS && e->n && (int32_t)(ack - e->next) > 0)
        rc = give_up_hole(t, f, i);
    return rc;
}

static int take_bytes(struct vw_tcp *t, struct flow *f, unsigned i, const struct vw_tcp_segment *s,
                      struct source from)
{
    struct end *e = &f->end[i];
    const struct piece p = {.seq = s->seq,
                            .len = s->len,
                            .whole = s->whole,
                            .ns = from.ns,
                            .offset = from.offset,
                            .fin = s->flags & VW_FIN};
    if (!e->known) {
        e->known = true;
        e->next = s->seq;
    }
    if (f->state == STRANGER)
        return 0;
    if (f->state == OURS && (int32_t)(s->seq - e->next) <= 0) {
        int rc = deliver(t, f, i, &p, s->bytes);
        return rc ? rc : deliver_waiting(t, f, i);
    }
    int rc = keep(t, e, &p, s->bytes);
    if (rc == 0 && f->state == UNDECIDED)
        return decide(t, f, i, from);
    while (rc == 0 && too_much(t, e))
        rc = give_up_hole(t, f, i);
    return rc;
}

static int take(struct vw_tcp *t, struct flow *f, unsigned i, struct vw_tcp_segment *s,
                const struct vw_packet *p)
{
    const struct source from = {p->ns, p->offset};
    int rc = 0;
    if (s->flags & VW_SYN)
        take_syn(&f->end[i], s);
    if (f->state == UNDECIDED && (is_known(t, s->from_port) || is_known(t, s->to_port)))
        rc = begin(t, f, from);
    else if (f->state == UNDECIDED && t->o.port)
        f->state = STRANGER;
    t->lost.strangers += f->state == STRANGER;
    if (rc == 0 && s->flags & VW_ACK)
        rc = acknowledged(t, f, !i, s->ack);
    if (rc == 0 && p->comment)
        rc = tell(t, f, i, from,
                  (struct vw_tcp_event){.kind = VW_TCP_COMMENT,
                                        .bytes = (const uint8_t *)p->comment,
                                        .len = p->comment_len});
    if (rc == 0 && (s->whole || s->flags & VW_FIN))
        rc = take_bytes(t, f, i, s, from);
    if (rc == 0 && (s->flags & VW_RST || (f->end[0].over && f->end[1].over)))
        rc = finish(t, f, from, s->flags & VW_RST);
    return rc;
}

/* 1: S is the segment in P, or of which P was the last fragment; 0: there is none. VW_ENOMEM. */
static int segment_of(struct vw_tcp *t, const struct vw_packet *p, struct vw_tcp_segment *s)
{
    struct vw_ip_fragment piece;
    enum vw_ip_outcome what = vw_ip_segment(p, s, &piece);
    if (what == VW_IP_FRAGMENT) {
        const uint8_t *bytes;
        size_t len;
        int n = vw_fragments_add(&t->fragments, s, &piece, p->ns, &bytes, &len);
        t->lost.fragments++;
        if (n <= 0)
            return n;
        t->lost.fragments -= (uint64_t)n;
        what = vw_ip_joined(piece.next, bytes, len, s);
    }
    t->lost.other += what == VW_IP_OTHER;
    t->lost.cut += what == VW_IP_CUT;
    return what == VW_IP_TCP;
}

int vw_tcp_packet(struct vw_tcp *t, const struct vw_packet *p)
{
    struct vw_tcp_segment s;
    const struct source from = {p->ns, p->offset};
    unsigned i;
    t->latest = from;
    int rc = segment_of(t, p, &s);
    if (rc <= 0)
        return rc;
    rc = 0;
    struct flow *f = find(t, &s, &i);
    if (f && is_another(f, i, &s)) {
        rc = f->state == OURS ? finish(t, f, from, false) : 0;
        forget(t, f);
        f = NULL;
    }
    if (f ? f->state == OVER : !s.whole && !(s.flags & VW_SYN))
        return rc;
    if (!f && rc == 0) {
        f = add(t, &s, from, &rc);
        i = 0;
    }
    if (!f)
        return rc;
    TAILQ_REMOVE(&t->flows, f, age);
    TAILQ_INSERT_TAIL(&t->flows, f, age);
    return take(t, f, i, &s, p);
}

/* ---- the whole ---- */

int vw_tcp_create(const struct vw_tcp_options *o, struct vw_tcp **out, struct vw_error *err)
{
    struct vw_tcp *t = calloc(1, sizeof(*t));
    if (!t)
        return vw_error_nomem(err);
    t->o = *o;
    TAILQ_INIT(&t->flows);
    vw_fragments_init(&t->fragments);
    *out = t;
    return 0;
}

void vw_tcp_destroy(struct vw_tcp *t)
{
    while (t && !TAILQ_EMPTY(&t->flows))
        forget(t, TAILQ_FIRST(&t->flows));
    if (t)
        vw_fragments_finish(&t->fragments);
    free(t);
}

int vw_tcp_end(struct vw_tcp *t)
{
    int rc = 0;
    for (struct flow *f; rc == 0 && (f = TAILQ_FIRST(&t->flows)); forget(t, f))
        rc = f->state == OURS ? finish(t, f, t->latest, false) : 0;
    return rc;
}

const struct vw_tcp_lost *vw_tcp_lost(const struct vw_tcp *t)
{
    return &t->lost;
}
