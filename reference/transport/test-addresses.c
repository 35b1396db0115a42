// SPDX-License-Identifier: MIT
// Names and their addresses: each is tried in turn until one answers (U-12), with its share of the
// time; look-ups that fail or take too long. The look-up is this file's own, so that the names of
// the machine do not matter.
#include "base/testing/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "transport/transport.h"

/* ---- the look-up ---- */

struct known {
    struct addrinfo info;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
};
static struct known known[3];
static unsigned addresses; /* of them that the name has; 0: nothing is found */
static atomic_uint freed;

/* What a look-up does, and what it was asked. */
static int numeric_result, name_result;
static bool waits;
static sem_t let_go, done;
static struct {
    char node[32], service[16];
    int flags, type;
    pthread_t thread;
    bool signals_blocked;
} asked;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    sigset_t mask;
    if (hints->ai_flags & AI_NUMERICHOST && numeric_result)
        return numeric_result;
    snprintf(asked.node, sizeof(asked.node), "%s", node);
    snprintf(asked.service, sizeof(asked.service), "%s", service);
    asked.flags = hints->ai_flags;
    asked.type = hints->ai_socktype;
    asked.thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    asked.signals_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGUSR2) == 1;
    if (waits)
        sem_wait(&let_go);
    *out = addresses ? &known[0].info : NULL;
    return name_result;
}

void freeaddrinfo(struct addrinfo *list)
{
    assert_ptr_equal(list, &known[0].info);
    freed++;
    sem_post(&done);
}

static int reset(void **state)
{
    memset(known, 0, sizeof(known));
    memset(&asked, 0, sizeof(asked));
    numeric_result = EAI_NONAME;
    name_result = 0;
    addresses = 3;
    waits = false;
    freed = 0;
    sem_init(&let_go, 0, 0);
    sem_init(&done, 0, 0);
    return 0;
}

static void know(unsigned i, const char *address, uint16_t port)
{
    struct known *k = &known[i];
    memset(k, 0, sizeof(*k));
    k->info.ai_socktype = SOCK_STREAM;
    k->info.ai_next = i + 1 < addresses ? &known[i + 1].info : NULL;
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

/* The I-th address is ADDRESS and a port of it where nobody listens, for as long as the socket is
 * open. Without IPv6 nobody is there either. */
static int know_nobody(unsigned i, const char *address)
{
    know(i, address, 0);
    struct addrinfo *a = &known[i].info;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, a->ai_addr, a->ai_addrlen) == 0)
        assert_int_equal(getsockname(fd, a->ai_addr, &a->ai_addrlen), 0);
    return fd;
}

static void the_last_one_answers(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uint16_t port;
    int listener = listen_somewhere(&port);
    int silent[] = {know_nobody(0, "::1"), know_nobody(1, "127.0.0.2")};
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
    close(silent[0]);
    close(silent[1]);
}

static struct vw_uri uri_to(uint16_t port)
{
    return (struct vw_uri){.transport = VW_TRANSPORT_TCP, .host = "a.example", .port = port};
}

/* A port of 127.0.0.1 where nobody listens, for as long as the socket is open. */
static int nobody_at(uint16_t *port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(sa);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    *port = ntohs(sa.sin_port);
    return fd;
}

static void failures_keep_no_descriptor(void **state)
{
    uint16_t port;
    int silent = nobody_at(&port);
    const struct vw_uri uri = uri_to(port);
    unsigned before = vw_test_descriptors();
    for (addresses = 1; addresses <= 3; addresses++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        char text[120], last[60] = "";
        for (unsigned i = 0; i < addresses; i++)
            know(i, "127.0.0.1", port);
        assert_int_equal(vw_transport_open(&uri, vw_now_ms() + 20000, &t, &err), VW_EUNREACHABLE);
        if (addresses > 1)
            snprintf(last, sizeof(last), " (the last of %u addresses)", addresses);
        snprintf(text, sizeof(text), "cannot connect to a.example port %u: Connection refused%s",
                 port, last);
        assert_string_equal(err.text, text);
        assert_int_equal(err.sys_errno, ECONNREFUSED);
        assert_null(t);
        assert_int_equal(vw_test_descriptors(), before);
    }
    close(silent);
}

/* A socket whose queue is full: what wants to connect gets no answer at all. */
struct full {
    int listener, queued[16];
    unsigned count;
};

static void fill(struct full *f, uint16_t *port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    f->listener = listen_somewhere(port);
    assert_int_equal(listen(f->listener, 0), 0);
    sa.sin_port = htons(*port);
    for (f->count = 0; f->count < 16; f->count++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        f->queued[f->count] = fd;
        (void)connect(fd, (struct sockaddr *)&sa, sizeof(sa));
        if (poll(&p, 1, 100) == 0) {
            f->count++;
            return;
        }
    }
    fail_msg("16 connections fit into a queue of none");
}

static void empty(struct full *f)
{
    while (f->count > 0)
        close(f->queued[--f->count]);
    close(f->listener);
}

/* Each address has its share of the time: one that swallows packets does not take all of it. */
static void one_that_swallows_leaves_time_for_others(void **state)
{
    struct full full;
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    uint16_t bad, good;
    fill(&full, &bad);
    int listener = listen_somewhere(&good);
    unsigned before = vw_test_descriptors();
    numeric_result = 0; /* found at once, so that all the time is for connecting */
    addresses = 2;
    know(0, "127.0.0.1", bad);
    know(1, "127.0.0.1", good);
    const struct vw_uri uri = uri_to(good);
    if (vw_transport_open(&uri, vw_now_ms() + 3000, &t, &err))
        fail_msg("%s", err.text);
    assert_int_equal(vw_test_descriptors(), before + 1);
    t->ops->close(t);

    /* The time is over when both swallow. */
    know(1, "127.0.0.1", bad);
    int64_t began = vw_now_ms();
    assert_int_equal(vw_transport_open(&uri, began + 200, &t, &err), VW_ETIMEOUT);
    assert_true(vw_now_ms() - began >= 195);
    char text[100];
    snprintf(text, sizeof(text), "connecting to a.example port %u took too long (2 tried)", good);
    assert_string_equal(err.text, text);
    assert_int_equal(err.sys_errno, ETIMEDOUT);
    assert_int_equal(vw_test_descriptors(), before);
    close(listener);
    empty(&full);
}

/* ---- the look-up ---- */

static void literals_are_looked_up_here(void **state)
{
    uint16_t port;
    struct vw_transport *t;
    int listener = listen_somewhere(&port);
    const struct vw_uri uri = uri_to(port);
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    for (int name = 0; name <= 1; name++) {
        reset(NULL);
        addresses = 1;
        know(0, "127.0.0.1", port);
        numeric_result = name ? EAI_NONAME : 0;
        assert_int_equal(vw_transport_open(&uri, name ? vw_now_ms() + 20000 : INT64_MAX, &t, NULL),
                         0);
        assert_int_equal(!pthread_equal(asked.thread, pthread_self()), name);
        assert_int_equal(asked.signals_blocked, name);
        assert_int_equal(asked.flags, AI_NUMERICSERV | (name ? 0 : AI_NUMERICHOST));
        assert_int_equal(asked.type, SOCK_STREAM);
        assert_string_equal(asked.node, "a.example");
        assert_string_equal(asked.service, service);
        assert_int_equal(freed, 1);
        t->ops->close(t);
    }
    /* Names can be looked up for ever. */
    assert_int_equal(vw_transport_open(&uri, INT64_MAX, &t, NULL), 0);
    t->ops->close(t);
    close(listener);
}

static void names_that_are_not_found(void **state)
{
    static const struct {
        int numeric, name;
    } rows[] = {{EAI_NONAME, EAI_NONAME}, {EAI_FAIL, 0}, {EAI_NONAME, EAI_MEMORY}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_transport *t;
        struct vw_error err = VW_ERROR_INIT;
        const struct vw_uri uri = uri_to(1);
        char text[120];
        reset(NULL);
        addresses = 0;
        numeric_result = rows[i].numeric;
        name_result = rows[i].name;
        assert_int_equal(vw_transport_open(&uri, vw_now_ms() + 20000, &t, &err), VW_EUNREACHABLE);
        snprintf(text, sizeof(text), "cannot find the address of a.example: %s",
                 gai_strerror(rows[i].name ? rows[i].name : rows[i].numeric));
        assert_string_equal(err.text, text);
        assert_int_equal(asked.node[0] != '\0', rows[i].name != 0);
        assert_null(t);
        assert_int_equal(freed, 0);
    }
}

static void a_name_without_an_address(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri uri = uri_to(1);
    addresses = 0;
    assert_int_equal(vw_transport_open(&uri, vw_now_ms() + 20000, &t, &err), VW_EUNREACHABLE);
    assert_int_equal(err.sys_errno, EADDRNOTAVAIL);
}

/* The one that is left gives everything back when it ends. */
static void a_late_look_up_is_left(void **state)
{
    struct vw_transport *t;
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri uri = uri_to(1);
    struct timespec until;
    sigset_t mask;
    waits = true;
    int64_t deadline = vw_now_ms() + 30;
    assert_int_equal(vw_transport_open(&uri, deadline, &t, &err), VW_ETIMEOUT);
    assert_true(vw_now_ms() >= deadline);
    assert_string_equal(err.text, "finding the address of a.example took too long");
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGUSR2), 0);
    assert_int_equal(freed, 0);
    sem_post(&let_go);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    if (sem_timedwait(&done, &until))
        fail_msg("the look-up that was left gave nothing back in 20 s");
    assert_int_equal(freed, 1);
}

static void what_a_uri_must_have(void **state)
{
    static const struct vw_uri rows[] = {
        {.transport = VW_TRANSPORT_TCP, .port = 1},
        {.transport = VW_TRANSPORT_TCP, .host = "", .port = 1},
        {.transport = VW_TRANSPORT_TCP, .host = "h"},
    };
    struct vw_transport *t;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(vw_transport_open(&rows[i], vw_now_ms() + 20000, &t, &err), VW_EUSAGE);
        assert_string_equal(err.text, "tcp needs a host and a port");
        assert_string_equal(asked.node, "");
    }
    const struct vw_uri uri = uri_to(1);
    vw_failalloc_set(1);
    int rc = vw_transport_open(&uri, vw_now_ms() + 20000, &t, NULL);
    vw_failalloc_clear();
    assert_int_equal(rc, VW_ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_last_one_answers, reset),
        cmocka_unit_test_setup(failures_keep_no_descriptor, reset),
        cmocka_unit_test_setup(one_that_swallows_leaves_time_for_others, reset),
        cmocka_unit_test_setup(literals_are_looked_up_here, reset),
        cmocka_unit_test_setup(names_that_are_not_found, reset),
        cmocka_unit_test_setup(a_name_without_an_address, reset),
        cmocka_unit_test_setup(a_late_look_up_is_left, reset),
        cmocka_unit_test_setup(what_a_uri_must_have, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
