// SPDX-License-Identifier: MIT
// Who the server is and who we are: known hosts (known_hosts, known_hosts_verify) and the ways to
// log in (sshauth, keyfile) of the libssh transports.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"
#include "transport/libssh.h"

#define SECRET_MAX 1024
#define PATH_BYTES 4096
#define KBDINT_MAX 8 /* rounds of questions of one server */
#define PROMPT_MAX 256

/* ---- the server ---- */

enum verify { VERIFY_NORMAL, VERIFY_AUTO, VERIFY_IGNORE };

/* no_verify is not for these transports (U-16). */
static enum verify verify_mode(const struct vw_uri *uri)
{
    const char *mode = uri->known_hosts_verify;
    if (!mode || strcmp(mode, "normal") == 0)
        return VERIFY_NORMAL;
    return strcmp(mode, "auto") == 0 ? VERIFY_AUTO : VERIFY_IGNORE;
}

/* The server's key as people compare it: SHA256:... */
static void fingerprint(ssh_session session, char *buf, size_t size)
{
    ssh_key key = NULL;
    unsigned char *hash = NULL;
    size_t len = 0;
    char *text = NULL;
    if (ssh_get_server_publickey(session, &key) == SSH_OK &&
        ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0)
        text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
    snprintf(buf, size, "%s %s", key ? ssh_key_type_to_char(ssh_key_type(key)) : "key",
             text ? text : "of unknown fingerprint");
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    ssh_key_free(key);
}

static bool ask(const struct vw_libssh *s, enum vw_ask_kind kind, const char *prompt, char *buf,
                size_t size)
{
    buf[0] = '\0';
    return s->options->ask &&
           s->options->ask(s->options->user, kind, prompt, s->deadline_ms, buf, size) == 0;
}

static int unknown_host(const struct vw_libssh *s, enum verify mode, struct vw_error *err)
{
    char print[128], prompt[PROMPT_MAX], answer[16];
    fingerprint(s->session, print, sizeof(print));
    if (mode == VERIFY_NORMAL) {
        snprintf(prompt, sizeof(prompt), "The key of %.80s is not known: %s. Accept it (yes/no)? ",
                 s->uri->host, print);
        if (!ask(s, VW_ASK_CONFIRM, prompt, answer, sizeof(answer)))
            return vw_error_set(err, VW_EUNREACHABLE,
                                "the host key of %.80s is not known (%s) and nobody can confirm it",
                                s->uri->host, print);
        if (answer[0] != 'y' && answer[0] != 'Y')
            return vw_error_set(err, VW_EUNREACHABLE, "the host key of %.80s was not accepted (%s)",
                                s->uri->host, print);
    }
    if (ssh_session_update_known_hosts(s->session) != SSH_OK)
        vw_transport_warn(s->options, "the host key of %.80s could not be kept: %.150s",
                          s->uri->host, ssh_get_error(s->session));
    return 0;
}

int vw_libssh_check_host(const struct vw_libssh *s, struct vw_error *err)
{
    enum verify mode = verify_mode(s->uri);
    char print[128];
    if (mode == VERIFY_IGNORE)
        return 0;
    switch (ssh_session_is_known_server(s->session)) {
    case SSH_KNOWN_HOSTS_OK:
        return 0;
    case SSH_KNOWN_HOSTS_UNKNOWN:
    case SSH_KNOWN_HOSTS_NOT_FOUND:
        return unknown_host(s, mode, err);
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
        fingerprint(s->session, print, sizeof(print));
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the host key of %.80s is not the one that is known (now %s)",
                            s->uri->host, print);
    default:
        return vw_libssh_error(s, VW_EUNREACHABLE, "the known hosts cannot be read", err);
    }
}

/* ---- we ---- */

/* One way to log in: SSH_AUTH_SUCCESS, _PARTIAL, _DENIED, _ERROR, or a VW_E* code (far below) that
 * is reported. */
typedef int (*method_fn)(const struct vw_libssh *s, struct vw_error *err);

static bool again(const struct vw_libssh *s, int rc, int *failure, struct vw_error *err)
{
    if (rc != SSH_AUTH_AGAIN)
        return false;
    *failure = vw_libssh_wait(s, err);
    return *failure == 0;
}

static int load_key(const struct vw_libssh *s, const char *path, ssh_key *key, struct vw_error *err)
{
    char secret[SECRET_MAX], prompt[PROMPT_MAX];
    const char *why = "it is no private key, or has a passphrase that nobody gives";
    if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, key) == SSH_OK)
        return 0;
    snprintf(prompt, sizeof(prompt), "Passphrase of %.200s: ", path);
    int rc = SSH_ERROR;
    if (access(path, R_OK) < 0) {
        why = strerror(errno);
    } else if (ask(s, VW_ASK_PASSPHRASE, prompt, secret, sizeof(secret))) {
        rc = ssh_pki_import_privkey_file(path, secret, NULL, NULL, key);
        why = "it is no private key, or its passphrase is another one";
    }
    explicit_bzero(secret, sizeof(secret));
    if (rc == SSH_OK)
        return 0;
    vw_transport_warn(s->options, "the private key %.200s is not used: %s", path, why);
    return -1;
}

static int by_key_file(const struct vw_libssh *s, const char *path, struct vw_error *err)
{
    ssh_key key = NULL;
    int rc, failure = 0;
    if (load_key(s, path, &key, err))
        return SSH_AUTH_DENIED;
    do
        rc = ssh_userauth_publickey(s->session, NULL, key);
    while (again(s, rc, &failure, err));
    ssh_key_free(key);
    return failure ? SSH_AUTH_AGAIN : rc;
}

static int by_key(const struct vw_libssh *s, struct vw_error *err)
{
    static const char *const names[] = {"id_ed25519", "id_ecdsa", "id_rsa"};
    const char *home = getenv("HOME");
    char path[PATH_BYTES];
    int rc = SSH_AUTH_DENIED;
    if (s->uri->keyfile)
        return by_key_file(s, s->uri->keyfile, err);
    for (size_t i = 0; home && rc == SSH_AUTH_DENIED && i < sizeof(names) / sizeof(names[0]); i++) {
        int n = snprintf(path, sizeof(path), "%s/.ssh/%s", home, names[i]);
        if (n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0)
            rc = by_key_file(s, path, err);
    }
    return rc;
}

static int by_password(const struct vw_libssh *s, struct vw_error *err)
{
    char secret[SECRET_MAX], prompt[PROMPT_MAX];
    int rc, failure = 0;
    snprintf(prompt, sizeof(prompt),
             "Password for %.80s at %.100s: ", s->uri->user ? s->uri->user : "you", s->uri->host);
    if (!ask(s, VW_ASK_PASSWORD, prompt, secret, sizeof(secret)))
        return SSH_AUTH_DENIED;
    do
        rc = ssh_userauth_password(s->session, NULL, secret);
    while (again(s, rc, &failure, err));
    explicit_bzero(secret, sizeof(secret));
    return failure ? SSH_AUTH_AGAIN : rc;
}

/* The prompts are the server's: what could act on a terminal goes. */
static int answer_prompts(const struct vw_libssh *s)
{
    char answer[SECRET_MAX], prompt[PROMPT_MAX];
    int n = ssh_userauth_kbdint_getnprompts(s->session), rc = 0;
    for (int i = 0; i < n && rc == 0; i++) {
        char echo = 0;
        const char *text = ssh_userauth_kbdint_getprompt(s->session, (unsigned)i, &echo);
        snprintf(prompt, sizeof(prompt), "%s", text ? text : "");
        vw_shown_mark(prompt);
        if (!ask(s, echo ? VW_ASK_ANSWER : VW_ASK_PASSWORD, prompt, answer, sizeof(answer)))
            rc = -1;
        else
            rc = ssh_userauth_kbdint_setanswer(s->session, (unsigned)i, answer) < 0 ? -1 : 0;
    }
    explicit_bzero(answer, sizeof(answer));
    return rc;
}

static int by_questions(const struct vw_libssh *s, struct vw_error *err)
{
    int rc = SSH_AUTH_DENIED, failure = 0;
    if (!s->options->ask)
        return SSH_AUTH_DENIED;
    for (int round = 0; round < KBDINT_MAX; round++) {
        do
            rc = ssh_userauth_kbdint(s->session, NULL, NULL);
        while (again(s, rc, &failure, err));
        if (failure || rc != SSH_AUTH_INFO)
            break;
        if (answer_prompts(s))
            return SSH_AUTH_DENIED;
    }
    return failure ? SSH_AUTH_AGAIN : rc == SSH_AUTH_INFO ? SSH_AUTH_DENIED : rc;
}

static const struct method {
    const char *name;
    int bit;
    method_fn run;
} methods[] = {
    {"agent", SSH_AUTH_METHOD_PUBLICKEY, vw_libssh_by_agent},
    {"privkey", SSH_AUTH_METHOD_PUBLICKEY, by_key},
    {"password", SSH_AUTH_METHOD_PASSWORD, by_password},
    {"keyboard-interactive", SSH_AUTH_METHOD_INTERACTIVE, by_questions},
};

static const struct method *find_method(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strlen(methods[i].name) == len && strncmp(methods[i].name, name, len) == 0)
            return &methods[i];
    return NULL;
}

int vw_libssh_log_in(const struct vw_libssh *s, struct vw_error *err)
{
    const char *list =
        s->uri->sshauth ? s->uri->sshauth : "agent,privkey,password,keyboard-interactive";
    int failure = 0, rc;
    /* Tells what the server takes; one that lets everybody in is in order too. */
    do
        rc = ssh_userauth_none(s->session, NULL);
    while (again(s, rc, &failure, err));
    for (const char *at = list; failure == 0 && rc != SSH_AUTH_SUCCESS;) {
        size_t len = strcspn(at, ",");
        const struct method *m = find_method(at, len);
        if (rc == SSH_AUTH_ERROR)
            return vw_libssh_error(s, VW_EUNREACHABLE, "logging in", err);
        if (m && ssh_userauth_list(s->session, NULL) & m->bit) {
            rc = m->run(s, err);
            /* Also where nobody typed a password until then. */
            if (rc == SSH_AUTH_AGAIN || (rc != SSH_AUTH_SUCCESS && vw_ms_left(s->deadline_ms) == 0))
                failure = VW_ETIMEOUT;
        }
        if (!at[len])
            break;
        at += len + 1;
    }
    if (failure)
        return vw_error_set(err, failure, "logging in took too long");
    if (rc == SSH_AUTH_SUCCESS)
        return 0;
    return vw_error_set(err, VW_EUNREACHABLE, "%.80s let nobody in by these methods: %.120s",
                        s->uri->host, list);
}
