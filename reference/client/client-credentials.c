// SPDX-License-Identifier: MIT
// Credentials for a mechanism: from the file that the caller or the URI names, then from the
// caller.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auth/sasl.h"
#include "base/file.h"
#include "client/opening.h"

/* Such files hold a handful of lines. */
#define FILE_MAX (256u * 1024u)

static int look_up(const char *path, const char *text, size_t len, struct vw_answers *a,
                   struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    int rc = vw_auth_file_find(text, len, VW_SASL_SERVICE, a->host, &a->entry, &why);
    if (rc == 0 || rc == VW_ENAME)
        return 0;
    return vw_error_set(err, VW_ESYNTAX, "authfile %.150s, line %u: %.120s", path, why.line,
                        why.text);
}

static int read_file(const char *path, struct vw_answers *a, struct vw_error *err)
{
    char *text;
    size_t len;
    if (!path[0])
        return vw_error_set(err, VW_EUSAGE, "authfile names no file");
    int rc = vw_file_read(path, true, FILE_MAX, &text, &len);
    if (rc == ENOMEM)
        return vw_error_nomem(err);
    if (rc == EINVAL || rc == EISDIR || rc == EFBIG)
        return vw_error_set(err, VW_EUSAGE, "authfile %.200s: not a file of at most %u KiB", path,
                            FILE_MAX / 1024);
    if (rc)
        return vw_error_set(err, VW_EUSAGE, "authfile %.200s: %s", path, strerror(rc));
    rc = look_up(path, text, len, a, err);
    explicit_bzero(text, len);
    free(text);
    return rc;
}

void vw_answers_init(struct vw_answers *a, const struct vw_client_options *options)
{
    memset(a, 0, sizeof(*a));
    a->options = options;
    a->host = options->auth_host ? options->auth_host : "localhost";
}

int vw_answers_prepare(void *user, struct vw_error *err)
{
    struct vw_answers *a = user;
    return a->options->auth_file ? read_file(a->options->auth_file, a, err) : 0;
}

/* Most answers of the user have a place here before anybody is asked. */
static const char *known(const struct vw_answers *a, const struct vw_credential_request *request)
{
    const char *user = a->options->auth_user;
    switch (request->kind) {
    case VW_CREDENTIAL_USER:
        return a->entry.user[0] ? a->entry.user : user && user[0] ? user : NULL;
    case VW_CREDENTIAL_PASSWORD:
        return a->entry.password[0] ? a->entry.password : NULL;
    case VW_CREDENTIAL_REALM:
        return a->entry.realm[0] ? a->entry.realm : NULL;
    default:
        return NULL;
    }
}

/* Whoever else may know; nobody does: then a file that was named is what to look at. */
static int ask_others(const struct vw_answers *a, const struct vw_credential_request *request,
                      char *buf, size_t size, struct vw_error *err)
{
    struct vw_error why = VW_ERROR_INIT;
    bool user = request->kind == VW_CREDENTIAL_USER;
    int rc = VW_ENAME;
    if (a->options->credentials)
        rc = a->options->credentials(a->options->user, request, buf, size, &why);
    if (a->options->auth_file && (user || request->kind == VW_CREDENTIAL_PASSWORD) &&
        (rc == VW_ENAME || rc == VW_EUSAGE))
        return vw_error_set(err, VW_EUSAGE,
                            "authfile %.150s has no %s for the server at %.80s, and nobody else "
                            "gives one",
                            a->options->auth_file, user ? "user name" : "password", a->host);
    if (rc && err && !err->code)
        *err = why;
    return rc;
}

int vw_answers_ask(void *user, const struct vw_credential_request *request, char *buf, size_t size,
                   struct vw_error *err)
{
    const struct vw_answers *a = user;
    const char *answer = known(a, request);
    if (!answer)
        return ask_others(a, request, buf, size, err);
    size_t len = strlen(answer);
    if (len >= size)
        return vw_error_set(err, VW_ELIMIT, "a name or password has at most %zu bytes", size - 1);
    memcpy(buf, answer, len + 1);
    return 0;
}

void vw_answers_wipe(struct vw_answers *a)
{
    explicit_bzero(a, sizeof(*a));
}
