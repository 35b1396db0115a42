// SPDX-License-Identifier: MIT
// The opening of a connection byte by byte (C-10), what each of its steps makes of each answer, and
// the closing.
#include "client/testing/peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- a server that answers one call in its own way ---- */

enum how { GOOD, SAYS, ERROR, CLOSES, SILENT };

/* How the call NAME is answered, and what comes of it. */
struct row {
    const char *name;
    enum how how;
    const char *body;
    size_t len;
    int32_t code;
    int rc;
    const char *text, *clause, *calls;
    const char *auth;
};

static void answer(struct peer *p, const struct seen *call)
{
    const struct row *r = p->user;
    if (!r || strcmp(call->name, r->name) != 0 || r->how == GOOD) {
        peer_opens(p, call);
        return;
    }
    if (r->how == SAYS)
        peer_reply(p, call, r->body, r->len);
    else if (r->how == ERROR)
        peer_error(p, call, r->code, "no");
    p->memory.closed = r->how == CLOSES;
}

static int open_as(struct peer *p, const char *name, const struct vw_client_options *o,
                   struct vw_client **c, struct vw_error *err)
{
    struct vw_client_options all = *o;
    all.size = sizeof(all);
    if (!all.open_name)
        all.open_name = name;
    peer_start(p, 0);
    p->answer = answer;
    return vw_client_open_transport(&p->memory.transport, &all, c, err);
}

#define LIST    "auth_list"
#define FEATURE "connect_supports_feature"
#define OPEN    "connect_open"
#define ALL     LIST " " FEATURE " " OPEN

/* ---- what is sent ---- */

static void the_calls_of_an_opening(void **state)
{
    static const struct {
        struct vw_client_options o;
        const char *name, *calls;
        const char *body; /* of the open */
        size_t len;
    } rows[] = {
        {{.timeout_ms = 0},
         "test:///default",
         LIST " " OPEN,
         "\0\0\0\1\0\0\0\17test:///default\0\0\0\0\0",
         28},
        {{.read_only = true}, "a", LIST " " OPEN, "\0\0\0\1\0\0\0\1a\0\0\0\0\0\0\1", 16},
        {{.open_flags = 6}, "a", LIST " " OPEN, "\0\0\0\1\0\0\0\1a\0\0\0\0\0\0\6", 16},
        {{.open_flags = 6, .read_only = true},
         "a",
         LIST " " OPEN,
         "\0\0\0\1\0\0\0\1a\0\0\0\0\0\0\7",
         16},
        {{.open_name = "bcd"}, "a", LIST " " OPEN, "\0\0\0\1\0\0\0\3bcd\0\0\0\0\0", 16},
        {{.open_name = ""}, "a", LIST " " OPEN, "\0\0\0\1\0\0\0\0\0\0\0\0", 12},
        {{.timeout_ms = -1}, NULL, LIST " " OPEN, "\0\0\0\1\0\0\0\0\0\0\0\0", 12},
        {{.no_auth = true}, "", OPEN, "\0\0\0\1\0\0\0\0\0\0\0\0", 12},
        {{.no_open = true}, "", LIST, NULL, 0},
        {{.no_open = true, .no_auth = true}, "", "", NULL, 0},
        {{.keepalive_interval_ms = 5000, .keepalive_count = 5},
         "",
         ALL,
         "\0\0\0\1\0\0\0\0\0\0\0\0",
         12},
        {{.keepalive_interval_ms = -1, .keepalive_count = 5},
         "",
         LIST " " OPEN,
         "\0\0\0\1\0\0\0\0\0\0\0\0",
         12},
        {{.keepalive_interval_ms = 1, .no_open = true, .no_auth = true}, "", FEATURE, NULL, 0},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_client_options o = rows[i].o;
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        o.profile = peer_profile;
        if (open_as(&p, rows[i].name, &o, &c, &err))
            fail_msg("row %zu: %s", i, err.text);
        assert_string_equal(peer_names(&p), rows[i].calls);
        if (rows[i].body) {
            assert_int_equal(peer_find(&p, OPEN, 0)->len, rows[i].len);
            assert_memory_equal(peer_find(&p, OPEN, 0)->body, rows[i].body, rows[i].len);
        }
        if (o.keepalive_interval_ms > 0)
            assert_memory_equal(peer_find(&p, FEATURE, 0)->body, "\0\0\0\xa", 4);
        assert_int_equal(vw_client_has_keepalive(c), o.keepalive_interval_ms > 0);
        assert_true(vw_client_deadline(c) == (o.keepalive_interval_ms > 0
                                                  ? VW_MEMORY_START_MS + o.keepalive_interval_ms
                                                  : INT64_MAX));
        for (unsigned k = 0; k < p.n_seen; k++) {
            assert_int_equal(p.seen[k].header.type, VW_MSG_CALL);
            assert_int_equal(p.seen[k].header.serial, k);
        }
        assert_ptr_equal(vw_client_profile(c), peer_profile);
        peer_end(&p, c);
    }
}

/* ---- what comes back ---- */

#define NO                   "VIR_ERR_INTERNAL_ERROR (1) of VIR_FROM_RPC (7): no"
#define LATE                 "the server did not answer in time"
#define DEMAND(what, wanted) "the server demands " what " authentication, and auth wants " wanted

static const struct row rows[] = {
    {LIST, SAYS, "\0\0\0\0", 4, 0, 0, "", "", ALL, NULL},
    {LIST, SAYS, "\0\0\0\2\0\0\0\0\0\0\0\1", 12, 0, 0, "", "", ALL, NULL},
    {LIST, ERROR, NULL, 0, 3, 0, "", "", ALL, NULL}, /* older than authentication */
    {LIST, ERROR, NULL, 0, 1, VW_EREMOTE, NO, "", LIST, NULL},
    {LIST, CLOSES, NULL, 0, 0, VW_ECLOSED, NULL, "", LIST, NULL},
    {LIST, SILENT, NULL, 0, 0, VW_ETIMEOUT, LATE, "", LIST, NULL},
    {LIST, SAYS, "\0\0\0\1", 4, 0, VW_EPROTOCOL, NULL, "H-5", LIST, NULL},
    {LIST, SAYS, "\0\0\0\1\0\0\0\3", 8, 0, VW_EUNREACHABLE,
     "the server demands a kind of authentication that is not known: 3", "", LIST, NULL},
    {LIST, SAYS, "\0\0\0\1\0\0\0\3", 8, 0, VW_EUNREACHABLE, DEMAND("an unknown kind of", "SASL"),
     "", LIST, "sasl"},
    /* A server that drops what was wanted is not taken. */
    {LIST, GOOD, NULL, 0, 0, VW_EUNREACHABLE, DEMAND("no", "SASL"), "", LIST, "sasl"},
    {LIST, GOOD, NULL, 0, 0, VW_EUNREACHABLE, DEMAND("no", "SASL"), "", LIST, "SASL.X"},
    {LIST, GOOD, NULL, 0, 0, VW_EUNREACHABLE, DEMAND("no", "polkit"), "", LIST, "PolKit"},
    {LIST, SAYS, "\0\0\0\0", 4, 0, VW_EUNREACHABLE, DEMAND("no", "polkit"), "", LIST, "polkit"},
    {LIST, ERROR, NULL, 0, 3, VW_EUNREACHABLE, DEMAND("no", "SASL"), "", LIST, "sasl"},
    {LIST, SAYS, "\0\0\0\1\0\0\0\2", 8, 0, VW_EUNREACHABLE, DEMAND("polkit", "SASL"), "", LIST,
     "sasl"},
    {LIST, SAYS, "\0\0\0\1\0\0\0\1", 8, 0, VW_EUNREACHABLE, DEMAND("SASL", "polkit"), "", LIST,
     "polkit"},
    {FEATURE, ERROR, NULL, 0, 1, 0, "", "", ALL, NULL},
    {FEATURE, SAYS, "\0\0\0\0", 4, 0, 0, "", "", ALL, NULL},
    {FEATURE, SAYS, "\0\0\0\2", 4, 0, 0, "", "", ALL, NULL},
    {FEATURE, SAYS, "", 0, 0, VW_EPROTOCOL, NULL, "H-5", LIST " " FEATURE, NULL},
    {FEATURE, SILENT, NULL, 0, 0, VW_ETIMEOUT, LATE, "", LIST " " FEATURE, NULL},
    {FEATURE, CLOSES, NULL, 0, 0, VW_ECLOSED, NULL, "", LIST " " FEATURE, NULL},
    {OPEN, ERROR, NULL, 0, 1, VW_EREMOTE, NO, "", ALL, NULL},
    {OPEN, SAYS, "\0\0\0\0", 4, 0, 0, "", "", ALL, NULL}, /* more than nothing is as good */
    {OPEN, SILENT, NULL, 0, 0, VW_ETIMEOUT, LATE, "", ALL, NULL},
    {OPEN, CLOSES, NULL, 0, 0, VW_ECLOSED, NULL, "", ALL, NULL},
};

static void each_step_with_each_answer(void **state)
{
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                            .auth = r->auth, .keepalive_interval_ms = 60000,
                                            .keepalive_count = 5};
        struct vw_client *c = (struct vw_client *)(void *)&p;
        struct vw_error err = VW_ERROR_INIT;
        p.user = r;
        int rc = open_as(&p, "", &o, &c, &err);
        if (rc != r->rc || (r->text && strcmp(err.text, r->text) != 0) ||
            strcmp(err.clause, r->clause) != 0 || strcmp(peer_names(&p), r->calls) != 0)
            fail_msg("row %zu: %d, %s (%s) after %s", i, rc, err.text, err.clause, peer_names(&p));
        assert_int_equal(err.code, rc);
        if (rc) {
            assert_null(c);
            assert_true(err.text[0] != '\0');
            assert_false(p.memory.open);
            assert_int_equal(vw_memory_now(), VW_MEMORY_START_MS + (r->how == SILENT ? 30000 : 0));
            peer_finish(&p);
            continue;
        }
        /* A feature is there when the server says 1. */
        assert_int_equal(vw_client_has_keepalive(c), strcmp(r->name, FEATURE) != 0);
        peer_end(&p, c);
    }
    p.user = NULL;
}

/* ---- polkit and what nobody knows ---- */

static void wants_polkit(struct peer *p, const struct seen *call)
{
    const struct row *r = p->user;
    if (strcmp(call->name, LIST) == 0)
        peer_reply(p, call, "\0\0\0\1\0\0\0\2", 8);
    else if (strcmp(call->name, "auth_polkit") == 0 && r->how == ERROR)
        peer_error(p, call, r->code, "no");
    else if (strcmp(call->name, "auth_polkit") == 0 && r->how == SAYS)
        peer_reply(p, call, r->body, r->len);
    else if (strcmp(call->name, "auth_polkit") != 0)
        peer_opens(p, call);
}

static void polkit_lets_in_or_not(void **state)
{
    static const struct row polkit[] = {
        {"", SAYS, "\0\0\0\1", 4, 0, 0, "", "", LIST " auth_polkit " OPEN, NULL},
        {"", SAYS, "\0\0\0\1", 4, 0, 0, "", "", LIST " auth_polkit " OPEN, "polkit"},
        {"", SAYS, "\0\0\0\0", 4, 0, VW_EPROTOCOL, "the server says that polkit is not complete",
         "A-12", LIST " auth_polkit", NULL},
        {"", SAYS, "\0\0\0\2", 4, 0, VW_EPROTOCOL, "the server says that polkit is not complete",
         "A-12", LIST " auth_polkit", NULL},
        {"", ERROR, NULL, 0, 1, VW_EREMOTE, "polkit does not let us in: " NO, "",
         LIST " auth_polkit", NULL},
        {"", SILENT, NULL, 0, 0, VW_ETIMEOUT, LATE, "", LIST " auth_polkit", NULL},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(polkit); i++) {
        const struct row *r = &polkit[i];
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                            .auth = r->auth};
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        peer_start(&p, 0);
        p.answer = wants_polkit;
        p.user = r;
        int rc = vw_client_open_transport(&p.memory.transport, &o, &c, &err);
        if (rc != r->rc || strcmp(err.text, r->text) != 0 || strcmp(err.clause, r->clause) != 0 ||
            strcmp(peer_names(&p), r->calls) != 0)
            fail_msg("row %zu: %d, %s (%s) after %s", i, rc, err.text, err.clause, peer_names(&p));
        vw_client_destroy(c);
        assert_false(p.memory.open);
        peer_finish(&p);
    }
}

static void what_auth_may_be(void **state)
{
    static const struct {
        const char *auth;
        bool good;
    } texts[] = {
        {"sasl", true},   {"SASL", true},      {"sasl.X", true}, {"polkit", true},
        {"POLKIT", true}, {"sasl.", false},    {"saslX", false}, {"sas", false},
        {"", false},      {"polkit.x", false}, {"none", false},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                            .auth = texts[i].auth};
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        char text[100];
        int rc = open_as(&p, "", &o, &c, &err);
        assert_int_equal(rc, texts[i].good ? VW_EUNREACHABLE : VW_EUSAGE);
        snprintf(text, sizeof(text), "auth is sasl, sasl.MECHANISM or polkit, and not \"%s\"",
                 texts[i].auth);
        if (!texts[i].good)
            assert_string_equal(err.text, text);
        assert_int_equal(p.n_seen, texts[i].good);
        assert_false(p.memory.open);
        peer_finish(&p);
    }
}

static void a_program_without_an_open(void **state)
{
    static struct peer p;
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .program = "qemu"};
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(open_as(&p, "", &o, &c, &err), VW_EUSAGE);
    assert_string_equal(err.text, "program qemu of profile 9.0.0 has no call to open");
    assert_int_equal(p.n_seen, 0);
    peer_finish(&p);
}

/* ---- the closing ---- */

static void closing(void **state)
{
    static const struct {
        bool opened;
        enum how how;
        int rc;
        const char *calls;
    } ends[] = {
        {true, GOOD, 0, LIST " " OPEN " connect_close"},
        {true, CLOSES, 0, LIST " " OPEN " connect_close"}, /* C-7 */
        {true, ERROR, VW_EREMOTE, LIST " " OPEN " connect_close"},
        {true, SILENT, VW_ETIMEOUT, LIST " " OPEN " connect_close"},
        {false, GOOD, 0, LIST},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(ends); i++) {
        const struct row r = {.name = "connect_close", .how = ends[i].how, .code = 1};
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                            .no_open = !ends[i].opened};
        struct vw_client *c;
        struct vw_error err = VW_ERROR_INIT;
        p.user = &r;
        assert_int_equal(open_as(&p, "", &o, &c, &err), 0);
        int rc = vw_client_close(c, &err);
        if (rc != ends[i].rc || err.code != rc)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        assert_string_equal(peer_names(&p), ends[i].calls);
        /* Once is enough, and nothing can be called behind it. */
        assert_int_equal(vw_client_close(c, NULL), 0);
        assert_string_equal(peer_names(&p), ends[i].calls);
        vw_error_clear(&err);
        assert_int_equal(vw_client_call_named(c, "connect_get_type", NULL, NULL, NULL, &err),
                         VW_ECLOSED);
        assert_string_equal(peer_names(&p), ends[i].calls);
        peer_end(&p, c);
    }
    p.user = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calls_of_an_opening),   cmocka_unit_test(each_step_with_each_answer),
        cmocka_unit_test(polkit_lets_in_or_not),     cmocka_unit_test(what_auth_may_be),
        cmocka_unit_test(a_program_without_an_open), cmocka_unit_test(closing),
    };
    return cmocka_run_group_tests(tests, peer_load, peer_unload) + vw_test_leaked();
}
