// SPDX-License-Identifier: MIT
// Getting a connection that calls can be made on: AUTH_LIST, keepalive, CONNECT_OPEN (C-10); and
// giving it back.
#include <string.h>

#include "client/internal.h"

enum { AUTH_NONE = 0, AUTH_SASL = 1, AUTH_POLKIT = 2 };

#define OPEN_READ_ONLY    1 /* C-2 */
#define FEATURE_KEEPALIVE 10

/* Values of these few structs are small; the schema of a user may bring others. */
#define VALUE_MAX 256

/* The first of NAMES that the program has; releases before 0.9 named some differently. */
static const struct vw_proc *find_proc(const struct vw_client *c, const char *const *names)
{
    const char *program = c->options.program ? c->options.program : "remote";
    const struct vw_program *p = vw_schema_program_named(c->options.profile->schema, program);
    for (; p && *names; names++)
        for (uint32_t i = 0; i < p->n_procs; i++)
            if (strcmp(p->procs[i].short_name, *names) == 0 && p->procs[i].kind == VW_PROC_CALL)
                return &p->procs[i];
    return NULL;
}

static bool fits(const struct vw_proc *proc)
{
    return !proc->args || proc->args->size <= VALUE_MAX;
}

static int use_method(struct vw_client *c, int32_t method, struct vw_arena *arena,
                      struct vw_error *err)
{
    const struct vw_proc *polkit = find_proc(c, (const char *const[]){"auth_polkit", NULL});
    if (method == AUTH_NONE)
        return 0;
    if (method == AUTH_POLKIT && polkit && !polkit->args)
        return vw_client_call(c, polkit, NULL, arena, NULL, err);
    return vw_error_set(err, VW_EUNREACHABLE, "the server demands %s authentication",
                        method == AUTH_SASL ? "SASL" : "an unknown");
}

/* one method in practice; a server that does not know the question is older than all of them.
 */
static int authenticate(struct vw_client *c, struct vw_arena *arena, struct vw_error *err)
{
    const struct vw_proc *list = find_proc(c, (const char *const[]){"auth_list", NULL});
    struct vw_error why = VW_ERROR_INIT;
    void *ret = NULL;
    if (!list || list->args || c->options.no_auth)
        return 0;
    int rc = vw_client_call(c, list, NULL, arena, &ret, &why);
    if (rc == VW_EREMOTE && c->error.code == VW_ERR_NO_SUPPORT)
        return 0;
    if (rc) {
        if (err && !err->code)
            *err = why;
        return rc;
    }
    return use_method(c, vw_ret_first_int(list->ret, ret, AUTH_NONE), arena, err);
}

/* K-4: who does not answer 1 must not be sent PINGs. */
static int ask_keepalive(struct vw_client *c, struct vw_arena *arena, struct vw_error *err)
{
    static const char *const names[] = {"connect_supports_feature", "supports_feature", NULL};
    const struct vw_proc *ask = find_proc(c, names);
    _Alignas(8) uint8_t args[VALUE_MAX] = {0};
    void *ret = NULL;
    if (c->options.keepalive_interval_ms <= 0 || !ask || !fits(ask))
        return 0;
    vw_args_set_int(ask->args, args, "feature", FEATURE_KEEPALIVE);
    int rc = vw_client_call(c, ask, ask->args ? args : NULL, arena, &ret, err);
    if (rc == VW_EREMOTE) {
        vw_error_clear(err);
        return 0;
    }
    if (rc == 0 && vw_ret_first_int(ask->ret, ret, 0) == 1)
        vw_session_keepalive_start(c->session);
    return rc;
}

static int open_connection(struct vw_client *c, const char *name, struct vw_arena *arena,
                           struct vw_error *err)
{
    static const char *const names[] = {"connect_open", "open", NULL};
    const struct vw_proc *open = find_proc(c, names);
    _Alignas(8) uint8_t args[VALUE_MAX] = {0};
    if (c->options.no_open)
        return 0;
    if (!open || !fits(open))
        return vw_error_set(err, VW_EUSAGE, "program %s of profile %s has no call to open",
                            c->options.program ? c->options.program : "remote",
                            c->options.profile->name);
    if (c->options.open_name)
        name = c->options.open_name;
    struct vw_string string = {.data = (char *)(uintptr_t)(name ? name : "")};
    string.len = (uint32_t)strlen(string.data);
    vw_args_set_string(open->args, args, "name", &string);
    vw_args_set_int(open->args, args, "flags",
                    c->options.open_flags | (c->options.read_only ? OPEN_READ_ONLY : 0));
    int rc = vw_client_call(c, open, open->args ? args : NULL, arena, NULL, err);
    c->opened = rc == 0;
    return rc;
}

int vw_client_open_transport(struct vw_transport *t, const char *name,
                             const struct vw_client_options *options, struct vw_client **out,
                             struct vw_error *err)
{
    struct vw_client *c = NULL;
    struct vw_arena arena = VW_ARENA_INIT;
    *out = NULL;
    int rc = vw_client_create(t, options, &c, err);
    if (rc)
        return rc;
    rc = authenticate(c, &arena, err);
    if (rc == 0)
        rc = ask_keepalive(c, &arena, err);
    if (rc == 0)
        rc = open_connection(c, name, &arena, err);
    vw_arena_finish(&arena);
    if (rc) {
        vw_client_destroy(c);
        return rc;
    }
    *out = c;
    return 0;
}

int vw_client_open(const struct vw_uri *uri, const struct vw_client_options *options,
                   struct vw_client **out, struct vw_error *err)
{
    struct vw_transport *t;
    int ms = options->timeout_ms ? options->timeout_ms : VW_CLIENT_TIMEOUT_MS;
    *out = NULL;
    int rc = vw_transport_open_with(uri, options->transport, ms < 0 ? INT64_MAX : vw_now_ms() + ms,
                                    &t, err);
    if (rc)
        return rc;
    return vw_client_open_transport(t, uri->name, options, out, err);
}

int vw_client_close(struct vw_client *c, struct vw_error *err)
{
    static const char *const names[] = {"connect_close", "close", NULL};
    const struct vw_proc *close = find_proc(c, names);
    struct vw_arena arena = VW_ARENA_INIT;
    int rc = 0;
    if (c->closed)
        return 0;
    if (c->opened && close && !close->args)
        rc = vw_client_call(c, close, NULL, &arena, NULL, err);
    vw_arena_finish(&arena);
    /* C-7: the server may close before its own answer is out. */
    if (rc == VW_ECLOSED) {
        vw_error_clear(err);
        rc = 0;
    }
    vw_client_end(c);
    return rc;
}
