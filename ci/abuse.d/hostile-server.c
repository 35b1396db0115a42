// SPDX-License-Identifier: MIT
// A server that means ill, for ci/abuse virwire. Usage: hostile-server MODE SOCKET. Prints
// `listening`; each connection is a process, and all end with the one that started this.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abuse.h"
#include "ci/benchmarks/load.h"
#include "message/message.h"
#include "schema/profile.h"

#define REMOTE    0x20008086u
#define KEEPALIVE 0x6b656570u
#define ANSWER    64 /* bytes of a body that is made here */

struct mode {
    const char *name;
    void (*begin)(int fd); /* NULL: answers as a server does */
    bool (*special)(
        int fd, const struct vw_header *call); /* NULL: none; whether it did all there is to do */
};

static _Noreturn void sleep_on(void)
{
    for (;;)
        pause();
}

/* The next message's header; ends the process when there is none. */
static struct vw_header next(int fd)
{
    uint8_t bytes[VW_PREFIX_BYTES] = {0};
    struct vw_header h;
    while (abuse_receive(fd, bytes, sizeof(bytes)) < VW_PREFIX_BYTES)
        exit(0);
    vw_header_decode(bytes + VW_LENGTH_BYTES, &h);
    return h;
}

static void send_message(int fd, const struct vw_header *h, const void *body, size_t len)
{
    struct vw_buf b = VW_BUF_INIT;
    abuse_message(&b, h, len, 1);
    memcpy(b.data + VW_PREFIX_BYTES, body, len);
    if (!abuse_send(fd, b.data, b.len))
        exit(0);
    vw_buf_finish(&b);
}

/* The same bytes until the client goes. */
static _Noreturn void flood(int fd, const struct vw_header *h, size_t len, size_t n)
{
    struct vw_buf b = VW_BUF_INIT;
    abuse_message(&b, h, len, n);
    while (abuse_send(fd, b.data, b.len))
        ;
    exit(0);
}

/* ---- from the first byte on ---- */

static void begin_silent(int fd)
{
    sleep_on();
}

static void begin_close(int fd)
{
}

static void begin_flood(int fd)
{
    const struct vw_header h = {REMOTE, 1, 107, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    next(fd);
    flood(fd, &h, 1000, 100);
}

static void begin_frames(int fd)
{
    const struct vw_header h = {REMOTE, 1, 107, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    next(fd);
    flood(fd, &h, 33554436 - VW_PREFIX_BYTES, 1);
}

static void begin_pings(int fd)
{
    const struct vw_header h = {KEEPALIVE, 1, 1, VW_MSG_MESSAGE, 0, VW_MSG_OK};
    flood(fd, &h, 0, 1000);
}

static void begin_announce(int fd)
{
    uint8_t *bytes = calloc(1, 20000000);
    next(fd);
    if (!bytes)
        abuse_die("out of memory");
    vw_store32(bytes, 33554436);
    abuse_send(fd, bytes, 20000000);
    sleep_on();
}

static void begin_garbage(int fd)
{
    static uint8_t bytes[65536];
    next(fd);
    for (size_t at = 0; at < sizeof(bytes); at += 256)
        if (getrandom(bytes + at, 256, 0) < 0)
            abuse_die("no random bytes");
    abuse_send(fd, bytes, sizeof(bytes));
    sleep_on();
}

/* An answer, a byte each second. */
static void begin_drip(int fd)
{
    struct vw_header h = next(fd);
    struct vw_buf b = VW_BUF_INIT;
    h.type = VW_MSG_REPLY;
    abuse_message(&b, &h, 8, 1);
    for (size_t i = 0; i < b.len && abuse_send(fd, b.data + i, 1); i++)
        sleep(1);
    sleep_on();
}

static void begin_serials(int fd)
{
    for (;;) {
        struct vw_header h = next(fd);
        h.serial++;
        h.type = VW_MSG_REPLY;
        send_message(fd, &h, "\0\0\0\1\0\0\0", 8);
    }
}

/* ---- while it answers ---- */

static bool is(const struct vw_header *call, const char *name)
{
    const struct vw_proc *p = vw_schema_proc(abuse_profile()->schema, name);
    return p && call->program == REMOTE && call->procedure == p->number;
}

static bool mute_open(int fd, const struct vw_header *call)
{
    return is(call, "connect_open");
}

static bool mute_call(int fd, const struct vw_header *call)
{
    return is(call, "connect_get_type");
}

static void send_reply(int fd, const struct vw_header *call, const void *body, size_t len)
{
    struct vw_header h = *call;
    h.type = VW_MSG_REPLY;
    h.status = VW_MSG_OK;
    send_message(fd, &h, body, len);
}

static bool endless_stream(int fd, const struct vw_header *call)
{
    struct vw_header h = *call;
    if (!is(call, "storage_vol_download"))
        return false;
    send_reply(fd, call, "", 0);
    h.type = VW_MSG_STREAM;
    h.status = VW_MSG_CONTINUE;
    flood(fd, &h, 262120, 1);
}

static bool drip_stream(int fd, const struct vw_header *call)
{
    struct vw_header h = *call;
    if (!is(call, "storage_vol_download"))
        return false;
    send_reply(fd, call, "", 0);
    h.type = VW_MSG_STREAM;
    h.status = VW_MSG_CONTINUE;
    for (;;) {
        send_message(fd, &h, "x", 1);
        usleep(200000);
    }
}

/* The event is remote_domain_event_callback_lifecycle_msg. */
static bool endless_events(int fd, const struct vw_header *call)
{
    static const uint8_t zero[4];
    const struct vw_proc *p =
        vw_schema_proc(abuse_profile()->schema, "domain_event_callback_lifecycle");
    const struct vw_header h = {REMOTE, 1, p ? p->number : 0, VW_MSG_MESSAGE, 1, VW_MSG_OK};
    if (!is(call, "connect_domain_event_callback_register_any"))
        return false;
    send_reply(fd, call, zero, sizeof(zero));
    /* A callback, a domain without a name and all else are zeros. */
    flood(fd, &h, 4 + 4 + 16 + 4 + 4 + 4, 500);
}

/* What every client asks first. Nobody else wants more than zeros. */
static void answer(int fd, const struct vw_header *call)
{
    static const uint8_t zeros[ANSWER], none[8] = {0, 0, 0, 1}, yes[4] = {0, 0, 0, 1},
                                        version[8] = {0, 0, 0, 0, 0, 0x89, 0x54, 0x40};
    if (call->program == KEEPALIVE)
        return;
    if (is(call, "auth_list"))
        send_reply(fd, call, none, sizeof(none));
    else if (is(call, "connect_supports_feature"))
        send_reply(fd, call, yes, sizeof(yes));
    else if (is(call, "connect_get_lib_version"))
        send_reply(fd, call, version, sizeof(version));
    else
        send_reply(fd, call, zeros, is(call, "connect_open") || is(call, "connect_close") ? 0 : 4);
}

static const struct mode modes[] = {{"silent", begin_silent, NULL},
                                    {"close", begin_close, NULL},
                                    {"flood", begin_flood, NULL},
                                    {"frames", begin_frames, NULL},
                                    {"pings", begin_pings, NULL},
                                    {"announce", begin_announce, NULL},
                                    {"garbage", begin_garbage, NULL},
                                    {"drip", begin_drip, NULL},
                                    {"serials", begin_serials, NULL},
                                    {"mute-open", NULL, mute_open},
                                    {"mute-call", NULL, mute_call},
                                    {"endless-stream", NULL, endless_stream},
                                    {"drip-stream", NULL, drip_stream},
                                    {"endless-events", NULL, endless_events},
                                    {NULL, NULL, NULL}};

static _Noreturn void serve(int fd, const struct mode *m)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (m->begin) {
        m->begin(fd);
        exit(0);
    }
    for (;;) {
        struct vw_header call = next(fd);
        if (!m->special || !m->special(fd, &call))
            answer(fd, &call);
    }
}

int main(int argc, char **argv)
{
    const struct mode *m = modes;
    while (argc == 3 && m->name && strcmp(m->name, argv[1]) != 0)
        m++;
    if (argc != 3 || !m->name) {
        fputs("Usage: hostile-server MODE SOCKET\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    int listener = echo_listen_unix(argv[2]);
    abuse_profile();
    puts("listening");
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pid_t pid = fd < 0 ? -1 : fork();
        if (pid == 0)
            serve(fd, m);
        close(fd);
    }
}
