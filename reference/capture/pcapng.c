// SPDX-License-Identifier: MIT
// Writing. A block of pcapng is a type, its length, what is in it, options, and its length again,
// all padded to whole words; a record of pcap is four words and the packet.
#include "capture/pcapng.h"

#include "base/words.h"
#include "capture/blocks.h"

static const uint8_t zeros[4];

static void put32(struct vw_buf *b, uint32_t word)
{
    vw_store32(b->data + b->len, word);
    b->len += 4;
}

static void put(struct vw_buf *b, const void *bytes, size_t len)
{
    if (len)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
}

static void put_padding(struct vw_buf *b, size_t len)
{
    put(b, zeros, VW_PADDED(len) - len);
}

/* An option takes this much. TEXT may be NULL: there is none. */
static size_t option_size(const char *text, size_t len)
{
    return text ? 4 + VW_PADDED(len) : 0;
}

static void put_option(struct vw_buf *b, uint32_t code, const char *text, size_t len)
{
    if (!text)
        return;
    put32(b, code << 16 | (uint32_t)len);
    put(b, text, len);
    put_padding(b, len);
}

/* Reserves the whole block, SIZE bytes between its two lengths, and starts it. */
static int start_block(struct vw_buf *b, uint32_t type, size_t size)
{
    if (vw_buf_reserve(b, size + 12))
        return VW_ENOMEM;
    put32(b, type);
    put32(b, (uint32_t)size + 12);
    return 0;
}

static void end_block(struct vw_buf *b, size_t size)
{
    put32(b, (uint32_t)size + 12);
}

static size_t length_of(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    return len < VW_OPTION_MAX ? len : VW_OPTION_MAX;
}

static int put_section(struct vw_buf *b, const char *application, const char *comment)
{
    size_t n = length_of(comment), m = length_of(application);
    size_t size = 16 + option_size(comment, n) + option_size(application, m) + 4;
    if (start_block(b, VW_BLOCK_SECTION, size))
        return VW_ENOMEM;
    put32(b, VW_SECTION_MAGIC);
    put32(b, 1u << 16); /* version 1.0 */
    put32(b, UINT32_MAX);
    put32(b, UINT32_MAX); /* its length is not known */
    put_option(b, VW_OPTION_COMMENT, comment, n);
    put_option(b, VW_OPTION_APPLICATION, application, m);
    put32(b, 0);
    end_block(b, size);
    return 0;
}

static int put_interface(struct vw_buf *b, const char *name)
{
    static const char nanoseconds[] = {9};
    size_t n = length_of(name);
    size_t size = 8 + option_size(name, n) + option_size(nanoseconds, 1) + 4;
    if (start_block(b, VW_BLOCK_INTERFACE, size))
        return VW_ENOMEM;
    put32(b, VW_LINK_RAW << 16);
    put32(b, 0); /* packets are whole */
    put_option(b, VW_OPTION_NAME, name, n);
    put_option(b, VW_OPTION_RESOLUTION, nanoseconds, 1);
    put32(b, 0);
    end_block(b, size);
    return 0;
}

static int put_pcap_start(struct vw_buf *b)
{
    if (vw_buf_reserve(b, 24))
        return VW_ENOMEM;
    put32(b, VW_PCAP_MAGIC_NS);
    put32(b, 2u << 16 | 4); /* version 2.4 */
    put32(b, 0);
    put32(b, 0);
    put32(b, VW_PACKET_MAX);
    put32(b, VW_LINK_RAW);
    return 0;
}

int vw_pcap_put_start(struct vw_buf *b, enum vw_pcap_form form, const char *application,
                      const char *interface, const char *comment)
{
    size_t before = b->len;
    if (form == VW_PCAP)
        return put_pcap_start(b);
    int rc = put_section(b, application, comment);
    if (rc == 0)
        rc = put_interface(b, interface);
    if (rc)
        b->len = before;
    return rc;
}

static int put_record(struct vw_buf *b, const struct vw_packet *p, const void *more, size_t n)
{
    if (vw_buf_reserve(b, 16 + p->len + n))
        return VW_ENOMEM;
    put32(b, (uint32_t)(p->ns / VW_NS));
    put32(b, (uint32_t)(p->ns % VW_NS));
    put32(b, p->len + (uint32_t)n);
    put32(b, p->len + (uint32_t)n);
    put(b, p->bytes, p->len);
    put(b, more, n);
    return 0;
}

int vw_pcap_put_packet(struct vw_buf *b, enum vw_pcap_form form, const struct vw_packet *p,
                       const void *more, size_t n)
{
    if (form == VW_PCAP)
        return put_record(b, p, more, n);
    size_t len = p->len + n;
    size_t comment = p->comment_len < VW_OPTION_MAX ? p->comment_len : VW_OPTION_MAX;
    size_t size = 20 + VW_PADDED(len) + (p->comment ? option_size(p->comment, comment) + 4 : 0);
    if (start_block(b, VW_BLOCK_PACKET, size))
        return VW_ENOMEM;
    put32(b, 0); /* the one interface */
    put32(b, (uint32_t)((uint64_t)p->ns >> 32));
    put32(b, (uint32_t)p->ns);
    put32(b, (uint32_t)len);
    put32(b, (uint32_t)len);
    put(b, p->bytes, p->len);
    put(b, more, n);
    put_padding(b, len);
    put_option(b, VW_OPTION_COMMENT, p->comment, comment);
    put(b, zeros, p->comment ? 4 : 0);
    end_block(b, size);
    return 0;
}

int vw_pcap_put_secrets(struct vw_buf *b, enum vw_pcap_form form, const void *log, size_t len)
{
    size_t size = 8 + VW_PADDED(len);
    if (form == VW_PCAP || len == 0)
        return 0;
    if (start_block(b, VW_BLOCK_SECRETS, size))
        return VW_ENOMEM;
    put32(b, VW_SECRETS_TLS);
    put32(b, (uint32_t)len);
    put(b, log, len);
    put_padding(b, len);
    end_block(b, size);
    return 0;
}
