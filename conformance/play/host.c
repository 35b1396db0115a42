// SPDX-License-Identifier: MIT
// Hosts: whom the server under test can be sent to.
#include "conformance/play/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/play/run.h"
#include "transport/listen.h"

#define GUESTS      8
#define HEARD_BYTES 4096 /* kept of the first guest */

struct guest {
    int fd; /* -1: nobody, or gone */
    bool told;
};

struct vw_host {
    struct vw_host *next;
    char name[VW_NAME_ROOM];
    struct vw_listener *listener; /* NULL: it has ended */
    enum vw_host_deed deed;
    const uint8_t *says;
    size_t n_says;
    struct guest guests[GUESTS];
    unsigned n_guests;
    uint8_t heard[HEARD_BYTES];
    size_t n_heard;
};

/* What an open says to get there. */
static int set_variable(struct vw_run *run, const struct vw_host *h, struct vw_error *err)
{
    char text[120];
    const char *port = strrchr(h->listener->uri, ':');
    snprintf(text, sizeof(text), "test+tcp://127.0.0.1%.8s/default", port ? port : "");
    struct json_object *v = json_object_new_string(text);
    if (!v || json_object_object_add(run->variables, h->name, v) < 0)
        return vw_error_nomem(err);
    return 0;
}

int vw_host_open(struct vw_run *run, const char *name, enum vw_host_deed deed, const uint8_t *says,
                 size_t n_says, struct vw_error *err)
{
    struct vw_host *h = calloc(1, sizeof(*h));
    if (!h)
        return vw_error_nomem(err);
    snprintf(h->name, sizeof(h->name), "%s", name);
    h->deed = deed;
    h->says = says;
    h->n_says = n_says;
    int rc = vw_listener_open("tcp://127.0.0.1:0", NULL, &h->listener, err);
    if (rc == 0)
        rc = set_variable(run, h, err);
    h->next = run->hosts;
    run->hosts = h;
    if (rc == 0 && deed == VW_HOST_GONE)
        vw_host_end(h);
    return rc;
}

struct vw_host *vw_host_named(const struct vw_run *run, const char *name)
{
    struct vw_host *h = run->hosts;
    while (h && strcmp(h->name, name) != 0)
        h = h->next;
    return h;
}

static void send_off(struct guest *g)
{
    if (g->fd >= 0)
        close(g->fd);
    g->fd = -1;
}

void vw_host_end(struct vw_host *h)
{
    for (unsigned i = 0; i < h->n_guests; i++)
        send_off(&h->guests[i]);
    vw_listener_close(h->listener);
    h->listener = NULL;
}

bool vw_host_heard(const struct vw_host *h, struct vw_header *out, uint32_t *length)
{
    if (h->n_heard < VW_PREFIX_BYTES)
        return false;
    *length = vw_load32(h->heard);
    vw_header_decode(h->heard + VW_LENGTH_BYTES, out);
    return h->n_heard >= *length || *length > sizeof(h->heard);
}

/* ---- guests ---- */

static bool let_in(struct vw_run *run, struct vw_host *h)
{
    if (!h->listener || h->n_guests == GUESTS)
        return false;
    int fd = accept4(h->listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return false;
    vw_log_note(&run->log, h->name, "the server has come here");
    h->guests[h->n_guests] = (struct guest){.fd = fd};
    if (h->deed == VW_HOST_HANGS_UP)
        send_off(&h->guests[h->n_guests]);
    h->n_guests++;
    return true;
}

/* What the first guest says is kept, as far as there is room; of others it is read and dropped. */
static void keep(struct vw_host *h, const struct guest *g, const uint8_t *bytes, size_t n)
{
    size_t room = g == h->guests ? sizeof(h->heard) - h->n_heard : 0;
    n = n < room ? n : room;
    if (n)
        memcpy(h->heard + h->n_heard, bytes, n);
    h->n_heard += n;
}

static bool listen_to(struct vw_run *run, struct vw_host *h, struct guest *g)
{
    uint8_t bytes[1024];
    ssize_t n = g->fd >= 0 ? recv(g->fd, bytes, sizeof(bytes), 0) : -1;
    if (n < 0)
        return false;
    if (n == 0) {
        send_off(g);
        return true;
    }
    vw_log_add(&run->log, VW_LOG_RECEIVED, h->name, bytes, (size_t)n);
    keep(h, g, bytes, (size_t)n);
    if (h->deed == VW_HOST_ANSWERS && !g->told)
        (void)!send(g->fd, h->says, h->n_says, MSG_NOSIGNAL);
    g->told = true;
    return true;
}

/* ---- all of them ---- */

bool vw_hosts_pump(struct vw_run *run)
{
    bool changed = false;
    for (struct vw_host *h = run->hosts; h; h = h->next) {
        changed |= let_in(run, h);
        for (unsigned i = 0; i < h->n_guests; i++)
            changed |= listen_to(run, h, &h->guests[i]);
    }
    return changed;
}

nfds_t vw_hosts_poll_set(const struct vw_run *run, struct pollfd *fds, nfds_t cap)
{
    nfds_t n = 0;
    for (const struct vw_host *h = run->hosts; h; h = h->next) {
        if (h->listener && h->n_guests < GUESTS && n < cap)
            fds[n++] = (struct pollfd){.fd = h->listener->fd, .events = POLLIN};
        for (unsigned i = 0; i < h->n_guests && n < cap; i++)
            if (h->guests[i].fd >= 0)
                fds[n++] = (struct pollfd){.fd = h->guests[i].fd, .events = POLLIN};
    }
    return n;
}

void vw_hosts_finish(struct vw_run *run)
{
    for (struct vw_host *h = run->hosts, *next; h; h = next) {
        next = h->next;
        vw_host_end(h);
        free(h);
    }
    run->hosts = NULL;
}
