// SPDX-License-Identifier: MIT
// Which way to authenticate: what AUTH_LIST answers against what the caller wants.
#include <string.h>
#include <strings.h>

#include "client/internal.h"

enum { AUTH_NONE = 0, AUTH_SASL = 1, AUTH_POLKIT = 2 };

#define ANY_METHOD (-1)

static const char *method_name(int32_t method)
{
    switch (method) {
    case AUTH_NONE:
        return "no";
    case AUTH_SASL:
        return "SASL";
    case AUTH_POLKIT:
        return "polkit";
    default:
        return "an unknown kind of";
    }
}

/* The method that AUTH wants, and of SASL the mechanism or NULL. VW_EUSAGE without an error. */
static int read_option(const char *auth, int32_t *method, const char **mechanism)
{
    *method = ANY_METHOD;
    *mechanism = NULL;
    if (!auth)
        return 0;
    if (strcasecmp(auth, "polkit") == 0) {
        *method = AUTH_POLKIT;
        return 0;
    }
    if (strncasecmp(auth, "sasl", 4) != 0 || (auth[4] && (auth[4] != '.' || !auth[5])))
        return VW_EUSAGE;
    *method = AUTH_SASL;
    if (auth[4])
        *mechanism = auth + 5;
    return 0;
}

int vw_auth_option_check(const char *auth, struct vw_error *err)
{
    const char *mechanism;
    int32_t method;
    if (read_option(auth, &method, &mechanism) == 0)
        return 0;
    return vw_error_set(err, VW_EUSAGE,
                        "auth is sasl, sasl.MECHANISM or polkit, and not \"%.100s\"", auth);
}

static int polkit(struct vw_client *c, struct vw_arena *arena, struct vw_error *err)
{
    const struct vw_proc *proc = vw_client_proc(c, "auth_polkit");
    struct vw_error why = VW_ERROR_INIT;
    void *ret = NULL;
    if (!proc || proc->args)
        return vw_error_set(err, VW_EUSAGE, "the server demands polkit, which profile %s has not",
                            c->options.profile->name);
    int rc = vw_client_call(c, proc, NULL, arena, &ret, &why);
    if (rc == VW_EREMOTE)
        return vw_error_set(err, rc, "polkit does not let us in: %s", why.text);
    if (rc) {
        if (err && !err->code)
            *err = why;
        return rc;
    }
    /* */
    if (vw_ret_first_int(proc->ret, ret, 0) == 1)
        return 0;
    if (err && !err->code)
        memcpy(err->clause, "A-12", sizeof("A-12"));
    return vw_error_set(err, VW_EPROTOCOL, "the server says that polkit is not complete");
}

static int use_method(struct vw_client *c, int32_t offered, struct vw_arena *arena,
                      struct vw_error *err)
{
    const char *mechanism;
    int32_t wanted;
    read_option(c->options.auth, &wanted, &mechanism);
    if (wanted != ANY_METHOD && wanted != offered)
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server demands %s authentication, and auth wants %s",
                            method_name(offered), method_name(wanted));
    switch (offered) {
    case AUTH_NONE:
        return 0;
    case AUTH_SASL:
        return vw_client_sasl(c, mechanism, arena, err);
    case AUTH_POLKIT:
        return polkit(c, arena, err);
    default:
        return vw_error_set(err, VW_EUNREACHABLE,
                            "the server demands a kind of authentication that is not known: %d",
                            offered);
    }
}

/* one method in practice; a server that does not know the question is older than all of them.
 */
int vw_client_authenticate(struct vw_client *c, struct vw_arena *arena, struct vw_error *err)
{
    const struct vw_proc *list = vw_client_proc(c, "auth_list");
    struct vw_error why = VW_ERROR_INIT;
    void *ret = NULL;
    if (c->options.no_auth)
        return 0;
    if (!list || list->args)
        return use_method(c, AUTH_NONE, arena, err);
    int rc = vw_client_call(c, list, NULL, arena, &ret, &why);
    if (rc == VW_EREMOTE && c->error.code == VW_ERR_NO_SUPPORT)
        return use_method(c, AUTH_NONE, arena, err);
    if (rc) {
        if (err && !err->code)
            *err = why;
        return rc;
    }
    return use_method(c, vw_ret_first_int(list->ret, ret, AUTH_NONE), arena, err);
}
