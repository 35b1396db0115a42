// SPDX-License-Identifier: MIT
// Playing talks. The clock stands still but for what the talk and the connections themselves wait.
#include "mock-daemon/testing/talk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "auth/sasl-server.h"
#include "xdr/json.h"

#define LINE_MAX_TEXT 480
#define SLICE         4096

static int64_t now_ms = 1000;

int64_t __wrap_vw_now_ms(void);
int64_t __wrap_vw_now_ms(void)
{
    return now_ms;
}

/* The hypervisor's: domains have run since then. */
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
    *ts = (struct timespec){.tv_sec = 0x12345678, .tv_nsec = 999};
    return 0;
}

/* A fault that blocks the daemon. */
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
    now_ms += wanted->tv_sec * 1000 + wanted->tv_nsec / 1000000;
    return 0;
}

/* ---- the text ---- */

size_t talks_read(char *text, struct talk *talks, size_t max)
{
    size_t n = 0;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (!*line || *line == '#')
            continue;
        if (strncmp(line, "talk ", 5) == 0) {
            char *options = line + 5;
            assert_true(n < max);
            talks[n] = (struct talk){.name = strsep(&options, " ")};
            talks[n++].options = options ? options : "";
        } else {
            assert_true(n > 0 && talks[n - 1].n < TALK_LINES);
            talks[n - 1].lines[talks[n - 1].n++] = line;
        }
    }
    return n;
}

uint64_t talk_hash(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    return hash;
}

/* The number behind " KEY=" in TEXT, before any JSON; OTHERWISE when it is not there. */
static int64_t option(const char *text, const char *key, int64_t otherwise)
{
    const char *end = text + strcspn(text, "{~");
    size_t len = strlen(key);
    for (const char *at = text; at < end; at++) {
        bool begins = at == text || at[-1] == ' ';
        if (begins && strncmp(at, key, len) == 0 && at[len] == '=')
            return strtoll(at + len + 1, NULL, 0);
    }
    return otherwise;
}

bool talk_is_for(const struct talk *t, const char *fault)
{
    const char *at = strstr(t->options, "for=");
    size_t len;
    if (!at)
        return true;
    for (at += 4; *at && *at != ' '; at += len + (at[len] == ',')) {
        len = strcspn(at, ", ");
        if (fault && strncmp(fault, at, len) == 0)
            return true;
    }
    return !fault;
}

/* ---- what is said ---- */

struct stage {
    struct peer *peer;
    int type;              /* of the sockets */
    int fds[TALK_CLIENTS]; /* of all clients but the one that speaks */
    size_t n_fds;
    struct vw_buf pending; /* said together with what comes next */
    FILE *heard;
};

static void append_hex(struct vw_buf *to, const char *hex)
{
    for (; *hex; hex++) {
        char pair[3] = {hex[0], hex[0] == ' ' ? 0 : hex[1], 0};
        uint8_t byte = (uint8_t)strtoul(pair, NULL, 16);
        if (*hex == ' ')
            continue;
        assert_true(isxdigit((unsigned char)pair[0]) && isxdigit((unsigned char)pair[1]));
        assert_int_equal(vw_buf_append(to, &byte, 1), 0);
        hex++;
    }
}

/* DOM and VOL stand for what the daemon has. */
static char *expand(const char *json)
{
    static const char *const words[][2] = {
        {"DOM", "{\"name\":\"test\",\"uuid\":\"6695eb01f6a4830479aa97f2502e193f\",\"id\":1}"},
        {"VOL", "{\"pool\":\"test\",\"name\":\"test\",\"key\":\"k\"}"},
    };
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    while (*json) {
        size_t i = strncmp(json, words[0][0], 3) == 0 ? 0 : 1;
        if (strncmp(json, words[i][0], 3) == 0)
            fputs(words[i][1], f), json += 3;
        else
            fputc(*json++, f);
    }
    fclose(f);
    return text;
}

static void append_json(struct vw_buf *to, const struct vw_proc *proc, const char *json)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    char *text = expand(json);
    struct json_object *o = json_tokener_parse(text);
    void *value = NULL;
    assert_non_null(proc->args);
    if (vw_json_to_value(proc->args, o, &arena, &value, &err) != 0 ||
        vw_xdr_encode(proc->args, value, to, SIZE_MAX, &err) != 0)
        fail_msg("%s %s: %s at %s", proc->short_name, text, err.text, err.path);
    json_object_put(o);
    free(text);
    vw_arena_finish(&arena);
}

static void append_error(struct vw_buf *to)
{
    struct vw_remote_error e = {.code = 1, .domain = 7, .message = "enough", .level = 2};
    assert_int_equal(vw_remote_error_encode(&e, 65536, to, NULL), 0);
}

static void append_message(struct stage *s, const char *line)
{
    char name[128];
    struct vw_buf body = VW_BUF_INIT;
    const char *json = strchr(line, '{'), *hex = strchr(line, '~');
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, " "), line);
    const struct vw_proc *proc = peer_find_proc(s->peer, name);
    if (!proc) {
        fputs("no such procedure", s->heard);
        return;
    }
    const struct vw_program *g = proc->program;
    const struct vw_header h = {.program = (uint32_t)option(line, "program", g->number),
                                .version = (uint32_t)option(line, "version", g->version),
                                .procedure = (int32_t)option(line, "procedure", proc->number),
                                .type = (int32_t)option(line, "type", VW_MSG_CALL),
                                .serial = (uint32_t)option(line, "serial", 42),
                                .status = (int32_t)option(line, "status", VW_MSG_OK)};
    if (hex)
        append_hex(&body, hex + 1);
    else if (json)
        append_json(&body, proc, json);
    else if (strstr(line, " ERROR"))
        append_error(&body);
    uint32_t length = __builtin_bswap32((uint32_t)(VW_PREFIX_BYTES + body.len));
    uint8_t words[VW_PREFIX_BYTES];
    memcpy(words, &length, 4);
    vw_header_encode(&h, words + VW_LENGTH_BYTES);
    assert_int_equal(vw_buf_append(&s->pending, words, sizeof(words)), 0);
    if (body.len)
        assert_int_equal(vw_buf_append(&s->pending, body.data, body.len), 0);
    vw_buf_finish(&body);
}

/* ---- what is heard ---- */

static void put_record(FILE *f, const uint8_t *bytes, size_t len)
{
    fputs(ftell(f) > 0 ? " | " : "", f);
    for (size_t i = 0; i < len; i++)
        fprintf(f, "%s%02x", i > 0 && i % 4 == 0 ? " " : "", bytes[i]);
}

/* What lies there now. False: nothing does. */
static bool hear(struct stage *s)
{
    static uint8_t in[1 << 20];
    bool any = false;
    while (s->peer->fd >= 0) {
        struct iovec iov = {in, sizeof(in)};
        union {
            struct cmsghdr head;
            char bytes[CMSG_SPACE(sizeof(int) * 32)];
        } control;
        struct msghdr msg = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
        ssize_t n = recvmsg(s->peer->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0)
            break;
        any = true;
        if (n == 0) {
            fputs(ftell(s->heard) > 0 ? " closed" : "closed", s->heard);
            close(s->peer->fd);
            s->peer->fd = -1;
            break;
        }
        put_record(s->heard, in, (size_t)n);
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
            int fd;
            memcpy(&fd, CMSG_DATA(c), sizeof(fd));
            close(fd);
            fputs(" with a descriptor", s->heard);
        }
    }
    return any;
}

/* Goes on to when the first connection wants to be woken. False: none does. */
static bool pass_time(struct stage *s)
{
    struct vw_conn *c, *first = NULL;
    for (c = TAILQ_FIRST(&s->peer->daemon.conns); c; c = TAILQ_NEXT(c, link))
        if (c->wake_ms != INT64_MAX && (!first || c->wake_ms < first->wake_ms))
            first = c;
    if (!first)
        return false;
    if (first->wake_ms > now_ms)
        now_ms = first->wake_ms;
    vw_conn_wake(first);
    return true;
}

/* The timers of the loop know the real clock: they never fire. */
static void stop_timers(struct peer *p)
{
    for (struct vw_conn *c = TAILQ_FIRST(&p->daemon.conns); c; c = TAILQ_NEXT(c, link))
        ev_timer_stop(p->loop, &c->timer);
}

static void settle(struct peer *p)
{
    for (int i = 0; i < 3; i++) {
        ev_run(p->loop, EVRUN_NOWAIT);
        stop_timers(p);
    }
}

static void work(struct stage *s)
{
    for (int round = 0; round < 3000; round++) {
        settle(s->peer);
        if (!hear(s) && !pass_time(s))
            break;
    }
}

/* ---- lines ---- */

static void speak(struct stage *s)
{
    for (size_t at = 0; at < s->pending.len;) {
        size_t n = s->pending.len - at < SLICE ? s->pending.len - at : SLICE;
        if (s->peer->fd < 0 || send(s->peer->fd, s->pending.data + at, n, MSG_NOSIGNAL) < 0) {
            fputs(ftell(s->heard) > 0 ? "" : "unsaid ", s->heard);
            break;
        }
        at += n;
        work(s);
    }
    s->pending.len = 0;
}

static void say_descriptor(struct stage *s)
{
    char byte = 0;
    struct iovec iov = {&byte, 1};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof(control)};
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    if (sendmsg(s->peer->fd, &msg, MSG_NOSIGNAL) < 0)
        fputs("unsaid ", s->heard);
    close(fd);
}

static void swap_clients(struct stage *s)
{
    int fd = s->peer->fd;
    assert_true(s->n_fds > 0);
    s->peer->fd = s->fds[s->n_fds - 1];
    s->fds[s->n_fds - 1] = fd;
}

static void add_client(struct stage *s)
{
    assert_true(s->n_fds < TALK_CLIENTS);
    s->fds[s->n_fds++] = s->peer->fd;
    s->peer->fd = -1;
    assert_int_equal(peer_connect_as(s->peer, s->type), 0);
    stop_timers(s->peer);
}

static void wait_ms(struct stage *s, int64_t ms)
{
    struct vw_conn *c;
    now_ms += ms;
    for (c = TAILQ_FIRST(&s->peer->daemon.conns); c; c = TAILQ_NEXT(c, link))
        vw_conn_wake(c);
}

static void play_once(struct stage *s, const char *line)
{
    if (*line == '+') {
        append_message(s, line + 1);
        return;
    }
    if (strcmp(line, "eof") == 0 && s->peer->fd >= 0)
        shutdown(s->peer->fd, SHUT_WR);
    else if (strcmp(line, "connect") == 0)
        add_client(s);
    else if (strcmp(line, "swap") == 0)
        swap_clients(s);
    else if (strcmp(line, "leave") == 0) {
        if (s->peer->fd >= 0)
            close(s->peer->fd);
        s->peer->fd = -1;
    } else if (strcmp(line, "limits") == 0) {
        vw_limits_check(&s->peer->daemon);
        fprintf(s->heard, "%u clients, %u anonymous, %s", s->peer->daemon.main.n_conns,
                s->peer->daemon.main.n_anonymous,
                s->peer->daemon.main.accepting ? "accepting" : "full");
    } else if (strcmp(line, "fd") == 0)
        say_descriptor(s);
    else if (strncmp(line, "wait ", 5) == 0)
        wait_ms(s, atoi(line + 5));
    else if (strncmp(line, "raw ", 4) == 0)
        append_hex(&s->pending, line + 4);
    else if (strncmp(line, "zeros ", 6) == 0) {
        static const uint8_t zeros[4096];
        for (size_t n = (size_t)atol(line + 6), part; n > 0; n -= part) {
            part = n < sizeof(zeros) ? n : sizeof(zeros);
            assert_int_equal(vw_buf_append(&s->pending, zeros, part), 0);
        }
    } else if (strcmp(line, "eof") != 0)
        append_message(s, line);
    speak(s);
    work(s);
}

/* A long text gives way to its begin, its length and its hash. */
static char *shortened(char *text)
{
    size_t len = strlen(text);
    char *out;
    if (len <= LINE_MAX_TEXT)
        return text;
    if (asprintf(&out, "%.*s... %zu %016jx", LINE_MAX_TEXT / 2, text, len,
                 (uintmax_t)talk_hash(TALK_HASH, text)) < 0)
        fail_msg("no memory");
    free(text);
    return out;
}

static char *play_line(struct stage *s, const char *line)
{
    char *text = NULL;
    size_t size;
    int64_t began_ms = now_ms;
    char *rest;
    long times = strtol(line, &rest, 10);
    s->heard = open_memstream(&text, &size);
    if (times == 0)
        play_once(s, line);
    for (; times > 0; times--)
        play_once(s, rest + 1);
    if (now_ms != began_ms)
        fprintf(s->heard, " +%jd ms", (intmax_t)(now_ms - began_ms));
    fclose(s->heard);
    return shortened(text);
}

static const struct vw_sasl_account fred = {"fred", "yes"};

/* As a daemon is that nobody has talked to yet. */
static void set_stage(struct peer *p, const char *options, struct vw_fault *faults)
{
    now_ms = 1000;
    peer_set_domains(p, &vw_domain_default, 1);
    p->listener.unix_socket = !strstr(options, "tcp");
    p->listener.read_only = strstr(options, "readonly") != NULL;
    vw_config_set_auth(&p->config, (enum vw_config_auth)option(options, "auth", 0));
    p->config.peer_uid = 1000; /* root would not be asked */
    p->config.sasl_users = &fred;
    p->config.n_sasl_users = 1;
    p->config.sasl_mechanisms = strstr(options, "users") ? "PLAIN" : NULL;
    p->config.main.keepalive_interval = (int32_t)option(options, "keepalive", -1);
    p->daemon.main.max_anonymous = (uint32_t)option(options, "anonymous", 20);
    p->daemon.faults = faults;
}

/* All go at once: what is held back or under way stays unsaid. */
static void clear_stage(struct stage *s)
{
    struct vw_daemon *d = &s->peer->daemon;
    while (s->n_fds > 0)
        if (s->fds[--s->n_fds] >= 0)
            close(s->fds[s->n_fds]);
    if (s->peer->fd >= 0)
        close(s->peer->fd);
    s->peer->fd = -1;
    while (!TAILQ_EMPTY(&d->conns))
        vw_conn_destroy(TAILQ_FIRST(&d->conns));
    settle(s->peer);
    d->main.n_anonymous = 0;
    vw_buf_finish(&s->pending);
}

void talks_start(struct peer *p, const char *profile)
{
    peer_start(p, profile, NULL);
    close(p->fd);
    p->fd = -1;
    settle(p);
}

void talk_play(const struct talk *t, struct peer *p, struct vw_fault *faults, char **answers)
{
    struct stage s = {.peer = p, .pending = VW_BUF_INIT};
    s.type = strstr(t->options, "bytes") ? SOCK_STREAM : SOCK_SEQPACKET;
    set_stage(p, t->options, faults);
    assert_int_equal(peer_connect_as(p, s.type), 0);
    stop_timers(p);
    for (size_t i = 0; i < t->n; i++)
        answers[i] = play_line(&s, t->lines[i]);
    clear_stage(&s);
}
