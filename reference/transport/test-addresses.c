// SPDX-License-Identifier: MIT
// A name with several addresses: each is tried in turn until one answers (U-12). The look-up is
// this file's own, so that the names of the machine do not matter.
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/transport.h"

/* ---- the look-up ---- */

struct known {
    struct addrinfo info;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
};
static struct known known[3];
static unsigned freed;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    *out = &known[0].info;
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    freed++;
}

static void know(unsigned i, const char *address, uint16_t port)
{
    struct known *k = &known[i];
    memset(k, 0, sizeof(*k));
    k->info.ai_socktype = SOCK_STREAM;
    k->info.ai_next = i + 1 < 3 ? &known[i + 1].info : NULL;
    k->in4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    k->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (strchr(address, ':')) {
        inet_pton(AF_INET6, address, &k->in6.sin6_addr);
        k->info.ai_family = AF_INET6;
        k->info.ai_addr = (struct sockaddr *)&k->in6;
        k->info.ai_addrlen = sizeof(k->in6);
    } else {
        inet_pton(AF_INET, address, &k->in4.sin_addr);
        k->info.ai_family = AF_INET;
        k->info.ai_addr = (struct sockaddr *)&k->in4;
        k->info.ai_addrlen = sizeof(k->in4);
    }
}

/* On 127.0.0.1 only. */
static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(sa);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    *port = ntohs(sa.sin_port);
    return fd;
}

static void the_last_one_answers(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uint16_t port;
    int listener = listen_somewhere(&port);
    /* Nobody is at the first two. */
    know(0, "::1", port);
    know(1, "127.0.0.2", port);
    know(2, "127.0.0.1", port);
    const struct vw_uri uri = {.transport = VW_TRANSPORT_TCP, .host = "many.example", .port = port};
    assert_int_equal(vw_transport_open(&uri, vw_now_ms() + 10000, &t, &err), 0);
    int fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    close(fd);
    t->ops->close(t);

    /* And when nobody is anywhere, how many were tried. */
    close(listener);
    assert_int_equal(vw_transport_open(&uri, vw_now_ms() + 10000, &t, &err), VW_EUNREACHABLE);
    assert_non_null(strstr(err.text, "the last of 3 addresses"));
    assert_int_equal(freed, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_last_one_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
