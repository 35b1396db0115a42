// SPDX-License-Identifier: MIT
#include "client/testing.h"
#include "session/testing-raw.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

const struct vw_profile *test_profile;
uint32_t test_features;

static struct vw_profile *loaded;
static pid_t child;

int test_load(void **state)
{
    int rc = vw_profile_load("9.0.0", NULL, &loaded, NULL);
    test_profile = loaded;
    return rc;
}

int test_unload(void **state)
{
    vw_profile_destroy(loaded);
    return 0;
}

/* ---- in the server ---- */

void test_flush(struct test_server *sv)
{
    struct vw_segment seg;
    while (vw_session_output(sv->session, false, &seg)) {
        const struct vw_fds fds = {.fd = {seg.fd}, .count = 1};
        ssize_t n =
            sv->transport->ops->send(sv->transport, seg.data, seg.len, seg.fd >= 0 ? &fds : NULL);
        struct pollfd p = {.fd = sv->transport->ops->fd(sv->transport), .events = POLLOUT};
        if (n > 0)
            vw_session_written(sv->session, (size_t)n);
        else if (n == -EAGAIN)
            poll(&p, 1, -1);
        else
            _exit(0);
    }
}

void test_hang_up(struct test_server *sv)
{
    test_flush(sv);
    _exit(0);
}

void test_answer_raw(struct test_server *sv, const struct vw_event *ev, const void *body,
                     size_t len)
{
    test_reply_raw(sv->session, &ev->header, body, len);
}

void test_answer_error(struct test_server *sv, const struct vw_event *ev, int32_t code,
                       int32_t domain, const char *text)
{
    struct vw_remote_error e;
    vw_session_rpc_error(sv->session, code, domain, text, &e);
    vw_session_reply_error(sv->session, &ev->header, &e, NULL);
}

void test_send(struct test_server *sv, const struct vw_event *ev, int32_t type, int32_t status,
               const void *body, size_t len)
{
    uint8_t head[28];
    struct vw_header h = ev->header;
    h.type = type;
    h.status = status;
    vw_store32(head, (uint32_t)(sizeof(head) + len));
    vw_header_encode(&h, head + 4);
    vw_session_send_raw(sv->session, head, sizeof(head));
    if (len)
        vw_session_send_raw(sv->session, body, len);
}

static void answer_feature(struct test_server *sv, const struct vw_event *ev)
{
    int32_t feature;
    memcpy(&feature, ev->value, sizeof(feature));
    bool yes = test_features == 0 || (test_features >> feature & 1) != 0;
    test_answer_raw(sv, ev, yes ? "\0\0\0\1" : "\0\0\0\0", 4);
}

/* What comes before any call that a test makes. */
static bool answer_opening(struct test_server *sv, const struct vw_event *ev)
{
    const char *name = ev->proc->short_name;
    if (strcmp(name, "auth_list") == 0)
        test_answer_raw(sv, ev, "\0\0\0\1\0\0\0\0", 8);
    else if (strcmp(name, "connect_supports_feature") == 0)
        answer_feature(sv, ev);
    else if (strcmp(name, "connect_open") == 0)
        vw_session_set_opened(sv->session, true), test_answer_raw(sv, ev, "", 0);
    else if (strcmp(name, "connect_close") == 0)
        test_answer_raw(sv, ev, "", 0), test_hang_up(sv);
    else
        return false;
    return true;
}

static void take(struct test_server *sv, test_answer_fn answer, const struct vw_event *ev)
{
    switch (ev->kind) {
    case VW_EVENT_CALL:
        if (answer_opening(sv, ev))
            return;
        sv->calls++;
        answer(sv, ev);
        return;
    case VW_EVENT_STREAM_DATA:
    case VW_EVENT_STREAM_END:
    case VW_EVENT_STREAM_FINISH:
    case VW_EVENT_STREAM_ABORT:
    case VW_EVENT_STREAM_HOLE:
        answer(sv, ev);
        return;
    default:
        return;
    }
}

static void read_some(struct test_server *sv)
{
    size_t room;
    struct vw_fds fds = {.count = 0};
    uint8_t *to = vw_session_space(sv->session, VW_SIDE_CLIENT, &room);
    ssize_t n = sv->transport->ops->recv(sv->transport, to, room, &fds);
    if (n == -EAGAIN) {
        struct pollfd p = {.fd = sv->transport->ops->fd(sv->transport), .events = POLLIN};
        poll(&p, 1, -1);
        return;
    }
    if (n <= 0)
        _exit(0);
    if (vw_session_add_fds(sv->session, VW_SIDE_CLIENT, fds.fd, fds.count))
        _exit(1);
    vw_session_added(sv->session, VW_SIDE_CLIENT, (size_t)n);
}

_Noreturn static void serve(int fd, test_answer_fn answer)
{
    const struct vw_session_options o = {
        .role = VW_ROLE_SERVER, .profile = test_profile, .fds = true};
    struct test_server sv = {0};
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_event ev;
    if (vw_session_create(&o, &sv.session, NULL) || vw_transport_from_fd(fd, &sv.transport, NULL))
        _exit(1);
    for (;;) {
        read_some(&sv);
        while (vw_arena_reset(&arena), vw_session_next(sv.session, &arena, &ev) > 0)
            take(&sv, answer, &ev);
        test_flush(&sv);
    }
}

/* ---- in the test ---- */

const struct vw_proc *test_proc(const char *name)
{
    const struct vw_proc *p = vw_schema_proc(test_profile->schema, name);
    assert_non_null(p);
    return p;
}

void *test_args(const struct vw_proc *proc, const char *json, struct vw_arena *arena)
{
    struct json_object *object;
    void *args = NULL;
    assert_int_equal(vw_json_parse(json, strlen(json), &object, NULL), 0);
    assert_int_equal(vw_json_to_value(proc->args, object, arena, &args, NULL), 0);
    json_object_put(object);
    return args;
}

int test_start_server(test_answer_fn answer)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(fds[0]);
        serve(fds[1], answer);
    }
    close(fds[1]);
    return fds[0];
}

void test_stop_server(void)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

struct vw_client *test_open_client_with(test_answer_fn answer, const struct vw_client_options *o)
{
    struct vw_transport *t;
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_transport_from_fd(test_start_server(answer), &t, NULL), 0);
    int rc = vw_client_open_transport(t, o, &c, &err);
    if (rc)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
    return c;
}

struct vw_client *test_open_client(test_answer_fn answer, int timeout_ms)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = test_profile,
                                        .timeout_ms = timeout_ms};
    return test_open_client_with(answer, &o);
}

void test_end_client(struct vw_client *c)
{
    vw_client_destroy(c);
    test_stop_server();
}
