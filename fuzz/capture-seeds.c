// SPDX-License-Identifier: MIT
// Scripts in the language of capture-script.h, dumps, and files whose lengths end exactly where
// they may.
#include "fuzz/capture-seeds.h"

#include <stdint.h>
#include <string.h>

#include "capture/ip.h"
#include "capture/pcapng.h"
#include "fuzz/capture-script.h"

enum {
    PCAP = VW_SCRIPT_PCAP,
    SIX = VW_SCRIPT_IPV6,
    SYN = VW_SCRIPT_SYN,
    PORT = VW_SCRIPT_PORT,
    WRAP = VW_SCRIPT_WRAP,
    STRANGER = VW_SCRIPT_STRANGER,
    SERVER = VW_SEGMENT_SERVER,
    CUT = VW_SEGMENT_CUT,
    FIN = VW_SEGMENT_FIN,
    ACK = VW_SEGMENT_ACK,
    RST = VW_SEGMENT_RST,
    AHEAD = VW_SEGMENT_AHEAD,
    LONG = VW_SEGMENT_LONG
};

#define SCRIPT(...)                                                                                \
    {                                                                                              \
        sizeof((const uint8_t[]){0, VW_SCRIPT_MARK, __VA_ARGS__}), (const uint8_t[])               \
        {                                                                                          \
            7, VW_SCRIPT_MARK, __VA_ARGS__                                                         \
        }                                                                                          \
    }

/* What each is about: turns, again, early, cut, ends, strangers. */
static const struct {
    size_t len;
    const uint8_t *bytes;
} scripts[] = {
    SCRIPT(SYN | PORT, 0, 0, 27, 9, SERVER | ACK, 0, 27, 0, FIN, 0, 55, 0, SERVER | FIN, 0, 0, 0),
    SCRIPT(PORT, 0, 0, 99, 0, 0, 50, 49, 0, 0, 0, 27, 0, SERVER | ACK, 0, 27, 0),
    SCRIPT(PORT | WRAP | SIX, 0, 0, 27, 0, AHEAD, 28, 27, 0, 0, 56, 27, 0, FIN, 0, 27, 0),
    SCRIPT(SYN | PCAP, 0, 0, 27, 0, CUT, 0, 99, 0, AHEAD, 9, 27, 0, SERVER | ACK | RST, 0, 27, 0),
    SCRIPT(SIX, 0, 0, 27, 0, AHEAD, 28, 83, 0, 0, 140, 199, 3, SERVER | FIN | ACK, 0, 27, 0),
    SCRIPT(STRANGER, 0, 0, 99, 0, LONG, 0, 127, 0, SERVER | ACK, 0, 9, 0, LONG, 0, 127, 0),
    SCRIPT(STRANGER | SIX, LONG, 0, 255, 0, LONG, 9, 127, 0, LONG, 0, 3, 0),
    SCRIPT(STRANGER | PORT | SYN, 0, 0, 99, 0, SERVER, 0, 99, 0, FIN, 0, 99, 0),
};

/* A byte of sizes, then a text. */
static const char *const texts[] = {
    "\x05"
    "0000 0000 1c20 0080 86\n",
    "\x05"
    "00000000: 0000 001c 2000 8086 0000 0001 0000 0001  .... ...........\n00000010: 00\n",
    "\x09"
    "00000000  00 00 00 1c 20 00 80 86  00 00 00 01 00 00 00 01  |....|\n*\n"
    "00000040  00 00  |..|\n00000042\n",
    "\x03"
    "00000000  00 00 00 1c 20 00 80 86  00 00 00 01 00 00 00 01  |....|\n*\n00100010\n",
    "\x03"
    "0000000 00 00 00 1c 20 00 80 86\n*\n0000040 01\n",
    "\x0b"
    "read(3, \"\\0\\0\\0\\34 \\0\\200\\206\", 8) = 8\nsendmsg(4, {iov_base=\"\\0\\0\"}) = 2\n",
    "\x0b"
    "unsigned char x[] = {\n0x00, 0x1c, /* a */ 0x20\n};\n[0 0 0 28] b'\\x00\\x1c' // b\n",
};

/* A file of one packet of a segment without bytes; WHOLE: of what its IP header says. With a
 * comment that ends with its block, so that a length more is one too many. */
static void write_packet(void (*write)(const void *bytes, size_t len), uint8_t whole)
{
    const uint8_t segment[40] = {0x45, 0, 0, whole, 0,   0, 0, 0, 64,     6,     0,    0,
                                 127,  0, 0, 1,     127, 0, 0, 2, 0x9c,   0x40,  0x40, 0x7d,
                                 0,    0, 0, 1,     0,   0, 0, 1, 5 << 4, VW_ACK};
    const struct vw_packet p = {.ns = 1,
                                .bytes = segment,
                                .len = sizeof(segment),
                                .comment = "comment that",
                                .comment_len = 12};
    struct vw_buf b = VW_BUF_INIT;
    const uint8_t sizes = 30;
    if (vw_buf_append(&b, &sizes, 1) == 0 &&
        vw_pcap_put_start(&b, VW_PCAPNG, NULL, NULL, NULL) == 0 &&
        vw_pcap_put_packet(&b, VW_PCAPNG, &p, NULL, 0) == 0)
        write(b.data, b.len);
    vw_buf_finish(&b);
}

void vw_capture_seeds(void (*write)(const void *bytes, size_t len))
{
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        write(scripts[i].bytes, scripts[i].len);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        write(texts[i], strlen(texts[i]));
    write_packet(write, 40);
    write_packet(write, 80); /* the capture has cut it */
}
