// SPDX-License-Identifier: MIT
// Frames, IPv4, IPv6 and its extensions, TCP. Lengths are those of the headers, not of the packet:
// short frames have padding behind.
#include "capture/ip.h"

#include <string.h>

#include "base/words.h"

#define TYPE_IPV4 0x0800u
#define TYPE_IPV6 0x86ddu
#define TCP       6u
#define CUT       44u /* the header of a fragment, IPv6 */

struct rest {
    const uint8_t *at;
    size_t len;   /* that are here */
    size_t whole; /* that there were */
};

static uint32_t load16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static bool pass(struct rest *r, size_t n)
{
    if (r->len < n)
        return false;
    r->at += n;
    r->len -= n;
    r->whole -= n;
    return true;
}

/* What lies ahead of IP in a frame: so many bytes, and where among them its type; -1: nowhere. */
static const struct frame {
    uint32_t link;
    uint8_t bytes;
    int8_t type;
} frames[] = {
    {VW_LINK_NULL, 4, -1},    {VW_LINK_LOOP, 4, -1},    {VW_LINK_RAW, 0, -1},
    {VW_LINK_IPV4, 0, -1},    {VW_LINK_IPV6, 0, -1},    {VW_LINK_ETHERNET, 14, 12},
    {VW_LINK_COOKED, 16, 14}, {VW_LINK_COOKED2, 20, 0},
};

static bool is_tag(uint32_t type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static enum vw_ip_outcome pass_frame(struct rest *r, uint32_t link)
{
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        const struct frame *f = &frames[i];
        const uint8_t *start = r->at;
        if (f->link != link)
            continue;
        if (!pass(r, f->bytes))
            return VW_IP_CUT;
        if (f->type < 0)
            return VW_IP_TCP;
        uint32_t type = load16(start + f->type);
        while (is_tag(type)) {
            if (!pass(r, 4))
                return VW_IP_CUT;
            type = load16(r->at - 2);
        }
        return type == TYPE_IPV4 || type == TYPE_IPV6 ? VW_IP_TCP : VW_IP_OTHER;
    }
    return VW_IP_OTHER;
}

/* R holds no more than LEN bytes in all. */
static void limit(struct rest *r, size_t len)
{
    r->whole = len;
    r->len = r->len < len ? r->len : len;
}

static enum vw_ip_outcome take_fragment(const struct rest *r, uint32_t words, uint32_t id,
                                        uint8_t next, struct vw_ip_fragment *out)
{
    *out = (struct vw_ip_fragment){.next = next,
                                   .id = id,
                                   .offset = words & 0xfff8u,
                                   .more = words & 1u,
                                   .bytes = r->at,
                                   .len = (uint32_t)r->len,
                                   .whole = (uint32_t)r->whole};
    return VW_IP_FRAGMENT;
}

static enum vw_ip_outcome pass_ipv4(struct rest *r, struct vw_tcp_segment *out,
                                    struct vw_ip_fragment *fragment)
{
    const uint8_t *at = r->at;
    if (r->len < 20)
        return VW_IP_CUT;
    size_t head = (at[0] & 15u) * 4, len = load16(at + 2);
    /* Offload leaves the length of what is sent as 0. */
    if (len)
        limit(r, len);
    if (head < 20 || !pass(r, head))
        return VW_IP_CUT;
    if (at[9] != TCP)
        return VW_IP_OTHER;
    out->family = 4;
    memcpy(out->from, at + 12, 4);
    memcpy(out->to, at + 16, 4);
    uint32_t place = load16(at + 6);
    if (place & 0x3fff)
        return take_fragment(r, (place & 0x1fff) << 3 | (place >> 13 & 1), load16(at + 4), TCP,
                             fragment);
    return VW_IP_TCP;
}

/* The headers ahead of TCP, of which the first is NEXT. FRAGMENT NULL: none of them may be that of
 * a fragment. */
static enum vw_ip_outcome pass_extensions(struct rest *r, uint8_t next,
                                          struct vw_ip_fragment *fragment)
{
    while (next != TCP) {
        const uint8_t *at = r->at;
        bool cut = next == CUT && fragment;
        if (next != 0 && next != 43 && next != 60 && !cut)
            return VW_IP_OTHER;
        if (r->len < 8)
            return VW_IP_CUT;
        next = at[0];
        if (!pass(r, cut ? 8 : 8 + 8 * (size_t)at[1]))
            return VW_IP_CUT;
        /* One that is all of it is none (RFC 8200, 4.5). */
        if (cut && load16(at + 2) & 0xfff9u)
            return take_fragment(r, load16(at + 2), vw_load32(at + 4), next, fragment);
    }
    return VW_IP_TCP;
}

static enum vw_ip_outcome pass_ipv6(struct rest *r, struct vw_tcp_segment *out,
                                    struct vw_ip_fragment *fragment)
{
    const uint8_t *at = r->at;
    if (r->len < 40)
        return VW_IP_CUT;
    if (load16(at + 4))
        limit(r, 40 + (size_t)load16(at + 4));
    pass(r, 40);
    out->family = 6;
    memcpy(out->from, at + 8, 16);
    memcpy(out->to, at + 24, 16);
    return pass_extensions(r, at[6], fragment);
}

static enum vw_ip_outcome pass_tcp(struct rest *r, struct vw_tcp_segment *out)
{
    const uint8_t *at = r->at;
    if (r->len < 20 || at[12] >> 4 < 5 || !pass(r, (size_t)(at[12] >> 4) * 4))
        return VW_IP_CUT;
    out->from_port = (uint16_t)load16(at);
    out->to_port = (uint16_t)load16(at + 2);
    out->seq = vw_load32(at + 4);
    out->ack = vw_load32(at + 8);
    out->flags = at[13];
    out->bytes = r->at;
    out->len = (uint32_t)r->len;
    out->whole = (uint32_t)r->whole;
    return VW_IP_TCP;
}

enum vw_ip_outcome vw_ip_segment(const struct vw_packet *p, struct vw_tcp_segment *out,
                                 struct vw_ip_fragment *fragment)
{
    struct rest r = {p->bytes, p->len, p->whole > p->len ? p->whole : p->len};
    *out = (struct vw_tcp_segment){0};
    enum vw_ip_outcome what = pass_frame(&r, p->link);
    if (what == VW_IP_TCP && r.len == 0)
        what = VW_IP_CUT;
    if (what == VW_IP_TCP)
        what = r.at[0] >> 4 == 4   ? pass_ipv4(&r, out, fragment)
               : r.at[0] >> 4 == 6 ? pass_ipv6(&r, out, fragment)
                                   : VW_IP_OTHER;
    return what == VW_IP_TCP ? pass_tcp(&r, out) : what;
}

enum vw_ip_outcome vw_ip_joined(uint8_t next, const uint8_t *bytes, size_t len,
                                struct vw_tcp_segment *out)
{
    struct rest r = {bytes, len, len};
    enum vw_ip_outcome what = pass_extensions(&r, next, NULL);
    return what == VW_IP_TCP ? pass_tcp(&r, out) : what;
}
