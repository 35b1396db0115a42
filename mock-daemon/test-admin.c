// SPDX-License-Identifier: MIT
// The administration program: its gate, servers, limits, clients, and what is to be logged.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock-daemon/admin-log.h"
#include "mock-daemon/testing/steps.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define SRV(name) "{\"srv\":{\"name\":\"" name "\"},\"flags\":0"
#define CLIENT(id)                                                                                 \
    "{\"clnt\":{\"srv\":{\"name\":\"admin\"},\"id\":" id                                           \
    ",\"timestamp\":0,\"transport\":0},\"flags\":0}"
#define UINT(n, v)  "{\"field\":\"" n "\",\"value\":{\"type\":2,\"ui\":" v "}}"
#define SET(s, ...) SRV(s) ",\"params\":[" __VA_ARGS__ "]}"

static const struct step steps[] = {
    {"admin.connect_list_servers", "{\"need_results\":0,\"flags\":0}", "ok 00000000 00000002"},
    {"admin.connect_open", "{\"flags\":1}", "error 8/62"},
    {"admin.connect_open", "{\"flags\":0}", "ok"},
    {"admin.connect_open", "{\"flags\":0}", "ok"},
    {"admin.connect_get_lib_version", "", "ok 00000000 00895440"},
    {"admin.connect_list_servers", "{\"need_results\":0,\"flags\":0}", "ok 00000000 00000002"},
    {"admin.connect_list_servers", "{\"need_results\":1,\"flags\":0}",
     "ok 00000002 00000005 61646d69 6e000000 00000008 6c696276 69727464 00000002"},
    {"admin.connect_lookup_server", "{\"name\":\"nosuch\",\"flags\":0}", "error 95/7"},
    {"admin.server_get_client_limits", SRV("nosuch") "}", "error 95/7"},
    {"admin.server_set_client_limits", SET("libvirtd", UINT("nclients_max", "19")), "error 8/7"},
    {"admin.server_set_client_limits", SET("libvirtd", UINT("nclients", "30")), "error 74/0"},
    {"admin.server_set_client_limits", SET("libvirtd", UINT("nosuch", "30")), "error 74/0"},
    {"admin.server_set_client_limits", SET("libvirtd", UINT("nclients_max", "20")), "ok"},
    {"admin.server_set_threadpool_parameters", SET("libvirtd", UINT("maxWorkers", "4")),
     "error 8/0"},
    {"admin.server_set_threadpool_parameters",
     SET("libvirtd", UINT("maxWorkers", "4") "," UINT("minWorkers", "1")), "ok"},
    {"admin.server_set_client_limits",
     SET("libvirtd", UINT("nclients_max", "20") "," UINT("nclients_max", "20")), "error 8/0"},
    {"admin.connect_list_servers", "{\"need_results\":1,\"flags\":1}", "error 8/62"},
    {"admin.server_update_tls_files", SRV("admin") "}", "error 1/7"},
    {"admin.server_lookup_client", SRV("admin") ",\"id\":99}", "error 96/7"},
    {"admin.client_get_info", CLIENT("99"), "error 96/62"},
    {"admin.client_get_info", CLIENT("1"), "ok 0000*"},
    {"admin.client_close", CLIENT("99"), "error 96/7"},
    {"admin.connect_get_logging_filters", "{\"flags\":0}", "ok 00000000 00000000"},
    {"admin.connect_set_logging_filters", "{\"filters\":\"5:x\",\"flags\":0}", "error 8/0"},
    {"admin.connect_set_logging_filters", "{\"filters\":\"1:x\",\"flags\":0}", "ok"},
    {"admin.connect_get_logging_filters", "{\"flags\":0}",
     "ok 00000001 00000005 313a2a78 2a000000 00000001"},
    {"admin.connect_set_logging_outputs", "{\"outputs\":null,\"flags\":0}", "ok"},
    {"admin.connect_get_logging_outputs", "{\"flags\":0}",
     "ok 00000008 343a7374 64657272 00000001"},
};

static void start(struct peer *p)
{
    peer_start(p, "9.0.0", NULL);
    p->listener.admin = true;
    peer_reconnect(p, NULL);
}

static void calls(void **state)
{
    struct peer p;
    start(&p);
    play(&p, steps, COUNT(steps));
    assert_int_equal(p.daemon.main.max_conns, 20);
    assert_int_equal(p.daemon.main.workers, 4);
    assert_int_equal(p.daemon.main.free_workers, 4);
    assert_int_equal(p.daemon.model.n_opened, 0);
    peer_stop(&p);
}

/* Each socket has programs of its own: the other's are unknown there (D-1). */
static void programs(void **state)
{
    static const struct step other[] = {{"connect_get_type", "", "error 39/7"}};
    static const struct step admin[] = {{"admin.connect_open", "{\"flags\":0}", "error 39/7"}};
    struct peer p;
    start(&p);
    play(&p, other, 1);
    p.listener.admin = false;
    peer_reconnect(&p, NULL);
    play(&p, admin, 1);
    peer_stop(&p);
}

/* Clients are numbered in their server, and counted there; one that is ended is gone. */
static void clients(void **state)
{
    static const struct step open[] = {{"admin.connect_open", "{\"flags\":0}", "ok"}};
    static const struct step end[] = {
        {"admin.client_close",
         "{\"clnt\":{\"srv\":{\"name\":\"libvirtd\"},\"id\":2,\"timestamp\":0,"
         "\"transport\":0},\"flags\":0}",
         "ok"},
        {"admin.server_list_clients", SRV("libvirtd") ",\"need_results\":0}",
         "ok 00000000 00000000"},
        {"admin.server_list_clients", SRV("admin") ",\"need_results\":0}", "ok 00000000 00000001"},
    };
    struct peer p;
    uint8_t byte;
    peer_start(&p, "9.0.0", NULL);
    peer_reconnect(&p, NULL);
    int client = p.fd;
    p.listener.admin = true;
    assert_int_equal(peer_connect(&p), 0);
    play(&p, open, 1);
    assert_int_equal(p.daemon.main.n_conns, 1);
    play(&p, end, COUNT(end));
    assert_int_equal(p.daemon.main.n_conns, 0);
    assert_int_equal(read(client, &byte, 1), 0);
    close(client);
    peer_stop(&p);
}

static void logs(void **state)
{
    static const struct {
        const struct vw_log_form *form;
        const char *text, *told; /* NULL: refused; "": nothing */
        uint32_t count;
    } rows[] = {
        {&vw_log_filters, "", "", 0},
        {&vw_log_filters, "1:util", "1:*util*", 1},
        {&vw_log_filters, " 1:util  4:a*b ", "1:*util* 4:*a*b*", 2},
        {&vw_log_filters, "1:x 2:x", "1:*x* 2:*x*", 2},
        {&vw_log_filters, "1:", NULL, 0},
        {&vw_log_filters, "0:x", NULL, 0},
        {&vw_log_filters, "1", NULL, 0},
        {&vw_log_filters, "1:x 5:x", NULL, 0},
        {&vw_log_outputs, "1:stderr", "1:stderr", 1},
        {&vw_log_outputs, "1:stderr 2:file:/a 3:stderr", "2:file:/a 3:stderr", 2},
        {&vw_log_outputs, "1:file:", NULL, 0},
        {&vw_log_outputs, "1:stderrs", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *told = NULL;
        int rc = vw_log_read(rows[i].form, rows[i].text, &told);
        assert_int_equal(rc, rows[i].told ? 0 : VW_ESYNTAX);
        assert_string_equal(told ? told : "", rows[i].told ? rows[i].told : "");
        assert_int_equal(vw_log_count(told), rows[i].count);
        free(told);
    }
}

/* With nobody there it ends in the last of the seconds that it was told. */
static void idle(void **state)
{
    struct peer p;
    start(&p);
    vw_daemon_set_timeout(&p.daemon, 2);
    ev_invoke(p.loop, &p.daemon.idle, EV_TIMER);
    assert_int_equal(p.daemon.idle_left, 2);
    close(p.fd);
    p.fd = -1;
    for (int i = 0; i < 4; i++)
        ev_run(p.loop, EVRUN_NOWAIT);
    ev_invoke(p.loop, &p.daemon.idle, EV_TIMER);
    assert_int_equal(p.daemon.idle_left, 1);
    vw_daemon_set_timeout(&p.daemon, 0);
    assert_false(ev_is_active(&p.daemon.idle));
    peer_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls), cmocka_unit_test(programs), cmocka_unit_test(clients),
        cmocka_unit_test(logs),  cmocka_unit_test(idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
