// SPDX-License-Identifier: MIT
// Files in the format of auth.conf: which section counts, what a value is, errors with their line.
#include "base/testing/test.h"

#include <string.h>

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
    vw_auth_entry_wipe(&e);
    assert_string_equal(e.user, "");
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

static void errors_have_their_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
    } rows[] = {
        {"a=b\n", 1},
        {"# x\n\n[auth-libvirt-h\n", 3},
        {"[]\n", 1},
        {"[auth-libvirt-h]\nnothing\n", 2},
        {"[auth-libvirt-h]\n=b\n", 2},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-y]\n", 2},
        {"[auth-libvirt-h]\ncredentials=x\n[credentials-x]\nauthname=a\nbroken\n", 5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vw_auth_entry e;
        struct vw_error err = VW_ERROR_INIT;
        assert_int_equal(find(rows[i].text, "h", &e, &err), VW_ESYNTAX);
        assert_int_equal(err.line, rows[i].line);
        assert_string_equal(e.user, "");
    }
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
    text[start + 3] = '\0';
    vw_error_clear(&err);
    assert_int_equal(vw_auth_file_find(text, start + 5, "libvirt", "h", &e, &err), VW_ESYNTAX);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_are_chosen_by_host),
        cmocka_unit_test(an_unnamed_server_is_no_error),
        cmocka_unit_test(errors_have_their_line),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(any_text_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
