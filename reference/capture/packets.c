// SPDX-License-Identifier: MIT
// Reading. libpcap reads pcapng too, but neither its comments nor its secrets, tells no offsets,
// and cannot wait for a file that grows; the two forms are simpler than what would go around it.
#include "capture/packets.h"

#include <stdlib.h>

#include "base/room.h"
#include "base/words.h"
#include "capture/blocks.h"

/* The longest block and record that is kept; others but packets are passed over in pieces. */
#define BLOCK_MAX      (16u << 20)
#define INTERFACES_MAX 4096u

struct vw_interface {
    uint32_t link;
    uint64_t units; /* a second */
    int64_t offset; /* seconds */
};

static uint32_t load32(const struct vw_packets *p, const uint8_t *at)
{
    uint32_t word = vw_load32(at);
    return p->little ? __builtin_bswap32(word) : word;
}

static uint32_t load16(const struct vw_packets *p, const uint8_t *at)
{
    return p->little ? (uint32_t)at[1] << 8 | at[0] : (uint32_t)at[0] << 8 | at[1];
}

static int __attribute__((format(printf, 4, 5)))
bad(struct vw_packets *p, struct vw_error *err, int code, const char *fmt, ...)
{
    va_list ap;
    p->failed = true;
    if (err && !err->code)
        err->offset = p->in.consumed;
    va_start(ap, fmt);
    int rc = vw_error_vset(err, code, fmt, ap);
    va_end(ap);
    return rc;
}

/* ---- options ---- */

struct option {
    uint32_t code, len;
    const uint8_t *value;
};

/* Takes the next of the options in *LEN bytes at *AT. False at their end; what is cut is no option.
 */
static bool next_option(const struct vw_packets *p, const uint8_t **at, size_t *len,
                        struct option *out)
{
    if (*len < 4)
        return false;
    *out = (struct option){load16(p, *at), load16(p, *at + 2), *at + 4};
    size_t size = 4 + VW_PADDED((size_t)out->len);
    if (out->code == 0 || *len < size)
        return false;
    *at += size;
    *len -= size;
    return true;
}

static uint64_t units_of(uint8_t resolution)
{
    uint64_t units = 1;
    if (resolution & 0x80)
        return 1ull << (resolution & 0x3f);
    for (unsigned i = 0; i < resolution && i < 19; i++)
        units *= 10;
    return units;
}

static int64_t load_seconds(const struct vw_packets *p, const uint8_t *at)
{
    uint64_t first = load32(p, at), second = load32(p, at + 4);
    return (int64_t)(p->little ? second << 32 | first : first << 32 | second);
}

/* ---- blocks of pcapng: BODY of LEN bytes, without type and lengths ---- */

static int take_section(struct vw_packets *p, size_t len, struct vw_error *err)
{
    if (len < 16)
        return bad(p, err, VW_ESYNTAX, "a section header of %zu bytes", len);
    free(p->interfaces);
    p->interfaces = NULL;
    p->n_interfaces = 0;
    return 0;
}

static int take_interface(struct vw_packets *p, const uint8_t *body, size_t len,
                          struct vw_error *err)
{
    struct option o;
    if (len < 8)
        return bad(p, err, VW_ESYNTAX, "an interface of %zu bytes", len);
    if (p->n_interfaces == INTERFACES_MAX)
        return bad(p, err, VW_ELIMIT, "more than %u interfaces", INTERFACES_MAX);
    struct vw_interface *list = vw_room(p->interfaces, p->n_interfaces, sizeof(*list));
    if (!list)
        return vw_error_nomem(err);
    p->interfaces = list;
    struct vw_interface *new = &list[p->n_interfaces++];
    *new = (struct vw_interface){.link = load16(p, body), .units = 1000000};
    body += 8;
    for (len -= 8; next_option(p, &body, &len, &o);) {
        if (o.code == VW_OPTION_RESOLUTION && o.len == 1)
            new->units = units_of(*o.value);
        else if (o.code == VW_OPTION_OFFSET && o.len == 8)
            new->offset = load_seconds(p, o.value);
    }
    return 0;
}

/* Times that no clock shows come to others. */
static int64_t time_of(const struct vw_interface *i, uint64_t stamp)
{
    uint64_t seconds = (stamp / i->units + (uint64_t)i->offset) % (INT64_MAX / VW_NS);
    double rest = (double)(stamp % i->units) / (double)i->units;
    return (int64_t)(seconds * VW_NS + (uint64_t)(rest * VW_NS + 0.5));
}

/* HEAD bytes, of which the last two words are the lengths, then the packet, then options. */
static int take_packet(struct vw_packets *p, const uint8_t *body, size_t len, size_t head,
                       struct vw_packet *out, struct vw_error *err)
{
    bool simple = head == 4;
    if (len < head)
        return bad(p, err, VW_ESYNTAX, "a packet of %zu bytes", len);
    uint32_t which = simple ? 0 : load32(p, body);
    if (which >= p->n_interfaces)
        return bad(p, err, VW_ESYNTAX, "a packet of interface %u, of which nothing is said", which);
    const struct vw_interface *i = &p->interfaces[which];
    out->whole = load32(p, body + head - 4);
    size_t room = len - head;
    out->len =
        simple ? out->whole < room ? out->whole : (uint32_t)room : load32(p, body + head - 8);
    if (out->len > room)
        return bad(p, err, VW_ESYNTAX, "a packet of %u bytes in a block for %zu", out->len, room);
    if (!simple)
        p->last = time_of(i, (uint64_t)load32(p, body + 4) << 32 | load32(p, body + 8));
    out->link = i->link;
    out->ns = p->last;
    out->bytes = body + head;
    size_t left = VW_PADDED((size_t)out->len) < room ? room - VW_PADDED((size_t)out->len) : 0;
    const uint8_t *at = body + len - left;
    for (struct option o; !simple && next_option(p, &at, &left, &o);)
        if (o.code == VW_OPTION_COMMENT) {
            out->comment = (const char *)o.value;
            out->comment_len = o.len;
        }
    return 1;
}

static int take_secrets(struct vw_packets *p, const uint8_t *body, size_t len,
                        struct vw_packet *out, struct vw_error *err)
{
    uint32_t size = len < 8 ? UINT32_MAX : load32(p, body + 4);
    if (len < 8 || size > len - 8)
        return bad(p, err, VW_ESYNTAX, "secrets that do not fit their block");
    out->secrets = load32(p, body) == VW_SECRETS_TLS;
    out->bytes = body + 8;
    out->len = size;
    return out->secrets;
}

static int take_block(struct vw_packets *p, uint32_t type, const uint8_t *body, size_t len,
                      struct vw_packet *out, struct vw_error *err)
{
    switch (type) {
    case VW_BLOCK_SECTION:
        return take_section(p, len, err);
    case VW_BLOCK_INTERFACE:
        return take_interface(p, body, len, err);
    case VW_BLOCK_SIMPLE:
        return take_packet(p, body, len, 4, out, err);
    case VW_BLOCK_PACKET:
        return take_packet(p, body, len, 20, out, err);
    default:
        return take_secrets(p, body, len, out, err);
    }
}

static bool wanted(uint32_t type)
{
    return type == VW_BLOCK_SECTION || type == VW_BLOCK_INTERFACE || type == VW_BLOCK_SIMPLE ||
           type == VW_BLOCK_PACKET || type == VW_BLOCK_SECRETS;
}

/* 1: OUT; 0: more bytes are needed; 2: there was a block, go on. */
static int next_block(struct vw_packets *p, struct vw_packet *out, struct vw_error *err)
{
    const uint8_t *at = p->in.data + p->in.start;
    if (vw_reader_pending(&p->in) < 12)
        return 0;
    if (vw_load32(at) == VW_BLOCK_SECTION) {
        p->little = vw_load32(at + 8) == __builtin_bswap32(VW_SECTION_MAGIC);
        if (!p->little && vw_load32(at + 8) != VW_SECTION_MAGIC)
            return bad(p, err, VW_ESYNTAX, "a section without its byte order");
    }
    uint32_t type = load32(p, at), len = load32(p, at + 4);
    if (len < 12 || len % 4)
        return bad(p, err, VW_ESYNTAX, "a block of %u bytes", len);
    if (!wanted(type)) {
        p->skip = len;
        return 2;
    }
    if (len > BLOCK_MAX)
        return bad(p, err, VW_ELIMIT, "a block of %u bytes, more than %u", len, BLOCK_MAX);
    if (vw_reader_pending(&p->in) < len)
        return 0;
    if (load32(p, at + len - 4) != len)
        return bad(p, err, VW_ESYNTAX, "a block whose two lengths, %u and %u, differ", len,
                   load32(p, at + len - 4));
    int rc = take_block(p, type, at + 8, len - 12, out, err);
    if (rc >= 0)
        vw_reader_skip(&p->in, len);
    return rc == 0 ? 2 : rc;
}

/* ---- records of pcap ---- */

static int next_record(struct vw_packets *p, struct vw_packet *out, struct vw_error *err)
{
    const uint8_t *at = p->in.data + p->in.start;
    if (vw_reader_pending(&p->in) < 16)
        return 0;
    out->len = load32(p, at + 8);
    out->whole = load32(p, at + 12);
    if (out->len > BLOCK_MAX)
        return bad(p, err, VW_ELIMIT, "a packet of %u bytes, more than %u", out->len, BLOCK_MAX);
    if (vw_reader_pending(&p->in) < 16 + (size_t)out->len)
        return 0;
    out->ns =
        (int64_t)load32(p, at) * VW_NS + (int64_t)load32(p, at + 4) * (p->nanoseconds ? 1 : 1000);
    out->link = p->link;
    out->bytes = at + 16;
    vw_reader_skip(&p->in, 16 + (size_t)out->len);
    return 1;
}

static bool pcap_magic(uint32_t magic)
{
    return magic == VW_PCAP_MAGIC_US || magic == VW_PCAP_MAGIC_NS;
}

bool vw_packets_known(const uint8_t first[VW_PACKETS_MAGIC])
{
    uint32_t magic = vw_load32(first);
    return magic == VW_BLOCK_SECTION || pcap_magic(magic) || pcap_magic(__builtin_bswap32(magic));
}

/* 2: the form is known. */
static int take_start(struct vw_packets *p, struct vw_error *err)
{
    const uint8_t *at = p->in.data + p->in.start;
    if (vw_reader_pending(&p->in) < VW_PACKETS_MAGIC)
        return 0;
    uint32_t magic = vw_load32(at);
    if (!vw_packets_known(at))
        return bad(p, err, VW_ESYNTAX, "0x%08x starts neither pcap nor pcapng", magic);
    if (magic == VW_BLOCK_SECTION) {
        p->form = VW_FILE_PCAPNG;
        return 2;
    }
    if (vw_reader_pending(&p->in) < 24)
        return 0;
    p->form = VW_FILE_PCAP;
    p->little = !pcap_magic(magic);
    p->nanoseconds = load32(p, at) == VW_PCAP_MAGIC_NS;
    p->link = load32(p, at + 20) & 0xffff; /* above it stands how frames end */
    vw_reader_skip(&p->in, 24);
    return 2;
}

/* ---- the file ---- */

void vw_packets_init(struct vw_packets *p)
{
    *p = (struct vw_packets){.form = VW_FILE_UNKNOWN};
}

void vw_packets_finish(struct vw_packets *p)
{
    vw_reader_finish(&p->in);
    free(p->interfaces);
    *p = (struct vw_packets){.form = VW_FILE_UNKNOWN};
}

int vw_packets_feed(struct vw_packets *p, const void *bytes, size_t len)
{
    return vw_reader_feed(&p->in, bytes, len);
}

static void pass_over(struct vw_packets *p)
{
    size_t here = vw_reader_pending(&p->in);
    here = here < p->skip ? here : (size_t)p->skip;
    vw_reader_skip(&p->in, here);
    p->skip -= here;
}

int vw_packets_next(struct vw_packets *p, struct vw_packet *out, struct vw_error *err)
{
    int rc = p->failed ? vw_error_set(err, VW_ESYNTAX, "the file was wrong before") : 2;
    while (rc == 2) {
        pass_over(p);
        *out = (struct vw_packet){.offset = p->in.consumed};
        rc = p->skip                      ? 0
             : p->form == VW_FILE_UNKNOWN ? take_start(p, err)
             : p->form == VW_FILE_PCAP    ? next_record(p, out, err)
                                          : next_block(p, out, err);
    }
    return rc;
}

int vw_packets_end(const struct vw_packets *p, struct vw_error *err)
{
    size_t left = vw_reader_pending(&p->in);
    if (p->failed || (!left && !p->skip && p->form != VW_FILE_UNKNOWN))
        return 0;
    if (err && !err->code)
        err->offset = p->in.consumed;
    return vw_error_set(err, VW_ETRUNCATED, "the file ends %zu bytes into a %s", left,
                        p->form == VW_FILE_UNKNOWN ? "file of packets"
                        : p->form == VW_FILE_PCAP  ? "packet"
                                                   : "block");
}
