// SPDX-License-Identifier: MIT
// Data of streams as packets: their sizes, and that all of them are sent or none.
#include "session/testing.h"

#include <stdio.h>

/* Queues a call and throws the bytes away. */
static uint32_t call(struct vw_session *s, const char *name, void *user)
{
    const uint8_t *bytes;
    uint32_t serial;
    assert_int_equal(test_call(s, test_proc(s, name), user, &serial, NULL), 0);
    test_take(s, &bytes);
    return serial;
}

static void reply(struct vw_session *s, const char *name, uint32_t serial, const void *body,
                  size_t len)
{
    const struct vw_proc *p = test_proc(s, name);
    test_feed(s, VW_SIDE_SERVER, p->program->number, p->program->version, p->number, VW_MSG_REPLY,
              serial, VW_MSG_OK, body, len);
}

static int users[1];

/* A session with an open stream, header in *H. */
static struct vw_session *with_stream(struct vw_header *h)
{
    struct vw_session *s = test_session(VW_ROLE_CLIENT, "12.8.0");
    const struct vw_proc *p = test_proc(s, "domain_screenshot");
    uint32_t serial = call(s, "domain_screenshot", &users[0]);
    *h = (struct vw_header){REMOTE, 1, p->number, VW_MSG_STREAM, serial, VW_MSG_CONTINUE};
    reply(s, "domain_screenshot", serial, "\0\0\0\0", 4);
    struct vw_event ev = test_expect(s, VW_EVENT_REPLY);
    assert_true(ev.stream);
    return s;
}

static void data_is_cut_into_pieces(void **state)
{
    struct vw_header h;
    struct vw_session *s = with_stream(&h);
    const uint8_t *bytes;
    uint8_t *data = calloc(1, 600000);
    assert_int_equal(vw_session_stream_data(s, &h, data, 600000, NULL), 0);
    size_t len = test_take(s, &bytes);
    assert_int_equal(len, 600000 + 3 * 28);
    assert_int_equal(vw_load32(bytes), 262120 + 28);
    free(data);
    vw_session_destroy(s);
}

/* Without memory for one packet none of them is sent. */
static void data_is_sent_whole_or_not(void **state)
{
    uint8_t *data = calloc(1, 600000);
    for (size_t n = 1;; n++) {
        struct vw_header h;
        struct vw_session *s = with_stream(&h);
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_session_stream_data(s, &h, "ahead", 5, NULL), 0);
        vw_failalloc_set(n);
        int rc = vw_session_stream_data(s, &h, data, 600000, &err);
        bool failed = vw_failalloc_clear();
        assert_int_equal(rc, failed ? VW_ENOMEM : 0);
        assert_int_equal(err.code, rc);
        assert_int_equal(vw_session_output_pending(s), 33 + (failed ? 0 : 600000 + 3 * 28));
        vw_session_destroy(s);
        if (!failed) {
            assert_true(n > 2); /* the buffer grew more than once */
            break;
        }
    }
    free(data);
}

/* At the size of a packet, one byte less and one more. */
static void packets_have_an_exact_size(void **state)
{
    static const struct {
        size_t len, packets;
    } rows[] = {{0, 0}, {1, 1}, {262119, 1}, {262120, 1}, {262121, 2}, {524240, 2}, {524241, 3}};
    uint8_t *data = calloc(1, 524241);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_header h;
        struct vw_session *s = with_stream(&h);
        assert_int_equal(vw_session_stream_data(s, &h, data, rows[i].len, NULL), 0);
        assert_int_equal(vw_session_output_pending(s), rows[i].len + 28 * rows[i].packets);
        vw_session_destroy(s);
    }
    free(data);
}

/* The profile says how large packets are, up to what a message holds; 0: as much as that. */
static void packets_fit_into_messages(void **state)
{
    static const struct {
        unsigned chunk;
        size_t packets;
    } rows[] = {{0, 3}, {50, 4}, {71, 3}, {72, 3}, {73, 3}, {1000, 3}, {100, 3}, {1, 200}};
    char folder[VW_TEST_FOLDER], file[VW_TEST_FOLDER + 16];
    uint8_t data[200] = {0};
    assert_int_equal(vw_test_folder(folder), 0);
    snprintf(file, sizeof(file), "%s/small.yaml", folder);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        FILE *f = fopen(file, "we");
        assert_non_null(f);
        fprintf(f, "profile: small\nmax_length_word: 100\nanswers: {stream_chunk: %u}\n",
                rows[i].chunk);
        fclose(f);
        struct vw_profile *profile;
        struct vw_session *s;
        assert_int_equal(vw_profile_load(file, NULL, &profile, NULL), 0);
        const struct vw_session_options o = {.role = VW_ROLE_CLIENT, .profile = profile};
        assert_int_equal(vw_session_create(&o, &s, NULL), 0);
        uint32_t serial = call(s, "domain_screenshot", &users[0]);
        const struct vw_header h = {REMOTE, 1, SCREENSHOT, VW_MSG_STREAM, serial, VW_MSG_CONTINUE};
        reply(s, "domain_screenshot", serial, "\0\0\0\0", 4);
        test_expect(s, VW_EVENT_REPLY);
        assert_int_equal(vw_session_stream_data(s, &h, data, sizeof(data), NULL), 0);
        assert_int_equal(vw_session_output_pending(s), 200 + 28 * rows[i].packets);
        vw_session_destroy(s);
        vw_profile_destroy(profile);
    }
    unlink(file);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_is_cut_into_pieces),
        cmocka_unit_test(data_is_sent_whole_or_not),
        cmocka_unit_test(packets_have_an_exact_size),
        cmocka_unit_test(packets_fit_into_messages),
    };
    return cmocka_run_group_tests(tests, NULL, test_finish) + vw_test_leaked();
}
