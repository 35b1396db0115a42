// SPDX-License-Identifier: MIT
// Fragments of IP, put together (RFC 791, RFC 8200 4.5). Memory is bounded: so many datagrams wait,
// the oldest is given up for one more.
#pragma once

#include <sys/queue.h>

#include "capture/ip.h"

struct vw_datagram;
TAILQ_HEAD(vw_datagrams, vw_datagram);

/* Begins with vw_fragments_init. */
struct vw_fragments {
    struct vw_datagrams waiting; /* the oldest first */
    size_t count;
    struct vw_datagram *joined; /* the one that was told last */
};

void vw_fragments_init(struct vw_fragments *f);
void vw_fragments_finish(struct vw_fragments *f);

/* PIECE came at NS between the addresses of SEGMENT. 0: more has to come, or it is of no use;
 * VW_ENOMEM; else of how many pieces the whole is: *BYTES and *LEN, valid until the next call. */
int vw_fragments_add(struct vw_fragments *f, const struct vw_tcp_segment *segment,
                     const struct vw_ip_fragment *piece, int64_t ns, const uint8_t **bytes,
                     size_t *len);
