// SPDX-License-Identifier: MIT
// libev never waits for ever: with nothing due it gives epoll_wait a timeout of a minute, in case
// that the clock jumps, and the kernel then arms and cancels a timer around each call that is
// served. The daemon has no periodic watchers, to which alone such a jump would matter. So the
// program's own epoll_wait, which the loader prefers to that of the C library, waits for ever
// instead. Of the calls that an echo server answers with one in flight, virwired then answers 74 %,
// and 70 % without (medians of seven runs in turn of ci/bench server, on a busy machine), for 1.40
// and 1.45 times the CPU time; with more in flight or more connections there is no difference.
#include <stddef.h>
#include <sys/epoll.h>

#include "mock-daemon/conn.h"

int epoll_wait(int fd, struct epoll_event *events, int size, int timeout_ms)
{
    return epoll_pwait(fd, events, size, timeout_ms > VW_TIMER_MAX_MS + 1000 ? -1 : timeout_ms,
                       NULL);
}
