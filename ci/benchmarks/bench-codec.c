// SPDX-License-Identifier: MIT
// The codec beside vw-oracle (rpcgen and libtirpc) on the same bytes, releasing included: a lookup
// reply with its header, lists of 3,000 and of 10,000 domains, the stats of 1000 domains with 50
// parameters each; memcpy of the same bytes beside them.
#include <rpc/rpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "bench.h"
#include "message/message.h"
#include "oracle/oracle.h"
#include "schema/profile.h"
#include "xdr/xdr.h"

struct job {
    const char *title;
    const struct vw_type *type;
    const struct vw_oracle_type *oracle, *oracle_header;
    uint8_t *wire; /* a header if SKIP, then the value */
    size_t len;
    size_t skip; /* bytes of the header */
    struct vw_arena arena;
    struct vw_buf out;
    void *value;
    uint8_t *oracle_value, *oracle_out, *copy;
    double decode_goal, encode_goal;
};

/* ---- the bytes ---- */

static void put_word(struct vw_buf *b, uint32_t v)
{
    uint8_t w[4];
    vw_store32(w, v);
    if (vw_buf_append(b, w, 4))
        abort();
}

static void put_string(struct vw_buf *b, const char *s)
{
    size_t len = strlen(s);
    put_word(b, (uint32_t)len);
    if (vw_buf_append(b, s, len) || vw_buf_append(b, "\0\0\0", -len & 3))
        abort();
}

static void put_domain(struct vw_buf *b, const char *name, uint32_t id)
{
    put_string(b, name);
    if (vw_buf_append(b, "0123456789abcdef", 16))
        abort();
    put_word(b, id);
}

static void make_reply(struct vw_buf *b)
{
    struct vw_header h = {0x20008086, 1, 23, VW_MSG_REPLY, 7, VW_MSG_OK};
    uint8_t bytes[VW_HEADER_BYTES];
    vw_header_encode(&h, bytes);
    if (vw_buf_append(b, bytes, sizeof(bytes)))
        abort();
    put_domain(b, "test", 1);
}

static void make_list(struct vw_buf *b, uint32_t n)
{
    char name[32];
    put_word(b, n);
    for (uint32_t i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "domain-%05u", i);
        put_domain(b, name, i);
    }
    put_word(b, n);
}

static void make_list_of_3000(struct vw_buf *b)
{
    make_list(b, 3000);
}

static void make_list_of_10000(struct vw_buf *b)
{
    make_list(b, 10000);
}

/* Parameters as bulk stats have them: mostly counters, some small numbers, some texts. */
static void put_param(struct vw_buf *b, uint32_t i)
{
    char name[32];
    snprintf(name, sizeof(name), "block.%u.wr.bytes", i);
    put_string(b, name);
    switch (i % 8) {
    case 0:
        put_word(b, 2);
        put_word(b, i);
        break;
    case 1:
        put_word(b, 1);
        put_word(b, i);
        break;
    case 2:
        put_word(b, 7);
        put_string(b, "/images/disk.qcow2");
        break;
    default:
        put_word(b, 4);
        put_word(b, i);
        put_word(b, i * 977);
        break;
    }
}

static void make_stats(struct vw_buf *b)
{
    char name[32];
    put_word(b, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "domain-%05u", i);
        put_domain(b, name, i);
        put_word(b, 50);
        for (uint32_t k = 0; k < 50; k++)
            put_param(b, k);
    }
}

/* ---- the ways ---- */

static int decode_ours(void *user, size_t n)
{
    struct job *j = user;
    struct vw_header h;
    for (size_t i = 0; i < n; i++) {
        vw_arena_reset(&j->arena);
        if (j->skip)
            vw_header_decode(j->wire, &h);
        if (vw_xdr_decode(j->type, j->wire + j->skip, j->len - j->skip, &j->arena, &j->value, NULL,
                          NULL))
            return -1;
    }
    return 0;
}

static int encode_ours(void *user, size_t n)
{
    struct job *j = user;
    struct vw_header h = {0x20008086, 1, 23, VW_MSG_REPLY, 7, VW_MSG_OK};
    for (size_t i = 0; i < n; i++) {
        j->out.len = 0;
        if (j->skip) {
            if (vw_buf_reserve(&j->out, VW_HEADER_BYTES))
                return -1;
            vw_header_encode(&h, j->out.data);
            j->out.len = VW_HEADER_BYTES;
        }
        if (vw_xdr_encode(j->type, j->value, &j->out, SIZE_MAX, NULL))
            return -1;
    }
    return 0;
}

static int oracle_header(const struct job *j, XDR *x, uint8_t *memory)
{
    return !j->skip || ((xdrproc_t)j->oracle_header->filter)(x, memory);
}

static int decode_oracle(void *user, size_t n)
{
    struct job *j = user;
    xdrproc_t filter = (xdrproc_t)j->oracle->filter;
    uint8_t header[64];
    for (size_t i = 0; i < n; i++) {
        XDR x;
        xdrmem_create(&x, (char *)j->wire, (unsigned)j->len, XDR_DECODE);
        memset(j->oracle_value, 0, j->oracle->size);
        if (!oracle_header(j, &x, header) || !filter(&x, j->oracle_value))
            return -1;
        xdr_free(filter, j->oracle_value);
    }
    return 0;
}

static int encode_oracle(void *user, size_t n)
{
    struct job *j = user;
    xdrproc_t filter = (xdrproc_t)j->oracle->filter;
    uint8_t header[64] = {0};
    for (size_t i = 0; i < n; i++) {
        XDR x;
        xdrmem_create(&x, (char *)j->oracle_out, (unsigned)j->len, XDR_ENCODE);
        if (!oracle_header(j, &x, header) || !filter(&x, j->oracle_value))
            return -1;
    }
    return 0;
}

static int copy_bytes(void *user, size_t n)
{
    struct job *j = user;
    for (size_t i = 0; i < n; i++) {
        memcpy(j->copy, j->wire, j->len);
        __asm__ volatile("" ::"r"(j->copy) : "memory");
    }
    return 0;
}

/* ---- one job ---- */

static void print_row(const struct job *j, const char *what, struct bench_way *ours,
                      struct bench_way *oracle, struct bench_way *copy, double goal)
{
    printf("%-22s %8zu  %-6s %10.0f ns %10.0f ns %6.2f x (goal %.1f) %7.1f x  least %6.2f x\n",
           j->title, j->len, what, bench_median(ours), bench_median(oracle),
           bench_ratio(oracle, ours), goal, bench_ratio(ours, copy),
           bench_least(oracle) / bench_least(ours));
}

static int run_decode(struct job *j)
{
    struct bench_way ways[] = {
        {"ours", decode_ours, j}, {"oracle", decode_oracle, j}, {"memcpy", copy_bytes, j}};
    int rc = bench_interleave(ways, 3, CLOCK_THREAD_CPUTIME_ID, 4);
    if (!rc)
        print_row(j, "decode", &ways[0], &ways[1], &ways[2], j->decode_goal);
    return rc;
}

static int run_encode(struct job *j)
{
    XDR x;
    xdrmem_create(&x, (char *)j->wire + j->skip, (unsigned)(j->len - j->skip), XDR_DECODE);
    memset(j->oracle_value, 0, j->oracle->size);
    if (!((xdrproc_t)j->oracle->filter)(&x, j->oracle_value))
        return -1;
    struct bench_way ways[] = {
        {"ours", encode_ours, j}, {"oracle", encode_oracle, j}, {"memcpy", copy_bytes, j}};
    int rc = bench_interleave(ways, 3, CLOCK_THREAD_CPUTIME_ID, 4);
    xdr_free((xdrproc_t)j->oracle->filter, (char *)j->oracle_value);
    if (!rc)
        print_row(j, "encode", &ways[0], &ways[1], &ways[2], j->encode_goal);
    /* A codec that is fast and wrong is not fast. */
    if (!rc && (j->out.len != j->len ||
                memcmp(j->out.data + j->skip, j->wire + j->skip, j->len - j->skip) != 0 ||
                memcmp(j->oracle_out + j->skip, j->wire + j->skip, j->len - j->skip) != 0))
        rc = -1;
    return rc;
}

static int run_job(const struct vw_schema *s, const char *title, const char *type, bool header,
                   void (*make)(struct vw_buf *), double decode_goal, double encode_goal)
{
    struct vw_buf wire = VW_BUF_INIT;
    make(&wire);
    struct job j = {.title = title,
                    .type = vw_schema_type(s, type),
                    .oracle = vw_oracle_type(VW_ORACLE_NEWEST, type),
                    .oracle_header = vw_oracle_type(VW_ORACLE_NEWEST, "virNetMessageHeader"),
                    .wire = wire.data,
                    .len = wire.len,
                    .skip = header ? VW_HEADER_BYTES : 0,
                    .decode_goal = decode_goal,
                    .encode_goal = encode_goal};
    int rc = -1;
    if (j.type && j.oracle && j.oracle_header) {
        j.oracle_value = malloc(j.oracle->size);
        j.oracle_out = malloc(j.len);
        j.copy = malloc(j.len);
        if (j.oracle_value && j.oracle_out && j.copy)
            rc = run_decode(&j);
        if (!rc)
            rc = run_encode(&j);
        free(j.oracle_value);
        free(j.oracle_out);
        free(j.copy);
    }
    if (rc)
        fprintf(stderr, "bench-codec: %s failed\n", title);
    vw_arena_finish(&j.arena);
    vw_buf_finish(&j.out);
    vw_buf_finish(&wire);
    return rc;
}

int main(void)
{
    struct vw_profile *p;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_profile_load(NULL, NULL, &p, &err)) {
        fprintf(stderr, "bench-codec: %s\n", err.text);
        return 3;
    }
    printf("pinned to processor %d; medians of %d interleaved rounds of CPU time\n", bench_pin(),
           BENCH_ROUNDS);
    printf("%-22s %8s  %-6s %13s %13s %8s %12s %9s\n", "message", "bytes", "", "virwire",
           "vw-oracle", "ratio", "", "memcpy");
    int rc = run_job(p->schema, "lookup reply", "remote_domain_lookup_by_name_ret", true,
                     make_reply, 4, 3);
    rc |= run_job(p->schema, "3,000 domains", "remote_connect_list_all_domains_ret", false,
                  make_list_of_3000, 8, 3);
    rc |= run_job(p->schema, "10,000 domains", "remote_connect_list_all_domains_ret", false,
                  make_list_of_10000, 8, 3);
    rc |= run_job(p->schema, "stats of 1000 domains", "remote_connect_get_all_domain_stats_ret",
                  false, make_stats, 6.5, 2.5);
    vw_profile_destroy(p);
    return rc ? 3 : 0;
}
