// SPDX-License-Identifier: MIT
// Whose answer a mechanism gets: the file's entry for just this host and service, then the name of
// the URI, then whoever is asked; and files that cannot be had.
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/test.h"
#include "client/opening.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 16];

static int begin(struct vw_answers *a, const struct vw_client_options *o, struct vw_error *err)
{
    vw_answers_init(a, o);
    return vw_answers_prepare(a, err);
}

static int setup(void **state)
{
    if (vw_test_folder(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/auth.conf", dir);
    return 0;
}

static void write_file(const char *text, size_t len)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static const char file[] = "[credentials-a]\nusername=fred\npassword=123456\n"
                           "[credentials-b]\nusername=mary\nrealm=home\n"
                           "[credentials-none]\npassword=abc\n"
                           "[credentials-short]\nusername=u\npassword=p\nrealm=r\n"
                           "[auth-libvirt-peer]\ncredentials=a\n"
                           "[auth-libvirt-short]\ncredentials=short\n"
                           "[auth-libvirt-default]\ncredentials=none\n"
                           "[auth-peer-libvirt]\ncredentials=b\n"
                           "[auth-vnc-other]\ncredentials=b\n";

static int says(void *user, const struct vw_credential_request *request, char *buf, size_t size,
                struct vw_error *err)
{
    const char *answer = user;
    if (!answer)
        return VW_ENAME;
    if (strcmp(answer, "fails") == 0)
        return vw_error_set(err, VW_ETIMEOUT, "nobody types");
    snprintf(buf, size, "%s", answer);
    return 0;
}

static void who_answers(void **state)
{
    static const struct {
        const char *host;
        bool file;
        const char *uri_user;
        enum vw_credential_kind kind;
        const char *typed;
        int rc;
        const char *answer; /* or the error */
    } rows[] = {
        {"peer", true, NULL, VW_CREDENTIAL_USER, "typed", 0, "fred"},
        {"peer", true, "me", VW_CREDENTIAL_USER, "typed", 0, "fred"},
        {"peer", true, NULL, VW_CREDENTIAL_PASSWORD, "typed", 0, "123456"},
        {"peer", true, NULL, VW_CREDENTIAL_REALM, "typed", 0, "typed"},
        {"peer", true, NULL, VW_CREDENTIAL_ANSWER, "typed", 0, "typed"},
        {"short", true, NULL, VW_CREDENTIAL_USER, "typed", 0, "u"},
        {"short", true, NULL, VW_CREDENTIAL_PASSWORD, "typed", 0, "p"},
        {"short", true, NULL, VW_CREDENTIAL_REALM, "typed", 0, "r"},
        {"other", true, NULL, VW_CREDENTIAL_PASSWORD, "typed", 0, "abc"},
        {"other", true, "me", VW_CREDENTIAL_USER, "typed", 0, "me"},
        {"other", true, "", VW_CREDENTIAL_USER, "typed", 0, "typed"},
        {"other", true, "m", VW_CREDENTIAL_USER, "typed", 0, "m"},
        {"other", true, NULL, VW_CREDENTIAL_USER, NULL, VW_EUSAGE,
         "has no user name for the server at other, and nobody else gives one"},
        {"other", true, NULL, VW_CREDENTIAL_USER, "fails", VW_ETIMEOUT, "nobody types"},
        {"other", true, NULL, VW_CREDENTIAL_REALM, NULL, VW_ENAME, ""},
        {"peer", false, NULL, VW_CREDENTIAL_USER, NULL, VW_ENAME, ""},
        {"peer", false, "me", VW_CREDENTIAL_USER, NULL, 0, "me"},
        {"peer", false, NULL, VW_CREDENTIAL_PASSWORD, "typed", 0, "typed"},
    };
    write_file(file, sizeof(file) - 1);
    unsigned before = vw_test_descriptors();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT,
                                      .auth_host = rows[i].host,
                                      .auth_file = rows[i].file ? path : NULL,
                                      .auth_user = rows[i].uri_user,
                                      .credentials = says,
                                      .user = (void *)rows[i].typed};
        const struct vw_credential_request request = {.kind = rows[i].kind};
        struct vw_answers a;
        struct vw_error err = VW_ERROR_INIT;
        char buf[64] = "";
        assert_int_equal(begin(&a, &o, &err), 0);
        int rc = vw_answers_ask(&a, &request, buf, sizeof(buf), &err);
        if (rc != rows[i].rc ||
            (rc ? !strstr(err.text, rows[i].answer) : strcmp(buf, rows[i].answer) != 0))
            fail_msg("row %zu: %d, \"%s\", %s", i, rc, buf, err.text);
        assert_int_equal(err.code, rc == VW_ENAME ? 0 : rc);
        vw_answers_wipe(&a);
        for (size_t k = 0; k < sizeof(a); k++)
            assert_int_equal(((const char *)&a)[k], 0);
    }
    assert_int_equal(vw_test_descriptors(), before);
    unlink(path);
}

/* The answer of the file fits with its NUL, or is refused. */
static void room(void **state)
{
    struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth_host = "peer", .auth_file = path};
    const struct vw_credential_request request = {.kind = VW_CREDENTIAL_PASSWORD};
    struct vw_answers a;
    struct vw_error err = VW_ERROR_INIT;
    char buf[8];
    write_file(file, sizeof(file) - 1);
    assert_int_equal(begin(&a, &o, &err), 0);
    assert_int_equal(vw_answers_ask(&a, &request, buf, 7, &err), 0);
    assert_string_equal(buf, "123456");
    assert_int_equal(vw_answers_ask(&a, &request, buf, 6, &err), VW_ELIMIT);
    assert_string_equal(err.text, "a name or password has at most 5 bytes");
    vw_answers_wipe(&a);
    unlink(path);
}

static void files_that_cannot_be_had(void **state)
{
    static char large[256 * 1024 + 1];
    const struct vw_client_options o = {VW_CLIENT_OPTIONS_INIT, .auth_file = path},
                                   empty = {.auth_file = ""};
    struct vw_answers a;
    struct vw_error err = VW_ERROR_INIT;
    unsigned before = vw_test_descriptors();
    assert_int_equal(begin(&a, &o, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "auth.conf: No such file or directory"));
    vw_error_clear(&err);
    assert_int_equal(begin(&a, &empty, &err), VW_EUSAGE);
    assert_string_equal(err.text, "authfile names no file");
    vw_error_clear(&err);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(begin(&a, &o, &err), VW_EUSAGE);
    assert_non_null(strstr(err.text, "auth.conf: not a file of at most 256 KiB"));
    unlink(path);
    for (size_t more = 0; more < 2; more++) {
        memset(large, '\n', sizeof(large));
        vw_error_clear(&err);
        write_file(large, sizeof(large) - 1 + more);
        assert_int_equal(begin(&a, &o, &err), more ? VW_EUSAGE : 0);
    }
    vw_error_clear(&err);
    write_file("\n\n[x\n", 5);
    assert_int_equal(begin(&a, &o, &err), VW_ESYNTAX);
    assert_non_null(strstr(err.text, "auth.conf, line 3: "));
    assert_int_equal(vw_test_descriptors(), before);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_answers),
        cmocka_unit_test(room),
        cmocka_unit_test(files_that_cannot_be_had),
    };
    return cmocka_run_group_tests(tests, setup, NULL) + vw_test_leaked();
}
