// SPDX-License-Identifier: MIT
// Commands and all that they print: fixtures/commands.txt, to the byte. Each runs in a process of
// its own, but not as a program, so that what it loses is seen where that is looked for.
//
//   $ WORD...       a command; < FILE gives it an input, > FILE takes what it prints, URI stands
//   for
//                   the server. Below: what it prints, its words on stderr behind "! ", its status
//                   where that is not 0
//   $& WORD...      the same in the background, once it says "watching"; "$." is its end
//   $-              asks it to end, and its end
//   $~ WORD...      the same as $, with times and digests as N
//   % WORD...       a new server with these options
//
// `test-commands VIRWIRED FILE` writes what it is now.
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "transport/transport.h"

#define WORDS_MAX 160

int virwire_main(int argc, char **argv);

static char *virwired, *root;
static char folder[VW_TEST_FOLDER], folder_in_uri[VW_TEST_FOLDER];
static pid_t server, background;
static bool hides; /* $~ */

/* ---- files ---- */

static char *read_all(const char *path, size_t *size)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, size), *f = fopen(path, "r");
    for (int c; f && (c = fgetc(f)) != EOF;)
        fputc(c, to);
    if (f)
        fclose(f);
    fclose(to);
    return text;
}

/* A number with one point, one of calls/s, or a digest or date of at least 10 digits: its length.
 */
static size_t figure(const char *s)
{
    size_t n = strspn(s, "0123456789."), hex = strspn(s, "0123456789abcdef");
    if (hex >= 10)
        return hex + (strncmp(s + hex, "-dirty", 6) == 0 ? 6 : 0);
    const char *point = memchr(s, '.', n);
    bool one = point && !memchr(point + 1, '.', n - (size_t)(point + 1 - s));
    return one || strncmp(s + n, " calls/s", 8) == 0 ? n : 0;
}

/* Puts N for each figure of TEXT, in place. */
static void hide_figures(char *text, size_t *size)
{
    char *to = text;
    for (char *s = text, last = ' '; *s;) {
        bool inside = isalnum((unsigned char)last) || last == '.';
        size_t n = inside ? 0 : figure(s);
        last = n ? 'N' : *s;
        *to++ = last;
        s += n ? n : 1;
    }
    *to = 0;
    *size = (size_t)(to - text);
}

/* How long the name of our folder is that TEXT begins with, as a path or as a URI has it; 0:
 * neither. */
static size_t folder_at(const char *text)
{
    size_t len = strlen(folder), in_uri = strlen(folder_in_uri);
    return strncmp(text, folder, len) == 0             ? len
           : strncmp(text, folder_in_uri, in_uri) == 0 ? in_uri
                                                       : 0;
}

/* As lines behind PREFIX; what is no text as \xNN, and our folder as DIR. */
static void put_file(FILE *to, const char *path, const char *prefix)
{
    size_t size, len;
    char *text = read_all(path, &size);
    if (hides)
        hide_figures(text, &size);
    for (size_t i = 0; i < size; i++) {
        if (i == 0 || text[i - 1] == '\n')
            fputs(prefix, to);
        if ((len = folder_at(text + i))) {
            fputs("DIR", to);
            i += len - 1;
        } else if (text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~' && text[i] != '\\')) {
            fputc(text[i], to);
        } else {
            fprintf(to, "\\x%02x", (unsigned char)text[i]);
        }
    }
    if (size && text[size - 1] != '\n')
        fputs("\\\n", to);
    free(text);
}

/* ---- processes ---- */

/* Cuts LINE at blanks; what stands between ' is one word. */
static int cut(char *line, char **words)
{
    int n = 0;
    while (*line) {
        char end = *line == '\'' ? '\'' : ' ';
        if (*line == ' ') {
            line++;
            continue;
        }
        line += end == '\'';
        assert_true(n + 1 < WORDS_MAX);
        words[n++] = line;
        line += strcspn(line, end == '\'' ? "'" : " ");
        if (*line)
            *line++ = 0;
    }
    words[n] = NULL;
    return n;
}

static void redirect(int fd, const char *path, int flags)
{
    int file = open(path, flags, 0600);
    if (file < 0 || dup2(file, fd) < 0)
        _exit(99);
    close(file);
}

static unsigned open_descriptors(void)
{
    unsigned n = 0;
    for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* In the child. */
static void run(char *line, const char *out, const char *err)
{
    char name[] = "virwire", uri[512], *words[WORDS_MAX] = {name};
    const char *in = "/dev/null", *to = NULL;
    int n = 1 + cut(line, words + 1), argc = 0;
    snprintf(uri, sizeof(uri), "test+unix:///default?socket=%s/s", folder_in_uri);
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], "<") == 0 && i + 1 < n)
            in = words[++i];
        else if (strcmp(words[i], ">") == 0 && i + 1 < n)
            to = words[++i];
        else
            words[argc++] = strcmp(words[i], "URI") == 0 ? uri : words[i];
    }
    words[argc] = NULL;
    redirect(STDIN_FILENO, in, O_RDONLY);
    redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC);
    if (to)
        redirect(STDOUT_FILENO, to, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC);
    /* Whatever hangs ends. */
    alarm(30);
    unsigned before = open_descriptors();
    int status = virwire_main(argc, words);
    if (open_descriptors() != before)
        fputs("descriptors are left open\n", stderr);
    exit(status);
}

static pid_t start(const char *line, const char *out, const char *err)
{
    char *copy = strdup(line);
    sigset_t all, before;
    fflush(NULL);
    /* Whoever starts a program may have blocked signals. */
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        run(copy, out, err);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_true(pid >= 0);
    free(copy);
    return pid;
}

static int end_of(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void put_end(FILE *to, pid_t pid, const char *out, const char *err)
{
    int status = end_of(pid);
    put_file(to, out, "");
    put_file(to, err, "! ");
    if (status)
        fprintf(to, "status %d\n", status);
}

static void wait_for_watching(const char *err)
{
    for (int i = 0; i < 1000; i++) {
        size_t size;
        char *text = read_all(err, &size);
        bool ready = strstr(text, "watching\n") != NULL;
        free(text);
        if (ready)
            return;
        poll(NULL, 0, 20);
    }
    fail_msg("nobody watches");
}

static void stop_server(void)
{
    if (server > 0) {
        kill(server, SIGTERM);
        end_of(server);
    }
    server = 0;
}

static void start_server(char *line)
{
    char name[] = "virwired", with_parent[] = "--exit-with-parent", listen[] = "--listen";
    char uri[512], ready[64], *words[WORDS_MAX] = {name, with_parent, listen, uri};
    int out[2];
    snprintf(uri, sizeof(uri), "unix://%s/s", folder_in_uri);
    cut(line, words + 4);
    stop_server();
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execv(virwired, words);
        _exit(99);
    }
    close(out[1]);
    if (read(out[0], ready, sizeof(ready)) <= 0)
        fail_msg("no server: %s", line);
    close(out[0]);
}

/* ---- the text ---- */

static void play_line(FILE *to, char *line)
{
    fprintf(to, "%s\n", line);
    if (strncmp(line, "$& ", 3) == 0) {
        unlink("bg-err");
        background = start(line + 3, "bg-out", "bg-err");
        wait_for_watching("bg-err");
    } else if (strcmp(line, "$.") == 0 || strcmp(line, "$-") == 0) {
        if (line[1] == '-')
            kill(background, SIGTERM);
        put_end(to, background, "bg-out", "bg-err");
        background = 0;
    } else if (line[0] == '%') {
        start_server(line + 1);
    } else {
        hides = line[1] == '~';
        put_end(to, start(line + (hides ? 3 : 2), "out", "err"), "out", "err");
        hides = false;
    }
}

/* What it is now: TEXT with what is printed put anew. */
static char *play(const char *text)
{
    char *now = NULL, *copy = strdup(text), *rest = copy;
    size_t size;
    FILE *to = open_memstream(&now, &size);
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (*line == '#' && line == copy)
            fprintf(to, "%s\n", line);
        else if (*line == '$' || *line == '%')
            play_line(to, line);
    }
    fclose(to);
    free(copy);
    return now;
}

static char *fixture(const char *name)
{
    char *path;
    assert_true(asprintf(&path, "%s/reference/cli/fixtures/%s", root, name) > 0);
    return path;
}

static void test_commands(void **state)
{
    size_t size;
    char *path = fixture("commands.txt"), *wanted = read_all(path, &size), *got = play(wanted);
    char *w = wanted, *g = got;
    const char *command = "";
    while (w || g) {
        const char *want = strsep(&w, "\n"), *have = strsep(&g, "\n");
        if (!want || !have || strcmp(want, have) != 0)
            fail_msg("%s\n%s\nwanted:\n%s", command, have ? have : "(the end)",
                     want ? want : "(the end)");
        if (*want == '$')
            command = want;
    }
    free(wanted);
    free(got);
    free(path);
}

struct figures {
    unsigned calls;
    double s, rate;
    char p50[32], p99[32], max[32]; /* us */
};

static void measure(const char *options, struct figures *f)
{
    char line[200];
    size_t size;
    snprintf(line, sizeof(line), "call %s URI connect_get_type", options);
    int64_t began = vw_now_ms();
    assert_int_equal(end_of(start(line, "out", "err")), 0);
    double most = (double)(vw_now_ms() - began + 1) / 1000;
    char *text = read_all("out", &size);
    int n = sscanf(text, "%u calls in %lf s, %lf calls/s, p50 %31s us, p99 %31s us, max %31s us",
                   &f->calls, &f->s, &f->rate, f->p50, f->p99, f->max);
    if (n != 6 || f->s > most)
        fail_msg("%s", text);
    free(text);
}

/* Every answer takes 20 ms at least. What a load tells has to fit together. */
static void test_load(void **state)
{
    static const struct {
        unsigned calls;
        const char *options;
        bool p50_is_max, p99_is_max;
        double at_least_s;
    } rows[] = {
        {1, "--repeat 1", true, true, 0.02},
        {2, "--repeat 2", true, true, 0.04},
        {3, "--repeat 3", false, true, 0.06},
        {51, "--repeat 51 --pipeline 17", false, true, 0.02},
        {51, "--repeat 51 --connections 20", false, true, 0.06},
        {12, "--repeat 12 --connections 2 --pipeline 2", false, true, 0.02},
    };
    char options[] = "--fault legal-slow";
    start_server(options);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct figures f;
        measure(rows[i].options, &f);
        double p50 = strtod(f.p50, NULL), p99 = strtod(f.p99, NULL), max = strtod(f.max, NULL);
        assert_int_equal(f.calls, rows[i].calls);
        assert_true(f.rate >= f.calls / (f.s + 0.0006) - 1 &&
                    f.rate <= f.calls / (f.s - 0.0006) + 1);
        assert_true(f.s > rows[i].at_least_s - 0.001);
        assert_true(p50 > 19e3 && p50 <= p99 && p99 <= max && max <= f.s * 1e6 + 600);
        assert_true(!rows[i].p50_is_max || strcmp(f.p50, f.max) == 0);
        assert_true(!rows[i].p99_is_max || strcmp(f.p99, f.max) == 0);
    }
}

/* Feeds "in" for ever; a MiB of it has been read when the server stops. */
static pid_t start_feeding(void)
{
    static const char zeros[65536];
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    int in = open("in", O_WRONLY);
    for (int i = 0; write(in, zeros, sizeof(zeros)) > 0; i++)
        if (i == 17)
            kill(server, SIGSTOP);
    _exit(0);
}

/* A server that reads no more of a stream is waited for as long as any other. */
static void test_a_server_that_stands_still(void **state)
{
    char options[] = "";
    size_t size;
    start_server(options);
    assert_int_equal(mkfifo("in", 0600), 0);
    pid_t feeder = start_feeding();
    pid_t call = start("call --timeout 0.5 --input in URI storage_vol_upload '{\"vol\":{\"pool\":"
                       "\"test\",\"name\":\"test\",\"key\":\"/test\"},\"offset\":0,\"length\":0,"
                       "\"flags\":0}'",
                       "out", "err");
    int status = end_of(call);
    char *text = read_all("err", &size);
    /* Whoever waits for it can be ended, also with signals blocked by whoever started it. */
    call = start("call --timeout 10 URI connect_get_type", "out", "err");
    kill(call, SIGTERM);
    int ended = end_of(call);
    kill(server, SIGCONT);
    end_of(feeder);
    assert_int_equal(ended, 128 + SIGTERM);
    assert_string_equal(text, "virwire call: the stream stands still\n");
    assert_int_equal(status, 5);
    free(text);
}

static int set_up(void **state)
{
    char *fixtures = fixture("");
    if (vw_test_folder(folder) < 0 || chdir(folder) < 0 || symlink(fixtures, "fixtures") < 0)
        return -1;
    free(fixtures);
    vw_test_path_in_uri(folder, folder_in_uri, sizeof(folder_in_uri));
    return setenv("HOME", folder, 1) || setenv("XDG_CONFIG_HOME", folder, 1) ||
           setenv("XDG_RUNTIME_DIR", folder, 1) || setenv("LIBVIRT_DEFAULT_URI", "", 1);
}

static int tear_down(void **state)
{
    if (background > 0) {
        kill(background, SIGKILL);
        end_of(background);
    }
    stop_server();
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));)
        unlink(e->d_name);
    if (d)
        closedir(d);
    return chdir("/") || rmdir(folder);
}

static int write_file(const char *name)
{
    size_t size;
    char *path = fixture("commands.txt"), *text = read_all(path, &size), *now = play(text);
    FILE *f = fopen(name, "w");
    int rc = !f || fputs(now, f) < 0 || fclose(f) != 0;
    free(path);
    free(text);
    free(now);
    return rc;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_load, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_server_that_stands_still, set_up, tear_down)};
    const char *source = getenv("VW_SOURCE_ROOT");
    int rc;
    if (argc < 2)
        return 2;
    virwired = realpath(argv[1], NULL);
    root = realpath(source ? source : ".", NULL);
    if (argc < 3) {
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    } else {
        rc = set_up(NULL) ? 1 : write_file(argv[2]);
        tear_down(NULL);
    }
    free(virwired);
    free(root);
    return rc;
}
