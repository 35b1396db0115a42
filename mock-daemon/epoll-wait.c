// SPDX-License-Identifier: MIT
// libev never waits for ever: with nothing due it gives epoll_wait a timeout of a minute, in case
// that the clock jumps, and the kernel then arms and cancels a timer around each call that is
// served. The daemon has no periodic watchers, to which alone such a jump would matter. So the
// program's own epoll_wait, which the loader prefers to that of the C library, waits for ever
// instead: synchronous calls get a tenth faster (ci/bench server).
#include <stddef.h>
#include <sys/epoll.h>

#include "mock-daemon/conn.h"

int epoll_wait(int fd, struct epoll_event *events, int size, int timeout_ms)
{
    return epoll_pwait(fd, events, size, timeout_ms > VW_TIMER_MAX_MS + 1000 ? -1 : timeout_ms,
                       NULL);
}
