// SPDX-License-Identifier: MIT
// What a program of another release gives: structs that start with another size, or none, or with
// no profile.
#include <virwire/stream.h>
#include <virwire/uri.h>
#include <virwire/watch.h>

#include "client/testing/peer.h"

#define LIST "auth_list"
#define OPEN "connect_open"
#define TYPE "connect_get_type"

static void answer(struct peer *p, const struct seen *call)
{
    if (!peer_opens(p, call))
        peer_reply(p, call, "\0\0\0\4TEST", 8);
}

static int open_with(struct peer *p, const struct vw_client_options *o, struct vw_client **c,
                     struct vw_error *err)
{
    peer_start(p, 0);
    p->answer = answer;
    vw_error_clear(err);
    return vw_client_open_transport(&p->memory.transport, o, c, err);
}

static void no_size_is_refused(const struct vw_error *err, const char *name)
{
    char text[100];
    assert_int_equal(err->code, VW_EUSAGE);
    snprintf(text, sizeof(text), "a struct has no size: it starts with %s", name);
    assert_string_equal(err->text, text);
}

static void options_of_a_client(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c;
    /* Neither no_open nor what follows it is read. */
    struct vw_client_options o = {.size = offsetof(struct vw_client_options, no_open),
                                  .profile = peer_profile,
                                  .no_auth = true,
                                  .no_open = true,
                                  .open_name = (const char *)1,
                                  .user = (void *)1};
    assert_int_equal(open_with(&p, &o, &c, &err), 0);
    assert_string_equal(peer_names(&p), OPEN);
    peer_end(&p, c);
    o.size = 0;
    assert_int_equal(open_with(&p, &o, &c, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_CLIENT_OPTIONS_INIT");
    assert_null(c);
    assert_false(p.memory.open);
    peer_finish(&p);
    const struct vw_uri local = {.transport = VW_TRANSPORT_LOCAL};
    vw_error_clear(&err);
    assert_int_equal(vw_client_open(&local, &o, &c, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_CLIENT_OPTIONS_INIT");
}

/* Its own is destroyed with the client. */
static void no_profile_is_the_newest(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c;
    const char *const *names = vw_profile_names();
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT};
    while (names[1])
        names++;
    assert_int_equal(open_with(&p, &o, &c, &err), 0);
    assert_string_equal(vw_profile_name(vw_client_profile(c)), *names);
    assert_int_equal(vw_client_call_named(c, TYPE, NULL, NULL, NULL, &err), 0);
    peer_end(&p, c);
    assert_int_equal(open_with(&p, NULL, &c, &err), 0);
    assert_string_equal(peer_names(&p), LIST " " OPEN);
    peer_end(&p, c);
}

static void count(void *user, struct vw_client *c, const struct vw_event *ev)
{
    assert_int_equal(ev->kind, VW_EVENT_REPLY);
    ++*(int *)user;
}

static void submissions(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c;
    struct vw_stream *st;
    int n = 0;
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile};
    assert_int_equal(open_with(&p, &o, &c, &err), 0);
    /* Descriptors and deadline are not read. */
    struct vw_submission what = {.size = offsetof(struct vw_submission, fds),
                                 .proc = vw_profile_proc(peer_profile, TYPE),
                                 .fds = (const int *)1,
                                 .n_fds = 1,
                                 .deadline_ms = 1,
                                 .done = count,
                                 .user = &n};
    assert_int_equal(vw_client_submit(c, &what, NULL, &err), 0);
    assert_int_equal(vw_client_drain(c, INT64_MAX, &err), 0);
    assert_int_equal(n, 0);
    what.size = sizeof(what);
    what.n_fds = 0;
    what.deadline_ms = 0;
    assert_int_equal(vw_client_submit(c, &what, NULL, &err), 0);
    assert_int_equal(vw_client_drain(c, INT64_MAX, &err), 0);
    assert_int_equal(n, 1);
    what.size = 0;
    assert_int_equal(vw_client_submit(c, &what, NULL, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_SUBMISSION_INIT");
    assert_int_equal(vw_client_call_with(c, &what, NULL, NULL, NULL, NULL), VW_EUSAGE);
    assert_int_equal(vw_stream_open(c, &what, NULL, NULL, &st, NULL), VW_EUSAGE);
    assert_null(st);
    what = (struct vw_submission){VW_SUBMISSION_INIT, .done = count, .user = &n};
    vw_error_clear(&err);
    assert_int_equal(vw_client_submit(c, &what, NULL, &err), VW_EUSAGE);
    assert_string_equal(err.text, "no procedure is given");
    assert_int_equal(n, 1);
    peer_end(&p, c);
}

static void options_of_streams_and_watches(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = peer_client(&p, 0);
    struct vw_stream *st;
    struct vw_watch *w;
    const struct vw_stream_options no_size = {.max_queue = 1};
    const struct vw_submission what = {VW_SUBMISSION_INIT,
                                       .proc = vw_profile_proc(peer_profile, "domain_screenshot"),
                                       .stream = &no_size};
    assert_int_equal(vw_stream_submit(c, &what, &st, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_STREAM_OPTIONS_INIT");
    assert_null(st);
    const struct vw_watch_kind kind = {.name = "domain.lifecycle", .object = "domain"};
    const struct vw_watch_options none = {.form = VW_WATCH_OLD};
    vw_error_clear(&err);
    assert_int_equal(vw_watch_start(c, &kind, &none, &w, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_WATCH_OPTIONS_INIT");
    assert_null(w);
    assert_string_equal(peer_names(&p), "");
    peer_end(&p, c);
}

static void options_of_look_ups(void **state)
{
    static const char text[] = "test+unix:///default";
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    struct vw_profile *profile = NULL;
    struct vw_uri_options uo = {.size = offsetof(struct vw_uri_options, uid),
                                .dialect = VW_DIALECT_2007,
                                .read_only = true,
                                .uid = 1000,
                                .home = (const char *)1};
    assert_int_equal(vw_uri_parse(text, strlen(text), &uo, &arena, &uri, &err), 0);
    assert_int_equal(uri->dialect, VW_DIALECT_2007);
    assert_true(uri->read_only);
    assert_false(uri->session);
    uo.size = 0;
    assert_int_equal(vw_uri_parse(text, strlen(text), &uo, &arena, &uri, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_URI_OPTIONS_INIT");
    assert_null(uri);
    const struct vw_profile_options po = {.parse = true};
    vw_error_clear(&err);
    assert_int_equal(vw_profile_load(NULL, &po, &profile, &err), VW_EUSAGE);
    no_size_is_refused(&err, "VW_PROFILE_OPTIONS_INIT");
    assert_null(profile);
    vw_arena_finish(&arena);
}

static void procedures_have_names(void **state)
{
    const struct vw_proc *proc = vw_profile_proc(peer_profile, "admin.connect_list_servers");
    assert_string_equal(vw_proc_name(proc), "connect_list_servers");
    assert_string_equal(vw_proc_program(proc), "admin");
    assert_null(vw_profile_proc(peer_profile, "connect_list_servants"));
}

static void the_release(void **state)
{
    int major, minor, patch;
    assert_int_equal(sscanf(vw_version(), "%d.%d.%d", &major, &minor, &patch), 3);
    assert_string_equal(vw_version(), VIRWIRE_VERSION);
    assert_int_equal(vw_version_number(), major * 10000 + minor * 100 + patch);
    assert_int_equal(vw_version_number(), VIRWIRE_VERSION_NUMBER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_a_client), cmocka_unit_test(no_profile_is_the_newest),
        cmocka_unit_test(submissions),         cmocka_unit_test(options_of_streams_and_watches),
        cmocka_unit_test(options_of_look_ups), cmocka_unit_test(procedures_have_names),
        cmocka_unit_test(the_release),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
