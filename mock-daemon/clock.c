// SPDX-License-Identifier: MIT
#include "mock-daemon/clock.h"

#include <time.h>

#include "transport/transport.h"

void vw_clock_init(struct vw_clock *c, bool is_virtual)
{
    c->virtual_ms = is_virtual ? VW_CLOCK_START_MS : 0;
}

int64_t vw_clock_ms(const struct vw_clock *c)
{
    return c->virtual_ms ? c->virtual_ms : vw_now_ms();
}

int64_t vw_clock_ns(const struct vw_clock *c)
{
    struct timespec now;
    if (c->virtual_ms)
        return c->virtual_ms * 1000000;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void vw_clock_set(struct vw_clock *c, int64_t ms)
{
    if (ms > c->virtual_ms)
        c->virtual_ms = ms;
}
