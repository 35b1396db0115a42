// SPDX-License-Identifier: MIT
// Files in the format of auth.conf: which section counts, what a value is, errors with their line.
#include "base/testing/test.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth-file.h"

static int find(const char *text, const char *host, struct vw_auth_entry *e, struct vw_error *err)
{
    return vw_auth_file_find(text, strlen(text), "libvirt", host, e, err);
}

static const char good[] = "# who we are where\n"
                           "[auth-libvirt-default]\n"
                           "credentials=other\n"
                           "[auth-libvirt-one.example]\n"
                           "  credentials=test\r\n"
                           "[auth-esx-one.example]\n"
                           "credentials=missing\n"
                           "\n"
                           "[credentials-test]\n"
                           "username=ignored\n"
                           "authname=fred\n"
                           "password= a=b #c \n"
                           "realm=home\n"
                           "[credentials-other]\n"
                           "username=mary\n"
                           "something=else";

static void sections_are_chosen_by_host(void **state)
{
    struct vw_auth_entry e;
    assert_int_equal(find(good, "one.example", &e, NULL), 0);
    assert_string_equal(e.user, "fred");
    assert_string_equal(e.password, " a=b #c ");
    assert_string_equal(e.realm, "home");
    assert_int_equal(find(good, "two.example", &e, NULL), 0);
    assert_string_equal(e.user, "mary");
    assert_string_equal(e.password, "");
}

/* Which section, and which of two keys, wins does not hang on what stands first. */
static void order_does_not_matter(void **state)
{
    static const struct {
        const char *text;
        const char *user, *password;
    } rows[] = {
        {"[auth-libvirt-default]\ncredentials=d\n[auth-libvirt-h]\ncredentials=x\n"
         "[credentials-d]\nauthname=D\n[credentials-x]\nauthname=X\n",
         "X", ""},
        {"[credentials-x]\nauthname=X\n[credentials-d]\nauthname=D\n"
         "[auth-libvirt-h]\ncredentials=x\n[auth-libvirt-default]\ncredentials=d\n",
         "X", ""},
        /* Of two of a kind: the first exact one, the last default. */
        {"[auth-libvirt-h]\ncredentials=x\n[auth-libvirt-h]\ncredentials=d\n"
         "[credentials-x]\nauthname=X\n[credentials-d]\nauthname=D\n",
         "X", ""},
        {"[auth-libvirt-default]\ncredentials=x\n[auth-libvirt-default]\ncredentials=d\n"
         "[credentials-x]\nauthname=X\n[credentials-d]\nauthname=D\n",
         "D", ""},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nusername=u\nauthname=a\n", "a", ""},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\nusername=u\n", "a", ""},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\nauthname=b\n", "b", ""},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nusername=u\nusername=v\n", "v", ""},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\npassword=p\nusername=u\npassword=\n",
         "u", ""},
        /* The entry may be told in pieces, and be without any key. */
        {"[credentials-x]\nauthname=a\n[other]\nauthname=b\n[credentials-x]\npassword=p\n"
         "[auth-libvirt-h]\ncredentials=x\n",
         "a", "p"},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\n", "", ""},
        /* Names of keys and sections count to their last byte. */
        {"[auth-libvirt-h]\ncredentialsx=y\ncredential=y\ncredentials=x\n"
         "[credentials-x]\nauthname=a\nauthnam=b\nauthnamex=c\npasswor=d\npasswordx=e\n"
         "[credentials-xx]\nauthname=f\n[credentials-]\nauthname=g\n[Credentials-x]\nauthname=i\n",
         "a", ""},
        {"[auth-libvirt-g]\ncredentials=y\n[auth-libvirt-hh]\ncredentials=y\n"
         "[auth-libvirt-]\ncredentials=y\n[auth-libvirs-h]\ncredentials=y\n"
         "[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\n",
         "a", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_auth_entry e;
        struct vw_error err = VW_ERROR_INIT;
        if (find(rows[i].text, "h", &e, &err))
            fail_msg("row %zu: %s", i, err.text);
        assert_string_equal(e.user, rows[i].user);
        assert_string_equal(e.password, rows[i].password);
        assert_string_equal(e.realm, "");
    }
}

static void blanks_and_ends_of_lines(void **state)
{
    static const struct {
        const char *text;
        const char *user;
    } rows[] = {
        {" \t [auth-libvirt-h] \t \n\t credentials \t=\t x \t\r\n[credentials-x]\nauthname=a", "a"},
        {"[auth-libvirt-h]\r\ncredentials=x\r\n[credentials-x]\r\nauthname\t= a\t \r\n", " a\t "},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\r\r\n", "a\r"},
        {"\r\n  \t\n#[x\n \t# no=thing\n[auth-libvirt-h]\ncredentials=x\n[credentials-x]\n"
         "authname=#\n",
         "#"},
        /* One letter is a name. */
        {"[a]\nb=c\n[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname==\n", "="},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_auth_entry e;
        struct vw_error err = VW_ERROR_INIT;
        if (find(rows[i].text, "h", &e, &err))
            fail_msg("row %zu: %s", i, err.text);
        assert_string_equal(e.user, rows[i].user);
    }
}

static void an_unnamed_server_is_no_error(void **state)
{
    struct vw_auth_entry e;
    struct vw_error err = VW_ERROR_INIT;
    assert_int_equal(find("", "h", &e, &err), VW_ENAME);
    assert_int_equal(find("[credentials-x]\nauthname=a\n", "h", &e, &err), VW_ENAME);
    assert_int_equal(find("[auth-libvirt-h2]\ncredentials=x\n", "h", &e, &err), VW_ENAME);
    assert_int_equal(err.code, 0);
}

/* A text that is refused gives nothing away, not even what stood before the mistake. */
static void nothing_is_left(const struct vw_auth_entry *e)
{
    static const struct vw_auth_entry none;
    assert_memory_equal(e, &none, sizeof(none));
}

static void errors_have_their_line(void **state)
{
#define ENTRY "[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\n"
    static const struct {
        const char *text;
        unsigned line;
        const char *said;
    } rows[] = {
        {"a=b\n", 1, "no section begins before this line"},
        {"#\n\na=b\n", 3, "no section begins before this line"},
        {"# x\n\n[auth-libvirt-h\n", 3, "a section is [NAME]"},
        {"[]\n", 1, "a section is [NAME]"},
        {"[\n", 1, "a section is [NAME]"},
        {"[a] b\n", 1, "a section is [NAME]"},
        {"[auth-libvirt-h]\nnothing\n", 2, "expected [SECTION], KEY=VALUE or #"},
        {"[auth-libvirt-h]\n=b\n", 2, "there is no key ahead of the '='"},
        {"[auth-libvirt-h]\n \t=b\n", 2, "there is no key ahead of the '='"},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-y]\n", 2,
         "there is no section [credentials-x]"},
        {"[auth-libvirt-h]\n\ncredentials= x y \n", 3, "there is no section [credentials-x y]"},
        {ENTRY "broken\n", 5, "expected [SECTION], KEY=VALUE or #"},
        {ENTRY "[broken", 5, "a section is [NAME]"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_auth_entry e;
        struct vw_error err = VW_ERROR_INIT;
        memset(&e, 'x', sizeof(e));
        assert_int_equal(find(rows[i].text, "h", &e, &err), VW_ESYNTAX);
        assert_int_equal(err.line, rows[i].line);
        assert_int_equal(err.column, 1);
        assert_string_equal(err.text, rows[i].said);
        nothing_is_left(&e);
    }
}

/* The service and the host are counted in bytes, whatever they are. */
static void names_of_services_and_hosts(void **state)
{
    static const char text[] = "[auth-s-]\ncredentials=x\n[auth--h]\ncredentials=y\n"
                               "[credentials-x]\nauthname=X\n[credentials-y]\nauthname=Y\n";
    struct vw_auth_entry e;
    assert_int_equal(vw_auth_file_find(text, sizeof(text) - 1, "s", "", &e, NULL), 0);
    assert_string_equal(e.user, "X");
    assert_int_equal(vw_auth_file_find(text, sizeof(text) - 1, "", "h", &e, NULL), 0);
    assert_string_equal(e.user, "Y");
    assert_int_equal(vw_auth_file_find(text, sizeof(text) - 1, "s", "h", &e, NULL), VW_ENAME);
    nothing_is_left(&e);
}

static void values_are_bounded(void **state)
{
    char text[3000] = "[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=";
    size_t start = strlen(text);
    struct vw_auth_entry e;
    struct vw_error err = VW_ERROR_INIT;
    memset(text + start, 'a', VW_CREDENTIAL_SIZE - 1);
    assert_int_equal(
        vw_auth_file_find(text, start + VW_CREDENTIAL_SIZE - 1, "libvirt", "h", &e, &err), 0);
    assert_int_equal(strlen(e.user), VW_CREDENTIAL_SIZE - 1);
    text[start + VW_CREDENTIAL_SIZE - 1] = 'a';
    assert_int_equal(vw_auth_file_find(text, start + VW_CREDENTIAL_SIZE, "libvirt", "h", &e, &err),
                     VW_ELIMIT);
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 10);
    assert_string_equal(err.text, "a value has at most 1023 bytes");
    nothing_is_left(&e);
    text[start + 3] = '\0';
    vw_error_clear(&err);
    assert_int_equal(vw_auth_file_find(text, start + 5, "libvirt", "h", &e, &err), VW_ESYNTAX);
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 10);
    assert_string_equal(err.text, "a value must not hold a NUL");
    nothing_is_left(&e);
}

/* Whatever is cut off or changed: an answer, never a read beyond the end. */
static void any_text_is_survived(void **state)
{
    struct vw_auth_entry e;
    for (size_t n = 0; n < sizeof(good); n++) {
        char text[sizeof(good)];
        memcpy(text, good, sizeof(good));
        vw_auth_file_find(text, n, "libvirt", "one.example", &e, NULL);
        text[n] ^= 0x20;
        vw_auth_file_find(text, sizeof(good) - 1, "libvirt", "one.example", &e, NULL);
        text[n] = '\n';
        vw_auth_file_find(text, sizeof(good) - 1, "libvirt", "one.example", &e, NULL);
    }
}

/* Reading is a loop over bytes in memory: one that does not move on would never end. */
static void tell_that_it_hangs(int sig)
{
    static const char text[] = "a text of a few lines is still being read after 20 s\n";
    _exit(write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 2 : 1);
}

int main(void)
{
    signal(SIGALRM, tell_that_it_hangs);
    alarm(20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_are_chosen_by_host),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(blanks_and_ends_of_lines),
        cmocka_unit_test(names_of_services_and_hosts),
        cmocka_unit_test(an_unnamed_server_is_no_error),
        cmocka_unit_test(errors_have_their_line),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(any_text_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + vw_test_leaked();
}
