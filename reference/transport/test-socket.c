// SPDX-License-Identifier: MIT
// What a socket is set to, seen from outside: how long a recv may wait, descriptors up to the last
// one, lengths of paths; and the clock that the transports share. Nothing here waits for a time to
// pass, but for signals.
/* The inline functions of fortified headers would call what takes the place of libc's here. */
#undef _FORTIFY_SOURCE
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "transport/internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void make_pair(struct vw_transport **a, struct vw_transport **b)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(vw_transport_from_fd(fds[0], a, NULL), 0);
    assert_int_equal(vw_transport_from_fd(fds[1], b, NULL), 0);
}

static void make_tcp_pair(struct vw_transport **a, struct vw_transport **b)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(sa);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&sa, &len), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(vw_transport_from_fd(fd, a, NULL), 0);
    assert_int_equal(vw_transport_from_fd(accept(listener, NULL, NULL), b, NULL), 0);
    close(listener);
}

static void close_both(struct vw_transport *a, struct vw_transport *b)
{
    a->ops->close(a);
    b->ops->close(b);
}

/* ---- how long a recv may wait ---- */

static long patience_of(const struct vw_transport *t)
{
    struct timeval tv;
    socklen_t len = sizeof(tv);
    assert_int_equal(getsockopt(t->ops->fd(t), SOL_SOCKET, SO_RCVTIMEO, &tv, &len), 0);
    return tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static bool blocks(const struct vw_transport *t)
{
    return !(fcntl(t->ops->fd(t), F_GETFL) & O_NONBLOCK);
}

/* Up to a sixteenth less than was asked for, never more. There is always a byte to be read. */
static void patience_is_as_asked(struct vw_transport *a, struct vw_transport *b)
{
    static const struct {
        int ms;
        long set; /* the kernel may round it up to 10 ms */
        bool blocks;
    } rows[] = {
        {0, 0, false},        {16000, 16000, true},
        {0, 16000, true},     {15000, 15000, true},
        {16000, 15000, true}, {16016, 16016, true},
        {16016, 16016, true}, {16000, 16000, true},
        {-1, 0, true},        {-1, 0, true},
        {100, 100, true},     {1500, 1500, true},
        {-1, 0, true},        {INT_MAX, INT_MAX / 1000 * 1000 + INT_MAX % 1000, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char byte;
        assert_int_equal(b->ops->send(b, "x", 1, NULL), 1);
        struct pollfd p = {.fd = a->ops->fd(a), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
        assert_int_equal(a->ops->recv_wait(a, &byte, 1, NULL, rows[i].ms), 1);
        long set = patience_of(a);
        if (set < rows[i].set || set > rows[i].set + 10)
            fail_msg("row %zu: it waits %ld ms and not %ld", i, set, rows[i].set);
        assert_int_equal(blocks(a), rows[i].blocks);
        /* Whatever that is, this does not wait. */
        assert_int_equal(a->ops->recv(a, &byte, 1, NULL), -EAGAIN);
    }
}

static void recv_waits_as_long_as_asked(void **state)
{
    struct vw_transport *a, *b;
    make_pair(&a, &b);
    patience_is_as_asked(a, b);
    close_both(a, b);
    make_tcp_pair(&a, &b);
    patience_is_as_asked(a, b);
    close_both(a, b);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    alarms++;
}

/* A signal ends the wait, so that whoever set a flag in its handler can look. */
static void a_signal_ends_the_wait(void **state)
{
    const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    const struct itimerval often = {.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000};
    const struct itimerval never = {0};
    for (int tcp = 0; tcp <= 1; tcp++) {
        struct vw_transport *a, *b;
        char byte;
        struct vw_fds fds = {.count = 9};
        if (tcp)
            make_tcp_pair(&a, &b);
        else
            make_pair(&a, &b);
        sigaction(SIGALRM, &action, NULL);
        alarms = 0;
        setitimer(ITIMER_REAL, &often, NULL);
        ssize_t n = a->ops->recv_wait(a, &byte, 1, &fds, 20000);
        setitimer(ITIMER_REAL, &never, NULL);
        assert_int_equal(n, -EAGAIN);
        assert_true(alarms > 0);
        assert_int_equal(fds.count, 0);
        close_both(a, b);
    }
}

/* ---- descriptors ---- */

/* ---- interrupted calls ---- */

static int interruptions; /* of the next calls that do not wait */

static bool is_interrupted(int flags)
{
    if (interruptions == 0 || !(flags & MSG_DONTWAIT))
        return false;
    interruptions--;
    errno = EINTR;
    return true;
}

/* These take the places of libc's. */
ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    return is_interrupted(flags) ? -1 : syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    return is_interrupted(flags) ? -1 : syscall(SYS_recvmsg, fd, msg, flags);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    return is_interrupted(flags) ? -1 : syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    return is_interrupted(flags) ? -1 : syscall(SYS_sendmsg, fd, msg, flags);
}

static void interrupt_both(struct vw_transport *a, struct vw_transport *b, bool with_fds)
{
    const struct vw_fds none = {.count = 0};
    char buf[8];
    interruptions = 3;
    assert_int_equal(a->ops->send(a, "hello", 5, &none), 5);
    assert_int_equal(interruptions, 0);
    interruptions = 3;
    assert_int_equal(b->ops->recv(b, buf, sizeof(buf), NULL), 5);
    assert_int_equal(interruptions, 0);
    if (!with_fds)
        return;
    int fds[2];
    struct vw_fds got = {.count = 0};
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    const struct vw_fds both = {.fd = {fds[0], fds[1]}, .count = 2};
    interruptions = 3;
    assert_int_equal(a->ops->send(a, "x", 1, &both), 1);
    assert_int_equal(interruptions, 0);
    interruptions = 3;
    assert_int_equal(b->ops->recv(b, buf, sizeof(buf), &got), 1);
    assert_int_equal(interruptions, 0);
    assert_int_equal(got.count, 2);
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        close(got.fd[i]);
    }
}

static void interrupted_calls_are_made_again(void **state)
{
    struct vw_transport *a, *b;
    make_pair(&a, &b);
    interrupt_both(a, b, true);
    close_both(a, b);
    make_tcp_pair(&a, &b);
    interrupt_both(a, b, false);
    close_both(a, b);
}

static void fill(struct vw_fds *fds, uint32_t n)
{
    for (fds->count = 0; fds->count < n; fds->count++) {
        fds->fd[fds->count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(fds->fd[fds->count] >= 0);
    }
}

static void drop(struct vw_fds *fds)
{
    while (fds->count > 0)
        close(fds->fd[--fds->count]);
}

static void as_many_descriptors_as_can_be(void **state)
{
    static const uint32_t counts[] = {1, 2, 31, 32};
    struct vw_transport *a, *b;
    make_pair(&a, &b);
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct vw_fds fds, got;
        char byte;
        unsigned before = vw_test_descriptors();
        fill(&fds, counts[i]);
        assert_int_equal(a->ops->send(a, "x", 1, &fds), 1);
        drop(&fds);
        assert_int_equal(b->ops->recv(b, &byte, 1, &got), 1);
        assert_int_equal(got.count, counts[i]);
        assert_int_equal(vw_test_descriptors(), before + counts[i]);
        for (uint32_t k = 0; k < got.count; k++)
            assert_int_equal(fcntl(got.fd[k], F_GETFD), FD_CLOEXEC);
        drop(&got);
        /* Bytes without any say so. */
        got.count = 5;
        assert_int_equal(a->ops->send(a, "y", 1, &fds), 1);
        assert_int_equal(b->ops->recv(b, &byte, 1, &got), 1);
        assert_int_equal(got.count, 0);
        assert_int_equal(byte, 'y');
    }
    close_both(a, b);
}

/* Those that nobody asked for, in recv and in recv_wait. */
static void unwanted_descriptors_are_closed(void **state)
{
    struct vw_transport *a, *b;
    make_pair(&a, &b);
    unsigned before = vw_test_descriptors();
    for (int wait = 0; wait <= 1; wait++) {
        struct vw_fds fds;
        char byte;
        fill(&fds, 32);
        assert_int_equal(a->ops->send(a, "x", 1, &fds), 1);
        drop(&fds);
        assert_int_equal(wait ? b->ops->recv_wait(b, &byte, 1, NULL, 10000)
                              : b->ops->recv(b, &byte, 1, NULL),
                         1);
        assert_int_equal(vw_test_descriptors(), before);
    }
    close_both(a, b);
}

/* Whoever asks ahead knows with which byte they came. */
static void descriptors_have_a_place(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t fds;
    } writes[] = {{"a", 0}, {"bcdefg", 2}, {"h", 1}, {"ij", 0}, {"klm", 0}, {"n", 32}};
    struct vw_transport *a, *b;
    struct vw_fds fds, got;
    char bytes[64], all[64] = "";
    make_pair(&a, &b);
    unsigned before = vw_test_descriptors();
    for (size_t i = 0; i < COUNT(writes); i++) {
        fill(&fds, writes[i].fds);
        ssize_t n = (ssize_t)strlen(writes[i].bytes);
        assert_int_equal(a->ops->send(a, writes[i].bytes, (size_t)n, &fds), n);
        drop(&fds);
    }
    assert_int_equal(a->ops->shutdown(a), 0);
    for (;;) {
        size_t plain = b->ops->plain_bytes(b, bytes, sizeof(bytes)), at = strlen(all);
        ssize_t n = b->ops->recv(b, bytes, plain ? plain : 1, &got);
        if (n == 0)
            break;
        assert_true(n > 0 && (plain == 0 || got.count == 0));
        snprintf(all + at, sizeof(all) - at, got.count ? "[%u]%.*s" : "%.0u%.*s", got.count, (int)n,
                 bytes);
        drop(&got);
    }
    assert_string_equal(all, "a[2]bcdefg[1]hijklm[32]n");
    assert_int_equal(b->ops->plain_bytes(b, bytes, sizeof(bytes)), 0);
    assert_int_equal(vw_test_descriptors(), before);
    close_both(a, b);
}

static void tcp_has_no_descriptors(void **state)
{
    static const struct vw_fds one = {.fd = {0}, .count = 1};
    struct vw_transport *a, *b;
    struct vw_fds fds = {.count = 3};
    char byte;
    int on = 0;
    socklen_t len = sizeof(on);
    make_tcp_pair(&a, &b);
    assert_string_equal(a->ops->name, "tcp");
    assert_int_equal(a->ops->caps, 0);
    assert_int_equal(a->ops->send(a, "x", 1, &one), -EOPNOTSUPP);
    assert_int_equal(b->ops->recv(b, &byte, 1, &fds), -EAGAIN);
    assert_int_equal(fds.count, 0);
    assert_int_equal(getsockopt(a->ops->fd(a), IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    assert_true(on != 0);
    close_both(a, b);
    make_pair(&a, &b);
    assert_string_equal(a->ops->name, "unix");
    assert_int_equal(a->ops->caps, VW_CAP_FDS | VW_CAP_SECURE);
    assert_int_equal(fcntl(a->ops->fd(a), F_GETFD), FD_CLOEXEC);
    assert_false(blocks(a));
    close_both(a, b);
}

static void a_bad_descriptor_is_refused(void **state)
{
    struct vw_transport *t = (struct vw_transport *)(void *)&alarms;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_transport_from_fd(-1, &t, &err), VW_ESYSTEM);
    assert_null(t);
    assert_int_equal(err.sys_errno, EBADF);
    assert_string_equal(err.text, "socket: Bad file descriptor");
}

/* ---- paths ---- */

static void paths_have_a_longest(void **state)
{
    static const struct {
        size_t len;
        bool abstract;
        int rc;
        const char *text;
    } rows[] = {
        {0, false, VW_EUSAGE, "the path of the socket is empty"},
        {107, false, VW_EUNREACHABLE, NULL},
        {108, false, VW_EUSAGE,
         "the path of the socket has 108 bytes, more than the 107 that a UNIX socket can have"},
        {108, true, VW_EUNREACHABLE, NULL},
        {109, true, VW_EUSAGE,
         "the path of the socket has 109 bytes, more than the 108 that a UNIX socket can have"},
    };
    unsigned before = vw_test_descriptors();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[128] = "";
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        memset(path, 'v', rows[i].len);
        if (rows[i].len)
            path[0] = rows[i].abstract ? '@' : '/';
        const struct vw_uri uri = {
            .transport = VW_TRANSPORT_UNIX, .socket = path, .socket_abstract = rows[i].abstract};
        assert_int_equal(vw_transport_open(&uri, INT64_MAX, &t, &err), rows[i].rc);
        assert_null(t);
        if (rows[i].text)
            assert_string_equal(err.text, rows[i].text);
        else
            assert_int_equal(err.sys_errno, rows[i].abstract ? ECONNREFUSED : ENOENT);
        assert_int_equal(vw_test_descriptors(), before);
    }
}

static void no_time_is_no_connection(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri uri = {.transport = VW_TRANSPORT_UNIX, .socket = "/nowhere/sock"};
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_transport_open(&uri, vw_now_ms() - 1, &t, &err), VW_ETIMEOUT);
    assert_string_equal(err.text, "connecting to /nowhere/sock took too long");
    assert_int_equal(vw_test_descriptors(), before);
}

/* ---- the clock ---- */

static void time_that_is_left(void **state)
{
    int64_t now = vw_now_ms();
    assert_int_equal(vw_ms_left(INT64_MAX), -1);
    assert_int_equal(vw_ms_left(INT64_MAX - 1), INT_MAX);
    assert_int_equal(vw_ms_left(now), 0);
    assert_int_equal(vw_ms_left(now - 1), 0);
    assert_int_equal(vw_ms_left(INT64_MIN), 0);
    int left = vw_ms_left(now + 1000000);
    assert_in_range(left, 1000000 - 60000, 1000000);
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    assert_in_range(ms - now, 0, 60000);
}

static void waiting_for_a_descriptor(void **state)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(vw_fd_wait(pipes[0], POLLIN, vw_now_ms() - 1), 0);
    int64_t until = vw_now_ms() + 20;
    assert_int_equal(vw_fd_wait(pipes[0], POLLIN, until), 0);
    assert_true(vw_now_ms() >= until);
    assert_int_equal(vw_fd_wait(pipes[1], POLLOUT, INT64_MAX), 1);
    assert_int_equal(write(pipes[1], "x", 1), 1);
    assert_int_equal(vw_fd_wait(pipes[0], POLLIN, 0), 1);
    close(pipes[0]);
    close(pipes[1]);
}

/* ---- what is told ---- */

static char warned[200];

static void keep(void *user, const char *text)
{
    assert_ptr_equal(user, warned);
    snprintf(warned, sizeof(warned), "%s", text);
}

static void warnings_are_one_line(void **state)
{
    const struct vw_transport_options deaf = {.user = warned};
    const struct vw_transport_options options = {.warn = keep, .user = warned};
    vw_transport_warn(&deaf, "nobody hears %d", 1);
    assert_string_equal(warned, "");
    vw_transport_warn(&options, "a\n%s", "\x1b[2J");
    assert_string_equal(warned, "a\\x0a\\x1b[2J");
}

static void a_local_uri_has_no_transport(void **state)
{
    struct vw_transport *t = (struct vw_transport *)(void *)&alarms;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri uri = {.transport = VW_TRANSPORT_LOCAL};
    assert_int_equal(vw_transport_open(&uri, INT64_MAX, &t, &err), VW_EUSAGE);
    assert_null(t);
    assert_string_equal(err.text, "this URI names no server: a driver inside the client serves it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recv_waits_as_long_as_asked),
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(interrupted_calls_are_made_again),
        cmocka_unit_test(as_many_descriptors_as_can_be),
        cmocka_unit_test(unwanted_descriptors_are_closed),
        cmocka_unit_test(descriptors_have_a_place),
        cmocka_unit_test(tcp_has_no_descriptors),
        cmocka_unit_test(a_bad_descriptor_is_refused),
        cmocka_unit_test(paths_have_a_longest),
        cmocka_unit_test(no_time_is_no_connection),
        cmocka_unit_test(time_that_is_left),
        cmocka_unit_test(waiting_for_a_descriptor),
        cmocka_unit_test(warnings_are_one_line),
        cmocka_unit_test(a_local_uri_has_no_transport),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
