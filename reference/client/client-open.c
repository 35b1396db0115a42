// SPDX-License-Identifier: MIT
// Getting a connection that calls can be made on: authentication, keepalive, CONNECT_OPEN (C-10);
// and giving it back.
#include <string.h>

#include "client/internal.h"

#define OPEN_READ_ONLY 1 /* C-2 */

static int open_connection(struct vw_client *c, const char *name, struct vw_arena *arena,
                           struct vw_error *err)
{
    const struct vw_proc *open = vw_client_proc(c, "connect_open");
    _Alignas(8) uint8_t args[VW_VALUE_MAX] = {0};
    if (c->options.no_open)
        return 0;
    if (!open || !vw_args_fit(open))
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
    int rc = vw_auth_option_check(options->auth, err);
    if (rc) {
        t->ops->close(t);
        return rc;
    }
    rc = vw_client_create(t, options, &c, err);
    if (rc)
        return rc;
    rc = vw_client_authenticate(c, &arena, err);
    if (rc == 0)
        rc = vw_client_start_keepalive(c, err);
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

/* What the URI says where the options leave it open. The user of an ssh URI is that of ssh. */
static struct vw_client_options with_uri(const struct vw_client_options *options,
                                         const struct vw_uri *uri)
{
    struct vw_client_options o = *options;
    bool direct = uri->transport == VW_TRANSPORT_TCP || uri->transport == VW_TRANSPORT_TLS ||
                  uri->transport == VW_TRANSPORT_UNIX;
    if (!o.auth)
        o.auth = uri->auth;
    if (!o.auth_host)
        o.auth_host = uri->host;
    if (!o.auth_user && direct)
        o.auth_user = uri->user;
    if (!o.auth_file)
        o.auth_file = uri->authfile;
    return o;
}

int vw_client_open(const struct vw_uri *uri, const struct vw_client_options *options,
                   struct vw_client **out, struct vw_error *err)
{
    struct vw_transport *t;
    const struct vw_client_options all = with_uri(options, uri);
    int ms = options->timeout_ms ? options->timeout_ms : VW_CLIENT_TIMEOUT_MS;
    *out = NULL;
    int rc = vw_auth_option_check(all.auth, err);
    if (rc)
        return rc;
    rc = vw_transport_open_with(uri, options->transport, ms < 0 ? INT64_MAX : vw_now_ms() + ms, &t,
                                err);
    if (rc)
        return rc;
    return vw_client_open_transport(t, uri->name, &all, out, err);
}

int vw_client_close(struct vw_client *c, struct vw_error *err)
{
    const struct vw_proc *close = vw_client_proc(c, "connect_close");
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
