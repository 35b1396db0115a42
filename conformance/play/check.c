// SPDX-License-Identifier: MIT
// The order of a check.
#include "conformance/play/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/cases/program.h"
#include "conformance/suite-config.h"

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

void vw_check_own_suite(const char *kind, char *buf, size_t size)
{
    snprintf(buf, size, "%s/%s", VW_SUITE_INSTALLED, kind);
    if (runs_from_build_tree() || !is_dir(buf))
        snprintf(buf, size, "%s/%s", VW_SUITE_SOURCE, kind);
}

/* Whoever can write there can change this program as well. */
static bool is_own_suite(const char *kind, const char *dir)
{
    char own[1024];
    vw_check_own_suite(kind, own, sizeof(own));
    char *ours = realpath(own, NULL), *theirs = realpath(dir, NULL);
    size_t len = ours ? strlen(ours) : 0;
    bool is = ours && theirs && strncmp(ours, theirs, len) == 0 && strchr("/", theirs[len]);
    free(ours);
    free(theirs);
    return is;
}

/* A suite of the user's own: the folder itself, or the one for KIND in it. */
static void find_suite(const struct vw_check_options *o, char *buf, size_t size)
{
    if (!o->suite) {
        vw_check_own_suite(o->kind->name, buf, size);
        return;
    }
    snprintf(buf, size, "%s/%s", o->suite, o->kind->name);
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
        if (c->elsewhere && !check->options->program)
            continue;
        if (vw_select_case(s, c) && vw_select_shard(s, asked++))
            vw_result_init(&check->results[check->count++], c);
    }
}

static bool is_named(const struct vw_selection *s, const char *id)
{
    for (size_t i = 0; i < s->n_run; i++)
        if (strcmp(s->run[i], id) == 0)
            return true;
    return false;
}

/* Cases of no suite are played where they are named, so that what is found there can be looked at
 * again. */
static void plan_sanity(struct vw_check *check)
{
    const struct vw_suite *sanity = &check->sanity.suite;
    for (size_t i = 0; i < sanity->count; i++)
        if (is_named(&check->options->selection, sanity->cases[i].id))
            vw_result_init(&check->results[check->count++], &sanity->cases[i]);
}

static int plan(struct vw_check *check, struct vw_error *err)
{
    unsigned repeat = check->options->repeat ? check->options->repeat : 1;
    size_t each = check->suite.count + check->sanity.suite.count;
    check->results = calloc(each * repeat + 2, sizeof(*check->results));
    if (!check->results)
        return vw_error_nomem(err);
    for (unsigned turn = 0; turn < repeat; turn++) {
        plan_sanity(check);
        plan_once(check);
    }
    return 0;
}

static bool is_wanted(const void *selection, const char *file_id)
{
    return vw_select_file(selection, file_id);
}

int vw_check_load_suite(struct vw_check *check, const struct vw_suite_options *options,
                        struct vw_error *err)
{
    struct vw_suite_options few = *options;
    char dir[1024];
    find_suite(check->options, dir, sizeof(dir));
    check->own_suite = is_own_suite(check->options->kind->name, dir);
    few.wanted = is_wanted;
    few.user = &check->options->selection;
    int rc = vw_suite_load(&check->suite, dir, &few, err);
    if (rc == 0 && check->suite.count == 0) { /* what was meant is one of all */
        vw_suite_finish(&check->suite);
        rc = vw_suite_load(&check->suite, dir, options, err);
    }
    if (rc < 0)
        snprintf(check->error_file, sizeof(check->error_file), "%s", check->suite.error_file);
    return rc;
}

/* All that is loaded from here on is about it. */
static int set_program(struct vw_check *check, struct vw_error *err)
{
    const struct vw_played_program *p = vw_played_find(check->options->program, err);
    if (!p)
        return VW_EUSAGE;
    if (!vw_schema_program_named(check->profile->schema, p->name))
        return vw_error_set(err, VW_EUSAGE, "profile %s has no program %s", check->profile->name,
                            p->name);
    vw_profile_set_program(check->profile, p->name);
    return 0;
}

static int load_for(struct vw_check *check, const char *profile, struct vw_error *err)
{
    const struct vw_profile_options po = {VW_PROFILE_OPTIONS_INIT,
                                          .schema_dir = check->options->schema};
    int rc = vw_profile_load(profile, &po, &check->profile, err);
    if (rc < 0) {
        snprintf(check->error_file, sizeof(check->error_file), "%s", vw_profile_error_file());
        return rc;
    }
    if (check->options->program && (rc = set_program(check, err)) < 0)
        return rc;
    const struct vw_suite_options so = {
        .profile = check->profile,
        .newest = strcmp(vw_profile_newest(), check->profile->name) == 0,
        .seed = check->options->seed,
    };
    return check->options->kind->load(check, &so, err);
}

int vw_check_load(struct vw_check *check, const struct vw_check_options *options,
                  struct vw_error *err)
{
    memset(check, 0, sizeof(*check));
    check->options = options;
    int rc = load_for(check, options->profile, err);
    for (size_t i = 0; i < options->n_expect && rc == 0; i++) {
        rc = vw_expectations_load(&check->expectations, options->expect[i], err);
        if (rc < 0)
            snprintf(check->error_file, sizeof(check->error_file), "%s", options->expect[i]);
    }
    return rc < 0 ? rc : plan(check, err);
}

/* What load_for has made, but for the profile. */
static void unload(struct vw_check *check)
{
    for (size_t i = 0; i < check->count; i++)
        vw_result_finish(&check->results[i]);
    free(check->results);
    check->results = NULL;
    check->count = 0;
    vw_result_finish(&check->first);
    vw_sanity_finish(&check->sanity);
    vw_suite_finish(&check->suite);
}

int vw_check_load_again(struct vw_check *check, const char *profile, struct vw_error *err)
{
    unload(check);
    /* Others, such as a recorder, may have the first one. */
    if (check->before)
        vw_profile_destroy(check->profile);
    else
        check->before = check->profile;
    check->profile = NULL;
    int rc = load_for(check, profile, err);
    return rc < 0 ? rc : plan(check, err);
}

const struct vw_check_kind *vw_check_kind_find(const char *name, struct vw_error *err)
{
    char known[200] = "";
    for (const struct vw_check_kind *const *k = vw_check_kinds; *k; k++) {
        if (strcmp((*k)->name, name) == 0)
            return *k;
        size_t n = strlen(known);
        snprintf(known + n, sizeof(known) - n, "%s%s (%s)", n ? ", " : "", (*k)->name, (*k)->about);
    }
    vw_error_set(err, VW_EUSAGE, "cannot check \"%.40s\"; known is %s", name, known);
    return NULL;
}

void vw_check_condition(const struct vw_check *check, const struct vw_condition *under,
                        struct vw_run_settings *settings, struct vw_client_options *login)
{
    static const struct vw_client_options nobody = {VW_CLIENT_OPTIONS_INIT};
    const struct vw_check_options *o = check->options;
    const unsigned at = under->value[VW_FACTOR_TRANSPORT];
    bool plain = !under->value[VW_FACTOR_BYTES] && !under->value[VW_FACTOR_FLIGHT];
    if (settings->client) {
        settings->connector.condition = plain && !at ? NULL : under;
        return;
    }
    *login = vw_client_options_of(o->login ? o->login : &nobody, check->uris[at]);
    settings->connector.condition = plain ? NULL : under;
    settings->uri = check->uris[at];
    settings->uri_text = check->uri_texts[at];
    settings->login = o->login ? login : NULL;
}

/* ---- a run that ends where it begins ---- */

int vw_check_give_up(struct vw_check *check, bool malformed, struct vw_error *err)
{
    const size_t more = malformed ? 0 : check->count;
    check->malformed = malformed;
    check->tally.planned = more + 1;
    check->tally.done = 1;
    check->tally.by[check->first.finding.verdict]++;
    if (!malformed)
        vw_tally_incomplete(&check->tally, check->first.kept_out ? "the log-in failed"
                                                                 : "the first sanity case failed");
    /* The case is about all of a beginning; what was found is about less. */
    check->first.finding.shows = NULL;
    if (check->first.finding.also && check->first.finding.clauses == check->first.c->clauses)
        check->first.finding.clauses = check->first.finding.also;
    memmove(check->results + 1, check->results, more * sizeof(*check->results));
    check->results[0] = check->first;
    check->count = more + 1;
    memset(&check->first, 0, sizeof(check->first));
    return malformed ? 0
                     : vw_error_set(
                           err, VW_ETIMEOUT, "the first sanity case failed: %.250s",
                           check->results[0].finding.found ? check->results[0].finding.found : "");
}

/* ---- behind the run ---- */

static int write_trace(const struct vw_check *check, const struct vw_result *r,
                       struct vw_error *err)
{
    char path[1200];
    int n = snprintf(path, sizeof(path), "%s/%s.txt", check->options->trace, r->c->id);
    if (n < 0 || (size_t)n >= sizeof(path))
        return vw_error_set(err, VW_ELIMIT, "the path of the trace of %.100s is too long",
                            r->c->id);
    for (char *s = path + strlen(check->options->trace) + 1; *s; s++)
        if (*s == '/')
            *s = ',';
    const struct vw_finding *f = &r->finding;
    if (!f->frames)
        return 0;
    /* The folder is the user's word; a link that lies in it is not. */
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return vw_error_errno(err, why, "cannot write %s", path);
    }
    fprintf(out, "%s: %s\n%s\n%s", vw_verdict_name(f->verdict), f->title, f->found ? f->found : "",
            f->frames);
    return fclose(out) == 0 ? 0 : vw_error_errno(err, errno, "cannot write %s", path);
}

static int write_traces(const struct vw_check *check, struct vw_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < check->count && rc == 0 && check->options->trace; i++)
        rc = write_trace(check, &check->results[i], err);
    return rc;
}

int vw_check_run(struct vw_check *check, struct vw_error *err)
{
    int64_t start = vw_now_us();
    int rc = check->options->kind->run(check, err);
    if (rc == 0) {
        check->expectations.login = check->peer.login[0] ? check->peer.login : NULL;
        vw_expectations_apply(&check->expectations, check->results, check->count,
                              check->peer.lib_version, &check->tally);
        rc = write_traces(check, err);
    }
    check->us = vw_now_us() - start;
    return rc;
}

void vw_check_finish(struct vw_check *check)
{
    unload(check);
    vw_expectations_finish(&check->expectations);
    vw_profile_destroy(check->profile);
    vw_profile_destroy(check->before);
    vw_arena_finish(&check->arena);
    check->profile = NULL;
}
