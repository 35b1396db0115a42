// SPDX-License-Identifier: MIT
// The proxy between two sockets that the test holds: what one writes the other reads, with
// descriptors and ends, and the recorder hears of it.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "capture/proxy.h"

#define PATIENCE_MS 20000
#define BIG         (6u << 20)
/* GET_HOSTNAME (59), with serial 5, and its answer "ab". */
#define CALL "0000001c20008086000000010000003b000000000000000500000000"
#define REPLY                                                                                      \
    "0000002420008086000000010000003b000000010000000500000000"                                     \
    "0000000261620000"

static char folder[VW_TEST_FOLDER];
static struct vw_profile *profile;

/* A proxy, and the two sockets at its ends. */
struct bench {
    struct vw_listener *front, *back; /* of the proxy, and of the server */
    struct vw_arena arena;
    struct vw_transport_options options;
    struct vw_recorder *recorder;
    struct vw_proxy *proxy;
    char path[VW_TEST_FOLDER + 16];
    char heard[400], warned[200];
};

static void hear(void *user, uint64_t number, const struct vw_talk_event *ev)
{
    struct bench *b = user;
    size_t n = strlen(b->heard);
    const char *what = ev->kind == VW_TALK_NOTE      ? "note"
                       : ev->kind == VW_TALK_FINDING ? "finding"
                                                     : vw_event_kind_name(ev->event->kind);
    snprintf(b->heard + n, sizeof(b->heard) - n, "%d %s; ", (int)number, what);
}

static void warn(void *user, const char *text)
{
    struct bench *b = user;
    snprintf(b->warned, sizeof(b->warned), "%s", text);
}

static struct vw_listener *listen_on(const char *scheme, const char *name)
{
    char place[VW_TEST_FOLDER + 16], in_uri[3 * sizeof(place)], uri[sizeof(in_uri) + 16];
    struct vw_listener *l;
    snprintf(place, sizeof(place), "%s/%s", folder, name);
    vw_test_path_in_uri(place, in_uri, sizeof(in_uri));
    bool local = strcmp(scheme, "unix") == 0;
    snprintf(uri, sizeof(uri), "%s://%s", scheme, local ? in_uri : "127.0.0.1:0");
    assert_int_equal(vw_listener_open(uri, NULL, &l, NULL), 0);
    return l;
}

static void start(struct bench *b, const char *front, const char *back)
{
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    *b = (struct bench){.arena = VW_ARENA_INIT};
    b->options = (struct vw_transport_options){.warn = warn, .user = b};
    b->front = listen_on(front, "front");
    b->back = listen_on(back, "back");
    const char *to = b->back->client_uri;
    assert_int_equal(vw_uri_parse(to, strlen(to), NULL, &b->arena, &uri, &err), 0);
    snprintf(b->path, sizeof(b->path), "%s/capture", folder);
    const struct vw_recorder_options r = {.profile = profile, .hear = hear, .user = b};
    assert_int_equal(vw_recorder_open(b->path, &r, &b->recorder, NULL), 0);
    const struct vw_proxy_options o = {b->front, uri, &b->options, PATIENCE_MS, b->recorder};
    assert_int_equal(vw_proxy_create(&o, &b->proxy, NULL), 0);
}

static void finish(struct bench *b)
{
    vw_proxy_destroy(b->proxy);
    assert_int_equal(vw_recorder_close(b->recorder, NULL), 0);
    vw_listener_close(b->front);
    vw_listener_close(b->back);
    vw_arena_finish(&b->arena);
    unlink(b->path);
}

static void turn(struct bench *b)
{
    assert_int_equal(vw_proxy_turn(b->proxy, NULL, 0, vw_now_ms() + 5, NULL), 0);
}

/* A client of the proxy, whose reads and writes do not block. */
static int join(const struct bench *b)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof(at);
    assert_int_equal(getsockname(b->front->fd, (struct sockaddr *)&at, &len), 0);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* The connection that the proxy makes of it. */
static int meet(struct bench *b)
{
    int64_t end = vw_now_ms() + PATIENCE_MS;
    int fd = -1;
    while (fd < 0 && vw_now_ms() < end) {
        turn(b);
        fd = accept4(b->back->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    assert_true(fd >= 0);
    return fd;
}

/* What comes out at FD, up to SIZE bytes: how many; 0: its end; -errno. */
static ssize_t take(struct bench *b, int fd, void *out, size_t size, int *passed)
{
    char room[CMSG_SPACE(sizeof(int))];
    struct iovec part = {out, size};
    int64_t end = vw_now_ms() + PATIENCE_MS;
    while (vw_now_ms() < end) {
        struct msghdr m = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
        ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
        if (n >= 0 && passed && CMSG_FIRSTHDR(&m))
            memcpy(passed, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(*passed));
        if (n >= 0 || errno != EAGAIN)
            return n < 0 ? -errno : n;
        turn(b);
    }
    return -ETIMEDOUT;
}

static void say(int fd, const char *hex)
{
    uint8_t bytes[100];
    size_t n = strlen(hex) / 2;
    assert_true(vw_hex_decode(hex, 2 * n, bytes));
    assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* HEX, however it is cut, and nothing more. */
static void expect(struct bench *b, int fd, const char *hex)
{
    uint8_t bytes[100];
    char text[201] = "";
    for (size_t done = 0; strlen(text) < strlen(hex); done = strlen(text) / 2) {
        ssize_t n = take(b, fd, bytes, sizeof(bytes) - done, NULL);
        assert_true(n > 0);
        vw_hex_encode(bytes, (size_t)n, text + 2 * done);
    }
    assert_string_equal(text, hex);
}

static void expect_open(struct bench *b, size_t wanted)
{
    int64_t end = vw_now_ms() + PATIENCE_MS;
    while (vw_proxy_open(b->proxy) != wanted && vw_now_ms() < end)
        turn(b);
    assert_int_equal(vw_proxy_open(b->proxy), wanted);
}

static void expect_end(struct bench *b, int fd, ssize_t wanted)
{
    char byte = 0;
    assert_int_equal(take(b, fd, &byte, 1, NULL), wanted);
}

/* That TEXT stands in what was recorded. */
static void expect_recorded(const struct bench *b, const char *text)
{
    char *bytes;
    size_t len;
    assert_int_equal(vw_recorder_flush(b->recorder, NULL), 0);
    assert_int_equal(vw_file_read(b->path, true, 1u << 20, &bytes, &len), 0);
    assert_non_null(memmem(bytes, len, text, strlen(text)));
    free(bytes);
}

/* A call in two pieces, its answer; the client ends, and then the server. */
static void test_both_ways(void **state)
{
    static const char *const kinds[][3] = {
        {"unix", "unix", "connection 1, unix to unix"},
        {"tcp", "tcp", "connection 1, tcp to tcp"},
        {"unix", "tcp", "connection 1, unix to tcp"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct bench b;
        start(&b, kinds[i][0], kinds[i][1]);
        int client = join(&b), server = meet(&b);
        expect_open(&b, 1);
        say(client, "0000001c");
        expect(&b, server, "0000001c");
        say(client, &CALL[8]);
        expect(&b, server, &CALL[8]);
        say(server, REPLY);
        expect(&b, client, REPLY);
        shutdown(client, SHUT_WR);
        expect_end(&b, server, 0);
        say(server, REPLY);
        expect(&b, client, REPLY);
        expect_open(&b, 1);
        close(server);
        expect_end(&b, client, 0);
        expect_open(&b, 0);
        expect_recorded(&b, kinds[i][2]);
        assert_string_equal(b.heard, "1 call; 1 reply; 1 reply; 1 finding; ");
        close(client);
        finish(&b);
    }
}

static void send_descriptor(int to, int fd)
{
    char room[CMSG_SPACE(sizeof(int))] = {0};
    char byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);
    *head = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    assert_int_equal(sendmsg(to, &m, MSG_NOSIGNAL), 1);
}

/* They pass where they can, once, and stay open nowhere. */
static void test_descriptors(void **state)
{
    for (int local = 0; local < 2; local++) {
        unsigned open_before = vw_test_descriptors();
        struct bench b;
        char byte = 0;
        int ends[2], passed = -1;
        start(&b, "unix", local ? "unix" : "tcp");
        int client = join(&b), server = meet(&b);
        assert_int_equal(pipe(ends), 0);
        send_descriptor(client, ends[1]);
        close(ends[1]);
        assert_int_equal(take(&b, server, &byte, 1, &passed), 1);
        assert_int_equal(byte, 'x');
        assert_int_equal(passed >= 0, local);
        if (local) {
            assert_int_equal(write(passed, "y", 1), 1);
            assert_int_equal(read(ends[0], &byte, 1), 1);
            close(passed);
        }
        assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody else holds it */
        close(ends[0]);
        close(client);
        close(server);
        expect_open(&b, 0);
        finish(&b);
        assert_int_equal(vw_test_descriptors(), open_before);
    }
}

static void break_off(int fd)
{
    const struct linger now = {.l_onoff = 1};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    close(fd);
}

/* A connection that one side breaks is broken for the other; one that it closes is closed. */
static void test_broken(void **state)
{
    for (int who = 0; who < 4; who++) {
        struct bench b;
        start(&b, "tcp", "tcp");
        int client = join(&b), server = meet(&b);
        say(client, CALL);
        expect(&b, server, CALL);
        int leaves = who % 2 ? client : server, stays = who % 2 ? server : client;
        if (who < 2)
            break_off(leaves);
        else
            close(leaves);
        expect_end(&b, stays, who < 2 ? -ECONNRESET : 0);
        close(stays);
        expect_open(&b, 0);
        finish(&b);
    }
}

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 7 >> 3);
}

/* Writes at CLIENT until nobody takes more: how many bytes. */
static size_t fill(struct bench *b, int client)
{
    uint8_t piece[40000];
    size_t sent = 0;
    for (int idle = 0; idle < 3; turn(b)) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = byte_at(sent + i);
        ssize_t n = send(client, piece, sizeof(piece), MSG_NOSIGNAL);
        idle = n < 0 ? idle + 1 : 0;
        sent += n > 0 ? (size_t)n : 0;
        assert_true(sent < BIG);
    }
    return sent;
}

/* Who reads nothing is sent no more than sockets hold; all of it comes, in order, once it reads. */
static void test_slow_reader(void **state)
{
    struct bench b;
    uint8_t piece[40000];
    size_t came = 0;
    start(&b, "unix", "unix");
    int client = join(&b), server = meet(&b);
    size_t sent = fill(&b, client);
    shutdown(client, SHUT_WR);
    for (ssize_t n; (n = take(&b, server, piece, sizeof(piece), NULL)) > 0; came += (size_t)n)
        for (ssize_t i = 0; i < n; i++)
            if (piece[i] != byte_at(came + (size_t)i))
                fail_msg("byte %zu", came + (size_t)i);
    assert_int_equal(came, sent);
    close(client);
    close(server);
    finish(&b);
}

/* What is still on its way when the proxy ends is freed. */
static void test_never_read(void **state)
{
    struct bench b;
    start(&b, "unix", "unix");
    int client = join(&b), server = meet(&b);
    assert_true(fill(&b, client) > 0);
    finish(&b);
    close(client);
    close(server);
}

/* A server that has left takes nothing more, and the client is told so. */
static void test_server_leaves(void **state)
{
    struct bench b;
    start(&b, "unix", "unix");
    int client = join(&b), server = meet(&b);
    say(server, REPLY);
    close(server);
    say(client, CALL);
    expect(&b, client, REPLY);
    expect_end(&b, client, 0);
    expect_open(&b, 0);
    close(client);
    finish(&b);
}

/* Where there is no server, a client is hung up on, and the next one too. */
static void test_no_server(void **state)
{
    struct bench b;
    start(&b, "unix", "unix");
    vw_listener_close(b.back);
    b.back = NULL;
    for (int i = 0; i < 2; i++) {
        int client = join(&b);
        b.warned[0] = '\0';
        expect_end(&b, client, 0);
        assert_non_null(strstr(b.warned, "back"));
        assert_int_equal(vw_proxy_open(b.proxy), 0);
        close(client);
    }
    assert_string_equal(b.heard, "");
    finish(&b);
}

/* Several, each with its own server, until the proxy ends; and a descriptor of the caller's. */
static void test_many(void **state)
{
    enum { MANY = 5 };
    struct bench b;
    int clients[MANY], servers[MANY], ends[2];
    start(&b, "unix", "unix");
    for (int i = 0; i < MANY; i++) {
        clients[i] = join(&b);
        servers[i] = meet(&b);
    }
    expect_open(&b, MANY);
    for (int i = MANY - 1; i >= 0; i--)
        say(clients[i], CALL);
    for (int i = 0; i < MANY; i++)
        expect(&b, servers[i], CALL);
    assert_int_equal(pipe(ends), 0);
    struct pollfd others[] = {{.fd = ends[0], .events = POLLIN},
                              {.fd = ends[1], .events = POLLOUT}};
    assert_int_equal(vw_proxy_turn(b.proxy, others, 2, vw_now_ms() + PATIENCE_MS, NULL), 0);
    assert_int_equal(others[0].revents, 0);
    assert_int_equal(others[1].revents, POLLOUT);
    close(ends[0]);
    close(ends[1]);
    vw_proxy_destroy(b.proxy);
    b.proxy = NULL;
    for (int i = 0; i < MANY; i++) {
        char byte;
        assert_int_equal(recv(clients[i], &byte, 1, 0), 0);
        assert_int_equal(recv(servers[i], &byte, 1, 0), 0);
        close(clients[i]);
        close(servers[i]);
    }
    expect_recorded(&b, "connection 5, unix to unix");
    finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),     cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_broken),        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_server_leaves), cmocka_unit_test(test_no_server),
        cmocka_unit_test(test_never_read),    cmocka_unit_test(test_many),
    };
    if (vw_test_folder(folder) || vw_profile_load("12.8.0", NULL, &profile, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vw_profile_destroy(profile);
    rmdir(folder);
    return failed ? failed : vw_test_leaked();
}
