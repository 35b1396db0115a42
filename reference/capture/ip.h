// SPDX-License-Identifier: MIT
// The TCP segment in a packet.
#pragma once

#include "capture/pcapng.h"

enum { VW_FIN = 1, VW_SYN = 2, VW_RST = 4, VW_ACK = 16 };

struct vw_tcp_segment {
    uint8_t family; /* 4 or 6 */
    uint8_t from[16], to[16];
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *bytes;
    uint32_t len;   /* of BYTES */
    uint32_t whole; /* as sent; more than LEN: the capture has cut it */
};

/* A piece of what follows the headers of IP. */
struct vw_ip_fragment {
    uint8_t next; /* what begins in the first piece: a protocol, or an extension of IPv6 */
    bool more;    /* it is not the last */
    uint32_t id;
    uint32_t offset;
    const uint8_t *bytes;
    uint32_t len, whole; /* as those of a segment */
};

enum vw_ip_outcome { VW_IP_TCP, VW_IP_OTHER, VW_IP_FRAGMENT, VW_IP_CUT };

/* Fills OUT, whose bytes are those of P, if there is a segment. Of a fragment it has family and
 * addresses, and FRAGMENT the rest. */
enum vw_ip_outcome vw_ip_segment(const struct vw_packet *p, struct vw_tcp_segment *out,
                                 struct vw_ip_fragment *fragment);
/* The same of what fragments came to: OUT has family and addresses. Never VW_IP_FRAGMENT. */
enum vw_ip_outcome vw_ip_joined(uint8_t next, const uint8_t *bytes, size_t len,
                                struct vw_tcp_segment *out);
