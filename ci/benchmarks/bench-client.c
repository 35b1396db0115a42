// SPDX-License-Identifier: MIT
// The client beside a raw C ping-pong of the same sizes on the same kind of socket, both against
// the same echo peer, on one processor, in interleaved rounds: time, CPU time of this process,
// allocations. Usage: bench-client PKI (a folder made by ci/make-pki)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <virwire/client.h>
#include <virwire/uri.h>

#include "bench.h"
#include "schema/profile.h"
#include "tls.h"

#define ROUND_MS 25

/* ---- our side ---- */

struct ours {
    struct vw_client *client;
    struct vw_arena arena;
    const struct vw_proc *proc;
    void *args;
    unsigned in_flight;
    size_t to_send, waiting, failed;
};

static int fail(const struct vw_error *err)
{
    fprintf(stderr, "bench-client: %s\n", err->text);
    return -1;
}

static int run_sync(void *user, size_t n)
{
    struct ours *o = user;
    struct vw_error err = VW_ERROR_INIT;
    for (size_t i = 0; i < n; i++) {
        void *ret;
        vw_arena_reset(&o->arena);
        if (vw_client_call(o->client, o->proc, o->args, &o->arena, &ret, &err))
            return fail(&err);
    }
    return 0;
}

static void on_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct ours *o = user;
    o->waiting--;
    o->failed += ev->kind != VW_EVENT_REPLY;
}

static int run_window(void *user, size_t n)
{
    struct ours *o = user;
    struct vw_error err = VW_ERROR_INIT;
    o->to_send = n;
    while (o->to_send || o->waiting) {
        for (; o->to_send && o->waiting < o->in_flight; o->to_send--, o->waiting++)
            if (vw_client_submit(o->client,
                                 &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = o->proc,
                                                               .args = o->args, .done = on_done,
                                                               .user = o},
                                 NULL, &err))
                return fail(&err);
        if (vw_client_wait(o->client, INT64_MAX, &err) < 0)
            return fail(&err);
    }
    return o->failed ? -1 : 0;
}

static int open_client(struct ours *o, const struct vw_profile *profile, const char *text)
{
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .profile = profile,
                                              .no_auth = true, .no_open = true};
    const struct vw_uri_options plain = {VW_URI_OPTIONS_INIT, .home = "/"};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    int rc = vw_uri_parse(text, strlen(text), &plain, &arena, &uri, &err);
    if (!rc)
        rc = vw_client_open(uri, &options, &o->client, &err);
    vw_arena_finish(&arena);
    return rc ? fail(&err) : 0;
}

/* ---- one row ---- */

static double allocations(const struct bench_way *w)
{
    enum { CALLS = 1600 };
    size_t before = bench_allocations();
    return w->run(w->user, CALLS) ? -1 : (double)(bench_allocations() - before) / CALLS;
}

static void print_row(const char *title, struct bench_way *ways, double goal)
{
    struct bench_spread wall = bench_spread(&ways[0], &ways[1], false);
    struct bench_spread cpu = bench_spread(&ways[0], &ways[1], true);
    printf("%-14s %8.2f us %8.2f us  time %5.2f x (%.2f-%.2f)  CPU %5.2f x (%.2f-%.2f)  goal %.2f"
           "  allocations a call %.2f, raw %.2f\n",
           title, bench_median(&ways[0]) / 1e3, bench_median(&ways[1]) / 1e3, wall.median, wall.low,
           wall.high, cpu.median, cpu.low, cpu.high, goal, allocations(&ways[0]),
           allocations(&ways[1]));
}

struct row {
    const char *title, *uri;
    unsigned in_flight;
    double goal;
};

static int compare(struct ours *o, const struct row *row, int (*run)(void *, size_t), void *raw)
{
    o->in_flight = row->in_flight;
    struct bench_way ways[] = {{.run = row->in_flight > 1 ? run_window : run_sync, .user = o},
                               {.run = run, .user = raw}};
    int rc = bench_interleave(ways, 2, CLOCK_MONOTONIC, ROUND_MS);
    if (!rc)
        print_row(row->title, ways, row->goal);
    return rc;
}

static int run_load(void *user, size_t n)
{
    return load_run(user, n);
}

static int run_tls(void *user, size_t n)
{
    return tls_load_run(user, n);
}

static int plain_row(struct ours *o, const struct row *row, const char *socket, uint16_t port)
{
    const struct load_options lo = {
        .socket = socket, .port = port, .connections = 1, .in_flight = row->in_flight};
    struct load *l = load_start(&lo);
    int rc = l ? compare(o, row, run_load, l) : -1;
    load_stop(l);
    return rc;
}

static int tls_row(struct ours *o, const struct row *row, uint16_t port, const char *pki)
{
    struct tls_load *l = tls_load_start(port, pki, NULL);
    int rc = l ? compare(o, row, run_tls, l) : -1;
    tls_load_stop(l);
    return rc;
}

/* ---- all ---- */

struct bench {
    struct vw_profile *profile;
    const char *pki;
    char socket[64];
    uint16_t port, tls_port;
};

static int one_row(const struct bench *b, const struct row *row)
{
    struct ours o = {.proc = vw_schema_proc(b->profile->schema, "domain_lookup_by_name")};
    struct vw_string name = {.data = (char[]){"test"}, .len = 4};
    char uri[800];
    bool tls = strcmp(row->uri, "tls") == 0, tcp = strcmp(row->uri, "tcp") == 0;
    o.args = &name; /* remote_domain_lookup_by_name_args is one string */
    if (tls)
        snprintf(uri, sizeof(uri), "test+tls://127.0.0.1:%u/default?pkipath=%s/client/good",
                 b->tls_port, b->pki);
    else if (tcp)
        snprintf(uri, sizeof(uri), "test+tcp://127.0.0.1:%u/default", b->port);
    else
        snprintf(uri, sizeof(uri), "test+unix:///default?socket=%s", b->socket);
    int rc = open_client(&o, b->profile, uri);
    if (!rc)
        rc = tls ? tls_row(&o, row, b->tls_port, b->pki)
                 : plain_row(&o, row, tcp ? NULL : b->socket, b->port);
    vw_client_destroy(o.client);
    vw_arena_finish(&o.arena);
    return rc;
}

static int run_rows(const struct bench *b)
{
    static const struct row rows[] = {
        {"unix", "unix", 1, 1.15}, {"tcp", "tcp", 1, 1.15}, {"unix, 16", "unix", 16, 2},
        {"tcp, 16", "tcp", 16, 2}, {"tls", "tls", 1, 1.3},
    };
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++)
        rc = one_row(b, &rows[i]);
    return rc;
}

int main(int argc, char **argv)
{
    struct bench b = {.pki = argv[1]};
    struct vw_error err = VW_ERROR_INIT;
    char dir[] = "/tmp/vw-bench.XXXXXX";
    if (argc != 2) {
        fprintf(stderr, "Usage: bench-client PKI\n");
        return 2;
    }
    if (!mkdtemp(dir) || vw_profile_load(NULL, NULL, &b.profile, &err)) {
        fprintf(stderr, "bench-client: cannot start\n");
        return 3;
    }
    printf("DOMAIN_LOOKUP_BY_NAME, 36 bytes out, 56 back; processor %d; %d rounds, medians and "
           "quartiles\n%-14s %11s %11s\n",
           bench_pin(), BENCH_ROUNDS, "", "virwire", "raw");
    snprintf(b.socket, sizeof(b.socket), "%s/echo", dir);
    pid_t echo[] = {echo_start(echo_listen_unix(b.socket)), echo_start(echo_listen_tcp(&b.port)),
                    tls_echo_start(echo_listen_tcp(&b.tls_port), b.pki)};
    int rc = run_rows(&b);
    for (size_t i = 0; i < sizeof(echo) / sizeof(echo[0]); i++)
        echo_stop(echo[i]);
    vw_profile_destroy(b.profile);
    unlink(b.socket);
    rmdir(dir);
    return rc ? 3 : 0;
}
