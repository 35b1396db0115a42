// SPDX-License-Identifier: MIT
// Tests of the configuration file: what it takes, and where it says that something is wrong.
#include "base/testing/test.h"

#include <string.h>
#include <sys/prctl.h>

#include "auth/sasl-server.h"
#include "mock-daemon/config.h"

static int parse(struct vw_config *c, const char *text, struct vw_error *err)
{
    assert_int_equal(vw_config_init(c, err), 0);
    return vw_config_parse(c, text, strlen(text), err);
}

static void test_defaults(void **state)
{
    struct vw_config c;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(parse(&c, "", &err), 0);
    assert_int_equal(c.auth[VW_DOOR_TCP], VW_CONFIG_AUTH_NONE);
    assert_int_equal(c.polkit, VW_CONFIG_POLKIT_YES);
    assert_int_equal(c.peer_uid, -1);
    assert_null(c.sasl_mechanisms);
    assert_int_equal(c.main.max_client_requests, 5);
    assert_int_equal(c.max_client_streams, 1000);
    assert_int_equal(c.max_event_bytes, 262144);
    assert_int_equal(c.listen.read_write, 0700);
    assert_int_equal(c.listen.read_only, 0700);
    assert_int_equal(c.main.max_anonymous_clients, 20);
    assert_int_equal(c.n_domains, 1);
    assert_string_equal(c.domains[0].o.name.data, "test");
    vw_config_finish(&c);
}

static void test_everything(void **state)
{
    struct vw_config c;
    struct vw_error err = VW_ERROR_INIT;
    const char *text = "auth: sasl\n"
                       "polkit: absent\n"
                       "peer_uid: 4294967295\n"
                       "sasl_users: {fred: secret word, \"a@b\": x}\n"
                       "sasl_mechanisms: [SCRAM-SHA-256, GSSAPI]\n"
                       "max_clients: 100\n"
                       "max_anonymous_clients: 7\n"
                       "max_client_requests: 1\n"
                       "max_client_streams: 2\n"
                       "max_event_bytes: 3\n"
                       "unix_sock_rw_perms: 0770\n"
                       "unix_sock_ro_perms: \"777\"\n"
                       "keepalive_interval: -1\n"
                       "keepalive_count: 0\n"
                       "hostname: here\n"
                       "drivers: [qemu, x-1.y]\n"
                       "domains:\n"
                       "  - {name: one, uuid: 01020304-0506-0708-090a-0b0c0d0e0f10, memory: 5}\n"
                       "  - name: two\n"
                       "    state: shutoff\n"
                       "    vcpus: 3\n"
                       "    max_memory: 9\n"
                       "    autostart: true\n";
    assert_int_equal(parse(&c, text, &err), 0);
    assert_int_equal(c.auth[VW_DOOR_TCP], VW_CONFIG_AUTH_SASL);
    assert_int_equal(c.polkit, VW_CONFIG_POLKIT_ABSENT);
    assert_int_equal(c.peer_uid, UINT32_MAX);
    assert_int_equal(c.n_sasl_users, 2);
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
    assert_string_equal(c.sasl_users[0].name, "fred");
    assert_string_equal(c.sasl_users[0].password, "secret word");
    assert_string_equal(c.sasl_users[1].name, "a@b");
    assert_string_equal(c.sasl_mechanisms, "SCRAM-SHA-256 GSSAPI");
    assert_int_equal(c.main.max_clients, 100);
    assert_int_equal(c.main.max_anonymous_clients, 7);
    assert_int_equal(c.main.max_client_requests, 1);
    assert_int_equal(c.max_client_streams, 2);
    assert_int_equal(c.max_event_bytes, 3);
    assert_int_equal(c.listen.read_write, 0770);
    assert_int_equal(c.listen.read_only, 0777);
    assert_int_equal(c.main.keepalive_interval, -1);
    assert_int_equal(c.main.keepalive_count, 0);
    assert_string_equal(c.hostname, "here");
    assert_int_equal(c.n_drivers, 2);
    assert_string_equal(c.drivers[0], "qemu");
    assert_string_equal(c.drivers[1], "x-1.y");
    assert_int_equal(c.n_domains, 2);
    assert_int_equal(c.domains[0].o.uuid[15], 0x10);
    assert_int_equal(c.domains[0].facts.memory, 5);
    assert_string_equal(c.domains[1].o.name.data, "two");
    assert_int_equal(c.domains[1].o.uuid[0], 0);
    assert_int_equal(c.domains[1].o.state, VW_DOMAIN_SHUTOFF);
    assert_int_equal(c.domains[1].facts.vcpus, 3);
    assert_true(c.domains[1].o.autostart);
    vw_config_finish(&c);
}

static void test_many_domains(void **state)
{
    struct vw_config c;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(parse(&c,
                           "domains:\n"
                           "  - {name: '%u'}\n"
                           "  - {name: 'vm-%u.x', count: 3000, state: paused}\n"
                           "  - {name: last}\n",
                           &err),
                     0);
    assert_int_equal(c.n_domains, 3002);
    assert_string_equal(c.domains[0].o.name.data, "%u");
    assert_string_equal(c.domains[1].o.name.data, "vm-1.x");
    assert_string_equal(c.domains[3000].o.name.data, "vm-3000.x");
    assert_int_equal(c.domains[3000].o.name.len, 9);
    assert_int_equal(c.domains[3000].o.state, VW_DOMAIN_PAUSED);
    assert_string_equal(c.domains[3001].o.name.data, "last");
    vw_config_finish(&c);
}

static void test_mistakes_have_a_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
    } rows[] = {
        {"auth: maybe\n", 1, 7},
        {"polkit: maybe\n", 1, 9},
        {"peer_uid: 4294967296\n", 1, 11},
        {"sasl_users: fred\n", 1, 13},
        {"sasl_users: {fred: []}\n", 1, 20},
        {"sasl_users: {fred: \"\"}\n", 1, 21},
        {"sasl_mechanisms: PLAIN\n", 1, 18},
        {"sasl_mechanisms: [PLAIN, a b]\n", 1, 26},
        {"max_clients: many\n", 1, 14},
        {"max_clients: 0\n", 1, 14},
        {"\nmax_client_requests: 99999999999999999999\n", 2, 22},
        {"colour: red\n", 1, 1},
        {"unix_sock_rw_perms: 0o770\n", 1, 21},
        {"hostname: a\nhostnam: b\n", 2, 1},
        {"drivers: qemu\n", 1, 10},
        {"drivers: [qemu, a+b]\n", 1, 17},
        {"drivers: [qemu, []]\n", 1, 17},
        {"domains:\n  - {name: x, uuid: 12}\n", 2, 21},
        {"domains:\n  - {name: x, sate: y}\n", 2, 15},
        {"domains:\n  - {name: x, vcpus: 33}\n", 2, 22},
        {"keepalive_interval: -2\n", 1, 21},
        {"domains:\n  - {name: 'x%u', count: 0}\n", 2, 26},
        {"domains:\n  - {name: x, count: 2}\n", 2, 5},
        {"domains:\n  - {name: '%u%u', count: 2}\n", 2, 5},
        {"domains:\n  - {name: 'x%u', count: 2, uuid: 01020304-0506-0708-090a-0b0c0d0e0f10}\n", 2,
         5},
        {"domains:\n  - {name: 'x%u', count: 100000}\n  - {name: x}\n", 3, 5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_config c;
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(parse(&c, rows[i].text, &err), VW_ESYNTAX);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.column, rows[i].column);
        assert_true(strlen(err.text) > 0);
        vw_config_finish(&c);
    }
}

static void test_shapes_that_are_wrong(void **state)
{
    static const char *const rows[] = {
        "- a\n",
        "just text\n",
        "domains: 3\n",
        "domains:\n  - test\n",
        "domains:\n  - {}\n",
        "auth: [none]\n",
        "auth:\n",
        "a: b: c\n",
        "\"\n",
        "auth: *x\n",
        "{auth: none\n",
        "max_clients: 5\nmax_anonymous_clients: 6\n",
        "auth: none\nauth: none\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_config c;
        struct vw_error err = VW_ERROR_INIT;
        if (parse(&c, rows[i], &err) != VW_ESYNTAX)
            fail_msg("accepted: %s", rows[i]);
        assert_true(err.line > 0);
        vw_config_finish(&c);
    }
}

static void test_missing_file(void **state)
{
    struct vw_config c;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_config_init(&c, &err), 0);
    assert_int_equal(vw_config_load(&c, "/nonexistent/virwired.yaml", &err), VW_EUSAGE);
    vw_config_finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_many_domains),
        cmocka_unit_test(test_mistakes_have_a_place),
        cmocka_unit_test(test_shapes_that_are_wrong),
        cmocka_unit_test(test_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
