// SPDX-License-Identifier: MIT
// Reads a line from the terminal key by key: so the deadline holds in the middle of a line, and an
// interrupt cannot leave the terminal without echo.
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "transport/transport.h"

enum key { KEY_NONE = -1, KEY_LATE = -2, KEY_INTERRUPT = 3, KEY_EOF = 4, KEY_KILL = 21 };

struct line {
    int fd;
    bool echo;
    char *buf;
    size_t size, len;
};

static void show(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* The next byte, or KEY_LATE, or KEY_NONE when the terminal is gone. */
static int read_key(int fd, int64_t deadline_ms)
{
    for (;;) {
        unsigned char c;
        int ready = vw_fd_wait(fd, POLLIN, deadline_ms);
        if (ready <= 0)
            return ready == 0 ? KEY_LATE : KEY_NONE;
        ssize_t got = read(fd, &c, 1);
        if (got == 1)
            return c;
        if (got == 0 || (errno != EINTR && errno != EAGAIN))
            return KEY_NONE;
    }
}

/* Takes back N bytes of the line; a character of several bytes goes as a whole. */
static void erase(struct line *l, bool all)
{
    do {
        if (l->len == 0)
            return;
        while (l->len > 1 && ((unsigned char)l->buf[l->len - 1] & 0xc0) == 0x80)
            l->len--;
        l->len--;
        if (l->echo)
            show(l->fd, "\b \b", 3);
    } while (all);
}

static int add(struct line *l, char c, struct vw_error *err)
{
    if (l->len + 1 >= l->size)
        return vw_error_set(err, VW_ELIMIT, "an answer has at most %zu bytes", l->size - 1);
    l->buf[l->len++] = c;
    if (l->echo)
        show(l->fd, &c, 1);
    return 0;
}

static int read_line(struct line *l, int64_t deadline_ms, struct vw_error *err)
{
    for (;;) {
        int key = read_key(l->fd, deadline_ms);
        int rc = 0;
        if (key == KEY_LATE)
            return vw_error_set(err, VW_ETIMEOUT, "nobody answered on the terminal in time");
        if (key == KEY_NONE || key == KEY_INTERRUPT || (key == KEY_EOF && l->len == 0))
            return key == KEY_INTERRUPT ? KEY_INTERRUPT : VW_ENAME;
        if (key == '\n' || key == '\r')
            break;
        if (key == '\b' || key == 127)
            erase(l, false);
        else if (key == KEY_KILL)
            erase(l, true);
        else if (key >= ' ')
            rc = add(l, (char)key, err);
        if (rc)
            return rc;
    }
    l->buf[l->len] = '\0';
    return 0;
}

/* A process in the background would be stopped when it touches the terminal. */
static int open_terminal(struct termios *before)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (tcgetpgrp(fd) == getpgrp() && tcgetattr(fd, before) == 0)
        return fd;
    close(fd);
    return -1;
}

int vw_prompt(const char *text, bool echo, int64_t deadline_ms, char *buf, size_t size,
              struct vw_error *err)
{
    struct termios before;
    int fd = open_terminal(&before);
    struct line l = {.fd = fd, .echo = echo, .buf = buf, .size = size};
    if (fd < 0)
        return VW_ENAME;
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(fd, TCSAFLUSH, &raw);
    show(fd, text, strlen(text));
    int rc = read_line(&l, deadline_ms, err);
    show(fd, "\r\n", 2);
    tcsetattr(fd, TCSAFLUSH, &before);
    close(fd);
    if (rc)
        explicit_bzero(buf, size);
    if (rc == KEY_INTERRUPT) {
        raise(SIGINT);
        return VW_ENAME;
    }
    return rc;
}
