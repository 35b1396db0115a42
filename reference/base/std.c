// SPDX-License-Identifier: MIT
// open() takes the lowest free number, so that going up is enough.
#include "base/std.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int vw_std_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return -1;
    }
    return 0;
}
