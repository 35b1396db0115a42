// SPDX-License-Identifier: MIT
// What a program finds when it is started as a transport (its environment, session, signals and
// descriptors), what is kept of its standard error to the byte, and the steps by which it is ended.
#include "base/testing/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/child.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct vw_transport *start(const char *const *argv, unsigned flags)
{
    struct vw_transport *t = NULL;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_child_open("ext", argv, flags, &t, &err))
        fail_msg("%s", err.text);
    return t;
}

static struct vw_transport *shell(const char *script, unsigned flags)
{
    return start((const char *const[]){"/bin/sh", "-c", script, NULL}, flags);
}

/* All that it writes, until its output ends. */
static const char *all_of(struct vw_transport *t)
{
    static char buf[4096];
    size_t len = 0;
    for (;;) {
        struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
        if (poll(&p, 1, 20000) != 1)
            fail_msg("the program's output has not ended after 20 s: %.*s", (int)len, buf);
        ssize_t n = t->ops->recv(t, buf + len, sizeof(buf) - 1 - len, NULL);
        if (n == 0)
            break;
        assert_true(n > 0 || n == -EAGAIN);
        len += n > 0 ? (size_t)n : 0;
    }
    buf[len] = '\0';
    return buf;
}

static void expect_output(struct vw_transport *t, const char *wanted)
{
    assert_string_equal(all_of(t), wanted);
    t->ops->close(t);
}

/* ---- what it finds ---- */

static const char *const everything[] = {
    "PA=prefix",
    "PATH=/usr/bin:/bin",
    "PATHS=longer",
    "HOM=prefix",
    "HOME=/h",
    "USER=u",
    "LOGNAME=l",
    "TMPDIR=/t",
    "LD_PRELOA=prefix",
    "LD_PRELOAD=",
    "LD_LIBRARY_PATH=",
    "KRB5CCNAME=k",
    "SSH_AUTH_SOCK=s",
    "SSH_ASKPASS=a",
    "DISPLAY=d",
    "XAUTHORITY=x",
    "WAYLAND_DISPLAY=w",
    "XDG_RUNTIME_DIR=/x",
    "OPENSSL_CONF=/o",
    "SSH_ASKPASS_REQUIRE=r",
    "SSH_ASKPASS_REQUIRED=longer",
    "LC_ALL=de_DE",
    "LANG=de_DE",
    "path=/lower",
    "=odd",
    NULL,
};

#define CLEAN                                                                                      \
    "PATH=/usr/bin:/bin\nHOME=/h\nUSER=u\nLOGNAME=l\nTMPDIR=/t\nLD_PRELOAD=\nLD_LIBRARY_PATH=\n"   \
    "KRB5CCNAME=k\nSSH_AUTH_SOCK=s\nSSH_ASKPASS=a\nDISPLAY=d\nXAUTHORITY=x\nWAYLAND_DISPLAY=w\n"   \
    "XDG_RUNTIME_DIR=/x\nOPENSSL_CONF=/o\nSSH_ASKPASS_REQUIRE=r\nLC_ALL=C\n"

/* these names, and no other, prefixes and longer ones included. */
static void the_environment_is_a_short_list(void **state)
{
    const char *const argv[] = {"env", NULL};
    char **before = environ;
    environ = (char **)(uintptr_t)everything;
    struct vw_transport *clean = start(argv, VW_CHILD_CLEAN_ENV);
    struct vw_transport *whole = start(argv, 0);
    environ = NULL;
    struct vw_transport *none =
        start((const char *const[]){"/usr/bin/env", NULL}, VW_CHILD_CLEAN_ENV);
    environ = before;
    expect_output(clean, CLEAN);
    const char *got = all_of(whole);
    for (size_t i = 0; everything[i]; i++)
        if (!strstr(got, everything[i]))
            fail_msg("%s is missing in %s", everything[i], got);
    assert_null(strstr(got, "LC_ALL=C"));
    whole->ops->close(whole);
    expect_output(none, "LC_ALL=C\n");
}

static void a_session_of_its_own(void **state)
{
    static const char script[] = "read -r a b c d e s f </proc/$$/stat; echo \"$s $$\"";
    char wanted[32];
    long session = 0, pid = -1;
    struct vw_transport *t = shell(script, VW_CHILD_NO_TTY);
    assert_int_equal(sscanf(all_of(t), "%ld %ld", &session, &pid), 2);
    assert_int_equal(session, pid);
    t->ops->close(t);
    t = shell(script, VW_CHILD_CLEAN_ENV | VW_CHILD_SECURE);
    snprintf(wanted, sizeof(wanted), "%ld ", (long)getsid(0));
    assert_memory_equal(all_of(t), wanted, strlen(wanted));
    t->ops->close(t);
}

/* Whatever this program blocks or ignores. */
static void signals_are_as_at_first(void **state)
{
    const char *const argv[] = {"/bin/grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status", NULL};
    sigset_t all, before;
    sighandler_t hup = signal(SIGHUP, SIG_IGN), term = signal(SIGTERM, SIG_IGN);
    sighandler_t pipe = signal(SIGPIPE, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    struct vw_transport *t = start(argv, 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGHUP, hup);
    signal(SIGTERM, term);
    signal(SIGPIPE, pipe);
    unsigned long blocked = 1, ignored = 1;
    assert_int_equal(sscanf(all_of(t), "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored & ~0x180000000ul, 0); /* 32 and 33 are the C library's own */
    t->ops->close(t);
}

/* Also where this program has no standard descriptors, whose numbers those of the channel then get.
 */
static void descriptors_may_have_any_number(void **state)
{
    pid_t pid = fork();
    int status = 0;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        const char *const argv[] = {"/bin/sh", "-c", "cat; echo said >&2; exit 3", NULL};
        char buf[8];
        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        alarm(30);
        if (vw_child_open("ext", argv, 0, &t, NULL))
            _exit(1);
        struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
        if (p.fd <= STDERR_FILENO || t->ops->send(t, "ping", 4, NULL) != 4 ||
            poll(&p, 1, 20000) != 1 || t->ops->recv(t, buf, sizeof(buf), NULL) != 4)
            _exit(2);
        t->ops->shutdown(t);
        if (poll(&p, 1, 20000) != 1 || t->ops->recv(t, buf, sizeof(buf), NULL) != 0)
            _exit(3);
        t->ops->explain(t, &err);
        _exit(strcmp(err.text, "sh ended with exit status 3, saying: said") == 0 ? 0 : 4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* With the standard ones closed the channel has their numbers, and must get higher ones: of which
 * there are none here, but the one that the last end of the pipes has. */
static void no_number_above_the_standard_ones(void **state)
{
    pid_t pid = fork();
    int status = 0;
    assert_true(pid >= 0);
    if (pid == 0) {
        static const char *const argv[] = {"true", NULL};
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        struct rlimit limit;
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        int first = fcntl(null, F_DUPFD_CLOEXEC, 3);
        close(first);
        if (null > STDERR_FILENO)
            close(null);
        first = null > STDERR_FILENO && null < first ? null : first;
        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        unsigned before = vw_test_descriptors();
        getrlimit(RLIMIT_NOFILE, &limit);
        const struct rlimit low = {(rlim_t)first + 1, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &low))
            _exit(1);
        int rc = vw_child_open("ext", argv, 0, &t, &err);
        setrlimit(RLIMIT_NOFILE, &limit);
        if (rc != VW_ESYSTEM || t || vw_test_descriptors() != before)
            _exit(2);
        _exit(strcmp(err.text, "channel of a child: Too many open files") == 0 ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void capabilities_follow_the_flags(void **state)
{
    static const struct vw_fds one = {.fd = {0}, .count = 1};
    char byte;
    struct vw_fds fds = {.count = 7};
    struct vw_transport *t = start((const char *const[]){"cat", NULL}, VW_CHILD_CLEAN_ENV);
    assert_string_equal(t->ops->name, "ext");
    assert_int_equal(t->ops->caps, 0);
    assert_int_equal(t->ops->send(t, "x", 1, &one), -EOPNOTSUPP);
    assert_int_equal(t->ops->recv(t, &byte, 1, &fds), -EAGAIN);
    assert_int_equal(fds.count, 0);
    t->ops->close(t);
    t = start((const char *const[]){"cat", NULL}, VW_CHILD_SECURE);
    assert_int_equal(t->ops->caps, VW_CAP_SECURE);
    t->ops->close(t);
}

/* ---- as a URI asks for it ---- */

static void each_dialect_has_its_environment(void **state)
{
    static const char *const arguments[] = {"-c", "echo \"${VW_TEST_X-clean}\"", NULL};
    static const struct {
        struct vw_uri uri;
        unsigned caps;
        const char *output;
    } rows[] = {
        {{.transport = VW_TRANSPORT_EXT,
          .dialect = VW_DIALECT_MODERN,
          .command = "/bin/sh",
          .argv = arguments},
         0,
         "clean\n"},
        {{.transport = VW_TRANSPORT_EXT,
          .dialect = VW_DIALECT_2007,
          .command = "/bin/sh",
          .argv = arguments},
         0,
         "x\n"},
        /* The words of ssh are printed by a program that stands in for it. */
        {{.transport = VW_TRANSPORT_SSH,
          .dialect = VW_DIALECT_2007,
          .command = "/bin/echo",
          .host = "h",
          .netcat = "nc",
          .socket = "/s"},
         VW_CAP_SECURE,
         "h nc -U /s\n"},
        {{.transport = VW_TRANSPORT_SSH,
          .dialect = VW_DIALECT_030,
          .command = "/usr/bin/printenv",
          .host = "VW_TEST_X",
          .netcat = "VW_TEST_X",
          .socket = "VW_TEST_X"},
         VW_CAP_SECURE,
         "x\nx\nx\n"}, /* and no word for -U */
    };
    setenv("VW_TEST_X", "x", 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        if (vw_transport_open(&rows[i].uri, vw_now_ms() + 20000, &t, &err))
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(t->ops->caps, rows[i].caps);
        expect_output(t, rows[i].output);
    }
    unsetenv("VW_TEST_X");
}

/* ---- what it writes to its standard error ---- */

/* How an end is told after SCRIPT, whose standard error is read at once, at the end. */
static const char *told(const char *script)
{
    static struct vw_error err;
    vw_error_clear(&err);
    struct vw_transport *t = shell(script, 0);
    struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
    if (poll(&p, 1, 20000) != 1)
        fail_msg("the program's output has not ended after 20 s: %s", script);
    assert_int_equal(t->ops->explain(t, &err), VW_EUNREACHABLE);
    t->ops->close(t);
    return err.text;
}

#define STATUS "sh ended with exit status 0"
#define SAYING STATUS ", saying: "

static void its_last_words_to_the_byte(void **state)
{
    static const struct {
        const char *script, *told;
    } rows[] = {
        {"printf 'a\\tb\\000c\\rd' >&2", SAYING "a b?cd"},
        {"printf ' \\r\\n\\t' >&2", STATUS},
        {"printf '\\n\\na \\n\\n' >&2", SAYING "; ; a"},
        /* 1024 bytes are kept, and blanks at the end are left out. */
        {"printf 'abc%1021s' '' >&2", SAYING "abc"},
        {"printf 'abc%1022s' '' >&2", SAYING "bc"},
        {"printf 'abc%1023s' '' >&2", SAYING "c"},
        {"printf 'abc%1024s' '' >&2", STATUS},
        {"printf 'START%1500sEND%20s' '' '' >&2", SAYING "...%169sEND"},
        /* 172 bytes are shown; a line's end takes two of them. */
        {"printf '%172s' x | tr ' ' y >&2", SAYING "%171yx"},
        {"printf '%173s' x | tr ' ' y >&2", SAYING "...%171yx"},
        {"printf 'z\\n%170s' x | tr ' ' y >&2", SAYING "...; %169yx"},
        {"printf 'z\\n%169s' x | tr ' ' y >&2", SAYING "z; %168yx"},
        {"printf '\\n%171s' x | tr ' ' y >&2", SAYING "...%170yx"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char wanted[400] = "";
        const char *in = rows[i].told;
        const char *fill = strchr(in, '%');
        int n = 0, used = 0;
        char ch = 0;
        if (fill && sscanf(fill, "%%%3d%c%n", &n, &ch, &used) == 2) {
            memcpy(wanted, in, (size_t)(fill - in));
            memset(wanted + (fill - in), ch == 's' ? ' ' : ch, (size_t)n);
            strcat(wanted, fill + used);
        } else {
            strcpy(wanted, in);
        }
        assert_string_equal(told(rows[i].script), wanted);
    }
}

/* Two pieces that were read one after the other. */
static void pieces_are_joined_at_their_end(void **state)
{
    static const struct {
        int blanks;
        const char *told;
    } rows[] = {{1018, "abcdef"}, {1019, "bcdef"}, {1023, "f"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char script[160], byte[8], wanted[64];
        struct vw_error err = VW_ERROR_INIT;
        snprintf(script, sizeof(script),
                 "printf abc >&2; echo 1; read -r x; printf 'def%%%ds' '' >&2", rows[i].blanks);
        struct vw_transport *t = shell(script, 0);
        struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 20000), 1);
        assert_int_equal(t->ops->recv(t, byte, sizeof(byte), NULL), 2);
        assert_int_equal(t->ops->send(t, "\n", 1, NULL), 1);
        all_of(t);
        assert_int_equal(t->ops->explain(t, &err), VW_ECLOSED);
        snprintf(wanted, sizeof(wanted), SAYING "%s", rows[i].told);
        assert_string_equal(err.text, wanted);
        t->ops->close(t);
    }
}

/* Its standard error may end before it does, and the kernel may be told to forget children. */
static void odd_ends(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_transport *t = shell("echo no >&2; exec 2>&-; exit 9", 0);
    all_of(t);
    t->ops->explain(t, &err);
    assert_string_equal(err.text, "sh ended with exit status 9, saying: no");
    /* That descriptor is closed once: its number may be somebody else's by now. */
    int others[4];
    for (size_t i = 0; i < COUNT(others); i++)
        assert_true((others[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
    t->ops->recv(t, &(char){0}, 1, NULL);
    t->ops->close(t);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(close(others[i]), 0);

    /* Nor is it for somebody else to wait for. */
    sighandler_t before = signal(SIGCHLD, SIG_IGN);
    vw_error_clear(&err);
    t = shell("exit 9", 0);
    t->ops->explain(t, &err);
    assert_string_equal(err.text, "sh ended with exit status 9");
    t->ops->close(t);
    signal(SIGCHLD, before);
}

static void a_program_that_is_not_there(void **state)
{
    struct vw_transport *t = NULL;
    struct vw_error err = VW_ERROR_INIT;
    const char *const argv[] = {"no-such-program-of-virwire", NULL};
    assert_int_equal(vw_child_open("ext", argv, 0, &t, &err), VW_EUNREACHABLE);
    assert_null(t);
    assert_string_equal(err.text,
                        "no-such-program-of-virwire cannot be started: No such file or directory");
    assert_int_equal(err.sys_errno, ENOENT);
}

/* ---- how it is ended ---- */

/* What is told by a program that closes SAY once it has been ended. */
static void expect_ending(const char *script, const char *said)
{
    char name[64], got[16] = "";
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    snprintf(name, sizeof(name), "%d", pipes[1]);
    setenv("VW_TEST_SAY", name, 1);
    struct vw_transport *t = shell(script, 0);
    unsetenv("VW_TEST_SAY");
    close(pipes[1]);
    struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
    if (poll(&p, 1, 20000) != 1)
        fail_msg("the program has not said that it is up after 20 s: %s", script);
    pid_t left = -1;
    t->ops->close(t);
    left = waitpid(-1, NULL, WNOHANG);
    assert_int_equal(left, -1);
    assert_int_equal(errno, ECHILD);
    assert_true(read(pipes[0], got, sizeof(got) - 1) >= 0);
    assert_string_equal(got, said);
    close(pipes[0]);
}

/* By itself when its input ends, then by SIGTERM, and only then by SIGKILL. */
static void it_may_leave_before_it_is_sent_away(void **state)
{
    static const char say[] = "s=$VW_TEST_SAY; trap 'eval \"printf t >&$s\"; exit' TERM; ";
    char script[256];
    snprintf(script, sizeof(script), "%secho up; read -r x; eval \"printf e >&$s\"", say);
    expect_ending(script, "e");
    snprintf(script, sizeof(script), "%secho up; while :; do sleep 0.02; done", say);
    expect_ending(script, "t");
    expect_ending("trap '' TERM; echo up; while :; do sleep 0.02; done", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_is_a_short_list),
        cmocka_unit_test(a_session_of_its_own),
        cmocka_unit_test(signals_are_as_at_first),
        cmocka_unit_test(descriptors_may_have_any_number),
        cmocka_unit_test(no_number_above_the_standard_ones),
        cmocka_unit_test(capabilities_follow_the_flags),
        cmocka_unit_test(each_dialect_has_its_environment),
        cmocka_unit_test(its_last_words_to_the_byte),
        cmocka_unit_test(pieces_are_joined_at_their_end),
        cmocka_unit_test(odd_ends),
        cmocka_unit_test(a_program_that_is_not_there),
        cmocka_unit_test(it_may_leave_before_it_is_sent_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
