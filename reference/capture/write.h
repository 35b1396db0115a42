// SPDX-License-Identifier: MIT
// Connections as a capture: what their two sides sent, as TCP over IPv4 between a client at
// 127.0.0.1 (and up) and a server at port 16509 of 127.0.0.1, whatever the bytes really went
// over, so that Wireshark and tshark read it with libvirt's dissector.
//
// Times are nanoseconds since 1970, and should not go back. Sequence numbers count the bytes that
// were given; descriptors are no bytes here (P-3), and noted instead. Packets are collected in
// memory: call vw_capture_flush whenever what was given ends with whole messages, or before
// waiting; then a process that is killed leaves a file that can be read so far. What does not fit
// the memory kept for that (256 KiB) is written at once.
//
// A capture belongs to one thread at a time. What fails (memory, the file) is remembered: nothing
// is written from there on, and each vw_capture_flush says it.
// Engine: it may change with every release (docs/api.md).
#pragma once

#include <stdbool.h>
#include <virwire/error.h>
#include <virwire/event.h>

#include "capture/pcapng.h"

struct vw_capture;

struct vw_capture_options {
    enum vw_pcap_form form;
    const char *application; /* "virwire 0.2.0"; this and the next two may be NULL */
    const char *interface;   /* what stands for the network card, such as a URI */
    const char *comment;     /* of the whole file */
    uint32_t first;          /* number of the first connection, from which its port is made */
};

/* One connection; the caller's memory, set by vw_capture_begin, with nothing to free. */
struct vw_capture_conn {
    uint32_t address; /* of the client */
    uint16_t port;
    uint32_t next[2]; /* by enum vw_side: the sequence number of its next byte */
    bool ended[2];    /* it has sent its FIN */
    bool reset;
};

/* Writes the start of the file to FD, which stays the caller's and must be open until
 * vw_capture_destroy; a pipe will do. VW_ENOMEM, VW_ESYSTEM. */
int vw_capture_create(int fd, const struct vw_capture_options *o, struct vw_capture **out,
                      struct vw_error *err);

/* A connection begins: SYN, SYN and ACK, ACK. NAME is noted with the first and may be NULL; FDS:
 * the channel can pass descriptors (P-1), which is noted with the second. */
void vw_capture_begin(struct vw_capture *c, struct vw_capture_conn *conn, int64_t ns,
                      const char *name, bool fds);
/* SIDE has sent LEN bytes. COMMENT stands with the first packet of them and may be NULL; with LEN 0
 * it stands with an empty one. */
void vw_capture_bytes(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                      int64_t ns, const void *bytes, size_t len, const char *comment);
/* N descriptors went with the bytes that would stand here (P-3). */
void vw_capture_descriptors(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                            int64_t ns, unsigned n);
/* What SIDE sends from here on is no message that can be read, for it lies within WHAT: "SASL",
 * "TLS". */
void vw_capture_opaque(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                       int64_t ns, const char *what);
/* SIDE sends nothing more (FIN), or has broken the connection (RST). Said again, it is nothing. */
void vw_capture_end(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                    int64_t ns, bool reset);

/* LEN bytes of a log of TLS keys, ahead of the packets that they open. */
void vw_capture_secrets(struct vw_capture *c, const void *log, size_t len);

/* Writes what is collected. 0, VW_ENOMEM, VW_ESYSTEM. */
int vw_capture_flush(struct vw_capture *c, struct vw_error *err);
/* Frees C without writing what is not flushed. NULL is fine. */
void vw_capture_destroy(struct vw_capture *c);

/* ---- what comments of ours say, for whoever reads them ---- */

#define VW_CAPTURE_OPAQUE      "virwire: opaque, within "
#define VW_CAPTURE_DESCRIPTORS "virwire: descriptors: "
#define VW_CAPTURE_FDS         "virwire: descriptors can be passed"
