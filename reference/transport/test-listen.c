// SPDX-License-Identifier: MIT
// Listening sockets: which URIs are taken and as what, which are refused and why, and which files
// are in the way.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "transport/listen.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[VW_TEST_FOLDER], path[sizeof(dir) + 8], uri[sizeof(dir) + 64];
static const char *const uri_path = uri + sizeof("unix://") - 1;

static int set_up(void **state)
{
    if (vw_test_folder(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/s", dir);
    strcpy(uri, "unix://");
    vw_test_path_in_uri(path, uri + strlen(uri), sizeof(uri) - strlen(uri));
    return 0;
}

static int tear_down(void **state)
{
    unlink(path);
    return rmdir(dir);
}

static void wrong_uris(void **state)
{
    static const struct {
        const char *uri, *says;
    } rows[] = {
        {":", "':' is not allowed here"},
        {"udp://127.0.0.1:0", "only unix, tcp, tls and stdio can be listened on"},
        {"unix://host/path", "unix wants unix:///PATH"},
        {"unix://:1/path", "unix wants unix:///PATH"},
        {"unix:", "unix wants unix:///PATH"},
        {"unix:///a%00b", "%00 in the path"},
        {"unix:///a%00", "%00 in the path"},
        {"unix:///%00", "%00 in the path"},
        {"unix:///a/b%2fc%00", "%00 in the path"},
        {"unix+tcp:///a", "a part of it has no meaning here"},
        {"unix+nothing:///a", "unknown transport"},
        {"unix://user@/a", "a part of it has no meaning here"},
        {"unix:///a#b", "a part of it has no meaning here"},
        {"unix:///nonexistent/s?readonly=2", "the options are"},
        {"unix:///nonexistent/s?readonly", "the options are"},
        {"unix:///nonexistent/s?auth=no", "the options are"},
        {"unix:///nonexistent/s?auth=none&x", "the options are"},
        {"unix:///nonexistent/s?mode=", "mode has three octal digits"},
        {"unix:///nonexistent/s?mode=77", "mode has three octal digits"},
        {"unix:///nonexistent/s?mode=01777", "mode has three octal digits"},
        {"unix:///nonexistent/s?mode=0778", "mode has three octal digits"},
        {"unix:///nonexistent/s?mode=auto", "mode has three octal digits"},
        {"tcp://127.0.0.1:0?mode=0770", "only unix takes mode"},
        {"unix:///nonexistent/s?pkipath=/a", "only tls takes pkipath"},
        {"tcp://127.0.0.1:0?program=admin", "only unix takes program"},
        {"unix:///nonexistent/s?program=lock", "the options are"},
        {"unix:///nonexistent/s?program=admin&readonly=1", "with program=admin there is neither"},
        {"unix:///nonexistent/s?program=admin&auth=sasl", "with program=admin there is neither"},
        {"stdio:x", "stdio wants stdio:"},
        {"stdio://h", "stdio wants stdio:"},
        {"stdio:?mode=0770", "only unix takes mode"},
        {"unix:@x?mode=0770", "an abstract socket has no mode"},
        {"unix:@", "unix wants unix:///PATH, or unix:@NAME"},
        {"tls://:0?pkipath=/x", "tls wants tls://ADDRESS[:PORT]"},
        {"tcp://:0", "tcp wants tcp://ADDRESS[:PORT]"},
        {"tcp://127.0.0.1:", "no port behind the ':'"},
        {"tcp://127.0.0.1:65536", "the port is above 65535"},
        {"tcp://127.0.0.1:0/x", "tcp wants tcp://ADDRESS[:PORT]"},
        {"tcp://127.0.0.1:0?readonly=1", "only unix and stdio take readonly"},
        {"tcp://127.0.0.1:0?pkipath=/a", "only tls takes pkipath"},
        {"tls://127.0.0.1:0", "tls wants pkipath=DIR"},
        {"tls://127.0.0.1:0?pkipath=", "tls wants pkipath=DIR"},
        {"tls://127.0.0.1:0?pkipath=/a%00", "%00 in the value of pkipath"},
        {"tls://127.0.0.1:0?pkipath=%00/a", "%00 in the value of pkipath"},
        {"tls://127.0.0.1:0?pkipath=/a%00b", "%00 in the value of pkipath"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_listener *l = NULL;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_listener_open(rows[i].uri, NULL, &l, &err);
        if (rc != VW_EUSAGE || !strstr(err.text, rows[i].says))
            fail_msg("%s: %d, %s", rows[i].uri, rc, err.text);
        assert_null(l);
    }
}

/* Right as URIs: what is wrong is the address. */
static void unreachable(void **state)
{
    static const char *const rows[] = {"tcp://192.0.2.1:65535", "tcp://192.0.2.1:00080", "unix:///",
                                       "unix:///nonexistent/a%20b"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_listener *l = NULL;
        struct vw_error err = VW_ERROR_INIT;
        int rc = vw_listener_open(rows[i], NULL, &l, &err);
        if (rc != VW_EUNREACHABLE)
            fail_msg("%s: %d, %s", rows[i], rc, err.text);
    }
}

/* The path of a socket address has room for 107 bytes. */
static void long_paths(void **state)
{
    for (size_t len = 107; len <= 108; len++) {
        char long_uri[200] = "unix:///nonexistent/";
        struct vw_listener *l;
        struct vw_error err = VW_ERROR_INIT;
        while (strlen(long_uri) < strlen("unix://") + len)
            strcat(long_uri, "x");
        assert_int_equal(vw_listener_open(long_uri, NULL, &l, &err),
                         len == 107 ? VW_EUNREACHABLE : VW_EUSAGE);
        assert_non_null(
            strstr(err.text, len == 107 ? "No such file" : "longer than the 107 bytes"));
    }
}

static void options(void **state)
{
    static const struct {
        const char *options;
        bool read_only;
        int auth;
        bool admin;
    } rows[] = {
        {"", false, -1},
        {"?readonly=1", true, -1},
        {"?readonly=0", false, -1},
        {"?auth=none", false, 0},
        {"?auth=sasl", false, 1},
        {"?auth=polkit&readonly=1", true, 2},
        {"?readonly=1&readonly=0", false, -1},
        {"?program=remote", false, -1},
        {"?program=admin&auth=none", false, 0, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char whole[sizeof(uri) + 64], client[sizeof(uri) + 64];
        struct vw_listener *l;
        struct stat st;
        snprintf(whole, sizeof(whole), "%s%s", uri, rows[i].options);
        snprintf(client, sizeof(client), "%s?socket=%s",
                 rows[i].admin ? "libvirtd:///system" : "test+unix:///default", uri_path);
        assert_int_equal(vw_listener_open(whole, NULL, &l, NULL), 0);
        assert_int_equal(l->read_only, rows[i].read_only);
        assert_int_equal(l->auth, rows[i].auth);
        assert_int_equal(l->admin, rows[i].admin);
        assert_true(l->unix_socket);
        assert_null(l->tls);
        assert_string_equal(l->uri, whole);
        assert_string_equal(l->client_uri, client);
        assert_string_equal(l->path, path);
        assert_int_equal(stat(path, &st), 0);
        vw_listener_close(l);
        assert_int_equal(stat(path, &st), -1);
    }
    vw_listener_close(NULL);
}

/* Nobody else can connect unless that is asked for, whatever the umask is. */
static void who_may_connect(void **state)
{
    static const struct vw_listen_options config = {
        .read_write = 0770, .read_only = 0777, .admin = 0600};
    static const struct {
        const char *options;
        const struct vw_listen_options *given;
        mode_t mode;
    } rows[] = {
        {"", NULL, 0700},
        {"?readonly=1", NULL, 0700},
        {"", &config, 0770},
        {"?readonly=1", &config, 0777},
        {"?mode=0707", &config, 0707},
        {"?mode=770&readonly=1", NULL, 0770},
        {"?mode=0777", NULL, 0777},
        {"?program=admin", &config, 0600},
        {"?program=admin", NULL, 0700},
        {"?mode=000", NULL, 0},
    };
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < COUNT(rows) * COUNT(masks); i++) {
        char whole[sizeof(uri) + 64];
        struct vw_listener *l;
        struct stat st;
        snprintf(whole, sizeof(whole), "%s%s", uri, rows[i / COUNT(masks)].options);
        mode_t mask = masks[i % COUNT(masks)], before = umask(mask);
        assert_int_equal(vw_listener_open(whole, rows[i / COUNT(masks)].given, &l, NULL), 0);
        assert_int_equal(umask(before), mask);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, rows[i / COUNT(masks)].mode);
        assert_string_equal(l->uri, whole);
        vw_listener_close(l);
    }
}

/* The file is given to a group, or is not there. */
static void whose_it_is(void **state)
{
    const struct group *own = getgrgid(getegid());
    struct vw_listen_options o = {.read_write = 0750, .group = "no such group"};
    struct vw_error err = VW_ERROR_INIT;
    struct vw_listener *l;
    struct stat st;
    assert_int_equal(vw_listener_open(uri, &o, &l, &err), VW_EUSAGE);
    assert_string_equal(err.text, "there is no group 'no such group'");
    assert_int_equal(stat(path, &st), -1);
    if (!own)
        return; /* a group without a name, in a bare container */
    o.group = own->gr_name;
    assert_int_equal(vw_listener_open(uri, &o, &l, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_gid, getegid());
    vw_listener_close(l);
}

/* A path with everything that has a meaning in a URI is given back as a URI, and can be listened on
 * again. */
static void strange_paths(void **state)
{
    static const char name[] = "a b&c%d+e?f#g=h;i\xc3\xa9-._~",
                      in_uri[] = "a%20b%26c%25d%2Be%3Ff%23g%3Dh%3Bi%C3%A9-._~";
    char strange[sizeof(dir) + sizeof(name)], whole[sizeof(uri) + sizeof(in_uri)];
    struct vw_listener *l;
    snprintf(strange, sizeof(strange), "%s/%s", dir, name);
    char *slash = strrchr(uri, '/');
    snprintf(whole, sizeof(whole), "%.*s/%s?readonly=0", (int)(slash - uri), uri, in_uri);
    assert_int_equal(vw_listener_open(whole, NULL, &l, NULL), 0);
    assert_string_equal(l->path, strange);
    assert_string_equal(l->uri, whole);
    whole[strlen(whole) - strlen("?readonly=0")] = 0;
    assert_int_equal(strncmp(l->client_uri, "test+unix:///default?socket=", 28), 0);
    assert_string_equal(l->client_uri + 28, whole + strlen("unix://"));
    vw_listener_close(l);
    assert_int_equal(unlink(strange), -1);
}

static int next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

static void ports(void **state)
{
    int before = next_descriptor();
    static const char *const rows[] = {"tcp://127.0.0.1:0", "tcp://127.0.0.1:0/",
                                       "tcp://127.0.0.1:0?auth=sasl"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_listener *l;
        char whole[64], client[64];
        unsigned port = 0;
        assert_int_equal(vw_listener_open(rows[i], NULL, &l, NULL), 0);
        assert_int_equal(sscanf(l->uri, "tcp://127.0.0.1:%u", &port), 1);
        assert_in_range(port, 1, 65535);
        snprintf(whole, sizeof(whole), "tcp://127.0.0.1:%u%s", port, i == 2 ? "?auth=sasl" : "");
        snprintf(client, sizeof(client), "test+tcp://127.0.0.1:%u/default", port);
        assert_string_equal(l->uri, whole);
        assert_string_equal(l->client_uri, client);
        assert_false(l->unix_socket);
        assert_int_equal(l->auth, i == 2 ? 1 : -1);
        vw_listener_close(l);
        assert_int_equal(next_descriptor(), before);
    }
}

static int plain_socket(bool bound, int backlog)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (bound) {
        assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
        assert_int_equal(backlog < 0 ? 0 : listen(fd, backlog), 0);
    } else if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
        int e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

/* What a server that is gone has left is replaced; what is in use is not, even by a server that is
 * too busy to take one more; nor is anything that is no socket. */
static void what_is_in_the_way(void **state)
{
    struct vw_listener *l = NULL;
    struct vw_error err = VW_ERROR_INIT;
    struct stat before, after;
    int clients[65], n = 0;
    close(plain_socket(true, -1));
    assert_int_equal(vw_listener_open(uri, NULL, &l, &err), 0);
    assert_int_equal(vw_listener_open(uri, NULL, &(struct vw_listener *){NULL}, &err),
                     VW_EUNREACHABLE);
    assert_non_null(strstr(err.text, "a server is listening there already"));
    vw_listener_close(l);

    int server = plain_socket(true, 0);
    while (n < 64 && (clients[n] = plain_socket(false, 0)) >= 0)
        n++;
    assert_in_range(n, 1, 63);
    assert_int_equal(clients[n], -EAGAIN);
    assert_int_equal(stat(path, &before), 0);
    vw_error_clear(&err);
    assert_int_equal(vw_listener_open(uri, NULL, &l, &err), VW_EUNREACHABLE);
    assert_non_null(strstr(err.text, "a server is listening there already"));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    while (n > 0)
        close(clients[--n]);
    close(server);
    unlink(path);

    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fclose(f);
    vw_error_clear(&err);
    assert_int_equal(vw_listener_open(uri, NULL, &l, &err), VW_EUNREACHABLE);
    assert_non_null(strstr(err.text, "exists and is not a socket"));
    assert_int_equal(stat(path, &after), 0);
    assert_true(S_ISREG(after.st_mode));
}

/* A file that has taken our place is not removed. */
static void only_its_own_file_goes(void **state)
{
    struct vw_listener *l;
    struct stat st;
    assert_int_equal(vw_listener_open(uri, NULL, &l, NULL), 0);
    assert_int_equal(unlink(path), 0);
    int other = plain_socket(true, 1);
    vw_listener_close(l);
    assert_int_equal(stat(path, &st), 0);
    close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_uris),
        cmocka_unit_test(unreachable),
        cmocka_unit_test(long_paths),
        cmocka_unit_test_setup_teardown(options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_may_connect, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whose_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strange_paths, set_up, tear_down),
        cmocka_unit_test(ports),
        cmocka_unit_test_setup_teardown(what_is_in_the_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_its_own_file_goes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
