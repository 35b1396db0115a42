// SPDX-License-Identifier: MIT
// See play.h.
#include "conformance/play/testing/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/play/player.h"

#define TURNS   10000 /* of a case; one that takes more does not end */
#define FDS     16
#define TURN_MS 1000

const struct vw_case *play_case(struct vw_suite *suite, const struct vw_profile *profile,
                                const char *text)
{
    static const char head[] = "title: t\nclause: F-3\nlevel: must\n";
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_suite_options options = {.profile = profile};
    char whole[8192], why[600];
    int n = snprintf(whole, sizeof(whole), "%s%s", head, text);
    if (n < 0 || (size_t)n >= sizeof(whole) ||
        vw_suite_add(suite, "a/b", "a/b.yaml", whole, (size_t)n, &options, &err) < 0) {
        fprintf(stderr, "play: %s\n%s", vw_error_format(&err, NULL, why, sizeof(why)), whole);
        abort();
    }
    return &suite->cases[suite->count - 1];
}

static void wait(const struct vw_run *run)
{
    struct pollfd fds[FDS];
    int64_t left = run->deadline_ms - vw_now_ms();
    poll(fds, vw_run_poll_set(run, fds, FDS), left < 0 ? 0 : left > TURN_MS ? TURN_MS : (int)left);
}

void play(const struct vw_case *c, const struct vw_run_settings *settings, struct played *out)
{
    struct vw_run run;
    int turns = 0;
    vw_run_init(&run, c, settings);
    for (; !run.over && turns < TURNS; turns++) {
        bool changed = vw_run_pump(&run);
        vw_run_advance(&run);
        if (!run.over && !changed && !vw_run_pump(&run))
            wait(&run);
    }
    if (!run.over) {
        fputs("play: the case does not end\n", stderr);
        abort();
    }
    size_t entry;
    char *text = vw_transcript(&run, &entry);
    out->verdict = run.verdict;
    out->cause = vw_verdict_is_finding(run.verdict) ? vw_cause_of(&run) : (struct vw_cause){""};
    out->suspicious = run.suspicious;
    out->blamed = run.blamed ? run.blamed->clause : NULL;
    out->ms = (run.ended_us - run.started_us) / 1000;
    snprintf(out->reason, sizeof(out->reason), "%s", run.reason);
    snprintf(out->expected, sizeof(out->expected), "%s", run.expected);
    snprintf(out->transcript, sizeof(out->transcript), "%s", text ? text : "");
    free(text);
    vw_run_finish(&run, NULL);
}

void play_text(struct peer *p, const char *text, struct played *out)
{
    struct vw_suite suite;
    struct vw_run_settings settings;
    const struct vw_uri uri = {.name = "test:///default"};
    memset(&suite, 0, sizeof(suite));
    peer_settings(p, &uri, &settings);
    play(play_case(&suite, p->profile, text), &settings, out);
    vw_suite_finish(&suite);
}
