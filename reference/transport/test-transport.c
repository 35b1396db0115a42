// SPDX-License-Identifier: MIT
// Sockets as transports: paths, addresses, descriptors, short writes, signals, deadlines, and peers
// that go away.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport/internal.h"

static char dir[VW_TEST_FOLDER];

static int make_dir(void **state)
{
    return vw_test_folder(dir);
}

static int remove_dir(void **state)
{
    return rmdir(dir);
}

static int64_t soon(void)
{
    return vw_now_ms() + 5000;
}

/* A pair of connected transports over a socket pair. */
static void make_pair(struct vw_transport **a, struct vw_transport **b)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(vw_transport_from_fd(fds[0], a, NULL), 0);
    assert_int_equal(vw_transport_from_fd(fds[1], b, NULL), 0);
}

static void close_both(struct vw_transport *a, struct vw_transport *b)
{
    a->ops->close(a);
    b->ops->close(b);
}

static void wait_for(struct vw_transport *t, short events)
{
    struct pollfd p = {.fd = t->ops->fd(t), .events = events};
    int n;
    do
        n = poll(&p, 1, 5000);
    while (n < 0 && errno == EINTR);
    assert_int_equal(n, 1);
}

/* For the first byte, about as long as it was told; and never otherwise. */
static void waits_in_recv(struct vw_transport *a, struct vw_transport *b)
{
    static const int times[] = {32, 31, 8, 20};
    char got[8];
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        int64_t start = vw_now_ms();
        assert_int_equal(a->ops->recv_wait(a, got, sizeof(got), NULL, times[i]), -EAGAIN);
        assert_true(vw_now_ms() - start >= times[i] * 7 / 8 - 1);
        assert_int_equal(b->ops->send(b, "ping", 4, NULL), 4);
        assert_int_equal(a->ops->recv_wait(a, got, sizeof(got), NULL, i % 2 ? -1 : 1000), 4);
        assert_memory_equal(got, "ping", 4);
    }
    assert_int_equal(a->ops->recv_wait(a, got, sizeof(got), NULL, 0), -EAGAIN);
    assert_int_equal(a->ops->recv(a, got, sizeof(got), NULL), -EAGAIN);
}

static void fill_up(struct vw_transport *t)
{
    static const char bytes[65536];
    ssize_t n;
    do
        n = t->ops->send(t, bytes, sizeof(bytes), NULL);
    while (n > 0);
    assert_int_equal(n, -EAGAIN);
}

/* Connects to URI parts, accepts from LISTENER, and sends a word both ways. */
static void talk(const struct vw_uri *uri, int listener)
{
    struct vw_transport *client, *server;
    struct vw_error err = VW_ERROR_INIT;
    char got[8] = "";
    assert_int_equal(vw_transport_open(uri, soon(), &client, &err), 0);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(vw_transport_from_fd(fd, &server, &err), 0);
    assert_true(fcntl(client->ops->fd(client), F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(client->ops->fd(client), F_GETFD) & FD_CLOEXEC);

    assert_int_equal(server->ops->recv(server, got, sizeof(got), NULL), -EAGAIN);
    assert_int_equal(client->ops->send(client, "ping", 4, NULL), 4);
    wait_for(server, POLLIN);
    assert_int_equal(server->ops->recv(server, got, sizeof(got), NULL), 4);
    assert_memory_equal(got, "ping", 4);
    assert_int_equal(server->ops->send(server, "pong", 4, NULL), 4);
    wait_for(client, POLLIN);
    assert_int_equal(client->ops->recv(client, got, sizeof(got), NULL), 4);
    assert_memory_equal(got, "pong", 4);

    waits_in_recv(client, server);
    waits_in_recv(server, client);
    assert_int_equal(client->ops->shutdown(client), 0);
    wait_for(server, POLLIN);
    assert_int_equal(server->ops->recv(server, got, sizeof(got), NULL), 0);
    assert_int_equal(server->ops->recv_wait(server, got, sizeof(got), NULL, 1000), 0);
    fill_up(server);
    close_both(client, server);
}

static int listen_unix(const char *path, bool abstract)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    strcpy(addr.sun_path, path);
    socklen_t len = sizeof(addr);
    if (abstract)
        addr.sun_path[0] = '\0'; /* the NULs behind it are part of the name */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void unix_path(void **state)
{
    char path[sizeof(dir) + 8];
    snprintf(path, sizeof(path), "%s/sock", dir);
    int listener = listen_unix(path, false);
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX, .socket = path}, listener);
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX,
                          .socket = "/nowhere",
                          .socket_direct = path},
         listener);
    close(listener);
    unlink(path);
}

static void unix_abstract(void **state)
{
    char name[96];
    snprintf(name, sizeof(name), "@virwire-test/%d/sock", (int)getpid());
    int listener = listen_unix(name, true);
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX, .socket = name, .socket_abstract = true},
         listener);
    close(listener);
}

static void expect_failure(const struct vw_uri *uri, int code, const char *word)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_transport_open(uri, soon(), &t, &err), code);
    assert_null(t);
    assert_non_null(strstr(err.text, word));
}

static void paths_that_cannot_be(void **state)
{
    char path[200];
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[108] = '\0';
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX, .socket = path}, VW_EUSAGE,
                   "107");
    path[107] = '\0';
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX, .socket = path},
                   VW_EUNREACHABLE, "No such file");
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX, .socket = ""}, VW_EUSAGE,
                   "empty");
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_UNIX}, VW_EUSAGE, "no socket");
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_LOCAL}, VW_EUSAGE, "no server");
}

static int listen_tcp(int family, uint16_t *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } addr = {.any.sa_family = (sa_family_t)family};
    socklen_t len = family == AF_INET ? sizeof(addr.in) : sizeof(addr.in6);
    if (family == AF_INET)
        addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        addr.in6.sin6_addr = in6addr_loopback;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, &addr.any, len) || listen(fd, 4) || getsockname(fd, &addr.any, &len)) {
        close(fd);
        return -1;
    }
    *port = ntohs(family == AF_INET ? addr.in.sin_port : addr.in6.sin6_port);
    return fd;
}

static void tcp4(void **state)
{
    uint16_t port;
    int listener = listen_tcp(AF_INET, &port);
    assert_true(listener >= 0);
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "127.0.0.1", .port = port},
         listener);
    /* The name may also mean ::1, where nobody listens: every address is tried (U-12). */
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "localhost", .port = port},
         listener);
    close(listener);
    expect_failure(
        &(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "127.0.0.1", .port = port},
        VW_EUNREACHABLE, "refused");
}

static void tcp6(void **state)
{
    uint16_t port;
    int listener = listen_tcp(AF_INET6, &port);
    if (listener < 0)
        skip();
    talk(&(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "::1", .port = port}, listener);
    close(listener);
}

static void tcp6_zones(void **state)
{
    /* The zone is understood: nothing answers at that address, but it is an address. */
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "fe80::1%lo", .port = 1},
                   VW_EUNREACHABLE, "cannot connect to fe80::1%lo");
}

static void tcp_names_that_cannot_be(void **state)
{
    expect_failure(&(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "", .port = 1},
                   VW_EUSAGE, "host");
    expect_failure(
        &(struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "1.2.3.4%eth9", .port = 1},
        VW_EUNREACHABLE, "1.2.3.4%eth9");
}

static void deadline_of_connect(void **state)
{
    char path[sizeof(dir) + 8];
    snprintf(path, sizeof(path), "%s/full", dir);
    int listener = listen_unix(path, false);
    const struct vw_uri uri = {.transport = VW_TRANSPORT_UNIX, .socket = path};
    struct vw_transport *held[8];
    struct vw_error err = VW_ERROR_INIT;
    int n = 0, rc = 0;
    int64_t start = 0;
    /* Nobody accepts, so that the queue is full at some time (L-2). */
    while (n < 8) {
        start = vw_now_ms();
        rc = vw_transport_open(&uri, start + 100, &held[n], &err);
        if (rc)
            break;
        n++;
    }
    assert_int_equal(rc, VW_ETIMEOUT);
    assert_in_range(vw_now_ms() - start, 90, 3000);
    while (n-- > 0)
        held[n]->ops->close(held[n]);
    close(listener);
    unlink(path);
}

/* ---- step by step ---- */

/* Turns W until it is over; there must always be something to wait for that comes soon. */
static int turn_to_the_end(struct vw_connecting *w, struct vw_transport **t, struct vw_error *err)
{
    int rc;
    while ((rc = vw_connecting_turn(w, t, err)) == 0) {
        struct pollfd p;
        p.fd = vw_connecting_fd(w, &p.events);
        assert_true(p.fd >= 0 || vw_connecting_deadline(w) <= vw_now_ms() + 1000);
        poll(&p, 1, p.fd >= 0 ? 5000 : 20);
    }
    return rc;
}

static void connects_step_by_step(void **state)
{
    char path[sizeof(dir) + 8];
    uint16_t port, closed;
    snprintf(path, sizeof(path), "%s/s", dir);
    int listeners[] = {listen_unix(path, false), listen_tcp(AF_INET, &port)};
    close(listen_tcp(AF_INET, &closed));
    const struct {
        struct vw_uri uri;
        int rc;       /* of all the turns */
        bool at_once; /* the first turn needs nothing to be waited for */
    } rows[] = {
        {{.transport = VW_TRANSPORT_UNIX, .socket = path}, 1, true},
        {{.transport = VW_TRANSPORT_TCP, .host = "127.0.0.1", .port = port}, 1, true},
        {{.transport = VW_TRANSPORT_TCP, .host = "localhost", .port = port}, 1, false},
        {{.transport = VW_TRANSPORT_TCP, .host = "127.0.0.1", .port = closed},
         VW_EUNREACHABLE,
         true},
        {{.transport = VW_TRANSPORT_UNIX, .socket = "/nowhere/at/all"}, VW_EUNREACHABLE, true},
    };
    unsigned before = vw_test_descriptors();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_connecting *w;
        struct vw_transport *t = NULL;
        struct vw_error err = VW_ERROR_INIT;
        short events;
        assert_int_equal(vw_transport_begin(&rows[i].uri, NULL, soon(), &w, &err), 0);
        if (rows[i].at_once)
            assert_true(vw_connecting_deadline(w) <= vw_now_ms());
        else
            assert_true(vw_connecting_fd(w, &events) >= 0 && events == POLLIN);
        int rc = turn_to_the_end(w, &t, &err);
        if (rc != rows[i].rc)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        if (rc == 1)
            t->ops->close(t);
        /* Given up before the first turn. */
        assert_int_equal(vw_transport_begin(&rows[i].uri, NULL, soon(), &w, NULL), 0);
        vw_connecting_destroy(w);
    }
    vw_connecting_destroy(NULL);
    /* A look-up that was given up ends in its own time. */
    for (int i = 0; i < 100 && vw_test_descriptors() != before; i++)
        poll(NULL, 0, 20);
    assert_int_equal(vw_test_descriptors(), before);
    close(listeners[0]);
    close(listeners[1]);
    unlink(path);
}

/* A server whose queue is full is asked again, and again. */
static void a_queue_that_is_full(void **state)
{
    char path[sizeof(dir) + 8];
    snprintf(path, sizeof(path), "%s/queue", dir);
    int listener = listen_unix(path, false), n = 0, rc;
    const struct vw_uri uri = {.transport = VW_TRANSPORT_UNIX, .socket = path};
    struct vw_transport *held[8], *t = NULL;
    struct vw_connecting *w = NULL;
    struct vw_error err = VW_ERROR_INIT;
    do {
        assert_int_equal(vw_transport_begin(&uri, NULL, INT64_MAX, &w, NULL), 0);
        rc = vw_connecting_turn(w, &held[n], NULL);
        n += rc;
    } while (rc == 1 && n < 8);
    assert_int_equal(rc, 0);
    assert_in_range(vw_connecting_deadline(w) - vw_now_ms(), 0, 1000);
    assert_int_equal(vw_connecting_turn(w, &t, NULL), 0);
    close(accept(listener, NULL, NULL));
    assert_int_equal(turn_to_the_end(w, &t, NULL), 1);
    t->ops->close(t);
    /* Until it is too late. */
    assert_int_equal(vw_transport_begin(&uri, NULL, vw_now_ms() - 1, &w, NULL), 0);
    assert_int_equal(vw_connecting_turn(w, &t, &err), VW_ETIMEOUT);
    while (n-- > 0)
        held[n]->ops->close(held[n]);
    close(listener);
    unlink(path);
}

/* Whether all write ends of a pipe are closed. It is not waited for: that would be for ever. */
static void expect_end(int fd)
{
    char byte;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 5000) != 1)
        fail_msg("somebody still has the descriptor that was closed");
    assert_int_equal(read(fd, &byte, 1), 0);
}

static void descriptors_travel(void **state)
{
    struct vw_transport *a, *b;
    int pipes[2];
    char got[8];
    make_pair(&a, &b);
    assert_true(a->ops->caps & VW_CAP_FDS);
    assert_int_equal(pipe(pipes), 0);
    struct vw_fds fds = {.fd = {pipes[1]}, .count = 1};
    assert_int_equal(a->ops->send(a, "", 1, &fds), 1);
    close(pipes[1]);

    struct vw_fds received;
    assert_int_equal(b->ops->recv(b, got, sizeof(got), &received), 1);
    assert_int_equal(received.count, 1);
    assert_true(fcntl(received.fd[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(received.fd[0], "x", 1), 1);
    close(received.fd[0]);
    assert_int_equal(read(pipes[0], got, 1), 1);
    expect_end(pipes[0]);

    /* One that nobody wants is closed: the pipe ends. */
    int more[2];
    assert_int_equal(pipe(more), 0);
    fds.fd[0] = more[1];
    assert_int_equal(a->ops->send(a, "", 1, &fds), 1);
    close(more[1]);
    assert_int_equal(b->ops->recv(b, got, sizeof(got), NULL), 1);
    expect_end(more[0]);
    close(more[0]);
    close(pipes[0]);
    close_both(a, b);
}

static void short_writes(void **state)
{
    struct vw_transport *a, *b;
    make_pair(&a, &b);
    int small = 4096;
    setsockopt(a->ops->fd(a), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    size_t size = 300000, sent = 0, got = 0;
    uint8_t *data = malloc(size), *back = malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 7);
    bool was_short = false;
    while (got < size) {
        if (sent < size) {
            ssize_t n = a->ops->send(a, data + sent, size - sent, NULL);
            assert_true(n > 0 || n == -EAGAIN);
            was_short = was_short || (n > 0 && (size_t)n < size - sent);
            sent += n > 0 ? (size_t)n : 0;
        }
        ssize_t n = b->ops->recv(b, back + got, size - got, NULL);
        assert_true(n > 0 || n == -EAGAIN);
        got += n > 0 ? (size_t)n : 0;
    }
    assert_true(was_short);
    assert_memory_equal(data, back, size);
    free(data);
    free(back);
    close_both(a, b);
}

static void a_peer_that_is_gone_raises_no_signal(void **state)
{
    struct vw_transport *a, *b;
    int fds[2];
    int pipes[2];
    /* As it is in a program that does nothing about SIGPIPE. */
    signal(SIGPIPE, SIG_DFL);
    make_pair(&a, &b);
    b->ops->close(b);
    assert_int_equal(a->ops->send(a, "x", 1, NULL), -EPIPE);
    assert_int_equal(pipe(pipes), 0);
    struct vw_fds with = {.fd = {pipes[0]}, .count = 1};
    assert_int_equal(a->ops->send(a, "x", 1, &with), -EPIPE);
    char got[4];
    assert_int_equal(a->ops->recv(a, got, sizeof(got), NULL), 0);
    a->ops->close(a);
    close(pipes[0]);
    close(pipes[1]);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    close(fds[1]);
    assert_int_equal(vw_transport_from_fd(fds[0], &a, NULL), 0);
    a->ops->close(a);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    alarms++;
}

static void signals_do_not_interrupt(void **state)
{
    char path[sizeof(dir) + 8];
    snprintf(path, sizeof(path), "%s/busy", dir);
    int listener = listen_unix(path, false);
    const struct vw_uri uri = {.transport = VW_TRANSPORT_UNIX, .socket = path};
    const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    const struct itimerval often = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    const struct itimerval never = {0};
    sigaction(SIGALRM, &action, NULL);
    alarms = 0;
    setitimer(ITIMER_REAL, &often, NULL);

    struct vw_transport *held[8];
    struct vw_error err = VW_ERROR_INIT;
    int n = 0, rc = 0;
    while (n < 8) {
        rc = vw_transport_open(&uri, vw_now_ms() + 50, &held[n], &err);
        if (rc)
            break;
        n++;
    }
    /* The handler stays: one more alarm may be on its way. */
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(rc, VW_ETIMEOUT);
    assert_true(alarms > 0); /* on a busy machine few get through */
    while (n-- > 0)
        held[n]->ops->close(held[n]);
    close(listener);
    unlink(path);
}

static void not_a_socket(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(vw_transport_from_fd(pipes[0], &t, &err), VW_ESYSTEM);
    assert_null(t);
    close(pipes[1]);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    vw_failalloc_set(1);
    assert_int_equal(vw_transport_from_fd(fds[0], &t, NULL), VW_ENOMEM);
    vw_failalloc_clear();
    assert_int_equal(close(fds[0]), -1);
    close(fds[1]);
}

/* ---- the clock ---- */

static void both_clocks_are_one(void **state)
{
    for (int i = 0; i < 1000; i++) {
        int64_t before = vw_now_ms(), now = vw_now_us(), after = vw_now_ms();
        assert_true(before * 1000 <= now && now < (after + 1) * 1000);
    }
}

static void what_is_left_of_a_deadline(void **state)
{
    int64_t now = vw_now_ms();
    assert_int_equal(vw_ms_left(INT64_MAX), -1);
    assert_int_equal(vw_ms_left(INT64_MAX - 1), INT_MAX);
    assert_int_equal(vw_ms_left(now + INT_MAX + 3600000ll), INT_MAX);
    assert_in_range(vw_ms_left(now + 3600000), 1, 3600000);
    assert_int_equal(vw_ms_left(now), 0);
    assert_int_equal(vw_ms_left(now - 1), 0);
    assert_int_equal(vw_ms_left(0), 0);
    assert_int_equal(vw_ms_left(INT64_MIN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_path),
        cmocka_unit_test(unix_abstract),
        cmocka_unit_test(paths_that_cannot_be),
        cmocka_unit_test(tcp4),
        cmocka_unit_test(tcp6),
        cmocka_unit_test(tcp6_zones),
        cmocka_unit_test(tcp_names_that_cannot_be),
        cmocka_unit_test(deadline_of_connect),
        cmocka_unit_test(connects_step_by_step),
        cmocka_unit_test(a_queue_that_is_full),
        cmocka_unit_test(descriptors_travel),
        cmocka_unit_test(short_writes),
        cmocka_unit_test(a_peer_that_is_gone_raises_no_signal),
        cmocka_unit_test(signals_do_not_interrupt),
        cmocka_unit_test(not_a_socket),
        cmocka_unit_test(both_clocks_are_one),
        cmocka_unit_test(what_is_left_of_a_deadline),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir) + vw_test_leaked();
}
