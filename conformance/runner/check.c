// SPDX-License-Identifier: MIT
// The order of a check.
#include "conformance/runner/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/runner/effects.h"
#include "conformance/runner/sanity.h"
#include "conformance/runner/suite-config.h"

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool runs_from_build_tree(void)
{
    char path[1024];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    size_t len = strlen(VW_SUITE_BUILD);
    return n > (ssize_t)len && strncmp(path, VW_SUITE_BUILD, len) == 0 && path[len] == '/';
}

void vw_check_suite_dir(const char *kind, char *buf, size_t size)
{
    snprintf(buf, size, "%s/%s", VW_SUITE_INSTALLED, kind);
    if (runs_from_build_tree() || !is_dir(buf))
        snprintf(buf, size, "%s/%s", VW_SUITE_SOURCE, kind);
}

/* A suite of the user's own: the folder itself, or the one for KIND in it. */
static void find_suite(const struct vw_check_options *o, char *buf, size_t size)
{
    if (!o->suite) {
        vw_check_suite_dir(o->kind, buf, size);
        return;
    }
    snprintf(buf, size, "%s/%s", o->suite, o->kind);
    if (!is_dir(buf))
        snprintf(buf, size, "%s", o->suite);
}

static void plan_once(struct vw_check *check)
{
    const struct vw_selection *s = &check->options->selection;
    size_t asked = 0;
    for (size_t i = 0; i < check->suite.count; i++) {
        const struct vw_case *c = &check->suite.cases[i];
        /* Shards cut what was asked for, so that each gets its part of any selection. */
        if (vw_select_case(s, c) && vw_select_shard(s, asked++))
            check->results[check->count++].c = c;
    }
}

static int plan(struct vw_check *check, struct vw_error *err)
{
    unsigned repeat = check->options->repeat ? check->options->repeat : 1;
    check->results = calloc(check->suite.count * repeat + 2, sizeof(*check->results));
    if (!check->results)
        return vw_error_nomem(err);
    for (unsigned turn = 0; turn < repeat; turn++)
        plan_once(check);
    return 0;
}

int vw_check_load(struct vw_check *check, const struct vw_check_options *options,
                  struct vw_error *err)
{
    char dir[1024];
    memset(check, 0, sizeof(*check));
    check->options = options;
    int rc = vw_profile_load(options->profile, NULL, &check->profile, err);
    if (rc < 0) {
        snprintf(check->error_file, sizeof(check->error_file), "%s", vw_profile_error_file());
        return rc;
    }
    const char *const *names = vw_profile_names();
    while (names[0] && names[1])
        names++;
    const struct vw_suite_options so = {
        .profile = check->profile,
        .newest = strcmp(*names, check->profile->name) == 0,
        .seed = options->seed,
    };
    find_suite(options, dir, sizeof(dir));
    rc = vw_suite_load(&check->suite, dir, &so, err);
    if (rc < 0)
        snprintf(check->error_file, sizeof(check->error_file), "%s", check->suite.error_file);
    for (size_t i = 0; i < options->n_expect && rc == 0; i++) {
        rc = vw_deviations_load(&check->deviations, options->expect[i], err);
        if (rc < 0)
            snprintf(check->error_file, sizeof(check->error_file), "%s", options->expect[i]);
    }
    return rc < 0 ? rc : plan(check, err);
}

/* ---- before the run ---- */

static int parse_uri(struct vw_check *check, struct vw_error *err)
{
    const char *text = check->options->uri;
    const struct vw_uri_options uo = {
        .uid = geteuid(),
        .home = getenv("HOME"),
        .runtime_dir = getenv("XDG_RUNTIME_DIR"),
    };
    return vw_uri_parse(text, strlen(text), VW_DIALECT_MODERN, &uo, &check->arena, &check->uri,
                        err);
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
        .transport = check->uri.transport,
        .test_driver = test,
        .read_only_socket = is_read_only_socket(&check->uri),
        .slow = check->options->slow_ms > 0,
        .profile = check->profile,
    };
    if (check->options->allow_set && check->options->allow > p.allowed)
        p.allowed = check->options->allow;
    for (size_t i = 0; i < check->count; i++) {
        const char *why = vw_select_skip(&p, check->results[i].c, text, sizeof(text));
        if (why)
            vw_result_set(&check->results[i], VW_SKIP, why);
    }
}

/* ---- behind the run ---- */

static int write_trace(const struct vw_check *check, const struct vw_result *r,
                       struct vw_error *err)
{
    char path[1200];
    int n = snprintf(path, sizeof(path), "%s/%s.txt", check->options->trace, r->c->id);
    for (char *s = path + strlen(check->options->trace) + 1; *s; s++)
        if (*s == '/')
            *s = ',';
    if (!r->transcript || n < 0 || (size_t)n >= sizeof(path))
        return 0;
    FILE *f = fopen(path, "we");
    if (!f)
        return vw_error_errno(err, errno, "cannot write %s", path);
    fprintf(f, "%s: %s\n%s\n%s", vw_verdict_name(r->verdict), r->c->title,
            r->reason ? r->reason : "", r->transcript);
    return fclose(f) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", path);
}

static int write_traces(const struct vw_check *check, struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < check->count && rc == 0 && check->options->trace; i++)
        rc = write_trace(check, &check->results[i], err);
    return rc;
}

/* A peer that is silent or gone in the first sanity case would make every case wait for nothing. */
static bool is_hopeless(const struct vw_check *check)
{
    return check->sanity.suspicious || check->sanity.verdict == VW_ERROR;
}

/* The run ends before it began; its one result is the sanity case. */
static int give_up(struct vw_check *check, struct vw_error *err)
{
    check->tally.planned = check->count + 1;
    check->tally.done = 1;
    check->tally.by[check->sanity.verdict]++;
    check->tally.incomplete = true;
    memmove(check->results + 1, check->results, check->count * sizeof(*check->results));
    check->results[0] = check->sanity;
    check->count++;
    memset(&check->sanity, 0, sizeof(check->sanity));
    return vw_error_set(err, VW_ETIMEOUT, "the first sanity case failed: %.250s",
                        check->results[0].reason ? check->results[0].reason : "");
}

int vw_check_run(struct vw_check *check, struct vw_error *err)
{
    const struct vw_check_options *o = check->options;
    int64_t start = vw_now_us();
    int rc = parse_uri(check, err);
    if (rc < 0)
        return rc;
    struct vw_player_options po = {
        .settings = {.profile = check->profile,
                     .uri = &check->uri,
                     .uri_text = o->uri,
                     .timeout_ms = o->timeout_ms,
                     .quiet_ms = o->quiet_ms,
                     .slow_ms = o->slow_ms,
                     .without = o->without},
        .jobs = o->jobs,
        .fail_fast = o->fail_fast,
        .transcripts = o->trace != NULL,
        .progress = o->progress,
        .user = o->user,
    };
    vw_limits_from_profile(check->profile, &po.settings.limits);
    check->tally.incomplete = o->without != 0;
    rc = vw_player_interview(&po, &check->peer, &check->sanity, err);
    if (rc < 0) {
        check->tally.planned = check->count;
        check->tally.unreachable = rc != VW_ENOMEM;
        return rc;
    }
    if (is_hopeless(check)) {
        check->us = vw_now_us() - start;
        return give_up(check, err);
    }
    skip_what_may_not_run(check);
    rc = vw_player_run(&po, check->results, check->count, &check->tally, err);
    if (rc == 0)
        vw_deviations_apply(&check->deviations, check->results, check->count,
                            check->peer.lib_version, &check->tally);
    if (rc == 0)
        rc = write_traces(check, err);
    check->us = vw_now_us() - start;
    return rc;
}

void vw_check_finish(struct vw_check *check)
{
    for (size_t i = 0; i < check->count; i++)
        vw_result_finish(&check->results[i]);
    free(check->results);
    check->results = NULL;
    check->count = 0;
    vw_result_finish(&check->sanity);
    vw_sanity_finish();
    vw_deviations_finish(&check->deviations);
    vw_suite_finish(&check->suite);
    vw_profile_destroy(check->profile);
    vw_arena_finish(&check->arena);
    check->profile = NULL;
}
