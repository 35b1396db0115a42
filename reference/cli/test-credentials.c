// SPDX-License-Identifier: MIT
// Answers of the environment and of the person at a terminal: what is asked, what is shown while it
// is typed, and what is kept. Each row runs in a child at a terminal of its own.
#include "base/testing/test.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/connect.h"
#include "cli/credentials.h"
#include "cli/prompt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- a terminal ---- */

static char shown[4096];

/* Reads until the terminal shows a prompt, or closes: false. */
static bool wait_for_prompt(int fd)
{
    size_t len = strlen(shown);
    while (len < 2 || strcmp(shown + len - 2, ": ") != 0) {
        ssize_t n = read(fd, shown + len, sizeof(shown) - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        shown[len] = '\0';
    }
    return true;
}

#define DONE                                                                                       \
    '\036' /* the child has written all: a terminal that closes may lose the last of it            \
            */

static void read_rest(int fd)
{
    size_t len = strlen(shown);
    ssize_t n = 0;
    do {
        len += (size_t)n;
        shown[len] = '\0';
        n = read(fd, shown + len, sizeof(shown) - 1 - len);
    } while (n > 0 && !memchr(shown + len, DONE, (size_t)n));
    shown[n > 0 ? len + (size_t)n - 1 : len] = '\0';
}

/* Runs ASK(DATA) in a child at a new terminal and types KEYS when it is asked. What it shows is in
 * `shown`; the result is its status, or 128 and its signal. */
static int at_terminal(void (*ask)(const void *data), const void *data, const char *keys)
{
    int fd, status, gate[2];
    char none;
    shown[0] = '\0';
    fflush(NULL);
    assert_int_equal(pipe(gate), 0);
    pid_t pid = forkpty(&fd, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(20);
        close(gate[1]);
        ask(data);
        putchar(DONE);
        fflush(stdout);
        exit(read(gate[0], &none, 1) != 0);
    }
    close(gate[0]);
    if (keys && wait_for_prompt(fd))
        assert_int_equal(write(fd, keys, strlen(keys)), strlen(keys));
    read_rest(fd);
    close(gate[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- the line ---- */

struct line {
    const char *keys, *shown, *answer;
    bool secret;
    size_t size;
    int rc;
    const char *text;
};

static void prompt(const void *data)
{
    const struct line *l = data;
    struct vw_error err = VW_ERROR_INIT;
    struct termios before, after;
    char answer[64] = "?";
    int64_t deadline = l->keys ? INT64_MAX : vw_now_ms() + 30;
    tcgetattr(STDIN_FILENO, &before);
    int rc = vw_prompt("Word: ", !l->secret, deadline, answer, l->size, &err);
    tcgetattr(STDIN_FILENO, &after);
    if (before.c_lflag != after.c_lflag || memcmp(before.c_cc, after.c_cc, sizeof(after.c_cc)) != 0)
        printf("the terminal is not as before ");
    printf("%d '%s' %s", rc, answer, err.text);
}

static void a_line_is_typed(void **state)
{
    static const struct line rows[] = {
        {"joe\r", "joe", "joe", false, 64, 0, ""},
        {"joe\n", "joe", "joe", false, 64, 0, ""},
        {"joe\r", "", "joe", true, 64, 0, ""},
        {"\r", "", "", false, 64, 0, ""},
        {"j o\r", "j o", "j o", false, 64, 0, ""},
        {"jox\177e\r", "jox\b \be", "joe", false, 64, 0, ""},
        {"jox\be\r", "jox\b \be", "joe", false, 64, 0, ""},
        {"jox\177e\r", "", "joe", true, 64, 0, ""},
        {"\177\b\25joe\r", "joe", "joe", false, 64, 0, ""},
        {"ab\25joe\r", "ab\b \b\b \bjoe", "joe", false, 64, 0, ""},
        {"ab\25joe\r", "", "joe", true, 64, 0, ""},
        {"a\303\251\177b\r", "a\303\251\b \bb", "ab", false, 64, 0, ""},
        {"\342\202\254\177\r", "\342\202\254\b \b", "", false, 64, 0, ""},
        {"a\4\1\33b\r", "ab", "ab", false, 64, 0, ""},
        {"abc\r", "abc", "abc", false, 4, 0, ""},
        {"abcd", "abc", "", false, 4, VW_ELIMIT, "an answer has at most 3 bytes"},
        {"abc\177d\r", "abc\b \bd", "abd", false, 4, 0, ""},
        {"\4", "", "", false, 64, VW_ENAME, ""},
        {NULL, "", "", false, 64, VW_ETIMEOUT, "nobody answered on the terminal in time"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char want[256];
        snprintf(want, sizeof(want), "Word: %s\r\r\n%d '%s' %s", rows[i].shown, rows[i].rc,
                 rows[i].answer, rows[i].text);
        assert_int_equal(at_terminal(prompt, &rows[i], rows[i].keys), 0);
        assert_string_equal(shown, want);
    }
}

static void an_interrupt_is_one(void **state)
{
    const struct line l = {.keys = "a\3", .size = 64};
    assert_int_equal(at_terminal(prompt, &l, l.keys), 128 + SIGINT);
    assert_string_equal(shown, "Word: a\r\r\n");
}

/* ---- who is asked ---- */

struct row {
    struct vw_cli_credentials have;
    struct vw_credential_request r;
    size_t size;
    const char *keys, *shown;
    int rc;
    const char *answer, *text;
    struct vw_cli_credentials keep;
};

static void ask(const void *data)
{
    const struct row *row = data;
    struct vw_cli_credentials c = row->have;
    struct vw_error err = VW_ERROR_INIT;
    char answer[VW_CREDENTIAL_SIZE] = "";
    int rc = vw_cli_credentials_ask(&c, &row->r, answer, row->size, &err);
    printf("%d '%s' %s", rc, answer, err.text);
    if (strcmp(c.user, row->keep.user) != 0 || strcmp(c.password, row->keep.password) != 0 ||
        c.has_password != row->keep.has_password)
        printf(" keeps '%s' '%s' %d", c.user, c.password, c.has_password);
}

#define NOBODY                                                                                     \
    "the server at h wants a user name and a password (SASL PLAIN), and nobody gives them at a "   \
    "terminal: name a file with authfile=FILE in the URI, or set VIRWIRE_USER and "                \
    "VIRWIRE_PASSWORD"
#define ASKS(k, ...)                                                                               \
    {                                                                                              \
        .kind = VW_CREDENTIAL_##k, .mechanism = "PLAIN", .host = "h", .deadline_ms = INT64_MAX,    \
        __VA_ARGS__                                                                                \
    }
#define NAME(n)                                                                                    \
    {                                                                                              \
        .user = n                                                                                  \
    }
#define BOTH(n, p)                                                                                 \
    {                                                                                              \
        .user = n, .password = p, .has_password = true                                             \
    }
/* The terminal puts a CR ahead of each LF by itself. */
#define TYPED(p, echo) p ": " echo "\r\r\n"

static const struct row asked[] = {
    {{.user = ""},
     ASKS(USER, .user = NULL),
     64,
     "joe\r",
     TYPED("User name on h", "joe"),
     0,
     "joe",
     "",
     NAME("joe")},
    {NAME("ann"), ASKS(USER, .user = NULL), 64, NULL, "", 0, "ann", "", NAME("ann")},
    {NAME("ann"), ASKS(USER, .user = NULL), 4, NULL, "", 0, "ann", "", NAME("ann")},
    {NAME("ann"), ASKS(USER, .user = NULL), 3, NULL, "", VW_ELIMIT, "",
     "a name or password has at most 2 bytes", NAME("ann")},
    {{.user = ""},
     ASKS(USER, .user = NULL),
     64,
     "\4",
     TYPED("User name on h", ""),
     VW_EUSAGE,
     "",
     NOBODY,
     NAME("")},
    {{.user = ""},
     ASKS(USER, .fallback = "f"),
     64,
     "\4",
     TYPED("User name on h", ""),
     VW_ENAME,
     "",
     "",
     NAME("")},
    {{.user = ""},
     ASKS(PASSWORD, .user = "joe"),
     64,
     "pw\r",
     TYPED("Password of joe on h", ""),
     0,
     "pw",
     "",
     BOTH("", "pw")},
    {{.user = ""},
     ASKS(PASSWORD, .user = NULL),
     64,
     "pw\r",
     TYPED("Password of the user on h", ""),
     0,
     "pw",
     "",
     BOTH("", "pw")},
    {NAME("ann"), ASKS(PASSWORD, .user = "joe"), 64, "pw\r", TYPED("Password of joe on h", ""), 0,
     "pw", "", NAME("ann")},
    {NAME("joe"), ASKS(PASSWORD, .user = "joe"), 64, "pw\r", TYPED("Password of joe on h", ""), 0,
     "pw", "", BOTH("joe", "pw")},
    {NAME("joe"), ASKS(PASSWORD, .user = NULL), 64, "pw\r", TYPED("Password of the user on h", ""),
     0, "pw", "", BOTH("joe", "pw")},
    {BOTH("joe", "pw"), ASKS(PASSWORD, .user = "joe"), 64, NULL, "", 0, "pw", "",
     BOTH("joe", "pw")},
    {BOTH("", "pw"), ASKS(PASSWORD, .user = "joe"), 64, NULL, "", 0, "pw", "", BOTH("", "pw")},
    {BOTH("joe", ""), ASKS(PASSWORD, .user = NULL), 64, NULL, "", 0, "", "", BOTH("joe", "")},
    {BOTH("joe", "pw"), ASKS(PASSWORD, .user = "ann"), 64, "pa\r",
     TYPED("Password of ann on h", ""), 0, "pa", "", BOTH("joe", "pw")},
    {{.user = ""},
     ASKS(PASSWORD, .fallback = "f"),
     64,
     "\4",
     TYPED("Password of the user on h", ""),
     VW_EUSAGE,
     "",
     NOBODY,
     NAME("")},
    {BOTH("joe", "pw"), ASKS(REALM, .user = NULL), 64, NULL, "", VW_ENAME, "", "",
     BOTH("joe", "pw")},
    {BOTH("joe", "pw"), ASKS(ANSWER, .text = "Co\33[1m\177 de"), 64, "12\r",
     TYPED("Co?[1m? de", "12"), 0, "12", "", BOTH("joe", "pw")},
    {{.user = ""},
     ASKS(ANSWER, .user = NULL),
     64,
     "12\r",
     TYPED("Answer", "12"),
     0,
     "12",
     "",
     NAME("")},
    {{.user = ""},
     ASKS(SECRET, .text = "Code"),
     64,
     "12\r",
     TYPED("Code", ""),
     0,
     "12",
     "",
     NAME("")},
};

static void each_kind_is_asked_in_its_way(void **state)
{
    for (size_t i = 0; i < COUNT(asked); i++) {
        const struct row *r = &asked[i];
        char want[1024];
        snprintf(want, sizeof(want), "%s%d '%s' %s", r->shown, r->rc, r->answer, r->text);
        assert_int_equal(at_terminal(ask, r, r->keys), 0);
        if (strcmp(shown, want) != 0)
            fail_msg("row %zu: %s\nwanted: %s", i, shown, want);
    }
}

static void ask_without_terminal(const void *data)
{
    int fd = dup(STDOUT_FILENO);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        dup2(fd, STDOUT_FILENO);
        ask(data);
        exit(0);
    }
    close(fd);
    waitpid(pid, NULL, 0);
}

static void without_a_terminal_nobody_is_asked(void **state)
{
    static const struct row row = {.r = ASKS(USER, .user = NULL), .size = 64};
    char want[512];
    snprintf(want, sizeof(want), "%d '' " NOBODY, VW_EUSAGE);
    assert_int_equal(at_terminal(ask_without_terminal, &row, NULL), 0);
    assert_string_equal(shown, want);
}

/* ---- SSH ---- */

struct ssh {
    enum vw_ask_kind kind;
    size_t size;
    bool known;
    const char *keys, *shown, *answer;
};

static void ask_for_ssh(const void *data)
{
    const struct ssh *s = data;
    static struct vw_connect x;
    char answer[64] = "";
    if (s->known)
        x.credentials = (struct vw_cli_credentials){.password = "pw",
                                                    .has_password = true,
                                                    .passphrase = "long words",
                                                    .has_passphrase = true};
    int rc = vw_cli_ask(&x, s->kind, "Well: ", INT64_MAX, answer, s->size);
    printf("%d '%s'", rc, answer);
}

static void ssh_asks_too(void **state)
{
    static const struct ssh rows[] = {
        {VW_ASK_PASSWORD, 3, true, NULL, "", "pw"},
        {VW_ASK_PASSWORD, 2, true, "x\r", TYPED("Well", ""), "x"},
        {VW_ASK_PASSWORD, 64, false, "xy\r", TYPED("Well", ""), "xy"},
        {VW_ASK_PASSPHRASE, 11, true, NULL, "", "long words"},
        {VW_ASK_PASSPHRASE, 10, true, "x\r", TYPED("Well", ""), "x"},
        {VW_ASK_PASSPHRASE, 64, false, "xy\r", TYPED("Well", ""), "xy"},
        {VW_ASK_ANSWER, 64, true, "xy\r", TYPED("Well", "xy"), "xy"},
        {VW_ASK_CONFIRM, 64, true, "y\r", TYPED("Well", "y"), "y"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char want[128];
        snprintf(want, sizeof(want), "%s0 '%s'", rows[i].shown, rows[i].answer);
        assert_int_equal(at_terminal(ask_for_ssh, &rows[i], rows[i].keys), 0);
        assert_string_equal(shown, want);
    }
}

/* ---- the environment ---- */

static void take(const void *data)
{
    static struct vw_cli_credentials c;
    static const char *const names[] = {"VIRWIRE_USER", "VIRWIRE_PASSWORD", "VIRWIRE_PASSPHRASE"};
    const char *const *values = data;
    for (size_t i = 0; i < COUNT(names); i++)
        if (values[i])
            setenv(names[i], values[i], 1);
        else
            unsetenv(names[i]);
    vw_cli_credentials_take(&c, "call");
    for (size_t i = 0; i < COUNT(names); i++)
        if (getenv(names[i]))
            printf("%s is still set", names[i]);
    if (prctl(PR_GET_DUMPABLE) != 0)
        printf("a core would have the password");
    printf("%.5s %zu, %.5s %zu %d, %.5s %zu %d", c.user, strlen(c.user), c.password,
           strlen(c.password), c.has_password, c.passphrase, strlen(c.passphrase),
           c.has_passphrase);
    vw_cli_credentials_wipe(&c);
    for (size_t i = 0; i < sizeof(c); i++)
        if (((const char *)&c)[i])
            printf(" not wiped");
}

static void the_environment_is_emptied(void **state)
{
    char fits[VW_CREDENTIAL_SIZE], more[VW_CREDENTIAL_SIZE + 1];
    memset(fits, 'a', sizeof(fits) - 1);
    memset(more, 'b', sizeof(more) - 1);
    fits[sizeof(fits) - 1] = more[sizeof(more) - 1] = '\0';
    const struct {
        const char *values[3], *shown;
    } rows[] = {
        {{"joe", "pw", "words"}, "joe 3, pw 2 1, words 5 1"},
        {{NULL, NULL, NULL}, " 0,  0 0,  0 0"},
        {{"", "", ""}, " 0,  0 1,  0 1"},
        {{fits, fits, fits}, "aaaaa 1023, aaaaa 1023 1, aaaaa 1023 1"},
        {{"joe", more, NULL},
         "virwire call: warning: VIRWIRE_PASSWORD is not used: it has more than 1023 bytes\r\n"
         "joe 3,  0 0,  0 0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(at_terminal(take, rows[i].values, NULL), 0);
        assert_string_equal(shown, rows[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_typed),
        cmocka_unit_test(an_interrupt_is_one),
        cmocka_unit_test(each_kind_is_asked_in_its_way),
        cmocka_unit_test(without_a_terminal_nobody_is_asked),
        cmocka_unit_test(ssh_asks_too),
        cmocka_unit_test(the_environment_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
