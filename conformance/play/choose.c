// SPDX-License-Identifier: MIT
// Which release a server is held against: what it says itself, where that can be.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/check.h"

#define OLDEST "0.3.0"
/* Releases have come at less than two first numbers a year; one that is further off is no version,
 * but bytes in the wrong order. */
#define FARTHEST 10

/* Why VERSION cannot be one, or NULL. */
static const char *doubt(const char *version)
{
    if (strverscmp(version, OLDEST) < 0)
        return "older than the first release";
    if (atol(version) > atol(vw_profile_newest()) + FARTHEST)
        return "far newer than the newest release that is known";
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
