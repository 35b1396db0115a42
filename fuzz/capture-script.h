// SPDX-License-Identifier: MIT
// A connection that an input describes, packet by packet: what both sides sent is known, so that
// what the readers of captures make of it can be held against it.
//
// The language: a byte of enum vw_script_flags, then four bytes for each segment: enum
// vw_segment_flags, how far it begins behind (or ahead of) what its side has sent, its length less
// one, and the length of a comment.
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What stands ahead of a script in inputs of capture_read: nothing that is read begins with it. */
#define VW_SCRIPT_MARK 0xf7u

enum vw_script_flags {
    VW_SCRIPT_PCAP = 1, /* not pcapng */
    VW_SCRIPT_IPV6 = 2,
    VW_SCRIPT_SYN = 4,      /* the capture has the beginning */
    VW_SCRIPT_PORT = 8,     /* the server has a port of libvirt's */
    VW_SCRIPT_WRAP = 16,    /* sequence numbers begin again at 0 soon */
    VW_SCRIPT_STRANGER = 32 /* what is sent are no messages */
};

enum vw_segment_flags {
    VW_SEGMENT_SERVER = 1,
    VW_SEGMENT_CUT = 2, /* half of it is in the capture */
    VW_SEGMENT_FIN = 4, /* with the end of its side, where it is the furthest */
    VW_SEGMENT_ACK = 8, /* of all that the other side has sent */
    VW_SEGMENT_RST = 16,
    VW_SEGMENT_AHEAD = 32, /* behind a hole */
    VW_SEGMENT_LONG = 64   /* 16 times as long and as far */
};

/* Writes the capture, reads it in pieces whose sizes come of SEED (0: in one), puts the sides
 * together, and fails the oracle that says otherwise. */
void vw_script_play(unsigned seed, const uint8_t *script, size_t len);
