// SPDX-License-Identifier: MIT
// check server: the suite against whatever answers at a URI.
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conformance/cases/program.h"
#include "conformance/play/check.h"
#include "conformance/play/combine.h"
#include "conformance/play/discover.h"

/* The text of the URI number I, with the places of a server of ours in it. */
static const char *uri_text(struct vw_check *check, size_t i)
{
    const struct vw_check_options *o = check->options;
    const char *text = i ? o->also[i - 1] : o->uri;
    return check->own ? vw_own_server_fill(check->own, text, &check->arena) : text;
}

static int parse_uri(struct vw_check *check, size_t which, struct vw_error *err)
{
    const char *text = check->uri_texts[which] = uri_text(check, which);
    const struct vw_uri_options uo = {
        VW_URI_OPTIONS_INIT,
        .uid = geteuid(),
        .home = getenv("HOME"),
        .runtime_dir = getenv("XDG_RUNTIME_DIR"),
    };
    const struct vw_check_options *o = check->options;
    const struct vw_uri **uri = &check->uris[which];
    int rc = text ? vw_uri_parse(text, strlen(text), o->how ? o->how : &uo, &check->arena, uri, err)
                  : vw_error_nomem(err);
    for (size_t i = 0; rc == 0 && o->warn && i < (*uri)->warning_count; i++)
        o->warn(o->user, (*uri)->warnings[i].text);
    return rc;
}

static int parse_uris(struct vw_check *check, struct vw_error *err)
{
    const size_t n = 1 + check->options->n_also;
    const char *when = check->options->when;
    int rc = 0;
    if (n > VW_TRANSPORTS_MAX)
        return vw_error_set(err, VW_EUSAGE, "at most %d URIs", VW_TRANSPORTS_MAX);
    check->uris = vw_arena_zalloc(&check->arena, n * sizeof(*check->uris), sizeof(void *));
    check->uri_texts = vw_arena_zalloc(&check->arena, n * sizeof(char *), sizeof(void *));
    if (!check->uris || !check->uri_texts)
        return vw_error_nomem(err);
    for (; check->n_uris < n && rc == 0; check->n_uris++)
        rc = parse_uri(check, check->n_uris, err);
    if (rc < 0)
        return rc;
    vw_conditions_of(&check->conditions, check->uris, n);
    return when ? vw_condition_parse(&check->conditions, when, &check->when, err) : 0;
}

static bool is_read_only_socket(const struct vw_uri *uri)
{
    size_t n = uri->transport == VW_TRANSPORT_UNIX && uri->socket ? strlen(uri->socket) : 0;
    return n > 3 && strcmp(uri->socket + n - 3, "-ro") == 0;
}

static void skip_what_may_not_run(struct vw_check *check)
{
    char text[200];
    bool test = strcasecmp(check->peer.driver, "test") == 0;
    struct vw_permission p = {
        .allowed = test ? VW_EFFECT_WRITE : VW_EFFECT_READ,
        .transport = check->uris[check->when.value[VW_FACTOR_TRANSPORT]]->transport,
        .test_driver = test,
        .read_only_socket = is_read_only_socket(check->uris[0]),
        .programs = check->options->allow_run || check->own_suite,
        .slow = check->options->slow_ms > 0,
        .configured = check->options->configured,
        .profile = check->profile,
    };
    if (check->options->allow_set && check->options->allow > p.allowed)
        p.allowed = check->options->allow;
    for (size_t i = 0; i < check->count; i++) {
        const struct vw_case *c = check->results[i].c;
        const char *why = vw_select_skip(&p, c, text, sizeof(text));
        if (!why && c->unconditional && check->options->when)
            why = "says itself how its bytes come (conditions: no)";
        if (why)
            vw_result_set(&check->results[i], VW_SKIP, why);
    }
}

/* A peer that is silent or gone in the first sanity case would make every case wait for nothing,
 * and one that does not let in who asked for it leaves none to play. */
static bool is_hopeless(const struct vw_result *first)
{
    return first->silent || first->kept_out || first->finding.verdict == VW_ERROR;
}

/* What the first sanity case says of the run: 1 it goes on, 0 it is over, or an error. */
static int begin(struct vw_check *check, struct vw_error *err)
{
    const struct vw_result *first = &check->first;
    const struct vw_check_options *o = check->options;
    if (o->interrupted && *o->interrupted)
        return 1;
    if (first->refused && !o->keep_going) {
        check->tally.planned = check->count;
        check->tally.unreachable = true;
        return vw_error_set(err, VW_EUNREACHABLE, "%.300s", first->finding.found);
    }
    if (is_hopeless(first))
        return vw_check_give_up(check, false, err);
    bool malformed = first->finding.verdict == VW_FAIL && !o->keep_going;
    return malformed ? vw_check_give_up(check, true, err) : 1;
}

/* Of the peer that serves one client at a time: what needs more says nothing more of it. */
static void play_one_by_one(struct vw_check *check, struct vw_player_options *po)
{
    po->jobs = 1;
    po->one_client = check->one_client = true;
    for (size_t i = 0; i < check->count; i++)
        if (!vw_result_done(&check->results[i]) && vw_select_wants_more(check->results[i].c))
            vw_result_set(&check->results[i], VW_SKIP,
                          "needs two connections, and the peer serves one client at a time");
}

/* Meets the server and plays all. */
static int play(struct vw_check *check, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    const struct vw_condition as_usual = {0};
    struct vw_client_options login, login_when;
    int64_t heard_ms = 0;
    struct vw_player_options po = {
        .settings = {.connector = {.recorder = o->recorder, .warn = o->warn, .warned = o->user},
                     .profile = check->profile,
                     .timeout_ms = o->timeout_ms,
                     .heard_ms = &heard_ms,
                     .quiet_ms = o->quiet_ms,
                     .slow_ms = o->slow_ms,
                     .slow_enough = o->slow_enough,
                     .volume = o->volume,
                     .show_secrets = o->show_secrets,
                     .without = o->without},
        .sanity = &check->sanity,
        .own = check->own,
        .jobs = o->jobs,
        .fail_fast = o->fail_fast,
        .transcripts = o->trace != NULL,
        .interrupted = o->interrupted,
        .progress = o->progress,
        .user = o->user,
    };
    const struct vw_played_program *program = vw_played_of(check->profile);
    if (program->jobs && po.jobs > program->jobs)
        po.jobs = program->jobs;
    vw_check_condition(check, &as_usual, &po.settings, &login);
    int rc = vw_login_check_auth(login.auth, err);
    if (rc < 0)
        return rc;
    if (o->without)
        vw_tally_incomplete(&check->tally, "checks were left out");
    if (check->own) {
        check->own->connector = &po.settings.connector;
        rc = vw_own_server_start(check->own, err);
    }
    rc = rc ? rc : vw_check_meet(check, &po, err);
    if (rc < 0) {
        check->tally.planned = check->count;
        check->tally.unreachable = rc != VW_ENOMEM;
        return rc;
    }
    rc = begin(check, err);
    if (rc <= 0)
        return rc;
    if (o->discover)
        return vw_discover(&po, o->discover, &check->tally, err);
    skip_what_may_not_run(check);
    if (po.jobs > 1 && vw_player_serves_one(&po))
        play_one_by_one(check, &po);
    rc = vw_check_excuse(check, &po, err);
    const struct vw_run_settings usual = po.settings;
    po.usual = &usual;
    vw_check_condition(check, &check->when, &po.settings, &login_when);
    rc = rc ? rc : vw_player_run(&po, check->results, check->count, &check->tally, err);
    return rc || !o->combine ? rc : vw_combine(check, &po, err);
}

static int run(struct vw_check *check, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    struct vw_own_server own = {.dir = ""};
    int rc = 0;
    if (o->start) {
        check->own = &own;
        rc = vw_own_server_init(&own, o->start, &check->arena, err);
    }
    rc = rc ? rc : parse_uris(check, err);
    own.uris = check->uris;
    own.n_uris = check->n_uris;
    own.interrupted = o->interrupted;
    rc = rc ? rc : play(check, err);
    if (check->own)
        vw_own_server_finish(check->own);
    check->own = NULL;
    return rc;
}

static int load(struct vw_check *check, const struct vw_suite_options *options,
                struct vw_error *err)
{
    int rc = vw_sanity_load(&check->sanity, check->profile, err);
    return rc ? rc : vw_check_load_suite(check, options, err);
}

const struct vw_check_kind vw_check_server = {"server", "the server at a URI", "URI", load, run};
