// SPDX-License-Identifier: MIT
// Getting a connection that calls can be made on: the log-in (auth/login.h) over a session and a
// transport, step by step from vw_client_process; and giving it back.
#include <stdlib.h>
#include <string.h>

#include "base/sized.h"
#include "client/internal.h"
#include "client/opening.h"
#include "transport/layer.h"

#define OPEN_READ_ONLY 1 /* C-2 */

struct vw_opening {
    struct vw_connecting *connecting; /* NULL: it is connected */
    struct vw_login *login;
    struct vw_answers answers;
    struct vw_sasl *sasl; /* goes on when all is written, or NULL */
    int64_t deadline_ms;  /* of the step */
    uint32_t serial;      /* of the call under way */
    int rc;               /* 0: on the way; 1: done; VW_E*: there is no way, because of WHY */
    struct vw_error why;
    vw_client_ready_fn ready;
    void *user;
};

/* ---- the log-in ---- */

int vw_login_for(struct vw_answers *a, const struct vw_transport *t, struct vw_login **out,
                 struct vw_error *err)
{
    const struct vw_client_options *o = a->options;
    const struct vw_login_settings settings = {
        .schema = o->profile->schema,
        .profile = o->profile->name,
        .program = o->program ? o->program : "remote",
        .no_auth = o->no_auth,
        .auth = o->auth,
        .sasl = {.host = a->host,
                 .secure = (t->ops->caps & VW_CAP_SECURE) != 0,
                 .strength = t->ops->strength ? t->ops->strength(t) : 0,
                 .ask = vw_answers_ask,
                 .user = a},
        .prepare = vw_answers_prepare,
        .features = (o->keepalive_interval_ms > 0 ? 1u << VW_FEATURE_KEEPALIVE : 0) |
                    (o->pass_fds && t->ops->caps & VW_CAP_FDS ? 1u << VW_FEATURE_FDS : 0),
        .no_open = o->no_open,
        .name = o->open_name ? o->open_name : "",
        .flags = o->open_flags | (o->read_only ? OPEN_READ_ONLY : 0),
    };
    return vw_login_create(&settings, out, err);
}

int vw_sasl_put_on(struct vw_sasl *sasl, const void *early, size_t len, struct vw_transport **t,
                   struct vw_error *err)
{
    const struct vw_layer_codec codec = {.name = "SASL",
                                         .max_plain = vw_sasl_max_plain(sasl),
                                         .encode = vw_sasl_encode,
                                         .decode = vw_sasl_decode,
                                         .destroy = vw_sasl_layer_destroy,
                                         .user = sasl};
    struct vw_transport *lower = *t;
    *t = NULL;
    return vw_layer_create(lower, &codec, early, len, t, err);
}

/* ---- one step after the other ---- */

static void answered(void *user, struct vw_client *c, const struct vw_event *ev);

/* RC: 0, or why there is no way. */
static void settle(struct vw_client *c, int rc)
{
    struct vw_opening *o = c->opening;
    o->rc = rc ? rc : 1;
    c->opened = rc == 0 && !c->options.no_open;
    vw_answers_wipe(&o->answers);
}

static int start_call(struct vw_client *c, const struct vw_login_next *next, struct vw_error *err)
{
    const struct vw_outgoing what = {
        .call = {.proc = next->proc, .args = next->args, .done = answered, .user = c->opening}};
    return vw_client_queue(c, &what, &c->opening->serial, err);
}

/* both directions change behind the answer that was seen last. */
static int start_layer(struct vw_client *c, struct vw_sasl *sasl, struct vw_error *err)
{
    c->opening->sasl = sasl;
    c->stopped = true;
    return vw_session_switch_layer(c->session) ? vw_error_nomem(err) : 0;
}

static void step(struct vw_client *c, const struct vw_login_answer *in)
{
    struct vw_opening *o = c->opening;
    struct vw_login_next next;
    int rc = vw_login_turn(o->login, in, vw_client_step_deadline(c), &next, &o->why);
    o->deadline_ms = vw_client_step_deadline(c);
    c->features = vw_login_features(o->login, &c->features_known);
    if (!c->keepalive && c->features & 1u << VW_FEATURE_KEEPALIVE) {
        vw_session_keepalive_start(c->session);
        c->keepalive = true;
    }
    bool over = rc <= VW_LOGIN_DONE;
    if (rc == VW_LOGIN_CALL)
        rc = start_call(c, &next, &o->why);
    else if (rc == VW_LOGIN_LAYER)
        rc = start_layer(c, next.sasl, &o->why);
    if (over || rc < 0)
        settle(c, rc);
}

static void answered(void *user, struct vw_client *c, const struct vw_event *ev)
{
    struct vw_opening *o = user;
    struct vw_error why = VW_ERROR_INIT;
    struct vw_login_answer in = {.ret = ev->value};
    if (ev->kind == VW_EVENT_REPLY) {
        step(c, &in);
        return;
    }
    vw_arena_reset(&c->error_arena);
    vw_client_copy_error(&ev->error, &c->error_arena, &c->error);
    if (!ev->local) {
        vw_client_report_remote(&ev->error, &why);
        in = (struct vw_login_answer){.refused = true, .code = ev->error.code, .text = why.text};
        step(c, &in);
    } else if (ev->length) {
        settle(c, vw_client_report_violation(ev, &o->why));
    }
    /* A lost connection explains itself with its last event. */
}

/* What was queued ahead of the switch, such as the answer to a PING, is written first. */
static void try_switch(struct vw_client *c)
{
    static const struct vw_login_answer nothing;
    struct vw_opening *o = c->opening;
    const uint8_t *early;
    if (c->write_failed)
        settle(c, vw_error_set(&o->why, VW_ECLOSED, "the server closed the connection"));
    if (o->rc || vw_session_output_pending(c->session))
        return;
    vw_session_switched(c->session);
    size_t n = vw_session_unread(c->session, VW_SIDE_SERVER, &early);
    struct vw_sasl *sasl = o->sasl;
    o->sasl = NULL;
    c->stopped = false;
    int rc = vw_sasl_put_on(sasl, early, n, &c->transport, &o->why);
    if (rc)
        settle(c, rc);
    else
        step(c, &nothing);
}

/* The first step over T. */
static int start_login(struct vw_client *c, struct vw_transport *t, struct vw_error *err)
{
    struct vw_opening *o = c->opening;
    int rc = vw_client_adopt(c, t, err);
    if (rc == 0)
        rc = vw_login_for(&o->answers, t, &o->login, err);
    if (rc == 0)
        step(c, NULL);
    return rc;
}

static void connect_on(struct vw_client *c)
{
    struct vw_opening *o = c->opening;
    struct vw_transport *t;
    int rc = vw_connecting_turn(o->connecting, &t, &o->why);
    if (rc)
        o->connecting = NULL;
    if (rc > 0)
        rc = start_login(c, t, &o->why);
    if (rc < 0)
        settle(c, rc);
}

/* Without a way there is no connection, whatever the transport below thinks. */
static int tell(struct vw_client *c)
{
    struct vw_opening *o = c->opening;
    if (o->rc < 0) {
        vw_client_give_up(c, o->serial, o);
        c->why = o->why;
        c->closed = true;
    }
    c->opening = NULL;
    c->dispatching = true;
    if (o->ready)
        o->ready(o->user, c, o->rc < 0 ? o->rc : 0, &o->why);
    c->dispatching = false;
    vw_opening_destroy(o);
    return 1;
}

int vw_opening_turn(struct vw_client *c, int64_t now)
{
    struct vw_opening *o = c->opening;
    if (!o)
        return 0;
    if (o->connecting) {
        connect_on(c);
        return o->rc ? tell(c) : 0;
    }
    if (o->rc == 0 && c->closed)
        settle(c, vw_client_lost(c, &o->why));
    if (o->rc == 0 && o->sasl)
        try_switch(c);
    if (o->rc == 0 && now >= o->deadline_ms)
        settle(c, vw_error_set(&o->why, VW_ETIMEOUT,
                               o->sasl ? "the server does not read"
                                       : "the server did not answer in time"));
    return o->rc ? tell(c) : 0;
}

int64_t vw_opening_deadline(const struct vw_client *c)
{
    const struct vw_opening *o = c->opening;
    if (!o || o->rc)
        return o ? 0 : INT64_MAX;
    return o->connecting ? vw_connecting_deadline(o->connecting) : o->deadline_ms;
}

int vw_opening_fd(const struct vw_client *c, short *events)
{
    const struct vw_opening *o = c->opening;
    *events = 0;
    return o && o->connecting ? vw_connecting_fd(o->connecting, events) : -1;
}

void vw_opening_destroy(struct vw_opening *o)
{
    if (!o)
        return;
    vw_connecting_destroy(o->connecting);
    vw_login_destroy(o->login);
    vw_sasl_destroy(o->sasl);
    vw_answers_wipe(&o->answers);
    free(o);
}

/* ---- opening ---- */

/* A client without a connection that is on its way. */
static int begin(const struct vw_client_options *options, vw_client_ready_fn ready, void *user,
                 struct vw_client **out, struct vw_error *err)
{
    int rc = vw_client_create(options, out, err);
    if (rc)
        return rc;
    struct vw_client *c = *out;
    struct vw_opening *o = c->opening = calloc(1, sizeof(*o));
    rc = o ? vw_login_check_auth(c->options.auth, err) : vw_error_nomem(err);
    if (rc) {
        vw_client_destroy(c);
        *out = NULL;
        return rc;
    }
    o->ready = ready;
    o->user = user;
    vw_answers_init(&o->answers, &c->options);
    return 0;
}

/* Gives up what has begun. */
static int end(struct vw_client **out, int rc)
{
    vw_client_destroy(*out);
    *out = NULL;
    return rc;
}

int vw_client_begin_transport(struct vw_transport *t, const struct vw_client_options *options,
                              vw_client_ready_fn ready, void *user, struct vw_client **out,
                              struct vw_error *err)
{
    int rc = begin(options, ready, user, out, err);
    if (rc) {
        t->ops->close(t);
        return rc;
    }
    rc = start_login(*out, t, err);
    return rc ? end(out, rc) : 0;
}

struct vw_client_options vw_client_options_of(const struct vw_client_options *options,
                                              const struct vw_uri *uri)
{
    struct vw_client_options o = *options;
    bool direct = uri->transport == VW_TRANSPORT_TCP || uri->transport == VW_TRANSPORT_TLS ||
                  uri->transport == VW_TRANSPORT_UNIX;
    if (!o.auth)
        o.auth = uri->auth;
    if (!o.auth_host)
        o.auth_host = uri->host;
    if (!o.auth_user && direct)
        o.auth_user = uri->user;
    if (!o.auth_file)
        o.auth_file = uri->authfile;
    if (!o.open_name)
        o.open_name = uri->name;
    return o;
}

int vw_client_begin(const struct vw_uri *uri, const struct vw_client_options *options,
                    vw_client_ready_fn ready, void *user, struct vw_client **out,
                    struct vw_error *err)
{
    struct vw_client_options own;
    *out = NULL;
    int rc = vw_sized_copy(&own, sizeof(own), options, "VW_CLIENT_OPTIONS_INIT", err);
    if (rc)
        return rc;
    own = vw_client_options_of(&own, uri);
    rc = begin(&own, ready, user, out, err);
    if (rc)
        return rc;
    struct vw_client *c = *out;
    rc =
        vw_transport_begin(uri, &c->asks, vw_client_step_deadline(c), &c->opening->connecting, err);
    return rc ? end(out, rc) : 0;
}

int vw_client_ready(const struct vw_client *c, struct vw_error *err)
{
    if (c->closed)
        return vw_client_lost(c, err);
    return !c->opening;
}

/* Turns what has begun until it is done. */
static int wait_until_open(struct vw_client **out, struct vw_error *err)
{
    struct vw_client *c = *out;
    while (!vw_opening_turn(c, vw_now_ms())) {
        struct vw_opening *o = c->opening;
        struct vw_error why = VW_ERROR_INIT;
        int rc = vw_client_turn(c, INT64_MAX, &why);
        if (!c->opening)
            break;
        if (rc < 0 && !c->closed && o->rc == 0) {
            o->why = why;
            settle(c, rc);
        }
    }
    int rc = vw_client_ready(c, err);
    return rc < 0 ? end(out, rc) : 0;
}

int vw_client_open_transport(struct vw_transport *t, const struct vw_client_options *options,
                             struct vw_client **out, struct vw_error *err)
{
    int rc = vw_client_begin_transport(t, options, NULL, NULL, out, err);
    return rc ? rc : wait_until_open(out, err);
}

int vw_client_open_filtered(const struct vw_uri *uri, const struct vw_client_options *options,
                            const struct vw_filter *filter, struct vw_client **out,
                            struct vw_error *err)
{
    int rc = vw_client_begin(uri, options, NULL, NULL, out, err);
    if (rc)
        return rc;
    (*out)->filter = filter;
    return wait_until_open(out, err);
}

int vw_client_open(const struct vw_uri *uri, const struct vw_client_options *options,
                   struct vw_client **out, struct vw_error *err)
{
    return vw_client_open_filtered(uri, options, NULL, out, err);
}

/* ---- closing ---- */

int vw_client_close(struct vw_client *c, struct vw_error *err)
{
    const struct vw_proc *close = vw_client_proc(c, "connect_close");
    struct vw_arena arena = VW_ARENA_INIT;
    int rc = 0;
    if (c->closed)
        return 0;
    if (c->opened && close && !close->args)
        rc = vw_client_call(c, close, NULL, &arena, NULL, err);
    vw_arena_finish(&arena);
    /* C-7: the server may close before its own answer is out. */
    if (rc == VW_ECLOSED) {
        vw_error_clear(err);
        rc = 0;
    }
    vw_client_end(c);
    return rc;
}
