// SPDX-License-Identifier: MIT
// What virwired takes for much: defines a second over the wire and memory a domain, and how it
// grows over calls and connections. Usage: bench-many VIRWIRED-SOCKET DOMAINS TURNS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <virwire/client.h>
#include <virwire/uri.h>

#include "bench.h"
#include "load.h"
#include "schema/profile.h"

#define IN_FLIGHT 16u
#define NAME      "test:///default"

static int complain(const char *text)
{
    fprintf(stderr, "bench-many: %s\n", text);
    return -1;
}

/* Resident memory of a process in KiB, or 0. */
static unsigned long resident(pid_t pid)
{
    char path[64], line[128];
    unsigned long kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f) && sscanf(line, "VmRSS: %lu", &kib) != 1)
        ;
    if (f)
        fclose(f);
    return kib;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- growth ---- */

/* Does one step TURNS times: memory after the first tenth and at the end. */
static int grow(const char *what, pid_t server, size_t turns, int (*run)(void *user, size_t n),
                void *user)
{
    double began = seconds();
    int rc = run(user, turns / 10);
    unsigned long tenth = resident(server);
    if (!rc)
        rc = run(user, turns - turns / 10);
    if (!rc)
        printf("%8zu %-12s %8.0f/s  memory behind the first tenth %lu KiB, at the end %lu KiB\n",
               turns, what, (double)turns / (seconds() - began), tenth, resident(server));
    return rc;
}

static int run_calls(void *user, size_t n)
{
    return load_run(user, n);
}

static int run_connections(void *user, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int fd = load_connect(user);
        if (fd < 0)
            return -1;
        close(fd);
    }
    return 0;
}

static int growth(const char *socket, size_t turns)
{
    struct load_options o = {
        .socket = socket, .connections = 1, .in_flight = IN_FLIGHT, .open = NAME};
    struct load *l = load_start(&o);
    pid_t server = l ? load_server(l) : 0;
    int rc = l ? grow("calls", server, turns, run_calls, l) : -1;
    load_stop(l);
    return rc ? rc : grow("connections", server, turns, run_connections, &o);
}

/* ---- domains ---- */

struct defining {
    struct vw_client *client;
    const struct vw_proc *define;
    size_t waiting, failed;
};

static void on_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct defining *d = user;
    d->waiting--;
    d->failed += ev->kind != VW_EVENT_REPLY;
}

static int define_all(struct defining *d, size_t n)
{
    struct vw_error err = VW_ERROR_INIT;
    for (size_t i = 0; i < n || d->waiting;) {
        for (; i < n && d->waiting < IN_FLIGHT; i++, d->waiting++) {
            char xml[256];
            int len = snprintf(xml, sizeof(xml),
                               "<domain type='test'><name>many-%06zu</name><memory>8192</memory>"
                               "<os><type>hvm</type></os></domain>",
                               i);
            /* remote_domain_define_xml_args is one string. */
            struct vw_string arg = {.data = xml, .len = (uint32_t)len};
            const struct vw_submission s = {VW_SUBMISSION_INIT, .proc = d->define, .args = &arg,
                                            .done = on_done, .user = d};
            if (vw_client_submit(d->client, &s, NULL, &err))
                return complain(err.text);
        }
        if (vw_client_wait(d->client, INT64_MAX, &err) < 0)
            return complain(err.text);
    }
    return d->failed ? complain("a domain was refused") : 0;
}

static int open_client(struct vw_client **client, const struct vw_profile *profile,
                       const char *socket)
{
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .profile = profile};
    const struct vw_uri_options plain = {VW_URI_OPTIONS_INIT, .home = "/"};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    char text[256];
    snprintf(text, sizeof(text), "test+unix:///default?socket=%s", socket);
    int rc = vw_uri_parse(text, strlen(text), &plain, &arena, &uri, &err);
    if (!rc)
        rc = vw_client_open(uri, &options, client, &err);
    vw_arena_finish(&arena);
    return rc ? complain(err.text) : 0;
}

static int domains(const char *socket, size_t n)
{
    const struct load_options o = {.socket = socket};
    struct vw_profile *profile;
    struct vw_error err = VW_ERROR_INIT;
    struct defining d = {0};
    int fd = load_connect(&o);
    pid_t server = fd < 0 ? 0 : load_peer(fd);
    if (fd >= 0)
        close(fd);
    if (vw_profile_load(NULL, NULL, &profile, &err))
        return complain(err.text);
    d.define = vw_schema_proc(profile->schema, "domain_define_xml");
    int rc = open_client(&d.client, profile, socket);
    unsigned long before = resident(server);
    double began = seconds();
    if (!rc)
        rc = define_all(&d, n);
    if (!rc)
        printf("%8zu %-12s %8.0f/s  %.0f bytes each\n", n, "defines",
               (double)n / (seconds() - began),
               (double)(resident(server) - before) * 1024 / (double)n);
    vw_client_destroy(d.client);
    vw_profile_destroy(profile);
    return rc;
}

int main(int argc, char **argv)
{
    size_t n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    size_t turns = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (!n || turns < 10) {
        fprintf(stderr, "Usage: bench-many VIRWIRED-SOCKET DOMAINS TURNS\n");
        return 2;
    }
    printf("over a UNIX socket, %u in flight; processor %d\n", IN_FLIGHT, bench_pin());
    int rc = growth(argv[1], turns);
    if (!rc)
        rc = domains(argv[1], n);
    return rc ? 3 : 0;
}
