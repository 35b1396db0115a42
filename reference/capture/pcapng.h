// SPDX-License-Identifier: MIT
// Files of packets, as pcapng or as classic pcap: blocks and records into a buffer, without I/O.
// What is written is big-endian, with one interface of link type VW_LINK_RAW, and times in
// nanoseconds. Classic pcap has no place for names, comments and secrets: there they are left out.
// VW_ENOMEM is the one error of the functions here, and leaves the buffer as it was.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xdr/xdr.h"

enum vw_pcap_form { VW_PCAPNG, VW_PCAP };

/* What a packet starts with: numbers of the registry of link types. */
enum vw_link_type {
    VW_LINK_NULL = 0,     /* BSD loopback: a family in the byte order of whoever wrote it */
    VW_LINK_ETHERNET = 1, /* 802.1Q tags too */
    VW_LINK_RAW = 101,    /* IPv4 or IPv6 */
    VW_LINK_LOOP = 108,   /* OpenBSD loopback: the family in network byte order */
    VW_LINK_COOKED = 113, /* Linux "any" device, v1 */
    VW_LINK_IPV4 = 228,
    VW_LINK_IPV6 = 229,
    VW_LINK_COOKED2 = 276 /* v2 */
};

struct vw_packet {
    int64_t ns; /* since 1970 */
    uint32_t link;
    const uint8_t *bytes;
    uint32_t len;
    uint32_t whole;      /* its length on the wire; more than LEN: it was cut when captured */
    const char *comment; /* NULL: none; no NUL need stand behind it */
    size_t comment_len;
    bool secrets;    /* of what was read: BYTES are a log of TLS keys, and no packet */
    uint64_t offset; /* of what was read: where its block or record starts in the file */
};

/* The start of a file. APPLICATION, INTERFACE (its name) and COMMENT may be NULL. */
int vw_pcap_put_start(struct vw_buf *b, enum vw_pcap_form form, const char *application,
                      const char *interface, const char *comment);
/* P, of which LINK, WHOLE, SECRETS and OFFSET are not looked at; N bytes at MORE follow its own. */
int vw_pcap_put_packet(struct vw_buf *b, enum vw_pcap_form form, const struct vw_packet *p,
                       const void *more, size_t n);
/* LEN bytes of a log of TLS keys (SSLKEYLOGFILE), ahead of the packets that they open. */
int vw_pcap_put_secrets(struct vw_buf *b, enum vw_pcap_form form, const void *log, size_t len);
