// SPDX-License-Identifier: MIT
// Start, accept, limits, end.
#include "mock-daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <virwire/version.h>

#include "capture/record.h"
#include "mock-daemon/admin-log.h"
#include "mock-daemon/chronicle.h"
#include "mock-daemon/control/control.h"
#include "mock-daemon/faults/tamper.h"
#include "mock-daemon/heap.h"
#include "mock-daemon/over-stdio.h"
#include "mock-daemon/rules/rules.h"
#include "mock-daemon/serve.h"
#include "schema/facts.h"

/* How many connections one wake-up of a listener takes before the others get their turn. */
#define ACCEPT_BATCH  64
#define RETRY_SECONDS 0.1

static struct vw_error_pair answer_pair(const struct vw_profile *p, const char *key, int32_t code,
                                        int32_t domain)
{
    char name[64];
    struct vw_error_pair pair;
    snprintf(name, sizeof(name), "%s.code", key);
    pair.code = (int32_t)vw_profile_answer(p, name, code);
    snprintf(name, sizeof(name), "%s.domain", key);
    pair.domain = (int32_t)vw_profile_answer(p, name, domain);
    return pair;
}

static void load_answers(struct vw_daemon_answers *a, const struct vw_profile *p)
{
    a->bad_arguments = answer_pair(p, "bad_arguments", VW_ERR_RPC, VW_FROM_RPC);
    a->negative_count =
        answer_pair(p, "negative_count", a->bad_arguments.code, a->bad_arguments.domain);
    a->open_twice = answer_pair(p, "open_twice", VW_ERR_INTERNAL, VW_FROM_RPC);
    a->open_without_name = answer_pair(p, "open_without_name", VW_ERR_INTERNAL, VW_FROM_RPC);
    a->open_unknown_driver = answer_pair(p, "open_unknown_driver", VW_ERR_NO_CONNECT, VW_FROM_NONE);
    a->open_unknown_transport = answer_pair(p, "open_unknown_transport", VW_ERR_INVALID_ARG, 13);
    a->open_transport = answer_pair(p, "open_transport", VW_ERR_SYSTEM, VW_FROM_RPC);
    a->open_foreign_transport = answer_pair(
        p, "open_foreign_transport", a->open_unknown_driver.code, a->open_unknown_driver.domain);
    a->open_no_file = answer_pair(p, "open_no_file", 27, VW_FROM_TEST);
    a->domain_unknown = answer_pair(p, "domain_unknown", VW_ERR_NO_DOMAIN, VW_FROM_TEST);
    a->domain_by_id = vw_profile_answer(p, "domain_by_id", 0) != 0;
    a->open_name_in_text = vw_profile_answer(p, "open_name_in_text", 0) != 0;
    a->tls_part_ends = vw_profile_answer(p, "tls_part_ends", 0) != 0;
    a->replies_in_order = vw_profile_answer(p, "replies_in_order", 0) != 0;
    a->error_objects = vw_profile_answer(p, "error_objects", 0) != 0;
    a->close_ends_connection = vw_profile_answer(p, "close_ends_connection", 1) != 0;
}

/* A kind has a message with or one without callback id, or both. */
static int32_t count_event_kinds(const struct vw_program *p)
{
    int32_t n = 0;
    for (uint32_t i = 0; i < p->n_procs; i++) {
        const struct vw_facts *facts = vw_proc_facts(&p->procs[i]);
        if (facts->event_kind && strcmp(facts->event_object, "domain") == 0 &&
            facts->event_number >= n)
            n = facts->event_number + 1;
    }
    return n;
}

/* The last one is the newest. A file has another name. */
static bool is_newest(const char *profile)
{
    const char *const *names = vw_profile_names();
    while (names[1])
        names++;
    return !profile || strcmp(profile, *names) == 0;
}

static void find_events(struct vw_daemon *d)
{
    const struct vw_program *remote = vw_schema_program_named(d->profile->schema, "remote");
    d->n_event_kinds = remote ? count_event_kinds(remote) : 0;
}

/* ---- accepting ---- */

int vw_daemon_serve(struct vw_daemon *d, const struct vw_listener *l, int fd, struct vw_error *err)
{
    return vw_conn_create(d, l, fd, d->faults ? &vw_tamper_ops : &vw_serve_plain, err);
}

static void on_retry(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_daemon *d = w->data;
    d->exhausted = false;
    vw_limits_check(d);
}

/* A listener that is readable and cannot be accepted from would keep the loop busy. */
static void wait_for_room(struct vw_daemon *d, int why)
{
    if (why != EMFILE && why != ENFILE && why != ENOMEM && why != ENOBUFS)
        return;
    d->exhausted = true;
    ev_timer_set(&d->retry, RETRY_SECONDS, 0.0);
    ev_timer_start(d->loop, &d->retry);
    vw_limits_check(d);
}

static void on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
    const struct vw_door *door = w->data;
    struct vw_daemon *d = door->daemon;
    for (int i = 0; i < ACCEPT_BATCH && door->service->accepting; i++) {
        int fd = accept4(door->listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            wait_for_room(d, errno);
            return;
        }
        /* A client that there is no memory for is hung up on, and no more than that. */
        (void)vw_daemon_serve(d, door->listener, fd, NULL);
        vw_limits_check(d);
    }
}

/* ---- life ---- */

/* Who is connected has it wait as long again. */
static void on_idle(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct vw_daemon *d = w->data;
    bool alone = d->main.n_conns == 0 && d->admin.n_conns == 0;
    d->idle_left = alone ? d->idle_left - 1 : d->idle_seconds;
    if (d->idle_left == 0)
        ev_break(loop, EVBREAK_ALL);
}

void vw_daemon_set_timeout(struct vw_daemon *d, uint32_t seconds)
{
    d->idle_seconds = d->idle_left = seconds;
    d->idle.repeat = seconds ? 1.0 : 0.0;
    ev_timer_again(d->loop, &d->idle);
}

/* Frees what was dropped, at a time when nobody uses it any more; there may be room for others. */
static void on_prepare(struct ev_loop *loop, ev_prepare *w, int revents)
{
    struct vw_daemon *d = w->data;
    struct vw_conn *next;
    for (struct vw_conn *c = TAILQ_FIRST(&d->dropped); c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (!vw_migrations_hold(c))
            vw_conn_destroy(c);
    }
    ev_prepare_stop(loop, w);
    if (d->stdio && d->n_doors == 1 && d->main.n_conns == 0)
        ev_break(loop, EVBREAK_ALL); /* nobody else can come */
    vw_limits_check(d);
}

static int64_t now_ns(void *user)
{
    return vw_clock_ns(&((struct vw_daemon *)user)->clock);
}

static int open_record(struct vw_daemon *d, const struct vw_daemon_options *o, struct vw_error *err)
{
    bool heard = o->log || o->lint;
    const struct vw_recorder_options record = {.profile = d->profile,
                                               .application = "virwired " VIRWIRE_VERSION,
                                               .hear = heard ? vw_chronicle_hear : NULL,
                                               .now_ns = now_ns,
                                               .user = d};
    int rc = heard ? vw_chronicle_open(d, o->log, err) : 0;
    return rc == 0 && (o->record || heard) ? vw_recorder_open(o->record, &record, &d->recorder, err)
                                           : rc;
}

static int load_rules(struct vw_daemon *d, const char *path, struct vw_error *err)
{
    int rc = path ? vw_rules_load(path, d->profile, &d->rules, err) : 0;
    d->error_file = rc < 0 ? path : NULL;
    if (rc == 0 && d->rules)
        d->faults = vw_rules_stack(d->rules, &vw_tamper_end, d->faults);
    return rc;
}

static int open_doors(struct vw_daemon *d, const struct vw_daemon_options *o, struct vw_error *err)
{
    d->doors = calloc(o->n_listen, sizeof(*d->doors));
    if (!d->doors)
        return vw_error_nomem(err);
    for (size_t i = 0; i < o->n_listen; i++) {
        struct vw_door *door = &d->doors[i];
        int rc = vw_listener_open(o->listen[i], &o->config->listen, &door->listener, err);
        if (rc < 0)
            return rc;
        door->daemon = d;
        door->service = door->listener->admin ? &d->admin : &d->main;
        d->n_doors++;
        if (door->listener->admin && vw_dispatch_programs(d->dispatch, true)->count == 0)
            return vw_error_set(err, VW_EUSAGE, "--listen '%s': the profile has no such program",
                                o->listen[i]);
        if (door->listener->stdio && d->stdio)
            return vw_error_set(err, VW_EUSAGE, "--listen '%s': there is but one", o->listen[i]);
        if (door->listener->stdio) {
            d->stdio = door->listener;
            continue;
        }
        ev_io_init(&door->watcher, on_accept, door->listener->fd, EV_READ);
        door->watcher.data = door;
    }
    return 0;
}

static void begin_service(struct vw_service *s, const char *name,
                          const struct vw_config_service *limits)
{
    *s = (struct vw_service){
        .name = name,
        .max_conns = limits->max_clients,
        .max_anonymous = limits->max_anonymous_clients,
        .min_workers = limits->min_workers,
        .max_workers = limits->max_workers,
        .workers = limits->min_workers,
        .free_workers = limits->min_workers,
        .priority_workers = limits->prio_workers,
    };
}

static int begin_log(struct vw_daemon *d, const struct vw_config *config, struct vw_error *err)
{
    int rc = config->log_filters
                 ? vw_log_read(&vw_log_filters, config->log_filters, &d->log_filters)
                 : 0;
    if (rc == 0 && config->log_outputs)
        rc = vw_log_read(&vw_log_outputs, config->log_outputs, &d->log_outputs);
    return rc < 0 ? vw_error_nomem(err) : 0;
}

int vw_daemon_init(struct vw_daemon *d, struct ev_loop *loop, const struct vw_daemon_options *o,
                   struct vw_error *err)
{
    const struct vw_config *config = o->config;
    int rc;
    *d = (struct vw_daemon){.loop = loop, .config = config, .faults = o->faults};
    d->synthesize = o->synthesize;
    begin_service(&d->main, "libvirtd", &config->main);
    begin_service(&d->admin, "admin", &config->admin);
    d->admin.free_workers -= d->admin.workers > 0; /* one has the call that asks */
    TAILQ_INIT(&d->conns);
    TAILQ_INIT(&d->dropped);
    vw_accounts_init(&d->accounts);
    vw_clock_init(&d->clock, o->virtual_time);
    vw_handshakes_init(&d->handshakes, loop, &d->clock);
    vw_arena_init(&d->arena);
    const struct vw_profile_options po = {VW_PROFILE_OPTIONS_INIT, .schema_dir = o->schema};
    rc = vw_profile_load(o->profile, &po, &d->profile, err);
    if (rc == 0)
        rc = vw_dispatch_create(d->profile, !o->schema && is_newest(o->profile), &d->dispatch, err);
    if (rc == 0)
        rc = load_rules(d, o->rules, err);
    if (rc == 0)
        rc = vw_model_init(&d->model, config, err);
    d->model.seed = o->seed;
    if (rc == 0)
        rc = begin_log(d, config, err);
    if (rc == 0)
        rc = open_record(d, o, err);
    if (rc == 0)
        rc = open_doors(d, o, err);
    if (rc == 0 && o->control)
        rc = vw_control_open(d, o->control, err);
    if (rc < 0) {
        const char *file = d->error_file;
        vw_daemon_finish(d);
        d->error_file = file;
        return rc;
    }
    load_answers(&d->answers, d->profile);
    find_events(d);
    ev_prepare_init(&d->sweep, on_prepare);
    d->sweep.data = d;
    ev_init(&d->retry, on_retry);
    ev_init(&d->idle, on_idle);
    d->retry.data = d->idle.data = d;
    vw_heap_init(d);
    vw_advance_init(&d->advance, d);
    return 0;
}

static int start_stdio(struct vw_daemon *d, struct vw_error *err)
{
    int fd;
    int rc = vw_stdio_open(&fd, err);
    return rc ? rc : vw_daemon_serve(d, d->stdio, fd, err);
}

int vw_daemon_start(struct vw_daemon *d, FILE *out, struct vw_error *err)
{
    vw_limits_check(d);
    for (size_t i = 0; i < d->n_doors && !d->stdio; i++)
        fprintf(out, "listening %s\n", d->doors[i].listener->uri);
    if (d->stdio)
        return start_stdio(d, err);
    return fflush(out) == 0 ? 0
                            : vw_error_set(err, VW_ESYSTEM, "standard output cannot be written");
}

void vw_daemon_hang_up(struct vw_daemon *d)
{
    struct vw_conn *c;
    while ((c = TAILQ_FIRST(&d->conns))) {
        vw_account_why(c->account, "virwired ends");
        vw_conn_destroy(c);
    }
    while ((c = TAILQ_FIRST(&d->dropped)))
        vw_conn_destroy(c);
}

void vw_daemon_finish(struct vw_daemon *d)
{
    vw_control_close(d);
    vw_daemon_hang_up(d);
    for (size_t i = 0; i < d->n_doors; i++) {
        if (d->doors[i].listener != d->stdio)
            ev_io_stop(d->loop, &d->doors[i].watcher);
        vw_listener_close(d->doors[i].listener);
    }
    free(d->doors);
    vw_advance_finish(&d->advance);
    ev_prepare_stop(d->loop, &d->sweep);
    ev_timer_stop(d->loop, &d->retry);
    ev_timer_stop(d->loop, &d->give_back);
    ev_timer_stop(d->loop, &d->idle);
    vw_handshakes_finish(&d->handshakes);
    vw_accounts_finish(&d->accounts);
    vw_model_finish(&d->model);
    vw_dispatch_destroy(d->dispatch);
    (void)vw_recorder_close(d->recorder, NULL);
    vw_chronicle_close(d);
    vw_stack_finish(d);
    vw_rules_destroy(d->rules);
    vw_profile_destroy(d->profile);
    free(d->log_filters);
    free(d->log_outputs);
    vw_arena_finish(&d->arena);
    vw_spares_finish(&d->spares);
    *d = (struct vw_daemon){0};
}
