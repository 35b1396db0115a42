// SPDX-License-Identifier: MIT
// Listeners of a daemon: what is printed, which failures of accept(2) make it wait, and what is
// left at the end. accept4(2) is replaced by the linker.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "mock-daemon/daemon.h"

#define LISTENERS 3

static int failing; /* errno of each accept4; 0: it accepts */
static unsigned accepts;

int __real_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    accepts++;
    if (!failing)
        return __real_accept4(fd, address, len, flags);
    errno = failing;
    return -1;
}

struct scene {
    char dir[VW_TEST_FOLDER], uris[LISTENERS][VW_TEST_FOLDER + 32];
    const char *listen[LISTENERS];
    struct ev_loop *loop;
    struct vw_config config;
    struct vw_daemon daemon;
};

static const char *path_of(const struct scene *s, unsigned i)
{
    static char path[VW_TEST_FOLDER + 16];
    snprintf(path, sizeof(path), "%s/%u", s->dir, i);
    return path;
}

static void start(struct scene *s, const char *printed)
{
    struct vw_error err = VW_ERROR_INIT;
    char in_uri[VW_TEST_FOLDER], *text = NULL, wanted[LISTENERS * sizeof(s->uris[0])] = "";
    size_t len;
    assert_int_equal(vw_test_folder(s->dir), 0);
    vw_test_path_in_uri(s->dir, in_uri, sizeof(in_uri));
    for (unsigned i = 0; i < LISTENERS; i++) {
        snprintf(s->uris[i], sizeof(s->uris[i]), "unix://%s/%u", in_uri, i);
        s->listen[i] = s->uris[i];
        size_t n = strlen(wanted);
        snprintf(wanted + n, sizeof(wanted) - n, "%s%s\n", printed, s->uris[i]);
    }
    s->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(s->loop);
    assert_int_equal(vw_config_init(&s->config, &err), 0);
    const struct vw_daemon_options o = {
        .listen = s->listen, .n_listen = LISTENERS, .config = &s->config};
    if (vw_daemon_init(&s->daemon, s->loop, &o, &err))
        fail_msg("%s", err.text);
    assert_int_equal(s->daemon.n_doors, LISTENERS);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(vw_daemon_start(&s->daemon, out, NULL), 0);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, wanted);
    free(text);
    assert_true(s->daemon.main.accepting);
    failing = 0;
    accepts = 0;
}

static void stop(struct scene *s)
{
    failing = 0;
    vw_daemon_finish(&s->daemon);
    vw_config_finish(&s->config);
    ev_loop_destroy(s->loop);
    for (unsigned i = 0; i < LISTENERS; i++)
        assert_int_equal(access(path_of(s, i), F_OK), -1);
    assert_int_equal(rmdir(s->dir), 0);
}

static int dial(const struct scene *s, unsigned i)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_true(strlen(path_of(s, i)) < sizeof(to.sun_path));
    strcpy(to.sun_path, path_of(s, i));
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void work(struct scene *s)
{
    for (int i = 0; i < 4; i++)
        ev_run(s->loop, EVRUN_NOWAIT);
}

static void each_listener_accepts(void **state)
{
    struct scene s = {0};
    int fds[LISTENERS];
    start(&s, "listening ");
    for (unsigned i = 0; i < LISTENERS; i++) {
        fds[i] = dial(&s, i);
        work(&s);
        assert_int_equal(s.daemon.main.n_conns, i + 1);
    }
    for (unsigned i = 0; i < LISTENERS; i++)
        close(fds[i]);
    work(&s);
    assert_int_equal(s.daemon.main.n_conns, 0);
    stop(&s);
}

/* Where nothing more can be had the daemon waits; any other failure is that client's own. */
static void failures_of_accept(void **state)
{
    static const struct {
        int failing;
        bool waits;
    } rows[] = {
        {EMFILE, true},        {ENFILE, true}, {ENOMEM, true},  {ENOBUFS, true}, {EAGAIN, false},
        {ECONNABORTED, false}, {EINTR, false}, {EPROTO, false}, {EPERM, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene s = {0};
        start(&s, "listening ");
        int fd = dial(&s, i % LISTENERS);
        failing = rows[i].failing;
        ev_run(s.loop, EVRUN_NOWAIT); /* once: the wait is short */
        if (s.daemon.main.accepting != !rows[i].waits || s.daemon.exhausted != rows[i].waits)
            fail_msg("%s: %d, %d", strerror(failing), s.daemon.main.accepting, s.daemon.exhausted);
        if (accepts != 1)
            fail_msg("%s: %u times", strerror(failing), accepts);
        assert_int_equal(ev_is_active(&s.daemon.retry) != 0, rows[i].waits);
        for (unsigned l = 0; l < LISTENERS; l++)
            assert_int_equal(ev_is_active(&s.daemon.doors[l].watcher) != 0, !rows[i].waits);
        failing = 0;
        if (rows[i].waits) /* as if its time had come */
            ev_invoke(s.loop, &s.daemon.retry, EV_TIMER);
        work(&s);
        assert_true(s.daemon.main.accepting);
        assert_int_equal(s.daemon.main.n_conns, 1);
        close(fd);
        stop(&s);
    }
}

/* A listener that cannot be opened takes with it those that were. */
static void one_that_cannot_be_opened(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_config config;
    struct vw_daemon d;
    char dir[VW_TEST_FOLDER], in_uri[VW_TEST_FOLDER], good[sizeof(dir) + 32];
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(loop);
    assert_int_equal(vw_test_folder(dir), 0);
    vw_test_path_in_uri(dir, in_uri, sizeof(in_uri));
    snprintf(good, sizeof(good), "unix://%s/s", in_uri);
    const char *const listen[] = {good, "udp://127.0.0.1:0"};
    assert_int_equal(vw_config_init(&config, &err), 0);
    const struct vw_daemon_options o = {.listen = listen, .n_listen = 2, .config = &config};
    unsigned before = vw_test_descriptors();
    assert_int_equal(vw_daemon_init(&d, loop, &o, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "only unix, tcp, tls and stdio can be listened on"));
    assert_int_equal(vw_test_descriptors(), before);
    assert_int_equal(rmdir(dir), 0);
    vw_config_finish(&config);
    ev_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_listener_accepts),
        cmocka_unit_test(failures_of_accept),
        cmocka_unit_test(one_that_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
