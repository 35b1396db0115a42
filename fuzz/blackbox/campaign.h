// SPDX-License-Identifier: MIT
// A campaign: bursts of generated messages over several connections until so many have gone or the
// time is over.
#pragma once

#include "conformance/play/player.h"
#include "conformance/report/report.h"
#include "fuzz/blackbox/judge.h"

struct vw_campaign;

struct vw_campaign_options {
    struct vw_run_settings settings; /* connector, URI, profile, login, timeout */
    struct vw_generator_options generator;
    uint64_t seed;
    uint64_t messages; /* 0: no limit */
    int64_t time_ms;   /* 0: no limit */
    unsigned connections;
    const char *journal;              /* path; NULL: none */
    uint64_t journal_bytes;           /* of a part, at most about */
    const char *start;                /* the command that starts the server; NULL: it runs */
    uint64_t memory_kib, descriptors; /* that it may grow by */
    const volatile sig_atomic_t *interrupted;
    /* Now and then; NULL: not told. */
    void (*progress)(void *user, const struct vw_campaign *c);
    /* Something that the user should know; NULL: not told. */
    void (*warn)(void *user, const char *text);
    void *user;
};

struct vw_campaign {
    const struct vw_campaign_options *options;
    struct vw_play_options play_options;
    struct vw_play play;
    struct vw_target target;
    struct vw_journal journal;
    struct vw_found found;
    struct vw_calls calls;
    struct vw_generator *generators; /* one a connection */
    struct vw_shot *shots;
    struct vw_judge_growth growth;
    struct vw_tally tally;
    struct vw_peer peer;
    int64_t started_us, us;
    int64_t told_ms, sampled_ms;
    uint64_t crashes;
    unsigned *crashes_of; /* for each of CALLS */
    bool over;            /* there is nobody any more to go on with */
};

/* Fills C; finish it in any case. What is found is no error. VW_EUNREACHABLE, VW_ETIMEOUT,
 * VW_EREMOTE (kept out): at the start; VW_EVALUE: nothing may be called; VW_ENAME, VW_EUSAGE,
 * VW_ESYSTEM, VW_ENOMEM. */
int vw_campaign_run(struct vw_campaign *c, const struct vw_campaign_options *options,
                    struct vw_error *err);
void vw_campaign_finish(struct vw_campaign *c);

/* Starts the server, if it is ours to start, and waits until it serves. VW_EUNREACHABLE,
 * VW_ETIMEOUT and others of vw_play_open. */
int vw_replay_start(struct vw_play *p, struct vw_error *err);
/* Plays N entries of a journal. *SHOWN: what came of it as a whole. */
int vw_replay(struct vw_play *p, const struct vw_journal_entry *list, size_t n,
              enum vw_judged *shown, struct vw_error *err);
