// SPDX-License-Identifier: MIT
// What a test inherits from whoever starts it is put back to the default before main(): signals
// that nohup, a background job or a careless parent ignores or blocks, the umask, closed standard
// descriptors, no PATH (without one gcc does not find its parts). A test that is about one of them
// sets it itself.
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void default_signals(void)
{
    for (int sig = 1; sig < NSIG; sig++) {
        struct sigaction action;
        if (sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            signal(sig, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A file that a test opens must not become its standard input. */
static void standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
}

static void __attribute__((constructor)) stand_alone(void)
{
    default_signals();
    standard_descriptors();
    setenv("PATH", _PATH_STDPATH, 0);
    umask(022);
}
