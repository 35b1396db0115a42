// SPDX-License-Identifier: MIT
// Connects, logs in and calls from a loop of its own, without one call that waits: name and
// password come from the URI's authfile, or are "fred" and what the environment has in
// EXAMPLE_PASSWORD. cc event-loop.c $(pkg-config --cflags --libs virwire) -o event-loop
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <virwire/client.h>
#include <virwire/uri.h>

struct program {
    unsigned calls, done; /* wanted, answered */
    int rc;               /* why it ends early */
    struct vw_error err;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What an answer holds is valid in here. */
static void answered(void *user, struct vw_client *client, const struct vw_event *ev)
{
    struct program *p = user;
    p->done++;
    if (ev->kind == VW_EVENT_ERROR)
        p->rc = vw_error_set(&p->err, VW_EREMOTE, "%s", ev->error.message);
    else
        printf("type %s\n", ((const struct vw_string *)ev->value)->data);
}

static int give(void *user, const struct vw_credential_request *request, char *buf, size_t size,
                struct vw_error *err)
{
    const char *password = getenv("EXAMPLE_PASSWORD");
    if (request->kind == VW_CREDENTIAL_USER)
        snprintf(buf, size, "fred");
    else if (request->kind == VW_CREDENTIAL_PASSWORD && password)
        snprintf(buf, size, "%s", password);
    else
        return VW_ENAME;
    return 0;
}

/* The connection is open, or there is none to be had. */
static void ready(void *user, struct vw_client *client, int rc, const struct vw_error *why)
{
    struct program *p = user;
    const struct vw_proc *proc = vw_profile_proc(vw_client_profile(client), "connect_get_type");
    if (rc) {
        p->rc = rc;
        p->err = *why;
        return;
    }
    const struct vw_submission call = {VW_SUBMISSION_INIT, .proc = proc, .done = answered,
                                       .user = p};
    for (unsigned i = 0; i < p->calls && p->rc == 0; i++)
        p->rc = vw_client_submit(client, &call, NULL, &p->err);
}

static int turn(struct vw_client *client, struct vw_error *err)
{
    struct pollfd f = {.fd = vw_client_fd(client), .events = vw_client_events(client)};
    int64_t left = vw_client_deadline(client) - now_ms();
    if (poll(&f, 1, left < 0 ? 0 : left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
        return vw_error_set(err, VW_ESYSTEM, "poll: %s", strerror(errno));
    return vw_client_process(client, err);
}

static int run(const struct vw_uri *uri, struct program *p)
{
    const struct vw_client_options options = {VW_CLIENT_OPTIONS_INIT, .timeout_ms = 10000,
                                              .credentials = give};
    struct vw_client *client;
    int rc = vw_client_begin(uri, &options, ready, p, &client, &p->err);
    while (rc >= 0 && p->rc == 0 && p->done < p->calls)
        rc = turn(client, &p->err);
    vw_client_destroy(client);
    return p->rc ? p->rc : rc;
}

int main(int argc, char **argv)
{
    const struct vw_uri_options where = {VW_URI_OPTIONS_INIT, .uid = geteuid()};
    struct program p = {.calls = 3, .err = VW_ERROR_INIT};
    struct vw_arena arena = VW_ARENA_INIT;
    const struct vw_uri *uri;
    char line[600];
    if (argc != 2) {
        fprintf(stderr, "Usage: event-loop URI\n");
        return 2;
    }
    int rc = vw_uri_parse(argv[1], strlen(argv[1]), &where, &arena, &uri, &p.err);
    if (rc == 0)
        rc = run(uri, &p);
    if (rc < 0)
        fprintf(stderr, "event-loop: %s\n", vw_error_format(&p.err, NULL, line, sizeof(line)));
    vw_arena_finish(&arena);
    return rc < 0;
}
