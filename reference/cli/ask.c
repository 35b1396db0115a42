// SPDX-License-Identifier: MIT
// Questions on the terminal, with a deadline, and answers from the environment.
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int from_environment(const char *name, char *buf, size_t size)
{
    const char *value = getenv(name);
    if (!value || strlen(value) >= size)
        return -1;
    strcpy(buf, value);
    return 0;
}

/* One line of the terminal: 0, or -1 at its end, when it is too long, or at the deadline. */
static int read_line(int tty, int64_t deadline_ms, char *buf, size_t size)
{
    size_t at = 0;
    for (;;) {
        int64_t left = deadline_ms == INT64_MAX ? 3600000 : deadline_ms - vw_now_ms();
        struct pollfd p = {.fd = tty, .events = POLLIN};
        char ch;
        if (left <= 0 || poll(&p, 1, left > 3600000 ? 3600000 : (int)left) == 0)
            return -1;
        ssize_t n = read(tty, &ch, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || at + 1 >= size)
            return -1;
        if (ch == '\n')
            break;
        buf[at++] = ch;
    }
    buf[at] = '\0';
    return 0;
}

static int on_terminal(bool secret, const char *prompt, int64_t deadline_ms, char *buf, size_t size)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios before, quiet;
    if (tty < 0)
        return -1;
    bool hidden = secret && tcgetattr(tty, &before) == 0;
    if (hidden) {
        quiet = before;
        quiet.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(tty, TCSAFLUSH, &quiet);
    }
    dprintf(tty, "%s", prompt);
    int rc = read_line(tty, deadline_ms, buf, size);
    if (hidden)
        tcsetattr(tty, TCSAFLUSH, &before);
    if (hidden || rc)
        dprintf(tty, "\n");
    close(tty);
    return rc;
}

int vw_cli_ask(void *user, enum vw_ask_kind kind, const char *prompt, int64_t deadline_ms,
               char *buf, size_t size)
{
    if (kind == VW_ASK_PASSWORD && from_environment("VIRWIRE_PASSWORD", buf, size) == 0)
        return 0;
    if (kind == VW_ASK_PASSPHRASE && from_environment("VIRWIRE_PASSPHRASE", buf, size) == 0)
        return 0;
    return on_terminal(kind == VW_ASK_PASSWORD || kind == VW_ASK_PASSPHRASE, prompt, deadline_ms,
                       buf, size);
}
