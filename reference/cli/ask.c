// SPDX-License-Identifier: MIT
// Answers from the environment first, then from the person at the terminal.
#include "cli/ask.h"

#include <string.h>

#include "cli/connect.h"
#include "cli/prompt.h"

static bool give(const char *answer, char *buf, size_t size)
{
    if (strlen(answer) >= size)
        return false;
    strcpy(buf, answer);
    return true;
}

int vw_cli_ask(void *user, enum vw_ask_kind kind, const char *prompt, int64_t deadline_ms,
               char *buf, size_t size)
{
    const struct vw_connect *x = user;
    bool secret = kind == VW_ASK_PASSWORD || kind == VW_ASK_PASSPHRASE;
    if (kind == VW_ASK_PASSWORD && x->credentials.has_password &&
        give(x->credentials.password, buf, size))
        return 0;
    if (kind == VW_ASK_PASSPHRASE && x->credentials.has_passphrase &&
        give(x->credentials.passphrase, buf, size))
        return 0;
    return vw_prompt(prompt, !secret, deadline_ms, buf, size, NULL);
}
