// SPDX-License-Identifier: MIT
// Remote commands as a shell reads them: stand-ins for virt-ssh-helper and nc print the arguments
// that reach them, so that a quoting mistake shows as another word, or as a program that ran.
#include "base/testing/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <virwire/uri.h>

static char dir[VW_TEST_FOLDER];
static char *old_path;
static struct vw_arena arena;

static void write_program(const char *name, const char *body)
{
    char path[sizeof(dir) + 32];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", body);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static void remove_program(const char *name)
{
    char path[sizeof(dir) + 32];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    unlink(path);
}

/* Prints its name and each argument in brackets. */
#define TELL "printf '%s' \"${0##*/}\"; for a in \"$@\"; do printf '[%s]' \"$a\"; done"

/* The machine may have the real one, so what is faked is the search. */
static void helper_is_found(bool found)
{
    write_program("which", found ? "exit 0" : "exit 1");
}

static struct vw_uri parsed(const char *text, enum vw_dialect dialect, bool read_only)
{
    const struct vw_uri_options options = {VW_URI_OPTIONS_INIT, .dialect = dialect,
                                           .read_only = read_only};
    struct vw_error err = VW_ERROR_INIT;
    const struct vw_uri *uri;
    if (vw_uri_parse(text, strlen(text), &options, &arena, &uri, &err))
        fail_msg("%s: %s", text, err.text);
    return *uri;
}

/* What COMMAND prints, run as a login shell runs what ssh sends. */
static const char *output_of(const char *command)
{
    static char out[4096];
    fflush(NULL);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    out[fread(out, 1, sizeof(out) - 1, f)] = '\0';
    pclose(f);
    return out;
}

static const char *run_modern(const char *text, bool read_only)
{
    struct vw_uri uri = parsed(text, VW_DIALECT_MODERN, read_only);
    const char *const *argv;
    const char *script;
    assert_int_equal(vw_uri_script(&uri, &arena, &script, NULL), 0);
    assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, NULL), 0);
    while (argv[1])
        argv++;
    assert_string_equal(argv[0], script);
    return output_of(script);
}

/* ssh joins the words behind the host with spaces. */
static const char *run_old(const char *text, enum vw_dialect dialect)
{
    struct vw_uri uri = parsed(text, dialect, false);
    char command[2048] = "";
    const char *const *argv;
    assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, NULL), 0);
    while (strcmp(*argv, uri.host) != 0)
        argv++;
    for (argv++; *argv; argv++) {
        strcat(command, *argv);
        strcat(command, " ");
    }
    return output_of(command);
}

static void native_gives_the_uri_as_one_word(void **state)
{
    assert_string_equal(run_modern("q+ssh://h/system?proxy=native", false),
                        "virt-ssh-helper[q:///system]");
    assert_string_equal(run_modern("q+ssh://h/system?proxy=native", true),
                        "virt-ssh-helper[-r][q:///system]");
    assert_string_equal(
        run_modern("q+ssh://h/a'b$(id)%60id%60;id&id?proxy=native&x='%24(id)", false),
        "virt-ssh-helper[q:///a'b$(id)%60id%60;id&id?x=%27%24%28id%29]");
    assert_string_equal(run_modern("q+ssh://h/?proxy=native&name='%20%3b%20id%20'%22%60%5c", false),
                        "virt-ssh-helper[' ; id '\"`\\]");
    assert_string_equal(run_modern("remote+ssh://h/?proxy=native", false), "virt-ssh-helper[]");
}

static void netcat_gets_its_words(void **state)
{
    assert_string_equal(run_modern("q+ssh://h/system?proxy=netcat", false),
                        "nc[-q0][-U][/var/run/libvirt/libvirt-sock]");
    assert_string_equal(run_modern("q+ssh://h/system?proxy=netcat", true),
                        "nc[-q0][-U][/var/run/libvirt/libvirt-sock-ro]");
    assert_string_equal(run_modern("q+ssh://h/system?netcat=my%20nc&socket=/a'b%20$(id)%22", false),
                        "my nc[-U][/a'b $(id)\"]");
}

static void auto_prefers_the_helper(void **state)
{
    assert_string_equal(run_modern("q+ssh://h/system", false), "virt-ssh-helper[q:///system]");
    helper_is_found(false);
    assert_string_equal(run_modern("q+ssh://h/system", false),
                        "nc[-q0][-U][/var/run/libvirt/libvirt-sock]");
    helper_is_found(true);
}

static void old_words_stay_words(void **state)
{
    assert_string_equal(run_old("q+ssh://h/system", VW_DIALECT_2007),
                        "nc[-U][/var/run/libvirtd/socket]");
    assert_string_equal(
        run_old("q+ssh://h/system?netcat=my+nc&socket=/a'b+$(id);id", VW_DIALECT_2007),
        "my nc[-U][/a'b $(id);id]");
    assert_string_equal(run_old("q+ssh://h/system?netcat=nc&socket=~*%3f%23", VW_DIALECT_030),
                        "nc[-U][~*?#]");
}

static void nothing_but_a_child_has_words(void **state)
{
    struct vw_error err = VW_ERROR_INIT;
    struct vw_uri uri = parsed("q+tcp://h/system", VW_DIALECT_MODERN, false);
    const char *const *argv;
    const char *script;
    assert_int_equal(vw_uri_argv(&uri, 0, &arena, &argv, &err), VW_EUSAGE);
    vw_error_clear(&err);
    assert_int_equal(vw_uri_script(&uri, &arena, &script, &err), VW_EUSAGE);
    uri = parsed("q+ssh://h/system", VW_DIALECT_2007, false);
    assert_int_equal(vw_uri_script(&uri, &arena, &script, NULL), VW_EUSAGE);
}

static int setup(void **state)
{
    char path[4096];
    if (vw_test_folder(dir))
        return -1;
    old_path = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    snprintf(path, sizeof(path), "%s:%s", dir, old_path);
    setenv("PATH", path, 1);
    write_program("virt-ssh-helper", TELL);
    helper_is_found(true);
    /* One nc that wants an argument of -q, and one that does not know it. */
    write_program(
        "nc", "[ \"$*\" != -q ] || { echo 'nc: option requires an argument' >&2; exit 1; }; " TELL);
    write_program("my nc", "[ \"$*\" != -q ] || { echo 'bad option' >&2; exit 1; }; " TELL);
    return 0;
}

static int teardown(void **state)
{
    vw_arena_finish(&arena);
    setenv("PATH", old_path, 1);
    free(old_path);
    remove_program("virt-ssh-helper");
    remove_program("which");
    remove_program("nc");
    remove_program("my nc");
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_gives_the_uri_as_one_word), cmocka_unit_test(netcat_gets_its_words),
        cmocka_unit_test(auto_prefers_the_helper),          cmocka_unit_test(old_words_stay_words),
        cmocka_unit_test(nothing_but_a_child_has_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown) + vw_test_leaked();
}
