// SPDX-License-Identifier: MIT
#include "conformance/play/testee.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/words.h"
#include "transport/transport.h"
#include "xdr/json.h"

/* The largest answer: the value of the largest vector as JSON, several times over. */
#define ANSWER_MAX (256u << 20)
/* No bytes were given with an answer. */
#define NO_BYTES     UINT32_MAX
#define READ_AT_ONCE 65536
/* How often one that does not answer is looked at. */
#define LOOK_MS 20

typedef struct json_object json;

void vw_testee_answer_finish(struct vw_testee_answer *a)
{
    vw_buf_finish(&a->bytes);
    json_object_put(a->value);
    *a = (struct vw_testee_answer){.bytes = VW_BUF_INIT};
}

/* ---- the program ---- */

static void close_pipes(int fds[4])
{
    for (int i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* A socket for what it reads, since writing to one that is gone is no signal then. */
static int open_pipes(int fds[4])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ||
                   pipe2(fds + 2, O_CLOEXEC) < 0 || vw_leash_above(&fds[0]) ||
                   vw_leash_above(&fds[3]) || fcntl(fds[1], F_SETFL, O_NONBLOCK) < 0 ||
                   fcntl(fds[2], F_SETFL, O_NONBLOCK) < 0
               ? errno
               : 0;
}

int vw_testee_start(struct vw_testee *t, const struct vw_testee_program *program,
                    struct vw_error *err)
{
    int fds[4] = {-1, -1, -1, -1};
    *t = (struct vw_testee){.program = program, .to = -1, .from = -1, .quit = -1};
    int why = open_pipes(fds);
    char **env = why ? NULL : vw_meter_environment(environ);
    if (!env) {
        close_pipes(fds);
        return why ? vw_error_errno(err, why, "pipes to a decoder") : vw_error_nomem(err);
    }
    const struct vw_leash_program leashed = {.argv = program->argv,
                                             .env = env,
                                             .fds = {fds[0], fds[3], STDERR_FILENO},
                                             .group = VW_LEASH_GROUP};
    why = vw_leash_start(&leashed, &t->leash);
    free(env);
    if (why) {
        close_pipes(fds);
        return vw_error_set(err, VW_EUNREACHABLE, "%.200s cannot be started: %s", program->argv[0],
                            strerror(why));
    }
    close(fds[0]);
    close(fds[3]);
    t->to = fds[1];
    t->from = fds[2];
    vw_meter_start(&t->meter, t->leash.program);
    return 0;
}

void vw_testee_end(struct vw_testee *t)
{
    if (t->to >= 0)
        close(t->to);
    if (t->from >= 0)
        close(t->from);
    t->to = t->from = -1;
    vw_meter_end(&t->meter);
    if (t->leash.keeper)
        vw_leash_end(&t->leash);
    vw_buf_finish(&t->out);
    vw_buf_finish(&t->in);
    t->written = t->taken = 0;
}

/* How it has ended, or that it has closed its output. */
static int tell_end(struct vw_testee *t, struct vw_error *err)
{
    if (!vw_leash_wait(&t->leash, vw_now_ms() + 500))
        return vw_error_set(err, VW_ECLOSED, "it has closed its output");
    int status = t->leash.status;
    t->quit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return WIFSIGNALED(status)
               ? vw_error_set(err, VW_ECLOSED, "it was ended by signal %d (%s)", WTERMSIG(status),
                              strsignal(WTERMSIG(status)))
               : vw_error_set(err, VW_ECLOSED, "it ended with status %d", WEXITSTATUS(status));
}

/* ---- requests ---- */

static int ask_frame(struct vw_buf *b, const char *type, const void *bytes, size_t len)
{
    uint8_t head[6];
    size_t name = strlen(type);
    vw_store32(head, (uint32_t)(2 + name + len));
    head[4] = (uint8_t)(name >> 8);
    head[5] = (uint8_t)name;
    return vw_buf_append(b, head, sizeof(head)) || vw_buf_append(b, type, name) ||
                   vw_buf_append(b, bytes, len)
               ? VW_ENOMEM
               : 0;
}

/* Names of types need no escapes. */
static int ask_line(struct vw_buf *b, const char *type, const void *bytes, size_t len)
{
    static const char middle[] = "\",\"bytes\":\"", end[] = "\"}\n", start[] = "{\"type\":\"";
    if (vw_buf_append(b, start, sizeof(start) - 1) || vw_buf_append(b, type, strlen(type)) ||
        vw_buf_append(b, middle, sizeof(middle) - 1) || vw_buf_reserve(b, len * 2 + 1))
        return VW_ENOMEM;
    vw_hex_encode(bytes, len, (char *)b->data + b->len);
    b->len += len * 2;
    return vw_buf_append(b, end, sizeof(end) - 1);
}

static int queue(struct vw_testee *t, const char *type, const void *bytes, size_t len,
                 struct vw_error *err)
{
    int rc = t->program->form == VW_TESTEE_LINES ? ask_line(&t->out, type, bytes, len)
                                                 : ask_frame(&t->out, type, bytes, len);
    return rc ? vw_error_nomem(err) : 0;
}

/* ---- answers ---- */

static int odd(struct vw_error *err, const char *what)
{
    return vw_error_set(err, VW_EPROTOCOL, "its answer %s", what);
}

static int read_value(struct vw_testee_answer *a, const char *text, size_t len,
                      struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = len > 0 ? vw_json_parse(text, len, &a->value, &why) : 0;
    if (rc == VW_ENOMEM)
        return vw_error_nomem(err);
    return rc ? vw_error_set(err, VW_EPROTOCOL, "the value of its answer is no JSON: %.200s",
                             why.text)
              : 0;
}

static int read_frame(const uint8_t *p, size_t len, struct vw_testee_answer *a,
                      struct vw_error *err)
{
    static const char results[] = "ARS";
    const char *which = len > 0 && *p ? strchr(results, *p) : NULL;
    if (!which)
        return odd(err, "begins with none of A, R and S");
    a->result = (enum vw_testee_result)(which - results);
    if (a->result != VW_TESTEE_ACCEPTS)
        return len == 1 ? 0 : odd(err, "R or S has bytes behind it");
    if (len < 5)
        return odd(err, "A lacks the length of what is encoded again");
    uint32_t n = vw_load32(p + 1);
    a->has_bytes = n != NO_BYTES;
    if (!a->has_bytes)
        n = 0;
    if (n > len - 5)
        return odd(err, "is shorter than what it says is encoded again");
    if (vw_buf_append(&a->bytes, p + 5, n))
        return vw_error_nomem(err);
    return read_value(a, (const char *)p + 5 + n, len - 5 - n, err);
}

static int read_hex(struct vw_testee_answer *a, const char *hex, struct vw_error *err)
{
    size_t len = strlen(hex);
    if (vw_buf_reserve(&a->bytes, len / 2 + 1))
        return vw_error_nomem(err);
    if (!vw_hex_decode(hex, len, a->bytes.data))
        return odd(err, "has bytes that are no hex digits");
    a->bytes.len = len / 2;
    a->has_bytes = true;
    return 0;
}

static int read_line(const char *text, size_t len, struct vw_testee_answer *a, struct vw_error *err)
{
    static const char *const results[] = {"accept", "refuse", "skip"};
    struct vw_error why = VW_ERROR_INIT;
    json *line = NULL, *result = NULL, *bytes = NULL, *value = NULL;
    int rc = vw_json_parse(text, len, &line, &why);
    if (rc)
        return rc == VW_ENOMEM ? vw_error_nomem(err) : odd(err, "is no line of JSON");
    const char *word =
        json_object_object_get_ex(line, "result", &result) ? json_object_get_string(result) : "";
    int which = 0;
    while (which < 3 && strcmp(word, results[which]) != 0)
        which++;
    a->result = (enum vw_testee_result)which;
    if (which == 3)
        rc = odd(err, "has no result that is accept, refuse or skip");
    if (rc == 0 && json_object_object_get_ex(line, "bytes", &bytes))
        rc = json_object_is_type(bytes, json_type_string)
                 ? read_hex(a, json_object_get_string(bytes), err)
                 : odd(err, "has bytes that are no hex digits");
    if (rc == 0 && json_object_object_get_ex(line, "value", &value))
        a->value = json_object_get(value);
    json_object_put(line);
    return rc;
}

/* An answer that has come: how many bytes it takes with all around it; 0: not yet. */
static int take_answer(struct vw_testee *t, struct vw_testee_answer *a, size_t *used,
                       struct vw_error *err)
{
    size_t have = t->in.len - t->taken;
    *used = 0;
    if (have == 0)
        return 0;
    const uint8_t *p = t->in.data + t->taken;
    if (t->program->form == VW_TESTEE_LINES) {
        const uint8_t *end = memchr(p, '\n', have);
        if (!end)
            return have > ANSWER_MAX ? odd(err, "is too long a line") : 0;
        *used = (size_t)(end - p) + 1;
        return read_line((const char *)p, *used - 1, a, err);
    }
    uint32_t n = have >= 4 ? vw_load32(p) : 0;
    if (n > ANSWER_MAX)
        return odd(err, "claims too many bytes");
    if (have < 4 || have - 4 < n)
        return 0;
    *used = 4 + (size_t)n;
    return read_frame(p + 4, n, a, err);
}

/* ---- the pipes ---- */

static int write_some(struct vw_testee *t)
{
    ssize_t n = send(t->to, t->out.data + t->written, t->out.len - t->written, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : VW_ECLOSED;
    t->written += (size_t)n;
    if (t->written == t->out.len)
        t->written = t->out.len = 0;
    return 0;
}

/* > 0: some came; 0: its end. */
static ssize_t read_some(struct vw_testee *t, struct vw_error *err)
{
    if (t->taken == t->in.len) {
        t->taken = t->in.len = 0;
    } else if (t->taken > READ_AT_ONCE) {
        memmove(t->in.data, t->in.data + t->taken, t->in.len - t->taken);
        t->in.len -= t->taken;
        t->taken = 0;
    }
    if (vw_buf_reserve(&t->in, READ_AT_ONCE))
        return vw_error_nomem(err);
    ssize_t n = read(t->from, t->in.data + t->in.len, READ_AT_ONCE);
    if (n > 0)
        t->in.len += (size_t)n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 1 : n < 0 ? 0 : n;
}

static int check_memory(struct vw_testee *t, uint64_t memory, struct vw_error *err)
{
    const uint64_t max = t->program->max_memory;
    return memory <= max
               ? 0
               : vw_error_set(err, VW_ELIMIT, "it takes %llu bytes of memory, and %llu are allowed",
                              (unsigned long long)memory, (unsigned long long)max);
}

static int pump(struct vw_testee *t, int64_t deadline_ms, struct vw_error *err)
{
    struct pollfd fds[2] = {{.fd = t->from, .events = POLLIN},
                            {.fd = t->out.len > t->written ? t->to : -1, .events = POLLOUT}};
    int64_t left = deadline_ms - vw_now_ms();
    if (left <= 0)
        return vw_error_set(err, VW_ETIMEOUT, "it does not answer");
    int n = poll(fds, 2, left < LOOK_MS ? (int)left : LOOK_MS);
    if (n < 0)
        return errno == EINTR ? 0 : vw_error_errno(err, errno, "poll");
    if (n == 0)
        return check_memory(t, vw_meter_now(&t->meter), err);
    /* One that is gone is told of by its output, which may hold answers yet. */
    if (fds[1].revents && write_some(t) < 0)
        t->written = t->out.len = 0;
    ssize_t got = fds[0].revents ? read_some(t, err) : 1;
    return got < 0 ? (int)got : got == 0 ? tell_end(t, err) : 0;
}

static int next_answer(struct vw_testee *t, int64_t deadline_ms, struct vw_testee_answer *out,
                       struct vw_error *err)
{
    int rc = 0;
    while (rc == 0) {
        size_t used;
        rc = take_answer(t, out, &used, err);
        t->taken += used;
        if (rc == 0 && used > 0)
            return 0;
        if (rc == 0)
            rc = pump(t, deadline_ms, err);
    }
    return rc;
}

int vw_testee_ask(struct vw_testee *t, const char *type, const void *bytes, size_t len,
                  int64_t timeout_ms, struct vw_testee_answer *out, struct vw_error *err)
{
    *out = (struct vw_testee_answer){.bytes = VW_BUF_INIT};
    int rc = queue(t, type, bytes, len, err);
    const int64_t start = vw_now_us();
    if (rc == 0)
        rc = next_answer(t, vw_now_ms() + timeout_ms, out, err);
    out->us = vw_now_us() - start;
    out->memory = rc == 0 ? vw_meter_task(&t->meter) : 0;
    if (rc == 0)
        rc = check_memory(t, out->memory, err);
    if (rc)
        vw_testee_answer_finish(out);
    return rc;
}
