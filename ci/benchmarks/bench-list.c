// SPDX-License-Identifier: MIT
// The list of all domains through the client library beside a raw client that sends the same call
// and only counts the bytes of the reply, both against one virwired that has the domains; or, with
// a libvirtd, the raw client on both. On one processor, in interleaved rounds. Usage: bench-list
// NAME DOMAINS VIRWIRED-SOCKET [LIBVIRTD-SOCKET], where NAME is what is opened.
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

static int open_ours(struct ours *o, const struct vw_profile *profile, const char *name,
                     const char *socket)
{
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .profile = profile,
                                              .no_auth = true};
    const struct vw_uri_options plain = {VW_URI_OPTIONS_INIT, .home = "/"};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    char text[512];
    snprintf(text, sizeof(text), "test+unix:///default?socket=%s&name=%s", socket, name);
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
    static uint8_t buf[1 << 20];
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

static void header(const char *a, const char *b, size_t bytes)
{
    printf("CONNECT_LIST_ALL_DOMAINS, %u bytes out, %zu back; processor %d; %d rounds, medians and "
           "quartiles\n%-14s %11s %11s\n",
           CALL_BYTES, bytes, bench_pin(), BENCH_ROUNDS, "", a, b);
}

static void row(const struct bench_way *ways, uint32_t domains)
{
    struct bench_spread wall = bench_spread(&ways[0], &ways[1], false);
    struct bench_spread cpu = bench_spread(&ways[0], &ways[1], true);
    printf("list of %-6u %8.1f us %8.1f us  time %5.2f x (%.2f-%.2f)  CPU %5.2f x (%.2f-%.2f)\n",
           domains, bench_median(&ways[0]) / 1e3, bench_median(&ways[1]) / 1e3, wall.median,
           wall.low, wall.high, cpu.median, cpu.low, cpu.high);
}

static int compare(struct bench_way *ways, uint32_t domains)
{
    int rc = bench_interleave(ways, 2, CLOCK_MONOTONIC, ROUND_MS);
    if (!rc)
        row(ways, domains);
    return rc;
}

static int open_raw(struct raw *r, const char *name, const char *socket, pid_t *server)
{
    const struct load_options lo = {.socket = socket, .open = name};
    prepare(r->call);
    r->fd = load_connect(&lo);
    if (r->fd >= 0 && server)
        *server = load_peer(r->fd);
    return r->fd < 0 ? -1 : 0;
}

/* The client library beside the raw client. */
static int clients(const char *name, uint32_t domains, const char *socket)
{
    struct vw_profile *profile;
    struct vw_error err = VW_ERROR_INIT;
    struct raw r = {.fd = -1};
    if (vw_profile_load(NULL, NULL, &profile, &err))
        return complain(err.text);
    struct ours o = {.proc = vw_schema_proc(profile->schema, "connect_list_all_domains"),
                     .domains = domains};
    int rc = open_raw(&r, name, socket, NULL);
    if (!rc)
        rc = open_ours(&o, profile, name, socket);
    if (!rc) {
        struct bench_way ways[] = {{.run = run_ours, .user = &o}, {.run = run_raw, .user = &r}};
        header("virwire", "raw", call_raw(&r));
        rc = compare(ways, domains);
    }
    if (r.fd >= 0)
        close(r.fd);
    vw_client_destroy(o.client);
    vw_arena_finish(&o.arena);
    vw_profile_destroy(profile);
    return rc;
}

/* The raw client on both daemons; CPU time is theirs. */
static int servers(const char *name, uint32_t domains, char *const *sockets)
{
    struct raw r[2] = {{.fd = -1}, {.fd = -1}};
    struct bench_way ways[2] = {{.run = run_raw, .user = &r[0]}, {.run = run_raw, .user = &r[1]}};
    int rc = 0;
    for (size_t i = 0; !rc && i < 2; i++)
        rc = open_raw(&r[i], name, sockets[1 - i], &ways[i].server);
    if (!rc) {
        header("libvirtd", "virwired", call_raw(&r[1]));
        rc = compare(ways, domains);
    }
    for (size_t i = 0; i < 2; i++) {
        if (r[i].fd >= 0)
            close(r[i].fd);
    }
    return rc;
}

int main(int argc, char **argv)
{
    uint32_t domains = argc == 4 || argc == 5 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    if (!domains) {
        fprintf(stderr, "Usage: bench-list NAME DOMAINS VIRWIRED-SOCKET [LIBVIRTD-SOCKET]\n");
        return 2;
    }
    int rc = argc == 5 ? servers(argv[1], domains, argv + 3) : clients(argv[1], domains, argv[3]);
    return rc ? 3 : 0;
}
