// SPDX-License-Identifier: MIT
// The clock.
#include "mock-daemon/control/control.h"

#include "mock-daemon/daemon.h"
#include "xdr/json.h"

/* A client that is there answers a PING in less; one that is not costs this much for each. */
#define SETTLE_MS      5
#define SETTLE_MAX_MS  60000
#define ADVANCE_MAX_MS INT64_C(31622400000)

static int tell_time(struct vw_control_call *c)
{
    const struct vw_clock *clock = &c->daemon->clock;
    c->result = json_object_new_object();
    return vw_control_made(
        c,
        c->result &&
            vw_json_put_text(c->result, "clock", vw_clock_is_virtual(clock) ? "virtual" : "real") &&
            vw_json_put_number(c->result, "ms", vw_clock_ns(clock) / 1000000));
}

/* Who has asked may have gone in the meantime. */
static void on_done(void *user)
{
    if (user)
        vw_control_answer(user, 0);
}

static int advance(struct vw_control_call *c)
{
    struct vw_daemon *d = c->daemon;
    if (!vw_clock_is_virtual(&d->clock))
        return vw_error_set(&c->error, VW_EUSAGE,
                            "the clock is that of the system: virwired --time virtual has another");
    if (vw_advance_runs(&d->advance))
        return vw_error_set(&c->error, VW_EUSAGE, "the clock is being moved already");
    vw_advance_start(&d->advance, vw_control_number(c, "ms", 0),
                     (int)vw_control_number(c, "settle_ms", SETTLE_MS), on_done, c->client);
    return VW_CONTROL_LATER;
}

const struct vw_control_verb vw_control_time[] = {
    {"time", .run = tell_time},
    {"advance",
     {{"ms", VW_CONTROL_NUMBER, true, 1, ADVANCE_MAX_MS},
      {"settle_ms", VW_CONTROL_NUMBER, false, 0, SETTLE_MAX_MS}},
     .run = advance},
    {NULL},
};
