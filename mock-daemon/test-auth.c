// SPDX-License-Identifier: MIT
// Tests of the log-in as the daemon sees it: its calls in every order, and the byte
// at which the layer begins.
#include "mock-daemon/testing.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/sasl-server.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct vw_sasl_account fred = {"fred", "secret word"};

/* A new connection to a daemon that asks for METHOD, over a UNIX socket or, if not, TCP. */
static void start(struct peer *p, enum vw_config_auth method, bool unix_socket)
{
    peer_start(p, NULL, NULL);
    vw_config_set_auth(&p->config, method);
    p->config.peer_uid = 1000;
    p->config.sasl_users = &fred;
    p->config.n_sasl_users = 1;
    p->config.sasl_mechanisms = "DIGEST-MD5 PLAIN";
    p->listener.unix_socket = unix_socket;
    peer_reconnect(p, NULL);
}

/* ---- calls and what they are answered ---- */

struct step {
    const char *procedure;
    const char *mech; /* of START */
    const char *data; /* NULL: nil 1 */
    size_t len;
    const char *answer; /* CODE/DOMAIN, or the words of the result but for the data */
};

/* Room for what the value of STEP needs. */
struct arguments {
    struct remote_auth_sasl_start_args start;
    struct remote_auth_sasl_step_args step;
};

static const void *arguments_of(const struct step *s, struct arguments *a)
{
    const struct vw_list data = {(void *)(uintptr_t)s->data, (uint32_t)s->len};
    a->step = (struct remote_auth_sasl_step_args){!s->data, data};
    a->start =
        (struct remote_auth_sasl_start_args){vw_string(s->mech ? s->mech : ""), !s->data, data};
    if (strcmp(s->procedure, "auth_sasl_start") == 0)
        return &a->start;
    return strcmp(s->procedure, "auth_sasl_step") == 0 ? &a->step : NULL;
}

static struct reply make(struct peer *p, const struct step *s)
{
    const struct vw_proc *proc = peer_proc(p, s->procedure);
    struct arguments a;
    const void *args = arguments_of(s, &a);
    return args ? peer_call_with(p, proc, args) : peer_call(p, proc, NULL, 0);
}

static uint32_t word(const struct reply *r, size_t i)
{
    uint32_t v = 0;
    if (r->len >= i * 4 + 4)
        memcpy(&v, r->body + i * 4, 4);
    return __builtin_bswap32(v);
}

static void play(struct peer *p, const struct step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct reply r = make(p, &steps[i]);
        char text[64];
        if (r.header.status == VW_MSG_ERROR)
            snprintf(text, sizeof(text), "%d/%d", reply_error(&r).code, reply_error(&r).domain);
        else if (strcmp(steps[i].procedure, "auth_sasl_init") == 0)
            snprintf(text, sizeof(text), "%.*s", (int)word(&r, 0), (const char *)r.body + 4);
        else
            snprintf(text, sizeof(text), "%u %u", word(&r, 0), word(&r, 1));
        if (strcmp(text, steps[i].answer) != 0)
            fail_msg("step %zu, %s: %s", i, steps[i].procedure, text);
    }
}

static void plays(enum vw_config_auth method, const struct step *steps, size_t n)
{
    struct peer p;
    start(&p, method, true);
    play(&p, steps, n);
    peer_stop(&p);
}

#define INIT                                                                                       \
    {                                                                                              \
        "auth_sasl_init", NULL, NULL, 0, "DIGEST-MD5,PLAIN"                                        \
    }
#define NO_INIT                                                                                    \
    {                                                                                              \
        "auth_sasl_init", NULL, NULL, 0, "45/7"                                                    \
    }
#define START(m, d, to)                                                                            \
    {                                                                                              \
        "auth_sasl_start", m, d, sizeof(d) - 1, to                                                 \
    }
#define STEP(d, to)                                                                                \
    {                                                                                              \
        "auth_sasl_step", NULL, d, sizeof(d) - 1, to                                               \
    }
#define CALL(name, answer)                                                                         \
    {                                                                                              \
        name, NULL, NULL, 0, answer                                                                \
    }
#define RIGHT "\0fred\0secret word"
#define WRONG "\0fred\0other word"

static void sasl_in_the_wrong_order(void **state)
{
    static const struct step steps[] = {
        START("PLAIN", RIGHT, "45/7"),
        STEP(RIGHT, "45/7"),
        CALL("auth_polkit", "1/7"),
        INIT,
        NO_INIT,
        STEP(RIGHT, "45/7"),
        STEP(RIGHT, "45/7"),
        INIT,
        START("", RIGHT, "45/7"),
        INIT,
        START("SCRAM-SHA-256", RIGHT, "45/7"),
        INIT,
        START("plain but not there", RIGHT, "45/7"),
        INIT,
        START("PLAIN", WRONG, "45/7"),
        CALL("connect_get_type", "39/7"),
        CALL("auth_list", "1 1"),
        INIT,
        NO_INIT,
        {"auth_sasl_start", "DIGEST-MD5", NULL, 0, "0 0"},
        NO_INIT,
        {"auth_sasl_start", "DIGEST-MD5", NULL, 0, "0 0"},
        STEP("nonsense", "45/7"),
        INIT,
        {"auth_sasl_start", "DIGEST-MD5", NULL, 0, "0 0"},
        START("PLAIN", RIGHT, "1 1"),
        NO_INIT,
        START("PLAIN", RIGHT, "45/7"),
        STEP(RIGHT, "45/7"),
        CALL("auth_polkit", "1/7"),
        CALL("auth_list", "1 0"),
    };
    plays(VW_CONFIG_AUTH_SASL, steps, COUNT(steps));
}

static void forty_failures(void **state)
{
    static const struct step fails[] = {INIT, START("PLAIN", WRONG, "45/7")};
    static const struct step ends[] = {INIT, START("PLAIN", RIGHT, "1 1")};
    struct peer p;
    start(&p, VW_CONFIG_AUTH_SASL, true);
    for (int i = 0; i < 40; i++)
        play(&p, fails, COUNT(fails));
    assert_int_equal(p.daemon.main.n_anonymous, 1);
    play(&p, ends, COUNT(ends));
    assert_int_equal(p.daemon.main.n_anonymous, 0);
    peer_stop(&p);
}

static void nobody_to_log_in(void **state)
{
    static const struct step steps[] = {CALL("auth_list", "1 1"), NO_INIT};
    struct peer p;
    start(&p, VW_CONFIG_AUTH_SASL, true);
    p.config.sasl_mechanisms = NULL;
    play(&p, steps, COUNT(steps));
    p.config.sasl_mechanisms = "NONE-OF-THESE";
    play(&p, steps, COUNT(steps));
    peer_stop(&p);
}

static void polkit_says_what_it_is_told(void **state)
{
    static const struct {
        int64_t uid;
        enum vw_config_polkit polkit;
        struct step steps[3];
    } rows[] = {
        {1,
         VW_CONFIG_POLKIT_YES,
         {CALL("auth_list", "1 2"), CALL("auth_polkit", "1 0"), CALL("auth_list", "1 0")}},
        {1,
         VW_CONFIG_POLKIT_NO,
         {CALL("auth_list", "1 2"), CALL("auth_polkit", "45/60"), CALL("auth_list", "1 2")}},
        {1,
         VW_CONFIG_POLKIT_ABSENT,
         {CALL("auth_list", "1 2"), CALL("auth_polkit", "1/60"), NO_INIT}},
        {0,
         VW_CONFIG_POLKIT_NO,
         {CALL("auth_polkit", "45/60"), CALL("auth_list", "1 0"), CALL("auth_polkit", "1/7")}},
        {0,
         VW_CONFIG_POLKIT_NO,
         {CALL("connect_get_type", "39/7"), CALL("auth_list", "1 0"),
          CALL("connect_get_type", "1/7")}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct peer p;
        start(&p, VW_CONFIG_AUTH_POLKIT, true);
        p.config.peer_uid = rows[i].uid;
        p.config.polkit = rows[i].polkit;
        peer_reconnect(&p, NULL);
        play(&p, rows[i].steps, COUNT(rows[i].steps));
        peer_stop(&p);
    }
}

static void whose_a_client_is(void **state)
{
    struct peer p;
    start(&p, VW_CONFIG_AUTH_POLKIT, true);
    assert_int_equal(TAILQ_FIRST(&p.daemon.conns)->uid, 1000);
    p.config.peer_uid = -1;
    peer_reconnect(&p, NULL);
    assert_int_equal(TAILQ_LAST(&p.daemon.conns, vw_conns)->uid, getuid());
    p.listener.unix_socket = false;
    peer_reconnect(&p, NULL);
    assert_int_equal(TAILQ_LAST(&p.daemon.conns, vw_conns)->uid, -1);
    peer_stop(&p);
}

/* ---- the layer ---- */

static int ask(void *user, const struct vw_credential_request *r, char *buf, size_t size,
               struct vw_error *err)
{
    if (r->kind != VW_CREDENTIAL_USER && r->kind != VW_CREDENTIAL_PASSWORD)
        return VW_ENAME;
    snprintf(buf, size, "%s", r->kind == VW_CREDENTIAL_USER ? fred.name : fred.password);
    return 0;
}

static void append_call(struct peer *p, struct vw_buf *to, const struct step *s)
{
    const struct vw_proc *proc = peer_proc(p, s->procedure);
    const struct vw_header h = {.program = proc->program->number,
                                .version = proc->program->version,
                                .procedure = proc->number,
                                .serial = 7};
    struct vw_limits limits;
    struct arguments a;
    vw_limits_from_profile(p->daemon.profile, &limits);
    assert_int_equal(
        vw_message_append_value(to, &limits, &h, 0, proc->args, arguments_of(s, &a), NULL), 0);
}

/* The data of an answer, whose bytes are a word each. */
static struct vw_sasl_data data_of(const uint8_t *body)
{
    static char bytes[1024];
    struct reply r = {.body = body, .len = sizeof(bytes) * 4};
    size_t n = word(&r, 2);
    assert_true(n <= sizeof(bytes) - 3);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)word(&r, 3 + i);
    return (struct vw_sasl_data){.data = bytes, .len = n};
}

/* Up to where one step is left: that is in OUT. */
static struct vw_sasl *go_to_last_step(struct peer *p, struct vw_sasl_data *out)
{
    static const struct step first[] = {CALL("auth_list", "1 1"),
                                        {"auth_sasl_init", NULL, NULL, 0, "DIGEST-MD5"}};
    static const struct step begin = {"auth_sasl_start", "DIGEST-MD5", NULL, 0, "0 0"};
    const struct vw_sasl_options o = {.host = "h", .ask = ask, .deadline_ms = INT64_MAX};
    struct vw_sasl *c;
    assert_int_equal(vw_sasl_create(&o, &c, NULL), 0);
    play(p, first, COUNT(first));
    assert_int_equal(vw_sasl_start(c, "DIGEST-MD5", out, NULL), 0);
    const struct reply r = make(p, &begin);
    const struct vw_sasl_data in = data_of(r.body);
    assert_int_equal(vw_sasl_step(c, &in, out, NULL), 0);
    return c;
}

/* Sends the last step and, with it in one write, GLUED; gives what comes in the clear. */
static size_t send_last(struct peer *p, const struct vw_sasl_data *out, const struct vw_buf *glued,
                        uint8_t *to, size_t size)
{
    const struct step last = {"auth_sasl_step", NULL, out->data, out->len, NULL};
    struct vw_buf all = VW_BUF_INIT;
    append_call(p, &all, &last);
    if (glued)
        assert_int_equal(vw_buf_append(&all, glued->data, glued->len), 0);
    peer_send(p, all.data, all.len);
    vw_buf_finish(&all);
    ssize_t n = peer_receive(p, to, size);
    assert_true(n >= 40);
    return (size_t)n;
}

static uint32_t length_at(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}

/* What the client makes of the packets at IN: one reply that says OK. */
static void read_reply(struct vw_sasl *c, const uint8_t *in, size_t len)
{
    const uint8_t *plain;
    struct vw_header h;
    size_t n;
    assert_true(len > 4 && length_at(in) + 4 == len);
    assert_int_equal(vw_sasl_decode(c, in, len, &plain, &n), 0);
    assert_int_equal(length_at(plain), n);
    vw_header_decode(plain + VW_LENGTH_BYTES, &h);
    assert_int_equal(h.serial, 7);
    assert_int_equal(h.status, VW_MSG_OK);
}

static void the_layer_begins_behind_the_last_answer(void **state)
{
    static const struct step list = CALL("auth_list", "1 0");
    uint8_t in[4096];
    struct vw_sasl_data out;
    struct peer p;
    start(&p, VW_CONFIG_AUTH_SASL, false);
    struct vw_sasl *c = go_to_last_step(&p, &out);
    size_t n = send_last(&p, &out, NULL, in, sizeof(in));
    assert_int_equal(length_at(in), n);
    const struct vw_sasl_data end = data_of(in + VW_PREFIX_BYTES);
    assert_int_equal(vw_sasl_step(c, &end, &out, NULL), 0);
    assert_true(vw_sasl_done(c));
    assert_int_equal(vw_sasl_finish(c, NULL), 0);
    for (int i = 0; i < 3; i++) {
        struct vw_buf call = VW_BUF_INIT;
        const uint8_t *packet;
        append_call(&p, &call, &list);
        assert_int_equal(vw_sasl_encode(c, call.data, call.len, &packet, &n), 0);
        peer_send(&p, packet, n);
        vw_buf_finish(&call);
        read_reply(c, in, (size_t)peer_receive(&p, in, sizeof(in)));
    }
    vw_sasl_destroy(c);
    peer_stop(&p);
}

/* what stands behind the last step in the clear is a packet to the layer, a damaged one. */
static void early_bytes_belong_to_the_layer(void **state)
{
    static const struct step list = CALL("auth_list", NULL);
    uint8_t in[4096];
    struct vw_sasl_data out;
    struct vw_buf early = VW_BUF_INIT;
    struct peer p;
    start(&p, VW_CONFIG_AUTH_SASL, false);
    struct vw_sasl *c = go_to_last_step(&p, &out);
    for (int i = 0; i < 3; i++)
        append_call(&p, &early, &list);
    size_t n = send_last(&p, &out, &early, in, sizeof(in));
    assert_int_equal(length_at(in), n);
    assert_int_equal(peer_receive(&p, in, sizeof(in)), -1);
    vw_buf_finish(&early);
    vw_sasl_destroy(c);
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sasl_in_the_wrong_order),
        cmocka_unit_test(forty_failures),
        cmocka_unit_test(nobody_to_log_in),
        cmocka_unit_test(polkit_says_what_it_is_told),
        cmocka_unit_test(whose_a_client_is),
        cmocka_unit_test(the_layer_begins_behind_the_last_answer),
        cmocka_unit_test(early_bytes_belong_to_the_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
