// SPDX-License-Identifier: MIT
// A channel of libssh as a transport, from the options to the end, with functions in libssh's
// place: what it is told, each step that fails, reads and writes that are not complete, and last
// words.
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/libssh.h"

/* These are members here, not calls. */
#undef ssh_new
#undef ssh_options_set
#undef ssh_set_blocking
#undef ssh_connect
#undef ssh_session_is_known_server
#undef ssh_userauth_none
#undef ssh_channel_new
#undef ssh_channel_open_session
#undef ssh_channel_request_exec
#undef ssh_channel_read_nonblocking
#undef ssh_channel_write
#undef ssh_blocking_flush
#undef ssh_channel_is_eof
#undef ssh_is_connected
#undef ssh_channel_get_exit_status
#undef ssh_channel_send_eof
#undef ssh_channel_free
#undef ssh_disconnect
#undef ssh_free
#undef ssh_get_error
#undef ssh_get_fd

static struct fake {
    int connect, open, exec; /* results of the steps */
    bool no_session, no_channel;
    int refused_option; /* -1: none */
    int read, write, flush, eof, connected, status, send_eof;
    const char *errors; /* on standard error, given once */
} fake;

static char calls[200], options[400];
static char handle[] = "a session";

static void note(const char *letter)
{
    strncat(calls, letter, sizeof(calls) - strlen(calls) - 1);
}

static ssh_session new_session(void)
{
    return fake.no_session ? NULL : (ssh_session)(void *)handle;
}

static int set_option(ssh_session session, enum ssh_options_e option, const void *value)
{
    size_t n = strlen(options);
    if (option == SSH_OPTIONS_FD)
        snprintf(options + n, sizeof(options) - n, "fd|");
    else if (option == SSH_OPTIONS_PORT)
        snprintf(options + n, sizeof(options) - n, "port|");
    else if (option == SSH_OPTIONS_PROCESS_CONFIG)
        snprintf(options + n, sizeof(options) - n, "config %d|", *(const bool *)value);
    else
        snprintf(options + n, sizeof(options) - n, "%s|", (const char *)value);
    if ((int)option == fake.refused_option)
        return -1;
    if (option == SSH_OPTIONS_FD)
        close(*(const socket_t *)value); /* libssh owns it from here */
    return 0;
}

static void set_blocking(ssh_session session, int blocking)
{
    note(blocking ? "B" : "b");
}

static int do_connect(ssh_session session)
{
    note("c");
    return fake.connect;
}

static enum ssh_known_hosts_e known(ssh_session session)
{
    return SSH_KNOWN_HOSTS_OK;
}

static int none(ssh_session session, const char *user)
{
    note("n");
    return SSH_AUTH_SUCCESS;
}

static ssh_channel new_channel(ssh_session session)
{
    return fake.no_channel ? NULL : (ssh_channel)(void *)handle;
}

static int open_session(ssh_channel channel)
{
    note("o");
    return fake.open;
}

static int exec_script(ssh_channel channel, const char *script)
{
    note("x");
    assert_string_equal(script, "sh -c 'virt-ssh-helper '\\''test:///default'\\'''");
    return fake.exec;
}

static int read_some(ssh_channel channel, void *buf, uint32_t len, int is_stderr)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGPIPE), 1);
    if (!is_stderr) {
        if (fake.read > 0)
            memset(buf, 'r', (size_t)fake.read);
        return fake.read;
    }
    size_t n = fake.errors ? strlen(fake.errors) : 0;
    memcpy(buf, fake.errors ? fake.errors : "", n);
    fake.errors = NULL;
    return (int)n;
}

static int write_some(ssh_channel channel, const void *data, uint32_t len)
{
    note("w");
    return fake.write < (int)len ? fake.write : (int)len;
}

static int flush_all(ssh_session session, int timeout)
{
    note("f");
    return fake.flush;
}

static int is_eof(ssh_channel channel)
{
    return fake.eof;
}

static int is_connected(ssh_session session)
{
    return fake.connected;
}

static int exit_status(ssh_channel channel)
{
    return fake.status;
}

static int send_eof(ssh_channel channel)
{
    return fake.send_eof;
}

static void free_channel(ssh_channel channel)
{
    note("C");
}

static void disconnect(ssh_session session)
{
    note("D");
}

static void free_session(ssh_session session)
{
    note("S");
}

static const char *reason(void *session)
{
    return "its reason";
}

static socket_t fd_of(ssh_session session)
{
    return 77;
}

/* ---- the client ---- */

static int listener;
static struct vw_uri uri;

static int reset(void **state)
{
    fake = (struct fake){.refused_option = -1, .connected = 1, .status = -1};
    calls[0] = options[0] = '\0';
    uri = (struct vw_uri){.transport = VW_TRANSPORT_LIBSSH,
                          .dialect = VW_DIALECT_MODERN,
                          .host = "127.0.0.1",
                          .port = uri.port,
                          .known_hosts = "/k",
                          .netcat = "nc",
                          .proxy = VW_URI_PROXY_NATIVE,
                          .helper_uri = "test:///default"};
    return 0;
}

static int set_up(void **state)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(sa);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&sa, sizeof(sa)) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&sa, &len))
        return -1;
    uri.port = ntohs(sa.sin_port);
    vw_ssh_library.loaded = true;
    vw_ssh_calls = (struct vw_ssh_calls){
        .ssh_new = new_session,
        .ssh_options_set = set_option,
        .ssh_set_blocking = set_blocking,
        .ssh_connect = do_connect,
        .ssh_session_is_known_server = known,
        .ssh_userauth_none = none,
        .ssh_channel_new = new_channel,
        .ssh_channel_open_session = open_session,
        .ssh_channel_request_exec = exec_script,
        .ssh_channel_read_nonblocking = read_some,
        .ssh_channel_write = write_some,
        .ssh_blocking_flush = flush_all,
        .ssh_channel_is_eof = is_eof,
        .ssh_is_connected = is_connected,
        .ssh_channel_get_exit_status = exit_status,
        .ssh_channel_send_eof = send_eof,
        .ssh_channel_free = free_channel,
        .ssh_disconnect = disconnect,
        .ssh_free = free_session,
        .ssh_get_error = reason,
        .ssh_get_fd = fd_of,
    };
    return 0;
}

static int tear_down(void **state)
{
    return close(listener);
}

static int open_it(struct vw_transport **t, struct vw_error *err)
{
    static const struct vw_transport_options none_given;
    return vw_libssh_open("libssh", &uri, &none_given, vw_now_ms() + 20000, t, err);
}

/* ---- the start ---- */

static void each_step_of_the_start(void **state)
{
    static const struct {
        struct fake f;
        int rc;
        const char *text, *calls;
    } rows[] = {
        {{.refused_option = -1}, 0, "", "bcnoxCDS"},
        {{.refused_option = -1, .no_session = true}, VW_ENOMEM, "out of memory", ""},
        {{.refused_option = SSH_OPTIONS_PORT}, VW_ESYSTEM, "ssh: its reason", "DS"},
        {{.refused_option = SSH_OPTIONS_HOST}, VW_EUSAGE, "ssh takes no host \"127.0.0.1\"", "DS"},
        {{.refused_option = SSH_OPTIONS_USER}, VW_EUSAGE, "ssh takes no user \"fred\"", "DS"},
        {{.refused_option = SSH_OPTIONS_KNOWNHOSTS}, VW_EUSAGE, "known_hosts: its reason", "DS"},
        {{.refused_option = SSH_OPTIONS_FD}, VW_ESYSTEM, "ssh: its reason", "DS"},
        {{.refused_option = -1, .connect = SSH_ERROR}, VW_EUNREACHABLE, "ssh: its reason", "bcDS"},
        {{.refused_option = -1, .no_channel = true}, VW_ENOMEM, "out of memory", "bcnDS"},
        {{.refused_option = -1, .open = SSH_ERROR},
         VW_EUNREACHABLE,
         "ssh cannot run a program there: its reason",
         "bcnoCDS"},
        {{.refused_option = -1, .exec = SSH_ERROR},
         VW_EUNREACHABLE,
         "ssh cannot run a program there: its reason",
         "bcnoxCDS"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        unsigned before = vw_test_descriptors();
        reset(NULL);
        fake = rows[i].f;
        uri.user = "fred";
        int rc = open_it(&t, &err);
        if (t)
            t->ops->close(t);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0 ||
            strcmp(calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s, %s", i, rc, err.text, calls);
        assert_int_equal(vw_test_descriptors(), before);
    }
}

static void what_libssh_is_told(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uri.user = "fred";
    assert_int_equal(open_it(&t, &err), 0);
    assert_string_equal(options, "config 0|port|127.0.0.1|fred|/k|fd|");
    assert_string_equal(t->ops->name, "libssh");
    assert_int_equal(t->ops->caps, VW_CAP_SECURE);
    assert_int_equal(t->ops->fd(t), 77);
    t->ops->close(t);
    reset(NULL);
    uri.known_hosts = "";
    assert_int_equal(open_it(&t, &err), VW_EUSAGE);
    assert_string_equal(err.text, "known_hosts names no file");
}

/* ---- reading and writing ---- */

static void each_end_of_a_read(void **state)
{
    static const struct {
        int read, eof, connected;
        ssize_t got;
        bool pending;
    } rows[] = {
        {3, 0, 1, 3, true},          {1, 1, 0, 1, true},
        {0, 0, 1, -EAGAIN, false},   {SSH_AGAIN, 0, 1, -EAGAIN, false},
        {SSH_EOF, 0, 1, 0, false},   {0, 1, 1, 0, false},
        {0, 0, 0, 0, false},         {SSH_ERROR, 0, 1, -EPROTO, false},
        {SSH_ERROR, 0, 0, 0, false},
    };
    struct vw_transport *t;
    assert_int_equal(open_it(&t, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buf[8];
        struct vw_fds fds = {.count = 3};
        fake.read = rows[i].read;
        fake.eof = rows[i].eof;
        fake.connected = rows[i].connected;
        assert_int_equal(t->ops->recv(t, buf, sizeof(buf), &fds), rows[i].got);
        assert_int_equal(t->ops->pending(t), rows[i].pending);
        assert_int_equal(fds.count, 0);
    }
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
    t->ops->close(t);
}

static void each_end_of_a_write(void **state)
{
    static const struct vw_fds one = {.fd = {0}, .count = 1};
    static const struct {
        int write, flush;
        ssize_t got;
        const char *calls;
    } rows[] = {
        {5, SSH_OK, 5, "wf"},
        {3, SSH_OK, 3, "wf"},
        {0, SSH_OK, -EAGAIN, "w"},
        {SSH_AGAIN, SSH_OK, -EAGAIN, "w"},
        {SSH_ERROR, 0, -EPIPE, "w"},
        {5, SSH_ERROR, -EPIPE, "wf"},
        /* Taken, but not written: the same bytes are not given twice. */
        {4, SSH_AGAIN, -EAGAIN, "wf"},
        {9, SSH_AGAIN, -EAGAIN, "f"},
        {9, SSH_OK, 4, "f"},
        {5, SSH_OK, 5, "wf"},
    };
    struct vw_transport *t;
    assert_int_equal(open_it(&t, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        calls[0] = '\0';
        fake.write = rows[i].write;
        fake.flush = rows[i].flush;
        assert_int_equal(t->ops->send(t, "hello", 5, NULL), rows[i].got);
        assert_string_equal(calls, rows[i].calls);
        assert_true(t->ops->pending(t));
    }
    assert_int_equal(t->ops->send(t, "x", 1, &one), -EOPNOTSUPP);
    assert_int_equal(t->ops->shutdown(t), 0);
    fake.send_eof = SSH_ERROR;
    assert_int_equal(t->ops->shutdown(t), -EPIPE);
    t->ops->close(t);
}

/* ---- last words ---- */

static void how_a_program_ended(void **state)
{
    static char longer[200];
    char said[300];
    static const struct {
        int status, read;
        const char *errors, *text;
    } rows[] = {
        {-1, 0, NULL, "ended"},
        {0, 0, NULL, "ended with exit status 0"},
        {127, 0, "no\nsuch\r\n", "ended with exit status 127, saying: no such"},
        {1, 4, " \t\r\n", "ended with exit status 1"},
        {1, 0, longer, NULL},
    };
    memset(longer, 'x', 170);
    strcpy(longer + 170, "end");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        char buf[8];
        reset(NULL);
        assert_int_equal(open_it(&t, NULL), 0);
        fake.status = rows[i].status;
        fake.read = rows[i].read;
        t->ops->recv(t, buf, sizeof(buf), NULL);
        fake.errors = rows[i].errors;
        assert_int_equal(t->ops->explain(t, &err), rows[i].read ? VW_ECLOSED : VW_EUNREACHABLE);
        snprintf(said, sizeof(said), "the program behind ssh %s",
                 rows[i].text ? rows[i].text : "ended with exit status 1, saying: ");
        if (!rows[i].text)
            strcat(said, longer + strlen(longer) - 160);
        assert_string_equal(err.text, said);
        t->ops->close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_step_of_the_start, reset),
        cmocka_unit_test_setup(what_libssh_is_told, reset),
        cmocka_unit_test_setup(each_end_of_a_read, reset),
        cmocka_unit_test_setup(each_end_of_a_write, reset),
        cmocka_unit_test_setup(how_a_program_ended, reset),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
