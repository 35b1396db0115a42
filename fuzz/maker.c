// SPDX-License-Identifier: MIT
// See maker.h.
#include "fuzz/maker.h"

#include "xdr/values.h"

#define RANDOM_SIZE 48 /* hint for random values */
#define WORDS_MAX   32 /* that can be bent */

unsigned vw_script_byte(struct vw_script *s)
{
    if (s->left == 0)
        return 0;
    s->left--;
    return *s->at++;
}

/* Numbers at which codecs break, and small differences to WORD. */
uint32_t vw_bent(uint32_t word, unsigned code)
{
    static const uint32_t edges[] = {
        0,          1,          2,          3,          4,          5,
        6,          7,          8,          23,         24,         27,
        28,         29,         31,         32,         33,         0x7f,
        0x80,       0xff,       0x7fff,     0x10000,    262120,     262144,
        4194304,    4194305,    33554436,   33554437,   0x7fffffff, 0x80000000,
        0xfffffffe, 0xffffffff, 0x20008086, 0x20008087, 0x6b656570, 0x06900690};
    if (code < 128)
        return edges[code % (sizeof(edges) / sizeof(edges[0]))];
    return word + code - 192u;
}

void vw_maker_bend(struct vw_maker *m)
{
    unsigned word = vw_script_byte(m->script), code = vw_script_byte(m->script);
    if (m->n_bends == sizeof(m->bend) / sizeof(m->bend[0]))
        return;
    m->bend[m->n_bends].word = (uint8_t)(word % WORDS_MAX);
    m->bend[m->n_bends++].code = (uint8_t)code;
}

bool vw_maker_begin(struct vw_maker *m, const struct vw_header *header, int32_t type,
                    int32_t status)
{
    uint8_t prefix[VW_PREFIX_BYTES] = {0};
    struct vw_header words = *header;
    words.type = type;
    words.status = status;
    vw_header_encode(&words, prefix + VW_LENGTH_BYTES);
    m->message.len = 0;
    return vw_maker_bytes(m, prefix, sizeof(prefix));
}

bool vw_maker_bytes(struct vw_maker *m, const void *bytes, size_t len)
{
    return vw_buf_append(&m->message, bytes, len) == 0;
}

bool vw_maker_value(struct vw_maker *m, const struct vw_type *t, unsigned how)
{
    static const uint8_t zeros[512];
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_rng rng;
    void *value;
    if (how >= 128)
        return vw_maker_bytes(m, zeros, (how - 128) * 4);
    if (!t)
        return true;
    vw_rng_seed(&rng, how);
    int rc = how ? vw_value_random(t, &rng, RANDOM_SIZE, &arena, &value, NULL)
                 : vw_value_minimal(t, &arena, &value, NULL);
    if (rc == 0)
        rc = vw_xdr_encode(t, value, &m->message, SIZE_MAX, NULL);
    vw_arena_finish(&arena);
    return rc == 0;
}

void vw_maker_end(struct vw_maker *m)
{
    struct vw_buf *b = &m->message;
    vw_store32(b->data, (uint32_t)b->len);
    for (size_t i = 0; i < m->n_bends; i++) {
        size_t at = m->bend[i].word * (size_t)4;
        if (at + 4 <= b->len)
            vw_store32(b->data + at, vw_bent(vw_load32(b->data + at), m->bend[i].code));
    }
    m->n_bends = 0;
    if (m->cut && m->cut < b->len)
        b->len = m->cut;
    m->cut = 0;
}

bool vw_maker_raw(struct vw_maker *m)
{
    size_t len = vw_script_byte(m->script);
    bool good = true;
    m->message.len = 0;
    for (size_t i = 0; i < len; i++) {
        const uint8_t byte = (uint8_t)vw_script_byte(m->script);
        good = good && vw_maker_bytes(m, &byte, 1);
    }
    return good;
}

void vw_maker_finish(struct vw_maker *m)
{
    vw_buf_finish(&m->message);
}
