// SPDX-License-Identifier: MIT
// The calls of SASL on the wire (A-5 to A-11): what each carries, servers that end too early, too
// late or with an error, where the names come from, and the switch to the layer. The mechanism is a
// part of the test (auth/testing/library.h), so that none needs to be installed.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "auth/testing/library.h"
#include "client/internal.h"
#include "client/testing/peer.h"

#define INIT  "auth_sasl_init"
#define START "auth_sasl_start"
#define STEP  "auth_sasl_step"

/* ---- the server ---- */

/* What it answers to each call of the exchange, in their order; NULL: an error. */
struct script {
    const char *mechanisms; /* NULL: an error */
    struct {
        bool complete, none;
        const char *data;
    } answers[4];
    int32_t error; /* of those that are not there */
    unsigned n;    /* given so far */
};

static size_t put_string(uint8_t *to, const char *s)
{
    size_t len = strlen(s);
    vw_store32(to, (uint32_t)len);
    memset(to + 4, 0, (len + 3) & ~(size_t)3);
    memcpy(to + 4, s, len);
    return 4 + ((len + 3) & ~(size_t)3);
}

/* complete, nil, data as a list of single bytes (X-7). */
static void answer_exchange(struct peer *p, struct script *sc, const struct seen *call)
{
    uint8_t body[256];
    unsigned i = sc->n++;
    if (i >= 4 || !sc->answers[i].data) {
        peer_error(p, call, sc->error, "no");
        return;
    }
    size_t len = strlen(sc->answers[i].data);
    vw_store32(body, sc->answers[i].complete);
    vw_store32(body + 4, sc->answers[i].none);
    vw_store32(body + 8, (uint32_t)len);
    for (size_t k = 0; k < len; k++)
        vw_store32(body + 12 + 4 * k, (uint8_t)sc->answers[i].data[k]);
    peer_reply(p, call, body, 12 + 4 * len);
}

static void answer(struct peer *p, const struct seen *call)
{
    struct script *sc = (struct script *)(uintptr_t)p->user;
    uint8_t body[64];
    if (strcmp(call->name, "auth_list") == 0)
        peer_reply(p, call, "\0\0\0\1\0\0\0\1", 8);
    else if (strcmp(call->name, INIT) == 0 && sc->mechanisms)
        peer_reply(p, call, body, put_string(body, sc->mechanisms));
    else if (strcmp(call->name, INIT) == 0)
        peer_error(p, call, sc->error, "no");
    else if (!peer_opens(p, call))
        answer_exchange(p, sc, call);
}

static int open_with(struct peer *p, struct script *sc, const struct vw_client_options *o,
                     struct vw_error *err)
{
    struct vw_client_options all = *o;
    struct vw_client *c;
    all.size = sizeof(all);
    all.profile = peer_profile;
    all.timeout_ms = 30000;
    p->user = sc;
    p->answer = answer;
    peer_start(p, VW_CAP_FDS | VW_CAP_SECURE); /* as a unix socket, which is secure */
    int rc = vw_client_open_transport(&p->memory.transport, &all, &c, err);
    vw_client_destroy(c);
    assert_false(p->memory.open);
    assert_int_equal(disposed, 1);
    peer_finish(p);
    return rc;
}

/* ---- the exchange ---- */

#define UP_TO_START "auth_list " INIT " " START
#define OPENED      " connect_open"
#define NO          "VIR_ERR_INTERNAL_ERROR (1) of VIR_FROM_RPC (7): no"

static const struct {
    struct script script;
    int start, step; /* of the mechanism */
    int rc;
    const char *clause, *text, *calls;
} rows[] = {
    /* Both sides are done at once. */
    {{.mechanisms = "A", .answers = {{true, true, ""}}},
     SASL_OK,
     SASL_OK,
     0,
     "",
     "",
     UP_TO_START OPENED},
    {{.mechanisms = "A", .answers = {{false, false, "x"}, {true, true, ""}}},
     SASL_CONTINUE,
     SASL_OK,
     0,
     "",
     "",
     UP_TO_START " " STEP OPENED},
    /* The proof may come with the end. */
    {{.mechanisms = "A", .answers = {{true, false, "x"}}},
     SASL_CONTINUE,
     SASL_OK,
     0,
     "",
     "",
     UP_TO_START OPENED},
    /* A-8: the server says that all is done, and this side has not seen its proof. */
    {{.mechanisms = "A", .answers = {{true, true, ""}}},
     SASL_CONTINUE,
     SASL_BADSERV,
     VW_EPROTOCOL,
     "A-8",
     "the server does not prove that it knows the password (SASL MECH)",
     UP_TO_START},
    {{.mechanisms = "A", .answers = {{true, true, ""}}, .error = 1},
     SASL_CONTINUE,
     SASL_CONTINUE,
     VW_EREMOTE,
     "",
     "SASL MECH: " NO,
     UP_TO_START " " STEP},
    /* Data behind the end of this side. */
    {{.mechanisms = "A", .answers = {{true, false, "x"}}},
     SASL_OK,
     SASL_OK,
     VW_EPROTOCOL,
     "A-8",
     "SASL MECH: something else",
     UP_TO_START},
    /* This side is done, the server is not. */
    {{.mechanisms = "A", .answers = {{false, true, ""}, {true, true, ""}}},
     SASL_OK,
     SASL_OK,
     0,
     "",
     "",
     UP_TO_START " " STEP OPENED},
    {{.mechanisms = "A", .error = 1},
     SASL_OK,
     SASL_OK,
     VW_EREMOTE,
     "",
     "SASL MECH: " NO,
     UP_TO_START},
    {{.mechanisms = "A", .error = 45},
     SASL_OK,
     SASL_OK,
     VW_EREMOTE,
     "",
     "the server refuses SASL MECH (VIR_ERR_AUTH_FAILED (45) of VIR_FROM_RPC (7): no)",
     UP_TO_START},
    {{.error = 1},
     SASL_OK,
     SASL_OK,
     VW_EREMOTE,
     "",
     "AUTH_SASL_INIT was refused: " NO,
     "auth_list " INIT},
    {{.mechanisms = ""}, SASL_NOMECH, SASL_OK, VW_EUNREACHABLE, NULL, NULL, "auth_list " INIT},
};

static void each_way_through_the_exchange(void **state)
{
    static struct peer p;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct script sc = rows[i].script;
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth = "sasl"};
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        fake.start = rows[i].start;
        fake.step = rows[i].step;
        fake.ssf = 0;
        int rc = open_with(&p, &sc, &o, &err);
        if (rc != rows[i].rc || (rows[i].text && strcmp(err.text, rows[i].text) != 0) ||
            (rows[i].clause && strcmp(err.clause, rows[i].clause) != 0) ||
            strcmp(peer_names(&p), rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s (%s) after %s", i, rc, err.text, err.clause, peer_names(&p));
    }
}

/* A server that never ends: 32 rounds, then that is enough. */
static void endless(struct peer *p, const struct seen *call)
{
    struct script *sc = (struct script *)(uintptr_t)p->user;
    if (strcmp(call->name, STEP) == 0 || strcmp(call->name, START) == 0)
        sc->n = 0;
    answer(p, call);
}

static void an_exchange_ends(void **state)
{
    static struct peer p;
    struct script sc = {.mechanisms = "A", .answers = {{false, true, ""}}};
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .auth = "sasl"};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_client *c;
    fake.start = fake.step = SASL_CONTINUE;
    p.user = &sc;
    p.answer = endless;
    peer_start(&p, VW_CAP_FDS | VW_CAP_SECURE);
    assert_int_equal(vw_client_open_transport(&p.memory.transport, &o, &c, &err), VW_EPROTOCOL);
    assert_string_equal(err.clause, "A-8");
    assert_string_equal(err.text, "the server does not come to an end of SASL MECH");
    assert_int_equal(fake.steps, 32);
    assert_int_equal(p.n_seen, 3 + 32);
    assert_int_equal(disposed, 1);
    peer_finish(&p);
}

/* ---- on the wire ---- */

/* mech, nil, data of the start; nil, data of a step. */
static void what_the_calls_carry(void **state)
{
    static const struct {
        const char *data;
        unsigned len;
        const char *start, *step;
        size_t start_len, step_len;
    } bytes[] = {
        {"ab", 2, "\0\0\0\4MECH\0\0\0\0\0\0\0\2\0\0\0a\0\0\0b", "\0\0\0\0\0\0\0\2\0\0\0a\0\0\0b",
         24, 16},
        {"", 0, "\0\0\0\4MECH\0\0\0\0\0\0\0\0", "\0\0\0\0\0\0\0\0", 16, 8},
        {NULL, 0, "\0\0\0\4MECH\0\0\0\1\0\0\0\0", "\0\0\0\1\0\0\0\0", 16, 8},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(bytes); i++) {
        struct script sc = {.mechanisms = "X,AB",
                            .answers = {{false, false, "from"}, {true, true, ""}}};
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth = "sasl.ab"};
        reset(NULL);
        fake.start = SASL_CONTINUE;
        fake.data = bytes[i].data;
        fake.len = bytes[i].len;
        assert_int_equal(open_with(&p, &sc, &o, NULL), 0);
        const struct seen *s = peer_find(&p, START, 0);
        assert_int_equal(s->len, bytes[i].start_len);
        assert_memory_equal(s->body, bytes[i].start, s->len);
        s = peer_find(&p, STEP, 0);
        assert_int_equal(s->len, bytes[i].step_len);
        assert_memory_equal(s->body, bytes[i].step, s->len);
        assert_string_equal(fake.list, "ab");
        assert_int_equal(fake.in_len, 4);
        assert_string_equal(fake.host, "localhost");
    }
}

/* The mechanism that was wanted is a prefix of one that is offered, or there is none. */
static void a_mechanism_that_is_not_offered(void **state)
{
    static const char *const offered[] = {"ABC", "XAB A", ""};
    static struct peer p;
    for (size_t i = 0; i < COUNT(offered); i++) {
        struct script sc = {.mechanisms = offered[i]};
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth = "sasl.AB"};
        reset(NULL);
        assert_int_equal(open_with(&p, &sc, &o, NULL), VW_EUSAGE);
        assert_string_equal(peer_names(&p), "auth_list " INIT);
    }
}

/* ---- names and passwords ---- */

static char file[VW_TEST_FOLDER + 16];

static void write_file(const char *text)
{
    FILE *f = fopen(file, "we");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int give(void *user, const struct vw_credential_request *r, char *buf, size_t size,
                struct vw_error *err)
{
    const char *answer = user;
    assert_true(r->deadline_ms == vw_memory_now() + 30000);
    if (!answer)
        return VW_ENAME;
    snprintf(buf, size, "%s", answer);
    return 0;
}

#define ENTRY "[auth-libvirt-h]\ncredentials=x\n[credentials-x]\n"

static void where_answers_come_from(void **state)
{
    static const struct {
        const char *file, *user, *given;
        unsigned long id;
        int rc;
        const char *answer; /* or the error, with the file's name for FILE */
    } from[] = {
        {ENTRY "authname=f\n", "u", "g", SASL_CB_AUTHNAME, 0, "f"},
        {ENTRY "password=p\n", "u", "g", SASL_CB_AUTHNAME, 0, "u"},
        {ENTRY "password=p\n", "u", "g", SASL_CB_PASS, 0, "p"},
        {ENTRY "realm=r\n", "u", "g", SASL_CB_GETREALM, 0, "r"},
        {ENTRY "realm=r\n", "u", "g", SASL_CB_PASS, 0, "g"},
        {ENTRY "realm=r\n", "u", "g", SASL_CB_ECHOPROMPT, 0, "g"},
        {NULL, "u", "g", SASL_CB_AUTHNAME, 0, "u"},
        {NULL, "", "g", SASL_CB_AUTHNAME, 0, "g"},
        {NULL, NULL, "g", SASL_CB_AUTHNAME, 0, "g"},
        {NULL, NULL, "g", SASL_CB_GETREALM, 0, "g"},
        {NULL, NULL, NULL, SASL_CB_GETREALM, 0, ""},
        {NULL, NULL, NULL, SASL_CB_AUTHNAME, VW_EUSAGE,
         "the server at h wants a user name (SASL MECH), and none is given"},
        {"", "u", "g", SASL_CB_AUTHNAME, 0, "u"},
        {"", NULL, NULL, SASL_CB_AUTHNAME, VW_EUSAGE,
         "authfile FILE has no user name for the server at h, and nobody else gives one"},
        {"# nobody\n", NULL, NULL, SASL_CB_AUTHNAME, VW_EUSAGE,
         "authfile FILE has no user name for the server at h, and nobody else gives one"},
        {"# nobody\n", NULL, NULL, SASL_CB_PASS, VW_EUSAGE,
         "authfile FILE has no password for the server at h, and nobody else gives one"},
        {"# nobody\n", NULL, NULL, SASL_CB_ECHOPROMPT, VW_EUSAGE,
         "the server at h wants an answer (SASL MECH), and none is given"},
        {"# nobody\nbroken\n", NULL, NULL, SASL_CB_PASS, VW_ESYNTAX,
         "authfile FILE, line 2: expected [SECTION], KEY=VALUE or #"},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(from); i++) {
        sasl_interact_t list[] = {{.id = from[i].id, .prompt = "?"}, {.id = SASL_CB_LIST_END}};
        struct script sc = {.mechanisms = "A", .answers = {{true, true, ""}}};
        const struct vw_client_options o = {
            VW_CLIENT_OPTIONS_INIT,    .auth_host = "h",
            .auth_user = from[i].user, .auth_file = from[i].file ? file : NULL,
            .credentials = give,       .user = (void *)(uintptr_t)from[i].given};
        struct vw_error err = VW_ERROR_INIT;
        char want[400] = "";
        reset(NULL);
        if (from[i].file)
            write_file(from[i].file);
        fake.questions = list;
        fake.question_rounds = 1;
        vw_memory_start();
        int rc = open_with(&p, &sc, &o, &err);
        const char *mark = from[i].rc ? strstr(from[i].answer, "FILE") : NULL;
        if (mark)
            snprintf(want, sizeof(want), "%.*s%.150s%s", (int)(mark - from[i].answer),
                     from[i].answer, file, mark + 4);
        else
            snprintf(want, sizeof(want), "%s", from[i].rc ? from[i].answer : "");
        if (rc != from[i].rc || strcmp(err.text, want) != 0)
            fail_msg("row %zu: %d, %s", i, rc, err.text);
        if (rc == 0)
            assert_int_equal(list[0].len, strlen(from[i].answer));
    }
}

static void refusals_name_the_user(void **state)
{
    static struct peer p;
    sasl_interact_t list[] = {{.id = SASL_CB_AUTHNAME, .prompt = "?"}, {.id = SASL_CB_LIST_END}};
    struct script sc = {.mechanisms = "A", .error = 45};
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth_user = "fred"};
    struct vw_error err = VW_ERROR_INIT;
    fake.questions = list;
    fake.question_rounds = 1;
    assert_int_equal(open_with(&p, &sc, &o, &err), VW_EREMOTE);
    assert_string_equal(err.text, "the server refuses SASL MECH for fred: probably a wrong name or "
                                  "password (VIR_ERR_AUTH_FAILED (45) of VIR_FROM_RPC (7): no)");
}

static void files_that_cannot_be(void **state)
{
    static const struct {
        const char *path, *text;
    } bad[] = {
        {"", "authfile names no file"},
        {"/nowhere/auth.conf", "authfile /nowhere/auth.conf: No such file or directory"},
        {"/", "authfile /: not a file of at most 256 KiB"},
        {"/dev/null", "authfile /dev/null: not a file of at most 256 KiB"},
    };
    static struct peer p;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct script sc = {.mechanisms = "A"};
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth_file = bad[i].path};
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        assert_int_equal(open_with(&p, &sc, &o, &err), VW_EUSAGE);
        assert_string_equal(err.text, bad[i].text);
        assert_string_equal(peer_names(&p), "auth_list");
    }
    /* To the byte. */
    for (int more = 0; more <= 1; more++) {
        struct script sc = {.mechanisms = "A", .answers = {{true, true, ""}}};
        const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth_file = file};
        write_file("# x\n");
        assert_int_equal(truncate(file, 256 * 1024 + more), 0);
        FILE *f = fopen(file, "r+e");
        assert_non_null(f);
        for (long at = 0; at < 256 * 1024 + more; at += 4)
            fputs("#  \n", f);
        fclose(f);
        assert_int_equal(truncate(file, 256 * 1024 + more), 0);
        reset(NULL);
        assert_int_equal(open_with(&p, &sc, &o, NULL), more ? VW_EUSAGE : 0);
    }
}

/* ---- what the mechanism is told, and the layer ---- */

/* What came in one read with the last answer is the layer's (A-10). */
static void answer_and_more(struct peer *p, const struct seen *call)
{
    answer(p, call);
    if (strcmp(call->name, START) == 0)
        assert_true(vw_memory_put(&p->memory, "early!", 6));
}

static void bytes_behind_the_last_answer(void **state)
{
    static struct peer p;
    struct script sc = {.mechanisms = "A", .answers = {{true, true, ""}}};
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .no_open = true};
    struct vw_client *c;
    char got[8] = "";
    p.user = &sc;
    p.answer = answer_and_more;
    peer_start(&p, 0);
    fake.ssf = 256;
    fake.data = "";
    assert_int_equal(vw_client_open_transport(&p.memory.transport, &o, &c, NULL), 0);
    struct vw_transport *t = vw_client_transport(c);
    fake.in = NULL;
    fake.data = "plain";
    fake.len = 5;
    assert_int_equal(t->ops->recv(t, got, sizeof(got), NULL), 5);
    assert_string_equal(got, "plain");
    assert_int_equal(fake.in_len, 6);
    assert_memory_equal(fake.in, "early!", 6);
    vw_client_destroy(c);
    peer_finish(&p);
}

/* ---- without waiting ---- */

static bool inside;

/* Each answer takes its time, and from the last one on each byte goes through the layer. */
static void answer_late(struct peer *p, const struct seen *call)
{
    assert_false(inside);
    vw_memory_pass(200);
    if (strcmp(call->name, "connect_get_type") == 0)
        peer_reply(p, call, "\0\0\0\4TEST", 8);
    else
        answer(p, call);
    if (strcmp(call->name, STEP) == 0)
        p->memory.flip = 0x55;
}

static void got_type(void *user, struct vw_client *c, const struct vw_event *ev)
{
    *(bool *)user = ev->kind == VW_EVENT_REPLY;
}

static void is_in(void *user, struct vw_client *c, int rc, const struct vw_error *why)
{
    assert_int_equal(rc, 0);
    assert_int_equal(vw_client_submit(c,
                                      &(const struct vw_submission){
                                          VW_SUBMISSION_INIT, .proc = peer_proc("connect_get_type"),
                                          .done = got_type, .user = user},
                                      NULL, NULL),
                     0);
}

static void a_loop_of_the_callers_own(void **state)
{
    static struct peer p;
    struct script sc = {.mechanisms = "A", .answers = {{false, false, "x"}, {true, true, ""}}};
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .auth = "sasl"};
    struct vw_client *c;
    bool done = false;
    p.user = &sc;
    p.answer = answer_late;
    peer_start(&p, 0);
    fake.start = SASL_CONTINUE;
    fake.ssf = 256;
    fake.flip = 0x55;
    fake.data = "y";
    fake.len = 1;
    assert_int_equal(vw_client_begin_transport(&p.memory.transport, &o, is_in, &done, &c, NULL), 0);
    for (int i = 0; i < 100 && !done; i++) {
        struct pollfd f = {.fd = vw_client_fd(c), .events = vw_client_events(c)};
        int64_t left = vw_client_deadline(c) - vw_memory_now();
        poll(&f, 1, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
        inside = true;
        assert_true(vw_client_process(c, NULL) >= 0);
        inside = false;
    }
    assert_true(done);
    assert_string_equal(peer_names(&p), UP_TO_START " " STEP OPENED " connect_get_type");
    assert_int_equal(vw_memory_now() - VW_MEMORY_START_MS, 6 * 200);
    vw_client_destroy(c);
    assert_int_equal(disposed, 1);
    peer_finish(&p);
}

static void the_channel_decides_what_is_needed(void **state)
{
    static struct peer p;
    struct script sc = {.mechanisms = "A", .answers = {{true, true, ""}}};
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .profile = peer_profile,
                                        .no_open = true};
    struct vw_client *c;
    struct vw_error err = VW_ERROR_INIT;
    p.user = &sc;
    p.answer = answer;
    peer_start(&p, 0); /* as TCP: nothing below is secure */
    fake.ssf = 55;
    assert_int_equal(vw_client_open_transport(&p.memory.transport, &o, &c, &err), VW_EUNREACHABLE);
    assert_string_equal(err.clause, "A-9");
    assert_string_equal(fake.told, "56 to 4294967295, flags 17, buffer 65536;");
    assert_int_equal(disposed, 1);
    peer_finish(&p);

    reset(NULL);
    sc.n = 0;
    peer_start(&p, 0);
    fake.ssf = 56;
    fake.data = "";
    assert_int_equal(vw_client_open_transport(&p.memory.transport, &o, &c, NULL), 0);
    /* From here on the mechanism has each byte. */
    struct vw_transport *t = vw_client_transport(c);
    assert_string_equal(t->ops->name, "layer");
    fake.data = "packet";
    fake.len = 6;
    size_t before = p.memory.taken;
    p.memory.sent = NULL;
    assert_int_equal(t->ops->send(t, "plain", 5, NULL), 5);
    assert_int_equal(p.memory.taken, before + 6);
    assert_int_equal(fake.in_len, 5);
    vw_client_destroy(c);
    assert_int_equal(disposed, 1);
    assert_false(p.memory.open);
    peer_finish(&p);
}

static int setup(void **state)
{
    static char dir[VW_TEST_FOLDER];
    if (peer_load(state) || library_set_up(state) || vw_test_folder(dir))
        return -1;
    snprintf(file, sizeof(file), "%s/auth.conf", dir);
    fake_mechanism = "MECH"; /* none that is called in a thread, whose clock is the real one */
    return 0;
}

static int teardown(void **state)
{
    unlink(file);
    *strrchr(file, '/') = '\0';
    rmdir(file);
    return peer_unload(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_way_through_the_exchange, reset),
        cmocka_unit_test_setup(an_exchange_ends, reset),
        cmocka_unit_test_setup(what_the_calls_carry, reset),
        cmocka_unit_test_setup(a_mechanism_that_is_not_offered, reset),
        cmocka_unit_test_setup(where_answers_come_from, reset),
        cmocka_unit_test_setup(refusals_name_the_user, reset),
        cmocka_unit_test_setup(files_that_cannot_be, reset),
        cmocka_unit_test_setup(bytes_behind_the_last_answer, reset),
        cmocka_unit_test_setup(a_loop_of_the_callers_own, reset),
        cmocka_unit_test_setup(the_channel_decides_what_is_needed, reset),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
