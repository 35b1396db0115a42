// SPDX-License-Identifier: MIT
// The second reading goes from block to block by their lengths alone. Each packet is also looked at
// in memory that ends where it ends, so that AddressSanitizer sees what is read behind it.
#include "fuzz/capture-places.h"

#include <stdlib.h>
#include <string.h>

#include "capture/blocks.h"
#include "capture/ip.h"
#include "capture/packets.h"
#include "fuzz/common.h"

#define RECORD_HEAD 16u /* of pcap */
#define BLOCK_HEAD  8u
#define BLOCK_FOOT  4u

struct file {
    const uint8_t *bytes;
    size_t len, at; /* AT: of the block that is next */
    bool little, pcapng;
    uint32_t interfaces; /* of this section */
};

static uint32_t word(const struct file *f, size_t at)
{
    VW_FUZZ_REQUIRE(at + 4 <= f->len, "blocks", "a packet in what is cut at %zu", at);
    uint32_t v = vw_load32(f->bytes + at);
    return f->little ? __builtin_bswap32(v) : v;
}

/* Goes to the block that starts at OFFSET, and counts interfaces on the way. */
static void go_to(struct file *f, uint64_t offset)
{
    while (f->pcapng && f->at <= offset) {
        if (vw_load32(f->bytes + f->at) == VW_BLOCK_SECTION) {
            f->little = vw_load32(f->bytes + f->at + 8) != VW_SECTION_MAGIC;
            f->interfaces = 0;
        }
        f->interfaces += word(f, f->at) == VW_BLOCK_INTERFACE;
        if (f->at == offset)
            return;
        f->at += word(f, f->at + 4);
    }
    VW_FUZZ_REQUIRE(!f->pcapng, "blocks", "no block starts at %llu", (unsigned long long)offset);
}

/* Bytes and comment of P are in its block: none of the block's ends is passed. */
static void check_block(struct file *f, const struct vw_packet *p)
{
    const size_t block = (size_t)p->offset;
    const uint32_t type = word(f, block), len = word(f, block + 4);
    const uint32_t head = type == VW_BLOCK_SIMPLE ? 4 : p->secrets ? 8 : 20;
    const uint32_t end = len - BLOCK_FOOT;
    VW_FUZZ_REQUIRE(BLOCK_HEAD + head + (size_t)p->len <= end &&
                        memcmp(p->bytes, f->bytes + block + BLOCK_HEAD + head, p->len) == 0,
                    "blocks", "%u bytes of a packet in a block of %u", p->len, len);
    VW_FUZZ_REQUIRE(p->secrets ||
                        (type == VW_BLOCK_SIMPLE ? 0 : word(f, block + BLOCK_HEAD)) < f->interfaces,
                    "interfaces", "a packet of one of %u", f->interfaces);
    if (p->comment) {
        const uint8_t *from = p->bytes - head - BLOCK_HEAD, *comment = (const uint8_t *)p->comment;
        VW_FUZZ_REQUIRE(comment >= p->bytes + p->len && comment + p->comment_len <= from + end,
                        "blocks", "%zu bytes of a comment in a block of %u", p->comment_len, len);
    }
}

/* The fewest bytes that may stand ahead of what IP carries: frame and header. */
static size_t headers(uint32_t link, uint8_t family)
{
    static const struct {
        uint32_t link;
        uint8_t bytes;
    } frames[] = {{VW_LINK_NULL, 4},
                  {VW_LINK_LOOP, 4},
                  {VW_LINK_ETHERNET, 14},
                  {VW_LINK_COOKED, 16},
                  {VW_LINK_COOKED2, 20}};
    size_t n = family == 4 ? 20 : 40;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        n += frames[i].link == link ? frames[i].bytes : 0;
    return n;
}

/* LEN bytes are within a packet of ROOM bytes, behind at least HEAD of them. */
static void check_within(const uint8_t *packet, uint32_t room, size_t head, const uint8_t *bytes,
                         uint32_t len)
{
    VW_FUZZ_REQUIRE(bytes >= packet + head && bytes + len <= packet + room, "segment",
                    "%u bytes at %td of a packet of %u", len, bytes - packet, room);
}

static void check_segment(const struct vw_packet *p)
{
    struct vw_packet alone = *p;
    struct vw_tcp_segment s;
    struct vw_ip_fragment piece;
    uint8_t *bytes = malloc(p->len ? p->len : 1);
    VW_FUZZ_REQUIRE(bytes, "memory", "there is none");
    memcpy(bytes, p->bytes, p->len);
    alone.bytes = bytes;
    enum vw_ip_outcome what = vw_ip_segment(&alone, &s, &piece);
    if (what == VW_IP_TCP)
        check_within(bytes, p->len, headers(p->link, s.family) + 20, s.bytes, s.len);
    else if (what == VW_IP_FRAGMENT)
        check_within(bytes, p->len, headers(p->link, s.family), piece.bytes, piece.len);
    free(bytes);
}

void vw_places_check(const uint8_t *bytes, size_t len)
{
    struct file f = {.bytes = bytes, .len = len};
    struct vw_packets packets;
    struct vw_packet p;
    f.pcapng = vw_load32(bytes) == VW_BLOCK_SECTION;
    vw_packets_init(&packets);
    VW_FUZZ_REQUIRE(vw_packets_feed(&packets, bytes, len) == 0, "feed", "out of memory");
    while (vw_packets_next(&packets, &p, NULL) == 1) {
        go_to(&f, p.offset);
        if (f.pcapng)
            check_block(&f, &p);
        else
            VW_FUZZ_REQUIRE(p.offset + RECORD_HEAD + p.len <= len &&
                                memcmp(p.bytes, bytes + p.offset + RECORD_HEAD, p.len) == 0,
                            "blocks", "a packet behind the end of the file");
        if (!p.secrets)
            check_segment(&p);
    }
    vw_packets_finish(&packets);
}
