// SPDX-License-Identifier: MIT
// Logging in by the user's agent, with functions in libssh's place and an agent that only listens:
// which socket libssh gets, how one that is silent is left, and that nothing stays open.
#include "base/testing/test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport/libssh.h"

/* These are members here, not calls. */
#undef ssh_set_agent_socket
#undef ssh_userauth_agent
#undef ssh_get_error
#undef ssh_get_fd
#undef ssh_get_poll_flags

static struct fake {
    int taken;  /* what taking the socket gives */
    int result; /* of logging in */
    int again;  /* so many times it is to be called again; -1: always */
    bool reads; /* waits for the agent */
} fake;

static char handle[] = "a session", warned[300], where[VW_TEST_FOLDER + 16];
static int agent_fd, listener, ends[2];
static unsigned calls;
static bool shut; /* the socket, while libssh waited for the agent */

static int take_socket(ssh_session session, socket_t fd)
{
    struct sockaddr_un sa = {0};
    socklen_t len = sizeof(sa);
    assert_int_equal(getpeername(fd, (struct sockaddr *)&sa, &len), 0);
    assert_string_equal(sa.sun_path, where);
    agent_fd = fake.taken == SSH_OK ? fd : -1;
    return fake.taken;
}

/* Ends when the socket does, or after long enough. */
static int wait_for_agent(void)
{
    struct pollfd p = {.fd = agent_fd, .events = POLLIN};
    char byte;
    shut = poll(&p, 1, 10000) == 1 && read(agent_fd, &byte, 1) == 0;
    return SSH_AUTH_ERROR;
}

static int log_in(ssh_session session, const char *user)
{
    assert_null(user);
    calls++;
    if (fake.reads)
        return wait_for_agent();
    if (fake.again < 0 || fake.again-- > 0)
        return SSH_AUTH_AGAIN;
    return fake.result;
}

static const char *reason(void *session)
{
    return "its reason";
}

static socket_t fd_of(ssh_session session)
{
    return ends[0];
}

static int flags_of(ssh_session session)
{
    return SSH_WRITE_PENDING;
}

static void warn(void *user, const char *text)
{
    snprintf(warned, sizeof(warned), "%s", text);
}

static int set_up(void **state)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    char dir[VW_TEST_FOLDER];
    if (vw_test_folder(dir))
        return -1;
    snprintf(where, sizeof(where), "%s/agent", dir);
    assert_true(strlen(where) < sizeof(sa.sun_path));
    strcpy(sa.sun_path, where);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&sa, sizeof(sa)) || listen(listener, 64))
        return -1;
    vw_ssh_library.loaded = true;
    vw_ssh_calls = (struct vw_ssh_calls){
        .ssh_set_agent_socket = take_socket,
        .ssh_userauth_agent = log_in,
        .ssh_get_error = reason,
        .ssh_get_fd = fd_of,
        .ssh_get_poll_flags = flags_of,
    };
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
    unsetenv("SSH_AUTH_SOCK");
    close(ends[0]);
    close(ends[1]);
    return close(listener);
}

#define NOT_USED "the ssh agent is not used: "
#define THERE    "AGENT"

static void each_agent_and_its_end(void **state)
{
    static const struct {
        const char *path; /* THERE: that of the agent */
        struct fake f;
        int64_t ms; /* until the deadline */
        int rc;
        unsigned calls;
        int code;
        const char *text, *warned; /* the agent's path follows where a blank ends it */
    } rows[] = {
        {NULL, {0}, 9000, SSH_AUTH_DENIED, 0, 0, "", ""},
        {"", {0}, 9000, SSH_AUTH_DENIED, 0, 0, "", ""},
        {"/nowhere/agent",
         {0},
         9000,
         SSH_AUTH_DENIED,
         0,
         0,
         "",
         NOT_USED "cannot connect to /nowhere/agent: No such file or directory"},
        {THERE, {.result = SSH_AUTH_SUCCESS}, 9000, SSH_AUTH_SUCCESS, 1, 0, "", ""},
        {THERE, {.result = SSH_AUTH_DENIED}, 9000, SSH_AUTH_DENIED, 1, 0, "", ""},
        {THERE, {.result = SSH_AUTH_PARTIAL}, 9000, SSH_AUTH_PARTIAL, 1, 0, "", ""},
        {THERE, {.result = SSH_AUTH_ERROR}, 9000, SSH_AUTH_ERROR, 1, 0, "", ""},
        {THERE, {.result = SSH_AUTH_SUCCESS, .again = 3}, 9000, SSH_AUTH_SUCCESS, 4, 0, "", ""},
        {THERE, {.taken = SSH_ERROR}, 9000, SSH_AUTH_DENIED, 0, 0, "", NOT_USED},
        {THERE,
         {.reads = true},
         50,
         SSH_AUTH_AGAIN,
         1,
         VW_ETIMEOUT,
         "the ssh agent did not answer in time (",
         ""},
        {THERE,
         {.again = -1},
         50,
         SSH_AUTH_AGAIN,
         0,
         VW_ETIMEOUT,
         "setting up ssh to h took too long",
         ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const struct vw_transport_options options = {.warn = warn};
        static const struct vw_uri uri = {.host = "h"};
        const bool there = rows[i].path && strcmp(rows[i].path, THERE) == 0;
        struct vw_error err = VW_ERROR_INIT;
        sigset_t before, after;
        sigemptyset(&before);
        sigaddset(&before, SIGUSR2);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        unsigned open = vw_test_descriptors();
        fake = rows[i].f;
        agent_fd = -1;
        calls = 0;
        warned[0] = '\0';
        if (rows[i].path)
            setenv("SSH_AUTH_SOCK", there ? where : rows[i].path, 1);
        else
            unsetenv("SSH_AUTH_SOCK");
        const struct vw_libssh s = {.session = (ssh_session)(void *)handle,
                                    .uri = &uri,
                                    .options = &options,
                                    .deadline_ms = vw_now_ms() + rows[i].ms};
        int rc = vw_libssh_by_agent(&s, &err);
        if (rc != rows[i].rc || err.code != rows[i].code ||
            strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0 ||
            strncmp(warned, rows[i].warned, strlen(rows[i].warned)) != 0)
            fail_msg("row %zu: %d, %d %s, %s", i, rc, err.code, err.text, warned);
        assert_int_equal(warned[0] != '\0', rows[i].warned[0] != '\0');
        if (rows[i].f.again >= 0)
            assert_int_equal(calls, rows[i].calls);
        if (rows[i].f.reads) {
            assert_non_null(strstr(err.text, where));
            assert_true(shut);
        }
        if (rows[i].f.taken == SSH_ERROR)
            assert_string_equal(strstr(warned, where) + strlen(where), ": its reason");
        if (agent_fd >= 0)
            close(agent_fd); /* libssh's own */
        assert_int_equal(vw_test_descriptors(), open);
        pthread_sigmask(SIG_SETMASK, NULL, &after);
        for (int sig = 1; sig < 32; sig++)
            assert_int_equal(sigismember(&after, sig), sig == SIGUSR2);
    }
}

/* Below it are N numbers of which no descriptor is open. */
static rlim_t free_number(unsigned n)
{
    int fds[8];
    assert_true(n < 8);
    for (unsigned i = 0; i <= n; i++)
        assert_true((fds[i] = dup(listener)) >= 0);
    for (unsigned i = 0; i <= n; i++)
        close(fds[i]);
    return (rlim_t)fds[n];
}

/* Each descriptor that is needed may be the one too many: the socket, its copy, the pipe. */
static void too_few_descriptors(void **state)
{
    static const struct vw_transport_options options = {.warn = warn};
    static const struct vw_uri uri = {.host = "h"};
    static const char *const texts[] = {
        "socket: ", "fcntl: ", "the watch over the ssh agent: ", "the watch over the ssh agent: "};
    struct rlimit limit, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    setenv("SSH_AUTH_SOCK", where, 1);
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char wanted[200];
        unsigned before = vw_test_descriptors();
        warned[0] = '\0';
        low = (struct rlimit){free_number(i), limit.rlim_max};
        const struct vw_libssh s = {.session = (ssh_session)(void *)handle,
                                    .uri = &uri,
                                    .options = &options,
                                    .deadline_ms = vw_now_ms() + 9000};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int rc = vw_libssh_by_agent(&s, NULL);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(rc, SSH_AUTH_DENIED);
        snprintf(wanted, sizeof(wanted), NOT_USED "%s%s", texts[i], strerror(EMFILE));
        assert_string_equal(warned, wanted);
        assert_int_equal(vw_test_descriptors(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_agent_and_its_end),
        cmocka_unit_test(too_few_descriptors),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
