// SPDX-License-Identifier: MIT
// A server that is started by the run: its place, the words of its command, and what is said where
// it does not come up. test-check-start has one that does.
#include "base/testing/test.h"

#include <string.h>
#include <unistd.h>

#include "conformance/play/own-server.h"

static const struct vw_uri nobody = {.transport = VW_TRANSPORT_UNIX, .socket = "/nonexistent/s"};
static const struct vw_connector plain;

static void words(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_arena arena = VW_ARENA_INIT;
    struct vw_own_server s;
    char want[200];
    assert_int_equal(vw_own_server_init(&s, "true", &arena, &err), 0);
    assert_int_equal(access(s.dir, X_OK), 0);
    snprintf(want, sizeof(want), "a%sb{c}%s{%s", s.socket, s.ports[0], s.ports[1]);
    assert_string_equal(vw_own_server_fill(&s, "a{socket}b{c}{port}{{port2}", &arena), want);
    assert_string_equal(vw_own_server_fill(&s, "", &arena), "");
    assert_string_not_equal(s.ports[0], s.ports[1]);
    char *dir = strdup(s.dir);
    vw_own_server_finish(&s);
    vw_own_server_finish(&s);
    assert_int_not_equal(access(dir, F_OK), 0);
    free(dir);
    vw_arena_finish(&arena);
}

static void failures(void **state)
{
    static const volatile sig_atomic_t interrupted = 1;
    static const struct vw_uri *const uris[] = {&nobody};
    static const struct {
        const char *command, *says;
        bool interrupted;
    } rows[] = {
        {"exec /nonexistent 2>/dev/null",
         "cannot start the server: exec /nonexistent 2>/dev/null: exit status 127 (no such "
         "command)"},
        {"exit 3", "cannot start the server: exit 3: exit status 3"},
        {"kill -SEGV $$", "cannot start the server: kill -SEGV $$: signal 11 (Segmentation fault)"},
        {"exec sleep 100", "interrupted before the server listened", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_error err = VW_ERROR_INIT;
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_own_server s;
        assert_int_equal(vw_own_server_init(&s, rows[i].command, &arena, &err), 0);
        s.connector = &plain;
        s.uris = uris;
        s.n_uris = 1;
        s.interrupted = rows[i].interrupted ? &interrupted : NULL;
        assert_int_equal(vw_own_server_start(&s, &err), VW_EUNREACHABLE);
        assert_string_equal(err.text, rows[i].says);
        vw_own_server_finish(&s);
        vw_arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
