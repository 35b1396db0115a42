// SPDX-License-Identifier: MIT
// virwire control: one request to the control socket of a virwired. What can be asked for, and how
// the words of the command line become its values, the daemon itself says.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/usage.h"
#include "transport/transport.h"
#include "xdr/json.h"
#include "xdr/xdr.h"

struct control {
    const char *path;
    int timeout_ms;
    int fd;
    struct vw_buf in;
};

static int fail_errno(const struct control *c, int status, const char *what)
{
    return vw_cli_error("control", status, "%s: %s: %s", c->path, what, strerror(errno));
}

static int open_socket(struct control *c)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (strlen(c->path) >= sizeof(sa.sun_path))
        return vw_cli_error("control", VW_EXIT_USAGE, "%s: too long for a socket", c->path);
    memcpy(sa.sun_path, c->path, strlen(c->path) + 1);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        return fail_errno(c, VW_EXIT_TOOL, "no socket");
    if (connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
        return fail_errno(c, VW_EXIT_UNREACHABLE, "no virwired can be reached");
    return 0;
}

static int put_line(const struct control *c, const char *line)
{
    size_t len = strlen(line);
    while (len > 0) {
        ssize_t n = send(c->fd, line, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(c, VW_EXIT_UNREACHABLE, "nothing can be sent");
        line += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Takes the line that comes, without its end, into C->IN. */
static int get_line(struct control *c)
{
    int64_t until = vw_now_ms() + c->timeout_ms;
    char bytes[16384];
    c->in.len = 0;
    for (;;) {
        int ready = vw_fd_wait(c->fd, POLLIN, until);
        ssize_t n = ready > 0 ? recv(c->fd, bytes, sizeof(bytes), 0) : 0;
        if (ready == 0)
            return vw_cli_error("control", VW_EXIT_INCOMPLETE,
                                "%s: no answer has come in %d.%03d seconds", c->path,
                                c->timeout_ms / 1000, c->timeout_ms % 1000);
        if (n == 0)
            return vw_cli_error("control", VW_EXIT_UNREACHABLE, "%s: virwired has gone", c->path);
        if (n < 0)
            return fail_errno(c, VW_EXIT_UNREACHABLE, "nothing can be received");
        if (vw_buf_append(&c->in, bytes, (size_t)n))
            return vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
        if (bytes[n - 1] == '\n') {
            c->in.len--;
            return 0;
        }
    }
}

/* Asks, and gives the answer's result, which the caller puts; NULL: it has none. */
static int ask(struct control *c, struct json_object *request, struct json_object **result)
{
    struct vw_error err = VW_ERROR_INIT;
    struct json_object *answer = NULL, *ok = NULL, *member = NULL;
    char *line = vw_json_text(request, false);
    *result = NULL;
    int status = line ? put_line(c, line) : vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
    free(line);
    if (status == 0)
        status = put_line(c, "\n");
    if (status == 0)
        status = get_line(c);
    if (status)
        return status;
    if (vw_json_parse((const char *)c->in.data, c->in.len, &answer, &err))
        return vw_cli_fail("control", c->path, &err);
    json_object_object_get_ex(answer, "ok", &ok);
    if (!json_object_get_boolean(ok)) {
        json_object_object_get_ex(answer, "error", &member);
        status = vw_cli_error("control", VW_EXIT_FINDINGS, "%s",
                              member ? json_object_get_string(member) : "no answer that is known");
    } else if (json_object_object_get_ex(answer, "result", &member)) {
        *result = json_object_get(member);
    }
    json_object_put(answer);
    return status;
}

/* ---- from words to a request ---- */

static int bad_word(const char *verb, const char *key, const char *word, const char *what)
{
    return vw_cli_error("control", VW_EXIT_USAGE, "%s: %s '%s' is %s", verb, key, word, what);
}

static int to_number(const char *verb, const char *key, const char *word, struct json_object **out)
{
    char *end;
    errno = 0;
    long long v = strtoll(word, &end, 0);
    if (!*word || *end || errno)
        return bad_word(verb, key, word, "no number");
    *out = json_object_new_int64(v);
    return 0;
}

static int to_object(const char *verb, const char *key, const char *word, struct json_object **out)
{
    struct vw_error err = VW_ERROR_INIT;
    if (vw_json_parse(word, strlen(word), out, &err))
        return bad_word(verb, key, word, "no JSON");
    return 0;
}

/* The daemon may run in another folder. */
static int to_path(const char *word, struct json_object **out)
{
    char here[PATH_MAX], path[2 * PATH_MAX];
    if (*word == '/' || !getcwd(here, sizeof(here))) {
        *out = json_object_new_string(word);
        return 0;
    }
    snprintf(path, sizeof(path), "%s/%s", here, word);
    *out = json_object_new_string(path);
    return 0;
}

static const char *text(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    json_object_object_get_ex(o, key, &v);
    return v ? json_object_get_string(v) : "";
}

static int put_word(struct json_object *request, const char *verb, struct json_object *key,
                    const char *word)
{
    const char *name = text(key, "name"), *as = text(key, "as");
    struct json_object *v = NULL;
    int status = 0;
    if (strcmp(as, "number") == 0)
        status = to_number(verb, name, word, &v);
    else if (strcmp(as, "object") == 0)
        status = to_object(verb, name, word, &v);
    else if (strcmp(as, "path") == 0)
        status = to_path(word, &v);
    else
        v = json_object_new_string(word);
    if (status == 0 && (!v || json_object_object_add(request, name, v)))
        return vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
    return status;
}

/* KEYS are what the daemon takes for VERB. */
static int put_words(struct json_object *request, struct json_object *keys, const char *verb, int n,
                     char **words)
{
    int known = (int)json_object_array_length(keys), status = 0;
    if (n > known)
        return vw_cli_error("control", VW_EXIT_USAGE, "%s: what is '%s'?", verb, words[known]);
    for (int i = 0; status == 0 && i < n; i++)
        status = put_word(request, verb, json_object_array_get_idx(keys, (size_t)i), words[i]);
    return status;
}

static int unknown(struct json_object *verbs, const char *verb)
{
    struct vw_near near = {.word = verb};
    json_object_object_foreach(verbs, name, keys)
    {
        vw_near_offer(&near, keys ? name : "");
    }
    return vw_cli_error("control", VW_EXIT_USAGE, "unknown command '%s'%s", verb,
                        VW_HINT(",", near.best));
}

static struct json_object *new_request(const char *verb)
{
    struct json_object *o = json_object_new_object();
    if (vw_json_put_text(o, "do", verb))
        return o;
    json_object_put(o);
    return NULL;
}

static int make_request(struct control *c, int n, char **words, struct json_object **out)
{
    struct json_object *help = new_request("help"), *verbs = NULL, *keys = NULL;
    int status =
        help ? ask(c, help, &verbs) : vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
    json_object_put(help);
    *out = NULL;
    if (status == 0 && !json_object_object_get_ex(verbs, words[0], &keys))
        status = unknown(verbs, words[0]);
    if (status == 0 && !(*out = new_request(words[0])))
        status = vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
    if (status == 0)
        status = put_words(*out, keys, words[0], n - 1, words + 1);
    json_object_put(verbs);
    return status;
}

static int do_it(struct control *c, int n, char **words)
{
    struct json_object *request = NULL, *result = NULL;
    int status = open_socket(c);
    if (status == 0)
        status = make_request(c, n, words, &request);
    if (status == 0)
        status = ask(c, request, &result);
    char *shown = result ? vw_json_text(result, true) : NULL;
    if (shown)
        puts(shown);
    else if (result)
        status = vw_cli_error("control", VW_EXIT_TOOL, "out of memory");
    free(shown);
    json_object_put(request);
    json_object_put(result);
    return status;
}

static int run(int argc, char **argv)
{
    struct control c = {.timeout_ms = 10000, .fd = -1};
    const struct vw_cli_option rows[] = {
        {"timeout", .ms = &c.timeout_ms, .max = INT_MAX},
        {NULL},
    };
    int status = vw_cli_options("control", argc, argv, rows);
    if (status)
        return status;
    if (argc - optind < 2)
        return vw_cli_error("control", VW_EXIT_USAGE, "%s",
                            argc > optind ? "no command" : "no socket");
    c.path = argv[optind];
    status = do_it(&c, argc - optind - 1, argv + optind + 1);
    if (c.fd >= 0)
        close(c.fd);
    vw_buf_finish(&c.in);
    return status;
}

const struct vw_command vw_command_control = {
    .name = "control",
    .summary = "steer a virwired: reset, snapshot, faults, rules, the clock",
    .usage = vw_usage_control,
    .run = run,
};
