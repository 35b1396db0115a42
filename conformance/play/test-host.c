// SPDX-License-Identifier: MIT
// Hosts of a case: what who comes there sees of each kind, and what is kept of who says what first.
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/play/host.h"
#include "conformance/play/run.h"

static struct vw_case empty;
static struct vw_run_settings settings = {.timeout_ms = 1000};
static struct vw_run run;
static struct vw_host *host;

static void open_host(enum vw_host_deed deed)
{
    struct vw_error err = VW_ERROR_INIT;
    vw_run_init(&run, &empty, &settings);
    assert_int_equal(vw_host_open(&run, "there", deed, (const uint8_t *)"hello", 5, &err), 0);
    host = vw_host_named(&run, "there");
    assert_non_null(host);
    assert_null(vw_host_named(&run, "elsewhere"));
}

/* To where the variable says; -1 with errno. */
static int go_there(void)
{
    struct json_object *name;
    assert_true(json_object_object_get_ex(run.variables, "there", &name));
    const char *text = json_object_get_string(name), *port = strrchr(text, ':');
    assert_int_equal(strncmp(text, "test+tcp://127.0.0.1:", 21), 0);
    assert_string_equal(strchr(port, '/'), "/default");
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)atoi(port + 1)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* Until something changes, as the player does. */
static void turn(void)
{
    struct pollfd fds[20];
    nfds_t n = vw_hosts_poll_set(&run, fds, 20);
    assert_true(poll(fds, n, 5000) > 0);
    assert_true(vw_hosts_pump(&run));
}

/* One read, which may wait: bytes, 0 at the end. */
static ssize_t hear(int fd, char *buf, size_t len)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    ssize_t n = recv(fd, buf, len, 0);
    return n < 0 ? 0 : n;
}

static void test_each_deed(void **state)
{
    static const struct {
        enum vw_host_deed deed;
        ssize_t said; /* bytes, 0: the end, -1: nothing */
    } rows[] = {{VW_HOST_SILENT, -1}, {VW_HOST_ANSWERS, 5}, {VW_HOST_HANGS_UP, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buf[20];
        open_host(rows[i].deed);
        int fd = go_there();
        assert_true(fd >= 0);
        turn();
        if (rows[i].said != 0) {
            assert_int_equal(send(fd, "who is there", 12, MSG_NOSIGNAL), 12);
            turn();
        }
        assert_int_equal(recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK) < 0, rows[i].said < 0);
        if (rows[i].said >= 0)
            assert_int_equal(hear(fd, buf, sizeof(buf)), rows[i].said);
        /* The end of the host is that of who is there, and the last of it. */
        vw_host_end(host);
        assert_int_equal(hear(fd, buf, sizeof(buf)), 0);
        assert_int_equal(go_there(), -1);
        assert_int_equal(errno, ECONNREFUSED);
        assert_false(vw_hosts_pump(&run));
        close(fd);
        vw_run_finish(&run, NULL);
    }
}

static void test_gone(void **state)
{
    open_host(VW_HOST_GONE);
    assert_int_equal(go_there(), -1);
    assert_int_equal(errno, ECONNREFUSED);
    vw_run_finish(&run, NULL);
}

/* The first message of the first guest, in whatever pieces. */
static void test_what_was_heard(void **state)
{
    static const uint8_t call[] = {0, 0,  0, 28, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0,
                                   0, 66, 0, 0,  0,    0, 0,    0,    0, 9, 0, 0, 0, 0};
    struct vw_header h;
    uint32_t length;
    open_host(VW_HOST_SILENT);
    int fd = go_there(), other = go_there();
    turn();
    while (vw_hosts_pump(&run))
        ;
    assert_false(vw_host_heard(host, &h, &length));
    assert_int_equal(send(other, "x", 1, MSG_NOSIGNAL), 1);
    turn();
    for (size_t at = 0; at < sizeof(call); at += 14) {
        assert_false(vw_host_heard(host, &h, &length));
        assert_int_equal(send(fd, call + at, 14, MSG_NOSIGNAL), 14);
        turn();
    }
    assert_true(vw_host_heard(host, &h, &length));
    assert_int_equal(length, 28);
    assert_int_equal(h.program, 0x20008086);
    assert_int_equal(h.procedure, 66);
    assert_int_equal(h.serial, 9);
    close(fd);
    close(other);
    turn();
    vw_run_finish(&run, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_deed),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_what_was_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
