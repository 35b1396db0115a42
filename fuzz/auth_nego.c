// SPDX-License-Identifier: MIT
// Fuzz target: the log-in of a client against a server that lies. The first byte says what the
// client wants, the second how its SASL mechanism goes (a part of this file, put in the place of
// the library's by the linker); the rest answers one call after the other.
//
// Oracles: before the server's demand is met (AUTH_LIST said none; polkit said complete; SASL is
// complete on both sides and strong enough) no call is made but those of authentication, and the
// log-in is not done; calls come in their order, with arguments that encode and the data that the
// mechanism gave last; what the server said last is looked at, in full; the layer goes on once, if
// there is one; behind an error there is nothing more; the end comes.
#include <stdlib.h>
#include <string.h>

#include "auth/login.h"
#include "fuzz/grow.h"
#include "xdr/args.h"

#define TURNS_MAX 128 /* 32 rounds of SASL, 32 features, and the rest */

struct mechanism {
    unsigned steps;
    bool started, finished;
};

/* What is known of the one log-in. */
static struct negotiation {
    struct vw_script script;
    unsigned how; /* of the mechanism: bits 0-2 its steps, 3 a layer, 4 too weak, 5 no data */
    struct mechanism sasl;
    bool alive;     /* between vw_sasl_create and its end */
    char bytes[40]; /* that the mechanism gave last */
    struct vw_sasl_data gave;
    const void *said; /* by the server, which the mechanism has not seen yet */
    size_t said_len;
    bool said_none, unseen;
    int32_t demand; /* -1: not told yet */
    bool met, complete, layer, open;
} now;

/* ---- the mechanism ---- */

/* What the client holds it by. */
static struct vw_sasl *handle(void)
{
    return (struct vw_sasl *)(void *)&now.sasl;
}

int __wrap_vw_sasl_create(const struct vw_sasl_options *options, struct vw_sasl **out,
                          struct vw_error *err);
void __wrap_vw_sasl_destroy(struct vw_sasl *s);
int __wrap_vw_sasl_start(struct vw_sasl *s, const char *offered, struct vw_sasl_data *out,
                         struct vw_error *err);
int __wrap_vw_sasl_step(struct vw_sasl *s, const struct vw_sasl_data *in, struct vw_sasl_data *out,
                        struct vw_error *err);
bool __wrap_vw_sasl_done(const struct vw_sasl *s);
int __wrap_vw_sasl_finish(struct vw_sasl *s, struct vw_error *err);
const char *__wrap_vw_sasl_mechanism(const struct vw_sasl *s);
const char *__wrap_vw_sasl_user(const struct vw_sasl *s);
unsigned __wrap_vw_sasl_layer_strength(const struct vw_sasl *s);

int __wrap_vw_sasl_create(const struct vw_sasl_options *options, struct vw_sasl **out,
                          struct vw_error *err)
{
    VW_FUZZ_REQUIRE(!now.alive && now.demand == VW_AUTH_SASL, "sasl", "is begun without demand");
    now.sasl = (struct mechanism){0};
    now.alive = true;
    *out = handle();
    return 0;
}

void __wrap_vw_sasl_destroy(struct vw_sasl *s)
{
    if (!s)
        return;
    VW_FUZZ_REQUIRE(s == handle() && now.alive, "sasl", "is ended twice");
    now.alive = false;
}

static void give(struct vw_sasl_data *out)
{
    size_t len = vw_script_byte(&now.script) % sizeof(now.bytes);
    for (size_t i = 0; i < len; i++)
        now.bytes[i] = (char)vw_script_byte(&now.script);
    now.gave = (struct vw_sasl_data){.data = now.bytes, .len = len, .none = now.how & 32};
    if (now.gave.none)
        now.gave = (struct vw_sasl_data){.none = true};
    *out = now.gave;
}

int __wrap_vw_sasl_start(struct vw_sasl *s, const char *offered, struct vw_sasl_data *out,
                         struct vw_error *err)
{
    VW_FUZZ_REQUIRE(now.alive && s == handle() && !now.sasl.started && offered, "sasl",
                    "starts twice");
    if (strcmp(offered, "") == 0)
        return vw_error_set(err, VW_EUNREACHABLE, "no mechanism");
    now.sasl.started = true;
    give(out);
    return 0;
}

int __wrap_vw_sasl_step(struct vw_sasl *s, const struct vw_sasl_data *in, struct vw_sasl_data *out,
                        struct vw_error *err)
{
    VW_FUZZ_REQUIRE(now.alive && now.sasl.started && !now.sasl.finished, "sasl",
                    "a step out of order");
    VW_FUZZ_REQUIRE(now.unseen && in->none == now.said_none && in->len == now.said_len &&
                        (in->len == 0 || memcmp(in->data, now.said, in->len) == 0),
                    "said", "the mechanism sees %zu bytes of %zu", in->len, now.said_len);
    now.unseen = false;
    if (in->len > 0 && *(const uint8_t *)in->data == 0xff)
        return vw_error_set(err, VW_EPROTOCOL, "no proof");
    now.sasl.steps++;
    give(out);
    return 0;
}

bool __wrap_vw_sasl_done(const struct vw_sasl *s)
{
    return now.sasl.steps >= (now.how & 7);
}

int __wrap_vw_sasl_finish(struct vw_sasl *s, struct vw_error *err)
{
    VW_FUZZ_REQUIRE(now.complete && __wrap_vw_sasl_done(s) && !now.unseen, "finish",
                    "one side is not done");
    now.sasl.finished = true;
    now.met = !(now.how & 16);
    return now.met ? 0 : vw_error_set(err, VW_EUNREACHABLE, "too weak");
}

const char *__wrap_vw_sasl_mechanism(const struct vw_sasl *s)
{
    return now.sasl.started ? "MECH" : "";
}

const char *__wrap_vw_sasl_user(const struct vw_sasl *s)
{
    return now.sasl.started ? "user" : "";
}

unsigned __wrap_vw_sasl_layer_strength(const struct vw_sasl *s)
{
    VW_FUZZ_REQUIRE(now.sasl.finished, "layer", "asked for ahead of the end");
    return now.how & 8 ? 128 : 0;
}

/* ---- the client's calls ---- */

static bool is(const struct vw_proc *proc, const char *name)
{
    return strcmp(proc->short_name, name) == 0;
}

static void check_sasl_data(const struct vw_login_next *next)
{
    size_t len = 0;
    const struct vw_type *t = next->proc->args;
    const void *data = vw_ret_bytes(t, next->args, "data", &len);
    VW_FUZZ_REQUIRE(len == now.gave.len && (len == 0 || memcmp(data, now.gave.data, len) == 0) &&
                        (vw_ret_int(t, next->args, "nil", 1) != 0) == now.gave.none,
                    "data", "%zu bytes go, the mechanism gave %zu", len, now.gave.len);
}

static void check_call(const struct vw_login_next *next)
{
    struct vw_buf b = VW_BUF_INIT;
    const struct vw_proc *proc = next->proc;
    bool starts = is(proc, "auth_sasl_start"), steps = is(proc, "auth_sasl_step");
    VW_FUZZ_REQUIRE((proc->args != NULL) == (next->args != NULL), "args", "of %s",
                    proc->short_name);
    if (proc->args)
        VW_FUZZ_REQUIRE(vw_xdr_encode(proc->args, next->args, &b, SIZE_MAX, NULL) == 0, "args",
                        "of %s do not encode", proc->short_name);
    vw_buf_finish(&b);
    if (starts || steps)
        check_sasl_data(next);
    bool sasl = starts || steps || is(proc, "auth_sasl_init");
    if (is(proc, "auth_list"))
        VW_FUZZ_REQUIRE(now.demand == -1, "order", "auth_list twice");
    else if (sasl)
        VW_FUZZ_REQUIRE(now.demand == VW_AUTH_SASL && !now.met && steps == (now.sasl.steps > 0),
                        "order", "%s after %u steps", proc->short_name, now.sasl.steps);
    else if (is(proc, "auth_polkit"))
        VW_FUZZ_REQUIRE(now.demand == VW_AUTH_POLKIT && !now.met, "order", "auth_polkit");
    else
        VW_FUZZ_REQUIRE(now.met && !now.unseen, "gate", "%s ahead of authentication",
                        proc->short_name);
    if (is(proc, "connect_open")) {
        VW_FUZZ_REQUIRE(!now.open, "order", "opened twice");
        now.open = true;
    }
}

/* ---- the server's answers ---- */

static void note_answer(const struct vw_proc *proc, const struct vw_login_answer *in)
{
    if (is(proc, "auth_list")) {
        now.demand = in->refused ? VW_AUTH_NONE : vw_ret_first_int(proc->ret, in->ret, 0);
        now.met = now.demand == VW_AUTH_NONE;
    } else if (is(proc, "auth_polkit") && !in->refused) {
        now.met = vw_ret_first_int(proc->ret, in->ret, 0) == 1;
    } else if (!in->refused && (is(proc, "auth_sasl_start") || is(proc, "auth_sasl_step"))) {
        now.said = vw_ret_bytes(proc->ret, in->ret, "data", &now.said_len);
        now.said_none = vw_ret_int(proc->ret, in->ret, "nil", 1) != 0;
        now.complete = vw_ret_int(proc->ret, in->ret, "complete", 0) != 0;
        now.unseen = true;
    }
}

/* The first byte: 0 mod 8 an error, else a value grown from what follows. */
static bool answer(const struct vw_proc *proc, struct vw_arena *arena, struct vw_login_answer *in)
{
    static const int32_t codes[] = {1, 3, 38, 45};
    unsigned how = vw_script_byte(&now.script), grown;
    void *value = NULL;
    *in = (struct vw_login_answer){.text = "no"};
    if (how % 8 == 1) {
        in->refused = true;
        in->code = codes[how / 8 % 4];
    } else if (proc->ret && !vw_grow(proc->ret, &now.script, false, arena, &value, &grown)) {
        return false;
    }
    in->ret = value;
    note_answer(proc, in);
    return true;
}

static void put_on_layer(const struct vw_login_next *next)
{
    VW_FUZZ_REQUIRE(!now.layer && now.how & 8 && now.met && next->sasl == handle(), "layer",
                    "it goes on");
    now.layer = true;
    vw_sasl_destroy(next->sasl);
}

static void check_end(const struct vw_login *l, int rc, const struct vw_error *err, bool no_open)
{
    uint32_t asked, features = vw_login_features(l, &asked);
    VW_FUZZ_REQUIRE((features & ~asked) == 0, "features", "0x%x of 0x%x", features, asked);
    if (rc < 0) {
        VW_FUZZ_REQUIRE(err->code == rc && err->text[0], "error", "%d: '%s'", rc, err->text);
        return;
    }
    VW_FUZZ_REQUIRE(now.met && !now.unseen && !now.alive, "done", "ahead of authentication");
    VW_FUZZ_REQUIRE(now.open != no_open, "done", "%s", now.open ? "opened" : "not opened");
    VW_FUZZ_REQUIRE(now.layer == (now.demand == VW_AUTH_SASL && now.how & 8), "done", "the layer");
}

static void negotiate(const struct vw_login_settings *settings)
{
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_error err = VW_ERROR_INIT;
    struct vw_login *l;
    struct vw_login_next next;
    struct vw_login_answer in;
    VW_FUZZ_REQUIRE(vw_login_create(settings, &l, &err) == 0, "create", "%s", err.text);
    int rc = vw_login_turn(l, NULL, 0, &next, &err);
    for (int turn = 0; rc > VW_LOGIN_DONE; turn++) {
        VW_FUZZ_REQUIRE(turn < TURNS_MAX, "end", "there is none");
        if (rc == VW_LOGIN_CALL) {
            check_call(&next);
            if (!answer(next.proc, &arena, &in))
                break;
        } else {
            put_on_layer(&next);
        }
        rc = vw_login_turn(l, &in, 0, &next, &err);
        vw_arena_reset(&arena);
    }
    if (rc <= 0)
        check_end(l, rc, &err, settings->no_open);
    vw_login_destroy(l);
    VW_FUZZ_REQUIRE(!now.alive, "sasl", "is not ended");
    vw_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const wants[] = {NULL, "sasl", "sasl.MECH", "polkit"};
    if (size < 2)
        return 0;
    now = (struct negotiation){
        .script = {data + 2, size - 2}, .how = data[1], .demand = data[0] & 4 ? VW_AUTH_NONE : -1};
    now.met = data[0] & 4;
    const struct vw_login_settings settings = {
        .schema = vw_fuzz_profile()->schema,
        .profile = vw_fuzz_profile()->name,
        .program = "remote",
        .auth = wants[data[0] & 3],
        .no_auth = data[0] & 4,
        .no_open = data[0] & 8,
        .features = (data[0] & 16 ? 1u << VW_FEATURE_KEEPALIVE : 0) |
                    (data[0] & 32 ? 1u << VW_FEATURE_FDS : 0) | (data[0] & 64 ? 1u << 31 | 1u : 0),
        .name = "test:///default",
    };
    negotiate(&settings);
    return 0;
}
