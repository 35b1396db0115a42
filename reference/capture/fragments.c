// SPDX-License-Identifier: MIT
// A datagram is kept as its bytes and which units of eight of them have come. What comes twice is
// left as it came first.
#include "capture/fragments.h"

#include <stdlib.h>
#include <string.h>
#include <virwire/error.h>

#include "capture/blocks.h"

#define DATAGRAMS_MAX 64u
#define BYTES_MAX     65535u
#define UNITS         (BYTES_MAX / 8 + 1)
#define PATIENCE_NS                                                                                \
    (INT64_C(60) * VW_NS) /* then the same number is another datagram's (RFC 8200, 4.5) */

struct vw_datagram {
    TAILQ_ENTRY(vw_datagram) link;
    uint8_t family;
    uint8_t from[16], to[16];
    uint32_t id;
    int64_t ns;    /* of the first piece */
    int pieces;    /* that have come */
    uint32_t size; /* of the whole; 0: not known */
    uint32_t came; /* units */
    uint8_t has[UNITS / 8 + 1];
    uint8_t bytes[UNITS * 8];
};

void vw_fragments_init(struct vw_fragments *f)
{
    *f = (struct vw_fragments){.count = 0};
    TAILQ_INIT(&f->waiting);
}

static void take_out(struct vw_fragments *f, struct vw_datagram *d)
{
    TAILQ_REMOVE(&f->waiting, d, link);
    f->count--;
}

static void drop(struct vw_fragments *f, struct vw_datagram *d)
{
    take_out(f, d);
    free(d);
}

void vw_fragments_finish(struct vw_fragments *f)
{
    while (!TAILQ_EMPTY(&f->waiting))
        drop(f, TAILQ_FIRST(&f->waiting));
    free(f->joined);
    f->joined = NULL;
}

static bool is_of(const struct vw_datagram *d, const struct vw_tcp_segment *s, uint32_t id)
{
    return d->id == id && d->family == s->family &&
           memcmp(d->from, s->from, sizeof(d->from)) == 0 &&
           memcmp(d->to, s->to, sizeof(d->to)) == 0;
}

/* The one that a piece belongs to; NULL: no memory. */
static struct vw_datagram *find(struct vw_fragments *f, const struct vw_tcp_segment *s, uint32_t id,
                                int64_t ns)
{
    struct vw_datagram *d = TAILQ_FIRST(&f->waiting);
    while (d && !is_of(d, s, id))
        d = TAILQ_NEXT(d, link);
    if (d && ns - d->ns <= PATIENCE_NS)
        return d;
    if (d)
        drop(f, d);
    else if (f->count == DATAGRAMS_MAX)
        drop(f, TAILQ_FIRST(&f->waiting));
    if (!(d = calloc(1, sizeof(*d))))
        return NULL;
    d->family = s->family;
    d->id = id;
    d->ns = ns;
    memcpy(d->from, s->from, sizeof(d->from));
    memcpy(d->to, s->to, sizeof(d->to));
    TAILQ_INSERT_TAIL(&f->waiting, d, link);
    f->count++;
    return d;
}

static void fill(struct vw_datagram *d, const struct vw_ip_fragment *p)
{
    for (uint32_t at = 0; at < p->len; at += 8) {
        uint32_t unit = (p->offset + at) / 8, n = p->len - at < 8 ? p->len - at : 8;
        if (d->has[unit / 8] >> unit % 8 & 1)
            continue;
        d->has[unit / 8] |= (uint8_t)(1u << unit % 8);
        memcpy(d->bytes + p->offset + at, p->bytes + at, n);
        d->came++;
    }
}

/* Whether P can be a piece of something: only the last may end anywhere, and all of it is here. */
static bool is_sound(const struct vw_ip_fragment *p)
{
    return p->len == p->whole && p->len > 0 && p->offset + p->len <= BYTES_MAX &&
           (!p->more || p->len % 8 == 0);
}

int vw_fragments_add(struct vw_fragments *f, const struct vw_tcp_segment *segment,
                     const struct vw_ip_fragment *piece, int64_t ns, const uint8_t **bytes,
                     size_t *len)
{
    if (!is_sound(piece))
        return 0;
    struct vw_datagram *d = find(f, segment, piece->id, ns);
    if (!d)
        return VW_ENOMEM;
    d->pieces++;
    fill(d, piece);
    if (!piece->more)
        d->size = piece->offset + piece->len;
    if (d->size == 0 || d->came < (d->size + 7) / 8)
        return 0;
    /* Pieces behind the last are of no datagram. */
    if (d->came > (d->size + 7) / 8) {
        drop(f, d);
        return 0;
    }
    take_out(f, d);
    free(f->joined);
    f->joined = d;
    *bytes = d->bytes;
    *len = d->size;
    return d->pieces;
}
