// SPDX-License-Identifier: MIT
// A channel of libssh as a transport, from the options to the end, with functions in libssh's
// place: what it is told, each step that fails, reads and writes that are not complete, and last
// words.
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
#undef ssh_get_poll_flags

static struct fake {
    int connect, open, exec; /* results of the steps */
    bool no_session, no_channel;
    int refused_option; /* -1: none */
    int read, write, flush, eof, connected, status, send_eof;
    const char *errors; /* on standard error, given once */
    const char *more_errors;
    int connect_again, open_again, exec_again; /* so many times each is to be called again */
    int flags;                                 /* of poll */
    bool raises;                               /* writing to a socket that is closed */
} fake;

static unsigned read_len, write_len;
static int ends[2];

static char calls[200], options[400];
static char handle[] = "a session";

static void note(const char *letter)
{
    strncat(calls, letter, sizeof(calls) - strlen(calls) - 1);
}

static int listener;
static struct vw_uri uri;

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
        snprintf(options + n, sizeof(options) - n, "port %d|",
                 *(const unsigned *)value == uri.port ? 1 : 0);
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
    return fake.connect_again-- > 0 ? SSH_AGAIN : fake.connect;
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
    return fake.open_again-- > 0 ? SSH_AGAIN : fake.open;
}

static int exec_script(ssh_channel channel, const char *script)
{
    note("x");
    assert_string_equal(script, "sh -c 'virt-ssh-helper '\\''test:///default'\\'''");
    return fake.exec_again-- > 0 ? SSH_AGAIN : fake.exec;
}

static int read_some(ssh_channel channel, void *buf, uint32_t len, int is_stderr)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGPIPE), 1);
    if (!is_stderr) {
        read_len = len;
        if (fake.read > 0)
            memset(buf, 'r', (size_t)fake.read);
        return fake.read;
    }
    size_t n = fake.errors ? strlen(fake.errors) : 0;
    memcpy(buf, fake.errors ? fake.errors : "", n);
    fake.errors = fake.more_errors;
    fake.more_errors = NULL;
    return (int)n;
}

static int write_some(ssh_channel channel, const void *data, uint32_t len)
{
    note("w");
    write_len = len;
    if (fake.raises)
        raise(SIGPIPE);
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
    return ends[0];
}

static int flags_of(ssh_session session)
{
    return fake.flags;
}

/* ---- the client ---- */

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
        .ssh_get_poll_flags = flags_of,
    };
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
    close(ends[0]);
    close(ends[1]);
    return close(listener);
}

static int open_until(int64_t ms, struct vw_transport **t, struct vw_error *err)
{
    static const struct vw_transport_options none_given;
    return vw_libssh_open(&uri, &none_given, vw_now_ms() + ms, t, err);
}

static int open_it(struct vw_transport **t, struct vw_error *err)
{
    return open_until(20000, t, err);
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
    const size_t n = sizeof(rows) / sizeof(rows[0]);
    for (size_t k = 0; k < 2 * n; k++) {
        const size_t i = k % n;
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        /* The second time the socket is descriptor 0. */
        int input = k < n ? -1 : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (input >= 0)
            close(STDIN_FILENO);
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
        if (input >= 0) {
            assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
            close(input);
        }
    }
}

static void a_user_like_an_option(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uri.user = "-x";
    assert_int_equal(open_it(&t, &err), VW_EUSAGE);
    assert_string_equal(err.text, "ssh takes no user \"-x\"");
    assert_string_equal(calls, "DS");
}

static void what_libssh_is_told(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uri.user = "fred";
    assert_int_equal(open_it(&t, &err), 0);
    assert_string_equal(options, "config 0|port 1|127.0.0.1|fred|/k|fd|");
    assert_string_equal(t->ops->name, "libssh");
    assert_int_equal(t->ops->caps, VW_CAP_SECURE);
    assert_int_equal(t->ops->fd(t), ends[0]);
    t->ops->close(t);
    reset(NULL);
    uri.known_hosts = "";
    assert_int_equal(open_it(&t, &err), VW_EUSAGE);
    assert_string_equal(err.text, "known_hosts names no file");
}

/* What is to be called again is, when the socket is ready and until the deadline. */
static void steps_that_take_longer(void **state)
{
    static const struct {
        struct fake f;
        int64_t ms;
        bool readable;
        int rc;
        const char *calls;
    } rows[] = {
        {{.connect_again = 2, .flags = SSH_WRITE_PENDING}, 20000, false, 0, "bcccnoxCDS"},
        {{.open_again = 2, .flags = SSH_WRITE_PENDING}, 20000, false, 0, "bcnoooxCDS"},
        {{.exec_again = 2, .flags = SSH_WRITE_PENDING}, 20000, false, 0, "bcnoxxxCDS"},
        {{.connect_again = 2}, 20000, true, 0, "bcccnoxCDS"},
        {{.connect_again = 2, .flags = SSH_READ_PENDING}, 60, false, VW_ETIMEOUT, "bcDS"},
        {{.open_again = 2}, 60, false, VW_ETIMEOUT, "bcnoCDS"},
        {{.exec_again = 2}, 60, false, VW_ETIMEOUT, "bcnoxCDS"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        char byte;
        reset(NULL);
        fake = rows[i].f;
        fake.refused_option = -1;
        if (rows[i].readable)
            assert_int_equal(write(ends[1], "x", 1), 1);
        int rc = open_until(rows[i].ms, &t, &err);
        if (rows[i].readable)
            assert_int_equal(read(ends[0], &byte, 1), 1);
        if (t)
            t->ops->close(t);
        if (rc != rows[i].rc || strcmp(calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s, %s", i, rc, err.text, calls);
        assert_string_equal(err.text, rc ? "setting up ssh to 127.0.0.1 took too long" : "");
    }
}

static void put_file(const char *folder, const char *sub)
{
    char path[VW_TEST_FOLDER + 64];
    snprintf(path, sizeof(path), "%s%s", folder, sub);
    for (char *p = path + strlen(folder) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    }
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
}

static void set_or_unset(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* FULL has the file in both places, BARE in none. */
static void where_known_hosts_are(void **state)
{
    char full[VW_TEST_FOLDER], bare[VW_TEST_FOLDER], longer[5000];
    assert_int_equal(vw_test_folder(full) || vw_test_folder(bare), 0);
    put_file(full, "/libvirt/known_hosts");
    put_file(full, "/.config/libvirt/known_hosts");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    const struct {
        enum vw_transport_kind transport;
        const char *config, *home, *given, *folder, *sub;
    } rows[] = {
        {VW_TRANSPORT_LIBSSH, NULL, NULL, NULL, NULL, NULL},
        {VW_TRANSPORT_LIBSSH2, NULL, NULL, NULL, NULL, NULL},
        {VW_TRANSPORT_LIBSSH, full, bare, NULL, full, "/libvirt/known_hosts"},
        {VW_TRANSPORT_LIBSSH, NULL, full, NULL, full, "/.config/libvirt/known_hosts"},
        {VW_TRANSPORT_LIBSSH, bare, full, NULL, NULL, NULL},
        {VW_TRANSPORT_LIBSSH, NULL, bare, NULL, NULL, NULL},
        {VW_TRANSPORT_LIBSSH2, bare, NULL, NULL, bare, "/libvirt/known_hosts"},
        {VW_TRANSPORT_LIBSSH2, NULL, bare, NULL, bare, "/.config/libvirt/known_hosts"},
        {VW_TRANSPORT_LIBSSH2, longer, NULL, NULL, NULL, NULL},
        {VW_TRANSPORT_LIBSSH2, full, full, "/k", "/k", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char wanted[400] = "";
        struct vw_transport *t;
        reset(NULL);
        uri.transport = rows[i].transport;
        uri.known_hosts = rows[i].given;
        set_or_unset("XDG_CONFIG_HOME", rows[i].config);
        set_or_unset("HOME", rows[i].home);
        assert_int_equal(open_it(&t, NULL), 0);
        t->ops->close(t);
        if (rows[i].folder)
            snprintf(wanted, sizeof(wanted), "%s%s|", rows[i].folder, rows[i].sub);
        const char *got = strstr(options, "127.0.0.1|") + 10;
        if (strlen(got) != strlen(wanted) + 3 || strncmp(got, wanted, strlen(wanted)) != 0)
            fail_msg("row %zu: %s and not %s", i, got, wanted);
    }
}

/* ---- reading and writing ---- */

/* libssh counts in 32 bits; a read or a write of more is one of less. */
static void large_reads_and_writes(void **state)
{
    static const char many[65537];
    struct vw_transport *t;
    char buf[8];
    assert_int_equal(open_it(&t, NULL), 0);
    fake.read = 3;
    assert_int_equal(t->ops->recv(t, buf, SIZE_MAX, NULL), 3);
    assert_int_equal(read_len, 0x7fffffff);
    assert_int_equal(t->ops->recv(t, buf, 0x7fffffff, NULL), 3);
    assert_int_equal(read_len, 0x7fffffff);
    assert_int_equal(t->ops->recv(t, buf, 7, NULL), 3);
    assert_int_equal(read_len, 7);
    static const size_t lens[] = {1, 65535, 65536, 65537};
    for (size_t i = 0; i < 4; i++) {
        fake.write = 65537;
        ssize_t want = lens[i] < 65536 ? (ssize_t)lens[i] : 65536;
        assert_int_equal(t->ops->send(t, many, lens[i], NULL), want);
        assert_int_equal(write_len, want);
    }
    t->ops->close(t);
}

/* A SIGPIPE of libssh's is taken; one that waited before stays. */
static void signals_of_a_closed_socket(void **state)
{
    sigset_t pipe_only, before, now;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    for (int waits = 0; waits < 2; waits++) {
        struct vw_transport *t;
        reset(NULL);
        assert_int_equal(open_it(&t, NULL), 0);
        pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
        if (waits)
            raise(SIGPIPE);
        fake.raises = true;
        fake.write = SSH_ERROR;
        assert_int_equal(t->ops->send(t, "x", 1, NULL), -EPIPE);
        sigpending(&now);
        assert_int_equal(sigismember(&now, SIGPIPE), waits);
        pthread_sigmask(SIG_SETMASK, NULL, &now);
        assert_int_equal(sigismember(&now, SIGPIPE), 1);
        if (waits)
            assert_int_equal(sigwaitinfo(&pipe_only, NULL), SIGPIPE);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        t->ops->close(t);
    }
}

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

/* What does not fit pushes out what came first. */
static void the_last_of_many_words(void **state)
{
    static const struct {
        int first, second, kept_first, kept_second;
    } rows[] = {
        {100, 0, 100, 0},   {160, 0, 160, 0},  {161, 0, 160, 0},
        {100, 60, 100, 60}, {100, 61, 99, 61}, {100, 159, 1, 159},
        {100, 160, 0, 160}, {160, 1, 159, 1},  {160, 200, 0, 160},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char first[300] = "", second[300] = "", wanted[400] = "";
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        assert_int_equal(open_it(&t, NULL), 0);
        memset(first, 'a', (size_t)rows[i].first);
        memset(second, 'b', (size_t)rows[i].second);
        fake.errors = first;
        fake.more_errors = rows[i].second ? second : NULL;
        int n = snprintf(wanted, sizeof(wanted), "the program behind ssh ended, saying: ");
        memset(wanted + n, 'a', (size_t)rows[i].kept_first);
        memset(wanted + n + rows[i].kept_first, 'b', (size_t)rows[i].kept_second);
        assert_int_equal(t->ops->explain(t, &err), VW_EUNREACHABLE);
        assert_string_equal(err.text, wanted);
        t->ops->close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_step_of_the_start, reset),
        cmocka_unit_test_setup(a_user_like_an_option, reset),
        cmocka_unit_test_setup(what_libssh_is_told, reset),
        cmocka_unit_test_setup(steps_that_take_longer, reset),
        cmocka_unit_test_setup(where_known_hosts_are, reset),
        cmocka_unit_test_setup(large_reads_and_writes, reset),
        cmocka_unit_test_setup(signals_of_a_closed_socket, reset),
        cmocka_unit_test_setup(each_end_of_a_read, reset),
        cmocka_unit_test_setup(each_end_of_a_write, reset),
        cmocka_unit_test_setup(how_a_program_ended, reset),
        cmocka_unit_test_setup(the_last_of_many_words, reset),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
