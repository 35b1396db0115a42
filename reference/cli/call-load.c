// SPDX-License-Identifier: MIT
// The load mode of `virwire call`. One thread, one poll loop; what is measured is the time from
// queueing a call to its answer.
#include "cli/call-load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/exit.h"
#include "cli/message.h"
#include "transport/transport.h"

struct load;

struct slot {
    struct load *load;
    uint64_t started_ns;
    struct slot *next; /* free ones of a connection */
};

struct lane {
    struct vw_client *client;
    struct slot *free;
    struct slot *slots;
};

struct load {
    struct vw_connect *x;
    const struct vw_load *shape;
    const struct vw_proc *proc;
    const void *args;
    struct lane *lanes;
    struct pollfd *polls;
    uint64_t started, done, failed;
    uint32_t *times_ns; /* one for each call, at most 4.29 s */
    struct vw_remote_error error;
    char error_text[200]; /* message of the first error */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void on_done(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct slot *slot = user;
    struct load *l = slot->load;
    uint64_t took = now_ns() - slot->started_ns;
    l->times_ns[l->done++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    slot->started_ns = 0;
    if (ev->kind == VW_EVENT_REPLY || l->failed++)
        return;
    l->error = ev->error;
    snprintf(l->error_text, sizeof(l->error_text), "%s",
             ev->error.message ? ev->error.message : "no text");
}

/* Gives every slot that is idle a call, as long as there are any left. */
static int top_up(struct load *l, struct lane *lane, struct vw_error *err)
{
    uint64_t now = 0;
    for (uint32_t i = 0; i < l->shape->pipeline && l->started < l->shape->repeat; i++) {
        struct slot *slot = &lane->slots[i];
        if (slot->started_ns)
            continue;
        if (!now)
            now = now_ns();
        slot->started_ns = now;
        int rc = vw_client_submit(
            lane->client,
            &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = l->proc, .args = l->args,
                                          .deadline_ms = vw_now_ms() + l->x->timeout_ms,
                                          .done = on_done, .user = slot},
            NULL, err);
        if (rc)
            return rc;
        l->started++;
    }
    return 0;
}

/* Waits for something on any connection. */
static int wait_any(struct load *l, struct vw_error *err)
{
    const uint32_t n = l->shape->connections;
    if (n == 1)
        return vw_client_wait(l->lanes[0].client, vw_now_ms() + l->x->timeout_ms, err);
    for (uint32_t i = 0; i < n; i++)
        l->polls[i].events = vw_client_events(l->lanes[i].client);
    int ready = poll(l->polls, n, l->x->timeout_ms);
    if (ready == 0)
        return vw_error_set(err, VW_ETIMEOUT, "no server answered in time");
    if (ready < 0)
        return errno == EINTR ? 0 : vw_error_errno(err, errno, "poll");
    for (uint32_t i = 0; i < n; i++) {
        if (!l->polls[i].revents)
            continue;
        int rc = vw_client_process(l->lanes[i].client, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int drive(struct load *l, struct vw_error *err)
{
    while (l->done < l->shape->repeat) {
        for (uint32_t i = 0; i < l->shape->connections; i++) {
            bool idle = vw_client_in_flight(l->lanes[i].client) < l->shape->pipeline;
            int rc = idle ? top_up(l, &l->lanes[i], err) : 0;
            if (rc == 0 && l->shape->connections > 1 &&
                vw_client_events(l->lanes[i].client) & POLLOUT)
                rc = vw_client_process(l->lanes[i].client, err);
            if (rc < 0)
                return rc;
        }
        int rc = wait_any(l, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_us(const struct load *l, double part)
{
    uint64_t at = (uint64_t)(part * (double)(l->done - 1) + 0.5);
    return l->times_ns[at] / 1000.0;
}

static int report(struct load *l, uint64_t took_ns)
{
    qsort(l->times_ns, l->done, sizeof(*l->times_ns), by_size);
    printf("%llu calls in %.3f s, %.0f calls/s, p50 %.1f us, p99 %.1f us, max %.1f us\n",
           (unsigned long long)l->done, (double)took_ns / 1e9,
           (double)l->done * 1e9 / (double)(took_ns ? took_ns : 1), percentile_us(l, 0.5),
           percentile_us(l, 0.99), percentile_us(l, 1));
    if (!l->failed)
        return VW_EXIT_OK;
    const char *code = vw_error_code_name(l->error.code);
    return vw_cli_error(l->x->command, VW_EXIT_FINDINGS,
                        "%llu of %llu calls failed, the first with %s (%d): %s",
                        (unsigned long long)l->failed, (unsigned long long)l->done,
                        code ? code : "unknown code", l->error.code, l->error_text);
}

static int open_lane(struct load *l, struct lane *lane, const struct vw_client_options *options,
                     struct vw_error *err)
{
    lane->slots = calloc(l->shape->pipeline, sizeof(*lane->slots));
    if (!lane->slots)
        return vw_error_nomem(err);
    for (uint32_t i = 0; i < l->shape->pipeline; i++)
        lane->slots[i].load = l;
    return vw_client_open(l->x->uri, options, &lane->client, err);
}

static int open_all(struct load *l, const struct vw_client_options *options, struct vw_error *err)
{
    const uint32_t n = l->shape->connections;
    l->lanes = calloc(n, sizeof(*l->lanes));
    l->polls = calloc(n, sizeof(*l->polls));
    l->times_ns = calloc(l->shape->repeat, sizeof(*l->times_ns));
    if (!l->lanes || !l->polls || !l->times_ns)
        return vw_error_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        int rc = open_lane(l, &l->lanes[i], options, err);
        if (rc)
            return rc;
        l->polls[i].fd = vw_client_fd(l->lanes[i].client);
    }
    return 0;
}

static void close_all(struct load *l)
{
    int64_t end = vw_now_ms() + VW_GOODBYE_MS;
    for (uint32_t i = 0; l->lanes && i < l->shape->connections; i++) {
        if (l->lanes[i].client && vw_client_in_flight(l->lanes[i].client) == 0)
            vw_connect_goodbye(l->lanes[i].client, end);
        vw_client_destroy(l->lanes[i].client);
        free(l->lanes[i].slots);
    }
    free(l->lanes);
    free(l->polls);
    free(l->times_ns);
}

int vw_load_run(struct vw_connect *x, const struct vw_client_options *options,
                const struct vw_load *load, const struct vw_proc *proc, const void *args)
{
    struct load l = {.x = x, .shape = load, .proc = proc, .args = args};
    struct vw_error err = VW_ERROR_INIT;
    int rc = open_all(&l, options, &err);
    uint64_t start = now_ns();
    if (rc == 0)
        rc = drive(&l, &err);
    uint64_t took = now_ns() - start;
    rc = rc ? vw_cli_fail(x->command, NULL, &err) : report(&l, took);
    close_all(&l);
    return rc;
}
