// SPDX-License-Identifier: MIT
// What a registration for events and its end look like on the wire, and whose an event is when
// several ask, leave, or have not heard yet that they may.
#include <virwire/watch.h>

#include "client/testing/peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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

/* ---- the server ---- */

static uint32_t features; /* by bit */
static int32_t next_id;

static void answer(struct peer *p, const struct seen *call)
{
    uint8_t word[4];
    if (strcmp(call->name, "connect_supports_feature") == 0) {
        vw_store32(word, features >> (vw_load32(call->body) & 31) & 1);
        peer_reply(p, call, word, 4);
        return;
    }
    const struct vw_proc *proc = peer_proc(call->name);
    vw_store32(word, (uint32_t)next_id);
    if (!strstr(call->name, "deregister") && !strstr(call->name, "unregister"))
        next_id += 4;
    peer_reply(p, call, word, proc->ret ? 4 : 0);
}

/* Of the domain "d", with ID ahead of it unless that is negative. */
static void lifecycle(struct peer *p, int32_t id)
{
    static const uint8_t rest[] = "\0\0\0\1d\0\0\0uuuuuuuuuuuuuuuu\0\0\0\1\0\0\0\3\0\0\0\0";
    uint8_t body[64];
    size_t n = 0;
    if (id >= 0) {
        vw_store32(body, (uint32_t)id);
        n = 4;
    }
    memcpy(body + n, rest, sizeof(rest) - 1);
    peer_event(p, id >= 0 ? "domain_event_callback_lifecycle" : "domain_event_lifecycle", body,
               n + sizeof(rest) - 1);
}

/* ---- the client ---- */

/* A letter for each event, of who got it; '-' is nobody's. */
static char got[64];

static void note(void *user, const struct vw_watch *w, const struct vw_event *ev)
{
    strncat(got, user, 1);
}

static void stray(void *user, struct vw_client *c, const struct vw_event *ev)
{
    if (ev->kind == VW_EVENT_MESSAGE)
        strcat(got, "-");
}

static struct vw_client *open_client(struct peer *p)
{
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .no_auth = true, .no_open = true, .on_event = stray};
    struct vw_client *c;
    peer_start(p, 0);
    p->answer = answer;
    got[0] = '\0';
    next_id = 5;
    assert_int_equal(vw_client_open_transport(&p->memory.transport, &o, &c, NULL), 0);
    return c;
}

static struct vw_watch *start(struct vw_client *c, const char *name, enum vw_watch_form form,
                              const char *letter)
{
    const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = form, .event = note,
                                       .user = (void *)(uintptr_t)letter};
    struct vw_watch *w;
    struct vw_error err = VW_ERROR_INIT;
    if (vw_watch_start(c, kind(name), &o, &w, &err))
        fail_msg("%s: %s", name, err.text);
    return w;
}

static void look(struct vw_client *c)
{
    while (vw_client_process(c, NULL) > 0)
        continue;
}

/* ---- on the wire ---- */

static void calls_of_each_form(void **state)
{
    static const struct {
        const char *name;
        enum vw_watch_form form;
        uint32_t features;
        const char *calls;
        const char *start, *stop;
        size_t start_len, stop_len;
    } rows[] = {
        {"domain.lifecycle", VW_WATCH_AUTO, 1u << 14,
         "connect_supports_feature connect_domain_event_callback_register_any "
         "connect_domain_event_callback_deregister_any",
         "\0\0\0\0\0\0\0\0", "\0\0\0\5", 8, 4},
        {"domain.reboot", VW_WATCH_CALLBACK, 0,
         "connect_domain_event_callback_register_any connect_domain_event_callback_deregister_any",
         "\0\0\0\1\0\0\0\0", "\0\0\0\5", 8, 4},
        {"domain.reboot", VW_WATCH_AUTO, 0,
         "connect_supports_feature connect_domain_event_register_any "
         "connect_domain_event_deregister_any",
         "\0\0\0\1", "\0\0\0\1", 4, 4},
        {"domain.lifecycle", VW_WATCH_AUTO, 0,
         "connect_supports_feature connect_domain_event_register_any "
         "connect_domain_event_deregister_any",
         "\0\0\0\0", "\0\0\0\0", 4, 4},
        {"domain.lifecycle", VW_WATCH_OLD, 0,
         "connect_domain_event_register connect_domain_event_deregister", "", "", 0, 0},
        {"network.lifecycle", VW_WATCH_AUTO, 0,
         "connect_network_event_register_any connect_network_event_deregister_any",
         "\0\0\0\0\0\0\0\0", "\0\0\0\5", 8, 4},
        {"storage_pool.refresh", VW_WATCH_CALLBACK, 0,
         "connect_storage_pool_event_register_any connect_storage_pool_event_deregister_any",
         "\0\0\0\1\0\0\0\0", "\0\0\0\5", 8, 4},
        {"connect.connection_closed", VW_WATCH_AUTO, 1u << 15,
         "connect_supports_feature connect_register_close_callback "
         "connect_unregister_close_callback",
         "", "", 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct peer p;
        features = rows[i].features;
        struct vw_client *c = open_client(&p);
        struct vw_watch *w = start(c, rows[i].name, rows[i].form, "a");
        assert_string_equal(vw_watch_get_kind(w)->name, rows[i].name);
        assert_int_equal(vw_watch_stop(w, NULL), 0);
        if (strcmp(peer_names(&p), rows[i].calls) != 0)
            fail_msg("row %zu: %s", i, peer_names(&p));
        const struct seen *on = &p.seen[p.n_seen - 2], *off = &p.seen[p.n_seen - 1];
        assert_int_equal(on->len, rows[i].start_len);
        assert_memory_equal(on->body, rows[i].start, rows[i].start_len);
        assert_int_equal(off->len, rows[i].stop_len);
        assert_memory_equal(off->body, rows[i].stop, rows[i].stop_len);
        peer_end(&p, c);
    }
}

/* An object and a name go along where the form has a place for them. */
static void what_limits_a_registration(void **state)
{
    static const char domain[] = "\0\0\0\1d\0\0\0uuuuuuuuuuuuuuuu\0\0\0\1";
    struct vw_string name = {.data = (char[]){"d"}, .len = 1};
    struct {
        struct vw_string name;
        uint8_t uuid[16];
        int32_t id;
    } object = {name, "uuuuuuuuuuuuuuu", 1};
    object.uuid[15] = 'u';
    static struct peer p;
    struct vw_client *c = open_client(&p);
    struct vw_error err = VW_ERROR_INIT;
    struct vw_watch *w;
    struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = VW_WATCH_CALLBACK,
                                 .object = &object, .event = note};
    assert_int_equal(vw_watch_start(c, kind("domain.reboot"), &o, &w, NULL), 0);
    assert_memory_equal(p.seen[0].body, "\0\0\0\1\0\0\0\1", 8);
    assert_int_equal(p.seen[0].len, 8 + sizeof(domain) - 1);
    assert_memory_equal(p.seen[0].body + 8, domain, sizeof(domain) - 1);
    vw_watch_destroy(w);
    o.form = VW_WATCH_BY_KIND;
    assert_int_equal(vw_watch_start(c, kind("domain.reboot"), &o, &w, &err), VW_EUSAGE);
    assert_string_equal(err.text,
                        "events domain.reboot cannot be limited to one object in this form");
    assert_null(w);
    assert_int_equal(p.n_seen, 1);
    o = (struct vw_watch_options){VW_WATCH_OPTIONS_INIT, .monitor_event = "STOP", .event = note};
    assert_int_equal(vw_watch_start(c, kind("qemu.monitor_event"), &o, &w, NULL), 0);
    assert_memory_equal(p.seen[1].body, "\0\0\0\0\0\0\0\1\0\0\0\4STOP\0\0\0\0", 20);
    assert_int_equal(vw_watch_stop(w, NULL), 0);
    assert_memory_equal(p.seen[2].body, "\0\0\0\11", 4);
    peer_end(&p, c);
}

/* ---- whose an event is ---- */

static void the_right_one_is_ended(void **state)
{
    static const char stop[] = "connect_domain_event_callback_deregister_any";
    for (int first = 0; first < 3; first++) {
        static struct peer p;
        static const char *const letters[] = {"a", "b", "c"};
        static const char *const wanted[] = {"abc--bc", "abc-a-c", "abc-ab-"};
        struct vw_watch *w[3];
        uint8_t id[4];
        struct vw_client *c = open_client(&p);
        for (int i = 0; i < 3; i++)
            w[i] = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, letters[i]);
        for (int32_t k = 5; k <= 17; k += 4)
            lifecycle(&p, k);
        look(c);
        assert_string_equal(got, "abc-");
        assert_int_equal(vw_watch_stop(w[first], NULL), 0);
        vw_store32(id, (uint32_t)(5 + 4 * first));
        assert_memory_equal(peer_find(&p, stop, 0)->body, id, 4);
        for (int32_t k = 5; k <= 13; k += 4)
            lifecycle(&p, k);
        look(c);
        assert_string_equal(got, wanted[first]);
        for (int i = 0; i < 3; i++)
            if (i != first)
                assert_int_equal(vw_watch_stop(w[i], NULL), 0);
        vw_store32(id, (uint32_t)(first == 2 ? 9 : 13));
        assert_memory_equal(peer_find(&p, stop, 2)->body, id, 4);
        peer_end(&p, c);
    }
}

static void forms_do_not_mix(void **state)
{
    static struct peer p;
    struct vw_client *c = open_client(&p);
    struct vw_watch *by_id = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "a");
    struct vw_watch *plain = start(c, "domain.lifecycle", VW_WATCH_BY_KIND, "b");
    struct vw_watch *other = start(c, "domain.reboot", VW_WATCH_CALLBACK, "c");
    lifecycle(&p, -1);
    lifecycle(&p, 5);
    lifecycle(&p, 9);
    lifecycle(&p, 13);
    look(c);
    assert_string_equal(got, "ba--");
    vw_watch_destroy(plain);
    lifecycle(&p, -1);
    look(c);
    assert_string_equal(got, "ba---");
    vw_watch_destroy(by_id);
    vw_watch_destroy(other);
    vw_watch_destroy(NULL);
    peer_end(&p, c);
}

/* V-7: an event may come ahead of the answer that tells its id. */
static void early(struct peer *p, const struct seen *call)
{
    if (strstr(call->name, "_register_any")) {
        lifecycle(p, 5);
        lifecycle(p, next_id);
        lifecycle(p, next_id);
        lifecycle(p, next_id + 1);
    }
    answer(p, call);
}

static void events_ahead_of_their_answer(void **state)
{
    static struct peer p;
    struct vw_client *c = open_client(&p);
    struct vw_watch *a = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "a");
    p.answer = early;
    struct vw_watch *b = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "b");
    look(c);
    assert_string_equal(got, "abb-");
    lifecycle(&p, 9);
    lifecycle(&p, 10);
    look(c);
    assert_string_equal(got, "abb-b-");
    vw_watch_destroy(a);
    vw_watch_destroy(b);
    peer_end(&p, c);
}

/* ---- what fails ---- */

static void refuses(struct peer *p, const struct seen *call)
{
    if (strstr(call->name, "register"))
        peer_error(p, call, 1, "no");
    else
        answer(p, call);
}

static void a_refused_registration_is_none(void **state)
{
    static struct peer p;
    const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = VW_WATCH_CALLBACK,
                                       .event = note, .user = got};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_watch *w;
    struct vw_client *c = open_client(&p);
    struct vw_watch *a = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "a");
    p.answer = refuses;
    assert_int_equal(vw_watch_start(c, kind("domain.lifecycle"), &o, &w, &err), VW_EREMOTE);
    assert_null(w);
    lifecycle(&p, 9);
    look(c);
    assert_string_equal(got, "-");
    /* Who is refused an end has ended all the same. */
    assert_int_equal(vw_watch_stop(a, NULL), VW_EREMOTE);
    lifecycle(&p, 5);
    look(c);
    assert_string_equal(got, "--");
    peer_end(&p, c);
}

static void what_a_server_does_not_have(void **state)
{
    static const struct {
        const char *name;
        enum vw_watch_form form;
        int rc;
        const char *text;
    } rows[] = {
        {"domain.device_added", VW_WATCH_AUTO, VW_EREMOTE,
         "the server does not have events domain.device_added (feature 14)"},
        {"connect.connection_closed", VW_WATCH_AUTO, VW_EREMOTE,
         "the server does not have events connect.connection_closed (feature 15)"},
        {"domain.reboot", VW_WATCH_OLD, VW_EUSAGE,
         "events domain.reboot cannot be asked for in the oldest form, which is for lifecycle"},
        {"network.lifecycle", VW_WATCH_BY_KIND, VW_EUSAGE,
         "events network.lifecycle have one form only"},
        {"network.lifecycle", VW_WATCH_OLD, VW_EUSAGE,
         "events network.lifecycle have one form only"},
        {"domain.device_added", VW_WATCH_BY_KIND, VW_EUSAGE,
         "events domain.device_added do not have that form in this release of the protocol"},
    };
    features = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct peer p;
        const struct vw_watch_options o = {VW_WATCH_OPTIONS_INIT, .form = rows[i].form,
                                           .event = note};
        struct vw_error err = VW_ERROR_INIT;
        struct vw_watch *w;
        struct vw_client *c = open_client(&p);
        assert_int_equal(vw_watch_start(c, kind(rows[i].name), &o, &w, &err), rows[i].rc);
        assert_string_equal(err.text, rows[i].text);
        assert_null(w);
        peer_end(&p, c);
    }
}

static void watches_outlive_their_client(void **state)
{
    static struct peer p;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c = open_client(&p);
    struct vw_watch *a = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "a");
    struct vw_watch *b = start(c, "domain.lifecycle", VW_WATCH_CALLBACK, "b");
    peer_end(&p, c);
    assert_int_equal(vw_watch_stop(a, &err), VW_ECLOSED);
    assert_string_equal(err.text, "the connection is closed");
    vw_watch_destroy(b);
}

static int setup(void **state)
{
    return peer_load(state) || vw_watch_kinds(peer_profile, &arena, &kinds, &n_kinds, NULL);
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    return peer_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_each_form),
        cmocka_unit_test(what_limits_a_registration),
        cmocka_unit_test(the_right_one_is_ended),
        cmocka_unit_test(forms_do_not_mix),
        cmocka_unit_test(events_ahead_of_their_answer),
        cmocka_unit_test(a_refused_registration_is_none),
        cmocka_unit_test(what_a_server_does_not_have),
        cmocka_unit_test(watches_outlive_their_client),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
