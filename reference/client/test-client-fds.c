// SPDX-License-Identifier: MIT
// Descriptors with calls and replies: who gets them, and that none is left open, whatever a server
// sends and the caller forgets.
#include <errno.h>
#include <fcntl.h>

#include "client/testing.h"

#define PATIENCE 60000

static struct vw_arena arena;

static int a_descriptor(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* ---- sending ---- */

/* The type is the number of descriptors that came. */
static void counts(struct test_server *sv, const struct vw_event *ev)
{
    uint8_t body[8] = {0, 0, 0, 1, (uint8_t)('0' + ev->n_fds)};
    for (uint32_t i = 0; i < ev->n_fds; i++)
        if (close(ev->fds[i]) < 0)
            body[4] = '?';
    test_answer_raw(sv, ev, body, sizeof(body));
}

static void descriptors_go_along(void **state)
{
    struct vw_client *c = test_open_client(counts, PATIENCE);
    const struct vw_proc *p = test_proc("connect_get_type");
    unsigned before = vw_test_descriptors();
    for (uint32_t n = 0; n < 4; n++) {
        int fds[4];
        void *ret;
        for (uint32_t i = 0; i < n; i++)
            fds[i] = a_descriptor();
        assert_int_equal(
            vw_client_call_with(c,
                                &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                              .fds = fds, .n_fds = n},
                                &arena, &ret, NULL, NULL),
            0);
        assert_int_equal(((const struct vw_string *)ret)->data[0], '0' + n);
        assert_int_equal(vw_test_descriptors(), before);
    }
    test_end_client(c);
}

static void too_many_are_refused(void **state)
{
    struct vw_client *c = test_open_client(counts, PATIENCE);
    unsigned before = vw_test_descriptors();
    int fds[40];
    for (int i = 0; i < 40; i++)
        fds[i] = a_descriptor();
    assert_int_equal(
        vw_client_call_with(c,
                            &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                          .proc = test_proc("connect_get_type"),
                                                          .fds = fds, .n_fds = 40},
                            &arena, NULL, NULL, NULL),
        VW_EUSAGE);
    assert_int_equal(vw_test_descriptors(), before);
    test_end_client(c);
}

static void a_server_without_the_feature(void **state)
{
    test_features = 1u << 10;
    struct vw_client *c = test_open_client(counts, PATIENCE);
    const struct vw_proc *p = test_proc("connect_get_type");
    struct vw_error err = VW_ERROR_INIT;
    unsigned before = vw_test_descriptors();
    int fd = a_descriptor();
    bool yes = true;
    /* Nobody has asked yet. */
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p,
                                                                    .fds = &fd, .n_fds = 1},
                                      NULL, NULL),
                     VW_EUSAGE);
    assert_int_equal(vw_test_descriptors(), before);
    fd = a_descriptor();
    assert_int_equal(
        vw_client_call_with(
            c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .fds = &fd, .n_fds = 1},
            &arena, NULL, NULL, &err),
        VW_EUSAGE);
    assert_string_equal(err.text, "the server takes no descriptors (feature 8)");
    assert_int_equal(vw_test_descriptors(), before);
    assert_int_equal(vw_client_passes_fds(c, &yes, NULL), 0);
    assert_false(yes);
    assert_int_equal(vw_client_supports(c, 10, &yes, NULL), 0);
    assert_true(yes);
    test_end_client(c);
    test_features = 0;
}

/* What is not written yet goes with the client. */
static void unsent_ones_are_closed(void **state)
{
    struct vw_client *c = test_open_client(counts, PATIENCE);
    unsigned before = vw_test_descriptors();
    bool yes;
    assert_int_equal(vw_client_passes_fds(c, &yes, NULL), 0);
    for (int i = 0; i < 8; i++) {
        int fd = a_descriptor();
        assert_int_equal(
            vw_client_submit(c,
                             &(const struct vw_submission){VW_SUBMISSION_INIT,
                                                           .proc = test_proc("connect_get_type"),
                                                           .fds = &fd, .n_fds = 1},
                             NULL, NULL),
            0);
    }
    vw_client_destroy(c);
    /* The client's own socket is gone too. */
    assert_int_equal(vw_test_descriptors(), before - 1);
    test_stop_server();
}

/* ---- receiving ---- */

static void answer_fds(struct test_server *sv, const struct vw_event *ev, uint32_t n)
{
    int fds[64];
    for (uint32_t i = 0; i < n; i++)
        fds[i] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    vw_session_reply(sv->session, &ev->header, NULL, fds, n, NULL);
}

static void gives_three(struct test_server *sv, const struct vw_event *ev)
{
    answer_fds(sv, ev, 3);
}

static const struct vw_proc *graphics(void **args)
{
    const struct vw_proc *p = test_proc("domain_open_graphics_fd");
    *args = test_args(p, "{\"dom\": " TEST_DOMAIN ", \"idx\": 0, \"flags\": 0}", &arena);
    return p;
}

static void descriptors_come_back(void **state)
{
    struct vw_client *c = test_open_client(gives_three, PATIENCE);
    unsigned before = vw_test_descriptors();
    void *args;
    const struct vw_proc *p = graphics(&args);
    struct vw_fds got;
    char byte = 'x';
    assert_int_equal(vw_client_call_with(
                         c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                         &arena, NULL, &got, NULL),
                     0);
    assert_int_equal(got.count, 3);
    assert_int_equal(vw_test_descriptors(), before + 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(read(got.fd[i], &byte, 1), 1);
        assert_int_equal(byte, 0);
        assert_true(fcntl(got.fd[i], F_GETFD) & FD_CLOEXEC);
        close(got.fd[i]);
    }
    /* Whoever does not want them need not close them. */
    assert_int_equal(vw_client_call_with(
                         c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                         &arena, NULL, NULL, NULL),
                     0);
    assert_int_equal(vw_client_call(c, p, args, &arena, NULL, NULL), 0);
    assert_int_equal(
        vw_client_submit(c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args},
                         NULL, NULL),
        0);
    assert_int_equal(vw_client_drain(c, vw_now_ms() + PATIENCE, NULL), 0);
    assert_int_equal(vw_test_descriptors(), before);
    test_end_client(c);
}

static void take_one(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct vw_fds *fds = user;
    struct vw_fds few = {.count = 31};
    assert_int_equal(ev->kind, VW_EVENT_REPLY);
    vw_client_take_fds(c, &few);
    assert_int_equal(few.count, 32);
    fds->fd[fds->count++] = few.fd[31];
}

static void callbacks_take_what_they_want(void **state)
{
    struct vw_client *c = test_open_client(gives_three, PATIENCE);
    unsigned before = vw_test_descriptors();
    void *args;
    const struct vw_proc *p = graphics(&args);
    struct vw_fds fds = {.count = 0};
    assert_int_equal(
        vw_client_submit(c,
                         &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args,
                                                       .done = take_one, .user = &fds},
                         NULL, NULL),
        0);
    assert_int_equal(vw_client_drain(c, vw_now_ms() + PATIENCE, NULL), 0);
    assert_int_equal(fds.count, 1);
    assert_int_equal(vw_test_descriptors(), before + 1);
    close(fds.fd[0]);
    test_end_client(c);
}

/* ---- servers that lie ---- */

/* Bytes with a descriptor each, for LENGTH bytes of a message that lies before them. */
static void send_with_fds(struct test_server *sv, const struct vw_event *ev, struct vw_header h,
                          uint32_t claimed, uint32_t sent)
{
    uint8_t message[32];
    test_flush(sv);
    h.type = VW_MSG_REPLY_WITH_FDS;
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + 4);
    vw_store32(message + 28, claimed);
    vw_session_send_raw(sv->session, message, sizeof(message));
    test_flush(sv);
    for (uint32_t i = 0; i < sent; i++) {
        const struct vw_fds fds = {.fd = {open("/dev/zero", O_RDONLY | O_CLOEXEC)}, .count = 1};
        while (sv->transport->ops->send(sv->transport, "", 1, &fds) == -EAGAIN)
            usleep(1000);
        close(fds.fd[0]);
    }
}

static void more_than_any(struct test_server *sv, const struct vw_event *ev)
{
    send_with_fds(sv, ev, ev->header, 33, 33);
}

static void fewer_than_claimed(struct test_server *sv, const struct vw_event *ev)
{
    send_with_fds(sv, ev, ev->header, 2, 1);
    vw_session_send_raw(sv->session, "", 1);
}

static void for_nobody(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = ev->header;
    h.serial += 1000;
    send_with_fds(sv, ev, h, 3, 3);
}

static void other_procedure(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = ev->header;
    h.procedure = 1;
    send_with_fds(sv, ev, h, 3, 3);
}

static void error_with_some(struct test_server *sv, const struct vw_event *ev)
{
    struct vw_header h = ev->header;
    h.status = VW_MSG_ERROR;
    send_with_fds(sv, ev, h, 3, 3);
}

/* On the bytes of a plain reply, which announces none. */
static void unannounced(struct test_server *sv, const struct vw_event *ev)
{
    uint8_t message[28];
    struct vw_header h = ev->header;
    test_flush(sv);
    h.type = VW_MSG_REPLY;
    vw_store32(message, sizeof(message));
    vw_header_encode(&h, message + 4);
    for (size_t i = 0; i < sizeof(message); i++) {
        const struct vw_fds fds = {.fd = {open("/dev/zero", O_RDONLY | O_CLOEXEC)}, .count = 1};
        while (sv->transport->ops->send(sv->transport, message + i, 1, &fds) == -EAGAIN)
            usleep(1000);
        close(fds.fd[0]);
    }
}

static const struct {
    const char *name;
    test_answer_fn answer;
    int code;
} bad[] = {
    {"more than any", more_than_any, VW_EPROTOCOL},
    {"fewer than claimed", fewer_than_claimed, VW_EPROTOCOL},
    {"for nobody", for_nobody, VW_EPROTOCOL},
    {"other procedure", other_procedure, VW_EPROTOCOL},
    {"error with some", error_with_some, VW_EPROTOCOL},
    {"unannounced", unannounced, 0},
};

static void no_lie_leaves_one_open(void **state)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unsigned before = vw_test_descriptors();
        struct vw_client *c = test_open_client(bad[i].answer, PATIENCE);
        struct vw_error err = VW_ERROR_INIT;
        struct vw_fds got;
        void *args;
        const struct vw_proc *p = graphics(&args);
        int rc = vw_client_call_with(
            c, &(const struct vw_submission){VW_SUBMISSION_INIT, .proc = p, .args = args}, &arena,
            NULL, &got, &err);
        if (rc != bad[i].code)
            print_error("%s: %d %s\n", bad[i].name, rc, err.text);
        assert_int_equal(rc, bad[i].code);
        assert_int_equal(got.count, 0);
        test_end_client(c);
        if (vw_test_descriptors() != before)
            print_error("%s: descriptors are left\n", bad[i].name);
        assert_int_equal(vw_test_descriptors(), before);
    }
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    return test_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_go_along),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(a_server_without_the_feature),
        cmocka_unit_test(unsent_ones_are_closed),
        cmocka_unit_test(descriptors_come_back),
        cmocka_unit_test(callbacks_take_what_they_want),
        cmocka_unit_test(no_lie_leaves_one_open),
    };
    return cmocka_run_group_tests(tests, test_load, teardown) + vw_test_leaked();
}
