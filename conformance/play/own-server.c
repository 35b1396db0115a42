// SPDX-License-Identifier: MIT
// See own-server.h.
#include "conformance/play/own-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define START_MS   30000 /* that a server may take until it listens */
#define CONNECT_MS 2000  /* that one that listens may take for a connection */
#define TURN_MS    10

/* Ports of the loopback that nobody has; all are held until the last is known. */
static int choose_ports(struct vw_own_server *s, struct vw_error *err)
{
    int held[VW_OWN_PORTS], n = 0, why = 0;
    for (; n < VW_OWN_PORTS && !why; n++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof(at);
        held[n] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (held[n] < 0 || bind(held[n], (struct sockaddr *)&at, len) < 0 ||
            getsockname(held[n], (struct sockaddr *)&at, &len) < 0)
            why = errno;
        snprintf(s->ports[n], sizeof(s->ports[n]), "%u", (unsigned)ntohs(at.sin_port));
    }
    while (n-- > 0)
        if (held[n] >= 0)
            close(held[n]);
    return why ? vw_error_errno(err, why, "cannot choose a port") : 0;
}

int vw_own_server_init(struct vw_own_server *s, const char *command, struct vw_arena *arena,
                       struct vw_error *err)
{
    *s = (struct vw_own_server){.command = command};
    vw_target_init(&s->target, NULL);
    int rc = vw_place_make(s->dir, err);
    if (rc == 0)
        rc = choose_ports(s, err);
    snprintf(s->socket, sizeof(s->socket), "%s/s", s->dir);
    s->target.command = rc == 0 ? vw_own_server_fill(s, command, arena) : NULL;
    return rc || s->target.command ? rc : vw_error_nomem(err);
}

char *vw_own_server_fill(const struct vw_own_server *s, const char *text, struct vw_arena *arena)
{
    const struct vw_place_word words[] = {
        {"{socket}", s->socket},
        {"{port}", s->ports[0]},
        {"{port2}", s->ports[1]},
        {NULL},
    };
    return vw_place_fill(arena, text, words);
}

static bool listens(const struct vw_own_server *s, size_t which, struct vw_error *why)
{
    struct vw_transport *t;
    vw_error_clear(why);
    if (vw_connect(s->connector, s->uris[which], vw_now_ms() + CONNECT_MS, &t, why) < 0)
        return false;
    t->ops->close(t);
    return true;
}

/* Why it will not listen any more, if so. */
static int look(struct vw_own_server *s, int64_t end_ms, const struct vw_error *why,
                struct vw_error *err)
{
    char fate[80];
    if (vw_target_failed(&s->target, fate, sizeof(fate)))
        return vw_error_set(err, VW_EUNREACHABLE, "cannot start the server: %.200s: %s%s",
                            s->command, fate,
                            strcmp(fate, "exit status 127") == 0 ? " (no such command)" : "");
    if (s->interrupted && *s->interrupted)
        return vw_error_set(err, VW_EUNREACHABLE, "interrupted before the server listened");
    return vw_now_ms() < end_ms
               ? 0
               : vw_error_set(err, VW_EUNREACHABLE, "the server does not listen after %d s: %.200s",
                              START_MS / 1000, why->text);
}

int vw_own_server_start(struct vw_own_server *s, struct vw_error *err)
{
    int64_t end = vw_now_ms() + START_MS;
    struct vw_error why = VW_ERROR_INIT;
    vw_target_end(&s->target);
    unlink(s->socket);
    int rc = vw_target_start(&s->target, err);
    for (size_t i = 0; i < s->n_uris && rc == 0;) {
        if (listens(s, i, &why))
            i++;
        else if ((rc = look(s, end, &why, err)) == 0)
            poll(NULL, 0, TURN_MS);
    }
    return rc;
}

void vw_own_server_finish(struct vw_own_server *s)
{
    vw_target_end(&s->target);
    vw_place_remove(s->dir);
    *s->dir = '\0';
}
