// SPDX-License-Identifier: MIT
// Events: the kinds that schemas have, asking in every form, who gets which message, and servers
// that lie about them.
#include <virwire/watch.h>

#include "client/testing.h"

#define PATIENCE 60000

static struct vw_arena arena;
static const struct vw_watch_kind *kinds;
static size_t n_kinds;

static const struct vw_watch_kind *kind(const char *name)
{
    for (size_t i = 0; i < n_kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    fail_msg("no kind %s", name);
    return NULL;
}

/* ---- kinds ---- */

/* Every event of every release has its place (no client of a daemon sees those of other programs);
 * those that a number is needed for have one. */
static void every_event_is_of_a_kind(void **state)
{
    for (const char *const *name = vw_profile_names(); *name; name++) {
        struct vw_profile *profile;
        const struct vw_watch_kind *list;
        size_t n, n_programs, messages = 0, found = 0;
        assert_int_equal(vw_profile_load(*name, NULL, &profile, NULL), 0);
        assert_int_equal(vw_watch_kinds(profile, &arena, &list, &n, NULL), 0);
        const struct vw_program *const *programs = vw_schema_programs(profile->schema, &n_programs);
        for (size_t i = 0; i < n_programs; i++) {
            const char *program = programs[i]->name;
            if (strcmp(program, "remote") != 0 && strcmp(program, "qemu") != 0)
                continue;
            for (uint32_t p = 0; p < programs[i]->n_procs; p++)
                messages +=
                    programs[i]->procs[p].kind == VW_PROC_EVENT && programs[i]->procs[p].args;
        }
        for (size_t i = 0; i < n; i++) {
            found += (list[i].plain != NULL) + (list[i].callback != NULL);
            bool needs =
                strcmp(list[i].object, "connect") != 0 && strcmp(list[i].object, "qemu") != 0;
            if ((list[i].id >= 0) != needs)
                fail_msg("%s has the number %d", list[i].name, list[i].id);
        }
        assert_int_equal(found, messages);
        vw_profile_destroy(profile);
    }
    assert_int_equal(kind("domain.lifecycle")->id, 0);
    assert_int_equal(kind("domain.lifecycle")->plain->number, 107);
    assert_int_equal(kind("domain.lifecycle")->callback->number, 318);
    assert_int_equal(kind("domain.memory_failure")->id, 25);
    assert_int_equal(kind("storage_pool.refresh")->id, 1);
    assert_null(kind("network.lifecycle")->plain);
    assert_int_equal(kind("connect.connection_closed")->plain->number, 362);
    assert_int_equal(kind("qemu.monitor_event")->callback->number, 6);
}

/* ---- a server that answers registrations and sends events ---- */

static int32_t next_id;
static bool early; /* the event comes before the answer (V-7) */

static void send_event(struct test_server *sv, const char *name, const void *body, size_t len)
{
    const struct vw_proc *p = test_proc(name);
    struct vw_event ev = {.header = {.program = p->program->number,
                                     .version = p->program->version,
                                     .procedure = p->number,
                                     .serial = 1}};
    test_send(sv, &ev, VW_MSG_MESSAGE, VW_MSG_OK, body, len);
}

static size_t put_domain(uint8_t *to)
{
    memcpy(to, "\0\0\0\4test", 8);
    memset(to + 8, 7, 16);
    memcpy(to + 24, "\0\0\0\1", 4);
    return 28;
}

/* domain, event, detail */
static void send_lifecycle(struct test_server *sv, int32_t id)
{
    uint8_t body[64];
    size_t n = 0;
    if (id >= 0) {
        vw_store32(body, (uint32_t)id);
        n = 4;
    }
    n += put_domain(body + n);
    memcpy(body + n, "\0\0\0\3\0\0\0\0", 8);
    send_event(sv, id >= 0 ? "domain_event_callback_lifecycle" : "domain_event_lifecycle", body,
               n + 8);
}

static void answers(struct test_server *sv, const struct vw_event *ev)
{
    const char *name = ev->proc->short_name;
    uint8_t id[4];
    if (strcmp(name, "connect_get_type") == 0) {
        test_answer_raw(sv, ev, "\0\0\0\4TEST", 8);
        return;
    }
    if (strstr(name, "deregister") || strstr(name, "unregister")) {
        test_answer_raw(sv, ev, "\0\0\0\0", ev->proc->ret ? 4 : 0);
        return;
    }
    bool by_id = ev->proc->ret && strstr(name, "register_any");
    vw_store32(id, (uint32_t)(by_id ? next_id : 0));
    int32_t mine = by_id ? next_id++ : -1;
    bool domain = strstr(name, "domain") != NULL;
    if (early && domain)
        send_lifecycle(sv, mine);
    test_answer_raw(sv, ev, id, ev->proc->ret ? 4 : 0);
    if (!early && domain)
        send_lifecycle(sv, mine);
}

struct tally {
    unsigned n;
    int32_t number; /* of the message seen last */
};

static void count(void *user, const struct vw_watch *w, const struct vw_event *ev)
{
    struct tally *t = user;
    t->n++;
    t->number = ev->proc->number;
    assert_non_null(ev->value);
    assert_non_null(vw_watch_get_kind(w));
}

static unsigned strays;

static void stray(void *user, struct vw_client *c, const struct vw_event *ev)
{
    strays += ev->kind == VW_EVENT_MESSAGE;
}

static struct vw_client *open_client(test_answer_fn answer)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = test_profile,
                                        .timeout_ms = PATIENCE, .on_event = stray};
    strays = 0;
    next_id = 0;
    return test_open_client_with(answer, &o);
}

static void sync_with(struct vw_client *c)
{
    assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, &arena, NULL, NULL), 0);
}

static struct vw_watch *start(struct vw_client *c, const char *name, enum vw_watch_form form,
                              struct tally *t)
{
    const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = form, .event = count,
                                       .user = t};
    struct vw_watch *w;
    struct vw_error err = VW_ERROR_INIT;
    int rc = vw_watch_start(c, kind(name), &o, &w, &err);
    if (rc)
        print_error("%s: %s\n", name, err.text);
    assert_int_equal(rc, 0);
    return w;
}

static void every_form_gives_its_messages(void **state)
{
    static const struct {
        enum vw_watch_form asked, form;
        uint32_t features;
        int32_t message;
    } rows[] = {
        {VW_WATCH_AUTO, VW_WATCH_CALLBACK, 0, 318},
        {VW_WATCH_AUTO, VW_WATCH_BY_KIND, 1u << 10, 107},
        {VW_WATCH_OLD, VW_WATCH_OLD, 0, 107},
        {VW_WATCH_BY_KIND, VW_WATCH_BY_KIND, 0, 107},
        {VW_WATCH_CALLBACK, VW_WATCH_CALLBACK, 1u << 10, 318},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct tally t = {0};
        early = i % 2;
        test_features = rows[i / 2].features;
        struct vw_client *c = open_client(answers);
        struct vw_watch *w = start(c, "domain.lifecycle", rows[i / 2].asked, &t);
        assert_int_equal(vw_watch_get_form(w), rows[i / 2].form);
        sync_with(c);
        assert_int_equal(t.n, 1);
        assert_int_equal(t.number, rows[i / 2].message);
        assert_int_equal(vw_watch_stop(w, NULL), 0);
        assert_int_equal(strays, 0);
        test_end_client(c);
    }
    test_features = 0;
    early = false;
}

static void callback_ids_tell_watches_apart(void **state)
{
    struct vw_client *c = open_client(answers);
    struct tally t[3] = {0};
    struct vw_watch *w[3];
    struct vw_arena a = VW_ARENA_INIT;
    void *args = test_args(test_proc("domain_get_info"), "{\"dom\": " TEST_DOMAIN "}", &a);
    const struct vw_watch_options one = {VW_WATCH_OPTIONS_INIT, .object = args, .event = count,
                                         .user = &t[1]};
    w[0] = start(c, "domain.lifecycle", VW_WATCH_AUTO, &t[0]);
    assert_int_equal(vw_watch_start(c, kind("domain.lifecycle"), &one, &w[1], NULL), 0);
    w[2] = start(c, "domain.lifecycle", VW_WATCH_AUTO, &t[2]);
    sync_with(c);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t[i].n, 1);
    vw_watch_destroy(w[1]);
    assert_int_equal(vw_watch_stop(w[0], NULL), 0);
    vw_client_destroy(c);
    /* The last one outlives the client. */
    assert_int_equal(vw_watch_stop(w[2], NULL), VW_ECLOSED);
    vw_arena_finish(&a);
    test_stop_server();
}

static void every_kind_can_be_asked_for(void **state)
{
    struct vw_client *c = open_client(answers);
    struct tally t = {0};
    for (size_t i = 0; i < n_kinds; i++)
        assert_int_equal(vw_watch_stop(start(c, kinds[i].name, VW_WATCH_AUTO, &t), NULL), 0);
    for (size_t i = 0; i < n_kinds; i++)
        if (strcmp(kinds[i].object, "domain") == 0 && kinds[i].plain)
            assert_int_equal(vw_watch_stop(start(c, kinds[i].name, VW_WATCH_BY_KIND, &t), NULL), 0);
    test_end_client(c);
}

static int refused(struct vw_client *c, const char *name, enum vw_watch_form form,
                   const void *object)
{
    const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = form, .object = object,
                                       .event = count};
    struct vw_watch *w;
    int rc = vw_watch_start(c, kind(name), &o, &w, NULL);
    assert_null(w);
    return rc;
}

static void what_cannot_be_is_refused(void **state)
{
    test_features = 1u << 10;
    struct vw_client *c = open_client(answers);
    struct vw_arena a = VW_ARENA_INIT;
    void *dom = test_args(test_proc("domain_get_info"), "{\"dom\": " TEST_DOMAIN "}", &a);
    assert_int_equal(refused(c, "domain.reboot", VW_WATCH_OLD, NULL), VW_EUSAGE);
    assert_int_equal(refused(c, "network.lifecycle", VW_WATCH_BY_KIND, NULL), VW_EUSAGE);
    assert_int_equal(refused(c, "domain.device_added", VW_WATCH_BY_KIND, NULL), VW_EUSAGE);
    assert_int_equal(refused(c, "domain.lifecycle", VW_WATCH_BY_KIND, dom), VW_EUSAGE);
    assert_int_equal(refused(c, "domain.device_added", VW_WATCH_AUTO, NULL), VW_EREMOTE);
    assert_int_equal(refused(c, "connect.connection_closed", VW_WATCH_AUTO, NULL), VW_EREMOTE);
    sync_with(c);
    vw_arena_finish(&a);
    test_end_client(c);
    test_features = 0;
}

/* ---- lies ---- */

static void lies(struct test_server *sv, const struct vw_event *ev)
{
    answers(sv, ev);
    if (strstr(ev->proc->short_name, "callback_register_any")) {
        send_lifecycle(sv, 77);
        send_lifecycle(sv, 0x7fffffff);
        send_event(sv, "domain_event_callback_lifecycle", "\0\0\0\0\0\0\0\4te", 10);
        send_lifecycle(sv, -1);
    }
}

/* Ids of nobody and messages of another form are nobody's; what cannot be decoded is dropped. */
static void events_of_nobody(void **state)
{
    struct vw_client *c = open_client(lies);
    struct tally t = {0};
    struct vw_watch *w = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, &t);
    sync_with(c);
    assert_int_equal(t.n, 1);
    assert_int_equal(strays, 3);
    assert_int_equal(vw_watch_stop(w, NULL), 0);
    test_end_client(c);
}

static void silent(struct test_server *sv, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_CALL)
        vw_session_no_reply(sv->session, &ev->header);
    for (int i = 0; i < 10; i++)
        send_lifecycle(sv, 0);
}

static void a_registration_without_an_answer(void **state)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = test_profile,
                                        .timeout_ms = PATIENCE, .on_event = stray};
    const struct vw_watch_options wo = {VW_WATCH_OPTIONS_INIT, .event = count,
                                        .user = &(struct tally){0}};
    struct vw_client *c = test_open_client_with(silent, &o);
    struct vw_watch *w;
    vw_client_set_timeout(c, 300);
    assert_int_equal(vw_watch_start(c, kind("domain.lifecycle"), &wo, &w, NULL), VW_ETIMEOUT);
    assert_null(w);
    test_end_client(c);
}

/* One event after the other, for ever. */
static void flood(struct test_server *sv, const struct vw_event *ev)
{
    answers(sv, ev);
    for (int i = 0; i < 20000 && strstr(ev->proc->short_name, "register_any"); i++) {
        send_lifecycle(sv, 0);
        if (i % 100 == 0)
            test_flush(sv);
    }
}

static void no_event_allocates(void **state)
{
    struct vw_client *c = open_client(flood);
    struct tally t = {0};
    struct vw_watch *w = start(c, "domain.lifecycle", VW_WATCH_AUTO, &t);
    while (t.n < 10000)
        assert_true(vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) > 0);
    vw_failalloc_reset();
    while (t.n < 20001)
        assert_true(vw_client_wait(c, vw_now_ms() + PATIENCE, NULL) > 0);
    /* None for an event; the input may still grow a few times, as it comes. */
    assert_true(vw_failalloc_stats().count < 16);
    vw_watch_destroy(w);
    test_end_client(c);
}

static int setup(void **state)
{
    return test_load(state) || vw_watch_kinds(test_profile, &arena, &kinds, &n_kinds, NULL);
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    return test_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_of_a_kind),
        cmocka_unit_test(every_form_gives_its_messages),
        cmocka_unit_test(callback_ids_tell_watches_apart),
        cmocka_unit_test(every_kind_can_be_asked_for),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(events_of_nobody),
        cmocka_unit_test(a_registration_without_an_answer),
        cmocka_unit_test(no_event_allocates),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
