// SPDX-License-Identifier: MIT
#include "auth/testing/library.h"

#include <signal.h>
#include <string.h>

#include "auth/sasl-calls.h"

/* These are members here, not calls. */
#undef sasl_client_init
#undef sasl_client_new
#undef sasl_client_start
#undef sasl_client_step
#undef sasl_decode
#undef sasl_dispose
#undef sasl_encode
#undef sasl_errdetail
#undef sasl_errstring
#undef sasl_getprop
#undef sasl_setprop

/* ---- the library ---- */

struct fake fake;

const char *fake_mechanism = "GS-MECH";
atomic_int disposed;
sem_t let_go, gone;
static char handle[] = "a connection";
#define CONN ((sasl_conn_t *)(void *)handle)

static int fake_init(const sasl_callback_t *callbacks)
{
    int (*log)(void *, int, const char *);
    if (callbacks[0].id != SASL_CB_LOG || callbacks[1].id != SASL_CB_LIST_END)
        return SASL_BADPARAM;
    memcpy(&log, &callbacks[0].proc, sizeof(log));
    return log(NULL, 0, "nobody reads this") == SASL_OK ? fake.init : SASL_BADPARAM;
}

static int fake_new(const char *service, const char *host, const char *local, const char *remote,
                    const sasl_callback_t *callbacks, unsigned flags, sasl_conn_t **out)
{
    assert_string_equal(service, "libvirt");
    assert_null(local);
    assert_null(remote);
    snprintf(fake.host, sizeof(fake.host), "%s", host);
    fake.flags = flags;
    for (size_t i = 0; i < COUNT(fake.callbacks); i++) {
        fake.callbacks[i] = callbacks[i];
        if (callbacks[i].id == SASL_CB_LIST_END)
            break;
    }
    *out = fake.new == SASL_OK ? CONN : NULL;
    return fake.new;
}

static void fake_dispose(sasl_conn_t **conn)
{
    assert_ptr_equal(*conn, CONN);
    *conn = NULL;
    atomic_fetch_add(&disposed, 1);
    sem_post(&gone);
}

static int fake_set(sasl_conn_t *conn, int property, const void *value)
{
    size_t n = strlen(fake.told);
    const sasl_security_properties_t *p = value;
    if (property == SASL_SSF_EXTERNAL)
        snprintf(fake.told + n, sizeof(fake.told) - n, "external %u;", *(const sasl_ssf_t *)value);
    else if (property == SASL_SEC_PROPS)
        snprintf(fake.told + n, sizeof(fake.told) - n, "%u to %u, flags %u, buffer %u;", p->min_ssf,
                 p->max_ssf, p->security_flags, p->maxbufsize);
    else
        snprintf(fake.told + n, sizeof(fake.told) - n, "property %d;", property);
    return fake.set;
}

static int fake_get(sasl_conn_t *conn, int property, const void **value)
{
    if (property == SASL_SSF)
        *value = fake.no_ssf ? NULL : &fake.ssf;
    else if (property == SASL_MAXOUTBUF)
        *value = fake.no_max_out ? NULL : &fake.max_out;
    else
        return SASL_BADPARAM;
    return fake.get;
}

static int answer_call(sasl_interact_t **questions, const char **data, unsigned *len, int rc)
{
    sigset_t mask;
    fake.thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    fake.signals_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGUSR2) == 1;
    if (fake.waits)
        sem_wait(&let_go);
    *data = fake.data;
    *len = fake.len;
    if (fake.question_rounds == 0)
        return rc;
    fake.question_rounds--;
    *questions = fake.questions;
    return SASL_INTERACT;
}

static int fake_start(sasl_conn_t *conn, const char *list, sasl_interact_t **questions,
                      const char **data, unsigned *len, const char **mechanism)
{
    snprintf(fake.list, sizeof(fake.list), "%s", list);
    *mechanism = fake_mechanism;
    fake.starts++;
    return answer_call(questions, data, len, fake.start);
}

static int fake_step(sasl_conn_t *conn, const char *in, unsigned in_len,
                     sasl_interact_t **questions, const char **data, unsigned *len)
{
    fake.in = in;
    fake.in_len = in_len;
    fake.steps++;
    return answer_call(questions, data, len, fake.step);
}

/* Valid for a few calls more. */
static const char *flipped(const char *in, unsigned len)
{
    static char bytes[4][128 * 1024];
    static unsigned turn;
    char *to = bytes[turn++ % 4];
    assert_true(len <= sizeof(bytes[0]));
    for (unsigned i = 0; i < len; i++)
        to[i] = (char)(in[i] ^ fake.flip);
    return to;
}

static int fake_code(sasl_conn_t *conn, const char *in, unsigned in_len, const char **out,
                     unsigned *len)
{
    fake.in = in;
    fake.in_len = in_len;
    *out = fake.flip ? flipped(in, in_len) : fake.data;
    *len = fake.flip ? in_len : fake.len;
    return fake.code;
}

static const char *fake_detail(sasl_conn_t *conn)
{
    return fake.detail;
}

static const char *fake_string(int rc, const char *languages, const char **language)
{
    return rc == SASL_FAIL ? "it failed" : "something else";
}

/* ---- a client ---- */

struct asked asked;

int ask(void *user, const struct vw_credential_request *r, char *buf, size_t size,
        struct vw_error *err)
{
    unsigned i = asked.count++;
    assert_ptr_equal(user, &asked);
    assert_int_equal(size, VW_CREDENTIAL_SIZE);
    asked.request[i] = *r;
    snprintf(asked.user[i], sizeof(asked.user[i]), "%s", r->user ? r->user : "NULL");
    if (!asked.answer)
        return asked.rc;
    snprintf(buf, size, "%s%u", asked.answer, i);
    return 0;
}

struct vw_sasl_options options(void)
{
    return (struct vw_sasl_options){
        .host = "h", .ask = ask, .user = &asked, .deadline_ms = INT64_MAX};
}

struct vw_sasl *create(const struct vw_sasl_options *o)
{
    struct vw_sasl *s;
    assert_int_equal(vw_sasl_create(o, &s, NULL), 0);
    return s;
}

int reset(void **state)
{
    memset(&fake, 0, sizeof(fake));
    memset(&asked, 0, sizeof(asked));
    disposed = 0;
    sem_init(&let_go, 0, 0);
    sem_init(&gone, 0, 0);
    return 0;
}

int library_set_up(void **state)
{
    if (vw_library_load(&vw_sasl_library, NULL))
        return -1;
    vw_sasl_calls = (struct vw_sasl_calls){
        .sasl_client_init = fake_init,
        .sasl_client_new = fake_new,
        .sasl_client_start = fake_start,
        .sasl_client_step = fake_step,
        .sasl_decode = fake_code,
        .sasl_encode = fake_code,
        .sasl_dispose = fake_dispose,
        .sasl_errdetail = fake_detail,
        .sasl_errstring = fake_string,
        .sasl_getprop = fake_get,
        .sasl_setprop = fake_set,
    };
    return reset(state);
}
