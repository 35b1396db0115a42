// SPDX-License-Identifier: MIT
// The list of all domains through the client library beside a raw client that sends the same call
// and only counts the bytes of the reply, both against one virwired that has the domains, on one
// processor, in interleaved rounds. Usage: bench-list VIRWIRED-SOCKET DOMAINS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <virwire/client.h>
#include <virwire/uri.h>

#include "base/words.h"
#include "bench.h"
#include "load.h"
#include "message/message.h"
#include "schema/profile.h"

#define ROUND_MS   50
#define CALL_BYTES (VW_LENGTH_BYTES + VW_HEADER_BYTES + 8)

static int complain(const char *text)
{
    fprintf(stderr, "bench-list: %s\n", text);
    return -1;
}

/* ---- our side ---- */

/* Memory of remote_connect_list_all_domains_args and _ret. */
struct list_args {
    int32_t need_results;
    uint32_t flags;
};

struct list_ret {
    struct vw_list domains;
    uint32_t n;
};

struct ours {
    struct vw_client *client;
    struct vw_arena arena;
    const struct vw_proc *proc;
    uint32_t domains;
};

static int run_ours(void *user, size_t n)
{
    struct ours *o = user;
    struct list_args args = {.need_results = 1};
    struct vw_error err = VW_ERROR_INIT;
    for (size_t i = 0; i < n; i++) {
        void *ret;
        vw_arena_reset(&o->arena);
        if (vw_client_call(o->client, o->proc, &args, &o->arena, &ret, &err))
            return complain(err.text);
        if (((const struct list_ret *)ret)->n != o->domains)
            return complain("a list of another length");
    }
    return 0;
}

static int open_ours(struct ours *o, const struct vw_profile *profile, const char *socket)
{
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .profile = profile,
                                              .no_auth = true};
    const struct vw_uri_options plain = {VW_URI_OPTIONS_INIT, .home = "/"};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    char text[256];
    snprintf(text, sizeof(text), "test+unix:///default?socket=%s", socket);
    int rc = vw_uri_parse(text, strlen(text), &plain, &arena, &uri, &err);
    if (!rc)
        rc = vw_client_open(uri, &options, &o->client, &err);
    vw_arena_finish(&arena);
    return rc ? complain(err.text) : 0;
}

/* ---- the raw side ---- */

struct raw {
    int fd;
    uint8_t call[CALL_BYTES];
};

static void prepare(uint8_t *call)
{
    const struct vw_header h = {0x20008086, 1, 273, VW_MSG_CALL, 1, VW_MSG_OK};
    vw_store32(call, CALL_BYTES);
    vw_header_encode(&h, call + VW_LENGTH_BYTES);
    vw_store32(call + VW_PREFIX_BYTES, 1);
    vw_store32(call + VW_PREFIX_BYTES + 4, 0);
}

/* One call; the bytes of its reply, or 0. */
static size_t call_raw(struct raw *r)
{
    static uint8_t buf[1 << 18];
    if (send(r->fd, r->call, CALL_BYTES, MSG_NOSIGNAL) != CALL_BYTES ||
        recv(r->fd, buf, VW_LENGTH_BYTES, MSG_WAITALL) != VW_LENGTH_BYTES)
        return 0;
    size_t rest = vw_load32(buf) - VW_LENGTH_BYTES;
    if (rest > sizeof(buf) || recv(r->fd, buf, rest, MSG_WAITALL) != (ssize_t)rest)
        return 0;
    return VW_LENGTH_BYTES + rest;
}

static int run_raw(void *user, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!call_raw(user))
            return complain("no answer to the raw client");
    return 0;
}

/* ---- all ---- */

static int compare(struct ours *o, struct raw *r)
{
    struct bench_way ways[] = {{.run = run_ours, .user = o}, {.run = run_raw, .user = r}};
    int rc = bench_interleave(ways, 2, CLOCK_MONOTONIC, ROUND_MS);
    if (rc)
        return rc;
    struct bench_spread wall = bench_spread(&ways[0], &ways[1], false);
    struct bench_spread cpu = bench_spread(&ways[0], &ways[1], true);
    printf("list of %-6u %8.1f us %8.1f us  time %5.2f x (%.2f-%.2f)  CPU %5.2f x (%.2f-%.2f)\n",
           o->domains, bench_median(&ways[0]) / 1e3, bench_median(&ways[1]) / 1e3, wall.median,
           wall.low, wall.high, cpu.median, cpu.low, cpu.high);
    return 0;
}

static int run(const struct vw_profile *profile, const char *socket, uint32_t domains)
{
    const struct load_options lo = {.socket = socket, .open = true};
    struct ours o = {.proc = vw_schema_proc(profile->schema, "connect_list_all_domains"),
                     .domains = domains};
    struct raw r = {.fd = load_connect(&lo)};
    prepare(r.call);
    int rc = r.fd < 0 || open_ours(&o, profile, socket) ? -1 : 0;
    if (!rc) {
        printf("CONNECT_LIST_ALL_DOMAINS, %u bytes out, %zu back; processor %d; %d rounds, medians "
               "and quartiles\n%-14s %11s %11s\n",
               CALL_BYTES, call_raw(&r), bench_pin(), BENCH_ROUNDS, "", "virwire", "raw");
        rc = compare(&o, &r);
    }
    if (r.fd >= 0)
        close(r.fd);
    vw_client_destroy(o.client);
    vw_arena_finish(&o.arena);
    return rc;
}

int main(int argc, char **argv)
{
    struct vw_profile *profile;
    struct vw_error err = VW_ERROR_INIT;
    uint32_t domains = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    if (!domains) {
        fprintf(stderr, "Usage: bench-list VIRWIRED-SOCKET DOMAINS\n");
        return 2;
    }
    if (vw_profile_load(NULL, NULL, &profile, &err)) {
        complain(err.text);
        return 3;
    }
    int rc = run(profile, argv[1], domains);
    vw_profile_destroy(profile);
    return rc ? 3 : 0;
}
