// SPDX-License-Identifier: MIT
// Playing a journal again: each line does what it did then.
#include "fuzz/blackbox/campaign.h"

#include <poll.h>

#define TURN_MS  20
#define START_MS 30000

static bool stopped(const struct vw_play *p)
{
    const struct vw_play_options *o = p->options;
    return (o->interrupted && *o->interrupted) || (o->enough && o->enough(o->user));
}

/* Until slot N has what it waits for, or is no more. */
static int await(struct vw_play *p, unsigned n, enum vw_judged *shown, struct vw_error *err)
{
    int rc = 0;
    while (rc == 0 && *shown == VW_JUDGED_WELL && !stopped(p) &&
           (p->slots[n].state == VW_SLOT_WAITING || p->slots[n].state == VW_SLOT_ENDED)) {
        rc = vw_play_turn(p, TURN_MS, err);
        if (rc == 0)
            rc = vw_judge(p, shown, err);
    }
    return rc;
}

static int open_slot(struct vw_play *p, const struct vw_journal_entry *e, enum vw_judged *shown,
                     struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = vw_play_open(p, e->slot, e->kind == VW_ENTRY_BARE, &why);
    if (rc == VW_ETIMEOUT || rc == VW_EUNREACHABLE || rc == VW_EPROTOCOL)
        return vw_judge_unreached(p, &why, shown, err);
    return rc ? vw_error_set(err, rc, "%s", why.text) : 0;
}

static int play_entry(struct vw_play *p, const struct vw_journal_entry *e, enum vw_judged *shown,
                      struct vw_error *err)
{
    unsigned n = e->slot;
    struct vw_shot shot;
    int rc;
    if (e->kind == VW_ENTRY_OPEN || e->kind == VW_ENTRY_BARE)
        return open_slot(p, e, shown, err);
    /* The server may have ended this one earlier than it did then. */
    if (!p->slots[n].link)
        return 0;
    switch (e->kind) {
    case VW_ENTRY_WAIT:
        rc = vw_play_wait(p, n, err);
        return rc ? rc : await(p, n, shown, err);
    case VW_ENTRY_CLOSE:
        return vw_play_close(p, n, err);
    default:
        vw_shot_of_entry(p->options->settings->profile->schema, e, &shot);
        return vw_play_send(p, n, &shot, err);
    }
}

int vw_replay_start(struct vw_play *p, struct vw_error *err)
{
    struct vw_target *t = p->options->target;
    int64_t end = vw_now_ms() + (t->command ? START_MS : 0);
    char fate[80];
    int rc = vw_target_start(t, err);
    while (rc == 0) {
        struct vw_error why = VW_ERROR_INIT;
        int served = vw_play_known_good(p, (int)p->options->settings->timeout_ms, &why);
        if (served == 0)
            break;
        if (vw_target_failed(t, fate, sizeof(fate)))
            return vw_error_set(err, VW_EUNREACHABLE, "cannot start the server: %s", fate);
        if (stopped(p) || vw_now_ms() >= end ||
            (served != VW_EUNREACHABLE && served != VW_ETIMEOUT))
            return vw_error_set(err, served, "%s", why.text);
        poll(NULL, 0, TURN_MS);
    }
    return rc;
}

int vw_replay(struct vw_play *p, const struct vw_journal_entry *list, size_t n,
              enum vw_judged *shown, struct vw_error *err)
{
    int rc = 0;
    struct vw_error why = VW_ERROR_INIT;
    *shown = VW_JUDGED_WELL;
    for (size_t i = 0; i < n && rc == 0 && *shown == VW_JUDGED_WELL && !stopped(p); i++)
        rc = play_entry(p, &list[i], shown, err);
    /* A journal that was cut short ends within a burst. */
    for (unsigned i = 0; i < VW_PLAY_SLOTS && rc == 0 && *shown == VW_JUDGED_WELL; i++) {
        if (p->slots[i].link && p->slots[i].n_awaited && p->slots[i].state == VW_SLOT_IDLE)
            rc = vw_play_wait(p, i, err);
        if (rc == 0)
            rc = await(p, i, shown, err);
    }
    if (rc == 0 && *shown == VW_JUDGED_WELL && !stopped(p) &&
        vw_play_known_good(p, (int)p->options->settings->timeout_ms, &why) < 0)
        rc = vw_judge_unreached(p, &why, shown, err);
    if (rc == 0 && *shown == VW_JUDGED_WELL)
        return vw_play_close_all(p, err);
    vw_play_drop_all(p);
    return rc;
}
