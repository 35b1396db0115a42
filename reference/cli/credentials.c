// SPDX-License-Identifier: MIT
// Answers of the environment and of the person at the terminal.
#include "cli/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/core.h"
#include "base/shown.h"
#include "cli/message.h"
#include "cli/prompt.h"

#define PROMPT_SIZE 512

static bool take(const char *command, const char *name, char *to)
{
    char *value = getenv(name);
    if (!value)
        return false;
    bool fits = strlen(value) < VW_CREDENTIAL_SIZE;
    if (fits)
        strcpy(to, value);
    else
        vw_cli_warn(command, "%s is not used: it has more than %u bytes", name,
                    VW_CREDENTIAL_SIZE - 1);
    explicit_bzero(value, strlen(value));
    unsetenv(name);
    return fits;
}

void vw_cli_credentials_take(struct vw_cli_credentials *c, const char *command)
{
    vw_core_forbid();
    take(command, "VIRWIRE_USER", c->user);
    if (take(command, "VIRWIRE_PASSWORD", c->password))
        c->has_password = true;
    if (take(command, "VIRWIRE_PASSPHRASE", c->passphrase))
        c->has_passphrase = true;
}

void vw_cli_credentials_wipe(struct vw_cli_credentials *c)
{
    explicit_bzero(c, sizeof(*c));
}

static int give(const char *answer, char *buf, size_t size, struct vw_error *err)
{
    size_t len = strlen(answer);
    if (len >= size)
        return vw_error_set(err, VW_ELIMIT, "a name or password has at most %zu bytes", size - 1);
    memcpy(buf, answer, len + 1);
    return 0;
}

/* Text of a server has no business with the terminal's control sequences. */
static void make_prompt(const struct vw_credential_request *r, char *to, size_t size)
{
    switch (r->kind) {
    case VW_CREDENTIAL_USER:
        snprintf(to, size, "User name on %.200s: ", r->host);
        break;
    case VW_CREDENTIAL_PASSWORD:
        snprintf(to, size, "Password of %.200s on %.200s: ", r->user ? r->user : "the user",
                 r->host);
        break;
    default:
        snprintf(to, size, "%.300s: ", r->text ? r->text : "Answer");
        break;
    }
    vw_shown_mark(to);
}

static int prompt(const struct vw_credential_request *r, char *buf, size_t size,
                  struct vw_error *err)
{
    char text[PROMPT_SIZE];
    bool echo = r->kind == VW_CREDENTIAL_USER || r->kind == VW_CREDENTIAL_ANSWER;
    make_prompt(r, text, sizeof(text));
    return vw_prompt(text, echo, r->deadline_ms, buf, size, err);
}

/* Says what would have helped. */
static int nobody(const struct vw_credential_request *r, struct vw_error *err)
{
    return vw_error_set(
        err, VW_EUSAGE,
        "the server at %.80s wants a user name and a password (SASL %s), and nobody "
        "gives them at a terminal: name a file with authfile=FILE in the URI, or "
        "set VIRWIRE_USER and VIRWIRE_PASSWORD",
        r->host, r->mechanism);
}

/* What was typed once serves the other connections of the command too. A password belongs to the
 * name that came with it. */
int vw_cli_credentials_ask(struct vw_cli_credentials *c,
                           const struct vw_credential_request *request, char *buf, size_t size,
                           struct vw_error *err)
{
    const char *of = request->user;
    int rc;
    switch (request->kind) {
    case VW_CREDENTIAL_USER:
        if (c->user[0])
            return give(c->user, buf, size, err);
        rc = prompt(request, buf, size, err);
        if (rc == 0)
            give(buf, c->user, sizeof(c->user), NULL);
        return rc == VW_ENAME && !request->fallback ? nobody(request, err) : rc;
    case VW_CREDENTIAL_PASSWORD:
        if (c->has_password && (!of || !c->user[0] || strcmp(of, c->user) == 0))
            return give(c->password, buf, size, err);
        rc = prompt(request, buf, size, err);
        if (rc == 0 && (!c->user[0] || !of || strcmp(of, c->user) == 0))
            c->has_password = give(buf, c->password, sizeof(c->password), NULL) == 0;
        return rc == VW_ENAME ? nobody(request, err) : rc;
    case VW_CREDENTIAL_REALM:
        return VW_ENAME;
    default:
        return prompt(request, buf, size, err);
    }
}
