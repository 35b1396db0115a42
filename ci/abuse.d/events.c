// SPDX-License-Identifier: MIT
// Events for many, and for those that do not read them.
#include <sys/socket.h>

#include "abuse.h"

#define DOMAIN_                                                                                    \
    "{\"dom\": {\"name\": \"test\", \"uuid\": \"6695eb01f6a4830479aa97f2502e193f\", \"id\": 1}}"
#define EVENT_BYTES 64 /* at least */

static int *registered(const struct attack *a, size_t n)
{
    struct vw_buf b = VW_BUF_INIT;
    int *fds = abuse_crowd(a, n, true);
    abuse_calls(&b, "connect_domain_event_callback_register_any", "{\"eventID\": 0, \"dom\": null}",
                2, 1);
    for (size_t i = 0; i < n; i++)
        if (!abuse_send(fds[i], b.data, b.len) || !abuse_receive(fds[i], NULL, 0))
            abuse_die("client %zu cannot register", i);
    vw_buf_finish(&b);
    return fds;
}

/* N calls that suspend and resume, in turn. */
static void firing(struct vw_buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        abuse_calls(b, i % 2 ? "domain_resume" : "domain_suspend", DOMAIN_, (uint32_t)i + 2, 1);
}

/* SIZE clients that read, one that fires twenty. All events come to all. */
static int fired(const struct attack *a)
{
    const size_t events = 20;
    struct flow f = {.times = 0, .read = true, .seconds = 10};
    struct vw_buf b = VW_BUF_INIT;
    int *fds = registered(a, a->size), fd = abuse_client(a);
    firing(&b, events);
    size_t len = b.len / events;
    for (size_t i = 0; i < events; i++)
        if (!abuse_send(fd, b.data + i * len, len) || !abuse_receive(fd, NULL, 0))
            return abuse_complain("a call is not answered");
    f.wanted = events * a->size * EVENT_BYTES;
    if (abuse_flow(fds, a->size, &f) < f.wanted)
        return abuse_complain("not all events came");
    return 0;
}

/* SIZE clients that do not read, and a burst. */
static int burst(const struct attack *a)
{
    struct flow f = {.times = 1, .read = true, .seconds = 10 * a->seconds};
    const size_t events = 2000;
    registered(a, a->size);
    int fd = abuse_client(a);
    firing(&f.bytes, events);
    f.wanted = events * 28;
    if (abuse_flow(&fd, 1, &f) < f.wanted)
        return abuse_complain("not all calls were answered");
    abuse_hold(a);
    return 0;
}

/* One client that does not read, SIZE events. */
static int unread(const struct attack *a)
{
    const size_t block = 1000;
    struct flow f = {.times = a->size / block, .read = true, .seconds = 60};
    registered(a, 1);
    int fd = abuse_client(a);
    firing(&f.bytes, block);
    f.wanted = f.times * block * 28;
    if (abuse_flow(&fd, 1, &f) < f.wanted)
        return abuse_complain("not all calls were answered");
    abuse_hold(a);
    return 0;
}

const struct abuse abuse_events[] = {
    {"events", fired}, {"events-burst", burst}, {"events-unread", unread}, {NULL, NULL}};
