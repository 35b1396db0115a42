// SPDX-License-Identifier: MIT
// The least that a process can do to make one call: connects, AUTH_LIST, CONNECT_OPEN
// (test:///default), DOMAIN_LOOKUP_BY_NAME "test", prints the id, CONNECT_CLOSE. Bytes are written
// by hand and nothing but libc is linked. Usage: minimal-call SOCKET
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a.sun_path))
        return -1;
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) ? -1 : fd;
}

/* Sends a call with the body ARGS and takes its answer, which has SIZE bytes, into REPLY. */
static int call(int fd, uint32_t procedure, uint32_t serial, const void *args, size_t len,
                void *reply, size_t size)
{
    const uint32_t head[] = {28 + (uint32_t)len, 0x20008086, 1, procedure, 0, serial, 0};
    uint32_t out[32], got[7];
    for (int i = 0; i < 7; i++)
        out[i] = htonl(head[i]);
    memcpy(out + 7, args, len);
    if (send(fd, out, head[0], MSG_NOSIGNAL) != (ssize_t)head[0] ||
        recv(fd, reply, size, MSG_WAITALL) != (ssize_t)size)
        return -1;
    memcpy(got, reply, sizeof(got));
    return ntohl(got[0]) == size && got[5] == out[5] && got[6] == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    /* The name: a pointer that is there, 15 characters, a byte of padding; no flags. */
    static const char open[] = "\0\0\0\1\0\0\0\17test:///default\0\0\0\0";
    static const char name[] = "\0\0\0\4test";
    uint32_t reply[14];
    int fd = argc == 2 ? connect_to(argv[1]) : -1;
    if (fd < 0 || call(fd, 66, 0, "", 0, reply, 36) ||
        call(fd, 1, 1, open, sizeof(open), reply, 28) ||
        call(fd, 23, 2, name, sizeof(name) - 1, reply, 56)) {
        fprintf(stderr, "minimal-call: no answer\n");
        return 3;
    }
    printf("%u\n", ntohl(reply[13]));
    return call(fd, 2, 3, "", 0, reply, 28) ? 3 : 0;
}
