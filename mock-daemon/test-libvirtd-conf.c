// SPDX-License-Identifier: MIT
// What becomes of a libvirtd.conf, and where it says that something is wrong.
#include "base/testing/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/libvirtd-conf.h"

static struct vw_config c;
static char *notes;

static int set_up(void **state)
{
    return vw_config_init(&c, NULL);
}

static int tear_down(void **state)
{
    vw_config_finish(&c);
    free(notes);
    notes = NULL;
    return 0;
}

static int parse(const char *text, struct vw_error *err)
{
    size_t len = 0;
    free(notes);
    FILE *f = open_memstream(&notes, &len);
    assert_non_null(f);
    int rc = vw_libvirtd_conf_parse(&c, "x.conf", text, strlen(text), f, err);
    assert_int_equal(fclose(f), 0);
    return rc;
}

static void test_defaults(void **state)
{
    int local = geteuid() == 0 ? VW_CONFIG_AUTH_POLKIT : VW_CONFIG_AUTH_NONE;
    assert_int_equal(parse("", NULL), 0);
    assert_int_equal(c.n_doors, 0);
    assert_int_equal(c.auth[VW_DOOR_UNIX], local);
    assert_int_equal(c.auth[VW_DOOR_UNIX_READ_ONLY], local);
    assert_int_equal(c.auth[VW_DOOR_TCP], VW_CONFIG_AUTH_SASL);
    assert_int_equal(c.auth[VW_DOOR_TLS], VW_CONFIG_AUTH_NONE);
    assert_int_equal(c.listen.read_write, local ? 0777 : 0700);
    assert_int_equal(c.listen.read_only, 0777);
    assert_int_equal(c.listen.admin, 0700);
    assert_int_equal(c.main.max_clients, 5000);
    assert_int_equal(c.main.max_anonymous_clients, 20);
    assert_int_equal(c.admin.max_anonymous_clients, 0);
    assert_string_equal(c.tls.ca, "/etc/pki/CA/cacert.pem");
    assert_ptr_equal(c.listen.tls, &c.tls);
    assert_string_equal(notes, "");
    assert_int_equal(parse("access_drivers = [\"none\"]", NULL), 0);
    assert_false(c.access.on);
}

static void test_everything(void **state)
{
    static const char text[] =
        "unix_sock_dir = \"/d\"\nlisten_tcp = 1\nlisten_tls = 1\nlisten_addr = \"::1\"\n"
        "tcp_port = \"0\"\ntls_port = '65535'\n"
        "unix_sock_group = \"g\"\nunix_sock_rw_perms = \"0770\"\nunix_sock_ro_perms = \"0750\"\n"
        "unix_sock_admin_perms = \"0600\"\nmax_queued_clients = 7\n"
        "auth_unix_rw = \"sasl\"\nauth_unix_ro = \"none\"\nauth_tcp = \"none\"\nauth_tls = "
        "\"sasl\"\n"
        "sasl_allowed_username_list = [\"a@*\", \"b\"]\n"
        "ca_file = \"/ca\"\ncert_file = \"/cert\"\nkey_file = \"/key\"\ncrl_file = \"/crl\"\n"
        "tls_priority = \"NORMAL\"\ntls_no_sanity_certificate = 1\ntls_no_verify_certificate = 1\n"
        "tls_allowed_dn_list = [ ]\n"
        "max_clients = 10; max_clients = 11\nmax_anonymous_clients = 10\nmax_client_requests = 8\n"
        "min_workers = 1\nmax_workers = 2\nprio_workers = 3\n"
        "keepalive_interval = -7\nkeepalive_count = 0\n"
        "admin_max_clients = 20\nadmin_max_client_requests = 21\nadmin_min_workers = 22\n"
        "admin_max_workers = 23\nadmin_keepalive_interval = 24\nadmin_keepalive_count = 25\n"
        "access_drivers = [\"none\", \"polkit\"]\n"
        "log_filters = \"1:util\"\nlog_outputs = \"1:stderr\"\n";
    static const char *const doors[] = {
        "unix:///d/libvirt-sock", "unix:///d/libvirt-sock-ro?readonly=1",
        "unix:///d/libvirt-admin-sock?program=admin", "tcp://[::1]:0", "tls://[::1]:65535"};
    static const struct vw_config_service main = {10, 10, 8, -7, 0, 1, 2, 3},
                                          admin = {20, 0, 21, 24, 25, 22, 23, 0};
    assert_int_equal(parse(text, NULL), 0);
    assert_string_equal(notes, "");
    assert_int_equal(c.n_doors, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(c.doors[i], doors[i]);
    assert_string_equal(c.listen.group, "g");
    assert_int_equal(c.listen.read_write, 0770);
    assert_int_equal(c.listen.read_only, 0750);
    assert_int_equal(c.listen.admin, 0600);
    assert_int_equal(c.listen.backlog, 7);
    assert_int_equal(c.auth[VW_DOOR_UNIX], VW_CONFIG_AUTH_SASL);
    assert_int_equal(c.auth[VW_DOOR_UNIX_READ_ONLY], VW_CONFIG_AUTH_NONE);
    assert_int_equal(c.auth[VW_DOOR_TCP], VW_CONFIG_AUTH_NONE);
    assert_int_equal(c.auth[VW_DOOR_TLS], VW_CONFIG_AUTH_SASL);
    assert_int_equal(c.n_sasl_names, 2);
    assert_string_equal(c.sasl_names[0], "a@*");
    assert_string_equal(c.tls.ca, "/ca");
    assert_string_equal(c.tls.cert, "/cert");
    assert_string_equal(c.tls.key, "/key");
    assert_string_equal(c.tls.crl, "/crl");
    assert_string_equal(c.tls.priority, "NORMAL");
    assert_true(c.tls.no_sanity && c.tls.no_verify && c.tls.names && c.tls.n_names == 0);
    assert_memory_equal(&c.main, &main, sizeof(main));
    assert_memory_equal(&c.admin, &admin, sizeof(admin));
    assert_true(c.access.on);
    assert_string_equal(c.log_filters, "1:util");
    assert_string_equal(c.log_outputs, "1:stderr");
}

static void test_notes(void **state)
{
    assert_int_equal(parse("max_client = 3\n  zzz = [1, [2]]\n ovs_timeout = 5\nlog_level = 1\n"
                           "host_uuid = \"00000000-0000-0000-0000-000000000001\"\n",
                           NULL),
                     0);
    assert_string_equal(
        notes, "virwired: x.conf:1:1: 'max_client' is not known, and is passed over; did you mean "
               "'max_clients'?\n"
               "virwired: x.conf:2:3: 'zzz' is not known, and is passed over\n"
               "virwired: x.conf:3:2: 'ovs_timeout' means nothing here\n"
               "virwired: x.conf:4:1: 'log_level' means nothing here\n"
               "virwired: x.conf:5:1: 'host_uuid' means nothing here\n");
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *says;
    } rows[] = {
        {"max_clients = \"5\"", 1, 15, "expected a whole number from 1 to 4294967295"},
        {"max_clients = -5", 1, 15, "expected a whole number from 1 to 4294967295"},
        {"max_clients = 4294967296", 1, 15, "expected a whole number from 1 to 4294967295"},
        {"max_clients = 19", 1, 15, "max_clients is less than max_anonymous_clients"},
        {"\nmax_anonymous_clients = 5001", 2, 25, "max_clients is less than max_anonymous_clients"},
        {"keepalive_count = -1", 1, 19, "expected a whole number from 0 to 4294967295"},
        {"keepalive_interval = 2147483648", 1, 22, "expected a whole number from -2147483648"},
        {"listen_tcp = 2", 1, 14, "expected a whole number from 0 to 1"},
        {"listen_tls = \"1\"", 1, 14, "expected a whole number from 0 to 1"},
        {"tcp_port = 16509", 1, 12, "a text in quotes must stand here"},
        {"tcp_port = \"65536\"", 1, 12, "a port from 0 to 65535 must stand here, in quotes"},
        {"tls_port = \"\"", 1, 12, "a port from 0 to 65535 must stand here, in quotes"},
        {"unix_sock_dir = \"d\"", 1, 17, "a path from the root must stand here"},
        {"unix_sock_dir = \"/d?\"", 1, 17, "a path from the root must stand here"},
        {"unix_sock_rw_perms = \"999\"", 1, 22, "a mode has three octal digits"},
        {"unix_sock_ro_perms = 0777", 1, 22, "a text in quotes must stand here"},
        {"auth_unix_rw = \"SASL\"", 1, 16, "it is none, sasl or polkit"},
        {"tls_allowed_dn_list = \"x\"", 1, 23, "a list of texts must stand here"},
        {"tls_allowed_dn_list = [\"x\", 1]", 1, 23, "a list of texts must stand here"},
        {"access_drivers = \"polkit\"", 1, 18, "a list of texts must stand here"},
        {"access_drivers = [\"none\", \"foo\"]", 1, 27, "access drivers are polkit and none"},
        {"audit_logging = [5]", 1, 17, "expected a whole number from 0 to 1"},
        {"host_uuid = \"x\"", 1, 13, "a uuid has 32 hex digits"},
        {"log_level = 9", 1, 13, "levels go from 1 to 4"},
        {"log_filters = \"9:x\"", 1, 15, "filters are such as"},
        {"log_outputs = \"junk\"", 1, 15, "outputs are such as"},
        {"\n cert_file = \"x\"", 2, 2,
         "ca_file, cert_file and key_file go together: there is no ca_file"},
        {"max_clients = 5 6", 1, 17, "something follows the value in its line"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(parse(rows[i].text, &err), VW_ESYNTAX);
        if (strncmp(err.text, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("%s: %s", rows[i].text, err.text);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.column, rows[i].column);
    }
}

static void test_missing_file(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(vw_libvirtd_conf_load(&c, "/nonexistent/libvirtd.conf", stderr, &err),
                     VW_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_notes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
