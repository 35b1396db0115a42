// SPDX-License-Identifier: MIT
// Packets that were never on a network. Sequence numbers begin at 0, so that they are offsets plus
// 1; each packet acknowledges all that the other side has sent.
#include "capture/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/words.h"

#define SERVER_ADDRESS 0x7f000001u
#define SERVER_PORT    16509u
#define FIRST_PORT     32768u
#define PORTS          28000u /* of one address of a client */

#define IP_BYTES    20u
#define TCP_BYTES   20u
#define SEGMENT_MAX ((65535u - IP_BYTES - TCP_BYTES) & ~3u)
#define KEPT        ((size_t)256 * 1024)

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct vw_capture {
    int fd;
    enum vw_pcap_form form;
    uint32_t connections;
    struct vw_buf buf;
    struct vw_error failed; /* code 0: nothing has */
};

/* ---- one packet ---- */

/* The sum of RFC 1071 goes on over LEN bytes; only the last piece may be odd. */
static uint64_t add_up(uint64_t sum, const uint8_t *p, size_t len)
{
    uint8_t last[4] = {0};
    for (; len >= 4; p += 4, len -= 4)
        sum += vw_load32(p);
    if (len)
        memcpy(last, p, len);
    return sum + vw_load32(last);
}

static uint32_t checksum(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~(uint32_t)sum & 0xffff;
}

static uint32_t pair(uint32_t high, uint32_t low)
{
    return high << 16 | low;
}

/* Headers of a packet from SIDE with N bytes; OPTIONS of TCP are one word or none (0). Returns how
 * many bytes they have. */
static uint32_t put_headers(uint8_t *out, const struct vw_capture_conn *conn, enum vw_side side,
                            unsigned flags, uint32_t options, const uint8_t *bytes, uint32_t n)
{
    bool client = side == VW_SIDE_CLIENT;
    uint32_t from = client ? conn->address : SERVER_ADDRESS;
    uint32_t to = client ? SERVER_ADDRESS : conn->address;
    uint32_t tcp = TCP_BYTES + (options ? 4 : 0);
    uint8_t *t = out + IP_BYTES;
    vw_store32(out, 0x45000000u | (IP_BYTES + tcp + n));
    vw_store32(out + 4, 0x4000);     /* not to be cut */
    vw_store32(out + 8, 0x40060000); /* TCP */
    vw_store32(out + 12, from);
    vw_store32(out + 16, to);
    vw_store32(out + 8, 0x40060000 | checksum(add_up(0, out, IP_BYTES)));
    vw_store32(t, client ? pair(conn->port, SERVER_PORT) : pair(SERVER_PORT, conn->port));
    vw_store32(t + 4, conn->next[side]);
    vw_store32(t + 8, flags & ACK ? conn->next[!side] : 0);
    vw_store32(t + 12, tcp / 4 << 28 | flags << 16 | 0xffff);
    vw_store32(t + 16, 0);
    vw_store32(t + 20, options);
    uint64_t sum = add_up((uint64_t)from + to + 6 + tcp + n, t, tcp);
    vw_store32(t + 16, checksum(add_up(sum, bytes, n)) << 16);
    return IP_BYTES + tcp;
}

static void note_failure(struct vw_capture *c, int rc)
{
    if (rc == VW_ENOMEM)
        vw_error_nomem(&c->failed);
}

static void write_out(struct vw_capture *c)
{
    size_t done = 0;
    while (!c->failed.code && done < c->buf.len) {
        ssize_t n = write(c->fd, c->buf.data + done, c->buf.len - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno != EINTR)
            vw_error_errno(&c->failed, errno, "cannot write the capture");
    }
    c->buf.len = 0;
}

static void put_packet(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                       int64_t ns, unsigned flags, const void *bytes, uint32_t n,
                       const char *comment)
{
    /* The windows that both sides announce are shifted by 14 bits: a reader would take a longer
     * stretch from one side for more than the other had room for. */
    uint32_t options = flags & SYN ? 0x03030e00 : 0;
    uint8_t head[IP_BYTES + TCP_BYTES + 4];
    const struct vw_packet p = {
        .ns = ns,
        .bytes = head,
        .len = put_headers(head, conn, side, flags, options, bytes, n),
        .comment = comment,
        .comment_len = comment ? strlen(comment) : 0,
    };
    if (c->failed.code)
        return;
    note_failure(c, vw_pcap_put_packet(&c->buf, c->form, &p, bytes, n));
    conn->next[side] += n + (flags & (SYN | FIN) ? 1 : 0);
    if (c->buf.len >= KEPT)
        write_out(c);
}

/* ---- connections ---- */

void vw_capture_begin(struct vw_capture *c, struct vw_capture_conn *conn, int64_t ns,
                      const char *name, bool fds)
{
    uint32_t n = c->connections++;
    *conn = (struct vw_capture_conn){.address = SERVER_ADDRESS + n / PORTS,
                                     .port = (uint16_t)(FIRST_PORT + n % PORTS)};
    put_packet(c, conn, VW_SIDE_CLIENT, ns, SYN, NULL, 0, name);
    put_packet(c, conn, VW_SIDE_SERVER, ns, SYN | ACK, NULL, 0, fds ? VW_CAPTURE_FDS : NULL);
    put_packet(c, conn, VW_SIDE_CLIENT, ns, ACK, NULL, 0, NULL);
}

void vw_capture_bytes(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                      int64_t ns, const void *bytes, size_t len, const char *comment)
{
    const uint8_t *p = bytes;
    if (len == 0 && comment && c->form == VW_PCAPNG)
        put_packet(c, conn, side, ns, ACK, NULL, 0, comment);
    while (len > 0) {
        uint32_t n = len < SEGMENT_MAX ? (uint32_t)len : SEGMENT_MAX;
        put_packet(c, conn, side, ns, len == n ? PSH | ACK : ACK, p, n, comment);
        comment = NULL;
        p += n;
        len -= n;
    }
}

void vw_capture_descriptors(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                            int64_t ns, unsigned n)
{
    char text[sizeof(VW_CAPTURE_DESCRIPTORS) + 12];
    snprintf(text, sizeof(text), VW_CAPTURE_DESCRIPTORS "%u", n);
    vw_capture_bytes(c, conn, side, ns, NULL, 0, text);
}

void vw_capture_opaque(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                       int64_t ns, const char *what)
{
    char text[100];
    snprintf(text, sizeof(text), VW_CAPTURE_OPAQUE "%s", what);
    vw_capture_bytes(c, conn, side, ns, NULL, 0, text);
}

void vw_capture_end(struct vw_capture *c, struct vw_capture_conn *conn, enum vw_side side,
                    int64_t ns, bool reset)
{
    if (conn->reset || (conn->ended[side] && !reset))
        return;
    put_packet(c, conn, side, ns, (reset ? RST : FIN) | ACK, NULL, 0, NULL);
    conn->ended[side] = true;
    conn->reset = reset;
}

void vw_capture_secrets(struct vw_capture *c, const void *log, size_t len)
{
    if (!c->failed.code)
        note_failure(c, vw_pcap_put_secrets(&c->buf, c->form, log, len));
}

/* ---- the file ---- */

int vw_capture_create(int fd, const struct vw_capture_options *o, struct vw_capture **out,
                      struct vw_error *err)
{
    struct vw_capture *c = calloc(1, sizeof(*c));
    if (!c)
        return vw_error_nomem(err);
    c->fd = fd;
    c->form = o->form;
    c->connections = o->first;
    note_failure(c, vw_pcap_put_start(&c->buf, o->form, o->application, o->interface, o->comment));
    int rc = vw_capture_flush(c, err);
    if (rc)
        vw_capture_destroy(c);
    *out = rc ? NULL : c;
    return rc;
}

int vw_capture_flush(struct vw_capture *c, struct vw_error *err)
{
    write_out(c);
    if (c->failed.code && err && !err->code)
        *err = c->failed;
    return c->failed.code;
}

void vw_capture_destroy(struct vw_capture *c)
{
    if (!c)
        return;
    vw_buf_finish(&c->buf);
    free(c);
}
