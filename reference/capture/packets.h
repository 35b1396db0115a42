// SPDX-License-Identifier: MIT
// Packets out of a file of anybody's: pcap and pcapng of either byte order. Bytes go in as they
// come, packets come out; memory is bounded by the largest block (BLOCK_MAX in packets.c), whatever
// the file says.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <virwire/error.h>

#include "capture/pcapng.h"
#include "message/message.h"

struct vw_interface;

struct vw_packets {
    struct vw_reader in; /* for its buffer; offsets are those of the file */
    enum { VW_FILE_UNKNOWN, VW_FILE_PCAP, VW_FILE_PCAPNG } form;
    bool little;
    bool nanoseconds;                /* pcap */
    uint32_t link;                   /* pcap */
    struct vw_interface *interfaces; /* pcapng: of this section */
    uint32_t n_interfaces;
    uint64_t skip; /* bytes of a block that nobody wants, not all of which have come */
    int64_t last;  /* the time of the packet before, for those without one */
    bool failed;
};

/* How many bytes vw_packets_known looks at. */
#define VW_PACKETS_MAGIC 4

/* True for the start of a file of packets. */
bool vw_packets_known(const uint8_t first[VW_PACKETS_MAGIC]);

void vw_packets_init(struct vw_packets *p);
void vw_packets_finish(struct vw_packets *p);

/* Copies bytes in. VW_ENOMEM (none is taken then) or 0. */
int vw_packets_feed(struct vw_packets *p, const void *bytes, size_t len);
/* 1: *OUT is the next packet, valid until the next call on P; where it is SECRETS its bytes are a
 * log of TLS keys. 0: more bytes are needed. VW_ESYNTAX or VW_ELIMIT with the offset of what is
 * wrong: nothing more comes out. VW_ENOMEM. */
int vw_packets_next(struct vw_packets *p, struct vw_packet *out, struct vw_error *err);
/* There are no more bytes: 0, or VW_ETRUNCATED with the offset of what is cut. */
int vw_packets_end(const struct vw_packets *p, struct vw_error *err);
