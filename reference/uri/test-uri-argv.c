// SPDX-License-Identifier: MIT
// Command lines word by word, made of URIs that are filled in by hand: every option that can be
// there or not, what a shell would read otherwise, and which words are refused with which sentence.
#include "base/testing/test.h"

#include <string.h>
#include <virwire/uri.h>

#define MODERN VW_DIALECT_MODERN
#define OLD    VW_DIALECT_030
#define DOC    VW_DIALECT_2007
#define RUN(program, to, nc)                                                                       \
    .transport = VW_TRANSPORT_SSH, .command = (program), .host = (to), .netcat = (nc)
#define SSH       RUN("ssh", "h", "nc")
#define HELPER(u) .proxy = VW_URI_PROXY_NATIVE, .helper_uri = (u)
#define NATIVE    HELPER("test:///default")
#define SCRIPT    "sh -c 'virt-ssh-helper '\\''test:///default'\\'''"

static const char *const arguments[] = {"-a", "b c", "", NULL};
static const char *const bad_arguments[] = {"fine", "b\nc", NULL};

/* The words with '|' between them. */
static const struct row {
    struct vw_uri uri;
    unsigned flags;
    const char *words;
} rows[] = {
    {{.dialect = MODERN, SSH, NATIVE}, 0, "ssh|-T|-e|none|--|h|" SCRIPT},
    {{.dialect = MODERN, SSH, NATIVE, .port = 1}, 0, "ssh|-p|1|-T|-e|none|--|h|" SCRIPT},
    {{.dialect = MODERN, SSH, NATIVE, .port = 65535, .port_given = true, .user = "u"},
     0,
     "ssh|-p|65535|-l|u|-T|-e|none|--|h|" SCRIPT},
    {{.dialect = MODERN, SSH, NATIVE, .keyfile = "/k y"}, 0, "ssh|-i|/k y|-T|-e|none|--|h|" SCRIPT},
    {{.dialect = MODERN, SSH, NATIVE, .no_tty = 1},
     0,
     "ssh|-T|-e|none|-o|BatchMode=yes|--|h|" SCRIPT},
    {{.dialect = MODERN, SSH, NATIVE, .no_verify = -1},
     0,
     "ssh|-T|-e|none|-o|StrictHostKeyChecking=no|--|h|" SCRIPT},
    /* All of them: the longest command line there is. */
    {{.dialect = MODERN,
      SSH,
      NATIVE,
      .port = 22,
      .user = "u",
      .keyfile = "k",
      .no_tty = 2,
      .no_verify = 2},
     0,
     "ssh|-p|22|-l|u|-i|k|-T|-e|none|-o|BatchMode=yes|-o|StrictHostKeyChecking=no|--|h|" SCRIPT},
    /* No option: "--" stands before the host. */
    {{.dialect = MODERN, RUN("my ssh", "-h", "nc"), NATIVE, .read_only = true},
     0,
     "my ssh|-T|-e|none|--|-h|sh -c 'virt-ssh-helper -r '\\''test:///default'\\'''"},
    {{.dialect = OLD, SSH, .socket = "/s"}, 0, "ssh|h|nc|-U|/s"},
    {{.dialect = DOC, SSH, .socket = "/s", .port = 22, .user = "u", .keyfile = "k", .no_tty = 1},
     0,
     "ssh|-p|22|-l|u|h|nc|-U|/s"},
    /* U-17: 0.3.0 forgets the user when the URI has a port, and no other dialect does. */
    {{.dialect = OLD, SSH, .socket = "/s", .port = 22, .user = "u"},
     0,
     "ssh|-p|22|-l|u|h|nc|-U|/s"},
    {{.dialect = OLD, SSH, .socket = "/s", .port = 23, .port_given = true, .user = "u"},
     0,
     "ssh|-p|23|h|nc|-U|/s"},
    {{.dialect = DOC, SSH, .socket = "/s", .port = 23, .port_given = true, .user = "u"},
     0,
     "ssh|-p|23|-l|u|h|nc|-U|/s"},
    /* What a shell would not read as one word is quoted: also one that is not there. */
    {{.dialect = OLD, RUN("ssh", "h", ""), .socket = ""}, 0, "ssh|h|''|-U|''"},
    {{.dialect = OLD, RUN("ssh", "h", ""), .socket = ""}, VW_URI_ARGV_LITERAL, "ssh|h||-U|"},
    {{.dialect = DOC, RUN("ssh", "h", "n'c"), .socket = "/a b"}, 0, "ssh|h|'n'\\''c'|-U|'/a b'"},
    {{.dialect = DOC, RUN("ssh", "h", "n'c"), .socket = "/a b"},
     VW_URI_ARGV_LITERAL,
     "ssh|h|n'c|-U|/a b"},
    {{.dialect = OLD, RUN("ssh", "h", "~"), .socket = "'''"}, 0, "ssh|h|'~'|-U|''\\'''\\'''\\'''"},
    {{.dialect = OLD, RUN("ssh", "h", "azAZ09-_./:@%+,"), .socket = "s-"},
     0,
     "ssh|h|azAZ09-_./:@%+,|-U|s-"},
    {{.transport = VW_TRANSPORT_EXT, .command = "-x y"}, 0, "-x y"},
    {{.transport = VW_TRANSPORT_EXT, .command = "x", .argv = arguments}, 0, "x|-a|b c|"},
};

/* Each character that is not plain makes a word quoted. */
static void other_characters_are_quoted(void **state)
{
    static const char odd[] = " !\"#$&'()*;<=>?[\\]^`{|}~\x80\xff";
    for (const char *c = odd; *c; c++) {
        struct vw_arena arena = VW_ARENA_INIT;
        const char netcat[] = {'n', *c, '\0'};
        const struct vw_uri uri = {.dialect = OLD, RUN("ssh", "h", netcat), .socket = "/s"};
        const char *const *argv = NULL;
        char wanted[16];
        snprintf(wanted, sizeof(wanted), *c == '\'' ? "'n'\\''%.0s'" : "'n%.1s'", c);
        assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, NULL), 0);
        assert_string_equal(argv[2], wanted);
        vw_arena_finish(&arena);
    }
}

/* Quotes take four bytes each. */
static void a_word_of_quotes_alone(void **state)
{
    struct vw_arena arena = VW_ARENA_INIT;
    const size_t n = 20000;
    char *netcat = malloc(n + 1);
    const struct vw_uri uri = {.dialect = OLD, RUN("ssh", "h", netcat), .socket = "/s"};
    const char *const *argv = NULL;
    memset(netcat, '\'', n);
    netcat[n] = '\0';
    assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, NULL), 0);
    assert_int_equal(strlen(argv[2]), 4 * n + 2);
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(argv[2] + 1 + 4 * i, "'\\''", 4);
    free(netcat);
    vw_arena_finish(&arena);
}

/* Words that do not fit where the others are, so that each is an allocation of its own. */
static void words_without_memory(void **state)
{
    const size_t n = 40000;
    char *word = malloc(n + 1);
    const struct vw_uri uris[] = {
        {.dialect = OLD, RUN("ssh", "h", word), .socket = word, .port = 22},
        {.dialect = MODERN, RUN("ssh", "h", word), NATIVE, .socket = word, .port = 22},
        {.dialect = MODERN, RUN("ssh", "h", word), .socket = word, .helper_uri = word},
    };
    memset(word, '\'', n);
    word[n] = '\0';
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        size_t fails = 0;
        for (bool failed = true; failed;) {
            struct vw_arena arena = VW_ARENA_INIT;
            struct vw_error err = VW_ERROR_INIT;
            const char *const *argv = NULL;
            vw_failalloc_set(++fails);
            int rc = vw_uri_argv(&uris[i], 0, &arena, &argv, &err);
            failed = vw_failalloc_clear();
            assert_int_equal(rc, failed ? VW_ENOMEM : 0);
            assert_int_equal(argv != NULL, !failed);
            vw_arena_finish(&arena);
        }
        assert_true(fails > 1);
    }
    free(word);
}

static void each_word_has_its_place(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        const char *const *argv = NULL;
        char got[512] = "";
        if (vw_uri_argv(&rows[i].uri, rows[i].flags, &arena, &argv, &err))
            fail_msg("row %zu: %s", i, err.text);
        for (size_t w = 0; argv[w]; w++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", w ? "|" : "", argv[w]);
        assert_string_equal(got, rows[i].words);
        assert_int_equal(err.code, 0);
        vw_arena_finish(&arena);
    }
}

/* as many as there are. */
static void many_arguments(void **state)
{
    static const char *arguments_of_many[3000];
    const size_t most = sizeof(arguments_of_many) / sizeof(arguments_of_many[0]) - 1;
    for (size_t n = 0; n <= most; n += n < 20 ? 1 : 596) {
        struct vw_arena arena = VW_ARENA_INIT;
        const struct vw_uri uri = {
            .transport = VW_TRANSPORT_EXT, .command = "c", .argv = arguments_of_many};
        const char *const *argv = NULL;
        for (size_t i = 0; i <= most; i++)
            arguments_of_many[i] = i < n ? "a" : NULL;
        assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, NULL), 0);
        /* What is taken next lies elsewhere. */
        memset(vw_arena_alloc(&arena, 64, 1), 0xa5, 64);
        assert_string_equal(argv[0], "c");
        for (size_t i = 1; i <= n; i++)
            assert_string_equal(argv[i], "a");
        assert_null(argv[n + 1]);
        vw_arena_finish(&arena);
    }
}

static void scripts_word_by_word(void **state)
{
    static const struct {
        struct vw_uri uri;
        const char *script;
    } scripts[] = {
        {{.dialect = MODERN, SSH, NATIVE}, SCRIPT},
        {{.dialect = MODERN,
          .transport = VW_TRANSPORT_LIBSSH,
          .netcat = "nc",
          NATIVE,
          .socket = "/s"},
         SCRIPT},
        {{.dialect = MODERN, .transport = VW_TRANSPORT_LIBSSH2, .netcat = "nc", NATIVE}, SCRIPT},
        {{.dialect = MODERN,
          SSH,
          .proxy = VW_URI_PROXY_NETCAT,
          .helper_uri = "unused",
          .socket = "/s"},
         "sh -c 'q=; if '\\''nc'\\'' -q 2>&1 | grep '\\''requires an argument'\\'' >/dev/null "
         "2>&1; "
         "then q=-q0; fi; '\\''nc'\\'' $q -U '\\''/s'\\'''"},
        {{.dialect = MODERN, SSH, .helper_uri = "u", .socket = "s", .read_only = true},
         "sh -c 'if which virt-ssh-helper >/dev/null 2>&1; then virt-ssh-helper -r '\\''u'\\''; "
         "else q=; if '\\''nc'\\'' -q 2>&1 | grep '\\''requires an argument'\\'' >/dev/null 2>&1; "
         "then q=-q0; fi; '\\''nc'\\'' $q -U '\\''s'\\''; fi'"},
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        const char *script = NULL;
        assert_int_equal(vw_uri_script(&scripts[i].uri, &arena, &script, NULL), 0);
        assert_string_equal(script, scripts[i].script);
        vw_arena_finish(&arena);
    }
}

#define OPTION(what, word) "the " what " \"" word "\" would be taken for an option"
#define CONTROL(what)      "the " what " holds a control character and is given to no program"

#define SHELL(what, word, char)                                                                    \
    "the " what " \"" word "\" holds '" char "', which a shell could take"

static const struct {
    struct vw_uri uri;
    const char *text;
} refused[] = {
    {{.dialect = MODERN, RUN("s\th", "h", "nc"), NATIVE}, CONTROL("command")},
    {{.dialect = MODERN, SSH, NATIVE, .user = "-u"}, OPTION("user", "-u")},
    {{.dialect = MODERN, SSH, NATIVE, .user = "u\x7f"}, CONTROL("user")},
    {{.dialect = MODERN, SSH, NATIVE, .keyfile = "-"}, OPTION("keyfile", "-")},
    {{.dialect = MODERN, SSH, NATIVE, .keyfile = "\x1f"}, CONTROL("keyfile")},
    {{.dialect = MODERN, RUN("ssh", "h\x01", "nc"), NATIVE}, CONTROL("host")},
    {{.dialect = MODERN, RUN("ssh", "h", "n\nc"), NATIVE}, CONTROL("netcat")},
    {{.dialect = MODERN, SSH, NATIVE, .socket = "/s\r"}, CONTROL("socket")},
    {{.dialect = MODERN, SSH, HELPER("\x1b")}, CONTROL("name")},
    {{.dialect = OLD, RUN("\n", "h", "nc"), .socket = "/s"}, CONTROL("command")},
    {{.dialect = OLD, SSH, .socket = "/s", .user = "-l"}, OPTION("user", "-l")},
    {{.dialect = OLD, RUN("ssh", "-oProxyCommand=x", "nc"), .socket = "/s"},
     OPTION("host", "-oProxyCommand=x")},
    {{.dialect = OLD, RUN("ssh", "h\n", "nc"), .socket = "/s"}, CONTROL("host")},
    {{.dialect = OLD, RUN("ssh", "h", "-e"), .socket = "/s"}, OPTION("netcat", "-e")},
    {{.dialect = OLD, RUN("ssh", "h", "e\n"), .socket = "/s"}, CONTROL("netcat")},
    {{.dialect = OLD, SSH, .socket = "/s\n"}, CONTROL("socket")},
    {{.dialect = OLD, SSH, .socket = "-s"}, OPTION("socket", "-s")},
    {{.dialect = MODERN, SSH, NATIVE, .socket = "-s"}, OPTION("socket", "-s")},
    {{.dialect = MODERN, RUN("ssh", "$(x)", "nc"), NATIVE}, SHELL("host", "$(x)", "$")},
    {{.dialect = OLD, RUN("ssh", "h;x", "nc"), .socket = "/s"}, SHELL("host", "h;x", ";")},
    {{.dialect = OLD, SSH, .socket = "/s", .user = "`x`"}, SHELL("user", "`x`", "`")},
    {{.transport = VW_TRANSPORT_EXT, .command = "c\n"}, CONTROL("command")},
    {{.transport = VW_TRANSPORT_EXT, .command = "c", .argv = bad_arguments}, CONTROL("argv")},
    {{.transport = VW_TRANSPORT_TCP}, "transport tcp runs no program"},
    {{.transport = VW_TRANSPORT_LIBSSH, .dialect = MODERN}, "transport libssh runs no program"},
};

static void what_could_mislead_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        const char *const *argv = NULL;
        assert_int_equal(vw_uri_argv(&refused[i].uri, 0, &arena, &argv, &err), VW_EUSAGE);
        assert_string_equal(err.text, refused[i].text);
        assert_null(argv);
        vw_arena_finish(&arena);
    }
}

/* Whatever the transport. */
static void hosts_and_users_that_a_shell_could_take(void **state)
{
    static const char bad[] = "'\"`$;&<>|(){}\t\n\x7f";
    static const char fine[] = "azAZ09-._:%[]@,+=*?!#~\\\xc3\xa4";
    struct vw_uri uri = {.transport = VW_TRANSPORT_TCP, .host = "h"};
    char word[] = "x?y";
    assert_int_equal(vw_uri_check_peer(&(struct vw_uri){.host = NULL}, NULL), 0);
    for (const char *c = bad; *c; c++) {
        word[1] = *c;
        uri.host = word;
        uri.user = NULL;
        assert_int_equal(vw_uri_check_peer(&uri, NULL), VW_EUSAGE);
        uri.host = "h";
        uri.user = word;
        assert_int_equal(vw_uri_check_peer(&uri, NULL), VW_EUSAGE);
    }
    for (const char *c = fine; *c; c++) {
        word[1] = *c;
        uri.host = uri.user = word;
        assert_int_equal(vw_uri_check_peer(&uri, NULL), 0);
    }
    uri.user = "-x";
    assert_int_equal(vw_uri_check_peer(&uri, NULL), VW_EUSAGE);
    uri.user = "x -y";
    assert_int_equal(vw_uri_check_peer(&uri, NULL), VW_EUSAGE);
    uri.user = "x y z-";
    assert_int_equal(vw_uri_check_peer(&uri, NULL), 0);
}

static void only_modern_ssh_has_a_script(void **state)
{
    static const struct {
        struct vw_uri uri;
        const char *text;
    } others[] = {
        {{.dialect = DOC, SSH, NATIVE}, "transport ssh runs no script"},
        {{.dialect = OLD, SSH, NATIVE}, "transport ssh runs no script"},
        {{.dialect = MODERN, .transport = VW_TRANSPORT_EXT}, "transport ext runs no script"},
        {{.dialect = MODERN, RUN("ssh", "h", "\n"), NATIVE}, CONTROL("netcat")},
        {{.dialect = MODERN, SSH, NATIVE, .socket = "\n"}, CONTROL("socket")},
        {{.dialect = MODERN, SSH, HELPER("\n")}, CONTROL("name")},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct vw_arena arena = VW_ARENA_INIT;
        struct vw_error err = VW_ERROR_INIT;
        const char *script = NULL;
        assert_int_equal(vw_uri_script(&others[i].uri, &arena, &script, &err), VW_EUSAGE);
        assert_string_equal(err.text, others[i].text);
        assert_null(script);
        vw_arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_has_its_place),
        cmocka_unit_test(other_characters_are_quoted),
        cmocka_unit_test(a_word_of_quotes_alone),
        cmocka_unit_test(words_without_memory),
        cmocka_unit_test(many_arguments),
        cmocka_unit_test(scripts_word_by_word),
        cmocka_unit_test(what_could_mislead_is_refused),
        cmocka_unit_test(hosts_and_users_that_a_shell_could_take),
        cmocka_unit_test(only_modern_ssh_has_a_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
