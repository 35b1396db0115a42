// SPDX-License-Identifier: MIT
#include "auth/sasl-slow.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct vw_sasl_slow {
    atomic_bool left; /* one side is done with the owner; the other one destroys it */
    void (*destroy)(void *owner);
    void *owner;
    sasl_conn_t *conn;
    bool start, none;
    struct vw_sasl_result result;
    unsigned len;
    char text[]; /* list or input, with a NUL */
};

static void *run(void *arg)
{
    struct vw_sasl_slow *w = arg;
    struct vw_sasl_result *r = &w->result;
    r->rc = w->start ? sasl_client_start(w->conn, w->text, &r->questions, &r->data, &r->len,
                                         &r->mechanism)
                     : sasl_client_step(w->conn, w->none ? NULL : w->text, w->len, &r->questions,
                                        &r->data, &r->len);
    if (atomic_exchange(&w->left, true))
        w->destroy(w->owner);
    return NULL;
}

/* With all signals blocked: they are for the program's own threads. */
static int start_thread(struct vw_sasl_slow *w, pthread_t *thread)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static struct vw_sasl_slow *create(const char *list, const struct vw_sasl_data *in)
{
    const char *text = list ? list : in->data;
    size_t len = list ? strlen(list) : in->none ? 0 : in->len;
    struct vw_sasl_slow *w = calloc(1, sizeof(*w) + len + 1);
    if (!w)
        return NULL;
    if (len)
        memcpy(w->text, text, len);
    w->len = (unsigned)len;
    w->start = list != NULL;
    w->none = !list && in->none;
    return w;
}

int vw_sasl_slow_call(sasl_conn_t *conn, const char *list, const struct vw_sasl_data *in,
                      int64_t deadline_ms, void (*destroy)(void *owner), void *owner,
                      struct vw_sasl_result *out, struct vw_sasl_slow **left, struct vw_error *err)
{
    const struct timespec until = {.tv_sec = deadline_ms / 1000,
                                   .tv_nsec = deadline_ms % 1000 * 1000000};
    struct vw_sasl_slow *w = create(list, in);
    pthread_t thread;
    if (!w)
        return vw_error_nomem(err);
    w->conn = conn;
    w->destroy = destroy;
    w->owner = owner;
    w->result = *out;
    int e = start_thread(w, &thread);
    if (e) {
        free(w);
        return vw_error_errno(err, e, "pthread_create");
    }
    if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until)) {
        pthread_detach(thread);
        *left = w;
        return vw_error_set(err, VW_ETIMEOUT, "the server of Kerberos did not answer in time");
    }
    *out = w->result;
    free(w);
    return 0;
}

bool vw_sasl_slow_leave(struct vw_sasl_slow *w)
{
    return atomic_exchange(&w->left, true);
}

void vw_sasl_slow_free(struct vw_sasl_slow *w)
{
    free(w);
}
