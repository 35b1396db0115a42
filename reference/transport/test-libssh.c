// SPDX-License-Identifier: MIT
// Who a server of ssh is and how we log in there, with functions in libssh's place that answer as a
// test wants: each state of the known hosts, each method and each of its ends. A real sshd is in
// test-ssh-login-real.
#include "base/testing/test.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/libssh.h"

/* These are members here, not calls. */
#undef ssh_session_is_known_server
#undef ssh_session_update_known_hosts
#undef ssh_get_error
#undef ssh_get_fd
#undef ssh_get_poll_flags
#undef ssh_get_server_publickey
#undef ssh_get_publickey_hash
#undef ssh_get_fingerprint_hash
#undef ssh_key_type
#undef ssh_key_type_to_char
#undef ssh_key_free
#undef ssh_clean_pubkey_hash
#undef ssh_string_free_char
#undef ssh_pki_import_privkey_file
#undef ssh_userauth_none
#undef ssh_userauth_list
#undef ssh_userauth_password
#undef ssh_userauth_publickey
#undef ssh_userauth_kbdint
#undef ssh_userauth_kbdint_getnprompts
#undef ssh_userauth_kbdint_getprompt
#undef ssh_userauth_kbdint_setanswer

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fake {
    enum ssh_known_hosts_e known;
    int kept;    /* what keeping a host gives */
    bool no_key; /* of the server */
    int none, list;
    int password, publickey, kbdint; /* the ends of methods */
    int again;                       /* so many times each is to be called again */
    int rounds, prompts;             /* of questions */
    int import, import_secret;
    int fd;
    int answer_rc;
} fake;

static char calls[200]; /* letters, in their order */
static char imported[300];
static int keys, hashes, texts; /* that are not freed */
static char handle[] = "a session";

static void note(const char *letter)
{
    strncat(calls, letter, sizeof(calls) - strlen(calls) - 1);
}

static enum ssh_known_hosts_e known(ssh_session session)
{
    return fake.known;
}

static int keep(ssh_session session)
{
    note("k");
    return fake.kept;
}

static const char *reason(void *session)
{
    return "its reason";
}

static socket_t fd_of(ssh_session session)
{
    return fake.fd;
}

static int flags_of(ssh_session session)
{
    return SSH_WRITE_PENDING;
}

static int server_key(ssh_session session, ssh_key *key)
{
    *key = fake.no_key ? NULL : (ssh_key)(void *)handle;
    keys += !fake.no_key;
    return fake.no_key ? SSH_ERROR : SSH_OK;
}

/* NOLINTNEXTLINE(misc-misplaced-const): as libssh declares it */
static int hash_of(const ssh_key key, enum ssh_publickey_hash_type type, unsigned char **hash,
                   size_t *len)
{
    assert_int_equal(type, SSH_PUBLICKEY_HASH_SHA256);
    *hash = (unsigned char *)handle;
    *len = 3;
    hashes++;
    return 0;
}

static char *text_of(enum ssh_publickey_hash_type type, unsigned char *hash, size_t len)
{
    static char text[] = "SHA256:abc";
    texts += len == 3;
    return len == 3 ? text : NULL;
}

/* NOLINTNEXTLINE(misc-misplaced-const): as libssh declares it */
static enum ssh_keytypes_e type_of(const ssh_key key)
{
    return SSH_KEYTYPE_ED25519;
}

static const char *type_name(enum ssh_keytypes_e type)
{
    return "ssh-ed25519";
}

static void free_key(ssh_key key)
{
    keys -= key != NULL;
}

static void free_hash(unsigned char **hash)
{
    hashes -= *hash != NULL;
}

static void free_text(char *text)
{
    texts -= text != NULL;
}

static int import(const char *path, const char *secret, ssh_auth_callback fn, void *data,
                  ssh_key *key)
{
    note(secret ? "I" : "i");
    if (secret)
        assert_string_equal(secret, "answer");
    const char *name = strrchr(path, '/');
    strncat(imported, name, sizeof(imported) - strlen(imported) - 1);
    int rc = secret ? fake.import_secret : fake.import;
    if (rc == SSH_OK)
        *key = (ssh_key)(void *)handle;
    keys += rc == SSH_OK;
    return rc;
}

static int end_of(const char *letter, int rc)
{
    note(letter);
    if (fake.again == 0)
        return rc;
    fake.again--;
    return SSH_AUTH_AGAIN;
}

static int none(ssh_session session, const char *user)
{
    return end_of("n", fake.none);
}

static int list(ssh_session session, const char *user)
{
    return fake.list;
}

static int password(ssh_session session, const char *user, const char *secret)
{
    assert_string_equal(secret, "answer");
    return end_of("p", fake.password);
}

/* NOLINTNEXTLINE(misc-misplaced-const): as libssh declares it */
static int publickey(ssh_session session, const char *user, const ssh_key key)
{
    assert_ptr_equal(key, handle);
    return end_of("y", fake.publickey);
}

static int kbdint(ssh_session session, const char *user, const char *devices)
{
    if (fake.again == 0 && fake.rounds-- > 0)
        return end_of("q", SSH_AUTH_INFO);
    return end_of("q", fake.kbdint);
}

static int prompts(ssh_session session)
{
    return fake.prompts;
}

static const char *prompt(ssh_session session, unsigned i, char *echo)
{
    *echo = i == 1;
    return i == 0 ? "co\nde\x7f?" : i == 1 ? "name?" : NULL;
}

static int set_answer(ssh_session session, unsigned i, const char *answer)
{
    assert_string_equal(answer, "answer");
    note("a");
    return fake.answer_rc;
}

/* ---- who is asked ---- */

static const char *answer; /* NULL: there is none */
static char asked[400];    /* kinds and prompts */
static char warned[300];

static int ask(void *user, enum vw_ask_kind kind, const char *text, int64_t deadline_ms, char *buf,
               size_t size)
{
    size_t n = strlen(asked);
    snprintf(asked + n, sizeof(asked) - n, "%d:%s|", (int)kind, text);
    if (!answer)
        return -1;
    snprintf(buf, size, "%s", answer);
    return 0;
}

static void warn(void *user, const char *text)
{
    snprintf(warned, sizeof(warned), "%s", text);
}

static const struct vw_transport_options people = {.ask = ask, .warn = warn};
static const struct vw_transport_options nobody = {.warn = warn};
static int ends[2];

static int reset(void **state)
{
    memset(&fake, 0, sizeof(fake));
    fake.fd = ends[0]; /* can always be written to, so that nothing waits */
    calls[0] = asked[0] = warned[0] = imported[0] = '\0';
    answer = "answer";
    return 0;
}

static int set_up(void **state)
{
    vw_ssh_calls = (struct vw_ssh_calls){
        .ssh_session_is_known_server = known,
        .ssh_session_update_known_hosts = keep,
        .ssh_get_error = reason,
        .ssh_get_fd = fd_of,
        .ssh_get_poll_flags = flags_of,
        .ssh_get_server_publickey = server_key,
        .ssh_get_publickey_hash = hash_of,
        .ssh_get_fingerprint_hash = text_of,
        .ssh_key_type = type_of,
        .ssh_key_type_to_char = type_name,
        .ssh_key_free = free_key,
        .ssh_clean_pubkey_hash = free_hash,
        .ssh_string_free_char = free_text,
        .ssh_pki_import_privkey_file = import,
        .ssh_userauth_none = none,
        .ssh_userauth_list = list,
        .ssh_userauth_password = password,
        .ssh_userauth_publickey = publickey,
        .ssh_userauth_kbdint = kbdint,
        .ssh_userauth_kbdint_getnprompts = prompts,
        .ssh_userauth_kbdint_getprompt = prompt,
        .ssh_userauth_kbdint_setanswer = set_answer,
    };
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static struct vw_libssh to(const struct vw_uri *uri, const struct vw_transport_options *options)
{
    return (struct vw_libssh){.session = (ssh_session)(void *)handle,
                              .uri = uri,
                              .options = options,
                              .deadline_ms = vw_now_ms() + 60000};
}

/* ---- the server ---- */

#define PRINT   "ssh-ed25519 SHA256:abc"
#define UNKNOWN "the host key of h is not known (" PRINT ") and nobody can confirm it"
#define REFUSED "the host key of h was not accepted (" PRINT ")"
#define CHANGED "the host key of h is not the one that is known (now " PRINT ")"

static void each_state_of_the_known_hosts(void **state)
{
    static const struct {
        enum ssh_known_hosts_e known;
        const char *mode;
        int no_verify;
        const char *answer; /* "-": nobody is there */
        int rc;
        const char *text, *calls;
    } rows[] = {
        {SSH_KNOWN_HOSTS_OK, NULL, 0, "-", 0, "", ""},
        {SSH_KNOWN_HOSTS_UNKNOWN, NULL, 0, "-", VW_EUNREACHABLE, UNKNOWN, ""},
        {SSH_KNOWN_HOSTS_UNKNOWN, NULL, 0, NULL, VW_EUNREACHABLE, UNKNOWN, ""},
        {SSH_KNOWN_HOSTS_NOT_FOUND, "normal", 0, "no", VW_EUNREACHABLE, REFUSED, ""},
        {SSH_KNOWN_HOSTS_NOT_FOUND, "normal", 0, "", VW_EUNREACHABLE, REFUSED, ""},
        {SSH_KNOWN_HOSTS_UNKNOWN, "normal", 0, "yes", 0, "", "k"},
        {SSH_KNOWN_HOSTS_NOT_FOUND, NULL, 0, "Y", 0, "", "k"},
        {SSH_KNOWN_HOSTS_UNKNOWN, "auto", 0, "-", 0, "", "k"},
        {SSH_KNOWN_HOSTS_UNKNOWN, "ignore", 0, "-", 0, "", ""},
        {SSH_KNOWN_HOSTS_UNKNOWN, "normal", 1, "-", VW_EUNREACHABLE, UNKNOWN, ""},
        {SSH_KNOWN_HOSTS_CHANGED, "auto", 1, "-", VW_EUNREACHABLE, CHANGED, ""},
        {SSH_KNOWN_HOSTS_CHANGED, "ignore", 0, "-", 0, "", ""},
        {SSH_KNOWN_HOSTS_CHANGED, NULL, 0, "yes", VW_EUNREACHABLE, CHANGED, ""},
        {SSH_KNOWN_HOSTS_CHANGED, "auto", 0, "yes", VW_EUNREACHABLE, CHANGED, ""},
        {SSH_KNOWN_HOSTS_OTHER, NULL, 0, "yes", VW_EUNREACHABLE, CHANGED, ""},
        {SSH_KNOWN_HOSTS_ERROR, NULL, 0, "yes", VW_EUNREACHABLE,
         "the known hosts cannot be read: its reason", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_uri uri = {
            .host = "h", .known_hosts_verify = rows[i].mode, .no_verify = rows[i].no_verify};
        bool alone = rows[i].answer && rows[i].answer[0] == '-';
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        fake.known = rows[i].known;
        answer = rows[i].answer;
        const struct vw_libssh s = to(&uri, alone ? &nobody : &people);
        int rc = vw_libssh_check_host(&s, &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0 ||
            strcmp(calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s, %s", i, rc, err.text, calls);
        assert_string_equal(warned, "");
    }
}

static void what_is_asked_about_a_host(void **state)
{
    const struct vw_uri uri = {.host = "h"};
    const struct vw_libssh s = to(&uri, &people);
    fake.known = SSH_KNOWN_HOSTS_UNKNOWN;
    fake.kept = SSH_ERROR;
    answer = "y";
    assert_int_equal(vw_libssh_check_host(&s, NULL), 0);
    assert_string_equal(asked, "3:The key of h is not known: " PRINT ". Accept it (yes/no)? |");
    assert_string_equal(warned, "the host key of h could not be kept: its reason");
    struct vw_error err = VW_ERROR_INIT;
    fake.no_key = true;
    answer = "n";
    assert_int_equal(vw_libssh_check_host(&s, &err), VW_EUNREACHABLE);
    assert_string_equal(err.text,
                        "the host key of h was not accepted (key of unknown fingerprint)");
}

/* ---- we ---- */

#define PUB  SSH_AUTH_METHOD_PUBLICKEY
#define PASS SSH_AUTH_METHOD_PASSWORD
#define INT  SSH_AUTH_METHOD_INTERACTIVE
#define OK   SSH_AUTH_SUCCESS
#define NO   SSH_AUTH_DENIED
#define LET  "h let nobody in by these methods: "

static void each_method_and_its_end(void **state)
{
    static const struct {
        const char *sshauth;
        struct fake f;
        int rc;
        const char *text, *calls;
    } rows[] = {
        {"password", {.none = OK}, 0, "", "n"},
        {"password", {.none = OK, .again = 3}, 0, "", "nnnn"},
        {"password", {.none = SSH_AUTH_ERROR}, VW_EUNREACHABLE, "logging in: its reason", "n"},
        {"password", {.none = NO, .list = PASS, .password = OK}, 0, "", "np"},
        {"password",
         {.none = NO, .list = PASS, .password = NO},
         VW_EUNREACHABLE,
         LET "password",
         "np"},
        {"password",
         {.none = NO, .list = PUB | INT, .password = OK},
         VW_EUNREACHABLE,
         LET "password",
         "n"},
        {"privkey", {.none = NO, .list = PUB, .publickey = OK}, 0, "", "niy"},
        {"privkey",
         {.none = NO, .list = PASS, .publickey = OK},
         VW_EUNREACHABLE,
         LET "privkey",
         "n"},
        {"privkey,password",
         {.none = NO, .list = PUB | PASS, .publickey = NO, .password = OK},
         0,
         "",
         "niyp"},
        {"password,privkey",
         {.none = NO, .list = PUB | PASS, .publickey = OK, .password = SSH_AUTH_PARTIAL},
         0,
         "",
         "npiy"},
        {"password,privkey",
         {.none = NO, .list = PUB | PASS, .password = SSH_AUTH_ERROR},
         VW_EUNREACHABLE,
         "logging in: its reason",
         "np"},
        {"privkey",
         {.none = NO, .list = PUB, .import = SSH_ERROR, .import_secret = SSH_OK},
         VW_EUNREACHABLE,
         LET "privkey",
         "ni"}, /* the file is not there */
        {"keyboard-interactive", {.none = NO, .list = INT, .kbdint = OK}, 0, "", "nq"},
        {"keyboard-interactive",
         {.none = NO, .list = INT, .kbdint = OK, .rounds = 1, .prompts = 3},
         0,
         "",
         "nqaaaq"},
        {"keyboard-interactive",
         {.none = NO, .list = INT, .kbdint = OK, .rounds = 7},
         0,
         "",
         "nqqqqqqqq"},
        {"keyboard-interactive",
         {.none = NO, .list = INT, .kbdint = OK, .rounds = 8},
         VW_EUNREACHABLE,
         LET "keyboard-interactive",
         "nqqqqqqqq"},
        {"keyboard-interactive",
         {.none = NO, .list = INT, .kbdint = OK, .rounds = 1, .prompts = 3, .answer_rc = -1},
         VW_EUNREACHABLE,
         LET "keyboard-interactive",
         "nqa"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_uri uri = {
            .host = "h", .sshauth = rows[i].sshauth, .keyfile = "/nowhere/key"};
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        fake = rows[i].f;
        fake.fd = ends[0];
        const struct vw_libssh s = to(&uri, &people);
        int rc = vw_libssh_log_in(&s, &err);
        if (rc != rows[i].rc || strcmp(err.text, rows[i].text) != 0 ||
            strcmp(calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s, %s", i, rc, err.text, calls);
    }
}

static void what_is_asked_of_the_user(void **state)
{
    static const struct vw_uri named = {.host = "h", .sshauth = "password", .user = "fred"};
    static const struct vw_uri unnamed = {.host = "h", .sshauth = "password"};
    static const struct vw_uri questions = {.host = "h", .sshauth = "keyboard-interactive"};
    static const struct {
        const struct vw_uri *uri;
        const char *asked;
    } rows[] = {
        {&named, "0:Password for fred at h: |"},
        {&unnamed, "0:Password for you at h: |"},
        {&questions, "0:co?de??|2:name?|0:|"},
    };
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        bool alone = i % 2;
        reset(NULL);
        fake.none = NO;
        fake.list = PASS | INT;
        fake.rounds = 1;
        fake.prompts = 3;
        const struct vw_libssh s = to(rows[i / 2].uri, alone ? &nobody : &people);
        assert_int_equal(vw_libssh_log_in(&s, NULL), alone ? VW_EUNREACHABLE : 0);
        assert_string_equal(asked, alone ? "" : rows[i / 2].asked);
    }
}

static void keys_with_a_passphrase(void **state)
{
    static const struct {
        int import_secret;
        const char *file, *answer;
        int rc;
        const char *calls, *warned;
    } rows[] = {
        {SSH_OK, "/dev/null", "answer", 0, "niIy", ""},
        {SSH_ERROR, "/dev/null", "answer", VW_EUNREACHABLE, "niI",
         "the private key /dev/null is not used: it is no private key, or its passphrase is "
         "another one"},
        {SSH_OK, "/dev/null", NULL, VW_EUNREACHABLE, "ni",
         "the private key /dev/null is not used: it is no private key, or has a passphrase that "
         "nobody gives"},
        {SSH_OK, "/nowhere/key", "answer", VW_EUNREACHABLE, "ni",
         "the private key /nowhere/key is not used: No such file or directory"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_uri uri = {.host = "h", .sshauth = "privkey", .keyfile = rows[i].file};
        reset(NULL);
        fake.none = NO;
        fake.list = PUB;
        fake.import = SSH_ERROR;
        fake.import_secret = rows[i].import_secret;
        answer = rows[i].answer;
        const struct vw_libssh s = to(&uri, &people);
        assert_int_equal(vw_libssh_log_in(&s, NULL), rows[i].rc);
        assert_string_equal(calls, rows[i].calls);
        assert_string_equal(warned, rows[i].warned);
        assert_string_equal(asked, rows[i].file[1] == 'd' ? "1:Passphrase of /dev/null: |" : "");
    }
}

/* Without keyfile those of the user's ssh that are there, until one is let in. */
static void the_users_own_keys(void **state)
{
    static const char *const names[] = {"id_ed25519", "id_ecdsa", "id_rsa", "id_dsa"};
    static const struct {
        bool there[4];
        bool home;
        int publickey, rc;
        const char *imported, *calls;
    } rows[] = {
        {{true, true, true, true}, true, OK, 0, "/id_ed25519", "niy"},
        {{true, true, true, true},
         true,
         NO,
         VW_EUNREACHABLE,
         "/id_ed25519/id_ecdsa/id_rsa",
         "niyiyiy"},
        {{false, true, true, false}, true, SSH_AUTH_PARTIAL, VW_EUNREACHABLE, "/id_ecdsa", "niy"},
        {{false, false, true, true}, true, OK, 0, "/id_rsa", "niy"},
        {{true, false, false, false}, true, SSH_AUTH_ERROR, VW_EUNREACHABLE, "/id_ed25519", "niy"},
        {{false, false, false, true}, true, OK, VW_EUNREACHABLE, "", "n"},
        {{true, true, true, true}, false, OK, VW_EUNREACHABLE, "", "n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vw_uri uri = {.host = "h", .sshauth = "privkey"};
        char home[VW_TEST_FOLDER], path[VW_TEST_FOLDER + 32];
        assert_int_equal(vw_test_folder(home), 0);
        snprintf(path, sizeof(path), "%s/.ssh", home);
        assert_int_equal(mkdir(path, 0700), 0);
        for (size_t k = 0; k < COUNT(names); k++) {
            snprintf(path, sizeof(path), "%s/.ssh/%s", home, names[k]);
            FILE *f = rows[i].there[k] ? fopen(path, "we") : NULL;
            assert_int_equal(f != NULL, rows[i].there[k]);
            if (f)
                fclose(f);
        }
        setenv("HOME", home, 1);
        if (!rows[i].home)
            unsetenv("HOME");
        reset(NULL);
        fake.none = NO;
        fake.list = PUB;
        fake.publickey = rows[i].publickey;
        const struct vw_libssh s = to(&uri, &people);
        int rc = vw_libssh_log_in(&s, NULL);
        if (rc != rows[i].rc || strcmp(imported, rows[i].imported) != 0 ||
            strcmp(calls, rows[i].calls) != 0)
            fail_msg("row %zu: %d, %s, %s", i, rc, imported, calls);
    }
}

/* What the server's key and ours took is given back. */
static void nothing_of_libssh_is_left(void **state)
{
    assert_int_equal(keys, 0);
    assert_int_equal(hashes, 0);
    assert_int_equal(texts, 0);
}

/* Whoever never says that it is done is left at the deadline. */
static void logging_in_ends_in_time(void **state)
{
    static const char *const lists[] = {"password", "privkey", "keyboard-interactive"};
    for (size_t i = 0; i < COUNT(lists) + 1; i++) {
        const struct vw_uri uri = {
            .host = "h", .sshauth = lists[i % COUNT(lists)], .keyfile = "/dev/null"};
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        struct vw_libssh s = to(&uri, &people);
        s.deadline_ms = vw_now_ms() - 1;
        fake.none = i < COUNT(lists) ? NO : SSH_AUTH_AGAIN;
        fake.list = PUB | PASS | INT;
        fake.password = fake.publickey = fake.kbdint = SSH_AUTH_AGAIN;
        assert_int_equal(vw_libssh_log_in(&s, &err), VW_ETIMEOUT);
        assert_string_equal(err.text, "setting up ssh to h took too long");
    }
}

static int poll_error; /* of poll(2), which the linker replaces; 0: it polls */

int __real_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    if (!poll_error)
        return __real_poll(fds, n, timeout_ms);
    errno = poll_error;
    return -1;
}

/* Nor are other ways in tried when there is no waiting for the first one. */
static void logging_in_ends_when_it_cannot_wait(void **state)
{
    static const char *const lists[] = {"password,keyboard-interactive", "privkey,password",
                                        "keyboard-interactive,password"};
    static const char *const wanted[] = {"np", "niy", "nq"};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct vw_uri uri = {.host = "h", .sshauth = lists[i], .keyfile = "/dev/null"};
        struct vw_error err = VW_ERROR_INIT;
        reset(NULL);
        struct vw_libssh s = to(&uri, &people);
        fake.none = NO;
        fake.list = PUB | PASS | INT;
        fake.password = fake.publickey = fake.kbdint = SSH_AUTH_AGAIN;
        poll_error = EINVAL;
        int rc = vw_libssh_log_in(&s, &err);
        poll_error = 0;
        assert_int_equal(rc, VW_ETIMEOUT);
        assert_string_equal(err.text, "poll: Invalid argument");
        assert_string_equal(calls, wanted[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_state_of_the_known_hosts, reset),
        cmocka_unit_test_setup(what_is_asked_about_a_host, reset),
        cmocka_unit_test_setup(each_method_and_its_end, reset),
        cmocka_unit_test_setup(what_is_asked_of_the_user, reset),
        cmocka_unit_test_setup(keys_with_a_passphrase, reset),
        cmocka_unit_test_setup(the_users_own_keys, reset),
        cmocka_unit_test_setup(logging_in_ends_in_time, reset),
        cmocka_unit_test_setup(logging_in_ends_when_it_cannot_wait, reset),
        cmocka_unit_test(nothing_of_libssh_is_left),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) + vw_test_leaked();
}
