// SPDX-License-Identifier: MIT
// Which release a server is held against: what it says itself, where that can be.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/play/check.h"

#define OLDEST "0.3.0"
/* Releases have come at less than two first numbers a year; one that is further off is no version,
 * but bytes in the wrong order. */
#define FARTHEST 10

/* No release has a higher second number: the last of 0 is 0.10.2, of 1 1.3.5, of 2 2.5.0, and from
 * 3 on there are at most twelve a year, the first of which is 0. */
static long last_minor(long major)
{
    static const long last[] = {10, 3, 5};
    return major < 3 ? last[major] : 11;
}

/* Why VERSION cannot be one, or NULL. */
static const char *doubt(const char *version)
{
    if (strverscmp(version, OLDEST) < 0)
        return "older than the first release";
    char *rest;
    long major = strtol(version, &rest, 10);
    if (major > atol(vw_profile_newest()) + FARTHEST)
        return "far newer than the newest release that is known";
    if (*rest == '.' && atol(rest + 1) > last_minor(major))
        return "none that a release of libvirt has had";
    return NULL;
}

static int ask(struct vw_check *check, struct vw_player_options *po, struct vw_error *err)
{
    po->settings.profile = check->profile;
    return vw_player_interview(po, &check->peer, &check->first, err);
}

static int ask_again(struct vw_check *check, struct vw_player_options *po, const char *profile,
                     struct vw_error *err)
{
    int rc = vw_check_load_again(check, profile, err);
    return rc ? rc : ask(check, po, err);
}

/* A server that does not know AUTH_LIST is of 2007, or one that is wrong: then it fails there too,
 * and is held against what it was to begin with. */
static int try_oldest(struct vw_check *check, struct vw_player_options *po, struct vw_error *err)
{
    int rc = ask_again(check, po, OLDEST, err);
    if (rc == 0 && check->first.finding.verdict != VW_PASS)
        return ask_again(check, po, NULL, err);
    if (rc == 0)
        snprintf(check->note, sizeof(check->note),
                 "the server does not know AUTH_LIST (A-1): it is held against %s", OLDEST);
    return rc;
}

int vw_check_meet(struct vw_check *check, struct vw_player_options *po, struct vw_error *err)
{
    int rc = ask(check, po, err);
    if (rc || check->options->profile || check->options->schema ||
        (po->interrupted && *po->interrupted))
        return rc;
    if (check->first.no_auth_list)
        return try_oldest(check, po, err);
    const char *version = check->peer.lib_version;
    if (!*version || strcmp(version, check->profile->name) == 0)
        return 0;
    const char *why = doubt(version);
    if (!why)
        return ask_again(check, po, version, err);
    snprintf(check->note, sizeof(check->note),
             "the version %s is %s: the server is held against %s", version, why,
             check->profile->name);
    return 0;
}

/* ---- what is known of libvirt ---- */

#define MARKS_MS 1000

static bool has_marks(const struct vw_check *check, const struct vw_player_options *po)
{
    struct vw_player_options quick = *po;
    struct vw_result r;
    if (quick.settings.timeout_ms > MARKS_MS)
        quick.settings.timeout_ms = MARKS_MS;
    vw_player_play(&quick, check->sanity.marks, &r);
    bool has = r.finding.verdict == VW_PASS;
    vw_result_finish(&r);
    return has;
}

int vw_check_excuse(struct vw_check *check, const struct vw_player_options *po,
                    struct vw_error *err)
{
    struct vw_expectations *d = &check->expectations;
    char dir[1024];
    vw_check_own_suite("expect", dir, sizeof(dir));
    const char *path = vw_arena_printf(&check->arena, "%s/libvirtd.yaml", dir);
    if (!path)
        return vw_error_nomem(err);
    if (check->options->n_expect || check->options->expect_nothing || access(path, R_OK) != 0)
        return 0;
    int rc = vw_expectations_load(d, path, err);
    if (rc < 0)
        snprintf(check->error_file, sizeof(check->error_file), "%s", path);
    if (rc == 0 &&
        vw_expectations_concern(d, check->results, check->count, check->peer.lib_version) &&
        has_marks(check, po)) {
        check->excused_by = path;
        d->unasked = true;
    } else {
        vw_expectations_finish(d);
    }
    return rc;
}
